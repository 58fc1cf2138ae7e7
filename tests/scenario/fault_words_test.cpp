// What each word of the fault vocabulary does, with outcomes worked out by hand.
#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using sim::kMillisecond;
using sim::kSecond;

/// Three brokers, three ZooKeeper servers, orders with one partition and three replicas, one
/// producer with acks=all; all up by 6 s. The faults are those of the text.
World world_with(const std::string& faults, const std::string& more = "",
                 const std::string& topic = R"("replication.factor": 3)",
                 const std::string& brokers = "") {
  const std::string text = R"({
    "schema": "kafka-failure-scenario/1", "name": "word", "about": "", "duration": "90s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {)" +
                           brokers + R"(
      "zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
      "auto.leader.rebalance.enable": false}}},
    "topics": [{"name": "orders", "partitions": 1, )" +
                           topic + R"(}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "50/s",
                   "config": {"request.timeout.ms": "4s", "linger.ms": 0}}],
    )" + more + R"("faults": [)" +
                           faults + "]}";
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "word");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return World(loaded.scenario, 7);
}

Time first_retry(const World& world, Time from) {
  const auto events = world.events(HistoryKind::kRecordsRetried, from);
  return events.empty() ? sim::kNever : events[0].time;
}

void kill_another_than_the_controller(World& world) {
  world.run().advance_to(20 * kSecond);
  const BrokerId other = world.cluster().controller() % 3 + 1;
  world.inject(scenarios::FaultAction::kKill, "broker-" + std::to_string(other));
}

}  // namespace

TEST_CASE("crash: a host that goes down tells nobody, a process that dies does", "[scenario]") {
  World killed = world_with(R"({"at": "20s", "kill": "leader of orders-0"})");
  killed.until(40 * kSecond);
  CHECK(first_retry(killed, 20 * kSecond) < 20 * kSecond + 50 * kMillisecond);
  // The producer waits for its request.timeout.ms of 4 s.
  World crashed = world_with(R"({"at": "20s", "crash": "leader of orders-0"})");
  crashed.until(40 * kSecond);
  CHECK(first_retry(crashed, 20 * kSecond) >= 23900 * kMillisecond);
  CHECK(crashed.broken_promises() == "");
}

TEST_CASE("crash: unflushed records go with the host, those written back stay", "[scenario]") {
  // Written back are those that were there 35 s before a pass at most 35 s ago: at 80 s those of
  // the first 10 s at least, and none of the last 35 s.
  for (const std::string how : {"lost", "kept"}) {
    World world = world_with(R"({"at": "80s", "crash": "leader of orders-0", "unflushed": ")" +
                                 how + R"(", "restart": "after 1s"})",
                             "", R"("replication.factor": 1)");
    world.until(80 * kSecond - 1);
    const BrokerId leader = world.leader("orders", 0);
    const auto& log = world.cluster().broker(leader).partition(world.partition("orders", 0))->log;
    const std::int64_t before = log.log_end_offset();
    world.until(81 * kSecond);
    const auto lost = world.events(HistoryKind::kRecordsLostOnDisk, 80 * kSecond);
    if (how == "kept") {
      CHECK(lost.empty());
      CHECK(log.log_end_offset() >= before);
      continue;
    }
    REQUIRE(lost.size() >= 1);
    std::int64_t to = -1;
    for (const auto& event : lost) {
      if (event.subject == world.partition("orders", 0)) to = event.b;
    }
    // 50 records a second from about 4 s on.
    CHECK(to >= 50 * 4);
    CHECK(to <= before - 50 * 34);
    CHECK(log.log_end_offset() == to);
  }
}

TEST_CASE("crash: what survived one is on the disk and survives the next", "[scenario]") {
  // The second crash may only take what was appended since the first.
  for (const std::string how : {"drawn", "kept"}) {
    World world = world_with(
        R"({"at": "20s", "crash": "leader of orders-0", "restart": "after 1s", "unflushed": ")" +
            how + R"("}, {"at": "40s", "crash": "leader of orders-0", "unflushed": "lost"})",
        "", R"("replication.factor": 1)");
    world.until(20 * kSecond);  // just after the first crash
    const model::PartitionId id = world.partition("orders", 0);
    const BrokerId owner = world.isr("orders", 0).at(0);
    const auto& log = world.cluster().broker(owner).partition(id)->log;
    const std::int64_t survived = log.log_end_offset();
    REQUIRE(survived > 0);
    world.until(39 * kSecond);
    REQUIRE(log.log_end_offset() > survived);
    world.until(40 * kSecond);
    CHECK(log.log_end_offset() == survived);
  }
}

