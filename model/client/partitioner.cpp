#include "model/client/partitioner.hpp"

#include <algorithm>

namespace isrlab::model {

void PartitionLoad::update(const std::vector<std::int32_t>& lengths,
                           const std::vector<std::int32_t>& partitions, std::size_t all) {
  cumulative_.clear();
  if (lengths.empty() || all < 2) return;
  const auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
  if (*least == *most && lengths.size() == all) return;
  const std::int32_t above = *most + 1;
  std::int32_t sum = 0;
  for (const std::int32_t length : lengths) {
    sum += above - length;
    cumulative_.push_back(sum);
  }
  partitions_.assign(partitions.begin(), partitions.end());
}

std::int32_t PartitionLoad::pick(std::uint32_t random) const {
  const auto total = static_cast<std::uint32_t>(cumulative_.back());
  const auto weighted = static_cast<std::int32_t>(random % total);
  const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), weighted);
  return partitions_[static_cast<std::size_t>(at - cumulative_.begin())];
}

std::int32_t next_partition(std::uint32_t random, const PartitionChoice& choice) {
  if (choice.load != nullptr && choice.load->valid()) return choice.load->pick(random);
  if (!choice.available->empty()) return (*choice.available)[random % choice.available->size()];
  return static_cast<std::int32_t>(random % static_cast<std::uint32_t>(choice.partitions));
}

}  // namespace isrlab::model
