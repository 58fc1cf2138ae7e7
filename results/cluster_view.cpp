#include "results/cluster_view.hpp"

#include <algorithm>

namespace isrlab::results {

using model::BrokerId;
using model::HistoryKind;
using model::PartitionId;

ClusterView::ClusterView(std::shared_ptr<const model::Catalog> catalog)
    : catalog_(std::move(catalog)),
      partitions_(catalog_->partition_count()),
      alive_(catalog_->processes().size()),
      paused_(catalog_->processes().size()) {
  recount(0);
}

std::vector<HistoryKind> ClusterView::interests() {
  using K = HistoryKind;
  return {K::kProcessStarted,   K::kProcessKilled,     K::kProcessExited,
          K::kProcessPaused,    K::kProcessResumed,    K::kControllerElected,
          K::kPartitionState,   K::kLeaderElected,     K::kHighWatermark,
          K::kRebalanceStarted, K::kGenerationStarted, K::kReassignmentStarted,
          K::kReassignmentDone};
}

bool ClusterView::full(PartitionId id) const {
  const model::TopicInfo& topic = catalog_->topic(catalog_->partition(id).topic);
  const PartitionView& partition = partitions_[id];
  const std::size_t replicas = partition.assignment.empty()
                                   ? static_cast<std::size_t>(topic.replication_factor)
                                   : partition.assignment.size();
  return partition.known && partition.isr.size() >= replicas;
}

bool ClusterView::preferred(PartitionId id) const {
  const PartitionView& partition = partitions_[id];
  return partition.known && !partition.assignment.empty() &&
         partition.leader == partition.assignment.front();
}

/// Takes the partition out of (-1) or into (+1) the counters.
void ClusterView::count(PartitionId id, int direction) {
  const PartitionView& partition = partitions_[id];
  // The topic of the offsets exists only once a group has asked for it.
  if (!partition.known && catalog_->topic(catalog_->partition(id).topic).internal) return;
  const auto add = [direction](std::uint32_t& counter, bool counts) {
    if (counts) counter = direction > 0 ? counter + 1 : counter - 1;
  };
  add(not_full_, !full(id));
  add(without_leader_, !has_live_leader(partition));
  add(not_preferred_, !preferred(id));
  add(known_offline_, partition.known && !has_live_leader(partition));
}

void ClusterView::recount(sim::Time now) {
  not_full_ = without_leader_ = not_preferred_ = known_offline_ = 0;
  for (PartitionId id = 0; id < partitions_.size(); ++id) count(id, +1);
  update_offline(now);
}

void ClusterView::update_offline(sim::Time now) {
  if (!offline_.started() || offline_.current() != known_offline_)
    offline_.set(now, known_offline_);
}

void ClusterView::process_changed(model::ProcessId process, bool alive, sim::Time now) {
  alive_[process] = alive ? 1 : 0;
  paused_[process] = 0;
  if (catalog_->broker_of(process) != model::kNoBroker) recount(now);
}

void ClusterView::set_assignment(PartitionId id, const model::BrokerList& assignment) {
  if (!partitions_[id].assignment.empty()) return;
  count(id, -1);
  partitions_[id].assignment.assign(assignment.begin(), assignment.end());
  count(id, +1);
}

void ClusterView::state_written(const sim::HistoryEvent& event, const sim::History& history) {
  PartitionView& partition = partitions_[event.subject];
  const auto isr = history.list(event.b);
  const auto has = [](const auto& list, auto id) {
    return std::find(list.begin(), list.end(), static_cast<std::uint32_t>(id)) != list.end();
  };
  if (partition.known) {
    std::vector<std::uint32_t> before(partition.isr.begin(), partition.isr.end());
    isr_changes_.shrinks +=
        std::any_of(before.begin(), before.end(), [&](std::uint32_t id) { return !has(isr, id); });
    isr_changes_.expands +=
        std::any_of(isr.begin(), isr.end(), [&](std::uint32_t id) { return !has(before, id); });
  }
  replaced_ = partition;
  count(event.subject, -1);
  partition.known = true;
  partition.leader = static_cast<BrokerId>(event.a);
  partition.leader_epoch = static_cast<std::int32_t>(event.c >> 32);
  partition.version = static_cast<std::int32_t>(event.c & 0xffffffff);
  partition.isr.assign(isr.begin(), isr.end());
  count(event.subject, +1);
  update_offline(event.time);
}

void ClusterView::elected(const sim::HistoryEvent& event) {
  switch (event.c) {
    case 1: ++elections_.clean; break;
    case 2: ++elections_.preferred; break;
    case 3: ++elections_.shutdown; break;
    case 4: ++elections_.unclean; break;
    case 5: ++elections_.reassignment; break;
    default: break;  // creation
  }
}

void ClusterView::on_event(const sim::HistoryEvent& event, const sim::History& history) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kProcessStarted: process_changed(event.actor, true, event.time); break;
    case HistoryKind::kProcessKilled:
    case HistoryKind::kProcessExited: process_changed(event.actor, false, event.time); break;
    case HistoryKind::kProcessPaused: paused_[event.actor] = 1; break;
    case HistoryKind::kProcessResumed: paused_[event.actor] = 0; break;
    case HistoryKind::kControllerElected:
      controller_ = static_cast<BrokerId>(event.subject);
      ++controllers_elected_;
      break;
    case HistoryKind::kPartitionState: state_written(event, history); break;
    case HistoryKind::kLeaderElected: elected(event); break;
    case HistoryKind::kReassignmentStarted:
    case HistoryKind::kReassignmentDone: {
      const auto replicas = history.list(event.a);
      count(event.subject, -1);
      partitions_[event.subject].assignment.assign(replicas.begin(), replicas.end());
      count(event.subject, +1);
      break;
    }
    case HistoryKind::kHighWatermark: {
      PartitionView& partition = partitions_[event.subject];
      if (event.b >= partition.high_watermark_epoch) {  // -1 comes from a follower
        if (event.b < 0) break;
        partition.high_watermark = event.a;
        partition.high_watermark_epoch = static_cast<std::int32_t>(event.b);
      }
      break;
    }
    case HistoryKind::kRebalanceStarted: ++rebalances_.started; break;
    case HistoryKind::kGenerationStarted: ++rebalances_.completed; break;
    default: break;
  }
}

std::int64_t ClusterView::min_isr(PartitionId id) const {
  const PartitionView& partition = partitions_[id];
  const BrokerId broker = partition.leader == model::kNoBroker ? 1 : partition.leader;
  const model::TopicId topic = catalog_->partition(id).topic;
  const auto replicas = partition.assignment.empty()
                            ? static_cast<std::int64_t>(catalog_->topic(topic).replication_factor)
                            : static_cast<std::int64_t>(partition.assignment.size());
  return std::min(catalog_->min_insync_replicas(topic, broker), replicas);
}

bool ClusterView::serves(PartitionId id, const PartitionView& partition, bool acks_all) const {
  if (!has_live_leader(partition) || !broker_works(partition.leader)) return false;
  if (!acks_all) return true;
  if (static_cast<std::int64_t>(partition.isr.size()) < min_isr(id)) return false;
  return std::all_of(partition.isr.begin(), partition.isr.end(),
                     [this](BrokerId member) { return broker_works(member); });
}

}  // namespace isrlab::results
