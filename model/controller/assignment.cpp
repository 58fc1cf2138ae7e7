#include "model/controller/assignment.hpp"

#include <algorithm>
#include <map>

namespace isrlab::model {

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

namespace {

bool has_rack(const BrokerRack& broker) {
  return !broker.rack.empty();
}

/// The k-th candidate after the first replica; with one broker there is none.
std::size_t candidate_at(std::size_t first, std::size_t shift, std::size_t k, std::size_t n) {
  return (first + 1 + (shift + k) % (n - 1)) % n;
}

BrokerList place_by_order(const std::vector<BrokerRack>& list, std::size_t first,
                          std::uint32_t shift, std::size_t replication_factor) {
  BrokerList replicas{list[first].broker};
  for (std::size_t j = 0; j + 1 < replication_factor; ++j) {
    replicas.push_back(list[candidate_at(first, shift, j, list.size())].broker);
  }
  return replicas;
}

/// A candidate is passed over while its rack has a replica and another rack has none.
BrokerList place_by_rack(const std::vector<BrokerRack>& list, std::size_t racks, std::size_t first,
                         std::uint32_t shift, std::size_t replication_factor) {
  BrokerList replicas{list[first].broker};
  std::vector<std::string> used_racks{list[first].rack};
  std::size_t k = 0;
  while (replicas.size() < replication_factor) {
    const BrokerRack& candidate = list[candidate_at(first, shift * racks, k++, list.size())];
    const bool rack_free =
        std::find(used_racks.begin(), used_racks.end(), candidate.rack) == used_racks.end();
    if (!rack_free && used_racks.size() < racks) continue;
    if (replicas.contains(candidate.broker) && replicas.size() < list.size()) continue;
    replicas.push_back(candidate.broker);
    if (rack_free) used_racks.push_back(candidate.rack);
  }
  return replicas;
}

std::size_t count_racks(const std::vector<BrokerRack>& brokers) {
  std::vector<std::string> racks;
  for (const BrokerRack& broker : brokers) racks.push_back(broker.rack);
  std::sort(racks.begin(), racks.end());
  racks.erase(std::unique(racks.begin(), racks.end()), racks.end());
  return racks.size();
}

}  // namespace

AssignmentResult assign_replicas_to_brokers(const std::vector<BrokerRack>& brokers,
                                            std::int32_t partitions,
                                            std::int32_t replication_factor, AssignmentStart start,
                                            std::int32_t start_partition) {
  if (partitions <= 0) return {AssignmentError::kInvalidPartitions, {}};
  const std::size_t n = brokers.size();
  if (replication_factor <= 0 || static_cast<std::size_t>(replication_factor) > n) {
    return {AssignmentError::kInvalidReplicationFactor, {}};
  }
  const bool rack_aware = std::any_of(brokers.begin(), brokers.end(), has_rack);
  if (rack_aware && !std::all_of(brokers.begin(), brokers.end(), has_rack)) {
    return {AssignmentError::kAdminOperation, {}};
  }
  const std::vector<BrokerRack> list = rack_aware ? rack_alternated(brokers) : brokers;
  const std::size_t racks = count_racks(list);
  const auto wanted = static_cast<std::size_t>(replication_factor);
  AssignmentResult result;
  std::uint32_t shift = start.shift;
  const std::int32_t from = std::max(start_partition, 0);
  for (std::int32_t i = 0; i < partitions; ++i) {
    const auto p = static_cast<std::size_t>(from + i);
    if (p > 0 && p % n == 0) ++shift;
    const std::size_t first = (p + start.index) % n;
    result.replicas.push_back(rack_aware ? place_by_rack(list, racks, first, shift, wanted)
                                         : place_by_order(list, first, shift, wanted));
  }
  return result;
}

AssignmentResult assign_added_partitions(const std::vector<BrokerRack>& brokers,
                                         const std::vector<BrokerList>& existing,
                                         std::int32_t added) {
  if (existing.empty() || existing[0].empty()) {
    return {AssignmentError::kInvalidReplicaAssignment, {}};
  }
  const BrokerId head = existing[0][0];
  const auto at = std::find_if(brokers.begin(), brokers.end(),
                               [head](const BrokerRack& each) { return each.broker >= head; });
  const std::size_t index =
      at == brokers.end() ? 0 : static_cast<std::size_t>(at - brokers.begin());
  return assign_replicas_to_brokers(brokers, added, static_cast<std::int32_t>(existing[0].size()),
                                    AssignmentStart::fixed(static_cast<std::uint32_t>(index)),
                                    static_cast<std::int32_t>(existing.size()));
}

std::optional<std::vector<BrokerRack>> broker_metadatas(std::vector<BrokerRack> brokers,
                                                        RackAwareMode mode) {
  std::sort(brokers.begin(), brokers.end(),
            [](const BrokerRack& a, const BrokerRack& b) { return a.broker < b.broker; });
  const bool any = std::any_of(brokers.begin(), brokers.end(), has_rack);
  const bool partial = any && !std::all_of(brokers.begin(), brokers.end(), has_rack);
  if (partial && mode == RackAwareMode::kEnforced) return std::nullopt;
  if (mode == RackAwareMode::kDisabled || partial) {
    for (BrokerRack& broker : brokers) broker.rack.clear();
  }
  return brokers;
}

AssignmentError validate_assignment(
    const std::vector<std::pair<std::int32_t, std::vector<BrokerId>>>& by_partition) {
  if (by_partition.empty()) return AssignmentError::kInvalidReplicaAssignment;
  std::vector<std::int32_t> numbers;
  for (const auto& [number, replicas] : by_partition) {
    numbers.push_back(number);
    std::vector<BrokerId> ids = replicas;
    std::sort(ids.begin(), ids.end());
    const bool twice = std::adjacent_find(ids.begin(), ids.end()) != ids.end();
    const bool odd = replicas.size() != by_partition[0].second.size();
    if (replicas.empty() || twice || odd) return AssignmentError::kInvalidReplicaAssignment;
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<std::int32_t>(i)) {
      return AssignmentError::kInvalidReplicaAssignment;
    }
  }
  return AssignmentError::kNone;
}

}  // namespace isrlab::model
