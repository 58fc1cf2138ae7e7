#include "model/invariants/loss_ledger.hpp"

#include <algorithm>

namespace isrlab::model {

namespace {

constexpr std::uint32_t kSettleAt = 16;

/// Is this record at this offset?
bool holds(const PartitionLog& log, std::int64_t offset, std::uint32_t producer,
           std::uint64_t record) {
  const Batch* batch = log.batch_containing(offset);
  return batch != nullptr && batch->producer == producer &&
         batch->first_record + static_cast<std::uint64_t>(offset - batch->base_offset) == record;
}

/// Records stay together: if the first and the last are there, so is what lies between.
template <class Range>
bool holds_all(const PartitionLog& log, const Range& range) {
  const auto last = static_cast<std::int64_t>(range.count) - 1;
  return holds(log, range.offset, range.producer, range.first_record) &&
         holds(log, range.offset + last, range.producer,
               range.first_record + static_cast<std::uint64_t>(last));
}

/// The same, or retention has deleted what is not there: that is no loss.
template <class Range>
bool holds_or_deleted(const PartitionLog& log, const Range& range) {
  const auto one = [&](std::int64_t within) {
    const std::int64_t offset = range.offset + within;
    return offset < log.log_start_offset() ||
           holds(log, offset, range.producer,
                 range.first_record + static_cast<std::uint64_t>(within));
  };
  return one(0) && one(static_cast<std::int64_t>(range.count) - 1);
}

}  // namespace

LossLedger::LossLedger(const Catalog& catalog)
    : catalog_(&catalog), leaders_(catalog), partitions_(catalog.partition_count()) {}

std::vector<HistoryKind> LossLedger::interests() const {
  return {HistoryKind::kRecordsAcked, HistoryKind::kBecameLeader, HistoryKind::kTruncated};
}

void LossLedger::observe(const sim::HistoryEvent& event, const RunView& view) {
  switch (kind_of(event)) {
    case HistoryKind::kRecordsAcked: return acknowledged(event, view);
    case HistoryKind::kBecameLeader: return became_leader(event, view);
    default: return truncated(event, view);
  }
}

void LossLedger::acknowledged(const sim::HistoryEvent& event, const RunView& view) {
  if (event.c < 0) return;  // acks=0, or an old duplicate: the producer learned no offset
  const LeaderInEpoch& leader = leaders_.newest(event.subject);
  Ack ack;
  ack.offset = event.c;
  ack.first_record = static_cast<std::uint64_t>(event.a);
  ack.time = event.time;
  ack.count = static_cast<std::uint32_t>(event.b);
  ack.producer = catalog_->process(event.actor).index;
  const auto find = [&](BrokerId broker) {
    const PartitionLog* log = view.log(broker, event.subject);
    if (log == nullptr || !holds_all(*log, ack)) return false;
    ack.epoch = log->batch_containing(ack.offset)->leader_epoch;
    ack.acked_by = leaders_.find(event.subject, ack.epoch);
    return true;
  };
  PartitionState& state = partitions_[event.subject];
  const PartitionLog* now = view.log(leader.broker, event.subject);
  if (now != nullptr && ack.end() <= now->log_start_offset()) return;  // deleted already
  if (find(leader.broker)) {
    state.acks.push_back(ack);
    if (state.acks.size() >= std::max(state.settle_at, kSettleAt)) settle(event.subject, view);
    return;
  }
  // The news of success arrives after a leader without the records has taken over.
  for (const BrokerId broker : view.assignment(event.subject)) {
    if (find(broker)) break;
  }
  lose(event, ack, state.leader_event);
}

void LossLedger::became_leader(const sim::HistoryEvent& event, const RunView& view) {
  const PartitionId partition = event.subject;
  const auto epoch = static_cast<std::int32_t>(event.a);
  const LeaderInEpoch before = leaders_.newest(partition);
  leaders_.note(partition, epoch, catalog_->broker_of(event.actor));
  if (epoch < before.epoch) return;  // its epoch is over already
  PartitionState& state = partitions_[partition];
  state.leader_event = event.id;
  const PartitionLog* log = view.log(leaders_.newest(partition).broker, partition);
  if (log == nullptr) return;
  // What both leaders hold is safe: the records at risk were all in the log of the one before.
  const PartitionLog* old = view.log(before.broker, partition);
  std::int64_t safe = 0;
  if (!state.acks.empty() && old != nullptr && hashes_compare(*old, *log)) {
    safe = first_difference(*old, *log, old->log_end_offset());
  }
  look_through(event, event.id, safe, view);
  bring_back(event, *log);
}

void LossLedger::truncated(const sim::HistoryEvent& event, const RunView& view) {
  const BrokerId broker = catalog_->broker_of(event.actor);
  // The leader lacked them when it took over, so this finds only what a truncating leader loses.
  look_through(event, event.id, event.b, view);
  for (LostRange& range : lost_) {
    const bool hit = range.partition == event.subject && range.acked_by == broker &&
                     range.offset < event.a && range.offset + range.count > event.b;
    if (!hit || range.erased != sim::kNever || range.returned != sim::kNever) continue;
    range.erased = event.time;
    range.erased_by = event.id;
  }
}

void LossLedger::look_through(const sim::HistoryEvent& event, std::uint32_t cause,
                              std::int64_t safe, const RunView& view) {
  std::vector<Ack>& acks = partitions_[event.subject].acks;
  const PartitionLog* log = view.log(leaders_.newest(event.subject).broker, event.subject);
  if (acks.empty() || log == nullptr) return;
  std::erase_if(acks, [&](const Ack& ack) {
    if (ack.end() <= safe || holds_or_deleted(*log, ack)) return false;
    lose(event, ack, cause);
    return true;
  });
}

void LossLedger::lose(const sim::HistoryEvent& event, const Ack& ack, std::uint32_t cause) {
  if (!lost_.empty()) {
    LostRange& last = lost_.back();
    const bool next = last.partition == event.subject && last.producer == ack.producer &&
                      last.epoch == ack.epoch && last.acked_by == ack.acked_by &&
                      last.cause == cause && last.erased == sim::kNever &&
                      last.returned == sim::kNever && last.offset + last.count == ack.offset &&
                      last.first_record + last.count == ack.first_record;
    if (next) {
      last.count += ack.count;
      last.last_acked = std::max(last.last_acked, ack.time);
      return;
    }
  }
  LostRange range;
  range.partition = event.subject;
  range.offset = ack.offset;
  range.count = ack.count;
  range.producer = ack.producer;
  range.first_record = ack.first_record;
  range.acks = static_cast<std::int32_t>(catalog_->spec().producers[ack.producer].config.acks);
  range.epoch = ack.epoch;
  range.acked_by = ack.acked_by;
  range.first_acked = range.last_acked = ack.time;
  range.lost = event.time;
  range.cause = cause;
  range.new_leader = leaders_.newest(event.subject).broker;
  lost_.push_back(range);
}

void LossLedger::bring_back(const sim::HistoryEvent& event, const PartitionLog& log) {
  for (LostRange& range : lost_) {
    if (range.partition != event.subject || range.returned != sim::kNever) continue;
    if (!holds_all(log, range)) continue;
    range.returned = event.time;
    partitions_[event.subject].acks.push_back({range.offset, range.first_record, range.last_acked,
                                               range.count, range.producer, range.epoch,
                                               range.acked_by});
  }
}

void LossLedger::settle(PartitionId partition, const RunView& view) {
  PartitionState& state = partitions_[partition];
  const Partition* leader = view.partition(leaders_.newest(partition).broker, partition);
  std::int64_t settled = 0;
  if (leader != nullptr && !leader->replicas.empty()) {
    settled = leader->log.log_end_offset();
    for (const BrokerId broker : leader->replicas) {
      const PartitionLog* log = view.log(broker, partition);
      settled = std::min(settled, log == nullptr ? 0 : log->log_end_offset());
    }
    for (const BrokerId broker : leader->replicas) {
      const PartitionLog* log = view.log(broker, partition);
      if (log == nullptr || !hashes_compare(*log, leader->log) ||
          !same_prefix(*log, leader->log, settled)) {
        settled = 0;
      }
    }
  }
  std::erase_if(state.acks, [settled](const Ack& ack) { return ack.end() <= settled; });
  // Twice as many before the next look, so that each acknowledgement is looked at a few times only.
  state.settle_at = std::max(kSettleAt, static_cast<std::uint32_t>(state.acks.size()) * 2);
}

std::uint64_t LossLedger::lost_records(std::int32_t acks) const {
  std::uint64_t count = 0;
  for (const LostRange& range : lost_) {
    if (range.acks == acks && range.returned == sim::kNever) count += range.count;
  }
  return count;
}

std::string LossLedger::text(const LostRange& range) const {
  const std::string& producer = catalog_->spec().producers[range.producer].name;
  const std::string acks = range.acks == -1 ? "all" : std::to_string(range.acks);
  std::string text = sentence(
      catalog_->partition_name(range.partition), ": ", range.count, " records of ", producer,
      " (from record ", range.first_record, " at offset ", range.offset, ") that ",
      broker_name(range.acked_by), " acknowledged with acks=", acks, " in epoch ", range.epoch,
      " are not in the log of ", broker_name(range.new_leader), ", the new leader");
  if (range.erased != sim::kNever) text += "; truncated by " + broker_name(range.acked_by);
  if (range.returned != sim::kNever) text += "; back with a later leader";
  return text;
}

std::size_t LossLedger::remembered() const {
  std::size_t count = 0;
  for (const PartitionState& state : partitions_) count += state.acks.size();
  return count;
}

}  // namespace isrlab::model
