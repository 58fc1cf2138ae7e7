#include "sim/event_queue.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "sim/prefetch.hpp"

namespace isrlab::sim {

template <class Use>
void EventQueue::for_each_in(const Slot& slot, Use&& use) const {
  std::uint32_t left = slot.count;
  for (std::uint32_t chunk = slot.head; left > 0; chunk = links_[chunk]) {
    const Event* const events = event_at(chunk * kChunkEvents);
    const std::uint32_t count = std::min(left, kChunkEvents);
    left -= count;
    if (left > 0) prefetch(event_at(links_[chunk] * kChunkEvents));
    for (std::uint32_t i = 0; i < count; ++i) use(events[i]);
  }
}

/// Visits all events outside the run, in no particular order.
template <class Use>
void EventQueue::for_each_waiting(Use&& use) const {
  for (const Event& event : unsorted_) use(event);
  for (const auto& level : levels_) {
    if (level == nullptr) continue;
    for (unsigned word = 0; word < kSlots / 64; ++word) {
      for (std::uint64_t bits = level->used[word]; bits != 0; bits &= bits - 1) {
        for_each_in(level->slots[word * 64 + static_cast<unsigned>(std::countr_zero(bits))], use);
      }
    }
  }
}

EventQueue::EventQueue(const EventQueue& other)
    : now_(other.now_),
      next_sequence_(other.next_sequence_),
      size_(other.size_),
      run_(other.run_.data() + other.run_begin_, other.run_.data() + other.run_end_),
      run_end_(run_.size()),
      horizon_(other.horizon_),
      anchor_(other.anchor_) {
  unsorted_.reserve(size_ - run_end_);
  other.for_each_waiting([this](const Event& event) { unsorted_.push_back(event); });
}

EventQueue& EventQueue::operator=(const EventQueue& other) {
  if (this != &other) *this = EventQueue(other);
  return *this;
}

std::size_t EventQueue::memory_bytes() const {
  std::size_t bytes = sizeof(*this);
  bytes += (run_.capacity() + unsorted_.capacity()) * sizeof(Event);
  bytes += links_.size() * kChunkEvents * sizeof(Event);
  bytes += links_.capacity() * sizeof(links_[0]) + blocks_.capacity() * sizeof(blocks_[0]);
  for (const auto& level : levels_) bytes += level == nullptr ? 0 : sizeof(Level);
  return bytes;
}

/// The two checks of push(), apart from it so that push() stays small enough to be inlined.
void EventQueue::refuse(const Event& event) const {
  SIM_ASSERT2(event.time >= now_, "an event is scheduled in the past", event.time, now_);
  SIM_ASSERT2(event.sequence >= next_sequence_, "a sequence number is not above all before it",
              event.sequence, next_sequence_);
  std::abort();
}

/// An event that is due before the horizon takes its place in the run if that moves few others.
/// Otherwise the run is made to end there.
void EventQueue::push_into_run(const Event& event) {
  const std::size_t size = run_end_ - run_begin_;
  const std::size_t limit = size > kInsertMax ? run_end_ - kInsertMax : run_begin_;
  std::size_t position = run_end_;
  while (position > limit && before(run_[position - 1], event)) --position;
  if (position > limit || position == run_begin_) {
    insert_into_run(position, event);
    return;
  }
  const Event* const found =
      std::partition_point(run_.data() + run_begin_, run_.data() + limit,
                           [&event](const Event& other) { return before(event, other); });
  shorten_run(static_cast<std::size_t>(found - run_.data()), event);
}

void EventQueue::insert_into_run(std::size_t position, const Event& event) {
  if (run_end_ == run_.size()) reserve_run(run_end_ + 1);
  Event* const place = run_.data() + position;
  Event* const end = run_.data() + run_end_;
  std::copy_backward(place, end, end + 1);
  *place = event;
  ++run_end_;
  fresh_end_ = kNoEnd;
}

/// Makes the event the first that is not in the run: the part of the run before `begin` is later
/// and goes back to the wheel, on a lower level than it came from. Events of its very time stay.
void EventQueue::shorten_run(std::size_t begin, const Event& event) {
  horizon_ = static_cast<std::uint64_t>(event.time);
  if (horizon_ < anchor_) [[unlikely]]
    restart_wheel();
  for (std::size_t i = begin; i > run_begin_; --i) put(run_[i - 1]);
  run_begin_ = begin;
  put(event);
}

/// The run is used up: sorts the earliest slot into it. False if nothing is pending.
bool EventQueue::refill() {
  run_begin_ = run_end_ = 0;
  if (size_ == 0) {
    // Start afresh: a queue that falls back to a few events gives up its wheel and its memory.
    restart_wheel();
    horizon_ = kOpen;
    return false;
  }
  if (!unsorted_.empty()) [[unlikely]] {
    for (const Event& event : unsorted_) put(event);
    unsorted_ = {};
  }
  for (;;) {
    SIM_ASSERT2(used_levels_ != 0, "the event queue has lost events", size_, now_);
    const unsigned level = static_cast<unsigned>(std::countr_zero(used_levels_));
    const unsigned digit = first_digit(level);
    const Slot slot = take(level, digit);
    // The anchor moves to the start of the slot, so that its events now belong to lower levels.
    const std::uint64_t upper = level == kLevels - 1 ? 0 : ~std::uint64_t{0} << (8 * level + 8);
    anchor_ = (anchor_ & upper) | (std::uint64_t{digit} << (8 * level));
    if (slot.count <= kFew) {
      load_few(slot, level, digit);
      return true;
    }
    if (level == 0 || slot.count <= kSortMax) {
      load_many(slot, level);
      return true;
    }
    spread(slot);
  }
}

/// The earliest slot in use on a level that is in use.
unsigned EventQueue::first_digit(unsigned level) const {
  const Level& wheel = *levels_[level];
  unsigned word = 0;
  while (wheel.used[word] == 0) ++word;
  return word * 64 + static_cast<unsigned>(std::countr_zero(wheel.used[word]));
}

/// Takes a slot out of the wheel; its chunks are the caller's to free.
EventQueue::Slot EventQueue::take(unsigned level, unsigned digit) {
  Level& wheel = *levels_[level];
  wheel.used[digit / 64] &= ~(std::uint64_t{1} << (digit % 64));
  if ((wheel.used[0] | wheel.used[1] | wheel.used[2] | wheel.used[3]) == 0) {
    used_levels_ &= ~(1u << level);
  }
  return std::exchange(wheel.slots[digit], Slot{});
}

/// Moves the events of a slot to the level below. A chunk is freed before its events are put, so
/// that the move itself needs hardly any memory, and copied, because put() may move the blocks.
void EventQueue::spread(const Slot& slot) {
  std::array<Event, kChunkEvents> events;
  std::uint32_t left = slot.count;
  for (std::uint32_t chunk = slot.head; left > 0;) {
    const std::uint32_t count = std::min(left, kChunkEvents);
    std::copy_n(event_at(chunk * kChunkEvents), count, events.begin());
    left -= count;
    chunk = free_chunk(chunk);
    if (left > 0) {
      const Event* const next = event_at(chunk * kChunkEvents);
      for (std::uint32_t i = 0; i < kChunkEvents; i += 2) prefetch(next + i);
    }
    for (std::uint32_t i = 0; i < count; ++i) put(events[i]);
  }
}

/// Sorts a slot with few events into the run, and with it the slots that follow if they hold few as
/// well: a thinly filled wheel must not cost one refill per event.
void EventQueue::load_few(const Slot& first, unsigned level, unsigned digit) {
  std::array<const Event*, kFew> sources;
  std::uint32_t count = 0;
  const auto collect = [&](const Slot& slot) {
    for_each_in(slot, [&](const Event& event) { sources[count++] = &event; });
    free_chunks(slot);  // which leaves the events in place until the next put()
  };
  collect(first);
  std::uint64_t slots = 1;
  while (count < kBatchMin && (used_levels_ >> level & 1) != 0) {
    const unsigned next = first_digit(level);
    if (count + levels_[level]->slots[next].count > kFew) break;
    collect(take(level, next));
    slots = next - digit + 1;
  }
  const std::uint64_t span = slots << (8 * level);
  horizon_ = anchor_ + span;
  reserve_run(kFew + kInsertMax);
  run_end_ = count;
  const unsigned bits = static_cast<unsigned>(std::bit_width(span - 1));
  rank(sources.data(), bits > 26 ? bits - 26 : 0);
  finish_order();
}

/// An event's place is the number of events before it. Counting them has no branch to mispredict,
/// and the compiler counts for several events at once. A key is the upper 26 bits of the time
/// within the span, then 5 bits for the order of arrival.
void EventQueue::rank(const Event* const* sources, unsigned shift) {
  constexpr std::uint32_t kLanes = 8;
  const std::uint32_t count = static_cast<std::uint32_t>(run_end_);
  std::array<std::int32_t, kFew> keys;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = static_cast<std::uint64_t>(sources[i]->time) - anchor_;
    keys[i] = static_cast<std::int32_t>((offset >> shift) * kFew + i);
  }
  for (std::uint32_t i = count; i % kLanes != 0; ++i) keys[i] = 0;
  Event* const last = run_.data() + count - 1;
  for (std::uint32_t start = 0; start < count; start += kLanes) {
    std::int32_t ranks[kLanes] = {};
    const std::int32_t* const lanes = keys.data() + start;
    for (std::uint32_t j = 0; j < count; ++j) {
      const std::int32_t key = keys[j];
      for (std::uint32_t i = 0; i < kLanes; ++i) ranks[i] += key < lanes[i] ? 1 : 0;
    }
    const std::uint32_t end = std::min(count - start, kLanes);
    for (std::uint32_t i = 0; i < end; ++i) *(last - ranks[i]) = *sources[start + i];
  }
}

