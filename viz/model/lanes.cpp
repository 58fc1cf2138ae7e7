#include "viz/model/lanes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "viz/model/event_text.hpp"
#include "viz/model/names.hpp"

namespace isrlab::viz {
namespace {

using model::HistoryKind;
using sim::HistoryEvent;

/// `kill b1`, `partition b1 | zk1, zk2`.
std::string fault_label(const scenarios::Run& run, const scenarios::ActiveFault& fault) {
  const model::Catalog& catalog = run.cluster().catalog();
  const scenarios::FaultSpec& spec = run.faults().items()[fault.item];
  std::string text = fmt::format("{} {}", scenarios::info(spec.action).word,
                                 process_names(catalog, fault.targets, 4));
  const bool sides = spec.action == scenarios::FaultAction::kPartition ||
                     spec.action == scenarios::FaultAction::kSlowLink;
  if (sides) text += " | " + process_names(catalog, fault.others, 4);
  return text;
}

}  // namespace

const char* lane_id(Lane lane) {
  constexpr const char* kIds[] = {"faults",    "controller", "elections", "isr",
                                  "zookeeper", "groups",     "clients"};
  return kIds[static_cast<std::size_t>(lane)];
}

const char* lane_title(Lane lane) {
  constexpr const char* kTitles[] = {"faults",       "controller", "leader elections",
                                     "ISR changes",  "ZooKeeper",  "consumer groups",
                                     "client errors"};
  return kTitles[static_cast<std::size_t>(lane)];
}

const char* mark_title(MarkKind kind) {
  constexpr const char* kTitles[kMarkKinds] = {
      "first leader elected",
      "leader elected: the old one was gone",
      "preferred leader elected",
      "UNCLEAN leader elected",
      "partition offline",
      "ISR shrinks",
      "ISR expands",
      "replica truncates",
      "ZooKeeper server leads",
      "ZooKeeper server looks for a leader",
      "session opened",
      "session expired",
      "broker loses its ZooKeeper connection",
      "rebalance starts",
      "generation starts",
      "group stable",
      "records sent again",
      "request timed out",
      "records failed",
  };
  return kTitles[static_cast<std::size_t>(kind)];
}

void LaneModel::update(const scenarios::Run& run) {
  const sim::History& history = run.cluster().history();
  const bool news = seen_ < history.size();
  while (seen_ < history.size()) take(history[++seen_], run);
  if (news) refresh_faults(run);
}

void LaneModel::mark(Lane lane, MarkKind kind, std::uint8_t severity, const HistoryEvent& event) {
  marks_[static_cast<std::size_t>(lane)].push_back(
      {event.time, static_cast<std::uint32_t>(kind), severity});
  events_[static_cast<std::size_t>(lane)].push_back(event.id);
}

void LaneModel::take(const HistoryEvent& event, const scenarios::Run& run) {
  switch (kind_of(event)) {
    case HistoryKind::kLeaderElected: {
      constexpr MarkKind kKinds[] = {MarkKind::first_leader,     MarkKind::new_leader,
                                     MarkKind::preferred_leader, MarkKind::new_leader,
                                     MarkKind::unclean_leader,   MarkKind::new_leader};
      const MarkKind kind = kKinds[std::clamp<std::int64_t>(event.c, 0, 5)];
      const bool quiet = kind == MarkKind::first_leader || kind == MarkKind::preferred_leader;
      mark(Lane::elections, kind, kind == MarkKind::unclean_leader ? 3 : quiet ? 0 : 1, event);
      break;
    }
    case HistoryKind::kPartitionOffline: mark(Lane::elections, MarkKind::offline, 2, event); break;
    case HistoryKind::kPartitionState: take_isr(event, run.cluster().history()); break;
    case HistoryKind::kTruncated:
      if (event.a > event.b) mark(Lane::isr, MarkKind::truncation, 2, event);
      break;
    case HistoryKind::kZkLeading: mark(Lane::zookeeper, MarkKind::zk_leader, 1, event); break;
    case HistoryKind::kZkLooking: mark(Lane::zookeeper, MarkKind::zk_looking, 0, event); break;
    case HistoryKind::kZkSessionCreated:
      mark(Lane::zookeeper, MarkKind::session_opened, 0, event);
      break;
    case HistoryKind::kZkSessionExpired:
      mark(Lane::zookeeper, MarkKind::session_expired, 3, event);
      break;
    case HistoryKind::kZkClientDisconnected:
      mark(Lane::zookeeper, MarkKind::session_lost, 2, event);
      break;
    case HistoryKind::kRebalanceStarted: mark(Lane::groups, MarkKind::rebalance, 2, event); break;
    case HistoryKind::kGenerationStarted: mark(Lane::groups, MarkKind::generation, 1, event); break;
    case HistoryKind::kGroupStable: mark(Lane::groups, MarkKind::group_stable, 0, event); break;
    case HistoryKind::kRecordsRetried: mark(Lane::clients, MarkKind::retried, 0, event); break;
    case HistoryKind::kRequestTimedOut: mark(Lane::clients, MarkKind::timed_out, 1, event); break;
    case HistoryKind::kRecordsFailed: mark(Lane::clients, MarkKind::failed, 3, event); break;
    default: take_controller(event, run);
  }
}

void LaneModel::take_controller(const HistoryEvent& event, const scenarios::Run& run) {
  switch (kind_of(event)) {
    case HistoryKind::kControllerElected: {
      LaneBar bar;
      bar.interval = {event.time, sim::kNever, 0};
      bar.label =
          fmt::format("★ {} epoch {}", short_name(run.cluster().catalog(), event.actor), event.a);
      bar.event = event.id;
      controllers_.push_back(std::move(bar));
      controller_process_.push_back(event.actor);
      break;
    }
    case HistoryKind::kControllerResigned:
    case HistoryKind::kProcessKilled:
    case HistoryKind::kProcessExited: end_controller(event.actor, event.time); break;
    default: break;
  }
}

void LaneModel::end_controller(std::uint32_t process, sim::Time at) {
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    if (controller_process_[i] != process || controllers_[i].interval.to != sim::kNever) continue;
    controllers_[i].interval.to = at;
  }
}

void LaneModel::take_isr(const HistoryEvent& event, const sim::History& history) {
  const auto list = history.list(event.b);
  std::vector<std::uint32_t>& known = isr_[event.subject];
  if (!known.empty() && list.size() != known.size()) {
    const bool shrinks = list.size() < known.size();
    mark(Lane::isr, shrinks ? MarkKind::isr_shrink : MarkKind::isr_expand, shrinks ? 1 : 0, event);
  }
  known.assign(list.begin(), list.end());
}

void LaneModel::refresh_faults(const scenarios::Run& run) {
  const std::size_t from_file = run.scenario().faults.size();
  faults_.clear();
  for (const scenarios::ActiveFault& fault : run.faults().faults()) {
    const scenarios::FaultSpec& spec = run.faults().items()[fault.item];
    LaneBar bar;
    bar.interval = {fault.from, fault.until, 0};
    bar.label = fault_label(run, fault);
    bar.by_hand = fault.item >= from_file;
    bar.event = fault.event;
    bar.action = spec.action;
    faults_.push_back(std::move(bar));
  }
  std::stable_sort(faults_.begin(), faults_.end(), [](const LaneBar& left, const LaneBar& right) {
    return left.interval.from < right.interval.from;
  });
}

}  // namespace isrlab::viz
