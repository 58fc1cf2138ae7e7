// Vectors 101-103, 105, 108, 111-114 and 116 of reference/clients-and-groups.md section 10.7
// (GroupCoordinatorTest): the timing of rebalances and sessions.
#include "tests/unit/coordinator_bench.hpp"

using namespace coordinator_bench;

TEST_CASE("vector 101: shouldDelayInitialRebalance", "[coordinator]") {
  Bench bench;
  bench.elect();
  const std::string member = bench.new_id(1);
  const std::uint32_t join = bench.join(1, member);
  bench.run_until(25 * kMs);
  CHECK_FALSE(bench.answered(join));
  bench.run_until(51 * kMs);
  const auto response = bench.take<JoinGroupResponse>(join);
  CHECK(response.error == Error::kNone);
  CHECK(response.generation == 1);
  CHECK(response.leader == member);
  CHECK(response.members.size() == 1);
}

TEST_CASE("vector 102: shouldResetRebalanceDelayWhenNewMemberJoins", "[coordinator]") {
  Bench bench;
  bench.elect();
  const std::string first = bench.new_id(1);
  const std::uint32_t first_join = bench.join(1, first, 500 * kMs, 150 * kMs);
  bench.run_until(49 * kMs);
  const std::string second = bench.new_id(2);
  const std::uint32_t second_join = bench.join(2, second, 500 * kMs, 150 * kMs);
  bench.run_until(77 * kMs);
  CHECK_FALSE(bench.answered(first_join));
  CHECK_FALSE(bench.answered(second_join));
  bench.run_until(102 * kMs);
  CHECK(bench.take<JoinGroupResponse>(first_join).members.size() == 2);
  CHECK(bench.take<JoinGroupResponse>(second_join).members.empty());
}

TEST_CASE("vector 103: shouldDelayRebalanceUptoRebalanceTimeout", "[coordinator]") {
  Bench bench;
  bench.elect();
  std::vector<std::uint32_t> joins;
  for (ConnectionId connection = 1; connection <= 3; ++connection) {
    if (connection == 3) bench.run_until(51 * kMs);
    joins.push_back(bench.join(connection, bench.new_id(connection), 500 * kMs, 100 * kMs));
  }
  // Kafka's mock clock jumps to 51, so that the second delay of 50 ms begins there, and it fires a
  // timer only once overdue: nobody at 101, all at 102. Here the second delay ends at 100 sharp.
  bench.run_until(99 * kMs);
  for (const std::uint32_t join : joins) CHECK_FALSE(bench.answered(join));
  bench.run_until(102 * kMs);
  for (const std::uint32_t join : joins) CHECK(bench.answered(join));
}

TEST_CASE("a group that emptied later waits one flat delay", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  CHECK(bench.leave(members[0]) == Error::kNone);
  CHECK(bench.group().is(GroupState::kEmpty));
  CHECK(bench.group().generation() == 2);
  bench.ack();  // the record of the empty generation
  const Time start = bench.now();
  const std::uint32_t first = bench.join(1, bench.new_id(1));
  bench.run_until(start + 40 * kMs);
  const std::uint32_t second = bench.join(2, bench.new_id(2));
  bench.run_until(start + 50 * kMs);
  CHECK(bench.answered(first));
  CHECK(bench.answered(second));
}

TEST_CASE("a pending member id holds the join phase open until it expires", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1, 500 * kMs, 5000 * kMs);
  bench.new_id(2, 200 * kMs);
  const std::uint32_t rejoin = bench.join(0, members[0], 500 * kMs, 5000 * kMs, 1);
  CHECK_FALSE(bench.answered(rejoin));
  bench.advance(199 * kMs);
  CHECK_FALSE(bench.answered(rejoin));
  bench.advance(1 * kMs);
  CHECK(bench.take<JoinGroupResponse>(rejoin).generation == 2);
}

TEST_CASE("vector 105: testSessionTimeout", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  CHECK(bench.heartbeat(members[0], 1) == Error::kNone);
  bench.advance(600 * kMs);
  CHECK(bench.heartbeat(members[0], 1) == Error::kUnknownMemberId);
  CHECK(bench.last(HistoryKind::kMemberLeft).b == 1);
}

TEST_CASE("vector 108: testGenerationIdIncrementsOnRebalance", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(1);
  CHECK(bench.group().generation() == 1);
  const auto response = bench.take<JoinGroupResponse>(bench.join(0, members[0]));
  CHECK(response.generation == 2);
  CHECK(bench.group().is(GroupState::kCompletingRebalance));
}

TEST_CASE("vector 111: testRebalanceTimesOutWhenSyncRequestIsNotReceived", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(3, 5000 * kMs);
  bench.advance(501 * kMs);
  for (const std::string& member : members) {
    CHECK(bench.heartbeat(member, 1) == Error::kUnknownMemberId);
  }
  CHECK(bench.group().is(GroupState::kEmpty));
}

TEST_CASE("vector 112: ...NotReceivedFromFollowers", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(3, 5000 * kMs);
  const std::uint32_t sync = bench.sync(0, members[0], 1);
  CHECK_FALSE(bench.answered(sync));
  bench.ack();
  CHECK(bench.take<SyncGroupResponse>(sync).error == Error::kNone);
  CHECK(bench.group().is(GroupState::kStable));
  bench.advance(501 * kMs);
  CHECK(bench.heartbeat(members[0], 1) == Error::kRebalanceInProgress);
  CHECK(bench.heartbeat(members[1], 1) == Error::kUnknownMemberId);
  CHECK(bench.heartbeat(members[2], 1) == Error::kUnknownMemberId);
}

