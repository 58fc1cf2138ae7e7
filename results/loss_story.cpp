#include "results/loss_story.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/text.hpp"

namespace isrlab::results {
namespace {

using model::BrokerId;
using model::HistoryKind;
using sim::HistoryEvent;

/// The acknowledged runs that make up the range; records acknowledged too long ago have no offsets.
std::vector<LostRange> pieces(const LedgerLane& lane, RecordRange range) {
  std::vector<LostRange> result;
  std::uint64_t left = range.last - range.first;
  for (const AckedRun& run : lane.runs) {
    const std::uint64_t first = std::max(range.first, run.first_record);
    const std::uint64_t last =
        std::min(range.last, run.first_record + static_cast<std::uint64_t>(run.count));
    if (first >= last) continue;
    LostRange piece;
    piece.first_record = first;
    piece.records = static_cast<std::int64_t>(last - first);
    piece.first_acked = run.first_time;
    piece.last_acked = run.last_time;
    if (run.base_offset >= 0) {
      piece.first_offset = run.base_offset + static_cast<std::int64_t>(first - run.first_record);
      piece.last_offset = piece.first_offset + piece.records - 1;
    }
    left -= std::min(left, last - first);
    result.push_back(piece);
  }
  if (left > 0 && result.empty()) {
    LostRange piece;
    piece.first_record = range.first;
    piece.records = static_cast<std::int64_t>(left);
    result.push_back(piece);
  }
  return result;
}

/// Joins pieces that are neighbours in records and offsets' order, so that a table stays short.
void join(std::vector<LostRange>& losses) {
  std::vector<LostRange> joined;
  for (LostRange& loss : losses) {
    if (!joined.empty()) {
      LostRange& last = joined.back();
      const bool next =
          last.first_record + static_cast<std::uint64_t>(last.records) == loss.first_record &&
          (last.last_offset < loss.first_offset || loss.first_offset < 0);
      if (next) {
        last.records += loss.records;
        last.last_offset = loss.last_offset;
        last.last_acked = loss.last_acked;
        continue;
      }
    }
    joined.push_back(std::move(loss));
  }
  losses = std::move(joined);
}

void tell(LostRange& loss, const model::Cluster& cluster) {
  const sim::History& history = cluster.history();
  const HistoryEvent* cut = nullptr;
  const HistoryEvent* election_before = nullptr;
  const HistoryEvent* election_after = nullptr;
  BrokerId last_leader = model::kNoBroker;
  for (std::uint32_t id = 1; id <= history.size(); ++id) {
    const HistoryEvent& event = history[id];
    if (event.subject != loss.partition) continue;
    const auto kind = static_cast<HistoryKind>(event.kind);
    if (kind == HistoryKind::kTruncated && event.b <= loss.first_offset &&
        loss.first_offset < event.a && event.time >= loss.first_acked && cut == nullptr) {
      cut = &event;
    } else if (kind == HistoryKind::kLeaderElected) {
      if (event.time <= loss.first_acked) {
        last_leader = static_cast<BrokerId>(event.a);
        if (event.c != 0) election_before = &event;
      } else if (election_after == nullptr && static_cast<BrokerId>(event.a) != last_leader) {
        election_after = &event;
      }
    }
  }
  loss.acked_by = cut != nullptr ? cluster.catalog().broker_of(cut->actor) : last_leader;
  // A deposed leader acknowledges records that its successor, elected before, never gets.
  const bool zombie = election_before != nullptr && loss.acked_by != last_leader;
  const HistoryEvent* election =
      zombie || election_after == nullptr ? election_before : election_after;
  if (election == nullptr) {
    loss.why = "no leader has them any more";
    loss.lost_at = cut != nullptr ? cut->time : 0;
    loss.cause = cut != nullptr ? cut->id : 0;
    return;
  }
  loss.cause = election->id;
  loss.lost_at = zombie ? loss.first_acked : election->time;
  const auto leader = broker_name(static_cast<BrokerId>(election->a));
  loss.why = zombie ? fmt::format("{} had been replaced by {} (epoch {}) at {} and did not know it",
                                  broker_name(loss.acked_by), leader, election->b,
                                  clock_text(election->time))
                    : fmt::format("{} took over (epoch {}{}) without them", leader, election->b,
                                  election->c == 4 ? ", unclean" : "");
  if (!zombie && loss.last_acked > election->time + sim::kSecond) {
    loss.why += fmt::format("; {} did not know it and went on acknowledging until {}",
                            broker_name(loss.acked_by), clock_text(loss.last_acked));
  }
  if (cut != nullptr) {
    loss.why += fmt::format("; {} cut its log from {} to {} at {}",
                            cluster.catalog().process(cut->actor).name, grouped(cut->a),
                            grouped(cut->b), clock_text(cut->time));
  }
}

}  // namespace

std::vector<LostRange> describe_loss(const model::Cluster& cluster, const LedgerLane& lane,
                                     RecordRange range) {
  std::vector<LostRange> losses = pieces(lane, range);
  join(losses);
  for (LostRange& loss : losses) {
    loss.partition = lane.partition;
    loss.name = cluster.catalog().partition_name(lane.partition);
    loss.producer = cluster.catalog().spec().producers[lane.producer].name;
    tell(loss, cluster);
  }
  return losses;
}

}  // namespace isrlab::results
