#include "model/client/assignor_range.hpp"

#include <algorithm>

namespace isrlab::model {

bool assignor_order(const AssignorMember& left, const AssignorMember& right) {
  const bool left_static = !left.instance_id.empty();
  const bool right_static = !right.instance_id.empty();
  if (left_static && right_static) return left.instance_id < right.instance_id;
  if (left_static != right_static) return left_static;
  return left.member_id < right.member_id;
}

std::vector<std::vector<PartitionId>> assign_range(const std::vector<AssignorMember>& members,
                                                   const std::vector<TopicInfo>& topics,
                                                   const std::vector<bool>& known) {
  std::vector<std::vector<PartitionId>> result(members.size());
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&members](std::size_t left, std::size_t right) {
    return assignor_order(members[left], members[right]);
  });
  for (std::size_t topic = 0; topic < topics.size(); ++topic) {
    if (!known[topic]) continue;
    std::vector<std::size_t> subscribers;
    for (const std::size_t member : order) {
      const auto& list = members[member].topics;
      if (std::find(list.begin(), list.end(), static_cast<TopicId>(topic)) != list.end()) {
        subscribers.push_back(member);
      }
    }
    if (subscribers.empty()) continue;
    const auto partitions = static_cast<std::size_t>(topics[topic].partitions);
    const std::size_t each = partitions / subscribers.size();
    const std::size_t extra = partitions % subscribers.size();
    PartitionId next = topics[topic].first;
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
      const std::size_t count = each + (i < extra ? 1 : 0);
      for (std::size_t k = 0; k < count; ++k) result[subscribers[i]].push_back(next++);
    }
  }
  return result;
}

}  // namespace isrlab::model
