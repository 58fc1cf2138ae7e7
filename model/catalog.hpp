// Names and numbers of everything a scenario mentions, built once from the specification and shared
// by all copies of a world: processes, hosts, topics, partitions, groups. Read only during a run.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/log/log_config.hpp"
#include "model/spec.hpp"

namespace isrlab::model {

enum class ProcessKind : std::uint8_t { kZooKeeper, kBroker, kProducer, kConsumer, kAdmin };

inline constexpr std::string_view kOffsetsTopicName = "__consumer_offsets";

struct ProcessInfo {
  ProcessKind kind = ProcessKind::kAdmin;
  std::uint32_t index = 0;  // within its kind
  sim::HostId host = 0;
  std::string name;  // broker-1, zk-2, p1, billing-3, admin
  std::string rack;
};

struct TopicInfo {
  std::string name;
  PartitionId first = 0;  // its partitions are first .. first + partitions - 1
  std::int32_t partitions = 0;
  std::int32_t replication_factor = 1;
  TopicConfig config;
  std::vector<BrokerList> assignment;  // manual placement, or empty
  bool internal = false;               // __consumer_offsets
  ThrottledReplicas leader_throttled;
  ThrottledReplicas follower_throttled;
};

struct PartitionInfo {
  TopicId topic = 0;
  std::int32_t number = 0;
};

struct GroupInfo {
  std::string name;
  std::uint32_t spec = 0;          // index in ClusterSpec::groups
  std::uint32_t first_member = 0;  // consumer index of its first member
  std::uint32_t members = 0;
  std::vector<TopicId> topics;
  RackId client_rack = kNoRack;
  PartitionId offsets_partition = 0;  // abs(String.hashCode) mod offsets.topic.num.partitions
};

struct ConsumerInfo {
  GroupId group = 0;
  std::uint32_t member = 0;  // 0-based
};

class Catalog {
 public:
  explicit Catalog(ClusterSpec spec);

  const ClusterSpec& spec() const { return spec_; }
  const std::vector<ProcessInfo>& processes() const { return processes_; }
  const ProcessInfo& process(ProcessId id) const { return processes_[id]; }
  std::uint32_t broker_count() const { return static_cast<std::uint32_t>(spec_.brokers.size()); }
  std::uint32_t zookeeper_count() const {
    return static_cast<std::uint32_t>(spec_.zookeeper.size());
  }
  // Processes are numbered ZooKeeper servers, brokers, producers, consumers, admin.
  ProcessId zookeeper_process(std::uint32_t index) const { return index; }
  ProcessId broker_process(BrokerId id) const {
    return zookeeper_count() + static_cast<std::uint32_t>(id - 1);
  }
  ProcessId producer_process(std::uint32_t index) const {
    return zookeeper_count() + broker_count() + index;
  }
  ProcessId consumer_process(std::uint32_t index) const { return first_consumer_ + index; }
  ProcessId admin_process() const { return static_cast<ProcessId>(processes_.size()) - 1; }
  /// Broker ids are 1..n; -1 if the process is not a broker.
  BrokerId broker_of(ProcessId process) const {
    return processes_[process].kind == ProcessKind::kBroker
               ? static_cast<BrokerId>(processes_[process].index + 1)
               : kNoBroker;
  }
  const BrokerConfig& broker_config(BrokerId id) const {
    return spec_.brokers[static_cast<std::size_t>(id - 1)].config;
  }

  const std::vector<TopicInfo>& topics() const { return topics_; }
  const TopicInfo& topic(TopicId id) const { return topics_[id]; }
  TopicId offsets_topic() const { return static_cast<TopicId>(topics_.size()) - 1; }
  std::uint32_t partition_count() const { return static_cast<std::uint32_t>(partitions_.size()); }
  const PartitionInfo& partition(PartitionId id) const { return partitions_[id]; }
  /// `orders-0`.
  std::string partition_name(PartitionId id) const;
  std::string path_of_state(PartitionId id) const;  // /brokers/topics/<t>/partitions/<p>/state

  const std::vector<GroupInfo>& groups() const { return groups_; }
  const GroupInfo& group(GroupId id) const { return groups_[id]; }
  const ConsumerInfo& consumer(std::uint32_t index) const { return consumers_[index]; }
  std::uint32_t consumer_count() const { return static_cast<std::uint32_t>(consumers_.size()); }

  /// min.insync.replicas and friends: the topic's own value or the broker's.
  std::int64_t min_insync_replicas(TopicId topic, BrokerId broker) const;
  bool unclean_leader_election(TopicId topic, BrokerId broker) const;
  /// A historic bug is switched on, or a replication protocol from before fencing: then isrlab
  /// promises nothing, and counts what breaks.
  bool historic() const;
  /// What the logs of the topic go by on the broker.
  const LogConfig& log_config(TopicId topic, BrokerId broker) const {
    return log_configs_[log_config_of_[topic * broker_count() +
                                       static_cast<std::uint32_t>(broker - 1)]];
  }

  /// broker.rack.
  RackId broker_rack(BrokerId id) const { return broker_racks_[static_cast<std::size_t>(id - 1)]; }
  /// Do the leader at this broker, or this broker as a follower, count the partition as throttled?
  bool leader_throttled(PartitionId id, BrokerId broker) const {
    const PartitionInfo& info = partitions_[id];
    return topics_[info.topic].leader_throttled.contains(info.number, broker);
  }
  bool follower_throttled(PartitionId id, BrokerId broker) const {
    const PartitionInfo& info = partitions_[id];
    return topics_[info.topic].follower_throttled.contains(info.number, broker);
  }

  std::optional<TopicId> find_topic(std::string_view name) const;
  std::optional<PartitionId> find_partition(std::string_view topic, std::int32_t number) const;
  std::optional<GroupId> find_group(std::string_view name) const;
  std::optional<ProcessId> find_process(std::string_view name) const;

  sim::NetworkSpec network_spec() const;

 private:
  void add_offsets_topic();
  void add_log_configs();
  RackId rack_id(const std::string& name);
  ClusterSpec spec_;
  std::vector<ProcessInfo> processes_;
  std::uint32_t first_consumer_ = 0;
  std::vector<TopicInfo> topics_;
  std::vector<PartitionInfo> partitions_;
  std::vector<GroupInfo> groups_;
  std::vector<ConsumerInfo> consumers_;
  std::vector<LogConfig> log_configs_;        // each once
  std::vector<std::uint32_t> log_config_of_;  // by topic and broker
  std::vector<std::string> racks_;
  std::vector<RackId> broker_racks_;
};

/// Topic over broker, and the broker's finer units over the coarser ones. `compacted`: an internal
/// topic whose records retention leaves alone.
LogConfig resolve_log_config(const TopicConfig& topic, const BrokerConfig& broker, bool compacted);

/// Java's String.hashCode over UTF-16 units of UTF-8 text.
std::int32_t java_string_hash(std::string_view utf8);
/// Utils.abs: |n|, 0 for the smallest int.
std::int32_t java_abs(std::int32_t value);
/// Utils.murmur2 over bytes; Utils.toPositive is a mask, not abs.
std::int32_t murmur2(std::string_view bytes);
inline std::int32_t to_positive(std::int32_t value) {
  return value & 0x7fffffff;
}

}  // namespace isrlab::model
