#include "model/broker/replica_selector.hpp"

namespace isrlab::model {

BrokerId select_replica(SelectorKind kind, RackId client_rack, BrokerId leader,
                        std::span<const ReplicaView> candidates) {
  if (kind != SelectorKind::kRackAware || client_rack == kNoRack) return leader;
  const ReplicaView* best = nullptr;
  const auto better = [](const ReplicaView& left, const ReplicaView& right) {
    if (left.log_end_offset != right.log_end_offset) {
      return left.log_end_offset > right.log_end_offset;
    }
    if (left.since_caught_up != right.since_caught_up) {
      return left.since_caught_up < right.since_caught_up;
    }
    return left.broker > right.broker;
  };
  for (const ReplicaView& replica : candidates) {
    if (replica.rack != client_rack) continue;
    if (replica.broker == leader) return leader;
    if (best == nullptr || better(replica, *best)) best = &replica;
  }
  return best == nullptr ? leader : best->broker;
}

}  // namespace isrlab::model
