#include "model/log/partition_log.hpp"

#include <algorithm>

#include "sim/assert.hpp"
#include "sim/history.hpp"

namespace isrlab::model {
namespace {

/// What makes a batch the same batch on two replicas. The hash of a log is the sum over them;
/// each holds its offset, so the sum fixes the order as well.
std::uint64_t identity_hash(const Batch& batch) {
  const auto pair = [](std::uint32_t high, std::uint32_t low) {
    return static_cast<std::uint64_t>(high) << 32 | low;
  };
  const std::uint64_t place =
      sim::fold(0x9e3779b97f4a7c15ULL, static_cast<std::uint64_t>(batch.base_offset),
                pair(static_cast<std::uint32_t>(batch.leader_epoch), batch.count));
  return sim::fold(place, pair(batch.producer, batch.payload), batch.first_record);
}

}  // namespace

void PartitionLog::push(const Batch& batch) {
  store_.need().push_back(batch, hash_);
  hash_ += identity_hash(batch);
  size_bytes_ += batch.bytes;
  log_end_offset_ = batch.next_offset();
  if (batch.producer_id >= 0) producers_.need().update(batch);
}

SequenceVerdict PartitionLog::check_producer(const Batch& batch) const {
  const ProducerStates* producers = producers_.get();
  return producers == nullptr ? SequenceVerdict() : producers->check(batch);
}

std::int64_t PartitionLog::append_as_leader(Batch batch, std::int32_t leader_epoch) {
  SIM_ASSERT(batch.count > 0, "an empty batch is appended");
  batch.base_offset = log_end_offset_;
  batch.leader_epoch = leader_epoch;
  epochs_.assign(leader_epoch, batch.base_offset);
  push(batch);
  return batch.base_offset;
}

FollowerAppend PartitionLog::append_as_follower(std::span<const Batch> batches) {
  if (batches.empty()) return FollowerAppend::kOk;
  for (std::size_t i = 1; i < batches.size(); ++i) {
    if (batches[i].last_offset() <= batches[i - 1].last_offset()) {
      return FollowerAppend::kOutOfOrder;
    }
  }
  const Batch& first = batches.front();
  if (first.base_offset < log_end_offset_) {
    // The leader's start lies inside its first batch, and this empty log begins at that start.
    if (!empty() || log_end_offset_ > first.last_offset()) {
      return FollowerAppend::kUnexpectedOffset;
    }
    truncate_fully_and_start_at(first.base_offset);
  }
  for (const Batch& batch : batches) {
    SIM_ASSERT(batch.count > 0, "an empty batch is replicated");
    epochs_.assign(batch.leader_epoch, batch.base_offset);
    push(batch);
  }
  return FollowerAppend::kOk;
}

LogRead PartitionLog::read(std::int64_t fetch_offset, std::int64_t upper_bound,
                           std::int64_t max_bytes, bool min_one_message,
                           std::vector<Batch>& out) const {
  if (fetch_offset < log_start_offset_ || fetch_offset > log_end_offset_) {
    return {ReadStatus::kOutOfRange, 0};
  }
  const BatchStore* store = store_.get();
  if (fetch_offset >= std::min(upper_bound, log_end_offset_) || store == nullptr) return {};
  std::int64_t bytes = 0;
  std::int64_t room = max_bytes;
  std::size_t index = store->find(fetch_offset);
  const std::size_t first = index;
  for (bool more = true; more && index < store->size();) {
    const BatchStore::Run run = store->run_from(index);
    std::size_t taken = 0;
    for (; taken < run.count; ++taken) {
      const Batch& batch = run.first[taken];
      if (index == first && taken == 0 && min_one_message) {
        room = std::max<std::int64_t>(room, batch.bytes);
      }
      if (batch.base_offset >= upper_bound || bytes + batch.bytes > room) break;
      bytes += batch.bytes;
    }
    more = taken == run.count;
    out.insert(out.end(), run.first, run.first + taken);
    index += taken;
  }
  return {index == first ? ReadStatus::kEmpty : ReadStatus::kBatches, bytes};
}

const Batch* PartitionLog::batch_containing(std::int64_t offset) const {
  const BatchStore* store = store_.get();
  if (store == nullptr) return nullptr;
  const std::size_t index = store->find(offset);
  if (index == store->size() || (*store)[index].base_offset > offset) return nullptr;
  return &(*store)[index];
}

std::int64_t PartitionLog::bytes_between(std::int64_t from, std::int64_t to) const {
  const BatchStore* store = store_.get();
  if (store == nullptr || to <= from) return 0;
  const std::size_t last = to >= log_end_offset_ ? store->size() : store->find(to);
  return store->bytes_between(store->find(from), last);
}

bool PartitionLog::maybe_increment_high_watermark(std::int64_t offset) {
  SIM_ASSERT2(offset <= log_end_offset_, "a high watermark above the end of the log", offset,
              log_end_offset_);
  if (offset <= high_watermark_) return false;
  high_watermark_ = offset;
  return true;
}

bool PartitionLog::maybe_update_high_watermark(std::int64_t leader_high_watermark) {
  const std::int64_t clamped =
      std::clamp(leader_high_watermark, log_start_offset_, log_end_offset_);
  const bool changed = clamped != high_watermark_;
  high_watermark_ = clamped;
  return changed;
}

Error PartitionLog::maybe_increment_log_start_offset(std::int64_t offset) {
  if (offset > high_watermark_) return Error::kOffsetOutOfRange;
  if (offset <= log_start_offset_) return Error::kNone;
  log_start_offset_ = offset;
  epochs_.truncate_from_start(offset);
  return Error::kNone;
}

void PartitionLog::mark_flushed(std::int64_t offset) {
  recovery_point_ = std::max(recovery_point_, std::min(offset, log_end_offset_));
}

bool PartitionLog::truncate_to(std::int64_t offset) {
  SIM_ASSERT(offset >= 0, "a log is truncated to a negative offset");
  if (offset >= log_end_offset_) {
    epochs_.truncate_from_end(log_end_offset_);
    return false;
  }
  if (offset < segment_base_) {
    truncate_fully_and_start_at(offset);
    return true;
  }
  if (BatchStore* store = store_.get(); store != nullptr) {
    const std::size_t index = store->find(offset);
    if (index < store->size()) {
      size_bytes_ = store->position_of(index);
      hash_ = store->hash_before(index);
      store->cut(index);
    }
  }
  log_end_offset_ = offset;
  log_start_offset_ = std::min(offset, log_start_offset_);
  high_watermark_ = std::min(high_watermark_, log_end_offset_);
  recovery_point_ = std::min(recovery_point_, log_end_offset_);
  epochs_.truncate_from_end(offset);
  // Without a batch above the cut the state cannot have changed, whatever a re-scan would read.
  if (const ProducerStates* known = producers_.get();
      known != nullptr && known->remembers_at_or_above(offset)) {
    rebuild_producers();
  }
  return true;
}

void PartitionLog::truncate_fully_and_start_at(std::int64_t offset) {
  store_.reset();
  producers_.reset();
  epochs_.clear();
  size_bytes_ = 0;
  hash_ = 0;
  segment_base_ = offset;
  log_start_offset_ = offset;
  high_watermark_ = offset;
  log_end_offset_ = offset;
  recovery_point_ = std::min(recovery_point_, offset);
}

void PartitionLog::rebuild_producers() {
  producers_.reset();
  for_each_batch(segment_base_, log_end_offset_, [this](const Batch& batch) {
    if (batch.producer_id >= 0) producers_.need().update(batch);
  });
}

void PartitionLog::restart(std::int64_t checkpointed_high_watermark, bool clean) {
  epochs_.truncate_from_end(log_end_offset_);
  epochs_.truncate_from_start(log_start_offset_);
  high_watermark_ = std::clamp(checkpointed_high_watermark, log_start_offset_, log_end_offset_);
  if (clean) {
    recovery_point_ = log_end_offset_;
    if (ProducerStates* known = producers_.get(); known != nullptr) known->keep_last_batches_only();
  } else {
    rebuild_producers();
  }
}

std::uint64_t PartitionLog::prefix_hash(std::int64_t offset) const {
  if (offset >= log_end_offset_) return hash_;
  const BatchStore* store = store_.get();
  if (store == nullptr) return 0;
  const std::size_t index = store->find(offset);
  return index == store->size() ? hash_ : store->hash_before(index);
}

}  // namespace isrlab::model
