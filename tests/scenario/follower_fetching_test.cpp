// Reading from a follower (KIP-392) and throttled replication in whole clusters.
#include "model/broker/replica_selector.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {
using scenarios::FaultAction;
using sim::kMillisecond;
using sim::kSecond;

/// One partition led by broker 1, a broker in each rack, and a reader in rack b.
scenarios::Scenario reader_in_rack_b() {
  scenarios::Scenario scenario = standard_scenario();
  model::ClusterSpec& cluster = scenario.cluster;
  const char* racks[] = {"a", "b", "c"};
  for (std::size_t i = 0; i < 3; ++i) {
    cluster.brokers[i].rack = racks[i];
    cluster.brokers[i].config.replica_selector =
        static_cast<std::int64_t>(model::SelectorKind::kRackAware);
  }
  cluster.topics[0].partitions = 1;
  cluster.topics[0].assignment = {{1, 2, 3}};
  cluster.groups[0].config.client_rack = "b";
  return scenario;
}

const model::Consumer& reader(const World& world) {
  return world.cluster().consumers().at(0);
}

}  // namespace

TEST_CASE("KIP-392: a consumer reads from the follower of its rack", "[scenario]") {
  World world(reader_in_rack_b());
  const model::PartitionId p = world.partition("orders", 0);
  world.until(20 * kSecond);
  REQUIRE(world.leader("orders", 0) == 1);
  CHECK(reader(world).preferred_read_replica(p) == 2);
  CHECK(reader(world).source(p) == 2);
  // The follower's high watermark trails by a round trip, not by a park of 500 ms.
  const std::int64_t written = world.cluster().broker(1).partition(p)->log.log_end_offset();
  CHECK(written - reader(world).position(p) <= 200 / 10);
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("KIP-392: without a replica of its rack, or a selector, it reads from the leader",
          "[scenario]") {
  scenarios::Scenario elsewhere = reader_in_rack_b();
  elsewhere.cluster.groups[0].config.client_rack = "z";
  scenarios::Scenario plain = reader_in_rack_b();
  for (auto& broker : plain.cluster.brokers) broker.config.replica_selector = 0;
  for (scenarios::Scenario& scenario : std::vector<scenarios::Scenario>{elsewhere, plain}) {
    World world(scenario);
    world.until(15 * kSecond);
    const model::PartitionId p = world.partition("orders", 0);
    CHECK(reader(world).preferred_read_replica(p) == model::kNoBroker);
    CHECK(reader(world).source(p) == 1);
    CHECK(reader(world).position(p) > 0);
  }
}

TEST_CASE("KIP-392: when the follower dies the consumer falls back to the leader and returns",
          "[scenario]") {
  scenarios::Scenario scenario = reader_in_rack_b();
  scenario.cluster.groups[0].config.metadata_max_age = 5 * kSecond;
  World world(std::move(scenario));
  const model::PartitionId p = world.partition("orders", 0);
  world.until(20 * kSecond);
  REQUIRE(reader(world).source(p) == 2);
  world.inject(FaultAction::kKill, "broker-2", 30 * kSecond);
  // The connection is reset, so the leader is asked at once. It names the follower again while that
  // is in the ISR, so nothing flows until the session has ended; then it comes from the leader.
  world.until(47 * kSecond);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 3});
  const std::int64_t before = reader(world).position(p);
  CHECK(reader(world).source(p) == 1);
  world.until(49 * kSecond);
  CHECK(reader(world).position(p) > before + 200);
  // Back in the ISR it is named again.
  world.until(80 * kSecond);
  CHECK(world.isr("orders", 0).size() == 3);
  CHECK(reader(world).source(p) == 2);
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("KIP-392: the lease ends after metadata.max.age and the leader is asked again",
          "[scenario]") {
  scenarios::Scenario scenario = reader_in_rack_b();
  scenario.cluster.groups[0].config.metadata_max_age = 2 * kSecond;
  World world(std::move(scenario));
  const model::PartitionId p = world.partition("orders", 0);
  world.until(20 * kSecond);
  int leases = 0;
  bool had = true;
  world.until_true(30 * kSecond, [&] {
    const bool has = reader(world).preferred_read_replica(p) != model::kNoBroker;
    if (has && !had) ++leases;
    had = has;
    return false;
  });
  CHECK(leases >= 4);
  CHECK(leases <= 5);  // each lasts 2 s and a round trip
  CHECK(reader(world).source(p) == 2);
  CHECK(world.broken_invariants().empty());
}

