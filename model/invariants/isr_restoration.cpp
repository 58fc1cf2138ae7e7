// L2 ISR restoration: every live assigned replica of a partition with a live leader is in the ISR.
// Source: reference scenarios.md 6.2 L2; catch-up (F8) + fetch back-off + the write of the ISR,
// after leaders and metadata are back. Promised while replication can keep up with the producers,
// and not where a change of the ISR is stuck (stuck_isr.hpp): that lasts until the next election.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"
#include "model/invariants/stuck_isr.hpp"

namespace isrlab::model {
namespace {

class IsrRestoration final : public Liveness<IsrRestoration> {
 public:
  static constexpr std::string_view kId = "L2";
  static constexpr std::string_view kName = "isr_restoration";

  explicit IsrRestoration(const Catalog& catalog) : Liveness(catalog), stuck_(catalog) {}

  bool promised(const Catalog& catalog) const override { return replication_keeps_up(catalog); }
  Duration settles_within() const override { return isr_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
      const StateView state = view.state(id);
      if (!state.known || state.leader < 1) continue;
      if (!view.alive(catalog().broker_process(state.leader))) continue;
      if (stuck_.stuck(id, state, view)) continue;
      for (const BrokerId replica : view.assignment(id)) {
        if (state.isr.contains(replica) || !in_service(view, replica, id)) continue;
        return sentence(partition_name(id), ": ", broker_name(replica),
                        " lives but is not in the ISR ", list_text(state.isr), " of ",
                        broker_name(state.leader), ", leader in epoch ", state.leader_epoch);
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

ViewedInvariantPtr make_isr_restoration(const Catalog& catalog) {
  return std::make_unique<IsrRestoration>(catalog);
}

}  // namespace isrlab::model
