// Producer id, epoch and sequences of an idempotent producer (TransactionManager, TxnPartitionMap,
// 3.9, without transactions; reference clients-and-groups.md 1.9).
#pragma once
#include <vector>

#include "model/client/producer_batch.hpp"
#include "model/client/ring.hpp"

namespace isrlab::model {

/// DefaultRecordBatch.incrementSequence: wraps from the largest int to 0.
std::int32_t advance_sequence(std::int32_t sequence, std::int32_t by);
std::int32_t retreat_sequence(std::int32_t sequence, std::int32_t by);

class Sequences {
 public:
  static constexpr std::int32_t kNoLastAcked = -1;
  static constexpr std::int16_t kMaxEpoch = 32767;

  explicit Sequences(std::size_t partitions = 0) : partitions_(partitions) {}

  bool has_producer_id() const { return producer_id_ >= 0; }
  std::int64_t producer_id() const { return producer_id_; }
  std::int16_t epoch() const { return epoch_; }
  void assign_producer_id(std::int64_t id, std::int16_t epoch) {
    producer_id_ = id;
    epoch_ = epoch;
  }

  /// Once per pass of the sender: unresolved partitions whose batches are all answered are
  /// resolved, or ask for a bump (maybeResolveSequences).
  void resolve();
  /// The bump is local: epoch + 1, and only the partitions that asked restart at 0 at once. At the
  /// largest epoch the producer id is dropped. True if id or epoch changed.
  bool bump_if_required(BatchPool& batches);

  // Draining (shouldStopDrainBatchesForPartition): true stops the whole node.
  bool must_wait(const ProducerBatch& first, const BatchPool& batches) const;
  /// Gives a drained batch its id, epoch and base sequence, if it has none.
  void assign(BatchIndex index, BatchPool& batches);

  bool can_retry(const ProducerBatch& batch, Error error, std::int64_t log_start_offset);
  void completed(BatchIndex index, const BatchPool& batches, std::int64_t base_offset);
  void failed(BatchIndex index, const BatchPool& batches, Error error, bool adjust_sequences);
  /// A batch expired while it was being retried: no new batch of the partition gets a sequence
  /// until those in flight are answered.
  void mark_unresolved(const ProducerBatch& batch);

  bool has_in_flight(std::int32_t partition) const { return !at(partition).in_flight.empty(); }
  bool has_unresolved(std::int32_t partition) const { return at(partition).unresolved >= 0; }
  std::int32_t next_sequence(std::int32_t partition) const { return at(partition).next_sequence; }
  std::int32_t last_acked(std::int32_t partition) const { return at(partition).last_acked; }
  /// For tests: a producer with a past.
  void set_next_sequence(std::int32_t partition, std::int32_t sequence) {
    at(partition).next_sequence = sequence;
    at(partition).producer_id = producer_id_;
    at(partition).epoch = epoch_;
  }
  void request_bump(std::int32_t partition) {
    bump_required_ = true;
    at(partition).rewrite = true;
  }

 private:
  struct Partition {
    std::int64_t producer_id = -1;
    std::int64_t last_acked_offset = -1;
    std::int32_t next_sequence = 0;
    std::int32_t last_acked = kNoLastAcked;
    std::int32_t unresolved = -1;  // the sequence after the last expired batch, -1 = resolved
    std::int16_t epoch = -1;
    bool rewrite = false;        // restart at 0 with the next bump
    Ring<BatchIndex> in_flight;  // sequenced and not completed, by epoch and sequence
  };
  Partition& at(std::int32_t partition) { return partitions_[static_cast<std::size_t>(partition)]; }
  const Partition& at(std::int32_t partition) const {
    return partitions_[static_cast<std::size_t>(partition)];
  }
  bool is_next(std::int32_t partition, std::int32_t sequence) const {
    return sequence - at(partition).last_acked == 1;
  }
  bool stale(const Partition& partition) const {
    return partition.producer_id != producer_id_ || partition.epoch != epoch_;
  }
  void restart(Partition& partition, BatchPool& batches);

  std::int64_t producer_id_ = -1;
  std::int16_t epoch_ = -1;
  bool bump_required_ = false;
  std::uint32_t unresolved_count_ = 0;
  std::vector<Partition> partitions_;
};

}  // namespace isrlab::model
