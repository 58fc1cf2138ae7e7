#include "viz/widgets/plot.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace isrlab::viz {
namespace {

using sim::Time;

bool before_time(const Sample& sample, Time time) {
  return sample.time < time;
}

/// Value just at `time`, given the first sample at or behind it.
std::optional<double> value_near(std::span<const Sample> samples, std::size_t next, Time time,
                                 Join join) {
  if (next < samples.size() && samples[next].time == time) {
    // Several samples at one time: the last one holds.
    while (next + 1 < samples.size() && samples[next + 1].time == time) ++next;
    const double value = samples[next].value;
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  if (next == 0) return std::nullopt;
  const Sample& left = samples[next - 1];
  if (std::isnan(left.value)) return std::nullopt;
  if (join == Join::step) return left.value;
  if (next == samples.size() || std::isnan(samples[next].value)) return std::nullopt;
  const Sample& right = samples[next];
  const double share =
      static_cast<double>(time - left.time) / static_cast<double>(right.time - left.time);
  return left.value + (right.value - left.value) * share;
}

void include(PlotColumn& column, double value) {
  if (!column.filled) {
    column = {true, value, value, value, value};
    return;
  }
  column.low = std::min(column.low, value);
  column.high = std::max(column.high, value);
  column.last = value;
}

}  // namespace

std::vector<PlotColumn> plot_columns(std::span<const Sample> samples, const TimeAxis& axis,
                                     Join join, Time known_until) {
  const int count = std::max(0, static_cast<int>(std::lround(axis.x1 - axis.x0)));
  std::vector<PlotColumn> columns(static_cast<std::size_t>(count));
  if (axis.to <= axis.from) return columns;
  const auto known_end =
      std::upper_bound(samples.begin(), samples.end(), known_until,
                       [](Time time, const Sample& sample) { return time < sample.time; });
  const std::span<const Sample> known(samples.begin(), known_end);
  std::size_t next = static_cast<std::size_t>(
      std::lower_bound(known.begin(), known.end(), axis.from, before_time) - known.begin());
  for (int i = 0; i < count; ++i) {
    PlotColumn& column = columns[static_cast<std::size_t>(i)];
    const Time left = i == 0 ? axis.from : axis.to_time(axis.x0 + static_cast<float>(i));
    const Time right = std::min(axis.to_time(axis.x0 + static_cast<float>(i + 1)), known_until);
    if (left > known_until) break;
    if (const auto value = value_near(known, next, left, join)) include(column, *value);
    for (; next < known.size() && known[next].time < right; ++next) {
      if (!std::isnan(known[next].value)) include(column, known[next].value);
    }
    // A step that happens exactly at the edge belongs to the next column, and so does a line that
    // begins there.
    if (join == Join::step || !column.filled) continue;
    if (const auto value = value_near(known, next, right, join)) include(column, *value);
  }
  return columns;
}

std::optional<double> value_at(std::span<const Sample> samples, Time time, Join join) {
  const auto next = std::lower_bound(samples.begin(), samples.end(), time, before_time);
  return value_near(samples, static_cast<std::size_t>(next - samples.begin()), time, join);
}

float ValueScale::to_y(double value) const {
  const auto place = [this](double number) {
    if (!logarithmic) return number;
    return std::copysign(std::log1p(std::abs(number) / linear_below), number);
  };
  const double range = place(high) - place(low);
  const double share = range > 0 ? (place(value) - place(low)) / range : 0;
  return static_cast<float>(y_low + (y_high - y_low) * std::clamp(share, -1.0, 2.0));
}

double ValueScale::to_value(float y) const {
  const double share = y_high == y_low ? 0 : (y - y_low) / (y_high - y_low);
  if (!logarithmic) return low + (high - low) * share;
  const double from = std::copysign(std::log1p(std::abs(low) / linear_below), low);
  const double to = std::copysign(std::log1p(std::abs(high) / linear_below), high);
  const double place = from + (to - from) * share;
  return std::copysign(std::expm1(std::abs(place)) * linear_below, place);
}

double highest(std::span<const PlotColumn> columns, double otherwise) {
  bool any = false;
  double result = 0;
  for (const PlotColumn& column : columns) {
    if (!column.filled) continue;
    result = any ? std::max(result, column.high) : column.high;
    any = true;
  }
  return any ? result : otherwise;
}

double nice_ceiling(double value, bool logarithmic) {
  if (!(value > 0) || !std::isfinite(value)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  if (logarithmic) return value <= power ? power : power * 10;
  for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0}) {
    if (value <= power * factor) return power * factor;
  }
  return power * 10;
}

std::vector<Rect> plot_strips(std::span<const PlotColumn> columns, const TimeAxis& axis,
                              const ValueScale& scale, float thickness) {
  std::vector<Rect> strips;
  const float half = std::floor(thickness * 0.5F);
  const PlotColumn* previous = nullptr;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const PlotColumn& column = columns[i];
    if (!column.filled) {
      previous = nullptr;
      continue;
    }
    double low = column.low;
    double high = column.high;
    if (previous != nullptr) {  // reach the end of the last column, or steps would have holes
      low = std::min(low, previous->last);
      high = std::max(high, previous->last);
    }
    previous = &column;
    const float x = std::round(axis.x0) + static_cast<float>(i);
    const float top = std::round(scale.to_y(high)) - half;
    Rect strip{x, top, x + 1, std::round(scale.to_y(low)) - half + thickness};
    if (strip.height() > 2 * thickness) strip.x1 = x + thickness;  // as thick as flat parts
    if (!strips.empty() && strips.back().x1 == strip.x0 && strips.back().y0 == strip.y0 &&
        strips.back().y1 == strip.y1) {
      strips.back().x1 = strip.x1;
    } else {
      strips.push_back(strip);
    }
  }
  return strips;
}

void widen_envelope(std::span<PlotColumn> envelope, std::span<const PlotColumn> columns) {
  for (std::size_t i = 0; i < std::min(envelope.size(), columns.size()); ++i) {
    if (!columns[i].filled) continue;
    include(envelope[i], columns[i].low);
    include(envelope[i], columns[i].high);
  }
}

std::vector<Rect> envelope_strips(std::span<const PlotColumn> envelope, const TimeAxis& axis,
                                  const ValueScale& scale) {
  std::vector<Rect> strips;
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    if (!envelope[i].filled) continue;
    const float x = std::round(axis.x0) + static_cast<float>(i);
    const Rect strip{x, std::round(scale.to_y(envelope[i].high)), x + 1,
                     std::round(scale.to_y(envelope[i].low)) + 1};
    if (!strips.empty() && strips.back().x1 == strip.x0 && strips.back().y0 == strip.y0 &&
        strips.back().y1 == strip.y1) {
      strips.back().x1 = strip.x1;
    } else {
      strips.push_back(strip);
    }
  }
  return strips;
}

void spread_labels(std::span<float> centers, float least_gap, float low, float high) {
  std::vector<std::size_t> order(centers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return centers[left] < centers[right];
  });
  float least = low;
  for (const std::size_t index : order) {  // push down
    centers[index] = std::max(centers[index], least);
    least = centers[index] + least_gap;
  }
  float most = high;
  for (auto index = order.rbegin(); index != order.rend(); ++index) {  // push back up
    centers[*index] = std::min(centers[*index], most);
    most = centers[*index] - least_gap;
  }
}

}  // namespace isrlab::viz
