// Vectors 104, 106, 107, 109 and 110 of reference/clients-and-groups.md section 10.7
// (GroupCoordinatorTest), commits, failover and what is written to __consumer_offsets.
#include "tests/unit/coordinator_bench.hpp"

using namespace coordinator_bench;

TEST_CASE("vector 104: testJoinGroupUnknownConsumerNewGroup, SessionTimeout...", "[coordinator]") {
  Bench bench;
  bench.elect();
  const auto join_error = [&bench](const std::string& member_id, Duration session) {
    return bench.take<JoinGroupResponse>(bench.join(1, member_id, session)).error;
  };
  CHECK(join_error("member", 500 * kMs) == Error::kUnknownMemberId);
  CHECK(join_error("", 9 * kMs) == Error::kInvalidSessionTimeout);
  CHECK(join_error("", 3601 * sim::kSecond) == Error::kInvalidSessionTimeout);
}

TEST_CASE("a member id is the client id and a UUID of its own", "[coordinator]") {
  Bench bench;
  bench.elect();
  const std::string first = bench.new_id(1);
  const std::string second = bench.new_id(2);
  CHECK(first.size() == std::string("consumer-").size() + 36);
  CHECK(first.rfind("consumer-", 0) == 0);
  CHECK(first[9 + 14] == '4');
  CHECK(first != second);
}

TEST_CASE("vector 106: testCommitMaintainsSession", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  for (int i = 0; i < 5; ++i) {
    bench.advance(400 * kMs);
    bench.commit(members[0], 1, i);
    bench.ack();
  }
  CHECK(bench.heartbeat(members[0], 1) == Error::kNone);
}

TEST_CASE("vector 107: testHeartbeat*", "[coordinator]") {
  Bench bench;
  CHECK(bench.heartbeat("member", 0) == Error::kNotCoordinator);
  bench.elect();
  CHECK(bench.heartbeat("member", 0) == Error::kUnknownMemberId);
  Bench other;
  const auto members = other.stable(2);
  CHECK(other.heartbeat(members[0], 2) == Error::kIllegalGeneration);
  CHECK(other.heartbeat("somebody", 1) == Error::kUnknownMemberId);
  other.join(1, members[1], 500 * kMs, 500 * kMs, 1);
  CHECK(other.heartbeat(members[0], 1) == Error::kRebalanceInProgress);
  Bench completing;
  CHECK(completing.heartbeat(completing.joined(1)[0], 1) == Error::kNone);
}

TEST_CASE("vector 109: testRequestHandlingWhileLoadingInProgress", "[coordinator]") {
  Bench bench;
  CHECK(bench.coordinator.on_elected(bench.partition, 5, bench.turn()));
  CHECK(bench.take<JoinGroupResponse>(bench.join(1, "member")).error ==
        Error::kCoordinatorLoadInProgress);
  CHECK(bench.take<SyncGroupResponse>(bench.sync(1, "member", 1)).error ==
        Error::kRebalanceInProgress);
  CHECK(bench.refused_commit("member", 1) == Error::kCoordinatorLoadInProgress);
  CHECK(bench.heartbeat("member", 1) == Error::kNone);
  CHECK(bench.fetch().error == Error::kCoordinatorLoadInProgress);
  CHECK(bench.leave("member") == Error::kCoordinatorLoadInProgress);
  // Elected again while loading, or with an older epoch: nothing new to load.
  CHECK_FALSE(bench.coordinator.on_elected(bench.partition, 6, bench.turn()));
  CHECK_FALSE(bench.coordinator.on_elected(bench.partition, 4, bench.turn()));
  bench.coordinator.shut_down();
  CHECK(bench.heartbeat("member", 1) == Error::kCoordinatorNotAvailable);
}

TEST_CASE("vector 110: testCommitOffsetInCompletingRebalance*", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(1);
  CHECK(bench.refused_commit(members[0], 1) == Error::kRebalanceInProgress);
  CHECK(bench.refused_commit("", 1) == Error::kUnknownMemberId);
  CHECK(bench.refused_commit(members[0], 2) == Error::kIllegalGeneration);
}

TEST_CASE("commits by state of the group", "[coordinator]") {
  Bench bench;
  bench.elect();
  CHECK(bench.refused_commit("member", 3) == Error::kIllegalGeneration);  // no such group
  bench.commit("", -1, 7);                                                // a simple group
  CHECK(bench.appends() == 1);
  bench.ack();
  Bench other;
  const auto members = other.stable(2);
  CHECK(other.refused_commit("", -1) == Error::kUnknownMemberId);
  other.join(1, members[1], 500 * kMs, 500 * kMs, 1);
  other.commit(members[0], 1, 9);  // accepted in PreparingRebalance
  CHECK(other.appends() == 1);
}

