// L4 registration: every live broker is registered in ZooKeeper.
// Source: reference scenarios.md 6.2 L4; S + tick + connection time-out + retry.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class Registration final : public Liveness<Registration> {
 public:
  static constexpr std::string_view kId = "L4";
  static constexpr std::string_view kName = "registration";

  using Liveness::Liveness;

  Duration settles_within() const override { return registration_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    for (BrokerId id = 1; id <= static_cast<BrokerId>(catalog().broker_count()); ++id) {
      if (!view.alive(catalog().broker_process(id)) || view.registered(id)) continue;
      return broker_name(id) + " lives but is not registered";
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_registration(const Catalog& catalog) {
  return std::make_unique<Registration>(catalog);
}

}  // namespace isrlab::model
