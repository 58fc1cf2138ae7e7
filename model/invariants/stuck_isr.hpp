// Partitions whose leader waits in vain: its ISR change was refused with INVALID_UPDATE_VERSION and
// stays pending until the next LeaderAndIsr. So does real Kafka: a controller that repeats a
// ZooKeeper write whose answer was lost gets BADVERSION though the first one was applied, and takes
// the change for refused. ZooKeeper then holds an ISR that neither it nor a broker knows of.
// Source: reference replication.md 4 (handling of AlterPartition errors), controller-zookeeper.md 2
// (a retried conditional write comes back as BADVERSION).
#pragma once
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

class StuckIsr {
 public:
  static std::vector<HistoryKind> interests() { return {HistoryKind::kIsrUpdateFailed}; }

  explicit StuckIsr(const Catalog& catalog) : refused_(catalog.partition_count(), -1) {}

  void on_refusal(const sim::HistoryEvent& event) {
    if (event.a != static_cast<std::int64_t>(Error::kInvalidUpdateVersion)) return;
    refused_[event.subject] = event.b;
  }
  /// Is that so in the present leader epoch, and does the leader still wait?
  bool stuck(PartitionId id, const StateView& state, const RunView& view) const {
    if (refused_[id] < 0 || refused_[id] != state.leader_epoch) return false;
    const Partition* leader = view.partition(state.leader, id);
    return leader != nullptr && leader->is_leader() && leader->leader_epoch == state.leader_epoch &&
           leader->pending != PendingIsr::kNone;
  }

 private:
  std::vector<std::int64_t> refused_;  // by partition: leader epoch of the last refusal
};

}  // namespace isrlab::model
