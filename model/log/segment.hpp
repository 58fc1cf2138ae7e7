// One segment of a log: a range of batch numbers in the log's BatchStore, with what the roll rules
// and retention ask of it (LogSegment.java, OffsetIndex.java, TimeIndex.java of Kafka 3.9;
// reference replication.md section 1.6).
#pragma once
#include <algorithm>
#include <limits>

#include "model/log/batch_store.hpp"
#include "model/log/log_config.hpp"

namespace isrlab::model {

inline constexpr sim::Time kNoTimestamp = std::numeric_limits<sim::Time>::min();

/// One append, which may be several batches of a leader's answer.
struct AppendedSet {
  std::int64_t last_offset = 0;
  std::int64_t bytes = 0;
  sim::Time first_timestamp = kNoTimestamp;
  sim::Time largest_timestamp = kNoTimestamp;
};

struct Segment {
  static constexpr std::int64_t kOffsetIndexEntry = 8;
  static constexpr std::int64_t kTimeIndexEntry = 12;

  std::int64_t base_offset = 0;
  std::int64_t position = 0;    // bytes of all batches before it, those that are gone included
  std::size_t first_batch = 0;  // number in the store
  sim::Time first_timestamp = kNoTimestamp;
  sim::Time largest_timestamp = kNoTimestamp;  // of its records; kNoTimestamp: it has none
  Duration jitter = 0;                         // segment.jitter.ms, drawn when it was created
  std::int64_t bytes_since_index = 0;
  std::int32_t offset_entries = 0;
  std::int32_t time_entries = 0;
  sim::Time indexed_timestamp = kNoTimestamp;

  /// Must a new segment begin before these batches? `size` is that of this segment. Every record of
  /// the model has a timestamp, so the age of the file never decides.
  bool should_roll(const AppendedSet& set, std::int64_t size, const LogConfig& config) const {
    constexpr std::int64_t kRelativeMax = std::numeric_limits<std::int32_t>::max();
    if (size > config.segment_bytes - set.bytes) return true;
    if (size > 0 && first_timestamp != kNoTimestamp &&
        set.largest_timestamp - first_timestamp > config.segment_time - jitter) {
      return true;
    }
    const bool offsets_full = offset_entries >= config.segment_index_bytes / kOffsetIndexEntry;
    const bool times_full = time_entries >= config.segment_index_bytes / kTimeIndexEntry - 1;
    return offsets_full || times_full || set.last_offset - base_offset > kRelativeMax;
  }

  void note(const AppendedSet& set, std::int64_t index_interval) {
    if (first_timestamp == kNoTimestamp) first_timestamp = set.first_timestamp;
    largest_timestamp = std::max(largest_timestamp, set.largest_timestamp);
    if (bytes_since_index > index_interval) {
      ++offset_entries;
      if (largest_timestamp > indexed_timestamp) {
        ++time_entries;
        indexed_timestamp = largest_timestamp;
      }
      bytes_since_index = 0;
    }
    bytes_since_index += set.bytes;
  }

  /// What note() has gathered, anew from the batches: after a cut of the active segment.
  void rescan(const BatchStore& store, const LogConfig& config);
  /// Uniform in [0, min(segment.jitter.ms, segment.ms)); no draw while the jitter is 0.
  static Duration draw_jitter(const LogContext& context);
};

}  // namespace isrlab::model
