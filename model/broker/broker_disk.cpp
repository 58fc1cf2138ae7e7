// A broker and its disks: the kernel's write-back, what survives the host, a log directory that
// fails (LogDirFailureChannel, ReplicaManager.handleLogDirFailure of Kafka 3.9; reference
// replication.md sections 1.8 and 1.9). By default Kafka fsyncs a log when a segment is rolled and
// at a clean close only: a record is safe before that when the kernel has written it back, about
// 30 s later (vm.dirty_expire_centisecs), looked after every 5 s (vm.dirty_writeback_centisecs).
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
constexpr Duration kWriteBack = 35 * sim::kSecond;
}

/// What was in the log one write-back ago is on the disk by now.
void Broker::write_back(Out& out) {
  if (out.now() - written_back_at_ < kWriteBack) return;
  written_back_at_ = out.now();
  for (Replica& replica : replicas_) {
    Partition& partition = replica.partition;
    if (partition.offline || directories_[partition.directory].failed) continue;
    partition.log.mark_written_back(partition.dirty_mark);
    partition.dirty_mark = partition.log.log_end_offset();
  }
}

void Broker::set_disk_failed(bool failed, std::int32_t directory) {
  for (std::size_t d = 0; d < directories_.size(); ++d) {
    if (directory < 0 || static_cast<std::size_t>(directory) == d) directories_[d].failed = failed;
  }
}

bool Broker::any_directory_offline() const {
  return std::any_of(directories_.begin(), directories_.end(),
                     [](const LogDirectory& directory) { return directory.offline; });
}

bool Broker::all_directories_offline() const {
  return std::all_of(directories_.begin(), directories_.end(),
                     [](const LogDirectory& directory) { return directory.offline; });
}

/// A write to the replica's log. True: it failed, and its directory is given up.
bool Broker::disk_fails(const Replica& replica, Out& out) {
  const std::size_t directory = replica.partition.directory;
  // KAFKA-10778: the directory is not given up; what is appended now dies with the process.
  const bool goes_on = config_->bug(Bug::kAppendAfterIoError);
  if (!directories_[directory].failed || goes_on) return false;
  if (!directories_[directory].offline) log_dir_failed(directory, out);
  return true;
}

/// Becoming leader in a new epoch writes the epoch file and syncs it (LeaderEpochFileCache.assign),
/// a new log its partition.metadata. A request that comes while another one waits waits behind it
/// (replicaStateChangeLock). A disk that no fault slows takes no time for these.
std::uint32_t Broker::syncs_of(const LeaderAndIsrRequest& request) const {
  const bool queued = std::any_of(disk_waits_.begin(), disk_waits_.end(), [](const auto& wait) {
    return wait.in_use && wait.fetcher == kNone && !wait.produces;
  });
  if (disk_slow_ == 0) return queued ? 1 : 0;
  std::uint32_t syncs = 0;
  for (const PartitionStateMessage& state : request.partitions) {
    const Partition* known = partition(state.partition);
    const std::int32_t epoch = known == nullptr ? -1 : known->leader_epoch;
    if (state.leader_epoch <= epoch || !state.replicas.contains(id_)) continue;
    if (state.leader == id_) ++syncs;
    if (known == nullptr || !known->exists) ++syncs;
  }
  return queued ? std::max(1U, syncs) : syncs;
}

/// An append that makes a flush due (flush.messages) includes it: UnifiedLog.append syncs before it
/// returns, so nobody is answered before. Here the sync comes first and the append after it.
std::uint32_t Broker::syncs_of(const ProduceRequest& request, const Out& out) const {
  std::uint32_t syncs = 0;
  for (const ProduceRequest::Partition& wanted : request.partitions) {
    const Partition* known = partition(wanted.partition);
    if (known == nullptr || !known->is_leader()) continue;
    const std::int64_t end = known->log.log_end_offset() + wanted.batch.count;
    if (flush_due_at(wanted.partition, end, out)) ++syncs;
  }
  return syncs;
}

bool Broker::flush_due_at(PartitionId id, std::int64_t end, const Out& out) const {
  const LogConfig& config = out.catalog().log_config(out.catalog().partition(id).topic, id_);
  return end - partition(id)->log.recovery_point() >= config.flush_messages;
}

/// A follower writes and syncs the epoch file when the first batch of an epoch arrives, and what it
/// appends if flush.messages says so: it fetches again after that, so that what its leader takes
/// for replicated is on its disk.
std::uint32_t Broker::syncs_of(const FetchResponse& response, const Out& out) const {
  if (response.error != Error::kNone) return 0;
  std::uint32_t syncs = 0;
  for (const FetchResponse::Partition& result : response.partitions) {
    const Partition* known = partition(result.partition);
    if (known == nullptr || result.error != Error::kNone) continue;
    if (result.batch_count > 0) {
      const Batch& last = response.batches[result.first_batch + result.batch_count - 1];
      if (flush_due_at(result.partition, last.next_offset(), out)) ++syncs;
    }
    if (disk_slow_ == 0) continue;
    std::int32_t epoch = known->log.latest_epoch();
    for (std::uint32_t i = 0; i < result.batch_count; ++i) {
      const Batch& batch = response.batches[result.first_batch + i];
      if (batch.leader_epoch <= epoch) continue;
      epoch = batch.leader_epoch;
      ++syncs;
    }
  }
  return syncs;
}

