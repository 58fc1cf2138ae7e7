// Samples, gauges and texts of reports against values worked out by hand.
#include "results/metrics.hpp"
#include "results/text.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab;
using results::Distribution;
using results::Gauge;
using scenarios::Aggregate;

TEST_CASE("percentiles are by nearest rank") {
  Distribution samples;
  for (const std::int64_t value : {50, 15, 40, 20, 35}) samples.add(value);  // the textbook example
  CHECK(samples.percentile(5) == 15);
  CHECK(samples.percentile(30) == 20);
  CHECK(samples.percentile(40) == 20);
  CHECK(samples.percentile(50) == 35);
  CHECK(samples.percentile(100) == 50);
  CHECK(samples.aggregate(Aggregate::kCount) == 5);
  CHECK(samples.aggregate(Aggregate::kTotal) == 160);
  CHECK(samples.aggregate(Aggregate::kMin) == 15);
  CHECK(samples.aggregate(Aggregate::kMax) == 50);
}

TEST_CASE("no samples give zero") {
  const Distribution none;
  for (const Aggregate each : {Aggregate::kMax, Aggregate::kMin, Aggregate::kCount,
                               Aggregate::kTotal, Aggregate::kP50, Aggregate::kP99}) {
    CHECK(none.aggregate(each) == 0);
  }
}

TEST_CASE("many samples keep count, sum and extremes exact and percentiles within a thousandth") {
  Distribution samples;
  const std::int64_t n = 50'000;
  for (std::int64_t i = 1; i <= n; ++i) samples.add(i * 1'000'003);
  CHECK(samples.count() == n);
  CHECK(samples.total() == n * (n + 1) / 2 * 1'000'003);
  CHECK(samples.max() == n * 1'000'003);
  CHECK(samples.min() == 1'000'003);
  const std::int64_t exact = n / 2 * 1'000'003;
  CHECK(samples.percentile(50) <= exact);
  CHECK(samples.percentile(50) > exact - exact / 1000);
}

TEST_CASE("distributions add up") {
  Distribution left;
  Distribution right;
  for (std::int64_t i = 0; i < 5000; ++i) left.add(i);
  for (std::int64_t i = 5000; i < 10'000; ++i) right.add(i);
  left.add_all(right);
  CHECK(left.count() == 10'000);
  CHECK(left.total() == 9999LL * 10'000 / 2);
  CHECK(left.max() == 9999);
  CHECK(left.min() == 0);
}

TEST_CASE("a gauge weighs values with the time they lasted") {
  Gauge gauge;
  gauge.set(0, 5);
  gauge.set(0, 0);    // replaced within the instant: 5 never was
  gauge.set(90, 7);   // 0 for 90
  gauge.set(100, 3);  // 7 for 10
  gauge.close(200);   // 3 for 100
  CHECK(gauge.aggregate(Aggregate::kMax) == 7);
  CHECK(gauge.aggregate(Aggregate::kMin) == 0);
  CHECK(gauge.aggregate(Aggregate::kP50) == 3);  // 0 covers 45 %, 3 reaches 95 %
  CHECK(gauge.aggregate(Aggregate::kP95) == 3);
  CHECK(gauge.aggregate(Aggregate::kP99) == 7);
}

TEST_CASE("texts of times and numbers") {
  using results::clock_text;
  using results::grouped;
  using results::span_text;
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'180'000) == "1 180 000");
  CHECK(grouped(-1234) == "-1 234");
  CHECK(span_text(0) == "0 s");
  CHECK(span_text(20'000) == "20 us");
  CHECK(span_text(1'250'000) == "1.3 ms");
  CHECK(span_text(250'000'000) == "250 ms");
  CHECK(span_text(13'407'000'000) == "13.41 s");
  CHECK(span_text(9'999'999'999) == "10.00 s");
  CHECK(clock_text(33'204'000'000) == "33.204");
  CHECK(clock_text(133'204'999'999) == "02:13.204");
  CHECK(clock_text(3'733'204'000'000) == "1:02:13.204");
  CHECK(results::some_of({"a", "b", "c"}) == "a, b and c");
  CHECK(results::some_of({"a", "b", "c", "d", "e"}) == "a, b, c and 2 more");
  CHECK(results::right_column("±1", 4) == "  ±1");
}
