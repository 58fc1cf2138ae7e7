// The cluster map: racks, brokers, ZooKeeper servers, clients, their connections and, when time is
// slow enough to follow them, the messages under way.
#include <fmt/format.h>

#include <algorithm>

#include "viz/model/map_layout.hpp"
#include "viz/panels/map_parts.hpp"
#include "viz/panels/panels.hpp"
#include "viz/widgets/shapes.hpp"

namespace isrlab::viz {
namespace {

void draw_racks(Ui& ui, ImDrawList& list, const MapLayout& layout) {
  for (const MapRack& rack : layout.racks) {
    list.AddRect(top_left(rack.box), bottom_right(rack.box), ui.palette.grid.packed(), ui.px(6), 0,
                 ui.px(1));
    if (rack.name.empty()) continue;
    draw_text(
        ui, list, ui.fonts.small,
        {rack.box.x0 + ui.px(8), rack.box.y0 + ui.px(2), rack.box.x1, rack.box.y0 + ui.px(18)},
        ui.palette.text_dim, "rack " + rack.name);
  }
}

/// A ring by selection and hover, the same for all kinds of nodes.
void draw_focus(const Ui& ui, ImDrawList& list, const Rect& box, bool selected, bool hovered) {
  if (!selected && !hovered) return;
  const theme::Color color = selected ? ui.palette.attention : ui.palette.text_dim;
  const float out = ui.px(3);
  list.AddRect(ImVec2(box.x0 - out, box.y0 - out), ImVec2(box.x1 + out, box.y1 + out),
               color.packed(), ui.px(7), 0, ui.px(2));
}

/// Click, double click and right click of a node; true when it is hovered.
bool touch_node(Ui& ui, Scene& scene, const std::string& id, const Rect& box, ProcessId process,
                std::string_view label, std::string_view value) {
  const CanvasInput input = canvas(ui, id, box, label, value);
  if (input.clicked || input.right_clicked) {
    scene.selection = {Selection::Kind::process, process};
  }
  if (input.right_clicked) ImGui::OpenPopup("node actions");
  return input.hovered;
}

std::string broker_numbers(const BrokerView& broker, bool compact) {
  if (compact) return fmt::format("L{} R{}", broker.leaders, broker.replicas);
  return fmt::format("leads {} of {}", broker.leaders, broker.replicas);
}

void draw_broker_text(Ui& ui, ImDrawList& list, const BrokerView& broker, const Rect& box,
                      bool compact) {
  const theme::Palette& p = ui.palette;
  const float left = box.x0 + ui.px(8);
  const Rect line{left, box.y0 + ui.px(3), box.x1 - ui.px(6), box.y0 + ui.px(23)};
  std::string name = broker.name;
  if (broker.controller) name = "★ " + name;
  if (broker.zombie_controller) name = "☆ " + name;
  const bool star = broker.controller || broker.zombie_controller;
  draw_text(ui, list, ui.fonts.bold, line, star ? attention_ink(ui) : p.text, ui.fonts.plain(name));
  const theme::Color tone = !broker.alive ? p.down : broker.ok() ? p.text_dim : attention_ink(ui);
  if (!compact) {
    const float used = text_width(ui.fonts.bold, ui.fonts.plain(name)) + ui.px(8);
    draw_text(ui, list, ui.fonts.small, {line.x0 + used, line.y0, line.x1, line.y1}, tone,
              broker.state_word, Align::right);
  }
  const Rect second{left, line.y1 - ui.px(1), line.x1, line.y1 + ui.px(17)};
  draw_text(ui, list, ui.fonts.small, second, p.text_dim, broker_numbers(broker, compact));
  if (compact) return;
  const Rect third{left, second.y1 - ui.px(1), line.x1, second.y1 + ui.px(16)};
  std::string words;
  theme::Color color = p.text_dim;
  if (broker.out_of_sync > 0) {
    words = fmt::format("{} out of ISR", broker.out_of_sync);
    if (broker.max_lag > 0) words += fmt::format(", -{}", grouped(broker.max_lag));
    color = p.out_of_sync;
  } else if (broker.max_lag > 0) {
    words = fmt::format("{} behind", grouped(broker.max_lag));
  } else if (broker.replicas > 0) {
    words = "in sync";
  }
  if (broker.zombie_controller) {
    words = fmt::format("thinks: controller e{}", broker.controller_epoch);
    color = attention_ink(ui);
  }
  draw_text(ui, list, ui.fonts.small, third, color, ui.fonts.plain(words));
}

/// The session's time left as a thin bar at the bottom of the node.
void draw_session(Ui& ui, ImDrawList& list, const BrokerView& broker, const Rect& box) {
  if (!broker.session.known) return;
  const float share = std::clamp(
      static_cast<float>(static_cast<double>(broker.session.left) /
                         static_cast<double>(std::max<Duration>(1, broker.session.timeout))),
      0.0F, 1.0F);
  const Rect track{box.x0 + ui.px(8), box.y1 - ui.px(9), box.x1 - ui.px(8), box.y1 - ui.px(5)};
  list.AddRectFilled(top_left(track), bottom_right(track), ui.palette.grid.packed());
  const theme::Color color =
      broker.alive && share > 0.5F ? ui.palette.zookeeper : ui.palette.attention;
  list.AddRectFilled(top_left(track), ImVec2(track.x0 + track.width() * share, track.y1),
                     color.packed());
}

void draw_broker(Ui& ui, Scene& scene, ImDrawList& list, const BrokerView& broker, const Rect& box,
                 bool compact) {
  const bool hovered = touch_node(ui, scene, fmt::format("map/broker:{}", broker.id), box,
                                  broker.process, broker.name, broker.state_word);
  const theme::Palette& p = ui.palette;
  const float rounding = ui.px(5);
  list.AddRectFilled(top_left(box), bottom_right(box),
                     (broker.alive ? p.raised : p.background).packed(), rounding);
  const theme::Color edge = !broker.alive       ? p.down
                            : broker.paused     ? p.attention
                            : broker.registered ? p.leader
                                                : p.attention;
  list.AddRect(top_left(box), bottom_right(box), edge.packed(), rounding, 0, ui.px(2));
  if (broker.paused) draw_hatching(ui, list, box, p.attention.faded(0.25F));
  if (!broker.alive) {
    // Beside the words, not through them.
    const float size = compact ? ui.px(6) : ui.px(10);
    draw_shape(ui, list, Shape::cross, box.x1 - size - ui.px(10), box.y0 + box.height() * 0.54F,
               size, p.down);
  }
  draw_broker_text(ui, list, broker, box, compact);
  if (!compact) draw_session(ui, list, broker, box);
  if (broker.paused) {
    draw_icon(ui, list, Icon::pause, box.x1 - ui.px(14), box.y1 - ui.px(22), ui.px(14),
              p.attention);
  }
  draw_focus(ui, list, box, scene.selection.is(Selection::Kind::process, broker.process), hovered);
  if (!hovered) return;
  ImGui::BeginTooltip();
  ImGui::Text("broker-%d: %s", broker.id, broker.state_word.c_str());
  if (broker.session.known) {
    ImGui::Text("ZooKeeper session: %s of %s left", format_span(broker.session.left).c_str(),
                format_span(broker.session.timeout).c_str());
  }
  ImGui::TextUnformatted("click: inspect   right click: kill, pause, cut");
  ImGui::EndTooltip();
}

void draw_zookeeper(Ui& ui, Scene& scene, ImDrawList& list, const ZkServerView& server,
                    const MapPoint& at, float radius) {
  const Rect box{at.x - radius, at.y - radius, at.x + radius, at.y + radius};
  const bool hovered = touch_node(ui, scene, fmt::format("map/zk:{}", server.id), box,
                                  server.process, server.name, server.state_word);
  const theme::Palette& p = ui.palette;
  const theme::Color color = server.serving ? p.zookeeper : server.alive ? p.attention : p.down;
  // A ground of its own: the ends of links would run through the name.
  draw_shape(ui, list, Shape::hexagon, at.x, at.y, radius, p.panel);
  draw_shape(ui, list, server.leading ? Shape::hexagon : Shape::hexagon_hollow, at.x, at.y, radius,
             color);
  const theme::Color ink = !server.alive    ? p.down
                           : server.leading ? theme::label_on(color)
                                            : p.text;
  draw_text(ui, list, ui.fonts.small, box, ink, server.name, Align::center);
  if (!server.alive) {
    // Beside the name, not through it.
    draw_shape(ui, list, Shape::cross, at.x + radius * 1.25F, at.y - radius * 0.6F, radius * 0.35F,
               p.down);
  }
  const Rect below{at.x - ui.px(60), at.y + radius, at.x + ui.px(60), at.y + radius + ui.px(16)};
  const std::string word = server.leading ? "LEADER" : server.state_word;
  const float half = text_width(ui.fonts.small, word) * 0.5F + ui.px(2);
  list.AddRectFilled(ImVec2(at.x - half, below.y0 + ui.px(1)), ImVec2(at.x + half, below.y1),
                     p.panel.packed());  // links pass behind the word
  draw_text(ui, list, ui.fonts.small, below, server.serving ? p.text_dim : color, word,
            Align::center);
  draw_focus(ui, list, box, scene.selection.is(Selection::Kind::process, server.process), hovered);
}

void draw_client(Ui& ui, Scene& scene, ImDrawList& list, const ClientView& client,
                 const MapPoint& at, float radius) {
  const Rect box{at.x - radius, at.y - radius, at.x + radius, at.y + radius};
  const bool hovered = touch_node(ui, scene, "map/client:" + client.name, box, client.process,
                                  client.name, client.alive ? "RUNNING" : "DOWN");
  const theme::Palette& p = ui.palette;
  const theme::Color color = client.producer ? p.client : p.group;
  draw_shape(ui, list, client.producer ? Shape::triangle_right : Shape::triangle_left, at.x, at.y,
             radius, client.alive ? color : color.faded(0.35F));
  const Rect below{at.x - ui.px(55), at.y + radius, at.x + ui.px(55), at.y + radius + ui.px(17)};
  std::string words = client.name;
  if (!client.alive) words += " (not running)";
  if (client.failed > 0) words += fmt::format(" ✗{}", client.failed);
  draw_text(ui, list, ui.fonts.small, below, client.failed > 0 ? p.down : p.text_dim,
            ui.fonts.plain(words), Align::center);
  draw_focus(ui, list, box, scene.selection.is(Selection::Kind::process, client.process), hovered);
}

/// What a right click offers; the same commands as the keys.
void draw_actions(Ui& ui, Scene& scene) {
  if (!ImGui::BeginPopup("node actions")) return;
  if (scene.selection.kind == Selection::Kind::process) {
    const std::string name = selection_name(scene.catalog(), scene.selection);
    ImGui::TextUnformatted(name.c_str());
    ImGui::Separator();
    for (const CommandId command :
         {CommandId::fault_kill, CommandId::fault_restart, CommandId::fault_pause,
          CommandId::fault_isolate, CommandId::fault_heal, CommandId::fault_expire}) {
      const CommandInfo& about = info(command);
      if (ImGui::MenuItem(std::string(about.title).c_str(), std::string(about.keys).c_str())) {
        scene.ask(command);
      }
      mark_item(ui, "map/action:" + std::string(about.id), about.title);
    }
  }
  ImGui::EndPopup();
}

std::string map_note(const Scene& scene) {
  if (!scene.show_flights) return "lines: open connections; messages appear when time is slow";
  const std::size_t count = scene.flights.flights.size();
  if (scene.flights.truncated) return fmt::format("showing the next {} messages", count);
  return fmt::format("{} message{} under way", count, count == 1 ? "" : "s");
}

}  // namespace

void draw_map(Ui& ui, Scene& scene, const Rect& area) {
  const Rect content = draw_tile(ui, area, "CLUSTER", map_note(scene));
  if (content.width() < ui.px(120) || content.height() < ui.px(160)) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const MapLayout layout = lay_out_map(scene.view, content, ui.scale);
  list.PushClipRect(top_left(area), bottom_right(area), true);
  draw_racks(ui, list, layout);
  MapRoutes routes(scene.catalog(), layout, ui.scale);
  draw_links(ui, scene, list, routes);
  for (std::size_t i = 0; i < layout.brokers.size(); ++i) {
    draw_broker(ui, scene, list, scene.view.brokers[i], layout.brokers[i], layout.compact);
  }
  for (std::size_t i = 0; i < layout.zookeeper.size(); ++i) {
    draw_zookeeper(ui, scene, list, scene.view.zookeeper[i], layout.zookeeper[i],
                   layout.zookeeper_radius);
  }
  for (std::size_t i = 0; i < layout.clients.size(); ++i) {
    draw_client(ui, scene, list, scene.view.clients[i], layout.clients[i], layout.client_radius);
  }
  draw_flights(ui, scene, list, routes);
  list.PopClipRect();
  draw_actions(ui, scene);
}

}  // namespace isrlab::viz
