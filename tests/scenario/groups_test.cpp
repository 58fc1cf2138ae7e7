// One group makes a queue, many groups make publish/subscribe; groups under change.
#include <map>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {
using scenarios::FaultAction;
using sim::kMillisecond;
using sim::kSecond;

/// Counts how often each record was delivered to each group.
class DeliveryReader : public model::Reader {
 public:
  using Counts = std::map<model::GroupId, std::map<std::pair<std::uint32_t, std::int64_t>, int>>;
  explicit DeliveryReader(std::shared_ptr<Counts> counts) : counts_(std::move(counts)) {}
  std::vector<HistoryKind> interests() const override { return {HistoryKind::kRecordsDelivered}; }
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override {
    const auto& process = cluster.catalog().process(event.actor);
    const model::GroupId group = cluster.catalog().consumer(process.index).group;
    for (std::int64_t i = 0; i < event.b; ++i) ++(*counts_)[group][{event.subject, event.a + i}];
  }
  std::unique_ptr<model::Reader> clone() const override {
    return std::make_unique<DeliveryReader>(*this);
  }

 private:
  std::shared_ptr<Counts> counts_;
};

model::ConsumerGroupSpec group_of(const std::string& name, std::int32_t members) {
  model::ConsumerGroupSpec group;
  group.group = name;
  group.topics = {"orders"};
  group.members = members;
  group.config.auto_offset_reset = 0;
  return group;
}
}  // namespace

TEST_CASE("queue: each record goes to exactly one member of the group", "[scenario]") {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.groups = {group_of("workers", 4)};  // 3 partitions: one member stays idle
  scenario.cluster.producers[0].limit = 2000;
  World world(std::move(scenario));
  auto counts = std::make_shared<DeliveryReader::Counts>();
  world.run().readers().add(std::make_unique<DeliveryReader>(counts));
  world.until(30 * kSecond);
  REQUIRE((*counts)[0].size() == 2000);
  for (const auto& [record, times] : (*counts)[0]) CHECK(times == 1);
  std::multiset<std::size_t> owned;
  for (const auto& consumer : world.cluster().consumers())
    owned.insert(consumer.assignment().size());
  CHECK(owned == std::multiset<std::size_t>{0, 1, 1, 1});
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("publish/subscribe: every group gets every record once", "[scenario]") {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.groups = {group_of("audit", 1), group_of("billing", 2), group_of("search", 3)};
  scenario.cluster.producers[0].limit = 1000;
  World world(std::move(scenario));
  auto counts = std::make_shared<DeliveryReader::Counts>();
  world.run().readers().add(std::make_unique<DeliveryReader>(counts));
  world.until(30 * kSecond);
  for (model::GroupId group = 0; group < 3; ++group) {
    REQUIRE((*counts)[group].size() == 1000);
    for (const auto& [record, times] : (*counts)[group]) CHECK(times == 1);
  }
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("F13: a killed member is replaced after its session, its partitions move", "[scenario]") {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.groups = {group_of("workers", 2)};
  scenario.cluster.groups[0].config.session_timeout = 10 * kSecond;
  World world(std::move(scenario), 2);
  world.until(15 * kSecond);
  const Time killed = world.cluster().now();
  world.inject(FaultAction::kKill, "client workers-2");
  const Time taken = world.until_true(killed + 20 * kSecond, [&] {
    return world.cluster().consumers()[0].assignment().size() == 3;
  });
  REQUIRE(taken != sim::kNever);
  // Session time-out since the last heartbeat (at most 3 s old), then until the survivor's next
  // heartbeat tells it to rejoin (at most 3 s).
  CHECK(taken - killed > 7 * kSecond - 200 * kMillisecond);
  CHECK(taken - killed < 13 * kSecond + 500 * kMillisecond);
  CHECK(world.broken_invariants().empty());
}

TEST_CASE("F13: a member that leaves cleanly is replaced at the next heartbeat", "[scenario]") {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.groups = {group_of("workers", 2)};
  World world(std::move(scenario), 3);
  world.until(15 * kSecond);
  const Time stopped = world.cluster().now();
  world.inject(FaultAction::kStop, "client workers-2");
  const Time taken = world.until_true(stopped + 20 * kSecond, [&] {
    return world.cluster().consumers()[0].assignment().size() == 3;
  });
  REQUIRE(taken != sim::kNever);
  CHECK(taken - stopped < 3 * kSecond + 500 * kMillisecond);
}

TEST_CASE("C16: a coordinator that dies evicts nobody; the group goes on elsewhere", "[scenario]") {
  scenarios::Scenario scenario = standard_scenario();
  scenario.cluster.groups = {group_of("workers", 2)};
  World world(std::move(scenario), 4);
  world.until(15 * kSecond);
  const Time killed = world.cluster().now();
  world.inject(FaultAction::kKill, "coordinator of workers");
  world.until(killed + 45 * kSecond);
  // The group is loaded as Stable with fresh session timers: same members, nobody left.
  CHECK(world.events(HistoryKind::kMemberLeft, killed).empty());
  CHECK(!world.events(HistoryKind::kGroupLoaded, killed).empty());
  std::size_t owned = 0;
  for (const auto& consumer : world.cluster().consumers()) owned += consumer.assignment().size();
  CHECK(owned == 3);
  CHECK(world.broken_invariants().empty());
}

}  // namespace isrlab::test
