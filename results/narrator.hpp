// Turns kept events into notes: it follows who leads what, so that a sentence can say "kill
// broker-2 (leader of orders-0)" and "leader 2 -> 3".
#pragma once
#include <optional>
#include <vector>

#include "results/cluster_view.hpp"
#include "results/timeline_notes.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::results {

class Narrator {
 public:
  Narrator(const model::Cluster& cluster, const std::vector<scenarios::FaultSpec>& faults);

  void tell(const sim::HistoryEvent& event);
  void end() { flush_state(nullptr); }
  NoteBook& book() { return book_; }
  const std::vector<FaultResult>& faults() const { return told_faults_; }

 private:
  // narrator.cpp: partitions and clients; narrator_world.cpp: faults, processes, ZooKeeper,
  // controller, groups.
  bool tell_world(const sim::HistoryEvent& event);
  bool tell_operator(const sim::HistoryEvent& event);
  bool tell_logs(const sim::HistoryEvent& event);
  bool tell_brokers(const sim::HistoryEvent& event);
  bool tell_groups(const sim::HistoryEvent& event);
  bool tell_partitions(const sim::HistoryEvent& event);
  bool tell_clients(const sim::HistoryEvent& event);

  std::string selector_text(const scenarios::Selector& selector, std::int64_t list,
                            const std::string& before) const;
  void fault(const sim::HistoryEvent& event);
  void healed(const sim::HistoryEvent& event);
  void process_started(const sim::HistoryEvent& event);
  void flush_state(const sim::HistoryEvent* election);
  std::string roles(model::ProcessId process) const;
  std::string targets_text(std::int64_t list, bool with_roles) const;
  bool caused_by_fault(const sim::HistoryEvent& event) const;
  const std::string& process_name(std::uint32_t process) const;

  Note note(const sim::HistoryEvent& event, std::string kind, std::string name) const;
  void plain(const sim::HistoryEvent& event, std::string kind, std::string name, std::string text);
  void partition_note(Form form, const sim::HistoryEvent& event, std::string kind,
                      model::PartitionId partition, std::string key, std::string text,
                      std::int64_t number = 0);

  const model::Cluster& cluster_;
  const model::Catalog& catalog_;
  const sim::History& history_;
  const std::vector<scenarios::FaultSpec>& specs_;
  ClusterView view_;
  NoteBook book_;
  bool booted_ = false;
  std::int64_t zk_leader_ = -1;           // process
  std::vector<char> zk_lost_;             // by process: told that it lost ZooKeeper
  std::vector<Time> registered_;          // by broker id: when it registered last
  std::vector<Time> started_;             // by process
  std::vector<model::ProcessId> acting_;  // by partition: who acted as its leader last
  struct PendingState {
    sim::HistoryEvent event;
    PartitionView before;
    PartitionView after;
  };
  std::optional<PendingState> pending_;
  std::vector<FaultResult> told_faults_;
  std::vector<std::uint32_t> fault_items_;  // item of each told fault
};

}  // namespace isrlab::results
