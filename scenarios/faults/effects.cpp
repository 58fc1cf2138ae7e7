// What each fault does to the cluster, and how it is undone.
#include <algorithm>

#include "scenarios/faults/driver.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::scenarios {

using model::Cluster;
using model::ProcessId;
using model::ProcessKind;

namespace {

sim::HostId host_of(ProcessId process, const Cluster& cluster) {
  return cluster.catalog().process(process).host;
}

model::UnflushedLoss loss_of(Unflushed unflushed) {
  switch (unflushed) {
    case Unflushed::kDrawn: return model::UnflushedLoss::kDrawn;
    case Unflushed::kLost: return model::UnflushedLoss::kAll;
    case Unflushed::kKept: return model::UnflushedLoss::kNone;
  }
  return model::UnflushedLoss::kDrawn;
}

}  // namespace

/// Returns how long it lasts, 0 if it is over at once, -1 if nothing ends it by itself.
Duration FaultDriver::apply(const FaultSpec& fault, ActiveFault& active, Cluster& cluster) {
  switch (fault.action) {
    case FaultAction::kPartition:
    case FaultAction::kIsolate:
    case FaultAction::kFlap:
    case FaultAction::kClog:
      draw_links(fault, active, cluster);
      set_cuts(active, true, cluster);
      return fault.lasts;
    case FaultAction::kSlowLink:
    case FaultAction::kDelay: slow(fault, active, cluster); return fault.lasts;
    case FaultAction::kReset:
      for (const ProcessId side : active.targets) {
        for (const ProcessId other : active.others) {
          cluster.engine().reset(host_of(side, cluster), host_of(other, cluster));
        }
      }
      return 0;
    case FaultAction::kHold:
      hold(static_cast<std::uint16_t>(fault.message), active, cluster);
      return fault.lasts;
    case FaultAction::kDelayWatches: {
      ActiveFault watches = active;
      std::swap(watches.targets, watches.others);
      watches.targets.clear();
      for (std::uint32_t i = 0; i < cluster.catalog().zookeeper_count(); ++i) {
        watches.targets.push_back(cluster.catalog().zookeeper_process(i));
      }
      hold(static_cast<std::uint16_t>(model::MessageType::kZkWatchEvent), watches, cluster);
      active.hold = watches.hold;
      return fault.lasts;
    }
    case FaultAction::kReassign:
    case FaultAction::kCancelReassignment:
    case FaultAction::kElectPreferred:
    case FaultAction::kUncleanElection:
      cluster.engine().set_cause(active.event);
      administer(fault, cluster);
      return 0;
    case FaultAction::kRollingRestart: return -1;
    default: strike(fault, active, cluster);
  }
  switch (fault.action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
    case FaultAction::kCrash:
    case FaultAction::kWipe: return fault.restart_after;
    case FaultAction::kRestart:
    case FaultAction::kExpireSession:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kJump:
    case FaultAction::kTornWrite: return 0;
    default: return fault.lasts;
  }
}

/// The faults that hit processes, one by one.
void FaultDriver::strike(const FaultSpec& fault, ActiveFault& active, Cluster& cluster) {
  if (fault.action == FaultAction::kCrash) {
    for (const ProcessId p : active.targets) {
      const sim::HostId own = host_of(p, cluster);
      for (ProcessId other = 0; other < cluster.catalog().processes().size(); ++other) {
        const sim::HostId host = host_of(other, cluster);
        if (host == own) continue;
        active.links.push_back({own, host});
        active.links.push_back({host, own});
      }
    }
    set_cuts(active, true, cluster);
  }
  for (const ProcessId p : active.targets) {
    cluster.engine().set_cause(active.event);
    const model::BrokerId broker = cluster.catalog().broker_of(p);
    switch (fault.action) {
      case FaultAction::kKill:
      case FaultAction::kZkQuorumLoss: cluster.kill(p); break;
      case FaultAction::kStop: cluster.stop(p); break;
      case FaultAction::kRestart:
        if (!bring_host_back(p, cluster)) cluster.start(p, cluster.now());
        break;
      case FaultAction::kPause: cluster.pause(p); break;
      case FaultAction::kCrash: cluster.crash_host(p, loss_of(fault.unflushed)); break;
      case FaultAction::kWipe: cluster.wipe(p); break;
      case FaultAction::kLoseUnflushed: cluster.arm_loss(p, model::UnflushedLoss::kAll); break;
      case FaultAction::kTornWrite: cluster.arm_loss(p, model::UnflushedLoss::kTorn); break;
      case FaultAction::kSlowDisk:
        cluster.slow_disk(p, {fault.latency, fault.bytes_per_second});
        break;
      case FaultAction::kSkew:
      case FaultAction::kDrift:
      case FaultAction::kJump: move_clock(fault, active, p, cluster); break;
      case FaultAction::kFullDisk:
      case FaultAction::kFailDisk: cluster.set_disk_failed(p, true, fault.directory - 1); break;
      case FaultAction::kExpireSession:
        if (broker != model::kNoBroker) cluster.expire_session(broker);
        break;
      default: break;
    }
  }
}

