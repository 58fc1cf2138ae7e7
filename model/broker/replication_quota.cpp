#include "model/broker/replication_quota.hpp"

#include <algorithm>

namespace isrlab::model {

ReplicationQuota::Sample& ReplicationQuota::current(std::int64_t now) {
  if (samples_.empty()) samples_.push_back({now, now, 0});
  return samples_[current_];
}

void ReplicationQuota::record(std::int64_t bytes, sim::Time now) {
  const std::int64_t ms = now / sim::kMillisecond;
  if (ms - current(ms).start >= window_ms_) {  // the window is full: the next one begins
    current_ = (current_ + 1) % static_cast<std::size_t>(windows_ + 1);
    if (current_ >= samples_.size()) samples_.emplace_back();
    samples_[current_] = {ms, ms, 0};
  }
  Sample& sample = samples_[current_];
  sample.bytes += bytes;
  sample.last = ms;
}

ReplicationQuota::Rate ReplicationQuota::rate(sim::Time now) {
  const std::int64_t ms = now / sim::kMillisecond;
  current(ms);  // the first look begins the first window
  Rate rate;
  for (Sample& sample : samples_) {
    if (ms - sample.last >= windows_ * window_ms_) sample = {ms, ms, 0};
  }
  std::int64_t oldest = samples_[0].start;
  for (const Sample& sample : samples_) {
    oldest = std::min(oldest, sample.start);
    rate.bytes += sample.bytes;
  }
  rate.milliseconds = std::max(ms - oldest, window_ms_);
  return rate;
}

bool ReplicationQuota::exceeded(sim::Time now) {
  if (bound_ == kNoLimit) return false;
  const Rate now_rate = rate(now);
  if (bound_ > kNoLimit / now_rate.milliseconds) return false;
  return now_rate.bytes * 1000 > bound_ * now_rate.milliseconds;
}

}  // namespace isrlab::model
