#include "viz/widgets/shapes.hpp"

#include <array>
#include <cmath>
#include <span>

#include "viz/widgets/ui.hpp"

namespace isrlab::viz {
namespace {

constexpr float kPi = 3.14159265F;

/// Corners of a regular polygon, clockwise on the screen, the first at `turn` (0 = right).
template <std::size_t Corners>
std::array<ImVec2, Corners> polygon(float x, float y, float radius, float turn) {
  std::array<ImVec2, Corners> points;
  for (std::size_t i = 0; i < Corners; ++i) {
    const float angle = turn + 2 * kPi * static_cast<float>(i) / static_cast<float>(Corners);
    points[i] = ImVec2(x + radius * std::cos(angle), y + radius * std::sin(angle));
  }
  return points;
}

/// Draws one shape; knows the outline of the light theme.
class ShapePainter {
 public:
  ShapePainter(const Ui& ui, ImDrawList& list, theme::Color color)
      : ui_(ui), list_(list), color_(color.packed()) {}

  void fill(std::span<const ImVec2> points) {
    list_.AddConvexPolyFilled(points.data(), static_cast<int>(points.size()), color_);
    if (ui_.palette.outlined) edge(points, ui_.palette.outline.packed(), 1);
  }
  void hollow(std::span<const ImVec2> points) { edge(points, color_, 2); }
  void circle(float x, float y, float radius) {
    list_.AddCircleFilled(ImVec2(x, y), radius, color_);
    if (ui_.palette.outlined) {
      list_.AddCircle(ImVec2(x, y), radius, ui_.palette.outline.packed(), 0, ui_.px(1));
    }
  }
  void ring(float x, float y, float radius) {
    list_.AddCircle(ImVec2(x, y), radius - ui_.px(1), color_, 0, ui_.px(2));
  }
  void cross(float x, float y, float radius) {
    const float width = ui_.px(2);
    list_.AddLine(ImVec2(x - radius, y - radius), ImVec2(x + radius, y + radius), color_, width);
    list_.AddLine(ImVec2(x - radius, y + radius), ImVec2(x + radius, y - radius), color_, width);
  }
  void bar(float x, float y, float radius) {
    const float width = ui_.px(2);
    const float left = std::round(x - width * 0.5F);
    list_.AddRectFilled(ImVec2(left, std::round(y - radius)),
                        ImVec2(left + width, std::round(y + radius)), color_);
  }

 private:
  void edge(std::span<const ImVec2> points, ImU32 color, float width) {
    list_.AddPolyline(points.data(), static_cast<int>(points.size()), color, ImDrawFlags_Closed,
                      ui_.px(width));
  }

  const Ui& ui_;
  ImDrawList& list_;
  ImU32 color_;
};

}  // namespace

void draw_shape(const Ui& ui, ImDrawList& list, Shape shape, float x, float y, float radius,
                theme::Color color) {
  ShapePainter painter(ui, list, color);
  const float third = 1.15F * radius;  // triangles need more radius to look as large
  switch (shape) {
    case Shape::triangle_up:
      return painter.fill(polygon<3>(x, y + 0.15F * radius, third, -kPi / 2));
    case Shape::triangle_down:
      return painter.fill(polygon<3>(x, y - 0.15F * radius, third, kPi / 2));
    case Shape::triangle_left: return painter.fill(polygon<3>(x + 0.15F * radius, y, third, kPi));
    case Shape::triangle_right: return painter.fill(polygon<3>(x - 0.15F * radius, y, third, 0));
    case Shape::circle: return painter.circle(x, y, radius);
    case Shape::ring: return painter.ring(x, y, radius);
    case Shape::square: return painter.fill(polygon<4>(x, y, 1.2F * radius, kPi / 4));
    case Shape::diamond: return painter.fill(polygon<4>(x, y, 1.1F * radius, 0));
    case Shape::diamond_hollow: return painter.hollow(polygon<4>(x, y, radius, 0));
    case Shape::pentagon: return painter.fill(polygon<5>(x, y, 1.05F * radius, -kPi / 2));
    case Shape::hexagon: return painter.fill(polygon<6>(x, y, radius, 0));
    case Shape::hexagon_hollow: return painter.hollow(polygon<6>(x, y, radius, 0));
    case Shape::cross: return painter.cross(x, y, 0.8F * radius);
    case Shape::bar: return painter.bar(x, y, radius);
  }
}

}  // namespace isrlab::viz
