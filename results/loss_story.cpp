#include "results/loss_story.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/text.hpp"

namespace isrlab::results {
namespace {

std::string tell(const model::LostRange& loss, const model::Cluster& cluster) {
  const sim::HistoryEvent* cause = loss.cause == 0 ? nullptr : &cluster.history()[loss.cause];
  const bool took_over = cause != nullptr && static_cast<model::HistoryKind>(cause->kind) ==
                                                 model::HistoryKind::kBecameLeader;
  std::string why;
  if (!took_over) {
    why = fmt::format("{} leads without them", broker_name(loss.new_leader));
  } else if (cause->time < loss.first_acked) {
    // A deposed leader acknowledges what its successor will never get.
    why = fmt::format("{} had been replaced by {} (epoch {}) at {} and did not know it",
                      broker_name(loss.acked_by), broker_name(loss.new_leader), cause->a,
                      clock_text(cause->time));
  } else {
    why =
        fmt::format("{} took over (epoch {}) without them", broker_name(loss.new_leader), cause->a);
  }
  if (loss.erased != sim::kNever) {
    why += fmt::format("; {} cut them off its log at {}", broker_name(loss.acked_by),
                       clock_text(loss.erased));
  }
  return why;
}

/// The next row goes on where the last one ends.
bool continues(const LostRange& last, const LostRange& next) {
  return last.partition == next.partition && last.producer == next.producer &&
         last.cause == next.cause && last.acked_by == next.acked_by && last.epoch == next.epoch &&
         last.last_offset + 1 == next.first_offset && last.why == next.why;
}

}  // namespace

std::vector<LostRange> tell_losses(const model::LossLedger& losses, const model::Cluster& cluster) {
  std::vector<LostRange> rows;
  for (const model::LostRange& loss : losses.lost()) {
    if (loss.returned != sim::kNever) continue;
    LostRange row;
    row.partition = loss.partition;
    row.name = cluster.catalog().partition_name(loss.partition);
    row.producer = cluster.catalog().spec().producers[loss.producer].name;
    row.acks = loss.acks == 1 ? scenarios::AcksClass::kOne : scenarios::AcksClass::kAll;
    row.first_record = loss.first_record;
    row.records = loss.count;
    row.first_offset = loss.offset;
    row.last_offset = loss.offset + loss.count - 1;
    row.first_acked = loss.first_acked;
    row.last_acked = loss.last_acked;
    row.acked_by = loss.acked_by;
    row.epoch = loss.epoch;
    row.lost_at = loss.lost;
    row.cause = loss.cause;
    row.why = tell(loss, cluster);
    if (!rows.empty() && continues(rows.back(), row)) {
      LostRange& last = rows.back();
      last.records += row.records;
      last.last_offset = row.last_offset;
      last.last_acked = std::max(last.last_acked, row.last_acked);
      continue;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

LostRange unconfirmed_loss(const model::Cluster& cluster, const LedgerLane& lane,
                           RecordRange range) {
  LostRange row;
  row.partition = lane.partition;
  row.name = cluster.catalog().partition_name(lane.partition);
  row.producer = cluster.catalog().spec().producers[lane.producer].name;
  row.acks = scenarios::AcksClass::kZero;
  row.first_record = range.first;
  row.records = static_cast<std::int64_t>(range.last - range.first);
  row.lost_at = cluster.now();
  row.why = "no broker had ever confirmed them";
  return row;
}

Time first_loss(const model::LossLedger& losses) {
  Time first = sim::kNever;
  for (const model::LostRange& loss : losses.lost()) first = std::min(first, loss.lost);
  return first;
}

}  // namespace isrlab::results
