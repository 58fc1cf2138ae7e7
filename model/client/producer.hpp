// A producing application: a loop that calls KafkaProducer#send at a constant rate, and the Java
// producer under it (KafkaProducer, Sender, 3.9; reference clients-and-groups.md 1).
// The application is one thread: while send() blocks (metadata, memory) it creates no records, and
// the ticks it missed are skipped, as a fixed-rate scheduler does that does not burst.
#pragma once
#include <vector>

#include "model/client/accumulator.hpp"
#include "model/client/network_client.hpp"
#include "model/client/sequences.hpp"

namespace isrlab::model {

class Producer {
 public:
  Producer(std::uint32_t index, const Catalog& catalog, std::uint64_t seed);

  void start(Out& out);
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  /// The process dies: everything but the numbering of records and the random streams.
  void crash();

  // Read access for readers and the viewer.
  std::uint32_t index() const { return index_; }
  TopicId topic() const { return topic_; }
  PartitionId first_partition() const { return first_partition_; }
  std::int32_t partitions() const { return partitions_; }
  std::int64_t buffered_bytes() const { return accumulator_.buffered_bytes(); }
  std::size_t in_flight_requests() const { return network_.in_flight(); }
  std::size_t in_flight_batches() const { return flying_.size(); }
  std::size_t queued_batches(std::int32_t partition) const {
    return accumulator_.queued(partition);
  }
  /// The number that the next record of the partition will get.
  std::uint64_t next_record(std::int32_t partition) const {
    return accumulator_.next_record(partition);
  }
  std::int64_t records_created() const { return created_; }
  std::int64_t records_acked() const { return acked_; }
  std::int64_t records_failed() const { return failed_; }
  std::int64_t records_dropped() const { return dropped_; }  // send() threw after max.block.ms
  /// When the oldest batch without a result that may expire was made, on the producer's wall clock;
  /// kNever if there is none.
  Time oldest_pending() const;
  bool blocked() const { return blocked_ != Blocked::kNo; }
  bool idempotent() const { return idempotent_; }
  const Sequences& sequences() const { return sequences_; }
  const NetworkClient& network() const { return network_; }

 private:
  enum class Blocked : std::uint8_t { kNo, kMetadata, kMemory };
  struct Request {
    std::vector<BatchIndex> batches;
  };

  // producer.cpp: the application's thread
  void schedule_tick(Out& out);
  void tick(Out& out);
  void skip_missed_ticks(Time now);
  void send_record(Out& out);
  void block(Blocked reason, Out& out);
  void try_unblock(Out& out);
  void unblocked(std::int64_t dropped, Out& out);
  std::int32_t explicit_partition() const;

  // sender.cpp: the I/O thread
  void run_sender(Out& out);
  bool producer_id_ready(Out& out);
  bool send_ready(Out& out);
  void send_batches(BrokerId node, Out& out);
  void on_produce(const InFlightRequest& request, const ProduceResponse& response, Out& out);
  void on_init_producer_id(const InitProducerIdResponse& response, Out& out);
  void on_failures(Out& out);
  void complete_batch(BatchIndex index, const ProduceResponse::Partition& result, Out& out);
  bool can_retry(const ProducerBatch& batch, const ProduceResponse::Partition& result, Time now);
  void retry_batch(BatchIndex index, Error error, Out& out);
  void ack_batch(BatchIndex index, std::int64_t base_offset, Out& out);
  void fail_batch(BatchIndex index, Error error, bool adjust_sequences, Out& out);
  void expire_batches(Out& out);
  void landed(BatchIndex index);
  void maybe_release(BatchIndex index);
  PartitionId global(std::int32_t partition) const {
    return first_partition_ + static_cast<PartitionId>(partition);
  }

  std::uint32_t index_ = 0;
  const ProducerSpec* spec_ = nullptr;  // points into the immutable, shared catalog
  TopicId topic_ = 0;
  PartitionId first_partition_ = 0;
  std::int32_t partitions_ = 0;
  bool idempotent_ = true;
  Duration delivery_timeout_ = 0;

  sim::Random workload_;
  sim::Random partitioner_;
  NetworkClient network_;
  Accumulator accumulator_;
  Sequences sequences_;

  Time next_tick_ = sim::kNever;  // monotonic
  std::int64_t created_ = 0;
  std::int64_t acked_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t dropped_ = 0;

  Blocked blocked_ = Blocked::kNo;
  Time blocked_since_ = 0;  // time of the run, for the history
  Time block_deadline_ = sim::kNever;
  std::int32_t pending_key_ = -1;

  bool producer_id_asked_ = false;
  Time producer_id_retry_at_ = 0;
  std::uint32_t leaders_version_ = 0;
  Time next_expiry_ = sim::kNever;  // no live batch expires before
  std::vector<Request> requests_;
  std::vector<std::uint32_t> free_requests_;
  std::vector<BatchIndex> flying_;  // on the wire
  std::vector<BatchIndex> drained_;
  std::vector<BatchIndex> expired_;
  std::vector<BrokerId> ready_nodes_;
  std::vector<FailedRequest> failures_;  // scratch
  LazyTimer wake_;
};

}  // namespace isrlab::model
