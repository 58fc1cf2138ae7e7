// Validation of fetches and offset look-ups at the leader: rows 37 to 46 of the vectors taken from
// Kafka's PartitionTest (reference replication.md, section 11.3).
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

/// e0@0..1, e3@2..7, e4@8..12, e7@13, e9@14..16, then leader in epoch 10 at offset 17.
PartitionRig five_epochs() {
  PartitionRig rig;
  rig.append(0, 2);
  rig.append(3, 6);
  rig.append(4, 5);
  rig.append(7, 1);
  rig.append(9, 3);
  rig.lead(10, {0, 1}, {0, 1});
  REQUIRE(rig.partition.log.log_end_offset() == 17);
  return rig;
}

std::int64_t offset_for(const Partition& partition, std::int64_t timestamp, bool follower,
                        Error& error) {
  std::int64_t offset = -1;
  error = partition.offset_for_timestamp(timestamp, follower, offset);
  return offset;
}

}  // namespace

TEST_CASE("PartitionTest testLastFetchedOffsetValidation (vector 37)", "[vectors][partition]") {
  const PartitionRig rig = five_epochs();
  const Partition& log = rig.partition;
  CHECK(check_read(log, 2, 5) == diverging(0, 2));
  CHECK(check_read(log, 0, 4) == diverging(0, 2));
  CHECK(check_read(log, 6, 6) == diverging(4, 13));
  CHECK(check_read(log, 5, 9) == diverging(4, 13));
  CHECK(check_read(log, 10, 18) == diverging(10, 17));
  CHECK(check_read(log, 0, 2) == kReadable);
  CHECK(check_read(log, 7, 14) == kReadable);
  CHECK(check_read(log, 9, 17) == kReadable);
  CHECK(check_read(log, 10, 17) == kReadable);
  CHECK(check_read(log, 11, 5) == kOutOfRange);
}

TEST_CASE("PartitionTest testLastFetchedOffsetValidation, log start (vector 38)",
          "[vectors][partition]") {
  PartitionRig rig = five_epochs();
  rig.partition.log.maybe_increment_high_watermark(17);
  REQUIRE(rig.partition.log.maybe_increment_log_start_offset(5) == Error::kNone);
  CHECK(check_read(rig.partition, 2, 8) == diverging(2, 5));
  CHECK(check_read(rig.partition, 0, 5) == kReadable);
  CHECK(check_read(rig.partition, 3, 5) == kReadable);
  CHECK(check_read(rig.partition, 0, 0) == kOutOfRange);
  REQUIRE(rig.partition.log.maybe_increment_log_start_offset(10) == Error::kNone);
  CHECK(check_read(rig.partition, 5, 6) == kOutOfRange);
  CHECK(check_read(rig.partition, 3, 6) == kOutOfRange);
}

TEST_CASE("PartitionTest testMakeLeaderUpdatesEpochCache (vector 39)", "[vectors][partition]") {
  PartitionRig rig;
  rig.append(3, 4);
  rig.lead(8, {0, 1}, {0, 1});
  CHECK(rig.partition.log.end_offset_for_epoch(8) == EpochEnd{8, 4});
}

TEST_CASE("PartitionTest testLeaderEpochValidationOnLeader (vector 40)", "[vectors][partition]") {
  PartitionRig rig;
  rig.lead(5, {0, 1}, {0, 1});
  CHECK(rig.partition.check_epoch(-1, true) == Error::kNone);
  CHECK(rig.partition.check_epoch(5, true) == Error::kNone);
  CHECK(rig.partition.check_epoch(4, true) == Error::kFencedLeaderEpoch);
  CHECK(rig.partition.check_epoch(6, true) == Error::kUnknownLeaderEpoch);
}

TEST_CASE("PartitionTest testReplicaFetchToFollower (vector 41)", "[vectors][partition]") {
  PartitionRig rig;
  rig.follow(8, 1);
  CHECK(rig.partition.check_fetch(-1, 2) == Error::kNotLeaderOrFollower);
  CHECK(rig.partition.check_fetch(8, 2) == Error::kNotLeaderOrFollower);
  CHECK(rig.partition.check_fetch(9, 2) == Error::kUnknownLeaderEpoch);
  CHECK(rig.partition.check_fetch(7, 2) == Error::kFencedLeaderEpoch);
  // A consumer may ask a follower (KIP-392), with the same epochs checked.
  CHECK(rig.partition.check_fetch(8, kNoBroker) == Error::kNone);
  CHECK(rig.partition.check_fetch(7, kNoBroker) == Error::kFencedLeaderEpoch);
}

