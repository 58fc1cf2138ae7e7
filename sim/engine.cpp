#include "sim/engine.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace isrlab::sim {

Engine::Engine(std::shared_ptr<const NetworkSpec> network, std::shared_ptr<const Topology> topology,
               std::span<const HostId> process_hosts, std::uint64_t seed)
    : network_(std::move(network)),
      topology_(std::move(topology)),
      hosts_(topology_->hosts()),
      net_(seed, "net") {
  for (const HostId host : process_hosts) {
    Process process;
    process.host = host;
    processes_.push_back(process);
  }
  running_.resize(processes_.size());
  stores_.resize(processes_.size());
  pairs_.resize(static_cast<std::size_t>(hosts_) * hosts_);
  nic_out_busy_.resize(hosts_);
  nic_in_busy_.resize(hosts_);
  disks_.resize(hosts_);
  link_busy_.resize(topology_->shared_links());
}

bool Engine::next(Activation& activation, Time until) {
  while (!queue_.empty() && queue_.next_time() <= until) {
    Event event;
    queue_.pop(event);
    queue_.ahead([this](const Event& later) {
      if (later.kind == EventKind::kPost) prefetch(&running_[later.target]);
      if (later.kind == EventKind::kTimer) prefetch(&stores_[later.target]);
    });
    now_ = event.time;
    cause_ = event.cause;
    if (resolve(event, activation)) {
      ++events_;
      activation.now = now_;
      return true;
    }
  }
  return false;
}

bool Engine::resolve(const Event& event, Activation& activation) {
  activation = Activation{};
  switch (event.kind) {
    case EventKind::kTimer: return resolve_timer(event, activation);
    case EventKind::kDeliver: return resolve_deliver(event, activation);
    case EventKind::kPost:
    case EventKind::kDiskDone: return resolve_own(event, activation);
    case EventKind::kStart: {
      Process& process = processes_[event.target];
      if (process.alive) return false;
      process.alive = true;
      running_[event.target] = 1;
      ++process.incarnation;
      history_.disturbances().speak(event.target, now_);
      activation.process = event.target;
      activation.kind = ActivationKind::kStart;
      return true;
    }
    case EventKind::kSyn: return resolve_syn(event, activation);
    case EventKind::kSynAnswer: return resolve_syn_answer(event, activation);
    case EventKind::kSynRetry:
      --connections_[event.target].pending_events;
      if (is_closed(connections_[event.target].client_end)) {
        maybe_free(event.target);
      } else {
        send_syn(event.target, event.argument);
      }
      return false;
    case EventKind::kAccepted: {
      Connection& connection = connections_[event.target];
      if (!is_closed(connection.server_end) && stash(connection.server, event)) {
        return false;
      }
      --connection.pending_events;
      if (is_closed(connection.server_end)) {
        maybe_free(event.target);
        return false;
      }
      activation.process = connection.server;
      activation.kind = ActivationKind::kAccepted;
      activation.connection = handle(event.target, true);
      activation.argument = connection.client;
      return true;
    }
    case EventKind::kClosed: return resolve_closed(event, activation);
    case EventKind::kRelease:
      --connections_[event.target >> 1].pending_events;
      release_held(event.target >> 1, static_cast<int>(event.target & 1));
      return false;
    case EventKind::kGiveUp: return give_up(event, activation);
    case EventKind::kControl:
      activation.kind = ActivationKind::kControl;
      activation.argument = event.argument;
      return true;
  }
  return false;
}

bool Engine::resolve_own(const Event& event, Activation& activation) {
  const bool disk = event.kind == EventKind::kDiskDone;
  if (disk || running_[event.target] == 0) {
    const Process& process = processes_[event.target];
    if (!process.alive || (disk && event.type != process.incarnation)) {
      if (!disk) undelivered_.push_back({event.type, event.argument});
      return false;
    }
    if (stash(event.target, event)) return false;
  }
  activation.process = event.target;
  activation.kind = disk ? ActivationKind::kDiskDone : ActivationKind::kMessage;
  activation.argument = event.argument;
  if (!disk) activation.message = {event.type, event.argument};
  return true;
}

