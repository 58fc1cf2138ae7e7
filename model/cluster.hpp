// The world of a run: engine, actors, messages under way, all in one copyable value. A copy is a
// checkpoint; running the copy gives the same history as running the original.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "model/broker/broker.hpp"
#include "model/client/admin.hpp"
#include "model/client/consumer.hpp"
#include "model/client/producer.hpp"
#include "model/out.hpp"
#include "model/zookeeper/server.hpp"
#include "sim/engine.hpp"

namespace isrlab::model {

enum class StepResult : std::uint8_t {
  kHandled,  // one activation was handled
  kControl,  // an item of the scenario's schedule is due: the caller acts
  kNothing,  // nothing more happens until the given time
};

class Cluster {
 public:
  Cluster(std::shared_ptr<const Catalog> catalog, std::uint64_t seed);
  Cluster(const Cluster& other);
  Cluster& operator=(const Cluster& other);
  Cluster(Cluster&& other) noexcept;
  Cluster& operator=(Cluster&& other) noexcept;

  /// Handles the next thing that happens at or before `until`. With kControl, `control` is the
  /// item.
  StepResult step(Time until, std::uint32_t& control);

  /// What the last step or fault wrote to the history, kept and transient, in order.
  std::span<const sim::HistoryEvent> recent_faults() const { return state_.environment; }
  std::span<const sim::HistoryEvent> recent() const { return effects_.records(); }
  void clear_recent() {
    state_.environment.clear();
    effects_.clear();
  }

  // --- faults (the scenario's driver and the viewer) ---
  void kill(ProcessId process);
  void start(ProcessId process, Time at) { state_.engine.schedule_start(process, at); }
  void stop(ProcessId process);  // clean: SIGTERM
  /// The operator's tools: moves of partitions, elections.
  void administer(AdminTask task);
  /// The host goes down with the process (power loss): no peer is told, and what its kernel had not
  /// written back is lost in part. The caller has cut the host off.
  void crash_host(ProcessId process, UnflushedLoss loss);
  /// The process dies and its disk is empty.
  void wipe(ProcessId process);
  /// What the next kill takes along (lazyfs): once.
  void arm_loss(ProcessId process, UnflushedLoss loss);
  /// From now on each write fails; false: the disk works again.
  /// `directory`: of a broker's log.dirs, -1 for all of them.
  void set_disk_failed(ProcessId process, bool failed, std::int32_t directory = -1);
  /// Whatever waits for the disk takes longer; several at a time add up.
  void slow_disk(ProcessId process, const sim::DiskSlowdown& slowdown);
  void mend_disk(ProcessId process, const sim::DiskSlowdown& slowdown);
  void pause(ProcessId process);
  void resume(ProcessId process);
  void block(sim::HostId source, sim::HostId target) { state_.engine.block(source, target); }
  void unblock(sim::HostId source, sim::HostId target) { state_.engine.unblock(source, target); }
  /// Ends the broker's ZooKeeper session although the broker lives. False if it has none or the
  /// ensemble has no leader.
  bool expire_session(BrokerId broker);
  /// Writes an event of the environment; it becomes the cause of what the fault does.
  std::uint32_t record(HistoryKind kind, std::uint16_t actor, std::uint32_t subject,
                       std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0);
  std::int64_t list(std::span<const std::uint32_t> members) {
    return state_.engine.history().intern(members);
  }
  void advance_to(Time to) { state_.engine.advance_to(to); }
  void schedule_control(Time at, std::uint32_t item) { state_.engine.schedule_control(at, item); }
  sim::Engine& engine() { return state_.engine; }

  // --- read access ---
  const sim::Engine& engine() const { return state_.engine; }
  const sim::History& history() const { return state_.engine.history(); }
  const Catalog& catalog() const { return *state_.catalog; }
  const std::shared_ptr<const Catalog>& shared_catalog() const { return state_.catalog; }
  Time now() const { return state_.engine.now(); }
  /// When the monotonic (the wall) face of the clock of the process's host shows this. Times in the
  /// state of an actor are readings of its own clock; times in the history are the run's.
  Time run_time_of(ProcessId process, Time monotonic) const;
  Time run_time_of_wall(ProcessId process, Time wall) const;
  const std::vector<ZkServer>& zookeeper() const { return state_.zookeeper; }
  const std::vector<Broker>& brokers() const { return state_.brokers; }
  const Broker& broker(BrokerId id) const {
    return state_.brokers[static_cast<std::size_t>(id - 1)];
  }
  const std::vector<Producer>& producers() const { return state_.producers; }
  const std::vector<Consumer>& consumers() const { return state_.consumers; }
  bool topics_ready() const { return state_.clients_started; }
  bool alive(ProcessId process) const { return state_.engine.process(process).alive; }
  bool paused(ProcessId process) const { return state_.engine.process(process).paused; }

  /// Index of the serving ZooKeeper leader, -1 if there is none.
  std::int32_t zookeeper_leader() const;
  /// The active controller with the newest epoch, -1 if there is none.
  BrokerId controller() const;
  /// The partition's state as ZooKeeper's leader (or most advanced server) has it; null if unknown.
  const PartitionStateZnode* partition_state(PartitionId partition) const;
  /// Does /brokers/ids/<id> exist there?
  bool registered(BrokerId broker) const;

 private:
  struct State {
    std::shared_ptr<const Catalog> catalog;
    std::uint64_t seed = 0;
    sim::Engine engine;
    Messages messages;
    RecordArena arena;
    std::vector<ZkServer> zookeeper;
    std::vector<Broker> brokers;
    std::vector<Producer> producers;
    std::vector<Consumer> consumers;
    Admin admin;
    sim::Random start_random;
    sim::Random disk_random;
    std::vector<UnflushedLoss> armed;  // by process
    bool clients_started = false;
    std::vector<sim::HistoryEvent> environment;
    std::vector<ProcessId> stop_pending;  // told to stop while paused: it hears on the resume
  };
  static State make_state(std::shared_ptr<const Catalog> catalog, std::uint64_t seed);

  Out out_for(ProcessId process);
  void dispatch(const sim::Activation& activation, Out& out);
  void start_process(ProcessId process, Out& out);
  void finish(ProcessId process);
  void die(ProcessId process, UnflushedLoss loss, bool with_host);
  void record_losses(ProcessId process, const std::vector<Broker::DiskLoss>& losses);
  void crash_actor(ProcessId process);
  void start_clients();
  template <class Act>
  void act(ProcessId process, Act&& what);
  const ZkServer& authority() const;

  State state_;
  sim::Effects effects_;
};

}  // namespace isrlab::model
