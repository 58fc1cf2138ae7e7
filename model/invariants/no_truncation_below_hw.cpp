// S12 no truncation below TrueHW: no member of the ISR that ZooKeeper holds cuts off what any
// leader of the partition has exposed.
// Source: reference scenarios.md 6.1 S12; KIP-101, KIP-279, KAFKA-13207.
// A replica outside the ISR may: it may hold the remains of an epoch that came to nothing.
#include "model/invariants/factories.hpp"
#include "model/invariants/isr_states.hpp"

namespace isrlab::model {
namespace {

class NoTruncationBelowHw final : public Checker<NoTruncationBelowHw> {
 public:
  static constexpr std::string_view kId = "S12";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "no_truncation_below_hw";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark, HistoryKind::kTruncated,
                                            HistoryKind::kPartitionState,
                                            HistoryKind::kControllerReady};

  explicit NoTruncationBelowHw(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        exposed_(catalog.partition_count()),
        states_(catalog) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kControllerReady: return states_.read_all(view);
      case HistoryKind::kPartitionState: states_.learn(event, view); return;
      case HistoryKind::kHighWatermark: {
        std::int64_t& exposed = exposed_[event.subject];
        if (event.b >= 0 && event.a > exposed) exposed = event.a;
        return;
      }
      default: return truncated(event, view);
    }
  }

 private:
  void truncated(const sim::HistoryEvent& event, const RunView& view) {
    const PartitionId partition = event.subject;
    if (!coverage_.looks_at(catalog(), partition)) return;
    count();
    std::int64_t& exposed = exposed_[partition];
    const BrokerId broker = broker_of(event);
    if (event.b >= exposed || event.a <= event.b || !states_.at(partition).isr.contains(broker)) {
      return;
    }
    if (states_.read(partition, view) && !states_.at(partition).isr.contains(broker)) return;
    violated(event, sentence(partition_name(partition), ": ", broker_name(broker),
                             ", a member of the ISR ", list_text(states_.at(partition).isr),
                             ", truncated from ", event.a, " to ", event.b,
                             ", although leaders have exposed everything below ", exposed));
    exposed = event.b;  // one loss is one violation
  }

  Coverage coverage_;
  std::vector<std::int64_t> exposed_;
  IsrStates states_;
};

}  // namespace

ViewedInvariantPtr make_no_truncation_below_hw(const Catalog& catalog) {
  return std::make_unique<NoTruncationBelowHw>(catalog);
}

}  // namespace isrlab::model