bool Engine::resolve_timer(const Event& event, Activation& activation) {
  ProcessStore& store = stores_[event.target];
  if (event.argument >= store.timers.size()) return false;
  Timer& timer = store.timers[event.argument];
  const auto sequence = static_cast<std::uint32_t>(event.sequence);
  if (timer.queued_sequence != sequence || timer.queued_at != event.time) return false;
  if (processes_[event.target].paused) {
    store.inbox.push_back(event);
    return false;
  }
  timer.queued_at = kNever;
  if (timer.deadline == kNever) return false;
  if (timer.deadline > monotonic_now(event.target)) {  // moved since it was queued: re-arm lazily
    timer.queued_at = due(event.target, timer.deadline);
    timer.queued_sequence = static_cast<std::uint32_t>(next_sequence_);
    Event again = event;
    again.time = timer.queued_at;
    again.sequence = next_sequence_++;
    queue_.push(again);
    return false;
  }
  timer.deadline = kNever;
  cause_ = timer.cause;
  activation.process = event.target;
  activation.kind = ActivationKind::kTimer;
  activation.type = timer.type;
  activation.argument = timer.argument;
  return true;
}

bool Engine::resolve_deliver(const Event& event, Activation& activation) {
  const ConnectionId id = event.target >> 1;
  Connection& connection = connections_[id];
  const bool to_server = (event.target & 1) == 0;
  const ProcessId receiver = to_server ? connection.server : connection.client;
  const EndState end = to_server ? connection.server_end : connection.client_end;
  if (end == EndState::kOpen && stash(receiver, event)) return false;
  --connection.pending_events;
  if (end != EndState::kOpen) {
    undelivered_.push_back({event.type, event.argument});
    if (end == EndState::kGone) {  // the host is back and knows nothing of the connection
      (to_server ? connection.server_end : connection.client_end) = EndState::kClosed;
      put_on_wire(id, to_server ? 1 : 0, {}, 60, true);
    }
    maybe_free(id);
    return false;
  }
  activation.process = receiver;
  activation.kind = ActivationKind::kMessage;
  activation.connection = handle(id, to_server);
  activation.message = {event.type, event.argument};
  return true;
}

bool Engine::resolve_syn(const Event& event, Activation&) {
  const ConnectionId id = event.target;
  Connection& connection = connections_[id];
  --connection.pending_events;
  if (is_closed(connection.client_end)) {
    maybe_free(id);
    return false;
  }
  if (blocked(connection.server_host, connection.client_host)) {
    retry_syn(id, event.argument + 1);
    return false;
  }
  const Process& server = processes_[connection.server];
  const bool accepted = server.alive && server.listening;
  const Duration back = transmit(connection.server_host, connection.client_host, 60) - now_;
  if (accepted) {
    connection.server_end = EndState::kOpen;
    stores_[connection.server].connections.push_back(handle(id, true));
    ++connection.pending_events;
    push({now_, 0, id, 0, 0, 0, EventKind::kAccepted, 0});
    connection.directions[1].last_arrival = now_ + back;
  }
  ++connection.pending_events;
  push({now_ + back, 0, id, 0, 0, 0, EventKind::kSynAnswer, static_cast<std::uint8_t>(accepted)});
  return false;
}

bool Engine::resolve_syn_answer(const Event& event, Activation& activation) {
  const ConnectionId id = event.target;
  Connection& connection = connections_[id];
  if (connection.client_end == EndState::kOpening && stash(connection.client, event)) return false;
  --connection.pending_events;
  if (connection.client_end != EndState::kOpening) {
    // The client gave up while the answer was under way: its kernel resets the connection.
    if (connection.server_end == EndState::kOpen) put_on_wire(id, 0, {}, 60, true);
    maybe_free(id);
    return false;
  }
  activation.process = connection.client;
  activation.connection = id;
  activation.argument = connection.server;
  if (event.flags != 0) {
    connection.client_end = EndState::kOpen;
    activation.kind = ActivationKind::kConnected;
  } else {
    connection.client_end = EndState::kClosed;
    forget(connection.client, id);
    activation.kind = ActivationKind::kRefused;
    maybe_free(id);
  }
  return true;
}

bool Engine::resolve_closed(const Event& event, Activation& activation) {
  const ConnectionId id = event.target >> 1;
  Connection& connection = connections_[id];
  const bool to_server = (event.target & 1) == 0;
  const ProcessId receiver = to_server ? connection.server : connection.client;
  EndState& end = to_server ? connection.server_end : connection.client_end;
  if (!is_closed(end) && stash(receiver, event)) return false;
  --connection.pending_events;
  if (is_closed(end)) {
    end = EndState::kClosed;
    maybe_free(id);
    return false;
  }
  end = EndState::kClosed;
  drop_held(connection.directions[to_server ? 1 : 0]);
  forget(receiver, handle(id, to_server));
  activation.process = receiver;
  activation.kind = ActivationKind::kClosed;
  activation.connection = handle(id, to_server);
  maybe_free(id);
  return true;
}

