// The log manager of a broker: loading at the start, its periodic tasks, flushes, the clean close
// (LogManager.scala, LogLoader.scala, KafkaServer.shutdown of Kafka 3.9; reference replication.md
// sections 1.6 and 1.8).
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
/// What one recovery thread reads, checks and indexes in a second.
constexpr std::int64_t kRecoveryBytesPerSecond = 100'000'000;
/// So much is part of the boot time, which was measured with small logs.
constexpr Duration kLoadingWithinBoot = 200 * sim::kMillisecond;
constexpr std::int64_t kLargestWrite = std::numeric_limits<std::uint32_t>::max();

/// An interval of 0 would be looked after without end.
Time after(Time now, Duration interval) {
  const Duration pause = std::max<Duration>(interval, sim::kMillisecond);
  return pause >= sim::kNever - now ? sim::kNever : now + pause;
}
}  // namespace

LogContext Broker::log_context(PartitionId id, const Out& out) {
  LogContext context;
  context.config = &out.catalog().log_config(out.catalog().partition(id).topic, id_);
  context.now = out.wall();
  context.jitter = &jitter_random_;
  context.bugs = config_->bugs;
  return context;
}

// --- the start -----------------------------------------------------------------------------------

/// Reads and removes the marks of a clean shutdown: from here on, a death makes the next start an
/// unclean one.
void Broker::load_logs(Out& out) {
  for (LogDirectory& directory : directories_) {
    directory.was_clean = directory.clean_mark;
    directory.clean_mark = false;
  }
  std::int64_t bytes = 0;
  const Duration loading = loading_time(out, bytes);
  if (loading == 0) return logs_loaded(out);
  bool clean = true;
  for (const LogDirectory& directory : directories_) clean = clean && directory.was_clean;
  out.record(HistoryKind::kLogsLoaded, static_cast<std::uint32_t>(id_), loading, bytes, clean);
  out.set_timer(life_slot_, out.now() + loading, TimerKind::kLogsLoaded);
}

/// Each directory has its own threads; each log goes to the thread that is free first.
Duration Broker::loading_time(const Out&, std::int64_t& bytes) const {
  Duration longest = 0;
  std::vector<std::int64_t> threads;
  for (std::size_t d = 0; d < directories_.size(); ++d) {
    if (directories_[d].was_clean || directories_[d].failed) continue;
    threads.assign(static_cast<std::size_t>(config_->num_recovery_threads_per_data_dir), 0);
    for (const Replica& replica : replicas_) {
      const Partition& partition = replica.partition;
      if (!partition.exists || partition.directory != d) continue;
      const std::int64_t scanned = partition.log.bytes_to_recover(partition.files.recovery_point);
      if (scanned == 0) continue;
      *std::min_element(threads.begin(), threads.end()) += scanned;
      bytes += scanned;
    }
    const std::int64_t most = *std::max_element(threads.begin(), threads.end());
    longest = std::max(longest, most / (kRecoveryBytesPerSecond / 1'000'000) * sim::kMicrosecond);
  }
  return std::max<Duration>(0, longest - kLoadingWithinBoot);
}

void Broker::logs_loaded(Out& out) {
  for (std::size_t d = 0; d < directories_.size(); ++d) {
    directories_[d].offline = directories_[d].failed;
    directories_[d].clean_mark = false;
  }
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.exists) continue;
    const LogDirectory& directory = directories_[partition.directory];
    partition.offline = directory.offline;
    if (partition.offline) continue;
    partition.log.restart(partition.files, directory.was_clean, log_context(replica.id, out));
    partition.dirty_mark = std::min(partition.dirty_mark, partition.log.log_end_offset());
  }
  logs_loaded_ = true;
  start_log_tasks(out);
  begin_registration(out);
}

void Broker::start_log_tasks(Out& out) {
  const Time first = after(out.now(), config_->log_initial_task_delay);
  out.set_timer(retention_slot_, first, TimerKind::kLogRetention);
  out.set_timer(recovery_slot_, first, TimerKind::kRecoveryPointCheckpoint);
  out.set_timer(log_start_slot_, first, TimerKind::kLogStartCheckpoint);
  if (config_->log_flush_scheduler_interval != kLongMax) {
    out.set_timer(flusher_slot_, first, TimerKind::kLogFlusher);
  }
  out.set_timer(expiration_slot_, after(out.now(), config_->producer_id_expiration_check_interval),
                TimerKind::kProducerExpiration);
}

