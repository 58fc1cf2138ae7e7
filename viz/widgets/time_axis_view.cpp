#include "viz/widgets/time_axis_view.hpp"

#include <algorithm>
#include <cmath>

namespace isrlab::viz {
namespace {

/// Digits of a clock that one pixel of the axis can still tell apart.
int decimals_for(const TimeAxis& axis) {
  const double nanoseconds = 1 / axis.pixels_per_nanosecond();
  const double decimals = 9 - std::floor(std::log10(std::max(nanoseconds, 1.0)));
  return std::clamp(static_cast<int>(decimals), 0, 9);
}

/// `flag`: what is covered; a label that it would cut is left out.
void draw_ticks(const Ui& ui, ImDrawList& list, const Rect& area, const AxisTicks& ticks,
                float labels_from, const Rect& flag) {
  ImFont* font = ui.fonts.small;
  for (const Tick& tick : ticks.ticks) {
    const float x = std::round(tick.x);
    const float length = ui.px(tick.major ? 7 : 4);
    const theme::Color color = tick.major ? ui.palette.text_dim : ui.palette.grid;
    list.AddRectFilled(ImVec2(x, area.y0), ImVec2(x + ui.px(1), area.y0 + length), color.packed());
    if (!tick.major) continue;
    const std::string label = ui.fonts.plain(tick.label);
    const float width = text_width(font, label);
    // Centred under the tick, but never cut at the ends of the axis.
    const float left =
        std::clamp(x - width * 0.5F, area.x0, std::max(area.x0, area.x1 - width - 1));
    if (left < labels_from) continue;
    if (left < flag.x1 + ui.px(2) && left + width > flag.x0 - ui.px(2)) continue;
    draw_text(ui, list, font, {left, area.y0 + ui.px(8), left + width + 1, area.y1},
              ui.palette.text_dim, label);
  }
}

Rect flag_box(const Ui& ui, const Rect& area, float x, std::string_view text) {
  const float width = text_width(ui.fonts.small, text) + ui.px(8);
  const float left =
      std::clamp(std::round(x - width * 0.5F), area.x0, std::max(area.x0, area.x1 - width));
  return {left, area.y0 + ui.px(6), left + width, area.y1};
}

/// A flag with the time at the pointer or the playhead.
void draw_flag(const Ui& ui, ImDrawList& list, const Rect& area, float x, std::string_view text,
               theme::Color fill) {
  const Rect box = flag_box(ui, area, x, text);
  list.AddRectFilled(top_left(box), bottom_right(box), fill.packed(), ui.px(2));
  if (ui.palette.outlined) {
    list.AddRect(top_left(box), bottom_right(box), ui.palette.outline.packed(), ui.px(2));
  }
  draw_text(ui, list, ui.fonts.small, box, theme::label_on(fill), text, Align::center);
}

}  // namespace

float label_distance(const Ui& ui) {
  return ui.px(90);
}

bool steer_axis(const CanvasInput& input, TimeAxis& axis, const TimeLimits& limits) {
  const TimeAxis before = axis;
  if (input.wheel != 0) {
    const double speed = input.control ? 1.05 : input.shift ? 2.0 : 1.25;
    zoom_axis(axis, input.x, std::pow(speed, -static_cast<double>(input.wheel)), limits);
  }
  if (input.panning) pan_axis(axis, input.drag_x, limits);
  return axis.from != before.from || axis.to != before.to;
}

AxisResult time_axis(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                     const TimeLimits& limits, sim::Time playhead) {
  const CanvasInput input = canvas(ui, id, area, "time axis",
                                   format_clock(axis.from, 9) + " to " + format_clock(axis.to, 9));
  steer_axis(input, axis, limits);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const AxisTicks ticks = axis_ticks(axis, label_distance(ui));
  float labels_from = area.x0;
  if (!ticks.base_label.empty()) {
    const std::string base = ui.fonts.plain(ticks.base_label);
    const float width = text_width(ui.fonts.small, base);
    draw_text(ui, list, ui.fonts.small, {area.x0, area.y0 + ui.px(8), area.x0 + width + 1, area.y1},
              ui.palette.text, base);
    labels_from = area.x0 + width + ui.px(8);
  }
  const float at = axis.to_x(playhead);
  const bool shown = at >= area.x0 && at <= area.x1;
  const std::string flag = ui.fonts.plain(format_clock(playhead, decimals_for(axis)));
  draw_ticks(ui, list, area, ticks, labels_from,
             shown ? flag_box(ui, area, at, flag) : Rect{-1, 0, -1, 0});

  AxisResult result;
  const auto clamped = [&](float x) { return std::clamp(axis.to_time(x), limits.from, limits.to); };
  if (input.dragging) result.scrubbed = clamped(input.x);
  result.released = input.released;
  if (shown) draw_flag(ui, list, area, at, flag, ui.palette.attention);
  if (input.hovered && !input.dragging) {
    const std::string text = ui.fonts.plain(format_clock(clamped(input.x), decimals_for(axis)));
    draw_flag(ui, list, area, input.x, text, ui.palette.text_dim);
  }
  return result;
}

void draw_time_grid(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis) {
  for (const Tick& tick : axis_ticks(axis, label_distance(ui)).ticks) {
    if (!tick.major) continue;
    const float x = std::round(tick.x);
    list.AddRectFilled(ImVec2(x, area.y0), ImVec2(x + ui.px(1), area.y1), ui.palette.grid.packed());
  }
}

void draw_playhead(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis,
                   sim::Time playhead) {
  const float x = std::round(axis.to_x(playhead));
  if (x < area.x0 || x >= area.x1) return;
  // One pixel on each side keeps the line visible on top of every fill and on white.
  const theme::Color edge = ui.palette.outlined ? ui.palette.outline : ui.palette.background;
  list.AddRectFilled(ImVec2(x - ui.px(1), area.y0), ImVec2(x + ui.px(2), area.y1), edge.packed());
  list.AddRectFilled(ImVec2(x, area.y0), ImVec2(x + ui.px(1), area.y1),
                     ui.palette.attention.packed());
}

}  // namespace isrlab::viz
