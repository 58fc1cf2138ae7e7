#include "results/states.hpp"

#include <algorithm>

#include "model/client/consumer.hpp"
#include "model/protocol/errors.hpp"

namespace isrlab::results {

using model::BrokerId;
using model::Error;
using model::HistoryKind;
using scenarios::State;

namespace {

bool has(const std::vector<BrokerId>& list, BrokerId id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

Error error_of(std::int64_t code) {
  return static_cast<Error>(code);
}

}  // namespace

StateTracker::StateTracker(std::shared_ptr<const model::Catalog> catalog)
    : catalog_(std::move(catalog)),
      partitions_(catalog_->partition_count()),
      brokers_(catalog_->broker_count() + 1),
      coordinators_(catalog_->groups().size(), model::kNoBroker),
      leads_zookeeper_(catalog_->processes().size(), 0),
      has_producer_id_(catalog_->processes().size(), 0) {
  reached_.fill(sim::kNever);
}

std::vector<HistoryKind> StateTracker::interests() {
  using K = HistoryKind;
  return {K::kPartitionState,
          K::kLeaderElected,
          K::kBecameLeader,
          K::kTruncated,
          K::kFetchDiverged,
          K::kFetchFenced,
          K::kLeaderAppend,
          K::kIsrUpdateFailed,
          K::kControlRequestRefused,
          K::kDuplicateSuppressed,
          K::kControllerElected,
          K::kControlRequestSent,
          K::kBrokerStartSeen,
          K::kControlledShutdownDone,
          K::kZkSessionExpired,
          K::kZkClientConnected,
          K::kZkLeading,
          K::kZkLooking,
          K::kZkFollowing,
          K::kProcessStarted,
          K::kBrokerRegistrationFailed,
          K::kRecordsLostOnDisk,
          K::kProcessExited,
          K::kProduceRefused,
          K::kRecordsRetried,
          K::kRecordsFailed,
          K::kRequestTimedOut,
          K::kProducerIdAssigned,
          K::kPositionReset,
          K::kMemberLeft,
          K::kRebalanceStarted,
          K::kGenerationStarted,
          K::kGroupLoaded};
}

void StateTracker::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster,
                            const ClusterView& view) {
  if (partitions(event, cluster, view) || replicas(event, cluster, view)) return;
  if (controllers(event, cluster) || zookeeper(event, cluster) || brokers(event)) return;
  clients(event, view);
}

// --- partitions and replicas

bool StateTracker::partitions(const sim::HistoryEvent& event, const model::Cluster& cluster,
                              const ClusterView& view) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kPartitionState: partition_written(event, view); return true;
    case HistoryKind::kLeaderElected: leader_elected(event, view); return true;
    case HistoryKind::kBecameLeader: {
      std::int32_t& led = partitions_[event.subject].led_epoch;
      led = std::max(led, static_cast<std::int32_t>(event.a));
      for (const model::Broker& other : cluster.brokers()) {
        if (catalog_->broker_process(other.id()) == event.actor) continue;
        const model::Partition* partition = other.partition(event.subject);
        const bool leads = partition != nullptr && partition->is_leader();
        if (leads && cluster.alive(catalog_->broker_process(other.id()))) {
          reach(State::kTwoActingLeaders, event.time);
        }
      }
      return true;
    }
    case HistoryKind::kIsrUpdateFailed: isr_update_failed(event); return true;
    default: return false;
  }
}

void StateTracker::partition_written(const sim::HistoryEvent& event, const ClusterView& view) {
  const PartitionView& before = view.replaced();
  const PartitionView& now = view.partition(event.subject);
  if (before.known) {
    for (const BrokerId id : before.isr) {
      if (!has(now.isr, id)) reach(State::kIsrShrinks, event.time);
    }
    for (const BrokerId id : now.isr) {
      if (!has(before.isr, id)) reach(State::kIsrExpands, event.time);
    }
    if (before.isr.size() > 1 && now.isr.size() == 1) reach(State::kIsrOfOne, event.time);
  }
  if (now.leader != model::kNoBroker) return;
  reach(State::kPartitionOffline, event.time);
  const bool all_dead = std::none_of(now.isr.begin(), now.isr.end(), [&](BrokerId id) {
    return view.alive(catalog_->broker_process(id));
  });
  if (all_dead) reach(State::kLastReplicaLost, event.time);
}

