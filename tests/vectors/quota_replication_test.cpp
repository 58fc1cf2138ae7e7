// Throttled replication: rows 94 and 95 of the vectors taken from Kafka's
// ReplicationQuotaManagerTest and ReplicaManagerQuotasTest (reference replication.md, 11.5).
#include "model/broker/replication_quota.hpp"
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

/// bytes/s, exactly comparable: the quotient times the milliseconds.
void check_rate(ReplicationQuota& quota, Time now, std::int64_t bytes, std::int64_t milliseconds) {
  const ReplicationQuota::Rate rate = quota.rate(now);
  CHECK(rate.bytes * milliseconds == bytes * rate.milliseconds);
}

}  // namespace

TEST_CASE(
    "ReplicationQuotaManagerTest shouldExceedQuotaThenReturnBackBelowBoundAsTimePasses "
    "(vector 94)",
    "[vectors][quota]") {
  ReplicationQuota quota(100, 10, 1 * kSecond);
  const Time begin = 500 * kSecond;
  const auto at = [begin](std::int64_t ms) { return begin + ms * kMillisecond; };
  CHECK_FALSE(quota.exceeded(at(0)));
  quota.record(1, at(1500));
  CHECK_FALSE(quota.exceeded(at(1500)));
  quota.record(149, at(1500));
  check_rate(quota, at(1500), 100, 1000);
  CHECK_FALSE(quota.exceeded(at(1500)));
  quota.record(1, at(1500));
  check_rate(quota, at(1500), 151, 1500);
  CHECK(quota.exceeded(at(1500)));
  CHECK_FALSE(quota.exceeded(at(2000)));
  check_rate(quota, at(2000), 151, 2000);  // 75.5 B/s
  quota.record(99, at(2500));
  check_rate(quota, at(2500), 100, 1000);
  CHECK_FALSE(quota.exceeded(at(2500)));
  quota.record(1, at(2500));
  CHECK(quota.exceeded(at(2500)));
  CHECK_FALSE(quota.exceeded(at(4500)));
  check_rate(quota, at(4500), 251, 4500);  // 55.8 B/s
}

TEST_CASE("The windows of a quota are forgotten when they are over", "[vectors][quota]") {
  ReplicationQuota quota(100, 10, 1 * kSecond);
  quota.record(5000, 0);
  CHECK(quota.exceeded(0));
  CHECK(quota.exceeded(9999 * kMillisecond));  // still 5000 B / 9.999 s
  CHECK_FALSE(quota.exceeded(10 * kSecond));
  CHECK(quota.rate(10 * kSecond).bytes == 0);
  // Without a bound nothing is exceeded.
  ReplicationQuota free;
  free.record(std::int64_t{1} << 50, 0);
  CHECK_FALSE(free.exceeded(0));
}

TEST_CASE("ReplicaManagerQuotasTest (vector 95)", "[vectors][quota]") {
  // Two throttled partitions whose follower 1 is outside the ISR, then inside.
  PartitionRig outside;
  outside.lead(1, {0, 1}, {0});
  PartitionRig inside;
  inside.lead(1, {0, 1}, {0, 1});
  const auto given = [](const PartitionRig& rig, bool exceeded) {
    return !rig.partition.should_leader_throttle(1, true, exceeded);
  };
  // The quota is free for the first and exceeded for the second: the first only.
  CHECK(given(outside, false));
  CHECK_FALSE(given(outside, true));
  // In the ISR: both, although it is exceeded.
  CHECK(given(inside, true));
  // A partition that is not listed is not throttled.
  CHECK_FALSE(outside.partition.should_leader_throttle(1, false, true));
}

TEST_CASE("Lists of throttled replicas", "[vectors][quota]") {
  ThrottledReplicas list;
  REQUIRE(parse_throttled_replicas("0:1,0:2,13:7", list));
  CHECK(list.contains(0, 2));
  CHECK(list.contains(13, 7));
  CHECK_FALSE(list.contains(13, 1));
  REQUIRE(parse_throttled_replicas("*", list));
  CHECK(list.contains(5, 9));
  REQUIRE(parse_throttled_replicas("", list));
  CHECK(list.empty());
  for (const char* wrong : {"0", "0:", ":1", "0:1,", ",0:1", "0:1;0:2", "**", "a:b"}) {
    CHECK_FALSE(parse_throttled_replicas(wrong, list));
  }
}

}  // namespace isrlab::test
