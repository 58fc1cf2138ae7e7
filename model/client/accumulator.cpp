#include "model/client/accumulator.hpp"

#include <algorithm>

namespace isrlab::model {

Accumulator::Accumulator(const ProducerConfig& config, std::int32_t partitions,
                         std::uint32_t brokers)
    : batch_size_(std::max<std::int64_t>(1, config.batch_size)),
      buffer_memory_(config.buffer_memory),
      max_request_size_(config.max_request_size),
      linger_(config.linger),
      adaptive_(config.partitioner_adaptive_partitioning_enable != 0),
      retry_backoff_{config.retry_backoff, config.retry_backoff_max},
      queues_(static_cast<std::size_t>(partitions)),
      by_node_(brokers + 1),
      drain_index_(brokers + 1, 0),
      sticky_(batch_size_) {}

void Accumulator::crash() {
  batches_.clear();
  for (Queue& queue : queues_) {
    const std::uint64_t next = queue.next_record;
    queue = Queue();
    queue.next_record = next;
  }
  active_.clear();
  available_.clear();
  for (auto& list : by_node_) list.clear();
  std::fill(drain_index_.begin(), drain_index_.end(), 0);
  used_partitions_ = 0;
  used_ = 0;
  exhausted_ = false;
  sticky_ = StickyPartitioner(batch_size_);
  load_snapshot_.clear();
}

void Accumulator::set_leaders(const ClientMetadata& metadata, PartitionId first_partition) {
  available_.clear();
  for (auto& list : by_node_) list.clear();
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const auto& known = metadata.leader(first_partition + static_cast<PartitionId>(i));
    queues_[i].leader = known.leader;
    queues_[i].leader_epoch = known.leader_epoch;
    if (known.leader == kNoBroker) continue;
    available_.push_back(static_cast<std::int32_t>(i));
    by_node_[static_cast<std::size_t>(known.leader)].push_back(static_cast<std::int32_t>(i));
  }
}

void Accumulator::activate(std::int32_t partition) {
  Queue& entry = queue(partition);
  if (!entry.used) {
    entry.used = true;
    ++used_partitions_;
  }
  if (entry.active_at >= 0) return;
  entry.active_at = static_cast<std::int32_t>(active_.size());
  active_.push_back(partition);
}

void Accumulator::deactivate(std::int32_t partition) {
  Queue& entry = queue(partition);
  if (!entry.batches.empty() || entry.active_at < 0) return;
  const std::int32_t last = active_.back();
  active_[static_cast<std::size_t>(entry.active_at)] = last;
  queue(last).active_at = entry.active_at;
  active_.pop_back();
  entry.active_at = -1;
}

// The load statistics of the last ready pass are kept as the few lengths that are not zero, and
// become a table only when the partitioner picks.
std::int32_t Accumulator::choose(sim::Random& random) {
  load_.clear();
  if (adaptive_ && !load_snapshot_.empty()) {
    lengths_.assign(queues_.size(), 0);
    for (const auto& [partition, length] : load_snapshot_) {
      lengths_[static_cast<std::size_t>(partition)] = length;
    }
    std::size_t kept = 0;
    for (const std::int32_t partition : available_) {
      lengths_[kept++] = lengths_[static_cast<std::size_t>(partition)];
    }
    lengths_.resize(kept);
    load_.update(lengths_, available_, queues_.size());
  }
  const auto draw = static_cast<std::uint32_t>(random.below(0x80000000ULL));
  return next_partition(draw, {&available_, static_cast<std::int32_t>(queues_.size()), &load_});
}

/// The sticky partition, after a switch that was held back because its last batch had room.
std::int32_t Accumulator::settle_sticky(sim::Random& random) {
  const auto pick = [this, &random] { return choose(random); };
  std::int32_t partition = sticky_.current(pick);
  while (all_full(queue(partition)) && sticky_.appended(0, true, pick)) {
    partition = sticky_.current(pick);
  }
  return partition;
}

bool Accumulator::has_room_for(const RecordShape& shape) const {
  const std::int64_t size = std::max<std::int64_t>(batch_size_, upper_bound_bytes(shape));
  return used_ + size <= buffer_memory_;
}

