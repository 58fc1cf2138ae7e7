#include "sim/event_queue.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

namespace isrlab::sim {
namespace {

/// The order of the run: latest first, so that the next event is taken off the end.
bool after(const Event& left, const Event& right) { return before(right, left); }

}  // namespace

void EventQueue::FreeBlock::operator()(Event* block) const { std::free(block); }

template <class Use>
void EventQueue::for_each_in(const Slot& slot, Use&& use) const {
  std::uint32_t left = slot.count;
  for (std::uint32_t chunk = slot.head; left > 0; chunk = links_[chunk]) {
    const Event* events = event_at(chunk * kChunkEvents);
    const std::uint32_t count = std::min(left, kChunkEvents);
    if (left > count) __builtin_prefetch(event_at(links_[chunk] * kChunkEvents));
    for (std::uint32_t i = 0; i < count; ++i) use(events[i]);
    left -= count;
  }
}

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
      run_(other.run_.begin() + static_cast<std::ptrdiff_t>(other.run_begin_),
           other.run_.begin() + static_cast<std::ptrdiff_t>(other.run_end_)),
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

/// An event that comes due before the horizon takes its place in the run if that moves few others.
/// Otherwise the run ends there, and what is later goes (back) to the wheel.
void EventQueue::push_into_run(const Event& event) {
  const std::size_t limit =
      run_end_ - run_begin_ > kInsertMax ? run_end_ - kInsertMax : run_begin_;
  std::size_t position = run_end_;
  while (position > limit && before(run_[position - 1], event)) --position;
  if (position > limit || position == run_begin_) {
    insert_into_run(position, event);
    return;
  }
  const auto first = run_.begin() + static_cast<std::ptrdiff_t>(run_begin_);
  const auto last = run_.begin() + static_cast<std::ptrdiff_t>(limit);
  const auto found = std::partition_point(
      first, last, [&event](const Event& other) { return before(event, other); });
  shorten_run(static_cast<std::size_t>(found - run_.begin()), event);
}

void EventQueue::insert_into_run(std::size_t position, const Event& event) {
  if (run_end_ == run_.size()) reserve_run(run_end_ + 1);
  Event* const place = run_.data() + position;
  std::copy_backward(place, run_.data() + run_end_, run_.data() + run_end_ + 1);
  *place = event;
  ++run_end_;
}

/// Makes `begin` the latest place of the run and the event's time the horizon. Events of that very
/// time stay in the run: they were pushed earlier, so they are earlier than all that follow.
void EventQueue::shorten_run(std::size_t begin, const Event& event) {
  horizon_ = static_cast<std::uint64_t>(event.time);
  if (horizon_ < anchor_) [[unlikely]] {
    // A peek() loaded the run and then many events were pushed before it: the wheel starts anew.
    flatten();
    anchor_ = static_cast<std::uint64_t>(now_);
  }
  for (std::size_t i = begin; i > run_begin_; --i) put(run_[i - 1]);
  run_begin_ = begin;
  put(event);
}

bool EventQueue::refill() {
  run_begin_ = run_end_ = 0;
  if (size_ <= kFlatMax) {
    load_all();
    return size_ > 0;
  }
  if (!unsorted_.empty()) [[unlikely]] {
    for (const Event& event : unsorted_) put(event);
    unsorted_ = {};
  }
  for (;;) {
    SIM_ASSERT2(used_levels_ != 0, "the event queue lost events", size_, now_);
    const unsigned level = static_cast<unsigned>(std::countr_zero(used_levels_));
    const unsigned digit = first_digit(level);
    // From here on the times of this slot differ from the anchor only below this level.
    const std::uint64_t kept = ~std::uint64_t{0} << (8 * level) << 8;
    anchor_ = (anchor_ & (level == kLevels - 1 ? 0 : kept)) | (std::uint64_t{digit} << (8 * level));
    const Slot slot = take(level, digit);
    if (slot.count <= kRankMax) {
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

unsigned EventQueue::first_digit(unsigned level) const {
  const Level& wheel = *levels_[level];
  unsigned word = 0;
  while (wheel.used[word] == 0) ++word;
  return word * 64 + static_cast<unsigned>(std::countr_zero(wheel.used[word]));
}

EventQueue::Slot EventQueue::take(unsigned level, unsigned digit) {
  Level& wheel = *levels_[level];
  wheel.used[digit / 64] &= ~(std::uint64_t{1} << (digit % 64));
  if ((wheel.used[0] | wheel.used[1] | wheel.used[2] | wheel.used[3]) == 0) {
    used_levels_ &= ~(1u << level);
  }
  return std::exchange(wheel.slots[digit], Slot{});
}

/// Moves the events of a slot to the level below. Each chunk is freed before its events find their
/// place, so that the move itself needs next to no memory.
void EventQueue::spread(const Slot& slot) {
  std::array<Event, kChunkEvents> events;
  std::uint32_t left = slot.count;
  for (std::uint32_t chunk = slot.head; left > 0;) {
    const std::uint32_t count = std::min(left, kChunkEvents);
    std::copy_n(event_at(chunk * kChunkEvents), count, events.begin());
    left -= count;
    const std::uint32_t next = links_[chunk];
    if (left > 0) {
      const Event* ahead = event_at(next * kChunkEvents);
      for (std::uint32_t i = 0; i < kChunkEvents; i += 2) __builtin_prefetch(ahead + i);
    }
    links_[chunk] = free_chunk_;
    free_chunk_ = chunk;
    chunk = next;
    for (std::uint32_t i = 0; i < count; ++i) put(events[i]);
  }
}

/// With few events pending the run takes them all and the wheel rests.
void EventQueue::load_all() {
  flatten();
  blocks_.resize(std::min<std::size_t>(blocks_.size(), 1));
  links_.resize(std::min<std::size_t>(links_.size(), kBlockChunks));
  reserve_run(unsorted_.size());
  std::copy(unsorted_.begin(), unsorted_.end(), run_.begin());
  run_end_ = unsorted_.size();
  unsorted_.clear();
  std::sort(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_end_), after);
  anchor_ = static_cast<std::uint64_t>(now_);
  horizon_ = std::uint64_t{1} << 63;
}

/// Sorts a slot with few events into the empty run, and with it slots that follow closely if they
/// hold few as well, so that a thinly filled wheel does not cost a refill per event.
void EventQueue::load_few(const Slot& first, unsigned level, unsigned digit) {
  std::array<const Event*, kRankMax> sources;
  std::uint32_t count = 0;
  const auto collect = [&](const Slot& slot) {
    for_each_in(slot, [&](const Event& event) { sources[count++] = &event; });
    free_chunks(slot);
  };
  collect(first);
  std::uint64_t slots = 1;
  while (count < kBatchMin && (used_levels_ >> level & 1) != 0) {
    const unsigned next = first_digit(level);
    if (count + levels_[level]->slots[next].count > kRankMax) break;
    collect(take(level, next));
    slots = next - digit + 1;
  }
  const std::uint64_t span = slots << (8 * level);
  horizon_ = anchor_ + span;
  reserve_run(kRankMax + kInsertMax);
  run_end_ = count;
  const int excess = std::bit_width(span) - 26;
  const unsigned shift = excess > 0 ? static_cast<unsigned>(excess) : 0;
  rank(sources.data(), shift);
  finish_order();
}

/// An event's place is the number of events before it: no branch to mispredict, and the compiler
/// can count for several at once.
void EventQueue::rank(const Event* const* sources, unsigned shift) {
  constexpr std::uint32_t kLanes = 8;
  const std::uint32_t count = static_cast<std::uint32_t>(run_end_);
  std::int32_t keys[kRankMax];
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = static_cast<std::uint64_t>(sources[i]->time) - anchor_;
    keys[i] = static_cast<std::int32_t>((offset >> shift) * kRankMax + i);
  }
  for (std::uint32_t i = count; i % kLanes != 0; ++i) keys[i] = 0;
  Event* const last = run_.data() + count - 1;
  for (std::uint32_t start = 0; start < count; start += kLanes) {
    std::int32_t ranks[kLanes] = {};
    const std::int32_t* const lanes = keys + start;
    for (std::uint32_t j = 0; j < count; ++j) {
      const std::int32_t key = keys[j];
      for (std::uint32_t i = 0; i < kLanes; ++i) ranks[i] += key < lanes[i] ? 1 : 0;
    }
    const std::uint32_t end = std::min(count - start, kLanes);
    for (std::uint32_t i = 0; i < end; ++i) *(last - ranks[i]) = *sources[start + i];
  }
}

/// Sorts a slot into the empty run: one pass of counting sort over one to two buckets per event.
/// What remains out of order is mostly next to its place.
void EventQueue::load_many(const Slot& slot, unsigned level) {
  reserve_run(slot.count + kInsertMax);
  run_end_ = slot.count;
  horizon_ = anchor_ + (std::uint64_t{1} << (8 * level));
  const unsigned width = 8 * level;
  const unsigned wanted = static_cast<unsigned>(std::bit_width(std::min(slot.count, kSortMax) - 1));
  const unsigned shift = width > wanted ? width - wanted : 0;
  std::array<std::uint32_t, kSortMax * 2 + 1> starts;
  const std::uint32_t buckets = std::uint32_t{1} << (width - shift);
  std::fill_n(starts.begin(), buckets + 1, 0);
  const std::uint64_t base = anchor_;
  const auto bucket = [base, shift](const Event& event) {
    return (static_cast<std::uint64_t>(event.time) - base) >> shift;
  };
  for_each_in(slot, [&](const Event& event) { ++starts[bucket(event)]; });
  std::uint32_t sum = slot.count;
  for (std::uint32_t i = 0; i < buckets; ++i) {
    const std::uint32_t count = starts[i];
    starts[i] = sum;
    sum -= count;
  }
  for_each_in(slot, [&](const Event& event) { run_[--starts[bucket(event)]] = event; });
  free_chunks(slot);
  finish_order();
}

/// Puts the nearly sorted run in exact order; a run that turns out to be far from sorted (events
/// crowded into a corner of a slot, or long out of sequence) is sorted from scratch.
void EventQueue::finish_order() {
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
      std::sort(run, run + run_end_, after);
      return;
    }
    moves_left -= i - place;
  }
}

