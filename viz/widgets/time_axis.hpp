// Layout of time on the screen, without Dear ImGui: where a time lies, which ticks a range gets and
// how they are labelled, zooming and panning. All lanes, plots and diagrams share one TimeAxis.
#pragma once
#include <string>
#include <vector>

#include "sim/time.hpp"

namespace isrlab::viz {

/// Times `from` to `to` (nanoseconds, to > from) lie between the pixels x0 and x1.
struct TimeAxis {
  sim::Time from = 0;
  sim::Time to = sim::kSecond;
  float x0 = 0;
  float x1 = 1;

  double pixels_per_nanosecond() const;
  /// May lie far outside of [x0, x1]; kNever is far to the right.
  float to_x(sim::Time time) const;
  /// The same, at most one pixel outside.
  float to_x_clamped(sim::Time time) const;
  sim::Time to_time(float x) const;
};

/// How far one may zoom and pan.
struct TimeLimits {
  sim::Time from = 0;
  sim::Time to = sim::kMinute;
  sim::Duration least_span = 100 * sim::kNanosecond;
};

/// Moves the ends so that the axis stays inside the limits, keeping its span where possible.
void clamp_axis(TimeAxis& axis, const TimeLimits& limits);
/// `factor` below 1 shows less time; the time under `x` stays under `x`.
void zoom_axis(TimeAxis& axis, float x, double factor, const TimeLimits& limits);
void pan_axis(TimeAxis& axis, float pixels, const TimeLimits& limits);

struct Tick {
  sim::Time time = 0;
  float x = 0;
  bool major = false;
  std::string label;  // only major ticks have one
};

struct AxisTicks {
  sim::Duration step = 0;  // between labelled ticks
  /// Deep in, labels would be long and all alike; then they count from this time ("14.802 s") and
  /// read "+317 µs". Empty when labels are whole times.
  std::string base_label;
  std::vector<Tick> ticks;
};

/// Labelled ticks at least `label_pixels` apart, with unlabelled ones between them.
AxisTicks axis_ticks(const TimeAxis& axis, float label_pixels);

/// The smallest "nice" step (1, 2, 5 times a power of ten; 15, 30 for seconds and minutes) that is
/// not shorter than `least`.
sim::Duration nice_step(sim::Duration least);

/// `14.802 317 s`: seconds with `decimals` (0 to 9) digits in groups of three, cut, not rounded: a
/// clock must not show a time before it has come.
std::string format_clock(sim::Time time, int decimals);
/// A duration for people, three significant digits: `412 ms`, `2.15 s`, `3 min 05 s`.
std::string format_span(sim::Duration duration);

}  // namespace isrlab::viz