void StateTracker::leader_elected(const sim::HistoryEvent& event, const ClusterView& view) {
  PartitionMemory& memory = partitions_[event.subject];
  memory.elected_epoch = std::max(memory.elected_epoch, static_cast<std::int32_t>(event.b));
  constexpr std::int64_t kNew = 0;
  constexpr std::int64_t kOffline = 1;
  constexpr std::int64_t kPreferred = 2;
  constexpr std::int64_t kShutdown = 3;
  constexpr std::int64_t kUnclean = 4;
  memory.unclean = event.c == kUnclean;
  if (event.c != kNew) reach(State::kLeaderElected, event.time);
  if (event.c == kPreferred) reach(State::kPreferredLeaderRestored, event.time);
  if (event.c == kShutdown) reach(State::kControlledShutdown, event.time);
  if (event.c == kUnclean) reach(State::kUncleanElection, event.time);
  // The state that the election replaced is the one before the last: it was written just now.
  const PartitionView& before = view.replaced();
  if (event.c == kOffline && before.known && before.leader == model::kNoBroker) {
    reach(State::kLastReplicaReturned, event.time);
  }
}

void StateTracker::isr_update_failed(const sim::HistoryEvent& event) {
  switch (error_of(event.a)) {
    case Error::kInvalidUpdateVersion: return reach(State::kAlterPartitionOutdated, event.time);
    case Error::kFencedLeaderEpoch: return reach(State::kAlterPartitionFenced, event.time);
    case Error::kIneligibleReplica: return reach(State::kAlterPartitionIneligible, event.time);
    default: return;
  }
}

bool StateTracker::replicas(const sim::HistoryEvent& event, const model::Cluster& cluster,
                            const ClusterView& view) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kLeaderAppend: appended(event, cluster, view); return true;
    case HistoryKind::kTruncated: truncated(event); return true;
    case HistoryKind::kFetchDiverged: reach(State::kFetchDiverged, event.time); return true;
    case HistoryKind::kFetchFenced:
      reach(error_of(event.a) == Error::kUnknownLeaderEpoch ? State::kUnknownLeaderEpoch
                                                            : State::kFencedLeaderEpoch,
            event.time);
      return true;
    case HistoryKind::kDuplicateSuppressed:
      reach(State::kDuplicateSuppressed, event.time);
      return true;
    default: return false;
  }
}

void StateTracker::appended(const sim::HistoryEvent& event, const model::Cluster& cluster,
                            const ClusterView& view) {
  const BrokerId broker = catalog_->broker_of(event.actor);
  if (view.partition(event.subject).leader != broker) {
    reach(State::kZombieLeaderAppend, event.time);
  }
  if (knows(State::kHwHeldByMinIsr)) return;
  const model::Partition* partition = cluster.broker(broker).partition(event.subject);
  if (partition == nullptr || !partition->is_leader()) return;
  const auto least = std::min<std::int64_t>(view.min_isr(event.subject),
                                            static_cast<std::int64_t>(partition->replicas.size()));
  if (static_cast<std::int64_t>(partition->isr.size()) < least) {
    reach(State::kHwHeldByMinIsr, event.time);
  }
}

void StateTracker::truncated(const sim::HistoryEvent& event) {
  if (event.a <= event.b) return;
  reach(State::kFollowerTruncated, event.time);
  reach(partitions_[event.subject].unclean ? State::kTruncatedAfterUncleanElection
                                           : State::kTruncatedAfterCleanElection,
        event.time);
  if (event.b < event.c) reach(State::kTruncatedBelowHw, event.time);
}

// --- controllers

