// Segments of a log: rolling, retention, producer snapshots, and what a start makes of the files
// (LocalLog, UnifiedLog.deleteOldSegments, LogLoader, ProducerStateManager of Kafka 3.9; reference
// replication.md sections 1.6, 1.8 and 6).
#include <algorithm>

#include "model/log/partition_log.hpp"
#include "sim/assert.hpp"

namespace isrlab::model {

void Segment::rescan(const BatchStore& store, const LogConfig& config) {
  first_timestamp = largest_timestamp = indexed_timestamp = kNoTimestamp;
  bytes_since_index = offset_entries = time_entries = 0;
  for (std::size_t i = first_batch; i < store.size(); ++i) {
    const Batch& batch = store[i];
    note({batch.last_offset(), batch.bytes, batch.timestamp, batch.timestamp},
         config.index_interval_bytes);
  }
}

Duration Segment::draw_jitter(const LogContext& context) {
  const Duration most = std::min(context.config->segment_jitter, context.config->segment_time);
  if (most <= 0 || context.jitter == nullptr) return 0;
  return static_cast<Duration>(context.jitter->below(static_cast<std::uint64_t>(most)));
}

// --- rolling -------------------------------------------------------------------------------------

std::int64_t PartitionLog::active_base() const {
  const Body* body = body_.get();
  return body == nullptr ? segment_base_ : body->segments.back().base_offset;
}

std::size_t PartitionLog::segment_count() const {
  const Body* body = body_.get();
  return body == nullptr ? 1 : body->segments.size();
}

std::size_t PartitionLog::first_batch() const {
  const Body* body = body_.get();
  return body == nullptr ? 0 : body->segments.front().first_batch;
}

std::int64_t PartitionLog::active_size() const {
  const Body* body = body_.get();
  return body == nullptr ? 0 : body->end_position - body->segments.back().position;
}

void PartitionLog::roll(const LogContext& context, std::int64_t base) {
  Body& body = this->body(context);
  const std::int64_t next_base = std::max(base, log_end_offset_);
  // An empty active segment makes room for one of the same name.
  if (active_size() == 0 && body.segments.back().base_offset == next_base) return;
  take_snapshot(next_base);
  Segment next;
  next.base_offset = next_base;
  next.position = body.end_position;
  next.first_batch = body.store.size();
  next.jitter = Segment::draw_jitter(context);
  body.segments.push_back(next);
}

void PartitionLog::pop_segments(Body& body, std::int64_t offset) {
  while (body.segments.size() > 1 && body.segments.back().base_offset > offset) {
    body.segments.pop_back();
  }
}

// --- retention -----------------------------------------------------------------------------------

/// How many segments from the oldest on the rule takes: 1 start offset, 2 size, 3 time. It stops at
/// the first that does not qualify; the high watermark bounds all of them.
std::size_t PartitionLog::deletable(const LogContext& context, int rule,
                                    std::int64_t excess) const {
  const Body& body = *body_.get();
  const std::vector<Segment>& segments = body.segments;
  std::size_t count = 0;
  for (; count < segments.size(); ++count) {
    const Segment& segment = segments[count];
    const bool last = count + 1 == segments.size();
    const std::int64_t end = last ? log_end_offset_ : segments[count + 1].base_offset;
    const std::int64_t end_position = last ? body.end_position : segments[count + 1].position;
    const std::int64_t size = end_position - segment.position;
    if (high_watermark_ < end || (last && size == 0)) break;
    if (rule == 1 && (last || segments[count + 1].base_offset > log_start_offset_)) break;
    if (rule == 2) {
      if (excess - size < 0) break;
      excess -= size;
    }
    if (rule == 3 && (segment.largest_timestamp == kNoTimestamp ||
                      context.now - segment.largest_timestamp <= context.config->retention_time)) {
      break;
    }
  }
  return count;
}

bool PartitionLog::delete_segments(std::size_t count, const LogContext& context) {
  if (count == 0) return false;
  if (count == segment_count()) roll(context);  // a log has one segment at least
  Body& body = *body_.get();
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t base = body.segments[i].base_offset;
    std::erase_if(body.snapshots,
                  [base](const ProducerSnapshot& snapshot) { return snapshot.offset == base; });
  }
  body.segments.erase(body.segments.begin(),
                      body.segments.begin() + static_cast<std::ptrdiff_t>(count));
  segment_base_ = body.segments.front().base_offset;
  maybe_increment_log_start_offset(std::min(segment_base_, high_watermark_), context);
  return true;
}

