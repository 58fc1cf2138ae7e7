#include "viz/widgets/time_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace isrlab::viz {
namespace {

using sim::Duration;
using sim::Time;

constexpr Duration kHour = 60 * sim::kMinute;

struct Step {
  Duration length;
  int parts;  // unlabelled ticks cut a step into so many parts
};

/// Steps of a second and longer; shorter ones are 1, 2, 5 times a power of ten.
constexpr std::array kLongSteps{
    Step{sim::kSecond, 5},
    Step{2 * sim::kSecond, 4},
    Step{5 * sim::kSecond, 5},
    Step{10 * sim::kSecond, 5},
    Step{15 * sim::kSecond, 3},
    Step{30 * sim::kSecond, 3},
    Step{sim::kMinute, 4},
    Step{2 * sim::kMinute, 4},
    Step{5 * sim::kMinute, 5},
    Step{10 * sim::kMinute, 5},
    Step{15 * sim::kMinute, 3},
    Step{30 * sim::kMinute, 3},
    Step{kHour, 4},
    Step{2 * kHour, 4},
    Step{6 * kHour, 6},
    Step{12 * kHour, 4},
    Step{24 * kHour, 4},
};

Step find_step(Duration least) {
  for (Duration power = 1; power < sim::kSecond; power *= 10) {
    if (power >= least) return {power, power == 1 ? 1 : 5};
    if (2 * power >= least) return {2 * power, power == 1 ? 2 : 4};
    if (5 * power >= least) return {5 * power, 5};
  }
  for (const Step& step : kLongSteps) {
    if (step.length >= least) return step;
  }
  Duration days = kLongSteps.back().length;
  while (days < least && days < sim::kNever / 2) days *= 2;
  return {days, 4};
}

Time floor_to(Time time, Duration step) {
  const Time rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

/// Digits behind the point that a multiple of `step` can have, in seconds.
int decimals_of(Duration step) {
  int decimals = 0;
  for (Duration unit = sim::kSecond; decimals < 9 && step % unit != 0; unit /= 10) ++decimals;
  return decimals;
}

/// What the labels of one axis have in common.
struct LabelStyle {
  Time base = 0;
  Duration unit = 0;  // labels count from `base` in this unit; 0 = whole times
  int decimals = 0;
  bool clock = false;  // minutes and seconds
};

LabelStyle label_style(const TimeAxis& axis, Duration step) {
  LabelStyle style;
  style.decimals = decimals_of(step);
  if (step < sim::kMicrosecond) {
    style.unit = sim::kNanosecond;
    style.base = floor_to(axis.from, sim::kMicrosecond);
  } else if (step < sim::kMillisecond) {
    style.unit = sim::kMicrosecond;
    style.base = floor_to(axis.from, sim::kMillisecond);
  }
  style.clock = step >= sim::kSecond && axis.to > 2 * sim::kMinute;
  return style;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), "\u2009");
  }
  return digits;
}

std::string label_of(Time time, const LabelStyle& style) {
  if (style.unit != 0) {
    const char* name = style.unit == sim::kNanosecond ? "ns" : "µs";
    return fmt::format("+{} {}", grouped((time - style.base) / style.unit), name);
  }
  if (style.clock) {
    const Time seconds = time / sim::kSecond;
    if (time >= kHour) {
      return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  }
  return format_clock(time, style.decimals);
}

}  // namespace

double TimeAxis::pixels_per_nanosecond() const {
  return static_cast<double>(x1 - x0) / (static_cast<double>(to) - static_cast<double>(from));
}

float TimeAxis::to_x(Time time) const {
  // Differences in double: exact below 104 days, and kNever cannot overflow.
  const double offset = static_cast<double>(time) - static_cast<double>(from);
  return static_cast<float>(x0 + offset * pixels_per_nanosecond());
}

float TimeAxis::to_x_clamped(Time time) const {
  return std::clamp(to_x(time), x0 - 1, x1 + 1);
}

Time TimeAxis::to_time(float x) const {
  const double offset = (static_cast<double>(x) - x0) / pixels_per_nanosecond();
  return from + static_cast<Time>(std::llround(offset));
}

