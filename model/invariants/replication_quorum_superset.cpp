// S8 quorum superset: whenever a leader of the current epoch moves its high watermark, the ISR that
// it goes by (committed and pending) contains the ISR that ZooKeeper holds.
// Source: reference scenarios.md 6.1 S8; kafka-tlaplus ReplicationQuorumSuperset, "maximal ISR" of
// KIP-497.
#include "model/invariants/factories.hpp"
#include "model/invariants/isr_states.hpp"

namespace isrlab::model {
namespace {

class ReplicationQuorumSuperset final : public Checker<ReplicationQuorumSuperset> {
 public:
  static constexpr std::string_view kId = "S8";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "replication_quorum_superset";
  static constexpr std::array kInterests = {
      HistoryKind::kHighWatermark, HistoryKind::kPartitionState, HistoryKind::kControllerReady};

  explicit ReplicationQuorumSuperset(const Catalog& catalog) : Checker(catalog), states_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    if (kind_of(event) == HistoryKind::kControllerReady) return states_.read_all(view);
    if (kind_of(event) == HistoryKind::kPartitionState) {
      states_.learn(event, view);
      return;
    }
    const StateView& state = states_.at(event.subject);
    if (event.b < 0 || state.leader_epoch != event.b) return;
    const Partition* leader = view.partition(broker_of(event), event.subject);
    // A role that changed in the same step says nothing of the moment of the advance.
    if (leader == nullptr || !leader->is_leader() || leader->leader_epoch != event.b) return;
    count();
    if (contains_all(*leader, state.isr)) return;
    if (states_.read(event.subject, view) &&
        (state.leader_epoch != event.b || contains_all(*leader, state.isr))) {
      return;
    }
    violated(event,
             sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                      ", leader in epoch ", event.b, ", moved its high watermark to ", event.a,
                      " by the ISR ", list_text(leader->maximal_isr()), ", but ZooKeeper holds ",
                      list_text(state.isr), " in version ", state.version));
  }

 private:
  static bool contains_all(const Partition& leader, const BrokerList& isr) {
    if (leader.isr == isr) return true;
    const BrokerList maximal = leader.maximal_isr();
    for (const BrokerId member : isr) {
      if (!maximal.contains(member)) return false;
    }
    return true;
  }

  IsrStates states_;
};

}  // namespace

ViewedInvariantPtr make_replication_quorum_superset(const Catalog& catalog) {
  return std::make_unique<ReplicationQuorumSuperset>(catalog);
}

}  // namespace isrlab::model
