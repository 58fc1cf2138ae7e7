// Every kept event names the kept event that led to it; the chain behind a change of leader is the
// story an operator would tell.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {
using scenarios::FaultAction;
using sim::kSecond;

/// Kinds from the event back to the start of the run: "BecameLeader LeaderElected ...".
std::string chain(const World& world, std::uint32_t event) {
  std::string kinds;
  while (event != 0) {
    const sim::HistoryEvent& each = world.cluster().history()[event];
    if (!kinds.empty()) kinds += ' ';
    kinds += model::history_kind(static_cast<HistoryKind>(each.kind)).name;
    REQUIRE(each.cause < event);
    event = each.cause;
  }
  return kinds;
}

std::string chain_of(const World& world, HistoryKind kind, model::PartitionId partition,
                     Time from) {
  for (const sim::HistoryEvent& event : world.events(kind, from)) {
    if (event.subject == partition) return chain(world, event.id);
  }
  return "never";
}
}  // namespace

TEST_CASE("causes: a dead leader that was the controller", "[scenario]") {
  World world(standard_scenario(), 5);
  world.until(20 * kSecond);
  const BrokerId controller = world.cluster().controller();
  int p = 0;  // a partition that the controller leads
  while (world.leader("orders", p) != controller) ++p;
  const model::PartitionId partition = world.partition("orders", p);
  world.inject(FaultAction::kKill, "controller");
  world.until(50 * kSecond);
  const std::string crash = "ZkSessionExpired ProcessKilled FaultInjected";
  CHECK(chain_of(world, HistoryKind::kLeaderElected, partition, 20 * kSecond) ==
        "LeaderElected PartitionState ControllerElected " + crash);
  CHECK(chain_of(world, HistoryKind::kBecameLeader, partition, 20 * kSecond) ==
        "BecameLeader LeaderElected PartitionState ControllerElected " + crash);
  // Clients learn first that there is no leader, then of the new one.
  const auto learned = world.events(HistoryKind::kLeaderLearned, 20 * kSecond);
  REQUIRE_FALSE(learned.empty());
  for (const sim::HistoryEvent& event : learned) {
    const std::string why = chain(world, event.id);
    CHECK(why.ends_with("ControllerElected " + crash));
    // The event behind it is about the same partition, if it is about one.
    const sim::HistoryEvent& cause = world.cluster().history()[event.cause];
    if (static_cast<HistoryKind>(cause.kind) == HistoryKind::kLeaderElected) {
      CHECK(cause.subject == event.subject);
    }
  }
}

TEST_CASE("causes: a paused leader, seen by another controller", "[scenario]") {
  World world(standard_scenario(), 4);
  world.until(20 * kSecond);
  const BrokerId controller = world.cluster().controller();
  int p = 0;  // a partition that another broker leads
  while (world.leader("orders", p) == controller) ++p;
  const model::PartitionId partition = world.partition("orders", p);
  const std::string victim = "broker-" + std::to_string(world.leader("orders", p));
  world.inject(FaultAction::kPause, victim);
  world.until(50 * kSecond);
  const std::string pause = "ZkSessionExpired ProcessPaused FaultInjected";
  CHECK(chain_of(world, HistoryKind::kPartitionOffline, partition, 20 * kSecond) ==
        "PartitionOffline BrokerFailureSeen " + pause);
  CHECK(chain_of(world, HistoryKind::kLeaderElected, partition, 20 * kSecond) ==
        "LeaderElected PartitionOffline BrokerFailureSeen " + pause);
}

TEST_CASE("causes: a follower that is too slow to stay in the ISR, and its return", "[scenario]") {
  // The follower is silent for longer than replica.lag.time.max.ms, its session is kept alive long
  // enough for the leader to act first.
  scenarios::Scenario scenario = standard_scenario();
  for (auto& broker : scenario.cluster.brokers) {
    broker.config.zookeeper_session_timeout = 40 * kSecond;
    broker.config.replica_lag_time_max = 10 * kSecond;
  }
  World world(std::move(scenario), 6);
  world.until(20 * kSecond);
  const model::PartitionId partition = world.partition("orders", 0);
  const BrokerId follower = world.leader("orders", 0) == 1 ? 2 : 1;
  world.inject(FaultAction::kPause, "broker-" + std::to_string(follower), 20 * kSecond);
  world.until(60 * kSecond);
  const std::string shrink = "IsrShrinkProposed ProcessPaused FaultInjected";
  CHECK(chain_of(world, HistoryKind::kIsrShrinkProposed, partition, 20 * kSecond) == shrink);
  CHECK(chain_of(world, HistoryKind::kIsrCommitted, partition, 20 * kSecond) ==
        "IsrCommitted PartitionState " + shrink);
  CHECK(world.events(HistoryKind::kZkSessionExpired).empty());
  // It returns by fetching: what made it a follower is behind it.
  const std::string back =
      chain_of(world, HistoryKind::kIsrExpandProposed, partition, 35 * kSecond);
  CHECK(back.starts_with("IsrExpandProposed BecameFollower LeaderElected"));
}

TEST_CASE("causes: the end of a member is the reason of the rebalance", "[scenario]") {
  World world(standard_scenario(), 7);
  world.until(20 * kSecond);
  world.inject(FaultAction::kKill, "client billing-1");
  world.until(80 * kSecond);
  const auto left = world.events(HistoryKind::kMemberLeft, 20 * kSecond);
  REQUIRE(left.size() == 1);
  CHECK(chain(world, left[0].id) == "MemberLeft ProcessKilled FaultInjected");
  const auto rebalance = world.events(HistoryKind::kRebalanceStarted, 20 * kSecond);
  REQUIRE(rebalance.size() == 1);
  CHECK(rebalance[0].cause == left[0].id);
}

}  // namespace isrlab::test
