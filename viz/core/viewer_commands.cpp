// What the commands do.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "viz/core/viewer.hpp"

namespace isrlab::viz {
namespace {

using scenarios::FaultAction;
using Kind = Selection::Kind;

/// The selector that names one process in a scenario file.
std::string selector_of(const model::ProcessInfo& process) {
  const bool server = process.kind == model::ProcessKind::kBroker ||
                      process.kind == model::ProcessKind::kZooKeeper;
  return server ? process.name : "client " + process.name;
}

}  // namespace

Problem Viewer::run_command(CommandId command) {
  switch (command) {
    case CommandId::play_toggle:
      if (playback_.playing()) {
        playback_.pause();
      } else {
        playback_.play();
      }
      return {};
    case CommandId::step_event:
      return step(1);
    case CommandId::back_event:
      return step(-1);
    case CommandId::step_1s:
      return seek(std::min(playback_.limit(), playback_.time() + sim::kSecond));
    case CommandId::back_1s:
      return seek(std::max<sim::Time>(0, playback_.time() - sim::kSecond));
    case CommandId::step_10s:
      return seek(std::min(playback_.limit(), playback_.time() + 10 * sim::kSecond));
    case CommandId::back_10s:
      return seek(std::max<sim::Time>(0, playback_.time() - 10 * sim::kSecond));
    case CommandId::seek_start:
      return seek(0);
    case CommandId::seek_end:
      return seek(playback_.limit());
    case CommandId::watch_next:
      return watch(1);
    case CommandId::watch_prev:
      return watch(-1);
    case CommandId::speed_up:
      playback_.set_speed(playback_.speed() * std::sqrt(10.0));
      return {};
    case CommandId::speed_down:
      playback_.set_speed(playback_.speed() / std::sqrt(10.0));
      return {};
    case CommandId::speed_1x:
      playback_.set_speed(1);
      return {};
    case CommandId::fault_kill: {
      const bool process = selection_.kind == Kind::process;
      const bool down = process && !playback_.run().cluster().alive(selection_.index);
      return inject(down ? FaultAction::kRestart : FaultAction::kKill);
    }
    case CommandId::fault_restart:
      return inject(FaultAction::kRestart);
    case CommandId::fault_pause:
      return inject(FaultAction::kPause);
    case CommandId::fault_isolate:
      return inject(FaultAction::kIsolate);
    case CommandId::fault_expire:
      return inject(FaultAction::kExpireSession);
    case CommandId::fault_lasts: {
      constexpr sim::Duration kChoices[] = {2 * sim::kSecond, 10 * sim::kSecond, 30 * sim::kSecond,
                                            -1};
      const auto* at = std::find(std::begin(kChoices), std::end(kChoices), state_.fault_lasts);
      state_.fault_lasts = at == std::end(kChoices) || at + 1 == std::end(kChoices) ? kChoices[0]
                                                                                    : *(at + 1);
      return {};
    }
    case CommandId::branch_undo:
      if (!playback_.undo()) return "nothing was done by hand on this branch";
      tell("undone; the other future stays in the strip of branches");
      return {};
    case CommandId::branch_redo:
      if (!playback_.redo()) return "nothing was undone";
      return {};
    case CommandId::view_fit:
      state_.axis.from = 0;
      state_.axis.to = playback_.end();
      return {};
    case CommandId::select_next:
      move_selection(1);
      return {};
    case CommandId::select_prev:
      move_selection(-1);
      return {};
    case CommandId::select_clear:
      if (!state_.show_help && !state_.show_palette) selection_ = {};
      state_.show_help = false;
      state_.show_palette = false;
      caption_.clear();
      return {};
    case CommandId::matrix_internal:
      state_.show_internal = !state_.show_internal;
      return {};
    case CommandId::palette:
      state_.show_palette = !state_.show_palette;
      state_.palette_text.clear();
      return {};
    case CommandId::help_keys:
      state_.show_help = !state_.show_help;
      return {};
    case CommandId::theme_next: {
      const int next = (static_cast<int>(renderer_.theme()) + 1) % 3;
      renderer_.set_theme(static_cast<theme::Kind>(next));
      return {};
    }
    case CommandId::scale_up:
      zoom(1.125F);
      return {};
    case CommandId::scale_down:
      zoom(1 / 1.125F);
      return {};
    case CommandId::scale_reset:
      renderer_.set_scale(1);
      return {};
    case CommandId::shot: {
      if (renderer_.backend() == Backend::null) return "the null backend has no pixels to write";
      const std::string file = fmt::format("isrlab-{}-{}.png", playback_.run().scenario().name,
                                           ++shots_);
      if (Problem problem = shot(file)) return problem;
      tell("wrote " + file);
      return {};
    }
    case CommandId::quit:
      renderer_.request_close();
      return {};
  }
  return {};
}

void Viewer::zoom(float factor) {
  renderer_.set_scale(theme::clamp_scale(renderer_.scale() * factor));
}

Problem Viewer::inject(FaultAction action) {
  if (selection_.kind != Kind::process) return "select a broker, ZooKeeper server or client first";
  const model::Cluster& cluster = playback_.run().cluster();
  const model::ProcessInfo& process = cluster.catalog().process(selection_.index);
  const bool alive = cluster.alive(selection_.index);
  if (action == FaultAction::kRestart && alive) return process.name + " is running already";
  if (action != FaultAction::kRestart && action != FaultAction::kIsolate && !alive) {
    return process.name + " is down";
  }
  if (action == FaultAction::kPause && cluster.paused(selection_.index)) {
    return process.name + " is paused already";
  }
  if (action == FaultAction::kExpireSession && process.kind != model::ProcessKind::kBroker) {
    return "only brokers have ZooKeeper sessions";
  }
  scenarios::FaultSpec fault;
  fault.action = action;
  fault.trigger = scenarios::TriggerKind::kAt;
  fault.at = cluster.now();
  std::string what;
  std::string fix;
  if (!scenarios::parse_selector(selector_of(process), fault.who, what, fix)) return what + fix;
  if (action == FaultAction::kPause || action == FaultAction::kIsolate) {
    fault.lasts = state_.fault_lasts;
  }
  fault.why = "by hand";
  fault.text = scenarios::fault_line(fault);
  playback_.inject(fault);
  tell(fmt::format("{} {} at {}  ·  branch {}  ·  Ctrl+Z undoes it",
                   scenarios::info(action).word, process.name,
                   format_clock(playback_.branch().from, 3), playback_.branch().name));
  return {};
}

Problem Viewer::watch(int direction) {
  const LaneModel& lanes = playback_.recording().lanes();
  const sim::Time now = playback_.time();
  std::optional<sim::Time> best;
  const auto offer = [&](sim::Time time) {
    if (time == sim::kNever || (direction > 0 ? time <= now : time >= now)) return;
    if (!best || (direction > 0 ? time < *best : time > *best)) best = time;
  };
  for (std::size_t i = 0; i < kLaneCount; ++i) {
    if (!state_.watched[i]) continue;
    for (const Mark& mark : lanes.marks(static_cast<Lane>(i))) offer(mark.time);
    if (static_cast<Lane>(i) == Lane::faults) {
      for (const LaneBar& bar : lanes.faults()) {
        offer(bar.interval.from);
        offer(bar.interval.to);
      }
    }
    if (static_cast<Lane>(i) == Lane::controller) {
      for (const LaneBar& bar : lanes.controllers()) offer(bar.interval.from);
    }
  }
  if (!best) return direction > 0 ? "nothing more happens on the watched lanes"
                                  : "nothing happened before on the watched lanes";
  playback_.pause();
  return seek(*best);
}

void Viewer::move_selection(int direction) {
  const auto count = static_cast<int>(playback_.run().cluster().catalog().processes().size());
  // The last process is the admin of the scenario, which is not shown.
  const int shown = std::max(1, count - 1);
  int index = direction > 0 ? 0 : shown - 1;
  if (selection_.kind == Kind::process) {
    index = (static_cast<int>(selection_.index) + direction + shown) % shown;
  }
  selection_ = {Kind::process, static_cast<std::uint32_t>(index)};
}

}  // namespace isrlab::viz
