// The batches of one replica, in offset order, as full immutable chunks shared by the copies of a
// world and one active tail. Batches are numbered from 0; only the tail ever changes. Appending and
// reading at the tail touch nothing else; everything older is found by binary search.
// Numbers stay when chunks in front are dropped: a segment of the log is a range of batch numbers.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/protocol/batch.hpp"

namespace isrlab::model {

class BatchStore {
 public:
  static constexpr std::size_t kChunk = 64;

  /// `hash_before` is the replica's running hash below this batch.
  void push_back(const Batch& batch, std::uint64_t hash_before);
  /// Removes all batches from this number on; a cut inside a chunk copies its head into the tail.
  void cut(std::size_t index);
  /// Frees the chunks that lie wholly before this number. Their numbers are not used again.
  void drop_before(std::size_t index);

  /// One past the number of the last batch.
  std::size_t size() const { return tail_begin() + tail_.size(); }
  /// The lowest number that is still there.
  std::size_t first() const { return dropped_ * kChunk; }
  const Batch& operator[](std::size_t index) const {
    const std::size_t chunk = index / kChunk - dropped_;
    return chunk < sealed_.size() ? sealed_[chunk].chunk->batches[index % kChunk]
                                  : tail_[index - tail_begin()];
  }
  std::uint64_t hash_before(std::size_t index) const {
    const std::size_t chunk = index / kChunk - dropped_;
    return chunk < sealed_.size() ? sealed_[chunk].chunk->hashes[index % kChunk]
                                  : tail_hashes_[index - tail_begin()];
  }
  /// Bytes of all batches before this number, dropped ones included.
  std::int64_t position_of(std::size_t index) const;
  /// Bytes of the batches [first, last).
  std::int64_t bytes_between(std::size_t first, std::size_t last) const;
  /// Number of the first batch, of those there, that ends above the offset; size() if there is
  /// none.
  std::size_t find(std::int64_t offset) const;
  /// The batches that lie next to each other in memory from this number on.
  struct Run {
    const Batch* first = nullptr;
    std::size_t count = 0;
  };
  Run run_from(std::size_t index) const;

 private:
  struct Chunk {
    std::int64_t position = 0;  // bytes before its first batch
    std::array<Batch, kChunk> batches;
    std::array<std::uint64_t, kChunk> hashes;
  };
  struct Sealed {
    std::int64_t next_offset = 0;  // end of its last batch: the key of the binary search
    std::shared_ptr<const Chunk> chunk;
  };
  void seal();
  std::size_t tail_begin() const { return (dropped_ + sealed_.size()) * kChunk; }

  std::size_t dropped_ = 0;  // chunks
  std::vector<Sealed> sealed_;
  std::vector<Batch> tail_;  // 1..kChunk batches unless the store is empty or just cut
  std::vector<std::uint64_t> tail_hashes_;
  std::int64_t tail_position_ = 0;
};

}  // namespace isrlab::model
