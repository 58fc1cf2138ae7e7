// Which leader epoch starts at which offset, per replica: the map by which a follower and a leader
// find the point where their logs part. Survives every crash (Kafka fsyncs it on each assign).
// Source: LeaderEpochFileCache.java (3.9); reference replication.md section 1.5.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace isrlab::model {

inline constexpr std::int32_t kUndefinedEpoch = -1;
inline constexpr std::int64_t kUndefinedOffset = -1;

struct EpochEntry {
  std::int32_t epoch = kUndefinedEpoch;
  std::int64_t start_offset = kUndefinedOffset;
  friend bool operator==(const EpochEntry&, const EpochEntry&) = default;
};

/// The end (exclusive) of an epoch: of `epoch`, which may be lower than the one asked for.
struct EpochEnd {
  std::int32_t epoch = kUndefinedEpoch;
  std::int64_t end_offset = kUndefinedOffset;
  bool defined() const { return epoch >= 0 && end_offset >= 0; }
  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

class LeaderEpochCache {
 public:
  /// Notes that the epoch starts at the offset, unless it is known to start at or below it; removes
  /// what contradicts it. A negative epoch or offset is an internal error.
  void assign(std::int32_t epoch, std::int64_t start_offset) {
    if (epoch == latest_.epoch && start_offset >= latest_.start_offset) return;
    assign_new(epoch, start_offset);
  }
  /// (-1, -1) when the epoch is undefined or newer than every known one.
  EpochEnd end_offset_for(std::int32_t epoch, std::int64_t log_end_offset) const;
  /// Drops the entries that start at or above the offset; a negative offset changes nothing.
  void truncate_from_end(std::int64_t end_offset);
  /// Drops the entries that start at or below the offset, but the last of them starts there now.
  void truncate_from_start(std::int64_t start_offset);
  void clear();

  std::optional<std::int32_t> epoch_for_offset(std::int64_t offset) const;
  /// -1 when there is no entry.
  std::int32_t latest_epoch() const { return latest_.epoch; }
  bool empty() const { return latest_.epoch == kUndefinedEpoch; }
  std::size_t size() const { return empty() ? 0 : older_.size() + 1; }
  /// Entries by rising epoch.
  const EpochEntry& operator[](std::size_t index) const {
    return index < older_.size() ? older_[index] : latest_;
  }

 private:
  void assign_new(std::int32_t epoch, std::int64_t start_offset);
  void push(const EpochEntry& entry);
  void pop();

  // The latest entry lives inside: a replica that has seen one leader epoch allocates nothing, and
  // the check of every append reads no other memory.
  EpochEntry latest_;
  std::vector<EpochEntry> older_;
};

}  // namespace isrlab::model