bool StateTracker::controllers(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kControllerElected: controller_elected(event, cluster); return true;
    case HistoryKind::kControlRequestSent: {
      const BrokerId broker = catalog_->broker_of(event.actor);
      if (brokers_[static_cast<std::size_t>(broker)].controller_epoch < controller_epoch_) {
        reach(State::kZombieController, event.time);
      }
      return true;
    }
    case HistoryKind::kControlRequestRefused:
      reach(error_of(event.a) == Error::kStaleControllerEpoch ? State::kLateControlRequest
                                                              : State::kStaleBrokerEpochRefused,
            event.time);
      return true;
    case HistoryKind::kBrokerStartSeen:
      if (event.c != 0) reach(State::kBrokerBounced, event.time);
      return true;
    case HistoryKind::kControlledShutdownDone:
      if (event.a == 0) reach(State::kControlledShutdownFailed, event.time);
      return true;
    default: return false;
  }
}

void StateTracker::controller_elected(const sim::HistoryEvent& event,
                                      const model::Cluster& cluster) {
  const auto broker = static_cast<BrokerId>(event.subject);
  for (const model::Broker& other : cluster.brokers()) {
    if (other.id() != broker && other.controller().active() &&
        cluster.alive(catalog_->broker_process(other.id()))) {
      reach(State::kTwoActingControllers, event.time);
    }
  }
  if (controller_ != model::kNoBroker && broker != controller_) {
    reach(State::kControllerFailover, event.time);
    const bool untold =
        std::any_of(partitions_.begin(), partitions_.end(), [](const PartitionMemory& partition) {
          return partition.elected_epoch > partition.led_epoch;
        });
    if (untold) reach(State::kFailoverAmidElection, event.time);
    if (isr_change_pending(cluster)) reach(State::kFailoverAmidIsrChange, event.time);
  }
  controller_ = broker;
  controller_epoch_ = std::max(controller_epoch_, event.a);
  brokers_[event.subject].controller_epoch = event.a;
}

bool StateTracker::isr_change_pending(const model::Cluster& cluster) const {
  for (const model::Broker& broker : cluster.brokers()) {
    if (!cluster.alive(catalog_->broker_process(broker.id()))) continue;
    for (const model::Replica& replica : broker.replicas()) {
      if (replica.partition.is_leader() && replica.partition.pending != model::PendingIsr::kNone) {
        return true;
      }
    }
  }
  return false;
}

// --- ZooKeeper, registration, disks

bool StateTracker::zookeeper(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kZkSessionExpired: session_expired(event, cluster); return true;
    case HistoryKind::kZkClientConnected: client_connected(event); return true;
    case HistoryKind::kZkLeading:
      if (zk_leader_ >= 0 && zk_leader_ != event.subject) {
        reach(State::kZkLeaderChanged, event.time);
      }
      zk_leader_ = event.subject;
      leads_zookeeper_[event.actor] = 1;
      return true;
    case HistoryKind::kZkLooking:
      // A server that starts looks for a leader too; one that has led gives up.
      if (leads_zookeeper_[event.actor] != 0) reach(State::kZkQuorumLost, event.time);
      leads_zookeeper_[event.actor] = 0;
      return true;
    case HistoryKind::kZkFollowing: leads_zookeeper_[event.actor] = 0; return true;
    case HistoryKind::kProcessStarted: {
      leads_zookeeper_[event.actor] = 0;
      const BrokerId broker = catalog_->broker_of(event.actor);
      if (broker != model::kNoBroker) brokers_[static_cast<std::size_t>(broker)].session = 0;
      return true;
    }
    default: return false;
  }
}

void StateTracker::session_expired(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  reach(State::kSessionExpired, event.time);
  const BrokerId owner = catalog_->broker_of(static_cast<model::ProcessId>(event.subject));
  if (owner == model::kNoBroker || !cluster.alive(event.subject)) return;
  // Not one that was left behind by a process that has been started again since.
  if (brokers_[static_cast<std::size_t>(owner)].session != event.a) return;
  reach(State::kLiveBrokerExpired, event.time);
  for (const model::Replica& replica : cluster.broker(owner).replicas()) {
    if (!replica.produce_waiting.empty()) reach(State::kExpiredAmidProduce, event.time);
  }
}

