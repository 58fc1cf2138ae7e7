// Draws a TimeAxis and lets the mouse work on it.
#pragma once
#include <optional>
#include <string_view>

#include "viz/widgets/time_axis.hpp"
#include "viz/widgets/ui.hpp"

namespace isrlab::viz {

/// Wheel: zoom at the pointer (with Ctrl finer, with Shift faster). Right drag: pan. True when the
/// axis changed.
bool steer_axis(const CanvasInput& input, TimeAxis& axis, const TimeLimits& limits);

struct AxisResult {
  std::optional<sim::Time> scrubbed;  // the left button chose this time
  bool released = false;              // and has just let go of it
};

/// The labelled axis with the playhead: `area` is as high as two lines of small text.
AxisResult time_axis(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                     const TimeLimits& limits, sim::Time playhead);

/// Faint lines under lanes and plots, at the labelled ticks.
void draw_time_grid(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis);
/// The line of the playhead through `area`.
void draw_playhead(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis,
                   sim::Time playhead);

/// The distance of labels that axis and grid share, in pixels.
float label_distance(const Ui& ui);

}  // namespace isrlab::viz
