// The engine: virtual time, pending events, processes, timers, network and disks of one run, and
// the history. It knows nothing of Kafka: messages are references into the model's pools.
// Everything is a value; copying an engine (with the model's state) is a checkpoint.
//
// Use: while (engine.next(activation, until)) { model handles it, recording Effects;
// engine.apply(); }
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/activation.hpp"
#include "sim/clock.hpp"
#include "sim/effects.hpp"
#include "sim/event_queue.hpp"
#include "sim/history.hpp"
#include "sim/network.hpp"
#include "sim/prefetch.hpp"
#include "sim/random.hpp"

namespace isrlab::sim {

struct Timer {
  Time deadline = kNever;             // on the host's monotonic clock; kNever: not set
  Time queued_at = kNever;            // one live entry in the event queue at this time
  std::uint32_t queued_sequence = 0;  // ... with this number (low half); any other entry is stale
  std::uint32_t argument = 0;
  std::uint32_t cause = 0;
  std::uint16_t type = 0;
};
static_assert(sizeof(Timer) == 32);

/// The state of a process that others ask for.
struct Process {
  Time paused_at = 0;
  HostId host = 0;
  std::uint16_t incarnation = 0;  // counts starts
  bool alive = false;
  bool paused = false;
  bool listening = false;
};

/// The rest of a process.
struct ProcessStore {
  std::vector<Timer> timers;
  std::vector<ConnectionId> connections;
  std::vector<Event> inbox;  // what arrived while paused, in order
};

/// Extra conditions on a directed pair of hosts, made by faults.
struct PairState {
  std::uint32_t blocked = 0;   // cuts in force
  std::uint32_t degraded = 0;  // index + 1 of a way that is worse than built, 0 = none
};

/// What one fault adds to a way.
struct Degradation {
  Duration latency = 0;
  Duration jitter = 0;
  std::int64_t bytes_per_second = 0;  // 0 = unchanged
  std::int64_t loss_ppm = 0;          // of segments; TCP sends them again
};

/// A way under all faults in force on it: latencies and jitters add, the lowest rate counts, and a
/// segment gets through if none of them takes it.
struct DegradedWay {
  Degradation sum;
  Time busy_until = 0;
  std::vector<std::uint32_t> faults;  // handles
};

/// What one fault does to a disk.
struct DiskSlowdown {
  Duration latency = 0;               // added to every write
  std::int64_t bytes_per_second = 0;  // 0 = unchanged
};

/// Extra conditions on a host's disk, made by faults: latencies add, the lowest rate counts.
struct DiskState {
  DiskSlowdown sum;
  Time busy_until = 0;
  std::vector<DiskSlowdown> faults;  // in force
};

/// Messages of one type from some processes to others that are held back. A connection is a stream:
/// what follows a held message waits behind it.
struct HoldRule {
  std::uint16_t type = 0;
  bool in_force = false;
  std::uint32_t caught = 0;        // messages held by it so far
  std::vector<std::uint8_t> from;  // by process: 1 = its messages
  std::vector<std::uint8_t> to;
};

class Engine {
 public:
  static constexpr std::size_t kMessageTypes = 64;

  Engine(std::shared_ptr<const NetworkSpec> network, std::shared_ptr<const Topology> topology,
         std::span<const HostId> process_hosts, std::uint64_t seed);

  /// Advances to the next activation at or before `until`. False: nothing more happens until then.
  bool next(Activation& activation, Time until);
  /// A hint for prefetching: calls use(event) with an event that comes due a few steps from now, if
  /// one is at hand. Nothing may depend on it.
  template <std::size_t kDistance = EventQueue::kAhead, class Use>
  void ahead(Use&& use) const {
    queue_.ahead<kDistance>(std::forward<Use>(use));
  }
  /// A hint for prefetching: the process is about to set or cancel this timer.
  void expect_timer(ProcessId process, TimerSlot slot) const {
    const std::vector<Timer>& timers = stores_[process].timers;
    if (slot < timers.size()) prefetch(&timers[slot]);
  }
  /// Applies what the handler of process `self` recorded and clears the recorder.
  void apply(ProcessId self, Effects& effects);
  /// Messages that nobody will receive any more; the model returns them to its pools.
  std::vector<MessageRef>& undelivered() { return undelivered_; }

