// What a consumer knows of each partition of its topics: assignment, position, the data it has
// fetched, and its place in a fetch session (SubscriptionState, FetchBuffer, CompletedFetch,
// FetchSessionHandler, 3.9; reference clients-and-groups.md 2.7, 2.8).
#pragma once
#include <vector>

#include "model/catalog.hpp"
#include "model/client/network_client.hpp"
#include "model/protocol/batch.hpp"

namespace isrlab::model {

enum class PositionState : std::uint8_t {
  kInitializing,  // no position: the committed offset is asked for
  kFetching,      // the only state in which it is fetched
  kAwaitReset,    // the reset policy decides: an offset is asked for
};

struct SubscribedPartition {
  PartitionId partition = 0;
  bool assigned = false;
  bool pending_revocation = false;  // a rebalance began: neither fetched nor returned any more
  PositionState state = PositionState::kInitializing;
  std::int64_t position = -1;      // next offset to return
  std::int32_t offset_epoch = -1;  // leader epoch of the last record returned
  std::int64_t committed = -1;     // what the group last confirmed to this member, -1 = unknown
  std::int64_t high_watermark = -1;

  Time reset_retry_at = 0;
  NodeIndex reset_node = kNone;  // asked for an offset
  bool reset_out_of_range = false;

  // Fetch session: what the broker was told.
  NodeIndex session_node = kNone;
  std::int64_t sent_offset = -1;
  std::int32_t sent_epoch = -1;
  bool tracked = false;  // in the list of partitions to look at

  // KIP-392: the follower that the leader named, and of which leader and until when it counts.
  BrokerId preferred = kNoBroker;
  BrokerId preferred_by = kNoBroker;
  std::int32_t preferred_epoch = -1;
  Time preferred_until = 0;

  // Fetched and not yet returned.
  BrokerId source = kNoBroker;  // the broker of the latest data
  bool buffered = false;
  bool started = false;
  Error error = Error::kNone;
  std::int64_t fetch_offset = -1;
  std::uint32_t next_batch = 0;
  std::vector<Batch> batches;

  bool has_position() const { return state == PositionState::kFetching; }
  bool fetchable() const {
    return assigned && !pending_revocation && state == PositionState::kFetching && !buffered;
  }
};

class SubscriptionState {
 public:
  SubscriptionState() = default;
  SubscriptionState(const Catalog& catalog, const std::vector<TopicId>& topics);

  SubscribedPartition* find(PartitionId partition) {
    const std::int32_t at = local_[partition];
    return at < 0 ? nullptr : &partitions_[static_cast<std::size_t>(at)];
  }
  const SubscribedPartition* find(PartitionId partition) const {
    return const_cast<SubscriptionState*>(this)->find(partition);
  }
  SubscribedPartition& operator[](std::uint32_t index) { return partitions_[index]; }
  const SubscribedPartition& operator[](std::uint32_t index) const { return partitions_[index]; }

  /// EAGER: everything is added, so every partition starts without a position.
  void assign(const std::vector<PartitionId>& partitions);
  void revoke_all();
  void mark_pending_revocation();
  const std::vector<PartitionId>& assignment() const { return assignment_; }

  /// Indices of partitions that are assigned or in a fetch session.
  const std::vector<std::uint32_t>& tracked() const { return tracked_; }
  /// Forgets those that are neither any more.
  void prune();
  void reset();

  /// Partitions with fetched data, in the order of arrival.
  Ring<std::uint32_t>& buffer() { return buffer_; }
  std::uint32_t index_of(const SubscribedPartition& partition) const {
    return static_cast<std::uint32_t>(&partition - partitions_.data());
  }
  void drop_buffer(SubscribedPartition& partition);

 private:
  std::vector<std::int32_t> local_;  // partition -> index, -1 = another topic
  std::vector<SubscribedPartition> partitions_;
  std::vector<PartitionId> assignment_;
  std::vector<std::uint32_t> tracked_;
  Ring<std::uint32_t> buffer_;
};

}  // namespace isrlab::model
