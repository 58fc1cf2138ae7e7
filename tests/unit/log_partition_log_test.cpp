// The promises of PartitionLog that Kafka's tests do not name: chunks, copies, hashes,
// segments. The vectors of Kafka's own tests are in tests/vectors.
#include "model/log/partition_log.hpp"
#include "sim/random.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;

Batch batch_of(std::uint32_t count, std::uint32_t bytes = 100) {
  Batch batch;
  batch.count = count;
  batch.bytes = bytes;
  batch.producer = 0;
  return batch;
}

Batch replicated(std::int64_t base, std::uint32_t count, std::int32_t epoch) {
  Batch batch = batch_of(count);
  batch.base_offset = base;
  batch.leader_epoch = epoch;
  return batch;
}

PartitionLog log_of(std::int64_t records) {
  PartitionLog log;
  for (std::int64_t i = 0; i < records; ++i) {
    Batch batch = batch_of(1);
    batch.first_record = static_cast<std::uint64_t>(i);
    log.append_as_leader(batch, 0);
  }
  return log;
}

}  // namespace

TEST_CASE("an empty log is small", "[log]") {
  CHECK(sizeof(PartitionLog) <= 200);
}

TEST_CASE("a read begins with the batch that contains the offset", "[log]") {
  PartitionLog log;
  for (int i = 0; i < 200; ++i) log.append_as_leader(batch_of(10, 100), 0);
  log.maybe_increment_high_watermark(1500);
  std::vector<Batch> out;
  const LogRead inside = log.read(25, log.high_watermark(), 250, false, out);
  CHECK(inside.bytes == 200);
  REQUIRE(out.size() == 2);
  CHECK(out[0].base_offset == 20);
  out.clear();
  CHECK(log.read(25, kUnbounded, 50, false, out).status == ReadStatus::kEmpty);
  CHECK(log.read(25, kUnbounded, 50, true, out).bytes == 100);
  out.clear();
  CHECK(log.read(0, log.high_watermark(), kUnbounded, true, out).bytes == 15'000);
  CHECK(out.back().next_offset() == 1500);
  CHECK(log.read(1500, log.high_watermark(), 1000, true, out).status == ReadStatus::kEmpty);
  CHECK(log.read(1999, kUnbounded, 1000, true, out).status == ReadStatus::kBatches);
  CHECK(log.bytes_between(25, 2000) == 19'800);
  CHECK(log.batch_containing(1234)->base_offset == 1230);
  CHECK(log.batch_containing(2000) == nullptr);
}

TEST_CASE("a follower refuses disorder and overlap, and accepts a gap", "[log]") {
  PartitionLog log;
  const std::vector<Batch> disorder = {replicated(5, 5, 0), replicated(0, 5, 0)};
  CHECK(log.append_as_follower(disorder) == FollowerAppend::kOutOfOrder);
  CHECK(log.log_end_offset() == 0);
  CHECK(log.append_as_follower(replicated(0, 5, 0)) == FollowerAppend::kOk);
  CHECK(log.append_as_follower(replicated(4, 5, 0)) == FollowerAppend::kUnexpectedOffset);
  CHECK(log.append_as_follower(replicated(8, 2, 1)) == FollowerAppend::kOk);
  CHECK(log.log_end_offset() == 10);
  CHECK(log.batch_containing(6) == nullptr);
  std::vector<Batch> out;
  CHECK(log.read(6, kUnbounded, 1000, true, out).status == ReadStatus::kBatches);
  CHECK(out.front().base_offset == 8);
  // An empty log that starts inside the leader's first batch restarts at the batch.
  PartitionLog fresh;
  fresh.truncate_fully_and_start_at(7);
  CHECK(fresh.append_as_follower(replicated(5, 5, 0)) == FollowerAppend::kOk);
  CHECK(fresh.log_start_offset() == 5);
}

TEST_CASE("truncation inside a batch removes it but keeps the offset asked for", "[log]") {
  PartitionLog log;
  for (int i = 0; i < 3; ++i) log.append_as_leader(batch_of(10), 0);
  CHECK(log.truncate_to(15));
  CHECK(log.log_end_offset() == 15);
  CHECK(log.size_bytes() == 100);
  CHECK(log.append_as_follower(replicated(10, 10, 0)) == FollowerAppend::kUnexpectedOffset);
}

TEST_CASE("copies share history and part at the tail", "[log]") {
  PartitionLog log = log_of(1000);
  const std::uint64_t before = log.prefix_hash(1000);
  PartitionLog copy = log;
  copy.truncate_to(333);
  copy.append_as_leader(batch_of(1), 5);
  CHECK(log.prefix_hash(1000) == before);
  CHECK(log.log_end_offset() == 1000);
  CHECK(copy.prefix_hash(333) == log.prefix_hash(333));
  CHECK(copy.prefix_hash(334) != log.prefix_hash(334));
}

TEST_CASE("hashes compare prefixes and ranges of two logs", "[log]") {
  const PartitionLog leader = log_of(500);
  PartitionLog follower;
  std::vector<Batch> out;
  leader.read(0, kUnbounded, kUnbounded, true, out);
  REQUIRE(out.size() == 500);
  CHECK(follower.append_as_follower(out) == FollowerAppend::kOk);
  CHECK(follower.prefix_hash(500) == leader.prefix_hash(500));
  PartitionLog late;  // began at 200, after retention on the leader
  late.truncate_fully_and_start_at(200);
  CHECK(late.append_as_follower(std::span(out).subspan(200)) == FollowerAppend::kOk);
  CHECK(late.range_hash(200, 450) == leader.range_hash(200, 450));
  CHECK(late.range_hash(200, 450) != leader.range_hash(200, 449));
}

TEST_CASE("chunks behave as one list under random appends and cuts", "[log]") {
  isrlab::sim::Random random(1, "log");
  PartitionLog log;
  std::vector<Batch> model;
  for (int step = 0; step < 4000; ++step) {
    if (random.chance(1, 100)) {
      const std::size_t keep = random.below(model.size() + 1);
      model.resize(keep);
      log.truncate_to(model.empty() ? 0 : model.back().next_offset());
    }
    Batch batch = batch_of(static_cast<std::uint32_t>(random.between(1, 4)),
                           static_cast<std::uint32_t>(random.between(70, 90)));
    batch.first_record = static_cast<std::uint64_t>(step);
    batch.base_offset = log.append_as_leader(batch, 0);
    model.push_back(batch);
    const Batch& probe = model[random.below(model.size())];
    const Batch* found = log.batch_containing(probe.last_offset());
    REQUIRE(found != nullptr);
    REQUIRE(found->first_record == probe.first_record);
    std::int64_t bytes = 0;
    for (const Batch& each : model) bytes += each.bytes;
    REQUIRE(log.size_bytes() == bytes);
  }
}

TEST_CASE("a leader takes no high watermark above its end, a follower takes a lower one", "[log]") {
  PartitionLog log = log_of(100);
  log.maybe_increment_high_watermark(100);
  CHECK(log.maybe_update_high_watermark(40));
  CHECK(log.high_watermark() == 40);
  CHECK_FALSE(log.maybe_increment_high_watermark(39));
  CHECK_THROWS(log.maybe_increment_high_watermark(101));
}

namespace {

/// Batches of ten records and 100 bytes, ten batches in each segment.
struct Segmented {
  LogConfig config;
  LogContext context;
  PartitionLog log;

  explicit Segmented(int batches) {
    config.segment_bytes = 1000;
    config.retention_bytes = 0;
    context.config = &config;
    for (int i = 0; i < batches; ++i) append(i);
    log.maybe_increment_high_watermark(log.log_end_offset());
  }
  void append(int i) {
    Batch batch = batch_of(10);
    batch.first_record = static_cast<std::uint64_t>(i) * 10;
    log.append_as_leader(batch, 0, context);
  }
};

}  // namespace

TEST_CASE("a segment is rolled by size, age, index and relative offset", "[log]") {
  Segment segment;
  LogConfig config;
  config.segment_bytes = 1000;
  AppendedSet set{10, 100, 0, 0};
  CHECK_FALSE(segment.should_roll(set, 900, config));
  CHECK(segment.should_roll(set, 901, config));
  // Age: the batch's timestamp against that of the first batch, less the jitter.
  config.segment_time = 1000;
  segment.note(set, 4096);
  set.largest_timestamp = 1000;
  CHECK_FALSE(segment.should_roll(set, 100, config));
  segment.jitter = 1;
  CHECK(segment.should_roll(set, 100, config));
  CHECK_FALSE(segment.should_roll(set, 0, config));  // an empty one never by age
  segment.jitter = 0;
  // The offset index has room for 24 / 8 entries, the time index for 24 / 12 - 1.
  config.segment_index_bytes = 24;
  CHECK_FALSE(segment.should_roll(set, 100, config));
  segment.offset_entries = 3;
  CHECK(segment.should_roll(set, 100, config));
  segment.offset_entries = 0;
  segment.time_entries = 1;
  CHECK(segment.should_roll(set, 100, config));
  segment.time_entries = 0;
  set.last_offset = (std::int64_t{1} << 31) - 1;
  CHECK_FALSE(segment.should_roll(set, 100, config));
  ++set.last_offset;
  CHECK(segment.should_roll(set, 100, config));
}

TEST_CASE("the index has an entry for each interval of bytes", "[log]") {
  Segment segment;
  for (int i = 0; i < 6; ++i) segment.note({0, 100, i, i}, 150);
  // 100, 200 > 150: entry, 100, 200: entry, 100, 200.
  CHECK(segment.offset_entries == 2);
  CHECK(segment.time_entries == 2);
}

TEST_CASE("a read ends with its segment", "[log]") {
  Segmented world(25);
  std::vector<Batch> out;
  CHECK(world.log.read(55, kUnbounded, kUnbounded, true, out).bytes == 500);
  CHECK(out.back().next_offset() == 100);
  out.clear();
  CHECK(world.log.read(100, kUnbounded, kUnbounded, true, out).bytes == 1000);
  out.clear();
  CHECK(world.log.read(200, kUnbounded, kUnbounded, true, out).bytes == 500);
}

TEST_CASE("retention stops at the high watermark", "[log]") {
  Segmented world(45);  // segments at 0, 100, 200, 300, 400
  REQUIRE(world.log.segment_count() == 5);
  PartitionLog stuck;
  for (int i = 0; i < 45; ++i) stuck.append_as_leader(batch_of(10), 0, world.context);
  CHECK_FALSE(stuck.delete_old_segments(world.context));
  stuck.maybe_increment_high_watermark(250);
  CHECK(stuck.delete_old_segments(world.context));
  CHECK(stuck.log_start_offset() == 200);
  CHECK(stuck.segment_count() == 3);
  // All may go: an empty one is rolled first.
  CHECK(world.log.delete_old_segments(world.context));
  CHECK(world.log.segment_count() == 1);
  CHECK(world.log.log_start_offset() == 450);
  CHECK(world.log.log_end_offset() == 450);
  CHECK(world.log.size_bytes() == 0);
  CHECK_FALSE(world.log.delete_old_segments(world.context));
}

TEST_CASE("what is deleted stays readable for checkers until its files vanish", "[log]") {
  Segmented world(1000);
  PartitionLog whole = world.log;
  world.config.retention_bytes = 20'000;
  REQUIRE(world.log.delete_old_segments(world.context));
  CHECK(world.log.log_start_offset() == 8000);
  CHECK(world.log.size_bytes() == 20'000);
  CHECK(world.log.batch_containing(5) != nullptr);
  const std::size_t first = world.log.first_batch();
  CHECK(first == 800);
  world.log.purge(first);
  CHECK(world.log.batch_containing(5) == nullptr);
  CHECK(world.log.prefix_hash(9000) == whole.prefix_hash(9000));
  CHECK(world.log.hashed_from() <= 8000);
  std::vector<Batch> out;
  CHECK(world.log.read(7999, kUnbounded, 1000, true, out).status == ReadStatus::kOutOfRange);
  CHECK(world.log.read(8005, kUnbounded, 100, true, out).status == ReadStatus::kBatches);
  CHECK(out.front().base_offset == 8000);
  CHECK(world.log.bytes_between(8000, 10'000) == 20'000);
  world.append(1000);
  whole.append_as_leader(*world.log.last_batch(), 0);
  CHECK(world.log.prefix_hash(10'010) == whole.prefix_hash(10'010));
  // A cut behind the deleted part, and one below the first segment.
  CHECK(world.log.truncate_to(8500, world.context));
  CHECK(world.log.segment_count() == 6);
  CHECK(world.log.prefix_hash(8500) == whole.prefix_hash(8500));
  CHECK(world.log.truncate_to(100, world.context));
  CHECK(world.log.log_start_offset() == 100);
  CHECK(world.log.hashed_from() == PartitionLog::kUnknownPrefix);
}

TEST_CASE("an unclean start scans from the segment that holds the recovery point", "[log]") {
  Segmented world(45);
  CHECK(world.log.bytes_to_recover(0) == 4500);
  CHECK(world.log.bytes_to_recover(250) == 2500);
  CHECK(world.log.bytes_to_recover(400) == 500);
  CHECK(world.log.bytes_to_recover(450) == 500);  // the active segment always
  world.log.lose_tail(222);                       // inside the batch that begins at 220
  CHECK(world.log.log_end_offset() == 220);
  CHECK(world.log.segment_count() == 3);
  world.log.restart({450, 100, 0, 0}, false, world.context);
  CHECK(world.log.high_watermark() == 220);
  CHECK(world.log.recovery_point() == 100);
}

TEST_CASE("the log start offset after a start is that of the file or of the first segment",
          "[log]") {
  Segmented world(45);
  REQUIRE(world.log.maybe_increment_log_start_offset(120) == Error::kNone);
  PartitionLog known = world.log;
  known.restart({450, 0, 120, known.prefix_hash(120)}, false, world.context);
  CHECK(known.log_start_offset() == 120);
  world.log.restart({450, 0, 0, 0}, false, world.context);  // DeleteRecords came after the file
  CHECK(world.log.log_start_offset() == 0);
}

TEST_CASE("flush.messages counts what is above the recovery point", "[log]") {
  LogConfig config;
  config.flush_messages = 10;
  PartitionLog log;
  log.append_as_leader(batch_of(9), 0);
  CHECK_FALSE(log.flush_due(config));
  log.append_as_leader(batch_of(1), 0);
  CHECK(log.flush_due(config));
  log.mark_flushed(5);
  CHECK_FALSE(log.flush_due(config));
}

TEST_CASE("historic bugs of truncation", "[log]") {
  LogContext bugs;
  bugs.bugs = bug_bit(Bug::kCleanEpochCache);  // KAFKA-10706
  PartitionLog log = log_of(3);
  log.start_epoch(7);
  CHECK_FALSE(log.truncate_to(3, bugs));
  CHECK(log.latest_epoch() == 7);
  CHECK_FALSE(log.truncate_to(3));
  CHECK(log.latest_epoch() == 0);
  log.maybe_increment_high_watermark(3);
  bugs.bugs |= bug_bit(Bug::kHwOnFullTruncate);  // KAFKA-9491
  log.truncate_fully_and_start_at(9, 0, bugs);
  CHECK(log.high_watermark() == 3);
}