TEST_CASE("vector 113: ...NotReceivedFromLeaders", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(3, 5000 * kMs);
  const std::uint32_t first = bench.sync(1, members[1], 1);
  const std::uint32_t second = bench.sync(2, members[2], 1);
  bench.advance(499 * kMs);
  CHECK_FALSE(bench.answered(first));
  bench.advance(2 * kMs);
  CHECK(bench.take<SyncGroupResponse>(first).error == Error::kRebalanceInProgress);
  CHECK(bench.take<SyncGroupResponse>(second).error == Error::kRebalanceInProgress);
  CHECK(bench.heartbeat(members[0], 1) == Error::kUnknownMemberId);
  CHECK(bench.heartbeat(members[1], 1) == Error::kRebalanceInProgress);
}

TEST_CASE("a rebalance calls off the wait for SyncGroups", "[coordinator]") {
  Bench bench;
  const auto members = bench.joined(2, 60'000 * kMs, 500 * kMs);
  bench.advance(400 * kMs);
  const std::uint32_t rejoin = bench.join(1, members[1], 60'000 * kMs, 500 * kMs, 1);
  bench.advance(400 * kMs);  // past the end of the first wait
  CHECK(bench.heartbeat(members[0], 1) == Error::kRebalanceInProgress);
  CHECK_FALSE(bench.answered(rejoin));
}

TEST_CASE("vector 114: testJoinGroupFromUnchanged{Follower,Leader}", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(2);
  const auto follower = bench.take<JoinGroupResponse>(bench.join(1, members[1]));
  CHECK(follower.error == Error::kNone);
  CHECK(follower.generation == 1);
  CHECK(follower.members.empty());
  CHECK(bench.group().is(GroupState::kStable));
  const std::uint32_t leader = bench.join(0, members[0]);
  CHECK_FALSE(bench.answered(leader));
  CHECK(bench.group().is(GroupState::kPreparingRebalance));
  // Changed metadata, for which the generation it learned is enough, makes a follower wait as well.
  const std::uint32_t changed = bench.join(1, members[1], 500 * kMs, 500 * kMs, 1);
  CHECK(bench.take<JoinGroupResponse>(leader).generation == 2);
  CHECK(bench.take<JoinGroupResponse>(changed).generation == 2);
}

TEST_CASE("vector 116: testNewMemberJoinExpiration", "[coordinator]") {
  Bench bench;
  const Duration long_time = 10 * sim::kMinute;
  bench.stable(1, long_time, long_time);
  const std::string member = bench.new_id(2);
  const std::uint32_t join = bench.join(2, member, 500 * kMs);
  bench.advance(GroupCoordinator::kNewMemberJoinTimeout - 1);
  CHECK_FALSE(bench.answered(join));
  bench.advance(1 * kMs);
  CHECK(bench.take<JoinGroupResponse>(join).error == Error::kUnknownMemberId);
}

TEST_CASE("members that do not rejoin are removed at the rebalance timeout", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(3, 60'000 * kMs);
  const std::uint32_t first = bench.join(1, members[1], 60'000 * kMs, 500 * kMs, 1);
  const std::uint32_t second = bench.join(2, members[2], 60'000 * kMs, 500 * kMs, 1);
  CHECK(bench.heartbeat(members[0], 1) == Error::kRebalanceInProgress);
  bench.advance(499 * kMs);
  CHECK_FALSE(bench.answered(first));
  bench.advance(1 * kMs);
  const auto response = bench.take<JoinGroupResponse>(first);
  CHECK(response.generation == 2);
  CHECK(response.leader != members[0]);
  CHECK(bench.take<JoinGroupResponse>(second).leader == response.leader);
  CHECK(bench.heartbeat(members[0], 1) == Error::kUnknownMemberId);
  CHECK(bench.last(HistoryKind::kMemberLeft).b == 2);
}

TEST_CASE("waiting members outlive their sessions", "[coordinator]") {
  Bench bench;
  const auto members = bench.stable(2, 100 * kMs, 5000 * kMs);
  const std::uint32_t waiting = bench.join(1, members[1], 100 * kMs, 5000 * kMs, 1);
  for (int i = 0; i < 30; ++i) {
    bench.advance(50 * kMs);
    CHECK(bench.heartbeat(members[0], 1) == Error::kRebalanceInProgress);
  }
  CHECK_FALSE(bench.answered(waiting));
  bench.advance(100 * kMs);  // the other one falls silent: its expiry lets the join complete
  CHECK(bench.take<JoinGroupResponse>(waiting).generation == 2);
}

TEST_CASE("group.max.size turns late joiners away", "[coordinator]") {
  Bench bench;
  bench.elect();
  for (ConnectionId c = 1; c <= 4; ++c) bench.join(c, bench.new_id(c));
  const auto refused = bench.take<JoinGroupResponse>(bench.join(5, ""));
  CHECK(refused.error == Error::kGroupMaxSizeReached);
  CHECK(refused.member_id.empty());
}
