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
    const bool follows = entry->epoch == kNoProducerEpoch ||
                         in_sequence(entry->last_sequence(), batch.base_sequence);
    return {follows ? Error::kNone : Error::kOutOfOrderSequenceNumber};
  }
  if (batch.producer_epoch < entry->epoch) return {Error::kInvalidProducerEpoch};
  const bool starts = batch.base_sequence == 0 || entry->epoch == kNoProducerEpoch;
  return {starts ? Error::kNone : Error::kOutOfOrderSequenceNumber};
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
}

void ProducerStates::update_marker(std::int64_t producer_id, std::int16_t epoch,
                                   sim::Time timestamp) {
  ProducerStateEntry& entry = entry_for(producer_id);
  if (entry.epoch != epoch) {
    entry.epoch = epoch;
    entry.count = 0;
  }
  entry.last_timestamp = timestamp;
}

void ProducerStates::expire_before(sim::Time time) {
  std::erase_if(entries_,
                [time](const ProducerStateEntry& entry) { return entry.last_timestamp < time; });
}

void ProducerStates::keep_last_batches_only() {
  for (ProducerStateEntry& entry : entries_) {
    if (entry.count <= 1) continue;
    entry.batches[0] = entry.batches[entry.count - 1U];
    entry.count = 1;
  }
}

bool ProducerStates::remembers_at_or_above(std::int64_t offset) const {
  return std::any_of(entries_.begin(), entries_.end(), [offset](const ProducerStateEntry& entry) {
    return entry.last_offset() >= offset;
  });
}

}  // namespace isrlab::model
