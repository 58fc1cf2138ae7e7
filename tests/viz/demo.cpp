#include "tests/viz/demo.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "viz/compat.hpp"
#include "viz/widgets/lane_view.hpp"
#include "viz/widgets/pill.hpp"
#include "viz/widgets/plot_view.hpp"
#include "viz/widgets/splitter.hpp"
#include "viz/widgets/time_axis_view.hpp"

namespace isrlab::viz {
namespace {

using sim::kMillisecond;
using sim::kSecond;
using sim::Time;

constexpr TimeLimits kLimits{0, 60 * kSecond, 100};

std::vector<Sample> lag_of(int broker) {
  std::vector<Sample> samples;
  for (int i = 0; i < 3000; ++i) {
    const double seconds = i * 0.01;
    double lag = 2 + 2 * std::sin(i * 0.7 + broker) + broker;
    if (broker == 3 && seconds > 8) lag = seconds < 16 ? (seconds - 8) * 550 : 0;
    if (broker == 5 && seconds > 12 && seconds < 13) lag = 120;
    samples.push_back({static_cast<Time>(seconds * 1.0e9), std::max(0.0, std::floor(lag))});
  }
  return samples;
}

void draw_badges(Ui& ui, DemoState& state) {
  const Definition urp{
      "UnderReplicatedPartitions",
      "Partitions whose in-sync replicas are fewer than their replicas. Above 0 for "
      "more than a moment means that a broker is slow or gone.",
      "kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions"};
  badge(ui, "badge/controller", Status::good, "controller", "b0 e12",
        {"ActiveControllerCount", "The broker that holds /controller.", ""});
  ImGui::SameLine();
  badge(ui, "badge/urp", Status::warning, "URP", "12", urp);
  ImGui::SameLine();
  badge(ui, "badge/offline", Status::bad, "offline", "3",
        {"OfflinePartitionsCount", "Partitions without a leader.", ""});
  ImGui::SameLine();
  badge(ui, "badge/lag", Status::warning, "max lag", "4\u2009400 (2.1 s)",
        {"records-lag-max", "The largest distance.", ""});
  ImGui::SameLine();
  badge(ui, "badge/reach", Status::unknown, "unclean elections", "0",
        {"UncleanLeaderElectionsPerSec", "Elections outside of the ISR.", ""});
  ImGui::SameLine();
  badge(ui, "badge/invariants", Status::pending, "eventually", "2",
        {"eventually", "Must still happen.", ""});
  const theme::Palette& color = ui.palette;
  if (pill(ui, "pill/leader", {color.leader, false, state.selection == "leader"}, "L  leader"))
    state.selection = "leader";
  ImGui::SameLine();
  if (pill(ui, "pill/in_sync", {color.in_sync, false, state.selection == "in_sync"}, "F  in sync"))
    state.selection = "in_sync";
  ImGui::SameLine();
  pill(ui, "pill/out", {color.out_of_sync, true}, "2100 behind");
  ImGui::SameLine();
  pill(ui, "pill/down", {color.down}, "✕ down");
  ImGui::SameLine();
  pill(ui, "pill/controller", {color.attention}, "★ controller");
  ImGui::SameLine();
  pill(ui, "pill/zk", {color.zookeeper}, "ZooKeeper");
  ImGui::SameLine();
  pill(ui, "pill/group", {color.group}, "◁ billing ⟳ gen 5");
  ImGui::SameLine();
  pill(ui, "pill/client", {color.client}, "▷ p1");
  ImGui::SameLine();
  if (button(ui, "button/kill", "☠ kill")) ++state.kills;
  ImGui::SameLine();
  button(ui, "button/restart", "↻ restart", false);
}

void draw_shapes(Ui& ui) {
  separator_text(ui, "Shapes, icons, ramp");
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float step = ui.px(34);
  for (int i = 0; i <= static_cast<int>(Shape::bar); ++i) {
    draw_shape(ui, list, static_cast<Shape>(i), at.x + step * (static_cast<float>(i) + 0.5F),
               at.y + ui.px(16), ui.px(9), ui.palette.in_sync);
  }
  for (int i = 0; i <= static_cast<int>(Icon::lock); ++i) {
    draw_icon(ui, list, static_cast<Icon>(i), at.x + step * (static_cast<float>(i) + 0.5F),
              at.y + ui.px(50), ui.px(18), ui.palette.text);
  }
  for (int i = 0; i < 14; ++i) {
    const theme::Color fill = theme::ramp(i / 13.0);
    const Rect box{at.x + step * static_cast<float>(i), at.y + ui.px(72),
                   at.x + step * static_cast<float>(i + 1), at.y + ui.px(98)};
    list.AddRectFilled(top_left(box), bottom_right(box), fill.packed());
    draw_text(ui, list, ui.fonts.small, box, theme::label_on(fill), std::to_string(i * 10),
              Align::center);
  }
  ImGui::Dummy(ImVec2(step * 14, ui.px(104)));
  ImGui::PushTextWrapPos(0);
  const std::string signs = ui.fonts.plain(
      "▶ ◀ ▷ ◁ ▸ ▾ ● ○ ◆ ◇ ▲ ▼ △ ▽ ■ □ ▭ ▤ ⬡ ⬢ ⬟ ★ ☆ ⚑ ⚐ ⚡ ☠ ⚠ ✓ ✗ ✕ ╳ ↻ ⟳ ✂ ➤ ✎ ☰ ☐ ☑ → ← ↑ ↓ ↔ "
      "≤ ≥ ≠ ≈ "
      "≋ ∞ ‖ … – — · × ± µ Δ σ █ ▓ ▒ ░ ▁▂▃▄▅▆▇ ─ │ äöüß ÀÉ łŻ привет");
  ImGui::TextUnformatted(signs.c_str());
  ImGui::PushFont(ui.fonts.title);
  ImGui::TextUnformatted("broker 4");
  ImGui::PopFont();
  ImGui::SameLine();
  ImGui::PushFont(ui.fonts.mono);
  ImGui::TextUnformatted("hash 9f3c01d2 0O1lI");
  ImGui::PopFont();
  ImGui::PopTextWrapPos();
}

void draw_lag_plots(Ui& ui, const Rect& area, DemoState& state, float y, Time now);

void draw_lanes(Ui& ui, const Rect& area, DemoState& state, float y) {
  const theme::Palette& color = ui.palette;
  const std::array<MarkStyle, 3> isr_styles{
      MarkStyle{Shape::triangle_down, color.out_of_sync, "ISR shrink"},
      MarkStyle{Shape::triangle_up, color.in_sync, "ISR expand"},
      MarkStyle{Shape::cross, color.down, "violation"}};
  const std::array<BarStyle, 4> bar_styles{BarStyle{color.down, "kill b4", true},
                                           BarStyle{color.down, "partition {b1, b2}", false},
                                           BarStyle{color.attention, "★ b0 e12", false, true},
                                           BarStyle{color.attention, "★ b1 e13", false, true}};
  std::vector<Mark> marks;
  for (int i = 0; i < 32; ++i) marks.push_back({7 * kSecond + i * 2 * kMillisecond, 0, 1});
  for (const Time at : {8'100, 9'000, 9'600, 9'900, 16'200, 16'290, 16'400, 20'000})
    marks.push_back({at * kMillisecond, at < 12'000 ? 0U : 1U, 1});
  marks.push_back({21 * kSecond, 2, 3});
  const std::array<Interval, 3> faults{Interval{4 * kSecond, 12 * kSecond, 0},
                                       Interval{12'900 * kMillisecond, 12'910 * kMillisecond, 0},
                                       Interval{14 * kSecond, sim::kNever, 1}};
  const std::array<Interval, 2> controllers{Interval{0, 13 * kSecond, 2},
                                            Interval{11 * kSecond, sim::kNever, 3}};
  const Time now = 22 * kSecond;
  const auto lane = [&](float height) {
    const Rect rect{area.x0, y, area.x1, y + ui.px(height)};
    y = rect.y1 + ui.px(2);
    return rect;
  };
  const Rect fault_lane = lane(22);
  lane_header(ui, "timeline/faults", fault_lane, state.axis, "faults", nullptr);
  bar_lane(ui, "timeline/faults", fault_lane, state.axis, kLimits, faults, bar_styles,
           state.playhead, now);
  const Rect controller_lane = lane(34);
  lane_header(ui, "timeline/controller", controller_lane, state.axis, "controller", nullptr);
  bar_lane(ui, "timeline/controller", controller_lane, state.axis, kLimits, controllers, bar_styles,
           state.playhead, now);
  const Rect isr_lane = lane(22);
  lane_header(ui, "timeline/isr", isr_lane, state.axis, "ISR changes", &state.watch_isr);
  const LaneResult hit = mark_lane(ui, "timeline/isr", isr_lane, state.axis, kLimits, marks,
                                   isr_styles, state.playhead);
  if (hit.clicked) state.playhead = marks[*hit.clicked].time;
  const Rect empty_lane = lane(22);
  lane_header(ui, "timeline/zk", empty_lane, state.axis, "ZooKeeper sessions",
              &state.watch_zookeeper);
  mark_lane(ui, "timeline/zk", empty_lane, state.axis, kLimits, {}, isr_styles, state.playhead);
  draw_lag_plots(ui, area, state, y, now);
}

void draw_lag_plots(Ui& ui, const Rect& area, DemoState& state, float y, Time now) {
  const theme::Palette& color = ui.palette;
  const auto lane = [&](float height) {
    const Rect rect{area.x0, y, area.x1, y + ui.px(height)};
    y = rect.y1 + ui.px(2);
    return rect;
  };
  static const std::vector<Sample> kLag1 = lag_of(1);
  static const std::vector<Sample> kLag3 = lag_of(3);
  static const std::vector<Sample> kLag5 = lag_of(5);
  const std::array<PlotSeries, 3> series{
      PlotSeries{"b1", kLag1, color.in_sync, Shape::circle},
      PlotSeries{"b3", kLag3, color.out_of_sync, Shape::triangle_up},
      PlotSeries{"b5", kLag5, color.group, Shape::diamond}};
  const std::array<PlotBand, 2> bands{
      PlotBand{4 * kSecond, 12 * kSecond, "kill b4", color.down, true},
      PlotBand{14 * kSecond, sim::kNever, "partition {b1, b2}", color.down, false}};
  const std::array<PlotReference, 1> references{PlotReference{1000, "warn at 1 000"}};
  PlotOptions options{
      .title = "replica lag",
      .unit = "messages",
      .definition = {"records-lag", "LEO of the leader minus LEO of the follower.", ""},
      .series = series,
      .bands = bands,
      .references = references,
      .logarithmic = true,
      .high = {},
      .playhead = state.playhead,
      .known_until = now};
  const float rest = area.y1 - y - ui.px(8);
  const PlotResult clicked = plot(ui, "timeline/lag-log", lane(std::floor(rest * 0.5F / ui.scale)),
                                  state.axis, kLimits, options);
  if (clicked.clicked) state.playhead = *clicked.clicked;
  options.logarithmic = false;
  options.title = "replica lag (linear)";
  plot(ui, "timeline/lag", lane(std::floor(rest * 0.5F / ui.scale)), state.axis, kLimits, options);
}

void draw_timeline(Ui& ui, const Rect& area, DemoState& state) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(top_left(area), bottom_right(area), ui.palette.panel.packed());
  state.axis.x0 = std::round(area.x0 + ui.px(200));
  state.axis.x1 = std::round(area.x1 - ui.px(70));
  const Rect axis_area{state.axis.x0, area.y0 + ui.px(4), state.axis.x1, area.y0 + ui.px(32)};
  const AxisResult axis =
      time_axis(ui, "timeline/axis", axis_area, state.axis, kLimits, state.playhead);
  if (axis.scrubbed) state.playhead = *axis.scrubbed;
  draw_lanes(ui, area, state, axis_area.y1 + ui.px(4));
}

void draw_deep_axes(Ui& ui, const Rect& area) {
  separator_text(ui, "Axes from nanoseconds to hours");
  float y = area.y0 + ui.px(34);
  int index = 0;
  for (const Time span : {Time{400}, Time{60'000}, 3 * kMillisecond, 200 * kMillisecond,
                          3 * kSecond, 90 * kSecond, 600 * kSecond, 20'000 * kSecond}) {
    const Time from = span < 60 * kSecond ? 14'802'317'400 : 0;
    TimeAxis axis{from, from + span, area.x0 + ui.px(8), area.x1 - ui.px(8)};
    const Rect line{axis.x0, y, axis.x1, y + ui.px(30)};
    time_axis(ui, fmt::format("axes/{}", index++), line, axis, {0, 30'000 * kSecond, 100},
              sim::kNever);
    y = line.y1 + ui.px(6);
    if (y + ui.px(30) > area.y1) break;
  }
}

void begin_tile(const char* name, const Rect& area) {
  ImGui::SetCursorScreenPos(top_left(area));
  ImGui::BeginChild(name, ImVec2(area.width(), area.height()), false,
                    ImGuiWindowFlags_AlwaysUseWindowPadding);
}

}  // namespace

void draw_demo(Renderer& renderer, UiTree& tree, DemoState& state) {
  Ui ui{tree, renderer.palette(), renderer.fonts(), renderer.scale()};
  const auto width = static_cast<float>(renderer.width());
  const auto height = static_cast<float>(renderer.height());
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(ImVec2(width, height));
  ImGui::Begin("demo", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollWithMouse);
  draw_badges(ui, state);
  const Rect body{0, ImGui::GetCursorScreenPos().y, width, height};
  const SplitTiles rows = splitter(ui, "split/down", body, SplitAxis::vertical, state.share_down);
  const SplitTiles tiles =
      splitter(ui, "split/across", rows.first, SplitAxis::horizontal, state.share_across);
  begin_tile("axes", tiles.first);
  draw_deep_axes(ui, tiles.first);
  ImGui::EndChild();
  begin_tile("shapes", tiles.second);
  draw_shapes(ui);
  ImGui::EndChild();
  draw_timeline(ui, rows.second, state);
  ImGui::End();
}

Problem DemoHost::seek(Time to) {
  if (to > kLimits.to) return "the run ends before that, seek to a smaller time";
  state.playhead = to;
  return {};
}

Problem DemoHost::step(int events) {
  state.log += fmt::format("step {};", events);
  return {};
}

void DemoHost::set_speed(double factor) {
  state.log += fmt::format("speed {};", factor);
}

Problem DemoHost::run_until(const std::string& condition, std::optional<sim::Duration> within) {
  state.log += fmt::format("until {} within {};", condition, within.value_or(-1));
  return {};
}

Problem DemoHost::command(const std::string& id) {
  if (id != "fault.kill") return fmt::format("there is no command \"{}\", see --help-keys", id);
  ++state.kills;
  return {};
}

std::optional<std::string> DemoHost::value_of(const std::string& name) {
  if (name == "demo.kills") return std::to_string(state.kills);
  if (name == "demo.playhead") return sim::format_duration(state.playhead);
  if (name == "ui.selection") return state.selection;
  if (name == "demo.log") return state.log;
  return std::nullopt;
}

Problem DemoHost::shot(const std::string& file) {
  renderer_.save_png(file, std::vector<PngText>{{"address", "demo t 14.8s"}});
  return {};
}

bool DemoHost::frame() {
  renderer_.poll();
  renderer_.begin_frame(1.0 / 60);
  tree.begin_frame();
  for (const InputEvent& event : renderer_.frame_events()) {
    if (event.is_press() && event.chord() == Chord{key_of('k'), 0}) ++state.kills;
  }
  draw_demo(renderer_, tree, state);
  tree.end_frame();
  renderer_.end_frame();
  return !renderer_.should_close();
}

}  // namespace isrlab::viz
