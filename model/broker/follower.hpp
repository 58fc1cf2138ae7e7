// What a follower does with one partition after each answer of its leader: truncate, append, move
// its high watermark, wait or give up. Pure decisions over the fetcher's entry and the replica's
// log; the broker turns them into messages and history. Source: AbstractFetcherThread.scala,
// ReplicaFetcherThread.scala (3.9, and the older generations of ReplicationProtocol); reference
// replication.md sections 3 and 4.
#pragma once
#include <span>

#include "model/broker/fetcher.hpp"
#include "model/broker/partition.hpp"

namespace isrlab::model {

struct FollowerContext {
  const ProtocolRules* rules = nullptr;
  Time now = 0;                   // on the host's wall clock, as PartitionFetchState has it
  Duration backoff = 0;           // replica.fetch.backoff.ms
  bool unclean_election = false;  // of the topic: may a longer follower cut its log?
  LogContext log;

  bool bug(Bug which) const { return log.bug(which); }
};

/// What happened to the replica, for the history and for those who wait for it.
struct FollowerEffects {
  bool truncated = false;  // the log was cut, or started anew
  std::int64_t from = 0;   // log end offset before
  std::int64_t high_watermark_before = 0;
  bool cut = false;  // records went, not only the offset that the caller thought of
  bool appended = false;
  bool log_start_raised = false;
  std::int64_t log_start_before = 0;
  bool high_watermark_moved = false;
  bool out_of_range = false;  // the leader no longer has, or does not have, the offset
  bool halt = false;  // before 2.1: longer than its leader without unclean election ends the broker
};

/// How far an answer about the end of an epoch makes a follower cut its log, and whether the two
/// logs agree then (else it asks again). `initial` is where following began: the high watermark.
struct Truncation {
  std::int64_t offset = 0;
  bool done = true;
  friend bool operator==(const Truncation&, const Truncation&) = default;
};
/// AbstractFetcherThread.getOffsetTruncationState. An undefined end offset has the answer's
/// end_offset -1; an answer without an epoch (OffsetsForLeaderEpoch v0) has the epoch -1.
Truncation truncation_for(const PartitionLog& log, std::int64_t initial, const EpochEnd& answer);

/// What a leader answers about the end of an epoch under these rules (Partition.scala:
/// lastOffsetForLeaderEpoch). KIP-101 gives an offset only, and none below its first epoch.
EpochEnd epoch_end_answer(const PartitionLog& log, const ProtocolRules& rules, std::int32_t epoch);

/// Where the replica begins to follow: AbstractFetcherThread.partitionFetchState and, before
/// epochs, ReplicaManager.makeFollowers.
void begin_following(FetcherPartition& entry, const Partition& partition,
                     const ProtocolRules& rules);
/// Before 2.1: a LeaderAndIsr of the leader that it follows already starts nothing over. To be
/// asked before the partition takes the new state.
bool keeps_following(const Partition& partition, const PartitionStateMessage& state,
                     const ProtocolRules& rules, BugSet bugs);
/// Does it wait for an answer about epochs, not just for its own high watermark?
inline bool asks_for_epoch(const FetcherPartition& entry, const PartitionLog& log,
                           const ProtocolRules& rules) {
  return entry.state == FetchState::kTruncating && rules.asks_for_epochs && log.latest_epoch() >= 0;
}
/// Truncates to the high watermark where no epoch can be asked for.
void truncate_to_high_watermark(FetcherPartition& entry, Partition& partition,
                                const FollowerContext& context, FollowerEffects& effects);

/// The answer to OffsetsForLeaderEpoch.
void on_epoch_end(FetcherPartition& entry, Partition& partition, Error error,
                  const EpochEnd& answer, const FollowerContext& context, FollowerEffects& effects);
/// The answer to a fetch; `batches` are this partition's.
void on_fetched(FetcherPartition& entry, Partition& partition,
                const FetchResponse::Partition& answer, std::span<const Batch> batches,
                const FollowerContext& context, FollowerEffects& effects);
/// The answer to ListOffsets after an offset was out of range (fetchOffsetAndTruncate).
void on_leader_offset(FetcherPartition& entry, Partition& partition,
                      const ListOffsetsResponse::Partition& answer, const FollowerContext& context,
                      FollowerEffects& effects);
/// Cuts the log whatever the state of the entry.
void cut_log(Partition& partition, std::int64_t offset, const FollowerContext& context,
             FollowerEffects& effects);

}  // namespace isrlab::model