/// Sorts a slot into the run by one pass of counting sort with one to two buckets per event, after
/// which most events are in their place or next to it.
void EventQueue::load_many(const Slot& slot, unsigned level) {
  const unsigned width = 8 * level;
  const unsigned wanted = static_cast<unsigned>(std::bit_width(slot.count));
  const unsigned shift = width > wanted ? width - wanted : 0;
  const std::uint32_t buckets = std::uint32_t{1} << (width - shift);
  const auto bucket_of = [base = anchor_, shift](const Event& event) {
    return (static_cast<std::uint64_t>(event.time) - base) >> shift;
  };
  reserve_run(slot.count + kInsertMax);
  run_end_ = slot.count;
  horizon_ = anchor_ + (std::uint64_t{1} << width);
  std::array<std::uint32_t, kSortMax * 2> ends;
  std::fill_n(ends.begin(), buckets, 0);
  for_each_in(slot, [&](const Event& event) { ++ends[bucket_of(event)]; });
  std::uint32_t end = slot.count;
  for (std::uint32_t i = 0; i < buckets; ++i) {
    const std::uint32_t count = ends[i];
    ends[i] = end;
    end -= count;
  }
  for_each_in(slot, [&](const Event& event) { run_[--ends[bucket_of(event)]] = event; });
  free_chunks(slot);
  finish_order();
}

