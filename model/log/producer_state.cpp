#include "model/log/producer_state.hpp"

#include <algorithm>
#include <limits>

namespace isrlab::model {
namespace {

constexpr std::int32_t kMaxSequence = std::numeric_limits<std::int32_t>::max();

bool in_sequence(std::int32_t last, std::int32_t next) {
  // In 64 bits, since last + 1 of the largest sequence would overflow.
  return next == static_cast<std::int64_t>(last) + 1 || (next == 0 && last == kMaxSequence);
}

template <class Entries>
auto position_of(Entries& entries, std::int64_t producer_id) {
  return std::lower_bound(
      entries.begin(), entries.end(), producer_id,
      [](const ProducerStateEntry& entry, std::int64_t id) { return entry.producer_id < id; });
}

std::int32_t last_sequence_of(const Batch& batch) {
  return increment_sequence(batch.base_sequence, static_cast<std::int32_t>(batch.count) - 1);
}

}  // namespace

std::int32_t increment_sequence(std::int32_t sequence, std::int32_t by) {
  if (sequence > kMaxSequence - by) return by - (kMaxSequence - sequence) - 1;
  return sequence + by;
}

std::int32_t decrement_sequence(std::int32_t sequence, std::int32_t by) {
  if (sequence < by) return kMaxSequence - (by - sequence) + 1;
  return sequence - by;
}

const ProducerStateEntry* ProducerStates::find(std::int64_t producer_id) const {
  const auto at = position_of(entries_, producer_id);
  return at != entries_.end() && at->producer_id == producer_id ? &*at : nullptr;
}

ProducerStateEntry& ProducerStates::entry_for(std::int64_t producer_id) {
  const auto at = position_of(entries_, producer_id);
  if (at != entries_.end() && at->producer_id == producer_id) return *at;
  ProducerStateEntry fresh;
  fresh.producer_id = producer_id;
  return *entries_.insert(at, fresh);
}

SequenceVerdict ProducerStates::check(const Batch& batch) const {
  if (batch.producer_id < 0) return {};
  const ProducerStateEntry* entry = find(batch.producer_id);
  if (entry == nullptr) return {};  // rule 5: any first sequence
  if (batch.producer_epoch == entry->epoch) {
    const std::int32_t last = last_sequence_of(batch);
    for (std::size_t i = 0; i < entry->count; ++i) {
      const auto& known = entry->batches[i];
      if (known.first_sequence == batch.base_sequence && known.last_sequence == last) {
        return {Error::kNone, true, known.base_offset, known.last_offset};
      }
    }
  }
  if (batch.producer_epoch < entry->epoch) return {Error::kInvalidProducerEpoch};
  if (batch.producer_epoch > entry->epoch) {
    const bool starts = batch.base_sequence == 0 || entry->epoch == kNoProducerEpoch;
    if (!starts) return {Error::kOutOfOrderSequenceNumber};
  } else if (entry->epoch != kNoProducerEpoch &&
             !in_sequence(entry->last_sequence(), batch.base_sequence)) {
    return {Error::kOutOfOrderSequenceNumber};
  }
  if (entry->transaction_first_offset >= 0 && !batch.transactional) {
    return {Error::kInvalidTxnState};
  }
  return {};
}

Error ProducerStates::check_marker(const TransactionMarker& marker) const {
  const ProducerStateEntry* entry = find(marker.producer_id);
  if (entry == nullptr) return Error::kNone;
  if (marker.producer_epoch < entry->epoch) return Error::kInvalidProducerEpoch;
  if (marker.coordinator_epoch < entry->coordinator_epoch) {
    return Error::kTransactionCoordinatorFenced;
  }
  return Error::kNone;
}

void ProducerStates::update(const Batch& batch) {
  if (batch.producer_id < 0) return;
  ProducerStateEntry& entry = entry_for(batch.producer_id);
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.count = 0;
  }
  if (entry.count == ProducerStateEntry::kBatches) {
    std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    --entry.count;
  }
  entry.batches[entry.count++] = {batch.base_sequence, last_sequence_of(batch), batch.last_offset(),
                                  batch.base_offset};
  entry.last_timestamp = batch.timestamp;
  if (batch.transactional && entry.transaction_first_offset < 0) {
    entry.transaction_first_offset = batch.base_offset;
  }
}

void ProducerStates::update_marker(const TransactionMarker& marker) {
  ProducerStateEntry& entry = entry_for(marker.producer_id);
  if (entry.epoch != marker.producer_epoch) {
    entry.epoch = marker.producer_epoch;
    entry.count = 0;
  }
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp = marker.timestamp;
  if (entry.transaction_first_offset < 0) return;
  const CompletedTransaction completed{entry.transaction_first_offset, marker.offset};
  entry.transaction_first_offset = -1;
  unreplicated_.insert(std::upper_bound(unreplicated_.begin(), unreplicated_.end(), completed,
                                        [](const auto& a, const auto& b) {
                                          return a.first_offset < b.first_offset;
                                        }),
                       completed);
}

std::int64_t ProducerStates::first_unstable_offset() const {
  std::int64_t first = unreplicated_.empty() ? -1 : unreplicated_.front().first_offset;
  for (const ProducerStateEntry& entry : entries_) {
    const std::int64_t open = entry.transaction_first_offset;
    if (open >= 0 && (first < 0 || open < first)) first = open;
  }
  return first;
}

void ProducerStates::on_high_watermark(std::int64_t high_watermark) {
  std::erase_if(unreplicated_, [high_watermark](const CompletedTransaction& completed) {
    return completed.marker_offset < high_watermark;
  });
}

void ProducerStates::expire(sim::Time now, sim::Duration expiration) {
  std::erase_if(entries_, [now, expiration](const ProducerStateEntry& entry) {
    return entry.transaction_first_offset < 0 && now - entry.last_timestamp >= expiration;
  });
}

void ProducerStates::forget_below(std::int64_t offset) {
  std::erase_if(entries_, [offset](const ProducerStateEntry& entry) {
    return entry.transaction_first_offset < 0 && entry.last_offset() < offset;
  });
}

void ProducerStates::clear() {
  entries_.clear();
  unreplicated_.clear();
}

std::vector<ProducerSnapshotEntry> ProducerStates::snapshot() const {
  std::vector<ProducerSnapshotEntry> saved;
  saved.reserve(entries_.size());
  for (const ProducerStateEntry& entry : entries_) {
    ProducerSnapshotEntry one;
    one.producer_id = entry.producer_id;
    one.last_timestamp = entry.last_timestamp;
    one.transaction_first_offset = entry.transaction_first_offset;
    one.coordinator_epoch = entry.coordinator_epoch;
    one.epoch = entry.epoch;
    one.any_batch = entry.count > 0;
    if (one.any_batch) one.last = entry.batches[entry.count - 1U];
    saved.push_back(one);
  }
  return saved;
}

void ProducerStates::load(const std::vector<ProducerSnapshotEntry>& entries, sim::Time now,
                          sim::Duration expiration) {
  clear();
  for (const ProducerSnapshotEntry& one : entries) {
    const bool open = one.transaction_first_offset >= 0;
    if (!open && now - one.last_timestamp >= expiration) continue;
    ProducerStateEntry entry;
    entry.producer_id = one.producer_id;
    entry.last_timestamp = one.last_timestamp;
    entry.transaction_first_offset = one.transaction_first_offset;
    entry.coordinator_epoch = one.coordinator_epoch;
    entry.epoch = one.epoch;
    if (one.any_batch) entry.batches[entry.count++] = one.last;
    entries_.push_back(entry);
  }
}

}  // namespace isrlab::model
