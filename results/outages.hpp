// When could nobody write to, or read from, a partition, and where did the time go?
//
// A write outage of a partition (for one acks class) begins with the last acknowledgement, or with
// the first record that then waited, and ends with the next acknowledgement. It counts when it is
// longer than a second beyond linger.ms, that is, far beyond any normal latency. It starts at the
// partition's first acknowledgement; records that are given up do not end it, and one that is still
// open ends with the run.
//
// A read outage is the same for a group that owns the partition, from delivery to delivery while
// there is something to read or somebody tries to write. What its members spend on processing their
// records is no outage.
//
// Parts. The decisive change of state is the last one, within the outage, that made the partition
// serve again or changed its leader. `detect` runs until the controller (or the leader, for the
// ISR) knew of what caused it; `elect` until it was in ZooKeeper; `propagate` until the leader
// acted on it; `client` until the first success. Without such a change the outage ended because
// something healed: up to then it counts as `detect`.
#pragma once
#include <array>
#include <vector>

#include "results/cluster_view.hpp"

namespace isrlab::results {

class OutageTracker {
 public:
  explicit OutageTracker(std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  /// After the view has seen the event.
  void on_event(const sim::HistoryEvent& event, const ClusterView& view,
                const sim::History& history);
  /// All outages so far by start, those that are open included.
  std::vector<Outage> outages(Time now) const;

 private:
  enum Operation : std::uint8_t { kWriteAll, kWriteOne, kRead };
  /// Somebody wants something of a partition and got it last at some time.
  struct Demand {
    bool served = false;       // once, at least
    bool hungry = false;       // what was wanted was given up, not served
    std::int64_t waiting = 0;  // records
    Time since = sim::kNever;  // of the present wait
    Time gave_up = 0;
  };
  struct Reader {
    Demand demand;
    std::int64_t position = 0;
    std::uint32_t owner = model::kNone;  // consumer
  };
  /// A change of the partition's state that may end outages.
  struct Milestone {
    Time time = 0;
    bool new_leader = false;
    std::array<bool, 2> revives{};  // acks=all, acks=1
    std::int32_t leader_epoch = -1;
    std::int32_t version = -1;
    Time acted = sim::kNever;
    std::string what;
  };
  struct PartitionLog {
    std::vector<Milestone> milestones;
    std::vector<Time> detected;
    model::BrokerId last_leader = model::kNoBroker;  // the latest that there was
  };

  void created(const sim::HistoryEvent& event, const ClusterView& view);
  void acked(const sim::HistoryEvent& event, const ClusterView& view);
  void failed(const sim::HistoryEvent& event, const ClusterView& view);
  void delivered(const sim::HistoryEvent& event, const ClusterView& view);
  void assigned(const sim::HistoryEvent& event, const ClusterView& view,
                const sim::History& history);
  void owner_gone(std::uint32_t consumer, std::int32_t group);
  void review_readers(model::PartitionId partition, Time now, const ClusterView& view);
  void state_written(const sim::HistoryEvent& event, const ClusterView& view);
  void acted(const sim::HistoryEvent& event);
  /// -1: acks=0, which knows no outage.
  int write_class(const sim::HistoryEvent& event) const;
  Reader& reader(model::GroupId group, model::PartitionId partition);
  bool subscribed(model::GroupId group, model::PartitionId partition) const;
  void close(Operation operation, model::PartitionId partition, std::int32_t group, Time from,
             Time to, bool open, std::vector<Outage>& into) const;
  void split(Outage& outage, Operation operation) const;
  Duration threshold(Operation operation, model::PartitionId partition, std::int32_t group) const;

  std::shared_ptr<const model::Catalog> catalog_;
  std::array<std::vector<Demand>, 2> writes_;           // by partition
  std::vector<std::vector<Reader>> reads_;              // by group and partition
  std::vector<std::vector<model::GroupId>> groups_of_;  // by topic
  std::vector<PartitionLog> logs_;
  std::vector<Time> detected_;  // brokers seen to come or go, new controllers
  std::vector<Time> healed_;
  std::vector<Duration> linger_;  // by topic, the longest
  std::vector<Outage> closed_;
};

}  // namespace isrlab::results
