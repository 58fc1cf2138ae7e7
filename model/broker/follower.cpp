#include "model/broker/follower.hpp"

#include <algorithm>

namespace isrlab::model {
namespace {

void resume_fetching(FetcherPartition& entry, const PartitionLog& log) {
  entry.state = FetchState::kFetching;
  entry.fetch_offset = log.log_end_offset();
  entry.last_fetched_epoch = log.latest_epoch();
}

/// Fenced with the epoch it still has: parked until the next LeaderAndIsr. Fenced with an epoch
/// that has moved on meanwhile, or any other error: tries again.
void on_error(FetcherPartition& entry, const Partition& partition, Error error,
              const FollowerContext& context) {
  if (error == Error::kFencedLeaderEpoch && entry.leader_epoch == partition.leader_epoch) {
    entry.state = FetchState::kFailed;
  } else {
    entry.delayed_until = context.now + context.backoff;
  }
}

void start_anew(Partition& partition, const ListOffsetsResponse::Partition& answer,
                const FollowerContext& context, FollowerEffects& effects) {
  PartitionLog& log = partition.log;
  effects.truncated = effects.cut = true;
  effects.from = log.log_end_offset();
  effects.high_watermark_before = log.high_watermark();
  log.truncate_fully_and_start_at(answer.offset, answer.prefix_hash, context.log);
}

void append(FetcherPartition& entry, Partition& partition, const FetchResponse::Partition& answer,
            std::span<const Batch> batches, const FollowerContext& context,
            FollowerEffects& effects) {
  PartitionLog& log = partition.log;
  if (!batches.empty()) {
    if (entry.fetch_offset != log.log_end_offset() ||
        log.append_as_follower(batches, context.log) != FollowerAppend::kOk) {
      entry.state = FetchState::kFailed;
      return;
    }
    effects.appended = true;
    entry.fetch_offset = log.log_end_offset();
    entry.last_fetched_epoch = batches.back().leader_epoch;
  }
  effects.high_watermark_moved = log.maybe_update_high_watermark(answer.high_watermark);
  if (answer.log_start_offset > log.log_start_offset()) {
    effects.log_start_raised = true;
    effects.log_start_before = log.log_start_offset();
    log.maybe_increment_log_start_offset(answer.log_start_offset, context.log);
  }
}

}  // namespace

Truncation truncation_for(const PartitionLog& log, std::int64_t initial, const EpochEnd& answer) {
  const std::int64_t end = log.log_end_offset();
  if (answer.end_offset < 0) return {std::min(initial, end), true};
  if (answer.epoch < 0) return {std::min(answer.end_offset, end), true};
  const EpochEnd local = log.end_offset_for_epoch(answer.epoch);
  if (!local.defined()) return {std::min(answer.end_offset, end), true};
  if (local.epoch != answer.epoch) return {std::min(local.end_offset, end), false};
  return {std::min({local.end_offset, answer.end_offset, end}), true};
}

EpochEnd epoch_end_answer(const PartitionLog& log, const ProtocolRules& rules, std::int32_t epoch) {
  EpochEnd answer = log.end_offset_for_epoch(epoch);
  if (rules.epoch_in_answer) return answer;
  // 0.11: an epoch below the first one has no end, and the answer does not say whose end it is.
  if (log.epochs().empty() || epoch < log.epochs()[0].epoch) answer.end_offset = -1;
  answer.epoch = kUndefinedEpoch;
  return answer;
}

void begin_following(FetcherPartition& entry, const Partition& partition,
                     const ProtocolRules& rules) {
  const PartitionLog& log = partition.log;
  const bool ready = rules.truncates_on_fetch && log.latest_epoch() >= 0;
  entry.fetch_offset = ready ? log.log_end_offset() : log.high_watermark();
  entry.last_fetched_epoch = log.latest_epoch();
  entry.state = ready ? FetchState::kFetching : FetchState::kTruncating;
}

bool keeps_following(const Partition& partition, const PartitionStateMessage& state,
                     const ProtocolRules& rules, BugSet bugs) {
  if (rules.restart == FollowerRestart::kOnEveryEpoch) return false;
  if (partition.role != PartitionRole::kFollower || partition.leader != state.leader) return false;
  const bool skips = rules.restart == FollowerRestart::kOnLeaderChange ||
                     has_bug(bugs, Bug::kBecomeFollowerSkip);  // KAFKA-7164
  return skips || state.leader_epoch <= partition.leader_epoch + 1;
}

void cut_log(Partition& partition, std::int64_t offset, const FollowerContext& context,
             FollowerEffects& effects) {
  PartitionLog& log = partition.log;
  const std::int64_t from = log.log_end_offset();
  const std::int64_t high_watermark = log.high_watermark();
  const bool cut = log.truncate_to(offset, context.log);
  effects.cut = cut;
  if (!cut && offset >= from) return;
  effects.truncated = true;
  effects.from = from;
  effects.high_watermark_before = high_watermark;
}

void truncate_to_high_watermark(FetcherPartition& entry, Partition& partition,
                                const FollowerContext& context, FollowerEffects& effects) {
  cut_log(partition, entry.fetch_offset, context, effects);
  resume_fetching(entry, partition.log);
}

void on_epoch_end(FetcherPartition& entry, Partition& partition, Error error,
                  const EpochEnd& answer, const FollowerContext& context,
                  FollowerEffects& effects) {
  if (error != Error::kNone) return on_error(entry, partition, error, context);
  const Truncation truncation = truncation_for(partition.log, entry.fetch_offset, answer);
  cut_log(partition, truncation.offset, context, effects);
  if (truncation.done) return resume_fetching(entry, partition.log);
  entry.fetch_offset = partition.log.log_end_offset();
}

void on_fetched(FetcherPartition& entry, Partition& partition,
                const FetchResponse::Partition& answer, std::span<const Batch> batches,
                const FollowerContext& context, FollowerEffects& effects) {
  if (answer.error == Error::kOffsetOutOfRange) {
    entry.state = FetchState::kLatest;
    effects.out_of_range = true;
    return;
  }
  if (answer.error != Error::kNone) return on_error(entry, partition, answer.error, context);
  if (answer.diverging_epoch < 0) {
    return append(entry, partition, answer, batches, context, effects);
  }
  const EpochEnd end{answer.diverging_epoch, answer.diverging_end_offset};
  const std::int64_t cut = truncation_for(partition.log, entry.fetch_offset, end).offset;
  if (context.bug(Bug::kFollowerHwBeforeTruncate)) {
    // Who reads from this replica now gets the tail that is about to be cut. The window lasts as
    // long as the thread works on the other partitions of the answer: a millisecond here.
    effects.high_watermark_moved = partition.log.maybe_update_high_watermark(answer.high_watermark);
    entry.state = FetchState::kTruncating;
    entry.fetch_offset = cut;
    entry.delayed_until = context.now + sim::kMillisecond;
    return;
  }
  cut_log(partition, cut, context, effects);
  // Whether the logs agree now is proved, or not, by the next fetch.
  resume_fetching(entry, partition.log);
}

void on_leader_offset(FetcherPartition& entry, Partition& partition,
                      const ListOffsetsResponse::Partition& answer, const FollowerContext& context,
                      FollowerEffects& effects) {
  PartitionLog& log = partition.log;
  if (answer.error != Error::kNone) return on_error(entry, partition, answer.error, context);
  if (entry.state == FetchState::kLatest) {
    if (answer.offset >= log.log_end_offset()) {
      entry.state = FetchState::kEarliest;
      return;
    }
    if (context.rules->halts_when_longer && !context.unclean_election) {
      effects.halt = true;  // "the follower has more than its leader": a fatal error until 2.1
      return;
    }
    cut_log(partition, answer.offset, context, effects);
    return resume_fetching(entry, log);
  }
  if (answer.offset > log.log_end_offset()) start_anew(partition, answer, context, effects);
  resume_fetching(entry, log);
  entry.fetch_offset = std::max(answer.offset, log.log_end_offset());
}

}  // namespace isrlab::model
