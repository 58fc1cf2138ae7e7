// A small deterministic driver for ZooKeeper servers and clients: constant latency, constant fsync
// time, kill, cut and pause. Test support only; the real engine is sim/. A harness is a value: a
// copy has the same future.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/zookeeper/client.hpp"
#include "model/zookeeper/server.hpp"

namespace isrlab::test {

using namespace isrlab::model;
using sim::Duration;
using sim::kMillisecond;
using sim::kSecond;

inline ZkRequest zk(ZkOpKind kind, std::string path, std::string value = "", int version = -1) {
  ZkRequest request;
  ZkOp& op = request.ops.emplace_back();
  op.kind = kind;
  op.path = std::move(path);
  op.version = version;
  if (!value.empty()) op.value = std::move(value);
  return request;
}
inline ZkRequest zk_watch(ZkOpKind kind, std::string path) {
  ZkRequest request = zk(kind, std::move(path));
  request.ops.front().watch = true;
  return request;
}
inline ZkRequest zk_multi(std::vector<ZkRequest> parts) {
  ZkRequest request;
  request.multi = true;
  for (ZkRequest& part : parts) request.ops.push_back(std::move(part.ops.front()));
  return request;
}

class ZkHarness {
 public:
  struct Options {
    int servers = 1;
    int clients = 1;
    std::uint64_t seed = 1;
    Duration session_timeout = 18 * kSecond;
    Duration tick = 2 * kSecond;
    std::int64_t max_in_flight = 10;
    std::int64_t init_limit = 10;
    std::int64_t sync_limit = 5;
  };
  struct Seen {
    Time time = 0;
    ZkClientEvent event;
  };
  struct ClientProcess {
    ZkClient client;
    std::vector<Seen> seen;
    bool reopen = false;  // open() again after an expiry, as Kafka does
  };

  static constexpr Duration kLatency = 500 * sim::kMicrosecond;
  Duration disk_latency = 2 * kMillisecond;

  explicit ZkHarness(Options o) : options(o), catalog_(spec(o)) {
    for (int i = 1; i <= o.servers; ++i) servers.emplace_back(i, catalog_, o.seed);
    std::vector<ProcessId> list;
    for (int i = 0; i < o.servers; ++i) list.push_back(static_cast<ProcessId>(i));
    for (int i = 0; i < o.clients; ++i) {
      clients.push_back({ZkClient(list, o.session_timeout, o.max_in_flight, 0,
                                  sim::Random(o.seed, "client-" + std::to_string(i))),
                         {},
                         false});
    }
    processes_.resize(static_cast<std::size_t>(o.servers + o.clients));
  }

  Options options;
  std::vector<ZkServer> servers;
  std::vector<ClientProcess> clients;
  std::vector<sim::HistoryEvent> records;

  Time now() const { return now_; }
  ProcessId client_process(int index) const {
    return static_cast<ProcessId>(options.servers + index);
  }
  std::uint64_t digest() const { return history_.digest(); }

  void start_servers() {
    for (ProcessId p = 0; p < servers.size(); ++p) start(p);
  }
  void start(ProcessId process) {
    processes_[process].alive = true;
    processes_[process].silent = false;
    ++processes_[process].incarnation;
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kStart;
    push(now_, process, activation);
  }
  void open(int client) {
    processes_[client_process(client)].alive = true;
    act(client_process(client), [&](Out& out) { clients[at(client)].client.open(out); });
  }
  void close(int client) {
    act(client_process(client), [&](Out& out) { clients[at(client)].client.close(out); });
  }
  void submit(int client, std::uint32_t token, std::vector<ZkRequest> requests) {
    act(client_process(client),
        [&](Out& out) { clients[at(client)].client.submit(token, std::move(requests), out); });
  }
  bool expire(int server, std::int64_t session) {
    bool done = false;
    act(static_cast<ProcessId>(server),
        [&](Out& out) { done = servers[at(server)].expire_session(session, out); });
    return done;
  }

