// Throttled replication on the follower's side and the consumers that read from a follower
// (AbstractFetcherThread.shouldFollowerThrottle, ReplicaFetcherThread.doWork). Reference sections
// 3.1, 5.5 and 7.
#include "model/broker/broker.hpp"

namespace isrlab::model {

bool Broker::follower_throttles(const FetcherPartition& entry, Out& out) {
  const bool in_sync = entry.lag == 0;
  return !in_sync && out.catalog().follower_throttled(entry.partition, id_) &&
         follower_quota_.exceeded(out.now());
}

void Broker::count_throttled(PartitionId partition, std::span<const Batch> batches, Out& out) {
  if (!out.catalog().follower_throttled(partition, id_)) return;
  std::int64_t bytes = 0;
  for (const Batch& batch : batches) bytes += batch.bytes;
  follower_quota_.record(bytes, out.now());
}

void Broker::recheck_consumers(Out& out) {
  for (const PartitionId id : advanced_) {
    Replica* replica = hosted(id);
    if (replica != nullptr) partition_changed(*replica, out);
  }
  advanced_.clear();
}

}  // namespace isrlab::model
