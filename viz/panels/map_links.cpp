#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "viz/panels/map_parts.hpp"
#include "viz/widgets/shapes.hpp"

namespace isrlab::viz {
namespace {

ImVec2 vec(const MapPoint& point) {
  return {point.x, point.y};
}

theme::Color link_color(const Scene& scene, const Ui& ui, ProcessId one, ProcessId other) {
  using K = model::ProcessKind;
  const K left = scene.catalog().process(one).kind;
  const K right = scene.catalog().process(other).kind;
  const auto has = [&](K kind) { return left == kind || right == kind; };
  if (has(K::kZooKeeper)) return ui.palette.zookeeper.faded(0.9F);
  if (has(K::kConsumer)) return ui.palette.group.faded(0.8F);
  if (has(K::kProducer)) {
    return (ui.palette.outlined ? ui.palette.text_dim : ui.palette.client).faded(0.8F);
  }
  return ui.palette.in_sync.faded(0.8F);
}

/// A link as a line of short pieces, every `gap`th one left out; 0 leaves out none.
void draw_curve(const Ui& ui, ImDrawList& list, const MapCurve& curve, theme::Color color,
                float width, int gap) {
  const int pieces = std::max(2, static_cast<int>(curve.length() / ui.px(6)));
  for (int i = 0; i < pieces; ++i) {
    if (gap != 0 && i % gap == gap - 1) continue;
    const auto share = [&](int at) { return static_cast<float>(at) / static_cast<float>(pieces); };
    list.AddLine(vec(curve.at(share(i))), vec(curve.at(share(i + 1))), color.packed(), width);
  }
}

/// Lies on the curve and points along it, or against it.
void arrow(const Ui& ui, ImDrawList& list, const MapCurve& curve, bool forward,
           theme::Color color) {
  const MapPoint tip = curve.at(forward ? 0.62F : 0.38F);
  const MapPoint tail = curve.at(forward ? 0.58F : 0.42F);
  const float length = std::hypot(tip.x - tail.x, tip.y - tail.y);
  if (length < 0.01F) return;
  const ImVec2 unit((tip.x - tail.x) / length, (tip.y - tail.y) / length);
  const float size = ui.px(6);
  const ImVec2 back(tip.x - unit.x * size * 2, tip.y - unit.y * size * 2);
  list.AddTriangleFilled(vec(tip), ImVec2(back.x - unit.y * size, back.y + unit.x * size),
                         ImVec2(back.x + unit.y * size, back.y - unit.x * size), color.packed());
}

void draw_cut(const Ui& ui, ImDrawList& list, const MapCurve& curve, bool there, bool back) {
  const theme::Color color = ui.palette.down;
  draw_curve(ui, list, curve, color, ui.px(1), 2);
  const MapPoint middle = curve.at(0.5F);
  if (there && back) {
    draw_shape(ui, list, Shape::cross, middle.x, middle.y, ui.px(5), color);
  } else {
    arrow(ui, list, curve, !there, color);  // the direction that still works
  }
}

Shape shape_of(MessageClass kind) {
  constexpr Shape kShapes[] = {Shape::triangle_up, Shape::circle,  Shape::ring,  Shape::square,
                               Shape::pentagon,    Shape::diamond, Shape::square};
  return kShapes[static_cast<std::size_t>(kind)];
}

theme::Color color_of(const Ui& ui, MessageClass kind) {
  const theme::Palette& p = ui.palette;
  const theme::Color colors[] = {p.client, p.group,     p.in_sync, p.attention,
                                 p.group,  p.zookeeper, p.text_dim};
  return colors[static_cast<std::size_t>(kind)];
}

}  // namespace

MapRoutes::MapRoutes(const model::Catalog& catalog, const MapLayout& layout, float unit)
    : catalog_(catalog), layout_(layout), unit_(unit), obstacles_(obstacles_of(layout, unit)) {}

bool MapRoutes::place_of(ProcessId process, MapPoint& at) const {
  const model::ProcessInfo& info = catalog_.process(process);
  switch (info.kind) {
    case model::ProcessKind::kBroker: {
      const Rect& box = layout_.brokers[info.index];
      at = {box.center_x(), box.center_y()};
      return true;
    }
    case model::ProcessKind::kZooKeeper: at = layout_.zookeeper[info.index]; return true;
    case model::ProcessKind::kProducer:
    case model::ProcessKind::kConsumer: {
      const std::size_t index = process - catalog_.zookeeper_count() - catalog_.broker_count();
      if (index >= layout_.clients.size()) return false;
      at = layout_.clients[index];
      return true;
    }
    case model::ProcessKind::kAdmin: return false;
  }
  return false;
}

const MapRoutes::Route* MapRoutes::route(ProcessId one, ProcessId other) {
  const std::pair<ProcessId, ProcessId> key = std::minmax(one, other);
  const auto known = known_.find(key);
  if (known != known_.end()) return &known->second;
  MapPoint from;
  MapPoint to;
  if (!place_of(key.first, from) || !place_of(key.second, to)) return nullptr;
  Route route{route_link(layout_, obstacles_, from, to, unit_), 0, 1};
  const auto inside = [&](float share, const MapPoint& node) {
    const MapPoint at = route.curve.at(share);
    return std::any_of(obstacles_.begin(), obstacles_.end(), [&](const Rect& box) {
      return box.contains(node.x, node.y) && box.inset(-6 * unit_).contains(at.x, at.y);
    });
  };
  constexpr float kStep = 0.01F;
  while (route.leaves < 0.45F && inside(route.leaves, from)) route.leaves += kStep;
  while (route.arrives > 0.55F && inside(route.arrives, to)) route.arrives -= kStep;
  return &known_.emplace(key, route).first->second;
}

const MapCurve* MapRoutes::between(ProcessId one, ProcessId other) {
  const Route* found = route(one, other);
  return found == nullptr ? nullptr : &found->curve;
}

bool MapRoutes::place(ProcessId from, ProcessId to, float share, MapPoint& at) {
  const Route* found = route(from, to);
  if (found == nullptr) return false;
  const float along = from < to ? share : 1 - share;
  at = found->curve.at(found->leaves + (found->arrives - found->leaves) * along);
  return true;
}

void draw_links(Ui& ui, const Scene& scene, ImDrawList& list, MapRoutes& routes) {
  const model::Cluster& cluster = scene.playback.run().cluster();
  const sim::Engine& engine = cluster.engine();
  std::set<std::pair<ProcessId, ProcessId>> open;
  for (const sim::Connection& connection : engine.connections()) {
    const bool established = connection.in_use && connection.client_end == sim::EndState::kOpen &&
                             connection.server_end == sim::EndState::kOpen;
    if (!established || connection.client == connection.server) continue;
    open.insert(std::minmax(connection.client, connection.server));
  }
  const auto count = static_cast<ProcessId>(scene.catalog().processes().size());
  for (ProcessId one = 0; one < count; ++one) {
    for (ProcessId other = one + 1; other < count; ++other) {
      const sim::HostId left = scene.catalog().process(one).host;
      const sim::HostId right = scene.catalog().process(other).host;
      const bool there = left != right && engine.blocked(left, right);
      const bool back = left != right && engine.blocked(right, left);
      const bool connected = open.count({one, other}) != 0;
      if (!connected && !there && !back) continue;
      const MapCurve* curve = routes.between(one, other);
      if (curve == nullptr) continue;
      if (there || back) {
        draw_cut(ui, list, *curve, there, back);
      } else {
        draw_curve(ui, list, *curve, link_color(scene, ui, one, other), ui.px(1), 0);
      }
    }
  }
}

void draw_flights(Ui& ui, const Scene& scene, ImDrawList& list, MapRoutes& routes) {
  if (!scene.show_flights) return;
  for (const Flight& flight : scene.flights.flights) {
    const MapCurve* curve = routes.between(flight.from, flight.to);
    if (curve == nullptr) continue;
    const bool forward = flight.from < flight.to;
    MapPoint at;
    routes.place(flight.from, flight.to, flight.share, at);
    const MapPoint& from = forward ? curve->from : curve->to;
    const MapPoint& to = forward ? curve->to : curve->from;
    // The two directions of a link lie beside each other, each on its right-hand side.
    const float length = std::max(1.0F, std::hypot(to.x - from.x, to.y - from.y));
    const float side = ui.px(4);
    const float x = at.x - (to.y - from.y) / length * side;
    const float y = at.y + (to.x - from.x) / length * side;
    const MessageClass kind = class_of(flight, scene.catalog());
    const float radius = is_response(flight.type) ? ui.px(3) : ui.px(5);
    draw_shape(ui, list, shape_of(kind), x, y, radius, color_of(ui, kind));
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (std::hypot(mouse.x - x, mouse.y - y) > ui.px(7)) continue;
    ImGui::SetTooltip("%s",
                      fmt::format("{}  {} to {}, arrives in {}", model::message_name(flight.type),
                                  short_name(scene.catalog(), flight.from),
                                  short_name(scene.catalog(), flight.to),
                                  format_span(flight.arrives - scene.playback.time()))
                          .c_str());
  }
}

}  // namespace isrlab::viz
