// Vectors 20 to 36 of reference/replication.md section 11.2: how a follower truncates. The
// decisions of model/broker/follower.cpp against a leader that is a log and an epoch, as Kafka's
// own tests have a mock of the leader's end.
#include "model/broker/follower.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

struct Leader {
  PartitionLog log;
  std::int32_t epoch = 0;
};

/// One single-record batch for each epoch of the list, from offset 0 on.
PartitionLog log_with(const std::vector<std::int32_t>& epochs, std::uint64_t first_record = 0) {
  PartitionLog log;
  for (const std::int32_t epoch : epochs) {
    Batch batch;
    batch.count = 1;
    batch.bytes = 100;
    batch.first_record = first_record++;
    batch.base_offset = log.log_end_offset();
    batch.leader_epoch = epoch;
    REQUIRE(log.append_as_follower(batch) == FollowerAppend::kOk);
  }
  return log;
}

/// A log whose epochs are those of the list (epoch, start) and that ends at `end`.
PartitionLog log_of(const std::vector<EpochEntry>& epochs, std::int64_t end) {
  PartitionLog log;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const std::int64_t next = i + 1 < epochs.size() ? epochs[i + 1].start_offset : end;
    for (std::int64_t offset = epochs[i].start_offset; offset < next; ++offset) {
      Batch batch;
      batch.count = 1;
      batch.bytes = 10;
      batch.base_offset = offset;
      batch.leader_epoch = epochs[i].epoch;
      REQUIRE(log.append_as_follower(batch) == FollowerAppend::kOk);
    }
  }
  return log;
}

std::vector<std::int32_t> epochs_of(const PartitionLog& log) {
  std::vector<std::int32_t> epochs;
  log.for_each_batch(log.log_start_offset(), log.log_end_offset(),
                     [&](const Batch& batch) { epochs.push_back(batch.leader_epoch); });
  return epochs;
}

/// A follower of one partition under the rules of a generation.
struct Follower {
  Partition partition;
  FetcherPartition entry;
  FollowerContext context;
  int questions = 0;  // OffsetsForLeaderEpoch sent

  Follower(PartitionLog log, std::int64_t high_watermark, std::int32_t leader_epoch,
           ReplicationProtocol protocol = ReplicationProtocol::kTruncateOnFetch) {
    partition.log = std::move(log);
    partition.log.maybe_update_high_watermark(high_watermark);
    partition.role = PartitionRole::kFollower;
    partition.leader_epoch = leader_epoch;
    context.rules = &rules(protocol);
    context.backoff = 1000;
    entry.leader_epoch = leader_epoch;
    begin_following(entry, partition, *context.rules);
  }
  PartitionLog& log() { return partition.log; }

