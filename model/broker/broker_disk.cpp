// A broker and its disk: the kernel's write-back, what survives the host, a log directory that
// fails (LogManager, LogDirFailureHandler of Kafka 3.9; reference replication.md sections 1.6
// and 1.7). Kafka does not fsync what it appends (log.flush.interval.* are off): a record is safe
// when the kernel has written it back, by default about 30 s later (vm.dirty_expire_centisecs),
// looked after every 5 s (vm.dirty_writeback_centisecs).
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
    partition.log.mark_flushed(partition.dirty_mark);
    partition.dirty_mark = partition.log.log_end_offset();
  }
}

/// With one log directory its failure is the end: the broker halts without a word.
bool Broker::disk_fails(Out& out) {
  if (!disk_failed_) return false;
  if (halting_) return true;
  halting_ = true;
  out.record(HistoryKind::kProcessExited, 0, 0);
  out.exit_process();
  return true;
}

/// Becoming leader in a new epoch writes the epoch file and syncs it (LeaderEpochFileCache.assign),
/// a new log its partition.metadata. A request that comes while another one waits waits behind it
/// (replicaStateChangeLock). A disk that no fault slows takes no time for these.
std::uint32_t Broker::syncs_of(const LeaderAndIsrRequest& request) const {
  const bool queued = std::any_of(disk_waits_.begin(), disk_waits_.end(), [](const auto& wait) {
    return wait.in_use && wait.fetcher == kNone;
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

/// A follower writes and syncs the epoch file when the first batch of an epoch arrives.
std::uint32_t Broker::syncs_of(const FetchResponse& response) const {
  if (disk_slow_ == 0 || response.error != Error::kNone) return 0;
  std::uint32_t syncs = 0;
  for (const FetchResponse::Partition& result : response.partitions) {
    const Partition* known = partition(result.partition);
    if (known == nullptr || result.error != Error::kNone) continue;
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
    out.write_disk(i + 1 == syncs ? token : kNone, kFileBytes, true);
  }
  return token;
}

void Broker::on_disk_done(std::uint32_t token, Out& out) {
  if (token == kNone) return;
  DiskWait wait = std::move(disk_waits_[token]);
  disk_waits_[token] = DiskWait();
  if (wait.fetcher == kNone) {
    return handle_leader_and_isr(slot_of(wait.server), wait.request, out);
  }
  Fetcher& fetcher = fetchers_[wait.fetcher];
  if (!fetcher.in_use || fetcher.writing != token) return;  // nobody follows there any more
  fetcher.writing = kNone;
  fetched(wait.fetcher, wait.response, out);
}

std::vector<Broker::DiskLoss> Broker::lose_unflushed(UnflushedLoss how, bool with_host,
                                                     sim::Random& random) {
  std::vector<DiskLoss> losses;
  if (how == UnflushedLoss::kNone && !with_host) return losses;
  for (Replica& replica : replicas_) {
    PartitionLog& log = replica.partition.log;
    const std::int64_t from = log.log_end_offset();
    const std::int64_t safe = std::clamp(log.recovery_point(), log.log_start_offset(), from);
    if (safe == from) continue;
    if (how == UnflushedLoss::kNone) {
      settle_on_disk(replica);
      continue;
    }
    std::int64_t keep = safe;
    if (how == UnflushedLoss::kTorn) {
      keep = std::max(safe, log.last_batch() == nullptr ? safe : log.last_batch()->base_offset);
    } else if (how == UnflushedLoss::kDrawn) {
      keep = random.between(safe, from);
    }
    // Recovery finds the first batch whose checksum is wrong and cuts the log there.
    const Batch* torn = keep < from ? log.batch_containing(keep) : nullptr;
    log.truncate_to(torn == nullptr ? keep : torn->base_offset);
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
  log.mark_flushed(log.log_end_offset());
  replica.partition.dirty_mark = log.log_end_offset();
}

std::vector<Broker::DiskLoss> Broker::wipe() {
  std::vector<DiskLoss> losses;
  for (Replica& replica : replicas_) {
    const PartitionLog& log = replica.partition.log;
    if (log.log_end_offset() > log.log_start_offset()) {
      losses.push_back({replica.id, log.log_end_offset(), 0, log.recovery_point()});
    }
    replica.partition = Partition();
  }
  return losses;
}

}  // namespace isrlab::model
