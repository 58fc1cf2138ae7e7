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
};
inline constexpr std::size_t kFaultActions =
    static_cast<std::size_t>(FaultAction::kExpireSession) + 1;

enum class TriggerKind : std::uint8_t {
  kAt,       // at a time
  kAfter,    // so long after the previous item fired
  kBetween,  // at a random instant of an interval, from the fault stream
  kEvery,    // again and again
};

enum class CutDirection : std::uint8_t { kBoth, kTo, kFrom };  // relative to `who`

/// `always`: must never be broken. Numbers S1.. are those of the reference, section 6.1.
enum class Invariant : std::uint8_t {
  kNoAckedRecordLost,        // S1
  kLogMatching,              // S3
  kFollowerPrefix,           // S5
  kHwBounds,                 // S9
  kHwMonotonic,              // S10
  kLeaderInIsr,              // S13
  kIsrSubset,                // S14
  kAtMostOneLeaderPerEpoch,  // S16
  kEpochMonotonic,           // S17
  kOneControllerPerEpoch,    // S19
  kMinIsrRespected,          // S22
  kOffsetUnique,             // S23
  kNoUncommittedRead,        // S26
  kGroupOwnership,           // S31
  kAccounting,               // S40
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
};

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
