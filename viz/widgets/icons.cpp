#include <cmath>

#include "viz/widgets/shapes.hpp"
#include "viz/widgets/ui.hpp"

namespace isrlab::viz {
namespace {

/// Coordinates from -1 to 1 round the centre, y down.
class IconPainter {
 public:
  IconPainter(const Ui& ui, ImDrawList& list, float x, float y, float size, theme::Color color)
      : list_(list), x_(x), y_(y), half_(size * 0.5F), width_(ui.px(2)), color_(color.packed()) {}

  void box(float x0, float y0, float x1, float y1) {
    const ImVec2 low = at(x0, y0);
    const ImVec2 high = at(x1, y1);
    list_.AddRectFilled(ImVec2(std::round(low.x), std::round(low.y)),
                        ImVec2(std::round(high.x), std::round(high.y)), color_);
  }
  void triangle(float x0, float y0, float x1, float y1, float x2, float y2) {
    list_.AddTriangleFilled(at(x0, y0), at(x1, y1), at(x2, y2), color_);
  }
  void line(float x0, float y0, float x1, float y1) {
    list_.AddLine(at(x0, y0), at(x1, y1), color_, width_);
  }
  void ring(float x, float y, float radius) {
    list_.AddCircle(at(x, y), radius * half_, color_, 0, width_);
  }
  void disc(float x, float y, float radius) {
    list_.AddCircleFilled(at(x, y), radius * half_, color_);
  }
  void arc(float x, float y, float radius, float from, float to) {
    list_.PathArcTo(at(x, y), radius * half_, from, to, 12);
    list_.PathStroke(color_, 0, width_);
  }

 private:
  ImVec2 at(float x, float y) const { return {x_ + x * half_, y_ + y * half_}; }

  ImDrawList& list_;
  float x_;
  float y_;
  float half_;
  float width_;
  ImU32 color_;
};

void draw_eye(IconPainter& paint, bool open) {
  constexpr float kPi = 3.14159265F;
  // Two arcs of circles above and below make the almond.
  paint.arc(0, -0.75F, 1.2F, 0.19F * kPi, 0.81F * kPi);
  paint.arc(0, 0.75F, 1.2F, 1.19F * kPi, 1.81F * kPi);
  if (open) {
    paint.disc(0, 0, 0.28F);
  } else {
    paint.line(-0.7F, 0.7F, 0.7F, -0.7F);
  }
}

}  // namespace

void draw_icon(const Ui& ui, ImDrawList& list, Icon icon, float x, float y, float size,
               theme::Color color) {
  IconPainter paint(ui, list, x, y, size, color);
  switch (icon) {
    case Icon::pause:
      paint.box(-0.65F, -0.8F, -0.15F, 0.8F);
      paint.box(0.15F, -0.8F, 0.65F, 0.8F);
      break;
    case Icon::play: paint.triangle(-0.6F, -0.85F, 0.85F, 0, -0.6F, 0.85F); break;
    case Icon::step:
      paint.triangle(-0.8F, -0.8F, 0.4F, 0, -0.8F, 0.8F);
      paint.box(0.45F, -0.8F, 0.8F, 0.8F);
      break;
    case Icon::step_back:
      paint.triangle(0.8F, 0.8F, -0.4F, 0, 0.8F, -0.8F);
      paint.box(-0.8F, -0.8F, -0.45F, 0.8F);
      break;
    case Icon::stop: paint.box(-0.7F, -0.7F, 0.7F, 0.7F); break;
    case Icon::search:
      paint.ring(-0.2F, -0.2F, 0.55F);
      paint.line(0.22F, 0.22F, 0.8F, 0.8F);
      break;
    case Icon::hourglass:
      paint.triangle(-0.6F, -0.75F, 0.6F, -0.75F, 0, 0.05F);
      paint.triangle(0, -0.05F, 0.6F, 0.75F, -0.6F, 0.75F);
      break;
    case Icon::clock:
      paint.ring(0, 0, 0.8F);
      paint.line(0, 0, 0, -0.55F);
      paint.line(0, 0, 0.4F, 0.15F);
      break;
    case Icon::eye:
    case Icon::eye_closed: draw_eye(paint, icon == Icon::eye); break;
    case Icon::lock:
      paint.box(-0.6F, -0.1F, 0.6F, 0.8F);
      paint.arc(0, -0.1F, 0.4F, 3.14159265F, 6.2831853F);
      break;
  }
}

}  // namespace isrlab::viz
