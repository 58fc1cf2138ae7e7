// L5 one active controller: exactly one live broker acts as controller.
// Source: reference scenarios.md 6.2 L5; S + tick + reload, after the brokers are registered.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class OneActiveController final : public Liveness<OneActiveController> {
 public:
  static constexpr std::string_view kId = "L5";
  static constexpr std::string_view kName = "one_active_controller";

  using Liveness::Liveness;

  Duration settles_within() const override { return controller_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    BrokerList acting;
    bool any = false;
    for (BrokerId id = 1; id <= static_cast<BrokerId>(catalog().broker_count()); ++id) {
      if (!view.alive(catalog().broker_process(id))) continue;
      any = true;
      if (view.acts_as_controller(id) && acting.size() < BrokerList::kCapacity) {
        acting.push_back(id);
      }
    }
    if (!any || acting.size() == 1) return {};
    if (acting.empty()) return "no live broker acts as controller";
    return sentence("the brokers ", list_text(acting), " all act as controller");
  }
};

}  // namespace

ViewedInvariantPtr make_one_active_controller(const Catalog& catalog) {
  return std::make_unique<OneActiveController>(catalog);
}

}  // namespace isrlab::model
