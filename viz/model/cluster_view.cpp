#include "viz/model/cluster_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "viz/model/names.hpp"

namespace isrlab::viz {
namespace {

using model::Broker;
using model::BrokerState;
using model::Cluster;

/// Reads the assignments once per topic instead of once per partition.
class Truth {
 public:
  explicit Truth(const Cluster& cluster) : cluster_(cluster), tree_(authority(cluster).tree()) {
    for (const model::TopicInfo& topic : cluster.catalog().topics()) {
      const auto* node = tree_.find("/brokers/topics/" + topic.name);
      const auto* znode = node ? std::get_if<model::TopicZnode>(&node->value) : nullptr;
      topics_.push_back(znode ? znode->replicas.get() : nullptr);
    }
  }

  model::BrokerList assignment(PartitionId partition) const {
    const model::PartitionInfo& info = cluster_.catalog().partition(partition);
    const auto* replicas = topics_[info.topic];
    const auto index = static_cast<std::size_t>(info.number);
    return replicas && index < replicas->size() ? (*replicas)[index] : model::BrokerList();
  }
  const model::ZkTree::Node* state(PartitionId partition) const {
    const model::PartitionInfo& info = cluster_.catalog().partition(partition);
    if (topics_[info.topic] == nullptr) return nullptr;
    return tree_.find(cluster_.catalog().path_of_state(partition));
  }
  bool registered(BrokerId broker) const {
    return tree_.find("/brokers/ids/" + std::to_string(broker)) != nullptr;
  }

