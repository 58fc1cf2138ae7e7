// L14 no flapping: at constant load in a calm cluster the ISR of a partition changes at most twice
// within replica.lag.time.max.ms.
// Source: reference scenarios.md 6.2 L14 (P08, P09). Changes count from the time at which the ISR
// must be back after the last disturbance (L2).
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class NoFlapping final : public Liveness<NoFlapping> {
 public:
  static constexpr std::string_view kId = "L14";
  static constexpr std::string_view kName = "no_flapping";

  using Liveness::Liveness;
  bool promised(const Catalog& catalog) const override { return replication_keeps_up(catalog); }
  Duration settles_within() const override { return isr_bound(); }
  bool is_state() const override { return false; }
  std::string missing(const RunView&, const LivenessMarks&, Time) const override { return {}; }

 protected:
  std::vector<HistoryKind> more_interests() const override { return {HistoryKind::kIsrCommitted}; }

  void on_change(const sim::HistoryEvent& event, const RunView& view) override {
    const Time quiet_since = disturbed() + settles_within();
    if (event.time < quiet_since) return;
    if (changes_.empty()) changes_.resize(catalog().partition_count(), {0, 0});
    std::array<Time, 2>& before = changes_[event.subject];
    const BrokerId leader = catalog().broker_of(event.actor);
    const Duration window = catalog().broker_config(leader).replica_lag_time_max;
    count();
    const bool thrice = before[0] >= quiet_since && before[0] > event.time - window;
    if (thrice && view.calm()) {
      late(event.time, sentence(partition_name(event.subject), ": the ISR of ", broker_name(leader),
                                " changed three times within ",
                                (event.time - before[0]) / sim::kMillisecond, " ms"));
    }
    before = {before[1], event.time};
  }

 private:
  std::vector<std::array<Time, 2>> changes_;  // the last two, by partition
};

}  // namespace

ViewedInvariantPtr make_no_flapping(const Catalog& catalog) {
  return std::make_unique<NoFlapping>(catalog);
}

}  // namespace isrlab::model
