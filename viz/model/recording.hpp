// What is known of a whole run: lanes and plot samples, filled while the run is simulated ahead of
// the playhead. A Recording only looks at the run; it changes nothing and draws no randomness.
#pragma once
#include <vector>

#include "viz/model/lanes.hpp"
#include "viz/widgets/plot.hpp"

namespace isrlab::viz {

class Recording {
 public:
  explicit Recording(const scenarios::Run& run);

  /// Between two samples the run may be stepped freely; call after each step.
  void see_step(const model::Cluster& cluster);
  /// When the next sample of the plots is due: run up to here (and not further), then sample().
  sim::Time next_sample() const { return next_sample_; }
  void sample(const scenarios::Run& run);
  /// Everything up to `until` is known now.
  void advance(const scenarios::Run& run, sim::Time until);
  /// Forgets the samples from `from` on: a branch goes another way there. Lanes are made anew from
  /// the history of the branch.
  void cut(sim::Time from);

  const LaneModel& lanes() const { return lanes_; }
  /// Messages behind, the worst replica of a broker; by broker id - 1.
  const std::vector<std::vector<Sample>>& lag() const { return lag_; }
  /// Messages that a group has not been handed yet; by group.
  const std::vector<std::vector<Sample>>& group_lag() const { return group_lag_; }
  const std::vector<Sample>& under_replicated() const { return under_replicated_; }
  const std::vector<Sample>& offline() const { return offline_; }
  /// Acknowledged records per second.
  const std::vector<Sample>& acks() const { return acks_; }
  sim::Time known_until() const { return known_until_; }
  bool complete() const { return complete_; }
  void set_complete() { complete_ = true; }

 private:
  void take_transient(const sim::HistoryEvent& event, const model::Cluster& cluster);

  LaneModel lanes_;
  std::vector<std::vector<Sample>> lag_;
  std::vector<std::vector<Sample>> group_lag_;
  std::vector<Sample> under_replicated_;
  std::vector<Sample> offline_;
  std::vector<Sample> acks_;
  std::vector<std::vector<std::int64_t>> positions_;  // by group and partition, -1 = unknown
  std::int64_t acked_in_bucket_ = 0;
  sim::Time bucket_from_ = 0;
  sim::Duration sample_step_ = 0;
  sim::Duration bucket_ = 0;
  sim::Time next_sample_ = 0;
  sim::Time known_until_ = 0;
  bool complete_ = false;
};

}  // namespace isrlab::viz
