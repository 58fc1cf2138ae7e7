// The timeline: branches, axis, lanes, plots; the whole run at once, with the playhead through all.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/faults/registry.hpp"
#include "viz/panels/panels.hpp"
#include "viz/widgets/lane_view.hpp"
#include "viz/widgets/plot_view.hpp"
#include "viz/widgets/time_axis_view.hpp"

namespace isrlab::viz {
namespace {

/// `#D55E00` of the registry; its table is the only place where faults have colours.
theme::Color fault_color(scenarios::FaultAction action) {
  const std::string_view hex = scenarios::info(action).colour;
  std::uint32_t rgb = 0;
  for (const char digit : hex.substr(1)) {
    const int value = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
    rgb = rgb * 16 + static_cast<std::uint32_t>(value);
  }
  return theme::from_hex(rgb);
}

std::array<MarkStyle, kMarkKinds> mark_styles(const theme::Palette& p) {
  const auto style = [](MarkKind kind, Shape shape, theme::Color color) {
    return MarkStyle{shape, color, mark_title(kind)};
  };
  using M = MarkKind;
  return {style(M::first_leader, Shape::bar, p.in_sync),
          style(M::new_leader, Shape::diamond, p.leader),
          style(M::preferred_leader, Shape::bar, p.leader),
          style(M::unclean_leader, Shape::cross, p.down),
          style(M::offline, Shape::cross, p.down),
          style(M::isr_shrink, Shape::triangle_down, p.out_of_sync),
          style(M::isr_expand, Shape::triangle_up, p.in_sync),
          style(M::truncation, Shape::square, p.out_of_sync),
          style(M::zk_leader, Shape::hexagon, p.zookeeper),
          style(M::zk_looking, Shape::hexagon_hollow, p.zookeeper),
          style(M::session_opened, Shape::bar, p.zookeeper),
          style(M::session_expired, Shape::cross, p.down),
          style(M::session_lost, Shape::ring, p.out_of_sync),
          style(M::rebalance, Shape::ring, p.group),
          style(M::generation, Shape::triangle_left, p.group),
          style(M::group_stable, Shape::bar, p.group),
          style(M::retried, Shape::triangle_right, p.client),
          style(M::timed_out, Shape::ring, p.out_of_sync),
          style(M::failed, Shape::cross, p.down)};
}

/// Lanes stand below each other; this hands out their rectangles.
struct Stack {
  const Ui& ui;
  Rect area;
  float y;
  Rect take(float height) {
    const Rect rect{area.x0, y, area.x1, y + ui.px(height)};
    y = rect.y1 + ui.px(2);
    return rect;
  }
  float left() const { return area.y1 - y; }
};

void act_on(Scene& scene, const LaneResult& hit, sim::Time time, std::uint32_t event) {
  if (hit.clicked) {
    scene.wishes.seek = time;
    if (event != 0) scene.selection = {Selection::Kind::event, event};
  }
  if (hit.middle_clicked) {
    // Zoom to it: a tenth of what is shown, around the mark.
    const sim::Duration span =
        std::max<sim::Duration>(1000, (scene.state.axis.to - scene.state.axis.from) / 10);
    scene.state.axis.from = time - span / 2;
    scene.state.axis.to = scene.state.axis.from + span;
    clamp_axis(scene.state.axis, scene.limits());
  }
}

void draw_bars(Ui& ui, Scene& scene, const Rect& rect, Lane lane,
               const std::vector<LaneBar>& bars) {
  const std::string id = std::string("timeline/") + lane_id(lane);
  std::vector<Interval> intervals;
  std::vector<BarStyle> styles;
  for (const LaneBar& bar : bars) {
    Interval interval = bar.interval;
    interval.tag = static_cast<std::uint32_t>(styles.size());
    intervals.push_back(interval);
    const bool fault = lane == Lane::faults;
    styles.push_back(
        {fault ? fault_color(bar.action) : ui.palette.attention, bar.label, bar.by_hand, !fault});
  }
  lane_header(ui, id, rect, scene.state.axis, lane_title(lane),
              &scene.state.watched[static_cast<std::size_t>(lane)]);
  const LaneResult hit = bar_lane(ui, id, rect, scene.state.axis, scene.limits(), intervals, styles,
                                  scene.playhead, scene.playback.recording().known_until());
  if (hit.clicked_time) scene.wishes.seek = *hit.clicked_time;
  const auto index = hit.clicked ? hit.clicked : hit.middle_clicked;
  if (index) act_on(scene, hit, bars[*index].interval.from, bars[*index].event);
}

void draw_marks(Ui& ui, Scene& scene, const Rect& rect, Lane lane) {
  const std::string id = std::string("timeline/") + lane_id(lane);
  const LaneModel& lanes = scene.playback.recording().lanes();
  const auto styles = mark_styles(ui.palette);
  lane_header(ui, id, rect, scene.state.axis, lane_title(lane),
              &scene.state.watched[static_cast<std::size_t>(lane)]);
  const LaneResult hit = mark_lane(ui, id, rect, scene.state.axis, scene.limits(),
                                   lanes.marks(lane), styles, scene.playhead);
  if (hit.clicked_time) scene.wishes.seek = *hit.clicked_time;
  const auto index = hit.clicked ? hit.clicked : hit.middle_clicked;
  if (index) act_on(scene, hit, lanes.marks(lane)[*index].time, lanes.events(lane)[*index]);
}

/// One bar per branch, from where it leaves its parent; a click goes over to it.
void draw_branches(Ui& ui, Scene& scene, Stack& stack) {
  const auto& branches = scene.playback.branches();
  if (branches.size() < 2) return;
  std::vector<std::size_t> order(branches.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return branches[left]->from < branches[right]->from;
  });
  std::vector<Interval> intervals;
  std::vector<std::string> labels;
  std::vector<BarStyle> styles;
  labels.reserve(order.size());
  for (const std::size_t index : order) {
    const Branch& branch = *branches[index];
    labels.push_back(branch.label.empty() ? branch.name
                                          : fmt::format("{}: {}", branch.name, branch.label));
    intervals.push_back(
        {branch.from, scene.playback.end(), static_cast<std::uint32_t>(styles.size())});
    const bool current = index == scene.playback.current();
    styles.push_back(
        {current ? ui.palette.attention : ui.palette.text_dim, labels.back(), false, !current});
  }
  const float rows = std::min<float>(6, static_cast<float>(branches.size()));
  const Rect rect = stack.take(4 + 18 * rows);
  lane_header(ui, "timeline/branches", rect, scene.state.axis, "branches", nullptr);
  const LaneResult hit = bar_lane(ui, "timeline/branches", rect, scene.state.axis, scene.limits(),
                                  intervals, styles, scene.playhead, scene.playback.end());
  if (hit.clicked) scene.wishes.branch = order[*hit.clicked];
  if (hit.clicked_time) scene.wishes.seek = *hit.clicked_time;
}

std::vector<PlotBand> fault_bands(const Scene& scene) {
  std::vector<PlotBand> bands;
  for (const LaneBar& bar : scene.playback.recording().lanes().faults()) {
    bands.push_back(
        {bar.interval.from, bar.interval.to, bar.label, fault_color(bar.action), bar.by_hand});
  }
  return bands;
}

void draw_lag(Ui& ui, Scene& scene, const Rect& rect, const std::vector<PlotBand>& bands) {
  const Recording& recording = scene.playback.recording();
  const theme::Palette& p = ui.palette;
  const theme::Color colors[] = {p.in_sync,   p.out_of_sync, p.zookeeper,
                                 p.attention, p.leader,      p.down};
  constexpr Shape kMarkers[] = {Shape::circle,  Shape::triangle_up, Shape::square,
                                Shape::diamond, Shape::pentagon,    Shape::triangle_down};
  std::vector<std::string> names;
  std::vector<PlotSeries> series;
  names.reserve(recording.lag().size() + recording.group_lag().size());
  for (std::size_t i = 0; i < recording.lag().size(); ++i) {
    names.push_back(fmt::format("b{}", i + 1));
    series.push_back({names.back(), recording.lag()[i], colors[i % 6], kMarkers[i % 6]});
  }
  for (std::size_t g = 0; g < recording.group_lag().size(); ++g) {
    names.push_back(scene.catalog().group(static_cast<std::uint32_t>(g)).name);
    // Groups share their colour; marker and shade tell them apart.
    constexpr Shape kGroups[] = {Shape::triangle_left, Shape::pentagon, Shape::ring,
                                 Shape::hexagon};
    const float shade = 1 - 0.25F * static_cast<float>(g % 3);
    series.push_back({names.back(), recording.group_lag()[g],
                      theme::blend(p.panel, p.group.faded(shade)), kGroups[g % 4]});
  }
  PlotOptions options{
      .title = "lag",
      .unit = "messages",
      .definition = {"replica and consumer lag",
                     "b1, b2, ...: messages that the broker's worst replica lacks against its "
                     "leader. Groups: messages that the group has not been handed yet.",
                     "kafka.server:type=FetcherLagMetrics; records-lag-max"},
      .series = series,
      .bands = bands,
      .references = {},
      .logarithmic = true,
      .labelled_bands = false,
      .high = {},
      .playhead = scene.playhead,
      .known_until = recording.known_until()};
  const PlotResult result =
      plot(ui, "timeline/lag", rect, scene.state.axis, scene.limits(), options);
  if (result.clicked) scene.wishes.seek = *result.clicked;
}

void draw_acks(Ui& ui, Scene& scene, const Rect& rect, const std::vector<PlotBand>& bands) {
  const Recording& recording = scene.playback.recording();
  const std::array<PlotSeries, 1> series{
      PlotSeries{"acks", recording.acks(),
                 ui.palette.outlined ? ui.palette.text : ui.palette.client, Shape::triangle_right}};
  const PlotOptions options{
      .title = "acks",
      .unit = "records/s",
      .definition = {"acknowledged records per second",
                     "Over all producers. A hole is an outage as clients see it.", ""},
      .series = series,
      .bands = bands,
      .references = {},
      .logarithmic = true,
      .labelled_bands = false,
      .high = {},
      .playhead = scene.playhead,
      .known_until = recording.known_until()};
  const PlotResult result =
      plot(ui, "timeline/acks", rect, scene.state.axis, scene.limits(), options);
  if (result.clicked) scene.wishes.seek = *result.clicked;
}

std::uint16_t rows_of(const Scene& scene, const std::vector<LaneBar>& bars) {
  std::vector<Interval> intervals;
  for (const LaneBar& bar : bars) intervals.push_back(bar.interval);
  const sim::Time now = scene.playback.recording().known_until();
  return std::clamp<std::uint16_t>(layout_intervals(intervals, scene.state.axis, now).rows, 1, 4);
}

}  // namespace

