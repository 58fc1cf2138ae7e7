// Clocks that are off: who measures on which face, with outcomes worked out by hand.
#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using sim::kMillisecond;
using sim::kSecond;

/// Three brokers (session 40 s, lag 10 s), three ZooKeeper servers (tick 2 s), orders with one
/// partition led by broker-1, one producer with acks=all and one group; all up by 10 s.
World clock_world(const std::string& faults, const std::string& clocks = "",
                  const std::string& producer = R"("rate": "50/s")") {
  const std::string text = R"({
    "schema": "kafka-failure-scenario/1", "name": "clock", "about": "", "duration": "150s",
    "cluster": {"zookeeper": {"count": 3, "tickTime": "2s"}, "brokers": {"count": 3, "config": {
      "zookeeper.session.timeout.ms": "40s", "replica.lag.time.max.ms": "10s",
      "offsets.topic.num.partitions": 3, "auto.leader.rebalance.enable": false}}},
    "topics": [{"name": "orders", "partitions": 1, "replication.factor": 3,
                "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "orders", )" +
                           producer + R"(, "config": {"linger.ms": 0}}],
    "consumers": [{"group": "billing", "topics": ["orders"], "members": 2,
                   "config": {"session.timeout.ms": "10s", "heartbeat.interval.ms": "3s"}}],
    "clocks": [)" + clocks +
                           R"(], "faults": [)" + faults + "]}";
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "clock");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return World(loaded.scenario, 7);
}

std::vector<sim::HistoryEvent> shrinks(const World& world, Time from) {
  auto events = world.events(HistoryKind::kIsrShrinkProposed, from);
  std::erase_if(events, [&](const sim::HistoryEvent& event) {
    return event.subject != world.partition("orders", 0);
  });
  return events;
}

}  // namespace

TEST_CASE("the leader's session tracker goes by its own monotonic clock", "[scenario][clock]") {
  // A session of 40 s ends more than 40 s and at most one tick of 2 s more after it was last heard
  // of, all on the leader's clock: divided by its rate in the time of the run.
  const auto silence = [](std::int64_t ppm) {
    const std::string rate = std::to_string(ppm);
    World world = clock_world(R"({"at": "20s", "crash": "broker-2"})",
                              R"({"of": "all zk", "offset": "-1h", "ppm": )" + rate + "}");
    world.until(19 * kSecond);  // the next step is its crash
    const std::int64_t session = world.cluster().broker(2).zookeeper().session_id();
    world.until(26 * kSecond);
    const auto leader = static_cast<std::size_t>(world.cluster().zookeeper_leader());
    const auto* known = world.cluster().zookeeper()[leader].sessions().find(session);
    REQUIRE(known != nullptr);
    const Time deadline = known->expires_at;
    world.until(80 * kSecond);
    const auto expired = world.events(HistoryKind::kZkSessionExpired, 20 * kSecond);
    REQUIRE(expired.size() == 1);
    // The clock shows t * (1 + ppm / 10^6); a transaction takes a few ms from there on.
    const auto due =
        static_cast<Time>(static_cast<__int128>(deadline) * 1'000'000 / (1'000'000 + ppm));
    CHECK(expired[0].time >= due);
    CHECK(expired[0].time < due + 20 * kMillisecond);
    return expired[0].time - expired[0].b;
  };
  const Time exact = silence(0);
  CHECK(exact > 40 * kSecond);
  CHECK(exact <= 42 * kSecond + 20 * kMillisecond);
  const Time fast = silence(100'000);
  CHECK(fast > 40 * kSecond * 10 / 11);
  CHECK(fast <= 42 * kSecond * 10 / 11 + 20 * kMillisecond);
  const Time slow = silence(-100'000);
  CHECK(slow > 40 * kSecond * 10 / 9);
  CHECK(slow <= 42 * kSecond * 10 / 9 + 20 * kMillisecond);
}

TEST_CASE("a leader's step forward drops who is not at its end, and nobody else",
          "[scenario][clock]") {
  // The follower stands still for 8 s, less than replica.lag.time.max.ms: it stays.
  const std::string pause = R"({"at": "20s", "pause": "broker-3", "for": "8s"})";
  const std::string jump = R"({"at": "22s", "jump": "leader of orders-0", "offset": "10s"})";
  World still = clock_world(pause);
  still.until(60 * kSecond);
  CHECK(shrinks(still, 20 * kSecond).empty());
  // With the step it has lagged for more than 10 s at the next run of the isr-expiration task,
  // which comes every 5 s.
  World stepped = clock_world(pause + "," + jump);
  stepped.until(60 * kSecond);
  const auto dropped = shrinks(stepped, 20 * kSecond);
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].time >= 22 * kSecond);
  CHECK(dropped[0].time <= 27 * kSecond);
  CHECK(sorted(stepped.isr("orders", 0)) == std::vector<BrokerId>{1, 2, 3});  // back again
  // A follower at the leader's end is never out of sync, however long ago that was.
  World quiet = clock_world(pause + "," + jump, "", R"("rate": "50/s", "stop": "15s")");
  quiet.until(60 * kSecond);
  CHECK(shrinks(quiet, 20 * kSecond).empty());
  CHECK(stepped.broken_promises() == "");
}

