#include "viz/widgets/lane_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/widgets/time_axis_view.hpp"

namespace isrlab::viz {
namespace {

using sim::Time;

constexpr float kReachPixels = 6;  // the pointer hits a mark from this far

template <typename Style>
const Style& style_of(std::span<const Style> styles, std::uint32_t tag) {
  static const Style kUnknown{};
  return tag < styles.size() ? styles[tag] : kUnknown;
}

Rect body_of(const Rect& area, const TimeAxis& axis) {
  return {axis.x0, area.y0, axis.x1, area.y1};
}

/// Sets what the mouse does to the thing with this index under the pointer.
void note_hit(LaneResult& result, const CanvasInput& input, std::optional<std::uint32_t> hit,
              const TimeAxis& axis, const TimeLimits& limits) {
  result.hovered = hit;
  if (input.middle_clicked) result.middle_clicked = hit;
  if (!input.clicked) return;
  result.clicked = hit;
  if (!hit) result.clicked_time = std::clamp(axis.to_time(input.x), limits.from, limits.to);
}

/// The box of a block with its count.
Rect block_box(const Ui& ui, const Rect& body, const MarkBlock& block, const MarkSizes& sizes) {
  const MarkExtent extent = extent_of(block, sizes);
  const float width = std::round(extent.x1 - extent.x0);
  const float left = std::clamp(std::round(extent.x0), body.x0, std::max(body.x0, body.x1 - width));
  const float height = std::min(body.height() - ui.px(2), font_size(ui.fonts.small) + ui.px(3));
  const float top = std::round(body.center_y() - height * 0.5F);
  return {left, top, left + width, top + height};
}

void draw_block(const Ui& ui, ImDrawList& list, const Rect& box, const MarkStyle& worst,
                std::string_view count) {
  list.AddRectFilled(top_left(box), bottom_right(box), worst.color.packed(), ui.px(2));
  if (ui.palette.outlined) {
    list.AddRect(top_left(box), bottom_right(box), ui.palette.outline.packed(), ui.px(2));
  }
  draw_text(ui, list, ui.fonts.small, box, theme::label_on(worst.color), count, Align::center);
}

void show_block(const Ui& ui, const MarkBlock& block, std::span<const Mark> marks,
                std::span<const MarkStyle> styles) {
  ImGui::BeginTooltip();
  constexpr std::uint32_t kLines = 8;
  for (std::uint32_t i = 0; i < std::min(block.count, kLines); ++i) {
    const Mark& mark = marks[block.first + i];
    const std::string text =
        fmt::format("{}  {}", format_clock(mark.time, 6), style_of(styles, mark.tag).name);
    ImGui::TextUnformatted(ui.fonts.plain(text).c_str());
  }
  if (block.count > kLines) {
    ImGui::TextUnformatted(
        ui.fonts.plain(fmt::format("… {} more, zoom in", block.count - kLines)).c_str());
  }
  ImGui::EndTooltip();
}

/// The text of a bar, on a plain ground where the bar is hatched, and beside the playhead.
void draw_bar_label(const Ui& ui, ImDrawList& list, const Rect& box, const IntervalBar& bar,
                    const BarStyle& style, theme::Color fill, float playhead) {
  const std::string label =
      ui.fonts.plain(bar.count > 1 ? std::to_string(bar.count) : std::string(style.label));
  Rect room{box.x0 + ui.px(6), box.y0, box.x1 - ui.px(3), box.y1};
  const float full = text_width(ui.fonts.small, label);
  const float behind = playhead + ui.px(5);
  if (playhead > room.x0 - ui.px(3) && playhead < room.x0 + full + ui.px(3) &&
      behind + full < room.x1) {
    room.x0 = behind;
  }
  const std::string shown = elide(ui, ui.fonts.small, label, room.width());
  if (shown.empty()) return;
  if (style.hatched) {
    const float width = text_width(ui.fonts.small, shown) + ui.px(4);
    list.AddRectFilled(ImVec2(room.x0 - ui.px(3), box.y0 + ui.px(1)),
                       ImVec2(room.x0 + width, box.y1 - ui.px(1)), fill.packed());
  }
  draw_text(ui, list, ui.fonts.small, room, theme::label_on(fill), shown);
}

void draw_bar(const Ui& ui, ImDrawList& list, const Rect& box, const Rect& body,
              const IntervalBar& bar, const BarStyle& style, float playhead) {
  const bool cut_left = bar.starts_before;
  const bool cut_right = bar.open || bar.ends_after;
  const ImDrawFlags corners = cut_left && cut_right ? ImDrawFlags_RoundCornersNone
                              : cut_left            ? ImDrawFlags_RoundCornersRight
                              : cut_right           ? ImDrawFlags_RoundCornersLeft
                                                    : ImDrawFlags_RoundCornersAll;
  const float rounding = ui.px(2);
  const theme::Color fill =
      style.quiet ? theme::blend(ui.palette.panel, style.color.faded(0.28F)) : style.color;
  list.AddRectFilled(top_left(box), bottom_right(box), fill.packed(), rounding, corners);
  if (style.quiet && !cut_left) {
    list.AddRectFilled(top_left(box), ImVec2(std::min(box.x0 + ui.px(3), box.x1), box.y1),
                       style.color.packed());
  }
  if (style.hatched) draw_hatching(ui, list, box, theme::label_on(fill).faded(0.28F));
  if (ui.palette.outlined) {
    list.AddRect(top_left(box), bottom_right(box), ui.palette.outline.packed(), rounding, corners);
  }
  if (bar.open) {  // what is to come is not known: no end, no promise
    const float end = std::min(box.x1 + ui.px(70), body.x1);
    const std::uint32_t from = fill.faded(0.55F).packed();
    const std::uint32_t to = fill.faded(0).packed();
    list.AddRectFilledMultiColor(ImVec2(box.x1, box.y0), ImVec2(end, box.y1), from, to, to, from);
  }
  draw_bar_label(ui, list, box, bar, style, fill, playhead);
}

void show_bar(const Ui& ui, const IntervalBar& bar, const Interval& interval, const BarStyle& style,
              Time now) {
  const Time end = bar.open ? now : interval.to;
  ImGui::BeginTooltip();
  std::string text = fmt::format("{}\n{} → {}\n{}{}", style.label, format_clock(interval.from, 6),
                                 bar.open ? "…" : format_clock(interval.to, 6),
                                 format_span(end - interval.from), bar.open ? " so far" : "");
  if (bar.count > 1) text += fmt::format("\n… {} more, zoom in", bar.count - 1);
  ImGui::TextUnformatted(ui.fonts.plain(text).c_str());
  ImGui::EndTooltip();
}

}  // namespace

void lane_header(Ui& ui, std::string_view id, const Rect& area, const TimeAxis& axis,
                 std::string_view name, bool* watched) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float eye = ui.px(20);
  const Rect header{area.x0 + ui.px(4), area.y0, axis.x0 - ui.px(6), area.y1};
  draw_text(ui, list, ui.fonts.body, {header.x0 + eye + ui.px(4), header.y0, header.x1, header.y1},
            ui.palette.text, ui.fonts.plain(name));
  if (watched == nullptr) return;
  const Rect box{header.x0, header.center_y() - eye * 0.5F, header.x0 + eye,
                 header.center_y() + eye * 0.5F};
  const CanvasInput input =
      canvas(ui, std::string(id) + "/eye", box, "watch", *watched ? "on" : "off");
  if (input.clicked) *watched = !*watched;
  const theme::Color color = input.hovered ? ui.palette.text : ui.palette.text_dim;
  draw_icon(ui, list, *watched ? Icon::eye : Icon::eye_closed, box.center_x(), box.center_y(),
            ui.px(14), color);
}