  /// The process dies; `silent`: with its host, so that nobody hears of it.
  void kill(ProcessId process, bool silent = false) {
    Process& dead = processes_[process];
    dead.alive = false;
    dead.silent = silent;
    dead.listening = false;
    ++dead.incarnation;
    dead.timers.clear();
    dead.held.clear();
    if (process < servers.size()) servers[process].crash();
    for (sim::ConnectionId c = 0; c < connections_.size(); ++c) {
      for (int end : {0, 1}) {
        if (connections_[c].process[end] == process && connections_[c].open[end]) {
          connections_[c].open[end] = false;
          if (!silent) tell_closed(c, 1 - end);
        }
      }
    }
  }
  void cut(ProcessId left, ProcessId right) { cuts_.insert(std::minmax(left, right)); }
  void cut_off(ProcessId process, const std::vector<ProcessId>& others) {
    for (const ProcessId other : others) {
      if (other != process) cut(process, other);
    }
  }
  void heal() {
    cuts_.clear();
    std::vector<Held> waiting = std::move(waiting_);
    waiting_.clear();
    for (Held& held : waiting) push(now_ + kLatency, held.process, held.activation);
  }
  void pause(ProcessId process) { processes_[process].paused = true; }
  void resume(ProcessId process) {
    processes_[process].paused = false;
    std::vector<sim::Activation> held = std::move(processes_[process].held);
    processes_[process].held.clear();
    for (const sim::Activation& activation : held) push(now_, process, activation);
  }

  void run_until(Time end) {
    while (!events_.empty() && events_.begin()->first.first <= end) step();
    now_ = end;
  }
  void run_for(Duration duration) { run_until(now_ + duration); }
  template <class Predicate>
  bool run_while_not(Predicate predicate, Duration limit) {
    const Time end = now_ + limit;
    while (!predicate()) {
      if (events_.empty() || events_.begin()->first.first > end) {
        now_ = end;
        return predicate();
      }
      step();
    }
    return true;
  }
  std::size_t pending_events() const { return events_.size(); }
  std::uint64_t steps() const { return steps_; }

