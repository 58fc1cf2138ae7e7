// What a log goes by: the settings of its topic or, where the topic says nothing, of its broker
// (LogConfig.java of Kafka 3.9; reference replication.md section 8.2), and the moment of a call.
#pragma once
#include <cstdint>
#include <limits>

#include "model/bugs.hpp"
#include "sim/random.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

using sim::Duration;

struct LogConfig {
  std::int64_t segment_bytes = 1'073'741'824;
  Duration segment_time = 168 * 3600 * sim::kSecond;  // segment.ms
  Duration segment_jitter = 0;
  std::int64_t segment_index_bytes = 10'485'760;
  std::int64_t index_interval_bytes = 4096;
  std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();
  Duration flush_time = sim::kNever;                    // flush.ms
  std::int64_t retention_bytes = -1;                    // below 0: no limit
  Duration retention_time = 168 * 3600 * sim::kSecond;  // retention.ms, below 0: no limit
  Duration file_delete_delay = 60 * sim::kSecond;
  std::int64_t max_message_bytes = 1'048'588;
  Duration producer_id_expiration = 86'400 * sim::kSecond;
  bool deletes = true;  // cleanup.policy has delete; without it only rule 1 of retention acts

  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};
inline constexpr LogConfig kDefaultLogConfig{};

/// Under what circumstances a log is changed.
struct LogContext {
  const LogConfig* config = &kDefaultLogConfig;
  sim::Time now = 0;              // the broker's wall clock
  sim::Random* jitter = nullptr;  // the stream of segment.jitter.ms; null: no jitter
  BugSet bugs = 0;

  bool bug(Bug which) const { return has_bug(bugs, which); }
};

}  // namespace isrlab::model
