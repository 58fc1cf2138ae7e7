// What a replica knows of idempotent producers: per producer id its epoch and last five batches.
// A leader accepts, refuses or recognises a batch by it; followers only keep it up to date, so that
// the next leader recognises the same duplicates.
// Source: ProducerStateEntry.java, ProducerAppendInfo.java (3.9); replication.md section 6.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "model/protocol/batch.hpp"
#include "model/protocol/errors.hpp"

namespace isrlab::model {

inline constexpr std::int32_t kNoSequence = -1;
inline constexpr std::int16_t kNoProducerEpoch = -1;

/// Sequences run from 0 to 2^31-1 and start again at 0 (DefaultRecordBatch.incrementSequence).
std::int32_t increment_sequence(std::int32_t sequence, std::int32_t by);
std::int32_t decrement_sequence(std::int32_t sequence, std::int32_t by);

struct ProducerStateEntry {
  static constexpr std::size_t kBatches = 5;
  struct CachedBatch {
    std::int32_t first_sequence = kNoSequence;
    std::int32_t last_sequence = kNoSequence;
    std::int64_t last_offset = -1;
    std::int64_t base_offset = -1;
  };
  std::int64_t producer_id = -1;
  sim::Time last_timestamp = 0;
  std::int16_t epoch = kNoProducerEpoch;
  std::uint16_t count = 0;                    // of batches in the cache, oldest first
  std::array<CachedBatch, kBatches> batches;  // of this epoch only

  /// -1 when only a marker or a new epoch is known.
  std::int32_t last_sequence() const {
    return count == 0 ? kNoSequence : batches[count - 1U].last_sequence;
  }
  std::int64_t last_offset() const { return count == 0 ? -1 : batches[count - 1U].last_offset; }
};

/// What a leader does with a client's batch.
struct SequenceVerdict {
  Error error = Error::kNone;
  bool duplicate = false;         // in the log already: success with the original offsets
  std::int64_t base_offset = -1;  // of the original, for duplicates only
  std::int64_t last_offset = -1;
};

class ProducerStates {
 public:
  /// The leader's checks, rules 1 to 5; a batch without a producer id always passes.
  SequenceVerdict check(const Batch& batch) const;
  /// Takes over an appended batch with its final offsets, unchecked (leader after check, follower,
  /// re-scan).
  void update(const Batch& batch);
  /// A transaction marker: a higher epoch forgets the batches, the next one must start at 0.
  void update_marker(std::int64_t producer_id, std::int16_t epoch, sim::Time timestamp);

  /// producer.id.expiration.ms: forgets producers whose last write is older than this.
  void expire_before(sim::Time time);
  /// A snapshot file holds only the last batch of each producer; this is what a reload brings back.
  void keep_last_batches_only();
  /// True if some remembered batch ends at or above the offset.
  bool remembers_at_or_above(std::int64_t offset) const;
  void clear() { entries_.clear(); }

  const ProducerStateEntry* find(std::int64_t producer_id) const;
  /// By rising producer id.
  const std::vector<ProducerStateEntry>& entries() const { return entries_; }

 private:
  ProducerStateEntry& entry_for(std::int64_t producer_id);
  std::vector<ProducerStateEntry> entries_;
};

}  // namespace isrlab::model
