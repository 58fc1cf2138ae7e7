// The table of interesting states: what `sometimes` can demand and what sweeps count, so that green
// means something. results/states.cpp detects them in the history.
#include <array>

#include "scenarios/faults/registry.hpp"

namespace isrlab::scenarios {
namespace {

constexpr std::array kTable = {
    // what every run of some length sees
    StateInfo{State::kIsrShrinks, "isr_shrinks", "a replica leaves an ISR"},
    StateInfo{State::kIsrExpands, "isr_expands", "a replica comes back into an ISR"},
    StateInfo{State::kLeaderElected, "leader_elected",
              "a partition that had a leader gets another one (its creation does not count)"},
    StateInfo{State::kControllerFailover, "controller_failover",
              "another broker becomes controller (the first controller does not count)"},
    StateInfo{State::kSessionExpired, "session_expired",
              "ZooKeeper expires the session of a broker"},
    StateInfo{State::kNotEnoughReplicas, "not_enough_replicas",
              "a produce request is refused because the ISR is below min.insync.replicas, before "
              "or after the append"},
    StateInfo{State::kProduceTimedOut, "produce_timed_out",
              "a produce request gets no answer within request.timeout.ms, or the answer "
              "REQUEST_TIMED_OUT"},
    StateInfo{State::kRecordLost, "record_lost",
              "an acknowledged record of any acks class is missing from the leader's log"},
    StateInfo{State::kRebalance, "rebalance", "a group starts a rebalance, its first one included"},
    StateInfo{State::kPartitionOffline, "partition_offline",
              "a partition has no leader in ZooKeeper"},
    StateInfo{State::kFollowerTruncated, "follower_truncated",
              "a follower cuts records off its log"},
    StateInfo{State::kZkLeaderChanged, "zk_leader_changed",
              "another ZooKeeper server becomes leader of the ensemble"},
    StateInfo{State::kZombieLeaderAppend, "zombie_leader_append",
              "a broker appends to a partition it no longer leads in ZooKeeper"},
    StateInfo{State::kPreferredLeaderRestored, "preferred_leader_restored",
              "leadership goes back to the first assigned replica"},
    // replication
    StateInfo{State::kIsrOfOne, "isr_of_one",
              "the ISR of a replicated partition shrinks to one member"},
    StateInfo{State::kLastReplicaLost, "last_replica_lost",
              "a partition loses its leader, and no member of its ISR is alive"},
    StateInfo{State::kLastReplicaReturned, "last_replica_returned",
              "a partition without a leader gets one from its ISR: the replica that it waited "
              "for is back"},
    StateInfo{State::kUncleanElection, "unclean_election", "a replica outside the ISR is elected"},
    StateInfo{State::kTwoActingLeaders, "two_acting_leaders",
              "a broker begins to lead a partition that another living broker still leads"},
    StateInfo{State::kTruncatedAfterCleanElection, "truncated_after_clean_election",
              "records are cut off although the last election of the partition was clean"},
    StateInfo{State::kTruncatedAfterUncleanElection, "truncated_after_unclean_election",
              "records are cut off, and the last election of the partition was unclean"},
    StateInfo{State::kTruncatedBelowHw, "truncated_below_hw",
              "a replica cuts its log below its own high watermark"},
    StateInfo{State::kFetchDiverged, "fetch_diverged",
              "a leader answers a fetch with the epoch at which the follower's log has left its "
              "own"},
    StateInfo{State::kFencedLeaderEpoch, "fenced_leader_epoch",
              "a follower's fetch is refused with FENCED_LEADER_EPOCH: the leader is in a newer "
              "epoch"},
    StateInfo{State::kUnknownLeaderEpoch, "unknown_leader_epoch",
              "a follower's fetch is refused with UNKNOWN_LEADER_EPOCH: the leader has not heard "
              "of the epoch"},
    StateInfo{State::kHwHeldByMinIsr, "hw_held_by_min_isr",
              "a leader appends while its ISR is below min.insync.replicas: the high watermark "
              "stands still"},
    StateInfo{State::kAlterPartitionOutdated, "alter_partition_outdated",
              "a leader's ISR change is refused with INVALID_UPDATE_VERSION: it knew an older "
              "partition epoch"},
    StateInfo{State::kAlterPartitionFenced, "alter_partition_fenced",
              "a leader's ISR change is refused with FENCED_LEADER_EPOCH: it is deposed"},
    StateInfo{State::kAlterPartitionIneligible, "alter_partition_ineligible",
              "a leader's ISR change is refused with INELIGIBLE_REPLICA: the controller takes "
              "the replica for dead"},
    // the controller
    StateInfo{State::kFailoverAmidElection, "failover_amid_election",
              "another broker becomes controller while an elected leader has not been told yet"},
    StateInfo{State::kFailoverAmidIsrChange, "failover_amid_isr_change",
              "another broker becomes controller while a leader waits for the answer to its ISR "
              "change"},
    StateInfo{State::kTwoActingControllers, "two_acting_controllers",
              "a broker becomes controller while another living one takes itself for the "
              "controller"},
    StateInfo{State::kZombieController, "zombie_controller",
              "a deposed controller goes on sending requests to brokers"},
    StateInfo{State::kLateControlRequest, "late_control_request",
              "a request of a deposed controller reaches a broker that has obeyed a newer one: "
              "STALE_CONTROLLER_EPOCH"},
    StateInfo{State::kStaleBrokerEpochRefused, "stale_broker_epoch_refused",
              "a broker refuses a controller's request for its earlier registration "
              "(STALE_BROKER_EPOCH)"},
    StateInfo{State::kControlledShutdown, "controlled_shutdown",
              "a broker that stops hands the leadership of a partition over before it does"},
    StateInfo{State::kControlledShutdownFailed, "controlled_shutdown_failed",
              "a broker that stops gives up on its controlled shutdown"},
    // ZooKeeper, registration, disks
    StateInfo{State::kLiveBrokerExpired, "live_broker_expired",
              "ZooKeeper expires the session of a broker whose process lives"},
    StateInfo{State::kExpiredAmidProduce, "expired_amid_produce",
              "the session of a living broker expires while acks=all requests wait at it"},
    StateInfo{State::kSessionMoved, "session_moved",
              "a broker goes on with its session at another ZooKeeper server"},
    StateInfo{State::kZkQuorumLost, "zk_quorum_lost",
              "the ZooKeeper leader gives up: it no longer hears from a majority"},
    StateInfo{State::kRegistrationRefused, "registration_refused",
              "a restarted broker finds the znode of its own earlier session (NodeExists) and "
              "ends"},
    StateInfo{State::kBrokerBounced, "broker_bounced",
              "a broker is back with a new broker epoch before the controller saw it go"},
    StateInfo{State::kRecordsLostOnDisk, "records_lost_on_disk",
              "a host goes down, or loses its disk, with records that were in a log"},
    StateInfo{State::kBrokerHalted, "broker_halted",
              "a broker ends itself because its log directory fails"},
    // clients and groups
    StateInfo{State::kFormerLeaderAsked, "former_leader_asked",
              "a produce request is refused with NOT_LEADER_OR_FOLLOWER"},
    StateInfo{State::kDuplicateSuppressed, "duplicate_suppressed",
              "a leader recognises a repeated batch by its sequence and does not append it again"},
    StateInfo{State::kSequenceOutOfOrder, "sequence_out_of_order",
              "a leader refuses a batch with OUT_OF_ORDER_SEQUENCE_NUMBER"},
    StateInfo{State::kProducerEpochBumped, "producer_epoch_bumped",
              "an idempotent producer takes a new epoch or id: it cannot tell what became of a "
              "batch"},
    StateInfo{State::kDeliveryTimedOut, "delivery_timed_out",
              "a producer gives records up because delivery.timeout.ms is over"},
    StateInfo{State::kPositionOutOfRange, "position_out_of_range",
              "a consumer's position is beyond the log and is reset"},
    StateInfo{State::kMemberExpired, "member_expired",
              "a group throws a member out because its session.timeout.ms is over"},
    StateInfo{State::kCoordinatorMoved, "coordinator_moved",
              "another broker loads a group and becomes its coordinator"},
    StateInfo{State::kRebalanceAmidFailover, "rebalance_amid_failover",
              "a group starts a rebalance while a partition has no living leader"},
};
static_assert(kTable.size() == kStates, "every state has its row");
// A run's states are the bits of one word (results/sweep/sweep.hpp).
static_assert(kTable.size() <= 64, "widen RunRow::states first");

}  // namespace

std::span<const StateInfo> state_table() {
  return kTable;
}

const StateInfo* find_state(std::string_view name) {
  for (const StateInfo& state : kTable) {
    if (state.name == name) return &state;
  }
  return nullptr;
}

const StateInfo& info(State state) {
  return kTable.at(static_cast<std::size_t>(state));
}

}  // namespace isrlab::scenarios
