// What a cluster and its load consist of, after defaults: the input of the world. Immutable during
// a run and shared by all copies of a world.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/settings.hpp"
#include "sim/network.hpp"

namespace isrlab::model {

struct BrokerSpec {
  std::int32_t id = 0;  // broker.id; names are broker-<id>
  std::string rack;
  BrokerConfig config;
};

struct ZooKeeperServerSpec {
  std::int32_t id = 0;  // myid; names are zk-<id>
  std::string rack;
};

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication_factor = 1;
  TopicConfig config;
  /// Manual placement, one list of broker ids per partition; empty = Kafka's own algorithm.
  std::vector<std::vector<std::int32_t>> assignment;
};

/// A constant-rate load. Records are numbered per producer and partition.
struct ProducerSpec {
  std::string name;
  std::string topic;
  std::string rack;
  Duration interval = 10 * sim::kMillisecond;  // between two sends; 0 = never sends
  std::int64_t limit = -1;                     // records in total, -1 = no limit
  std::int32_t record_bytes = 1024;            // value size
  std::int32_t key_count = 0;                  // 0 = no keys; else keys "key<k>", k drawn uniformly
  std::int32_t partition = -1;                 // >= 0: the record's explicit partition
  sim::Time start = 0;                         // earliest start; never before the topics exist
  sim::Time stop = sim::kNever;
  ProducerConfig config;
};

struct ConsumerGroupSpec {
  std::string group;
  std::vector<std::string> topics;
  std::int32_t members = 1;  // names are <group>-<n>, n from 1
  std::string rack;
  sim::Time start = 0;
  Duration processing = 0;  // per record, between polls
  ConsumerConfig config;
};

struct ClusterSpec {
  std::vector<BrokerSpec> brokers;
  std::vector<ZooKeeperServerSpec> zookeeper;
  ZooKeeperConfig zookeeper_config;
  std::vector<TopicSpec> topics;
  std::vector<ProducerSpec> producers;
  std::vector<ConsumerGroupSpec> groups;
  sim::LinkSpec within_rack;
  sim::LinkSpec between_racks{800 * sim::kMicrosecond, 200 * sim::kMicrosecond, 0};
  /// Explicit links: names are hosts (broker-1, zk-2, a client's name) or rack:<name>.
  struct Link {
    std::string left;
    std::string right;
    sim::LinkSpec link;
  };
  std::vector<Link> links;
  std::int64_t nic_bytes_per_second = 0;
  std::int64_t disk_bytes_per_second = 250'000'000;
  Duration disk_fsync_latency = 2 * sim::kMillisecond;
  /// Process start of a broker until it connects to ZooKeeper, drawn uniformly.
  Duration broker_startup_min = 1500 * sim::kMillisecond;
  Duration broker_startup_max = 2500 * sim::kMillisecond;
  /// From the registration in ZooKeeper until its port accepts connections, drawn uniformly.
  Duration broker_opening_min = 270 * sim::kMillisecond;
  Duration broker_opening_max = 520 * sim::kMillisecond;
  /// A broker whose registration was refused (its old session still lives) exits; a supervisor
  /// starts it again after this.
  Duration broker_supervisor_restart = 5 * sim::kSecond;
};

}  // namespace isrlab::model