/// Puts a nearly sorted run in exact order. A run that turns out to be far from sorted, because its
/// events crowd in a corner of their slot or wait out of sequence, is sorted from scratch.
void EventQueue::finish_order() {
  fresh_end_ = run_end_ - 1;
  Event* const run = run_.data();
  std::size_t moves_left = 8 * run_end_;
  for (std::size_t i = 1; i < run_end_; ++i) {
    if (!before(run[i - 1], run[i])) continue;
    const Event event = run[i];
    std::size_t place = i;
    do {
      run[place] = run[place - 1];
      --place;
    } while (place > 0 && before(run[place - 1], event));
    run[place] = event;
    if (i - place > moves_left) {
      std::sort(run, run + run_end_,
                [](const Event& left, const Event& right) { return before(right, left); });
      return;
    }
    moves_left -= i - place;
  }
}

/// Not by resize(), which would double and copy what is no longer in the run.
void EventQueue::reserve_run(std::size_t count) {
  if (count <= run_.size()) return;
  if (run_end_ == 0) run_ = {};
  std::vector<Event> grown(std::max<std::size_t>(count + count / 16, 64));
  std::copy_n(run_.begin(), run_end_, grown.begin());
  run_ = std::move(grown);
}

/// Empties the wheel into unsorted_ and moves the anchor back to the present. This is needed when a
/// peek() has moved the anchor on to the next event and many events are then pushed before that.
void EventQueue::restart_wheel() {
  if (used_levels_ != 0) {
    std::vector<Event> all;
    all.reserve(size_);
    for_each_waiting([&all](const Event& event) { all.push_back(event); });
    unsorted_ = std::move(all);
    for (const auto& level : levels_) {
      if (level != nullptr) *level = Level{};
    }
    used_levels_ = 0;
  }
  anchor_ = static_cast<std::uint64_t>(now_);
  blocks_.resize(std::min<std::size_t>(blocks_.size(), 1));
  links_.resize(std::min<std::size_t>(links_.size(), kBlockChunks));
  free_chunk_ = kNone;
  fresh_chunk_ = 0;
}

