// What operators do: reassignments (KIP-455; reference controller-zookeeper.md 4.11), elections
// that are asked for (4.9), rolling restarts. Epochs are worked by hand from the tables there.
#include <algorithm>

#include "model/protocol/zookeeper.hpp"
#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using model::Error;
using sim::kSecond;

/// Four brokers, `orders` with two partitions on 1,2 and 2,1; 200 records a second.
World world_with(const std::string& faults, const std::string& assignment = "[[1, 2], [2, 1]]") {
  const std::string text = R"({
    "schema": "kafka-failure-scenario/1", "name": "operator", "about": "", "duration": "120s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 4, "config": {
      "zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
      "auto.leader.rebalance.enable": false}}},
    "topics": [{"name": "orders", "assignment": )" +
                           assignment + R"(}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "200/s", "record.size": "1KiB"}],
    "faults": [)" + faults +
                           "]}";
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "operator");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return World(loaded.scenario, 7);
}

struct Step {
  BrokerId leader;
  std::int32_t epoch;
  std::vector<BrokerId> isr;
  friend bool operator==(const Step&, const Step&) = default;
};

std::vector<BrokerId> brokers(const World& world, std::int64_t list) {
  std::vector<BrokerId> result;
  for (const std::uint32_t id : world.cluster().history().list(list)) {
    result.push_back(static_cast<BrokerId>(id));
  }
  return result;
}

/// Every write of the partition's state from then on.
std::vector<Step> steps(const World& world, std::int32_t number, Time from) {
  std::vector<Step> result;
  for (const sim::HistoryEvent& event : world.events(HistoryKind::kPartitionState, from)) {
    if (event.subject != world.partition("orders", number)) continue;
    result.push_back({static_cast<BrokerId>(event.a), static_cast<std::int32_t>(event.c >> 32),
                      sorted(brokers(world, event.b))});
  }
  return result;
}

std::vector<Error> answers(const World& world) {
  std::vector<Error> result;
  for (const sim::HistoryEvent& event : world.events(HistoryKind::kAdminAnswered)) {
    result.push_back(static_cast<Error>(event.b));
  }
  return result;
}

std::vector<BrokerId> deleted_on(const World& world, std::int32_t number) {
  std::vector<BrokerId> result;
  for (const sim::HistoryEvent& event : world.events(HistoryKind::kReplicaDeleted)) {
    if (event.subject != world.partition("orders", number)) continue;
    result.push_back(world.cluster().catalog().broker_of(event.actor));
  }
  return sorted(result);
}

std::vector<BrokerId> assignment(const World& world, std::int32_t number) {
  const auto leader = static_cast<std::size_t>(world.cluster().zookeeper_leader());
  const auto* node = world.cluster().zookeeper()[leader].tree().find("/brokers/topics/orders");
  const auto& znode = std::get<model::TopicZnode>(node->value);
  CHECK(znode.adding == nullptr);
  const auto& replicas = (*znode.replicas)[static_cast<std::size_t>(number)];
  return {replicas.begin(), replicas.end()};
}

using Ids = std::vector<BrokerId>;

}  // namespace

