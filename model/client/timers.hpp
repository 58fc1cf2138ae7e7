// Timers and timer slots of the clients. Few slots, re-armed lazily: a deadline that moves later is
// left to fire early and computed anew, so that the steady traffic sets no timers at all.
#pragma once
#include <algorithm>

#include "model/out.hpp"
#include "model/timers.hpp"

namespace isrlab::model {

enum class ClientTimer : std::uint16_t {
  kNetwork = static_cast<std::uint16_t>(TimerKind::kClientFirst),  // connections, metadata
  kWorkload,                                                       // the next send() of a producer
  kWake,  // the earliest other thing a client waits for
};

inline constexpr sim::TimerSlot kNetworkSlot = 0;
inline constexpr sim::TimerSlot kWorkloadSlot = 1;
inline constexpr sim::TimerSlot kWakeSlot = 2;

/// One timer that may fire early but never late.
class LazyTimer {
 public:
  /// Something is due at `deadline`.
  void note(sim::Time deadline) {
    if (deadline < wanted_) wanted_ = deadline;
  }
  /// Call at the end of a handler.
  void arm(sim::TimerSlot slot, ClientTimer kind, Out& out) {
    if (wanted_ == sim::kNever) return;
    // What is wanted is a reading of the wall clock. What is armed sleeps on the monotonic one: a
    // step of the wall clock shows at the next arm() after something else has woken the thread.
    const sim::Time ahead = out.now() - out.monotonic();
    if (wanted_ - ahead >= armed_) return;
    const sim::Time deadline = std::max(wanted_, out.now());  // overdue: at once
    armed_ = deadline - ahead;
    out.set_timer(slot, deadline, kind);
  }
  /// The timer fired: the owner notes all its deadlines again.
  void fired() { *this = LazyTimer(); }

 private:
  sim::Time wanted_ = sim::kNever;  // of the clock that the owner goes by
  sim::Time armed_ = sim::kNever;   // monotonic
};

}  // namespace isrlab::model
