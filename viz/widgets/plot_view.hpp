// A line plot over time as a lane of the timeline: name and values in the header column on the
// left, lines over the shared axis, names of the lines at the right.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "viz/widgets/pill.hpp"
#include "viz/widgets/plot.hpp"
#include "viz/widgets/shapes.hpp"
#include "viz/widgets/ui.hpp"

namespace isrlab::viz {

/// Lines beyond this number are shown together as one grey band.
inline constexpr std::size_t kStrongLines = 8;

struct PlotSeries {
  std::string_view name;
  std::span<const Sample> samples;
  theme::Color color;
  Shape marker = Shape::circle;  // at the end of the line: colour alone must not tell lines apart
  Join join = Join::step;
};

/// A shaded time span behind the lines, as Jepsen does it for faults.
struct PlotBand {
  sim::Time from = 0;
  sim::Time to = sim::kNever;
  std::string_view label;
  theme::Color color;
  bool hatched = false;  // done by hand
};

/// A dashed horizontal line, for example replica.lag.time.max.ms.
struct PlotReference {
  double value = 0;
  std::string_view label;
};

struct PlotOptions {
  std::string_view title;
  std::string_view unit;
  Definition definition;
  std::span<const PlotSeries> series;
  std::span<const PlotBand> bands;
  std::span<const PlotReference> references;
  bool logarithmic = false;
  bool labelled_bands = true;  // false: a lane near by names them
  double linear_below = 1;     // see ValueScale
  std::optional<double> high;  // fixed upper end; otherwise from what is visible
  sim::Time playhead = 0;
  sim::Time known_until = sim::kNever;  // the simulation is only so far
};

struct PlotResult {
  std::optional<sim::Time> hovered;
  std::optional<sim::Time> clicked;  // seek there
};

/// The lines lie between axis.x0 and axis.x1; what `area` has on the left is the header, on the
/// right the names of the lines.
PlotResult plot(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                const TimeLimits& limits, const PlotOptions& options);

/// Shaded spans, also for lanes.
void draw_bands(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis,
                std::span<const PlotBand> bands, sim::Time known_until, bool labelled);

}  // namespace isrlab::viz
