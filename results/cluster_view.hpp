// The cluster as its history tells it: leaders and ISRs as committed to ZooKeeper, processes,
// controller, sessions, and what is counted on the way. Readers that need "who led then" share one.
#pragma once
#include <memory>
#include <vector>

#include "model/catalog.hpp"
#include "model/history.hpp"
#include "results/metrics.hpp"
#include "results/summary.hpp"
#include "sim/history.hpp"

namespace isrlab::results {

struct PartitionView {
  bool known = false;
  model::BrokerId leader = model::kNoBroker;
  std::int32_t leader_epoch = -1;
  std::int32_t version = -1;  // partition epoch
  std::vector<model::BrokerId> isr;
  std::vector<model::BrokerId> assignment;  // empty while unknown
  std::int64_t high_watermark = 0;          // the newest of an acting leader
  std::int32_t high_watermark_epoch = -1;
};

class ClusterView {
 public:
  explicit ClusterView(std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  /// Lists (ISRs) are looked up in the history the event came from.
  void on_event(const sim::HistoryEvent& event, const sim::History& history);
  /// The replicas of a partition; only the world knows them, the history does not say.
  void set_assignment(model::PartitionId partition, const model::BrokerList& assignment);

  const model::Catalog& catalog() const { return *catalog_; }
  const PartitionView& partition(model::PartitionId id) const { return partitions_[id]; }
  bool alive(model::ProcessId process) const { return alive_[process] != 0; }
  bool paused(model::ProcessId process) const { return paused_[process] != 0; }
  bool broker_works(model::BrokerId broker) const {
    const model::ProcessId process = catalog_->broker_process(broker);
    return alive(process) && !paused(process);
  }
  model::BrokerId controller() const { return controller_; }
  /// Has a leader in ZooKeeper whose process lives.
  bool has_live_leader(const PartitionView& partition) const {
    return partition.known && partition.leader != model::kNoBroker &&
           alive(catalog_->broker_process(partition.leader));
  }
  /// Can acks=all (or acks=1) writes succeed in this state, as far as the processes tell?
  bool serves(model::PartitionId id, const PartitionView& state, bool acks_all) const;
  /// The state that the last PartitionState event replaced.
  const PartitionView& replaced() const { return replaced_; }
  std::int64_t min_isr(model::PartitionId id) const;

  // Conditions, kept up to date with each event. User partitions that do not exist yet count.
  std::uint32_t partitions_not_full() const { return not_full_; }
  std::uint32_t partitions_without_leader() const { return without_leader_; }
  std::uint32_t partitions_not_preferred() const { return not_preferred_; }
  /// Existing partitions without a live leader, over time.
  const Gauge& offline() const { return offline_; }
  void close(sim::Time now) { offline_.close(now); }

  const Elections& elections() const { return elections_; }
  const IsrChanges& isr_changes() const { return isr_changes_; }
  const Rebalances& rebalances() const { return rebalances_; }
  std::int64_t controllers_elected() const { return controllers_elected_; }

 private:
  void state_written(const sim::HistoryEvent& event, const sim::History& history);
  void elected(const sim::HistoryEvent& event);
  bool full(model::PartitionId id) const;
  bool preferred(model::PartitionId id) const;
  void count(model::PartitionId id, int direction);
  void process_changed(model::ProcessId process, bool alive, sim::Time now);
  void recount(sim::Time now);
  void update_offline(sim::Time now);

  std::shared_ptr<const model::Catalog> catalog_;
  std::vector<PartitionView> partitions_;
  PartitionView replaced_;
  std::vector<char> alive_;
  std::vector<char> paused_;
  model::BrokerId controller_ = model::kNoBroker;
  std::int64_t controllers_elected_ = 0;
  std::uint32_t not_full_ = 0;
  std::uint32_t without_leader_ = 0;
  std::uint32_t not_preferred_ = 0;
  std::uint32_t known_offline_ = 0;
  Gauge offline_;
  Elections elections_;
  IsrChanges isr_changes_;
  Rebalances rebalances_;
};

}  // namespace isrlab::results