void clamp_axis(TimeAxis& axis, const TimeLimits& limits) {
  const Duration whole = std::max<Duration>(limits.to - limits.from, 1);
  const Duration least = std::clamp<Duration>(limits.least_span, 1, whole);
  const Duration span = std::clamp(axis.to - axis.from, least, whole);
  const Time middle = axis.from + (axis.to - axis.from) / 2;
  if (span != axis.to - axis.from) axis.from = middle - span / 2;
  axis.from = std::clamp(axis.from, limits.from, limits.from + whole - span);
  axis.to = axis.from + span;
}

void zoom_axis(TimeAxis& axis, float x, double factor, const TimeLimits& limits) {
  const double share = std::clamp((x - axis.x0) / std::max(axis.x1 - axis.x0, 1.0F), 0.0F, 1.0F);
  const auto old_span = static_cast<double>(axis.to - axis.from);
  const auto whole = static_cast<double>(std::max<Duration>(limits.to - limits.from, 1));
  const auto least = std::min(static_cast<double>(std::max<Duration>(limits.least_span, 1)), whole);
  const double span = std::clamp(old_span * factor, least, whole);
  axis.from += std::llround((old_span - span) * share);
  axis.to = axis.from + std::max<Duration>(std::llround(span), 1);
  clamp_axis(axis, limits);
}

void pan_axis(TimeAxis& axis, float pixels, const TimeLimits& limits) {
  const Duration by = std::llround(pixels / axis.pixels_per_nanosecond());
  axis.from -= by;
  axis.to -= by;
  clamp_axis(axis, limits);
}

Duration nice_step(Duration least) {
  return find_step(std::max<Duration>(least, 1)).length;
}

AxisTicks axis_ticks(const TimeAxis& axis, float label_pixels) {
  AxisTicks result;
  if (axis.to <= axis.from || axis.x1 - axis.x0 < 2) return result;
  const double least = std::max(1.0, label_pixels / axis.pixels_per_nanosecond());
  const Step step = find_step(static_cast<Duration>(std::ceil(std::min(least, 4.0e18))));
  const LabelStyle style = label_style(axis, step.length);
  result.step = step.length;
  if (style.unit != 0) {
    result.base_label = format_clock(style.base, style.unit == sim::kNanosecond ? 6 : 3);
  }
  const Duration part = step.length / step.parts;
  for (Time time = floor_to(axis.from, step.length); time <= axis.to; time += part) {
    if (time >= axis.from) {
      const bool major = floor_to(time, step.length) == time;
      result.ticks.push_back({time, axis.to_x(time), major, major ? label_of(time, style) : ""});
    }
    if (time > sim::kNever - part) break;
  }
  return result;
}

std::string format_clock(Time time, int decimals) {
  const std::uint64_t value =
      time < 0 ? 0 - static_cast<std::uint64_t>(time) : static_cast<std::uint64_t>(time);
  std::string text = time < 0 ? "-" : "";
  text += std::to_string(value / sim::kSecond);
  if (decimals > 0) {
    std::string digits = fmt::format("{:09}", value % sim::kSecond);
    digits.resize(static_cast<std::size_t>(std::min(decimals, 9)));
    for (std::size_t at = 6; at >= 3; at -= 3) {
      if (at < digits.size()) digits.insert(at, "\u2009");
    }
    text += "." + digits;
  }
  return text + " s";
}

std::string format_span(Duration duration) {
  if (duration == sim::kNever) return "∞";
  if (duration < 0) {
    return fmt::format("-{}", format_span(duration < -sim::kNever ? sim::kNever : -duration));
  }
  if (duration >= kHour) {
    return fmt::format("{} h {:02} min", duration / kHour, duration / sim::kMinute % 60);
  }
  if (duration >= 2 * sim::kMinute) {
    return fmt::format("{} min {:02} s", duration / sim::kMinute, duration / sim::kSecond % 60);
  }
  struct Unit {
    Duration length;
    const char* name;
  };
  constexpr std::array kUnits{Unit{sim::kSecond, "s"}, Unit{sim::kMillisecond, "ms"},
                              Unit{sim::kMicrosecond, "µs"}};
  for (const Unit& unit : kUnits) {
    if (duration < unit.length) continue;
    const double value = static_cast<double>(duration) / static_cast<double>(unit.length);
    std::string text = fmt::format("{:.{}f}", value, value < 10 ? 2 : value < 100 ? 1 : 0);
    if (text.find('.') != std::string::npos) {
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
    }
    return text + " " + unit.name;
  }
  return fmt::format("{} ns", duration);
}

}  // namespace isrlab::viz