TEST_CASE("heal: a broker that gave a log directory up is restarted, or it stays offline",
          "[scenario]") {
  for (const bool heals : {false, true}) {
    const std::string heal = heals ? R"("heal": {"at": "40s"},)" : "";
    World world = world_with(R"({"at": "20s", "fail_disk": "leader of orders-0", "directory": 1,
                                 "for": "10s"})",
                             heal, R"("replication.factor": 1)", R"("log.dirs": 2,)");
    world.until(39 * kSecond);
    CHECK(world.leader("orders", 0) == model::kNoBroker);
    world.until(80 * kSecond);
    CHECK((world.leader("orders", 0) != model::kNoBroker) == heals);
  }
}

TEST_CASE("crash: a restart as an item of its own brings the host back too", "[scenario]") {
  World world = world_with(R"({"at": "20s", "crash": "all brokers", "unflushed": "kept"},
                              {"at": "30s", "restart": "broker-1"},
                              {"at": "35s", "restart": "brokers 2,3"})");
  world.until(31 * kSecond);
  CHECK(world.cluster().alive(world.cluster().catalog().broker_process(1)));
  CHECK_FALSE(world.cluster().alive(world.cluster().catalog().broker_process(2)));
  world.until(70 * kSecond);
  const BrokerId leader = world.leader("orders", 0);
  REQUIRE(leader > 0);
  const auto& log = world.cluster().broker(leader).partition(world.partition("orders", 0))->log;
  const std::int64_t end = log.high_watermark();
  world.until(80 * kSecond);
  CHECK(log.high_watermark() > end);
  CHECK(world.isr("orders", 0).size() == 3);
}

TEST_CASE("wipe: the broker comes back empty and fetches everything again", "[scenario]") {
  World world =
      world_with(R"({"at": "20s", "wipe": "followers of orders-0", "restart": "after 1s"})");
  world.until(20 * kSecond);
  const BrokerId leader = world.leader("orders", 0);
  for (BrokerId id = 1; id <= 3; ++id) {
    if (id == leader) continue;
    CHECK(world.cluster().broker(id).partition(world.partition("orders", 0))->log.empty());
  }
  const Time full = world.until_true(60 * kSecond, [&] {
    return world.cluster().now() > 30 * kSecond && world.isr("orders", 0).size() == 3;
  });
  CHECK(full < 60 * kSecond);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("lose_unflushed and torn_write wait for the next kill", "[scenario]") {
  World world = world_with(R"({"at": "20s", "torn_write": "broker-2"},
                              {"at": "30s", "kill": "broker-2", "restart": "after 1s"},
                              {"at": "50s", "kill": "broker-2", "restart": "after 1s"})");
  world.until(80 * kSecond);
  const auto lost = world.events(HistoryKind::kRecordsLostOnDisk, 0);
  REQUIRE(lost.size() >= 1);
  for (const auto& event : lost) {
    CHECK(event.time == 30 * kSecond);  // once
    CHECK(event.a > event.b);
  }
  CHECK(world.isr("orders", 0).size() == 3);
}

TEST_CASE("fail_disk: the broker halts at its next write and starts when it is well",
          "[scenario]") {
  World world = world_with(R"({"at": "20s", "fail_disk": "leader of orders-0", "for": "15s"})");
  world.until(20 * kSecond);
  const BrokerId victim = world.leader("orders", 0);
  const auto process = world.cluster().catalog().broker_process(victim);
  world.until(21 * kSecond);
  CHECK_FALSE(world.cluster().alive(process));
  const auto exits = world.events(HistoryKind::kProcessExited, 20 * kSecond);
  REQUIRE(exits.size() == 1);
  CHECK(exits[0].time < 20 * kSecond + 100 * kMillisecond);  // 50 records a second
  CHECK(world.until_true(60 * kSecond, [&] {
    return world.cluster().now() > 35 * kSecond && world.isr("orders", 0).size() == 3;
  }) < 60 * kSecond);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("full_disk: a ZooKeeper server without room ends, the quorum goes on", "[scenario]") {
  World world = world_with(R"({"at": "20s", "full_disk": "zk:leader", "for": "20s"},
                              {"at": "21s", "kill": "controller", "restart": "after 5s"})");
  world.until(39 * kSecond);
  CHECK(world.events(HistoryKind::kProcessExited, 20 * kSecond).size() == 1);
  CHECK(world.cluster().zookeeper_leader() >= 0);
  world.until(60 * kSecond);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(world.cluster().alive(world.cluster().catalog().zookeeper_process(i)));
  }
  CHECK(world.broken_promises() == "");
}

TEST_CASE("slow_disk: a write waits for the disks of a ZooKeeper quorum", "[scenario]") {
  // Two of three servers need 700 ms more for each fsync, so one fsync of them lies between the
  // expiry's proposal and its commit.
  World quick = world_with("");
  World slow = world_with(R"({"at": "15s", "slow_disk": "all zk", "latency": "700ms"})");
  const auto gone = [](World& world) {
    kill_another_than_the_controller(world);
    world.until(40 * kSecond);
    const auto seen = world.events(HistoryKind::kBrokerFailureSeen, 20 * kSecond);
    REQUIRE(seen.size() == 1);
    return seen[0].time;
  };
  const Time difference = gone(slow) - gone(quick);
  CHECK(difference >= 700 * kMillisecond - 100 * kMillisecond);
  CHECK(difference < 5 * kSecond);
}

TEST_CASE("partition into three groups: no broker reaches another", "[scenario]") {
  World world =
      world_with(R"({"at": "20s", "partition": "broker-1 | broker-2 | broker-3", "for": "5s"})");
  const auto host = [&](BrokerId id) {
    return world.cluster().catalog().process(world.cluster().catalog().broker_process(id)).host;
  };
  const auto cut = [&] {
    int links = 0;
    for (BrokerId one = 1; one <= 3; ++one) {
      for (BrokerId two = 1; two <= 3; ++two) {
        links += one != two && world.cluster().engine().blocked(host(one), host(two));
      }
    }
    return links;
  };
  world.until(20 * kSecond);
  CHECK(cut() == 6);
  world.until(25 * kSecond);
  CHECK(cut() == 0);
}

TEST_CASE("flap: cut and open in turn until it is healed", "[scenario]") {
  World world = world_with(R"({"at": "20s", "flap": "link broker-1 -> broker-2", "down": "1s",
                               "up": "2s", "for": "7500ms"})");
  const auto cut_at = [&](Time time, std::int32_t from, std::int32_t to) {
    world.run().advance_to(time + kMillisecond);
    const auto& catalog = world.cluster().catalog();
    return world.cluster().engine().blocked(catalog.process(catalog.broker_process(from)).host,
                                            catalog.process(catalog.broker_process(to)).host);
  };
  CHECK(cut_at(20 * kSecond, 1, 2));
  CHECK_FALSE(cut_at(20500 * kMillisecond, 2, 1));
  CHECK_FALSE(cut_at(21 * kSecond, 1, 2));
  CHECK(cut_at(23 * kSecond, 1, 2));
  CHECK_FALSE(cut_at(24 * kSecond, 1, 2));
  CHECK(cut_at(26 * kSecond, 1, 2));
  CHECK_FALSE(cut_at(28 * kSecond, 1, 2));
  CHECK_FALSE(cut_at(29500 * kMillisecond, 1, 2));
}

