// The log of one replica: offsets, batches in segments, leader epochs and producer state, without
// bytes. Source: UnifiedLog.scala, LocalLog.scala, LogLoader.scala, Partition.scala (3.9);
// reference replication.md sections 1.1 to 1.8. All end offsets are exclusive.
// log_start_offset <= high_watermark <= log_end_offset holds between any two calls.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "model/log/batch_store.hpp"
#include "model/log/epoch_cache.hpp"
#include "model/log/lazy.hpp"
#include "model/log/log_config.hpp"
#include "model/log/producer_state.hpp"
#include "model/log/segment.hpp"

namespace isrlab::model {

enum class FollowerAppend : std::uint8_t {
  kOk,
  kOutOfOrder,        // OffsetsOutOfOrderException: the batches are not monotone
  kUnexpectedOffset,  // UnexpectedAppendOffsetException: the first base is below log_end_offset
  kTooLarge,          // RecordBatchTooLargeException: all of it exceeds segment.bytes
  kUnknownSequence,   // KAFKA-6003 only
};

enum class ReadStatus : std::uint8_t { kOutOfRange, kEmpty, kBatches };
struct LogRead {
  ReadStatus status = ReadStatus::kEmpty;
  std::int64_t bytes = 0;  // appended to `out`
};

/// What the checkpoint files of a log directory say of one log.
struct LogCheckpoints {
  std::int64_t high_watermark = 0;
  std::int64_t recovery_point = 0;
  std::int64_t log_start_offset = 0;  // 0: the file has no entry
  std::uint64_t prefix_hash = 0;      // for checkers: of what lies below log_start_offset
};

class PartitionLog {
 public:
  std::int64_t log_start_offset() const { return log_start_offset_; }
  std::int64_t log_end_offset() const { return log_end_offset_; }
  std::int64_t high_watermark() const { return high_watermark_; }
  /// read_committed readers stop here; equal to the high watermark while there are no transactions.
  std::int64_t last_stable_offset() const;
  /// Every offset below it is known to be fsynced.
  std::int64_t recovery_point() const { return recovery_point_; }
  /// Every offset below it is on the disk: fsynced, or written back by the kernel meanwhile.
  std::int64_t durable_end() const { return std::max(recovery_point_, written_back_); }
  /// Bytes of all segments.
  std::int64_t size_bytes() const;
  bool empty() const { return log_end_offset_ == log_start_offset_; }
  const LeaderEpochCache& epochs() const { return epochs_; }
  std::int32_t latest_epoch() const { return epochs_.latest_epoch(); }
  /// Null while no idempotent producer has written.
  const ProducerStates* producers() const { return producers_.get(); }

  // --- append ---
  /// The leader's checks of a client batch (section 6), which append nothing.
  SequenceVerdict check_producer(const Batch& batch) const;
  /// Steps 2 and 7 of an append: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE.
  static Error check_size(const Batch& batch, const LogConfig& config);
  /// Assigns offsets from log_end_offset and the epoch; returns the base offset. The caller has
  /// checked the producer and the size.
  std::int64_t append_as_leader(Batch batch, std::int32_t leader_epoch,
                                const LogContext& context = {});
  /// Appends what a leader sent, all or nothing; gaps upwards are allowed. An overlap of an empty
  /// log with the first batch restarts the log at that batch (Partition.scala:
  /// appendRecordsToFollowerOrFutureReplica).
  FollowerAppend append_as_follower(std::span<const Batch> batches, const LogContext& context = {});
  FollowerAppend append_as_follower(const Batch& batch, const LogContext& context = {}) {
    return append_as_follower({&batch, 1}, context);
  }
  /// On becoming leader: the epoch starts at log_end_offset even if no record follows.
  void start_epoch(std::int32_t leader_epoch) { epochs_.assign(leader_epoch, log_end_offset_); }

  // --- read ---
  /// Appends to `out` whole batches from the one that contains the offset, those that start below
  /// upper_bound, up to max_bytes and the end of their segment; with min_one_message the first may
  /// be larger than that.
  LogRead read(std::int64_t fetch_offset, std::int64_t upper_bound, std::int64_t max_bytes,
               bool min_one_message, std::vector<Batch>& out) const;
  /// The batch that contains the offset, or null; valid until the next change of the log.
  const Batch* batch_containing(std::int64_t offset) const;
  /// The batch at the end, or null.
  const Batch* last_batch() const {
    const Body* body = body_.get();
    if (body == nullptr || body->store.size() == body->segments.front().first_batch) return nullptr;
    return &body->store[body->store.size() - 1];
  }
  /// Calls visit(batch) for the batches that hold or follow `from` and start below `to`. Batches
  /// below log_start_offset are visited until their files have vanished (file.delete.delay.ms).
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
  Error maybe_increment_log_start_offset(std::int64_t offset, const LogContext& context = {});

