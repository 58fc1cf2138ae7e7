#include "scenarios/faults/driver.hpp"

#include <algorithm>

#include "scenarios/faults/registry.hpp"

namespace isrlab::scenarios {

using model::Cluster;
using model::HistoryKind;
using model::ProcessId;

FaultDriver::FaultDriver(std::shared_ptr<const Scenario> scenario, std::uint64_t seed)
    : scenario_(std::move(scenario)),
      items_(scenario_->faults),
      fired_(items_.size()),
      random_(seed, "fault"),
      chaos_(*scenario_, seed) {}

void FaultDriver::plan(Time at, Act act, std::uint32_t index, Cluster& cluster) {
  agenda_.push_back({act, index});
  cluster.schedule_control(std::max(at, cluster.now()),
                           static_cast<std::uint32_t>(agenda_.size() - 1));
}

/// Clocks that are off from the start.
void FaultDriver::set_clocks(Cluster& cluster) {
  for (const ClockSpec& clock : scenario_->clocks) {
    for (const ProcessId p : resolve(clock.of, cluster, random_)) {
      const sim::HostId host = cluster.catalog().process(p).host;
      if (clock.ppm != 0) cluster.engine().drift(host, clock.ppm);
      if (clock.offset != 0) cluster.engine().step_wall_clock(host, clock.offset);
    }
  }
}

void FaultDriver::schedule(Cluster& cluster) {
  set_clocks(cluster);
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const FaultSpec& fault = items_[i];
    switch (fault.trigger) {
      case TriggerKind::kAt:
      case TriggerKind::kEvery: plan(fault.at, Act::kFire, i, cluster); break;
      case TriggerKind::kBetween:
        plan(random_.between(fault.at, fault.until), Act::kFire, i, cluster);
        break;
      case TriggerKind::kWhen: waiting_.push_back({i}); break;
      case TriggerKind::kAfter:
        if (i == 0) plan(fault.at, Act::kFire, i, cluster);  // else with the previous item
        break;
    }
  }
  if (chaos_.on()) plan(chaos_.first(), Act::kChaos, 0, cluster);
  if (scenario_->heal_at != sim::kNever) plan(scenario_->heal_at, Act::kHealAll, 0, cluster);
}

void FaultDriver::on_control(std::uint32_t item, Cluster& cluster) {
  const Agenda due = agenda_[item];
  switch (due.act) {
    case Act::kFire:
      fire(due.index, cluster);
      plan_follow_up(due.index, cluster);
      break;
    case Act::kHeal: heal(due.index, cluster); break;
    case Act::kHealCore: heal_part(due.index, core_, cluster); break;
    case Act::kChaos: draw_chaos(cluster); break;
    case Act::kHealAll: heal_all(cluster); break;
    case Act::kFlip: flip(due.index, cluster); break;
    case Act::kRoll: roll(due.index, cluster); break;
  }
}

void FaultDriver::draw_chaos(Cluster& cluster) {
  if (const Time next = chaos_.next(cluster.now()); next != sim::kNever) {
    plan(next, Act::kChaos, 0, cluster);
  }
  cluster.engine().set_cause(0);  // a draw is nobody's doing
  if (const auto fault = chaos_.draw(cluster, items_, active_)) inject(*fault, cluster);
}

void FaultDriver::plan_follow_up(std::uint32_t item, Cluster& cluster) {
  ++fired_[item];
  const FaultSpec& fault = items_[item];
  const bool again =
      fault.trigger == TriggerKind::kEvery && (fault.times < 0 || fired_[item] < fault.times);
  if (again) plan(cluster.now() + fault.every, Act::kFire, item, cluster);
  const std::uint32_t next = item + 1;
  if (next < items_.size() && items_[next].trigger == TriggerKind::kAfter && fired_[item] == 1) {
    plan(cluster.now() + items_[next].at, Act::kFire, next, cluster);
  }
}

void FaultDriver::inject(const FaultSpec& fault, Cluster& cluster) {
  items_.push_back(fault);
  fired_.push_back(1);
  fire(static_cast<std::uint32_t>(items_.size() - 1), cluster);
}

