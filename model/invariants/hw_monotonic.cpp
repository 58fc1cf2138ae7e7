// S10 HW monotone: the high watermark of a leader never decreases within one leader epoch.
// Source: reference scenarios.md 6.1 S10, first half. The second half, that nothing ever exposed is
// lost, is S1 for acknowledged records.
// A leader that dies and leads again in the same epoch starts from its checkpoint, which may be
// older: its new term as leader counts anew.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class HwMonotonic final : public Checker<HwMonotonic> {
 public:
  static constexpr std::string_view kId = "S10";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "hw_monotonic";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark,
                                            HistoryKind::kBecameLeader};

  explicit HwMonotonic(const Catalog& catalog) : Checker(catalog), terms_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView&) override {
    if (kind_of(event) == HistoryKind::kBecameLeader) {
      terms_.at(event.subject, broker_of(event)) = {event.c, static_cast<std::int32_t>(event.a)};
      return;
    }
    if (event.b < 0) return;  // a follower's may fall: it takes what its leader says
    Term& term = terms_.at(event.subject, broker_of(event));
    if (term.epoch == event.b) {
      count();
      if (event.a < term.high_watermark) {
        violated(event, sentence(partition_name(event.subject), ": the high watermark of ",
                                 broker_name(broker_of(event)), ", leader in epoch ", event.b,
                                 ", fell from ", term.high_watermark, " to ", event.a));
      }
    }
    term = {event.a, static_cast<std::int32_t>(event.b)};
  }

 private:
  struct Term {
    std::int64_t high_watermark = 0;
    std::int32_t epoch = -1;
  };
  ReplicaTable<Term> terms_;
};

}  // namespace

ViewedInvariantPtr make_hw_monotonic(const Catalog& catalog) {
  return std::make_unique<HwMonotonic>(catalog);
}

}  // namespace isrlab::model
