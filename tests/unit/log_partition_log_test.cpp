// Vectors 65 to 69 of reference/replication.md section 11.4 (UnifiedLogTest) and the promises of
// PartitionLog that Kafka's tests do not name: chunks, copies, hashes.
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

TEST_CASE("vector 65: testHighWatermarkMaintenance", "[log]") {
  PartitionLog log;
  log.append_as_leader(batch_of(3), 0);
  CHECK(log.high_watermark() == 0);
  CHECK(log.maybe_increment_high_watermark(1));
  CHECK(log.high_watermark() == 1);
  log.maybe_update_high_watermark(5);
  CHECK(log.high_watermark() == 3);
  CHECK(log.append_as_follower(replicated(3, 3, 0)) == FollowerAppend::kOk);
  log.maybe_update_high_watermark(6);
  CHECK(log.high_watermark() == 6);
  log.truncate_to(3);
  CHECK(log.high_watermark() == 3);
  log.truncate_fully_and_start_at(4);
  CHECK(log.log_start_offset() == 4);
  CHECK(log.high_watermark() == 4);
  CHECK(log.log_end_offset() == 4);
}

TEST_CASE("vector 66: testMaybeUpdateHighWatermarkAsFollower", "[log]") {
  PartitionLog log = log_of(100);
  CHECK(log.maybe_update_high_watermark(99));
  CHECK_FALSE(log.maybe_update_high_watermark(99));
  CHECK(log.maybe_update_high_watermark(100));
  CHECK_FALSE(log.maybe_update_high_watermark(101));
  CHECK(log.maybe_update_high_watermark(40));  // a follower takes a lower one as well
  CHECK(log.high_watermark() == 40);
  CHECK_FALSE(log.maybe_increment_high_watermark(39));  // a leader never
  CHECK_THROWS(log.maybe_increment_high_watermark(101));
}

TEST_CASE("vector 67: testTruncateToEndOffsetClearsEpochCache", "[log]") {
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

TEST_CASE("vector 68: shouldTruncateLeaderEpochCheckpointFileWhenTruncatingLog", "[log]") {
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
  CHECK(log.size_bytes() == 0);
}

TEST_CASE("vector 69: testReadOutOfRange", "[log]") {
  PartitionLog log;
  log.truncate_fully_and_start_at(1024);
  log.append_as_leader(batch_of(1), 0);
  std::vector<Batch> out;
  CHECK(log.read(1025, kUnbounded, 1000, true, out).status == ReadStatus::kEmpty);
  CHECK(log.read(0, kUnbounded, 1000, true, out).status == ReadStatus::kOutOfRange);
  CHECK(log.read(1026, kUnbounded, 1000, true, out).status == ReadStatus::kOutOfRange);
  CHECK(out.empty());
}

TEST_CASE("vector 73: testCannotIncrementLogStartOffsetPastHighWatermark", "[log]") {
  PartitionLog log = log_of(100);
  log.maybe_increment_high_watermark(25);
  CHECK(log.maybe_increment_log_start_offset(26) == Error::kOffsetOutOfRange);
  CHECK(log.maybe_increment_log_start_offset(25) == Error::kNone);
  CHECK(log.log_start_offset() == 25);
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
