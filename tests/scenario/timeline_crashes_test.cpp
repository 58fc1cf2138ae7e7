// Time lines (a), (b) and (c) of the controller reference, section 6: a follower, a leader, the
// controller crash. Times are those of the section: t = 20 s is its t = 0, X is 12 to 21 s after
// the crash (a tick of 2 s). It starts at (e=5, v=9), a fresh partition at (0, 0): what is compared
// is the difference.
#include "tests/scenario/timeline.hpp"

namespace isrlab::test {
namespace {

constexpr Time kCrash = 20 * kSecond;

/// X of a crash at 20 s.
void check_detected(Time at) {
  CHECK(at > kCrash + 12 * kSecond);
  CHECK(at <= kCrash + 21 * kSecond + 50 * kMillisecond);
}

using Writes = std::vector<StateWrite>;

/// How often the broker's only fetcher dials its leader until then.
int attempts_to_connect(World& world, BrokerId broker, Time until) {
  using State = model::RpcChannel::State;
  int count = 0;
  State last = State::kIdle;
  world.until_true(until, [&] {
    const State state = world.cluster().broker(broker).fetchers().at(0).channel.state();
    if (state == State::kConnecting && last != State::kConnecting) ++count;
    last = state;
    return false;
  });
  return count;
}

}  // namespace

TEST_CASE("time line (a): a follower crashes", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-follower-crash"));
  World& world = line.world;
  world.run().advance_to(kCrash);
  REQUIRE(world.cluster().controller() == 2);

  // 1. The high watermark stalls; acks=1 is served, acks=all waits.
  world.until(kCrash + kSecond);
  const std::int64_t stalled = line.high_watermark(1, "orders");
  world.until(kCrash + 11 * kSecond);
  CHECK(line.high_watermark(1, "orders") == stalled);
  CHECK(line.replica(1, "orders").log.log_end_offset() >= stalled + 180);
  CHECK(line.acks->records("acks-one", kCrash + kSecond, kCrash + 11 * kSecond) >= 190);
  CHECK(line.acks->records("acks-all", kCrash + kSecond, kCrash + 11 * kSecond) == 0);

  // 2. and 3. The session ends: the ISR without it, e+1, v+1; LeaderAndIsr, then UpdateMetadata.
  world.until(55 * kSecond);
  const auto expired = world.events(HistoryKind::kZkSessionExpired, kCrash);
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].subject == line.process(3));
  const Time failed = line.seen(HistoryKind::kBrokerFailureSeen, 3, kCrash);
  check_detected(failed);
  CHECK(failed >= expired[0].time);
  CHECK(failed - expired[0].time < 50 * kMillisecond);
  CHECK(line.writes("orders", kCrash, 55 * kSecond) == Writes{{1, {1, 2}, 1, 1}});
  const Time written = line.written_at("orders", kCrash, 55 * kSecond);
  CHECK(written - failed < 50 * kMillisecond);
  for (const BrokerId broker : {1, 2}) {
    // The last one tells who is alive: no leader went away (onReplicasBecomeOffline).
    CHECK(line.sent_to(broker, kCrash, 55 * kSecond) == "L1 U1 U0");
  }
  CHECK(line.sent_to(3, kCrash, 55 * kSecond) == "");

  // 4. The leader's new epoch begins at its log end; what waited is acknowledged. The follower's
  // fetcher starts again.
  const auto leads = line.by(1, HistoryKind::kBecameLeader, kCrash);
  REQUIRE(leads.size() == 1);
  CHECK(leads[0].time > written);
  CHECK(leads[0].a == 1);
  CHECK(leads[0].b > stalled + 180);
  const auto follows = line.by(2, HistoryKind::kBecameFollower, kCrash);
  REQUIRE(follows.size() == 1);
  CHECK(follows[0].a == 1);
  CHECK(follows[0].b == 1);
  CHECK(line.high_watermark(1, "orders") > leads[0].b);
  CHECK(line.acks->longest_gap("acks-all", kCrash, 55 * kSecond) > failed - kCrash - kSecond);
  CHECK(line.acks->longest_gap("acks-all", kCrash, 55 * kSecond) < failed - kCrash + kSecond);
  CHECK(world.events(HistoryKind::kRecordsRetried, kCrash).empty());  // X is below 30 s
}

