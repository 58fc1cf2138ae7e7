// S26 never read uncommitted: what a consumer gets lies below the highest high watermark that any
// leader of the partition has had.
// Source: reference scenarios.md 6.1 S26.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class NoUncommittedRead final : public Checker<NoUncommittedRead> {
 public:
  static constexpr std::string_view kId = "S26";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "no_uncommitted_read";
  static constexpr std::array kInterests = {
      HistoryKind::kRecordsDelivered, HistoryKind::kHighWatermark, HistoryKind::kBecameLeader};

  explicit NoUncommittedRead(const Catalog& catalog)
      : Checker(catalog), exposed_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView&) override {
    std::int64_t& exposed = exposed_[event.subject];
    switch (kind_of(event)) {
      case HistoryKind::kHighWatermark:
        if (event.b >= 0 && event.a > exposed) exposed = event.a;
        return;
      case HistoryKind::kBecameLeader:
        if (event.c > exposed) exposed = event.c;
        return;
      default: break;
    }
    count();
    const std::int64_t end = event.a + event.b;
    if (end <= exposed) return;
    const std::int64_t first = std::max(event.a, exposed);
    const auto record = static_cast<std::uint64_t>((event.c >> 24) + (first - event.a));
    const auto producer = static_cast<std::uint32_t>(event.c & 0xffffff);
    violated(event,
             sentence(partition_name(event.subject), ": ", catalog().process(event.actor).name,
                      " read ", record_text(catalog(), producer, record), " at offset ", first,
                      ", but no leader has had a high watermark above ", exposed));
  }

 private:
  std::vector<std::int64_t> exposed_;
};

}  // namespace

ViewedInvariantPtr make_no_uncommitted_read(const Catalog& catalog) {
  return std::make_unique<NoUncommittedRead>(catalog);
}

}  // namespace isrlab::model