TEST_CASE("a commit is visible only after its acknowledgement", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  const std::uint32_t commit = bench.commit(members[0], 1, 42);
  CHECK_FALSE(bench.answered(commit));
  CHECK(bench.fetch().partitions.at(0).offset == -1);
  bench.ack();
  CHECK(bench.take<OffsetCommitResponse>(commit).partitions.at(0).error == Error::kNone);
  const auto fetched = bench.fetch();
  CHECK(fetched.partitions.at(0).offset == 42);
  CHECK(fetched.partitions.at(0).leader_epoch == 3);
  CHECK(fetched.partitions.at(1).offset == -1);
  CHECK(bench.last(HistoryKind::kOffsetCommitted).a == 42);
  CHECK(bench.last(HistoryKind::kOffsetCommitted).c == 1);
}

TEST_CASE("of two commits the one further up in the log wins", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  bench.commit(members[0], 1, 10);
  bench.commit(members[0], 1, 20);
  const std::int64_t low = bench.write(0);
  const std::int64_t high = bench.write(1);
  bench.answer_append(Error::kNone, high, 1);
  bench.answer_append(Error::kNone, low, 0);
  CHECK(bench.fetch().partitions.at(0).offset == 20);
}

TEST_CASE("errors of an append as a commit's answer", "[coordinator]") {
  const std::vector<std::pair<Error, Error>> mapping = {
      {Error::kUnknownTopicOrPartition, Error::kCoordinatorNotAvailable},
      {Error::kNotEnoughReplicas, Error::kCoordinatorNotAvailable},
      {Error::kNotEnoughReplicasAfterAppend, Error::kCoordinatorNotAvailable},
      {Error::kNotLeaderOrFollower, Error::kNotCoordinator},
      {Error::kKafkaStorageError, Error::kNotCoordinator},
      {Error::kNetworkException, Error::kCoordinatorLoadInProgress},
      {Error::kRequestTimedOut, Error::kRequestTimedOut},
  };
  for (const auto& [append_error, answer] : mapping) {
    Bench bench;
    const auto members = bench.stable(1);
    const std::uint32_t commit = bench.commit(members[0], 1, 42);
    bench.answer_append(append_error, -1);
    CHECK(bench.take<OffsetCommitResponse>(commit).partitions.at(0).error == answer);
    CHECK(bench.fetch().partitions.at(0).offset == -1);
  }
}

TEST_CASE("errors of an append as SyncGroup's answer, then a new rebalance", "[coordinator]") {
  const std::vector<std::pair<Error, Error>> mapping = {
      {Error::kRequestTimedOut, Error::kRebalanceInProgress},
      {Error::kNotEnoughReplicas, Error::kCoordinatorNotAvailable},
      {Error::kNotEnoughReplicasAfterAppend, Error::kCoordinatorNotAvailable},
      {Error::kUnknownTopicOrPartition, Error::kCoordinatorNotAvailable},
      {Error::kNotLeaderOrFollower, Error::kNotCoordinator},
      {Error::kKafkaStorageError, Error::kNotCoordinator},
  };
  for (const auto& [append_error, answer] : mapping) {
    Bench bench;
    const auto members = bench.joined(2);
    const std::uint32_t follower = bench.sync(1, members[1], 1);
    const std::uint32_t leader = bench.sync(0, members[0], 1, {{members[0], {0}}});
    bench.answer_append(append_error, -1);
    CHECK(bench.take<SyncGroupResponse>(leader).error == answer);
    CHECK(bench.take<SyncGroupResponse>(follower).error == answer);
    CHECK(bench.group().is(GroupState::kPreparingRebalance));
  }
}

TEST_CASE("the group's record is stored before anyone learns the assignment", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(2);
  const std::uint32_t follower = bench.sync(1, members[1], 1);
  CHECK(bench.appends() == 0);
  const std::uint32_t leader = bench.sync(0, members[0], 1, {{members[0], {0, 1}}});
  CHECK(bench.appends() == 1);
  CHECK(bench.group().is(GroupState::kCompletingRebalance));
  bench.ack();
  CHECK(bench.group().is(GroupState::kStable));
  CHECK((bench.take<SyncGroupResponse>(leader).partitions == std::vector<PartitionId>{0, 1}));
  CHECK(bench.take<SyncGroupResponse>(follower).partitions.empty());
  CHECK((bench.take<SyncGroupResponse>(bench.sync(0, members[0], 1)).partitions ==
         std::vector<PartitionId>{0, 1}));
  CHECK(bench.last(HistoryKind::kGroupStable).a == 1);
}

