#include "model/client/sequences.hpp"

#include <algorithm>
#include <limits>

namespace isrlab::model {
namespace {
constexpr std::int32_t kMaxSequence = std::numeric_limits<std::int32_t>::max();
}  // namespace

std::int32_t advance_sequence(std::int32_t sequence, std::int32_t by) {
  if (sequence > kMaxSequence - by) return by - (kMaxSequence - sequence) - 1;
  return sequence + by;
}

std::int32_t retreat_sequence(std::int32_t sequence, std::int32_t by) {
  return sequence < by ? kMaxSequence - (by - sequence) + 1 : sequence - by;
}

std::int32_t ProducerBatch::last_sequence() const {
  return has_sequence() ? advance_sequence(base_sequence, static_cast<std::int32_t>(count) - 1)
                        : -1;
}

void Sequences::resolve() {
  if (unresolved_count_ == 0) return;
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    Partition& partition = partitions_[i];
    if (partition.unresolved < 0 || !partition.in_flight.empty()) continue;
    const auto number = static_cast<std::int32_t>(i);
    // Fine if an expired batch was followed by one that succeeded; else there may be a gap.
    if (!is_next(number, partition.next_sequence)) request_bump(number);
    partition.unresolved = -1;
    --unresolved_count_;
  }
}

void Sequences::restart(Partition& partition, BatchPool& batches) {
  std::int32_t sequence = 0;
  for (std::size_t i = 0; i < partition.in_flight.size(); ++i) {
    ProducerBatch& batch = batches[partition.in_flight[i]];
    batch.producer_id = producer_id_;
    batch.producer_epoch = epoch_;
    batch.base_sequence = sequence;
    batch.sequence_reset = true;
    sequence = advance_sequence(sequence, static_cast<std::int32_t>(batch.count));
  }
  partition.next_sequence = sequence;
  partition.producer_id = producer_id_;
  partition.epoch = epoch_;
  partition.last_acked = kNoLastAcked;
}

bool Sequences::bump_if_required(BatchPool& batches) {
  if (!bump_required_) return false;
  bump_required_ = false;
  if (epoch_ == kMaxEpoch) {
    producer_id_ = -1;
    epoch_ = -1;
  } else {
    ++epoch_;
  }
  for (Partition& partition : partitions_) {
    if (!partition.rewrite) continue;
    partition.rewrite = false;
    restart(partition, batches);
    if (partition.unresolved >= 0) {
      partition.unresolved = -1;
      --unresolved_count_;
    }
  }
  return true;
}

bool Sequences::must_wait(const ProducerBatch& first, const BatchPool& batches) const {
  if (!has_producer_id()) return true;
  const Partition& partition = at(first.partition);
  if (!first.has_sequence()) {
    // New batches wait for those of an older id or epoch, and for unresolved sequences.
    if (!partition.in_flight.empty() && stale(partition)) return true;
    return partition.unresolved >= 0;
  }
  // A batch that has a sequence is being retried: one after the other.
  return !partition.in_flight.empty() &&
         batches[partition.in_flight.front()].base_sequence != first.base_sequence;
}

void Sequences::assign(BatchIndex index, BatchPool& batches) {
  ProducerBatch& batch = batches[index];
  if (batch.has_sequence()) {
    if (batch.producer_id < 0) {  // renumbered while there was no id
      batch.producer_id = producer_id_;
      batch.producer_epoch = epoch_;
    }
    return;
  }
  Partition& partition = at(batch.partition);
  if (stale(partition) && partition.in_flight.empty()) restart(partition, batches);
  batch.producer_id = producer_id_;
  batch.producer_epoch = epoch_;
  batch.base_sequence = partition.next_sequence;
  partition.next_sequence =
      advance_sequence(partition.next_sequence, static_cast<std::int32_t>(batch.count));
  partition.in_flight.push_back(index);  // sequences grow, so the order is kept
}

bool Sequences::can_retry(const ProducerBatch& batch, Error error, std::int64_t log_start_offset) {
  const std::int32_t partition = batch.partition;
  if (error == Error::kUnknownProducerId) {
    // The broker has lost the producer's state, to retention or to an old-format leader change.
    if (log_start_offset != -1 && !batch.sequence_reset) request_bump(partition);
    return true;
  }
  if (error == Error::kOutOfOrderSequenceNumber) {
    const bool unresolved = has_unresolved(partition);
    if (!unresolved && (batch.sequence_reset || !is_next(partition, batch.base_sequence))) {
      return true;  // an earlier batch is still being retried
    }
    // There is a gap in what the broker has, unless an unresolved batch before this one may yet
    // prove to be in the log.
    if (!unresolved || at(partition).unresolved == batch.base_sequence) request_bump(partition);
    return true;
  }
  return is_retriable(error);
}

void Sequences::completed(BatchIndex index, const BatchPool& batches, std::int64_t base_offset) {
  const ProducerBatch& batch = batches[index];
  Partition& partition = at(batch.partition);
  partition.last_acked = std::max(partition.last_acked, batch.last_sequence());
  if (base_offset >= 0) {
    partition.last_acked_offset =
        std::max(partition.last_acked_offset, base_offset + batch.count - 1);
  }
  partition.in_flight.remove(index);
}

void Sequences::failed(BatchIndex index, const BatchPool& batches, Error error,
                       bool adjust_sequences) {
  const std::int32_t partition = batches[index].partition;
  at(partition).in_flight.remove(index);
  if (!has_producer_id()) return;
  if (error == Error::kOutOfOrderSequenceNumber || error == Error::kUnknownProducerId ||
      adjust_sequences) {
    request_bump(partition);
  }
}

void Sequences::mark_unresolved(const ProducerBatch& batch) {
  Partition& partition = at(batch.partition);
  if (partition.unresolved < 0) ++unresolved_count_;
  partition.unresolved = std::max(partition.unresolved, advance_sequence(batch.last_sequence(), 1));
}

}  // namespace isrlab::model
