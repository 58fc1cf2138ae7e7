#include "viz/core/playback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/assert.hpp"

namespace isrlab::viz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSpeedLow = 0.0001;
constexpr double kSpeedHigh = 1000;
/// Asking the wall clock costs as much as a few events.
constexpr int kStepsPerLook = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// `kill broker-1` of `at 12s kill broker-1`: the strip of branches shows when by place.
std::string label_of(const std::string& text) {
  if (text.rfind("at ", 0) != 0) return text;
  const std::size_t space = text.find(' ', 3);
  return space == std::string::npos ? text : text.substr(space + 1);
}

}  // namespace

Playback::Playback(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
                   PlaybackOptions options)
    : options_(options), run_(std::move(scenario), seed) {
  branches_.push_back(std::make_unique<Branch>(run_));
  Branch& main = own_branch();
  main.checkpoints.add(make_checkpoint(run_, 0, true));
  main.ahead = std::make_unique<scenarios::Run>(run_);
  run_.run_until(0);
}

void Playback::changed(sim::Time time) {
  time_ = std::clamp<sim::Time>(time, 0, limit());
  ++version_;
}

void Playback::play() {
  if (time_ >= limit()) seek(0);
  playing_ = true;
}

void Playback::set_speed(double speed) {
  speed_ = std::clamp(speed, kSpeedLow, kSpeedHigh);
  effective_speed_ = speed_;
}

void Playback::tick(double wall, double budget) {
  if (!playing_ || wall <= 0) return;
  // A window that was dragged or a laptop that slept does not move the clock.
  wall = std::min(wall, 0.25);
  const double span = wall * speed_ * static_cast<double>(sim::kSecond);
  const sim::Time from = time_;
  const sim::Time target =
      std::min(limit(), time_ + std::max<sim::Time>(1, static_cast<sim::Time>(span)));
  const auto start = Clock::now();
  const bool arrived = advance(target, [&] { return seconds_since(start) > budget; });
  changed(arrived ? target : std::max(from, run_.cluster().now()));
  const double reached = static_cast<double>(time_ - from) / sim::kSecond / wall;
  effective_speed_ = arrived ? speed_ : effective_speed_ * 0.8 + reached * 0.2;
  if (time_ >= limit()) playing_ = false;
}

const Branch::Fork* Playback::next_fork() const {
  const auto& forks = branch().forks;
  return injections_ < forks.size() ? &forks[injections_] : nullptr;
}

void Playback::load(const Checkpoint& checkpoint) {
  run_ = *checkpoint.run;
  injections_ = checkpoint.position.injections;
}

void Playback::compare(const Checkpoint& checkpoint) {
  if (checkpoint.position != position()) return;
  ++compared_;
  if (checkpoint.digest != run_.digest()) diverge(checkpoint, checkpoint.digest, run_.digest());
}

void Playback::add(Branch& branch, Checkpoint checkpoint) {
  const Checkpoint place{checkpoint.position, checkpoint.time, checkpoint.digest, 0, false, {}};
  const auto known = branch.checkpoints.add(std::move(checkpoint));
  if (known) diverge(place, *known, place.digest);
}

void Playback::diverge(const Checkpoint& place, std::uint64_t expected, std::uint64_t found) {
  // The first one counts: what follows from it differs as well.
  if (!divergence_) divergence_ = {place.time, place.position.events, expected, found};
}

void Playback::expect_digest(Position at, sim::Time time, std::uint64_t digest) {
  add(own_branch(), {at, time, digest, 0, false, {}});
}

bool Playback::advance(sim::Time to, const std::function<bool()>& give_up) {
  int steps = 0;
  for (;;) {
    const Branch::Fork* fork = next_fork();
    const bool injects = fork != nullptr && fork->time <= to;
    const Checkpoint* mark = branch().checkpoints.next(position());
    while (!injects || run_.events() < fork->before.events) {
      if (mark != nullptr && run_.events() == mark->position.events) {
        compare(*mark);
        mark = branch().checkpoints.next(position());
      }
      if (!run_.step(to)) break;
      if (give_up && ++steps % kStepsPerLook == 0 && give_up()) return false;
    }
    if (mark != nullptr) compare(*mark);
    if (!injects) return true;
    load(fork->after);
  }
}

