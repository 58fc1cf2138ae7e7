#include "model/controller/context.hpp"

#include <algorithm>
#include <map>

namespace isrlab::model {

AlterVerdict judge_alter_partition(const AlterPartitionRequest::Partition& wanted,
                                   const ControllerContext& context, BugSet bugs) {
  const Leadership& now = context.leadership[wanted.partition];
  // A historic controller took changes whatever state they were built on.
  const bool compares = !has_bug(bugs, Bug::kAlterIsrCas);
  if (!now.known) return {Error::kUnknownTopicOrPartition};
  if (wanted.leader_epoch > now.leader_epoch || wanted.partition_epoch > now.version) {
    return {Error::kNotController};  // the sender knows more: a newer controller exists
  }
  if (wanted.leader_epoch < now.leader_epoch && compares) return {Error::kFencedLeaderEpoch};
  if (wanted.new_isr == now.isr && wanted.recovering == now.recovering) return {Error::kNone};
  if (wanted.partition_epoch < now.version && compares) return {Error::kInvalidUpdateVersion};
  if (wanted.recovering && (wanted.new_isr.size() > 1 || !now.recovering)) {
    return {Error::kInvalidRequest};
  }
  const bool eligible_only = !has_bug(bugs, Bug::kIsrEligibility);
  for (const BrokerId broker : wanted.new_isr) {
    if (eligible_only && !context.is_live(broker)) return {Error::kIneligibleReplica};
  }
  return {Error::kNone, true};
}

ElectionResult elect_offline(const BrokerList& assignment, const BrokerList& isr,
                             const ControllerContext& context, bool unclean_allowed,
                             PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : assignment) {
    if (!context.is_online(broker, partition) || !isr.contains(broker)) continue;
    result.elected = true;
    result.leader = broker;
    for (const BrokerId member : isr) {
      if (context.is_online(member, partition)) result.isr.push_back(member);
    }
    return result;
  }
  if (!unclean_allowed) return result;
  for (const BrokerId broker : assignment) {
    if (!context.is_online(broker, partition)) continue;
    result.elected = result.unclean = true;
    result.leader = broker;
    result.isr.push_back(broker);
    return result;
  }
  return result;
}

ReplicaAssignment reassign_to(const BrokerList& origin, const BrokerList& target) {
  ReplicaAssignment result;
  result.replicas = target;
  for (const BrokerId broker : origin) {
    if (target.contains(broker)) continue;
    result.replicas.push_back(broker);
    result.removing.push_back(broker);
  }
  for (const BrokerId broker : target) {
    if (!origin.contains(broker)) result.adding.push_back(broker);
  }
  return result;
}

ElectionResult elect_reassign(const BrokerList& target, const BrokerList& isr,
                              const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : target) {
    if (!context.is_online(broker, partition) || !isr.contains(broker)) continue;
    result.elected = true;
    result.leader = broker;
    result.isr = isr;
    return result;
  }
  return result;
}

ElectionResult elect_preferred(const BrokerList& assignment, const BrokerList& isr,
                               const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  if (assignment.empty()) return result;
  const BrokerId head = assignment[0];
  if (!context.is_online(head, partition) || !isr.contains(head)) return result;
  result.elected = true;
  result.leader = head;
  result.isr = isr;
  return result;
}

ElectionResult elect_controlled_shutdown(const BrokerList& assignment, const BrokerList& isr,
                                         const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : assignment) {
    const bool candidate = context.is_online(broker, partition) && isr.contains(broker);
    if (!candidate) continue;
    result.elected = true;
    result.leader = broker;
    for (const BrokerId member : isr) {
      if (!context.is_shutting_down(member)) result.isr.push_back(member);
    }
    return result;
  }
  return result;
}

namespace {

// One broker of each rack in turn, racks by name, brokers within a rack by id.
std::vector<BrokerRack> rack_alternated(const std::vector<BrokerRack>& brokers) {
  std::map<std::string, std::vector<BrokerId>> racks;
  for (const BrokerRack& broker : brokers) racks[broker.rack].push_back(broker.broker);
  for (auto& [rack, ids] : racks) std::sort(ids.begin(), ids.end());
  std::vector<BrokerRack> result;
  for (std::size_t round = 0; result.size() < brokers.size(); ++round) {
    for (const auto& [rack, ids] : racks) {
      if (round < ids.size()) result.push_back({ids[round], rack});
    }
  }
  return result;
}

struct RackCursor {
  const std::vector<BrokerRack>& list;
  std::size_t racks;
};

BrokerList place(const RackCursor& cursor, std::size_t first, std::uint32_t shift,
                 std::int32_t replication_factor) {
  const auto& list = cursor.list;
  const std::size_t n = list.size();
  BrokerList replicas{list[first].broker};
  std::vector<std::string> used_racks{list[first].rack};
  std::size_t k = 0;
  while (replicas.size() < static_cast<std::size_t>(replication_factor)) {
    const std::size_t at = (first + 1 + (shift * cursor.racks + k) % (n - 1)) % n;
    ++k;
    const BrokerRack& candidate = list[at];
    const bool rack_free =
        std::find(used_racks.begin(), used_racks.end(), candidate.rack) == used_racks.end();
    const bool rack_ok = rack_free || used_racks.size() == cursor.racks;
    if (!rack_ok || (replicas.contains(candidate.broker) && replicas.size() < n)) continue;
    replicas.push_back(candidate.broker);
    if (rack_free) used_racks.push_back(candidate.rack);
  }
  return replicas;
}

}  // namespace

std::vector<BrokerList> assign_replicas(const std::vector<BrokerRack>& brokers,
                                        std::int32_t partitions, std::int32_t replication_factor,
                                        std::uint32_t start_index, std::uint32_t shift,
                                        std::int32_t start_partition) {
  const std::size_t n = brokers.size();
  const auto has_rack = [](const BrokerRack& broker) { return !broker.rack.empty(); };
  const bool all = std::all_of(brokers.begin(), brokers.end(), has_rack);
  const bool none = std::none_of(brokers.begin(), brokers.end(), has_rack);
  if (partitions <= 0 || replication_factor <= 0 || (!all && !none)) return {};
  if (static_cast<std::size_t>(replication_factor) > n) return {};
  const bool rack_aware = all && n > 0;
  const std::vector<BrokerRack> list = rack_aware ? rack_alternated(brokers) : brokers;
  std::vector<std::string> racks;
  for (const BrokerRack& broker : list) racks.push_back(broker.rack);
  std::sort(racks.begin(), racks.end());
  racks.erase(std::unique(racks.begin(), racks.end()), racks.end());

  std::vector<BrokerList> result;
  for (std::int32_t i = 0; i < partitions; ++i) {
    const auto p = static_cast<std::size_t>(start_partition + i);
    if (p > 0 && p % n == 0) ++shift;
    const std::size_t first = (p + start_index) % n;
    if (rack_aware) {
      result.push_back(place({list, racks.size()}, first, shift, replication_factor));
      continue;
    }
    BrokerList replicas{list[first].broker};
    for (std::int32_t j = 0; j + 1 < replication_factor; ++j) {
      const std::size_t step = 1 + (shift + static_cast<std::size_t>(j)) % (n - 1);
      replicas.push_back(list[(first + step) % n].broker);
    }
    result.push_back(replicas);
  }
  return result;
}

}  // namespace isrlab::model
