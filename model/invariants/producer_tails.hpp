// The last batches that leaders appended for each producer and partition, newest last: what the
// next one is compared with. Those that a leader's log does not hold (any more) are passed over,
// and those that it holds and its predecessor did not are found in it: once in a leader epoch, from
// the newest batch that both have.
#pragma once
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

/// Producers times the partitions of their topics, as dense numbers.
class ProducerSlots {
 public:
  explicit ProducerSlots(const Catalog& catalog) {
    for (const ProducerSpec& producer : catalog.spec().producers) {
      const TopicInfo& topic = catalog.topic(*catalog.find_topic(producer.topic));
      topics_.push_back({topic.first, static_cast<std::uint32_t>(topic.partitions), size_});
      size_ += static_cast<std::uint32_t>(topic.partitions);
    }
  }
  std::uint32_t size() const { return size_; }
  /// kNone: it does not write to that partition.
  std::uint32_t find(std::uint32_t producer, PartitionId partition) const {
    if (producer >= topics_.size()) return kNone;
    const Topic& topic = topics_[producer];
    const std::uint32_t number = partition - topic.first_partition;
    return number < topic.partitions ? topic.first_slot + number : kNone;
  }

 private:
  struct Topic {
    PartitionId first_partition = 0;
    std::uint32_t partitions = 0;
    std::uint32_t first_slot = 0;
  };
  std::vector<Topic> topics_;
  std::uint32_t size_ = 0;
};

struct TailBatch {
  std::int64_t offset = 0;
  std::uint64_t first_record = 0;
  std::int64_t producer_id = -1;
  std::uint32_t count = 0;
  std::int32_t base_sequence = -1;
  std::int32_t leader_epoch = -1;  // of the leader's log that is known to hold it
  std::int16_t producer_epoch = -1;

  std::uint64_t end() const { return first_record + count; }
};

class ProducerTails {
 public:
  explicit ProducerTails(const Catalog& catalog)
      : slots_(catalog), tails_(slots_.size()), newest_epoch_(slots_.size(), -1) {}

  const ProducerSlots& slots() const { return slots_; }
  /// The batch that a LeaderAppend event tells of, if it is a producer's own; null otherwise.
  static const Batch* appended(const sim::HistoryEvent& event, const PartitionLog* log) {
    if (log == nullptr || low_half(event.c) == kNone) return nullptr;
    const Batch* batch = batch_at(*log, event.a);
    return batch == nullptr || batch->producer == kNone ? nullptr : batch;
  }
  /// The newest batches of the producer that this leader's log holds below the offset, newest last.
  std::vector<TailBatch>* held(PartitionId partition, const Batch& batch, const PartitionLog& log) {
    const std::uint32_t slot = slots_.find(batch.producer, partition);
    if (slot == kNone) return nullptr;
    // A deposed leader that still appends writes what will be cut off: it says nothing of the order
    // in the partition, and must not push out what the present leader holds.
    if (batch.leader_epoch < newest_epoch_[slot]) return nullptr;
    std::vector<TailBatch>& tail = tails_[slot];
    if (newest_epoch_[slot] == batch.leader_epoch) return &tail;
    newest_epoch_[slot] = batch.leader_epoch;
    // Within an epoch a leader's log only grows: its own batches are there.
    while (!tail.empty() && tail.back().leader_epoch != batch.leader_epoch) {
      if (holds(log, tail.back(), batch)) {
        tail.back().leader_epoch = batch.leader_epoch;
        break;
      }
      tail.pop_back();
    }
    if (!tail.empty()) add_newer(tail, batch, log);
    return &tail;
  }
  static void push(std::vector<TailBatch>& tail, const Batch& batch) {
    if (tail.size() == 2 * kKept) tail.erase(tail.begin(), tail.begin() + kKept);
    tail.push_back({batch.base_offset, batch.first_record, batch.producer_id, batch.count,
                    batch.base_sequence, batch.leader_epoch, batch.producer_epoch});
  }

 private:
  static constexpr std::size_t kKept = 8;

  static void add_newer(std::vector<TailBatch>& tail, const Batch& before,
                        const PartitionLog& log) {
    const std::int64_t from = tail.back().offset + tail.back().count;
    log.for_each_batch(from, before.base_offset, [&](const Batch& each) {
      if (each.producer == before.producer && each.base_offset >= from) push(tail, each);
    });
  }
  static bool holds(const PartitionLog& log, const TailBatch& known, const Batch& before) {
    if (known.offset >= before.base_offset) return false;
    const Batch* batch = log.batch_containing(known.offset);
    return batch != nullptr && batch->base_offset == known.offset &&
           batch->producer == before.producer && batch->first_record == known.first_record &&
           batch->producer_id == known.producer_id;
  }

  ProducerSlots slots_;
  std::vector<std::vector<TailBatch>> tails_;
  std::vector<std::int32_t> newest_epoch_;  // of a leader that appended, by slot
};

}  // namespace isrlab::model