bool Engine::give_up(const Event& event, Activation& activation) {
  const ConnectionId id = event.target >> 1;
  Connection& connection = connections_[id];
  Direction& direction = connection.directions[event.target & 1];
  --connection.pending_events;
  const bool from_client = (event.target & 1) == 0;
  EndState& end = from_client ? connection.client_end : connection.server_end;
  const bool stuck =
      direction.blocked_since != kNever && now_ - direction.blocked_since >= kGiveUpAfter;
  if (!stuck || is_closed(end)) {
    maybe_free(id);
    return false;
  }
  end = EndState::kClosed;
  drop_held(direction);
  const ProcessId owner = from_client ? connection.client : connection.server;
  forget(owner, handle(id, !from_client));
  activation.process = owner;
  activation.kind = ActivationKind::kClosed;
  activation.connection = handle(id, !from_client);
  maybe_free(id);
  return true;
}

bool Engine::stash(ProcessId process, const Event& event) {
  if (!processes_[process].paused) return false;
  stores_[process].inbox.push_back(event);
  return true;
}

void Engine::apply(ProcessId self, Effects& effects) {
  // What a handler sends or schedules after an event is caused by that event, unless it says else.
  const std::span<HistoryEvent> records = effects.records();
  bool exits = false;
  for (const Effect& effect : effects.effects()) {
    switch (effect.kind) {
      case EffectKind::kSend: apply_send(self, effect); break;
      case EffectKind::kPost:
        history_.hash_words(effect.target, effect.type);
        push({now_ + effect.time, 0, effect.target, effect.argument, 0, effect.type,
              EventKind::kPost, 0});
        if (effect.type < kMessageTypes) ++sent_[effect.type];
        break;
      case EffectKind::kConnect: apply_connect(self, effect); break;
      case EffectKind::kClose: {
        const ConnectionId id = effect.target & ~kServerEnd;
        if (id < connections_.size() && connections_[id].in_use) {
          close_end(id, is_client_end(self, effect.target));
        }
        break;
      }
      case EffectKind::kSetTimer: apply_timer(self, effect); break;
      case EffectKind::kCancelTimer:
        if (effect.target < stores_[self].timers.size()) {
          stores_[self].timers[effect.target].deadline = kNever;
        }
        break;
      case EffectKind::kListen: processes_[self].listening = effect.flag != 0; break;
      case EffectKind::kDisk: apply_disk(self, effect); break;
      case EffectKind::kExit: exits = true; break;
      case EffectKind::kRecord: {
        HistoryEvent& event = records[effect.argument];
        if (effect.flag != 0) {
          event.id = history_.keep(event);
          cause_ = event.id;
        } else {
          history_.pass(event);
        }
        break;
      }
      case EffectKind::kBecause: cause_ = effect.argument; break;
    }
  }
  if (exits) kill(self);
}

void Engine::apply_send(ProcessId self, const Effect& effect) {
  const MessageRef message{effect.type, effect.argument};
  const ConnectionId id = effect.target & ~kServerEnd;
  Connection& connection = connections_[id];
  const bool from_client = is_client_end(self, effect.target);
  const bool own_connection = from_client || connection.server == self;
  const EndState own = from_client ? connection.client_end : connection.server_end;
  const EndState peer = from_client ? connection.server_end : connection.client_end;
  ++sent_[effect.type];
  bytes_sent_ += effect.bytes;
  // A peer that is gone never reads it; the notice that it is gone is already under way. An own end
  // that was closed earlier in the same step loses what is written to it.
  const bool lost =
      !connection.in_use || !own_connection || own != EndState::kOpen || peer == EndState::kClosed;
  history_.hash_words((static_cast<std::uint64_t>(effect.target) << 32) | effect.type,
                      (static_cast<std::uint64_t>(effect.bytes) << 1) | (lost ? 1 : 0));
  if (lost) {
    undelivered_.push_back(message);
    return;
  }
  put_on_wire(id, from_client ? 0 : 1, message, effect.bytes, false);
}