TEST_CASE("time line (a): the follower returns, and loses its leader later",
          "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-follower-crash"));
  World& world = line.world;
  world.run().advance_to(kCrash);
  REQUIRE(world.cluster().controller() == 2);
  const std::int64_t broker_epoch = world.cluster().broker(3).broker_epoch();

  // 6. It restarts: a new broker epoch; UpdateMetadata without partitions to the others, all of
  // them and LeaderAndIsr with the same epoch to it; the leader takes it back: v+1 only.
  world.until(99 * kSecond);
  const Time back = line.seen(HistoryKind::kBrokerStartSeen, 3, 60 * kSecond);
  REQUIRE(back != sim::kNever);
  CHECK(world.cluster().broker(3).broker_epoch() > broker_epoch);
  CHECK(line.writes("orders", 60 * kSecond, 99 * kSecond) == Writes{{1, {1, 2, 3}, 1, 2}});
  for (const BrokerId broker : {1, 2}) {
    // The batch of the LeaderAndIsr tells all; so does AlterPartition.
    CHECK(line.sent_to(broker, back, 99 * kSecond) == "U0 U1 U1");
  }
  CHECK(line.sent_to(3, back, 99 * kSecond) == "U1 L1 U1 U1");
  const auto returned = line.by(3, HistoryKind::kBecameFollower, back);
  REQUIRE(returned.size() == 1);
  CHECK(returned[0].a == 1);

  // 5. Cut off from its leader with a living session: AlterPartition after 30 to 45 s, v+1, the
  // same e; UpdateMetadata to all, no LeaderAndIsr.
  world.until(159 * kSecond);
  CHECK(line.writes("orders", 100 * kSecond, 159 * kSecond) == Writes{{1, {1, 2}, 1, 3}});
  const Time shrunk = line.written_at("orders", 100 * kSecond, 159 * kSecond);
  CHECK(shrunk > 100 * kSecond + 30 * kSecond - 550 * kMillisecond);  // its last fetch: 500 ms ago
  CHECK(shrunk < 100 * kSecond + 45 * kSecond + 50 * kMillisecond);
  CHECK(line.by(1, HistoryKind::kIsrShrinkProposed, 100 * kSecond).size() == 1);
  for (const BrokerId broker : {1, 2, 3}) {
    CHECK(line.sent_to(broker, 100 * kSecond, 159 * kSecond) == "U1");
  }
  CHECK(world.events(HistoryKind::kBrokerFailureSeen, 100 * kSecond).empty());
  world.until(199 * kSecond);
  CHECK(line.writes("orders", 159 * kSecond, 199 * kSecond) == Writes{{1, {1, 2, 3}, 1, 4}});
  CHECK(world.events(HistoryKind::kLeaderElected, kCrash).empty());
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("time line (b): the leader crashes", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-leader-crash"));
  World& world = line.world;
  world.run().advance_to(kCrash);
  REQUIRE(world.cluster().controller() == 2);

  // 1. Nobody can write; followers come back every second.
  world.until(kCrash + kSecond);
  const int attempts = attempts_to_connect(world, 3, kCrash + 11 * kSecond);
  CHECK(attempts >= 9);
  CHECK(attempts <= 10);
  world.until(49 * kSecond);
  const Time failed = line.seen(HistoryKind::kBrokerFailureSeen, 1, kCrash);
  check_detected(failed);
  for (const char* producer : {"acks-all", "acks-one"}) {
    CHECK(line.acks->records(producer, kCrash + 10 * kMillisecond, failed) == 0);
  }

  // 2. One write; then the dead broker's replicas: no write, LeaderAndIsr with the same epoch.
  CHECK(line.writes("orders", kCrash, 49 * kSecond) == Writes{{2, {2, 3}, 1, 1}});
  const Time written = line.written_at("orders", kCrash, 49 * kSecond);
  CHECK(written - failed < 50 * kMillisecond);
  for (const BrokerId broker : {2, 3}) {
    CHECK(line.sent_to(broker, kCrash, 49 * kSecond) == "L1 U1 L1 U1");
  }
  CHECK(line.sent_to(1, failed, 49 * kSecond) == "");
  const auto elected = world.events(HistoryKind::kLeaderElected, kCrash);
  REQUIRE(elected.size() == 1);
  CHECK(elected[0].c == 1);  // offline
  CHECK(world.events(HistoryKind::kPartitionOffline, kCrash).size() == 1);

  // 3. It leads from its log end; the other one follows it. The second LeaderAndIsr changes
  // nothing.
  const auto leads = line.by(2, HistoryKind::kBecameLeader, kCrash);
  REQUIRE(leads.size() == 1);
  CHECK(leads[0].a == 1);
  CHECK(leads[0].time - failed < 100 * kMillisecond);
  const auto follows = line.by(3, HistoryKind::kBecameFollower, kCrash);
  REQUIRE(follows.size() == 1);
  CHECK(follows[0].b == 2);
  CHECK(line.replica(2, "orders").log.log_end_offset() > leads[0].b);

  // 4. Unavailable for X and what a producer's back-off of at most 1 s (and its jitter) adds.
  const Duration gap = line.acks->longest_gap("acks-all", kCrash - kSecond, 49 * kSecond);
  CHECK(gap > failed - kCrash);
  CHECK(gap < failed - kCrash + 1500 * kMillisecond);

  // Back in the ISR (v+2), and the balance gives the leadership back (e+2, v+3): the first check
  // was 5 s after the fail-over, the next one is 300 s later.
  world.until(335 * kSecond);
  const auto ready = world.events(HistoryKind::kControllerReady);
  REQUIRE(ready.size() == 1);
  const Time balance = ready[0].time + 305 * kSecond;
  CHECK(line.writes("orders", 50 * kSecond, 335 * kSecond) ==
        Writes{{2, {2, 3, 1}, 1, 2}, {1, {2, 3, 1}, 2, 3}});
  const Time given_back = line.written_at("orders", balance - kSecond, 335 * kSecond);
  CHECK(given_back >= balance);
  CHECK(given_back < balance + 50 * kMillisecond);
  for (const BrokerId broker : {1, 2, 3}) {
    CHECK(line.sent_to(broker, balance - kSecond, 335 * kSecond) == "L1 U1");
  }
  CHECK(world.events(HistoryKind::kLeaderElected, balance).at(0).c == 2);  // preferred
  CHECK(world.broken_promises() == "");
}