TEST_CASE("a leader's step back keeps a silent follower so much longer", "[scenario][clock]") {
  const auto first_shrink = [](const std::string& more) {
    World world = clock_world(R"({"at": "20s", "pause": "broker-3", "for": "60s"})" + more);
    world.until(79 * kSecond);
    const auto found = shrinks(world, 20 * kSecond);
    REQUIRE_FALSE(found.empty());
    return found[0].time;
  };
  // It lags from 20 s on, and the task looks every 5 s: after more than 10 s.
  const Time usual = first_shrink("");
  CHECK(usual > 30 * kSecond - 100 * kMillisecond);
  CHECK(usual <= 35 * kSecond);
  CHECK(first_shrink(R"(, {"at": "21s", "jump": "broker-1", "offset": "-10s"})") ==
        usual + 10 * kSecond);
}

TEST_CASE("a producer's step forward times out what is in flight", "[scenario][clock]") {
  const std::string pause = R"({"at": "20s", "pause": "all brokers", "for": "10s"})";
  World still = clock_world(pause);
  still.until(29 * kSecond);
  const auto timeouts = [](const World& world) {
    auto events = world.events(HistoryKind::kRequestTimedOut, 20 * kSecond);
    const auto producer = world.cluster().catalog().producer_process(0);
    std::erase_if(events, [&](const sim::HistoryEvent& event) { return event.actor != producer; });
    return events;
  };
  CHECK(timeouts(still).empty());  // request.timeout.ms is 30 s
  World stepped = clock_world(pause + R"(, {"at": "22s", "jump": "client p1", "offset": "31s"})");
  stepped.until(29 * kSecond);
  const auto found = timeouts(stepped);
  REQUIRE_FALSE(found.empty());
  // The next record wakes the sender, 20 ms later at most.
  CHECK(found[0].time >= 22 * kSecond);
  CHECK(found[0].time <= 22 * kSecond + 21 * kMillisecond);
  const auto faults = stepped.events(HistoryKind::kFaultInjected, 22 * kSecond);
  REQUIRE(faults.size() == 1);
  CHECK(stepped.events(HistoryKind::kRecordsFailed, 20 * kSecond).empty());
  // Beyond delivery.timeout.ms (120 s) the batches themselves are given up.
  World far = clock_world(pause + R"(, {"at": "22s", "jump": "client p1", "offset": "121s"})");
  far.until(29 * kSecond);
  const auto failed = far.events(HistoryKind::kRecordsFailed, 20 * kSecond);
  REQUIRE_FALSE(failed.empty());
  CHECK(failed[0].time >= 22 * kSecond);
  CHECK(failed[0].time <= 22 * kSecond + 21 * kMillisecond);
  CHECK(failed[0].c >> 8 == static_cast<std::int64_t>(model::Error::kRequestTimedOut));
}

TEST_CASE("a producer's step back makes its time-outs so much later", "[scenario][clock]") {
  const auto first_timeout = [](const std::string& more) {
    World world = clock_world(R"({"at": "20s", "pause": "all brokers", "for": "100s"})" + more);
    world.until(110 * kSecond);
    for (const auto& event : world.events(HistoryKind::kRequestTimedOut, 20 * kSecond)) {
      if (event.actor == world.cluster().catalog().producer_process(0)) return event.time;
    }
    return sim::kNever;
  };
  const Time usual = first_timeout("");
  CHECK(usual > 49 * kSecond);
  CHECK(usual < 51 * kSecond);
  CHECK(first_timeout(R"(, {"at": "21s", "jump": "client p1", "offset": "-15s"})") ==
        usual + 15 * kSecond);
  // A skew that ends in time changes nothing.
  CHECK(first_timeout(R"(, {"at": "21s", "skew": "client p1", "offset": "-15s", "for": "9s"})") ==
        usual);
}

TEST_CASE("a member whose clock is set back sends no heartbeats until it is where it was",
          "[scenario][clock]") {
  World world = clock_world(R"({"at": "20s", "jump": "client billing-1", "offset": "-40s"})");
  const auto member = world.cluster().catalog().find_process("billing-1").value();
  world.until(60 * kSecond);
  Time gone = sim::kNever;
  for (const auto& event : world.events(HistoryKind::kMemberLeft, 20 * kSecond)) {
    if (event.a == static_cast<std::int64_t>(member)) gone = std::min(gone, event.time);
  }
  // Its last heartbeat is up to 3 s old at the step: session.timeout.ms of 10 s after that.
  CHECK(gone > 27 * kSecond - 10 * kMillisecond);
  CHECK(gone <= 30 * kSecond + 10 * kMillisecond);
  World forward = clock_world(R"({"at": "20s", "jump": "client billing-1", "offset": "4s"})");
  forward.until(60 * kSecond);
  CHECK(forward.events(HistoryKind::kMemberLeft, 20 * kSecond).empty());
}

