#include "results/logs.hpp"

#include <algorithm>
#include <map>

#include "results/loss_story.hpp"

namespace isrlab::results {

using model::BrokerId;
using model::PartitionId;

namespace {

std::uint64_t covered(const std::vector<RecordRange>& ranges, std::uint64_t first,
                      std::uint64_t last) {
  auto at =
      std::upper_bound(ranges.begin(), ranges.end(), first,
                       [](std::uint64_t value, const RecordRange& r) { return value < r.last; });
  std::uint64_t sum = 0;
  for (; at != ranges.end() && at->first < last; ++at) {
    sum += std::min(at->last, last) - std::max(at->first, first);
  }
  return sum;
}

RecordCounts& of_class(std::vector<RecordCounts>& records, scenarios::AcksClass acks) {
  return *std::find_if(records.begin(), records.end(),
                       [acks](const RecordCounts& counts) { return counts.acks == acks; });
}

/// What the final leader's log of the partition holds, by producer.
std::map<std::uint32_t, LogContent> read_log(const model::Cluster& cluster, const ClusterView& view,
                                             PartitionId partition) {
  std::map<std::uint32_t, LogContent> contents;
  const BrokerId leader = final_leader(cluster, view.partition(partition), partition);
  const model::Partition* replica =
      leader == model::kNoBroker ? nullptr : cluster.broker(leader).partition(partition);
  if (replica == nullptr) return contents;
  replica->log.for_each_batch(replica->log.log_start_offset(), replica->log.log_end_offset(),
                              [&contents](const model::Batch& batch) {
                                if (batch.producer == model::kNone) return;
                                contents[batch.producer].add(batch.first_record, batch.count);
                              });
  return contents;
}

}  // namespace

void LogContent::add(std::uint64_t first, std::uint64_t count) {
  const std::uint64_t last = first + count;
  const std::uint64_t copies = covered(present, first, last);
  duplicated += static_cast<std::int64_t>(copies);
  if (first < highest) {
    reordered += static_cast<std::int64_t>(std::min(last, highest) - first -
                                           std::min(copies, std::min(last, highest) - first));
  }
  highest = std::max(highest, last);
  add_range(present, first, last);
}

std::vector<RecordRange> missing_ranges(const std::vector<RecordRange>& ranges,
                                        const std::vector<RecordRange>& present) {
  std::vector<RecordRange> missing;
  auto at = present.begin();
  for (const RecordRange& range : ranges) {
    std::uint64_t from = range.first;
    while (at != present.end() && at->last <= from) ++at;
    for (auto each = at; from < range.last; ++each) {
      const std::uint64_t to =
          each == present.end() ? range.last : std::min(each->first, range.last);
      if (from < to) missing.push_back({from, to});
      if (each == present.end()) break;
      from = std::max(from, each->last);
    }
  }
  return missing;
}

void DeletedRecords::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  const BrokerId broker = cluster.catalog().broker_of(event.actor);
  const model::Partition* replica = cluster.broker(broker).partition(event.subject);
  if (replica == nullptr) return;
  replica->log.for_each_batch(event.a, event.b, [&](const model::Batch& batch) {
    if (batch.producer == model::kNone || batch.next_offset() > event.b) return;
    add_range(ranges_[{batch.producer, event.subject}], batch.first_record,
              batch.first_record + batch.count);
  });
}

const std::vector<RecordRange>* DeletedRecords::find(std::uint32_t producer,
                                                     PartitionId partition) const {
  const auto at = ranges_.find({producer, partition});
  return at == ranges_.end() ? nullptr : &at->second;
}

LogAudit audit_logs(const model::Cluster& cluster, const ClusterView& view,
                    const RecordLedger& ledger, const DeletedRecords& deleted) {
  LogAudit audit;
  audit.records = ledger.counts();
  std::map<PartitionId, std::map<std::uint32_t, LogContent>> logs;
  for (const LedgerLane& lane : ledger.lanes()) {
    if (lane.created == 0) continue;
    auto [at, fresh] = logs.try_emplace(lane.partition);
    if (fresh) at->second = read_log(cluster, view, lane.partition);
    const LogContent& content = at->second[lane.producer];
    RecordCounts& counts = of_class(audit.records, ledger.acks_of(lane.producer));
    counts.duplicated += content.duplicated;
    counts.reordered += content.reordered;
    std::vector<RecordRange> missing = missing_ranges(lane.acked_ranges, content.present);
    if (const auto* gone = deleted.find(lane.producer, lane.partition)) {
      missing = missing_ranges(missing, *gone);
    }
    for (const RecordRange& range : missing) {
      counts.lost += static_cast<std::int64_t>(range.last - range.first);
      if (counts.acks == scenarios::AcksClass::kZero) {
        audit.unconfirmed.push_back(unconfirmed_loss(cluster, lane, range));
      }
    }
  }
  return audit;
}

BrokerId final_leader(const model::Cluster& cluster, const PartitionView& view,
                      PartitionId partition) {
  if (view.leader != model::kNoBroker) return view.leader;
  BrokerId best = model::kNoBroker;
  const auto rank = [&](BrokerId broker) {
    const model::Partition* replica = cluster.broker(broker).partition(partition);
    return replica == nullptr
               ? std::pair<std::int32_t, std::int64_t>{-2, -1}
               : std::pair{replica->log.latest_epoch(), replica->log.log_end_offset()};
  };
  for (const BrokerId member : view.isr) {
    if (best == model::kNoBroker || rank(best) < rank(member)) best = member;
  }
  return best;
}

std::vector<PartitionResult> final_partitions(const model::Cluster& cluster,
                                              const ClusterView& view) {
  const model::Catalog& catalog = cluster.catalog();
  std::vector<PartitionResult> result;
  for (PartitionId id = 0; id < catalog.partition_count(); ++id) {
    const PartitionView& state = view.partition(id);
    if (!state.known) continue;
    PartitionResult partition;
    partition.partition = id;
    partition.name = catalog.partition_name(id);
    partition.internal = catalog.topic(catalog.partition(id).topic).internal;
    partition.leader = state.leader;
    partition.leader_epoch = state.leader_epoch;
    partition.isr = state.isr;
    partition.min_isr = view.min_isr(id);
    std::vector<BrokerId> replicas = state.assignment;
    if (replicas.empty()) replicas = state.isr;
    for (const BrokerId broker : replicas) {
      ReplicaState replica;
      replica.broker = broker;
      replica.alive = cluster.alive(catalog.broker_process(broker));
      replica.in_sync = std::find(state.isr.begin(), state.isr.end(), broker) != state.isr.end();
      if (const model::Partition* held = cluster.broker(broker).partition(id)) {
        replica.log_end_offset = held->log.log_end_offset();
        replica.high_watermark = held->log.high_watermark();
        replica.epoch = held->log.latest_epoch();
      }
      partition.replicas.push_back(replica);
    }
    result.push_back(std::move(partition));
  }
  return result;
}

}  // namespace isrlab::results
