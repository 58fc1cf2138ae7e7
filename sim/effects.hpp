// What a handler wants done. A handler changes its own state only and records the rest here; the
// engine applies the records in order, so every interaction goes through one place where faults,
// delays and the history live, and a unit test compares recorded effects.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/history.hpp"
#include "sim/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

enum class EffectKind : std::uint8_t {
  kSend,         // target = connection, message, bytes
  kPost,         // target = process, message, time = delay: a message that needs no connection
  kConnect,      // target = new connection id, argument = server process
  kClose,        // target = connection
  kSetTimer,     // target = slot, time = deadline, type/argument are handed back when it fires
  kCancelTimer,  // target = slot
  kListen,       // flag 1: accept connections from now on, 0: refuse them
  kDisk,         // argument = token, bytes, flag 1 = fsync: answered by kDiskDone
  kExit,         // the process ends by itself (clean shutdown, refused registration)
  kRecord,       // argument = index into records
  kBecause,      // argument = kept event that causes what follows
};

struct Effect {
  EffectKind kind = EffectKind::kExit;
  std::uint8_t flag = 0;
  std::uint16_t type = 0;
  std::uint32_t target = 0;
  std::uint32_t argument = 0;
  std::uint32_t bytes = 0;
  Time time = 0;
};

/// Hands out connection ids before the engine has applied the connect, so that a handler can store
/// the id it is going to get. Ids of finished connections are reused in the order they were freed.
class ConnectionIds {
 public:
  ConnectionId take() {
    if (free_.empty()) return next_++;
    const ConnectionId id = free_.back();
    free_.pop_back();
    return id;
  }
  void give_back(ConnectionId id) { free_.push_back(id); }
  ConnectionId limit() const { return next_; }

 private:
  ConnectionId next_ = 0;
  std::vector<ConnectionId> free_;
};

class Effects {
 public:
  explicit Effects(ConnectionIds& ids) : ids_(&ids) {}

  /// A copied world binds its recorder to its own connection ids.
  void bind(ConnectionIds& ids) { ids_ = &ids; }

  void send(ConnectionId connection, MessageRef message, std::uint32_t bytes) {
    add({EffectKind::kSend, 0, message.type, connection, message.index, bytes, 0});
  }
  void post(ProcessId process, MessageRef message, Duration delay) {
    add({EffectKind::kPost, 0, message.type, process, message.index, 0, delay});
  }
  /// Opens a connection to the process; the answer is a Connected, Refused or (never) nothing.
  ConnectionId connect(ProcessId server) {
    const ConnectionId id = ids_->take();
    add({EffectKind::kConnect, 0, 0, id, server, 0, 0});
    return id;
  }
  void close(ConnectionId connection) { add({EffectKind::kClose, 0, 0, connection, 0, 0, 0}); }
  /// One pending deadline per slot; setting it again moves it.
  void set_timer(TimerSlot slot, Time deadline, std::uint16_t type, std::uint32_t argument = 0) {
    add({EffectKind::kSetTimer, 0, type, slot, argument, 0, deadline});
  }
  void cancel_timer(TimerSlot slot) { add({EffectKind::kCancelTimer, 0, 0, slot, 0, 0, 0}); }
  void listen(bool accept) {
    add({EffectKind::kListen, static_cast<std::uint8_t>(accept), 0, 0, 0, 0, 0});
  }
  void write_disk(std::uint32_t token, std::uint32_t bytes, bool fsync) {
    add({EffectKind::kDisk, static_cast<std::uint8_t>(fsync), 0, 0, token, bytes, 0});
  }
  void exit_process() { add({EffectKind::kExit, 0, 0, 0, 0, 0, 0}); }
  /// Called before a handler: what it is called for, and the number of kept events so far. What was
  /// recorded before and applied stays readable as records(), its effects are gone.
  void begin(std::uint32_t cause, std::uint32_t kept) {
    used_effects_ = 0;
    cause_ = latest_ = cause;
    kept_ = kept;
  }
  /// Writes to the history. Kept events are stored and become the cause of what is sent and
  /// scheduled after them; their own cause is what the handler was called for, or what because()
  /// said last. Returns the id the event gets, 0 for a transient one.
  std::uint32_t record(const HistoryEvent& event, bool kept) {
    add({EffectKind::kRecord, static_cast<std::uint8_t>(kept), 0, 0,
         static_cast<std::uint32_t>(used_records_), 0, 0});
    if (used_records_ == records_.size()) [[unlikely]]
      grow_records();
    HistoryEvent& recorded = records_[used_records_++];
    recorded = event;
    recorded.cause = cause_;
    if (!kept) return 0;
    latest_ = ++kept_;
    return latest_;
  }
  /// What follows is recorded, sent and scheduled because of this kept event (0 = the start).
  void because(std::uint32_t event) { because({event, event}); }
  /// Causes of what comes next: `record` of what is recorded, `act` of what is sent and scheduled.
  struct Causes {
    std::uint32_t record = 0;
    std::uint32_t act = 0;
  };
  void because(Causes causes) {
    cause_ = causes.record;
    latest_ = causes.act;
    add({EffectKind::kBecause, 0, 0, 0, causes.act, 0, 0});
  }
  Causes causes() const { return {cause_, latest_}; }

  std::span<const Effect> effects() const { return {effects_.data(), used_effects_}; }
  std::span<const HistoryEvent> records() const { return {records_.data(), used_records_}; }
  std::span<HistoryEvent> records() { return {records_.data(), used_records_}; }
  void clear() {
    used_effects_ = used_records_ = 0;
    cause_ = latest_ = kept_ = 0;
  }

 private:
  void add(const Effect& effect) {
    if (used_effects_ == effects_.size()) [[unlikely]]
      grow_effects();
    effects_[used_effects_++] = effect;
  }
  void grow_effects();
  void grow_records();

  ConnectionIds* ids_;
  std::uint32_t cause_ = 0;   // of the next record
  std::uint32_t latest_ = 0;  // of the next effect: the last record or because()
  std::uint32_t kept_ = 0;
  // Only the first so many are in use: to let a vector grow by one is a call, and every handler
  // records several.
  std::size_t used_effects_ = 0;
  std::size_t used_records_ = 0;
  std::vector<Effect> effects_;
  std::vector<HistoryEvent> records_;
};

}  // namespace isrlab::sim
