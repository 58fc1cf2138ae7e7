// Settings of Kafka 3.9 and ZooKeeper 3.8 under their own dotted names, with defaults and ranges.
// One table per owner: the loader, the JSON Schema, `isrlab list settings` and the docs read it.
// Sources: reference tables of ReplicationConfigs, ServerConfigs, ZkConfigs,
// GroupCoordinatorConfig, ProducerConfig, ConsumerConfig, LogConfig (Kafka 3.9.0); ZooKeeperServer
// (ZooKeeper 3.8). Values are integers (durations in nanoseconds, sizes in bytes, booleans 0/1) but
// for a few texts.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/bugs.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

using sim::Duration;

enum class SettingType : std::uint8_t {
  kMilliseconds,  // Kafka counts milliseconds; stored in nanoseconds
  kSeconds,       // ... in seconds (leader.imbalance.check.interval.seconds)
  kMinutes,       // ... in minutes (log.retention.minutes)
  kHours,         // ... in hours (log.retention.hours)
  kCount,
  kBytes,
  kBoolean,
  kPercent,
  kAcks,         // all / -1, 0, 1; stored -1, 0, 1
  kOffsetReset,  // earliest 0, latest 1, none 2
  kAssignor,     // range 0
  kSelector,     // replica.selector.class: LeaderSelector 1, RackAwareReplicaSelector 2
  kProtocol,     // a ReplicationProtocol
  kPolicy,       // cleanup.policy: delete 0; compaction is not modelled
};

/// -2 = not set: another value holds (the broker's for a topic's, log.roll.hours for log.roll.ms).
inline constexpr std::int64_t kInherit = -2;
/// Kafka's 9223372036854775807 ms: never.
inline constexpr std::int64_t kLongMax =
    std::numeric_limits<std::int64_t>::max() / sim::kMillisecond * sim::kMillisecond;

