// What a scenario demands, watched while it runs and judged at its end.
#pragma once
#include <memory>
#include <vector>

#include "model/invariants/liveness.hpp"
#include "results/cluster_view.hpp"
#include "results/groups.hpp"
#include "results/ledger.hpp"
#include "results/session_tracker.hpp"
#include "results/states.hpp"
#include "results/summary.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::results {

/// When a condition was true.
struct TruthOverTime {
  std::vector<std::pair<Time, bool>> changes;  // by rising time; false before the first
  void note(Time now, bool value);
  /// First instant in [from, to] at which it was true; -1 if there is none.
  Time first_true(Time from, Time to) const;
  bool now() const { return !changes.empty() && changes.back().second; }
};

class ExpectationTracker {
 public:
  ExpectationTracker(std::shared_ptr<const scenarios::Scenario> scenario,
                     std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster,
                const ClusterView& view, const GroupTracker& groups);
  /// Looks at all conditions now (after a sample of the groups).
  void review(const model::Cluster& cluster, const ClusterView& view, const GroupTracker& groups);

  const TruthOverTime& truth(std::size_t expectation) const { return truths_[expectation]; }
  /// Start of an `eventually` clock; kNever while nothing was healed.
  Time clock_start(const scenarios::Expectation& expectation, Time now) const;

 private:
  struct Awaited {
    std::shared_ptr<const model::LivenessInvariant> liveness;  // asked only; null for the others
    model::LivenessMarks marks;                                // taken when the clock starts
    Time marked = sim::kNever;
  };
  bool holds(const scenarios::Expectation& expectation, const model::Cluster& cluster,
             const Awaited& awaited, const ClusterView& view, const GroupTracker& groups) const;
  bool liveness_holds(const Awaited& awaited, const model::Cluster& cluster) const;
  bool one_controller(const model::Cluster& cluster) const;
  bool zk_quorum(const model::Cluster& cluster) const;

  std::shared_ptr<const scenarios::Scenario> scenario_;
  std::shared_ptr<const model::Catalog> catalog_;
  std::vector<Awaited> awaited_;       // by expectation
  std::vector<TruthOverTime> truths_;  // by expectation; only those of `eventually` are filled
  std::vector<Time> healed_;           // by fault item
  Time last_heal_ = sim::kNever;
};

/// All that limits are measured on.
struct Measured {
  const ClusterView& view;
  const GroupTracker& groups;
  const RecordLedger& ledger;
  const SessionTracker& sessions;
  const StateTracker& states;
  const Summary& summary;         // outages, records and counts are filled
  Time first_loss = sim::kNever;  // of an acknowledged record, even if it came back
};
/// The value of a limit's metric, and a word on where it comes from.
std::int64_t measure(const scenarios::Expectation& limit, const Measured& measured,
                     std::string& detail);
/// The states that were reached, and when first.
std::vector<StateReached> states_reached(const Measured& measured);
bool compares(std::int64_t left, scenarios::Comparison comparison, std::int64_t right);

/// Judges everything; the summary's invariants must be filled.
std::vector<ExpectationResult> judge(const scenarios::Scenario& scenario,
                                     const ExpectationTracker& tracker, const Measured& measured,
                                     bool invariants_checked, Time end);
/// The run's verdict: broken promises weigh most, then failed expectations, then open questions.
Verdict verdict_of(const Summary& summary);

}  // namespace isrlab::results
