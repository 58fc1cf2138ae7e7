// The reader that makes a summary of a run. Attach it to any Run before its first step (the command
// line does, and so may the viewer); ask it for a summary at any time. Like every reader it is
// copied with a checkpoint and changes nothing.
#pragma once
#include <memory>
#include <vector>

#include "model/invariants/invariant.hpp"
#include "model/invariants/loss_ledger.hpp"
#include "results/cluster_view.hpp"
#include "results/expectations.hpp"
#include "results/groups.hpp"
#include "results/ledger.hpp"
#include "results/logs.hpp"
#include "results/outages.hpp"
#include "results/session_tracker.hpp"
#include "results/states.hpp"
#include "results/summary.hpp"
#include "scenarios/run.hpp"

namespace isrlab::results {

struct SummaryOptions {
  bool check_invariants = true;
  bool timeline = true;
  /// Limits whose metrics are measured beside those of the scenario (sweeps); null: none.
  std::shared_ptr<const std::vector<scenarios::Expectation>> measures;
};

class SummaryReader final : public model::Reader {
 public:
  SummaryReader(std::shared_ptr<const scenarios::Scenario> scenario,
                std::shared_ptr<const model::Catalog> catalog, SummaryOptions options = {});
  SummaryReader(const SummaryReader& other);

  std::vector<model::HistoryKind> interests() const override;
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override;
  Time wakes_at() const override { return next_sample_; }
  void on_time(const model::Cluster& cluster) override;
  void at_end(const model::Cluster& cluster) override;
  std::unique_ptr<model::Reader> clone() const override;

  /// What is known at `end`: the run's present time, or the scenario's end when nothing more
  /// happens before it. The run must be the one it reads.
  Summary summary(const scenarios::Run& run, Time end) const;

  const ClusterView& view() const { return view_; }
  const std::vector<std::unique_ptr<model::Invariant>>& invariants() const { return invariants_; }

 private:
  void attach(std::uint8_t part, const std::vector<model::HistoryKind>& kinds);
  void attach_invariants();
  void learn_assignment(const sim::HistoryEvent& event, const model::Cluster& cluster);
  void sample(const model::Cluster& cluster);
  void summarise_invariants(Summary& summary) const;
  void summarise_traffic(Summary& summary, const model::Cluster& cluster) const;

  std::shared_ptr<const scenarios::Scenario> scenario_;
  std::shared_ptr<const model::Catalog> catalog_;
  SummaryOptions options_;
  ClusterView view_;
  OutageTracker outages_;
  RecordLedger ledger_;
  DeletedRecords deleted_;
  model::LossLedger losses_;
  SessionTracker sessions_;
  GroupTracker groups_;
  StateTracker states_;
  ExpectationTracker expectations_;
  std::vector<std::unique_ptr<model::Invariant>> invariants_;
  std::vector<std::uint8_t> parts_of_kind_;  // bits
  // By kind of event, one after the other: those of a kind are [first, first of the next kind).
  std::vector<model::Invariant*> handlers_;
  std::vector<std::uint32_t> first_handler_;
  Time next_sample_ = 0;
  Time next_look_ = 0;  // of the invariants that wait for a time
  Time first_disk_loss_ = sim::kNever;
};

}  // namespace isrlab::results
