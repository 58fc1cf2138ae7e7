// Timer slots of one process: dense numbers, lowest free first, so that timers live in one vector.
#pragma once
#include <algorithm>
#include <vector>

#include "sim/ids.hpp"

namespace isrlab::sim {

class SlotAllocator {
 public:
  explicit SlotAllocator(TimerSlot first = 0) : next_(first) {}
  TimerSlot take() {
    if (free_.empty()) return next_++;
    std::pop_heap(free_.begin(), free_.end(), std::greater<>());
    const TimerSlot slot = free_.back();
    free_.pop_back();
    return slot;
  }
  /// The caller has cancelled the slot's timer.
  void give_back(TimerSlot slot) {
    free_.push_back(slot);
    std::push_heap(free_.begin(), free_.end(), std::greater<>());
  }

 private:
  TimerSlot next_;
  std::vector<TimerSlot> free_;  // a min-heap
};

}  // namespace isrlab::sim
