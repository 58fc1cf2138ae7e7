// Draws the lanes of the timeline: a header with name and eye, marks or bars over the shared axis.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "viz/widgets/lane.hpp"
#include "viz/widgets/shapes.hpp"
#include "viz/widgets/ui.hpp"

namespace isrlab::viz {

/// How the marks with one tag look and what they are called.
struct MarkStyle {
  Shape shape = Shape::bar;
  theme::Color color;
  std::string_view name;  // "ISR shrink"
};

struct BarStyle {
  theme::Color color;
  std::string_view label;  // "b0 e12"
  bool hatched = false;    // done by hand
  bool quiet = false;      // a tinted ground with a coloured edge: for what is normal and long
};

struct LaneResult {
  std::optional<std::uint32_t> hovered;         // index of a mark or interval
  std::optional<std::uint32_t> clicked;         // seek to it and select it
  std::optional<std::uint32_t> middle_clicked;  // zoom to it
  std::optional<sim::Time> clicked_time;        // a click beside everything: seek there
};

/// Name and eye in the column left of the axis. `watched` may be null: a lane without an eye.
void lane_header(Ui& ui, std::string_view id, const Rect& area, const TimeAxis& axis,
                 std::string_view name, bool* watched);

/// `styles` by Mark::tag. Names in the UI tree: "<id>/mark:<index of the first mark>".
LaneResult mark_lane(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                     const TimeLimits& limits, std::span<const Mark> marks,
                     std::span<const MarkStyle> styles, sim::Time playhead);

/// `styles` by Interval::tag. Names in the UI tree: "<id>/bar:<index of the first interval>".
LaneResult bar_lane(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                    const TimeLimits& limits, std::span<const Interval> intervals,
                    std::span<const BarStyle> styles, sim::Time playhead, sim::Time now);

}  // namespace isrlab::viz
