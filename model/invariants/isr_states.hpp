// The ISR of every partition in ZooKeeper (ISRc of the reference, scenarios.md 6), by the history's
// partition states. A controller that dies may never tell of its last writes: the next one reads
// them, so all states are read again when a controller is ready, and one is before it is held
// against somebody.
#pragma once
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

class IsrStates {
 public:
  explicit IsrStates(const Catalog& catalog) : states_(catalog.partition_count()) {}

  /// A PartitionState event. True if it is news, false if it was overtaken by a newer one.
  bool learn(const sim::HistoryEvent& event, const RunView& view) {
    const auto version = static_cast<std::int32_t>(low_half(event.c));
    StateView& state = states_[event.subject];
    if (state.known && version <= state.version) return false;
    state = {true, static_cast<BrokerId>(event.a), high_half(event.c), version, {}};
    for (const std::uint32_t id : view.list(event.b))
      state.isr.push_back(static_cast<BrokerId>(id));
    return true;
  }
  /// A ControllerReady event.
  void read_all(const RunView& view) {
    for (PartitionId id = 0; id < states_.size(); ++id) read(id, view);
  }
  /// What ZooKeeper says now; true if that is newer than what was known.
  bool read(PartitionId id, const RunView& view) {
    const StateView now = view.state(id);
    if (!now.known || now.version <= states_[id].version) return false;
    states_[id] = now;
    return true;
  }
  const StateView& at(PartitionId id) const { return states_[id]; }

 private:
  std::vector<StateView> states_;
};

}  // namespace isrlab::model