  /// What a leader in this state says to a request with the follower's epoch.
  Error epoch_error(const Leader& leader) const {
    if (!context.rules->fenced) return Error::kNone;
    if (leader.epoch > entry.leader_epoch) return Error::kFencedLeaderEpoch;
    if (leader.epoch < entry.leader_epoch) return Error::kUnknownLeaderEpoch;
    return Error::kNone;
  }
  void answer_epoch(const EpochEnd& end, Error error = Error::kNone) {
    FollowerEffects effects;
    ++questions;
    on_epoch_end(entry, partition, error, end, context, effects);
  }
  void fetch(const Leader& leader) {
    FetchResponse::Partition answer;
    std::vector<Batch> batches;
    answer.error = epoch_error(leader);
    if (answer.error == Error::kNone) fill(leader, answer, batches);
    FollowerEffects effects;
    on_fetched(entry, partition, answer, batches, context, effects);
  }
  void fill(const Leader& leader, FetchResponse::Partition& answer, std::vector<Batch>& batches) {
    answer.high_watermark = leader.log.high_watermark();
    answer.log_start_offset = leader.log.log_start_offset();
    if (context.rules->truncates_on_fetch && entry.last_fetched_epoch >= 0) {
      const EpochEnd end = leader.log.end_offset_for_epoch(entry.last_fetched_epoch);
      if (!end.defined()) {
        answer.error = Error::kOffsetOutOfRange;
        return;
      }
      if (end.epoch < entry.last_fetched_epoch || end.end_offset < entry.fetch_offset) {
        answer.diverging_epoch = end.epoch;
        answer.diverging_end_offset = end.end_offset;
        return;
      }
    }
    const LogRead read =
        leader.log.read(entry.fetch_offset, leader.log.log_end_offset(), 1 << 20, true, batches);
    if (read.status == ReadStatus::kOutOfRange) answer.error = Error::kOffsetOutOfRange;
  }
  /// One round of the thread: truncates, asks or fetches.
  void round(const Leader& leader) {
    FollowerEffects effects;
    context.now += 1001;
    if (asks_for_epoch(entry, partition.log, *context.rules)) {
      return answer_epoch(epoch_end_answer(leader.log, *context.rules, log().latest_epoch()),
                          epoch_error(leader));
    }
    if (entry.state == FetchState::kTruncating) {
      truncate_to_high_watermark(entry, partition, context, effects);
    } else if (entry.state == FetchState::kFetching) {
      fetch(leader);
    } else if (entry.state == FetchState::kLatest || entry.state == FetchState::kEarliest) {
      ListOffsetsResponse::Partition answer;
      answer.error = epoch_error(leader);
      answer.offset = entry.state == FetchState::kLatest ? leader.log.log_end_offset()
                                                         : leader.log.log_start_offset();
      on_leader_offset(entry, partition, answer, context, effects);
    }
  }
};

Leader leader_of(PartitionLog log, std::int32_t epoch, std::int64_t high_watermark) {
  Leader leader{std::move(log), epoch};
  leader.log.maybe_update_high_watermark(high_watermark);
  return leader;
}

constexpr auto kOfle = ReplicationProtocol::kKip320;

}  // namespace

TEST_CASE(
    "vector 20: ReplicaFetcherThreadTest "
    "shouldTruncateToOffsetSpecifiedInEpochOffsetResponse",
    "[vectors]") {
  for (const std::int64_t answer : {156, 172}) {
    Follower follower(log_of({{5, 0}}, 200), 100, 5, kOfle);
    REQUIRE(follower.entry.state == FetchState::kTruncating);
    follower.answer_epoch({5, answer});
    CHECK(follower.log().log_end_offset() == answer);
    CHECK(follower.entry.state == FetchState::kFetching);
    CHECK(follower.entry.fetch_offset == answer);
  }
}

TEST_CASE(
    "vector 21: ReplicaFetcherThreadTest "
    "shouldTruncateToOffsetSpecifiedInEpochOffsetResponseIfFollowerHasNoMoreEpochs",
    "[vectors]") {
  // Its newest epoch is 3, so it knows no end of epoch 4.
  for (const auto& [answer, cut] : {std::pair{156, 156}, std::pair{202, 200}}) {
    Follower follower(log_of({{3, 0}}, 200), 100, 5, kOfle);
    REQUIRE_FALSE(follower.log().end_offset_for_epoch(4).defined());
    follower.answer_epoch({4, answer});
    CHECK(follower.log().log_end_offset() == cut);
    CHECK(follower.entry.state == FetchState::kFetching);
  }
}

TEST_CASE(
    "vector 22: ReplicaFetcherThreadTest "
    "shouldFetchLeaderEpochSecondTimeIfLeaderRepliesWithEpochNotKnownToFollower",
    "[vectors]") {
  for (const std::int64_t second : {101, 102}) {
    // Epochs 3 from 0 and 5 from 120: the end of 4 is (3, 120).
    Follower follower(log_of({{3, 0}, {5, 120}}, 200), 90, 5, kOfle);
    follower.answer_epoch({4, 143});
    CHECK(follower.log().log_end_offset() == 120);
    CHECK(follower.entry.state == FetchState::kTruncating);
    follower.answer_epoch({3, second});
    CHECK(follower.log().log_end_offset() == second);
    CHECK(follower.entry.state == FetchState::kFetching);
    CHECK(follower.questions == 2);
  }
}

