// Catalogue group T in whole clusters: searches that must find nothing, a crash with unflushed
// records, and the leader epochs of clean bounces.
#include <set>

#include "results/lab/lab.hpp"
#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using model::EpochEntry;
using model::PartitionLog;
using sim::kSecond;
using Epochs = std::vector<EpochEntry>;

World world_of(const std::string& text) {
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "catalogue");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return World(loaded.scenario, 7);
}

const PartitionLog& log_of(const World& world, BrokerId broker) {
  return world.cluster().broker(broker).partition(world.partition("orders", 0))->log;
}

/// Two brokers with one ZooKeeper server, and a partition that broker 1 prefers to lead.
std::string two_brokers(const std::string& replicas, const std::string& config,
                        const std::string& producers, const std::string& faults) {
  return R"({"schema": "kafka-failure-scenario/1", "name": "two", "about": "", "duration": "300s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 2, "config": {
      "zookeeper.session.timeout.ms": "6s", "auto.leader.rebalance.enable": false)" +
         config + R"(}}},
    "topics": [{"name": "orders", "partitions": 1, "assignment": [)" +
         replicas + R"(]}],
    "producers": [)" +
         producers + R"(], "faults": [)" + faults + "]}";
}

std::string producer(const std::string& name, const std::string& start, int records,
                     const std::string& acks = "all") {
  return R"({"name": ")" + name + R"(", "topic": "orders", "interval": "100ms", "records": )" +
         std::to_string(records) + R"(, "start": ")" + start +
         R"(", "config": {"linger.ms": 0, "batch.size": 0, "enable.idempotence": false,
           "acks": ")" +
         acks + R"("}})";
}

Epochs epochs_of(const World& world, BrokerId broker) {
  const model::LeaderEpochCache& cache = log_of(world, broker).epochs();
  Epochs result;
  for (std::size_t i = 0; i < cache.size(); ++i) result.push_back(cache[i]);
  return result;
}

/// Runs of the bug museum that break what is expected, as text.
std::string broken_in(const lab::Lab& museum, std::uint64_t seeds) {
  std::string text;
  std::int64_t acked = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const lab::Result result = museum.run(seed);
    if (!result.passed()) text += std::to_string(seed) + ": " + result.why() + "\n";
    acked += result.acked(lab::AcksClass::kAll);
  }
  CHECK(acked > static_cast<std::int64_t>(20 * seeds));  // of some 100 in a run: it searches
  return text;
}

}  // namespace

TEST_CASE("T06: two replicas under KIP-279 neither lose nor differ", "[catalogue]") {
  lab::Lab museum = lab::Lab::library("bug-museum");
  // Not write_epochs: without fencing a follower takes records of an epoch that it does not know
  // yet. What the model proves is that the ISR has what is committed, and that logs agree.
  scenarios::Value always = scenarios::Value::list();
  for (const char* name :
       {"no_acked_record_lost", "log_matching", "follower_prefix", "committed_prefix_matching",
        "leader_completeness", "leader_candidate_completeness", "no_truncation_below_hw"}) {
    always.push(scenarios::Value::of_text(name));
  }
  museum.set("/topics/orders/replication.factor", 2)
      .set("/cluster/brokers/config/replication.protocol", "kip-279")
      .set("/expect/always", lab::Setting(always));
  CHECK(broken_in(museum, 300) == "");
}

TEST_CASE("T10: the rules of KIP-320 and of 3.9 break nothing", "[catalogue]") {
  for (const char* protocol : {"kip-320", "truncate-on-fetch"}) {
    for (const int replicas : {2, 3}) {
      INFO(protocol << ' ' << replicas);
      lab::Lab museum = lab::Lab::library("bug-museum");
      museum.set("/topics/orders/replication.factor", replicas)
          .set("/cluster/brokers/config/replication.protocol", protocol);
      CHECK(broken_in(museum, 100) == "");
    }
  }
}

