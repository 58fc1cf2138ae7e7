// Random clusters, loads and fault schedules: no invariant that the configuration promises may
// break, a copy must go on as its original, and the same seed must give the same history.
#include <rapidcheck/catch.h>

#include "results/lab/rapidcheck.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using namespace std::chrono_literals;
using sim::kMillisecond;
using sim::kSecond;

/// Any cluster, load and schedule, and faults of a member of the group too.
scenarios::Scenario draw_scenario(std::chrono::seconds duration, gen::Between faults) {
  const lab::Cluster cluster = *gen::clusters();
  const lab::Load load = *gen::loads();
  gen::ScheduleBounds bounds;
  bounds.count = faults;
  bounds.targets = gen::targets_of(cluster);
  bounds.targets.emplace_back("client billing-1");
  const lab::Schedule schedule = *gen::schedules(cluster, bounds);
  return *lab::Lab(cluster, load, schedule).lasts(duration).scenario();
}

}  // namespace

TEST_CASE("random faults break no promised invariant", "[property]") {
  rc::prop("invariants hold under random faults", [] {
    scenarios::Scenario scenario = draw_scenario(75s, {0, 4});
    const auto seed = *gen::seeds();
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
    scenarios::Scenario scenario = draw_scenario(300s, {1, 3});
    const auto seed = *gen::seeds();
    World world(std::move(scenario), seed);
    world.until(300 * kSecond);
    world.run().finish();
    RC_LOG(world.broken_promises());
    RC_ASSERT(world.broken_promises().empty());
  });
}

TEST_CASE("a copy at a random moment goes on as its original", "[property][determinism]") {
  rc::prop("copy equals original", [] {
    const scenarios::Scenario scenario = draw_scenario(75s, {2, 2});
    const auto seed = *gen::seeds();
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
