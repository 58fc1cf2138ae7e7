// Watching conditions; judging is in judge.cpp.
#include "results/expectations.hpp"
#include "scenarios/faults/registry.hpp"

#include <algorithm>

namespace isrlab::results {

using model::HistoryKind;
using scenarios::Condition;
using scenarios::Expectation;
using scenarios::ExpectationKind;

void TruthOverTime::note(Time now, bool value) {
  if (changes.empty() ? !value : changes.back().second == value) return;
  changes.emplace_back(now, value);
}

Time TruthOverTime::first_true(Time from, Time to) const {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!changes[i].second) continue;
    const Time until = i + 1 < changes.size() ? changes[i + 1].first : sim::kNever;
    const Time first = std::max(changes[i].first, from);
    if (first <= to && (first < until || first == changes[i].first)) return first;
  }
  return -1;
}

ExpectationTracker::ExpectationTracker(std::shared_ptr<const scenarios::Scenario> scenario,
                                       std::shared_ptr<const model::Catalog> catalog)
    : scenario_(std::move(scenario)),
      catalog_(std::move(catalog)),
      awaited_(scenario_->expectations.size()),
      truths_(scenario_->expectations.size()),
      healed_(scenario_->faults.size(), sim::kNever) {
  std::vector<std::shared_ptr<model::Invariant>> invariants;
  for (std::size_t i = 0; i < awaited_.size(); ++i) {
    const Expectation& expectation = scenario_->expectations[i];
    if (expectation.kind != ExpectationKind::kEventually) continue;
    if (expectation.condition != Condition::kLiveness) continue;
    if (invariants.empty()) {
      for (auto& made : model::make_invariants(*catalog_)) invariants.push_back(std::move(made));
    }
    for (const auto& invariant : invariants) {
      if (invariant->name() != expectation.name) continue;
      awaited_[i].liveness = std::dynamic_pointer_cast<const model::LivenessInvariant>(invariant);
    }
  }
}

std::vector<HistoryKind> ExpectationTracker::interests() {
  using K = HistoryKind;
  return {
      K::kFaultInjected,     K::kFaultHealed,     K::kProcessStarted,     K::kProcessKilled,
      K::kProcessExited,     K::kZkLooking,       K::kZkLeading,          K::kZkFollowing,
      K::kZkSessionExpired,  K::kZkSessionClosed, K::kZkClientExpired,    K::kBrokerRunning,
      K::kControllerElected, K::kControllerReady, K::kControllerResigned, K::kPartitionState,
      K::kLeaderElected,     K::kTruncated,       K::kRebalanceStarted,   K::kGroupStable,
      K::kGroupLoaded,       K::kGroupUnloaded,   K::kMemberLeft,         K::kAssignmentReceived};
}

void ExpectationTracker::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster,
                                  const ClusterView& view, const GroupTracker& groups) {
  const auto kind = static_cast<HistoryKind>(event.kind);
  if (kind == HistoryKind::kFaultHealed || kind == HistoryKind::kFaultInjected) {
    bool heals = kind == HistoryKind::kFaultHealed;
    if (!heals && event.subject < scenario_->faults.size()) {
      // These are over at once.
      const scenarios::FaultAction action = scenario_->faults[event.subject].action;
      heals = scenarios::is_instant(action);
    }
    if (heals) {
      last_heal_ = event.time;
      if (event.subject < healed_.size()) healed_[event.subject] = event.time;
    }
  }
  review(cluster, view, groups);
}

void ExpectationTracker::review(const model::Cluster& cluster, const ClusterView& view,
                                const GroupTracker& groups) {
  for (std::size_t i = 0; i < truths_.size(); ++i) {
    const Expectation& expectation = scenario_->expectations[i];
    if (expectation.kind != ExpectationKind::kEventually) continue;
    Awaited& awaited = awaited_[i];
    if (awaited.liveness != nullptr) {
      const Time start = clock_start(expectation, cluster.now());
      if (start == sim::kNever) continue;
      if (awaited.marked != start) {
        awaited.marks = awaited.liveness->mark(model::ClusterView(cluster));
        awaited.marked = start;
      }
    }
    truths_[i].note(cluster.now(), holds(expectation, cluster, awaited, view, groups));
  }
}

bool ExpectationTracker::liveness_holds(const Awaited& awaited,
                                        const model::Cluster& cluster) const {
  return awaited.liveness != nullptr &&
         awaited.liveness->missing(model::ClusterView(cluster), awaited.marks, cluster.now())
             .empty();
}

bool ExpectationTracker::one_controller(const model::Cluster& cluster) const {
  std::int32_t acting = 0;
  for (const model::Broker& broker : cluster.brokers()) {
    acting += broker.controller().active() && cluster.alive(catalog_->broker_process(broker.id()));
  }
  if (acting != 1) return false;
  // The server that leads, or the one that knows most, says whether a controller is registered.
  const std::int32_t leader = cluster.zookeeper_leader();
  if (leader < 0) return false;
  const auto& tree = cluster.zookeeper()[static_cast<std::size_t>(leader)].tree();
  return tree.find("/controller") != nullptr;
}

bool ExpectationTracker::zk_quorum(const model::Cluster& cluster) const {
  const std::int32_t leader = cluster.zookeeper_leader();
  if (leader < 0) return false;
  const auto& servers = cluster.zookeeper();
  const std::int32_t id = servers[static_cast<std::size_t>(leader)].id();
  std::size_t with_it = 0;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    with_it += cluster.alive(catalog_->zookeeper_process(i)) && servers[i].serving() &&
               servers[i].leader() == id;
  }
  return 2 * with_it > servers.size();
}

bool ExpectationTracker::holds(const Expectation& expectation, const model::Cluster& cluster,
                               const Awaited& awaited, const ClusterView& view,
                               const GroupTracker& groups) const {
  switch (expectation.condition) {
    case Condition::kAllIsrFull: return view.partitions_not_full() == 0;
    case Condition::kEveryPartitionHasLeader: return view.partitions_without_leader() == 0;
    case Condition::kOneController: return one_controller(cluster);
    case Condition::kAllGroupsStable: return groups.all_settled();
    case Condition::kConsumersCaughtUp: return groups.caught_up();
    case Condition::kLeadersPreferred: return view.partitions_not_preferred() == 0;
    case Condition::kIsrOf: {
      const auto partition = catalog_->find_partition(expectation.topic, expectation.partition);
      return partition && view.partition(*partition).known &&
             compares(static_cast<std::int64_t>(view.partition(*partition).isr.size()),
                      expectation.comparison, expectation.value);
    }
    case Condition::kZkQuorum: return zk_quorum(cluster);
    case Condition::kLiveness: return liveness_holds(awaited, cluster);
  }
  return false;
}

Time ExpectationTracker::clock_start(const Expectation& expectation, Time now) const {
  if (expectation.within_of == scenarios::kSinceStart) return 0;
  if (expectation.within_of == scenarios::kSinceLastHeal) {
    // The healing of all is a healing also when nothing was broken any more.
    const bool all_healed = scenario_->heal_at <= now;
    const Time all = all_healed ? scenario_->heal_at : sim::kNever;
    if (last_heal_ == sim::kNever || all == sim::kNever) return std::min(last_heal_, all);
    return std::max(last_heal_, all);
  }
  return healed_[static_cast<std::size_t>(expectation.within_of)];
}

}  // namespace isrlab::results