void draw_timeline(Ui& ui, Scene& scene, const Rect& area) {
  draw_tile(ui, area, "");
  TimeAxis& axis = scene.state.axis;
  axis.x0 = std::round(area.x0 + ui.px(160));
  axis.x1 = std::round(area.x1 - ui.px(76));
  if (axis.x1 - axis.x0 < ui.px(100)) return;
  Stack stack{ui, area, area.y0 + ui.px(4)};
  draw_branches(ui, scene, stack);
  Rect axis_area = stack.take(30);
  axis_area.x0 = axis.x0;
  axis_area.x1 = axis.x1;
  const AxisResult moved =
      time_axis(ui, "timeline/axis", axis_area, axis, scene.limits(), scene.playhead);
  if (moved.scrubbed) scene.wishes.scrub = *moved.scrubbed;
  scene.wishes.scrub_released = moved.released;
  const LaneModel& lanes = scene.playback.recording().lanes();
  ImGui::PushClipRect(top_left(area), bottom_right(area), true);
  // One unbroken line; lanes and plots draw their own piece over their grounds.
  draw_playhead(ui, *ImGui::GetWindowDrawList(),
                {axis.x0, axis_area.y1, axis.x1, area.y1 - ui.px(4)}, axis, scene.playhead);
  draw_bars(ui, scene, stack.take(static_cast<float>(4 + 18 * rows_of(scene, lanes.faults()))),
            Lane::faults, lanes.faults());
  draw_bars(ui, scene, stack.take(static_cast<float>(4 + 18 * rows_of(scene, lanes.controllers()))),
            Lane::controller, lanes.controllers());
  for (const Lane lane :
       {Lane::elections, Lane::isr, Lane::zookeeper, Lane::groups, Lane::clients}) {
    draw_marks(ui, scene, stack.take(22), lane);
  }
  const std::vector<PlotBand> bands = fault_bands(scene);
  const float rest = (stack.left() - ui.px(6)) / ui.scale;
  if (rest > 40)
    draw_lag(ui, scene, stack.take(rest > 90 ? std::floor(rest * 0.66F) : rest), bands);
  if (rest > 90) draw_acks(ui, scene, stack.take(std::floor(rest * 0.34F) - 2), bands);
  ImGui::PopClipRect();
}

}  // namespace isrlab::viz
