// What a leader knows of a follower: rows 61 to 63 of the vectors taken from Kafka's ReplicaTest
// (reference replication.md, section 11.3). Kafka's time 0 is kLongAgo here.
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

constexpr Duration kLag = 30 * kSecond;

}  // namespace

TEST_CASE("ReplicaTest testUpdateFetchState (vector 61)", "[vectors][replica]") {
  Partition partition;
  RemoteReplica replica;
  const Time first = 1000 * kSecond;
  partition.update_fetch_state(replica, 5, 1, first, 10);
  CHECK(replica.log_end_offset == 5);
  CHECK(replica.log_start_offset == 1);
  CHECK(replica.last_caught_up_time == kLongAgo);
  const Time second = first + 100;
  partition.update_fetch_state(replica, 10, 2, second, 15);
  CHECK(replica.log_end_offset == 10);
  CHECK(replica.last_caught_up_time == first);
  const Time third = second + 100;
  partition.update_fetch_state(replica, 15, 3, third, 15);
  CHECK(replica.last_caught_up_time == third);
}

TEST_CASE("ReplicaTest testIsCaughtUpWhenReplicaIsNotCaughtUpToLogEnd (vector 62)",
          "[vectors][replica]") {
  Partition partition;
  RemoteReplica replica;
  Time now = 1000 * kSecond;
  partition.update_fetch_state(replica, 5, 1, now, 10);
  CHECK_FALSE(replica.caught_up(10, now, kLag));
  partition.update_fetch_state(replica, 10, 1, now, 15);
  CHECK(replica.caught_up(16, now, kLag));
  now += 30001 * kMillisecond;
  CHECK_FALSE(replica.caught_up(16, now, kLag));
}

TEST_CASE("ReplicaTest testResetReplicaStateWhenLeaderIsReelectedAndReplicaIsInSync (vector 63)",
          "[vectors][replica]") {
  PartitionRig rig;
  rig.append(0, 11);
  rig.lead(1, {0, 1, 2}, {0, 1, 2});
  rig.fetch(1, 10);
  rig.fetch(2, 10);
  rig.now += 5 * kSecond;
  rig.lead(2, {0, 1, 2}, {0, 1});
  const RemoteReplica& in_sync = *rig.partition.remote(1);
  CHECK(in_sync.log_end_offset == 10);
  CHECK(in_sync.last_fetch_leader_log_end_offset == 11);
  CHECK(in_sync.last_fetch_time == rig.now);
  CHECK(in_sync.last_caught_up_time == rig.now);
  const RemoteReplica& outside = *rig.partition.remote(2);
  CHECK(outside.log_end_offset == 10);
  CHECK(outside.last_fetch_leader_log_end_offset == 11);
  CHECK(outside.last_fetch_time == kLongAgo);
  CHECK(outside.last_caught_up_time == kLongAgo);

  rig.follow(3, 1);
  rig.now += 5 * kSecond;
  rig.lead(4, {0, 1, 2}, {0, 1});
  CHECK(rig.partition.remote(1)->log_end_offset == -1);
  CHECK(rig.partition.remote(1)->last_fetch_leader_log_end_offset == -1);
  CHECK(rig.partition.remote(1)->last_fetch_time == kLongAgo);
  CHECK(rig.partition.remote(1)->last_caught_up_time == rig.now);
  CHECK(rig.partition.remote(2)->log_end_offset == -1);
  CHECK(rig.partition.remote(2)->last_caught_up_time == kLongAgo);
}

TEST_CASE("ReplicaSelectorTest testSameRackSelector", "[vectors][replica]") {
  // Replica, rack, log end: 0 leads in rack a; the client's rack is b, none such, a.
  constexpr RackId kA = 0;
  constexpr RackId kB = 1;
  const ReplicaView views[] = {{0, kA, 4, 0}, {1, kA, 2, 0}, {2, kB, 3, 0}, {3, kB, 4, 0}};
  CHECK(select_replica(SelectorKind::kRackAware, kB, 0, views) == 3);
  CHECK(select_replica(SelectorKind::kRackAware, 7, 0, views) == 0);
  CHECK(select_replica(SelectorKind::kRackAware, kA, 0, views) == 0);
  CHECK(select_replica(SelectorKind::kLeader, kB, 0, views) == 0);
  // Equal ends: the one that was caught up last.
  const ReplicaView equal[] = {{0, kA, 4, 0}, {2, kB, 4, 5}, {3, kB, 4, 9}};
  CHECK(select_replica(SelectorKind::kRackAware, kB, 0, equal) == 2);
}

}  // namespace isrlab::test
