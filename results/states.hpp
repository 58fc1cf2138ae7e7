// Which of the interesting states (scenarios/faults/registry_states.cpp) a run has reached, and
// when first. A reader of the history; where an event does not say enough it looks at the world.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "model/cluster.hpp"
#include "results/cluster_view.hpp"
#include "scenarios/faults/terms.hpp"

namespace isrlab::results {

class StateTracker {
 public:
  explicit StateTracker(std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  /// The view has seen the event already.
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster,
                const ClusterView& view);

  /// kNever if it was not reached. A lost record is found out at the end, by the loss ledger.
  Time reached(scenarios::State state) const { return reached_[static_cast<std::size_t>(state)]; }

 private:
  void reach(scenarios::State state, Time now) {
    Time& at = reached_[static_cast<std::size_t>(state)];
    if (now < at) at = now;
  }
  bool knows(scenarios::State state) const { return reached(state) != sim::kNever; }

  // One for each part of the cluster; true if the event was one of theirs.
  bool partitions(const sim::HistoryEvent& event, const model::Cluster& cluster,
                  const ClusterView& view);
  bool replicas(const sim::HistoryEvent& event, const model::Cluster& cluster,
                const ClusterView& view);
  bool controllers(const sim::HistoryEvent& event, const model::Cluster& cluster);
  bool zookeeper(const sim::HistoryEvent& event, const model::Cluster& cluster);
  bool brokers(const sim::HistoryEvent& event);
  void clients(const sim::HistoryEvent& event, const ClusterView& view);

  void partition_written(const sim::HistoryEvent& event, const ClusterView& view);
  void leader_elected(const sim::HistoryEvent& event, const ClusterView& view);
  void appended(const sim::HistoryEvent& event, const model::Cluster& cluster,
                const ClusterView& view);
  void truncated(const sim::HistoryEvent& event);
  void isr_update_failed(const sim::HistoryEvent& event);
  void controller_elected(const sim::HistoryEvent& event, const model::Cluster& cluster);
  void session_expired(const sim::HistoryEvent& event, const model::Cluster& cluster);
  void client_connected(const sim::HistoryEvent& event);
  void produce_error(std::int64_t code, Time now);
  void coordinates(const sim::HistoryEvent& event);
  bool isr_change_pending(const model::Cluster& cluster) const;
  bool some_leader_missing(const ClusterView& view) const;

  struct PartitionMemory {
    std::int32_t elected_epoch = -1;  // by a controller, in ZooKeeper
    std::int32_t led_epoch = -1;      // a broker has been told and leads
    bool unclean = false;             // the last election
  };
  struct BrokerMemory {
    std::int64_t controller_epoch = -1;  // the last one it won
    std::int64_t session = 0;            // it was last connected with
    std::uint32_t server = 0;            // to this ZooKeeper server
    Time refused_at = -1;                // its last failed registration
  };
  std::shared_ptr<const model::Catalog> catalog_;
  std::array<Time, scenarios::kStates> reached_;
  std::vector<PartitionMemory> partitions_;
  std::vector<BrokerMemory> brokers_;          // by broker id
  std::vector<model::BrokerId> coordinators_;  // by group
  std::vector<char> leads_zookeeper_;          // by process
  std::vector<char> has_producer_id_;          // by process
  model::BrokerId controller_ = model::kNoBroker;
  std::int64_t controller_epoch_ = -1;  // the newest
  std::int64_t zk_leader_ = -1;
};

}  // namespace isrlab::results
