// How things are called on the screen: short names for small places ("b1", "zk2"), the scenario's
// own names elsewhere. No Dear ImGui in viz/model.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/catalog.hpp"
#include "sim/history.hpp"

namespace isrlab::viz {

/// What the inspector shows and what faults by hand act on.
struct Selection {
  enum class Kind : std::uint8_t { none, process, partition, group, event };
  Kind kind = Kind::none;
  std::uint32_t index = 0;  // process, partition, group or history event

  bool is(Kind wanted, std::uint32_t which) const { return kind == wanted && index == which; }
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// `b1`, `zk2`, otherwise the name itself.
std::string short_name(const model::Catalog& catalog, model::ProcessId process);
/// `b1`, `none` for -1.
std::string broker_name(model::BrokerId broker);
/// `b1, b2`; at most `limit`, then the number of the rest. Empty list: `nobody`.
std::string process_names(const model::Catalog& catalog, std::span<const std::uint32_t> processes,
                          std::size_t limit = 6);
/// `b1 b2 b3` of an ISR or assignment in the history.
std::string broker_names(std::span<const std::uint32_t> brokers);

/// `broker-2`, `orders-0`, `group billing`, `event 17`, `none`: what ui.selection says.
std::string selection_name(const model::Catalog& catalog, const Selection& selection);
/// Reads it back; also `broker 2`, `b2`, `zk 1`, `zk1` and a group without the word.
std::optional<Selection> parse_selection(const model::Catalog& catalog, std::string_view text);

}  // namespace isrlab::viz