void Engine::put_on_wire(ConnectionId id, int direction, MessageRef message, std::uint32_t bytes,
                         bool close) {
  Connection& connection = connections_[id];
  const HostId source = direction == 0 ? connection.client_host : connection.server_host;
  const HostId target = direction == 0 ? connection.server_host : connection.client_host;
  Direction& stream = connection.directions[direction];
  const bool held =
      stream.held != kNone || blocked(source, target) ||
      (holds_in_force_ != 0 && !close && held_back(connection, direction, message.type));
  if (held) return hold(id, direction, {message, bytes, close});
  Time arrival = transmit(source, target, bytes);
  if (pair(source, target).degraded != 0) arrival += retransmissions(source, target, bytes);
  arrival = std::max(arrival, stream.last_arrival);
  stream.last_arrival = arrival;
  ++connection.pending_events;
  push({arrival, 0, id * 2 + static_cast<std::uint32_t>(direction), message.index, 0, message.type,
        close ? EventKind::kClosed : EventKind::kDeliver, 0});
}

void Engine::hold(ConnectionId id, int direction, HeldMessage message) {
  Connection& connection = connections_[id];
  Direction& stream = connection.directions[direction];
  if (stream.held == kNone) {
    if (free_held_.empty()) {
      stream.held = static_cast<std::uint32_t>(held_.size());
      held_.emplace_back();
    } else {
      stream.held = free_held_.back();
      free_held_.pop_back();
    }
    stream.blocked_since = now_;
    ++connection.pending_events;
    push({now_ + kGiveUpAfter, 0, id * 2 + static_cast<std::uint32_t>(direction), 0, 0, 0,
          EventKind::kGiveUp, 0});
  }
  held_[stream.held].push_back(message);
}

void Engine::drop_held(Direction& direction) {
  if (direction.held == kNone) return;
  for (const HeldMessage& message : held_[direction.held]) {
    if (!message.close) undelivered_.push_back(message.message);
  }
  held_[direction.held].clear();
  free_held_.push_back(direction.held);
  direction.held = kNone;
  direction.blocked_since = kNever;
}

void Engine::release_held(ConnectionId id, int direction) {
  Connection& connection = connections_[id];
  Direction& stream = connection.directions[direction];
  const HostId source = direction == 0 ? connection.client_host : connection.server_host;
  const HostId target = direction == 0 ? connection.server_host : connection.client_host;
  if (stream.held == kNone || blocked(source, target)) {
    maybe_free(id);
    return;
  }
  const std::uint32_t list = stream.held;
  std::vector<HeldMessage> messages = std::move(held_[list]);
  held_[list].clear();
  free_held_.push_back(list);
  stream.held = kNone;
  stream.blocked_since = kNever;
  for (const HeldMessage& message : messages) {
    put_on_wire(id, direction, message.message, message.bytes, message.close);
  }
  maybe_free(id);
}

Time Engine::transmit(HostId source, HostId target, std::uint32_t bytes) {
  const Topology::Path& path = topology_->path(source, target);
  Time first = now_;  // of the message's packets; the last of them is what its receiver waits for
  Time depart = now_;
  // Packets pass what lies behind each other at the same time, each place at its own pace.
  const auto through = [&first, &depart, bytes](Time& busy_until, std::int64_t bytes_per_second) {
    if (bytes_per_second <= 0) return;
    // 32 bits of bytes times 30 bits of nanoseconds: no overflow.
    first = std::max(first, busy_until);
    busy_until = first + Duration{bytes} * kSecond / bytes_per_second;
    depart = std::max(depart, busy_until);
  };
  Duration latency = path.latency;
  Duration jitter = path.jitter;
  if (source != target) {
    through(nic_out_busy_[source], network_->hosts[source].nic_bytes_per_second);
    if (path.shared_link != kNone) {
      through(link_busy_[path.shared_link],
              topology_->shared_link_bytes_per_second(path.shared_link));
    }
    const std::uint32_t degraded = pair(source, target).degraded;
    if (degraded != 0) {
      DegradedWay& way = ways_[degraded - 1];
      through(way.busy_until, way.sum.bytes_per_second);
      latency += way.sum.latency;
      jitter += way.sum.jitter;
    }
    through(nic_in_busy_[target], network_->hosts[target].nic_bytes_per_second);
  }
  if (jitter > 0)
    latency += static_cast<Duration>(net_.below(static_cast<std::uint64_t>(jitter) + 1));
  return depart + latency;
}

void Engine::apply_connect(ProcessId self, const Effect& effect) {
  const ConnectionId id = effect.target;
  if (connections_.size() <= id) connections_.resize(id + 1);
  Connection& connection = connections_[id];
  SIM_ASSERT(!connection.in_use, "a connection id is used twice");
  connection = Connection{};
  connection.in_use = true;
  connection.client = self;
  connection.server = effect.argument;
  connection.client_host = processes_[self].host;
  connection.server_host = processes_[effect.argument].host;
  connection.client_end = EndState::kOpening;
  connection.opened = now_;
  stores_[self].connections.push_back(id);
  history_.hash_words(id, effect.argument);
  send_syn(id, 0);
}

