// S2 exposed-durability: what a reader could once see, whatever acks it was written with, is from
// then on at its offset in the log of every broker that becomes leader of the partition.
// Source: reference scenarios.md 6.1 S2; kafka-tlaplus ConsistentRead,
// NoCommittedRecordLostGlobally. One comparison of prefix hashes per change of leader. Exposed is
// what lies below the high watermark of a leader in its own epoch.
#include "model/invariants/exposed.hpp"
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class ConsistentRead final : public Checker<ConsistentRead> {
 public:
  static constexpr std::string_view kId = "S2";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "consistent_read";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark, HistoryKind::kBecameLeader,
                                            HistoryKind::kBecameFollower};

  explicit ConsistentRead(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        exposed_(catalog),
        leader_(catalog.partition_count()) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    LeaderInEpoch& leader = leader_[partition];
    if (kind_of(event) == HistoryKind::kHighWatermark) {
      if (event.b < 0 || event.a <= exposed_.end(partition)) return;
      exposed_.rise(event, broker_of(event));
      // A deposed leader may still expose, but only what its successor holds as well.
      if (event.b < leader.epoch) check_leader(event, view);
      return;
    }
    if (kind_of(event) == HistoryKind::kBecameLeader && event.a >= leader.epoch) {
      leader = {static_cast<std::int32_t>(event.a), broker_of(event)};
      return check_leader(event, view);
    }
    exposed_.seal(partition, view);
  }

 private:
  void check_leader(const sim::HistoryEvent& event, const RunView& view) {
    const PartitionId partition = event.subject;
    const ExposedMark& mark = exposed_.seal(partition, view);
    const LeaderInEpoch& leader = leader_[partition];
    if (mark.end == 0 || !coverage_.looks_at(catalog(), partition)) return;
    const PartitionLog* log = view.log(leader.broker, partition);
    if (log == nullptr) return;
    count();
    if (Exposed::holds(*log, mark)) return;
    std::int64_t kept = 0;
    const std::string how = Exposed::describe(catalog(), partition, *log, mark, view, kept);
    violated(event, sentence(partition_name(partition), ": ", broker_name(leader.broker),
                             ", leader in epoch ", leader.epoch, ", lacks records that ",
                             broker_name(mark.broker), " let consumers read below offset ",
                             mark.end, " in epoch ", mark.epoch, "; ", how));
    exposed_.give_up(partition, *log, kept);
  }

  Coverage coverage_;
  Exposed exposed_;
  std::vector<LeaderInEpoch> leader_;
};

}  // namespace

ViewedInvariantPtr make_consistent_read(const Catalog& catalog) {
  return std::make_unique<ConsistentRead>(catalog);
}

}  // namespace isrlab::model
