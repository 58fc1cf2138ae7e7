// S6 leader completeness: whoever is elected leader holds, at that moment, everything that any
// leader of the partition has exposed.
// Source: reference scenarios.md 6.1 S6; kafka-tlaplus LeaderCompleteness.
// The moment is the controller's write to ZooKeeper; that the broker still holds it when it takes
// office, and every later leader too, is S2. A controller that was cut off may learn of its write,
// and tell of it, after a later epoch's leader exposed more: nobody was elected then without that.
#include "model/invariants/exposed.hpp"
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class LeaderCompleteness final : public Checker<LeaderCompleteness> {
 public:
  static constexpr std::string_view kId = "S6";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "leader_completeness";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark, HistoryKind::kBecameLeader,
                                            HistoryKind::kBecameFollower,
                                            HistoryKind::kLeaderElected};

  explicit LeaderCompleteness(const Catalog& catalog)
      : Checker(catalog), coverage_(Coverage::clean_election(catalog)), exposed_(catalog) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    if (kind_of(event) == HistoryKind::kHighWatermark) {
      return exposed_.rise(event, broker_of(event));
    }
    const ExposedMark& mark = exposed_.seal(partition, view);
    if (kind_of(event) != HistoryKind::kLeaderElected || event.a < 1 || mark.end == 0) return;
    if (mark.epoch > event.b) return;
    if (!coverage_.looks_at(catalog(), partition)) return;
    const auto leader = static_cast<BrokerId>(event.a);
    const PartitionLog* log = view.log(leader, partition);
    if (log == nullptr) return;
    count();
    if (Exposed::holds(*log, mark)) return;
    std::int64_t kept = 0;
    const std::string how = Exposed::describe(catalog(), partition, *log, mark, view, kept);
    violated(event,
             sentence(partition_name(partition), ": ", broker_name(leader), ", elected for epoch ",
                      event.b, ", lacks what ", broker_name(mark.broker), " exposed below offset ",
                      mark.end, " in epoch ", mark.epoch, "; ", how));
    exposed_.give_up(partition, *log, kept);
  }

 private:
  Coverage coverage_;
  Exposed exposed_;
};

}  // namespace

ViewedInvariantPtr make_leader_completeness(const Catalog& catalog) {
  return std::make_unique<LeaderCompleteness>(catalog);
}

}  // namespace isrlab::model
