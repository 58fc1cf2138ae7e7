// Log settings: which of a topic's and a broker's values hold (LogConfig.java, KafkaConfig.scala of
// Kafka 3.9; reference replication.md section 8.2).
#include <algorithm>

#include "model/catalog.hpp"

namespace isrlab::model {

namespace {
std::int64_t first_set(std::initializer_list<std::int64_t> values) {
  for (const std::int64_t value : values) {
    if (value != kInherit) return value;
  }
  return kInherit;
}
constexpr std::int64_t kOffsetsSegmentBytes = 104'857'600;  // offsets.topic.segment.bytes
}  // namespace

LogConfig resolve_log_config(const TopicConfig& topic, const BrokerConfig& broker, bool compacted) {
  LogConfig config;
  config.segment_bytes = first_set({topic.segment_bytes, broker.log_segment_bytes});
  config.segment_time =
      first_set({topic.segment_time, broker.log_roll_time, broker.log_roll_hours});
  config.segment_jitter =
      first_set({topic.segment_jitter, broker.log_roll_jitter, broker.log_roll_jitter_hours});
  config.segment_index_bytes =
      first_set({topic.segment_index_bytes, broker.log_index_size_max_bytes});
  config.index_interval_bytes =
      first_set({topic.index_interval_bytes, broker.log_index_interval_bytes});
  config.flush_messages = first_set({topic.flush_messages, broker.log_flush_interval_messages});
  config.flush_time =
      first_set({topic.flush_time, broker.log_flush_interval, broker.log_flush_scheduler_interval});
  config.retention_bytes = first_set({topic.retention_bytes, broker.log_retention_bytes});
  config.retention_time = first_set({topic.retention_time, broker.log_retention_time,
                                     broker.log_retention_minutes, broker.log_retention_hours});
  config.file_delete_delay = first_set({topic.file_delete_delay, broker.log_segment_delete_delay});
  config.max_message_bytes = first_set({topic.max_message_bytes, broker.message_max_bytes});
  config.producer_id_expiration = broker.producer_id_expiration;
  config.deletes = !compacted;
  if (compacted) config.segment_bytes = kOffsetsSegmentBytes;
  return config;
}

void Catalog::add_log_configs() {
  for (const TopicInfo& topic : topics_) {
    for (const BrokerSpec& broker : spec_.brokers) {
      const LogConfig config = resolve_log_config(topic.config, broker.config, topic.internal);
      auto at = std::find(log_configs_.begin(), log_configs_.end(), config);
      if (at == log_configs_.end()) at = log_configs_.insert(at, config);
      log_config_of_.push_back(static_cast<std::uint32_t>(at - log_configs_.begin()));
    }
  }
}

}  // namespace isrlab::model
