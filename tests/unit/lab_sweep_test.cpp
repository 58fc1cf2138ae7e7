// Sweeps from code, against single runs of the same lab.
#include "results/lab/sweep.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::lab {
namespace {

using namespace std::chrono_literals;

Lab small() {
  return Lab(Cluster()
                 .brokers(2)
                 .set("offsets.topic.replication.factor", 1)
                 .topic(Topic("t").partitions(1).replication(2)),
             Load().producer(Producer("t").rate(50)))
      .lasts(12s);
}

}  // namespace

TEST_CASE("a sweep from code counts and measures what single runs say", "[lab]") {
  const Lab lab = small();
  const SweepResult swept = Sweep(lab)
                                .seeds(3, 6)
                                .vary("/producers/0/config/acks", {1, "all"})
                                .metric("ack_latency max")
                                .threads(2)
                                .run();
  CHECK(swept.runs() == 8);
  CHECK(swept.passed());
  CHECK_FALSE(swept.first_failure());
  CHECK(swept.diverged() == 0);
  REQUIRE(swept.cells().size() == 2);
  CHECK(swept.cells()[1].values == std::vector<std::string>{"all"});
  double difference = 0;
  for (std::size_t cell = 0; cell < 2; ++cell) {
    Lab single = lab;
    single.set("/producers/0/config/acks", cell == 0 ? Setting(1) : Setting("all"));
    std::int64_t sum = 0;
    std::int64_t most = 0;
    for (std::uint64_t seed = 3; seed <= 6; ++seed) {
      const std::int64_t latency = single.run(seed).summary().ack_latency[0].max;
      sum += latency;
      most = std::max(most, latency);
    }
    const Estimate& estimate = swept.cells()[cell].metric("ack_latency max");
    CHECK(estimate.mean == Approx(static_cast<double>(sum) / 4));
    CHECK(estimate.max == most);
    CHECK(estimate.low <= estimate.mean);
    CHECK(estimate.mean <= estimate.high);
    CHECK(swept.cells()[cell].passed == 4);
    difference += (cell == 0 ? -1.0 : 1.0) * static_cast<double>(sum) / 4;
  }
  CHECK(swept.cells()[1].difference("ack_latency max").mean == Approx(difference));
  CHECK(swept.cells()[0].differences.empty());
  // Wilson: 4 of 4 begins at 1 / (1 + 1.959964^2 / 4).
  CHECK(swept.cells()[0].passing.low == Approx(0.510109).epsilon(1e-4));
  CHECK(swept.reached("isr_shrinks") == 0);
  CHECK_THROWS_AS(swept.reached("isr_shrink"), std::out_of_range);
  CHECK_THROWS_AS(swept.cells()[0].metric("lost"), std::out_of_range);
}

TEST_CASE("the first failing run comes with the line that repeats it", "[lab]") {
  const SweepResult swept =
      Sweep(small().limit("elections count == 7")).seeds("9,4").stop_after(1).run();
  CHECK_FALSE(swept.passed());
  REQUIRE(swept.first_failure());
  CHECK(swept.first_failure()->seed == 9);
  CHECK(swept.first_failure()->verdict == Verdict::kFail);
  CHECK(swept.first_failure()->what == "limit elections count == 7: was 0");
  CHECK(swept.first_failure()->replay.starts_with("isrlab replay il1:lab:9:"));
  CHECK(swept.runs() == 1);
}

TEST_CASE("the same sweep with one thread and with two gives the same bytes", "[lab]") {
  const auto all = [](unsigned threads) {
    const SweepResult swept = Sweep(small()).seeds(1, 5).threads(threads).run();
    return swept.text() + swept.json() + swept.html() + swept.csv();
  };
  CHECK(all(1) == all(2));
}

TEST_CASE("what a sweep cannot do is told as the loader tells it", "[lab]") {
  CHECK_THROWS_AS(Sweep(small()).metric("write_gpa").run(), ScenarioError);
  CHECK_THROWS_AS(Sweep(small()).seeds(5, 1).run(), ScenarioError);
  CHECK_THROWS_AS(Sweep(small().always("nonsense")).run(), ScenarioError);
  CHECK_THROWS_AS(Sweep(small()).vary("/topics/t/partitions", {"x"}).run(), ScenarioError);
  const SweepResult swept = Sweep(small())
                                .seeds(1, 1)
                                .vary("/topics/t/replication.factor", {1, 2})
                                .vary("/topics/t/config/min.insync.replicas", {1, 2})
                                .run();
  CHECK(swept.cells().size() == 3);
  CHECK(swept.left_out().size() == 1);
}

}  // namespace isrlab::lab