Accumulator::Append Accumulator::append(std::int32_t partition, const RecordShape& shape, Time now,
                                        sim::Random& random) {
  const bool sticky = partition < 0;
  Append result;
  result.partition = sticky ? settle_sticky(random) : partition;
  std::int64_t grown = append_to_last(result, shape, now);
  while (grown == 0 && sticky) {
    // The last batch was just closed, which may be what a switch was waiting for.
    const std::int32_t settled = settle_sticky(random);
    if (settled == result.partition) break;
    result.partition = settled;
    grown = append_to_last(result, shape, now);
  }
  if (grown == 0) {
    if (!has_room_for(shape)) {
      result.status = AppendStatus::kNoMemory;
      return result;
    }
    grown = append_new_batch(result, shape, now);
  }
  if (sticky) {
    sticky_.appended(grown, all_full(queue(result.partition)),
                     [this, &random] { return choose(random); });
  }
  return result;
}

/// Bytes by which the last batch grew; 0 if there is none with room, and then it is closed.
std::int64_t Accumulator::append_to_last(Append& result, const RecordShape& shape, Time now) {
  Queue& entry = queue(result.partition);
  if (entry.batches.empty()) return 0;
  ProducerBatch& last = batches_[entry.batches.back()];
  const std::int64_t delta = now / sim::kMillisecond - last.created / sim::kMillisecond;
  const std::int32_t size = record_bytes(last.count, delta, shape);
  if (!last.has_room(size)) {
    last.closed = true;
    return 0;
  }
  last.bytes += static_cast<std::uint32_t>(size);
  ++last.count;
  result.record = entry.next_record++;
  result.wake_sender = entry.batches.size() > 1 || last.full();
  return size;
}

std::int64_t Accumulator::append_new_batch(Append& result, const RecordShape& shape, Time now) {
  Queue& entry = queue(result.partition);
  const std::int64_t size = std::max<std::int64_t>(batch_size_, upper_bound_bytes(shape));
  used_ += size;
  const BatchIndex index = batches_.take();
  ProducerBatch& batch = batches_[index];
  batch.first_record = entry.next_record++;
  batch.created = now;
  batch.last_attempt = now;
  batch.partition = result.partition;
  batch.buffer = static_cast<std::uint32_t>(size);
  batch.bytes = static_cast<std::uint32_t>(kBatchHeaderBytes + record_bytes(0, 0, shape));
  batch.count = 1;
  entry.batches.push_back(index);
  activate(result.partition);
  result.record = batch.first_record;
  result.wake_sender = true;
  return batch.bytes;
}

bool Accumulator::backing_off(ProducerBatch& batch, const Queue& entry, Time now,
                              sim::Random& random) const {
  batch.update_leader_epoch(entry.leader_epoch);
  if (batch.attempts == 0) return false;
  // The jitter is drawn anew at each check, as in Kafka.
  const bool too_early = now - batch.last_attempt < retry_backoff_.draw(batch.attempts - 1, random);
  return too_early && !batch.leader_changed_for_this_retry();
}

void Accumulator::check_partition(std::int32_t partition, Time now, sim::Random& random) {
  Queue& entry = queue(partition);
  ProducerBatch& batch = batches_[entry.batches.front()];
  const bool waits = backing_off(batch, entry, now, random);
  if (entry.leader == kNoBroker) {
    ready_.unknown_leader = true;
    return;
  }
  const auto at = std::lower_bound(ready_.nodes.begin(), ready_.nodes.end(), entry.leader);
  if (entry.muted || (at != ready_.nodes.end() && *at == entry.leader)) return;
  const Duration waited = std::max<Duration>(now - batch.last_attempt, 0);  // never below 0
  const Duration to_wait =
      waits ? retry_backoff_.draw(std::max(batch.attempts - 1, 0), random) : linger_;
  const bool full = entry.batches.size() > 1 || batch.full();
  const bool sendable = full || waited >= to_wait || exhausted_;
  if (sendable && !waits) {
    ready_.nodes.insert(at, entry.leader);
  } else {
    const Duration left = std::max<Duration>(to_wait - waited, 0);
    // A fresh draw below the time waited would ask for "now" again and again.
    ready_.next_check = std::min(ready_.next_check, now + std::max(left, sim::kMillisecond));
  }
}