  Time now() const { return now_; }
  Time next_time() { return queue_.empty() ? kNever : queue_.next_time(); }
  /// Moves the clock on to a time before which nothing is pending; changes nothing that happens.
  void advance_to(Time to) {
    SIM_ASSERT2(to >= now_ && next_time() >= to, "the clock skips what is pending", to, now_);
    now_ = to;
  }
  std::uint64_t events() const { return events_; }
  ConnectionIds& connection_ids() { return ids_; }
  History& history() { return history_; }
  const History& history() const { return history_; }

  // Faults and the schedule.
  void schedule_start(ProcessId process, Time at);
  void schedule_control(Time at, std::uint32_t argument);
  void kill(ProcessId process);  // the process dies, its host lives
  /// The process dies with its host: no peer is told. The caller has cut the host off; when it is
  /// back, whoever still sends on an old connection is answered with a reset.
  void crash(ProcessId process);
  void pause(ProcessId process);  // SIGSTOP: the kernel goes on acknowledging
  void resume(ProcessId process);
  void block(HostId source, HostId target);  // one direction, silently; counts
  /// `at_once`: what was held back goes on its way now, not when TCP sends it again.
  void unblock(HostId source, HostId target, bool at_once = false);
  /// What a fault adds to ways; the handle, from 1, is laid on one way after the other.
  std::uint32_t degrade(const Degradation& degradation);
  void worsen(HostId source, HostId target, std::uint32_t handle);
  void mend(HostId source, HostId target, std::uint32_t handle);
  /// Resets every connection between two hosts: what is under way is lost, both ends are told now.
  void reset(HostId one, HostId other);
  void slow_disk(HostId host, const DiskSlowdown& slowdown);
  void mend_disk(HostId host, const DiskSlowdown& slowdown);  // one that was equal
  /// The host's clock runs so many millionths faster than so far (slower, below 0): both faces.
  void drift(HostId host, std::int64_t ppm);
  /// Steps the wall face of the host's clock; returns how far it moved. Nobody is woken by it.
  Duration step_wall_clock(HostId host, Duration by);
  /// Holds messages back from now on; the handle ends it.
  std::uint32_t hold_back(HoldRule rule);
  void let_go(std::uint32_t hold);
  /// How many messages the rule has held.
  std::uint32_t caught(std::uint32_t hold) const { return hold_rules_[hold].caught; }
  /// An event of the environment (a fault): kept, becomes the cause of what follows.
  std::uint32_t record(HistoryEvent event);
  /// The cause that the next recorded event gets.
  std::uint32_t cause() const { return cause_; }
  void set_cause(std::uint32_t cause) { cause_ = cause; }

