#include "model/client/producer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace isrlab::model {
namespace {

/// The text "key<k>" without allocation.
class KeyText {
 public:
  explicit KeyText(std::int32_t number) {
    std::memcpy(text_, "key", 3);
    end_ = std::to_chars(text_ + 3, text_ + sizeof text_, number).ptr;
  }
  std::string_view view() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
  char text_[16];
  char* end_;
};

}  // namespace

Producer::Producer(std::uint32_t index, const Catalog& catalog, std::uint64_t seed)
    : index_(index),
      spec_(&catalog.spec().producers[index]),
      workload_(seed, "workload:" + spec_->name),
      partitioner_(seed, "partitioner:" + spec_->name) {
  const auto topic = catalog.find_topic(spec_->topic);
  SIM_ASSERT(topic.has_value(), "a producer writes to a topic that does not exist");
  topic_ = *topic;
  first_partition_ = catalog.topic(topic_).first;
  partitions_ = catalog.topic(topic_).partitions;
  const ProducerConfig& config = spec_->config;
  // ProducerConfig#postProcessAndValidateIdempotenceConfigs: off unless its conditions hold.
  idempotent_ = config.enable_idempotence != 0 && config.acks == -1 && config.retries > 0 &&
                config.max_in_flight <= 5;
  delivery_timeout_ = std::max(config.delivery_timeout, config.linger + config.request_timeout);
  network_ = NetworkClient(catalog, config, config.max_in_flight, seed, spec_->name);
  accumulator_ = Accumulator(config, partitions_, catalog.broker_count());
  sequences_ = Sequences(static_cast<std::size_t>(partitions_));
}

void Producer::crash() {
  network_.reset();
  accumulator_.crash();
  sequences_ = Sequences(static_cast<std::size_t>(partitions_));
  next_tick_ = sim::kNever;
  blocked_ = Blocked::kNo;
  block_deadline_ = sim::kNever;
  producer_id_asked_ = false;
  producer_id_retry_at_ = 0;
  leaders_version_ = 0;
  next_expiry_ = sim::kNever;
  requests_.clear();
  free_requests_.clear();
  flying_.clear();
  wake_ = LazyTimer();
}

void Producer::start(Out& out) {
  if (spec_->interval > 0) {
    const auto phase =
        static_cast<Duration>(workload_.below(static_cast<std::uint64_t>(spec_->interval)));
    next_tick_ = out.monotonic() + phase;
    schedule_tick(out);
  }
  run_sender(out);
  network_.finish(out);
  wake_.arm(kWakeSlot, ClientTimer::kWake, out);
}

void Producer::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  if (activation.kind == sim::ActivationKind::kTimer &&
      activation.type == static_cast<std::uint16_t>(ClientTimer::kWorkload)) {
    tick(out);
  } else if (activation.kind == sim::ActivationKind::kTimer &&
             activation.type == static_cast<std::uint16_t>(ClientTimer::kWake)) {
    wake_.fired();
    // Expiry waits while the producer id is asked for, as all of the sender does.
    if (next_expiry_ > out.now()) wake_.note(next_expiry_);
  } else if (const auto reply = network_.handle(activation, messages, out)) {
    if (reply->type == MessageType::kProduceRequest) {
      on_produce(*reply, messages.get<ProduceResponse>(activation.message), out);
    } else if (reply->type == MessageType::kInitProducerIdRequest) {
      on_init_producer_id(messages.get<InitProducerIdResponse>(activation.message), out);
    }
  }
  on_failures(out);
  if (blocked_ != Blocked::kNo) try_unblock(out);
  run_sender(out);
  // The sender may have freed memory that send() waits for: by expiry or with acks=0.
  while (blocked_ == Blocked::kMemory) {
    try_unblock(out);
    if (blocked_ == Blocked::kMemory) break;
    run_sender(out);
  }
  network_.finish(out);
  wake_.arm(kWakeSlot, ClientTimer::kWake, out);
}

void Producer::schedule_tick(Out& out) {
  const bool finished = spec_->limit >= 0 && created_ + dropped_ >= spec_->limit;
  // The application's scheduler goes by the monotonic clock; `stop` is a time of the run.
  const Time tick = next_tick_ == sim::kNever ? next_tick_ : out.own_time(next_tick_);
  if (finished || tick == sim::kNever || out.run_time_of(tick) >= spec_->stop) {
    next_tick_ = sim::kNever;
    return;
  }
  out.set_timer(kWorkloadSlot, tick, ClientTimer::kWorkload);
}

