#include "viz/widgets/plot.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

using namespace isrlab;
using namespace isrlab::viz;
using sim::kMillisecond;
using sim::kSecond;

namespace {

/// Ten pixels, one second each.
const TimeAxis kAxis{0, 10 * kSecond, 100, 110};

}  // namespace

TEST_CASE("a step series holds its value until the next sample", "[viz]") {
  const std::vector<Sample> samples{{2 * kSecond, 5}, {6 * kSecond, 1}};
  const auto columns = plot_columns(samples, kAxis, Join::step);
  REQUIRE(columns.size() == 10);
  CHECK_FALSE(columns[1].filled);  // nothing is known before the first sample
  CHECK(columns[2].low == 5);
  CHECK(columns[5].high == 5);
  CHECK(columns[6].high == 1);
  CHECK(columns[9].low == 1);
}

TEST_CASE("nothing is drawn beyond what is known", "[viz]") {
  const std::vector<Sample> samples{{0, 5}, {3 * kSecond, 7}, {8 * kSecond, 9}};
  const auto columns = plot_columns(samples, kAxis, Join::step, 4 * kSecond);
  CHECK(columns[3].high == 7);
  CHECK_FALSE(columns[5].filled);
  CHECK_FALSE(columns[8].filled);
}

TEST_CASE("one column holds the least and the greatest of many samples", "[viz]") {
  std::vector<Sample> samples;
  for (int i = 0; i < 100'000; ++i) {
    samples.push_back({i * 100 * sim::kMicrosecond, i == 54'321 ? 1000.0 : i % 7});
  }
  const auto columns = plot_columns(samples, kAxis, Join::step);
  REQUIRE(columns.size() == 10);
  for (int i = 0; i < 10; ++i) {
    CHECK(columns[i].low == 0);
    CHECK(columns[i].high == (i == 5 ? 1000 : 6));  // a single spike is never lost
  }
}

TEST_CASE("a line is straight between samples and enters from the left", "[viz]") {
  const std::vector<Sample> samples{{-10 * kSecond, 0}, {10 * kSecond, 20}};
  const auto columns = plot_columns(samples, kAxis, Join::line);
  CHECK(columns[0].low == Approx(10));
  CHECK(columns[0].high == Approx(11));
  CHECK(columns[9].last == Approx(20));
  for (int i = 1; i < 10; ++i) CHECK(columns[i].first == Approx(columns[i - 1].last));
}

TEST_CASE("no number ends the line", "[viz]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Sample> samples{{0, 5}, {3 * kSecond, nan}, {7 * kSecond, 2}};
  for (const Join join : {Join::step, Join::line}) {
    const auto columns = plot_columns(samples, kAxis, join);
    CHECK_FALSE(columns[4].filled);
    CHECK_FALSE(columns[6].filled);
  }
  CHECK(plot_columns(samples, kAxis, Join::step)[1].filled);
  CHECK(plot_columns(samples, kAxis, Join::step)[7].low == 2);
  CHECK_FALSE(value_at(samples, 4 * kSecond, Join::step).has_value());
}

TEST_CASE("values at a time, as they are drawn", "[viz]") {
  const std::vector<Sample> samples{{kSecond, 10}, {3 * kSecond, 30}, {3 * kSecond, 50}};
  CHECK_FALSE(value_at(samples, 0, Join::step).has_value());
  CHECK(value_at(samples, kSecond, Join::step) == 10);
  CHECK(value_at(samples, 2 * kSecond, Join::step) == 10);
  CHECK(value_at(samples, 2 * kSecond, Join::line) == 20);
  CHECK(value_at(samples, 3 * kSecond, Join::step) == 50);  // the last of several at one time
  CHECK(value_at(samples, 9 * kSecond, Join::step) == 50);
  CHECK_FALSE(value_at(samples, 9 * kSecond, Join::line).has_value());
  CHECK_FALSE(value_at({}, 0, Join::step).has_value());
}

TEST_CASE("scales go both ways, zero has its place on the logarithmic one", "[viz]") {
  const ValueScale linear{.low = 0, .high = 100, .y_low = 200, .y_high = 100};
  CHECK(linear.to_y(0) == 200);
  CHECK(linear.to_y(50) == 150);
  CHECK(linear.to_value(150) == Approx(50));
  const ValueScale log{.low = 0, .high = 9999, .logarithmic = true, .y_low = 200, .y_high = 100};
  CHECK(log.to_y(0) == 200);
  CHECK(log.to_y(9999) == 100);
  CHECK(log.to_y(99) == Approx(150));
  for (const double value : {0.0, 0.5, 10.0, 4400.0})
    CHECK(log.to_value(log.to_y(value)) == Approx(value).epsilon(0.001));
  const ValueScale flat{.low = 3, .high = 3, .y_low = 200, .y_high = 100};
  CHECK(std::isfinite(flat.to_y(3)));
}

TEST_CASE("the upper end of a scale is round", "[viz]") {
  CHECK(nice_ceiling(0, false) == 1);
  CHECK(nice_ceiling(4400, false) == 5000);
  CHECK(nice_ceiling(1000, false) == 1000);
  CHECK(nice_ceiling(1001, false) == 1500);
  CHECK(nice_ceiling(0.07, false) == Approx(0.08));
  CHECK(nice_ceiling(4400, true) == 10'000);
  CHECK(nice_ceiling(std::numeric_limits<double>::infinity(), false) == 1);
}

TEST_CASE("value ticks are round and apart", "[viz]") {
  const ValueScale linear{.low = 0, .high = 5000, .y_low = 200, .y_high = 0};
  const auto ticks = value_ticks(linear, 40);
  REQUIRE(ticks.size() == 6);
  CHECK(ticks[1].value == 1000);
  CHECK(ticks[1].label == "1\u2009000");
  CHECK(ticks[1].y == 160);
  const ValueScale log{.low = 0, .high = 10'000, .logarithmic = true, .y_low = 200, .y_high = 0};
  const auto powers = value_ticks(log, 20);
  REQUIRE(powers.size() == 5);  // 1 lies too close to 0
  CHECK(powers[0].label == "0");
  CHECK(powers.back().value == 10'000);
  for (std::size_t i = 1; i < powers.size(); ++i) CHECK(powers[i - 1].y - powers[i].y >= 20);
  CHECK(value_ticks(log, 100).size() <= 3);
}

TEST_CASE("values are short", "[viz]") {
  CHECK(format_value(0) == "0");
  CHECK(format_value(0.25) == "0.25");
  CHECK(format_value(12) == "12");
  CHECK(format_value(4400) == "4\u2009400");
  CHECK(format_value(123'456) == "123\u2009456");
  CHECK(format_value(1'200'000) == "1.2 M");
  CHECK(format_value(-4400) == "-4\u2009400");
  CHECK(format_value(0.0004) == "0.0004");
  CHECK(format_value(std::numeric_limits<double>::quiet_NaN()) == "?");
}

TEST_CASE("strips join without holes and merge flat runs", "[viz]") {
  const TimeAxis axis{0, 100 * kSecond, 0, 100};
  const ValueScale scale{.low = 0, .high = 10, .y_low = 100, .y_high = 0};
  const std::vector<Sample> samples{{0, 2}, {50 * kSecond, 8}};
  const auto strips = plot_strips(plot_columns(samples, axis, Join::step), axis, scale, 2);
  REQUIRE(strips.size() == 3);  // flat, the jump, flat
  CHECK(strips[0].width() == 50);
  CHECK(strips[0].height() == 2);
  CHECK(strips[1].y0 <= 20);
  CHECK(strips[1].y1 >= 80);
  CHECK(strips[2].height() == 2);
  CHECK(strips[2].x1 == 100);
}

TEST_CASE("many lines make one envelope", "[viz]") {
  std::vector<PlotColumn> envelope(10);
  const std::vector<Sample> first{{0, 5}};
  const std::vector<Sample> second{{5 * kSecond, 9}};
  widen_envelope(envelope, plot_columns(first, kAxis, Join::step));
  widen_envelope(envelope, plot_columns(second, kAxis, Join::step));
  CHECK(envelope[1].high == 5);
  CHECK(envelope[7].low == 5);
  CHECK(envelope[7].high == 9);
  const ValueScale scale{.low = 0, .high = 10, .y_low = 100, .y_high = 0};
  CHECK(envelope_strips(envelope, kAxis, scale).size() == 2);
  CHECK(highest(envelope, 0) == 9);
  CHECK(highest({}, 7) == 7);
}

TEST_CASE("labels are moved apart but stay inside and in order", "[viz]") {
  std::vector<float> centers{50, 51, 52, 10};
  spread_labels(centers, 12, 0, 60);
  CHECK(centers[2] == 60);
  CHECK(centers[1] == 48);
  CHECK(centers[0] == 36);
  CHECK(centers[3] == 10);
  spread_labels({}, 12, 0, 60);
}
