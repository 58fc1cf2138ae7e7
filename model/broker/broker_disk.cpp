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

std::vector<Broker::DiskLoss> Broker::lose_unflushed(UnflushedLoss how, sim::Random& random) {
  std::vector<DiskLoss> losses;
  if (how == UnflushedLoss::kNone) return losses;
  for (Replica& replica : replicas_) {
    PartitionLog& log = replica.partition.log;
    const std::int64_t from = log.log_end_offset();
    const std::int64_t safe = std::clamp(log.recovery_point(), log.log_start_offset(), from);
    if (safe == from) continue;
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
    if (log.log_end_offset() < from) {
      losses.push_back({replica.id, from, log.log_end_offset(), safe});
    }
  }
  return losses;
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
