// Samples and gauges behind the metrics of a run. All values are integers and every percentile is
// by nearest rank, so that a limit gives the same answer on every machine.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "scenarios/faults/terms.hpp"
#include "sim/time.hpp"

namespace isrlab::results {

/// A set of samples. Exact up to kExact of them; beyond that, values fall into buckets that are
/// 1/1024 of their size wide and a percentile is the bucket's lower edge. Count, total, smallest
/// and largest stay exact.
class Distribution {
 public:
  static constexpr std::size_t kExact = 8192;

  void add(std::int64_t value, std::int64_t times = 1);
  void add_all(const Distribution& other);
  std::int64_t count() const { return count_; }
  std::int64_t total() const { return total_; }
  std::int64_t max() const { return count_ == 0 ? 0 : max_; }
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  /// Smallest value that at least `percent` % of the samples do not exceed; 0 without samples.
  std::int64_t percentile(int percent) const;
  std::int64_t aggregate(scenarios::Aggregate aggregate) const;

 private:
  static std::int64_t bucket_of(std::int64_t value);
  void put(std::int64_t value, std::int64_t times);

  std::int64_t count_ = 0;
  std::int64_t total_ = 0;
  std::int64_t max_ = 0;
  std::int64_t min_ = 0;
  std::vector<std::int64_t> exact_;
  std::map<std::int64_t, std::int64_t> buckets_;  // value -> samples
};

/// A number over time. Its percentiles weigh each value with the time it lasted; a value that was
/// replaced within the same instant never was.
class Gauge {
 public:
  void set(sim::Time now, std::int64_t value);
  /// Closes the last interval; the gauge may go on afterwards.
  void close(sim::Time now);
  bool started() const { return started_; }
  std::int64_t current() const { return value_; }
  std::int64_t aggregate(scenarios::Aggregate aggregate) const;

 private:
  std::int64_t percentile(int percent) const;

  bool started_ = false;
  sim::Time since_ = 0;
  std::int64_t value_ = 0;
  std::map<std::int64_t, sim::Duration> lasted_;
};

}  // namespace isrlab::results
