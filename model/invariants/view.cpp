#include "model/invariants/view.hpp"

#include <algorithm>
#include <string>

namespace isrlab::model {

/// The serving leader, else the server that knows most.
const ZkServer& ClusterView::authority() const {
  const std::vector<ZkServer>& servers = cluster_->zookeeper();
  const std::int32_t leader = cluster_->zookeeper_leader();
  if (leader >= 0) return servers[static_cast<std::size_t>(leader)];
  return *std::max_element(servers.begin(), servers.end(),
                           [](const ZkServer& left, const ZkServer& right) {
                             return left.last_zxid() < right.last_zxid();
                           });
}

namespace {
const TopicZnode* topic_znode(const ZkServer& server, const std::string& topic) {
  const auto* node = server.tree().find("/brokers/topics/" + topic);
  return node == nullptr ? nullptr : std::get_if<TopicZnode>(&node->value);
}

BrokerList list_of(const std::shared_ptr<const std::vector<BrokerList>>& lists,
                   std::int32_t number) {
  const auto at = static_cast<std::size_t>(number);
  return lists == nullptr || at >= lists->size() ? BrokerList() : (*lists)[at];
}
}  // namespace

BrokerList ClusterView::assignment(PartitionId partition) const {
  const PartitionInfo& info = cluster_->catalog().partition(partition);
  const TopicZnode* znode = topic_znode(authority(), cluster_->catalog().topic(info.topic).name);
  return znode == nullptr ? BrokerList() : list_of(znode->replicas, info.number);
}

BrokerList ClusterView::leaving(PartitionId partition) const {
  const PartitionInfo& info = cluster_->catalog().partition(partition);
  const TopicZnode* znode = topic_znode(authority(), cluster_->catalog().topic(info.topic).name);
  return znode == nullptr ? BrokerList() : list_of(znode->removing, info.number);
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

StateView ClusterView::state(PartitionId partition) const {
  StateView view;
  const auto* node = authority().tree().find(cluster_->catalog().path_of_state(partition));
  const auto* znode = node == nullptr ? nullptr : std::get_if<PartitionStateZnode>(&node->value);
  if (znode == nullptr) return view;
  return {true, znode->leader, znode->leader_epoch, node->version, znode->isr};
}

std::int64_t ClusterView::registration_owner(BrokerId broker) const {
  const auto* node = authority().tree().find("/brokers/ids/" + std::to_string(broker));
  return node == nullptr ? 0 : node->ephemeral_owner;
}

bool ClusterView::calm() const {
  const Catalog& catalog = cluster_->catalog();
  const sim::Engine& engine = cluster_->engine();
  const auto processes = static_cast<ProcessId>(catalog.processes().size());
  for (ProcessId process = 0; process < processes; ++process) {
    if (cluster_->paused(process)) return false;
    const sim::HostId host = catalog.process(process).host;
    for (ProcessId other = 0; other < processes; ++other) {
      const sim::HostId target = catalog.process(other).host;
      if (engine.blocked(host, target) || engine.degraded(host, target)) return false;
    }
  }
  // A state whose creation is sent again after a lost connection exists already (NODEEXISTS): the
  // partition stays New until another controller comes, and nobody is told of it.
  if (const BrokerId controller = cluster_->controller(); controller != kNoBroker) {
    for (const PartitionState state : cluster_->broker(controller).controller().context().state) {
      if (state == PartitionState::kNew) return false;
    }
  }
  std::uint32_t servers = 0;
  for (std::uint32_t i = 0; i < catalog.zookeeper_count(); ++i) {
    servers += cluster_->alive(catalog.zookeeper_process(i)) ? 1U : 0U;
  }
  return 2 * servers > catalog.zookeeper_count();
}

std::int64_t ClusterView::broker_epoch_known(BrokerId controller, BrokerId broker) const {
  const std::int64_t* epoch = cluster_->broker(controller).controller().context().live.find(broker);
  return epoch == nullptr ? -1 : *epoch;
}

Duration ClusterView::stretched(Duration bound) const {
  constexpr std::int64_t kMillion = 1'000'000;
  std::int64_t slowest = 0;
  Duration stepped = 0;
  for (const ProcessInfo& process : cluster_->catalog().processes()) {
    const sim::HostClock* clock = cluster_->engine().clock(process.host);
    if (clock == nullptr) return bound;
    slowest = std::min(slowest, clock->slowest_ppm());
    stepped = std::max(stepped, clock->stepped());
  }
  const auto slow = static_cast<__int128>(bound) * kMillion / (kMillion + slowest);
  return static_cast<Duration>(slow) + stepped;
}

Time ClusterView::oldest_pending(std::uint32_t producer) const {
  return cluster_->run_time_of_wall(cluster_->catalog().producer_process(producer),
                                    cluster_->producers()[producer].oldest_pending());
}

PositionView ClusterView::position(GroupId group, PartitionId partition) const {
  const GroupInfo& info = cluster_->catalog().group(group);
  for (std::uint32_t i = info.first_member; i < info.first_member + info.members; ++i) {
    const Consumer& consumer = cluster_->consumers()[i];
    const std::vector<PartitionId>& owned = consumer.assignment();
    if (std::find(owned.begin(), owned.end(), partition) == owned.end()) continue;
    const ProcessId process = cluster_->catalog().consumer_process(i);
    const Time now = cluster_->engine().reading(process).monotonic;
    return {consumer.position(partition), consumer.processing(now)};
  }
  return {};
}

CommitView ClusterView::committed(BrokerId coordinator, GroupId group,
                                  PartitionId partition) const {
  const Group* found = cluster_->broker(coordinator).groups().find_group(group);
  const CommittedOffset* commit = found == nullptr ? nullptr : found->offsets.find(partition);
  return commit == nullptr ? CommitView() : CommitView{commit->offset, commit->log_position};
}

bool ClusterView::group_settled(GroupId group) const {
  const GroupInfo& info = cluster_->catalog().group(group);
  const Group* newest = nullptr;
  std::int32_t epoch = -1;
  for (const Broker& broker : cluster_->brokers()) {
    // A deposed coordinator may not know it yet: the newer leader of the partition counts.
    const Partition* replica = broker.partition(info.offsets_partition);
    const bool coordinates = cluster_->alive(cluster_->catalog().broker_process(broker.id())) &&
                             broker.groups().is_coordinator_for(info.offsets_partition) &&
                             !broker.groups().is_loading(info.offsets_partition);
    if (!coordinates || replica == nullptr || replica->leader_epoch < epoch) continue;
    epoch = replica->leader_epoch;
    newest = broker.groups().find_group(group);
  }
  if (newest == nullptr || !newest->is(GroupState::kStable)) return false;
  std::size_t owned = 0;
  for (const auto& [id, member] : newest->members()) owned += member.assignment.size();
  std::size_t wanted = 0;
  for (const TopicId topic : info.topics) {
    wanted += static_cast<std::size_t>(cluster_->catalog().topic(topic).partitions);
  }
  return owned >= wanted;
}

}  // namespace isrlab::model
