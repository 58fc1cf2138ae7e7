// The history: the only window on a run. The model emits typed events; readers (invariants,
// results, exports, the viewer) see nothing else but a const world. Kept events are numbered from 1
// and know the kept event that caused them; transient events (high watermarks, messages) pass by
// the readers and into the digest without being stored. The digest is a rolling 64-bit hash of the
// fields.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/disturbances.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

/// 48 bytes; the meaning of `subject`, `a`, `b`, `c` per kind is fixed by the model's event table.
struct HistoryEvent {
  Time time = 0;
  std::uint32_t id = 0;     // 0 = transient
  std::uint32_t cause = 0;  // id of the kept event that led here, 0 = the start of the run
  std::uint16_t kind = 0;
  std::uint16_t actor = 0xffff;  // process that acted, 0xffff = the environment
  std::uint32_t subject = 0;
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
};
static_assert(sizeof(HistoryEvent) == 48);

/// Multiply-fold of two words into the running hash.
inline std::uint64_t fold(std::uint64_t hash, std::uint64_t left, std::uint64_t right) {
  const auto product = static_cast<unsigned __int128>(hash ^ left ^ 0x2d358dccaa6c78a5ULL) *
                       (right ^ 0x8bb84b93962eacc9ULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^
         (hash << 7 | hash >> 57);
}

class History {
 public:
  /// Appends a kept event, gives it its id and adds it to the digest.
  std::uint32_t keep(HistoryEvent event) {
    event.id = ++count_;
    hash(event);
    if (tail_.size() == kChunk) seal();
    tail_.push_back(event);
    return event.id;
  }
  /// A transient event: digest only.
  void pass(const HistoryEvent& event) { hash(event); }
  void hash_words(std::uint64_t left, std::uint64_t right) { digest_ = fold(digest_, left, right); }

  /// Number of kept events; ids run from 1 to this.
  std::uint32_t size() const { return count_; }
  const HistoryEvent& operator[](std::uint32_t id) const {
    const std::uint32_t index = id - 1;
    const std::uint32_t chunk = index / kChunk;
    return chunk < sealed_.size() ? (*sealed_[chunk])[index % kChunk] : tail_[index % kChunk];
  }
  std::uint64_t digest() const { return digest_; }

  /// What keeps whom silent: the causes of what is concluded from silence.
  Disturbances& disturbances() { return disturbances_; }
  const Disturbances& disturbances() const { return disturbances_; }

  /// Stores a list of small numbers (an ISR, an assignment) and returns its handle; a list equal to
  /// one of the latest is shared. Handles are stable over copies.
  std::int64_t intern(std::span<const std::uint32_t> list);
  std::span<const std::uint32_t> list(std::int64_t handle) const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  using Chunk = std::array<HistoryEvent, kChunk>;
  void seal();
  void hash(const HistoryEvent& event) {
    std::uint64_t h = fold(digest_, static_cast<std::uint64_t>(event.time),
                           (static_cast<std::uint64_t>(event.cause) << 32) |
                               (static_cast<std::uint64_t>(event.kind) << 16) | event.actor);
    h = fold(h, event.subject, static_cast<std::uint64_t>(event.a));
    digest_ = fold(h, static_cast<std::uint64_t>(event.b), static_cast<std::uint64_t>(event.c));
  }

  std::uint64_t digest_ = 0x243f6a8885a308d3ULL;
  std::uint32_t count_ = 0;
  std::vector<std::shared_ptr<const Chunk>> sealed_;
  std::vector<HistoryEvent> tail_;
  struct Lists {
    std::vector<std::uint32_t> words;  // length, then the members, per list
    std::vector<std::uint32_t> recent;
  };
  std::shared_ptr<Lists> lists_;
  Disturbances disturbances_;
};

}  // namespace isrlab::sim