/// A process whose host went down (crash) is started with it. False: no host of it is down.
bool FaultDriver::bring_host_back(ProcessId process, Cluster& cluster) {
  std::vector<std::uint8_t> core(cluster.catalog().processes().size(), 0);
  core[process] = 1;
  bool any = false;
  for (std::uint32_t i = 0; i < active_.size(); ++i) {
    const ActiveFault& down = active_[i];
    const bool hits =
        std::find(down.targets.begin(), down.targets.end(), process) != down.targets.end();
    if (down.until != sim::kNever || !hits) continue;
    if (items_[down.item].action != FaultAction::kCrash) continue;
    heal_part(i, core, cluster);
    any = true;
  }
  return any;
}

/// The links between the sides, as the direction says.
void FaultDriver::draw_links(const FaultSpec& fault, ActiveFault& active, Cluster& cluster) {
  const auto between = [&](const std::vector<ProcessId>& left,
                           const std::vector<ProcessId>& right) {
    for (const ProcessId side : left) {
      for (const ProcessId other : right) {
        const sim::HostId one = host_of(side, cluster);
        const sim::HostId two = host_of(other, cluster);
        if (one == two) continue;
        if (fault.direction != CutDirection::kFrom) active.links.push_back({two, one});
        if (fault.direction != CutDirection::kTo) active.links.push_back({one, two});
      }
    }
  };
  if (sides_.empty()) return between(active.targets, active.others);
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    for (std::size_t j = i + 1; j < sides_.size(); ++j) between(sides_[i], sides_[j]);
  }
}

void FaultDriver::set_cuts(const ActiveFault& active, bool make, Cluster& cluster) {
  for (const ActiveFault::Link& link : active.links) {
    if (make) {
      cluster.block(link.source, link.target);
    } else {
      cluster.unblock(link.source, link.target);
    }
  }
}

void FaultDriver::move_clock(const FaultSpec& fault, ActiveFault& active, ProcessId process,
                             Cluster& cluster) {
  ActiveFault::Clock moved{host_of(process, cluster), 0, fault.ppm};
  if (fault.ppm != 0) cluster.engine().drift(moved.host, fault.ppm);
  // It may move less than asked: no clock is set to before 1970.
  if (fault.offset != 0) moved.offset = cluster.engine().step_wall_clock(moved.host, fault.offset);
  if (!is_instant(fault.action)) active.clocks.push_back(moved);
}

void FaultDriver::slow(const FaultSpec& fault, ActiveFault& active, Cluster& cluster) {
  draw_links(fault, active, cluster);
  active.degradation = cluster.engine().degrade(
      {fault.latency, fault.jitter, fault.bytes_per_second, fault.loss_ppm});
  for (const ActiveFault::Link& link : active.links) {
    cluster.engine().worsen(link.source, link.target, active.degradation);
  }
}

void FaultDriver::hold(std::uint16_t message, ActiveFault& active, Cluster& cluster) {
  sim::HoldRule rule;
  rule.type = message;
  rule.from.resize(cluster.catalog().processes().size());
  rule.to.resize(cluster.catalog().processes().size());
  for (const ProcessId p : active.targets) rule.from[p] = 1;
  for (const ProcessId p : active.others) rule.to[p] = 1;
  active.hold = cluster.engine().hold_back(std::move(rule));
}

void FaultDriver::revive(const FaultSpec& fault, ProcessId process, Cluster& cluster) {
  switch (fault.action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
    case FaultAction::kCrash:
    case FaultAction::kWipe:
    case FaultAction::kZkQuorumLoss: cluster.start(process, cluster.now()); break;
    case FaultAction::kRollingRestart:
      if (!cluster.alive(process)) cluster.start(process, cluster.now());
      break;
    case FaultAction::kPause: cluster.resume(process); break;
    case FaultAction::kSlowDisk:
      cluster.mend_disk(process, {fault.latency, fault.bytes_per_second});
      break;
    case FaultAction::kFullDisk:
    case FaultAction::kFailDisk:
      cluster.set_disk_failed(process, false, fault.directory - 1);
      // Whoever made room or changed the cable starts what has ended. A broker that gave up one of
      // several directories takes it back when it is restarted.
      if (!cluster.alive(process)) cluster.start(process, cluster.now());
      break;
    default: break;
  }
}

