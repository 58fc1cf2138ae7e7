// FastLeaderElection as a state machine, without links and timers.
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

ZkNotification notify(std::int32_t sender, std::int32_t leader, std::int64_t zxid,
                      std::int64_t epoch, std::int64_t round, std::uint8_t state = kZkLooking) {
  ZkNotification n;
  n.sender = sender;
  n.leader = leader;
  n.zxid = zxid;
  n.peer_epoch = epoch;
  n.election_epoch = round;
  n.state = state;
  return n;
}

TEST_CASE("FLEPredicateTest.testPredicate") {
  const auto beats = [](std::int32_t id, std::int64_t zxid, std::int64_t epoch, std::int32_t cur_id,
                        std::int64_t cur_zxid, std::int64_t cur_epoch) {
    return zk_vote_beats({id, zxid, epoch, 0, kZkLooking}, {cur_id, cur_zxid, cur_epoch, 0, 0});
  };
  CHECK_FALSE(beats(4, 0, 0, 3, 0, 2));
  CHECK(beats(0, 0, 1, 1, 0, 0));
  CHECK(beats(0, 1, 0, 1, 0, 0));
  CHECK(beats(1, 1, 0, 0, 1, 0));
}

TEST_CASE("FLEOutOfElectionTest.testLookingNormal and testLookingDiffRounds") {
  const ZkVote vote{4, 0x200000004, 2, 1, kZkLooking};
  ZkVotes votes;
  votes[0] = {4, 0x200000004, 2, 1, kZkLooking};
  votes[1] = votes[0];
  votes[2] = {3, 0x200000004, 2, 1, kZkLooking};
  votes[3] = votes[0];
  votes[4] = votes[0];
  CHECK(zk_count_votes(votes, vote) == 4);
  votes.clear();
  votes[0] = {4, 0x200000004, 2, 1, kZkLooking};
  votes[1] = {4, 0x200000004, 2, 2, kZkLooking};
  votes[2] = {4, 0x200000004, 2, 3, kZkLooking};
  votes[3] = {4, 0x200000004, 2, 3, kZkLooking};
  votes[4] = {4, 0x200000004, 2, 3, kZkLooking};
  CHECK(zk_count_votes(votes, vote) == 1);
}

TEST_CASE("a quorum is decided after 200 ms without a better vote") {
  ZkElection election;
  CHECK(election.begin(1, 3, 0, 0).broadcast);
  ZkElection::Action action = election.on_notification(notify(2, 2, 0, 0, 1));
  CHECK(action.broadcast);  // adopts the better vote
  CHECK(action.await_better);
  action = election.on_notification(notify(1, 1, 0, 0, 1));
  CHECK(action.await_better);  // thrown away, starts the wait again
  action = election.on_notification(notify(3, 3, 0, 0, 1));
  CHECK(action.broadcast);
  CHECK(action.await_better);
  CHECK(election.on_finalize().decided);
  CHECK(election.vote().leader == 3);
}

TEST_CASE("a higher round starts over, a lower one is answered and ignored") {
  ZkElection election;
  election.begin(2, 3, 5, 1);
  ZkElection::Action action = election.on_notification(notify(3, 3, 4, 1, 4));
  CHECK(action.broadcast);
  CHECK(election.vote().election_epoch == 4);
  CHECK(election.vote().leader == 2);  // its own history is the more recent one
  action = election.on_notification(notify(3, 3, 9, 1, 3));
  CHECK(action.answer);
  CHECK_FALSE(action.await_better);
  CHECK(election.vote().leader == 2);
}

// The queue of notifications is asked for any better vote while the 200 ms run, whoever sends it
// (FastLeaderElection.lookForLeader): that of a server which leads ends them and is not adopted.
TEST_CASE("two leaders without followers keep the third server looking until one gives up") {
  ZkElection election;
  election.begin(3, 3, 0x100000072, 1);
  CHECK_FALSE(election.on_notification(notify(1, 1, 0x20000000d, 2, 3, kZkLeading)).decided);
  CHECK_FALSE(election.on_notification(notify(2, 2, 0x20000000d, 2, 4, kZkLeading)).decided);
  CHECK(election.looking());
  // Server 1 looks again, but server 2 has the better vote and still leads.
  CHECK(election.on_notification(notify(1, 1, 0x20000000d, 2, 4)).await_better);
  const ZkElection::Action disturbed =
      election.on_notification(notify(2, 2, 0x20000000d, 2, 4, kZkLeading));
  CHECK(disturbed.keep_waiting);
  CHECK_FALSE(disturbed.await_better);
  CHECK_FALSE(election.on_finalize().decided);
  CHECK(election.vote().leader == 1);
  // Server 2 gives up, initLimit ticks after it began to lead.
  CHECK(election.on_notification(notify(2, 2, 0x20000000d, 2, 5)).await_better);
  CHECK(election.on_finalize().decided);
  CHECK(election.vote().leader == 2);
}

TEST_CASE("silence doubles the resend time up to a minute") {
  ZkElection election;
  election.begin(1, 3, 0, 0);
  CHECK(election.resend_after() == 200 * kMillisecond);
  for (int i = 0; i < 20; ++i) CHECK(election.on_silence().broadcast);
  CHECK(election.resend_after() == 60 * kSecond);
}

TEST_CASE("a late server joins a leader that a quorum follows and that says itself it leads") {
  ZkElection election;
  election.begin(3, 3, 99, 0);  // it would win an election
  CHECK_FALSE(election.on_notification(notify(1, 2, 7, 1, 8, kZkFollowing)).decided);
  const ZkElection::Action action = election.on_notification(notify(2, 2, 3, 1, 6, kZkLeading));
  CHECK(action.decided);  // zxid and round of the votes may differ (ZOOKEEPER-1805)
  CHECK(election.vote().leader == 2);

  ZkElection lonely;
  lonely.begin(3, 3, 0, 0);
  CHECK_FALSE(lonely.on_notification(notify(2, 2, 3, 1, 6, kZkLeading)).decided);
  CHECK_FALSE(lonely.on_notification(notify(2, 2, 3, 1, 6, kZkLeading)).decided);
}

}  // namespace
}  // namespace isrlab::test
