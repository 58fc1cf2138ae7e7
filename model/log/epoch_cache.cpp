#include "model/log/epoch_cache.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace isrlab::model {

void LeaderEpochCache::push(const EpochEntry& entry) {
  if (!empty()) older_.push_back(latest_);
  latest_ = entry;
}

void LeaderEpochCache::pop() {
  latest_ = EpochEntry();
  if (older_.empty()) return;
  latest_ = older_.back();
  older_.pop_back();
}

void LeaderEpochCache::clear() {
  latest_ = EpochEntry();
  older_.clear();
}

void LeaderEpochCache::assign_new(std::int32_t epoch, std::int64_t start_offset) {
  SIM_ASSERT2(epoch >= 0 && start_offset >= 0, "a leader epoch or its start is negative", epoch,
              start_offset);
  while (!empty() && (latest_.epoch >= epoch || latest_.start_offset >= start_offset)) pop();
  push({epoch, start_offset});
}

EpochEnd LeaderEpochCache::end_offset_for(std::int32_t epoch, std::int64_t log_end_offset) const {
  if (epoch == kUndefinedEpoch) return {};
  if (epoch == latest_.epoch) return {epoch, log_end_offset};
  if (empty() || epoch > latest_.epoch) return {};
  // A higher entry exists: the latest at least.
  const auto higher =
      std::upper_bound(older_.begin(), older_.end(), epoch,
                       [](std::int32_t e, const EpochEntry& entry) { return e < entry.epoch; });
  const EpochEntry& next = higher == older_.end() ? latest_ : *higher;
  if (higher == older_.begin()) return {epoch, next.start_offset};
  return {(higher - 1)->epoch, next.start_offset};
}

void LeaderEpochCache::truncate_from_end(std::int64_t end_offset) {
  if (end_offset < 0) return;
  while (!empty() && latest_.start_offset >= end_offset) pop();
}

void LeaderEpochCache::truncate_from_start(std::int64_t start_offset) {
  if (empty()) return;
  if (latest_.start_offset <= start_offset) {
    older_.clear();
    latest_.start_offset = start_offset;
    return;
  }
  const auto above = std::upper_bound(
      older_.begin(), older_.end(), start_offset,
      [](std::int64_t offset, const EpochEntry& entry) { return offset < entry.start_offset; });
  if (above == older_.begin()) return;
  (above - 1)->start_offset = start_offset;
  older_.erase(older_.begin(), above - 1);
}

std::optional<std::int32_t> LeaderEpochCache::epoch_for_offset(std::int64_t offset) const {
  if (empty()) return std::nullopt;
  if (latest_.start_offset <= offset) return latest_.epoch;
  const auto above = std::upper_bound(
      older_.begin(), older_.end(), offset,
      [](std::int64_t o, const EpochEntry& entry) { return o < entry.start_offset; });
  if (above == older_.begin()) return std::nullopt;
  return (above - 1)->epoch;
}

}  // namespace isrlab::model
