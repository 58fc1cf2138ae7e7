// What a log goes by: the settings of its topic or, where the topic says nothing, of its broker
// (LogConfig.java of Kafka 3.9; reference replication.md section 8.2), and the moment of a call.
#pragma once
#include <cstdint>
#include <limits>

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

/// Historic bugs that live in the log; all off is Kafka 3.9.
struct LogBugs {
  bool noop_truncate_keeps_epochs = false;          // KAFKA-10706
  bool full_truncate_keeps_high_watermark = false;  // KAFKA-9491, KAFKA-3978
  bool producers_leave_with_records = false;        // KAFKA-7190
  bool follower_rejects_unknown_sequence = false;   // KAFKA-6003
  bool appends_after_io_error = false;  // KAFKA-10778: a directory that fails is not given up, and
                                        // what is appended from then on dies with the process
};

/// Under what circumstances a log is changed.
struct LogContext {
  const LogConfig* config = &kDefaultLogConfig;
  sim::Time now = 0;              // the broker's wall clock
  sim::Random* jitter = nullptr;  // the stream of segment.jitter.ms; null: no jitter
  LogBugs bugs;
};

}  // namespace isrlab::model
