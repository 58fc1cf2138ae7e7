// Historic bugs of Kafka as switches, and the generations of its replication protocol. The default
// of each is the behaviour of 3.9; a switch brings an old mistake back, so that a search can show
// that the checkers find it. One table: the loader, the schema, `isrlab list bugs` and the docs
// read it. Source: reference scenarios.md section 7 and replication.md section 4.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace isrlab::model {

/// How a follower finds the point up to which its log agrees with its leader's
/// (`replication.protocol`). Each value has the rules of the release that brought it.
enum class ReplicationProtocol : std::uint8_t {
  kTruncateToHighWatermark,  // before 0.11: each follower cuts to its own high watermark
  kKip101,                   // 0.11: the leader answers with an offset, once
  kKip279,                   // 2.0.1: the answer names its epoch; repeated until they agree
  kKip320FirstTry,           // truncate on fetch without fencing: only ever a model
  kKip320,                   // 2.1: requests carry the leader epoch and are fenced by it
  kTruncateOnFetch,          // 2.8: divergence is found by the fetch itself
};

/// When a LeaderAndIsr with a new epoch makes a follower start over.
enum class FollowerRestart : std::uint8_t {
  kOnLeaderChange,  // another leader id (a restarted process counts as one): before 2.0.1
  kOnMissedEpoch,   // ... or an epoch in between was missed (KAFKA-7164)
  kOnEveryEpoch,
};

/// What the generations differ in (replication.md section 4).
struct ProtocolRules {
  bool asks_for_epochs = false;  // OffsetsForLeaderEpoch before fetching
  bool truncates_on_fetch = false;
  bool epoch_in_answer = true;  // else only an offset, once (KIP-101)
  bool fenced = true;           // requests carry the current leader epoch
  FollowerRestart restart = FollowerRestart::kOnEveryEpoch;
  bool expands_after_epoch_start = true;  // ISR entry needs the start of the leader's epoch
  bool caches_epoch_at_election = true;   // else with the first record
  bool halts_when_longer = false;  // longer than its leader without unclean election: the end
};
const ProtocolRules& rules(ReplicationProtocol protocol);

/// In the order of the table. The comment says what Kafka did wrong.
enum class Bug : std::uint8_t {
  kFetchEpochCheck,           // the leader serves fetches of any leader epoch
  kTruncateFence,             // the leader answers OffsetsForLeaderEpoch of any leader epoch
  kHwEpochFence,              // a fenced fetch still counts for the high watermark
  kIsrExpandLeso,             // into the ISR before reaching the start of the leader's epoch
  kPersistEpoch,              // a leader's epoch is noted with its first record only
  kBecomeFollowerSkip,        // a new epoch of the same leader does not restart the fetcher
  kCleanEpochCache,           // a truncation that removes nothing leaves the epoch cache as it is
  kDivergingFetchUpdates,     // a diverging fetch moves what the leader knows of the follower
  kFollowerHwBeforeTruncate,  // the high watermark rises before the log is cut
  kTruncateRemoved,           // a late answer cuts a log that follows somebody else by now
  kHwOnFullTruncate,          // a log that starts anew keeps its old high watermark
  kHwIsrCommitted,            // the high watermark goes by the committed ISR alone
  kHwIsrProposed,             // ... or by the proposal alone
  kAlterIsrCas,               // the controller takes ISR changes built on an old version
  kAlterIsrRace,              // an ISR answer that a LeaderAndIsr overtook is applied
  kIsrEligibility,            // replicas that shut down or are gone may enter the ISR
  kResetFollowerState,        // a new leader goes by what it knew of followers in older epochs
  kBrokerGeneration,          // control requests for an earlier registration are obeyed
  kStopReplicaEpoch,          // StopReplica of an older leader epoch is obeyed
  kAppendAfterIoError,        // appends go on after a write failed
  kStrictMinIsrHw,            // 3.6 and before: the high watermark moves under min.insync.replicas
  kThrottleIsr,               // throttled replicas are throttled inside the ISR too
  kCaughtUpEqualLeo,          // an idle replica at the log end may lag out of the ISR
  kListOffsetsGuard,          // latest offsets of a leader whose high watermark is behind its epoch
  kReadAboveHw,               // a consumer may get what is above the high watermark
  kProducerStateWithLog,      // producers are forgotten with the segment of their last record
  kReplicaRejectsUnknownSeq,  // followers check sequence numbers too
  kCount,
};

using BugSet = std::uint64_t;
constexpr BugSet bug_bit(Bug bug) {
  return BugSet{1} << static_cast<unsigned>(bug);
}
constexpr bool has_bug(BugSet bugs, Bug which) {
  return (bugs & bug_bit(which)) != 0;
}
static_assert(static_cast<unsigned>(Bug::kCount) <= 64);

struct BugInfo {
  Bug bug = Bug::kCount;
  std::string_view name;    // of the switch, as the catalogue writes it
  std::string_view fixed;   // its default value
  std::string_view value;   // the value with the bug
  std::string_view issue;   // JIRA or KIP
  std::string_view breaks;  // the invariants that a search can find broken
  std::string_view what;
};
/// One row for each Bug, in its order; a switch with two wrong values has two rows.
std::span<const BugInfo> bug_table();

struct ProtocolInfo {
  ReplicationProtocol protocol = ReplicationProtocol::kTruncateOnFetch;
  std::string_view name;
  std::string_view what;
};
std::span<const ProtocolInfo> protocol_table();

}  // namespace isrlab::model
