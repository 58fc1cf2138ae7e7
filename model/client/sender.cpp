// The producer's I/O thread (Sender, 3.9; reference clients-and-groups.md 1.4, 1.5, 1.9).
#include <algorithm>

#include "model/client/producer.hpp"

namespace isrlab::model {
namespace {

/// The record may be in the log although the attempt failed: nobody said what became of it, or it
/// was appended and too few replicas were there to confirm it. With acks=all a request that waits
/// for its replicas is answered so, too, when the leader is deposed or its log directory fails.
bool is_ambiguous(Error error, std::int64_t acks) {
  switch (error) {
    case Error::kNetworkException:
    case Error::kRequestTimedOut:
    case Error::kNotEnoughReplicasAfterAppend: return true;
    case Error::kNotLeaderOrFollower:
    case Error::kKafkaStorageError:
    case Error::kUnknownTopicOrPartition: return acks == -1;
    default: return false;
  }
}

}  // namespace

void Producer::run_sender(Out& out) {
  network_.poll(out);
  // One pass more than needed shows the partitioner the queues after the last drain, as Kafka's
  // sender does before it goes to sleep.
  while (producer_id_ready(out) && send_ready(out)) {
  }
}

/// While InitProducerId is under way nothing is produced at all.
bool Producer::producer_id_ready(Out& out) {
  if (!idempotent_) return true;
  sequences_.resolve();
  if (sequences_.bump_if_required(accumulator_.batches()) && sequences_.has_producer_id()) {
    out.record(HistoryKind::kProducerIdAssigned, 0, sequences_.producer_id(), sequences_.epoch());
  }
  if (sequences_.has_producer_id()) return true;
  if (producer_id_asked_) return false;
  if (out.now() < producer_id_retry_at_) {
    wake_.note(producer_id_retry_at_);
    return false;
  }
  const auto node = network_.least_loaded_node(out.now());
  if (node && network_.ready(*node, out)) {
    network_.send(*node, out.make<InitProducerIdRequest>(), 0, spec_->config.request_timeout, out);
    producer_id_asked_ = true;
  }
  return false;
}

void Producer::on_init_producer_id(const InitProducerIdResponse& response, Out& out) {
  producer_id_asked_ = false;
  if (response.error != Error::kNone) {
    producer_id_retry_at_ = out.now() + spec_->config.retry_backoff;
    return;
  }
  sequences_.assign_producer_id(response.producer_id, response.producer_epoch);
  out.record(HistoryKind::kProducerIdAssigned, 0, response.producer_id, response.producer_epoch);
}

/// Sender#sendProducerData. True if something was sent.
bool Producer::send_ready(Out& out) {
  ClientMetadata& metadata = network_.metadata();
  if (leaders_version_ != metadata.version()) {
    leaders_version_ = metadata.version();
    accumulator_.set_leaders(metadata, first_partition_);
  }
  const Accumulator::Ready& ready = accumulator_.ready(out.now(), network_.random());
  if (ready.unknown_leader) metadata.request_update();
  wake_.note(ready.next_check);
  ready_nodes_.assign(ready.nodes.begin(), ready.nodes.end());
  bool sent = false;
  for (const BrokerId node : ready_nodes_) {
    if (!network_.ready(network_.node_of(node), out)) continue;
    accumulator_.drain(node, out.now(), idempotent_ ? &sequences_ : nullptr, network_.random(),
                       drained_);
    if (drained_.empty()) continue;
    send_batches(node, out);
    sent = true;
  }
  if (out.now() >= next_expiry_) expire_batches(out);
  return sent;
}

void Producer::send_batches(BrokerId node, Out& out) {
  const ProducerConfig& config = spec_->config;
  const auto message = out.make<ProduceRequest>();
  message->acks = static_cast<std::int8_t>(config.acks);
  message->timeout = config.request_timeout;
  for (const BatchIndex index : drained_) {
    const ProducerBatch& batch = accumulator_.batches()[index];
    Batch wire;
    wire.first_record = batch.first_record;
    wire.producer_id = batch.producer_id;
    wire.timestamp = batch.created;
    wire.count = batch.count;
    wire.bytes = batch.bytes;
    wire.base_sequence = batch.base_sequence;
    wire.producer = index_;
    wire.producer_epoch = batch.producer_epoch;
    message->partitions.push_back({global(batch.partition), wire});
    if (config.max_in_flight == 1) accumulator_.mute(batch.partition);
    out.record(HistoryKind::kRecordsSent, global(batch.partition),
               static_cast<std::int64_t>(batch.first_record), batch.count, batch.attempts + 1);
  }
  const NodeIndex target = network_.node_of(node);
  if (config.acks == 0) {
    network_.send_and_forget(target, message, out);
    for (const BatchIndex index : drained_) {
      if (config.max_in_flight == 1) accumulator_.unmute(accumulator_.batches()[index].partition);
      accumulator_.batches()[index].in_flight = false;
      ack_batch(index, -1, out);
      maybe_release(index);
    }
    return;
  }
  std::uint32_t token = 0;
  if (free_requests_.empty()) {
    token = static_cast<std::uint32_t>(requests_.size());
    requests_.emplace_back();
  } else {
    token = free_requests_.back();
    free_requests_.pop_back();
  }
  requests_[token].batches.assign(drained_.begin(), drained_.end());
  flying_.insert(flying_.end(), drained_.begin(), drained_.end());
  network_.send(target, message, token, config.request_timeout, out);
}

void Producer::on_produce(const InFlightRequest& request, const ProduceResponse& response,
                          Out& out) {
  // A leader that an answer names is known before the retry is queued, so that it knows the epoch.
  Request& sent = requests_[request.token];
  for (const auto& result : response.partitions) {
    const auto number = static_cast<std::int32_t>(result.partition - first_partition_);
    for (const BatchIndex index : sent.batches) {
      if (accumulator_.batches()[index].partition != number) continue;
      landed(index);
      complete_batch(index, result, out);
      maybe_release(index);
      break;
    }
  }
  for (const auto& result : response.partitions) {
    if (result.error == Error::kNotLeaderOrFollower || result.error == Error::kFencedLeaderEpoch) {
      network_.metadata().apply_hint(result.partition, result.hint, out);
    }
  }
  sent.batches.clear();
  free_requests_.push_back(request.token);
}

void Producer::on_failures(Out& out) {
  while (!network_.failures().empty()) {
    failures_.swap(network_.failures());
    for (const FailedRequest& failure : failures_) {
      if (failure.request.type == MessageType::kInitProducerIdRequest) {
        producer_id_asked_ = false;
        producer_id_retry_at_ = out.now() + spec_->config.retry_backoff;
        wake_.note(producer_id_retry_at_);
      } else if (failure.request.type == MessageType::kProduceRequest) {
        Request& sent = requests_[failure.request.token];
        ProduceResponse::Partition result;
        result.error = failure.error;
        for (const BatchIndex index : sent.batches) {
          landed(index);
          complete_batch(index, result, out);
          maybe_release(index);
        }
        sent.batches.clear();
        free_requests_.push_back(failure.request.token);
      }
    }
    failures_.clear();
  }
  network_.lost_nodes().clear();
}

/// Neither on the wire nor in an answer any more.
void Producer::landed(BatchIndex index) {
  accumulator_.batches()[index].in_flight = false;
  const auto at = std::find(flying_.begin(), flying_.end(), index);
  if (at != flying_.end()) flying_.erase(at);
}

void Producer::maybe_release(BatchIndex index) {
  const ProducerBatch& batch = accumulator_.batches()[index];
  if (batch.done && !batch.in_flight) accumulator_.release(index);
}

void Producer::complete_batch(BatchIndex index, const ProduceResponse::Partition& result,
                              Out& out) {
  ProducerBatch& batch = accumulator_.batches()[index];
  if (is_ambiguous(result.error, spec_->config.acks)) batch.maybe_written = true;
  if (result.error == Error::kNone || result.error == Error::kDuplicateSequenceNumber) {
    const bool duplicate = result.error == Error::kDuplicateSequenceNumber;
    ack_batch(index, duplicate ? -1 : result.base_offset, out);
  } else {
    if (can_retry(batch, result, out.now())) {
      retry_batch(index, result.error, out);
    } else {
      // Sequences are not moved down if retries ran out: nobody knows whether they were accepted.
      fail_batch(index, result.error, batch.attempts < spec_->config.retries, out);
    }
    if (invalidates_metadata(result.error)) network_.metadata().request_update();
  }
  if (spec_->config.max_in_flight == 1) accumulator_.unmute(batch.partition);
}

bool Producer::can_retry(const ProducerBatch& batch, const ProduceResponse::Partition& result,
                         Time now) {
  if (now - batch.created >= delivery_timeout_ || batch.attempts >= spec_->config.retries ||
      batch.done) {
    return false;
  }
  return idempotent_ ? sequences_.can_retry(batch, result.error, result.log_start_offset)
                     : is_retriable(result.error);
}

void Producer::retry_batch(BatchIndex index, Error error, Out& out) {
  const ProducerBatch& batch = accumulator_.batches()[index];
  out.record(HistoryKind::kRecordsRetried, global(batch.partition),
             static_cast<std::int64_t>(batch.first_record), batch.count,
             static_cast<std::int64_t>(error));
  accumulator_.reenqueue(index, out.now());
}

void Producer::ack_batch(BatchIndex index, std::int64_t base_offset, Out& out) {
  if (idempotent_) sequences_.completed(index, accumulator_.batches(), base_offset);
  const ProducerBatch& batch = accumulator_.batches()[index];
  if (batch.done) return;  // it expired before; a late answer changes nothing for the user
  accumulator_.complete(index);
  acked_ += batch.count;
  out.record(HistoryKind::kRecordsAcked, global(batch.partition),
             static_cast<std::int64_t>(batch.first_record), batch.count, base_offset);
}

void Producer::fail_batch(BatchIndex index, Error error, bool adjust_sequences, Out& out) {
  const ProducerBatch& batch = accumulator_.batches()[index];
  if (batch.done) return;
  accumulator_.complete(index);
  failed_ += batch.count;
  const std::int64_t maybe_written = batch.maybe_written || batch.in_flight ? 1 : 0;
  out.record(HistoryKind::kRecordsFailed, global(batch.partition),
             static_cast<std::int64_t>(batch.first_record), batch.count,
             (static_cast<std::int64_t>(error) * 256) | maybe_written);
  if (idempotent_) sequences_.failed(index, accumulator_.batches(), error, adjust_sequences);
}

void Producer::expire_batches(Out& out) {
  expired_.clear();
  next_expiry_ = accumulator_.expire(out.now(), delivery_timeout_, expired_);
  for (const BatchIndex index : flying_) {
    const ProducerBatch& batch = accumulator_.batches()[index];
    if (batch.done) continue;  // only its answer is awaited
    const Time deadline = batch.created + delivery_timeout_;
    if (deadline <= out.now()) {
      expired_.push_back(index);
    } else {
      next_expiry_ = std::min(next_expiry_, deadline);
    }
  }
  for (const BatchIndex index : expired_) {
    const ProducerBatch& batch = accumulator_.batches()[index];
    fail_batch(index, Error::kRequestTimedOut, false, out);
    if (idempotent_ && batch.in_retry) sequences_.mark_unresolved(batch);
    maybe_release(index);
  }
  wake_.note(next_expiry_);
}

}  // namespace isrlab::model