bool PartitionLog::delete_old_segments(const LogContext& context) {
  if (body_.get() == nullptr) return false;
  const LogConfig& config = *context.config;
  bool any = delete_segments(deletable(context, 1, 0), context);
  if (!config.deletes) return any;
  if (config.retention_bytes >= 0 && size_bytes() >= config.retention_bytes) {
    const std::size_t count = deletable(context, 2, size_bytes() - config.retention_bytes);
    any = delete_segments(count, context) || any;
  }
  if (config.retention_time >= 0) any = delete_segments(deletable(context, 3, 0), context) || any;
  return any;
}

void PartitionLog::purge(std::size_t first_batch) {
  Body* body = body_.get();
  if (body == nullptr) return;
  BatchStore& store = body->store;
  store.drop_before(std::min(first_batch, body->segments.front().first_batch));
  if (hashed_from_ == kUnknownPrefix || store.first() == 0) return;
  const std::int64_t known =
      store.first() < store.size() ? store[store.first()].base_offset : log_end_offset_;
  hashed_from_ = std::max(hashed_from_, known);
}

// --- flushing ------------------------------------------------------------------------------------

sim::Time PartitionLog::last_flushed() const {
  const Body* body = body_.get();
  return body == nullptr ? 0 : body->last_flushed;
}

void PartitionLog::note_flush(sim::Time now) {
  if (Body* body = body_.get()) body->last_flushed = now;
}

std::int64_t PartitionLog::bytes_to_recover(std::int64_t recovery_point) const {
  const Body* body = body_.get();
  if (body == nullptr) return 0;
  std::size_t i = body->segments.size() - 1;
  while (i > 0 && body->segments[i].base_offset > recovery_point) --i;
  return body->end_position - body->segments[i].position;
}

// --- producers -----------------------------------------------------------------------------------

void PartitionLog::expire_producers(sim::Time now, Duration expiration) {
  if (ProducerStates* producers = producers_.get()) producers->expire(now, expiration);
}

void PartitionLog::take_snapshot(std::int64_t offset) {
  const ProducerStates* producers = producers_.get();
  Body* body = body_.get();
  if (producers == nullptr || body == nullptr) return;  // nothing that a load would bring back
  if (!body->snapshots.empty() && body->snapshots.back().offset >= offset) return;
  ProducerSnapshot snapshot;
  snapshot.offset = offset;
  if (!producers->entries().empty()) {
    snapshot.entries =
        std::make_shared<const std::vector<ProducerSnapshotEntry>>(producers->snapshot());
  }
  body->snapshots.push_back(std::move(snapshot));
}

/// One snapshot for each segment is kept, and the newest if it is newer than the last segment.
void PartitionLog::remove_stray_snapshots() {
  Body* body = body_.get();
  if (body == nullptr || body->snapshots.empty()) return;
  const std::int64_t newest = body->snapshots.back().offset;
  const std::int64_t last_base = body->segments.back().base_offset;
  std::erase_if(body->snapshots, [&](const ProducerSnapshot& snapshot) {
    if (snapshot.offset == newest && newest > last_base) return false;
    return std::none_of(body->segments.begin(), body->segments.end(), [&](const Segment& segment) {
      return segment.base_offset == snapshot.offset;
    });
  });
}

