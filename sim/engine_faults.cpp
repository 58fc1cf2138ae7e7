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
    close_end(connection & ~kServerEnd, is_client_end(id, connection));
  }
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

void Engine::unblock(HostId source, HostId target) {
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
      for (Duration interval = kRetransmitFirst; at <= now_;
           interval = std::min(2 * interval, kRetransmitMax)) {
        at += interval;
      }
      ++connection.pending_events;
      push({at, 0, id * 2 + direction, 0, 0, 0, EventKind::kRelease, 0});
    }
  }
}

std::uint16_t Engine::degrade(const Degradation& degradation) {
  degradations_.push_back(degradation);
  return static_cast<std::uint16_t>(degradations_.size());
}

void Engine::set_degradation(HostId source, HostId target, std::uint16_t handle) {
  SIM_ASSERT(handle <= degradations_.size(), "no such degradation");
  pair(source, target).degraded = handle;
  if (handle != 0) {
    history_.disturbances().disturb(source, target, cause_);
  } else if (!blocked(source, target)) {
    history_.disturbances().heal(source, target, now_);
  }
}

std::uint32_t Engine::record(HistoryEvent event) {
  event.time = now_;
  event.cause = cause_;
  cause_ = history_.keep(event);
  return cause_;
}

}  // namespace isrlab::sim