void Producer::tick(Out& out) {
  if (blocked_ != Blocked::kNo || next_tick_ == sim::kNever) return;
  pending_key_ = -1;
  if (spec_->key_count > 0) {
    pending_key_ =
        static_cast<std::int32_t>(workload_.below(static_cast<std::uint64_t>(spec_->key_count)));
  }
  next_tick_ += spec_->interval;
  skip_missed_ticks(out.monotonic());  // the process may have been paused
  send_record(out);
  if (blocked_ == Blocked::kNo) schedule_tick(out);
}

std::int32_t Producer::explicit_partition() const {
  if (spec_->partition >= 0) return spec_->partition;
  if (pending_key_ < 0 || spec_->config.partitioner_ignore_keys != 0) return -1;
  return partition_for_key(KeyText(pending_key_).view(), partitions_);
}

/// KafkaProducer#doSend, from the metadata wait on.
void Producer::send_record(Out& out) {
  ClientMetadata& metadata = network_.metadata();
  if (!metadata.knows_topic(topic_)) {
    metadata.add_topic(topic_);
    metadata.request_update();
    block(Blocked::kMetadata, out);
    return;
  }
  RecordShape shape;
  shape.value_bytes = spec_->record_bytes;
  if (pending_key_ >= 0) {
    shape.key_bytes = static_cast<std::int32_t>(KeyText(pending_key_).view().size());
  }
  const std::int32_t wanted = explicit_partition();
  const std::int32_t size = upper_bound_bytes(shape);
  if (size > spec_->config.max_request_size || size > spec_->config.buffer_memory) {
    const std::int32_t partition = std::max(wanted, 0);
    const auto record = static_cast<std::int64_t>(accumulator_.take_record_number(partition));
    ++created_;
    ++failed_;
    out.record(HistoryKind::kRecordCreated, global(partition), record);
    out.record(HistoryKind::kRecordsFailed, global(partition), record, 1,
               static_cast<std::int64_t>(Error::kMessageTooLarge) << 8);
    return;
  }
  if (leaders_version_ != metadata.version()) {
    leaders_version_ = metadata.version();
    accumulator_.set_leaders(metadata, first_partition_);
  }
  const auto result = accumulator_.append(wanted, shape, out.now(), partitioner_);
  if (result.status == Accumulator::AppendStatus::kNoMemory) {
    block(Blocked::kMemory, out);
    return;
  }
  ++created_;
  next_expiry_ = std::min(next_expiry_, out.now() + delivery_timeout_);
  wake_.note(out.now() + delivery_timeout_);
  out.record(HistoryKind::kRecordCreated, global(result.partition),
             static_cast<std::int64_t>(result.record));
}

Time Producer::oldest_pending() const {
  // While it waits for its producer id, the sender does nothing else: no batch expires either
  // (Sender.maybeSendAndPollTransactionalRequest).
  if (idempotent_ && !sequences_.has_producer_id()) return sim::kNever;
  Time oldest = accumulator_.oldest();
  for (const BatchIndex index : flying_) {
    const ProducerBatch& batch = accumulator_.batches()[index];
    if (!batch.done) oldest = std::min(oldest, batch.created);
  }
  return oldest;
}

void Producer::block(Blocked reason, Out& out) {
  if (blocked_ == Blocked::kNo) {
    blocked_since_ = out.run_time();
    block_deadline_ = out.now() + spec_->config.max_block;
    wake_.note(block_deadline_);
  }
  blocked_ = reason;
  accumulator_.set_exhausted(reason == Blocked::kMemory);
}

void Producer::try_unblock(Out& out) {
  if (out.now() >= block_deadline_) {
    ++dropped_;  // TimeoutException, or BufferExhaustedException: the record was never accepted
    unblocked(1, out);
    return;
  }
  wake_.note(block_deadline_);
  const Blocked reason = blocked_;
  blocked_ = Blocked::kNo;
  const Time since = blocked_since_;
  const Time deadline = block_deadline_;
  send_record(out);
  if (blocked_ == Blocked::kNo) {
    blocked_ = reason;
    unblocked(0, out);
  } else {
    blocked_since_ = since;  // what is left of max.block.ms is carried over
    block_deadline_ = deadline;
  }
}

void Producer::unblocked(std::int64_t dropped, Out& out) {
  out.record(HistoryKind::kSendBlocked, topic_, blocked_ == Blocked::kMemory ? 1 : 0,
             out.run_time() - blocked_since_, dropped);
  blocked_ = Blocked::kNo;
  block_deadline_ = sim::kNever;
  accumulator_.set_exhausted(false);
  skip_missed_ticks(out.monotonic());
  schedule_tick(out);
}

void Producer::skip_missed_ticks(Time now) {
  if (next_tick_ > now) return;
  const Duration missed = (now - next_tick_) / spec_->interval + 1;
  next_tick_ += missed * spec_->interval;
}

}  // namespace isrlab::model