 private:
  const Cluster& cluster_;
  const model::ZkTree& tree_;
  std::vector<const std::vector<model::BrokerList>*> topics_;
};

std::int64_t end_of(const Cluster& cluster, BrokerId broker, PartitionId partition) {
  const model::Partition* replica = cluster.broker(broker).partition(partition);
  return replica == nullptr ? 0 : replica->log.log_end_offset();
}

/// The end that followers are measured against: the leader's, or the longest log without one.
std::int64_t reference_end(const Cluster& cluster, PartitionId partition, BrokerId leader,
                           const model::BrokerList& replicas) {
  if (leader >= 1) return end_of(cluster, leader, partition);
  std::int64_t end = 0;
  for (const BrokerId broker : replicas) end = std::max(end, end_of(cluster, broker, partition));
  return end;
}

ReplicaView replica_view(const Cluster& cluster, const PartitionView& partition, BrokerId broker) {
  ReplicaView view;
  view.broker = broker;
  view.in_isr =
      std::find(partition.isr.begin(), partition.isr.end(), broker) != partition.isr.end();
  const bool alive = cluster.alive(cluster.catalog().broker_process(broker));
  if (const model::Partition* replica = cluster.broker(broker).partition(partition.id)) {
    view.log_end_offset = replica->log.log_end_offset();
    view.high_watermark = replica->log.high_watermark();
    view.leader_epoch = replica->leader_epoch;
    view.believes_leader = alive && replica->is_leader() && broker != partition.leader;
  }
  view.lag = std::max<std::int64_t>(0, partition.end_offset - view.log_end_offset);
  if (partition.leader >= 1 && partition.exists) {
    view.ahead = std::max<std::int64_t>(0, view.log_end_offset - partition.end_offset);
  }
  view.was_leader = !alive && broker == partition.leader;
  if (!alive) {
    view.state = ReplicaState::down;
  } else if (broker == partition.leader) {
    view.state = ReplicaState::leader;
  } else {
    view.state = view.in_isr ? ReplicaState::in_sync : ReplicaState::out_of_sync;
  }
  return view;
}

PartitionView partition_view(const Cluster& cluster, const Truth& truth, PartitionId id) {
  PartitionView view;
  view.id = id;
  view.name = cluster.catalog().partition_name(id);
  const model::TopicId topic = cluster.catalog().partition(id).topic;
  view.internal = cluster.catalog().topic(topic).internal;
  const model::BrokerList replicas = truth.assignment(id);
  if (!replicas.empty()) view.preferred = replicas[0];
  const auto* node = truth.state(id);
  const auto* state = node ? std::get_if<model::PartitionStateZnode>(&node->value) : nullptr;
  if (state != nullptr) {
    view.exists = true;
    view.leader = state->leader;
    view.leader_epoch = state->leader_epoch;
    view.partition_epoch = node->version;
    view.isr.assign(state->isr.begin(), state->isr.end());
  }
  const BrokerId any = view.leader >= 1 ? view.leader : std::max<BrokerId>(1, view.preferred);
  view.min_isr = std::min<std::int64_t>(cluster.catalog().min_insync_replicas(topic, any),
                                        static_cast<std::int64_t>(replicas.size()));
  view.end_offset = reference_end(cluster, id, view.leader, replicas);
  for (const BrokerId broker : replicas) {
    view.replicas.push_back(replica_view(cluster, view, broker));
    view.max_lag = std::max(view.max_lag, view.replicas.back().lag);
    if (broker == view.leader) view.high_watermark = view.replicas.back().high_watermark;
  }
  view.leader_down =
      view.leader >= 1 && !cluster.alive(cluster.catalog().broker_process(view.leader));
  return view;
}

/// Is any direction between this process's host and another host cut?
bool is_cut(const Cluster& cluster, ProcessId process) {
  const auto& processes = cluster.catalog().processes();
  const sim::HostId host = processes[process].host;
  for (const model::ProcessInfo& other : processes) {
    if (other.host == host) continue;
    if (cluster.engine().blocked(host, other.host) || cluster.engine().blocked(other.host, host)) {
      return true;
    }
  }
  return false;
}

const char* word_of(BrokerState state) {
  switch (state) {
    case BrokerState::kDown: return "DOWN";
    case BrokerState::kStarting: return "STARTING";
    case BrokerState::kRegistering: return "REGISTERING";
    case BrokerState::kRegistered: return "STARTING";
    case BrokerState::kRunning: return "RUNNING";
    case BrokerState::kShuttingDown: return "SHUTTING DOWN";
    case BrokerState::kClosing: return "CLOSING";
  }
  return "?";
}

SessionView session_view(const Cluster& cluster, std::int64_t id, Time now) {
  SessionView view;
  view.id = id;
  const std::int32_t leader = cluster.zookeeper_leader();
  if (leader < 0 || id == 0) return view;
  const auto& server = cluster.zookeeper()[static_cast<std::size_t>(leader)];
  const auto* session = server.sessions().find(id);
  if (session == nullptr) return view;
  view.known = true;
  view.timeout = session->timeout;
  view.left = std::max<Duration>(0, session->expires_at - now);
  return view;
}

/// The session of a dead broker is no longer known to the broker itself; ZooKeeper still has it as
/// the owner of the registration.
std::int64_t session_of(const Cluster& cluster, const Broker& broker) {
  const auto* node = authority(cluster).tree().find("/brokers/ids/" + std::to_string(broker.id()));
  if (node != nullptr) return node->ephemeral_owner;
  return broker.zookeeper().session_id();
}

BrokerView broker_view(const Cluster& cluster, const Truth& truth, const Broker& broker, Time now) {
  BrokerView view;
  view.id = broker.id();
  view.process = cluster.catalog().broker_process(broker.id());
  const model::ProcessInfo& info = cluster.catalog().process(view.process);
  view.name = short_name(cluster.catalog(), view.process);
  view.rack = info.rack;
  view.alive = cluster.alive(view.process);
  view.paused = view.alive && cluster.paused(view.process);
  view.cut = is_cut(cluster, view.process);
  view.registered = truth.registered(broker.id());
  view.state = broker.state();
  view.state_word = !view.alive ? "DOWN" : view.paused ? "PAUSED" : word_of(view.state);
  if (view.alive && view.state == BrokerState::kRunning && !view.registered && !view.paused) {
    view.state_word = "NOT REGISTERED";
  }
  if (view.alive && broker.controller().active()) {
    view.controller_epoch = broker.controller().context().epoch;
    view.controller = broker.id() == cluster.controller();
    view.zombie_controller = !view.controller;
  }
  view.session = session_view(cluster, session_of(cluster, broker), now);
  return view;
}

ZkServerView zk_view(const Cluster& cluster, std::uint32_t index) {
  const model::ZkServer& server = cluster.zookeeper()[index];
  ZkServerView view;
  view.id = server.id();
  view.process = cluster.catalog().zookeeper_process(index);
  view.name = short_name(cluster.catalog(), view.process);
  view.rack = cluster.catalog().process(view.process).rack;
  view.alive = cluster.alive(view.process);
  view.paused = view.alive && cluster.paused(view.process);
  view.cut = is_cut(cluster, view.process);
  view.serving = view.alive && !view.paused && server.serving();
  view.leading = view.serving && static_cast<std::int32_t>(index) == cluster.zookeeper_leader();
  view.epoch = server.epoch();
  view.zxid = server.last_zxid();
  view.clients = server.client_count();
  switch (server.state()) {
    case model::ZkServerState::kDown: view.state_word = "DOWN"; break;
    case model::ZkServerState::kLooking: view.state_word = "LOOKING"; break;
    case model::ZkServerState::kFollowing: view.state_word = "FOLLOWING"; break;
    case model::ZkServerState::kLeading: view.state_word = "LEADING"; break;
  }
  if (!view.alive) view.state_word = "DOWN";
  if (view.paused) view.state_word = "PAUSED";
  return view;
}

ClientView client_view(const Cluster& cluster, ProcessId process) {
  const model::ProcessInfo& info = cluster.catalog().process(process);
  ClientView view;
  view.process = process;
  view.name = info.name;
  view.rack = info.rack;
  view.producer = info.kind == model::ProcessKind::kProducer;
  view.alive = cluster.alive(process);
  view.paused = view.alive && cluster.paused(process);
  view.cut = is_cut(cluster, process);
  if (view.producer) {
    const model::Producer& producer = cluster.producers()[info.index];
    view.created = producer.records_created();
    view.acked = producer.records_acked();
    view.failed = producer.records_failed();
  }
  return view;
}

GroupView group_view(const Cluster& cluster, std::uint32_t id) {
  GroupView view;
  view.id = id;
  view.name = cluster.catalog().group(id).name;
  for (const Broker& broker : cluster.brokers()) {
    if (!cluster.alive(cluster.catalog().broker_process(broker.id()))) continue;
    if (!broker.groups().is_coordinator_for(cluster.catalog().group(id).offsets_partition))
      continue;
    view.coordinator = broker.id();
    view.state = "Empty";
    if (const model::Group* group = broker.groups().find_group(id)) {
      view.state = std::string(model::group_state_name(group->state()));
      view.generation = group->generation();
      view.members = group->members().size();
    }
  }
  return view;
}

void count_partition(ClusterView& view, const PartitionView& partition) {
  if (partition.under_replicated()) ++view.under_replicated;
  if (partition.offline()) ++view.offline;
  if (partition.leader_down) ++view.leader_down;
  if (partition.under_min_isr()) ++view.under_min_isr;
  for (const ReplicaView& replica : partition.replicas) {
    BrokerView& broker = view.brokers[static_cast<std::size_t>(replica.broker - 1)];
    ++broker.replicas;
    if (replica.broker == partition.leader) ++broker.leaders;
    if (partition.exists && !replica.in_isr) ++broker.out_of_sync;
    broker.max_lag = std::max(broker.max_lag, replica.lag);
    if (replica.lag > view.max_lag) {
      view.max_lag = replica.lag;
      view.max_lag_broker = replica.broker;
    }
  }
}

/// How long the worst replica has not been caught up, as its leaders see it.
Duration lag_time(const Cluster& cluster, BrokerId behind) {
  Duration worst = 0;
  for (const Broker& broker : cluster.brokers()) {
    const model::ProcessId process = cluster.catalog().broker_process(broker.id());
    const Time now = cluster.engine().reading(process).wall;  // lag is measured on it
    for (const model::Replica& replica : broker.replicas()) {
      if (!replica.partition.is_leader() || replica.partition.leader != broker.id()) continue;
      const model::RemoteReplica* remote = replica.partition.remote(behind);
      if (remote == nullptr || remote->last_caught_up_time < 0) continue;
      if (remote->log_end_offset == replica.partition.log.log_end_offset()) continue;
      worst = std::max(worst, now - remote->last_caught_up_time);
    }
  }
  return worst;
}

}  // namespace

const ReplicaView* PartitionView::replica(BrokerId broker) const {
  for (const ReplicaView& view : replicas) {
    if (view.broker == broker) return &view;
  }
  return nullptr;
}

int PartitionView::severity() const {
  if (!exists) return 0;
  if (offline()) return 5;
  if (leader_down) return 4;
  if (under_min_isr()) return 3;
  if (under_replicated()) return 2;
  for (const ReplicaView& replica : replicas) {
    if (replica.believes_leader) return 2;
    if (replica.state == ReplicaState::down) return 1;
  }
  return 0;
}

const PartitionView* ClusterView::partition(PartitionId id) const {
  return id < partitions.size() ? &partitions[id] : nullptr;
}

const model::ZkServer& authority(const Cluster& cluster) {
  const std::int32_t leader = cluster.zookeeper_leader();
  if (leader >= 0) return cluster.zookeeper()[static_cast<std::size_t>(leader)];
  const auto& servers = cluster.zookeeper();
  return *std::max_element(servers.begin(), servers.end(), [](const auto& left, const auto& right) {
    return left.last_zxid() < right.last_zxid();
  });
}

model::BrokerList assignment_of(const Cluster& cluster, PartitionId partition) {
  return Truth(cluster).assignment(partition);
}

Numbers numbers_of(const Cluster& cluster) {
  Numbers numbers;
  numbers.lag.resize(cluster.brokers().size(), 0);
  numbers.high_watermark.resize(cluster.catalog().partition_count(), -1);
  const Truth truth(cluster);
  for (PartitionId id = 0; id < cluster.catalog().partition_count(); ++id) {
    const auto* node = truth.state(id);
    const auto* state = node ? std::get_if<model::PartitionStateZnode>(&node->value) : nullptr;
    if (state == nullptr) continue;
    const model::BrokerList replicas = truth.assignment(id);
    if (state->isr.size() < replicas.size()) ++numbers.under_replicated;
    if (state->leader < 0) ++numbers.offline;
    const std::int64_t end = reference_end(cluster, id, state->leader, replicas);
    for (const BrokerId broker : replicas) {
      std::int64_t& lag = numbers.lag[static_cast<std::size_t>(broker - 1)];
      lag = std::max(lag, end - end_of(cluster, broker, id));
    }
    if (state->leader < 1) continue;
    const model::Partition* leader = cluster.broker(state->leader).partition(id);
    if (leader != nullptr) numbers.high_watermark[id] = leader->log.high_watermark();
  }
  return numbers;
}

ClusterView view_of(const Cluster& cluster, Time now) {
  ClusterView view;
  view.time = now;
  const Truth truth(cluster);
  for (const Broker& broker : cluster.brokers()) {
    view.brokers.push_back(broker_view(cluster, truth, broker, now));
    if (view.brokers.back().controller_epoch > 0) ++view.believed_controllers;
  }
  for (PartitionId id = 0; id < cluster.catalog().partition_count(); ++id) {
    view.partitions.push_back(partition_view(cluster, truth, id));
    count_partition(view, view.partitions.back());
  }
  for (std::uint32_t i = 0; i < cluster.zookeeper().size(); ++i) {
    view.zookeeper.push_back(zk_view(cluster, i));
    if (view.zookeeper.back().serving) ++view.zk_serving;
  }
  view.zk_leader = cluster.zookeeper_leader();
  if (view.zk_leader >= 0 && !view.zookeeper[static_cast<std::size_t>(view.zk_leader)].serving) {
    view.zk_leader = -1;
  }
  for (ProcessId p = 0; p < cluster.catalog().processes().size(); ++p) {
    const model::ProcessKind kind = cluster.catalog().process(p).kind;
    if (kind == model::ProcessKind::kProducer || kind == model::ProcessKind::kConsumer) {
      view.clients.push_back(client_view(cluster, p));
    }
  }
  for (std::uint32_t g = 0; g < cluster.catalog().groups().size(); ++g) {
    view.groups.push_back(group_view(cluster, g));
  }
  view.controller = cluster.controller();
  if (view.controller >= 1) view.controller_epoch = view.broker(view.controller).controller_epoch;
  if (view.max_lag_broker >= 1) view.max_lag_time = lag_time(cluster, view.max_lag_broker);
  return view;
}

}  // namespace isrlab::viz
