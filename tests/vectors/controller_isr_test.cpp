// What a leader makes of the controller's answer to a shrink: rows 93 and 94 of the vectors, from
// Kafka's PartitionTest (reference controller-zookeeper.md, section 10.5).
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

using IsrOutcome = Partition::IsrOutcome;

const BrokerList kBoth{0, 1};

/// The follower is too late; a shrink is under way.
PartitionRig shrinking() {
  PartitionRig rig;
  rig.append(4, 10);
  rig.lead(5, kBoth, kBoth, 1);
  rig.now += 30001 * kMillisecond;
  REQUIRE(rig.partition.maybe_shrink_isr(rig.context()));
  return rig;
}

}  // namespace

TEST_CASE("PartitionTest testIsrNotShrunkIfUpdateFails (vector 93)", "[vectors][controller]") {
  PartitionRig rig = shrinking();
  CHECK(rig.answered(Error::kInvalidUpdateVersion) == IsrOutcome::kStuck);
  CHECK(rig.partition.pending == PendingIsr::kShrink);
  CHECK(rig.partition.isr == kBoth);
  CHECK(rig.partition.maximal_isr() == kBoth);
  rig.partition.maybe_increment_high_watermark(rig.context());
  CHECK(rig.high_watermark() == 0);
  rig.now += 60 * kSecond;
  CHECK_FALSE(rig.partition.maybe_shrink_isr(rig.context()));  // until LeaderAndIsr comes
}

TEST_CASE("PartitionTest testAlterIsrLeaderAndIsrRace (vector 94)", "[vectors][controller]") {
  PartitionRig rig = shrinking();
  rig.lead(6, kBoth, kBoth, 2);  // a newer state arrives first
  CHECK(rig.partition.pending == PendingIsr::kNone);
  CHECK(rig.partition.isr == kBoth);
  CHECK_FALSE(rig.partition.maybe_shrink_isr(rig.context()));  // its time starts anew
  rig.now += 30001 * kMillisecond;
  CHECK(rig.partition.maybe_shrink_isr(rig.context()));
  CHECK(rig.partition.pending == PendingIsr::kShrink);
}

}  // namespace isrlab::test
