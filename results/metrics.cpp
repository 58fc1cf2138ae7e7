#include "results/metrics.hpp"

#include <algorithm>
#include <bit>

namespace isrlab::results {

using scenarios::Aggregate;

std::int64_t Distribution::bucket_of(std::int64_t value) {
  if (value < 2048) return value;
  const int shift = std::bit_width(static_cast<std::uint64_t>(value)) - 11;
  return value >> shift << shift;
}

void Distribution::put(std::int64_t value, std::int64_t times) {
  buckets_[bucket_of(value)] += times;
}

void Distribution::add(std::int64_t value, std::int64_t times) {
  if (times <= 0) return;
  max_ = count_ == 0 ? value : std::max(max_, value);
  min_ = count_ == 0 ? value : std::min(min_, value);
  count_ += times;
  total_ += value * times;
  if (!buckets_.empty()) return put(value, times);
  if (static_cast<std::size_t>(count_) <= kExact) {
    exact_.insert(exact_.end(), static_cast<std::size_t>(times), value);
    return;
  }
  for (const std::int64_t each : exact_) put(each, 1);
  exact_.clear();
  exact_.shrink_to_fit();
  put(value, times);
}

void Distribution::add_all(const Distribution& other) {
  if (other.count_ == 0) return;
  const std::int64_t low = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  const std::int64_t high = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  const std::int64_t sum = total_ + other.total_;
  for (const std::int64_t value : other.exact_) add(value);
  for (const auto& [value, times] : other.buckets_) add(value, times);
  min_ = low;
  max_ = high;
  total_ = sum;  // the buckets' edges would have made it smaller
}

std::int64_t Distribution::percentile(int percent) const {
  if (count_ == 0) return 0;
  const std::int64_t rank = std::max<std::int64_t>(1, (count_ * percent + 99) / 100);
  if (buckets_.empty()) {
    std::vector<std::int64_t> sorted = exact_;
    const auto at = sorted.begin() + (rank - 1);
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  }
  std::int64_t seen = 0;
  for (const auto& [value, times] : buckets_) {
    seen += times;
    if (seen >= rank) return std::max(value, min_);
  }
  return max_;
}

std::int64_t Distribution::aggregate(Aggregate aggregate) const {
  switch (aggregate) {
    case Aggregate::kMax: return max();
    case Aggregate::kMin: return min();
    case Aggregate::kCount: return count();
    case Aggregate::kTotal: return total();
    case Aggregate::kP50: return percentile(50);
    case Aggregate::kP95: return percentile(95);
    case Aggregate::kP99: return percentile(99);
  }
  return 0;
}

void Gauge::set(sim::Time now, std::int64_t value) {
  close(now);
  started_ = true;
  since_ = now;
  value_ = value;
}

void Gauge::close(sim::Time now) {
  if (!started_ || now <= since_) return;
  lasted_[value_] += now - since_;
  since_ = now;
}

std::int64_t Gauge::percentile(int percent) const {
  sim::Duration whole = 0;
  for (const auto& [value, time] : lasted_) whole += time;
  // In two steps: a product with the percentage could overflow for runs of decades.
  const sim::Duration rank = whole / 100 * percent + (whole % 100 * percent + 99) / 100;
  sim::Duration seen = 0;
  for (const auto& [value, time] : lasted_) {
    seen += time;
    if (seen >= rank) return value;
  }
  return value_;
}

std::int64_t Gauge::aggregate(Aggregate aggregate) const {
  if (lasted_.empty()) return started_ ? value_ : 0;
  switch (aggregate) {
    case Aggregate::kMax: return lasted_.rbegin()->first;
    case Aggregate::kMin: return lasted_.begin()->first;
    case Aggregate::kP50: return percentile(50);
    case Aggregate::kP95: return percentile(95);
    case Aggregate::kP99: return percentile(99);
    default: return 0;  // the loader refuses count and total of a gauge
  }
}

}  // namespace isrlab::results
