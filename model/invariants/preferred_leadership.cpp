// L13 preferred leadership: with auto.leader.rebalance.enable, no live broker lacks more than
// leader.imbalance.per.broker.percentage of the leaderships that are its own by assignment.
// Source: reference scenarios.md 6.2 L13; 300 s and more (F10), once the ISR is back.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class PreferredLeadership final : public Liveness<PreferredLeadership> {
 public:
  static constexpr std::string_view kId = "L13";
  static constexpr std::string_view kName = "preferred_leadership";

  using Liveness::Liveness;
  bool promised(const Catalog& catalog) const override {
    for (const BrokerSpec& broker : catalog.spec().brokers) {
      if (broker.config.auto_leader_rebalance_enable == 0) return false;
    }
    return replication_keeps_up(catalog);
  }
  Duration settles_within() const override {
    Duration interval = 0;
    for (const BrokerSpec& broker : catalog().spec().brokers) {
      interval = std::max(interval, broker.config.leader_imbalance_check_interval);
    }
    return isr_bound() + interval + 10 * sim::kSecond;
  }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    struct Share {
      std::int64_t preferred = 0;
      std::int64_t elsewhere = 0;
    };
    std::vector<Share> shares(catalog().broker_count() + 1);
    for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
      const StateView state = view.state(id);
      const BrokerList assigned = view.assignment(id);
      if (!state.known || assigned.empty()) continue;
      Share& share = shares[static_cast<std::size_t>(assigned[0])];
      ++share.preferred;
      share.elsewhere += state.leader != assigned[0] ? 1 : 0;
    }
    for (BrokerId id = 1; id < static_cast<BrokerId>(shares.size()); ++id) {
      const Share& share = shares[static_cast<std::size_t>(id)];
      const std::int64_t limit = catalog().broker_config(id).leader_imbalance_per_broker_percentage;
      if (!view.alive(catalog().broker_process(id))) continue;
      if (share.elsewhere * 100 <= share.preferred * limit) continue;
      return sentence(share.elsewhere, " of the ", share.preferred, " partitions that ",
                      broker_name(id), " should lead are led by others");
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_preferred_leadership(const Catalog& catalog) {
  return std::make_unique<PreferredLeadership>(catalog);
}

}  // namespace isrlab::model
