// The log of one replica: offsets, batches, leader epochs and producer state, without bytes.
// Source: UnifiedLog.scala, LocalLog.scala, Partition.scala (3.9); reference replication.md
// sections 1.1 to 1.7. All end offsets are exclusive. log_start_offset <= high_watermark <=
// log_end_offset holds between any two calls.
// Not yet here (a later issue): segments with rolling and retention, transactions. Segments will be
// ranges of batch numbers in BatchStore; segment_base_ is the base offset of the first one already.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/log/batch_store.hpp"
#include "model/log/epoch_cache.hpp"
#include "model/log/lazy.hpp"
#include "model/log/producer_state.hpp"

namespace isrlab::model {

enum class FollowerAppend : std::uint8_t {
  kOk,
  kOutOfOrder,        // OffsetsOutOfOrderException: the batches are not monotone
  kUnexpectedOffset,  // UnexpectedAppendOffsetException: the first base is below log_end_offset
};

enum class ReadStatus : std::uint8_t { kOutOfRange, kEmpty, kBatches };
struct LogRead {
  ReadStatus status = ReadStatus::kEmpty;
  std::int64_t bytes = 0;  // appended to `out`
};

class PartitionLog {
 public:
  std::int64_t log_start_offset() const { return log_start_offset_; }
  std::int64_t log_end_offset() const { return log_end_offset_; }
  std::int64_t high_watermark() const { return high_watermark_; }
  /// read_committed readers stop here; equal to the high watermark while there are no transactions.
  std::int64_t last_stable_offset() const { return high_watermark_; }
  /// Every offset below it is known to be on the disk: fsynced, or written back by the kernel.
  std::int64_t recovery_point() const { return recovery_point_; }
  /// Bytes of all batches.
  std::int64_t size_bytes() const { return size_bytes_; }
  bool empty() const { return log_end_offset_ == log_start_offset_; }
  const LeaderEpochCache& epochs() const { return epochs_; }
  std::int32_t latest_epoch() const { return epochs_.latest_epoch(); }
  /// Null while no idempotent producer has written.
  const ProducerStates* producers() const { return producers_.get(); }

  // --- append ---
  /// The leader's checks of a client batch (section 6), which append nothing.
  SequenceVerdict check_producer(const Batch& batch) const;
  /// Assigns offsets from log_end_offset and the epoch; returns the base offset. The caller has
  /// checked the producer.
  std::int64_t append_as_leader(Batch batch, std::int32_t leader_epoch);
  /// Appends what a leader sent, all or nothing; gaps upwards are allowed. An overlap of an empty
  /// log with the first batch restarts the log at that batch (Partition.scala:
  /// appendRecordsToFollowerOrFutureReplica).
  FollowerAppend append_as_follower(std::span<const Batch> batches);
  FollowerAppend append_as_follower(const Batch& batch) { return append_as_follower({&batch, 1}); }
  /// On becoming leader: the epoch starts at log_end_offset even if no record follows.
  void start_epoch(std::int32_t leader_epoch) { epochs_.assign(leader_epoch, log_end_offset_); }

  // --- read ---
  /// Appends to `out` whole batches from the one that contains the offset, those that start below
  /// upper_bound, up to max_bytes; with min_one_message the first may be larger than that.
  LogRead read(std::int64_t fetch_offset, std::int64_t upper_bound, std::int64_t max_bytes,
               bool min_one_message, std::vector<Batch>& out) const;
  /// The batch that contains the offset, or null; valid until the next change of the log.
  const Batch* batch_containing(std::int64_t offset) const;
  /// The batch at the end, or null.
  const Batch* last_batch() const {
    const BatchStore* store = store_.get();
    return store == nullptr || store->size() == 0 ? nullptr : &(*store)[store->size() - 1];
  }
  /// Calls visit(batch) for the batches that hold or follow `from` and start below `to`.
  template <class Visitor>
  void for_each_batch(std::int64_t from, std::int64_t to, Visitor visit) const;
  /// Bytes of the batches from the one holding `from` to below the one holding `to` (batch edges).
  std::int64_t bytes_between(std::int64_t from, std::int64_t to) const;
  EpochEnd end_offset_for_epoch(std::int32_t epoch) const {
    return epochs_.end_offset_for(epoch, log_end_offset_);
  }

  // --- offsets ---
  /// Leader: only upwards; a value above log_end_offset is an internal error. True if it rose.
  bool maybe_increment_high_watermark(std::int64_t offset);
  /// Follower: takes the leader's value clamped to the log, even a lower one. True if it changed.
  bool maybe_update_high_watermark(std::int64_t leader_high_watermark);
  /// Raises the start (DeleteRecords, retention, the leader's start in a fetch response). Above the
  /// high watermark: kOffsetOutOfRange.
  Error maybe_increment_log_start_offset(std::int64_t offset);
  void mark_flushed(std::int64_t offset);

  // --- truncation and restart ---
  /// Removes every batch that reaches beyond the offset. False if nothing was to be removed (the
  /// epoch cache is cut all the same).
  bool truncate_to(std::int64_t offset);
  /// Everything goes; start, high watermark and end become the offset.
  void truncate_fully_and_start_at(std::int64_t offset);
  /// A restart of the process. The page cache survives a kill, so the caller first truncates to
  /// what a host crash left (at or above recovery_point). `clean`: the shutdown was clean, hence
  /// everything is flushed and the producers come back from a snapshot.
  void restart(std::int64_t checkpointed_high_watermark, bool clean);

  // --- hashes for checkers ---
  /// Hash of (offset, epoch, producer, records) of all batches that end at or below the offset.
  /// Two logs that both began at offset 0 agree below a batch edge if and only if these are equal.
  std::uint64_t prefix_hash(std::int64_t offset) const;
  /// The same over the batches in [from, to), both batch edges: comparable between logs that begin
  /// at different offsets.
  std::uint64_t range_hash(std::int64_t from, std::int64_t to) const {
    return prefix_hash(to) - prefix_hash(from);
  }

 private:
  void push(const Batch& batch);
  void rebuild_producers();

  std::int64_t log_start_offset_ = 0;
  std::int64_t log_end_offset_ = 0;
  std::int64_t high_watermark_ = 0;
  std::int64_t recovery_point_ = 0;
  std::int64_t segment_base_ = 0;
  std::int64_t size_bytes_ = 0;
  std::uint64_t hash_ = 0;  // of all batches: a sum, so that ranges can be compared
  LeaderEpochCache epochs_;
  Lazy<BatchStore> store_;
  Lazy<ProducerStates> producers_;
};
static_assert(sizeof(PartitionLog) <= 128, "clusters have 200,000 partitions");

template <class Visitor>
void PartitionLog::for_each_batch(std::int64_t from, std::int64_t to, Visitor visit) const {
  const BatchStore* store = store_.get();
  if (store == nullptr) return;
  for (std::size_t i = store->find(from); i < store->size(); ++i) {
    const Batch& batch = (*store)[i];
    if (batch.base_offset >= to) return;
    visit(batch);
  }
}

}  // namespace isrlab::model