void Accumulator::snapshot_load() {
  load_snapshot_.clear();
  if (!adaptive_ || used_partitions_ < queues_.size()) return;
  for (const std::int32_t partition : active_) {
    load_snapshot_.emplace_back(partition,
                                static_cast<std::int32_t>(queue(partition).batches.size()));
  }
}

const Accumulator::Ready& Accumulator::ready(Time now, sim::Random& random) {
  ready_.nodes.clear();
  ready_.next_check = sim::kNever;
  ready_.unknown_leader = false;
  for (const std::int32_t partition : active_) check_partition(partition, now, random);
  snapshot_load();
  return ready_;
}

void Accumulator::drain(BrokerId node, Time now, Sequences* sequences, sim::Random& random,
                        std::vector<BatchIndex>& drained) {
  drained.clear();
  const auto& partitions = by_node_[static_cast<std::size_t>(node)];
  if (partitions.empty()) return;
  const auto count = static_cast<std::uint32_t>(partitions.size());
  std::uint32_t& index = drain_index_[static_cast<std::size_t>(node)];
  const std::uint32_t start = index % count;
  std::int64_t size = 0;
  for (std::uint32_t step = 0; step < count; ++step) {
    index = (start + step) % count;  // the next drain begins at the last partition visited
    Queue& entry = queue(partitions[index]);
    if (entry.muted || entry.batches.empty()) continue;
    const BatchIndex at = entry.batches.front();
    ProducerBatch& first = batches_[at];
    if (backing_off(first, entry, now, random)) continue;
    if (size + first.bytes > max_request_size_ && !drained.empty()) return;
    // A partition that must wait stops the walk over the whole node.
    if (sequences != nullptr && sequences->must_wait(first, batches_)) return;
    entry.batches.pop_front();
    deactivate(first.partition);
    if (sequences != nullptr) sequences->assign(at, batches_);
    first.closed = true;
    first.in_flight = true;
    size += first.bytes;
    drained.push_back(at);
  }
}

void Accumulator::reenqueue(BatchIndex index, Time now) {
  ProducerBatch& batch = batches_[index];
  ++batch.attempts;
  batch.last_attempt = now;
  batch.in_retry = true;
  batch.in_flight = false;
  Queue& entry = queue(batch.partition);
  std::size_t at = 0;
  while (batch.has_sequence() && at < entry.batches.size() &&
         batches_[entry.batches[at]].has_sequence() &&
         batches_[entry.batches[at]].base_sequence < batch.base_sequence) {
    ++at;
  }
  entry.batches.insert(at, index);
  activate(batch.partition);
}

Time Accumulator::expire(Time now, Duration delivery_timeout, std::vector<BatchIndex>& expired) {
  Time next = sim::kNever;
  for (std::size_t i = 0; i < active_.size();) {
    const std::int32_t partition = active_[i];
    Queue& entry = queue(partition);
    while (!entry.batches.empty()) {
      const Time deadline = batches_[entry.batches.front()].created + delivery_timeout;
      if (deadline > now) {
        next = std::min(next, deadline);
        break;
      }
      expired.push_back(entry.batches.front());
      entry.batches.pop_front();
    }
    if (entry.batches.empty()) {
      deactivate(partition);  // another partition takes its place in the list
    } else {
      ++i;
    }
  }
  return next;
}

Time Accumulator::oldest() const {
  Time oldest = sim::kNever;
  for (const std::int32_t partition : active_) {
    const Queue& entry = queues_[static_cast<std::size_t>(partition)];
    if (!entry.batches.empty()) oldest = std::min(oldest, batches_[entry.batches.front()].created);
  }
  return oldest;
}

void Accumulator::complete(BatchIndex index) {
  ProducerBatch& batch = batches_[index];
  used_ -= batch.buffer;
  batch.done = true;
}

}  // namespace isrlab::model
