// Above everything: banner of failures, toast, caption of scripts, help and command palette.
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "viz/panels/panels.hpp"

namespace isrlab::viz {
namespace {

constexpr ImGuiWindowFlags kOverlay = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoFocusOnAppearing |
                                      ImGuiWindowFlags_NoInputs;

/// A line of text in a box of its own, centred at x, with its lower edge at y.
void draw_note(Ui& ui, const char* name, float x, float y, theme::Color fill,
               const std::string& text) {
  const std::string shown = ui.fonts.plain(text);
  // Sized here: a window that sizes itself shows a new text in the old size for one frame.
  const float widest = ui.px(900);
  const ImVec2 room =
      ImGui::CalcTextSize(shown.c_str(), shown.c_str() + shown.size(), false, widest);
  const ImVec2 pad = ImGui::GetStyle().WindowPadding;
  ImGui::SetNextWindowSize(ImVec2(room.x + 2 * pad.x + 1, room.y + 2 * pad.y));
  ImGui::SetNextWindowPos(ImVec2(x, y), ImGuiCond_Always, ImVec2(0.5F, 1));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, fill.packed());
  ImGui::PushStyleColor(ImGuiCol_Text, theme::label_on(fill).packed());
  if (ImGui::Begin(name, nullptr, kOverlay)) {
    ImGui::PushTextWrapPos(pad.x + widest);
    ImGui::TextUnformatted(shown.c_str());
    ImGui::PopTextWrapPos();
    const ImVec2 at = ImGui::GetWindowPos();
    const ImVec2 size = ImGui::GetWindowSize();
    ui.tree.mark(std::string("overlay/") + name, {at.x, at.y, at.x + size.x, at.y + size.y}, text);
  }
  ImGui::End();
  ImGui::PopStyleColor(2);
}

void draw_banner(Ui& ui, const Scene& scene, const Rect& area) {
  std::string text;
  const Playback& playback = scene.playback;
  if (const auto& divergence = playback.divergence()) {
    text = fmt::format(
        "✗ This run is not deterministic: at {} (event {}) the replay has digest {:016x}, the "
        "run before had {:016x}.",
        format_clock(divergence->time, 6), divergence->events, divergence->found,
        divergence->expected);
  } else if (const auto& failure = playback.branch().failure) {
    text =
        fmt::format("✗ The simulator failed at {}: {} (seed {})",
                    format_clock(playback.branch().failed_at, 6), *failure, playback.run().seed());
  }
  if (text.empty()) return;
  draw_note(ui, "banner", area.center_x(), area.y0 + ui.px(136), ui.palette.down, text);
}

void draw_help(Ui& ui, Scene& scene, const Rect& area) {
  ImGui::SetNextWindowPos(ImVec2(area.center_x(), area.center_y()), ImGuiCond_Always,
                          ImVec2(0.5F, 0.5F));
  if (ImGui::Begin("Keys (Esc closes)", &scene.state.show_help,
                   ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoCollapse |
                       ImGuiWindowFlags_NoSavedSettings)) {
    // In two halves, so that all of it fits on small screens too.
    const auto table = command_table();
    const std::size_t half = (table.size() + 1) / 2;
    for (std::size_t column = 0; column < 2; ++column) {
      if (column == 1) ImGui::SameLine(0, ui.px(24));
      ImGui::BeginGroup();
      for (std::size_t i = column * half; i < std::min(table.size(), (column + 1) * half); ++i) {
        ImGui::PushFont(ui.fonts.bold);
        ImGui::TextUnformatted(table[i].keys.data(), table[i].keys.data() + table[i].keys.size());
        ImGui::PopFont();
        ImGui::SameLine(ui.px(130));  // counted from the group's left edge
        ImGui::TextUnformatted(table[i].title.data(),
                               table[i].title.data() + table[i].title.size());
        mark_item(ui, "help/" + std::string(table[i].id), table[i].title, table[i].keys);
      }
      ImGui::EndGroup();
    }
  }
  ImGui::End();
}

void draw_palette(Ui& ui, Scene& scene, const Rect& area) {
  ImGui::SetNextWindowPos(ImVec2(area.center_x(), area.y0 + ui.px(120)), ImGuiCond_Always,
                          ImVec2(0.5F, 0));
  ImGui::SetNextWindowSize(ImVec2(ui.px(520), ui.px(420)));
  bool open = true;
  if (ImGui::Begin("Commands", &open,
                   ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoResize |
                       ImGuiWindowFlags_NoSavedSettings)) {
    if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
    ImGui::SetNextItemWidth(-1);
    const bool entered =
        ImGui::InputTextWithHint("##find", "type a part of a command", &scene.state.palette_text,
                                 ImGuiInputTextFlags_EnterReturnsTrue);
    mark_item(ui, "palette/find", "find", scene.state.palette_text);
    const std::string& wanted = scene.state.palette_text;
    bool first = true;
    for (const CommandInfo& command : command_table()) {
      const std::string id(command.id);
      const std::string line = id + " " + std::string(command.title);
      if (!wanted.empty() && line.find(wanted) == std::string::npos) continue;
      const bool chosen = ImGui::Selectable(("##" + id).c_str(), first && !wanted.empty());
      mark_item(ui, "palette/" + id, command.title, command.keys);
      ImGui::SameLine(ui.px(14));
      ImGui::TextUnformatted(id.c_str());
      ImGui::SameLine(ui.px(150));
      ImGui::TextUnformatted(std::string(command.title).c_str());
      if (chosen || (entered && first && !wanted.empty())) {
        open = false;
        if (command.command != CommandId::palette) scene.ask(command.command);
      }
      first = false;
    }
    if (first) ImGui::TextUnformatted("no command matches");
  }
  ImGui::End();
  scene.state.show_palette = open;
}

}  // namespace

void draw_overlays(Ui& ui, Scene& scene, const Rect& area) {
  draw_banner(ui, scene, area);
  if (!scene.caption.empty()) {
    draw_note(ui, "caption", area.center_x(), area.y1 - ui.px(64), ui.palette.raised,
              scene.caption);
  }
  if (!scene.toast.empty()) {
    draw_note(ui, "toast", area.center_x(), area.y1 - ui.px(20), ui.palette.raised, scene.toast);
  }
  if (scene.state.show_help) draw_help(ui, scene, area);
  if (scene.state.show_palette) draw_palette(ui, scene, area);
}

}  // namespace isrlab::viz
