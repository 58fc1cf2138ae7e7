#include "viz/model/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "viz/model/inspect_parts.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {
namespace {

using model::HistoryKind;
using sim::HistoryEvent;
using Kind = Selection::Kind;

constexpr std::uint32_t kLookBack = 20'000;  // events
constexpr std::size_t kRecent = 12;
constexpr std::size_t kChain = 8;

bool concerns(const EventContext& context, const HistoryEvent& event, const Selection& selection) {
  switch (selection.kind) {
    case Kind::process: return is_about_process(context, event, selection.index);
    case Kind::partition: return is_about_partition(event, selection.index);
    case Kind::group: return is_about_group(event, selection.index);
    case Kind::event: return event.id == selection.index;
    case Kind::none: return false;
  }
  return false;
}

/// Changes of state that one asks "why" about; the rest is their consequence or routine.
bool is_turning_point(HistoryKind kind) {
  switch (kind) {
    case HistoryKind::kProcessStarted:
    case HistoryKind::kProcessKilled:
    case HistoryKind::kProcessExited:
    case HistoryKind::kProcessPaused:
    case HistoryKind::kProcessResumed:
    case HistoryKind::kZkLeading:
    case HistoryKind::kZkSessionExpired:
    case HistoryKind::kZkClientExpired:
    case HistoryKind::kBrokerRunning:
    case HistoryKind::kControllerElected:
    case HistoryKind::kControllerResigned:
    case HistoryKind::kBrokerFailureSeen:
    case HistoryKind::kPartitionState:
    case HistoryKind::kLeaderElected:
    case HistoryKind::kPartitionOffline:
    case HistoryKind::kTruncated:
    case HistoryKind::kRebalanceStarted:
    case HistoryKind::kGroupStable:
    case HistoryKind::kRecordsFailed: return true;
    default: return false;
  }
}

/// Of a cluster without a selection only the big things.
bool is_headline(HistoryKind kind) {
  return is_turning_point(kind) && kind != HistoryKind::kPartitionState &&
         kind != HistoryKind::kProcessStarted && kind != HistoryKind::kLeaderElected;
}

void find_events(const scenarios::Run& run, const Selection& selection, InspectModel& model) {
  const sim::History& history = run.cluster().history();
  const EventContext context = event_context(run);
  std::uint32_t turning = 0;
  const std::uint32_t stop = history.size() > kLookBack ? history.size() - kLookBack : 0;
  for (std::uint32_t id = history.size(); id > stop; --id) {
    const HistoryEvent& event = history[id];
    const bool none = selection.kind == Kind::none;
    if (none ? !is_headline(kind_of(event)) : !concerns(context, event, selection)) continue;
    if (model.recent.size() < kRecent) model.recent.push_back(id);
    if (turning == 0 && is_turning_point(kind_of(event))) turning = id;
    if (turning != 0 && model.recent.size() == kRecent) break;
  }
  if (turning == 0 && selection.kind != Kind::none && !model.recent.empty()) {
    turning = model.recent.front();
  }
  if (turning != 0) model.why = cause_chain(history, turning, kChain);
}

void inspect_cluster(const scenarios::Run& run, const ClusterView& view, InspectModel& model) {
  model.title = run.scenario().name;
  model.subtitle = fmt::format("brokers: {}, ZooKeeper servers: {}, clients: {}",
                               view.brokers.size(), view.zookeeper.size(), view.clients.size());
  model.rows.push_back({"controller", broker_name(view.controller)});
  const auto exist = std::count_if(view.partitions.begin(), view.partitions.end(),
                                   [](const PartitionView& partition) { return partition.exists; });
  model.rows.push_back({"partitions", std::to_string(exist)});
  const double sent = static_cast<double>(run.cluster().engine().bytes_sent());
  model.rows.push_back({"sent so far", fmt::format("{:.1f} MB", sent / 1.0e6)});
  model.rows.push_back(
      {"pending events", fmt::format("{}", run.cluster().engine().pending_events())});
  for (const GroupView& group : view.groups) {
    model.rows.push_back(
        {"group " + group.name, fmt::format("{}, generation {}", group.state, group.generation)});
  }
  model.rows.push_back({"Try", "", Tone::heading});
  model.rows.push_back({"click a broker", "see what it believes"});
  model.rows.push_back({"K", "kill what is selected, here and now"});
  model.rows.push_back({"n / p", "next, previous thing that happened"});
}

void inspect_event(const scenarios::Run& run, std::uint32_t id, InspectModel& model) {
  const sim::History& history = run.cluster().history();
  model.title = fmt::format("event {}", id);
  if (id == 0 || id > history.size()) {
    model.subtitle = "not yet happened at this time";
    return;
  }
  const HistoryEvent& event = history[id];
  const model::HistoryKindInfo& info = model::history_kind(kind_of(event));
  model.subtitle = std::string(info.name);
  model.rows.push_back({"time", format_clock(event.time, 9)});
  model.rows.push_back({"what", event_line(event_context(run), event)});
  const auto field = [&](std::string_view name, std::int64_t value) {
    if (!name.empty()) model.rows.push_back({std::string(name), std::to_string(value)});
  };
  field(info.subject, event.subject);
  field(info.a, event.a);
  field(info.b, event.b);
  field(info.c, event.c);
}

}  // namespace

EventContext event_context(const scenarios::Run& run) {
  return {run.cluster().catalog(), run.cluster().history(), run.faults().items()};
}

InspectModel inspect(const scenarios::Run& run, const ClusterView& view,
                     const Selection& selection) {
  InspectModel model;
  switch (selection.kind) {
    case Kind::none: inspect_cluster(run, view, model); break;
    case Kind::process: inspect_process(run, view, selection.index, model); break;
    case Kind::partition: inspect_partition(run, view, selection.index, model); break;
    case Kind::group: inspect_group(run, view, selection.index, model); break;
    case Kind::event: inspect_event(run, selection.index, model); break;
  }
  find_events(run, selection, model);
  return model;
}

}  // namespace isrlab::viz
