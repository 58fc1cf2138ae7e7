// S14 ISR subset: the ISR in ZooKeeper is a part of the assigned replicas, each once, never empty.
// Source: reference scenarios.md 6.1 S14; kafka-specification TypeOk (QuorumState), kafka-tlaplus
// ValidControllerState.
#include <algorithm>

#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class IsrSubset final : public Checker<IsrSubset> {
 public:
  static constexpr std::string_view kId = "S14";
  static constexpr std::string_view kName = "isr_subset";
  static constexpr std::array kInterests = {HistoryKind::kPartitionState};

  explicit IsrSubset(const Catalog& catalog)
      : Checker(catalog), now_(catalog.partition_count()), before_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const BrokerList assigned = view.assignment(event.subject);
    BrokerList& now = now_[event.subject];
    if (!assigned.empty() && !(assigned == now)) {
      before_[event.subject] = now;
      now = assigned;
    }
    if (assigned.empty()) return;  // nobody who knows ZooKeeper's tree is there to ask
    count();
    const std::span<const std::uint32_t> isr = view.list(event.b);
    const auto state = [&] {
      return sentence(partition_name(event.subject), ": the ISR ", list_text(isr), " of epoch ",
                      high_half(event.c), ", version ", low_half(event.c));
    };
    if (isr.empty()) return violated(event, state() + " is empty");
    for (std::size_t i = 0; i < isr.size(); ++i) {
      const auto broker = static_cast<BrokerId>(isr[i]);
      // A reassignment that is replaced or taken back changes the replicas first, the ISR then.
      if (!assigned.contains(broker) && !before_[event.subject].contains(broker)) {
        return violated(event,
                        sentence(state(), " has ", broker_name(broker),
                                 ", which is not one of the replicas ", list_text(assigned)));
      }
      if (std::find(isr.begin(), isr.begin() + static_cast<std::ptrdiff_t>(i), isr[i]) !=
          isr.begin() + static_cast<std::ptrdiff_t>(i)) {
        return violated(event, sentence(state(), " has ", broker_name(broker), " twice"));
      }
    }
  }

 private:
  std::vector<BrokerList> now_;     // by partition
  std::vector<BrokerList> before_;  // what it was before that
};

}  // namespace

ViewedInvariantPtr make_isr_subset(const Catalog& catalog) {
  return std::make_unique<IsrSubset>(catalog);
}

}  // namespace isrlab::model