/// A new log goes to the directory that has the fewest.
void Broker::place_log(Partition& partition) {
  if (partition.exists) return;
  std::vector<std::size_t> counts(directories_.size(), 0);
  for (const Replica& replica : replicas_) {
    if (replica.partition.exists) ++counts[replica.partition.directory];
  }
  std::size_t best = directories_.size();
  for (std::size_t d = 0; d < directories_.size(); ++d) {
    if (directories_[d].offline) continue;
    if (best == directories_.size() || counts[d] < counts[best]) best = d;
  }
  partition.directory = static_cast<std::uint8_t>(best == directories_.size() ? 0 : best);
}

// --- writing -------------------------------------------------------------------------------------

void Broker::after_write(Replica& replica, std::int64_t active_base_before, Out& out) {
  PartitionLog& log = replica.partition.log;
  const std::int64_t active = log.active_base();
  const bool due = log.flush_due(*log_context(replica.id, out).config);
  if (due && just_synced_) {  // the thread has waited for it
    log.mark_flushed(log.log_end_offset());
    return log.note_flush(out.wall());
  }
  if (active != active_base_before) flush(replica, active, out);
  if (due) flush(replica, log.log_end_offset(), out);
}

void Broker::flush(const Replica& replica, std::int64_t offset, Out& out) {
  const PartitionLog& log = replica.partition.log;
  const std::int64_t from = std::max(log.durable_end(), log.log_start_offset());
  const std::int64_t bytes = log.bytes_between(from, offset);
  const std::uint32_t token = next_flush_++;
  flushes_.push_back({token, replica.id, offset});
  out.write_disk(token, static_cast<std::uint32_t>(std::min(bytes, kLargestWrite)), true);
}

void Broker::on_disk_done(std::uint32_t token, Out& out) {
  if (token == kNone) return;
  if ((token & kSyncToken) != 0) return synced(token & ~kSyncToken, out);
  const auto at = std::find_if(flushes_.begin(), flushes_.end(),
                               [token](const PendingFlush& flush) { return flush.token == token; });
  if (at == flushes_.end()) return;
  const PendingFlush done = *at;
  flushes_.erase(at);
  if (Replica* replica = hosted(done.partition); replica != nullptr && !disk_fails(*replica, out)) {
    replica->partition.log.mark_flushed(done.offset);
    replica->partition.log.note_flush(out.wall());
  }
  if (halting_) return;
  if (state_ == BrokerState::kClosing && !logs_closed_ && flushes_.empty()) logs_closed(out);
}

/// What is no longer in the log is not flushed by an fsync that is under way, and the file of the
/// recovery points is written anew.
void Broker::after_truncation(Replica& replica) {
  Partition& partition = replica.partition;
  const std::int64_t end = partition.log.log_end_offset();
  partition.dirty_mark = std::min(partition.dirty_mark, end);
  partition.files.recovery_point = partition.log.recovery_point();
  for (PendingFlush& flush : flushes_) {
    if (flush.partition == replica.id) flush.offset = std::min(flush.offset, end);
  }
}

void Broker::log_start_raised(Replica& replica, std::int64_t from, Out& out) {
  const PartitionLog& log = replica.partition.log;
  if (log.log_start_offset() <= from) return;
  out.record(HistoryKind::kLogStartRaised, replica.id, from, log.log_start_offset(),
             static_cast<std::int64_t>(log.segment_count()));
  for (const FetchWatcher& watcher : replica.watchers) mark_dirty(watcher.slot, watcher.index);
}

// --- periodic tasks ------------------------------------------------------------------------------

void Broker::clean_up_logs(Out& out) {
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.exists || partition.offline) continue;
    const LogContext how = log_context(replica.id, out);
    const std::int64_t from = partition.log.log_start_offset();
    const std::int64_t active = partition.log.active_base();
    if (!partition.log.delete_old_segments(how)) continue;
    if (partition.log.active_base() != active) flush(replica, partition.log.active_base(), out);
    log_start_raised(replica, from, out);
    deletions_.push_back(
        {after(out.now(), how.config->file_delete_delay), replica.id, partition.log.first_batch()});
  }
  delete_files(out);
  out.set_timer(retention_slot_, after(out.now(), config_->log_retention_check_interval),
                TimerKind::kLogRetention);
}

