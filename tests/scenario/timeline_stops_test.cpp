// Time lines (g) and (h) of the controller reference, section 6: ZooKeeper loses its quorum; a
// broker is restarted with controlled shutdown. Epochs and versions are compared with the start's.
#include "tests/scenario/timeline.hpp"

namespace isrlab::test {
namespace {

using scenarios::FaultAction;
using Writes = std::vector<StateWrite>;

constexpr Time kStart = 20 * kSecond;

std::vector<sim::HistoryEvent> leading_after(const World& world, Time from) {
  return world.events(HistoryKind::kZkLeading, from);
}

}  // namespace

TEST_CASE("time line (g): ZooKeeper without a quorum for 60 s", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-zookeeper-quorum-lost"));
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 2);
  const std::int64_t zk_epoch = leading_after(world, 0).back().a;

  // 1. The one that is left looks for a leader, all brokers are disconnected, no session ends.
  world.until(79 * kSecond);
  CHECK(!world.events(HistoryKind::kZkLooking, kStart).empty());
  for (BrokerId broker = 1; broker <= 3; ++broker) {
    const auto gone = line.by(broker, HistoryKind::kZkClientDisconnected, kStart);
    REQUIRE(!gone.empty());
    CHECK(gone[0].time < kStart + 5 * kSecond);
    CHECK(line.by(broker, HistoryKind::kZkClientConnected, gone[0].time).empty());
  }
  CHECK(world.events(HistoryKind::kZkSessionExpired, kStart).empty());
  CHECK(world.events(HistoryKind::kLeaderElected, kStart).empty());

  // 2. Leaders lead on. The dead follower freezes the high watermark, the dead leader's partition
  // is down, the wish to shrink has no answer: the controller stands in its first ZooKeeper call.
  CHECK(line.acks->longest_gap("healthy-all", kStart, 79 * kSecond) < kSecond);
  CHECK(line.acks->records("acks-one", 31 * kSecond, 79 * kSecond) >= 48 * 20 - 5);
  CHECK(line.acks->records("acks-all", 30 * kSecond + 100 * kMillisecond, 79 * kSecond) == 0);
  CHECK(line.acks->records("down-one", 30 * kSecond + 100 * kMillisecond, 79 * kSecond) == 0);
  const auto wants = line.by(1, HistoryKind::kIsrShrinkProposed, kStart);
  REQUIRE(!wants.empty());
  CHECK(wants[0].time > 60 * kSecond - 550 * kMillisecond);
  CHECK(wants[0].time < 75 * kSecond + 50 * kMillisecond);
  for (const char* topic : {"orders", "healthy", "down"}) {
    CHECK(line.writes(topic, kStart, 79 * kSecond).empty());
  }

  // 3. The quorum is back: a new epoch; who lives is connected in seconds; what was pending is
  // done; who died meanwhile expires a full session time-out later.
  world.until(119 * kSecond);
  const auto leading = leading_after(world, 80 * kSecond);
  REQUIRE(leading.size() == 1);
  const Time back = leading[0].time;
  CHECK(leading[0].a == zk_epoch + 1);
  for (const BrokerId broker : {1, 2}) {
    const auto again = line.by(broker, HistoryKind::kZkClientConnected, kStart);
    REQUIRE(again.size() == 1);
    CHECK(again[0].time - back < 2500 * kMillisecond);
  }
  CHECK(line.written_at("orders", kStart, 119 * kSecond) < back + 3 * kSecond);
  const auto expired = world.events(HistoryKind::kZkSessionExpired, kStart);
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].subject == line.process(3));
  CHECK(expired[0].time > back + 18 * kSecond);
  CHECK(expired[0].time <= back + 20 * kSecond + 500 * kMillisecond);
  // The ISR by AlterPartition (v+1); at the expiry orders needs no write, down a new leader.
  CHECK(line.writes("orders", kStart, 119 * kSecond) == Writes{{1, {1, 2}, 0, 1}});
  CHECK(line.writes("down", kStart, 119 * kSecond) == Writes{{1, {1, 2}, 1, 1}});
  CHECK(line.written_at("down", kStart, 119 * kSecond) >= expired[0].time);
  CHECK(line.writes("healthy", kStart, 119 * kSecond).empty());
  world.until(169 * kSecond);
  CHECK(world.events(HistoryKind::kControllerElected, kStart).empty());
  CHECK(world.isr("orders", 0).size() == 3);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("time line (g): controlled shutdown without a quorum fails in three attempts",
          "[scenario][timeline]") {
  scenarios::Scenario scenario = library_scenario("timeline-zookeeper-quorum-lost");
  scenario.faults.clear();
  Timeline line(scenario);
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 2);
  world.inject(FaultAction::kKill, "2 zk");
  world.run().advance_to(30 * kSecond);
  world.inject(FaultAction::kStop, "broker-3");
  world.until(165 * kSecond);
  const auto done = world.events(HistoryKind::kControlledShutdownDone, kStart);
  REQUIRE(done.size() == 1);
  CHECK(done[0].a == 0);
  CHECK(done[0].b == 3);
  // 3 x request.timeout.ms + 2 x controlled.shutdown.retry.backoff.ms.
  CHECK(done[0].time - 30 * kSecond >= 100 * kSecond);
  CHECK(done[0].time - 30 * kSecond < 100 * kSecond + 100 * kMillisecond);
}

