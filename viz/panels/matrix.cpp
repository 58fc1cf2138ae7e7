// Partitions x brokers: who leads (L), who follows in sync (F), who is out of the ISR (hollow, with
// the number of messages it lacks), whose broker is down (cross). Problems come first.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/panels/panels.hpp"
#include "viz/widgets/shapes.hpp"

namespace isrlab::viz {
namespace {

struct MatrixLayout {
  float name = 0;  // width of the column of names
  float cell = 0;  // width of a broker's column
  float row = 0;   // height
  float x0 = 0;
  bool unfolded = false;  // the partitions of __consumer_offsets are shown
};

std::vector<const PartitionView*> ordered(const ClusterView& view, bool internal) {
  std::vector<const PartitionView*> rows;
  for (const PartitionView& partition : view.partitions) {
    if (partition.internal == internal) rows.push_back(&partition);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto* left, const auto* right) {
    return left->severity() > right->severity();
  });
  return rows;
}

std::string short_count(std::int64_t count) {
  if (count < 10'000) return std::to_string(count);
  if (count < 1'000'000) return fmt::format("{}k", count / 1000);
  return fmt::format("{}M", count / 1'000'000);
}

std::string cell_text(const PartitionView& partition, const ReplicaView& replica) {
  switch (replica.state) {
    case ReplicaState::leader: return partition.leader == partition.preferred ? "L" : "L*";
    case ReplicaState::in_sync:
      return replica.lag > 0 ? fmt::format("F -{}", short_count(replica.lag)) : "F";
    case ReplicaState::out_of_sync:
      if (replica.ahead > 0) return fmt::format("+{}", short_count(replica.ahead));
      return replica.lag == 0 ? "0" : fmt::format("-{}", short_count(replica.lag));
    case ReplicaState::down: return replica.was_leader ? "L" : replica.in_isr ? "F" : "";
  }
  return {};
}

void hollow(const Ui& ui, ImDrawList& list, const Rect& box, theme::Color color, float width) {
  const float half = ui.px(width) * 0.5F;
  list.AddRect(ImVec2(box.x0 + half, box.y0 + half), ImVec2(box.x1 - half, box.y1 - half),
               color.packed(), ui.px(3), 0, ui.px(width));
}

void draw_cell(Ui& ui, ImDrawList& list, const Rect& box, const PartitionView& partition,
               const ReplicaView& replica) {
  const theme::Palette& p = ui.palette;
  const std::string text = cell_text(partition, replica);
  if (replica.state == ReplicaState::down) {
    hollow(ui, list, box, p.down, 1);
    const bool alone = text.empty();
    const float x = alone ? box.center_x() : box.x0 + box.width() * 0.66F;
    draw_shape(ui, list, Shape::cross, x, box.center_y(), ui.px(6), p.down);
    draw_text(ui, list, ui.fonts.bold, {box.x0, box.y0, box.x0 + box.width() * 0.6F, box.y1},
              p.text, text, Align::center);
  } else if (replica.state == ReplicaState::out_of_sync) {
    hollow(ui, list, box, p.out_of_sync, 2);
    draw_text(ui, list, ui.fonts.body, box, p.text, text, Align::center);
  } else {
    const theme::Color fill = replica.state == ReplicaState::leader ? p.leader : p.in_sync;
    list.AddRectFilled(top_left(box), bottom_right(box), fill.packed(), ui.px(3));
    if (p.outlined) hollow(ui, list, box, p.outline, 1);
    draw_text(ui, list, ui.fonts.bold, box, theme::label_on(fill), text, Align::center);
  }
  if (replica.believes_leader) {
    // A deposed leader that has not heard of it: its letter in question, in yellow.
    hollow(ui, list, box, p.attention, 2);
    draw_text(ui, list, ui.fonts.small, {box.x0, box.y0, box.x1 - ui.px(4), box.y1}, p.text, "L?",
              Align::right);
  }
}

const char* state_word(const ReplicaView& replica) {
  constexpr const char* kWords[] = {"leader", "in sync", "out of the ISR", "down"};
  return kWords[static_cast<std::size_t>(replica.state)];
}

void cell_tooltip(const PartitionView& partition, const ReplicaView& replica) {
  ImGui::BeginTooltip();
  ImGui::Text("%s on b%d: %s%s", partition.name.c_str(), replica.broker, state_word(replica),
              replica.was_leader ? ", ZooKeeper still names it the leader" : "");
  ImGui::Text("log end %lld, high watermark %lld, %lld messages behind",
              static_cast<long long>(replica.log_end_offset),
              static_cast<long long>(replica.high_watermark), static_cast<long long>(replica.lag));
  ImGui::Text("in the ISR: %s   leader epoch it knows: %d", replica.in_isr ? "yes" : "no",
              replica.leader_epoch);
  if (replica.ahead > 0) {
    ImGui::Text("%lld messages that the leader does not have: truncated when it follows again",
                static_cast<long long>(replica.ahead));
  }
  if (replica.believes_leader) ImGui::TextUnformatted("It believes to be the leader: a zombie.");
  ImGui::EndTooltip();
}

/// The row's sign: what is wrong with the partition, in one or two characters.
std::string problem_sign(const PartitionView& partition) {
  if (!partition.exists) return "…";
  if (partition.offline()) return "✗";
  if (partition.leader_down || partition.under_min_isr()) return "⚠";
  return partition.under_replicated() ? "△" : "";
}

void draw_row(Ui& ui, Scene& scene, const MatrixLayout& layout, float y,
              const PartitionView& partition) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto brokers = static_cast<float>(scene.view.brokers.size());
  const Rect row{layout.x0, y, layout.x0 + layout.name + layout.cell * brokers, y + layout.row};
  const CanvasInput input = canvas(ui, "matrix/row:" + partition.name, row, partition.name,
                                   fmt::format("severity {}", partition.severity()));
  if (input.clicked) scene.selection = {Selection::Kind::partition, partition.id};
  const bool selected = scene.selection.is(Selection::Kind::partition, partition.id);
  if (selected || input.hovered) {
    list.AddRectFilled(top_left(row), bottom_right(row),
                       (selected ? ui.palette.raised : ui.palette.raised.faded(0.5F)).packed());
  }
  const Rect name{row.x0 + ui.px(8), y, row.x0 + layout.name - ui.px(22), y + layout.row};
  draw_text(ui, list, selected ? ui.fonts.bold : ui.fonts.body, name,
            partition.exists ? ui.palette.text : ui.palette.text_dim, partition.name);
  const theme::Color sign = partition.severity() >= 3 ? ui.palette.down : ui.palette.out_of_sync;
  draw_text(ui, list, ui.fonts.bold, {name.x1, y, name.x1 + ui.px(20), y + layout.row}, sign,
            ui.fonts.plain(problem_sign(partition)), Align::center);
  for (const ReplicaView& replica : partition.replicas) {
    const float x = row.x0 + layout.name + layout.cell * static_cast<float>(replica.broker - 1);
    const Rect box{std::round(x + ui.px(2)), y + ui.px(2), std::round(x + layout.cell - ui.px(2)),
                   y + layout.row - ui.px(2)};
    draw_cell(ui, list, box, partition, replica);
    ui.tree.mark(fmt::format("matrix/cell:{}@b{}", partition.name, replica.broker), box,
                 cell_text(partition, replica), state_word(replica));
    if (input.hovered && box.contains(input.x, input.y)) cell_tooltip(partition, replica);
  }
}

/// The folded row of __consumer_offsets: how many partitions each broker leads, worst state first.
void draw_folded(Ui& ui, Scene& scene, const MatrixLayout& layout, float y,
                 const std::vector<const PartitionView*>& rows) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  int sick = 0;
  std::vector<int> leaders(scene.view.brokers.size(), 0);
  std::vector<int> behind(scene.view.brokers.size(), 0);
  for (const PartitionView* partition : rows) {
    sick += partition->severity() > 0 ? 1 : 0;
    for (const ReplicaView& replica : partition->replicas) {
      const auto at = static_cast<std::size_t>(replica.broker - 1);
      leaders[at] += replica.broker == partition->leader ? 1 : 0;
      behind[at] += partition->exists && !replica.in_isr ? 1 : 0;
    }
  }
  const auto brokers = static_cast<float>(scene.view.brokers.size());
  const Rect row{layout.x0, y, layout.x0 + layout.name + layout.cell * brokers, y + layout.row};
  const std::string label =
      fmt::format("{} __consumer_offsets ({})", layout.unfolded ? "▾" : "▸", rows.size());
  const CanvasInput input = canvas(ui, "matrix/internal", row, label, fmt::format("{} sick", sick));
  if (input.clicked) scene.ask(CommandId::matrix_internal);
  if (input.hovered) {
    list.AddRectFilled(top_left(row), bottom_right(row), ui.palette.raised.faded(0.5F).packed());
    ImGui::SetTooltip("%s", fmt::format("{} partitions of __consumer_offsets, {} with problems. "
                                        "Click to {}.",
                                        rows.size(), sick, layout.unfolded ? "fold" : "show them")
                                .c_str());
  }
  draw_text(ui, list, ui.fonts.body,
            {row.x0 + ui.px(8), y, row.x0 + layout.name - ui.px(4), y + layout.row},
            sick > 0 ? ui.palette.text : ui.palette.text_dim, ui.fonts.plain(label));
  for (std::size_t i = 0; i < leaders.size() && !rows.empty() && rows.front()->exists; ++i) {
    const BrokerView& broker = scene.view.brokers[i];
    const float x = row.x0 + layout.name + layout.cell * static_cast<float>(i);
    const Rect box{std::round(x + ui.px(2)), y + ui.px(2), std::round(x + layout.cell - ui.px(2)),
                   y + layout.row - ui.px(2)};
    const theme::Color edge = !broker.alive   ? ui.palette.down
                              : behind[i] > 0 ? ui.palette.out_of_sync
                                              : ui.palette.text_dim.faded(0.6F);
    hollow(ui, list, box, edge, behind[i] > 0 && broker.alive ? 2 : 1);
    const std::string text = behind[i] > 0 ? fmt::format("L {}  -{}", leaders[i], behind[i])
                                           : fmt::format("L {}", leaders[i]);
    draw_text(ui, list, ui.fonts.small, box, ui.palette.text, text, Align::center);
  }
}

