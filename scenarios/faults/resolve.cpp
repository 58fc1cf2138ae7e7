// Selectors, resolved against the cluster as it is when the fault fires.
#include <algorithm>

#include "scenarios/faults/driver.hpp"

namespace isrlab::scenarios {

using model::BrokerId;
using model::Cluster;
using model::ProcessId;
using model::ProcessKind;

namespace {

std::vector<ProcessId> of_kind(const Cluster& cluster, ProcessKind kind) {
  std::vector<ProcessId> result;
  const auto& processes = cluster.catalog().processes();
  for (ProcessId p = 0; p < processes.size(); ++p) {
    if (processes[p].kind == kind) result.push_back(p);
  }
  return result;
}

std::vector<ProcessId> draw(std::vector<ProcessId> from, std::size_t count, sim::Random& random) {
  std::vector<ProcessId> result;
  while (result.size() < count && !from.empty()) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(from.size()));
    result.push_back(from[static_cast<std::size_t>(at)]);
    from.erase(from.begin() + at);
  }
  return result;
}

std::vector<ProcessId> brokers(const Cluster& cluster, const model::BrokerList& ids) {
  std::vector<ProcessId> result;
  for (const BrokerId id : ids) result.push_back(cluster.catalog().broker_process(id));
  return result;
}

/// The assigned replicas, as far as any broker's metadata knows them.
model::BrokerList assigned(model::PartitionId partition, const Cluster& cluster) {
  model::BrokerList all;
  for (const model::Broker& broker : cluster.brokers()) {
    for (const BrokerId id : broker.metadata().state(partition).replicas) {
      if (!all.contains(id)) all.push_back(id);
    }
  }
  return all;
}

std::vector<ProcessId> of_partition(const Selector& selector, const Cluster& cluster) {
  const auto partition = cluster.catalog().find_partition(selector.name, selector.partition);
  const auto* state = partition ? cluster.partition_state(*partition) : nullptr;
  if (state == nullptr) return {};
  if (selector.kind == SelectorKind::kIsrOf) return brokers(cluster, state->isr);
  if (selector.kind == SelectorKind::kOutOfSync) {
    model::BrokerList out;
    for (const BrokerId id : assigned(*partition, cluster)) {
      if (!state->isr.contains(id)) out.push_back(id);
    }
    return brokers(cluster, out);
  }
  if (selector.kind == SelectorKind::kLeaderOf) {
    if (state->leader < 0) return {};
    return {cluster.catalog().broker_process(state->leader)};
  }
  // Followers: the assigned replicas without the leader.
  model::BrokerList followers;
  for (const BrokerId id : assigned(*partition, cluster)) {
    if (id != state->leader) followers.push_back(id);
  }
  return brokers(cluster, followers);
}

std::vector<ProcessId> clients(const std::string& name, const Cluster& cluster) {
  if (const auto process = cluster.catalog().find_process(name)) return {*process};
  std::vector<ProcessId> result;
  if (const auto group = cluster.catalog().find_group(name)) {
    const model::GroupInfo& info = cluster.catalog().group(*group);
    for (std::uint32_t m = 0; m < info.members; ++m) {
      result.push_back(cluster.catalog().consumer_process(info.first_member + m));
    }
  }
  return result;
}

std::vector<ProcessId> zookeeper(const Selector& selector, const Cluster& cluster,
                                 sim::Random& random) {
  const std::int32_t leader = cluster.zookeeper_leader();
  std::vector<ProcessId> all = of_kind(cluster, ProcessKind::kZooKeeper);
  switch (selector.kind) {
    case SelectorKind::kZooKeeperLeader:
      if (leader < 0) return {};
      return {all[static_cast<std::size_t>(leader)]};
    case SelectorKind::kZooKeeperFollowers:
      if (leader >= 0) all.erase(all.begin() + leader);
      return all;
    case SelectorKind::kSomeZooKeeper:
      return draw(all, static_cast<std::size_t>(selector.count), random);
    case SelectorKind::kZkMinority: return draw(all, (all.size() - 1) / 2, random);
    case SelectorKind::kZkMajority: return draw(all, all.size() / 2 + 1, random);
    case SelectorKind::kZooKeeper: {
      std::vector<ProcessId> result;
      for (const std::int32_t id : selector.ids) {
        result.push_back(cluster.catalog().zookeeper_process(static_cast<std::uint32_t>(id - 1)));
      }
      return result;
    }
    default: return all;
  }
}

std::vector<ProcessId> resolve_unsorted(const Selector& selector, const Cluster& cluster,
                                        sim::Random& random) {
  const std::vector<ProcessId> all_brokers = of_kind(cluster, ProcessKind::kBroker);
  std::vector<ProcessId> result;
  switch (selector.kind) {
    case SelectorKind::kNone: return {};
    case SelectorKind::kBroker:
      for (const std::int32_t id : selector.ids) {
        result.push_back(cluster.catalog().broker_process(id));
      }
      return result;
    case SelectorKind::kSomeBrokers:
      return draw(all_brokers, static_cast<std::size_t>(selector.count), random);
    case SelectorKind::kAllBrokers: return all_brokers;
    case SelectorKind::kMinority: return draw(all_brokers, (all_brokers.size() - 1) / 2, random);
    case SelectorKind::kMajority: return draw(all_brokers, all_brokers.size() / 2 + 1, random);
    case SelectorKind::kController: {
      const BrokerId id = cluster.controller();
      if (id != model::kNoBroker) result.push_back(cluster.catalog().broker_process(id));
      return result;
    }
    case SelectorKind::kLeaderOf:
    case SelectorKind::kFollowersOf:
    case SelectorKind::kOutOfSync:
    case SelectorKind::kIsrOf: return of_partition(selector, cluster);
    case SelectorKind::kCoordinatorOf: {
      const auto group = cluster.catalog().find_group(selector.name);
      if (!group) return {};
      const auto* state =
          cluster.partition_state(cluster.catalog().group(*group).offsets_partition);
      if (state != nullptr && state->leader >= 0) {
        result.push_back(cluster.catalog().broker_process(state->leader));
      }
      return result;
    }
    case SelectorKind::kRack:
    case SelectorKind::kAll:
    case SelectorKind::kAllClients: {
      const auto& processes = cluster.catalog().processes();
      for (ProcessId p = 0; p < processes.size(); ++p) {
        const bool client = processes[p].kind == ProcessKind::kProducer ||
                            processes[p].kind == ProcessKind::kConsumer;
        const bool in =
            selector.kind == SelectorKind::kAll ||
            (selector.kind == SelectorKind::kAllClients && client) ||
            (selector.kind == SelectorKind::kRack && processes[p].rack == selector.name);
        if (in) result.push_back(p);
      }
      return result;
    }
    case SelectorKind::kClient: return clients(selector.name, cluster);
    case SelectorKind::kList:
      for (const Selector& member : selector.members) {
        const auto part = resolve_unsorted(member, cluster, random);
        result.insert(result.end(), part.begin(), part.end());
      }
      return result;
    default: return zookeeper(selector, cluster, random);
  }
}

}  // namespace

std::vector<ProcessId> resolve(const Selector& selector, const Cluster& cluster,
                               sim::Random& random) {
  std::vector<ProcessId> result = resolve_unsorted(selector, cluster, random);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace isrlab::scenarios
