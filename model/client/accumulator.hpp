// The records that wait to be sent (RecordAccumulator, BufferPool, 3.9; reference
// clients-and-groups.md 1.3): a queue of batches per partition of the producer's one topic, the
// memory they take, and the rules of when a batch is ready and in which order batches are drained.
// Costs follow the partitions that hold data, not the partitions that exist.
#pragma once
#include <vector>

#include "model/client/backoff.hpp"
#include "model/client/metadata.hpp"
#include "model/client/partitioner.hpp"
#include "model/client/producer_batch.hpp"
#include "model/client/ring.hpp"
#include "model/client/sequences.hpp"
#include "model/settings.hpp"

namespace isrlab::model {

using sim::Time;

class Accumulator {
 public:
  enum class AppendStatus : std::uint8_t { kAppended, kNoMemory };
  struct Append {
    AppendStatus status = AppendStatus::kAppended;
    std::int32_t partition = 0;
    std::uint64_t record = 0;  // its number within the partition
    bool wake_sender = false;  // the batch is new or full
  };
  struct Ready {
    std::vector<BrokerId> nodes;  // leaders of a partition with something to send, ascending
    Time next_check = sim::kNever;
    bool unknown_leader = false;  // data waits for a partition without leader
  };

  Accumulator() = default;
  Accumulator(const ProducerConfig& config, std::int32_t partitions, std::uint32_t brokers);

  /// Takes over the leaders after a change of metadata.
  void set_leaders(const ClientMetadata& metadata, PartitionId first_partition);
  /// partition < 0: the sticky partitioner decides. kNoMemory: nothing was appended.
  Append append(std::int32_t partition, const RecordShape& shape, Time now, sim::Random& random);
  /// Something waits for memory: every batch is sendable until it has been served.
  void set_exhausted(bool exhausted) { exhausted_ = exhausted; }
  bool has_room_for(const RecordShape& shape) const;

  const Ready& ready(Time now, sim::Random& random);
  /// Takes at most one batch of each partition that the node leads; null: not idempotent.
  void drain(BrokerId node, Time now, Sequences* sequences, sim::Random& random,
             std::vector<BatchIndex>& drained);
  /// Puts a failed batch back: attempts + 1; by sequence if it has one, else at the head.
  void reenqueue(BatchIndex index, Time now);
  /// Takes the batches that are too old out of the queues; returns when the next one will be.
  Time expire(Time now, Duration delivery_timeout, std::vector<BatchIndex>& expired);
  /// The user knows the result: memory returns. The batch itself lives until its answer is in.
  void complete(BatchIndex index);
  /// The last trace of a batch is gone.
  void release(BatchIndex index) { batches_.release(index); }

  void mute(std::int32_t partition) { queue(partition).muted = true; }
  void unmute(std::int32_t partition) { queue(partition).muted = false; }
  void crash();  // everything but the numbers of records

  BatchPool& batches() { return batches_; }
  const BatchPool& batches() const { return batches_; }
  std::int64_t buffered_bytes() const { return used_; }
  std::uint64_t next_record(std::int32_t partition) const {
    return queues_[static_cast<std::size_t>(partition)].next_record;
  }
  std::size_t queued(std::int32_t partition) const {
    return queues_[static_cast<std::size_t>(partition)].batches.size();
  }
  /// When the oldest batch that waits to be sent was made, kNever if there is none.
  Time oldest() const;
  BrokerId leader(std::int32_t partition) const {
    return queues_[static_cast<std::size_t>(partition)].leader;
  }
  const StickyPartitioner& sticky() const { return sticky_; }
  /// Number for a record that fails before it is appended.
  std::uint64_t take_record_number(std::int32_t partition) {
    return queue(partition).next_record++;
  }

 private:
  struct Queue {
    Ring<BatchIndex> batches;
    std::uint64_t next_record = 0;  // survives the process: the identity of records
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
    std::int32_t active_at = -1;  // index in active_, -1 = empty
    bool used = false;            // a batch was made for it once
    bool muted = false;
  };
  Queue& queue(std::int32_t partition) { return queues_[static_cast<std::size_t>(partition)]; }
  void activate(std::int32_t partition);
  void deactivate(std::int32_t partition);
  bool all_full(const Queue& queue) const {
    return queue.batches.empty() || batches_[queue.batches.back()].full();
  }
  std::int32_t choose(sim::Random& random);
  std::int32_t settle_sticky(sim::Random& random);
  std::int64_t append_to_last(Append& result, const RecordShape& shape, Time now);
  std::int64_t append_new_batch(Append& result, const RecordShape& shape, Time now);
  bool backing_off(ProducerBatch& batch, const Queue& queue, Time now, sim::Random& random) const;
  void check_partition(std::int32_t partition, Time now, sim::Random& random);
  void snapshot_load();

  std::int64_t batch_size_ = 1;
  std::int64_t buffer_memory_ = 0;
  std::int64_t max_request_size_ = 0;
  Duration linger_ = 0;
  bool adaptive_ = false;
  ExponentialBackoff retry_backoff_;

  BatchPool batches_;
  std::vector<Queue> queues_;
  std::vector<std::int32_t> active_;                // partitions that hold data
  std::vector<std::int32_t> available_;             // partitions with a leader
  std::vector<std::vector<std::int32_t>> by_node_;  // partitions by leader; index = broker id
  std::vector<std::uint32_t> drain_index_;
  std::size_t used_partitions_ = 0;
  std::int64_t used_ = 0;
  bool exhausted_ = false;
  StickyPartitioner sticky_;
  PartitionLoad load_;
  std::vector<std::pair<std::int32_t, std::int32_t>> load_snapshot_;  // partition, queue length
  std::vector<std::int32_t> lengths_;                                 // scratch
  Ready ready_;
};

}  // namespace isrlab::model