void EventQueue::reserve_run(std::size_t count) {
  if (count <= run_.size()) return;
  run_.resize(std::max<std::size_t>({count, run_end_ * 2, 64}));
}

/// Moves all that waits in the wheel to unsorted_ and gives the chunks back.
void EventQueue::flatten() {
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
  free_chunk_ = kNone;
  fresh_chunk_ = 0;
}

void EventQueue::add_chunk(unsigned level, unsigned digit) {
  std::uint32_t chunk = free_chunk_;
  if (chunk != kNone) {
    free_chunk_ = links_[chunk];
  } else {
    if (fresh_chunk_ == links_.size()) grow();
    chunk = fresh_chunk_++;
  }
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
void EventQueue::grow() {
  constexpr std::size_t kBlockBytes = kBlockChunks * kChunkEvents * sizeof(Event);
  const std::size_t chunks = links_.size();
  if (chunks < kBlockChunks) {
    const std::size_t wanted = std::max<std::size_t>(2 * chunks, kFirstChunks);
    Event* block = static_cast<Event*>(std::aligned_alloc(wanted == kBlockChunks ? kBlockBytes : 64, wanted * kChunkEvents * sizeof(Event)));
    if (wanted == kBlockChunks && !getenv("NOTHP")) madvise(block, kBlockBytes, MADV_HUGEPAGE);
    if (chunks > 0) std::copy_n(blocks_[0].get(), chunks * kChunkEvents, block);
    blocks_.resize(1);
    blocks_[0].reset(block);
    links_.resize(wanted);
  } else {
    Event* block = static_cast<Event*>(std::aligned_alloc(kBlockBytes, kBlockBytes));
    if (!getenv("NOTHP")) madvise(block, kBlockBytes, MADV_HUGEPAGE);
    blocks_.emplace_back(block);
    links_.resize(chunks + kBlockChunks);
  }
}

void EventQueue::free_chunks(const Slot& slot) {
  std::uint32_t left = slot.count;
  for (std::uint32_t chunk = slot.head; left > 0;) {
    left -= std::min(left, kChunkEvents);
    const std::uint32_t next = links_[chunk];
    links_[chunk] = free_chunk_;
    free_chunk_ = chunk;
    chunk = next;
  }
}

}  // namespace isrlab::sim
