// A batch of the producer while it is filled, sent and retried (ProducerBatch,
// MemoryRecordsBuilder, DefaultRecord, 3.9), and the pool that batches live in.
#pragma once
#include <cstdint>
#include <vector>

#include "model/protocol/batch.hpp"
#include "model/protocol/errors.hpp"
#include "sim/assert.hpp"

namespace isrlab::model {

using BatchIndex = std::uint32_t;

/// What a record weighs: the lengths of key (-1 = null) and value.
struct RecordShape {
  std::int32_t key_bytes = -1;
  std::int32_t value_bytes = 0;
};

/// Bytes of a zigzag varint.
constexpr std::int32_t varint_bytes(std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  std::int32_t bytes = 1;
  while (rest >= 0x80) {
    rest >>= 7;
    ++bytes;
  }
  return bytes;
}
/// Key, value and an empty list of headers.
constexpr std::int32_t content_bytes(const RecordShape& record) {
  const std::int32_t key =
      varint_bytes(record.key_bytes) + (record.key_bytes > 0 ? record.key_bytes : 0);
  return key + varint_bytes(record.value_bytes) + record.value_bytes + 1;
}
/// DefaultRecord.sizeInBytes; the timestamp delta is in milliseconds.
constexpr std::int32_t record_bytes(std::int64_t offset_delta, std::int64_t timestamp_delta,
                                    const RecordShape& record) {
  const std::int32_t body =
      1 + varint_bytes(timestamp_delta) + varint_bytes(offset_delta) + content_bytes(record);
  return varint_bytes(body) + body;
}
/// AbstractRecords.estimateSizeInBytesUpperBound: a whole batch of this one record.
constexpr std::int32_t upper_bound_bytes(const RecordShape& record) {
  return kBatchHeaderBytes + 21 + content_bytes(record);
}

struct ProducerBatch {
  std::uint64_t first_record = 0;
  sim::Time created = 0;
  sim::Time last_attempt = 0;  // creation, or the last time it was put back
  std::int64_t producer_id = -1;
  std::int32_t partition = 0;  // number within the topic
  std::int32_t base_sequence = -1;
  std::int32_t attempts = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t attempts_when_leader_changed = 0;
  std::uint32_t count = 0;
  std::uint32_t bytes = 0;   // written so far, header included
  std::uint32_t buffer = 0;  // memory taken from the pool; the write limit
  std::int16_t producer_epoch = -1;
  bool closed = false;  // for appends
  bool in_retry = false;
  bool in_flight = false;       // on the wire, or its answer is
  bool done = false;            // the user knows the result
  bool sequence_reset = false;  // by an epoch bump
  bool maybe_written = false;   // an earlier attempt ended without a definite answer

  bool has_sequence() const { return base_sequence >= 0; }
  /// The last sequence; sequences wrap from the largest int to 0.
  std::int32_t last_sequence() const;
  bool full() const { return closed || (count > 0 && buffer <= bytes); }
  bool has_room(std::int32_t size) const {
    if (full()) return false;
    return count == 0 || buffer >= bytes + static_cast<std::uint32_t>(size);
  }
  void update_leader_epoch(std::int32_t latest) {
    if (latest <= leader_epoch) return;
    attempts_when_leader_changed = attempts;
    leader_epoch = latest;
  }
  bool leader_changed_for_this_retry() const {
    return attempts > 0 && attempts == attempts_when_leader_changed;
  }
};

class BatchPool {
 public:
  BatchIndex take() {
    if (free_.empty()) {
      batches_.emplace_back();
      return static_cast<BatchIndex>(batches_.size() - 1);
    }
    const BatchIndex index = free_.back();
    free_.pop_back();
    batches_[index] = ProducerBatch();
    return index;
  }
  void release(BatchIndex index) { free_.push_back(index); }
  ProducerBatch& operator[](BatchIndex index) { return batches_[index]; }
  const ProducerBatch& operator[](BatchIndex index) const { return batches_[index]; }
  std::size_t live() const { return batches_.size() - free_.size(); }
  void clear() { *this = BatchPool(); }

 private:
  std::vector<ProducerBatch> batches_;
  std::vector<BatchIndex> free_;
};

}  // namespace isrlab::model
