#include "results/ledger.hpp"

#include <algorithm>

namespace isrlab::results {

using model::HistoryKind;
using scenarios::AcksClass;

RecordLedger::RecordLedger(std::shared_ptr<const model::Catalog> catalog)
    : catalog_(std::move(catalog)), latency_(catalog_->topics().size()) {
  const auto& producers = catalog_->spec().producers;
  for (std::uint32_t i = 0; i < producers.size(); ++i) {
    first_lane_.push_back(lanes_.size());
    const auto topic = catalog_->find_topic(producers[i].topic);
    if (!topic) continue;
    const model::TopicInfo& info = catalog_->topic(*topic);
    for (std::int32_t p = 0; p < info.partitions; ++p) {
      LedgerLane lane;
      lane.producer = i;
      lane.partition = info.first + static_cast<model::PartitionId>(p);
      lanes_.push_back(lane);
    }
  }
  pending_.resize(lanes_.size());
}

std::vector<HistoryKind> RecordLedger::interests() {
  return {HistoryKind::kRecordCreated, HistoryKind::kRecordsAcked, HistoryKind::kRecordsFailed};
}

AcksClass RecordLedger::acks_of(std::uint32_t producer) const {
  switch (catalog_->spec().producers[producer].config.acks) {
    case 0: return AcksClass::kZero;
    case 1: return AcksClass::kOne;
    default: return AcksClass::kAll;
  }
}

std::size_t RecordLedger::lane_of(const sim::HistoryEvent& event) const {
  const std::size_t first = first_lane_[catalog_->process(event.actor).index];
  return first + (event.subject - lanes_[first].partition);
}

void RecordLedger::on_event(const sim::HistoryEvent& event) {
  const std::size_t at = lane_of(event);
  LedgerLane& lane = lanes_[at];
  const auto first = static_cast<std::uint64_t>(event.a);
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kRecordCreated: {
      Pending& pending = pending_[at];
      if (pending.created.empty()) pending.base = first;
      pending.created.push_back(event.time);
      ++lane.created;
      break;
    }
    case HistoryKind::kRecordsAcked:
      lane.acked += event.b;
      add_range(lane.acked_ranges, first, first + static_cast<std::uint64_t>(event.b));
      settle(at, event, true);
      break;
    case HistoryKind::kRecordsFailed:
      ((event.c & 0xff) != 0 ? lane.maybe : lane.refused) += event.b;
      settle(at, event, false);
      break;
    default: break;
  }
}

void RecordLedger::settle(std::size_t lane, const sim::HistoryEvent& event, bool acked) {
  Pending& pending = pending_[lane];
  Distribution& latency = latency_[catalog_->partition(event.subject).topic];
  for (std::int64_t i = 0; i < event.b; ++i) {
    const auto record = static_cast<std::uint64_t>(event.a + i);
    if (record < pending.base || record - pending.base >= pending.created.size()) continue;
    Time& created = pending.created[record - pending.base];
    if (acked && created >= 0) latency.add(event.time - created);
    created = -1;
  }
  while (!pending.created.empty() && pending.created.front() < 0) {
    pending.created.pop_front();
    ++pending.base;
  }
}

std::vector<RecordCounts> RecordLedger::counts() const {
  std::vector<RecordCounts> result;
  for (const AcksClass acks : {AcksClass::kAll, AcksClass::kOne, AcksClass::kZero}) {
    RecordCounts counts;
    counts.acks = acks;
    bool any = false;
    for (const LedgerLane& lane : lanes_) {
      if (acks_of(lane.producer) != acks) continue;
      any = true;
      counts.produced += lane.created;
      counts.acked += lane.acked;
      counts.failed += lane.refused;
      counts.unknown += lane.created - lane.acked - lane.refused;
    }
    if (any) result.push_back(counts);
  }
  return result;
}

void add_range(std::vector<RecordRange>& ranges, std::uint64_t first, std::uint64_t last) {
  // Nearly always the end of the last range.
  auto at =
      std::upper_bound(ranges.begin(), ranges.end(), first,
                       [](std::uint64_t value, const RecordRange& r) { return value < r.first; });
  if (at != ranges.begin() && (at - 1)->last >= first) {
    --at;
    at->last = std::max(at->last, last);
  } else {
    at = ranges.insert(at, RecordRange{first, last});
  }
  auto next = at + 1;
  while (next != ranges.end() && next->first <= at->last) {
    at->last = std::max(at->last, next->last);
    ++next;
  }
  ranges.erase(at + 1, next);
}

}  // namespace isrlab::results