TEST_CASE("an acknowledgement after the next rebalance began is ignored", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(2);
  const std::uint32_t leader = bench.sync(0, members[0], 1, {{members[0], {0, 1}}});
  CHECK(bench.leave(members[1]) == Error::kNone);
  CHECK(bench.take<SyncGroupResponse>(leader).error == Error::kRebalanceInProgress);
  bench.ack();
  CHECK(bench.group().is(GroupState::kPreparingRebalance));
}

TEST_CASE("an acknowledgement of an older generation's record is ignored", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(1);
  bench.sync(0, members[0], 1, {{members[0], {0, 1}}});
  const auto response =
      bench.take<JoinGroupResponse>(bench.join(0, members[0], 500 * kMs, 500 * kMs, 1));
  CHECK(response.generation == 2);
  bench.ack();
  CHECK(bench.group().is(GroupState::kCompletingRebalance));
  CHECK(bench.group().members().at(members[0]).assignment.empty());
}

TEST_CASE("an acknowledgement from before a failover does not reach the loaded group",
          "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  const std::uint32_t commit = bench.commit(members[0], 1, 42);
  bench.resign();
  bench.elect(1);
  bench.answer_append(Error::kNone, 99);
  CHECK(bench.take<OffsetCommitResponse>(commit).partitions.at(0).error == Error::kNone);
  CHECK(bench.fetch().partitions.at(0).offset == -1);
}

TEST_CASE("a new coordinator brings the group back Stable with full sessions", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(2);
  bench.commit(members[0], 1, 42);
  bench.ack();
  // A rebalance under way is forgotten with the old coordinator.
  const std::uint32_t rejoin = bench.join(1, members[1], 500 * kMs, 500 * kMs, 1);
  bench.resign();
  CHECK(bench.take<JoinGroupResponse>(rejoin).error == Error::kNotCoordinator);
  CHECK(bench.coordinator.find_group(kGroup) == nullptr);
  CHECK(bench.timers() == 0);
  CHECK(bench.heartbeat(members[0], 1) == Error::kNotCoordinator);

  bench.advance(3000 * kMs);
  bench.elect(7);
  CHECK(bench.group().is(GroupState::kStable));
  CHECK(bench.group().generation() == 1);
  CHECK(bench.group().leader() == members[0]);
  CHECK(bench.last(HistoryKind::kGroupLoaded).b == 2);
  CHECK(bench.fetch().partitions.at(0).offset == 42);
  bench.advance(499 * kMs);
  CHECK(bench.heartbeat(members[0], 1) == Error::kNone);
  CHECK((bench.take<SyncGroupResponse>(bench.sync(0, members[0], 1)).partitions ==
         std::vector<PartitionId>{0, 1, 2, 3}));
  bench.advance(1 * kMs);
  CHECK(bench.heartbeat(members[0], 1) == Error::kRebalanceInProgress);  // the other one expired
}

TEST_CASE("resignation answers waiting syncs; later appends change nothing", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(2);
  const std::uint32_t follower = bench.sync(1, members[1], 1);
  const std::uint32_t leader = bench.sync(0, members[0], 1);
  bench.resign();
  CHECK(bench.take<SyncGroupResponse>(follower).error == Error::kNotCoordinator);
  CHECK(bench.take<SyncGroupResponse>(leader).error == Error::kNotCoordinator);
  bench.elect(1);
  bench.answer_append(Error::kNotLeaderOrFollower, -1);
  CHECK(bench.coordinator.find_group(kGroup) == nullptr);  // nothing was ever stored
}

TEST_CASE("nothing is sent on a connection that closed", "[coordinator]") {
  Bench bench;
  bench.elect();
  const std::uint32_t first = bench.join(1, bench.new_id(1));
  const std::uint32_t second = bench.join(2, bench.new_id(2));
  bench.coordinator.on_connection_closed(1);
  bench.advance(100 * kMs);
  CHECK_FALSE(bench.answered(first));
  CHECK(bench.answered(second));
  CHECK(bench.group().members().size() == 2);  // its session timer decides, not the connection
  Bench other;
  const auto members = other.stable(1);
  other.commit(members[0], 1, 42, 9);
  other.coordinator.on_connection_closed(9);
  other.ack();
  CHECK(other.answers() == 0);
  CHECK(other.fetch().partitions.at(0).offset == 42);
}

TEST_CASE("a copy of a coordinator goes its own way", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(2);
  const GroupCoordinator before = bench.coordinator;
  CHECK(bench.leave(members[1]) == Error::kNone);
  CHECK(bench.group().is(GroupState::kPreparingRebalance));
  CHECK(before.find_group(kGroup)->is(GroupState::kStable));
  bench.coordinator = before;
  CHECK(bench.group().members().size() == 2);
}
