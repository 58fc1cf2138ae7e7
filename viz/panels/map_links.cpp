#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "viz/panels/map_parts.hpp"
#include "viz/widgets/shapes.hpp"

namespace isrlab::viz {
namespace {

/// Where a process stands; false for those that are not on the map (the scenario's admin).
bool place_of(const Scene& scene, const MapLayout& layout, ProcessId process, ImVec2& at) {
  const model::Catalog& catalog = scene.catalog();
  const model::ProcessInfo& info = catalog.process(process);
  switch (info.kind) {
    case model::ProcessKind::kBroker: {
      const Rect& box = layout.brokers[info.index];
      at = {box.center_x(), box.center_y()};
      return true;
    }
    case model::ProcessKind::kZooKeeper:
      at = {layout.zookeeper[info.index].x, layout.zookeeper[info.index].y};
      return true;
    case model::ProcessKind::kProducer:
    case model::ProcessKind::kConsumer: {
      const std::size_t index = process - catalog.zookeeper_count() - catalog.broker_count();
      if (index >= layout.clients.size()) return false;
      at = {layout.clients[index].x, layout.clients[index].y};
      return true;
    }
    case model::ProcessKind::kAdmin: return false;
  }
  return false;
}

theme::Color link_color(const Scene& scene, const Ui& ui, ProcessId one, ProcessId other) {
  using K = model::ProcessKind;
  const K left = scene.catalog().process(one).kind;
  const K right = scene.catalog().process(other).kind;
  const auto has = [&](K kind) { return left == kind || right == kind; };
  if (has(K::kZooKeeper)) return ui.palette.zookeeper.faded(0.45F);
  if (has(K::kConsumer)) return ui.palette.group.faded(0.5F);
  if (has(K::kProducer)) {
    return (ui.palette.outlined ? ui.palette.text_dim : ui.palette.client).faded(0.35F);
  }
  return ui.palette.in_sync.faded(0.5F);
}

/// A line with gaps, drawn by hand: draw_dashed knows only horizontal and vertical ones.
void broken_line(const Ui& ui, ImDrawList& list, ImVec2 from, ImVec2 to, theme::Color color) {
  const float length = std::hypot(to.x - from.x, to.y - from.y);
  if (length < 1) return;
  const float dash = ui.px(6);
  const float step = dash + ui.px(5);
  const ImVec2 unit((to.x - from.x) / length, (to.y - from.y) / length);
  for (float at = 0; at < length; at += step) {
    const float end = std::min(at + dash, length);
    list.AddLine(ImVec2(from.x + unit.x * at, from.y + unit.y * at),
                 ImVec2(from.x + unit.x * end, from.y + unit.y * end), color.packed(), ui.px(1));
  }
}

void arrow(const Ui& ui, ImDrawList& list, ImVec2 from, ImVec2 to, theme::Color color) {
  const float length = std::hypot(to.x - from.x, to.y - from.y);
  if (length < 1) return;
  const ImVec2 unit((to.x - from.x) / length, (to.y - from.y) / length);
  const float size = ui.px(6);
  const ImVec2 tip(from.x + (to.x - from.x) * 0.62F, from.y + (to.y - from.y) * 0.62F);
  const ImVec2 back(tip.x - unit.x * size * 2, tip.y - unit.y * size * 2);
  list.AddTriangleFilled(tip, ImVec2(back.x - unit.y * size, back.y + unit.x * size),
                         ImVec2(back.x + unit.y * size, back.y - unit.x * size), color.packed());
}

void draw_cut(const Ui& ui, ImDrawList& list, ImVec2 a, ImVec2 b, bool there, bool back) {
  const theme::Color color = ui.palette.down;
  broken_line(ui, list, a, b, color);
  if (there && back) {
    draw_shape(ui, list, Shape::cross, (a.x + b.x) * 0.5F, (a.y + b.y) * 0.5F, ui.px(5), color);
  } else if (there) {
    arrow(ui, list, b, a, color);  // only the way back still works
  } else {
    arrow(ui, list, a, b, color);
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

void draw_links(Ui& ui, const Scene& scene, ImDrawList& list, const MapLayout& layout) {
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
      ImVec2 a;
      ImVec2 b;
      if (!place_of(scene, layout, one, a) || !place_of(scene, layout, other, b)) continue;
      if (there || back) {
        draw_cut(ui, list, a, b, there, back);
      } else {
        list.AddLine(a, b, link_color(scene, ui, one, other).packed(), ui.px(1));
      }
    }
  }
}

void draw_flights(Ui& ui, const Scene& scene, ImDrawList& list, const MapLayout& layout) {
  if (!scene.show_flights) return;
  for (const Flight& flight : scene.flights.flights) {
    ImVec2 from;
    ImVec2 to;
    if (!place_of(scene, layout, flight.from, from) || !place_of(scene, layout, flight.to, to)) {
      continue;
    }
    // The two directions of a link lie beside each other, each on its right-hand side.
    const float length = std::max(1.0F, std::hypot(to.x - from.x, to.y - from.y));
    const float side = ui.px(4);
    const float x = from.x + (to.x - from.x) * flight.share - (to.y - from.y) / length * side;
    const float y = from.y + (to.y - from.y) * flight.share + (to.x - from.x) / length * side;
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
