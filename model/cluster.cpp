#include "model/cluster.hpp"

#include <algorithm>

namespace isrlab::model {

Cluster::State Cluster::make_state(std::shared_ptr<const Catalog> catalog, std::uint64_t seed) {
  auto network = std::make_shared<const sim::NetworkSpec>(catalog->network_spec());
  auto topology = std::make_shared<const sim::Topology>(*network);
  std::vector<sim::HostId> hosts;
  for (const ProcessInfo& process : catalog->processes()) hosts.push_back(process.host);
  State state{catalog,
              seed,
              sim::Engine(network, topology, hosts, seed),
              {},
              {},
              {},
              {},
              {},
              {},
              Admin(*catalog, seed),
              sim::Random(seed, "start:clients"),
              sim::Random(seed, "disk"),
              std::vector<UnflushedLoss>(catalog->processes().size(), UnflushedLoss::kNone),
              false,
              {}};
  for (const ZooKeeperServerSpec& server : catalog->spec().zookeeper) {
    state.zookeeper.emplace_back(server.id, *catalog, seed);
  }
  for (const BrokerSpec& broker : catalog->spec().brokers) {
    state.brokers.emplace_back(broker.id, *catalog, seed);
  }
  for (std::uint32_t i = 0; i < catalog->spec().producers.size(); ++i) {
    state.producers.emplace_back(i, *catalog, seed);
  }
  for (std::uint32_t i = 0; i < catalog->consumer_count(); ++i) {
    state.consumers.emplace_back(i, *catalog, seed);
  }
  return state;
}

Cluster::Cluster(std::shared_ptr<const Catalog> catalog, std::uint64_t seed)
    : state_(make_state(std::move(catalog), seed)), effects_(state_.engine.connection_ids()) {
  for (ProcessId process = 0; process < state_.catalog->processes().size(); ++process) {
    const ProcessKind kind = state_.catalog->process(process).kind;
    if (kind != ProcessKind::kProducer && kind != ProcessKind::kConsumer) {
      state_.engine.schedule_start(process, 0);
    }
  }
}

Cluster::Cluster(const Cluster& other)
    : state_(other.state_), effects_(state_.engine.connection_ids()) {
  state_.environment.clear();
}

Cluster& Cluster::operator=(const Cluster& other) {
  if (this == &other) return *this;
  state_ = other.state_;
  state_.environment.clear();
  effects_.clear();
  effects_.bind(state_.engine.connection_ids());
  return *this;
}

Cluster::Cluster(Cluster&& other) noexcept
    : state_(std::move(other.state_)), effects_(state_.engine.connection_ids()) {}

Cluster& Cluster::operator=(Cluster&& other) noexcept {
  state_ = std::move(other.state_);
  effects_.clear();
  effects_.bind(state_.engine.connection_ids());
  return *this;
}

Out Cluster::out_for(ProcessId process) {
  Out out(effects_, state_.messages, state_.arena, state_.engine.history(), *state_.catalog);
  const ProcessInfo& info = state_.catalog->process(process);
  const bool by_wall = info.kind != ProcessKind::kBroker && info.kind != ProcessKind::kZooKeeper;
  out.begin(process, state_.engine.reading(process), by_wall, state_.engine.clock(info.host),
            state_.engine.cause());
  return out;
}

StepResult Cluster::step(Time until, std::uint32_t& control) {
  clear_recent();
  sim::Activation activation;
  const bool more = state_.engine.next(activation, until);
  for (const sim::MessageRef message : state_.engine.undelivered()) {
    state_.messages.release(message);
  }
  state_.engine.undelivered().clear();
  if (!more) return StepResult::kNothing;
  if (activation.kind == sim::ActivationKind::kControl) {
    control = activation.argument;
    return StepResult::kControl;
  }
  Out out = out_for(activation.process);
  if (activation.kind == sim::ActivationKind::kStart) {
    start_process(activation.process, out);
  } else {
    dispatch(activation, out);
  }
  if (activation.message.index != kNone && !out.take_kept()) {
    state_.messages.release(activation.message);
  }
  finish(activation.process);
  return StepResult::kHandled;
}

void Cluster::dispatch(const sim::Activation& activation, Out& out) {
  const ProcessInfo& info = state_.catalog->process(activation.process);
  switch (info.kind) {
    case ProcessKind::kBroker:
      return state_.brokers[info.index].handle(activation, state_.messages, out);
    case ProcessKind::kProducer:
      return state_.producers[info.index].handle(activation, state_.messages, out);
    case ProcessKind::kConsumer:
      return state_.consumers[info.index].handle(activation, state_.messages, out);
    case ProcessKind::kZooKeeper:
      return state_.zookeeper[info.index].handle(activation, state_.messages, out);
    case ProcessKind::kAdmin: return state_.admin.handle(activation, state_.messages, out);
  }
}

void Cluster::start_process(ProcessId process, Out& out) {
  const ProcessInfo& info = state_.catalog->process(process);
  out.record(HistoryKind::kProcessStarted, state_.engine.process(process).incarnation);
  switch (info.kind) {
    case ProcessKind::kBroker: return state_.brokers[info.index].start(out);
    case ProcessKind::kProducer: return state_.producers[info.index].start(out);
    case ProcessKind::kConsumer: return state_.consumers[info.index].start(out);
    case ProcessKind::kZooKeeper: return state_.zookeeper[info.index].start(out);
    case ProcessKind::kAdmin: return state_.admin.start(out);
  }
}

void Cluster::finish(ProcessId process) {
  state_.engine.apply(process, effects_);
  for (const sim::MessageRef message : state_.engine.undelivered()) {
    state_.messages.release(message);
  }
  state_.engine.undelivered().clear();
  if (!state_.engine.process(process).alive) {
    const ProcessInfo& info = state_.catalog->process(process);
    const bool supervised =
        info.kind == ProcessKind::kBroker && state_.brokers[info.index].wants_supervisor();
    crash_actor(process);
    const Duration pause = state_.catalog->spec().broker_supervisor_restart;
    if (supervised && pause != sim::kNever) {
      state_.engine.schedule_start(process, state_.engine.now() + pause);
    }
  }
  if (!state_.clients_started && state_.admin.topics_ready()) start_clients();
}

void Cluster::start_clients() {
  state_.clients_started = true;
  const ClusterSpec& spec = state_.catalog->spec();
  const auto start = [this](ProcessId process, Time earliest) {
    // Each client's JVM takes its own time to come up.
    const Duration boot = state_.start_random.between(0, 200 * sim::kMillisecond);
    state_.engine.schedule_start(process, std::max(earliest, state_.engine.now()) + boot);
  };
  for (std::uint32_t i = 0; i < spec.producers.size(); ++i) {
    start(state_.catalog->producer_process(i), spec.producers[i].start);
  }
  for (std::uint32_t i = 0; i < state_.catalog->consumer_count(); ++i) {
    const GroupInfo& group = state_.catalog->group(state_.catalog->consumer(i).group);
    start(state_.catalog->consumer_process(i), spec.groups[group.spec].start);
  }
}

void Cluster::crash_actor(ProcessId process) {
  const ProcessInfo& info = state_.catalog->process(process);
  switch (info.kind) {
    case ProcessKind::kBroker: return state_.brokers[info.index].crash(state_.messages);
    case ProcessKind::kProducer: return state_.producers[info.index].crash();
    case ProcessKind::kConsumer: return state_.consumers[info.index].crash();
    case ProcessKind::kZooKeeper: return state_.zookeeper[info.index].crash();
    case ProcessKind::kAdmin: return state_.admin.crash();
  }
}

template <class Act>
void Cluster::act(ProcessId process, Act&& what) {
  Out out = out_for(process);
  what(out);
  finish(process);
}

std::uint32_t Cluster::record(HistoryKind kind, std::uint16_t actor, std::uint32_t subject,
                              std::int64_t a, std::int64_t b, std::int64_t c) {
  sim::HistoryEvent event;
  event.kind = static_cast<std::uint16_t>(kind);
  event.actor = actor;
  event.subject = subject;
  event.a = a;
  event.b = b;
  event.c = c;
  const std::uint32_t id = state_.engine.record(event);
  state_.environment.push_back(state_.engine.history()[id]);
  return id;
}

void Cluster::kill(ProcessId process) {
  die(process, state_.armed[process], false);
}

void Cluster::crash_host(ProcessId process, UnflushedLoss loss) {
  die(process, loss, true);
}

void Cluster::die(ProcessId process, UnflushedLoss loss, bool with_host) {
  if (!alive(process)) return;
  record(HistoryKind::kProcessKilled, static_cast<std::uint16_t>(process), 0);
  const ProcessInfo& info = state_.catalog->process(process);
  state_.armed[process] = UnflushedLoss::kNone;
  std::erase(state_.stop_pending, process);
  if (info.kind == ProcessKind::kBroker) {
    record_losses(process,
                  state_.brokers[info.index].lose_unflushed(loss, with_host, state_.disk_random));
  }
  if (with_host) {
    state_.engine.crash(process);
  } else {
    state_.engine.kill(process);
  }
  crash_actor(process);
  for (const sim::MessageRef message : state_.engine.undelivered()) {
    state_.messages.release(message);
  }
  state_.engine.undelivered().clear();
}

/// Each loss is caused by the death, not by the loss before it.
void Cluster::record_losses(ProcessId process, const std::vector<Broker::DiskLoss>& losses) {
  const std::uint32_t cause = state_.engine.cause();
  for (const Broker::DiskLoss& loss : losses) {
    state_.engine.set_cause(cause);
    record(HistoryKind::kRecordsLostOnDisk, static_cast<std::uint16_t>(process), loss.partition,
           loss.from, loss.to, loss.recovery_point);
  }
  state_.engine.set_cause(cause);
}

void Cluster::wipe(ProcessId process) {
  kill(process);
  const ProcessInfo& info = state_.catalog->process(process);
  if (info.kind == ProcessKind::kBroker) {
    record_losses(process, state_.brokers[info.index].wipe());
  } else if (info.kind == ProcessKind::kZooKeeper) {
    state_.zookeeper[info.index].wipe();
  }
}

void Cluster::arm_loss(ProcessId process, UnflushedLoss loss) {
  state_.armed[process] = loss;
}

void Cluster::set_disk_failed(ProcessId process, bool failed, std::int32_t directory) {
  const ProcessInfo& info = state_.catalog->process(process);
  if (info.kind == ProcessKind::kBroker) {
    state_.brokers[info.index].set_disk_failed(failed, directory);
  } else if (info.kind == ProcessKind::kZooKeeper) {
    state_.zookeeper[info.index].set_disk_failed(failed);
  }
}

void Cluster::slow_disk(ProcessId process, const sim::DiskSlowdown& slowdown) {
  const ProcessInfo& info = state_.catalog->process(process);
  state_.engine.slow_disk(info.host, slowdown);
  if (info.kind == ProcessKind::kBroker) state_.brokers[info.index].slow_disk(1);
}

void Cluster::mend_disk(ProcessId process, const sim::DiskSlowdown& slowdown) {
  const ProcessInfo& info = state_.catalog->process(process);
  state_.engine.mend_disk(info.host, slowdown);
  if (info.kind == ProcessKind::kBroker) state_.brokers[info.index].slow_disk(-1);
}

Time Cluster::run_time_of(ProcessId process, Time monotonic) const {
  const sim::HostClock* clock = state_.engine.clock(state_.catalog->process(process).host);
  return clock == nullptr || monotonic == sim::kNever ? monotonic : clock->run_time(monotonic);
}

Time Cluster::run_time_of_wall(ProcessId process, Time wall) const {
  const sim::ClockReading now = state_.engine.reading(process);
  return wall == sim::kNever ? wall : run_time_of(process, wall - now.wall + now.monotonic);
}

void Cluster::stop(ProcessId process) {
  if (!alive(process)) return;
  // SIGTERM stays pending in a process that SIGSTOP holds.
  if (paused(process)) return state_.stop_pending.push_back(process);
  const ProcessInfo& info = state_.catalog->process(process);
  if (info.kind == ProcessKind::kBroker) {
    act(process, [&](Out& out) { state_.brokers[info.index].stop(out); });
  } else if (info.kind == ProcessKind::kConsumer) {
    act(process, [&](Out& out) { state_.consumers[info.index].stop(out); });
  } else {
    kill(process);  // nothing to hand over
  }
}

void Cluster::administer(AdminTask task) {
  const ProcessId process = state_.catalog->admin_process();
  if (!alive(process)) return;
  act(process, [&](Out& out) { state_.admin.ask(std::move(task), out); });
}

void Cluster::pause(ProcessId process) {
  if (!alive(process) || paused(process)) return;
  record(HistoryKind::kProcessPaused, static_cast<std::uint16_t>(process), 0);
  state_.engine.pause(process);
}

void Cluster::resume(ProcessId process) {
  if (!alive(process) || !paused(process)) return;
  const Duration paused_for = now() - state_.engine.process(process).paused_at;
  record(HistoryKind::kProcessResumed, static_cast<std::uint16_t>(process), 0, paused_for);
  state_.engine.resume(process);
  if (std::erase(state_.stop_pending, process) > 0) stop(process);
}

bool Cluster::expire_session(BrokerId broker) {
  const std::int32_t leader = zookeeper_leader();
  const std::int64_t session = this->broker(broker).zookeeper().session_id();
  if (leader < 0 || session == 0) return false;
  bool done = false;
  act(state_.catalog->zookeeper_process(static_cast<std::uint32_t>(leader)), [&](Out& out) {
    done = state_.zookeeper[static_cast<std::size_t>(leader)].expire_session(session, out);
  });
  return done;
}

std::int32_t Cluster::zookeeper_leader() const {
  std::int32_t leader = -1;
  for (std::size_t i = 0; i < state_.zookeeper.size(); ++i) {
    const ZkServer& server = state_.zookeeper[i];
    if (server.state() != ZkServerState::kLeading || !server.serving()) continue;
    const bool newer =
        leader < 0 || server.epoch() > state_.zookeeper[static_cast<std::size_t>(leader)].epoch();
    if (newer) leader = static_cast<std::int32_t>(i);
  }
  return leader;
}

BrokerId Cluster::controller() const {
  BrokerId found = kNoBroker;
  for (const Broker& broker : state_.brokers) {
    if (!broker.controller().active()) continue;
    const bool newer = found == kNoBroker || broker.controller().context().epoch >
                                                 this->broker(found).controller().context().epoch;
    if (newer) found = broker.id();
  }
  return found;
}

const ZkServer& Cluster::authority() const {
  const std::int32_t leader = zookeeper_leader();
  if (leader >= 0) return state_.zookeeper[static_cast<std::size_t>(leader)];
  return *std::max_element(
      state_.zookeeper.begin(), state_.zookeeper.end(),
      [](const ZkServer& a, const ZkServer& b) { return a.last_zxid() < b.last_zxid(); });
}

const PartitionStateZnode* Cluster::partition_state(PartitionId partition) const {
  const auto* node = authority().tree().find(state_.catalog->path_of_state(partition));
  return node == nullptr ? nullptr : std::get_if<PartitionStateZnode>(&node->value);
}

bool Cluster::registered(BrokerId broker) const {
  return authority().tree().find("/brokers/ids/" + std::to_string(broker)) != nullptr;
}

}  // namespace isrlab::model
