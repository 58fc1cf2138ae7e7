// S23 offset uniqueness: an offset below a high watermark that a leader has exposed is never
// assigned again, neither in that epoch nor in a later one.
// Source: reference scenarios.md 6.1 S23, under the conditions of S1.
// A deposed leader may still assign such offsets in its old epoch: those records are not committed.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class OffsetUnique final : public Checker<OffsetUnique> {
 public:
  static constexpr std::string_view kId = "S23";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "offset_unique";
  static constexpr std::array kInterests = {HistoryKind::kLeaderAppend,
                                            HistoryKind::kHighWatermark};

  explicit OffsetUnique(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        committed_(catalog.partition_count()) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView&) override {
    Committed& committed = committed_[event.subject];
    if (kind_of(event) == HistoryKind::kHighWatermark) {
      if (event.b >= 0 && event.a > committed.end) {
        committed = {event.a, static_cast<std::int32_t>(event.b)};
      }
      return;
    }
    count();
    const std::int32_t epoch = high_half(event.c);
    if (event.a >= committed.end || epoch < committed.epoch) return;
    if (!coverage_.looks_at(catalog(), event.subject)) return;
    violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                             ", leader in epoch ", epoch, ", assigned offset ", event.a,
                             " to a new record, but offsets below ", committed.end,
                             " were committed in epoch ", committed.epoch));
    committed.end = event.a;  // one loss is one violation
  }

 private:
  struct Committed {
    std::int64_t end = 0;
    std::int32_t epoch = -1;
  };
  Coverage coverage_;
  std::vector<Committed> committed_;
};

}  // namespace

ViewedInvariantPtr make_offset_unique(const Catalog& catalog) {
  return std::make_unique<OffsetUnique>(catalog);
}

}  // namespace isrlab::model