void FaultDriver::fire(std::uint32_t item, Cluster& cluster) {
  const FaultSpec& fault = items_[item];
  ActiveFault active;
  active.item = item;
  active.from = cluster.now();
  aim(fault, active, cluster);
  // One handle at a time: the order in which a call's arguments are evaluated is the compiler's.
  const std::int64_t targets = cluster.list(active.targets);
  const std::int64_t others = cluster.list(active.others);
  active.event =
      cluster.record(HistoryKind::kFaultInjected, 0xffff, item, targets, others, fault.lasts);
  active_.push_back(std::move(active));
  const auto index = static_cast<std::uint32_t>(active_.size() - 1);
  const Duration lasts = apply(fault, active_[index], cluster);
  if (lasts == 0 && is_instant(fault.action)) {
    active_[index].until = cluster.now();
    return;
  }
  if (lasts >= 0) plan(cluster.now() + lasts, Act::kHeal, index, cluster);
  if (fault.ends_at != sim::kNever) plan(fault.ends_at, Act::kHeal, index, cluster);
  if (!fault.ends_when.empty()) ending_.push_back({index});
  if (fault.action == FaultAction::kRollingRestart) {
    rolling_.push_back({index});
    roll(static_cast<std::uint32_t>(rolling_.size() - 1), cluster);
  }
  if (fault.action == FaultAction::kFlap) {
    plan(cluster.now() + fault.down, Act::kFlip, index, cluster);
  }
}

/// Who is meant, now.
void FaultDriver::aim(const FaultSpec& fault, ActiveFault& active, Cluster& cluster) {
  active.targets = resolve(fault.who, cluster, random_);
  sides_.clear();
  if (!fault.from.empty()) active.others = resolve(fault.from, cluster, random_);
  if (!fault.more_sides.empty()) {
    sides_ = {active.targets, active.others};
    for (const Selector& side : fault.more_sides) {
      sides_.push_back(resolve(side, cluster, random_));
      active.others.insert(active.others.end(), sides_.back().begin(), sides_.back().end());
    }
    std::sort(active.others.begin(), active.others.end());
    active.others.erase(std::unique(active.others.begin(), active.others.end()),
                        active.others.end());
  }
  const bool everybody = fault.from.empty() && has_two_sides(fault.action);
  if (everybody) {
    for (ProcessId p = 0; p < cluster.catalog().processes().size(); ++p) active.others.push_back(p);
  }
  if (fault.action == FaultAction::kHold) return;  // a node may send to itself
  std::erase_if(active.others, [&](ProcessId p) {
    return std::find(active.targets.begin(), active.targets.end(), p) != active.targets.end();
  });
}

void FaultDriver::flip(std::uint32_t index, Cluster& cluster) {
  ActiveFault& active = active_[index];
  if (active.until != sim::kNever) return;
  const FaultSpec& fault = items_[active.item];
  cluster.engine().set_cause(active.event);
  set_cuts(active, active.open, cluster);
  active.open = !active.open;
  plan(cluster.now() + (active.open ? fault.up : fault.down), Act::kFlip, index, cluster);
}

void FaultDriver::heal(std::uint32_t index, Cluster& cluster) {
  heal_part(index, std::vector<std::uint8_t>(cluster.catalog().processes().size(), 1), cluster);
}

void FaultDriver::heal_all(Cluster& cluster) {
  core_.assign(cluster.catalog().processes().size(), 1);
  if (!scenario_->heal_core.empty()) {
    std::fill(core_.begin(), core_.end(), std::uint8_t{0});
    for (const ProcessId p : resolve(scenario_->heal_core, cluster, random_)) core_[p] = 1;
  }
  for (std::uint32_t i = 0; i < active_.size(); ++i) heal_part(i, core_, cluster);
  restart_for_directories(cluster);
}

/// A log directory that works again stays offline until its broker is started anew.
void FaultDriver::restart_for_directories(Cluster& cluster) {
  for (const model::Broker& broker : cluster.brokers()) {
    const ProcessId process = cluster.catalog().broker_process(broker.id());
    if (core_[process] == 0 || !cluster.alive(process) || !broker.any_directory_offline()) continue;
    cluster.kill(process);
    cluster.start(process, cluster.now());
  }
}

