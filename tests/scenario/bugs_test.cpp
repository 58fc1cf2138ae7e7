// Historic bugs on the leader's side in whole clusters (reference scenarios.md, section 7).
#include "results/lab/lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {
using sim::kSecond;
}  // namespace

TEST_CASE("read_above_hw=on in a cluster: S26 finds it", "[scenario][bugs]") {
  scenarios::Scenario scenario = standard_scenario();
  for (auto& broker : scenario.cluster.brokers) {
    broker.config.bugs = model::bug_bit(model::Bug::kReadAboveHw);
  }
  // The replicas are far from each other, and their consumers near: what is not yet committed
  // arrives before it is.
  for (const char* link : {"broker-1 broker-2", "broker-2 broker-3", "broker-1 broker-3"}) {
    const std::string both = link;
    scenario.cluster.links.push_back(
        {both.substr(0, 8), both.substr(9), {20 * sim::kMillisecond, 0, 0}});
  }
  World world(std::move(scenario));
  world.until(60 * kSecond);
  CHECK(world.broken_invariants().find("S26") != std::string::npos);
}

TEST_CASE("throttle_isr=off: in-sync replicas are throttled out of the ISR (KAFKA-4313, P08)",
          "[scenario][bugs]") {
  const auto shrinks_with = [](model::BugSet bugs) {
    scenarios::Scenario scenario = standard_scenario();
    scenario.duration = 300 * kSecond;
    model::ClusterSpec& cluster = scenario.cluster;
    cluster.groups.clear();
    cluster.topics[0].partitions = 1;
    cluster.topics[0].assignment = {{1, 2, 3}};
    cluster.topics[0].config.min_insync_replicas = 1;
    cluster.topics[0].config.leader_replication_throttled_replicas = "*";
    for (auto& broker : cluster.brokers) {
      broker.config.bugs = bugs;
      broker.config.leader_replication_throttled_rate = 20'000;  // 200 kB/s are written
      broker.config.replica_lag_time_max = 10 * kSecond;
    }
    cluster.producers[0].config.acks = 1;
    World world(std::move(scenario));
    world.until(120 * kSecond);
    return world.events(HistoryKind::kIsrShrinkProposed).size();
  };
  CHECK(shrinks_with(0) == 0);
  CHECK(shrinks_with(model::bug_bit(model::Bug::kThrottleIsr)) > 0);
}

TEST_CASE("broker_generation=off: requests for an earlier registration are obeyed (KIP-380, Z06)",
          "[scenario][bugs]") {
  const auto broken_with = [](const std::string& value) {
    lab::Lab museum = lab::Lab::library("bug-museum");
    scenarios::Value always = scenarios::Value::list();
    always.push(scenarios::Value::of_text("broker_incarnation"));
    museum.set("/cluster/bugs/broker_generation", value)
        .set("/expect/always", lab::Setting(always));
    int broken = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) broken += museum.run(seed).passed() ? 0 : 1;
    return broken;
  };
  CHECK(broken_with("on") == 0);
  CHECK(broken_with("off") > 0);
}

TEST_CASE(
    "append_after_io_error=on: what is acknowledged after a failed write is on no disk "
    "(KAFKA-10778)",
    "[scenario][bugs]") {
  for (const bool bug : {false, true}) {
    scenarios::Scenario scenario = standard_scenario();
    model::ClusterSpec& cluster = scenario.cluster;
    cluster.groups.clear();
    cluster.topics[0].partitions = 1;
    cluster.topics[0].replication_factor = 1;
    cluster.topics[0].config.min_insync_replicas = 1;
    cluster.topics[0].assignment = {{1}};
    if (bug) cluster.brokers[0].config.bugs = model::bug_bit(model::Bug::kAppendAfterIoError);
    World world(std::move(scenario));
    world.until(20 * kSecond);
    world.inject(scenarios::FaultAction::kFailDisk, "broker-1", 30 * kSecond);
    const auto& log = world.cluster().broker(1).partition(world.partition("orders", 0))->log;
    const std::int64_t failed_at = log.log_end_offset();
    world.until(25 * kSecond);
    // Kafka gives the directory up at the first write that fails; it is the only one.
    CHECK(world.cluster().alive(world.cluster().catalog().broker_process(1)) == bug);
    if (!bug) continue;
    const std::int64_t acknowledged = log.high_watermark();
    CHECK(acknowledged > failed_at + 500);  // 200 records a second
    world.inject(scenarios::FaultAction::kKill, "broker-1");
    CHECK(log.log_end_offset() <= failed_at);
  }
}

}  // namespace isrlab::test