TEST_CASE("T01: in a cluster, by a new leader and the death of that one", "[catalogue]") {
  for (const std::string protocol :
       {"truncate-to-high-watermark", "kip-101", "kip-279", "kip-320", "truncate-on-fetch"}) {
    INFO(protocol);
    const bool loses = protocol == "truncate-to-high-watermark";
    // Broker 1 leads. When broker-2 has both records, its answers are held back: its own high
    // watermark stays at 1. broker-1 dies, broker-3 is elected and gets no fetch from broker-2; it
    // dies too, and broker-2 is the last of the ISR.
    World world = world_of(R"({"schema": "kafka-failure-scenario/1", "name": "t01", "about": "",
      "duration": "120s",
      "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 3, "config": {
        "zookeeper.session.timeout.ms": "6s", "auto.leader.rebalance.enable": false,
        "replication.protocol": ")" +
                           protocol + R"("}}},
      "topics": [{"name": "orders", "partitions": 1, "assignment": [[1, 3, 2]]}],
      "producers": [)" + producer("p1", "20s", 1) +
                           "," + producer("p2", "22s", 1) + "," + producer("p3", "60s", 1) + R"(],
      "faults": [
        {"when": "end of orders-0 on broker-2 >= 2", "at": "20s", "hold": "FetchResponse",
         "from": "broker-1", "to": "broker-2", "until": "100s"},
        {"at": "24s", "hold": "Fetch", "from": "broker-2", "to": "broker-3", "until": "100s"},
        {"at": "24s", "kill": "broker-1"}, {"at": "40s", "kill": "broker-3"}]})");
    world.until(23 * kSecond);
    REQUIRE(world.events(HistoryKind::kRecordsFailed).empty());
    REQUIRE(log_of(world, 1).high_watermark() == 2);  // both are acknowledged
    REQUIRE(log_of(world, 2).high_watermark() == 1);
    REQUIRE(log_of(world, 2).log_end_offset() == 2);
    world.until(39 * kSecond);
    REQUIRE(world.leader("orders", 0) == 3);
    REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{2, 3});
    CHECK(log_of(world, 2).log_end_offset() == (loses ? 1 : 2));
    world.until(59 * kSecond);
    REQUIRE(world.leader("orders", 0) == 2);
    world.until(80 * kSecond);
    CHECK(log_of(world, 2).log_end_offset() == (loses ? 2 : 3));
    const std::string broken = world.broken_invariants();
    CHECK((broken.find("no_acked_record_lost") != std::string::npos) == loses);
    CHECK((broken.find("leader_completeness") != std::string::npos) == loses);
    CHECK((broken.find("no_truncation_below_hw") != std::string::npos) == loses);
    std::vector<std::pair<std::int64_t, std::int64_t>> cuts;
    for (const auto& event : world.events(HistoryKind::kTruncated, 20 * kSecond)) {
      if (event.subject == world.partition("orders", 0)) cuts.emplace_back(event.a, event.b);
    }
    using Cuts = decltype(cuts);
    CHECK(cuts == (loses ? Cuts{{2, 1}} : Cuts{}));
  }
}

TEST_CASE("T19: in a cluster, the replica stays out of the ISR until it starts again",
          "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    // broker-1 dies and comes back: broker-2 has led epoch 1 and nobody has written. The preferred
    // election makes broker-1 lead epoch 2, which it notes at the same offset.
    World world = world_of(
        R"({"schema": "kafka-failure-scenario/1", "name": "t19", "about": "", "duration": "120s",
      "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 2, "config": {
        "zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
        "leader.imbalance.check.interval.seconds": 1,
        "leader.imbalance.per.broker.percentage": 0}}, "bugs": {)" +
        std::string(bug ? R"("clean_epoch_cache_on_noop_truncate": "off")" : "") + R"(}},
      "topics": [{"name": "orders", "partitions": 1, "assignment": [[1, 2]]}],
      "producers": [)" +
        producer("p1", "20s", 1) + R"(],
      "faults": [{"at": "30s", "kill": "broker-1", "restart": "after 12s"},
                 {"at": "90s", "kill": "broker-2", "restart": "after 100ms"}]})");
    const Time led = world.until_true(80 * kSecond, [&] {
      return world.cluster().now() > 45 * kSecond && world.leader("orders", 0) == 1;
    });
    REQUIRE(led < 60 * kSecond);
    world.until(led + kSecond);
    CHECK(epochs_of(world, 1).size() == 2);
    CHECK(epochs_of(world, 2) == (bug ? Epochs{{0, 0}, {1, 1}} : Epochs{{0, 0}}));
    CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
    world.until(89 * kSecond);
    CHECK(log_of(world, 1).prefix_hash(1) == log_of(world, 2).prefix_hash(1));
    std::vector<BrokerId> in_sync{1, 2};
    if (bug) in_sync = {1};
    CHECK(world.isr("orders", 0) == in_sync);
    if (!bug) continue;
    // F5: out within 5 to 7.5 s of the election, and a few ms for the writes.
    const auto out = world.events(HistoryKind::kIsrShrinkProposed, led);
    REQUIRE_FALSE(out.empty());
    CHECK(out[0].time > led + 5 * kSecond - 50 * sim::kMillisecond);
    CHECK(out[0].time < led + 7550 * sim::kMillisecond);
    world.until(120 * kSecond);
    CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
  }
}