struct BrokerConfig {
  std::int64_t zookeeper_session_timeout = 18 * sim::kSecond;
  std::int64_t zookeeper_connection_timeout = 18 * sim::kSecond;
  std::int64_t zookeeper_max_in_flight_requests = 10;
  std::int64_t request_timeout = 30 * sim::kSecond;
  std::int64_t controller_socket_timeout = 30 * sim::kSecond;
  std::int64_t socket_connection_setup_timeout = 10 * sim::kSecond;
  std::int64_t socket_connection_setup_timeout_max = 30 * sim::kSecond;
  std::int64_t controlled_shutdown_enable = 1;
  std::int64_t controlled_shutdown_max_retries = 3;
  std::int64_t controlled_shutdown_retry_backoff = 5 * sim::kSecond;
  std::int64_t auto_leader_rebalance_enable = 1;
  std::int64_t leader_imbalance_check_interval = 300 * sim::kSecond;
  std::int64_t leader_imbalance_per_broker_percentage = 10;
  std::int64_t unclean_leader_election_enable = 0;
  std::int64_t min_insync_replicas = 1;
  std::int64_t default_replication_factor = 1;
  std::int64_t num_partitions = 1;
  std::int64_t message_max_bytes = 1'048'588;
  std::int64_t replica_lag_time_max = 30 * sim::kSecond;
  std::int64_t replica_fetch_wait_max = 500 * sim::kMillisecond;
  std::int64_t replica_fetch_min_bytes = 1;
  std::int64_t replica_fetch_max_bytes = 1'048'576;
  std::int64_t replica_fetch_response_max_bytes = 10'485'760;
  std::int64_t replica_fetch_backoff = 1 * sim::kSecond;
  std::int64_t num_replica_fetchers = 1;
  std::int64_t replica_socket_timeout = 30 * sim::kSecond;
  std::int64_t replica_high_watermark_checkpoint_interval = 5 * sim::kSecond;
  std::int64_t log_dirs = 1;
  std::int64_t num_recovery_threads_per_data_dir = 1;
  std::int64_t log_segment_bytes = 1'073'741'824;
  std::int64_t log_roll_time = kInherit;
  std::int64_t log_roll_hours = 168 * 3600 * sim::kSecond;
  std::int64_t log_roll_jitter = kInherit;
  std::int64_t log_roll_jitter_hours = 0;
  std::int64_t log_index_size_max_bytes = 10'485'760;
  std::int64_t log_index_interval_bytes = 4096;
  std::int64_t log_flush_interval_messages = std::numeric_limits<std::int64_t>::max();
  std::int64_t log_flush_interval = kInherit;
  std::int64_t log_flush_scheduler_interval = kLongMax;
  std::int64_t log_flush_offset_checkpoint_interval = 60 * sim::kSecond;
  std::int64_t log_flush_start_offset_checkpoint_interval = 60 * sim::kSecond;
  std::int64_t log_retention_bytes = -1;
  std::int64_t log_retention_time = kInherit;
  std::int64_t log_retention_minutes = kInherit;
  std::int64_t log_retention_hours = 168 * 3600 * sim::kSecond;
  std::int64_t log_retention_check_interval = 300 * sim::kSecond;
  std::int64_t log_initial_task_delay = 30 * sim::kSecond;
  std::int64_t log_cleanup_policy = 0;
  std::int64_t log_segment_delete_delay = 60 * sim::kSecond;
  std::int64_t producer_id_expiration = 86'400 * sim::kSecond;
  std::int64_t producer_id_expiration_check_interval = 600 * sim::kSecond;
  std::int64_t fetch_max_bytes = 57'671'680;
  std::int64_t replica_selector = 0;  // 0: not set, consumers read from the leader
  std::int64_t leader_replication_throttled_rate = std::numeric_limits<std::int64_t>::max();
  std::int64_t follower_replication_throttled_rate = std::numeric_limits<std::int64_t>::max();
  std::int64_t replication_quota_window_num = 11;
  std::int64_t replication_quota_window_size = 1 * sim::kSecond;
  std::int64_t offsets_topic_num_partitions = 50;
  std::int64_t offsets_topic_replication_factor = 3;
  std::int64_t offsets_commit_timeout = 5 * sim::kSecond;
  std::int64_t group_initial_rebalance_delay = 3 * sim::kSecond;
  std::int64_t group_min_session_timeout = 6 * sim::kSecond;
  std::int64_t group_max_session_timeout = 1800 * sim::kSecond;
  std::int64_t group_max_size = std::numeric_limits<std::int32_t>::max();
  std::int64_t replication_protocol =
      static_cast<std::int64_t>(ReplicationProtocol::kTruncateOnFetch);
  BugSet bugs = 0;  // historic bugs that are switched on

  bool bug(Bug which) const { return has_bug(bugs, which); }
  const ProtocolRules& protocol() const {
    return rules(static_cast<ReplicationProtocol>(replication_protocol));
  }
};

struct TopicConfig {
  std::int64_t min_insync_replicas = kInherit;
  std::int64_t unclean_leader_election_enable = kInherit;
  std::int64_t max_message_bytes = kInherit;
  std::int64_t segment_bytes = kInherit;
  std::int64_t segment_time = kInherit;
  std::int64_t segment_jitter = kInherit;
  std::int64_t segment_index_bytes = kInherit;
  std::int64_t index_interval_bytes = kInherit;
  std::int64_t flush_messages = kInherit;
  std::int64_t flush_time = kInherit;
  std::int64_t retention_bytes = kInherit;
  std::int64_t retention_time = kInherit;
  std::int64_t cleanup_policy = kInherit;
  std::int64_t file_delete_delay = kInherit;
  std::string leader_replication_throttled_replicas;  // "partition:broker,..." or "*"
  std::string follower_replication_throttled_replicas;
};

struct ClientConfig {  // shared by producer and consumer
  std::int64_t request_timeout = 30 * sim::kSecond;
  std::int64_t retry_backoff = 100 * sim::kMillisecond;
  std::int64_t retry_backoff_max = 1 * sim::kSecond;
  std::int64_t reconnect_backoff = 50 * sim::kMillisecond;
  std::int64_t reconnect_backoff_max = 1 * sim::kSecond;
  std::int64_t metadata_max_age = 300 * sim::kSecond;
  std::int64_t connections_max_idle = 540 * sim::kSecond;
  std::int64_t socket_connection_setup_timeout = 10 * sim::kSecond;
  std::int64_t socket_connection_setup_timeout_max = 30 * sim::kSecond;
};

