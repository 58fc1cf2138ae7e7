// S26 never read uncommitted: what a consumer gets lies below the highest high watermark that any
// leader of the partition has had. Where consumers may read from followers
// (replica.selector.class), what came from a broker also lies below the highest high watermark that
// this broker itself has had before: a follower's own high watermark bounds its readers.
// Source: reference scenarios.md 6.1 S26.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class NoUncommittedRead final : public Checker<NoUncommittedRead> {
 public:
  static constexpr std::string_view kId = "S26";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "no_uncommitted_read";
  static constexpr std::array kInterests = {HistoryKind::kRecordsDelivered,
                                            HistoryKind::kHighWatermark, HistoryKind::kBecameLeader,
                                            HistoryKind::kBecameFollower};

  explicit NoUncommittedRead(const Catalog& catalog)
      : Checker(catalog),
        exposed_(catalog.partition_count()),
        own_(follower_reads(catalog) ? catalog.partition_count() : 0) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    std::int64_t& exposed = exposed_[event.subject];
    if (!own_.empty()) note_own(event, view);
    switch (kind_of(event)) {
      case HistoryKind::kBecameFollower: return;
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
    if (end > exposed) {
      return tell(event, exposed, "no leader has had a high watermark above ", exposed);
    }
    if (own_.empty()) return;
    const BrokerId source = view.read_from(event.actor, event.subject);
    const std::int64_t* own = own_[event.subject].find(source);
    if (own == nullptr || end <= *own) return;
    const std::string but =
        broker_name(source) + ", from which it came, has had no high watermark above ";
    tell(event, *own, but, *own);
  }

 private:
  static bool follower_reads(const Catalog& catalog) {
    for (const BrokerSpec& broker : catalog.spec().brokers) {
      if (broker.config.replica_selector != 0) return true;
    }
    return false;
  }

  /// The highest high watermark of each broker so far.
  void note_own(const sim::HistoryEvent& event, const RunView& view) {
    if (kind_of(event) == HistoryKind::kRecordsDelivered) return;
    std::int64_t& own = own_[event.subject][broker_of(event)];
    if (kind_of(event) == HistoryKind::kHighWatermark) {
      own = std::max(own, event.a);
    } else if (const PartitionLog* log = view.log(broker_of(event), event.subject)) {
      own = std::max(own, log->high_watermark());
    }
  }

  void tell(const sim::HistoryEvent& event, std::int64_t bound, const std::string& but,
            std::int64_t mark) {
    const std::int64_t first = std::max(event.a, bound);
    const auto record = static_cast<std::uint64_t>((event.c >> 24) + (first - event.a));
    const auto producer = static_cast<std::uint32_t>(event.c & 0xffffff);
    violated(event,
             sentence(partition_name(event.subject), ": ", catalog().process(event.actor).name,
                      " read ", record_text(catalog(), producer, record), " at offset ", first,
                      ", but ", but, mark));
  }

  std::vector<std::int64_t> exposed_;
  std::vector<FlatMap<BrokerId, std::int64_t>> own_;  // by partition; empty: leaders only
};

}  // namespace

ViewedInvariantPtr make_no_uncommitted_read(const Catalog& catalog) {
  return std::make_unique<NoUncommittedRead>(catalog);
}

}  // namespace isrlab::model
