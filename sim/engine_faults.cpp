// What faults and the schedule do to the engine: processes, cuts, slow links.
#include <algorithm>

#include "sim/assert.hpp"
#include "sim/engine.hpp"

namespace isrlab::sim {

void Engine::schedule_start(ProcessId process, Time at) {
  SIM_ASSERT2(at >= now_, "a start in the past", at, now_);
  push({at, 0, process, 0, 0, 0, EventKind::kStart, 0});
}

void Engine::schedule_control(Time at, std::uint32_t argument) {
  SIM_ASSERT2(at >= now_, "a fault in the past", at, now_);
  push({at, 0, 0, argument, 0, 0, EventKind::kControl, 0});
}

void Engine::kill(ProcessId id) {
  die(id, false);
}

void Engine::crash(ProcessId id) {
  die(id, true);
}

void Engine::die(ProcessId id, bool with_host) {
  Process& process = processes_[id];
  if (!process.alive) return;
  history_.disturbances().silence(id, cause_);
  process.alive = false;
  process.listening = false;
  process.paused = false;
  running_[id] = 0;
  ProcessStore& store = stores_[id];
  store.timers.clear();
  std::vector<Event> inbox = std::move(store.inbox);
  store.inbox.clear();
  for (const Event& event : inbox) {
    switch (event.kind) {
      case EventKind::kDeliver:
        undelivered_.push_back({event.type, event.argument});
        --connections_[event.target >> 1].pending_events;
        break;
      case EventKind::kClosed: --connections_[event.target >> 1].pending_events; break;
      case EventKind::kAccepted:
      case EventKind::kSynAnswer: --connections_[event.target].pending_events; break;
      case EventKind::kPost: undelivered_.push_back({event.type, event.argument}); break;
      default: break;
    }
  }
  // Its kernel ends every connection; each peer learns that in the order of its stream.
  const std::vector<ConnectionId> connections = store.connections;
  for (const ConnectionId connection : connections) {
    const bool client = is_client_end(id, connection);
    if (with_host) {
      vanish_end(connection & ~kServerEnd, client);
    } else {
      close_end(connection & ~kServerEnd, client);
    }
  }
}

void Engine::vanish_end(ConnectionId id, bool client_side) {
  Connection& connection = connections_[id];
  EndState& own = client_side ? connection.client_end : connection.server_end;
  if (is_closed(own)) return;
  own = EndState::kGone;
  forget(client_side ? connection.client : connection.server, handle(id, !client_side));
  drop_held(connection.directions[client_side ? 0 : 1]);  // what its kernel still had to send
  maybe_free(id);
}

void Engine::reset(HostId one, HostId other) {
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    Connection& connection = connections_[id];
    const bool between = (connection.client_host == one && connection.server_host == other) ||
                         (connection.client_host == other && connection.server_host == one);
    if (!connection.in_use || !between) continue;
    if (connection.client_end != EndState::kOpen || connection.server_end != EndState::kOpen) {
      continue;  // still being opened, or its end is under way already
    }
    for (std::uint32_t direction = 0; direction < 2; ++direction) {
      drop_held(connection.directions[direction]);
      ++connection.pending_events;
      push({now_, 0, id * 2 + direction, 0, 0, 0, EventKind::kClosed, 0});
    }
  }
}

namespace {

/// The lower of two rates, where 0 is no limit.
std::int64_t lower_rate(std::int64_t one, std::int64_t other) {
  if (one == 0 || other == 0) return one + other;
  return std::min(one, other);
}

void add_up(DiskState& disk) {
  disk.sum = DiskSlowdown{};
  for (const DiskSlowdown& each : disk.faults) {
    disk.sum.latency += each.latency;
    disk.sum.bytes_per_second = lower_rate(disk.sum.bytes_per_second, each.bytes_per_second);
  }
}

}  // namespace

void Engine::slow_disk(HostId host, const DiskSlowdown& slowdown) {
  disks_[host].faults.push_back(slowdown);
  add_up(disks_[host]);
}

void Engine::mend_disk(HostId host, const DiskSlowdown& slowdown) {
  std::vector<DiskSlowdown>& faults = disks_[host].faults;
  const auto found = std::find_if(faults.begin(), faults.end(), [&](const DiskSlowdown& each) {
    return each.latency == slowdown.latency && each.bytes_per_second == slowdown.bytes_per_second;
  });
  SIM_ASSERT(found != faults.end(), "a disk is mended that was never slowed");
  faults.erase(found);
  add_up(disks_[host]);
}

