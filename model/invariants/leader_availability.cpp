// L1 leader availability: every partition of whose ISR a member lives has a live leader.
// Source: reference scenarios.md 6.2 L1; t* + S + tick + h + Tel (F1, F4).
// A member that starts again must be registered first, hence the terms of L4. One whose log
// directory has failed cannot lead.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class LeaderAvailability final : public Liveness<LeaderAvailability> {
 public:
  static constexpr std::string_view kId = "L1";
  static constexpr std::string_view kName = "leader_availability";

  using Liveness::Liveness;

  Duration settles_within() const override { return election_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
      const StateView state = view.state(id);
      const auto lives = [&](BrokerId broker) {
        return broker != kNoBroker && view.alive(catalog().broker_process(broker));
      };
      if (!state.known || lives(state.leader)) continue;
      for (const BrokerId member : state.isr) {
        if (!in_service(view, member, id)) continue;
        return sentence(partition_name(id), " has no live leader, although ", broker_name(member),
                        " of its ISR ", list_text(state.isr), " lives");
      }
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_leader_availability(const Catalog& catalog) {
  return std::make_unique<LeaderAvailability>(catalog);
}

}  // namespace isrlab::model
