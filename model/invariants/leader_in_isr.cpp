// S13 leader in ISR: every committed partition state has no leader, or one that is in its ISR.
// Source: reference scenarios.md 6.1 S13; kafka-specification LeaderInIsr, which as written is
// false in the first state (no leader yet), hence the exception (section 2, remark i).
#include <algorithm>

#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class LeaderInIsr final : public Checker<LeaderInIsr> {
 public:
  static constexpr std::string_view kId = "S13";
  static constexpr std::string_view kName = "leader_in_isr";
  static constexpr std::array kInterests = {HistoryKind::kPartitionState};

  using Checker::Checker;

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    count();
    const std::span<const std::uint32_t> isr = view.list(event.b);
    if (event.a == kNoBroker ||
        std::find(isr.begin(), isr.end(), static_cast<std::uint32_t>(event.a)) != isr.end()) {
      return;
    }
    violated(event,
             sentence(partition_name(event.subject), ": the leader ",
                      broker_name(static_cast<BrokerId>(event.a)), " of epoch ", high_half(event.c),
                      " is not in the ISR ", list_text(isr), " of version ", low_half(event.c)));
  }
};

}  // namespace

ViewedInvariantPtr make_leader_in_isr(const Catalog& catalog) {
  return std::make_unique<LeaderInIsr>(catalog);
}

}  // namespace isrlab::model