TEST_CASE("T03: a crash with unflushed records: the last replica standing decides", "[catalogue]") {
  for (const std::string protocol :
       {"truncate-to-high-watermark", "kip-101", "kip-320", "truncate-on-fetch"}) {
    INFO(protocol);
    const bool old = protocol == "truncate-to-high-watermark";
    // Records 0 to 4 are written back 35 to 70 s after they came; 5 to 9 are not when broker-1's
    // host goes down at 120 s. broker-2 has stopped cleanly before, so that broker-1 is the ISR.
    World world =
        world_of(two_brokers("[1, 2]", R"(, "replication.protocol": ")" + protocol + '"',
                             producer("p1", "20s", 5) + "," + producer("p2", "105s", 5) + "," +
                                 producer("p3", "160s", 9),
                             R"({"at": "110s", "stop": "broker-2", "restart": "after 80s"},
           {"at": "120s", "crash": "broker-1", "unflushed": "lost", "restart": "after 10s"})"));
    world.until(119 * kSecond);
    REQUIRE(log_of(world, 1).log_end_offset() == 10);
    REQUIRE(log_of(world, 2).log_end_offset() == 10);
    REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1});
    world.until(150 * kSecond);
    REQUIRE(log_of(world, 1).log_end_offset() == 5);
    REQUIRE(world.leader("orders", 0) == 1);
    world.until(180 * kSecond);
    REQUIRE(log_of(world, 1).log_end_offset() == 14);
    world.until(250 * kSecond);

    // Offsets 5 to 9, acknowledged with acks=all, are gone from the leader in any case.
    CHECK(world.broken_invariants().find("no_acked_record_lost") != std::string::npos);
    CHECK(log_of(world, 1).log_end_offset() == 14);
    CHECK(log_of(world, 2).log_end_offset() == 14);
    CHECK(log_of(world, 1).prefix_hash(5) == log_of(world, 2).prefix_hash(5));
    const bool equal = log_of(world, 1).prefix_hash(14) == log_of(world, 2).prefix_hash(14);
    CHECK(equal == !old);
    CHECK((world.broken_invariants().find("log_matching") != std::string::npos) == old);
    const auto cuts = world.events(HistoryKind::kTruncated, 185 * kSecond);
    std::set<std::int64_t> to;
    for (const auto& event : cuts) {
      if (event.subject == world.partition("orders", 0)) to.insert(event.b);
    }
    CHECK(to == (old ? std::set<std::int64_t>{} : std::set<std::int64_t>{5}));
  }
}