TEST_CASE("reset: what is under way is lost and sent again, nothing acknowledged is",
          "[scenario]") {
  World world = world_with(R"({"at": "20s", "pause": "leader of orders-0", "for": "200ms"},
                              {"at": "20100ms", "reset": "client p1"})");
  world.until(60 * kSecond);
  const auto retried = world.events(HistoryKind::kRecordsRetried, 20 * kSecond);
  REQUIRE(retried.size() >= 1);
  CHECK(retried[0].time == 20100 * kMillisecond);
  CHECK(retried[0].c == static_cast<std::int64_t>(model::Error::kNetworkException));
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("hold: a new leader that is not told does not lead", "[scenario]") {
  World world =
      world_with(R"({"at": "20s", "hold": "LeaderAndIsr", "to": "all brokers", "for": "20s"},
                              {"at": "21s", "kill": "leader of orders-0"})");
  world.until(39999 * kMillisecond);
  REQUIRE(world.events(HistoryKind::kLeaderElected, 21 * kSecond).size() == 1);
  // The controller tells itself over the loopback, and that is held back as well.
  CHECK(world.events(HistoryKind::kBecameLeader, 21 * kSecond).empty());
  world.until(45 * kSecond);
  const auto became = world.events(HistoryKind::kBecameLeader, 21 * kSecond);
  REQUIRE(became.size() >= 1);
  CHECK(became[0].time >= 40 * kSecond);
  CHECK(became[0].time < 41 * kSecond);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("delay_watches: a controller whose watch is held back sees no failure", "[scenario]") {
  World world = world_with(R"({"at": "15s", "delay_watches": "controller", "until": "35s"})");
  kill_another_than_the_controller(world);
  world.until(60 * kSecond);
  const auto seen = world.events(HistoryKind::kBrokerFailureSeen, 20 * kSecond);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen[0].time >= 35 * kSecond);
}

TEST_CASE("zk_quorum_loss: no leader until the servers are back", "[scenario]") {
  World world = world_with(R"({"at": "20s", "zk_quorum_loss": "majority of zk", "for": "10s"})");
  world.until(29 * kSecond);
  CHECK(world.cluster().zookeeper_leader() < 0);
  CHECK(world.until_true(50 * kSecond, [&] { return world.cluster().zookeeper_leader() >= 0; }) <
        50 * kSecond);
}

TEST_CASE("when and until: as soon as it is so, once", "[scenario]") {
  World world =
      world_with(R"({"at": "20s", "kill": "followers of orders-0", "restart": "after 12s"},
                              {"when": "isr of orders-0 < 3", "at": "10s", "pause": "client p1",
                               "until": "isr of orders-0 == 3"})");
  // ISRs by the writers' word, which comes when ZooKeeper has answered them: at most 10 ms later.
  const auto paused_at = world.until_true(
      80 * kSecond, [&] { return !world.events(HistoryKind::kProcessPaused, 0).empty(); });
  CHECK(world.isr("orders", 0).size() < 3);
  world.until(80 * kSecond);
  Time shrunk = sim::kNever;
  Time full = 0;
  for (const auto& event : world.events(HistoryKind::kPartitionState, 20 * kSecond)) {
    if (event.subject != world.partition("orders", 0)) continue;
    const bool fewer = world.cluster().history().list(event.b).size() < 3;
    if (fewer) shrunk = std::min(shrunk, event.time);
    if (!fewer && shrunk != sim::kNever && full == 0) full = event.time;
  }
  CHECK(paused_at <= shrunk);
  CHECK(paused_at > shrunk - 10 * kMillisecond);
  const auto resumed = world.events(HistoryKind::kProcessResumed, 0);
  REQUIRE(resumed.size() == 1);
  CHECK(world.events(HistoryKind::kProcessPaused, 0).size() == 1);
  CHECK(resumed[0].time <= full);
  CHECK(resumed[0].time > full - 10 * kMillisecond);
}

TEST_CASE("heal.core: the core is mended, the rest stays broken", "[scenario]") {
  World world = world_with(R"({"at": "20s", "kill": "brokers 1,2"},
                              {"at": "20s", "partition": "broker-2 | broker-3 | zk-1"})",
                           R"("heal": {"at": "30s", "core": "broker-2 and broker-3"},)");
  world.until(40 * kSecond);
  const auto& catalog = world.cluster().catalog();
  const auto cut = [&](sim::ProcessId one, sim::ProcessId two) {
    return world.cluster().engine().blocked(catalog.process(one).host, catalog.process(two).host);
  };
  CHECK_FALSE(world.cluster().alive(catalog.broker_process(1)));
  CHECK(world.cluster().alive(catalog.broker_process(2)));
  CHECK_FALSE(cut(catalog.broker_process(2), catalog.broker_process(3)));
  CHECK(cut(catalog.broker_process(2), catalog.zookeeper_process(0)));
}

