// The future-event list: every pending event of a run, taken out in the order (time, sequence).
//
// The earliest events stand sorted in the run, an array with the next event at its end. Events at
// or after the horizon wait, unsorted, in a radix wheel: the highest byte in which a time differs
// from the anchor picks the level, that byte of the time picks one of the level's 256 slots. A slot
// is 1 ns wide on level 0, 256 ns on level 1, 65 us on level 2 and so on: near buckets are fine,
// far ones coarse, and no width has to be tuned. When the run is used up, the earliest slot becomes
// the next run; a slot too full to be sorted at once is first spread over the level below. So an
// event is moved a few times in its life, however many others are pending. With few pending events
// all of them fit in the run, and the wheel is never set up.
#pragma once
#include <algorithm>
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

/// A value: a copy pops the same events in the same order and shares nothing with the original. It
/// is flat (two arrays, no wheel) until its first run is used up, which keeps checkpoints small and
/// quick to take. A queue that was moved from may only be assigned to or destroyed.
class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue& other);
  EventQueue& operator=(const EventQueue& other);
  EventQueue(EventQueue&&) noexcept = default;
  EventQueue& operator=(EventQueue&&) noexcept = default;
  ~EventQueue() = default;

  /// Adds an event. Its time must not lie before that of the last event popped, and its sequence
  /// must be above that of every event pushed before. Otherwise InternalError is thrown and the
  /// queue stays as it was.
  void push(const Event& event) {
    if (event.time < now_ || event.sequence < next_sequence_) [[unlikely]]
      refuse(event);
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

  /// The event that pop() would give, or nullptr. Valid until the queue is next changed.
  const Event* peek() {
    if (run_begin_ == run_end_ && !refill()) return nullptr;
    return &run_[run_end_ - 1];
  }
  /// Time of the earliest event, kNever if there is none.
  Time next_time() {
    const Event* const event = peek();
    return event == nullptr ? kNever : event->time;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Bytes held, what is reserved but not in use included.
  std::size_t memory_bytes() const;

  static constexpr std::size_t kAhead = 8;
  static constexpr std::size_t kAheadMin = 32768;
  /// A hint for prefetching, to be asked for after each pop: calls `use` with the event that is to
  /// be popped kDistance pops later, if it is at hand, and at the begin of a run with those before.
  /// A small queue gives none: what few events touch is in the cache anyway. No result may depend
  /// on which events that are, or on whether there are any.
  template <std::size_t kDistance = kAhead, class Use>
  void ahead(Use&& use) const {
    if (size_ < kAheadMin) return;
    const std::size_t left = run_end_ - run_begin_;
    if (left > kDistance) use(run_[run_end_ - 1 - kDistance]);
    if (run_end_ == fresh_end_) [[unlikely]] {
      for (std::size_t i = 0; i < std::min(left, kDistance); ++i) use(run_[run_end_ - 1 - i]);
    }
  }

 private:
  static constexpr unsigned kLevels = 8;
  static constexpr unsigned kSlots = 256;
  static constexpr std::uint32_t kChunkEvents = 16;    // a chunk is 512 bytes
  static constexpr std::uint32_t kBlockChunks = 4096;  // a full block is 2 MiB, one huge page
  static constexpr std::size_t kSmallBlocks = 4;       // blocks that do not ask for a huge page
  static constexpr std::uint32_t kFirstChunks = 32;    // what the first block starts with
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::size_t kNoEnd = ~std::size_t{0};
  static constexpr std::uint64_t kOpen = std::uint64_t{1} << 63;  // a horizon after every time
  static constexpr std::size_t kInsertMax = 48;    // events of the run that one push may move
  static constexpr std::uint32_t kFew = 32;        // up to here a slot is sorted by ranks
  static constexpr std::uint32_t kBatchMin = 8;    // a refill looks for so many if that is easy
  static constexpr std::uint32_t kSortMax = 2048;  // a slot with more is spread first

  /// A chain of chunks that fill up in order of arrival. `tail` is where the next event goes,
  /// counted in events over all blocks; it is a multiple of kChunkEvents if that takes a new chunk.
  struct Slot {
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::uint32_t count = 0;
  };
  struct Level {
    std::uint64_t used[kSlots / 64] = {};  // one bit per slot that holds events
    Slot slots[kSlots];
  };
  struct FreeBlock {
    void operator()(Event* block) const;
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

  [[noreturn]] void refuse(const Event& event) const;
  void push_into_run(const Event& event);
  void insert_into_run(std::size_t position, const Event& event);
  void shorten_run(std::size_t begin, const Event& event);
  bool refill();
  unsigned first_digit(unsigned level) const;
  Slot take(unsigned level, unsigned digit);
  void spread(const Slot& slot);
  void load_few(const Slot& first, unsigned level, unsigned digit);
  void rank(const Event* const* sources, unsigned shift);
  void load_many(const Slot& slot, unsigned level);
  void finish_order();
  void reserve_run(std::size_t count);
  void restart_wheel();
  void add_chunk(unsigned level, unsigned digit);
  void add_block();
  std::uint32_t free_chunk(std::uint32_t chunk);
  void free_chunks(const Slot& slot);
  template <class Use>
  void for_each_in(const Slot& slot, Use&& use) const;
  template <class Use>
  void for_each_waiting(Use&& use) const;

  Time now_ = 0;  // of the last event popped
  std::uint64_t next_sequence_ = 0;
  std::size_t size_ = 0;

  // The run is [run_begin_, run_end_) of run_, latest event first; the rest of run_ is room.
  std::vector<Event> run_;
  std::size_t run_begin_ = 0;
  std::size_t run_end_ = 0;
  std::size_t fresh_end_ = kNoEnd;  // run_end_ after the first pop from a new run, for ahead()

  // Every event in the run is before every event that waits, those at the very time of the horizon
  // by their sequence. The anchor is at or before all that wait, and each of those is in the slot
  // that put() would choose for it now. The anchor is after now_ only if a peek() has moved it.
  std::uint64_t horizon_ = kOpen;
  std::uint64_t anchor_ = 0;
  std::uint32_t used_levels_ = 0;  // one bit per level that holds events
  std::array<std::unique_ptr<Level>, kLevels> levels_;
  std::vector<Event> unsorted_;  // events that wait but are not in the wheel yet, in any order

  // Chunks are numbered through all blocks; a link names the next chunk of a slot or free chunk.
  std::vector<std::unique_ptr<Event[], FreeBlock>> blocks_;
  std::vector<std::uint32_t> links_;  // one per chunk that the blocks hold
  std::uint32_t free_chunk_ = kNone;
  std::uint32_t fresh_chunk_ = 0;  // the first chunk that was never used
};

}  // namespace isrlab::sim