TEST_CASE(
    "vector 23: ReplicaFetcherThreadTest "
    "shouldTruncateIfLeaderRepliesWithDivergingEpochNotKnownToFollower",
    "[vectors]") {
  // Local ends: of 4 (4, 149), of 3 (2, 129), of 2 (1, 119); the epochs are 1, 2, 4 and 5.
  Follower follower(log_of({{1, 0}, {2, 119}, {4, 129}, {5, 149}}, 200), 115, 5);
  const auto diverge = [&](std::int32_t epoch, std::int64_t end) {
    FetchResponse::Partition answer;
    answer.diverging_epoch = epoch;
    answer.diverging_end_offset = end;
    FollowerEffects effects;
    on_fetched(follower.entry, follower.partition, answer, {}, follower.context, effects);
    CHECK(follower.entry.state == FetchState::kFetching);
    return follower.log().log_end_offset();
  };
  CHECK(diverge(4, 140) == 140);
  CHECK(diverge(3, 130) == 129);
  // After that cut the log ends with epoch 2 at 129.
  CHECK(follower.entry.last_fetched_epoch == 2);
  CHECK(diverge(2, 120) == 120);
  CHECK(follower.questions == 0);
}

TEST_CASE("vector 24: ReplicaFetcherThreadTest testTruncateOnFetchDoesNotUpdateHighWatermark",
          "[vectors]") {
  Follower follower(log_of({{4, 0}}, 150), 130, 5);
  FetchResponse::Partition answer;
  answer.high_watermark = 160;
  answer.diverging_epoch = 4;
  answer.diverging_end_offset = 140;
  FollowerEffects effects;
  on_fetched(follower.entry, follower.partition, answer, {}, follower.context, effects);
  CHECK(follower.log().log_end_offset() == 140);
  CHECK(follower.log().high_watermark() == 130);
  CHECK(effects.truncated);
  CHECK_FALSE(effects.high_watermark_moved);
}

TEST_CASE("KAFKA-14704 switched on: the high watermark rises before the cut", "[vectors]") {
  Follower follower(log_of({{4, 0}}, 150), 130, 5);
  follower.context.log.bugs = bug_bit(Bug::kFollowerHwBeforeTruncate);
  FetchResponse::Partition answer;
  answer.high_watermark = 160;
  answer.diverging_epoch = 4;
  answer.diverging_end_offset = 140;
  FollowerEffects effects;
  on_fetched(follower.entry, follower.partition, answer, {}, follower.context, effects);
  CHECK(effects.high_watermark_moved);
  CHECK(follower.log().high_watermark() == 150);
  CHECK(follower.log().log_end_offset() == 150);
  truncate_to_high_watermark(follower.entry, follower.partition, follower.context, effects);
  CHECK(effects.high_watermark_before == 150);
  CHECK(follower.log().high_watermark() == 140);
  CHECK(follower.log().log_end_offset() == 140);
}

TEST_CASE(
    "vector 25: ReplicaFetcherThreadTest "
    "shouldUseLeaderEndOffsetIfInterBrokerVersionBelow20",
    "[vectors]") {
  for (const std::int64_t answer : {155, 143}) {
    Follower follower(log_of({{5, 0}}, 200), 100, 5, ReplicationProtocol::kKip101);
    follower.answer_epoch({kUndefinedEpoch, answer});
    CHECK(follower.log().log_end_offset() == answer);
    CHECK(follower.entry.state == FetchState::kFetching);
  }
}

TEST_CASE(
    "vector 26: ReplicaFetcherThreadTest "
    "shouldTruncateToInitialFetchOffsetIfLeaderReturnsUndefinedOffset",
    "[vectors]") {
  Follower follower(log_of({{4, 0}}, 200), 100, 5, kOfle);
  REQUIRE(follower.entry.fetch_offset == 100);
  follower.answer_epoch({kUndefinedEpoch, kUndefinedOffset});
  CHECK(follower.log().log_end_offset() == 100);
  CHECK(follower.entry.state == FetchState::kFetching);
}

