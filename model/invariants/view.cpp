#include "model/invariants/view.hpp"

#include <algorithm>
#include <string>

namespace isrlab::model {

BrokerList ClusterView::assignment(PartitionId partition) const {
  // The topic's znode on the serving leader, else on the server that knows most.
  const std::vector<ZkServer>& servers = cluster_->zookeeper();
  const std::int32_t leader = cluster_->zookeeper_leader();
  const ZkServer& server = leader >= 0
                               ? servers[static_cast<std::size_t>(leader)]
                               : *std::max_element(servers.begin(), servers.end(),
                                                   [](const ZkServer& left, const ZkServer& right) {
                                                     return left.last_zxid() < right.last_zxid();
                                                   });
  const PartitionInfo& info = cluster_->catalog().partition(partition);
  const auto* node =
      server.tree().find("/brokers/topics/" + cluster_->catalog().topic(info.topic).name);
  const auto* znode = node == nullptr ? nullptr : std::get_if<TopicZnode>(&node->value);
  const auto number = static_cast<std::size_t>(info.number);
  if (znode == nullptr || znode->replicas == nullptr || number >= znode->replicas->size()) {
    return {};
  }
  return (*znode->replicas)[number];
}

GroupView ClusterView::group(BrokerId coordinator, GroupId group) const {
  GroupView view;
  const Group* found = cluster_->broker(coordinator).groups().find_group(group);
  if (found == nullptr) return view;
  view.generation = found->generation();
  view.stable = found->is(GroupState::kStable);
  for (const auto& [id, member] : found->members()) {
    view.members.push_back({member.process, member.assignment});
  }
  return view;
}

ProducerCounts ClusterView::producer(std::uint32_t index) const {
  const Producer& producer = cluster_->producers()[index];
  return {producer.records_created(), producer.records_acked(), producer.records_failed()};
}

}  // namespace isrlab::model
