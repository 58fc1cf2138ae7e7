#include "viz/model/map_route.hpp"

#include <algorithm>
#include <cmath>

namespace isrlab::viz {
namespace {

constexpr int kSamples = 40;
/// Tried in this order at every distance: the simplest first.
struct Way {
  int steepness;
  float skew;
};
constexpr Way kWays[] = {{1, 1}, {2, 1}, {4, 1}, {2, 0.5F}, {2, 2}, {4, 0.5F}, {4, 2}};
constexpr int kTries = 18;  // distances on each side

/// How many of the curve's points lie where they should not; counts no further than `enough`.
int hidden(const MapCurve& curve, const std::vector<Rect>& obstacles, const Rect& area,
           int enough) {
  int count = 0;
  for (int i = 1; i < kSamples && count < enough; ++i) {
    const MapPoint point = curve.at(static_cast<float>(i) / kSamples);
    if (!area.contains(point.x, point.y)) ++count;
    for (const Rect& box : obstacles) count += box.contains(point.x, point.y) ? 1 : 0;
  }
  return count;
}

}  // namespace

MapPoint MapCurve::at(float share) const {
  const float place = skew == 1 ? share : std::pow(share, skew);
  const float off = (2 * place - 1) * (2 * place - 1);
  float power = off;
  for (int i = 1; i < steepness; ++i) power *= off;
  const float aside = 1 - power;
  return {from.x + (to.x - from.x) * share + bend.x * aside,
          from.y + (to.y - from.y) * share + bend.y * aside};
}

float MapCurve::length() const {
  return std::hypot(to.x - from.x, to.y - from.y) + 2 * std::hypot(bend.x, bend.y);
}

std::vector<Rect> obstacles_of(const MapLayout& layout, float unit) {
  std::vector<Rect> boxes = layout.brokers;
  const auto point = [&](const MapPoint& at, float radius, float half_word) {
    boxes.push_back({at.x - radius, at.y - radius, at.x + radius, at.y + radius});
    boxes.push_back({at.x - half_word, at.y, at.x + half_word, at.y + radius + 15 * unit});
  };
  for (const MapPoint& at : layout.zookeeper) point(at, layout.zookeeper_radius, 34 * unit);
  for (const MapPoint& at : layout.clients) point(at, layout.client_radius, 30 * unit);
  return boxes;
}

MapCurve route_link(const MapLayout& layout, const std::vector<Rect>& obstacles, MapPoint from,
                    MapPoint to, float unit) {
  MapCurve best{from, to, {}};
  const float length = std::hypot(to.x - from.x, to.y - from.y);
  if (layout.compact || length < 1) return best;
  const float clearance = 7 * unit;
  std::vector<Rect> between;
  for (const Rect& box : obstacles) {
    if (box.contains(from.x, from.y) || box.contains(to.x, to.y)) continue;
    between.push_back(box.inset(-clearance));
  }
  int least = hidden(best, between, layout.area, kSamples);
  // Upwards or to the left first; the first way that hides nothing is the least bent one.
  MapPoint side{(to.y - from.y) / length, -(to.x - from.x) / length};
  if (side.y > 0 || (side.y == 0 && side.x > 0)) side = {-side.x, -side.y};
  for (int i = 1; i <= kTries && least > 0; ++i) {
    const float reach = static_cast<float>(i) * 8 * unit;
    for (const Way& way : kWays) {
      for (const float sign : {reach, -reach}) {
        const MapPoint bend{side.x * sign, side.y * sign};
        const MapCurve curve{from, to, bend, way.steepness, way.skew};
        const int count = hidden(curve, between, layout.area, least);
        if (count >= least) continue;
        least = count;
        best = curve;
      }
    }
  }
  return best;
}

}  // namespace isrlab::viz
