#include "viz/widgets/time_axis.hpp"

#include "tests/support/catch.hpp"

using namespace isrlab;
using namespace isrlab::viz;
using sim::kMicrosecond;
using sim::kMillisecond;
using sim::kMinute;
using sim::kSecond;

namespace {

std::vector<std::string> labels(const TimeAxis& axis, float distance = 100) {
  std::vector<std::string> texts;
  for (const Tick& tick : axis_ticks(axis, distance).ticks) {
    if (tick.major) texts.push_back(tick.label);
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("steps of a time axis are round", "[viz]") {
  CHECK(nice_step(0) == 1);
  CHECK(nice_step(3) == 5);
  CHECK(nice_step(11) == 20);
  CHECK(nice_step(300 * kMicrosecond) == 500 * kMicrosecond);
  CHECK(nice_step(600 * kMillisecond) == kSecond);
  CHECK(nice_step(6 * kSecond) == 10 * kSecond);
  CHECK(nice_step(11 * kSecond) == 15 * kSecond);
  CHECK(nice_step(31 * kSecond) == kMinute);
  CHECK(nice_step(16 * kMinute) == 30 * kMinute);
  CHECK(nice_step(3 * 60 * kMinute) == 6 * 60 * kMinute);
  CHECK(nice_step(100 * 24 * 60 * kMinute) >= 100 * 24 * 60 * kMinute);
}

TEST_CASE("labels from nanoseconds to hours", "[viz]") {
  CHECK(labels({0, 30 * kSecond, 0, 700}) ==
        Texts{"0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s"});
  CHECK(labels({14'500 * kMillisecond, 15 * kSecond, 0, 600}) ==
        Texts{"14.5 s", "14.6 s", "14.7 s", "14.8 s", "14.9 s", "15.0 s"});
  CHECK(labels({0, 10 * kMinute, 0, 600}) ==
        Texts{"0:00", "2:00", "4:00", "6:00", "8:00", "10:00"});
  CHECK(labels({59 * kMinute, 61 * kMinute, 0, 500}) ==
        Texts{"59:00", "59:30", "1:00:00", "1:00:30", "1:01:00"});
  const TimeAxis micro{14'802'317'000, 14'803'100'000, 0, 800};
  const AxisTicks ticks = axis_ticks(micro, 150);
  CHECK(ticks.base_label == "14.802 s");
  CHECK(ticks.step == 200 * kMicrosecond);
  CHECK(labels(micro, 150) == Texts{"+400 µs", "+600 µs", "+800 µs", "+1\u2009000 µs"});
  const TimeAxis nano{14'802'317'400, 14'802'317'700, 0, 300};
  CHECK(axis_ticks(nano, 90).base_label == "14.802\u2009317 s");
  CHECK(labels(nano, 90) == Texts{"+400 ns", "+500 ns", "+600 ns", "+700 ns"});
}

TEST_CASE("ticks lie on the axis, in order, labels far enough apart", "[viz]") {
  for (sim::Duration span = 100; span < 40 * 60 * kMinute; span = span * 7 / 3) {
    for (const sim::Time from : {sim::Time{0}, sim::Time{14'802'317'431}}) {
      const TimeAxis axis{from, from + span, 200, 1200};
      CAPTURE(from, span);
      const AxisTicks ticks = axis_ticks(axis, 90);
      REQUIRE_FALSE(ticks.ticks.empty());
      CHECK(ticks.ticks.size() < 100);
      float last = -1000;
      float last_major = -1000;
      for (const Tick& tick : ticks.ticks) {
        CHECK(tick.x > last);
        CHECK(tick.x >= 200 - 0.01F);
        CHECK(tick.x <= 1200.01F);
        last = tick.x;
        if (!tick.major) continue;
        CHECK(tick.x - last_major >= 89.9F);
        CHECK_FALSE(tick.label.empty());
        CHECK(tick.time % ticks.step == 0);
        last_major = tick.x;
      }
    }
  }
}

TEST_CASE("an axis without length has no ticks", "[viz]") {
  CHECK(axis_ticks({5, 5, 0, 100}, 90).ticks.empty());
  CHECK(axis_ticks({0, 5, 100, 100}, 90).ticks.empty());
}

TEST_CASE("times and pixels map to each other", "[viz]") {
  const TimeAxis axis{10 * kSecond, 20 * kSecond, 100, 600};
  CHECK(axis.to_x(10 * kSecond) == 100);
  CHECK(axis.to_x(15 * kSecond) == 350);
  CHECK(axis.to_time(350) == 15 * kSecond);
  CHECK(axis.to_x(sim::kNever) > 1.0e9F);
  CHECK(axis.to_x_clamped(sim::kNever) == 601);
  CHECK(axis.to_x_clamped(0) == 99);
}

TEST_CASE("zooming keeps the time under the pointer and stops at the limits", "[viz]") {
  const TimeLimits limits{0, 60 * kSecond, 100};
  TimeAxis axis{0, 60 * kSecond, 0, 1000};
  const sim::Time under = axis.to_time(300);
  for (int i = 0; i < 20; ++i) zoom_axis(axis, 300, 0.8, limits);
  CHECK(axis.to_x(under) == Approx(300).margin(0.1));
  for (int i = 0; i < 200; ++i) zoom_axis(axis, 300, 0.8, limits);
  CHECK(axis.to - axis.from == 100);
  for (int i = 0; i < 500; ++i) zoom_axis(axis, 900, 1.25, limits);
  CHECK(axis.from == 0);
  CHECK(axis.to == 60 * kSecond);
}

TEST_CASE("panning stops at the ends of the run", "[viz]") {
  const TimeLimits limits{0, 60 * kSecond, 100};
  TimeAxis axis{10 * kSecond, 20 * kSecond, 0, 1000};
  pan_axis(axis, -100, limits);
  CHECK(axis.from == 11 * kSecond);
  pan_axis(axis, 1.0e6F, limits);
  CHECK(axis.from == 0);
  CHECK(axis.to == 10 * kSecond);
  pan_axis(axis, -1.0e6F, limits);
  CHECK(axis.to == 60 * kSecond);
}

TEST_CASE("a run shorter than the least span is shown whole", "[viz]") {
  TimeAxis axis{0, 10, 0, 100};
  zoom_axis(axis, 50, 0.1, {0, 50, 1000});
  CHECK(axis.from == 0);
  CHECK(axis.to == 50);
}

TEST_CASE("clocks are cut, not rounded", "[viz]") {
  CHECK(format_clock(14'802'317'999, 9) == "14.802\u2009317\u2009999 s");
  CHECK(format_clock(14'802'317'999, 6) == "14.802\u2009317 s");
  CHECK(format_clock(14'999'999'999, 2) == "14.99 s");
  CHECK(format_clock(14'999'999'999, 0) == "14 s");
  CHECK(format_clock(-1'500'000'000, 1) == "-1.5 s");
}

TEST_CASE("durations for people", "[viz]") {
  CHECK(format_span(0) == "0 ns");
  CHECK(format_span(412 * kMillisecond) == "412 ms");
  CHECK(format_span(2'150 * kMillisecond) == "2.15 s");
  CHECK(format_span(18 * kSecond) == "18 s");
  CHECK(format_span(1'500) == "1.5 µs");
  CHECK(format_span(3 * kMinute + 5 * kSecond) == "3 min 05 s");
  CHECK(format_span(125 * kMinute) == "2 h 05 min");
  CHECK(format_span(sim::kNever) == "∞");
  CHECK(format_span(-kSecond) == "-1 s");
  CHECK(format_span(std::numeric_limits<sim::Duration>::min()) == "-∞");
}