void Playback::seek(sim::Time to) {
  to = std::clamp<sim::Time>(to, 0, limit());
  const Checkpoint& nearest = branch().checkpoints.before(to);
  // Going on from here is cheaper when no checkpoint lies in between.
  const bool forward = to >= time_ && position() >= nearest.position;
  if (!forward) load(nearest);
  advance(to);
  changed(to);
}

void Playback::seek_position(Position to, std::optional<sim::Time> time) {
  const Checkpoint& nearest = branch().checkpoints.before(to);
  if (position() > to || position() < nearest.position) load(nearest);
  while (injections_ < to.injections) {
    const Branch::Fork* fork = next_fork();
    if (fork == nullptr) break;
    load(fork->after);
  }
  const Checkpoint* mark = branch().checkpoints.next(position());
  while (run_.events() < to.events && run_.step(limit())) {
    if (mark == nullptr || run_.events() != mark->position.events) continue;
    compare(*mark);
    mark = branch().checkpoints.next(position());
  }
  changed(time.value_or(run_.cluster().now()));
}

void Playback::step(int events) {
  playing_ = false;
  for (; events > 0; --events) {
    const Branch::Fork* fork = next_fork();
    if (fork != nullptr && run_.events() >= fork->before.events) {
      load(fork->after);
    } else if (!run_.step(limit())) {
      changed(limit());
      return;
    } else if (const Checkpoint* mark = branch().checkpoints.at(position())) {
      compare(*mark);
    }
    changed(run_.cluster().now());
  }
  for (; events < 0; ++events) {
    Position to = position();
    const auto& forks = branch().forks;
    if (injections_ > 0 && to.events <= forks[injections_ - 1].after.position.events) {
      const Branch::Fork& fork = forks[injections_ - 1];
      seek_position(fork.before, fork.time);
    } else if (to.events > 0) {
      --to.events;
      seek_position(to);
    } else {
      changed(0);
      return;
    }
  }
}

void Playback::mark_ahead(Branch& branch, std::uint32_t injections) {
  const scenarios::Run& ahead = *branch.ahead;
  branch.recording.sample(ahead);
  // A digest without a copy costs nothing, and every replay passes some of them. Copies alone are
  // not enough: a replay begins at the last copy before its goal, so it never passes another one.
  Checkpoint mark;
  mark.position = {injections, ahead.events()};
  mark.time = ahead.cluster().now();
  mark.digest = ahead.digest();
  add(branch, std::move(mark));
}

bool Playback::pump_ahead(double seconds) {
  Branch& branch = own_branch();
  if (branch.ahead == nullptr) return false;
  scenarios::Run& ahead = *branch.ahead;
  const auto injections = static_cast<std::uint32_t>(branch.forks.size());
  const auto start = Clock::now();
  auto last_copy = start;
  while (seconds_since(start) < seconds) {
    const sim::Time to = std::min(branch.recording.next_sample(), ahead.end());
    try {
      while (ahead.step(to)) branch.recording.see_step(ahead.cluster());
    } catch (const sim::InternalError& error) {
      fail(branch, error.what());
      break;
    }
    mark_ahead(branch, injections);
    branch.recording.advance(ahead, to);
    if (to >= ahead.end()) {
      add(branch, make_checkpoint(ahead, injections, true));
      branch.final_digest = ahead.digest();
      branch.recording.set_complete();
      branch.ahead.reset();
      break;
    }
    const bool due =
        options_.checkpoint_every > 0
            ? to / options_.checkpoint_every > branch.copied_at / options_.checkpoint_every
            : seconds_since(last_copy) >= options_.checkpoint_seconds;
    if (!due) continue;
    add(branch, make_checkpoint(ahead, injections, false));
    branch.copied_at = to;
    last_copy = Clock::now();
  }
  if (checkpoint_bytes() > options_.checkpoint_bytes) {
    for (const auto& each : branches_) {
      each->checkpoints.thin(options_.checkpoint_bytes / branches_.size(), time_);
    }
  }
  return branch.ahead != nullptr;
}

