// Vectors 44, 59 and 65 to 76 of reference/replication.md sections 11.3 and 11.4: Kafka's
// UnifiedLogTest, LogLoaderTest and PartitionTest (3.9), as far as they ask the log.
#include "model/log/partition_log.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;
using isrlab::sim::kMillisecond;

namespace {

constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;
constexpr std::uint32_t kBytes = 100;

Batch batch_of(std::uint32_t count, isrlab::sim::Time timestamp = 0) {
  Batch batch;
  batch.count = count;
  batch.bytes = kBytes;
  batch.producer = 0;
  batch.timestamp = timestamp;
  return batch;
}

Batch replicated(std::int64_t base, std::uint32_t count, std::int32_t epoch = 0) {
  Batch batch = batch_of(count);
  batch.base_offset = base;
  batch.leader_epoch = epoch;
  return batch;
}

/// Single records of epoch 0, `per_segment` of them in each segment.
PartitionLog log_of(std::int64_t records, std::int64_t per_segment, LogConfig& config) {
  config.segment_bytes = per_segment * kBytes;
  PartitionLog log;
  LogContext context;
  context.config = &config;
  for (std::int64_t i = 0; i < records; ++i) log.append_as_leader(batch_of(1), 0, context);
  log.maybe_increment_high_watermark(records);
  return log;
}

PartitionLog log_of(std::int64_t records) {
  LogConfig config;
  return log_of(records, 1000, config);
}

/// 15 records, 5 in each segment; the pass of retention that follows.
std::size_t segments_left(LogConfig config, isrlab::sim::Time now, std::int64_t log_start = 0) {
  PartitionLog log = log_of(15, 5, config);
  REQUIRE(log.segment_count() == 3);
  LogContext context;
  context.config = &config;
  context.now = now;
  if (log_start > 0) REQUIRE(log.maybe_increment_log_start_offset(log_start) == Error::kNone);
  log.delete_old_segments(context);
  return log.segment_count();
}

}  // namespace

TEST_CASE("PartitionTest testAppendRecordsAsFollowerBelowLogStartOffset (vector 44)", "[vectors]") {
  PartitionLog log;
  log.truncate_fully_and_start_at(5);
  CHECK(log.append_as_follower(replicated(3, 1)) == FollowerAppend::kUnexpectedOffset);
  CHECK(log.append_as_follower(replicated(4, 3)) == FollowerAppend::kOk);
  CHECK(log.log_start_offset() == 4);
  CHECK(log.log_end_offset() == 7);
  CHECK(log.append_as_follower(replicated(7, 1)) == FollowerAppend::kOk);
  CHECK(log.log_end_offset() == 8);
  CHECK(log.append_as_follower(replicated(3, 2)) == FollowerAppend::kUnexpectedOffset);
  CHECK(log.append_as_follower(replicated(8, 1)) == FollowerAppend::kOk);
  CHECK(log.log_end_offset() == 9);
}

TEST_CASE("PartitionTest testUseCheckpointToInitializeHighWatermark (vector 59)", "[vectors]") {
  PartitionLog log = log_of(6);
  LogCheckpoints files;
  files.high_watermark = 4;
  log.restart(files, false);
  CHECK(log.log_end_offset() == 6);
  CHECK(log.high_watermark() == 4);
}

TEST_CASE("UnifiedLogTest testHighWatermarkMaintenance (vector 65)", "[vectors]") {
  PartitionLog log;
  log.append_as_leader(batch_of(3), 0);
  CHECK(log.high_watermark() == 0);
  CHECK(log.maybe_increment_high_watermark(1));
  CHECK(log.high_watermark() == 1);
  log.maybe_update_high_watermark(5);
  CHECK(log.high_watermark() == 3);
  CHECK(log.append_as_follower(replicated(3, 3)) == FollowerAppend::kOk);
  log.maybe_update_high_watermark(6);
  CHECK(log.high_watermark() == 6);
  log.truncate_to(3);
  CHECK(log.high_watermark() == 3);
  log.truncate_fully_and_start_at(4);
  CHECK(log.log_start_offset() == 4);
  CHECK(log.high_watermark() == 4);
  CHECK(log.log_end_offset() == 4);
}

TEST_CASE("UnifiedLogTest testMaybeUpdateHighWatermarkAsFollower (vector 66)", "[vectors]") {
  PartitionLog log;
  for (int i = 0; i < 100; ++i) log.append_as_leader(batch_of(1), 0);
  CHECK(log.maybe_update_high_watermark(99));
  CHECK_FALSE(log.maybe_update_high_watermark(99));
  CHECK(log.maybe_update_high_watermark(100));
  CHECK_FALSE(log.maybe_update_high_watermark(101));
}

TEST_CASE("UnifiedLogTest testTruncateToEndOffsetClearsEpochCache (vector 67)", "[vectors]") {
  for (const std::int64_t target : {29, 30}) {
    PartitionLog log;
    log.truncate_fully_and_start_at(27);
    log.append_as_leader(batch_of(1), 19);
    log.append_as_leader(batch_of(1), 19);
    log.start_epoch(20);
    REQUIRE(log.epochs().size() == 2);
    CHECK_FALSE(log.truncate_to(target));
    REQUIRE(log.epochs().size() == 1);
    CHECK((log.epochs()[0] == EpochEntry{19, 27}));
  }
}