TEST_CASE("T05: in a cluster, KIP-101 leaves in-sync replicas that differ", "[catalogue]") {
  for (const std::string protocol : {"kip-101", "kip-279", "kip-320", "truncate-on-fetch"}) {
    INFO(protocol);
    // broker-2 is the preferred leader and dies once, so that broker-1 leads; it comes back, into
    // the ISR, and gets nothing any more. A is written to broker-1 alone. The preferred election
    // makes broker-2 lead, broker-1 is not told; C is written to broker-2 alone. broker-2 dies,
    // broker-1 is elected and told all; it writes B. broker-3 is the controller.
    const scenarios::LoadResult loaded = scenarios::load_scenario_text(
        R"({"schema": "kafka-failure-scenario/1", "name": "t05", "about": "", "duration": "120s",
      "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 3, "config": {
        "zookeeper.session.timeout.ms": "6s", "leader.imbalance.check.interval.seconds": 30,
        "leader.imbalance.per.broker.percentage": 0,
        "replication.protocol": ")" +
            protocol + R"("}}},
      "topics": [{"name": "orders", "partitions": 1, "assignment": [[2, 1]]}],
      "producers": [)" +
            producer("p1", "20s", 1) + "," + producer("pa", "36s", 1, "1") + "," +
            producer("pc", "50s", 1, "1") + "," + producer("pb", "75s", 1, "1") + R"(],
      "faults": [
        {"at": "22s", "kill": "broker-2", "restart": "after 9s"},
        {"at": "35s", "hold": "Fetch", "from": "broker-2", "to": "broker-1", "until": "70s"},
        {"at": "35s", "hold": "LeaderAndIsr", "from": "broker-3", "to": "broker-1",
         "until": "70s"},
        {"at": "55s", "kill": "broker-2", "restart": "after 30s"}]})",
        "t05");
    INFO(loaded.text());
    REQUIRE(loaded.ok());
    // pc must have learnt of the election: it may ask broker-1, which has not.
    World world(loaded.scenario, 1);
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
      world = World(loaded.scenario, seed);
      world.until(54 * kSecond);
      const bool led_by_3 = world.cluster().controller() == 3;
      if (led_by_3 && log_of(world, 2).log_end_offset() == 2) break;
    }
    REQUIRE(world.leader("orders", 0) == 2);
    REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
    REQUIRE(epochs_of(world, 1) == Epochs{{0, 0}, {1, 1}});
    REQUIRE(log_of(world, 1).log_end_offset() == 2);  // A of epoch 1
    REQUIRE(log_of(world, 2).log_end_offset() == 2);  // C of epoch 2
    world.until(84 * kSecond);
    REQUIRE(world.leader("orders", 0) == 1);
    REQUIRE(log_of(world, 1).log_end_offset() == 3);  // B of epoch 3
    world.until(95 * kSecond);
    const bool differ = protocol == "kip-101";
    CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
    CHECK(log_of(world, 2).log_end_offset() == 3);
    CHECK(log_of(world, 2).high_watermark() == 3);
    CHECK(log_of(world, 1).prefix_hash(1) == log_of(world, 2).prefix_hash(1));
    CHECK((log_of(world, 1).prefix_hash(2) != log_of(world, 2).prefix_hash(2)) == differ);
    CHECK((world.broken_invariants().find("committed_prefix_matching") != std::string::npos) ==
          differ);
  }
}

