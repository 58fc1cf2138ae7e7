// What a checker may look at besides the events: replicas, assignments, lists, groups. The cluster
// gives it in a run; a unit test gives logs that it has built by hand.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/cluster.hpp"

namespace isrlab::model {

/// A group as its coordinator knows it.
struct GroupView {
  struct Member {
    ProcessId process = kNone;
    std::span<const PartitionId> partitions;
  };
  std::int32_t generation = -1;
  bool stable = false;
  std::vector<Member> members;
};

/// A producer's own counters, in records.
struct ProducerCounts {
  std::int64_t created = 0;
  std::int64_t acked = 0;
  std::int64_t failed = 0;
};

class RunView {
 public:
  virtual ~RunView() = default;
  /// The replica of a broker, dead or alive; null if it has none.
  virtual const Partition* partition(BrokerId broker, PartitionId partition) const = 0;
  /// A list that an event names by its handle: broker ids or partitions.
  virtual std::span<const std::uint32_t> list(std::int64_t handle) const = 0;
  /// Assigned replicas as ZooKeeper has them; empty if unknown.
  virtual BrokerList assignment(PartitionId partition) const = 0;
  /// The newest controller epoch that the broker has accepted, -1 = none since its start.
  virtual std::int32_t controller_epoch_seen(BrokerId broker) const = 0;
  virtual GroupView group(BrokerId coordinator, GroupId group) const = 0;
  virtual ProducerCounts producer(std::uint32_t index) const = 0;

  const PartitionLog* log(BrokerId broker, PartitionId id) const {
    const Partition* found = partition(broker, id);
    return found == nullptr ? nullptr : &found->log;
  }
};

class ClusterView final : public RunView {
 public:
  explicit ClusterView(const Cluster& cluster) : cluster_(&cluster) {}
  const Partition* partition(BrokerId broker, PartitionId partition) const override {
    return broker < 1 ? nullptr : cluster_->broker(broker).partition(partition);
  }
  std::span<const std::uint32_t> list(std::int64_t handle) const override {
    return cluster_->history().list(handle);
  }
  BrokerList assignment(PartitionId partition) const override;
  std::int32_t controller_epoch_seen(BrokerId broker) const override {
    return cluster_->broker(broker).controller_epoch_seen();
  }
  GroupView group(BrokerId coordinator, GroupId group) const override;
  ProducerCounts producer(std::uint32_t index) const override;

 private:
  const Cluster* cluster_;
};

}  // namespace isrlab::model