void Engine::send_syn(ConnectionId id, std::uint32_t attempt) {
  Connection& connection = connections_[id];
  const HostId client = connection.client_host;
  const HostId server = connection.server_host;
  if (blocked(client, server) || loses_packet(client, server) || loses_packet(server, client)) {
    retry_syn(id, attempt + 1);
    return;
  }
  ++connection.pending_events;
  push({transmit(connection.client_host, connection.server_host, 60), 0, id, attempt, 0, 0,
        EventKind::kSyn, 0});
}

void Engine::retry_syn(ConnectionId id, std::uint32_t attempt) {
  // Linux sends the packet again 1, 3, 7, 15, 31 and 63 s after the first; then it stays silent.
  if (attempt > 6) return;
  Connection& connection = connections_[id];
  Time at = connection.opened + kSynRetryFirst * ((Time{1} << attempt) - 1);
  while (at <= now_ && attempt <= 6) {
    ++attempt;
    at = connection.opened + kSynRetryFirst * ((Time{1} << attempt) - 1);
  }
  ++connection.pending_events;
  push({at, 0, id, attempt, 0, 0, EventKind::kSynRetry, 0});
}

void Engine::apply_timer(ProcessId self, const Effect& effect) {
  SIM_ASSERT2(effect.time >= monotonic_now(self), "a timer is set in the past", effect.time,
              monotonic_now(self));
  std::vector<Timer>& timers = stores_[self].timers;
  if (timers.size() <= effect.target) {
    // In small steps: most processes have few timers, but many have a few more than a power of two.
    if (timers.capacity() <= effect.target) timers.reserve(effect.target + 1 + effect.target / 8);
    timers.resize(effect.target + 1);
  }
  Timer& timer = timers[effect.target];
  timer.deadline = effect.time;
  timer.type = effect.type;
  timer.argument = effect.argument;
  timer.cause = cause_;
  const Time at = due(self, effect.time);
  if (at >= timer.queued_at) return;  // the entry under way re-arms itself
  timer.queued_at = at;
  timer.queued_sequence = static_cast<std::uint32_t>(next_sequence_);
  push({at, 0, self, effect.target, 0, effect.type, EventKind::kTimer, 0});
}

void Engine::apply_disk(ProcessId self, const Effect& effect) {
  const HostId host = processes_[self].host;
  const HostSpec& spec = network_->hosts[host];
  DiskState& disk = disks_[host];
  Time done = std::max(now_, disk.busy_until) + disk.sum.latency;
  const std::int64_t rate =
      disk.sum.bytes_per_second > 0 ? disk.sum.bytes_per_second : spec.disk_bytes_per_second;
  if (rate > 0) {
    done += Duration{effect.bytes} * kSecond / rate;
  }
  if (effect.flag != 0) done += spec.disk_fsync_latency;
  disk.busy_until = done;
  push({done, 0, self, effect.argument, 0, processes_[self].incarnation, EventKind::kDiskDone, 0});
}

void Engine::close_end(ConnectionId id, bool client_side) {
  Connection& connection = connections_[id];
  EndState& own = client_side ? connection.client_end : connection.server_end;
  const EndState peer = client_side ? connection.server_end : connection.client_end;
  if (is_closed(own)) return;
  const bool opening = own == EndState::kOpening;
  own = EndState::kClosed;
  forget(client_side ? connection.client : connection.server, handle(id, !client_side));
  // What waits for a cut to heal is sent before the end of the stream: TCP delivers it first.
  if (!opening && peer != EndState::kClosed) put_on_wire(id, client_side ? 0 : 1, {}, 60, true);
  maybe_free(id);
}

void Engine::forget(ProcessId process, ConnectionId handle) {
  std::vector<ConnectionId>& list = stores_[process].connections;
  const auto found = std::find(list.begin(), list.end(), handle);
  if (found != list.end()) list.erase(found);
}

void Engine::maybe_free(ConnectionId id) {
  Connection& connection = connections_[id];
  const bool closed = is_closed(connection.client_end) && is_closed(connection.server_end);
  if (!connection.in_use || !closed) return;
  drop_held(connection.directions[0]);
  drop_held(connection.directions[1]);
  if (connection.pending_events != 0) return;
  connection.in_use = false;
  ids_.give_back(id);
}

}  // namespace isrlab::sim
