// Layout of a line plot over time, without Dear ImGui: one minimum-maximum column per pixel, never
// one vertex per sample, so a plot costs the same for a hundred and for a million samples.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "viz/core/ui_tree.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {

/// Times ascend. A value that is not a number ends the line: nothing is known from there on.
struct Sample {
  sim::Time time = 0;
  double value = 0;
};

/// `step`: a value holds until the next sample (states, counters). `line`: straight between
/// samples.
enum class Join : std::uint8_t { step, line };

/// What one pixel column shows; nothing when the series has no value there.
struct PlotColumn {
  bool filled = false;
  double low = 0;
  double high = 0;
  double first = 0;  // value at the left edge of the column
  double last = 0;   // value at its right edge
};

/// One column per pixel from axis.x0. Samples behind `known_until` (the playhead) are not looked
/// at, and a step does not go on beyond it.
std::vector<PlotColumn> plot_columns(std::span<const Sample> samples, const TimeAxis& axis,
                                     Join join, sim::Time known_until = sim::kNever);

/// The value at a time, as plot_columns would draw it.
std::optional<double> value_at(std::span<const Sample> samples, sim::Time time, Join join);

/// From values to pixels. The logarithmic scale is linear below `linear_below`, so 0 has a place:
/// a lag of 0 is the most important value of all.
struct ValueScale {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  double linear_below = 1;
  float y_low = 1;   // pixel of `low` (the lower edge)
  float y_high = 0;  // pixel of `high`

  float to_y(double value) const;
  double to_value(float y) const;
};

/// The largest value of the columns; `otherwise` when there are none.
double highest(std::span<const PlotColumn> columns, double otherwise);
/// A round upper end of the scale that is at least `value`.
double nice_ceiling(double value, bool logarithmic);

struct ValueTick {
  double value = 0;
  float y = 0;
  std::string label;
};
/// Round values at least `label_pixels` apart.
std::vector<ValueTick> value_ticks(const ValueScale& scale, float label_pixels);
/// `0`, `0.25`, `4 400`, `1.2 M`: short, for labels.
std::string format_value(double value);

/// Rectangles that together draw the line: flat runs are merged into one, steep columns are joined
/// to their neighbours. `thickness` in whole pixels.
std::vector<Rect> plot_strips(std::span<const PlotColumn> columns, const TimeAxis& axis,
                              const ValueScale& scale, float thickness);

/// Widens `envelope` (of the same length) to hold `columns` too: many lines as one band.
void widen_envelope(std::span<PlotColumn> envelope, std::span<const PlotColumn> columns);
/// The band itself, equal neighbours merged.
std::vector<Rect> envelope_strips(std::span<const PlotColumn> envelope, const TimeAxis& axis,
                                  const ValueScale& scale);

/// Moves labels apart that would overlap, keeping their order and staying in [low, high].
void spread_labels(std::span<float> centers, float least_gap, float low, float high);

}  // namespace isrlab::viz
