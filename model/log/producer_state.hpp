// What a replica knows of idempotent producers: per producer id its epoch and last five batches.
// A leader accepts, refuses or recognises a batch by it; followers only keep it up to date, so that
// the next leader recognises the same duplicates. Snapshots bring it back after a restart.
// Source: ProducerStateEntry.java, ProducerAppendInfo.java, ProducerStateManager.java (3.9);
// replication.md section 6.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
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
  std::int64_t transaction_first_offset = -1;  // of the open transaction, -1: none
  std::int32_t coordinator_epoch = -1;         // of the last marker
  std::int16_t epoch = kNoProducerEpoch;
  std::uint16_t count = 0;                    // of batches in the cache, oldest first
  std::array<CachedBatch, kBatches> batches;  // of this epoch only

  /// -1 when only a marker or a new epoch is known.
  std::int32_t last_sequence() const {
    return count == 0 ? kNoSequence : batches[count - 1U].last_sequence;
  }
  std::int64_t last_offset() const { return count == 0 ? -1 : batches[count - 1U].last_offset; }
};

/// What a snapshot file says of one producer: the last batch only.
struct ProducerSnapshotEntry {
  std::int64_t producer_id = -1;
  sim::Time last_timestamp = 0;
  std::int64_t transaction_first_offset = -1;
  ProducerStateEntry::CachedBatch last;
  std::int32_t coordinator_epoch = -1;
  std::int16_t epoch = kNoProducerEpoch;
  bool any_batch = false;
};
/// `<offset>.snapshot`: the producers as they were when the log ended at the offset. Shared by the
/// copies of a world; null when no producer was known.
struct ProducerSnapshot {
  std::int64_t offset = 0;
  std::shared_ptr<const std::vector<ProducerSnapshotEntry>> entries;
};

/// What a leader does with a client's batch.
struct SequenceVerdict {
  Error error = Error::kNone;
  bool duplicate = false;         // in the log already: success with the original offsets
  std::int64_t base_offset = -1;  // of the original, for duplicates only
  std::int64_t last_offset = -1;
};

/// A control batch that ends a transaction.
struct TransactionMarker {
  std::int64_t producer_id = -1;
  std::int64_t offset = -1;
  sim::Time timestamp = 0;
  std::int32_t coordinator_epoch = 0;
  std::int16_t producer_epoch = 0;
};

class ProducerStates {
 public:
  /// The leader's checks, rules 1 to 6; a batch without a producer id always passes.
  SequenceVerdict check(const Batch& batch) const;
  /// Rule 7.
  Error check_marker(const TransactionMarker& marker) const;
  /// Takes over an appended batch with its final offsets, unchecked (leader after check, follower,
  /// re-scan).
  void update(const Batch& batch);
  /// An appended marker ends the producer's transaction; a higher epoch forgets the batches,
  /// so that the next one must start at 0.
  void update_marker(const TransactionMarker& marker);

  /// Where the transactions begin that read_committed readers may not pass yet: open ones, and
  /// completed ones whose marker the high watermark has not passed. -1: there are none.
  std::int64_t first_unstable_offset() const;
  void on_high_watermark(std::int64_t high_watermark);

  /// producer.id.expiration.ms: forgets producers whose last write is that old; never one with
  /// an open transaction.
  void expire(sim::Time now, sim::Duration expiration);
  /// KAFKA-7190: forgets producers whose last record lies below the offset.
  void forget_below(std::int64_t offset);
  void clear();

  /// What a snapshot file holds, and what loading it brings back: only producers that have not
  /// expired.
  std::vector<ProducerSnapshotEntry> snapshot() const;
  void load(const std::vector<ProducerSnapshotEntry>& entries, sim::Time now,
            sim::Duration expiration);

  const ProducerStateEntry* find(std::int64_t producer_id) const;
  /// By rising producer id.
  const std::vector<ProducerStateEntry>& entries() const { return entries_; }

 private:
  struct CompletedTransaction {
    std::int64_t first_offset = -1;
    std::int64_t marker_offset = -1;
  };
  ProducerStateEntry& entry_for(std::int64_t producer_id);
  std::vector<ProducerStateEntry> entries_;
  std::vector<CompletedTransaction> unreplicated_;  // by rising first offset
};

}  // namespace isrlab::model
