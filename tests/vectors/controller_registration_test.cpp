// Registration of a broker in a cluster: row 89 of the vectors, from Kafka's KafkaZkClientTest
// (reference controller-zookeeper.md, sections 3.2 and 10.5).
#include "scenarios/faults/selector.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using model::ZkTree;
using scenarios::FaultAction;
using sim::kMillisecond;
using sim::kSecond;

constexpr BrokerId kBroker = 3;

/// The node as that ZooKeeper server (from 0) has it, null if it has none.
const ZkTree::Node* node_at(const World& world, std::size_t server) {
  return world.cluster().zookeeper()[server].tree().find("/brokers/ids/3");
}

scenarios::Scenario idle_scenario() {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.producers.clear();
  scenario.cluster.groups.clear();
  return scenario;
}

}  // namespace

TEST_CASE("KafkaZkClientTest testRegisterBrokerInfo: the own session again (vector 89)",
          "[vectors][controller]") {
  // The multi is committed, its answer lost with the connection: the client sends it again in the
  // same session and finds its own node.
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 20 && tried < 3; ++seed) {
    World world(idle_scenario(), seed);
    // The node is there at some server, the broker's own server has not applied it yet.
    std::size_t first = 0;
    const Time committed = world.until_true(10 * kSecond, [&] {
      for (first = 0; first < 3; ++first) {
        if (node_at(world, first) != nullptr) return true;
      }
      return false;
    });
    REQUIRE(committed != sim::kNever);
    const model::Broker& broker = world.cluster().broker(kBroker);
    if (broker.zookeeper().server() == first) continue;  // its answer is under way already
    ++tried;
    REQUIRE(world.events(HistoryKind::kBrokerRegistered).size() <= 2);
    const std::int64_t czxid = node_at(world, first)->czxid;
    const std::int64_t session = node_at(world, first)->ephemeral_owner;
    // Longer than two thirds of the session's time-out, shorter than all of it.
    scenarios::FaultSpec cut;
    cut.action = FaultAction::kPartition;
    std::string what;
    std::string fix;
    REQUIRE(scenarios::parse_selector("broker-3", cut.who, what, fix));
    REQUIRE(scenarios::parse_selector("all zk", cut.from, what, fix));
    cut.lasts = 13500 * kMillisecond;
    world.run().inject(cut);
    world.until(committed + 13 * kSecond);
    CHECK(broker.broker_epoch() == -1);
    CHECK(world.events(HistoryKind::kZkClientDisconnected).size() == 1);
    world.until(committed + 25 * kSecond);
    CHECK(world.events(HistoryKind::kZkSessionExpired).empty());
    CHECK(world.events(HistoryKind::kBrokerRegistrationFailed).empty());
    CHECK(broker.broker_epoch() == czxid);  // no error, the first node's
    const ZkTree::Node* node = node_at(world, first);
    REQUIRE(node != nullptr);
    CHECK(node->czxid == czxid);
    CHECK(node->version == 1);  // created, then set once
    CHECK(node->ephemeral_owner == session);
    CHECK(world.cluster().registered(kBroker));
  }
  CHECK(tried == 3);
}

TEST_CASE(
    "KafkaZkClientTest testRegisterBrokerInfo: another client; testRetryRegisterBrokerInfo: "
    "after its expiry (vector 89)",
    "[vectors][controller]") {
  World world(idle_scenario(), 2);
  world.run().advance_to(20 * kSecond);
  const std::int64_t czxid = node_at(world, 0)->czxid;
  CHECK(world.cluster().broker(kBroker).broker_epoch() == czxid);
  world.inject(FaultAction::kKill, "broker-3", 1 * kSecond);
  // The process that comes back within the old session is refused; the old node is as it was.
  world.until(30 * kSecond);
  CHECK(!world.events(HistoryKind::kBrokerRegistrationFailed, 20 * kSecond).empty());
  CHECK(world.events(HistoryKind::kBrokerRegistered, 20 * kSecond).empty());
  REQUIRE(node_at(world, 0) != nullptr);
  CHECK(node_at(world, 0)->czxid == czxid);
  CHECK(node_at(world, 0)->version == 1);
  world.until(60 * kSecond);
  REQUIRE(node_at(world, 0) != nullptr);
  CHECK(node_at(world, 0)->czxid > czxid);
  CHECK(world.cluster().broker(kBroker).broker_epoch() == node_at(world, 0)->czxid);
}

}  // namespace isrlab::test