void draw_column_heads(Ui& ui, Scene& scene, const MatrixLayout& layout, const Rect& area) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const BrokerView& broker : scene.view.brokers) {
    const float x = layout.x0 + layout.name + layout.cell * static_cast<float>(broker.id - 1);
    const Rect box{x, area.y0, x + layout.cell, area.y1};
    const CanvasInput input =
        canvas(ui, fmt::format("matrix/broker:{}", broker.id), box, broker.name, broker.state_word);
    if (input.clicked) scene.selection = {Selection::Kind::process, broker.process};
    const bool selected = scene.selection.is(Selection::Kind::process, broker.process);
    const theme::Color color = selected        ? attention_ink(ui)
                               : !broker.alive ? ui.palette.down
                                               : ui.palette.text;
    const std::string text = broker.name + (broker.controller ? " ★" : "");
    const float cross = broker.alive ? 0 : ui.px(14);
    draw_text(ui, list, ui.fonts.bold, {box.x0, box.y0, box.x1 - cross, box.y1}, color,
              ui.fonts.plain(text), Align::center);
    if (!broker.alive) {
      const float half = text_width(ui.fonts.bold, text) * 0.5F;
      draw_shape(ui, list, Shape::cross, box.center_x() - cross * 0.5F + half + ui.px(9),
                 box.center_y(), ui.px(4), ui.palette.down);
    }
  }
}