  // --- what tests ask
  bool await_connected(int client, Duration limit = 30 * kSecond) {
    return run_while_not([&] { return clients[at(client)].client.connected(); }, limit);
  }
  int leader() const {
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (servers[i].state() == ZkServerState::kLeading && servers[i].serving() &&
          processes_[i].alive) {
        return static_cast<int>(i);
      }
    }
    return -1;
  }
  bool all_serving() const {
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (processes_[i].alive && !servers[i].serving()) return false;
    }
    return true;
  }
  int server_of(int client) const { return static_cast<int>(clients[at(client)].client.server()); }
  std::vector<std::string> states(int client) const {
    std::vector<std::string> names;
    for (const Seen& seen : clients[at(client)].seen) {
      if (seen.event.kind == ZkClientEventKind::kConnected) names.push_back("connected");
      if (seen.event.kind == ZkClientEventKind::kDisconnected) names.push_back("disconnected");
      if (seen.event.kind == ZkClientEventKind::kExpired) names.push_back("expired");
      if (seen.event.kind == ZkClientEventKind::kClosed) names.push_back("closed");
    }
    return names;
  }
  std::vector<std::string> watches(int client) const {
    static const char* const kNames[] = {"NodeCreated", "NodeDeleted", "NodeDataChanged",
                                         "NodeChildrenChanged"};
    std::vector<std::string> names;
    for (const Seen& seen : clients[at(client)].seen) {
      if (seen.event.kind != ZkClientEventKind::kWatch) continue;
      names.push_back(std::string(kNames[static_cast<int>(seen.event.watch.type)]) + " " +
                      seen.event.watch.path);
    }
    return names;
  }
  const Seen* answer(int client, std::uint32_t token) const {
    for (const Seen& seen : clients[at(client)].seen) {
      if ((seen.event.kind == ZkClientEventKind::kBatchDone ||
           seen.event.kind == ZkClientEventKind::kBatchFailed) &&
          seen.event.token == token) {
        return &seen;
      }
    }
    return nullptr;
  }
  /// Submits one request, runs until it is answered and returns the answer.
  ZkReply call(int client, ZkRequest request, Duration limit = 30 * kSecond) {
    const std::uint32_t token = ++next_token_ + 1000;
    submit(client, token, {std::move(request)});
    run_while_not([&] { return answer(client, token) != nullptr; }, limit);
    const Seen* seen = answer(client, token);
    if (seen == nullptr || seen->event.kind == ZkClientEventKind::kBatchFailed) {
      ZkReply lost;
      lost.code = ZkCode::kConnectionLoss;
      return lost;
    }
    return seen->event.replies.front();
  }
  std::vector<sim::HistoryEvent> of_kind(HistoryKind kind) const {
    std::vector<sim::HistoryEvent> found;
    for (const sim::HistoryEvent& event : records) {
      if (event.kind == static_cast<std::uint16_t>(kind)) found.push_back(event);
    }
    return found;
  }

 private:
  struct Connection {
    ProcessId process[2] = {sim::kNone, sim::kNone};  // client, server
    bool open[2] = {false, false};
  };
  struct Process {
    bool alive = false;
    bool silent = false;
    bool paused = false;
    bool listening = false;
    std::uint32_t incarnation = 0;
    std::map<sim::TimerSlot, std::uint64_t> timers;
    std::vector<sim::Activation> held;
  };
  struct Event {
    ProcessId process = sim::kNone;
    std::uint32_t incarnation = 0;
    sim::TimerSlot slot = sim::kNone;
    sim::Activation activation;
  };
  struct Held {
    ProcessId process;
    sim::Activation activation;
  };

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  static ClusterSpec spec(const Options& o) {
    ClusterSpec result;
    for (int i = 1; i <= o.servers; ++i) result.zookeeper.push_back({i, ""});
    for (int i = 1; i <= o.clients; ++i) result.brokers.push_back({i, "", {}});
    result.zookeeper_config.tick_time = o.tick;
    result.zookeeper_config.init_limit = o.init_limit;
    result.zookeeper_config.sync_limit = o.sync_limit;
    return result;
  }

  void push(Time time, ProcessId process, sim::Activation activation,
            sim::TimerSlot slot = sim::kNone) {
    activation.process = process;
    events_[{time, ++sequence_}] = {process, processes_[process].incarnation, slot, activation};
    if (slot != sim::kNone) processes_[process].timers[slot] = sequence_;
  }
  bool blocked(ProcessId from, ProcessId to) const { return cuts_.contains(std::minmax(from, to)); }
  /// Something travels over the network: it arrives, or waits for the link to heal.
  void travel(ProcessId from, ProcessId to, const sim::Activation& activation) {
    if (blocked(from, to)) {
      waiting_.push_back({to, activation});
    } else {
      push(now_ + kLatency, to, activation);
    }
  }
  void tell_closed(sim::ConnectionId connection, int end) {
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kClosed;
    activation.connection = connection;
    const Connection& c = connections_[connection];
    if (processes_[c.process[end]].silent) return;
    travel(c.process[1 - end], c.process[end], activation);
  }
  template <class Handler>
  void act(ProcessId process, Handler handler) {
    sim::Effects effects(ids_);
    Out out(effects, messages_, arena_, history_, catalog_);
    out.begin(process, now_, 0);
    handler(out);
    for (const sim::Effect& effect : effects.effects()) apply(process, effect, effects);
  }
  void apply(ProcessId process, const sim::Effect& effect, const sim::Effects& effects) {
    sim::Activation activation;
    switch (effect.kind) {
      case sim::EffectKind::kSend: {
        const Connection& c = connections_[effect.target];
        const int end = c.process[0] == process ? 0 : 1;
        activation.kind = sim::ActivationKind::kMessage;
        activation.connection = effect.target;
        activation.message = {effect.type, effect.argument};
        if (!c.open[end] || processes_[c.process[1 - end]].silent) {
          messages_.release(activation.message);
          return;
        }
        return travel(process, c.process[1 - end], activation);
      }
      case sim::EffectKind::kConnect:
        if (connections_.size() <= effect.target) connections_.resize(effect.target + 1);
        connections_[effect.target] = {{process, effect.argument}, {true, false}};
        activation.kind = sim::ActivationKind::kAccepted;
        activation.connection = effect.target;
        activation.argument = process;
        if (!processes_[effect.argument].silent) travel(process, effect.argument, activation);
        return;
      case sim::EffectKind::kClose: {
        Connection& c = connections_[effect.target];
        const int end = c.process[0] == process ? 0 : 1;
        if (!c.open[end]) return;
        c.open[end] = false;
        return tell_closed(effect.target, 1 - end);
      }
      case sim::EffectKind::kSetTimer:
        activation.kind = sim::ActivationKind::kTimer;
        activation.type = effect.type;
        activation.argument = effect.argument;
        SIM_ASSERT2(effect.time >= now_, "a timer in the past", effect.time, now_);
        return push(effect.time, process, activation, effect.target);
      case sim::EffectKind::kCancelTimer: processes_[process].timers.erase(effect.target); return;
      case sim::EffectKind::kListen: processes_[process].listening = effect.flag != 0; return;
      case sim::EffectKind::kDisk:
        activation.kind = sim::ActivationKind::kDiskDone;
        activation.argument = effect.argument;
        return push(now_ + disk_latency, process, activation);
      case sim::EffectKind::kRecord: {
        const sim::HistoryEvent& event = effects.records()[effect.argument];
        if (effect.flag != 0) {
          history_.keep(event);
        } else {
          history_.pass(event);
        }
        records.push_back(event);
        return;
      }
      default: return;
    }
  }
  void step() {
    const auto first = events_.begin();
    const Time time = first->first.first;
    const std::uint64_t sequence = first->first.second;
    const Event event = first->second;
    events_.erase(first);
    now_ = time;
    ++steps_;
    Process& process = processes_[event.process];
    if (event.slot != sim::kNone) {
      const auto armed = process.timers.find(event.slot);
      if (armed == process.timers.end() || armed->second != sequence ||
          event.incarnation != process.incarnation) {
        return;
      }
      process.timers.erase(armed);
    }
    if (event.activation.kind == sim::ActivationKind::kDiskDone &&
        event.incarnation != process.incarnation) {
      return;
    }
    if (process.paused && process.alive) {
      process.held.push_back(event.activation);
      return;
    }
    deliver(event.process, event.activation);
  }
  void deliver(ProcessId process, sim::Activation activation) {
    activation.now = now_;
    if (activation.kind == sim::ActivationKind::kAccepted && !accept(process, activation)) return;
    if (activation.connection != sim::kNone) {
      Connection& c = connections_[activation.connection];
      const int end = c.process[0] == process ? 0 : 1;
      if (!c.open[end] || !processes_[process].alive) {
        if (activation.kind == sim::ActivationKind::kMessage) messages_.release(activation.message);
        return;
      }
      if (activation.kind == sim::ActivationKind::kClosed ||
          activation.kind == sim::ActivationKind::kRefused) {
        c.open[end] = false;
      }
    }
    if (!processes_[process].alive) return;
    act(process, [&](Out& out) {
      if (process < servers.size()) return servers[process].handle(activation, messages_, out);
      ClientProcess& client = clients[process - servers.size()];
      std::vector<ZkClientEvent> events;
      client.client.handle(activation, messages_, out, events);
      bool expired = false;
      for (ZkClientEvent& seen : events) {
        expired = expired || seen.kind == ZkClientEventKind::kExpired;
        client.seen.push_back({now_, std::move(seen)});
      }
      if (expired && client.reopen) client.client.open(out);
    });
    if (activation.kind == sim::ActivationKind::kMessage) messages_.release(activation.message);
  }
  /// The first packet of a connection has arrived at the server.
  bool accept(ProcessId process, const sim::Activation& activation) {
    Connection& c = connections_[activation.connection];
    sim::Activation answer;
    answer.connection = activation.connection;
    if (processes_[process].silent) return false;
    const bool welcome = processes_[process].alive && processes_[process].listening;
    answer.kind = welcome ? sim::ActivationKind::kConnected : sim::ActivationKind::kRefused;
    c.open[1] = welcome && c.open[0];
    if (c.open[0]) travel(process, c.process[0], answer);
    return c.open[1];
  }

  Catalog catalog_;
  Messages messages_;
  RecordArena arena_;
  sim::History history_;
  sim::ConnectionIds ids_;
  std::vector<Connection> connections_;
  std::vector<Process> processes_;
  std::map<std::pair<Time, std::uint64_t>, Event> events_;
  std::set<std::pair<ProcessId, ProcessId>> cuts_;
  std::vector<Held> waiting_;
  std::uint64_t sequence_ = 0;
  std::uint64_t steps_ = 0;
  std::uint32_t next_token_ = 0;
  Time now_ = 0;
};

}  // namespace isrlab::test
