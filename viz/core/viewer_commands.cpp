// What the commands do.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "viz/core/viewer.hpp"
#include "viz/model/in_force.hpp"

namespace isrlab::viz {
namespace {

using scenarios::FaultAction;
using Kind = Selection::Kind;

/// The selector that names one process in a scenario file.
std::string selector_of(const model::ProcessInfo& process) {
  const bool server =
      process.kind == model::ProcessKind::kBroker || process.kind == model::ProcessKind::kZooKeeper;
  return server ? process.name : "client " + process.name;
}

}  // namespace

Problem Viewer::run_command(CommandId command) {
  // Each group says whether the command is one of its own.
  Problem problem;
  if (run_time_command(command, problem)) return problem;
  if (run_fault_command(command, problem)) return problem;
  run_window_command(command, problem);
  return problem;
}

bool Viewer::run_time_command(CommandId command, Problem& problem) {
  const sim::Time now = playback_.time();
  const auto go = [&](sim::Time to) {
    problem = seek(std::clamp<sim::Time>(to, 0, playback_.limit()));
    return true;
  };
  const auto speed = [&](double factor) {
    playback_.set_speed(factor);
    return true;
  };
  switch (command) {
    case CommandId::play_toggle:
      if (playback_.playing()) {
        playback_.pause();
      } else {
        playback_.play();
      }
      return true;
    case CommandId::step_event: problem = step(1); return true;
    case CommandId::back_event: problem = step(-1); return true;
    case CommandId::step_1s: return go(now + sim::kSecond);
    case CommandId::back_1s: return go(now - sim::kSecond);
    case CommandId::step_10s: return go(now + 10 * sim::kSecond);
    case CommandId::back_10s: return go(now - 10 * sim::kSecond);
    case CommandId::seek_start: return go(0);
    case CommandId::seek_end: return go(playback_.limit());
    case CommandId::watch_next: problem = watch(1); return true;
    case CommandId::watch_prev: problem = watch(-1); return true;
    case CommandId::speed_up: return speed(playback_.speed() * std::sqrt(10.0));
    case CommandId::speed_down: return speed(playback_.speed() / std::sqrt(10.0));
    case CommandId::speed_1x: return speed(1);
    default: return false;
  }
}

bool Viewer::run_fault_command(CommandId command, Problem& problem) {
  const auto act = [&](FaultAction action) {
    problem = inject(action);
    return true;
  };
  switch (command) {
    case CommandId::fault_kill: {
      const bool process = selection_.kind == Kind::process;
      const bool down = process && !playback_.run().cluster().alive(selection_.index);
      if (!down) return act(FaultAction::kKill);
      problem = restart();
      return true;
    }
    case CommandId::fault_restart: problem = restart(); return true;
    case CommandId::fault_heal: problem = heal(); return true;
    case CommandId::fault_pause: return act(FaultAction::kPause);
    case CommandId::fault_isolate: return act(FaultAction::kIsolate);
    case CommandId::fault_expire: return act(FaultAction::kExpireSession);
    case CommandId::fault_lasts: {
      constexpr sim::Duration kChoices[] = {2 * sim::kSecond, 10 * sim::kSecond, 30 * sim::kSecond,
                                            -1};
      const auto* at = std::find(std::begin(kChoices), std::end(kChoices), state_.fault_lasts);
      const bool last = at == std::end(kChoices) || at + 1 == std::end(kChoices);
      state_.fault_lasts = last ? kChoices[0] : *(at + 1);
      return true;
    }
    case CommandId::branch_undo:
      if (playback_.undo()) {
        tell("undone; the other future stays in the strip of branches");
      } else {
        problem = "nothing was done by hand on this branch";
      }
      return true;
    case CommandId::branch_redo:
      if (!playback_.redo()) problem = "nothing was undone";
      return true;
    default: return false;
  }
}

void Viewer::run_window_command(CommandId command, Problem& problem) {
  switch (command) {
    case CommandId::view_fit:
      state_.axis.from = 0;
      state_.axis.to = playback_.end();
      break;
    case CommandId::select_next: move_selection(1); break;
    case CommandId::select_prev: move_selection(-1); break;
    case CommandId::select_clear:
      if (!state_.show_help && !state_.show_palette) selection_ = {};
      state_.show_help = false;
      state_.show_palette = false;
      caption_.clear();
      break;
    case CommandId::matrix_internal: state_.show_internal = !state_.internal_shown; break;
    case CommandId::palette:
      state_.show_palette = !state_.show_palette;
      state_.palette_text.clear();
      break;
    case CommandId::help_keys: state_.show_help = !state_.show_help; break;
    case CommandId::theme_next: {
      const int next = (static_cast<int>(renderer_.theme()) + 1) % 3;
      renderer_.set_theme(static_cast<theme::Kind>(next));
      break;
    }
    case CommandId::scale_up: zoom(1.125F); break;
    case CommandId::scale_down: zoom(1 / 1.125F); break;
    case CommandId::scale_reset: renderer_.set_scale(1); break;
    case CommandId::shot: problem = shot_into_folder(); break;
    case CommandId::quit: renderer_.request_close(); break;
    default: break;
  }
}

Problem Viewer::shot_into_folder() {
  if (renderer_.backend() == Backend::null) return "the null backend has no pixels to write";
  const std::string file =
      fmt::format("isrlab-{}-{}.png", playback_.run().scenario().name, ++shots_);
  if (Problem problem = shot(file)) return problem;
  tell("wrote " + file);
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
    return process.name + " is paused already, H lets it go on";
  }
  if (action == FaultAction::kExpireSession && process.kind != model::ProcessKind::kBroker) {
    return "only brokers have ZooKeeper sessions";
  }
  scenarios::FaultSpec fault;
  fault.action = action;
  fault.trigger = scenarios::TriggerKind::kAt;
  fault.at = playback_.time();
  std::string what;
  std::string fix;
  if (!scenarios::parse_selector(selector_of(process), fault.who, what, fix)) return what + fix;
  if (action == FaultAction::kPause || action == FaultAction::kIsolate) {
    fault.lasts = state_.fault_lasts;
  }
  fault.why = "by hand";
  fault.text = scenarios::fault_line(fault);
  playback_.inject(fault);
  tell(fmt::format("{} {} at {}  ·  branch {}  ·  Ctrl+Z undoes it", scenarios::info(action).word,
                   process.name, format_clock(playback_.branch().from, 3),
                   playback_.branch().name));
  return {};
}

Problem Viewer::restart() {
  const scenarios::Run& run = playback_.run();
  const bool down = selection_.kind == Kind::process && !run.cluster().alive(selection_.index);
  const auto crash = down ? crash_of(run, selection_.index) : std::nullopt;
  // Ended the same way as by the schedule; then the schedule has nothing left to heal.
  if (!crash) return inject(FaultAction::kRestart);
  heal_fault(*crash);
  return {};
}

Problem Viewer::heal() {
  const auto active = fault_in_force(playback_.run(), selection_);
  if (!active) return "nothing to heal: no fault is in force on the selection";
  heal_fault(*active);
  return {};
}

void Viewer::heal_fault(std::uint32_t active) {
  playback_.heal(active);
  tell(fmt::format("{} at {}  ·  branch {}  ·  Ctrl+Z undoes it", playback_.branch().label,
                   format_clock(playback_.branch().from, 3), playback_.branch().name));
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
  if (!best)
    return direction > 0 ? "nothing more happens on the watched lanes"
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