/// Gives a slot a chunk to put its next event in.
void EventQueue::add_chunk(unsigned level, unsigned digit) {
  if (free_chunk_ == kNone && fresh_chunk_ == links_.size()) add_block();
  const std::uint32_t chunk = free_chunk_ == kNone ? fresh_chunk_++ : free_chunk_;
  if (chunk == free_chunk_) free_chunk_ = links_[chunk];
  if (levels_[level] == nullptr) levels_[level] = std::make_unique<Level>();
  Level& wheel = *levels_[level];
  Slot& slot = wheel.slots[digit];
  if (slot.count != 0) {
    links_[slot.tail / kChunkEvents - 1] = chunk;
  } else {
    slot.head = chunk;
    wheel.used[digit / 64] |= std::uint64_t{1} << (digit % 64);
    used_levels_ |= 1u << level;
  }
  slot.tail = chunk * kChunkEvents;
}

/// The first block grows by doubling, so that a small queue stays small; later ones come whole.
/// Those of a large queue are huge pages if the system has them: a million events get much faster.
/// With a few blocks it would be slack, since a huge page is in memory whole.
void EventQueue::add_block() {
  constexpr std::size_t kChunkBytes = kChunkEvents * sizeof(Event);
  const std::size_t old = links_.size() < kBlockChunks ? links_.size() : 0;
  const std::size_t chunks =
      links_.size() < kBlockChunks ? std::max<std::size_t>(2 * old, kFirstChunks) : kBlockChunks;
  const bool full = chunks == kBlockChunks;
  const std::size_t bytes = chunks * kChunkBytes;
  std::unique_ptr<Event[], FreeBlock> block(
      static_cast<Event*>(std::aligned_alloc(full ? bytes : kChunkBytes, bytes)));
  if (block == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  if (full && blocks_.size() >= kSmallBlocks) madvise(block.get(), bytes, MADV_HUGEPAGE);
#endif
  if (old > 0) {
    std::copy_n(blocks_[0].get(), old * kChunkEvents, block.get());
    blocks_[0] = std::move(block);
  } else {
    blocks_.push_back(std::move(block));
  }
  links_.resize(links_.size() - old + chunks);
}

void EventQueue::FreeBlock::operator()(Event* block) const {
  std::free(block);
}

/// Frees a chunk and returns the one that followed it.
std::uint32_t EventQueue::free_chunk(std::uint32_t chunk) {
  const std::uint32_t next = std::exchange(links_[chunk], free_chunk_);
  free_chunk_ = chunk;
  return next;
}

void EventQueue::free_chunks(const Slot& slot) {
  std::uint32_t chunk = slot.head;
  for (std::uint32_t left = slot.count; left > 0; left -= std::min(left, kChunkEvents)) {
    chunk = free_chunk(chunk);
  }
}

}  // namespace isrlab::sim
