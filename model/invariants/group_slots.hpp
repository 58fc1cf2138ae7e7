// A value for each partition of each group's topics, found without a search through the cluster.
#pragma once
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

template <class Value>
class GroupTable {
 public:
  explicit GroupTable(const Catalog& catalog) : catalog_(&catalog) {
    for (const GroupInfo& group : catalog.groups()) {
      std::size_t size = 0;
      for (const TopicId topic : group.topics) {
        size += static_cast<std::size_t>(catalog.topic(topic).partitions);
      }
      values_.emplace_back(size);
    }
  }
  /// Null if the group does not subscribe to the partition.
  Value* find(GroupId group, PartitionId partition) {
    const PartitionInfo& info = catalog_->partition(partition);
    std::size_t first = 0;
    for (const TopicId topic : catalog_->group(group).topics) {
      if (topic == info.topic)
        return &values_[group][first + static_cast<std::size_t>(info.number)];
      first += static_cast<std::size_t>(catalog_->topic(topic).partitions);
    }
    return nullptr;
  }
  std::vector<Value>& of(GroupId group) { return values_[group]; }

 private:
  const Catalog* catalog_;
  std::vector<std::vector<Value>> values_;
};

/// ZooKeeper names another broker as leader of the partition that keeps the group's offsets: this
/// one acts on an outdated LeaderAndIsr.
inline bool is_deposed(const RunView& view, const Catalog& catalog, BrokerId broker,
                       GroupId group) {
  const StateView state = view.state(catalog.group(group).offsets_partition);
  return state.known && state.leader != broker;
}

}  // namespace isrlab::model
