// What a handler sees besides its own state: the time, its own process, the catalog of names, and a
// recorder for what it wants done. It reaches nothing of another actor.
#pragma once
#include <initializer_list>
#include <span>
#include <utility>

#include "model/arena.hpp"
#include "model/catalog.hpp"
#include "model/history.hpp"
#include "model/protocol/pool.hpp"
#include "sim/activation.hpp"
#include "sim/clock.hpp"
#include "sim/effects.hpp"

namespace isrlab::model {

using sim::Time;

/// Something in between happens because of another event; the end of the scope brings the causes
/// back that were in force before.
class BecauseScope {
 public:
  BecauseScope(sim::Effects& effects, std::uint32_t event)
      : effects_(&effects), before_(effects.causes()) {
    effects_->because(event);
  }
  BecauseScope(const BecauseScope&) = delete;
  BecauseScope& operator=(const BecauseScope&) = delete;
  ~BecauseScope() { effects_->because(before_); }

 private:
  sim::Effects* effects_;
  sim::Effects::Causes before_;
};

/// A message being written; send() hands it over.
template <class M>
struct Outgoing {
  M* message;
  sim::MessageRef ref;
  M* operator->() const { return message; }
  M& operator*() const { return *message; }
};

class Out {
 public:
  Out(sim::Effects& effects, Messages& messages, RecordArena& arena, sim::History& history,
      const Catalog& catalog)
      : effects_(&effects),
        messages_(&messages),
        arena_(&arena),
        history_(&history),
        catalog_(&catalog) {}

  /// `cause`: the kept event that led to this call.
  void begin(ProcessId self, Time now, std::uint32_t cause) {
    begin(self, {now, now, now}, false, nullptr, cause);
  }
  /// The same on a host with a clock of its own (null: it was never touched). `by_wall`: the
  /// process tells the time by the wall face.
  void begin(ProcessId self, const sim::ClockReading& reading, bool by_wall,
             const sim::HostClock* clock, std::uint32_t cause) {
    self_ = self;
    reading_ = reading;
    now_ = by_wall ? reading.wall : reading.monotonic;
    clock_ = clock;
    effects_->begin(cause, history_->size());
  }
  /// What the process's own clock shows. Brokers and ZooKeeper servers go by the monotonic face
  /// (schedulers, purgatories, session trackers), clients by the wall face (Time#milliseconds).
  Time now() const { return now_; }
  Time monotonic() const { return reading_.monotonic; }
  Time wall() const { return reading_.wall; }
  /// The truth, for the history; nothing is decided by it.
  Time run_time() const { return reading_.run; }
  /// What now() shows when the monotonic face shows this, if the wall clock is not stepped.
  Time own_time(Time monotonic) const { return monotonic - reading_.monotonic + now_; }
  /// When the process's own clock showed this (as now() shows it).
  Time run_time_of(Time own) const {
    const Time monotonic = own - now_ + reading_.monotonic;
    return clock_ == nullptr ? monotonic : clock_->run_time(monotonic);
  }
  ProcessId self() const { return self_; }
  const Catalog& catalog() const { return *catalog_; }
  RecordArena& arena() { return *arena_; }

  template <class M>
  Outgoing<M> make() {
    Pool<M>& pool = messages_->pool<M>();
    const std::uint32_t index = pool.take();
    return {&pool[index], {static_cast<std::uint16_t>(MessageTypeOf<M>::value), index}};
  }
  template <class M>
  void send(ConnectionId connection, const Outgoing<M>& message) {
    effects_->send(connection, message.ref, wire_bytes(*message.message));
  }
  void send_ref(ConnectionId connection, sim::MessageRef message, std::uint32_t bytes) {
    effects_->send(connection, message, bytes);
  }
  /// Takes back a message that is not sent after all.
  void discard(sim::MessageRef message) { messages_->release(message); }
  /// The message being handled is kept by the actor, who releases it later.
  void keep() { kept_ = true; }
  bool take_kept() { return std::exchange(kept_, false); }
  ConnectionId connect(ProcessId server) { return effects_->connect(server); }
  void close(ConnectionId connection) { effects_->close(connection); }
  void listen(bool accept) { effects_->listen(accept); }
  /// The deadline is one of now(). A thread sleeps for a while, not until a time of the day: a step
  /// of the wall clock moves no timer that is set.
  template <class Kind>
  void set_timer(sim::TimerSlot slot, Time deadline, Kind kind, std::uint32_t argument = 0) {
    effects_->set_timer(slot, deadline - now_ + reading_.monotonic,
                        static_cast<std::uint16_t>(kind), argument);
  }
  void cancel_timer(sim::TimerSlot slot) { effects_->cancel_timer(slot); }
  void write_disk(std::uint32_t token, std::uint32_t bytes, bool fsync) {
    effects_->write_disk(token, bytes, fsync);
  }
  void exit_process() { effects_->exit_process(); }

  /// Returns the id of the event, 0 for a transient one. What is sent and scheduled from now on is
  /// caused by it; what is recorded from now on has the cause that it has.
  std::uint32_t record(HistoryKind kind, std::uint32_t subject, std::int64_t a = 0,
                       std::int64_t b = 0, std::int64_t c = 0) {
    sim::HistoryEvent event;
    event.time = reading_.run;
    event.kind = static_cast<std::uint16_t>(kind);
    event.actor = static_cast<std::uint16_t>(self_);
    event.subject = subject;
    event.a = a;
    event.b = b;
    event.c = c;
    return effects_->record(event, is_kept(kind));
  }
  /// What follows happens because of this kept event.
  void because(std::uint32_t event) { effects_->because(event); }
  /// Cause of what is recorded next, and of what is sent or scheduled next.
  std::uint32_t cause() const { return effects_->causes().record; }
  std::uint32_t latest_cause() const { return effects_->causes().act; }
  [[nodiscard]] BecauseScope because_for_now(std::uint32_t event) { return {*effects_, event}; }
  /// What follows is concluded from hearing nothing of a process since then, on the own clock: its
  /// cause is what silenced it or cut it off, if a fault did, or what moved the own clock since;
  /// else the cause stays.
  void because_of_silence(ProcessId process, Time since);
  /// Handle of a list for a history field.
  std::int64_t list(std::span<const std::uint32_t> members) { return history_->intern(members); }
  std::int64_t list(const BrokerList& brokers) {
    std::uint32_t words[BrokerList::kCapacity];
    for (std::size_t i = 0; i < brokers.size(); ++i) {
      words[i] = static_cast<std::uint32_t>(brokers[i]);
    }
    return history_->intern({words, brokers.size()});
  }

 private:
  sim::Effects* effects_;
  Messages* messages_;
  RecordArena* arena_;
  sim::History* history_;
  const Catalog* catalog_;
  ProcessId self_ = kNone;
  Time now_ = 0;
  sim::ClockReading reading_;
  const sim::HostClock* clock_ = nullptr;
  bool kept_ = false;
};

}  // namespace isrlab::model
