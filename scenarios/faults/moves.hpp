// Partitions that an operator names, and where their replicas are to go: "orders-0 -> 4,5,6;
// orders-1 -> 5,6,4", "orders, payments-3", "all topics".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalog.hpp"

namespace isrlab::scenarios {

struct PartitionPick {
  std::string topic;                      // empty: every topic of the scenario
  std::int32_t partition = -1;            // -1: every partition of it
  std::vector<model::BrokerId> replicas;  // of a reassignment, the preferred leader first
  friend bool operator==(const PartitionPick&, const PartitionPick&) = default;
};

/// `moves`: each with its replicas. On failure `what` and `fix` say why.
bool parse_picks(std::string_view text, bool moves, std::vector<PartitionPick>& picks,
                 std::string& what, std::string& fix);
std::string picks_text(const std::vector<PartitionPick>& picks);
/// Those that the catalog knows, each once, in the order of the picks.
std::vector<model::PartitionId> picked(const PartitionPick& pick, const model::Catalog& catalog);

}  // namespace isrlab::scenarios
