// S9 HW bounds: log start <= high watermark <= log end on every replica, always.
// Source: reference scenarios.md 6.1 S9. (kafka-specification TypeOk has a fixed bound only.)
// Looked at whenever one of the three may have moved: high watermarks, truncations, roles.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class HwBounds final : public Checker<HwBounds> {
 public:
  static constexpr std::string_view kId = "S9";
  static constexpr std::string_view kName = "hw_bounds";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark, HistoryKind::kTruncated,
                                            HistoryKind::kBecameLeader,
                                            HistoryKind::kBecameFollower};

  using Checker::Checker;

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    if (log == nullptr) return;
    count();
    const std::int64_t high_watermark =
        kind_of(event) == HistoryKind::kHighWatermark ? event.a : log->high_watermark();
    if (log->log_start_offset() <= high_watermark && high_watermark <= log->log_end_offset()) {
      return;
    }
    const bool below = high_watermark < log->log_start_offset();
    violated(event, sentence(partition_name(event.subject), ": the high watermark of ",
                             broker_name(broker_of(event)), " is ", high_watermark,
                             below ? ", below its log start " : ", above its log end ",
                             below ? log->log_start_offset() : log->log_end_offset()));
  }
};

}  // namespace

ViewedInvariantPtr make_hw_bounds(const Catalog& catalog) {
  return std::make_unique<HwBounds>(catalog);
}

}  // namespace isrlab::model
