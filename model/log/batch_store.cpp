#include "model/log/batch_store.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace isrlab::model {

void BatchStore::push_back(const Batch& batch, std::uint64_t hash_before) {
  // Sealed at the next append rather than when full, so that the latest batches stay in the tail.
  if (tail_.size() == kChunk) seal();
  tail_.push_back(batch);
  tail_hashes_.push_back(hash_before);
}

void BatchStore::seal() {
  auto chunk = std::make_shared<Chunk>();
  chunk->position = tail_position_;
  std::copy(tail_.begin(), tail_.end(), chunk->batches.begin());
  std::copy(tail_hashes_.begin(), tail_hashes_.end(), chunk->hashes.begin());
  for (const Batch& batch : tail_) tail_position_ += batch.bytes;
  sealed_.push_back({tail_.back().next_offset(), std::move(chunk)});
  tail_.clear();
  tail_hashes_.clear();
}

void BatchStore::cut(std::size_t index) {
  SIM_ASSERT2(index <= size() && index >= first(), "a cut outside of a log", index, size());
  const std::size_t chunks = index / kChunk - dropped_;
  if (chunks >= sealed_.size()) {
    tail_.resize(index - tail_begin());
    tail_hashes_.resize(tail_.size());
    return;
  }
  const auto keep = static_cast<std::ptrdiff_t>(index % kChunk);
  const std::shared_ptr<const Chunk> last = sealed_[chunks].chunk;
  sealed_.resize(chunks);
  tail_.assign(last->batches.begin(), last->batches.begin() + keep);
  tail_hashes_.assign(last->hashes.begin(), last->hashes.begin() + keep);
  tail_position_ = last->position;
}

void BatchStore::drop_before(std::size_t index) {
  if (index <= first()) return;
  const std::size_t chunks = std::min(index / kChunk - dropped_, sealed_.size());
  sealed_.erase(sealed_.begin(), sealed_.begin() + static_cast<std::ptrdiff_t>(chunks));
  dropped_ += chunks;
}

std::int64_t BatchStore::position_of(std::size_t index) const {
  const std::size_t chunk = index / kChunk - dropped_;
  const bool in_tail = chunk >= sealed_.size();
  std::int64_t position = in_tail ? tail_position_ : sealed_[chunk].chunk->position;
  const Batch* batches = in_tail ? tail_.data() : sealed_[chunk].chunk->batches.data();
  const std::size_t before = in_tail ? index - tail_begin() : index % kChunk;
  for (std::size_t i = 0; i < before; ++i) position += batches[i].bytes;
  return position;
}

std::int64_t BatchStore::bytes_between(std::size_t first, std::size_t last) const {
  const std::size_t sealed_batches = tail_begin();
  if (first < sealed_batches) return position_of(last) - position_of(first);
  // The usual reader lacks the last few batches.
  std::int64_t bytes = 0;
  for (std::size_t i = first; i < last; ++i) bytes += tail_[i - sealed_batches].bytes;
  return bytes;
}

std::size_t BatchStore::find(std::int64_t offset) const {
  const auto ends_above = [](std::int64_t o, const Batch& b) { return o < b.next_offset(); };
  const std::size_t sealed_batches = tail_begin();
  if (sealed_.empty() || offset >= sealed_.back().next_offset) {
    // The usual reader is at the very end: look at the last batches before searching.
    std::size_t i = tail_.size();
    for (int looks = 0; looks < 4 && i > 0; ++looks, --i) {
      if (tail_[i - 1].next_offset() <= offset) return sealed_batches + i;
    }
    const auto end = tail_.begin() + static_cast<std::ptrdiff_t>(i);
    const auto at = std::upper_bound(tail_.begin(), end, offset, ends_above);
    return sealed_batches + static_cast<std::size_t>(at - tail_.begin());
  }
  const auto sealed =
      std::upper_bound(sealed_.begin(), sealed_.end(), offset,
                       [](std::int64_t o, const Sealed& chunk) { return o < chunk.next_offset; });
  const auto& batches = sealed->chunk->batches;
  const auto at = std::upper_bound(batches.begin(), batches.end(), offset, ends_above);
  return (static_cast<std::size_t>(sealed - sealed_.begin()) + dropped_) * kChunk +
         static_cast<std::size_t>(at - batches.begin());
}

BatchStore::Run BatchStore::run_from(std::size_t index) const {
  const std::size_t chunk = index / kChunk - dropped_;
  if (chunk < sealed_.size()) {
    const std::size_t at = index % kChunk;
    return {sealed_[chunk].chunk->batches.data() + at, kChunk - at};
  }
  const std::size_t at = index - tail_begin();
  return {tail_.data() + at, tail_.size() - at};
}

}  // namespace isrlab::model
