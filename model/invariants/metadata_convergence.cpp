// L6 metadata convergence: what every running broker tells of a partition is what ZooKeeper holds.
// Source: reference scenarios.md 6.2 L6; control round trip + 100 ms retries, after the elections.
// Where a change of the ISR is stuck (stuck_isr.hpp), the controller does not know the ISR that
// ZooKeeper holds; leader and epoch are told all the same.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"
#include "model/invariants/stuck_isr.hpp"

namespace isrlab::model {
namespace {

class MetadataConvergence final : public Liveness<MetadataConvergence> {
 public:
  static constexpr std::string_view kId = "L6";
  static constexpr std::string_view kName = "metadata_convergence";

  explicit MetadataConvergence(const Catalog& catalog) : Liveness(catalog), stuck_(catalog) {}

  Duration settles_within() const override { return metadata_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
      const StateView state = view.state(id);
      if (!state.known) continue;
      const bool stuck = stuck_.stuck(id, state, view);
      for (BrokerId broker = 1; broker <= static_cast<BrokerId>(catalog().broker_count());
           ++broker) {
        if (!view.alive(catalog().broker_process(broker)) || !view.running(broker)) continue;
        const MetadataCache::State& told = view.metadata(broker).state(id);
        if (told.known && told.leader == state.leader && told.leader_epoch == state.leader_epoch &&
            (stuck || told.isr == state.isr)) {
          continue;
        }
        return sentence(partition_name(id), ": ", broker_name(broker), " tells epoch ",
                        told.leader_epoch, " of ", broker_name(told.leader), ", ISR ",
                        list_text(told.isr), ", but ZooKeeper holds epoch ", state.leader_epoch,
                        " of ", broker_name(state.leader), ", ISR ", list_text(state.isr));
      }
    }
    return {};
  }

 private:
  std::vector<HistoryKind> more_interests() const override { return StuckIsr::interests(); }
  void on_change(const sim::HistoryEvent& event, const RunView&) override {
    stuck_.on_refusal(event);
  }

  StuckIsr stuck_;
};

}  // namespace

ViewedInvariantPtr make_metadata_convergence(const Catalog& catalog) {
  return std::make_unique<MetadataConvergence>(catalog);
}

}  // namespace isrlab::model