TEST_CASE("T22: in a cluster, by the death of a controller that had not told all", "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    // broker-4 is the controller and holds no replica. Record x (the second) reaches broker-1 and
    // broker-3 only. broker-1 dies, broker-2 leads epoch 1 and writes y; broker-1 comes back, cuts
    // x off, fetches y and leads epoch 2 as the preferred leader. broker-3 is told nothing, until
    // the next controller tells it of epoch 2: the leader that it knows.
    const scenarios::LoadResult loaded = scenarios::load_scenario_text(
        R"({"schema": "kafka-failure-scenario/1", "name": "t22", "about": "", "duration": "120s",
      "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 4, "config": {
        "zookeeper.session.timeout.ms": "6s", "replication.protocol": "kip-279",
        "leader.imbalance.check.interval.seconds": 1,
        "leader.imbalance.per.broker.percentage": 0}}, "bugs": {)" +
            std::string(bug ? R"("become_follower_skip_same_leader": "on")" : "") + R"(}},
      "topics": [{"name": "orders", "partitions": 1, "assignment": [[1, 2, 3]]}],
      "producers": [)" +
            producer("p1", "20s", 1) + "," + producer("px", "25s", 1, "1") + "," +
            producer("py", "40s", 1, "1") + "," + producer("pz", "75s", 1, "1") + R"(],
      "faults": [
        {"at": "24s", "hold": "Fetch", "from": "broker-2", "to": "broker-1", "until": "40s"},
        {"at": "24s", "hold": "LeaderAndIsr", "from": "broker-4", "to": "broker-3",
         "until": "110s"},
        {"at": "26s", "kill": "broker-1", "restart": "after 20s"},
        {"at": "55s", "kill": "broker-4"}]})",
        "t22");
    INFO(loaded.text());
    REQUIRE(loaded.ok());
    World world(loaded.scenario, 1);
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
      world = World(loaded.scenario, seed);
      world.until(15 * kSecond);
      if (world.cluster().controller() == 4) break;
    }
    REQUIRE(world.cluster().controller() == 4);
    world.until(26 * kSecond - 1);
    REQUIRE(log_of(world, 1).log_end_offset() == 2);
    REQUIRE(log_of(world, 2).log_end_offset() == 1);
    REQUIRE(log_of(world, 3).log_end_offset() == 2);
    world.until(54 * kSecond);
    REQUIRE(world.leader("orders", 0) == 1);
    REQUIRE(world.leader_epoch("orders", 0) == 2);
    REQUIRE(epochs_of(world, 1) == Epochs{{0, 0}, {1, 1}, {2, 2}});
    const auto& told = *world.cluster().broker(3).partition(world.partition("orders", 0));
    REQUIRE(told.leader_epoch == 0);
    world.until(74 * kSecond);
    CHECK(told.leader_epoch == 2);
    world.until(100 * kSecond);
    CHECK(log_of(world, 1).log_end_offset() == 3);
    CHECK(log_of(world, 3).log_end_offset() == 3);
    CHECK(log_of(world, 1).prefix_hash(1) == log_of(world, 3).prefix_hash(1));
    CHECK((log_of(world, 1).prefix_hash(3) == log_of(world, 3).prefix_hash(3)) == !bug);
    CHECK((world.broken_invariants().find("follower_prefix") != std::string::npos) == bug);
  }
}

TEST_CASE("T25: leader epochs over clean bounces of two replicas", "[catalogue]") {
  World world =
      world_of(two_brokers("[1, 2]", "", producer("p1", "20s", 1) + "," + producer("p2", "60s", 1),
                           R"({"at": "30s", "stop": "broker-2", "restart": "after 5s"},
         {"at": "80s", "stop": "broker-1", "restart": "after 5s"})"));
  world.until(29 * kSecond);
  CHECK(epochs_of(world, 1) == Epochs{{0, 0}});
  CHECK(epochs_of(world, 2) == Epochs{{0, 0}});
  world.until(59 * kSecond);
  REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
  CHECK(world.leader_epoch("orders", 0) == 1);  // by the bounce of the follower
  CHECK(epochs_of(world, 1) == Epochs{{0, 0}, {1, 1}});
  CHECK(epochs_of(world, 2) == Epochs{{0, 0}});
  world.until(79 * kSecond);
  CHECK(epochs_of(world, 1) == Epochs{{0, 0}, {1, 1}});
  CHECK(epochs_of(world, 2) == Epochs{{0, 0}, {1, 1}});
  world.until(120 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  CHECK(world.leader_epoch("orders", 0) == 2);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
  CHECK(epochs_of(world, 2) == Epochs{{0, 0}, {1, 1}, {2, 2}});
  CHECK(epochs_of(world, 1) == Epochs{{0, 0}, {1, 1}});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("T25: a clean bounce of the only replica moves the epoch by two", "[catalogue]") {
  World world =
      world_of(two_brokers("[1]", "", producer("p1", "20s", 1) + "," + producer("p2", "60s", 1),
                           R"({"at": "30s", "stop": "broker-1", "restart": "after 5s"})"));
  world.until(29 * kSecond);
  CHECK(world.leader_epoch("orders", 0) == 0);
  world.until(80 * kSecond);
  CHECK(world.leader("orders", 0) == 1);
  CHECK(world.leader_epoch("orders", 0) == 2);
  const PartitionLog& log = log_of(world, 1);
  CHECK(log.log_end_offset() == 2);
  CHECK(log.end_offset_for_epoch(0) == model::EpochEnd{0, 1});
  CHECK(log.end_offset_for_epoch(1) == model::EpochEnd{0, 1});  // nobody led in epoch 1
  CHECK(log.end_offset_for_epoch(2) == model::EpochEnd{2, 2});
}

}  // namespace isrlab::test