/// One sync after the other; the last one wakes the thread. The caller says what waits.
std::uint32_t Broker::wait_for_disk(std::uint32_t syncs, Out& out) {
  constexpr std::uint32_t kFileBytes = 4096;
  std::uint32_t token = 0;
  while (token < disk_waits_.size() && disk_waits_[token].in_use) ++token;
  if (token == disk_waits_.size()) disk_waits_.emplace_back();
  disk_waits_[token] = DiskWait();
  disk_waits_[token].in_use = true;
  for (std::uint32_t i = 0; i < syncs; ++i) {
    out.write_disk(i + 1 == syncs ? token | kSyncToken : kNone, kFileBytes, true);
  }
  return token;
}

void Broker::synced(std::uint32_t token, Out& out) {
  DiskWait wait = std::move(disk_waits_[token]);
  disk_waits_[token] = DiskWait();
  if (wait.produces) {
    const std::uint32_t slot = slot_of(wait.server);
    if (slot == kNone) return;  // its connection is gone: as if it had not been read
    just_synced_ = true;
    handle_produce(slot, wait.produce, out);
    just_synced_ = false;
    return;
  }
  if (wait.fetcher == kNone) {
    return handle_leader_and_isr(slot_of(wait.server), wait.request, out);
  }
  Fetcher& fetcher = fetchers_[wait.fetcher];
  if (!fetcher.in_use || fetcher.writing != token) return;  // nobody follows there any more
  fetcher.writing = kNone;
  just_synced_ = true;
  fetched(wait.fetcher, wait.response, out);
  just_synced_ = false;
}

/// Its partitions are offline until a restart, and nobody fetches for them. Without a directory
/// that works the broker halts without a word.
void Broker::log_dir_failed(std::size_t directory, Out& out) {
  directories_[directory].offline = true;
  if (all_directories_offline()) {
    halting_ = true;
    out.record(HistoryKind::kProcessExited, 0, 0);
    return out.exit_process();
  }
  std::int64_t left = 0;
  for (const LogDirectory& each : directories_) left += each.offline ? 0 : 1;
  std::vector<PartitionId> gone;
  for (Replica& replica : replicas_) {
    if (replica.partition.exists && replica.partition.directory == directory) {
      gone.push_back(replica.id);
    }
  }
  out.record(HistoryKind::kLogDirFailed, static_cast<std::uint32_t>(id_),
             static_cast<std::int64_t>(directory), static_cast<std::int64_t>(gone.size()), left);
  for (const PartitionId id : gone) partition_offline(*hosted(id), out);
  notify_log_dir_failure(out);
}

/// What is parked for the partition learns of it when it is looked at next, as in Kafka.
void Broker::partition_offline(Replica& replica, Out& out) {
  Partition& partition = replica.partition;
  remove_fetcher(replica.id, out);
  std::erase_if(alter_items_, [&](const AlterItem& item) {
    return item.partition == replica.id && !item.in_flight;
  });
  partition.offline = true;
  partition.role = PartitionRole::kNone;
  partition.pending = PendingIsr::kNone;
  offsets_partition_role(replica, false, out);
}

std::vector<Broker::DiskLoss> Broker::lose_unflushed(UnflushedLoss how, bool with_host,
                                                     sim::Random& random) {
  std::vector<DiskLoss> losses;
  for (Replica& replica : replicas_) {
    PartitionLog& log = replica.partition.log;
    const bool failing =
        config_->bug(Bug::kAppendAfterIoError) && directories_[replica.partition.directory].failed;
    if (how == UnflushedLoss::kNone && !failing) {
      if (with_host) settle_on_disk(replica);
      continue;
    }
    const std::int64_t from = log.log_end_offset();
    const std::int64_t safe = std::clamp(log.durable_end(), log.log_start_offset(), from);
    if (safe == from) continue;
    std::int64_t keep = safe;
    if (how == UnflushedLoss::kTorn) {
      keep = std::max(safe, log.last_batch() == nullptr ? safe : log.last_batch()->base_offset);
    } else if (how == UnflushedLoss::kDrawn) {
      keep = random.between(safe, from);
    }
    // Recovery finds the first batch whose checksum is wrong and cuts the log there.
    log.lose_tail(keep);
    replica.partition.dirty_mark = std::min(replica.partition.dirty_mark, log.log_end_offset());
    if (with_host) settle_on_disk(replica);
    if (log.log_end_offset() < from) {
      losses.push_back({replica.id, from, log.log_end_offset(), safe});
    }
  }
  return losses;
}

/// What is there after the host went down is on its disk.
void Broker::settle_on_disk(Replica& replica) {
  PartitionLog& log = replica.partition.log;
  log.mark_written_back(log.log_end_offset());
  replica.partition.dirty_mark = log.log_end_offset();
}

std::vector<Broker::DiskLoss> Broker::wipe() {
  std::vector<DiskLoss> losses;
  for (Replica& replica : replicas_) {
    const PartitionLog& log = replica.partition.log;
    if (log.log_end_offset() > 0) {  // also if retention has deleted all: its epochs are lost
      losses.push_back({replica.id, log.log_end_offset(), 0, log.durable_end()});
    }
    replica.partition = Partition();
  }
  for (LogDirectory& directory : directories_) directory.clean_mark = false;
  return losses;
}

}  // namespace isrlab::model
