#include "scenarios/faults/driver.hpp"

#include <algorithm>

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

void FaultDriver::schedule(Cluster& cluster) {
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const FaultSpec& fault = items_[i];
    switch (fault.trigger) {
      case TriggerKind::kAt:
      case TriggerKind::kEvery: plan(fault.at, Act::kFire, i, cluster); break;
      case TriggerKind::kBetween:
        plan(random_.between(fault.at, fault.until), Act::kFire, i, cluster);
        break;
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
    case Act::kChaos: draw_chaos(cluster); break;
    case Act::kHealAll:
      for (std::uint32_t i = 0; i < active_.size(); ++i) heal(i, cluster);
      break;
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
  active.targets = resolve(fault.who, cluster, random_);
  if (fault.action == FaultAction::kPartition || fault.action == FaultAction::kIsolate ||
      fault.action == FaultAction::kSlowLink) {
    if (fault.from.empty()) {
      for (ProcessId p = 0; p < cluster.catalog().processes().size(); ++p)
        active.others.push_back(p);
    } else {
      active.others = resolve(fault.from, cluster, random_);
    }
    std::erase_if(active.others, [&](ProcessId p) {
      return std::find(active.targets.begin(), active.targets.end(), p) != active.targets.end();
    });
  }
  // One handle at a time: the order in which a call's arguments are evaluated is the compiler's.
  const std::int64_t targets = cluster.list(active.targets);
  const std::int64_t others = cluster.list(active.others);
  active.event =
      cluster.record(HistoryKind::kFaultInjected, 0xffff, item, targets, others, fault.lasts);
  active_.push_back(std::move(active));
  apply(fault, static_cast<std::uint32_t>(active_.size() - 1), cluster);
}

void FaultDriver::apply(const FaultSpec& fault, std::uint32_t index, Cluster& cluster) {
  ActiveFault& active = active_[index];
  Duration lasts = fault.lasts;
  bool instant = false;
  switch (fault.action) {
    case FaultAction::kKill:
      for (const ProcessId p : active.targets) {
        cluster.engine().set_cause(active.event);
        cluster.kill(p);
      }
      lasts = fault.restart_after;
      break;
    case FaultAction::kStop:
      for (const ProcessId p : active.targets) cluster.stop(p);
      lasts = fault.restart_after;
      break;
    case FaultAction::kRestart:
      for (const ProcessId p : active.targets) cluster.start(p, cluster.now());
      instant = true;
      break;
    case FaultAction::kPause:
      for (const ProcessId p : active.targets) {
        cluster.engine().set_cause(active.event);
        cluster.pause(p);
      }
      break;
    case FaultAction::kPartition:
    case FaultAction::kIsolate: cut(fault, active, true, cluster); break;
    case FaultAction::kSlowLink: slow(fault, active, true, cluster); break;
    case FaultAction::kExpireSession:
      for (const ProcessId p : active.targets) {
        const model::BrokerId broker = cluster.catalog().broker_of(p);
        if (broker != model::kNoBroker) cluster.expire_session(broker);
      }
      instant = true;
      break;
  }
  if (instant) {
    active.until = cluster.now();
  } else if (lasts >= 0) {
    plan(cluster.now() + lasts, Act::kHeal, index, cluster);
  }
}

void FaultDriver::cut(const FaultSpec& fault, ActiveFault& active, bool make, Cluster& cluster) {
  const auto one_way = [&](ProcessId from, ProcessId to) {
    const sim::HostId source = cluster.catalog().process(from).host;
    const sim::HostId target = cluster.catalog().process(to).host;
    if (make) {
      cluster.block(source, target);
    } else {
      cluster.unblock(source, target);
    }
  };
  for (const ProcessId side : active.targets) {
    for (const ProcessId other : active.others) {
      if (fault.direction != CutDirection::kFrom) one_way(other, side);
      if (fault.direction != CutDirection::kTo) one_way(side, other);
    }
  }
}

void FaultDriver::slow(const FaultSpec& fault, ActiveFault& active, bool make, Cluster& cluster) {
  if (make) {
    active.degradation =
        cluster.engine().degrade({fault.latency, fault.jitter, fault.bytes_per_second, 0});
  }
  const std::uint16_t handle = make ? active.degradation : 0;
  for (const ProcessId side : active.targets) {
    for (const ProcessId other : active.others) {
      const sim::HostId left = cluster.catalog().process(side).host;
      const sim::HostId right = cluster.catalog().process(other).host;
      if (fault.direction != CutDirection::kFrom) {
        cluster.engine().set_degradation(right, left, handle);
      }
      if (fault.direction != CutDirection::kTo) {
        cluster.engine().set_degradation(left, right, handle);
      }
    }
  }
}

void FaultDriver::heal(std::uint32_t index, Cluster& cluster) {
  ActiveFault& active = active_[index];
  if (active.until != sim::kNever) return;
  const FaultSpec& fault = items_[active.item];
  if (fault.action == FaultAction::kStop) {
    // A clean stop may still be under way: the restart waits for its end.
    const bool running = std::any_of(active.targets.begin(), active.targets.end(),
                                     [&](ProcessId p) { return cluster.alive(p); });
    if (running) return plan(cluster.now() + sim::kSecond, Act::kHeal, index, cluster);
  }
  active.until = cluster.now();
  const std::int64_t targets = cluster.list(active.targets);
  const std::int64_t others = cluster.list(active.others);
  cluster.record(HistoryKind::kFaultHealed, 0xffff, active.item, targets, others);
  switch (fault.action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
      for (const ProcessId p : active.targets) cluster.start(p, cluster.now());
      break;
    case FaultAction::kPause:
      for (const ProcessId p : active.targets) cluster.resume(p);
      break;
    case FaultAction::kPartition:
    case FaultAction::kIsolate: cut(fault, active, false, cluster); break;
    case FaultAction::kSlowLink: slow(fault, active, false, cluster); break;
    default: break;
  }
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