TEST_CASE("UnifiedLogTest shouldTruncateLeaderEpochCheckpointFileWhenTruncatingLog (vector 68)",
          "[vectors]") {
  PartitionLog log;
  for (std::int64_t i = 0; i < 20; ++i) {
    log.append_as_leader(batch_of(1), i < 10 ? 0 : i < 16 ? 1 : 2);
  }
  log.truncate_to(20);
  CHECK(log.epochs().size() == 3);
  log.truncate_to(11);
  CHECK(log.epochs().size() == 2);
  log.truncate_to(10);
  CHECK(log.epochs().size() == 1);
  log.truncate_to(0);
  CHECK(log.epochs().empty());
}

TEST_CASE("UnifiedLogTest testReadOutOfRange (vector 69)", "[vectors]") {
  PartitionLog log;
  log.truncate_fully_and_start_at(1024);
  log.append_as_leader(batch_of(1), 0);
  std::vector<Batch> out;
  CHECK(log.read(1025, kUnbounded, 1000, true, out).status == ReadStatus::kEmpty);
  CHECK(log.read(0, kUnbounded, 1000, true, out).status == ReadStatus::kOutOfRange);
  CHECK(log.read(1026, kUnbounded, 1000, true, out).status == ReadStatus::kOutOfRange);
  CHECK(out.empty());
}

TEST_CASE("UnifiedLogTest testSizeBasedLogRoll (vector 70)", "[vectors]") {
  LogConfig config;
  config.segment_bytes = 10 * (kBytes - 1);
  LogContext context;
  context.config = &config;
  PartitionLog log;
  for (int i = 0; i < 11; ++i) log.append_as_leader(batch_of(1), 0, context);
  CHECK(log.segment_count() == 2);
}

TEST_CASE("UnifiedLogTest shouldDeleteSizeBasedSegments (vector 71)", "[vectors]") {
  LogConfig config;
  config.retention_time = -1;
  config.retention_bytes = 10 * kBytes;
  CHECK(segments_left(config, 0) == 2);
}

TEST_CASE("UnifiedLogTest shouldNotDeleteSizeBasedSegmentsWhenUnderRetentionSize (vector 71)",
          "[vectors]") {
  LogConfig config;
  config.retention_time = -1;
  config.retention_bytes = 15 * kBytes;
  CHECK(segments_left(config, 0) == 3);
}

TEST_CASE("UnifiedLogTest shouldDeleteTimeBasedSegmentsReadyToBeDeleted (vector 71)", "[vectors]") {
  LogConfig config;
  config.retention_time = 10'000 * kMillisecond;
  CHECK(segments_left(config, 20'000 * kMillisecond) == 1);
  CHECK(segments_left(config, 10'000 * kMillisecond) == 3);  // not longer than retention.ms ago
}

TEST_CASE("UnifiedLogTest testLogDeletionAfterDeleteRecords (vector 72)", "[vectors]") {
  LogConfig config;
  config.retention_time = 999 * kMillisecond;
  CHECK(segments_left(config, 0, 1) == 3);
  CHECK(segments_left(config, 0, 6) == 2);
  CHECK(segments_left(config, 0, 15) == 1);
}

TEST_CASE("UnifiedLogTest testCannotIncrementLogStartOffsetPastHighWatermark (vector 73)",
          "[vectors]") {
  PartitionLog log;
  for (int i = 0; i < 100; ++i) log.append_as_leader(batch_of(1), 0);
  log.maybe_increment_high_watermark(25);
  CHECK(log.maybe_increment_log_start_offset(26) == Error::kOffsetOutOfRange);
}

TEST_CASE("UnifiedLogTest shouldUpdateOffsetForLeaderEpochsWhenDeletingSegments (vector 74)",
          "[vectors]") {
  // Epochs at 0, 7 and 10, 5 records in a segment; the first segment goes.
  LogConfig config;
  config.segment_bytes = 5 * kBytes;
  config.retention_bytes = 10 * kBytes;
  config.retention_time = -1;
  LogContext context;
  context.config = &config;
  PartitionLog log;
  for (std::int64_t i = 0; i < 15; ++i) {
    log.append_as_leader(batch_of(1), i < 7 ? 0 : i < 10 ? 1 : 2, context);
  }
  log.maybe_increment_high_watermark(15);
  REQUIRE(log.delete_old_segments(context));
  CHECK(log.log_start_offset() == 5);
  REQUIRE(log.epochs().size() == 3);
  CHECK((log.epochs()[0] == EpochEntry{0, 5}));
  CHECK((log.epochs()[1] == EpochEntry{1, 7}));
  CHECK((log.epochs()[2] == EpochEntry{2, 10}));
}

TEST_CASE("LogLoaderTest testLogRecoversToCorrectOffset (vector 75)", "[vectors]") {
  PartitionLog log = log_of(100);
  LogCheckpoints files;
  files.recovery_point = 10;
  log.restart(files, false);
  CHECK(log.log_end_offset() == 100);
  CHECK(log.recovery_point() == 10);
  log.mark_flushed(log.log_end_offset());
  CHECK(log.recovery_point() == 100);
}

TEST_CASE("LogLoaderTest testLogEndLessThanStartAfterReopen (vector 76)", "[vectors]") {
  // The records were lost with the host, the file of the log start offsets was not.
  LogConfig config;
  PartitionLog log = log_of(5, 2, config);
  REQUIRE(log.segment_count() == 3);
  log.lose_tail(2);
  LogCheckpoints files;
  files.log_start_offset = 4;
  log.restart(files, false);
  CHECK(log.log_start_offset() == 4);
  CHECK(log.log_end_offset() == 4);
  CHECK(log.segment_count() == 1);
}