void Broker::delete_files(Out& out) {
  Time next = sim::kNever;
  std::erase_if(deletions_, [&](const PendingDeletion& deletion) {
    if (deletion.at > out.now()) {
      next = std::min(next, deletion.at);
      return false;
    }
    if (Replica* replica = hosted(deletion.partition)) {
      replica->partition.log.purge(deletion.first_batch);
    }
    return true;
  });
  if (next != sim::kNever) out.set_timer(deletion_slot_, next, TimerKind::kFileDeletion);
}

void Broker::flush_dirty_logs(Out& out) {
  for (Replica& replica : replicas_) {
    PartitionLog& log = replica.partition.log;
    if (!replica.partition.exists || replica.partition.offline) continue;
    if (log.recovery_point() == log.log_end_offset()) continue;
    const LogContext how = log_context(replica.id, out);
    if (out.wall() - log.last_flushed() < how.config->flush_time) continue;
    log.note_flush(out.wall());
    flush(replica, log.log_end_offset(), out);
  }
  out.set_timer(flusher_slot_, after(out.now(), config_->log_flush_scheduler_interval),
                TimerKind::kLogFlusher);
}

void Broker::checkpoint_high_watermarks(Out& out) {
  write_back(out);
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.exists || partition.offline) continue;
    if (disk_fails(replica, out)) {
      if (halting_) return;
      continue;
    }
    partition.files.high_watermark = partition.log.high_watermark();
  }
  out.set_timer(checkpoint_slot_, out.now() + config_->replica_high_watermark_checkpoint_interval,
                TimerKind::kHighWatermarkCheckpoint);
}

void Broker::checkpoint_recovery_points(Out& out) {
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.offline) partition.files.recovery_point = partition.log.recovery_point();
  }
  out.set_timer(recovery_slot_, after(out.now(), config_->log_flush_offset_checkpoint_interval),
                TimerKind::kRecoveryPointCheckpoint);
}

/// Only logs that do not begin where their first segment does are in the file.
void Broker::checkpoint_log_starts(Out& out) {
  for (Replica& replica : replicas_) {
    if (!replica.partition.offline) replica.partition.checkpoint_log_start();
  }
  out.set_timer(log_start_slot_,
                after(out.now(), config_->log_flush_start_offset_checkpoint_interval),
                TimerKind::kLogStartCheckpoint);
}

void Broker::expire_producers(Out& out) {
  for (Replica& replica : replicas_) {
    replica.partition.log.expire_producers(out.wall(), config_->producer_id_expiration);
  }
  out.set_timer(expiration_slot_, after(out.now(), config_->producer_id_expiration_check_interval),
                TimerKind::kProducerExpiration);
}

// --- the clean close -----------------------------------------------------------------------------

/// LogManager.shutdown: each log with something unflushed is flushed, one after the other as
/// the disk can, and then closed.
void Broker::close_logs(Out& out) {
  logs_closed_ = false;
  flushes_.clear();
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.exists || partition.offline) continue;
    if (disk_fails(replica, out)) {
      if (halting_) return;
      continue;
    }
    partition.files.high_watermark = partition.log.high_watermark();
    const std::int64_t end = partition.log.log_end_offset();
    if (partition.log.recovery_point() < end) flush(replica, end, out);
  }
  if (flushes_.empty()) logs_closed(out);
}

/// All is on the disk: checkpoints and marks are written. The ZooKeeper session is closed last.
void Broker::logs_closed(Out& out) {
  logs_closed_ = true;
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (!partition.exists || partition.offline) continue;
    partition.log.close_clean();
    partition.files.recovery_point = partition.log.recovery_point();
    partition.checkpoint_log_start();
  }
  for (LogDirectory& directory : directories_) directory.clean_mark = !directory.offline;
  controller_.shut_down(out);
  if (session_gone_) {
    out.record(HistoryKind::kProcessExited, 0, 1);
    return out.exit_process();
  }
  zk_.close(out);
}

}  // namespace isrlab::model
