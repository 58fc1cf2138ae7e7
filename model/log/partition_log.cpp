#include "model/log/partition_log.hpp"

#include <algorithm>

#include "sim/assert.hpp"
#include "sim/history.hpp"

namespace isrlab::model {
namespace {

/// What makes a batch the same batch on two replicas. The hash of a log is the sum over them;
/// each holds its offset, so the sum fixes the order as well.
std::uint64_t identity_hash(const Batch& batch) {
  const auto pair = [](std::uint32_t high, std::uint32_t low) {
    return static_cast<std::uint64_t>(high) << 32 | low;
  };
  const std::uint64_t place =
      sim::fold(0x9e3779b97f4a7c15ULL, static_cast<std::uint64_t>(batch.base_offset),
                pair(static_cast<std::uint32_t>(batch.leader_epoch), batch.count));
  return sim::fold(place, pair(batch.producer, batch.payload), batch.first_record);
}

}  // namespace

PartitionLog::Body& PartitionLog::body(const LogContext& context) {
  if (Body* known = body_.get()) return *known;
  Body& fresh = body_.need();
  fresh.last_flushed = context.now;
  fresh.segments.emplace_back();
  fresh.segments.back().base_offset = segment_base_;
  fresh.segments.back().jitter = Segment::draw_jitter(context);
  return fresh;
}

std::int64_t PartitionLog::last_stable_offset() const {
  const ProducerStates* producers = producers_.get();
  const std::int64_t unstable = producers == nullptr ? -1 : producers->first_unstable_offset();
  return unstable < 0 ? high_watermark_ : std::min(unstable, high_watermark_);
}

std::int64_t PartitionLog::size_bytes() const {
  const Body* body = body_.get();
  return body == nullptr ? 0 : body->end_position - body->segments.front().position;
}

void PartitionLog::push(Body& body, const Batch& batch) {
  body.store.push_back(batch, hash_);
  hash_ += identity_hash(batch);
  body.end_position += batch.bytes;
  log_end_offset_ = batch.next_offset();
  if (batch.producer_id >= 0) producers_.need().update(batch);
}

void PartitionLog::append_set(std::span<const Batch> batches, const LogContext& context) {
  AppendedSet set;
  set.first_timestamp = batches.front().timestamp;
  set.last_offset = batches.back().last_offset();
  for (const Batch& batch : batches) {
    set.bytes += batch.bytes;
    set.largest_timestamp = std::max(set.largest_timestamp, batch.timestamp);
  }
  Body& body = this->body(context);
  const Segment& active = body.segments.back();
  if (active.should_roll(set, body.end_position - active.position, *context.config)) {
    roll(context, batches.front().base_offset);
  }
  for (const Batch& batch : batches) push(body, batch);
  body.segments.back().note(set, context.config->index_interval_bytes);
}

SequenceVerdict PartitionLog::check_producer(const Batch& batch) const {
  const ProducerStates* producers = producers_.get();
  return producers == nullptr ? SequenceVerdict() : producers->check(batch);
}

Error PartitionLog::check_size(const Batch& batch, const LogConfig& config) {
  if (batch.bytes > config.max_message_bytes) return Error::kMessageTooLarge;
  return batch.bytes > config.segment_bytes ? Error::kRecordListTooLarge : Error::kNone;
}

std::int64_t PartitionLog::append_as_leader(Batch batch, std::int32_t leader_epoch,
                                            const LogContext& context) {
  SIM_ASSERT(batch.count > 0, "an empty batch is appended");
  batch.base_offset = log_end_offset_;
  batch.leader_epoch = leader_epoch;
  epochs_.assign(leader_epoch, batch.base_offset);
  append_set({&batch, 1}, context);
  return batch.base_offset;
}

FollowerAppend PartitionLog::append_as_follower(std::span<const Batch> batches,
                                                const LogContext& context) {
  if (batches.empty()) return FollowerAppend::kOk;
  for (std::size_t i = 1; i < batches.size(); ++i) {
    if (batches[i].last_offset() <= batches[i - 1].last_offset()) {
      return FollowerAppend::kOutOfOrder;
    }
  }
  const Batch& first = batches.front();
  if (first.base_offset < log_end_offset_) {
    // The leader's start lies inside its first batch, and this empty log begins at that start.
    if (!empty() || log_end_offset_ > first.last_offset()) {
      return FollowerAppend::kUnexpectedOffset;
    }
    truncate_fully_and_start_at(first.base_offset, hash_, context);
  }
  std::int64_t bytes = 0;
  for (const Batch& batch : batches) {
    SIM_ASSERT(batch.count > 0, "an empty batch is replicated");
    epochs_.assign(batch.leader_epoch, batch.base_offset);
    bytes += batch.bytes;
    if (!context.bug(Bug::kReplicaRejectsUnknownSeq) || batch.producer_id < 0) continue;
    const ProducerStates* producers = producers_.get();
    const bool known = producers != nullptr && producers->find(batch.producer_id) != nullptr;
    if (!known && batch.base_sequence != 0) return FollowerAppend::kUnknownSequence;
  }
  // The epochs stay assigned when the append is refused.
  if (bytes > context.config->segment_bytes) return FollowerAppend::kTooLarge;
  append_set(batches, context);
  return FollowerAppend::kOk;
}

/// A read ends with the segment that holds its first batch (LocalLog.read): what a follower gets
/// therefore always fits into a segment of its own.
std::size_t PartitionLog::end_of_segment(const Body& body, std::size_t index) {
  const std::vector<Segment>& segments = body.segments;
  if (index >= segments.back().first_batch) return body.store.size();
  const auto next = std::upper_bound(
      segments.begin(), segments.end(), index,
      [](std::size_t number, const Segment& segment) { return number < segment.first_batch; });
  return next->first_batch;
}

LogRead PartitionLog::read(std::int64_t fetch_offset, std::int64_t upper_bound,
                           std::int64_t max_bytes, bool min_one_message,
                           std::vector<Batch>& out) const {
  if (fetch_offset < log_start_offset_ || fetch_offset > log_end_offset_) {
    return {ReadStatus::kOutOfRange, 0};
  }
  if (fetch_offset >= std::min(upper_bound, log_end_offset_) || body_.get() == nullptr) return {};
  const BatchStore& store = body_.get()->store;
  std::int64_t bytes = 0;
  std::int64_t room = max_bytes;
  std::size_t index = store.find(fetch_offset);
  const std::size_t first = index;
  const std::size_t end = end_of_segment(*body_.get(), index);
  for (bool more = true; more && index < end;) {
    const BatchStore::Run run = store.run_from(index);
    const std::size_t count = std::min(run.count, end - index);
    std::size_t taken = 0;
    for (; taken < count; ++taken) {
      const Batch& batch = run.first[taken];
      if (index == first && taken == 0 && min_one_message) {
        room = std::max<std::int64_t>(room, batch.bytes);
      }
      if (batch.base_offset >= upper_bound || bytes + batch.bytes > room) break;
      bytes += batch.bytes;
    }
    more = taken == count;
    out.insert(out.end(), run.first, run.first + taken);
    index += taken;
  }
  return {index == first ? ReadStatus::kEmpty : ReadStatus::kBatches, bytes};
}

const Batch* PartitionLog::batch_containing(std::int64_t offset) const {
  const Body* body = body_.get();
  if (body == nullptr) return nullptr;
  const std::size_t index = body->store.find(offset);
  if (index == body->store.size() || body->store[index].base_offset > offset) return nullptr;
  return &body->store[index];
}

std::int64_t PartitionLog::bytes_between(std::int64_t from, std::int64_t to) const {
  const Body* body = body_.get();
  if (body == nullptr || to <= from) return 0;
  const BatchStore& store = body->store;
  const std::size_t last = to >= log_end_offset_ ? store.size() : store.find(to);
  return store.bytes_between(store.find(from), last);
}

bool PartitionLog::maybe_increment_high_watermark(std::int64_t offset) {
  SIM_ASSERT2(offset <= log_end_offset_, "a high watermark above the end of the log", offset,
              log_end_offset_);
  if (offset <= high_watermark_) return false;
  high_watermark_ = offset;
  if (ProducerStates* producers = producers_.get()) producers->on_high_watermark(offset);
  return true;
}

bool PartitionLog::maybe_update_high_watermark(std::int64_t leader_high_watermark) {
  const std::int64_t clamped =
      std::clamp(leader_high_watermark, log_start_offset_, log_end_offset_);
  const bool changed = clamped != high_watermark_;
  high_watermark_ = clamped;
  if (ProducerStates* producers = producers_.get()) producers->on_high_watermark(clamped);
  return changed;
}

Error PartitionLog::maybe_increment_log_start_offset(std::int64_t offset,
                                                     const LogContext& context) {
  if (offset > high_watermark_) return Error::kOffsetOutOfRange;
  if (offset <= log_start_offset_) return Error::kNone;
  log_start_offset_ = offset;
  epochs_.truncate_from_start(offset);
  if (ProducerStates* producers = producers_.get();
      producers != nullptr && context.bug(Bug::kProducerStateWithLog)) {
    producers->forget_below(offset);
  }
  return Error::kNone;
}

void PartitionLog::mark_flushed(std::int64_t offset) {
  recovery_point_ = std::max(recovery_point_, std::min(offset, log_end_offset_));
}

void PartitionLog::mark_written_back(std::int64_t offset) {
  written_back_ = std::max(written_back_, std::min(offset, log_end_offset_));
}

// --- truncation ----------------------------------------------------------------------------------

void PartitionLog::cut_store(Body& body, std::int64_t offset) {
  const std::size_t index = body.store.find(offset);
  if (index >= body.store.size()) return;
  body.end_position = body.store.position_of(index);
  hash_ = body.store.hash_before(index);
  body.store.cut(index);
}

bool PartitionLog::truncate_to(std::int64_t offset, const LogContext& context) {
  SIM_ASSERT(offset >= 0, "a log is truncated to a negative offset");
  if (offset >= log_end_offset_) {
    if (!context.bug(Bug::kCleanEpochCache)) epochs_.truncate_from_end(log_end_offset_);
    return false;
  }
  if (offset < segment_base_) {
    truncate_fully_and_start_at(offset, context);
    return true;
  }
  if (Body* body = body_.get()) {
    pop_segments(*body, offset);
    cut_store(*body, offset);
  }
  log_end_offset_ = offset;
  log_start_offset_ = std::min(offset, log_start_offset_);
  high_watermark_ = std::min(high_watermark_, log_end_offset_);
  recovery_point_ = std::min(recovery_point_, log_end_offset_);
  written_back_ = std::min(written_back_, log_end_offset_);
  epochs_.truncate_from_end(offset);
  if (Body* body = body_.get()) body->segments.back().rescan(body->store, *context.config);
  rebuild_producers(false, context);
  return true;
}

void PartitionLog::truncate_fully_and_start_at(std::int64_t offset, const LogContext& context) {
  // At a start that lies lower than what is deleted already, nobody knows the records before it.
  if (offset == 0) return truncate_fully_and_start_at(0, 0, context);
  const bool known = hashed_from_ <= offset && offset <= log_end_offset_;
  const std::uint64_t before = known ? prefix_hash(offset) : 0;
  truncate_fully_and_start_at(offset, before, context);
  if (!known) hashed_from_ = kUnknownPrefix;
}

void PartitionLog::truncate_fully_and_start_at(std::int64_t offset, std::uint64_t prefix_hash,
                                               const LogContext& context) {
  body_.reset();
  producers_.reset();
  epochs_.clear();
  hash_ = prefix_hash;
  hashed_from_ = offset;
  segment_base_ = offset;
  log_start_offset_ = offset;
  if (!context.bug(Bug::kHwOnFullTruncate)) high_watermark_ = offset;
  log_end_offset_ = offset;
  recovery_point_ = std::min(recovery_point_, offset);
  written_back_ = std::min(written_back_, offset);
}

std::uint64_t PartitionLog::prefix_hash(std::int64_t offset) const {
  if (offset >= log_end_offset_) return hash_;
  const Body* body = body_.get();
  if (body == nullptr) return hash_;
  const std::size_t index = body->store.find(offset);
  return index == body->store.size() ? hash_ : body->store.hash_before(index);
}

}  // namespace isrlab::model