void Playback::fail(Branch& branch, const char* what) {
  branch.failed_at = std::max<sim::Time>(1, branch.ahead->cluster().now());
  branch.failure = what;
  branch.recording.advance(*branch.ahead, branch.failed_at - 1);
  branch.recording.set_complete();
  branch.ahead.reset();
}

void Playback::finish_ahead() {
  while (pump_ahead(1)) {
  }
}

void Playback::inject(const scenarios::FaultSpec& fault) {
  fork(label_of(fault.text), [&](scenarios::Run& run) { run.inject(fault); });
}

void Playback::heal(std::uint32_t active) {
  const scenarios::ActiveFault& fault = run_.faults().faults()[active];
  fork("heal " + label_of(run_.faults().items()[fault.item].text),
       [&](scenarios::Run& run) { run.heal(active); });
}

void Playback::fork(const std::string& label, const std::function<void(scenarios::Run&)>& act) {
  Branch& parent = own_branch();
  const Position before = position();
  add(parent, make_checkpoint(run_, injections_, true));
  int children = 1;
  for (const auto& each : branches_) {
    if (each->parent == current_ && each.get() != branches_.front().get()) ++children;
  }
  auto branch = std::make_unique<Branch>(run_);
  branch->name = fmt::format("{}.{}", parent.name, children);
  branch->label = label;
  branch->parent = current_;
  branch->from = time_;
  branch->copied_at = time_;
  branch->checkpoints = parent.checkpoints.up_to(before);
  branch->forks.assign(parent.forks.begin(), parent.forks.begin() + injections_);
  branch->recording = parent.recording;
  // The last event may be some milliseconds ago; what is done by hand is done at the playhead.
  run_.advance_to(time_);
  act(run_);
  ++injections_;
  Checkpoint after = make_checkpoint(run_, injections_, true);
  branch->checkpoints.add(after);
  branch->recording.cut(branch->from);
  branch->forks.push_back({before, branch->from, branch->label, std::move(after)});
  branch->ahead = std::make_unique<scenarios::Run>(run_);
  branches_.push_back(std::move(branch));
  current_ = branches_.size() - 1;
  redo_.clear();
  // What is set off at this very instant (a process that starts) happens now.
  advance(time_);
  changed(time_);
}

bool Playback::undo() {
  if (current_ == 0) return false;
  const Branch::Fork fork = branch().forks.back();
  redo_.push_back(current_);
  const std::size_t left = current_;
  current_ = branch().parent;
  playing_ = false;
  load(branches_[left]->checkpoints.before(fork.before));
  seek_position(fork.before, fork.time);
  return true;
}

bool Playback::redo() {
  if (redo_.empty()) return false;
  current_ = redo_.back();
  redo_.pop_back();
  // Exactly behind the injection: the instant itself also holds what happened just before it.
  const Branch::Fork& fork = branch().forks.back();
  load(fork.after);
  advance(fork.time);
  changed(fork.time);
  return true;
}

void Playback::switch_to(std::size_t branch) {
  if (branch >= branches_.size() || branch == current_) return;
  current_ = branch;
  const sim::Time to = time_;
  load(own_branch().checkpoints.before(to));
  seek(to);
}

std::size_t Playback::checkpoint_bytes() const {
  std::size_t sum = 0;
  std::vector<const scenarios::Run*> seen;
  for (const auto& each : branches_) {
    for (const Checkpoint& checkpoint : each->checkpoints.all()) {
      if (checkpoint.run == nullptr) continue;
      if (std::find(seen.begin(), seen.end(), checkpoint.run.get()) != seen.end()) continue;
      seen.push_back(checkpoint.run.get());
      sum += checkpoint.bytes;
    }
  }
  return sum;
}

}  // namespace isrlab::viz