TEST_CASE("vector 27: ReplicaFetcherThreadTest shouldPollIndefinitelyIfLeaderReturnsAnyException",
          "[vectors]") {
  Follower follower(log_of({{5, 0}}, 200), 100, 5, kOfle);
  for (const Error error : {Error::kNotLeaderOrFollower, Error::kUnknownServerError}) {
    follower.answer_epoch({kUndefinedEpoch, kUndefinedOffset}, error);
    CHECK(follower.log().log_end_offset() == 200);
    CHECK(follower.entry.state == FetchState::kTruncating);
    CHECK(follower.entry.delayed_until > follower.context.now);
  }
  follower.answer_epoch({5, 156});
  CHECK(follower.log().log_end_offset() == 156);
}

TEST_CASE("vector 29: AbstractFetcherThreadTest testTruncation", "[vectors]") {
  const Leader leader = leader_of(log_with({1, 3, 5}, 100), 5, 2);
  for (const auto protocol :
       {kOfle, ReplicationProtocol::kKip279, ReplicationProtocol::kTruncateOnFetch}) {
    Follower follower(log_with({0, 2, 4}), 0, 5, protocol);
    for (int i = 0; i < 8; ++i) follower.round(leader);
    CHECK(epochs_of(follower.log()) == std::vector<std::int32_t>{1, 3, 5});
    CHECK(follower.log().prefix_hash(3) == leader.log.prefix_hash(3));
    CHECK(follower.log().log_end_offset() == 3);
    CHECK(follower.log().high_watermark() == 2);
  }
}

TEST_CASE(
    "vector 30: AbstractFetcherThreadTest "
    "testTruncateToHighWatermarkIfLeaderEpochRequestNotSupported",
    "[vectors]") {
  const Leader leader = leader_of(log_with({0, 2, 4, 5}, 100), 5, 2);
  Follower follower(log_with({0, 2, 4}), 2, 5, ReplicationProtocol::kTruncateToHighWatermark);
  follower.round(leader);
  CHECK(follower.log().log_end_offset() == 2);
  CHECK(follower.entry.fetch_offset == 2);
  CHECK(follower.entry.state == FetchState::kFetching);
  CHECK(follower.questions == 0);
}

TEST_CASE("vector 31: AbstractFetcherThreadTest testDivergingEpochs", "[vectors]") {
  const Leader leader = leader_of(log_with({0, 2, 5}), 5, 2);
  Follower follower(log_with({0, 2, 4}), 0, 5);
  follower.round(leader);
  CHECK(follower.log().log_end_offset() == 2);
  CHECK(follower.entry.last_fetched_epoch == 2);
  follower.round(leader);
  CHECK(epochs_of(follower.log()) == std::vector<std::int32_t>{0, 2, 5});
  CHECK(follower.entry.last_fetched_epoch == 5);
}

TEST_CASE("vector 32: AbstractFetcherThreadTest testTruncateOnFetchDoesNotProcessPartitionData",
          "[vectors]") {
  const Leader leader = leader_of(log_with({0, 0, 2, 5, 5}), 5, 4);
  Follower follower(log_with({0, 0, 2, 4, 4, 4}), 1, 5);
  follower.round(leader);
  CHECK(follower.log().log_end_offset() == 3);
  CHECK(follower.log().high_watermark() == 1);
  for (int i = 0; i < 4; ++i) follower.round(leader);
  CHECK(follower.log().log_end_offset() == 5);
  CHECK(follower.log().high_watermark() == 4);
}