std::uint32_t Engine::hold_back(HoldRule rule) {
  rule.in_force = true;
  ++holds_in_force_;
  hold_rules_.push_back(std::move(rule));
  return static_cast<std::uint32_t>(hold_rules_.size() - 1);
}

bool Engine::held_back(const Connection& connection, int direction, std::uint16_t type) {
  const ProcessId sender = direction == 0 ? connection.client : connection.server;
  const ProcessId receiver = direction == 0 ? connection.server : connection.client;
  bool held = false;
  for (HoldRule& rule : hold_rules_) {
    if (!rule.in_force || rule.type != type) continue;
    if (rule.from[sender] == 0 || rule.to[receiver] == 0) continue;
    ++rule.caught;
    held = true;
  }
  return held;
}

void Engine::let_go(std::uint32_t hold) {
  HoldRule& rule = hold_rules_[hold];
  if (!rule.in_force) return;
  rule.in_force = false;
  --holds_in_force_;
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    Connection& connection = connections_[id];
    if (!connection.in_use) continue;
    for (std::uint32_t direction = 0; direction < 2; ++direction) {
      if (connection.directions[direction].held == kNone) continue;
      const ProcessId sender = direction == 0 ? connection.client : connection.server;
      const ProcessId receiver = direction == 0 ? connection.server : connection.client;
      if (rule.from[sender] == 0 || rule.to[receiver] == 0) continue;
      ++connection.pending_events;
      push({now_, 0, id * 2 + direction, 0, 0, 0, EventKind::kRelease, 0});
    }
  }
}

/// What TCP adds when segments are lost. A segment with three later ones behind it is sent again
/// after one more round trip; one of the last three waits for the timer, which doubles each time.
Duration Engine::retransmissions(HostId source, HostId target, std::uint32_t bytes) {
  const std::uint32_t degraded = pair(source, target).degraded;
  if (degraded == 0) return 0;
  const Degradation& slow = ways_[degraded - 1].sum;
  if (slow.loss_ppm <= 0) return 0;
  const auto lost = [&] {
    return net_.below(1'000'000) < static_cast<std::uint64_t>(slow.loss_ppm);
  };
  const std::uint32_t segments = std::max(1U, (bytes + kSegmentBytes - 1) / kSegmentBytes);
  const Duration round_trip = 2 * (topology_->path(source, target).latency + slow.latency);
  Duration worst = 0;
  for (std::uint32_t segment = 0; segment < segments; ++segment) {
    if (!lost()) continue;
    const bool fast = segment + kDuplicateAcks < segments;
    Duration wait = fast ? round_trip : 0;
    Duration timer = kRetransmitFirst + round_trip;
    bool missing = !fast || lost();
    while (missing && wait < kGiveUpAfter) {
      wait += timer;
      timer = std::min(2 * timer, kRetransmitMax);
      missing = lost();
    }
    worst = std::max(worst, wait);
  }
  return worst;
}

bool Engine::loses_packet(HostId source, HostId target) {
  const std::uint32_t degraded = pair(source, target).degraded;
  if (degraded == 0) return false;
  const std::int64_t loss = ways_[degraded - 1].sum.loss_ppm;
  return loss > 0 && net_.below(1'000'000) < static_cast<std::uint64_t>(loss);
}

void Engine::pause(ProcessId id) {
  Process& process = processes_[id];
  if (!process.alive || process.paused) return;
  process.paused = true;
  running_[id] = 0;
  process.paused_at = now_;
  history_.disturbances().silence(id, cause_);
}

void Engine::resume(ProcessId id) {
  Process& process = processes_[id];
  if (!process.alive || !process.paused) return;
  process.paused = false;
  running_[id] = 1;
  history_.disturbances().speak(id, now_);
  ProcessStore& store = stores_[id];
  std::vector<Event> inbox = std::move(store.inbox);
  store.inbox.clear();
  for (Event event : inbox) {
    event.time = now_;
    event.sequence = next_sequence_++;
    if (event.kind == EventKind::kTimer) {
      Timer& timer = store.timers[event.argument];
      timer.queued_at = now_;
      timer.queued_sequence = static_cast<std::uint32_t>(event.sequence);
    }
    queue_.push(event);
  }
}

void Engine::block(HostId source, HostId target) {
  ++pair(source, target).blocked;
  history_.disturbances().disturb(source, target, cause_);
}

