#include "model/bugs.hpp"

#include <array>

#include "sim/assert.hpp"

namespace isrlab::model {
namespace {

using P = ReplicationProtocol;

constexpr ProtocolRules kBeforeEpochs = {.epoch_in_answer = false,
                                         .fenced = false,
                                         .restart = FollowerRestart::kOnLeaderChange,
                                         .expands_after_epoch_start = false,
                                         .caches_epoch_at_election = false,
                                         .halts_when_longer = true};
constexpr ProtocolRules kOneAnswer = {.asks_for_epochs = true,
                                      .epoch_in_answer = false,
                                      .fenced = false,
                                      .restart = FollowerRestart::kOnLeaderChange,
                                      .expands_after_epoch_start = false,
                                      .caches_epoch_at_election = false,
                                      .halts_when_longer = true};
constexpr ProtocolRules kNegotiated = {.asks_for_epochs = true,
                                       .fenced = false,
                                       .restart = FollowerRestart::kOnMissedEpoch,
                                       .halts_when_longer = true};
constexpr ProtocolRules kFirstTry = {.truncates_on_fetch = true, .fenced = false};
constexpr ProtocolRules kFenced = {.asks_for_epochs = true};
constexpr ProtocolRules kOnFetch = {.truncates_on_fetch = true};

constexpr std::array kProtocols = {
    ProtocolInfo{P::kTruncateToHighWatermark, "truncate-to-high-watermark",
                 "before 0.11: a new follower cuts its log to its own high watermark"},
    ProtocolInfo{P::kKip101, "kip-101",
                 "0.11: it asks the leader once where its last epoch ends; an answer that the "
                 "leader cannot give means the high watermark"},
    ProtocolInfo{P::kKip279, "kip-279",
                 "2.0.1: the answer names the epoch it is about, and is asked for again until both "
                 "logs agree"},
    ProtocolInfo{P::kKip320FirstTry, "kip-320-first-try",
                 "never released: divergence is found by the fetch, which no leader epoch fences"},
    ProtocolInfo{P::kKip320, "kip-320",
                 "2.1: as kip-279, for every new epoch, and requests of another leader epoch are "
                 "refused"},
    ProtocolInfo{P::kTruncateOnFetch, "truncate-on-fetch",
                 "2.8 and later: each fetch proves that the logs agree so far; fenced"},
};

constexpr std::array kBugs = {
    BugInfo{Bug::kFetchEpochCheck, "fetch_epoch_check", "on", "off", "KIP-320, KAFKA-6880",
            "S3, S5, S1", "the leader serves followers that are in another leader epoch"},
    BugInfo{Bug::kTruncateFence, "truncate_fence", "on", "off", "KIP-320", "S1, S5",
            "with kip-320: followers truncate by the answer of a leader in another epoch"},
    BugInfo{Bug::kHwEpochFence, "hw_epoch_fence", "on", "off", "KIP-320", "S1",
            "the high watermark counts followers that are in another leader epoch"},
    BugInfo{Bug::kIsrExpandLeso, "isr_expand_leso", "on", "off", "KAFKA-7128", "S15, S6, S1",
            "a replica enters the ISR without having reached the start of the leader's epoch"},
    BugInfo{Bug::kPersistEpoch, "persist_epoch_on_become_leader", "on", "off", "KAFKA-7415", "S5",
            "a leader notes its epoch with the first record only"},
    BugInfo{Bug::kBecomeFollowerSkip, "become_follower_skip_same_leader", "off", "on",
            "KAFKA-7164, KAFKA-1188", "S5",
            "with kip-279: a new epoch of the leader that it follows already makes no follower "
            "truncate, even if it missed one in between"},
    BugInfo{Bug::kCleanEpochCache, "clean_epoch_cache_on_noop_truncate", "on", "off", "KAFKA-10706",
            "L2", "a truncation that removes no record leaves the epoch cache"},
    BugInfo{Bug::kDivergingFetchUpdates, "diverging_fetch_updates_state", "off", "on",
            "KAFKA-13141", "S1", "a fetch that diverges counts as progress of the follower"},
    BugInfo{Bug::kFollowerHwBeforeTruncate, "follower_hw_before_truncate", "off", "on",
            "KAFKA-14704", "S26, S4",
            "a follower takes the leader's high watermark before it cuts its own tail"},
    BugInfo{Bug::kTruncateRemoved, "truncate_removed_partition", "off", "on", "KAFKA-13207", "S12",
            "a late diverging answer cuts the log of a replica that leads or follows "
            "somebody else by now"},
    BugInfo{Bug::kHwOnFullTruncate, "hw_on_full_truncate", "on", "off", "KAFKA-9491, KAFKA-3978",
            "S9", "a log that starts anew at a higher offset keeps its high watermark"},
    BugInfo{Bug::kHwIsrCommitted, "hw_isr", "maximal", "committed", "KIP-497", "S8, S1",
            "the high watermark does not wait for a replica whose ISR entry is under way"},
    BugInfo{Bug::kHwIsrProposed, "hw_isr", "maximal", "proposed", "KIP-497", "S8, S1",
            "the high watermark goes by an ISR that nobody has agreed to yet"},
    BugInfo{Bug::kAlterIsrCas, "alter_isr_cas", "on", "off", "KIP-497, KAFKA-1382", "S8, S1",
            "the controller takes ISR changes that were built on an old version"},
    BugInfo{Bug::kAlterIsrRace, "alter_isr_race", "off", "on",
            "KAFKA-12686, KAFKA-12751, KAFKA-13091", "L2, S8",
            "an ISR answer that a LeaderAndIsr overtook is applied all the same"},
    BugInfo{Bug::kIsrEligibility, "isr_eligibility", "on", "off", "KIP-841, KAFKA-14140", "S15",
            "replicas that shut down or are gone may enter the ISR"},
    BugInfo{Bug::kResetFollowerState, "reset_follower_state", "on", "off", "", "S15, S1",
            "a leader goes by what it knew of a follower in an older epoch"},
    BugInfo{Bug::kBrokerGeneration, "broker_generation", "on", "off", "KIP-380, KAFKA-9839", "S21",
            "control requests for an earlier registration of the broker are obeyed"},
    BugInfo{Bug::kStopReplicaEpoch, "stop_replica_epoch", "on", "off", "KIP-570", "L2",
            "StopReplica of an older leader epoch is obeyed"},
    BugInfo{Bug::kAppendAfterIoError, "append_after_io_error", "off", "on", "KAFKA-10778", "S3",
            "a log takes records after a write to it has failed"},
    BugInfo{Bug::kStrictMinIsrHw, "strict_min_isr_hw", "on", "off", "KAFKA-15583", "S2",
            "3.6 and before: the high watermark moves although the ISR is below "
            "min.insync.replicas"},
    BugInfo{Bug::kThrottleIsr, "throttle_isr", "on", "off", "KAFKA-4313", "L14",
            "throttled replicas are throttled inside the ISR too"},
    BugInfo{Bug::kCaughtUpEqualLeo, "caught_up_equal_leo", "on", "off", "KAFKA-7152, KAFKA-4485",
            "L14", "a replica at the end of the log may lag out of the ISR"},
    BugInfo{Bug::kListOffsetsGuard, "list_offsets_guard", "on", "off", "KIP-207, KAFKA-2334", "S11",
            "a new leader tells latest offsets before its high watermark has reached its "
            "epoch"},
    BugInfo{Bug::kReadAboveHw, "read_above_hw", "off", "on", "KAFKA-727, KAFKA-9196", "S26",
            "consumers get what stands above the high watermark"},
    BugInfo{Bug::kProducerStateWithLog, "producer_state_with_log", "off", "on",
            "KAFKA-7190, KIP-360", "S25", "producers are forgotten with their last record"},
    BugInfo{Bug::kReplicaRejectsUnknownSeq, "replica_rejects_unknown_seq", "off", "on",
            "KAFKA-6003", "L2", "followers refuse batches out of sequence as leaders do"},
};
static_assert(kBugs.size() == static_cast<std::size_t>(Bug::kCount));

}  // namespace

const ProtocolRules& rules(ReplicationProtocol protocol) {
  switch (protocol) {
    case P::kTruncateToHighWatermark: return kBeforeEpochs;
    case P::kKip101: return kOneAnswer;
    case P::kKip279: return kNegotiated;
    case P::kKip320FirstTry: return kFirstTry;
    case P::kKip320: return kFenced;
    case P::kTruncateOnFetch: break;
  }
  return kOnFetch;
}

std::span<const BugInfo> bug_table() {
  return kBugs;
}

std::span<const ProtocolInfo> protocol_table() {
  return kProtocols;
}

}  // namespace isrlab::model