LaneResult mark_lane(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                     const TimeLimits& limits, std::span<const Mark> marks,
                     std::span<const MarkStyle> styles, Time playhead) {
  const Rect body = body_of(area, axis);
  const CanvasInput input = canvas(ui, id, body, "lane", fmt::format("{} marks", marks.size()));
  steer_axis(input, axis, limits);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_time_grid(ui, list, body, axis);
  const float radius = std::min(ui.px(6), body.height() * 0.45F);
  const MarkSizes sizes{.least_gap = ui.px(kMergePixels),
                        .single = 2 * radius,
                        .block_edge = ui.px(6),
                        .digit = text_width(ui.fonts.small, "0")};
  const std::vector<MarkBlock> blocks = merge_marks(marks, axis, sizes);
  const MarkBlock* nearest = nullptr;
  float nearest_distance = ui.px(kReachPixels);
  draw_playhead(ui, list, body, axis, playhead);  // behind the marks: it would cut them in two
  for (const MarkBlock& block : blocks) {
    const MarkStyle& style = style_of(styles, marks[block.worst].tag);
    const std::string count = std::to_string(block.count);
    const float x = std::round(block.x0);
    Rect box{x - radius, body.center_y() - radius, x + radius, body.center_y() + radius};
    if (block.single()) {
      draw_shape(ui, list, style.shape, x, body.center_y(), radius, style.color);
    } else {
      box = block_box(ui, body, block, sizes);
      draw_block(ui, list, box, style, count);
    }
    ui.tree.mark(fmt::format("{}/mark:{}", id, block.first), box, style.name, count);
    const float distance = std::max({0.0F, box.x0 - input.x, input.x - box.x1});
    if (input.hovered && distance < nearest_distance) {
      nearest = &block;
      nearest_distance = distance;
    }
  }
  LaneResult result;
  note_hit(result, input, nearest ? std::optional(nearest->worst) : std::nullopt, axis, limits);
  if (nearest != nullptr) show_block(ui, *nearest, marks, styles);
  return result;
}

LaneResult bar_lane(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                    const TimeLimits& limits, std::span<const Interval> intervals,
                    std::span<const BarStyle> styles, Time playhead, Time now) {
  const Rect body = body_of(area, axis);
  const CanvasInput input =
      canvas(ui, id, body, "lane", fmt::format("{} intervals", intervals.size()));
  steer_axis(input, axis, limits);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_time_grid(ui, list, body, axis);
  const IntervalLayout layout = layout_intervals(intervals, axis, now, ui.px(kMergePixels));
  const float inset = ui.px(2);
  const float row = std::floor((body.height() - inset) / static_cast<float>(layout.rows));
  const IntervalBar* hit = nullptr;
  for (const IntervalBar& bar : layout.bars) {
    const Interval& interval = intervals[bar.first];
    const BarStyle& style = style_of(styles, interval.tag);
    const float top = std::round(body.y0 + inset + row * static_cast<float>(bar.row));
    const Rect box{std::round(bar.x0), top, std::round(bar.x1),
                   top + std::max(row - inset, ui.px(2))};
    draw_bar(ui, list, box, body, bar, style, std::round(axis.to_x(playhead)));
    ui.tree.mark(fmt::format("{}/bar:{}", id, bar.first), box, style.label,
                 std::to_string(bar.count));
    if (input.hovered && box.contains(input.x, input.y)) hit = &bar;
  }
  draw_playhead(ui, list, body, axis, playhead);
  LaneResult result;
  note_hit(result, input, hit ? std::optional(hit->first) : std::nullopt, axis, limits);
  if (hit != nullptr) {
    const Interval& interval = intervals[hit->first];
    show_bar(ui, *hit, interval, style_of(styles, interval.tag), now);
  }
  return result;
}

}  // namespace isrlab::viz
