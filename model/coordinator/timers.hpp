// The timers of one coordinator. The engine hands back one 32-bit argument, which is the number of
// an entry here; the entry says what fired. Entries own the process's timer slots.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/out.hpp"
#include "model/timers.hpp"
#include "sim/slots.hpp"

namespace isrlab::model {

enum class CoordinatorTimer : std::uint8_t {
  kUnused,
  kJoin,           // DelayedJoin or InitialDelayedJoin of a group
  kSync,           // DelayedSync of a group
  kSession,        // DelayedHeartbeat of a member
  kPendingMember,  // DelayedHeartbeat of a member id that was handed out and has not joined
};

class CoordinatorTimers {
 public:
  struct Entry {
    CoordinatorTimer use = CoordinatorTimer::kUnused;
    bool armed = false;
    GroupId group = 0;
    sim::TimerSlot slot = kNone;
    std::string member_id;
  };

  std::uint32_t take(CoordinatorTimer use, GroupId group, std::string member_id,
                     sim::SlotAllocator& slots) {
    std::uint32_t id = static_cast<std::uint32_t>(entries_.size());
    if (free_.empty()) {
      entries_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    entries_[id] = {use, false, group, slots.take(), std::move(member_id)};
    return id;
  }
  void arm(std::uint32_t id, Time deadline, Out& out) {
    entries_[id].armed = true;
    out.set_timer(entries_[id].slot, deadline, TimerKind::kCoordinatorFirst, id);
  }
  void disarm(std::uint32_t id, Out& out) {
    if (id == kNone || !entries_[id].armed) return;
    entries_[id].armed = false;
    out.cancel_timer(entries_[id].slot);
  }
  /// Gives the entry and its slot back and forgets the number.
  void release(std::uint32_t& id, Out& out, sim::SlotAllocator& slots) {
    if (id == kNone) return;
    disarm(id, out);
    slots.give_back(entries_[id].slot);
    entries_[id] = Entry();
    free_.push_back(id);
    id = kNone;
  }
  /// What fired. A copy, since handling it usually releases the entry.
  Entry fire(std::uint32_t id) {
    SIM_ASSERT2(id < entries_.size() && entries_[id].armed, "a timer that was not set has fired",
                id, entries_.size());
    entries_[id].armed = false;
    return entries_[id];
  }
  bool armed(std::uint32_t id) const { return id != kNone && entries_[id].armed; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
};

}  // namespace isrlab::model
