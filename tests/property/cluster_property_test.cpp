// Random clusters, loads and fault schedules: no invariant that the configuration promises may
// break, a copy must go on as its original, and the same seed must give the same history.
#include <rapidcheck/catch.h>

#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using scenarios::FaultAction;
using scenarios::FaultSpec;
using sim::kMillisecond;
using sim::kSecond;

scenarios::Scenario draw_scenario() {
  scenarios::Scenario scenario = standard_scenario();
  model::ClusterSpec& cluster = scenario.cluster;
  scenario.duration = 75 * kSecond;
  const int brokers = *rc::gen::inRange(1, 6);
  const int servers = *rc::gen::element(1, 3, 5);
  const int replication = *rc::gen::inRange(1, std::min(brokers, 4) + 1);
  const auto session = *rc::gen::element<Duration>(6, 9, 18);
  const auto lag = *rc::gen::element<Duration>(5, 10, 30);
  cluster.brokers.clear();
  cluster.zookeeper.clear();
  for (int id = 1; id <= brokers; ++id) {
    model::BrokerSpec broker;
    broker.id = id;
    broker.config.zookeeper_session_timeout = session * kSecond;
    broker.config.replica_lag_time_max = lag * kSecond;
    broker.config.offsets_topic_num_partitions = 3;
    broker.config.offsets_topic_replication_factor = std::min(brokers, 3);
    cluster.brokers.push_back(broker);
  }
  for (int id = 1; id <= servers; ++id) cluster.zookeeper.push_back({id, ""});
  cluster.topics[0].assignment.clear();
  cluster.topics[0].partitions = *rc::gen::inRange(1, 5);
  cluster.topics[0].replication_factor = replication;
  cluster.topics[0].config.min_insync_replicas = *rc::gen::inRange(1, replication + 1);
  cluster.producers[0].interval = *rc::gen::element<Duration>(5, 20, 100) * kMillisecond;
  cluster.producers[0].config.acks = *rc::gen::element(-1, -1, 1, 0);
  if (cluster.producers[0].config.acks != -1) cluster.producers[0].config.enable_idempotence = 0;
  cluster.producers[0].config.linger = *rc::gen::element<Duration>(0, 5) * kMillisecond;
  cluster.producers[0].key_count = *rc::gen::element(0, 7);
  cluster.groups[0].members = *rc::gen::inRange(1, 4);
  return scenario;
}

std::string draw_node(const model::ClusterSpec& cluster) {
  const int broker = *rc::gen::inRange(1, static_cast<int>(cluster.brokers.size()) + 1);
  const int server = *rc::gen::inRange(1, static_cast<int>(cluster.zookeeper.size()) + 1);
  return *rc::gen::element<std::string>("broker-" + std::to_string(broker), "controller",
                                        "leader of orders-0", "zk-" + std::to_string(server),
                                        "zk:leader", "client billing-1");
}

FaultSpec draw_fault(const model::ClusterSpec& cluster) {
  FaultSpec fault;
  fault.action =
      *rc::gen::element(FaultAction::kKill, FaultAction::kPause, FaultAction::kIsolate,
                        FaultAction::kStop, FaultAction::kSlowLink, FaultAction::kExpireSession);
  const std::string node =
      fault.action == FaultAction::kExpireSession ? "broker-1" : draw_node(cluster);
  std::string what;
  std::string fix;
  RC_ASSERT(scenarios::parse_selector(node, fault.who, what, fix));
  fault.at = *rc::gen::inRange<Time>(1000, 45'000) * kMillisecond;
  fault.lasts = *rc::gen::inRange<Duration>(100, 25'000) * kMillisecond;
  fault.restart_after = fault.lasts;
  fault.latency = 40 * kMillisecond;
  fault.text = node;
  return fault;
}

}  // namespace

TEST_CASE("random faults break no promised invariant", "[property]") {
  rc::prop("invariants hold under random faults", [] {
    scenarios::Scenario scenario = draw_scenario();
    const int faults = *rc::gen::inRange(0, 5);
    for (int i = 0; i < faults; ++i) scenario.faults.push_back(draw_fault(scenario.cluster));
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    World world(std::move(scenario), seed);
    world.until(75 * kSecond);
    RC_LOG(world.broken_promises());
    RC_ASSERT(world.broken_promises().empty());
  });
}

// Long enough for what must come true in time to be due after the last fault. A search, to be run
// by its name: about one run in a thousand still finds something.
TEST_CASE("after random faults everything comes right in time", "[.][liveness-search]") {
  rc::prop("liveness holds after random faults", [] {
    scenarios::Scenario scenario = draw_scenario();
    scenario.duration = 300 * kSecond;
    const int faults = *rc::gen::inRange(1, 4);
    for (int i = 0; i < faults; ++i) scenario.faults.push_back(draw_fault(scenario.cluster));
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    World world(std::move(scenario), seed);
    world.until(300 * kSecond);
    world.run().finish();
    RC_LOG(world.broken_promises());
    RC_ASSERT(world.broken_promises().empty());
  });
}

TEST_CASE("a copy at a random moment goes on as its original", "[property][determinism]") {
  rc::prop("copy equals original", [] {
    scenarios::Scenario scenario = draw_scenario();
    scenario.faults.push_back(draw_fault(scenario.cluster));
    scenario.faults.push_back(draw_fault(scenario.cluster));
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const auto at = *rc::gen::inRange<Time>(0, 60'000) * kMillisecond;
    World world(scenario, seed);
    World again(scenario, seed);
    world.until(at);
    scenarios::Run copy = world.run();
    world.until(65 * kSecond);
    copy.run_until(65 * kSecond);
    again.until(65 * kSecond);
    RC_ASSERT(copy.digest() == world.run().digest());
    RC_ASSERT(again.run().digest() == world.run().digest());
  });
}

}  // namespace isrlab::test
