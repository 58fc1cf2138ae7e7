// Play controls, clock, address of the run; and the status strip below them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/panels/panels.hpp"
#include "viz/widgets/pill.hpp"
#include "viz/widgets/shapes.hpp"

namespace isrlab::viz {
namespace {

/// A button with an icon that the font lacks, in the flow of the window.
bool icon_button(Ui& ui, Scene& scene, CommandId command, Icon icon, bool mirrored = false) {
  const CommandInfo& about = info(command);
  const float size = std::round(ImGui::GetFrameHeight());
  const std::string id = fmt::format("header/{}", about.id);
  ImGui::PushID(id.c_str());
  const bool pressed = ImGui::Button("##icon", ImVec2(size * 1.15F, size));
  ImGui::PopID();
  mark_item(ui, id, about.title);
  const Rect box = rect_of(ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_icon(ui, list, mirrored ? Icon::step_back : icon, box.center_x(), box.center_y(), ui.px(14),
            ui.palette.text);
  if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s  (%s)", std::string(about.title).c_str(),
                      std::string(about.keys).c_str());
  }
  if (pressed) scene.ask(command);
  ImGui::SameLine(0, ui.px(3));
  return pressed;
}

void text_button(Ui& ui, Scene& scene, CommandId command, std::string_view label) {
  const CommandInfo& about = info(command);
  if (button(ui, fmt::format("header/{}", about.id), label)) scene.ask(command);
  if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s  (%s)", std::string(about.title).c_str(),
                      std::string(about.keys).c_str());
  }
  ImGui::SameLine(0, ui.px(3));
}

/// `0.001x: one network hop takes about half a second`.
std::string speed_words(double speed) {
  const double hop = 0.0005 / speed;  // seconds on the wall for half a millisecond
  if (speed <= 0.02) return fmt::format("a network hop of 0.5 ms takes {:.2g} s", hop);
  if (speed == 1) return "real time";
  return fmt::format("one second shows {:.3g} s of the run", speed);
}

void draw_speed(Ui& ui, Scene& scene) {
  float exponent = static_cast<float>(std::log10(scene.playback.speed()));
  const std::string shown = fmt::format("{:.3g}x", scene.playback.speed());
  ImGui::SetNextItemWidth(ui.px(170));
  ImGui::PushID("speed");
  // The number stands beside the slider: inside, the grip would cover it.
  const bool changed = ImGui::SliderFloat("##speed", &exponent, -4, 3, "");
  ImGui::PopID();
  mark_item(ui, "header/speed", "speed", fmt::format("{:.3g}", scene.playback.speed()));
  if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s", speed_words(scene.playback.speed()).c_str());
  }
  if (changed) {
    // Round stops at the powers of ten, so that 1x can be hit by hand.
    const float nearest = std::round(exponent);
    if (std::abs(exponent - nearest) < 0.06F) exponent = nearest;
    scene.wishes.speed = std::pow(10.0, static_cast<double>(exponent));
  }
  const Rect slider = rect_of(ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  const float left = slider.x1 + ui.px(8);
  draw_text(ui, *ImGui::GetWindowDrawList(), ui.fonts.body,
            {left, slider.y0, left + ui.px(72), slider.y1}, ui.palette.text, shown);
  ImGui::SameLine(0, ui.px(80));
}

/// One labelled number of the address line, at x; returns where the next one goes.
float draw_fact(const Ui& ui, ImDrawList& list, float x, const Rect& row, std::string_view label,
                std::string_view value, ImFont* font, theme::Color color) {
  if (!label.empty()) {
    const float width = text_width(ui.fonts.body, label);
    draw_text(ui, list, ui.fonts.body, {x, row.y0, x + width + 1, row.y1}, ui.palette.text_dim,
              label);
    x += width + ui.px(6);
  }
  const std::string shown = ui.fonts.plain(value);
  const float width = text_width(font, shown);
  if (x + width > row.x1) return x;
  draw_text(ui, list, font, {x, row.y0, x + width + 1, row.y1}, color, shown);
  return x + width + ui.px(18);
}

void draw_title(Ui& ui, Scene& scene, const Rect& row) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const scenarios::Run& run = scene.playback.run();
  float x = row.x0;
  x = draw_fact(ui, list, x, row, "", run.scenario().name, ui.fonts.title, ui.palette.text);
  x = draw_fact(ui, list, x, row, "seed", std::to_string(run.seed()), ui.fonts.body,
                ui.palette.text);
  const Branch& branch = scene.playback.branch();
  const std::string name =
      branch.label.empty() ? branch.name : fmt::format("{}: {}", branch.name, branch.label);
  x = draw_fact(ui, list, x, row, "branch", name, ui.fonts.body, ui.palette.text);
  const std::string help = "Ctrl+K commands   ? keys";
  const float width = text_width(ui.fonts.body, help);
  if (row.x1 - width > x) {
    draw_text(ui, list, ui.fonts.body, {row.x1 - width - 1, row.y0, row.x1, row.y1},
              ui.palette.text_dim, help);
  }
}