TEST_CASE("PartitionTest testFetchFromUnrecognizedFollower (vector 42)", "[vectors][partition]") {
  PartitionRig rig;
  rig.lead(5, {0, 1}, {0, 1});
  CHECK(rig.partition.check_fetch(5, 2) == Error::kUnknownLeaderEpoch);
  CHECK(rig.partition.check_fetch(-1, 2) == Error::kNotLeaderOrFollower);
  CHECK(rig.partition.check_fetch(5, 1) == Error::kNone);
}

TEST_CASE("PartitionTest testMonotonicOffsetsAfterLeaderChange (vector 43)",
          "[vectors][partition]") {
  PartitionRig rig;
  rig.append(0, 1, 10);
  rig.append(0, 1, 11);
  rig.append(0, 1, 20);
  rig.append(0, 2, 21);
  rig.lead(1, {0, 1}, {0, 1});
  rig.partition.log.maybe_increment_high_watermark(2);
  rig.follow(2, 1);
  rig.lead(3, {0, 1}, {0, 1});
  REQUIRE(rig.partition.leader_epoch_start_offset == 5);
  REQUIRE(rig.high_watermark() == 2);
  Error error = Error::kNone;
  CHECK(offset_for(rig.partition, kLatestTimestamp, false, error) == -1);
  CHECK(error == Error::kOffsetNotAvailable);
  CHECK(offset_for(rig.partition, kLatestTimestamp, true, error) == 5);
  CHECK(error == Error::kNone);
  CHECK(offset_for(rig.partition, kEarliestTimestamp, false, error) == 0);
  CHECK(error == Error::kNone);
  CHECK(offset_for(rig.partition, 11, false, error) == 1);
  CHECK(error == Error::kNone);
  CHECK(offset_for(rig.partition, 100, false, error) == -1);
  CHECK(error == Error::kOffsetNotAvailable);
  rig.fetch(1, 5);
  CHECK(offset_for(rig.partition, kLatestTimestamp, false, error) == 5);
  CHECK(error == Error::kNone);
  CHECK(offset_for(rig.partition, 100, false, error) == -1);
  CHECK(error == Error::kNone);  // no such record, and none is hidden any more
}

TEST_CASE("PartitionTest testListOffsetIsolationLevels, without a transaction (vector 45)",
          "[vectors][partition]") {
  PartitionRig rig;
  rig.lead(5, {0, 1}, {0, 1});
  rig.append(5, 3);
  Error error = Error::kNone;
  CHECK(offset_for(rig.partition, kLatestTimestamp, true, error) == 3);
  CHECK(offset_for(rig.partition, kLatestTimestamp, false, error) == 0);
  rig.fetch(1, 1);
  CHECK(offset_for(rig.partition, kLatestTimestamp, false, error) == 1);
  CHECK(error == Error::kNone);
}

TEST_CASE("PartitionTest testUpdateFollowerFetchState (vector 46)", "[vectors][partition]") {
  PartitionRig rig;
  rig.append(0, 6);
  const Time start = rig.now;
  rig.lead(1, {0, 1}, {0, 1});
  rig.now = start + 500 * kMillisecond;
  rig.fetch(1, 3);
  CHECK(rig.partition.remote(1)->last_caught_up_time == start);
  CHECK(rig.partition.remote(1)->log_end_offset == 3);
  rig.now = start + 1000 * kMillisecond;
  rig.fetch(1, 6);
  CHECK(rig.partition.remote(1)->last_caught_up_time == start + 1000 * kMillisecond);
  CHECK(rig.partition.remote(1)->log_end_offset == 6);
}

TEST_CASE("PartitionTest testMakeFollowerWithNoLeaderIdChange (vector 60)",
          "[vectors][partition]") {
  PartitionRig rig;
  CHECK(rig.follow(1, 1));
  CHECK(rig.follow(4, 1));
  CHECK_FALSE(rig.follow(4, 1));
}

}  // namespace isrlab::test