TEST_CASE("time line (g): a broker cannot start without a quorum", "[scenario][timeline]") {
  scenarios::Scenario scenario = library_scenario("timeline-zookeeper-quorum-lost");
  scenario.faults.clear();
  Timeline line(scenario);
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 2);
  world.inject(FaultAction::kStop, "broker-3", 10 * kSecond);
  world.run().advance_to(25 * kSecond);
  world.inject(FaultAction::kKill, "2 zk", 60 * kSecond);
  world.until(84 * kSecond);
  // It starts at 30 s, and again 5 s after each failure; each start takes 1.5 to 2.5 s of boot and
  // zookeeper.connection.timeout.ms (18 s, the session time-out) to fail.
  const auto starts = line.by(3, HistoryKind::kProcessStarted, 26 * kSecond);
  const auto exits = line.by(3, HistoryKind::kProcessExited, 26 * kSecond);
  REQUIRE(starts.size() == 3);
  REQUIRE(exits.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(exits[i].a == 0);  // not clean
    CHECK(exits[i].time - starts[i].time >= 19'500 * kMillisecond);
    CHECK(exits[i].time - starts[i].time <= 20'500 * kMillisecond);
    CHECK(starts[i + 1].time - exits[i].time == 5 * kSecond);
  }
  CHECK(line.by(3, HistoryKind::kBrokerRegistered, 26 * kSecond).empty());
  // The quorum is back at 85 s.
  world.until(120 * kSecond);
  CHECK(line.by(3, HistoryKind::kBrokerRegistered, 26 * kSecond).size() == 1);
  CHECK(world.isr("orders", 0).size() == 3);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("time line (h): rolling restart of a leader and follower", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-rolling-restart"));
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 3);
  world.until(39 * kSecond);

  // 1. The leadership moves, the broker leaves the ISRs it follows in; one attempt, well below 1 s.
  const auto done = world.events(HistoryKind::kControlledShutdownDone, kStart);
  REQUIRE(done.size() == 1);
  CHECK(done[0].a == 1);
  CHECK(done[0].b == 1);
  CHECK(done[0].time - kStart < kSecond);
  for (const char* topic : {"orders", "invoices"}) {
    CHECK(line.writes(topic, kStart, 39 * kSecond) == Writes{{2, {2, 3}, 1, 1}});
    CHECK(line.written_at(topic, kStart, 39 * kSecond) < done[0].time);
  }
  CHECK(line.written_at("orders", kStart, 39 * kSecond) <
        line.written_at("invoices", kStart, 39 * kSecond));
  const Time failed = line.seen(HistoryKind::kBrokerFailureSeen, 1, kStart);
  // The last StopReplica is queued behind the UpdateMetadata and may find nobody any more: by then
  // the broker has its answer and takes no requests.
  CHECK(line.sent_to(1, kStart, 39 * kSecond).starts_with("L1 U1 S1 U1"));
  for (const BrokerId broker : {2, 3}) {
    CHECK(line.sent_to(broker, kStart, failed - 1) == "L1 U1 L1 U1");
  }

  // 2. Produce goes on at the new leader after a refresh; nothing is lost.
  CHECK(line.acks->longest_gap("acks-all", kStart, 39 * kSecond) < 2 * kSecond);
  CHECK(line.acks->longest_gap("follow", kStart, 39 * kSecond) < kSecond);

  // 3. The session is closed; the failure needs no write: the same epochs are sent again.
  CHECK(world.events(HistoryKind::kZkSessionExpired, kStart).empty());
  CHECK(world.events(HistoryKind::kZkSessionClosed, kStart).size() == 1);
  CHECK(failed > done[0].time);
  CHECK(failed - kStart < 3 * kSecond);
  for (const BrokerId broker : {2, 3}) {
    CHECK(line.sent_to(broker, failed, 39 * kSecond) == "L2 U2 U0");
  }
  CHECK(line.by(2, HistoryKind::kBecameLeader, kStart).size() == 2);  // orders; invoices' new epoch
  CHECK(line.by(3, HistoryKind::kBecameFollower, kStart).size() == 2);

  // 4. and 5. It returns, both leaders take it back, the balance gives orders back (1 of 1 > 10 %).
  world.until(335 * kSecond);
  const Time balance = world.events(HistoryKind::kControllerReady).at(0).time + 305 * kSecond;
  CHECK(line.writes("orders", 40 * kSecond, 335 * kSecond) ==
        Writes{{2, {2, 3, 1}, 1, 2}, {1, {2, 3, 1}, 2, 3}});
  CHECK(line.writes("invoices", 40 * kSecond, 335 * kSecond) == Writes{{2, {2, 3, 1}, 1, 2}});
  const Time given_back = line.written_at("orders", balance - kSecond, 335 * kSecond);
  CHECK(given_back >= balance);
  CHECK(given_back < balance + 50 * kMillisecond);
  const Time back = line.seen(HistoryKind::kBrokerStartSeen, 1, 40 * kSecond);
  CHECK(line.sent_to(1, back, 100 * kSecond).starts_with("U2 L2 U2"));
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("time line (h): the only member of the ISR shuts down", "[scenario][timeline]") {
  // Four brokers, the controller is the one without a replica; 2 and 3 are dead.
  scenarios::Scenario scenario = library_scenario("timeline-leader-without-followers");
  scenario.faults.clear();
  Timeline line(scenario);
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 4);
  world.inject(FaultAction::kKill, "brokers 2,3");
  world.run().advance_to(60 * kSecond);
  REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1});
  const auto before = line.writes("orders", 0, 60 * kSecond).back();
  const Time stopped = world.cluster().now();
  world.inject(FaultAction::kStop, "broker-1");
  world.until(80 * kSecond);
  // No candidate: three attempts, 5 s apart. Then it goes: leader none, ISR [1].
  const auto done = world.events(HistoryKind::kControlledShutdownDone, stopped);
  REQUIRE(done.size() == 1);
  CHECK(done[0].a == 0);
  CHECK(done[0].b == 3);
  CHECK(done[0].time - stopped >= 10 * kSecond);
  CHECK(done[0].time - stopped < 10 * kSecond + 200 * kMillisecond);
  CHECK(line.writes("orders", stopped, 80 * kSecond) ==
        Writes{{model::kNoBroker, {1}, before.e + 1, before.v + 1}});
}

TEST_CASE("time line (h): the controller itself is restarted: one fail-over without X",
          "[scenario][timeline]") {
  // The same run under a seed that makes broker-1 the controller.
  Timeline line(library_scenario("timeline-rolling-restart"), 3);
  World& world = line.world;
  world.run().advance_to(kStart);
  REQUIRE(world.cluster().controller() == 1);
  world.until(39 * kSecond);
  const auto closed = world.events(HistoryKind::kZkSessionClosed, kStart);
  REQUIRE(closed.size() == 1);
  const auto elected = world.events(HistoryKind::kControllerElected, kStart);
  REQUIRE(elected.size() == 1);
  CHECK(elected[0].a == 2);
  CHECK(elected[0].time > closed[0].time);
  CHECK(elected[0].time - closed[0].time < 100 * kMillisecond);
  // The shutdown has moved everything before: the fail-over writes nothing.
  for (const char* topic : {"orders", "invoices"}) {
    CHECK(line.writes(topic, kStart, 39 * kSecond) == Writes{{2, {2, 3}, 1, 1}});
  }
  CHECK(line.acks->longest_gap("acks-all", kStart, 39 * kSecond) < 2 * kSecond);
}

}  // namespace isrlab::test
