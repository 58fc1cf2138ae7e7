// The inspector of the selection: numbers, beliefs against the truth, why, last events, actions.
#include <fmt/format.h>

#include <algorithm>

#include "viz/model/in_force.hpp"
#include "viz/panels/panels.hpp"

namespace isrlab::viz {
namespace {

/// Text that wraps at the edge of the panel, in the flow.
void wrapped(const Ui& ui, theme::Color color, std::string_view text) {
  const std::string shown = ui.fonts.plain(text);
  ImGui::PushStyleColor(ImGuiCol_Text, color.packed());
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(shown.data(), shown.data() + shown.size());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

/// A text that would be cut in two by the lower edge keeps its room but is not drawn: half a line
/// cannot be read, and the scroll bar says that there is more.
bool cut_at_the_end(const Ui& ui, std::string_view text) {
  const std::string shown = ui.fonts.plain(text);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size = ImGui::CalcTextSize(shown.data(), shown.data() + shown.size(), false,
                                          ImGui::GetContentRegionAvail().x);
  const float edge = ImGui::GetWindowPos().y + ImGui::GetWindowSize().y;
  if (at.y >= edge || at.y + size.y <= edge) return false;
  ImGui::Dummy(size);
  return true;
}

std::string lasts_word(sim::Duration lasts) {
  return lasts < 0 ? "to the end" : "for " + sim::format_duration(lasts);
}

void draw_action_buttons(Ui& ui, Scene& scene) {
  if (scene.selection.kind != Selection::Kind::process) return;
  const model::Cluster& cluster = scene.playback.run().cluster();
  const bool alive = cluster.alive(scene.selection.index);
  const bool paused = cluster.paused(scene.selection.index);
  const bool broker = scene.catalog().broker_of(scene.selection.index) >= 1;
  const auto action = [&](CommandId command, std::string_view label, bool enabled) {
    if (button(ui, "ins/" + std::string(info(command).id), label, enabled)) scene.ask(command);
    if (ImGui::IsItemHovered()) {
      ImGui::SetTooltip("%s  (%s)", std::string(info(command).title).c_str(),
                        std::string(info(command).keys).c_str());
    }
    ImGui::SameLine(0, ui.px(3));
  };
  if (alive) {
    action(CommandId::fault_kill, "☠ kill", true);
  } else {
    action(CommandId::fault_restart, "↻ restart", true);
  }
  // A process that is held by a fault offers its end in the place where it was made.
  const auto held = alive ? fault_in_force(scene.playback.run(), scene.selection) : std::nullopt;
  if (paused && held) {
    action(CommandId::fault_heal, "▶ resume", true);
  } else {
    action(CommandId::fault_pause, "‖ pause", alive && !paused);
  }
  if (held && !paused) {
    action(CommandId::fault_heal, "✓ heal", true);
  } else {
    action(CommandId::fault_isolate, "✂ isolate", true);
  }
  if (broker) action(CommandId::fault_expire, "expire", alive);
  action(CommandId::fault_lasts, lasts_word(scene.state.fault_lasts), true);
  ImGui::NewLine();
}

void draw_bar(const Ui& ui, float share, theme::Color color) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = std::max(ui.px(20), ImGui::GetContentRegionAvail().x - ui.px(4));
  const float height = ui.px(5);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, ImVec2(at.x + width, at.y + height), ui.palette.grid.packed());
  list.AddRectFilled(at, ImVec2(at.x + width * share, at.y + height), color.packed());
  ImGui::Dummy(ImVec2(width, height));
}

void draw_rows(Ui& ui, const InspectModel& model) {
  const float column = ui.px(150);
  int index = 0;
  for (const InspectRow& row : model.rows) {
    if (row.tone == Tone::heading) {
      separator_text(ui, row.label);
      continue;
    }
    const float left = ImGui::GetCursorPosX();
    const ImVec2 from = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float height = ImGui::GetTextLineHeight();
    draw_text(ui, list, ui.fonts.body,
              {from.x, from.y, from.x + column - ui.px(8), from.y + height}, ui.palette.text_dim,
              ui.fonts.plain(row.label));
    ImGui::SetCursorPosX(left + column);
    ImGui::BeginGroup();
    wrapped(ui, tone_color(ui.palette, row.tone), row.value.empty() ? " " : row.value);
    if (row.share >= 0) {
      draw_bar(ui, row.share,
               row.tone == Tone::differs ? ui.palette.attention : ui.palette.zookeeper);
    }
    ImGui::EndGroup();
    mark_item(ui, fmt::format("ins/row:{}", index++), row.label, row.value);
    ImGui::SetCursorPosX(left);
  }
}

/// One event as a clickable line: `20.000 s  b2: ...`.
void draw_event(Ui& ui, Scene& scene, const std::string& id, std::uint32_t event,
                std::string_view lead) {
  const sim::History& history = scene.playback.run().cluster().history();
  if (event == 0 || event > history.size()) return;
  const sim::HistoryEvent& each = history[event];
  const EventContext context = event_context(scene.playback.run());
  const std::string line = fmt::format(
      "{}{}  {}", lead,
      sim::format_seconds(each.time).substr(0, sim::format_seconds(each.time).size() - 7) + " s",
      event_line(context, each));
  const ImVec2 from = ImGui::GetCursorScreenPos();
  if (cut_at_the_end(ui, line)) return;
  wrapped(ui, ui.palette.text, line);
  const ImVec2 low = ImGui::GetItemRectMin();
  const ImVec2 high = ImGui::GetItemRectMax();
  const Rect box{from.x, low.y, from.x + ImGui::GetContentRegionAvail().x, high.y};
  mark_item(ui, id, line, std::to_string(event));
  const bool hovered =
      ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(top_left(box), bottom_right(box));
  if (!hovered) return;
  ImGui::GetWindowDrawList()->AddRectFilled(top_left(box), bottom_right(box),
                                            ui.palette.raised.faded(0.35F).packed());
  ImGui::SetTooltip("%s", fmt::format("{} at {}, event {} caused by {}; click: go there",
                                      model::history_kind(kind_of(each)).name,
                                      format_clock(each.time, 9), event, each.cause)
                              .c_str());
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) scene.wishes.seek = each.time;
}