/// ProducerStateManager.truncateAndReload and UnifiedLog.rebuildProducerState: the newest snapshot
/// within the log, then the batches from there on.
void PartitionLog::rebuild_producers(bool loading, const LogContext& context) {
  Body* body = body_.get();
  if (body == nullptr) return producers_.reset();
  std::vector<ProducerSnapshot>& snapshots = body->snapshots;
  std::erase_if(snapshots, [this](const ProducerSnapshot& snapshot) {
    return snapshot.offset > log_end_offset_ || snapshot.offset <= log_start_offset_;
  });
  const bool none = producers_.get() == nullptr || producers_.get()->entries().empty();
  if (!loading && none && snapshots.empty()) return;
  std::int64_t from = log_start_offset_;
  producers_.reset();
  if (!snapshots.empty()) {
    from = snapshots.back().offset;
    ProducerStates& loaded = producers_.need();
    if (const auto& entries = snapshots.back().entries) {
      loaded.load(*entries, context.now, context.config->producer_id_expiration);
    }
  }
  if (loading || !none) {  // without producers before a cut there are none after it
    const std::size_t segments = body->segments.size();
    for (std::size_t i = body->store.find(from); i < body->store.size(); ++i) {
      const Batch& batch = body->store[i];
      for (std::size_t last = segments < 2 ? 0 : segments - 2; last < segments; ++last) {
        if (body->segments[last].first_batch == i) take_snapshot(body->segments[last].base_offset);
      }
      if (batch.producer_id >= 0) producers_.need().update(batch);
    }
  }
  if (ProducerStates* known = producers_.get()) known->on_high_watermark(high_watermark_);
  take_snapshot(log_end_offset_);
}

// --- the end of a process and its start ----------------------------------------------------------

void PartitionLog::crash(std::int64_t checkpointed_high_watermark) {
  high_watermark_ = std::clamp(checkpointed_high_watermark, log_start_offset_, log_end_offset_);
}

void PartitionLog::lose_tail(std::int64_t offset) {
  if (offset >= log_end_offset_) return;
  if (Body* body = body_.get()) {
    pop_segments(*body, offset);
    cut_store(*body, offset);
    const BatchStore& store = body->store;
    const bool any = store.size() > store.first();
    log_end_offset_ =
        any ? std::max(store[store.size() - 1].next_offset(), body->segments.back().base_offset)
            : body->segments.back().base_offset;
  } else {
    log_end_offset_ = segment_base_;
  }
  epochs_.truncate_from_end(log_end_offset_);
  log_start_offset_ = std::min(log_start_offset_, log_end_offset_);
  high_watermark_ = std::min(high_watermark_, log_end_offset_);
  recovery_point_ = std::min(recovery_point_, log_end_offset_);
  written_back_ = std::min(written_back_, log_end_offset_);
}

void PartitionLog::close_clean() {
  mark_flushed(log_end_offset_);
  take_snapshot(log_end_offset_);
}

void PartitionLog::restart(const LogCheckpoints& files, bool clean, const LogContext& context) {
  purge(first_batch());  // files that were renamed .deleted go
  log_start_offset_ = std::max(files.log_start_offset, segment_base_);
  if (log_end_offset_ < log_start_offset_) {
    truncate_fully_and_start_at(log_start_offset_, files.prefix_hash, context);
  }
  recovery_point_ = clean ? log_end_offset_ : std::min(files.recovery_point, log_end_offset_);
  epochs_.truncate_from_end(log_end_offset_);
  epochs_.truncate_from_start(log_start_offset_);
  high_watermark_ = std::clamp(files.high_watermark, log_start_offset_, log_end_offset_);
  if (Body* body = body_.get()) {
    remove_stray_snapshots();
    body->segments.back().rescan(body->store, *context.config);
    body->last_flushed = context.now;
  }
  rebuild_producers(true, context);
}

}  // namespace isrlab::model