void draw_legend(Ui& ui, const Rect& area) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float x = area.x0 + ui.px(10);
  const auto sample = [&](ReplicaView replica, BrokerId preferred, std::string_view words) {
    PartitionView partition;
    partition.leader = 1;
    partition.preferred = preferred;
    const Rect box{x, area.y0 + ui.px(4), x + ui.px(25), area.y1 - ui.px(4)};
    const float width = text_width(ui.fonts.small, words);
    if (box.x1 + ui.px(6) + width > area.x1) return;
    draw_cell(ui, list, box, partition, replica);
    draw_text(ui, list, ui.fonts.small, {box.x1 + ui.px(5), area.y0, area.x1, area.y1},
              ui.palette.text_dim, words);
    x = box.x1 + ui.px(5) + width + ui.px(7);
  };
  sample({.broker = 1, .state = ReplicaState::leader}, 1, "leader");
  sample({.broker = 1, .state = ReplicaState::leader}, 2, "not preferred");
  sample({.broker = 2, .state = ReplicaState::in_sync, .in_isr = true}, 1, "in sync");
  sample({.broker = 2, .state = ReplicaState::out_of_sync, .lag = 21}, 1, "out of ISR");
  sample({.broker = 2, .state = ReplicaState::down}, 1, "down");
}