namespace {

/// Broker 2 is down from 12 s on while 1 MB/s are written to broker 1, and comes back at 60 s.
scenarios::Scenario backlog(std::int64_t rate, bool at_leader) {
  scenarios::Scenario scenario = standard_scenario();
  model::ClusterSpec& cluster = scenario.cluster;
  cluster.groups.clear();
  cluster.topics[0].partitions = 1;
  cluster.topics[0].assignment = {{1, 2, 3}};
  model::TopicConfig& topic = cluster.topics[0].config;
  topic.min_insync_replicas = 1;
  (at_leader ? topic.leader_replication_throttled_replicas
             : topic.follower_replication_throttled_replicas) = "*";
  for (auto& broker : cluster.brokers) {
    auto& config = broker.config;
    (at_leader ? config.leader_replication_throttled_rate
               : config.follower_replication_throttled_rate) = rate;
    config.replica_fetch_response_max_bytes = 100'000;
    config.replica_fetch_max_bytes = 100'000;
  }
  model::ProducerSpec& producer = cluster.producers[0];
  producer.interval = 10 * kMillisecond;
  producer.record_bytes = 10'000;
  producer.config.linger = 0;
  producer.stop = 50 * kSecond;
  return scenario;
}

/// Seconds from the follower's first append until it is in the ISR again, and the bytes it missed.
struct CatchUp {
  Duration took = 0;
  std::int64_t bytes = 0;
};
CatchUp catch_up(scenarios::Scenario scenario) {
  World world(std::move(scenario));
  const model::PartitionId p = world.partition("orders", 0);
  world.until(12 * kSecond);
  world.inject(FaultAction::kKill, "broker-2", 48 * kSecond);
  world.until(59 * kSecond);
  const auto log = [&](BrokerId id) -> const model::PartitionLog& {
    return world.cluster().broker(id).partition(p)->log;
  };
  REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1, 3});
  const std::int64_t behind = log(2).log_end_offset();
  CatchUp result;
  result.bytes = log(1).size_bytes() - log(2).size_bytes();
  const Time begun =
      world.until_true(90 * kSecond, [&] { return log(2).log_end_offset() > behind; });
  REQUIRE(begun != sim::kNever);
  const Time done = world.until_true(
      400 * kSecond, [&] { return log(2).log_end_offset() == log(1).log_end_offset(); });
  REQUIRE(done != sim::kNever);
  result.took = done - begun;
  world.until(done + 5 * kSecond);
  CHECK(world.isr("orders", 0).size() == 3);
  CHECK(world.broken_invariants().empty());
  return result;
}

}  // namespace

TEST_CASE("A throttled follower catches up at the rate of the throttle, F8", "[scenario]") {
  constexpr std::int64_t kRate = 1'000'000;
  for (const bool at_leader : {true, false}) {
    const CatchUp throttled = catch_up(backlog(kRate, at_leader));
    REQUIRE(throttled.bytes > 20'000'000);
    // The first window may be overshot by one response; then T = B / R.
    const Duration expected = throttled.bytes * sim::kSecond / kRate;
    CHECK(throttled.took > expected * 90 / 100);
    CHECK(throttled.took < expected * 110 / 100);
  }
  const CatchUp free = catch_up(backlog(1'000'000'000, true));
  CHECK(free.took < 3 * kSecond);
}

TEST_CASE("In-sync followers are never throttled", "[scenario]") {
  scenarios::Scenario scenario = backlog(10'000, true);  // 1 MB/s is written
  World world(std::move(scenario));
  world.until(45 * kSecond);
  CHECK(world.isr("orders", 0).size() == 3);
  CHECK(world.events(HistoryKind::kIsrShrinkProposed).empty());
  CHECK(world.broken_invariants().empty());
}

}  // namespace isrlab::test
