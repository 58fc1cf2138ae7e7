// The leader's ISR and high watermark: rows 47 to 58 and 64 of the vectors taken from Kafka's
// PartitionTest and IsrExpirationTest (reference replication.md, section 11.3).
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

using IsrOutcome = Partition::IsrOutcome;

const BrokerList kAlone{0};
const BrokerList kBoth{0, 1};
const BrokerList kAll{0, 1, 2};

/// Leader with ten records, follower outside the ISR that has just proposed itself.
PartitionRig expanding() {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kBoth, kAlone, 1);
  REQUIRE(rig.fetch(1, 10));
  return rig;
}

}  // namespace

TEST_CASE(
    "PartitionTest testFollowerDoesNotJoinISRUntilCaughtUpToOffsetWithinCurrentLeaderEpoch "
    "(vector 47)",
    "[vectors][isr]") {
  PartitionRig rig;
  rig.append(0, 5);
  rig.partition.log.maybe_increment_high_watermark(1);
  rig.lead(1, kAll, {0, 1});
  REQUIRE(rig.partition.leader_epoch_start_offset == 5);
  CHECK_FALSE(rig.fetch(2, 0));
  CHECK_FALSE(rig.fetch(2, 1));  // at the high watermark, which is of an older epoch
  CHECK(rig.high_watermark() == 1);
  CHECK(rig.fetch(2, 5));
}

TEST_CASE("PartitionTest testIsrExpansion (vector 48)", "[vectors][isr]") {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kBoth, kAlone, 1);
  CHECK_FALSE(rig.fetch(1, 3));
  CHECK(rig.partition.isr == kAlone);
  CHECK(rig.fetch(1, 10));
  CHECK(rig.partition.isr == kAlone);
  CHECK(rig.partition.maximal_isr() == kBoth);
  CHECK(rig.answered(Error::kNone) == IsrOutcome::kCommitted);
  CHECK(rig.partition.isr == kBoth);
  CHECK(rig.partition.maximal_isr() == kBoth);
  CHECK(rig.partition.pending == PendingIsr::kNone);
}

TEST_CASE("PartitionTest testIsrNotExpandedIfUpdateFails (vector 49)", "[vectors][isr]") {
  PartitionRig rig = expanding();
  CHECK(rig.answered(Error::kInvalidUpdateVersion) == IsrOutcome::kStuck);
  CHECK(rig.partition.maximal_isr() == kBoth);
  CHECK(rig.partition.isr == kAlone);
  CHECK_FALSE(rig.fetch(1, 10));  // no further submit
}

TEST_CASE("PartitionTest testAlterIsrUnexpectedError (vector 50)", "[vectors][isr]") {
  PartitionRig rig = expanding();
  CHECK(rig.answered(Error::kUnknownServerError) == IsrOutcome::kRetry);
  CHECK(rig.partition.pending == PendingIsr::kExpand);
  CHECK(rig.partition.maximal_isr() == kBoth);
}

TEST_CASE("PartitionTest testInvalidAlterPartitionRequestsAreNotRetried (vector 51)",
          "[vectors][isr]") {
  PartitionRig reverted = expanding();
  CHECK(reverted.answered(Error::kIneligibleReplica) == IsrOutcome::kReverted);
  CHECK(reverted.partition.pending == PendingIsr::kNone);
  CHECK(reverted.partition.maximal_isr() == kAlone);
  for (const Error error : {Error::kInvalidRequest, Error::kNewLeaderElected}) {
    PartitionRig rig = expanding();
    CHECK(rig.answered(error) == IsrOutcome::kStuck);
    CHECK(rig.partition.pending == PendingIsr::kExpand);
    CHECK(rig.partition.maximal_isr() == kBoth);
  }
}

TEST_CASE("PartitionTest testMaybeShrinkIsr (vector 52)", "[vectors][isr]") {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kAll, kAll, 1);
  rig.fetch(1, 10);
  CHECK(rig.high_watermark() == 0);
  CHECK_FALSE(rig.partition.maybe_shrink_isr(rig.context()));
  rig.now += 30001 * kMillisecond;
  CHECK(rig.partition.maybe_shrink_isr(rig.context()));
  CHECK(rig.partition.proposed == kBoth);
  CHECK(rig.partition.maximal_isr() == kAll);
  rig.partition.maybe_increment_high_watermark(rig.context());
  CHECK(rig.high_watermark() == 0);  // until it is committed
  CHECK(rig.answered(Error::kNone) == IsrOutcome::kCommitted);
  CHECK(rig.partition.isr == kBoth);
  CHECK(rig.high_watermark() == 10);
}

TEST_CASE("PartitionTest testRetryShrinkIsr (vector 53)", "[vectors][isr]") {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kBoth, kBoth, 1);
  rig.now += 30001 * kMillisecond;
  REQUIRE(rig.partition.maybe_shrink_isr(rig.context()));
  CHECK(rig.answered(Error::kNetworkException) == IsrOutcome::kRetry);
  CHECK(rig.partition.pending == PendingIsr::kShrink);
  CHECK(rig.high_watermark() == 0);
  CHECK(rig.answered(Error::kNone) == IsrOutcome::kCommitted);
  CHECK(rig.partition.isr == kAlone);
  CHECK(rig.high_watermark() == 10);
}