struct ProducerConfig : ClientConfig {
  std::int64_t acks = -1;
  std::int64_t enable_idempotence = 1;
  std::int64_t retries = std::numeric_limits<std::int32_t>::max();
  std::int64_t max_in_flight = 5;
  std::int64_t delivery_timeout = 120 * sim::kSecond;
  std::int64_t linger = 0;
  std::int64_t batch_size = 16'384;
  std::int64_t buffer_memory = 33'554'432;
  std::int64_t max_block = 60 * sim::kSecond;
  std::int64_t max_request_size = 1'048'576;
  std::int64_t partitioner_ignore_keys = 0;
  std::int64_t partitioner_adaptive_partitioning_enable = 1;
};

struct ConsumerConfig : ClientConfig {
  std::int64_t session_timeout = 45 * sim::kSecond;
  std::int64_t heartbeat_interval = 3 * sim::kSecond;
  std::int64_t max_poll_interval = 300 * sim::kSecond;
  std::int64_t max_poll_records = 500;
  std::int64_t auto_offset_reset = 1;
  std::int64_t enable_auto_commit = 1;
  std::int64_t auto_commit_interval = 5 * sim::kSecond;
  std::int64_t fetch_min_bytes = 1;
  std::int64_t fetch_max_wait = 500 * sim::kMillisecond;
  std::int64_t fetch_max_bytes = 52'428'800;
  std::int64_t max_partition_fetch_bytes = 1'048'576;
  std::int64_t default_api_timeout = 60 * sim::kSecond;
  std::int64_t partition_assignment_strategy = 0;
  std::string client_rack;
};

struct ZooKeeperConfig {
  std::int64_t tick_time = 2 * sim::kSecond;
  std::int64_t init_limit = 10;
  std::int64_t sync_limit = 5;
  std::int64_t min_session_timeout = -1;  // -1: 2 ticks
  std::int64_t max_session_timeout = -1;  // -1: 20 ticks
};

template <class Config>
struct Setting {
  std::string_view name;
  SettingType type;
  std::int64_t Config::*member;
  std::int64_t minimum;  // in stored units
  std::int64_t maximum;
  std::string_view what;
};

/// A setting whose value is a text of a form.
enum class TextForm : std::uint8_t {
  kName,               // client.rack
  kThrottledReplicas,  // "0:1,0:2" = partition:broker, "*" = all, "" = none
};
template <class Config>
struct TextSetting {
  std::string_view name;
  TextForm form;
  std::string Config::*member;
  std::string_view what;
};
/// The settings of an owner that are texts; most owners have none.
template <class Config>
std::span<const TextSetting<Config>> text_settings() {
  return {};
}
template <>
std::span<const TextSetting<TopicConfig>> text_settings<TopicConfig>();
template <>
std::span<const TextSetting<ConsumerConfig>> text_settings<ConsumerConfig>();

/// leader.replication.throttled.replicas, follower.replication.throttled.replicas.
struct ThrottledReplicas {
  bool all = false;
  std::vector<std::pair<std::int32_t, std::int32_t>> replicas;  // partition number, broker

  bool empty() const { return !all && replicas.empty(); }
  bool contains(std::int32_t partition, std::int32_t broker) const;
};
/// False if the text is not of that form.
bool parse_throttled_replicas(std::string_view text, ThrottledReplicas& result);

std::span<const Setting<BrokerConfig>> broker_settings();
std::span<const Setting<TopicConfig>> topic_settings();
std::span<const Setting<ProducerConfig>> producer_settings();
std::span<const Setting<ConsumerConfig>> consumer_settings();
std::span<const Setting<ZooKeeperConfig>> zookeeper_settings();

}  // namespace isrlab::model
