// Committed offsets of one group. Of several commits in flight for a partition the one with the
// highest log position wins, not the last to be acknowledged.
// Source: GroupMetadata#onOffsetCommitAppend; reference clients-and-groups.md section 3.6.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/ids.hpp"

namespace isrlab::model {

struct CommittedOffset {
  PartitionId partition = 0;
  std::int32_t leader_epoch = -1;
  std::int64_t offset = -1;
  std::int64_t log_position = -1;  // base offset of the commit's batch in __consumer_offsets
};

class CommittedOffsets {
 public:
  /// False if a commit with a higher log position is there already.
  bool put(const CommittedOffset& commit) {
    const auto at = position_of(commit.partition);
    if (at == offsets_.end() || at->partition != commit.partition) {
      offsets_.insert(at, commit);
      return true;
    }
    if (at->log_position > commit.log_position) return false;
    *at = commit;
    return true;
  }
  const CommittedOffset* find(PartitionId partition) const {
    const auto at = const_cast<CommittedOffsets*>(this)->position_of(partition);
    return at != offsets_.end() && at->partition == partition ? &*at : nullptr;
  }
  /// By rising partition.
  const std::vector<CommittedOffset>& all() const { return offsets_; }

 private:
  std::vector<CommittedOffset>::iterator position_of(PartitionId partition) {
    return std::lower_bound(
        offsets_.begin(), offsets_.end(), partition,
        [](const CommittedOffset& commit, PartitionId id) { return commit.partition < id; });
  }
  std::vector<CommittedOffset> offsets_;
};

}  // namespace isrlab::model
