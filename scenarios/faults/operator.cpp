// What operators do: moves, elections, rolling restarts. The acts on partitions go to the admin
// client of the cluster; a rolling restart is a script that looks at the cluster once a second.
#include <algorithm>

#include "scenarios/faults/driver.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::scenarios {

using model::Cluster;
using model::HistoryKind;
using model::PartitionId;
using model::ProcessId;

namespace {

/// Does no partition that exists miss a replica of its assignment? What `kafka-topics.sh
/// --describe --under-replicated-partitions` answers.
bool fully_replicated(const Cluster& cluster) {
  const model::BrokerId controller = cluster.controller();
  if (controller == model::kNoBroker) return false;
  const auto& assignment = cluster.broker(controller).controller().context().assignment;
  for (PartitionId p = 0; p < cluster.catalog().partition_count(); ++p) {
    const auto* state = cluster.partition_state(p);
    if (state == nullptr) continue;
    for (const model::BrokerId replica : assignment[p]) {
      if (!state->isr.contains(replica)) return false;
    }
  }
  return true;
}

}  // namespace

void FaultDriver::administer(const FaultSpec& fault, Cluster& cluster) {
  model::AdminTask task;
  task.unclean = fault.action == FaultAction::kUncleanElection;
  for (const PartitionPick& pick : fault.picks) {
    for (const PartitionId partition : picked(pick, cluster.catalog())) {
      if (fault.action == FaultAction::kReassign) {
        model::AlterPartitionReassignmentsRequest::Partition move;
        move.partition = partition;
        for (const model::BrokerId broker : pick.replicas) move.replicas.push_back(broker);
        task.moves.push_back(move);
      } else if (fault.action == FaultAction::kCancelReassignment) {
        task.moves.push_back({partition, {}, true});
      } else {
        task.elections.push_back(partition);
      }
    }
  }
  cluster.administer(std::move(task));
}

/// One look of the script.
void FaultDriver::roll(std::uint32_t index, Cluster& cluster) {
  Rolling& rolling = rolling_[index];
  ActiveFault& active = active_[rolling.active];
  const FaultSpec& fault = items_[active.item];
  const bool called_off = active.until != sim::kNever;
  if (rolling.next == active.targets.size()) return;
  const ProcessId process = active.targets[rolling.next];
  const model::Broker& broker = cluster.broker(cluster.catalog().broker_of(process));
  cluster.engine().set_cause(active.event);
  Duration pause = sim::kSecond;
  switch (rolling.phase) {
    case Rolling::Phase::kStop:
      if (called_off) return;
      cluster.stop(process);
      rolling.phase = Rolling::Phase::kStopping;
      break;
    case Rolling::Phase::kStopping:
      if (cluster.alive(process)) break;
      cluster.start(process, cluster.now());
      rolling.phase = Rolling::Phase::kStarting;
      break;
    case Rolling::Phase::kStarting: {
      if (called_off) return;
      if (!cluster.alive(process) || broker.state() != model::BrokerState::kRunning) break;
      if (fault.waits_for_isr && !fully_replicated(cluster)) break;
      rolling.phase = Rolling::Phase::kStop;
      pause = fault.interval;
      if (++rolling.next < active.targets.size()) break;
      const std::int64_t targets = cluster.list(active.targets);
      const std::int64_t others = cluster.list(active.others);
      cluster.record(HistoryKind::kFaultHealed, 0xffff, active.item, targets, others);
      active.until = cluster.now();
      return;
    }
  }
  plan(cluster.now() + pause, Act::kRoll, index, cluster);
}

}  // namespace isrlab::scenarios
