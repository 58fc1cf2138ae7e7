#include "viz/widgets/ui.hpp"

#include <algorithm>
#include <cmath>

#include "viz/compat.hpp"

namespace isrlab::viz {

float Ui::px(float length) const {
  return length == 0 ? 0 : std::max(1.0F, std::round(length * scale));
}

float font_size(const ImFont* font) {
  return compat::font_size(*font);
}

float text_width(ImFont* font, std::string_view text) {
  return font->CalcTextSizeA(font_size(font), 1.0e9F, 0, text.data(), text.data() + text.size()).x;
}

std::string elide(const Ui& ui, ImFont* font, std::string_view text, float width) {
  if (text_width(font, text) <= width) return std::string(text);
  const std::string dots = ui.fonts.plain("…");
  const float room = width - text_width(font, dots);
  if (room <= 0) return {};
  const char* end = nullptr;
  font->CalcTextSizeA(font_size(font), room, 0, text.data(), text.data() + text.size(), &end);
  std::string_view kept = text.substr(0, static_cast<std::size_t>(end - text.data()));
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  if (kept.empty()) return {};
  return std::string(kept) + dots;
}

void draw_text(const Ui& ui, ImDrawList& list, ImFont* font, const Rect& box, theme::Color color,
               std::string_view text, Align align) {
  const std::string shown = elide(ui, font, text, box.width());
  if (shown.empty()) return;
  const float width = text_width(font, shown);
  float x = box.x0;
  if (align == Align::center) x = box.x0 + (box.width() - width) * 0.5F;
  if (align == Align::right) x = box.x1 - width;
  const float y = box.y0 + (box.height() - font_size(font)) * 0.5F;
  list.AddText(font, font_size(font), ImVec2(std::round(x), std::round(y)), color.packed(),
               shown.data(), shown.data() + shown.size());
}

CanvasInput canvas(Ui& ui, std::string_view id, const Rect& area, std::string_view label,
                   std::string_view value) {
  CanvasInput input;
  ui.tree.mark(id, area, label, value);
  if (area.width() < 1 || area.height() < 1) return input;
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(top_left(area));
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("canvas", ImVec2(area.width(), area.height()),
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                             ImGuiButtonFlags_MouseButtonMiddle);
  ImGui::PopID();
  const ImGuiIO& io = ImGui::GetIO();
  const bool active = ImGui::IsItemActive();
  input.hovered = ImGui::IsItemHovered();
  input.x = io.MousePos.x;
  input.y = io.MousePos.y;
  input.shift = io.KeyShift;
  input.control = io.KeyCtrl;
  input.pressed = input.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  input.double_clicked = input.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  input.dragging = active && ImGui::IsMouseDown(ImGuiMouseButton_Left);
  input.released = ImGui::IsItemDeactivated() && ImGui::IsMouseReleased(ImGuiMouseButton_Left);
  input.panning = active && ImGui::IsMouseDragging(ImGuiMouseButton_Right);
  const auto released = [&](ImGuiMouseButton button) {
    const float most = io.MouseDragThreshold * io.MouseDragThreshold;
    return input.hovered && ImGui::IsMouseReleased(button) &&
           io.MouseDragMaxDistanceSqr[button] <= most;
  };
  input.clicked = released(ImGuiMouseButton_Left);
  input.right_clicked = released(ImGuiMouseButton_Right);
  input.middle_clicked = released(ImGuiMouseButton_Middle);
  if (input.dragging || input.panning) {
    input.drag_x = io.MouseDelta.x;
    input.drag_y = io.MouseDelta.y;
  }
  if (input.hovered) input.wheel = io.MouseWheel;
  ImGui::SetCursorScreenPos(cursor);  // canvases are placed by their rectangle, not by the flow
  return input;
}

void mark_item(Ui& ui, std::string_view id, std::string_view label, std::string_view value,
               bool enabled) {
  const ImVec2 window = ImGui::GetWindowPos();
  const ImVec2 size = ImGui::GetWindowSize();
  ui.tree.push_clip({window.x, window.y, window.x + size.x, window.y + size.y});
  ui.tree.mark(id, rect_of(ImGui::GetItemRectMin(), ImGui::GetItemRectMax()), label, value,
               enabled);
  ui.tree.pop_clip();
}

void separator_text(Ui& ui, std::string_view text) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float height = ImGui::GetTextLineHeightWithSpacing();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float used = std::min(width, text_width(ui.fonts.bold, text));
  draw_text(ui, list, ui.fonts.bold, {at.x, at.y, at.x + width, at.y + height}, ui.palette.text_dim,
            text);
  const float y = std::round(at.y + height * 0.5F);
  if (used + ui.px(8) < width) {
    list.AddRectFilled(ImVec2(at.x + used + ui.px(8), y), ImVec2(at.x + width, y + ui.px(1)),
                       ui.palette.grid.packed());
  }
  ImGui::Dummy(ImVec2(width, height));
}

bool button(Ui& ui, std::string_view id, std::string_view label, bool enabled) {
  ImGui::PushID(id.data(), id.data() + id.size());
  if (!enabled) ImGui::BeginDisabled();
  const std::string shown = ui.fonts.plain(label);
  const bool pressed = ImGui::Button(shown.c_str());
  if (!enabled) ImGui::EndDisabled();
  ImGui::PopID();
  mark_item(ui, id, label, {}, enabled);
  return pressed;
}

void draw_hatching(const Ui& ui, ImDrawList& list, const Rect& area, theme::Color color,
                   float spacing) {
  if (area.empty()) return;
  const float gap = ui.px(spacing);
  const float height = area.height();
  // Lines start on a fixed lattice, so that neighbouring areas match and nothing crawls when the
  // area grows.
  const float first = std::floor((area.x0 - height) / gap) * gap;
  list.PushClipRect(top_left(area), bottom_right(area), true);
  for (float x = first; x < area.x1; x += gap) {
    list.AddLine(ImVec2(x, area.y1), ImVec2(x + height, area.y0), color.packed(), 1);
  }
  list.PopClipRect();
}

void draw_dashed(const Ui& ui, ImDrawList& list, float x0, float y0, float x1, float y1,
                 theme::Color color, float thickness) {
  const float dash = ui.px(6);
  const float gap = ui.px(4);
  const float width = ui.px(thickness);
  if (y0 == y1) {
    for (float x = x0; x < x1; x += dash + gap) {
      list.AddRectFilled(ImVec2(x, y0), ImVec2(std::min(x + dash, x1), y0 + width), color.packed());
    }
  } else {
    for (float y = y0; y < y1; y += dash + gap) {
      list.AddRectFilled(ImVec2(x0, y), ImVec2(x0 + width, std::min(y + dash, y1)), color.packed());
    }
  }
}

}  // namespace isrlab::viz