void draw_why(Ui& ui, Scene& scene) {
  const InspectModel& model = scene.inspect;
  if (!model.why.empty()) {
    separator_text(ui, "Why: its last change and the causes");
    for (std::size_t i = 0; i < model.why.size(); ++i) {
      draw_event(ui, scene, fmt::format("ins/why:{}", i), model.why[i], i == 0 ? "" : "← ");
    }
  }
  if (model.recent.empty()) return;
  separator_text(ui, "Last events");
  for (std::size_t i = 0; i < model.recent.size(); ++i) {
    draw_event(ui, scene, fmt::format("ins/event:{}", i), model.recent[i], "");
  }
}

}  // namespace

void draw_inspector(Ui& ui, Scene& scene, const Rect& area) {
  const Rect content = draw_tile(ui, area, "INSPECTOR");
  const Rect body{content.x0 + ui.px(8), content.y0, content.x1 - ui.px(2), content.y1 - ui.px(4)};
  if (body.width() < ui.px(80) || body.height() < ui.px(40)) return;
  ImGui::SetCursorScreenPos(top_left(body));
  ImGui::BeginChild("inspector", ImVec2(body.width(), body.height()), false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav);
  ui.tree.push_clip(body);
  ImGui::PushFont(ui.fonts.title);
  ImGui::TextUnformatted(ui.fonts.plain(scene.inspect.title).c_str());
  ImGui::PopFont();
  mark_item(ui, "ins/title", scene.inspect.title, scene.inspect.subtitle);
  // Beside the name where both fit, else below it: a narrow column of words cannot be read.
  const float used = text_width(ui.fonts.title, scene.inspect.title) + ui.px(24) +
                     text_width(ui.fonts.body, scene.inspect.subtitle);
  if (used < ImGui::GetContentRegionAvail().x) {
    ImGui::SameLine(0, ui.px(12));
    ImGui::AlignTextToFramePadding();
  }
  wrapped(ui, tone_color(ui.palette, scene.inspect.tone), scene.inspect.subtitle);
  draw_action_buttons(ui, scene);
  draw_rows(ui, scene.inspect);
  draw_why(ui, scene);
  ui.tree.pop_clip();
  ImGui::EndChild();
}

}  // namespace isrlab::viz