/// Room for the longest name and its sign, but no more than half of the panel.
float names_width(const Ui& ui, const std::vector<const PartitionView*>& rows,
                  const std::vector<const PartitionView*>& internal, float width) {
  float longest = internal.empty() ? 0 : text_width(ui.fonts.body, "▾ __consumer_offsets (50)");
  for (const auto* list : {&rows, &internal}) {
    for (const PartitionView* partition : *list) {
      longest = std::max(longest, text_width(ui.fonts.bold, partition->name) + ui.px(18));
    }
  }
  return std::clamp(longest + ui.px(14), ui.px(110), std::max(ui.px(110), width * 0.5F));
}

}  // namespace

void draw_matrix(Ui& ui, Scene& scene, const Rect& area) {
  const std::vector<const PartitionView*> rows = ordered(scene.view, false);
  const std::vector<const PartitionView*> internal = ordered(scene.view, true);
  const auto sick = std::count_if(rows.begin(), rows.end(),
                                  [](const auto* partition) { return partition->severity() > 0; });
  const std::string note =
      sick == 0 ? fmt::format("✓ all {} partitions are fine", rows.size())
                : fmt::format("{} of {} partitions with problems, shown first", sick, rows.size());
  const Rect content = draw_tile(ui, area, "REPLICAS", note);
  const auto brokers = static_cast<float>(scene.view.brokers.size());
  MatrixLayout layout;
  layout.x0 = content.x0;
  const float bar = ui.px(12);  // room for the scroll bar
  layout.name = names_width(ui, rows, internal, content.width());
  layout.cell = std::clamp((content.width() - layout.name - bar) / std::max(1.0F, brokers),
                           ui.px(30), ui.px(110));
  const float head = ui.px(22);
  const float legend = ui.px(26);
  draw_column_heads(ui, scene, layout, {content.x0, content.y0, content.x1, content.y0 + head});
  const Rect body{content.x0, content.y0 + head, content.x1, content.y1 - legend};
  const float least = ui.px(25);
  const auto all = static_cast<float>(rows.size() + internal.size() + (internal.empty() ? 0 : 1));
  // What fits without scrolling is shown until somebody folds it.
  layout.unfolded = scene.state.show_internal.value_or(all * least <= body.height());
  scene.state.internal_shown = layout.unfolded;
  const float shown = layout.unfolded ? all : all - static_cast<float>(internal.size());
  layout.row = std::floor(std::clamp(body.height() / std::max(1.0F, shown), least, ui.px(40)));
  if (body.height() > layout.row) {
    ImGui::SetCursorScreenPos(top_left(body));
    ImGui::BeginChild("matrix", ImVec2(body.width(), body.height()), false,
                      ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav);
    ui.tree.push_clip(body);
    const float top = ImGui::GetCursorScreenPos().y;
    float y = top;
    const auto visible = [&] { return y + layout.row > body.y0 && y < body.y1; };
    for (const PartitionView* partition : rows) {
      if (visible()) draw_row(ui, scene, layout, y, *partition);
      y += layout.row;
    }
    if (!internal.empty()) {
      if (visible()) draw_folded(ui, scene, layout, y, internal);
      y += layout.row;
      for (const PartitionView* partition : internal) {
        if (!layout.unfolded) break;
        if (visible()) draw_row(ui, scene, layout, y, *partition);
        y += layout.row;
      }
    }
    ImGui::SetCursorScreenPos(ImVec2(body.x0, top));
    ImGui::Dummy(ImVec2(1, std::max(1.0F, y - top)));
    ui.tree.pop_clip();
    ImGui::EndChild();
  }
  draw_legend(ui, {content.x0, content.y1 - legend, content.x1, content.y1});
}

}  // namespace isrlab::viz
