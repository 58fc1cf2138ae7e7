// Confidence intervals against textbook tables and values worked out by hand.
#include "results/sweep/statistics.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::results;

namespace {

bool near(double value, double expected, double tolerance = 5e-6) {
  return value > expected - tolerance && value < expected + tolerance;
}

}  // namespace

TEST_CASE("Student's t has the quantiles of the tables") {
  CHECK(near(student95(1), 12.706205));
  CHECK(near(student95(2), 4.302653));
  CHECK(near(student95(4), 2.776445));
  CHECK(near(student95(9), 2.262157));
  CHECK(near(student95(30), 2.042272));
  CHECK(near(student95(100'000), kNormal95, 1e-4));
}

TEST_CASE("the interval of a mean is t times the standard error") {
  // Mean 3, variance 10/4 = 2.5, standard error sqrt(2.5 / 5) = 0.707107, times 2.776445.
  const std::int64_t values[] = {1, 2, 3, 4, 5};
  const MeanEstimate estimate = estimate_mean(values);
  CHECK(estimate.mean == 3);
  CHECK(near(estimate.half, 1.963243));
}

TEST_CASE("one sample has a mean and no interval, none has neither") {
  const std::int64_t one[] = {7};
  CHECK(estimate_mean(one).mean == 7);
  CHECK_FALSE(estimate_mean(one).known());
  CHECK_FALSE(estimate_mean({}).known());
}

TEST_CASE("pairs are subtracted before anything is averaged") {
  // Differences 1, 2, 3: mean 2, standard error 1 / sqrt(3) = 0.577350, times 4.302653.
  const std::int64_t left[] = {10, 12, 14};
  const std::int64_t right[] = {9, 10, 11};
  const MeanEstimate estimate = estimate_difference(left, right);
  CHECK(estimate.mean == 2);
  CHECK(near(estimate.half, 2.484138));
  // Whatever the cells share cancels: they spread by hundreds, the difference not at all.
  const std::int64_t late[] = {101, 201, 301};
  const std::int64_t early[] = {100, 200, 300};
  CHECK(estimate_difference(late, early).mean == 1);
  CHECK(estimate_difference(late, early).half == 0);
}

TEST_CASE("proportions have Wilson's interval") {
  // z^2 = 3.841459. 0 of 10: high = z^2 / (10 + z^2). 5 of 10: 0.5 -+ half of sqrt(z^2/(10+z^2)).
  const Proportion none = estimate_proportion(0, 10);
  CHECK(none.low == 0);
  CHECK(near(none.high, 0.277533));
  const Proportion all = estimate_proportion(10, 10);
  CHECK(near(all.low, 0.722467));
  CHECK(all.high == 1);
  const Proportion half = estimate_proportion(5, 10);
  CHECK(near(half.low, 0.236593));
  CHECK(near(half.high, 0.763407));
  // centre (0.05 + 0.096036) / 1.192073, half 1.959964 sqrt(0.002375 + 0.002401) / 1.192073.
  const Proportion rare = estimate_proportion(1, 20);
  CHECK(near(rare.low, 0.008881, 1e-5));
  CHECK(near(rare.high, 0.236131, 1e-5));
  const Proportion unknown = estimate_proportion(0, 0);
  CHECK(unknown.low == 0);
  CHECK(unknown.high == 1);
}
