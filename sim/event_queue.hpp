// The future-event list: every pending event of a run, taken out in the order (time, sequence).
//
// The earliest events stand sorted in `run_`, an array with the next event at its end. Everything
// at or after `horizon_` waits, unsorted, in a radix wheel: the highest byte in which a time differs
// from `anchor_` picks the level, that byte of the time picks one of the level's 256 slots. So a
// level-0 slot is 1 ns wide, a level-1 slot 256 ns, and so on up to 2.3 years: near buckets are fine,
// far ones coarse, and no width has to be tuned. When the run is used up, the earliest slot becomes
// the next run; a slot too big to sort at once is first spread over the level below. An event is
// therefore moved a few times in its life however many others are pending.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/assert.hpp"
#include "sim/event.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

/// A value: a copy pops the same events in the same order and shares nothing with the original. A
/// copy is flat (two arrays, no wheel) until it is first used, which keeps checkpoints small and
/// quick. A queue that was moved from may only be assigned to or destroyed.
class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue& other);
  EventQueue& operator=(const EventQueue& other);
  EventQueue(EventQueue&&) noexcept = default;
  EventQueue& operator=(EventQueue&&) noexcept = default;
  ~EventQueue() = default;

  /// Adds an event. Its time must not lie before that of the last event popped, and its sequence
  /// must be above that of every event pushed before; both are InternalError otherwise, and the
  /// queue is then as it was.
  void push(const Event& event) {
    SIM_ASSERT2(event.time >= now_, "an event is scheduled in the past", event.time, now_);
    SIM_ASSERT2(event.sequence >= next_sequence_, "a sequence number came too late",
                event.sequence, next_sequence_);
    next_sequence_ = event.sequence + 1;
    ++size_;
    if (static_cast<std::uint64_t>(event.time) >= horizon_) {
      put(event);
    } else {
      push_into_run(event);
    }
  }

  /// Takes out the earliest event; false if there is none.
  bool pop(Event& out) {
    if (run_begin_ == run_end_ && !refill()) return false;
    out = run_[--run_end_];
    now_ = out.time;
    --size_;
    return true;
  }

  /// The event that pop() would give, or nullptr. Valid until the next call that is not const.
  const Event* peek() {
    if (run_begin_ == run_end_ && !refill()) return nullptr;
    return &run_[run_end_ - 1];
  }
  /// Time of the earliest event, kNever if there is none.
  Time next_time() {
    const Event* event = peek();
    return event == nullptr ? kNever : event->time;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Bytes held, counting what is reserved but not in use.
  std::size_t memory_bytes() const;

  /// A hint for prefetching: calls `use` with an event that will be popped a few pops from now, if
  /// one is at hand. Nothing may depend on which event that is, or on whether there is one.
  template <class Use>
  void ahead(Use&& use) const {
    if (run_end_ - run_begin_ > kAhead) use(run_[run_end_ - 1 - kAhead]);
  }

 private:
  static constexpr unsigned kLevels = 8;
  static constexpr unsigned kSlots = 256;
  static constexpr std::uint32_t kChunkEvents = 16;      // events of one chunk: 512 bytes
  static constexpr std::uint32_t kBlockChunks = 4096;    // chunks of one full block: 2 MiB
  static constexpr std::uint32_t kFirstChunks = 32;      // the first block starts this small
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::size_t kAhead = 8;
  static constexpr std::size_t kInsertMax = 48;    // moves in the run that one push may cost
  static constexpr std::size_t kFlatMax = 24;      // with so few pending, the run alone is cheaper
  static constexpr std::uint32_t kSortMax = 2048;  // a slot with more is spread first
  static constexpr std::uint32_t kRankMax = 32;    // up to here counting smaller ones is quickest
  static constexpr std::uint32_t kBatchMin = 8;

  /// A chain of chunks that fill up in order of arrival. `tail` counts in events over the whole
  /// arena; it is a multiple of kChunkEvents when the last chunk is full or there is none.
  struct Slot {
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::uint32_t count = 0;
  };
  struct Level {
    std::uint64_t used[kSlots / 64] = {};  // one bit per slot that holds events
    Slot slots[kSlots];
  };

  Event* event_at(std::uint32_t index) const {
    constexpr std::uint32_t kBlockEvents = kBlockChunks * kChunkEvents;
    return blocks_[index / kBlockEvents].get() + index % kBlockEvents;
  }

  /// Adds an event at or after the horizon to the wheel.
  void put(const Event& event) {
    const std::uint64_t time = static_cast<std::uint64_t>(event.time);
    const unsigned level = static_cast<unsigned>(63 - std::countl_zero((time ^ anchor_) | 1)) / 8;
    const unsigned digit = static_cast<unsigned>(time >> (8 * level)) % kSlots;
    const Level* const wheel = levels_[level].get();
    if (wheel == nullptr || wheel->slots[digit].tail % kChunkEvents == 0) [[unlikely]] {
      add_chunk(level, digit);
    }
    Slot& slot = levels_[level]->slots[digit];
    *event_at(slot.tail++) = event;
    ++slot.count;
  }

  template <class Use>
  void for_each_in(const Slot& slot, Use&& use) const;
  template <class Use>
  void for_each_waiting(Use&& use) const;
  void push_into_run(const Event& event);
  void insert_into_run(std::size_t position, const Event& event);
  void shorten_run(std::size_t begin, const Event& event);
  bool refill();
  unsigned first_digit(unsigned level) const;
  Slot take(unsigned level, unsigned digit);
  void spread(const Slot& slot);
  void load_all();
  void load_few(const Slot& first, unsigned level, unsigned digit);
  void rank(const Event* const* sources, unsigned shift);
  void load_many(const Slot& slot, unsigned level);
  void finish_order();
  void reserve_run(std::size_t count);
  void flatten();
  void add_chunk(unsigned level, unsigned digit);
  void grow();
  void free_chunks(const Slot& slot);

  Time now_ = 0;  // time of the last event popped
  std::uint64_t next_sequence_ = 0;
  std::size_t size_ = 0;

  // The run: events [run_begin_, run_end_) of run_, latest first. The vector is only storage.
  std::vector<Event> run_;
  std::size_t run_begin_ = 0;
  std::size_t run_end_ = 0;

  // The wheel. All its events are at or after horizon_, and anchor_ is at or before all of them.
  // anchor_ is after now_ only between a peek() that had to refill and the pop() that follows.
  std::uint64_t horizon_ = 0;
  std::uint64_t anchor_ = 0;
  std::uint32_t used_levels_ = 0;
  std::array<std::unique_ptr<Level>, kLevels> levels_;

  // Events at or after horizon_ that the wheel has not sorted in yet, in any order.
  std::vector<Event> unsorted_;

  // Chunks are numbered through all blocks. A link names the next chunk of a slot or free chunk.
  struct FreeBlock {
    void operator()(Event* block) const;
  };
  std::vector<std::unique_ptr<Event[], FreeBlock>> blocks_;
  std::vector<std::uint32_t> links_;  // one per chunk that exists
  std::uint32_t free_chunk_ = kNone;
  std::uint32_t fresh_chunk_ = 0;     // chunks from here on were never used
};

}  // namespace isrlab::sim