void StateTracker::client_connected(const sim::HistoryEvent& event) {
  const BrokerId broker = catalog_->broker_of(event.actor);
  if (broker == model::kNoBroker) return;
  BrokerMemory& memory = brokers_[static_cast<std::size_t>(broker)];
  if (memory.session == event.a && memory.server != event.subject) {
    reach(State::kSessionMoved, event.time);
  }
  memory.session = event.a;
  memory.server = event.subject;
}

bool StateTracker::brokers(const sim::HistoryEvent& event) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kRecordsLostOnDisk: reach(State::kRecordsLostOnDisk, event.time); return true;
    case HistoryKind::kBrokerRegistrationFailed:
      brokers_[event.subject].refused_at = event.time;
      return true;
    case HistoryKind::kProcessExited: {
      const BrokerId broker = catalog_->broker_of(event.actor);
      if (broker == model::kNoBroker || event.a != 0) return true;
      const bool refused = brokers_[static_cast<std::size_t>(broker)].refused_at == event.time;
      reach(refused ? State::kRegistrationRefused : State::kBrokerHalted, event.time);
      return true;
    }
    default: return false;
  }
}

// --- clients and groups

void StateTracker::produce_error(std::int64_t code, Time now) {
  switch (error_of(code)) {
    case Error::kNotEnoughReplicasAfterAppend:
    case Error::kNotEnoughReplicas: return reach(State::kNotEnoughReplicas, now);
    case Error::kRequestTimedOut: return reach(State::kProduceTimedOut, now);
    case Error::kNotLeaderOrFollower: return reach(State::kFormerLeaderAsked, now);
    case Error::kOutOfOrderSequenceNumber: return reach(State::kSequenceOutOfOrder, now);
    default: return;
  }
}

void StateTracker::clients(const sim::HistoryEvent& event, const ClusterView& view) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kProduceRefused: return produce_error(event.a, event.time);
    case HistoryKind::kRecordsRetried: return produce_error(event.c, event.time);
    case HistoryKind::kRecordsFailed:
      if (error_of(event.c >> 8) == Error::kRequestTimedOut) {
        reach(State::kDeliveryTimedOut, event.time);
      }
      return;
    case HistoryKind::kRequestTimedOut:
      if (static_cast<model::MessageType>(event.a) == model::MessageType::kProduceRequest) {
        reach(State::kProduceTimedOut, event.time);
      }
      return;
    case HistoryKind::kProducerIdAssigned:
      if (has_producer_id_[event.actor] != 0) reach(State::kProducerEpochBumped, event.time);
      has_producer_id_[event.actor] = 1;
      return;
    case HistoryKind::kPositionReset:
      if (static_cast<model::ResetReason>(event.c) == model::ResetReason::kOutOfRange) {
        reach(State::kPositionOutOfRange, event.time);
      }
      return;
    case HistoryKind::kMemberLeft: {
      constexpr std::int64_t kSessionOver = 1;
      if (event.b == kSessionOver) reach(State::kMemberExpired, event.time);
      return;
    }
    case HistoryKind::kRebalanceStarted:
      reach(State::kRebalance, event.time);
      if (some_leader_missing(view)) reach(State::kRebalanceAmidFailover, event.time);
      return coordinates(event);
    case HistoryKind::kGenerationStarted: return coordinates(event);
    case HistoryKind::kGroupLoaded: {
      const BrokerId before = coordinators_[event.subject];
      coordinates(event);
      if (before != model::kNoBroker && before != coordinators_[event.subject]) {
        reach(State::kCoordinatorMoved, event.time);
      }
      return;
    }
    default: return;
  }
}

void StateTracker::coordinates(const sim::HistoryEvent& event) {
  coordinators_[event.subject] = catalog_->broker_of(event.actor);
}

bool StateTracker::some_leader_missing(const ClusterView& view) const {
  for (model::PartitionId id = 0; id < catalog_->partition_count(); ++id) {
    const PartitionView& partition = view.partition(id);
    if (partition.known && !view.has_live_leader(partition)) return true;
  }
  return false;
}

}  // namespace isrlab::results
