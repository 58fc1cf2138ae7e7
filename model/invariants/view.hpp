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

/// A partition's state as ZooKeeper has it.
struct StateView {
  bool known = false;
  BrokerId leader = kNoBroker;
  std::int32_t leader_epoch = -1;
  std::int32_t version = -1;
  BrokerList isr;
};

/// Where a group's members are at.
struct PositionView {
  std::int64_t position = -1;  // of the member that the partition is assigned to, -1 = nobody's
  bool paused = false;         // that member is stopped or processes records
};

/// A committed offset and where its record stands in __consumer_offsets.
struct CommitView {
  std::int64_t offset = -1;        // -1 = nothing is committed
  std::int64_t log_position = -1;  // base offset of the commit's batch
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
  /// Those of the assignment that a reassignment is removing.
  virtual BrokerList leaving(PartitionId partition) const {
    (void)partition;
    return {};
  }
  /// The newest controller epoch that the broker has accepted, -1 = none since its start.
  virtual std::int32_t controller_epoch_seen(BrokerId broker) const = 0;
  virtual GroupView group(BrokerId coordinator, GroupId group) const = 0;
  virtual ProducerCounts producer(std::uint32_t index) const = 0;

  // --- ZooKeeper ---
  /// What the serving leader, else the server that knows most, has committed.
  virtual StateView state(PartitionId partition) const = 0;
  virtual bool registered(BrokerId broker) const = 0;
  /// Owner of the broker's registration, 0 = not registered.
  virtual std::int64_t registration_owner(BrokerId broker) const = 0;
  /// Is the session in the table of that server (its index)?
  virtual bool session_known(std::uint32_t server, std::int64_t session) const = 0;
  /// Last transaction of earlier epochs that this server, which leads, had when it began to serve.
  virtual std::int64_t inherited_zxid(std::uint32_t server) const = 0;
  /// Does that server hold ephemerals of the session?
  virtual bool has_ephemerals(std::uint32_t server, std::int64_t session) const = 0;

  // --- processes and controllers ---
  virtual bool alive(ProcessId process) const = 0;
  /// Nothing is paused, cut off or slowed down by a fault, ZooKeeper has a quorum, and the
  /// controller has left no partition without a state ("stays New").
  virtual bool calm() const = 0;
  virtual bool running(BrokerId broker) const = 0;  // alive and its port is open
  virtual std::int64_t broker_epoch(BrokerId broker) const = 0;
  virtual bool acts_as_controller(BrokerId broker) const = 0;
  /// The broker epoch that the controller at this broker knows of another, -1 = it takes it for
  /// dead.
  virtual std::int64_t broker_epoch_known(BrokerId controller, BrokerId broker) const = 0;
  virtual const MetadataCache& metadata(BrokerId broker) const = 0;

  /// What is to happen within `bound` is measured on clocks of the hosts: so long it may take after
  /// all that was done to them.
  virtual Duration stretched(Duration bound) const { return bound; }

  // --- clients and groups ---
  virtual Time oldest_pending(std::uint32_t producer) const = 0;  // kNever: nothing is pending
  virtual PositionView position(GroupId group, PartitionId partition) const = 0;
  /// The broker from which this consumer's latest data of the partition came, kNoBroker = unknown.
  virtual BrokerId read_from(ProcessId consumer, PartitionId partition) const {
    (void)consumer;
    (void)partition;
    return kNoBroker;
  }
  /// What this coordinator would answer.
  virtual CommitView committed(BrokerId coordinator, GroupId group,
                               PartitionId partition) const = 0;
  /// Its newest coordinator is there, the group is Stable and every partition has an owner.
  virtual bool group_settled(GroupId group) const = 0;

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
  BrokerList leaving(PartitionId partition) const override;
  std::int32_t controller_epoch_seen(BrokerId broker) const override {
    return cluster_->broker(broker).controller_epoch_seen();
  }
  GroupView group(BrokerId coordinator, GroupId group) const override;
  ProducerCounts producer(std::uint32_t index) const override;
  StateView state(PartitionId partition) const override;
  bool registered(BrokerId broker) const override { return cluster_->registered(broker); }
  std::int64_t registration_owner(BrokerId broker) const override;
  bool session_known(std::uint32_t server, std::int64_t session) const override {
    return cluster_->zookeeper()[server].tree().find_session(session) != nullptr;
  }
  std::int64_t inherited_zxid(std::uint32_t server) const override {
    return cluster_->zookeeper()[server].inherited_zxid();
  }
  bool has_ephemerals(std::uint32_t server, std::int64_t session) const override {
    return cluster_->zookeeper()[server].tree().ephemerals(session) != nullptr;
  }
  bool alive(ProcessId process) const override { return cluster_->alive(process); }
  bool calm() const override;
  bool running(BrokerId broker) const override {
    return cluster_->broker(broker).state() == BrokerState::kRunning;
  }
  std::int64_t broker_epoch(BrokerId broker) const override {
    return cluster_->broker(broker).broker_epoch();
  }
  bool acts_as_controller(BrokerId broker) const override {
    return cluster_->broker(broker).controller().active();
  }
  std::int64_t broker_epoch_known(BrokerId controller, BrokerId broker) const override;
  const MetadataCache& metadata(BrokerId broker) const override {
    return cluster_->broker(broker).metadata();
  }
  Duration stretched(Duration bound) const override;
  Time oldest_pending(std::uint32_t producer) const override;
  PositionView position(GroupId group, PartitionId partition) const override;
  BrokerId read_from(ProcessId consumer, PartitionId partition) const override {
    return cluster_->consumers()[cluster_->catalog().process(consumer).index].source(partition);
  }
  CommitView committed(BrokerId coordinator, GroupId group, PartitionId partition) const override;
  bool group_settled(GroupId group) const override;

 private:
  const ZkServer& authority() const;
  const Cluster* cluster_;
};

}  // namespace isrlab::model
