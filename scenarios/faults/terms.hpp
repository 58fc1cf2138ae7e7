// The things a scenario can do and demand, as enumerations. Their words and sentences are in
// registry.hpp.
#pragma once
#include <cstddef>
#include <cstdint>

namespace isrlab::scenarios {

enum class FaultAction : std::uint8_t {
  kKill,           // process dies at once; its host lives, so peers see resets
  kStop,           // clean shutdown (SIGTERM): controlled shutdown, session closed
  kRestart,        // start a dead process again
  kPause,          // SIGSTOP or a long GC pause
  kPartition,      // cut the links between two sides, silently
  kIsolate,        // cut a node from everybody
  kSlowLink,       // more latency and jitter, less bandwidth between two sides
  kExpireSession,  // ZooKeeper ends a session although its owner lives
  kCrash,          // the host loses power: silence, and unflushed data is lost
  kWipe,           // the process dies and its disk is empty
  kLoseUnflushed,  // its next kill takes along what was not flushed (lazyfs)
  kTornWrite,      // its next kill tears the batch that was being written
  kSlowDisk,       // each write takes longer
  kFullDisk,       // each write fails until there is room again
  kFailDisk,       // each write fails until the disk is repaired
  kDelay,          // more latency and jitter between two sides
  kFlap,           // cut and mended again and again
  kReset,          // TCP connections between two sides are reset
  kHold,           // messages of one kind are held back
  kDelayWatches,   // watch notifications to a broker are held back
  kZkQuorumLoss,   // a majority of the ZooKeeper servers dies
  kClog,           // a link that holds everything, then lets it go at once
  kSkew,           // the wall clock of a host is off for a while
  kDrift,          // the clock of a host runs too fast or too slow
  kJump,           // the wall clock of a host is stepped
  // What operators do. Chaos draws none of these.
  kReassign,            // kafka-reassign-partitions.sh --execute
  kCancelReassignment,  // ... --cancel
  kElectPreferred,      // kafka-leader-election.sh --election-type preferred
  kUncleanElection,     // ... unclean
  kRollingRestart,      // one broker after the other
};
inline constexpr std::size_t kFaultActions =
    static_cast<std::size_t>(FaultAction::kRollingRestart) + 1;

/// How much of what its kernel had not written back a host takes along when it goes down.
enum class Unflushed : std::uint8_t { kDrawn, kLost, kKept };

enum class TriggerKind : std::uint8_t {
  kAt,       // at a time
  kAfter,    // so long after the previous item fired
  kBetween,  // at a random instant of an interval, from the fault stream
  kEvery,    // again and again
  kWhen,     // as soon as something is so
};

/// What `when` and `until` wait for.
enum class MomentKind : std::uint8_t {
  kNone,
  kIsrSize,        // isr of orders-0 < 2
  kLeaderIs,       // leader of orders-0 is broker-2
  kControllerIs,   // controller is broker-2
  kLogEnd,         // end of orders-0 on broker-2 >= 5
  kHighWatermark,  // hw of orders-0 on broker-2 >= 5
  kHolds,          // fault 1 holds: it has caught a message
  kEvent,          // event BecameLeader on broker-2 of orders-0
};

enum class CutDirection : std::uint8_t { kBoth, kTo, kFrom };  // relative to `who`

/// `always`: must never be broken. Numbers S1.. and L1.. are those of the reference, section 6.
enum class Invariant : std::uint8_t {
  kNoAckedRecordLost,            // S1
  kConsistentRead,               // S2
  kLogMatching,                  // S3
  kCommittedPrefixMatching,      // S4
  kFollowerPrefix,               // S5
  kLeaderCompleteness,           // S6
  kLeaderCandidateCompleteness,  // S7
  kReplicationQuorumSuperset,    // S8
  kHwBounds,                     // S9
  kHwMonotonic,                  // S10
  kAppliedHw,                    // S11
  kNoTruncationBelowHw,          // S12
  kLeaderInIsr,                  // S13
  kIsrSubset,                    // S14
  kEligibleIsr,                  // S15
  kAtMostOneLeaderPerEpoch,      // S16
  kEpochMonotonic,               // S17
  kWriteEpochs,                  // S18
  kOneControllerPerEpoch,        // S19
  kZookeeperSemantics,           // S20
  kBrokerIncarnation,            // S21
  kMinIsrRespected,              // S22
  kOffsetUnique,                 // S23
  kPartitionOrder,               // S24
  kIdempotence,                  // S25
  kNoUncommittedRead,            // S26
  kGroupOwnership,               // S31
  kGenerationFencing,            // S33
  kCommittedOffset,              // S34
  kRefusedNeverAppended,         // S36
  kMetadataCache,                // S38
  kAccounting,                   // S40
  kLeaderAvailability,           // L1
  kIsrRestoration,               // L2
  kHwConvergence,                // L3
  kRegistration,                 // L4
  kOneActiveController,          // L5
  kMetadataConvergence,          // L6
  kProduceResolution,            // L7
  kAckedFullyReplicated,         // L8
  kConsumerProgress,             // L9
  kGroupStability,               // L10
  kPreferredLeadership,          // L13
  kNoFlapping,                   // L14
};

/// `sometimes`: must be reached at least once, so that green means something.
enum class State : std::uint8_t {
  kIsrShrinks,
  kIsrExpands,
  kLeaderElected,
  kControllerFailover,
  kSessionExpired,
  kNotEnoughReplicas,
  kProduceTimedOut,
  kRecordLost,
  kRebalance,
  kPartitionOffline,
  kFollowerTruncated,
  kZkLeaderChanged,
  kZombieLeaderAppend,
  kPreferredLeaderRestored,
  kIsrOfOne,
  kLastReplicaLost,
  kLastReplicaReturned,
  kUncleanElection,
  kTwoActingLeaders,
  kTruncatedAfterCleanElection,
  kTruncatedAfterUncleanElection,
  kTruncatedBelowHw,
  kFetchDiverged,
  kFencedLeaderEpoch,
  kUnknownLeaderEpoch,
  kHwHeldByMinIsr,
  kAlterPartitionOutdated,
  kAlterPartitionFenced,
  kAlterPartitionIneligible,
  kFailoverAmidElection,
  kFailoverAmidIsrChange,
  kTwoActingControllers,
  kZombieController,
  kLateControlRequest,
  kStaleBrokerEpochRefused,
  kControlledShutdown,
  kControlledShutdownFailed,
  kLiveBrokerExpired,
  kExpiredAmidProduce,
  kSessionMoved,
  kZkQuorumLost,
  kRegistrationRefused,
  kBrokerBounced,
  kRecordsLostOnDisk,
  kBrokerHalted,
  kFormerLeaderAsked,
  kDuplicateSuppressed,
  kSequenceOutOfOrder,
  kProducerEpochBumped,
  kDeliveryTimedOut,
  kPositionOutOfRange,
  kMemberExpired,
  kCoordinatorMoved,
  kRebalanceAmidFailover,
};
inline constexpr std::size_t kStates = static_cast<std::size_t>(State::kRebalanceAmidFailover) + 1;

/// `eventually`: must become true within a bound.
enum class Condition : std::uint8_t {
  kAllIsrFull,
  kEveryPartitionHasLeader,
  kOneController,
  kAllGroupsStable,
  kConsumersCaughtUp,
  kLeadersPreferred,
  kIsrOf,  // isr of T-P <comparison> N
  kZkQuorum,
  kLiveness,  // an invariant L1, L2, ...: what it says holds now
};

/// `limits`: a measured number against a bound.
enum class Metric : std::uint8_t {
  kWriteGap,
  kReadGap,
  kDetectTime,
  kElections,
  kUncleanElections,
  kIsrShrinks,
  kIsrExpands,
  kRebalances,
  kSessionExpiries,
  kLost,
  kDuplicated,
  kOfflinePartitions,
  kConsumerLag,
  kAckLatency,
};

enum class Comparison : std::uint8_t {
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kGreaterEqual,
  kGreater
};
enum class Aggregate : std::uint8_t { kMax, kMin, kCount, kTotal, kP50, kP95, kP99 };
/// Which producers an expectation is about.
enum class AcksClass : std::uint8_t { kAny, kZero, kOne, kAll };

}  // namespace isrlab::scenarios
