// Consumer groups: who coordinates them, how far their members are, and their lag over time.
#pragma once
#include <deque>
#include <vector>

#include "model/cluster.hpp"
#include "results/cluster_view.hpp"
#include "results/metrics.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

/// The group as its coordinator has it; null while no live broker has loaded it.
const model::Group* coordinated_group(const model::Cluster& cluster, model::GroupId group,
                                      model::BrokerId& coordinator);
/// Stable, and every partition of its topics has an owner.
bool group_settled(const model::Cluster& cluster, model::GroupId group);

class GroupTracker {
 public:
  explicit GroupTracker(std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster,
                const ClusterView& view);
  /// Every kSample of the run, after the first step then; and at the end.
  void sample(const model::Cluster& cluster, const ClusterView& view);

  bool all_settled() const { return unsettled_ == 0; }
  /// Every position at the high watermark of a second ago, or beyond; as of the last sample.
  bool caught_up() const { return caught_up_; }
  const Gauge& lag(model::GroupId group) const { return lags_[group]; }
  void close(Time now);
  std::vector<GroupResult> results(const model::Cluster& cluster, const ClusterView& view) const;

  static constexpr Duration kSample = 100 * sim::kMillisecond;

 private:
  void review(const model::Cluster& cluster);
  GroupResult result(model::GroupId group, const model::Cluster& cluster,
                     const ClusterView& view) const;

  std::shared_ptr<const model::Catalog> catalog_;
  std::vector<char> settled_;
  std::vector<char> was_stable_;  // once: the lag is counted from then on
  std::size_t unsettled_ = 0;
  std::vector<model::PartitionId> partitions_;  // of the groups' topics
  struct Marks {
    Time time = 0;
    std::vector<std::int64_t> high_watermarks;  // of partitions_
  };
  std::deque<Marks> marks_;
  std::vector<std::vector<std::int64_t>> positions_;  // by group and partition; last known
  bool caught_up_ = false;
  std::vector<Gauge> lags_;
};

}  // namespace isrlab::results
