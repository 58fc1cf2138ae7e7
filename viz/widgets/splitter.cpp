#include "viz/widgets/splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/widgets/ui.hpp"

namespace isrlab::viz {

float clamp_share(float share, float total, const SplitLimits& limits) {
  const float room = total - limits.bar;
  if (!(room > 0)) return 0.5F;
  const float least = limits.least_first + limits.least_second;
  if (room <= least) return least > 0 ? limits.least_first / least : 0.5F;
  if (!(share >= 0)) share = limits.start;
  return std::clamp(share, limits.least_first / room, 1 - limits.least_second / room);
}

SplitTiles split(const Rect& area, SplitAxis axis, float share, const SplitLimits& limits) {
  const bool side_by_side = axis == SplitAxis::horizontal;
  const float total = side_by_side ? area.width() : area.height();
  const float bar = std::min(limits.bar, std::max(total, 0.0F));
  const float first = std::round((total - bar) * clamp_share(share, total, limits));
  SplitTiles tiles{area, area, area};
  if (side_by_side) {
    tiles.first.x1 = tiles.bar.x0 = area.x0 + first;
    tiles.bar.x1 = tiles.second.x0 = area.x0 + first + bar;
  } else {
    tiles.first.y1 = tiles.bar.y0 = area.y0 + first;
    tiles.bar.y1 = tiles.second.y0 = area.y0 + first + bar;
  }
  return tiles;
}

SplitTiles splitter(Ui& ui, std::string_view id, const Rect& area, SplitAxis axis, float& share,
                    SplitLimits limits) {
  limits.least_first *= ui.scale;
  limits.least_second *= ui.scale;
  limits.bar = ui.px(limits.bar);
  const bool side_by_side = axis == SplitAxis::horizontal;
  const float total = side_by_side ? area.width() : area.height();
  share = clamp_share(share, total, limits);
  SplitTiles tiles = split(area, axis, share, limits);
  const CanvasInput input = canvas(ui, id, tiles.bar, "splitter", fmt::format("{:.3f}", share));
  if (input.hovered || input.dragging) {
    ImGui::SetMouseCursor(side_by_side ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
  }
  if (input.double_clicked) {
    share = clamp_share(limits.start, total, limits);
  } else if (input.dragging && !input.pressed) {
    // From the pointer itself, not from its movement: the bar then stays under the pointer after
    // it was held against a limit.
    const float at = side_by_side ? input.x - area.x0 : input.y - area.y0;
    share =
        clamp_share((at - limits.bar * 0.5F) / std::max(total - limits.bar, 1.0F), total, limits);
  }
  const theme::Color color = input.dragging  ? ui.palette.text
                             : input.hovered ? ui.palette.text_dim
                                             : ui.palette.grid;
  tiles = split(area, axis, share, limits);
  const float inset = std::floor(limits.bar * 0.5F);
  Rect line = tiles.bar;
  if (side_by_side) {
    line.x0 += inset;
    line.x1 = line.x0 + ui.px(1);
  } else {
    line.y0 += inset;
    line.y1 = line.y0 + ui.px(1);
  }
  ImGui::GetWindowDrawList()->AddRectFilled(top_left(line), bottom_right(line), color.packed());
  return tiles;
}

}  // namespace isrlab::viz
