// Properties that must come true in time once faults have stopped (reference scenarios.md 6.2).
// t* is the last disturbance: a fault, its healing, a process that starts or ends, a change of
// ZooKeeper's leader. From then on the clock runs; every further disturbance starts it anew. When
// the time is up the property is looked at once. While something is still cut, slow or paused, or
// ZooKeeper has no quorum, nothing is owed. A run that ends before the time is up has not broken
// anything: the property was not checked.
#pragma once
#include <string>
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

/// Numbers by partition, taken when the cluster must have settled: what must be reached from there.
using LivenessMarks = std::vector<std::int64_t>;

class LivenessInvariant : public ViewedInvariant {
 public:
  explicit LivenessInvariant(const Catalog& catalog) : catalog_(&catalog) {}

  /// From t* until the marks are taken.
  virtual Duration settles_within() const = 0;
  /// What has to be reached from the marks on; empty for a property of the present alone.
  virtual LivenessMarks mark(const RunView& view) const {
    (void)view;
    return {};
  }
  /// From the marks until it must hold.
  virtual Duration span(const RunView& view, const LivenessMarks& marks) const {
    (void)view, (void)marks;
    return 0;
  }
  /// What is missing, as a sentence; empty if the property holds now. `eventually` asks it too.
  virtual std::string missing(const RunView& view, const LivenessMarks& marks, Time now) const = 0;
  /// Can a scenario wait for it? Not for one that looks at changes.
  virtual bool is_state() const { return true; }

  /// Is it looked at each second from then on, until it fails or something is disturbed?
  virtual bool looks_again() const { return false; }

  /// When it is looked at next; kNever: nothing is owed.
  Time due() const { return due_; }

  std::vector<HistoryKind> interests() const final;
  Time wakes_at() const final { return next_look_; }
  void on_time(const Cluster& cluster) final { look(cluster.now(), ClusterView(cluster)); }
  void on_event(const sim::HistoryEvent& event, const Cluster& cluster) final {
    check(event, ClusterView(cluster));
  }
  void at_end(const Cluster& cluster) final { check_end(cluster.now(), ClusterView(cluster)); }
  void check(const sim::HistoryEvent& event, const RunView& view) final;
  void check_end(Time now, const RunView& view) final { look(now, view); }
  /// Once a second: takes the marks or judges, if it is time.
  void look(Time now, const RunView& view);

 protected:
  virtual std::vector<HistoryKind> more_interests() const { return {}; }
  virtual void on_change(const sim::HistoryEvent& event, const RunView& view) {
    (void)event, (void)view;
  }
  const Catalog& catalog() const { return *catalog_; }

  // Bounds from the settings (reference scenarios.md 1). A request that was sent into the void must
  // time out first: that counts once something has been cut, slow or paused.
  /// F1: until a silent broker's session has expired, S + tick + h.
  Duration detection_bound() const;
  /// L4: the same, then start + retry (the supervisor's) + connection time-out.
  Duration registration_bound() const;
  /// L5: the same, then a new controller reads everything, 2 ms a partition (F3).
  Duration controller_bound() const;
  /// L1: the same, then 5 ms an election (F3, F4).
  Duration election_bound() const;
  /// L6: the same, then a control request.
  Duration metadata_bound() const;
  /// L2: the same, then catching up (F8), a fetch's back-off, the change of the ISR.
  Duration isr_bound() const;
  /// L10: from L6 on, the session of a dead member, a rebalance (F13).
  Duration group_bound() const;

  Time disturbed() const { return disturbed_; }
  std::uint32_t disturbance() const { return disturbance_; }
  std::string partition_name(PartitionId id) const { return catalog_->partition_name(id); }
  bool any_member(const RunView& view, GroupId group) const;
  /// The broker lives, and the log directory of its replica has not failed. A directory that was
  /// repaired stays offline until its broker starts again.
  bool in_service(const RunView& view, BrokerId broker, PartitionId id) const;
  /// The leader's high watermark by partition, 0 where none leads.
  LivenessMarks committed_ends(const RunView& view) const;
  void late(Time now, std::string text);

 private:
  const Catalog* catalog_;  // immutable, shared by all copies of a world, outlives them
  Time disturbed_ = 0;
  std::uint32_t disturbance_ = 0;  // kept event
  Time due_ = sim::kNever;
  Time next_look_ = 0;
  bool marked_ = false;
  bool silence_ = false;  // something was cut, slow or paused once
  LivenessMarks marks_;
};

/// Self gives kId, kName; it is final and copyable.
template <class Self>
class Liveness : public LivenessInvariant {
 public:
  using LivenessInvariant::LivenessInvariant;
  std::string_view id() const final { return Self::kId; }
  std::string_view name() const final { return Self::kName; }
  std::unique_ptr<Reader> clone() const final {
    return std::make_unique<Self>(static_cast<const Self&>(*this));
  }
};

/// Replication keeps up: what producers write, times the replicas, is below half of what a disk and
/// a network card take.
bool replication_keeps_up(const Catalog& catalog);

}  // namespace isrlab::model