TEST_CASE("PartitionTest testShouldNotShrinkIsrIfPreviousFetchIsCaughtUp (vector 54)",
          "[vectors][isr]") {
  PartitionRig rig;
  rig.append(4, 10);
  const Time start = rig.now;
  rig.lead(5, kBoth, kBoth, 1);
  rig.now = start + 5000 * kMillisecond;
  rig.fetch(1, 5);
  CHECK(rig.partition.remote(1)->last_caught_up_time == start);
  CHECK(rig.high_watermark() == 5);
  rig.append(5, 5);
  rig.now = start + 10001 * kMillisecond;
  rig.fetch(1, 10);
  CHECK(rig.partition.remote(1)->last_caught_up_time == start + 5000 * kMillisecond);
  CHECK(rig.high_watermark() == 10);
  CHECK_FALSE(rig.partition.maybe_shrink_isr(rig.context()));
}

TEST_CASE("PartitionTest testShouldNotShrinkIsrIfFollowerCaughtUpToLogEnd (vector 55)",
          "[vectors][isr]") {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kBoth, kBoth, 1);
  rig.fetch(1, 10);
  rig.now += 30001 * kMillisecond;
  CHECK_FALSE(rig.partition.maybe_shrink_isr(rig.context()));
}

TEST_CASE("PartitionTest testHighWatermarkAdvanceShouldNotAdvanceWhenUnderMinISR (vector 56)",
          "[vectors][isr]") {
  PartitionRig rig;
  rig.min_insync_replicas = 3;
  rig.append(4, 10);
  rig.lead(5, kAll, kBoth, 1);
  rig.fetch(1, 10);
  CHECK(rig.fetch(2, 10));
  CHECK(rig.partition.maximal_isr() == kAll);
  CHECK(rig.partition.under_min_isr(rig.context()));
  CHECK(rig.high_watermark() == 0);
  CHECK(rig.answered(Error::kNone) == IsrOutcome::kCommitted);
  CHECK(rig.high_watermark() == 10);
}

TEST_CASE("PartitionTest testHighWatermarkIncreasesWithFencedOrShutdownFollower (vector 57)",
          "[vectors][isr]") {
  const auto high_watermark_with = [](bool eligible) {
    PartitionRig rig;
    rig.append(4, 10);
    rig.lead(5, kAll, kBoth, 1);
    rig.partition.update_fetch_state(*rig.partition.remote(2), 10, 0, rig.now, 10);
    rig.append(5, 10);
    if (!eligible) rig.live = {0, 1};  // fenced or shutting down: not alive in the metadata cache
    rig.fetch(1, 20);
    return rig.high_watermark();
  };
  CHECK(high_watermark_with(true) == 10);
  CHECK(high_watermark_with(false) == 20);
}

TEST_CASE("PartitionTest testAtMinIsr, testIsUnderMinIsr (vector 58)", "[vectors][isr]") {
  PartitionRig at;
  at.lead(5, kAll, kAlone);
  CHECK(static_cast<std::int64_t>(at.partition.isr.size()) ==
        at.partition.effective_min_isr(at.context()));
  CHECK_FALSE(at.partition.under_min_isr(at.context()));
  PartitionRig rig;
  rig.min_insync_replicas = 2;
  rig.lead(5, kBoth, kBoth);
  CHECK_FALSE(rig.partition.under_min_isr(rig.context()));
  rig.lead(6, kBoth, kAlone);
  CHECK(rig.partition.under_min_isr(rig.context()));
  // Effective: never more than there are replicas.
  PartitionRig single;
  single.min_insync_replicas = 2;
  single.lead(5, kAlone, kAlone);
  CHECK_FALSE(single.partition.under_min_isr(single.context()));
}

namespace {

/// Leader with 20 records and one follower that was caught up when the test begins.
PartitionRig twenty() {
  PartitionRig rig;
  rig.lag_max = 100 * kMillisecond;
  rig.append(0, 20);
  rig.lead(1, kBoth, kBoth);
  return rig;
}
/// The same, after `wait` milliseconds; does it leave the ISR?
bool leaves(PartitionRig& rig, int wait) {
  rig.now += wait * kMillisecond;
  Partition copy = rig.partition;
  return copy.maybe_shrink_isr(rig.context());
}

}  // namespace

TEST_CASE("IsrExpirationTest (vector 64)", "[vectors][isr]") {
  PartitionRig stuck = twenty();
  stuck.fetch(1, 19);
  CHECK_FALSE(leaves(stuck, 0));
  CHECK(leaves(stuck, 150));

  PartitionRig silent = twenty();
  CHECK(leaves(silent, 150));

  PartitionRig slow = twenty();
  slow.fetch(1, 18);
  CHECK_FALSE(leaves(slow, 75));
  slow.fetch(1, 19);
  CHECK(leaves(slow, 75));
  slow.fetch(1, 20);
  CHECK_FALSE(leaves(slow, 0));

  PartitionRig caught_up = twenty();
  caught_up.fetch(1, 20);
  CHECK_FALSE(leaves(caught_up, 150));
}

}  // namespace isrlab::test
