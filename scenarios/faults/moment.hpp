// What a fault can wait for, as text: "isr of orders-0 < 2", "event BecameLeader on broker-2".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/faults/terms.hpp"

namespace isrlab::scenarios {

struct Moment {
  MomentKind kind = MomentKind::kNone;
  std::string topic;  // of the partition; empty: none is named
  std::int32_t partition = -1;
  std::int32_t broker = -1;  // -1: none is named, or "none"
  std::string process;       // kEvent: who did it; empty: anybody
  std::int32_t event = -1;   // kEvent: model::HistoryKind
  Comparison comparison = Comparison::kEqual;
  std::int64_t value = 0;  // replicas, an offset, or the number of a fault from 1

  bool empty() const { return kind == MomentKind::kNone; }
};

/// Reads one. On failure returns false and says what is wrong and what to do. Whether the named
/// things exist is checked later, against the cluster.
bool parse_moment(std::string_view text, Moment& moment, std::string& what, std::string& fix);

/// The one canonical spelling; parse_moment() reads it back to the same moment.
std::string moment_text(const Moment& moment);

}  // namespace isrlab::scenarios
