// Tables of what a scenario can demand: invariants, conditions, metrics (states have their own
// file).
#include <array>

#include "scenarios/faults/registry.hpp"

namespace isrlab::scenarios {
namespace {

using I = Invariant;
constexpr std::array kInvariants = {
    InvariantInfo{I::kNoAckedRecordLost, "S1", "no_acked_record_lost",
                  "a record acknowledged under acks=all stays, at its offset, in the log of every "
                  "later leader",
                  true},
    InvariantInfo{
        I::kConsistentRead, "S2", "consistent_read",
        "what a consumer could once read stays, at its offset, in the log of every later leader"},
    InvariantInfo{I::kLogMatching, "S3", "log_matching",
                  "two logs with the same epoch at an offset agree on everything up to it"},
    InvariantInfo{I::kCommittedPrefixMatching, "S4", "committed_prefix_matching",
                  "two replicas hold the same records below the lower of their high watermarks"},
    InvariantInfo{I::kFollowerPrefix, "S5", "follower_prefix",
                  "a follower that finished truncating holds a prefix of its leader's log"},
    InvariantInfo{I::kLeaderCompleteness, "S6", "leader_completeness",
                  "whoever is elected leader holds everything that any leader has exposed"},
    InvariantInfo{
        I::kLeaderCandidateCompleteness, "S7", "leader_candidate_completeness",
        "every live member of the ISR in ZooKeeper holds everything that any leader has exposed"},
    InvariantInfo{I::kReplicationQuorumSuperset, "S8", "replication_quorum_superset",
                  "the ISR that a leader moves its high watermark by contains ZooKeeper's"},
    InvariantInfo{I::kHwBounds, "S9", "hw_bounds",
                  "log start <= high watermark <= log end on every replica"},
    InvariantInfo{I::kHwMonotonic, "S10", "hw_monotonic",
                  "a leader's high watermark never falls within its epoch"},
    InvariantInfo{
        I::kAppliedHw, "S11", "applied_hw",
        "ISR entries and latest offsets never go by a high watermark below the epoch's start"},
    InvariantInfo{I::kNoTruncationBelowHw, "S12", "no_truncation_below_hw",
                  "no member of the ISR cuts off what a leader has exposed"},
    InvariantInfo{I::kLeaderInIsr, "S13", "leader_in_isr",
                  "a partition's leader, if it has one, is in the ISR that ZooKeeper holds"},
    InvariantInfo{I::kIsrSubset, "S14", "isr_subset",
                  "the ISR is a part of the assigned replicas and never empty"},
    InvariantInfo{
        I::kEligibleIsr, "S15", "eligible_isr",
        "a replica enters the ISR only if it is live, has fetched in the epoch and has caught up"},
    InvariantInfo{I::kAtMostOneLeaderPerEpoch, "S16", "at_most_one_leader_per_epoch",
                  "one broker at most ever accepts writes in one leader epoch of a partition"},
    InvariantInfo{I::kEpochMonotonic, "S17", "epoch_monotonic",
                  "leader epochs only grow, in ZooKeeper and on every broker"},
    InvariantInfo{I::kWriteEpochs, "S18", "write_epochs",
                  "epochs in a log never fall and are never above that of the replica"},
    InvariantInfo{I::kOneControllerPerEpoch, "S19", "one_controller_per_epoch",
                  "one controller per controller epoch; older ones change nothing any more"},
    InvariantInfo{I::kZookeeperSemantics, "S20", "zookeeper_semantics",
                  "one ZooKeeper leader per epoch, one order of transactions, sessions that end "
                  "once and take their ephemeral nodes along"},
    InvariantInfo{I::kBrokerIncarnation, "S21", "broker_incarnation",
                  "control requests for an earlier registration of a broker have no effect"},
    InvariantInfo{I::kMinIsrRespected, "S22", "min_isr_respected",
                  "acks=all succeeds only while the ISR has min.insync.replicas members that hold "
                  "the record"},
    InvariantInfo{I::kOffsetUnique, "S23", "offset_unique",
                  "an offset of a partition names one committed record for ever"},
    InvariantInfo{I::kPartitionOrder, "S24", "partition_order",
                  "records of an ordered producer lie in the log as they were sent, and readers "
                  "only go forward"},
    InvariantInfo{
        I::kIdempotence, "S25", "idempotence",
        "sequence numbers of a producer id follow each other in a log, so no batch is there twice"},
    InvariantInfo{I::kNoUncommittedRead, "S26", "no_uncommitted_read",
                  "consumers read only below the high watermark"},
    InvariantInfo{I::kGroupOwnership, "S31", "group_ownership",
                  "in a generation a partition has at most one owner, exactly one when stable"},
    InvariantInfo{
        I::kGenerationFencing, "S33", "generation_fencing",
        "offsets are committed in generations that have begun, none of an older after one "
        "of a newer"},
    InvariantInfo{
        I::kCommittedOffset, "S34", "committed_offset",
        "committed offsets are not beyond what was read, do not fall and survive the coordinator"},
    InvariantInfo{I::kRefusedNeverAppended, "S36", "refused_never_appended",
                  "a record that was refused for certain is in no log"},
    InvariantInfo{I::kMetadataCache, "S38", "metadata_cache",
                  "brokers' metadata are past states of ZooKeeper and never go back"},
    InvariantInfo{
        I::kAccounting, "S40", "accounting",
        "every record sent is acknowledged, refused, unknown or pending, and every record "
        "in a log was sent"},
    InvariantInfo{I::kLeaderAvailability, "L1", "leader_availability",
                  "every partition with a live member of its ISR has a leader again in time"},
    InvariantInfo{I::kIsrRestoration, "L2", "isr_restoration",
                  "every live replica is back in the ISR in time"},
    InvariantInfo{I::kHwConvergence, "L3", "hw_convergence",
                  "the leader's log end becomes the high watermark of every live replica in time"},
    InvariantInfo{I::kRegistration, "L4", "registration",
                  "every live broker is registered in ZooKeeper in time"},
    InvariantInfo{I::kOneActiveController, "L5", "one_active_controller",
                  "exactly one live broker acts as controller again in time"},
    InvariantInfo{I::kMetadataConvergence, "L6", "metadata_convergence",
                  "all live brokers' metadata equal ZooKeeper's in time"},
    InvariantInfo{
        I::kProduceResolution, "L7", "produce_resolution",
        "every record that is sent ends acknowledged or failed within delivery.timeout.ms"},
    InvariantInfo{I::kAckedFullyReplicated, "L8", "acked_fully_replicated",
                  "every acknowledged record is on all live replicas in time"},
    InvariantInfo{I::kConsumerProgress, "L9", "consumer_progress",
                  "every group reads what was there to read in time"},
    InvariantInfo{I::kGroupStability, "L10", "group_stability",
                  "every group is Stable again and owns all its partitions in time"},
    InvariantInfo{
        I::kPreferredLeadership, "L13", "preferred_leadership",
        "with automatic rebalancing, leaders are back at their preferred replicas in time"},
    InvariantInfo{I::kNoFlapping, "L14", "no_flapping",
                  "in a calm cluster an ISR does not change again and again"},
};

constexpr std::array kConditions = {
    ConditionInfo{Condition::kAllIsrFull, "all isr full",
                  "every partition's ISR holds all its assigned replicas"},
    ConditionInfo{Condition::kEveryPartitionHasLeader, "every partition has a leader",
                  "every partition has a live leader"},
    ConditionInfo{Condition::kOneController, "one controller",
                  "ZooKeeper names a controller and exactly that live broker acts as one"},
    ConditionInfo{Condition::kAllGroupsStable, "all groups stable",
                  "every group is Stable and all partitions of its topics have an owner"},
    ConditionInfo{
        Condition::kConsumersCaughtUp, "consumers caught up",
        "all groups are stable and every position is at the partition's high watermark of "
        "one second ago, or beyond"},
    ConditionInfo{Condition::kLeadersPreferred, "leaders preferred",
                  "every partition is led by its first assigned replica"},
    ConditionInfo{Condition::kIsrOf, "isr of <topic>-<p> <comparison> <n>",
                  "the number of in-sync replicas of a partition, such as isr of orders-0 == 3"},
    ConditionInfo{Condition::kZkQuorum, "zk quorum",
                  "a ZooKeeper leader serves with a majority of the ensemble"},
    ConditionInfo{Condition::kLiveness, "<liveness>",
                  "what an invariant L1, L2, ... says, such as isr_restoration, with a bound of "
                  "your own"},
};

using A = Aggregate;
constexpr std::array kSampled = {A::kMax, A::kMin, A::kCount, A::kTotal, A::kP50, A::kP95, A::kP99};
constexpr std::array kCounted = {A::kCount, A::kTotal};
constexpr std::array kGauged = {A::kMax, A::kMin, A::kP50, A::kP95, A::kP99};
using M = MetricArgument;
constexpr MetricUnit kTime = MetricUnit::kDuration;
constexpr MetricUnit kNumber = MetricUnit::kNumber;

constexpr std::array kMetrics = {
    MetricInfo{Metric::kWriteGap, "write_gap", M::kPartition, kTime, kSampled,
               "write outages: times longer than a second (beyond linger.ms) in which a partition "
               "acknowledges nothing although a producer has records for it, from its first "
               "acknowledgement on; one sample per outage, an open one ends with the run"},
    MetricInfo{Metric::kReadGap, "read_gap", M::kPartition, kTime, kSampled,
               "read outages: times longer than a second in which a group that owns the partition "
               "gets nothing although there is something to read; one sample per outage, an open "
               "one ends with the run"},
    MetricInfo{
        Metric::kDetectTime, "detect_time", M::kNone, kTime, kSampled,
        "from the death or cut of a broker to the expiry of its ZooKeeper session; one sample "
        "per expiry"},
    MetricInfo{Metric::kElections, "elections", M::kNone, kNumber, kCounted,
               "leader changes of partitions (their creation does not count)"},
    MetricInfo{Metric::kUncleanElections, "unclean_elections", M::kNone, kNumber, kCounted,
               "elections of a replica outside the ISR"},
    MetricInfo{Metric::kIsrShrinks, "isr_shrinks", M::kNone, kNumber, kCounted,
               "ISR changes that remove a replica"},
    MetricInfo{Metric::kIsrExpands, "isr_expands", M::kNone, kNumber, kCounted,
               "ISR changes that add a replica"},
    MetricInfo{Metric::kRebalances, "rebalances", M::kNone, kNumber, kCounted,
               "group rebalances that ended with a new generation, first ones included"},
    MetricInfo{Metric::kSessionExpiries, "session_expiries", M::kNone, kNumber, kCounted,
               "broker sessions that ZooKeeper expired"},
    MetricInfo{Metric::kLost, "lost", M::kAcks, kNumber, kCounted,
               "acknowledged records that are in no leader's log at the end"},
    MetricInfo{Metric::kDuplicated, "duplicated", M::kAcks, kNumber, kCounted,
               "extra copies of records in the logs at the end"},
    MetricInfo{Metric::kOfflinePartitions, "offline_partitions", M::kNone, kNumber, kGauged,
               "partitions without a live leader, over time"},
    MetricInfo{Metric::kConsumerLag, "consumer_lag", M::kGroup, kNumber, kGauged,
               "records between a group's position and the high watermark, summed over its "
               "partitions, over time, from its first stable generation on"},
    MetricInfo{
        Metric::kAckLatency, "ack_latency", M::kTopic, kTime, kSampled,
        "from send() to the acknowledgement; one sample per acknowledged record, so count is "
        "the number of acknowledged records"},
};

constexpr std::array kAggregates = {
    AggregateInfo{A::kMax, "max", "the largest sample; 0 when there is none"},
    AggregateInfo{A::kMin, "min", "the smallest sample; 0 when there is none"},
    AggregateInfo{A::kCount, "count", "how many; of samples, a plain number"},
    AggregateInfo{A::kTotal, "total", "the sum of all samples"},
    AggregateInfo{A::kP50, "p50", "the median, by nearest rank"},
    AggregateInfo{A::kP95, "p95", "the 95th percentile, by nearest rank"},
    AggregateInfo{A::kP99, "p99", "the 99th percentile, by nearest rank"},
};

}  // namespace

std::span<const InvariantInfo> invariant_table() {
  return kInvariants;
}
std::span<const ConditionInfo> condition_table() {
  return kConditions;
}
std::span<const MetricInfo> metric_table() {
  return kMetrics;
}
std::span<const AggregateInfo> aggregate_table() {
  return kAggregates;
}

const InvariantInfo* find_invariant(std::string_view name_or_id) {
  for (const InvariantInfo& invariant : kInvariants) {
    if (invariant.name == name_or_id || invariant.id == name_or_id) return &invariant;
  }
  return nullptr;
}

bool can_be_awaited(const InvariantInfo& invariant) {
  return invariant.id.starts_with("L") && invariant.invariant != Invariant::kNoFlapping;
}

const MetricInfo* find_metric(std::string_view name) {
  for (const MetricInfo& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

const AggregateInfo* find_aggregate(std::string_view word) {
  for (const AggregateInfo& aggregate : kAggregates) {
    if (aggregate.word == word) return &aggregate;
  }
  return nullptr;
}

const InvariantInfo& info(Invariant invariant) {
  return kInvariants.at(static_cast<std::size_t>(invariant));
}
const ConditionInfo& info(Condition condition) {
  return kConditions.at(static_cast<std::size_t>(condition));
}
const MetricInfo& info(Metric metric) {
  return kMetrics.at(static_cast<std::size_t>(metric));
}
const AggregateInfo& info(Aggregate aggregate) {
  return kAggregates.at(static_cast<std::size_t>(aggregate));
}

}  // namespace isrlab::scenarios