TEST_CASE("reassignment to other brokers: phases A and B, an epoch for each step", "[scenario]") {
  World world = world_with(R"({"at": "20s", "reassign": "orders-0 -> 3,4"})");
  world.until(20 * kSecond);
  const std::int64_t before =
      world.cluster().broker(1).partition(world.partition("orders", 0))->log.log_end_offset();
  CHECK(before > 1000);
  world.until(40 * kSecond);
  const std::vector<Step> seen = steps(world, 0, 20 * kSecond);
  // A1; both catch up in either order; B3 elects the first of the target; B4 takes 1, then 2 out.
  REQUIRE(seen.size() == 6);
  CHECK(seen[0] == Step{1, 1, {1, 2}});
  CHECK(seen[1].epoch == 1);
  CHECK(seen[1].isr.size() == 3);
  CHECK(seen[2] == Step{1, 1, {1, 2, 3, 4}});
  CHECK(seen[3] == Step{3, 2, {1, 2, 3, 4}});
  CHECK(seen[4] == Step{3, 3, {2, 3, 4}});
  CHECK(seen[5] == Step{3, 4, {3, 4}});
  CHECK(deleted_on(world, 0) == Ids{1, 2});
  CHECK(assignment(world, 0) == Ids{3, 4});
  CHECK(assignment(world, 1) == Ids{2, 1});
  CHECK_FALSE(world.cluster().broker(1).partition(world.partition("orders", 0))->exists);
  CHECK(world.cluster().broker(4).partition(world.partition("orders", 0))->log.log_end_offset() >
        before);
  CHECK(answers(world) == std::vector<Error>{Error::kNone});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("reassignment with a leader that stays: an epoch, no election", "[scenario]") {
  World world = world_with(
      R"({"at": "20s", "reassign": {"version": 1, "partitions": [
          {"topic": "orders", "partition": 1, "replicas": [2, 3], "log_dirs": ["any", "any"]}]}})");
  world.until(40 * kSecond);
  const std::vector<Step> expected = {
      {2, 1, {1, 2}}, {2, 1, {1, 2, 3}}, {2, 2, {1, 2, 3}}, {2, 3, {2, 3}}};
  CHECK(steps(world, 1, 20 * kSecond) == expected);
  for (const sim::HistoryEvent& event : world.events(HistoryKind::kLeaderElected, 20 * kSecond)) {
    CHECK(event.subject != world.partition("orders", 1));
  }
  CHECK(deleted_on(world, 1) == Ids{1});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("a new order of the same replicas is complete at once", "[scenario]") {
  World world = world_with(R"({"at": "20s", "reassign": "orders-0 -> 2,1"},
                              {"at": "30s", "elect_preferred": "orders-0, orders-1"})");
  world.until(25 * kSecond);
  CHECK(steps(world, 0, 20 * kSecond) == std::vector<Step>{{1, 1, {1, 2}}});
  CHECK(assignment(world, 0) == Ids{2, 1});
  world.until(40 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  CHECK(answers(world) ==
        std::vector<Error>{Error::kNone, Error::kNone, Error::kElectionNotNeeded});
}

TEST_CASE("a move that cannot catch up is taken back", "[scenario]") {
  World world = world_with(R"({"at": "19s", "partition": "broker-1 | broker-4", "for": "20s"},
                              {"at": "20s", "reassign": "orders-0 -> 1,4"},
                              {"at": "30s", "cancel_reassignment": "orders-0"},
                              {"at": "50s", "cancel_reassignment": "orders-0"})");
  world.until(29 * kSecond);
  CHECK(world.events(HistoryKind::kReassignmentDone).empty());
  CHECK(world.isr("orders", 0) == Ids{1, 2});
  world.until(60 * kSecond);
  // A1, then B3 of the cancellation: 4 was never in the ISR, so its removal writes nothing.
  CHECK(steps(world, 0, 20 * kSecond) == std::vector<Step>{{1, 1, {1, 2}}, {1, 2, {1, 2}}});
  CHECK(assignment(world, 0) == Ids{1, 2});
  CHECK(deleted_on(world, 0) == Ids{4});
  CHECK(answers(world) ==
        std::vector<Error>{Error::kNone, Error::kNone, Error::kNoReassignmentInProgress});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("a broker that is down cannot be added", "[scenario]") {
  World world = world_with(R"({"at": "12s", "kill": "broker-4"},
                              {"at": "30s", "reassign": "orders-0 -> 1,4; orders-1 -> 1,2"})");
  world.until(40 * kSecond);
  CHECK(answers(world) == std::vector<Error>{Error::kInvalidReplicaAssignment, Error::kNone});
  CHECK(assignment(world, 0) == Ids{1, 2});
  CHECK(assignment(world, 1) == Ids{1, 2});
}

TEST_CASE("the next controller goes on with a move", "[scenario]") {
  World world = world_with(R"({"at": "19s", "partition": "broker-2 | broker-4", "for": "30s"},
                              {"at": "20s", "reassign": "orders-1 -> 4,1"},
                              {"at": "25s", "kill": "controller", "restart": "after 5s"})");
  world.until(24 * kSecond);
  CHECK(world.events(HistoryKind::kReassignmentStarted).size() == 1);
  world.until(90 * kSecond);
  CHECK(world.events(HistoryKind::kControllerElected).size() == 2);
  CHECK(world.events(HistoryKind::kReassignmentDone).size() == 1);
  CHECK(assignment(world, 1) == Ids{4, 1});
  CHECK(world.isr("orders", 1) == Ids{1, 4});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("an unclean election gives a partition to a replica that is behind", "[scenario]") {
  World world = world_with(R"({"at": "15s", "kill": "broker-2"},
                              {"at": "30s", "kill": "broker-1"},
                              {"at": "31s", "restart": "broker-2"},
                              {"at": "45s", "elect_preferred": "orders-0"},
                              {"at": "50s", "unclean_election": "all topics"})");
  world.until(49 * kSecond);
  CHECK(world.leader("orders", 0) == model::kNoBroker);
  world.until(55 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  CHECK(world.leader("orders", 1) == 2);
  CHECK(answers(world) ==
        std::vector<Error>{Error::kPreferredLeaderNotAvailable, Error::kNone, Error::kNone});
  const auto elections = world.events(HistoryKind::kLeaderElected, 50 * kSecond);
  CHECK(std::count_if(elections.begin(), elections.end(),
                      [](const auto& event) { return event.c == 4; }) == 2);
}

TEST_CASE("a rolling restart takes one broker after the other and waits for the ISR",
          "[scenario]") {
  World world = world_with(R"({"at": "20s", "rolling_restart": "all brokers", "interval": "2s"})");
  world.until(110 * kSecond);
  const auto stops = world.events(HistoryKind::kControlledShutdownStarted, 20 * kSecond);
  const auto returns = world.events(HistoryKind::kBrokerRunning, 20 * kSecond);
  REQUIRE(stops.size() == 4);
  REQUIRE(returns.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(stops[i].subject == i + 1);
    CHECK(returns[i].subject == i + 1);
    if (i > 0) CHECK(stops[i].time >= returns[i - 1].time + 2 * kSecond);
  }
  CHECK(world.run().faults().faults().at(0).until < 110 * kSecond);
  CHECK(world.isr("orders", 0) == Ids{1, 2});
  CHECK(world.broken_invariants() == "");
}

TEST_CASE("a rolling restart stops while a partition misses a replica", "[scenario]") {
  // broker-4 holds nothing of orders; broker-2 stays cut from the leader of orders-0, so that after
  // the restart of broker-1 no ISR is full and the script waits.
  const std::string cut = R"({"at": "10s", "partition": "broker-1 | broker-2", "for": "60s"},)";
  World patient = world_with(cut + R"({"at": "30s", "rolling_restart": "brokers 3,4"})");
  patient.until(65 * kSecond);
  CHECK(patient.events(HistoryKind::kControlledShutdownStarted, 20 * kSecond).size() == 1);
  World hasty =
      world_with(cut + R"({"at": "30s", "rolling_restart": "brokers 3,4", "wait": "running"})");
  hasty.until(65 * kSecond);
  CHECK(hasty.events(HistoryKind::kControlledShutdownStarted, 20 * kSecond).size() == 2);
}

}  // namespace isrlab::test