namespace {

/// Is one of its links between two of the core? Of a cut into many sides it may be between two of
/// which none is the first.
bool mends_a_link(const ActiveFault& fault, const std::vector<std::uint8_t>& core,
                  const Cluster& cluster) {
  const auto mended = [&](sim::HostId host) {
    for (ProcessId p = 0; p < core.size(); ++p) {
      if (core[p] != 0 && cluster.catalog().process(p).host == host) return true;
    }
    return false;
  };
  return std::any_of(fault.links.begin(), fault.links.end(), [&](const ActiveFault::Link& link) {
    return mended(link.source) && mended(link.target);
  });
}

}  // namespace

void FaultDriver::heal_part(std::uint32_t index, const std::vector<std::uint8_t>& core,
                            Cluster& cluster) {
  ActiveFault& active = active_[index];
  if (active.until != sim::kNever) return;
  const FaultSpec& fault = items_[active.item];
  if (fault.action == FaultAction::kStop) {
    // A clean stop may still be under way: the restart waits for its end.
    const bool running = std::any_of(active.targets.begin(), active.targets.end(),
                                     [&](ProcessId p) { return core[p] != 0 && cluster.alive(p); });
    const bool all = std::find(core.begin(), core.end(), 0) == core.end();
    const Act again = all ? Act::kHeal : Act::kHealCore;
    if (running) return plan(cluster.now() + sim::kSecond, again, index, cluster);
  }
  std::vector<ProcessId> mended = active.targets;
  std::erase_if(mended, [&](ProcessId p) { return core[p] == 0; });
  std::vector<ProcessId> mended_others = active.others;
  std::erase_if(mended_others, [&](ProcessId p) { return core[p] == 0; });
  const bool touches =
      !mended.empty() || active.targets.empty() || mends_a_link(active, core, cluster);
  if (!touches) return;
  const std::int64_t targets = cluster.list(mended);
  const std::int64_t others = cluster.list(mended_others);
  cluster.record(HistoryKind::kFaultHealed, 0xffff, active.item, targets, others);
  if (undo(fault, active, core, cluster)) active.until = cluster.now();
}

bool FaultDriver::has_due(const Cluster& cluster) {
  bool any = false;
  for (Watch& watch : waiting_) {
    const FaultSpec& fault = items_[watch.index];
    const bool now = cluster.now() >= fault.at && is_so(fault.when, cluster, active_);
    watch.due = now && !watch.was_so;
    watch.was_so = now;
    any = any || watch.due;
  }
  for (Watch& watch : ending_) {
    const ActiveFault& active = active_[watch.index];
    watch.due =
        active.until == sim::kNever && is_so(items_[active.item].ends_when, cluster, active_);
    any = any || watch.due;
  }
  return any;
}

void FaultDriver::act_on_due(Cluster& cluster) {
  // First what ends, then what begins; what begins now is looked at from the next step on.
  std::vector<std::uint32_t> healed;
  for (const Watch& watch : ending_) {
    if (watch.due) healed.push_back(watch.index);
  }
  std::erase_if(ending_, [this](const Watch& watch) {
    return watch.due || active_[watch.index].until != sim::kNever;
  });
  const std::uint32_t cause = cluster.engine().cause();
  for (const std::uint32_t index : healed) {
    cluster.engine().set_cause(cause);
    heal(index, cluster);
  }
  std::vector<std::uint32_t> fired;
  for (const Watch& watch : waiting_) {
    if (watch.due) fired.push_back(watch.index);
  }
  for (const std::uint32_t item : fired) {
    cluster.engine().set_cause(cause);
    fire(item, cluster);
    plan_follow_up(item, cluster);
  }
  std::erase_if(waiting_, [this](const Watch& watch) {
    return fired_[watch.index] >= std::max(1, items_[watch.index].times);
  });
}

Time FaultDriver::last_heal() const {
  Time last = 0;
  for (const ActiveFault& active : active_) {
    if (active.until == sim::kNever) return sim::kNever;
    last = std::max(last, active.until);
  }
  return last;
}

Time FaultDriver::healed_at(std::uint32_t item) const {
  Time healed = sim::kNever;
  for (const ActiveFault& active : active_) {
    if (active.item == item) healed = active.until;
  }
  return healed;
}

}  // namespace isrlab::scenarios