TEST_CASE("a constant offset is seen by nobody, drift 0 is none", "[scenario][clock]") {
  const std::string fault = R"({"at": "20s", "kill": "broker-2", "restart": "after 10s"})";
  const auto digest = [&](const std::string& clocks) {
    World world = clock_world(fault, clocks);
    world.until(60 * kSecond);
    return world.run().digest();
  };
  const std::uint64_t plain = digest("");
  CHECK(digest(R"({"of": "all", "ppm": 0, "offset": "0s"})") == plain);
  CHECK(digest(R"({"of": "all", "offset": "1h"}, {"of": "broker-1", "offset": "-20d"})") == plain);
  CHECK(digest(R"({"of": "broker-1", "ppm": 200})") != plain);
}

TEST_CASE("clocks travel with a copy of the world", "[scenario][clock]") {
  const std::string faults = R"({"at": "12s", "drift": "all brokers", "ppm": 400, "for": "20s"},
      {"at": "15s", "jump": "client p1", "offset": "-2s"},
      {"at": "16s", "skew": "leader of orders-0", "offset": "12s", "for": "9s"},
      {"at": "20s", "drift": "zk:leader", "ppm": -90000})";
  const std::string clocks = R"({"of": "all clients", "ppm": -150, "offset": "3s"})";
  World straight = clock_world(faults, clocks);
  straight.until(60 * kSecond);
  World again = clock_world(faults, clocks);
  again.until(22 * kSecond);
  scenarios::Run copy = again.run();
  again.until(60 * kSecond);
  copy.run_until(60 * kSecond);
  CHECK(again.run().digest() == straight.run().digest());
  CHECK(copy.digest() == straight.run().digest());
  CHECK(straight.broken_promises() == "");
}

TEST_CASE("skew and drift end as they began, one after the other", "[scenario][clock]") {
  World world = clock_world(R"({"at": "12s", "skew": "broker-1", "offset": "5s", "for": "10s"},
      {"at": "14s", "jump": "broker-1", "offset": "-1s"},
      {"at": "15s", "drift": "broker-1", "ppm": 300, "for": "5s"},
      {"at": "16s", "drift": "broker-1", "ppm": -100})");
  const auto& engine = world.cluster().engine();
  const auto process = world.cluster().catalog().broker_process(1);
  const auto lead = [&] {
    const auto* clock = engine.clock(world.cluster().catalog().process(process).host);
    return clock->wall_lead() - sim::kWallAtStart;
  };
  const auto ppm = [&] {
    return engine.clock(world.cluster().catalog().process(process).host)->ppm();
  };
  world.until(13 * kSecond);
  CHECK(lead() == 5 * kSecond);
  world.until(17 * kSecond);
  CHECK(lead() == 4 * kSecond);
  CHECK(ppm() == 200);
  world.run().advance_to(30 * kSecond);
  CHECK(lead() == -kSecond);
  CHECK(ppm() == -100);
  // 1 s at +300, 4 s at +200, 10 s at -100.
  CHECK(engine.reading(process).monotonic - engine.now() == (300 + 4 * 200 - 10 * 100) * 1000);
}

TEST_CASE("slow links of several faults on one pair end one by one", "[scenario]") {
  World world = clock_world(R"({"at": "12s", "slow_link": "broker-1", "from": "broker-2",
                                "latency": "40ms", "for": "20s"},
      {"at": "14s", "delay": "broker-2", "from": "broker-1", "latency": "30ms", "for": "4s"})");
  const auto& catalog = world.cluster().catalog();
  const auto slow = [&] {
    return world.cluster().engine().degraded(catalog.process(catalog.broker_process(1)).host,
                                             catalog.process(catalog.broker_process(2)).host);
  };
  world.until(19 * kSecond);
  CHECK(slow());  // the second has healed, the first has not
  world.until(33 * kSecond);
  CHECK_FALSE(slow());
}

TEST_CASE("slow_disk: a new leader syncs its epoch file first", "[scenario]") {
  const std::string kill = R"({"at": "20s", "kill": "leader of orders-0"})";
  const auto took = [&](const std::string& more) {
    World world = clock_world(kill + more);
    world.until(90 * kSecond);
    const auto elected = world.events(HistoryKind::kLeaderElected, 20 * kSecond);
    const auto became = world.events(HistoryKind::kBecameLeader, 20 * kSecond);
    REQUIRE_FALSE(elected.empty());
    REQUIRE_FALSE(became.empty());
    // The first request that makes a broker leader: so many partitions, one sync each.
    std::int64_t partitions = 0;
    for (const auto& event : became) {
      partitions += event.time == became[0].time && event.actor == became[0].actor;
    }
    CHECK(world.broken_promises() == "");
    return std::pair(became[0].time - elected[0].time, partitions);
  };
  CHECK(took("").first < 100 * kMillisecond);
  const auto [slow, partitions] = took(R"(, {"at": "19s", "slow_disk": "all brokers",
                                             "latency": "700ms"})");
  // Latency and the disk's own 2 ms for each sync, and what it takes with a quick disk.
  CHECK(slow >= partitions * 702 * kMillisecond);
  CHECK(slow < partitions * 703 * kMillisecond + 100 * kMillisecond);
}

}  // namespace isrlab::test
