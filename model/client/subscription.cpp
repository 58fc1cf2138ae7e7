#include "model/client/subscription.hpp"

#include <algorithm>

namespace isrlab::model {

SubscriptionState::SubscriptionState(const Catalog& catalog, const std::vector<TopicId>& topics)
    : local_(catalog.partition_count(), -1) {
  for (const TopicId topic : topics) {
    const TopicInfo& info = catalog.topic(topic);
    for (std::int32_t i = 0; i < info.partitions; ++i) {
      const PartitionId id = info.first + static_cast<PartitionId>(i);
      local_[id] = static_cast<std::int32_t>(partitions_.size());
      partitions_.emplace_back();
      partitions_.back().partition = id;
    }
  }
}

void SubscriptionState::assign(const std::vector<PartitionId>& partitions) {
  revoke_all();
  for (const PartitionId id : partitions) {
    SubscribedPartition* entry = find(id);
    if (entry == nullptr) continue;
    entry->assigned = true;
    entry->state = PositionState::kInitializing;
    entry->position = -1;
    entry->offset_epoch = -1;
    entry->preferred = kNoBroker;
    entry->reset_retry_at = 0;
    entry->reset_node = kNone;
    entry->reset_out_of_range = false;
    assignment_.push_back(id);
    if (!entry->tracked) {
      entry->tracked = true;
      tracked_.push_back(index_of(*entry));
    }
  }
}

void SubscriptionState::revoke_all() {
  for (const PartitionId id : assignment_) {
    SubscribedPartition& entry = *find(id);
    entry.assigned = false;
    entry.pending_revocation = false;
  }
  assignment_.clear();
}

void SubscriptionState::mark_pending_revocation() {
  for (const PartitionId id : assignment_) find(id)->pending_revocation = true;
}

void SubscriptionState::prune() {
  std::size_t kept = 0;
  for (const std::uint32_t index : tracked_) {
    SubscribedPartition& entry = partitions_[index];
    entry.tracked = entry.assigned || entry.session_node != kNone;
    if (entry.tracked) tracked_[kept++] = index;
  }
  tracked_.resize(kept);
}

void SubscriptionState::drop_buffer(SubscribedPartition& entry) {
  // Data that was not used must be sent again: tell the broker the position anew.
  if (entry.error != Error::kNone || !entry.started) entry.sent_offset = -1;
  entry.buffered = false;
  entry.started = false;
  entry.error = Error::kNone;
  entry.batches.clear();
  entry.next_batch = 0;
}

void SubscriptionState::reset() {
  for (SubscribedPartition& entry : partitions_) {
    const PartitionId id = entry.partition;
    entry = SubscribedPartition();
    entry.partition = id;
  }
  assignment_.clear();
  tracked_.clear();
  buffer_.clear();
}

}  // namespace isrlab::model
