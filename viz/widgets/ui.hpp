// What every panel gets to draw with, and the small helpers they share.
#pragma once
#include <imgui.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "viz/core/theme.hpp"
#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {

struct Ui {
  UiTree& tree;
  const theme::Palette& palette;
  const theme::Fonts& fonts;
  float scale = 1;
  bool reduced_motion = false;

  /// A length in pixels at scale 1, in whole pixels: fractional line widths cost llvmpipe 2.4
  /// times as much and look blurred.
  float px(float length) const;
};

inline ImVec2 top_left(const Rect& rect) {
  return {rect.x0, rect.y0};
}
inline ImVec2 bottom_right(const Rect& rect) {
  return {rect.x1, rect.y1};
}
inline Rect rect_of(const ImVec2& low, const ImVec2& high) {
  return {low.x, low.y, high.x, high.y};
}

enum class Align : std::uint8_t { left, center, right };

float font_size(const ImFont* font);
float text_width(ImFont* font, std::string_view text);
/// The longest beginning of `text` that fits `width`, with "…" when something is cut off.
std::string elide(const Ui& ui, ImFont* font, std::string_view text, float width);
/// One line, vertically centred in `box`, cut with "…" where it does not fit.
void draw_text(const Ui& ui, ImDrawList& list, ImFont* font, const Rect& box, theme::Color color,
               std::string_view text, Align align = Align::left);

/// What the mouse does on a free drawing area.
struct CanvasInput {
  bool hovered = false;
  bool pressed = false;  // left button went down here
  bool clicked = false;  // left button, down and up here without a drag
  bool double_clicked = false;
  bool right_clicked = false;
  bool middle_clicked = false;
  bool dragging = false;  // left button held, also when the pointer left the area
  bool released = false;  // left button let go after it went down here
  bool panning = false;   // right button held and moved
  float x = 0;
  float y = 0;
  float drag_x = 0;  // movement of this frame while dragging or panning
  float drag_y = 0;
  float wheel = 0;  // steps, up is positive, only while hovered
  bool shift = false;
  bool control = false;
};

/// An area inside the current window that takes the mouse, under the name `id`.
CanvasInput canvas(Ui& ui, std::string_view id, const Rect& area, std::string_view label = {},
                   std::string_view value = {});

/// Marks the Dear ImGui item that was just drawn. The visible part is that of its window.
void mark_item(Ui& ui, std::string_view id, std::string_view label = {},
               std::string_view value = {}, bool enabled = true);

/// A heading with a line behind it (Dear ImGui has one only since 1.89).
void separator_text(Ui& ui, std::string_view text);
/// A button under a name; `enabled` false draws it dimmed and takes no clicks.
bool button(Ui& ui, std::string_view id, std::string_view label, bool enabled = true);

/// Diagonal lines over `area`: "done by hand", "paused", "truncated", readable without colour.
void draw_hatching(const Ui& ui, ImDrawList& list, const Rect& area, theme::Color color,
                   float spacing = 7);
/// A dashed line, horizontal or vertical.
void draw_dashed(const Ui& ui, ImDrawList& list, float x0, float y0, float x1, float y1,
                 theme::Color color, float thickness = 1);

}  // namespace isrlab::viz