TEST_CASE("vector 33: AbstractFetcherThreadTest testFollowerFetchOutOfRangeHigh", "[vectors]") {
  Leader leader = leader_of(log_with({0, 2, 4}), 4, 2);
  Follower follower(log_with({0, 2, 4}), 0, 4);
  leader.log = PartitionLog();  // emptied
  for (int i = 0; i < 4; ++i) follower.round(leader);
  CHECK(follower.log().log_end_offset() == 0);
  CHECK(follower.log().log_start_offset() == 0);
  CHECK(follower.log().high_watermark() == 0);
}

TEST_CASE("vector 34: AbstractFetcherThreadTest testFollowerFetchOutOfRangeLow", "[vectors]") {
  Leader leader = leader_of(log_with({0, 0, 0, 2, 4}), 4, 5);
  REQUIRE(leader.log.maybe_increment_log_start_offset(2) == Error::kNone);
  Follower follower(log_with({0}), 0, 4);
  for (int i = 0; i < 3; ++i) follower.round(leader);
  CHECK(follower.log().log_start_offset() == 2);
  CHECK(follower.log().log_end_offset() == 2);
  follower.round(leader);
  CHECK(follower.log().log_end_offset() == 5);
  CHECK(epochs_of(follower.log()) == std::vector<std::int32_t>{0, 2, 4});
}

TEST_CASE("vector 35: AbstractFetcherThreadTest testFencedTruncation, testFencedFetch",
          "[vectors]") {
  const Leader leader = leader_of(log_with({0, 2, 4}), 1, 2);
  for (const auto protocol : {kOfle, ReplicationProtocol::kTruncateOnFetch}) {
    Follower follower(log_with({0}), 0, 0, protocol);
    for (int i = 0; i < 3; ++i) follower.round(leader);
    CHECK(follower.log().log_end_offset() == 1);
    CHECK(follower.entry.state == FetchState::kFailed);
  }
}

TEST_CASE("vector 36: AbstractFetcherThreadTest testUnknownLeaderEpochInTruncation", "[vectors]") {
  Leader leader = leader_of(log_with({0}, 100), 0, 0);
  Follower follower(log_with({1}), 0, 1, kOfle);
  follower.round(leader);
  CHECK(follower.entry.state == FetchState::kTruncating);
  CHECK(follower.entry.delayed_until > follower.context.now);
  leader.epoch = 1;
  for (int i = 0; i < 3; ++i) follower.round(leader);
  CHECK(follower.entry.state == FetchState::kFetching);
  CHECK(follower.log().log_end_offset() == 1);
}

TEST_CASE("T18: the truncation decision table of seven cases", "[vectors]") {
  struct Case {
    const char* name;
    std::vector<std::int32_t> follower;
    std::vector<std::int32_t> leader;
    std::int64_t to;
  };
  const Case cases[] = {
      {"A: a prefix, same last epoch", {1, 1}, {1, 1, 1}, 2},
      {"B: a prefix, a lower last epoch", {1, 1}, {1, 1, 2}, 2},
      {"C: the leader's epoch 1 ends at 2", {1, 1, 1, 1}, {1, 1, 2}, 2},
      {"D: an epoch that the leader does not know", {1, 1, 2, 2}, {1, 1, 3}, 2},
      {"E: a fork with different epochs", {1, 1, 2, 2}, {1, 1, 3, 3}, 2},
      {"F: the follower's epoch 1 ends earlier", {1, 2, 2}, {1, 1, 3}, 1},
      {"G: no epoch in common", {2, 2}, {1, 3}, 0},
  };
  for (const Case& each : cases) {
    INFO(each.name);
    const Leader leader = leader_of(log_with(each.leader, 100), 9, 0);
    for (const auto protocol : {kOfle, ReplicationProtocol::kTruncateOnFetch}) {
      Follower follower(log_with(each.follower), 0, 9, protocol);
      std::int64_t lowest = follower.log().log_end_offset();
      for (int i = 0; i < 8 && follower.log().log_end_offset() <= lowest; ++i) {
        lowest = follower.log().log_end_offset();
        follower.round(leader);
      }
      CHECK(lowest == each.to);
    }
  }
}