TEST_CASE("heal.core: links between any two sides, and clean stops, heal in the core only",
          "[scenario]") {
  // A clean stop takes a while: it is still under way when the healing comes.
  World world = world_with(R"({"at": "20s", "partition": "zk-1 | broker-2 | broker-3"},
                              {"at": "29900ms", "stop": "brokers 1,2"})",
                           R"("heal": {"at": "30s", "core": "broker-2 and broker-3"},)");
  world.until(30 * kSecond);
  const auto& catalog = world.cluster().catalog();
  const auto cut = [&](sim::ProcessId one, sim::ProcessId two) {
    return world.cluster().engine().blocked(catalog.process(one).host, catalog.process(two).host);
  };
  CHECK_FALSE(cut(catalog.broker_process(2), catalog.broker_process(3)));
  CHECK(cut(catalog.broker_process(2), catalog.zookeeper_process(0)));
  world.until(80 * kSecond);
  CHECK(world.cluster().alive(catalog.broker_process(2)));
  CHECK_FALSE(world.cluster().alive(catalog.broker_process(1)));
}

TEST_CASE("loss: TCP sends again, later; nothing is lost", "[scenario]") {
  World clean = world_with("");
  World lossy =
      world_with(R"({"at": "20s", "slow_link": "client p1", "loss": "30%", "for": "20s"})");
  clean.until(60 * kSecond);
  lossy.until(60 * kSecond);
  CHECK(lossy.broken_invariants() == "");
  const auto records = [](const World& world) {
    return world.cluster().producers()[0].records_acked();
  };
  CHECK(records(lossy) == records(clean));  // 20 s later all of it has arrived
}

}  // namespace isrlab::test