  // Read access for the model's world, readers and the viewer.
  const Process& process(ProcessId id) const { return processes_[id]; }
  std::uint32_t process_count() const { return static_cast<std::uint32_t>(processes_.size()); }
  const std::vector<Connection>& connections() const { return connections_; }
  /// The clock of a host that was never touched is the run's own time.
  const HostClock* clock(HostId host) const { return clocks_.empty() ? nullptr : &clocks_[host]; }
  /// What the process's clock shows now.
  ClockReading reading(ProcessId process) const {
    if (clocks_.empty()) return {now_, now_, now_ + kWallAtStart};
    const HostClock& own = clocks_[processes_[process].host];
    const Time monotonic = own.monotonic(now_);
    return {now_, monotonic, monotonic + own.wall_lead()};
  }
  bool blocked(HostId source, HostId target) const { return pair(source, target).blocked != 0; }
  bool degraded(HostId source, HostId target) const { return pair(source, target).degraded != 0; }
  std::span<const std::uint64_t> messages_sent() const { return sent_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::size_t pending_events() const { return queue_.size(); }
  std::size_t queue_bytes() const { return queue_.memory_bytes(); }

 private:
  void push(Event event) {
    event.sequence = next_sequence_++;
    event.cause = cause_;
    queue_.push(event);
  }
  const PairState& pair(HostId source, HostId target) const {
    return pairs_[static_cast<std::size_t>(source) * hosts_ + target];
  }
  PairState& pair(HostId source, HostId target) {
    return pairs_[static_cast<std::size_t>(source) * hosts_ + target];
  }

  HostClock& own_clock(HostId host);
  /// The run's time at which a timer of the process is due, not before now.
  Time due(ProcessId process, Time deadline) const {
    if (clocks_.empty()) return deadline;
    return std::max(now_, clocks_[processes_[process].host].due(deadline));
  }
  Time monotonic_now(ProcessId process) const {
    return clocks_.empty() ? now_ : clocks_[processes_[process].host].monotonic(now_);
  }
  void rearm(HostId host);
  void settle_way(HostId source, HostId target);

  bool resolve(const Event& event, Activation& activation);
  bool resolve_own(const Event& event, Activation& activation);  // posts and disk answers
  bool resolve_timer(const Event& event, Activation& activation);
  bool resolve_deliver(const Event& event, Activation& activation);
  bool resolve_syn(const Event& event, Activation& activation);
  bool resolve_syn_answer(const Event& event, Activation& activation);
  bool resolve_closed(const Event& event, Activation& activation);
  void release_held(ConnectionId id, int direction);
  bool give_up(const Event& event, Activation& activation);

  void apply_send(ProcessId self, const Effect& effect);
  void apply_connect(ProcessId self, const Effect& effect);
  void apply_timer(ProcessId self, const Effect& effect);
  void apply_disk(ProcessId self, const Effect& effect);
  void send_syn(ConnectionId id, std::uint32_t attempt);
  void retry_syn(ConnectionId id, std::uint32_t attempt);
  Time transmit(HostId source, HostId target, std::uint32_t bytes);
  void put_on_wire(ConnectionId id, int direction, MessageRef message, std::uint32_t bytes,
                   bool close);
  void hold(ConnectionId id, int direction, HeldMessage message);
  bool held_back(const Connection& connection, int direction, std::uint16_t type);
  Duration retransmissions(HostId source, HostId target, std::uint32_t bytes);
  bool loses_packet(HostId source, HostId target);
  void die(ProcessId process, bool with_host);
  /// The handle by which the receiving end of this direction knows the connection.
  ConnectionId handle(ConnectionId id, bool server_side) const {
    const Connection& connection = connections_[id];
    return server_side && connection.client == connection.server ? id | kServerEnd : id;
  }
  bool is_client_end(ProcessId self, ConnectionId handle) const {
    return (handle & kServerEnd) == 0 && connections_[handle].client == self;
  }
  /// Ends one side of a connection; the peer is told through the stream.
  void close_end(ConnectionId id, bool client_side);
  /// Ends one side without a word: its host went down.
  void vanish_end(ConnectionId id, bool client_side);
  void forget(ProcessId process, ConnectionId handle);
  void maybe_free(ConnectionId id);
  bool stash(ProcessId process, const Event& event);
  void drop_held(Direction& direction);

  std::shared_ptr<const NetworkSpec> network_;
  std::shared_ptr<const Topology> topology_;
  std::uint32_t hosts_ = 0;
  Time now_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t events_ = 0;
  std::uint32_t cause_ = 0;  // of what is recorded and scheduled now
  EventQueue queue_;
  std::vector<Process> processes_;
  // Alive and not paused, one byte per process: all that a post asks, so that with many processes
  // it finds the answer in the cache.
  std::vector<std::uint8_t> running_;
  std::vector<ProcessStore> stores_;
  ConnectionIds ids_;
  std::vector<Connection> connections_;
  std::vector<std::vector<HeldMessage>> held_;
  std::vector<std::uint32_t> free_held_;
  std::vector<PairState> pairs_;
  std::vector<Degradation> degradations_;
  std::vector<DegradedWay> ways_;
  std::vector<std::uint32_t> free_ways_;
  std::vector<HostClock> clocks_;  // by host; empty until the first one is touched
  std::vector<Time> nic_out_busy_;
  std::vector<Time> nic_in_busy_;
  std::vector<Time> link_busy_;
  std::vector<DiskState> disks_;
  std::vector<HoldRule> hold_rules_;
  std::uint32_t holds_in_force_ = 0;
  Random net_;
  std::vector<MessageRef> undelivered_;
  std::array<std::uint64_t, kMessageTypes> sent_{};
  std::uint64_t bytes_sent_ = 0;
  History history_;
};

}  // namespace isrlab::sim
