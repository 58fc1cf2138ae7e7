// What the generators of the library draw loads, and shrinks to what is simpler.
#include <rapidcheck/catch.h>

#include "results/lab/rapidcheck.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::gen {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> all_faults() {
  std::vector<std::string> words;
  for (const scenarios::FaultInfo& info : scenarios::fault_table()) words.emplace_back(info.word);
  return words;
}

}  // namespace

TEST_CASE("every lab that is drawn loads", "[property][lab]") {
  rc::prop("drawn labs load", [] {
    const lab::Cluster cluster = *clusters();
    const lab::Load load = *loads();
    ScheduleBounds bounds;
    bounds.faults = all_faults();
    bounds.count = {1, 6};
    const lab::Schedule schedule = *schedules(cluster, bounds);
    RC_ASSERT(schedule.faults().size() >= 1U);
    RC_ASSERT(schedule.faults().size() <= 6U);
    const lab::Lab drawn = lab::Lab(cluster, load, schedule).lasts(75s);
    RC_LOG() << drawn;
    RC_ASSERT(drawn.scenario()->faults.size() == schedule.faults().size());
  });
}

TEST_CASE("schedules shrink by leaving faults out", "[property][lab]") {
  rc::prop("schedules shrink", [] {
    const lab::Cluster cluster;
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto drawn = schedules(cluster)(rc::Random(seed), rc::kNominalSize);
    const std::size_t size = drawn.value().faults().size();
    std::size_t fewest = size;
    rc::Seq<rc::Shrinkable<lab::Schedule>> simpler = drawn.shrinks();
    while (const auto next = simpler.next()) {
      RC_ASSERT(next->value().faults().size() <= size);
      fewest = std::min(fewest, next->value().faults().size());
    }
    RC_ASSERT(fewest == 0U);
  });
}

}  // namespace isrlab::gen