void Engine::unblock(HostId source, HostId target, bool at_once) {
  PairState& state = pair(source, target);
  SIM_ASSERT(state.blocked > 0, "a cut is healed that was never made");
  if (--state.blocked != 0) return;
  history_.disturbances().heal(source, target, now_);
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    Connection& connection = connections_[id];
    if (!connection.in_use) continue;
    for (std::uint32_t direction = 0; direction < 2; ++direction) {
      const HostId from = direction == 0 ? connection.client_host : connection.server_host;
      const HostId to = direction == 0 ? connection.server_host : connection.client_host;
      const Direction& stream = connection.directions[direction];
      if (from != source || to != target || stream.held == kNone) continue;
      // TCP notices the heal at its next retransmission: 0.2, 0.6, 1.4, 3.0 s ... after the first.
      Time at = stream.blocked_since;
      if (at_once) at = now_;
      for (Duration interval = kRetransmitFirst; at <= now_ && !at_once;
           interval = std::min(2 * interval, kRetransmitMax)) {
        at += interval;
      }
      ++connection.pending_events;
      push({at, 0, id * 2 + direction, 0, 0, 0, EventKind::kRelease, 0});
    }
  }
}

std::uint32_t Engine::degrade(const Degradation& degradation) {
  degradations_.push_back(degradation);
  return static_cast<std::uint32_t>(degradations_.size());
}

void Engine::worsen(HostId source, HostId target, std::uint32_t handle) {
  SIM_ASSERT(handle >= 1 && handle <= degradations_.size(), "no such degradation");
  std::uint32_t& degraded = pair(source, target).degraded;
  if (degraded == 0) {
    if (free_ways_.empty()) {
      ways_.emplace_back();
      degraded = static_cast<std::uint32_t>(ways_.size());
    } else {
      degraded = free_ways_.back();
      free_ways_.pop_back();
      ways_[degraded - 1] = DegradedWay{};
    }
  }
  ways_[degraded - 1].faults.push_back(handle);
  settle_way(source, target);
  history_.disturbances().disturb(source, target, cause_);
}

void Engine::mend(HostId source, HostId target, std::uint32_t handle) {
  std::uint32_t& degraded = pair(source, target).degraded;
  SIM_ASSERT(degraded != 0, "a way is mended that was never made worse");
  std::vector<std::uint32_t>& faults = ways_[degraded - 1].faults;
  const auto found = std::find(faults.begin(), faults.end(), handle);
  SIM_ASSERT(found != faults.end(), "a way is mended of a fault that was never on it");
  faults.erase(found);
  if (!faults.empty()) return settle_way(source, target);
  free_ways_.push_back(degraded);
  degraded = 0;
  if (!blocked(source, target)) history_.disturbances().heal(source, target, now_);
}

void Engine::settle_way(HostId source, HostId target) {
  constexpr std::int64_t kMillion = 1'000'000;
  DegradedWay& way = ways_[pair(source, target).degraded - 1];
  Degradation sum;
  for (const std::uint32_t handle : way.faults) {
    const Degradation& each = degradations_[handle - 1];
    sum.latency += each.latency;
    sum.jitter += each.jitter;
    sum.bytes_per_second = lower_rate(sum.bytes_per_second, each.bytes_per_second);
    // Lost by one or by the other: 1 - (1 - a)(1 - b).
    sum.loss_ppm += each.loss_ppm - sum.loss_ppm * each.loss_ppm / kMillion;
  }
  way.sum = sum;
}

HostClock& Engine::own_clock(HostId host) {
  if (clocks_.empty()) clocks_.resize(hosts_);
  return clocks_[host];
}

void Engine::drift(HostId host, std::int64_t ppm) {
  own_clock(host).add_rate(now_, ppm);
  history_.disturbances().move_clock(host, cause_);
  rearm(host);
}

Duration Engine::step_wall_clock(HostId host, Duration by) {
  history_.disturbances().move_clock(host, cause_);
  return own_clock(host).step_wall(now_, by);
}

/// The rate has changed: deadlines come at other times. One that comes later than queued needs
/// nothing, its entry in the queue moves itself on when it comes up.
void Engine::rearm(HostId host) {
  for (ProcessId id = 0; id < processes_.size(); ++id) {
    if (processes_[id].host != host) continue;
    std::vector<Timer>& timers = stores_[id].timers;
    for (std::uint32_t slot = 0; slot < timers.size(); ++slot) {
      Timer& timer = timers[slot];
      if (timer.deadline == kNever) continue;
      const Time at = due(id, timer.deadline);
      if (at >= timer.queued_at) continue;
      timer.queued_at = at;
      timer.queued_sequence = static_cast<std::uint32_t>(next_sequence_);
      push({at, 0, id, slot, 0, timer.type, EventKind::kTimer, 0});
    }
  }
}

std::uint32_t Engine::record(HistoryEvent event) {
  event.time = now_;
  event.cause = cause_;
  cause_ = history_.keep(event);
  return cause_;
}

}  // namespace isrlab::sim
