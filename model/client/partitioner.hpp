// Which partition a record goes to (KafkaProducer#partition, BuiltInPartitioner, 3.9; KIP-794;
// reference clients-and-groups.md 1.2).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/catalog.hpp"
#include "sim/random.hpp"

namespace isrlab::model {

/// Over all partitions of the topic, those without a leader included.
inline std::int32_t partition_for_key(std::string_view key, std::int32_t partitions) {
  return to_positive(murmur2(key)) % partitions;
}

/// Queue lengths as a table of cumulative weights: longer queues are picked less often.
class PartitionLoad {
 public:
  bool valid() const { return !cumulative_.empty(); }
  void clear() { cumulative_.clear(); }
  /// `lengths` of the partitions that may be picked, out of `all` partitions of the topic. There
  /// are no statistics if the topic has one partition or all are alike and none is excluded.
  void update(const std::vector<std::int32_t>& lengths, const std::vector<std::int32_t>& partitions,
              std::size_t all);
  std::int32_t pick(std::uint32_t random) const;
  const std::vector<std::int32_t>& cumulative() const { return cumulative_; }

 private:
  std::vector<std::int32_t> cumulative_;
  std::vector<std::int32_t> partitions_;
};

/// What the sticky partitioner can choose from.
struct PartitionChoice {
  const std::vector<std::int32_t>* available = nullptr;  // those with a leader
  std::int32_t partitions = 0;
  const PartitionLoad* load = nullptr;  // null or invalid: uniform
};
std::int32_t next_partition(std::uint32_t random, const PartitionChoice& choice);

/// Stays with a partition until batch.size bytes went there. `Choose` is a callable that returns
/// the next pick, so that the load statistics are only made when a pick happens.
class StickyPartitioner {
 public:
  StickyPartitioner() = default;
  explicit StickyPartitioner(std::int64_t sticky_bytes) : sticky_bytes_(sticky_bytes) {
    SIM_ASSERT2(sticky_bytes > 0, "the sticky batch size must be positive", sticky_bytes, 0);
  }
  template <class Choose>
  std::int32_t current(Choose choose) {
    if (current_ < 0) current_ = choose();
    return current_;
  }
  /// After an append. Switching is held back while the last batch has room, but not for more than
  /// twice the limit: the record that passes the limit still goes to the old partition.
  template <class Choose>
  bool appended(std::int64_t bytes, bool enable_switch, Choose choose) {
    produced_ += bytes;
    const bool passed = produced_ >= sticky_bytes_ && enable_switch;
    if (!passed && produced_ < 2 * sticky_bytes_) return false;
    current_ = choose();
    produced_ = 0;
    return true;
  }
  std::int32_t peek() const { return current_; }

 private:
  std::int64_t sticky_bytes_ = 1;
  std::int64_t produced_ = 0;
  std::int32_t current_ = -1;
};

}  // namespace isrlab::model
