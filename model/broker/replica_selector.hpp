// Which replica a consumer should read from (KIP-392): ReplicaSelector, LeaderSelector and
// RackAwareReplicaSelector of 3.9; reference replication.md section 5.6.
#pragma once
#include <span>

#include "model/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

/// What replica.selector.class stores.
enum class SelectorKind : std::int64_t { kNone = 0, kLeader = 1, kRackAware = 2 };

/// A replica as the leader knows it (ReplicaView).
struct ReplicaView {
  BrokerId broker = kNoBroker;
  RackId rack = kNoRack;
  std::int64_t log_end_offset = -1;
  sim::Duration since_caught_up = 0;
};

/// The broker that a client of this rack should read from; `leader` is one of the candidates.
BrokerId select_replica(SelectorKind kind, RackId client_rack, BrokerId leader,
                        std::span<const ReplicaView> candidates);

}  // namespace isrlab::model