TEST_CASE("time line (c): the controller crashes; it leads the partition", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-controller-crash"));
  World& world = line.world;
  world.run().advance_to(kCrash);
  REQUIRE(world.cluster().controller() == 1);
  world.until(55 * kSecond);

  // 1. Nothing until its session ends.
  const auto expired = world.events(HistoryKind::kZkSessionExpired, kCrash);
  REQUIRE(expired.size() == 1);
  check_detected(expired[0].time);
  CHECK(line.acks->records("acks-all", kCrash + 10 * kMillisecond, expired[0].time) == 0);

  // 2. One wins: epoch + 1; the other learns who it is.
  const auto elected = world.events(HistoryKind::kControllerElected, kCrash);
  REQUIRE(elected.size() == 1);
  CHECK(elected[0].a == 2);
  const auto winner = static_cast<BrokerId>(elected[0].subject);
  const BrokerId loser = winner == 2 ? 3 : 2;
  CHECK(elected[0].time - expired[0].time < 50 * kMillisecond);
  CHECK(world.cluster().broker(loser).controller().known_controller() == winner);
  CHECK_FALSE(world.cluster().broker(loser).controller().active());

  // 3. Who the controller is; the states as they are; replicas: leader none, e+1; partitions: e+2.
  CHECK(line.writes("orders", kCrash, 55 * kSecond) ==
        Writes{{model::kNoBroker, {2, 3}, 1, 1}, {2, {2, 3}, 2, 2}});
  for (const BrokerId broker : {2, 3}) {
    CHECK(line.sent_to(broker, kCrash, 55 * kSecond) == "U0 L1 U1 L1 U1 L1 U1");
  }
  const auto ready = world.events(HistoryKind::kControllerReady, kCrash);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].time - elected[0].time < 200 * kMillisecond);
  // The equal epoch and the leader -1 move no replica: each changes its role once, for e+2.
  const auto leads = line.by(2, HistoryKind::kBecameLeader, kCrash);
  REQUIRE(leads.size() == 1);
  CHECK(leads[0].a == 2);
  const auto follows = line.by(3, HistoryKind::kBecameFollower, kCrash);
  REQUIRE(follows.size() == 1);
  CHECK(follows[0].a == 2);
  CHECK(world.events(HistoryKind::kBrokerFailureSeen, kCrash).empty());  // read, not seen to go

  world.until(99 * kSecond);
  CHECK(line.writes("orders", 55 * kSecond, 99 * kSecond) == Writes{{2, {2, 3, 1}, 2, 3}});
  CHECK(world.broken_invariants() == "");
}

}  // namespace isrlab::test
