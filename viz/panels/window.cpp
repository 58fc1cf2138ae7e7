// Layout F1: header, status strip, map | matrix | inspector, timeline.
#include <algorithm>
#include <cmath>

#include "viz/panels/panels.hpp"
#include "viz/widgets/splitter.hpp"

namespace isrlab::viz {

theme::Color attention_ink(const Ui& ui) {
  return ui.palette.outlined ? ui.palette.text : ui.palette.attention;
}

theme::Color tone_color(const theme::Palette& palette, Tone tone) {
  switch (tone) {
    case Tone::good: return palette.good;
    case Tone::differs: return palette.outlined ? palette.text : palette.attention;
    case Tone::bad: return palette.down;
    case Tone::heading: return palette.text_dim;
    case Tone::plain: return palette.text;
  }
  return palette.text;
}

Rect draw_tile(Ui& ui, const Rect& area, std::string_view title, std::string_view note) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(top_left(area), bottom_right(area), ui.palette.panel.packed(), ui.px(3));
  if (title.empty()) return area;
  const float height = ui.px(26);
  const Rect line{area.x0 + ui.px(10), area.y0, area.x1 - ui.px(10), area.y0 + height};
  draw_text(ui, list, ui.fonts.bold, line, ui.palette.text_dim, title);
  if (!note.empty()) {
    const float used = text_width(ui.fonts.bold, title) + ui.px(16);
    draw_text(ui, list, ui.fonts.small, {line.x0 + used, line.y0, line.x1, line.y1},
              ui.palette.text_dim, ui.fonts.plain(note), Align::right);
  }
  return {area.x0, area.y0 + height, area.x1, area.y1};
}

void draw_window(Ui& ui, Scene& scene, const Rect& area) {
  const float gap = ui.px(4);
  const float header = ui.px(66);
  const float strip = ui.px(34);
  draw_header(ui, scene, {area.x0, area.y0, area.x1, area.y0 + header});
  draw_status(ui, scene, {area.x0, area.y0 + header, area.x1, area.y0 + header + strip});
  const Rect body{area.x0 + gap, area.y0 + header + strip, area.x1 - gap, area.y1 - gap};
  const SplitTiles rows =
      splitter(ui, "split/rows", body, SplitAxis::vertical, scene.state.split_rows,
               {.least_first = 180, .least_second = 180, .start = 0.55F});
  const SplitTiles left =
      splitter(ui, "split/map", rows.first, SplitAxis::horizontal, scene.state.split_map,
               {.least_first = 240, .least_second = 300, .start = 0.40F});
  const SplitTiles right =
      splitter(ui, "split/matrix", left.second, SplitAxis::horizontal, scene.state.split_matrix,
               {.least_first = 160, .least_second = 160, .start = 0.50F});
  draw_map(ui, scene, left.first);
  draw_matrix(ui, scene, right.first);
  draw_inspector(ui, scene, right.second);
  draw_timeline(ui, scene, rows.second);
}

}  // namespace isrlab::viz