/// The right part of the controls: time, event number, digest, determinism.
void draw_clock(Ui& ui, Scene& scene, const Rect& row) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Playback& playback = scene.playback;
  const std::string time = format_clock(playback.time(), 6);
  const float at = row.x0;
  // The clock gets a fixed width: nothing beside it may tremble while it runs.
  const float clock = text_width(ui.fonts.title, ui.fonts.plain("0000.000 000 s")) + ui.px(10);
  draw_text(ui, list, ui.fonts.title, {at, row.y0, at + clock, row.y1}, attention_ink(ui),
            ui.fonts.plain(time));
  ui.tree.mark("header/time", {at, row.y0, at + clock, row.y1}, "time", time);
  float x = at + clock + ui.px(8);
  const std::string of = fmt::format("of {}", format_span(playback.end()));
  x = draw_fact(ui, list, x, row, "", of, ui.fonts.body, ui.palette.text_dim);
  x = draw_fact(ui, list, x, row, "event",
                grouped(static_cast<std::int64_t>(playback.run().events())), ui.fonts.body,
                ui.palette.text);
  const std::string digest = fmt::format("{:016x}", playback.run().digest());
  ui.tree.mark("header/digest", {x, row.y0, x + ui.px(180), row.y1}, "digest", digest);
  x = draw_fact(ui, list, x, row, "digest", digest, ui.fonts.mono, ui.palette.text);
  const bool diverged = playback.divergence().has_value();
  // No claim without evidence: before the first replay nothing has been compared.
  const bool compared = playback.compared() > 0;
  const std::string mark = diverged   ? "✗ NOT deterministic"
                           : compared ? "✓ deterministic"
                                      : "not replayed yet";
  const float from = x;
  x = draw_fact(ui, list, x, row, "", mark, ui.fonts.body,
                diverged   ? ui.palette.down
                : compared ? ui.palette.good
                           : ui.palette.text_dim);
  const Rect box{from, row.y0, x, row.y1};
  ui.tree.mark("header/deterministic", box, mark,
               fmt::format("{} digests compared", playback.compared()));
  if (ImGui::IsMouseHoveringRect(top_left(box), bottom_right(box))) {
    ImGui::SetTooltip(
        "Rewinding replays the run from a checkpoint; at every place whose digest\n"
        "is known the digests must agree. Compared so far: %llu",
        static_cast<unsigned long long>(playback.compared()));
  }
  const bool slower = playback.playing() && playback.effective_speed() < playback.speed() * 0.9;
  if (slower) {
    draw_fact(
        ui, list, x, row, "",
        fmt::format("asked {:.3g}x, running {:.3g}x", playback.speed(), playback.effective_speed()),
        ui.fonts.body, ui.palette.out_of_sync);
  }
}

}  // namespace

void draw_header(Ui& ui, Scene& scene, const Rect& area) {
  const float pad = ui.px(10);
  draw_title(ui, scene, {area.x0 + pad, area.y0 + ui.px(2), area.x1 - pad, area.y0 + ui.px(30)});
  const Rect row{area.x0 + pad, area.y0 + ui.px(32), area.x1 - pad, area.y1 - ui.px(4)};
  ImGui::SetCursorScreenPos(ImVec2(row.x0, row.y0));
  text_button(ui, scene, CommandId::seek_start, "|◀");
  text_button(ui, scene, CommandId::back_10s, "-10 s");
  text_button(ui, scene, CommandId::back_1s, "-1 s");
  icon_button(ui, scene, CommandId::back_event, Icon::step_back, true);
  icon_button(ui, scene, CommandId::play_toggle,
              scene.playback.playing() ? Icon::pause : Icon::play);
  icon_button(ui, scene, CommandId::step_event, Icon::step);
  text_button(ui, scene, CommandId::step_1s, "+1 s");
  text_button(ui, scene, CommandId::step_10s, "+10 s");
  text_button(ui, scene, CommandId::seek_end, "▶|");
  ImGui::SameLine(0, ui.px(12));
  draw_speed(ui, scene);
  const float x = ImGui::GetCursorScreenPos().x + ui.px(12);
  draw_clock(ui, scene, {x, row.y0, row.x1, row.y0 + std::round(ImGui::GetFrameHeight())});
  ImGui::NewLine();
}

void draw_status(Ui& ui, Scene& scene, const Rect& area) {
  ImGui::SetCursorScreenPos(ImVec2(area.x0 + ui.px(6), area.y0 + ui.px(2)));
  for (const StatusItem& item : status_of(scene.view)) {
    badge(ui, "badge/" + item.id, item.status, item.label, item.value, item.definition);
    ImGui::SameLine(0, ui.px(4));
  }
  ImGui::NewLine();
}

}  // namespace isrlab::viz
