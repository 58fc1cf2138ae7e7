// The rate of throttled replication of one broker and direction (ReplicationQuotaManager.scala,
// SimpleRate, SampledStat, 3.9; reference replication.md section 7). Bytes of the kept windows over
// the time since the oldest of them began, at least one window. Nothing is refused: what is counted
// may overshoot, then nothing flows until the average falls to the bound.
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/time.hpp"

namespace isrlab::model {

class ReplicationQuota {
 public:
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

  ReplicationQuota() = default;
  /// `bound` in bytes per second; `windows` of `window` each are kept.
  ReplicationQuota(std::int64_t bound, std::int64_t windows, sim::Duration window)
      : bound_(bound), windows_(windows), window_ms_(window / sim::kMillisecond) {}

  void record(std::int64_t bytes, sim::Time now);
  /// Is the rate above the bound? Forgets windows that are over, hence not const.
  bool exceeded(sim::Time now);
  struct Rate {
    std::int64_t bytes = 0;
    std::int64_t milliseconds = 1;
  };
  Rate rate(sim::Time now);
  std::int64_t bound() const { return bound_; }

 private:
  struct Sample {
    std::int64_t start = 0;  // milliseconds, as Kafka's clock
    std::int64_t last = 0;   // event
    std::int64_t bytes = 0;
  };
  Sample& current(std::int64_t now);

  std::int64_t bound_ = kNoLimit;
  std::int64_t windows_ = 11;
  std::int64_t window_ms_ = 1000;
  std::size_t current_ = 0;
  std::vector<Sample> samples_;  // a ring of one more than the windows
};

}  // namespace isrlab::model
