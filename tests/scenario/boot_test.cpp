// From nothing to a working cluster, and what an idle one says to whom.
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {
using model::MessageType;
using sim::kMillisecond;
using sim::kSecond;

// No jitter anywhere: the periods of idle traffic are then exact.
scenarios::Scenario quiet_scenario() {
  scenarios::Scenario scenario = standard_scenario();
  scenario.duration = 400 * kSecond;
  scenario.cluster.within_rack = {500 * sim::kMicrosecond, 0, 0};
  scenario.cluster.between_racks = scenario.cluster.within_rack;
  scenario.cluster.producers[0].limit = 100;  // then silent
  return scenario;
}
}  // namespace

TEST_CASE("a cluster boots, elects one controller and fills every ISR", "[scenario]") {
  World world(standard_scenario());
  world.until(10 * kSecond);
  CHECK(world.events(HistoryKind::kControllerElected).size() == 1);
  CHECK(world.cluster().controller() != model::kNoBroker);
  // Manual placement: the first assigned replica leads, epoch 0 (Z01), the ISR is full.
  CHECK(world.leader("orders", 0) == 1);
  CHECK(world.leader("orders", 1) == 2);
  CHECK(world.leader("orders", 2) == 3);
  for (int p = 0; p < 3; ++p) {
    CHECK(world.leader_epoch("orders", p) == 0);
    CHECK(world.isr("orders", p) == std::vector<BrokerId>{1, 2, 3});
  }
  // The first controller ever has epoch 1 (ControllerIntegrationTest.testEmptyCluster).
  CHECK(world.events(HistoryKind::kControllerElected)[0].a == 1);
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("idle traffic is what the reference predicts, to the message", "[scenario]") {
  World world(quiet_scenario());
  world.until(100 * kSecond);
  const auto count = [&](MessageType type) { return world.messages(type); };
  const std::uint64_t fetches = count(MessageType::kFetchRequest);
  const std::uint64_t heartbeats = count(MessageType::kHeartbeatRequest);
  const std::uint64_t commits = count(MessageType::kOffsetCommitRequest);
  const std::uint64_t pings = count(MessageType::kZkPing);
  const std::uint64_t produces = count(MessageType::kProduceRequest);
  const std::uint64_t metadata = count(MessageType::kMetadataRequest);
  world.until(160 * kSecond);
  // ZooKeeper pings: each broker every 6 s, a third of the 18 s session: 10 a minute.
  CHECK(count(MessageType::kZkPing) - pings == 3 * 10);
  // Heartbeats: each 3 s plus the answer's way back and the wake-up: 20 a minute
  // (docs/measurements).
  CHECK(count(MessageType::kHeartbeatRequest) - heartbeats >= 19);
  CHECK(count(MessageType::kHeartbeatRequest) - heartbeats <= 20);
  // Auto-commit every 5 s even with unchanged offsets: 12 a minute.
  CHECK(count(MessageType::kOffsetCommitRequest) - commits == 12);
  CHECK(count(MessageType::kProduceRequest) == produces);
  CHECK(count(MessageType::kMetadataRequest) == metadata);  // max.age is 300 s
  // Fetches: 6 replica fetchers (each broker follows two) and the consumer's 3 leaders, each every
  // 500 ms + 1 ms round trip: 60 s / 0.501 s = 119.76. A commit wakes the coordinator's two
  // followers early: once when it is appended and once more to carry the acknowledgement.
  const std::uint64_t idle = count(MessageType::kFetchRequest) - fetches;
  const std::uint64_t per_minute = 9 * 119;
  CHECK(idle >= per_minute);
  CHECK(idle <= 9 * 120 + 12 * 2 * 2);
}

TEST_CASE("an idle producer refreshes its metadata every five minutes and says nothing else",
          "[scenario]") {
  World world(quiet_scenario());
  world.until(100 * kSecond);
  const std::uint64_t before = world.messages(MessageType::kMetadataRequest);
  world.until(399 * kSecond);
  // The producer and the consumer each refreshed once, metadata.max.age.ms = 300 s after the start.
  CHECK(world.messages(MessageType::kMetadataRequest) - before == 2);
}

TEST_CASE("the port of a broker opens some time after its registration", "[scenario]") {
  // docs/measurements/kafka-3.9.md, section 5: 0.27 to 0.52 s; until then the controller that has
  // seen the registration is refused and tries again every 100 ms.
  World world(standard_scenario(), 3);
  world.until(20 * kSecond);
  const BrokerId victim = world.cluster().controller() == 1 ? 2 : 1;
  world.inject(scenarios::FaultAction::kKill, "broker-" + std::to_string(victim), 20 * kSecond);
  world.until(60 * kSecond);
  const auto registered = world.events(HistoryKind::kBrokerRegistered, 40 * kSecond);
  const auto running = world.events(HistoryKind::kBrokerRunning, 40 * kSecond);
  const auto seen = world.events(HistoryKind::kBrokerStartSeen, 40 * kSecond);
  const auto roles = world.events(HistoryKind::kBecameFollower, 40 * kSecond);
  REQUIRE((registered.size() == 1 && running.size() == 1 && seen.size() == 1));
  const Duration closed = running[0].time - registered[0].time;
  CHECK(closed >= 270 * kMillisecond);
  CHECK(closed <= 520 * kMillisecond);
  CHECK(seen[0].time < running[0].time);
  // The first LeaderAndIsr comes with the first retry after that: within 100 ms and some hops.
  REQUIRE_FALSE(roles.empty());
  CHECK(roles[0].time > running[0].time);
  CHECK(roles[0].time - running[0].time < 105 * kMillisecond);
}

TEST_CASE("a registration whose answer is lost is found to be the broker's own", "[scenario]") {
  // KafkaZkClient.CheckedEphemeral: the client sends the create again, NODEEXISTS, and the broker
  // reads whose node it is. It asks once, however often the connection comes back.
  World world(standard_scenario());
  const auto of_broker_1 = [&](HistoryKind kind) {
    std::size_t found = 0;
    for (const sim::HistoryEvent& event : world.events(kind)) {
      found += world.cluster().catalog().broker_of(event.actor) == 1 ? 1 : 0;
    }
    return found;
  };
  const Time written = world.until_true(10 * kSecond, [&] {
    const auto& servers = world.cluster().zookeeper();
    return std::any_of(servers.begin(), servers.end(), [](const model::ZkServer& server) {
      return server.tree().find("/brokers/ids/1") != nullptr;
    });
  });
  REQUIRE(written != sim::kNever);
  REQUIRE(of_broker_1(HistoryKind::kBrokerRegistered) == 0);
  for (const char* server : {"zk-1", "zk-2", "zk-3"}) {
    world.inject(scenarios::FaultAction::kKill, server, kSecond);
  }
  world.until(30 * kSecond);
  CHECK(of_broker_1(HistoryKind::kBrokerRegistered) == 1);
  CHECK(of_broker_1(HistoryKind::kBrokerRegistrationFailed) == 0);
  CHECK(of_broker_1(HistoryKind::kProcessExited) == 0);
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("copy at any event and run on: the same history", "[scenario][determinism]") {
  World world(standard_scenario(), 7);
  world.until(9 * kSecond);
  scenarios::Run copy = world.run();
  world.inject(scenarios::FaultAction::kKill, "leader of orders-0", 20 * kSecond);
  world.until(60 * kSecond);
  scenarios::FaultSpec fault = world.run().faults().items().back();
  copy.inject(fault);
  copy.run_until(60 * kSecond);
  CHECK(copy.digest() == world.run().digest());
  CHECK(copy.events() == world.run().events());
}

TEST_CASE("a checkpoint put back onto a run that went on: the same history",
          "[scenario][determinism]") {
  // Assignment reuses the memory of the later world; nothing of it may shine through.
  World world(standard_scenario(), 8);
  world.until(3 * kSecond);
  const scenarios::Run checkpoint = world.run();
  world.until(40 * kSecond);
  const std::uint64_t first = world.run().digest();
  for (int round = 0; round < 3; ++round) {
    world.run() = checkpoint;
    world.until(40 * kSecond);
    CHECK(world.run().digest() == first);
  }
}

}  // namespace isrlab::test