/// Undoes what lies within the core; true if nothing is left.
bool FaultDriver::undo(const FaultSpec& fault, ActiveFault& active,
                       const std::vector<std::uint8_t>& core, Cluster& cluster) {
  std::vector<std::uint8_t> mended(cluster.engine().process_count(), 0);  // by host
  for (ProcessId p = 0; p < core.size(); ++p) {
    if (core[p] != 0) mended[host_of(p, cluster)] = 1;
  }
  const bool crash = fault.action == FaultAction::kCrash;
  const auto is_target = [&](sim::HostId host) {
    return std::any_of(active.targets.begin(), active.targets.end(),
                       [&](ProcessId p) { return host_of(p, cluster) == host; });
  };
  std::erase_if(active.links, [&](const ActiveFault::Link& link) {
    // A host that is back is linked with everybody, but not with those that are still down.
    const bool ends = crash ? (mended[link.source] != 0 || !is_target(link.source)) &&
                                  (mended[link.target] != 0 || !is_target(link.target))
                            : mended[link.source] != 0 && mended[link.target] != 0;
    if (!ends) return false;
    if (active.degradation != 0) {
      cluster.engine().mend(link.source, link.target, active.degradation);
    } else if (fault.action == FaultAction::kClog) {
      cluster.engine().unblock(link.source, link.target, true);
    } else if (!active.open) {
      cluster.unblock(link.source, link.target);
    }
    return true;
  });
  if (active.hold != sim::kNone) {
    cluster.engine().let_go(active.hold);
    return true;
  }
  std::erase_if(active.clocks, [&](const ActiveFault::Clock& clock) {
    if (mended[clock.host] == 0) return false;
    if (clock.ppm != 0) cluster.engine().drift(clock.host, -clock.ppm);
    if (clock.offset != 0) cluster.engine().step_wall_clock(clock.host, -clock.offset);
    return true;
  });
  std::vector<ProcessId> left;
  for (const ProcessId p : active.targets) {
    if (core[p] != 0) {
      revive(fault, p, cluster);
    } else {
      left.push_back(p);
    }
  }
  const bool links_only = fault.action == FaultAction::kPartition ||
                          fault.action == FaultAction::kIsolate ||
                          fault.action == FaultAction::kFlap ||
                          fault.action == FaultAction::kClog || active.degradation != 0;
  if (links_only) return active.links.empty();
  if (!left.empty())
    active.targets = std::move(left);
  else
    return true;
  return false;
}

bool is_so(const Moment& moment, const Cluster& cluster, const std::vector<ActiveFault>& faults) {
  const model::Catalog& catalog = cluster.catalog();
  std::optional<model::PartitionId> partition;
  if (!moment.topic.empty()) {
    partition = catalog.find_partition(moment.topic, moment.partition);
    if (!partition) return false;
  }
  const auto compare = [&](std::int64_t left) {
    switch (moment.comparison) {
      case Comparison::kLess: return left < moment.value;
      case Comparison::kLessEqual: return left <= moment.value;
      case Comparison::kEqual: return left == moment.value;
      case Comparison::kNotEqual: return left != moment.value;
      case Comparison::kGreaterEqual: return left >= moment.value;
      case Comparison::kGreater: return left > moment.value;
    }
    return false;
  };
  switch (moment.kind) {
    case MomentKind::kNone: return false;
    case MomentKind::kIsrSize: {
      const auto* state = cluster.partition_state(*partition);
      return state != nullptr && compare(static_cast<std::int64_t>(state->isr.size()));
    }
    case MomentKind::kLeaderIs: {
      const auto* state = cluster.partition_state(*partition);
      return state != nullptr && std::max(state->leader, -1) == std::max(moment.broker, -1);
    }
    case MomentKind::kControllerIs: return std::max(cluster.controller(), -1) == moment.broker;
    case MomentKind::kLogEnd:
    case MomentKind::kHighWatermark: {
      const model::Partition* replica = cluster.broker(moment.broker).partition(*partition);
      if (replica == nullptr) return false;
      return compare(moment.kind == MomentKind::kLogEnd ? replica->log.log_end_offset()
                                                        : replica->log.high_watermark());
    }
    case MomentKind::kHolds:
      return std::any_of(faults.begin(), faults.end(), [&](const ActiveFault& fault) {
        return fault.item + 1 == moment.value && fault.hold != sim::kNone &&
               cluster.engine().caught(fault.hold) > 0;
      });
    case MomentKind::kEvent: break;
  }
  const auto matches = [&](const sim::HistoryEvent& event) {
    if (event.id == 0 || event.kind != moment.event) return false;
    if (partition && event.subject != *partition) return false;
    return moment.process.empty() || (event.actor < catalog.processes().size() &&
                                      catalog.process(event.actor).name == moment.process);
  };
  const auto recent = cluster.recent();
  const auto faulty = cluster.recent_faults();
  return std::any_of(recent.begin(), recent.end(), matches) ||
         std::any_of(faulty.begin(), faulty.end(), matches);
}

}  // namespace isrlab::scenarios