  // --- segments ---
  /// Base offset of the segment that is appended to.
  std::int64_t active_base() const;
  std::size_t segment_count() const;
  std::int64_t first_segment_base() const { return segment_base_; }
  /// Closes the active segment: the next one begins at log_end_offset (or at `base`, if that is
  /// higher). A snapshot of the producers is taken; the caller flushes what lies below.
  void roll(const LogContext& context, std::int64_t base = 0);
  /// One pass of retention: by log start offset, by size, by time. True if segments were deleted;
  /// log_start_offset is then the base of the first that is left. If all would go, it rolls first.
  bool delete_old_segments(const LogContext& context);
  /// The files of deleted segments whose batches have lower numbers than this vanish.
  void purge(std::size_t first_batch);
  /// Number of the first batch that is not deleted: what purge() is told once the delay is over.
  std::size_t first_batch() const;

  // --- what is on the disk ---
  /// fsync of everything below the offset is done.
  void mark_flushed(std::int64_t offset);
  /// The kernel has written back everything below the offset.
  void mark_written_back(std::int64_t offset);
  /// Must an append be followed by an fsync (flush.messages)?
  bool flush_due(const LogConfig& config) const {
    return log_end_offset_ - recovery_point_ >= config.flush_messages;
  }
  /// When flush() was last done, for flush.ms.
  sim::Time last_flushed() const;
  void note_flush(sim::Time now);
  /// Bytes that an unclean start must scan: from the segment that holds the recovery point.
  std::int64_t bytes_to_recover(std::int64_t recovery_point) const;

  // --- producers ---
  void expire_producers(sim::Time now, Duration expiration);

  // --- truncation and restart ---
  /// Removes every batch that reaches beyond the offset. False if nothing was to be removed (the
  /// epoch cache is cut all the same).
  bool truncate_to(std::int64_t offset, const LogContext& context = {});
  /// Everything goes; start, high watermark and end become the offset. For checkers: `prefix_hash`
  /// is that of the log which says that this is where to start, if it is known.
  void truncate_fully_and_start_at(std::int64_t offset, const LogContext& context = {});
  void truncate_fully_and_start_at(std::int64_t offset, std::uint64_t prefix_hash,
                                   const LogContext& context = {});
  /// The process is gone: the high watermark is what the file says.
  void crash(std::int64_t checkpointed_high_watermark);
  /// The host is gone: batches that reach beyond the offset were not on the disk. All the rest of
  /// recovery is done by restart().
  void lose_tail(std::int64_t offset);
  /// A clean close: all is flushed, the producers are in a snapshot at log_end_offset.
  void close_clean();
  /// LogLoader: what a starting broker makes of the files. `clean`: the mark of a clean stop was
  /// there, so nothing is scanned.
  void restart(const LogCheckpoints& files, bool clean, const LogContext& context = {});

  // --- hashes for checkers ---
  /// Hash of (offset, epoch, producer, records) of all batches that end at or below the offset,
  /// deleted ones included. Two logs agree below a batch edge if and only if these are equal; asked
  /// only for offsets at or above hashed_from().
  std::uint64_t prefix_hash(std::int64_t offset) const;
  /// kUnknownPrefix if what was deleted from this log is not known.
  std::int64_t hashed_from() const { return hashed_from_; }
  static constexpr std::int64_t kUnknownPrefix = std::numeric_limits<std::int64_t>::max();
  /// The same over the batches in [from, to), both batch edges: comparable between logs that begin
  /// at different offsets.
  std::uint64_t range_hash(std::int64_t from, std::int64_t to) const {
    return prefix_hash(to) - prefix_hash(from);
  }

 private:
  struct Body {
    BatchStore store;
    std::vector<Segment> segments;  // at least one; the last one is active
    std::vector<ProducerSnapshot> snapshots;
    std::int64_t end_position = 0;  // bytes of all batches, deleted ones included
    sim::Time last_flushed = 0;
  };
  Body& body(const LogContext& context);
  static std::size_t end_of_segment(const Body& body, std::size_t index);
  void push(Body& body, const Batch& batch);
  void append_set(std::span<const Batch> batches, const LogContext& context);
  void pop_segments(Body& body, std::int64_t offset);
  void cut_store(Body& body, std::int64_t offset);
  std::size_t deletable(const LogContext& context, int rule, std::int64_t excess) const;
  bool delete_segments(std::size_t count, const LogContext& context);
  void take_snapshot(std::int64_t offset);
  void remove_stray_snapshots();
  void rebuild_producers(bool loading, const LogContext& context);
  std::int64_t active_size() const;

  std::int64_t log_start_offset_ = 0;
  std::int64_t log_end_offset_ = 0;
  std::int64_t high_watermark_ = 0;
  std::int64_t recovery_point_ = 0;
  std::int64_t written_back_ = 0;
  std::int64_t segment_base_ = 0;  // of the first segment
  std::int64_t hashed_from_ = 0;
  std::uint64_t hash_ = 0;  // of all batches: a sum, so that ranges can be compared
  LeaderEpochCache epochs_;
  Lazy<Body> body_;
  Lazy<ProducerStates> producers_;
};
static_assert(sizeof(PartitionLog) <= 128, "clusters have 200,000 partitions");

template <class Visitor>
void PartitionLog::for_each_batch(std::int64_t from, std::int64_t to, Visitor visit) const {
  const Body* body = body_.get();
  if (body == nullptr) return;
  const BatchStore& store = body->store;
  for (std::size_t i = store.find(from); i < store.size(); ++i) {
    const Batch& batch = store[i];
    if (batch.base_offset >= to) return;
    visit(batch);
  }
}

}  // namespace isrlab::model
