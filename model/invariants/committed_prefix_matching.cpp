// S4 committed prefix matching: two replicas hold the same records below the lower of their high
// watermarks.
// Source: reference scenarios.md 6.1 S4; kafka-tlaplus LogMatching, kafka-specification "Match" of
// section 2.
// A replica is compared with the newest leader when it has a new role or has truncated and then
// learns a high watermark, and again each time that has grown by some records; a leader with every
// replica when it takes over, and everybody at the end. What differs below stays different, so no
// difference is missed for good.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

constexpr std::int64_t kStride = 64;  // records between two comparisons of quiet replicas

class CommittedPrefixMatching final : public Checker<CommittedPrefixMatching> {
 public:
  static constexpr std::string_view kId = "S4";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "committed_prefix_matching";
  static constexpr std::array kInterests = {HistoryKind::kHighWatermark, HistoryKind::kBecameLeader,
                                            HistoryKind::kBecameFollower, HistoryKind::kTruncated};

  explicit CommittedPrefixMatching(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        next_(catalog),
        leader_(catalog.partition_count()) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    LeaderInEpoch& leader = leader_[partition];
    if (kind_of(event) == HistoryKind::kHighWatermark) {
      if (event.b >= 0) return;  // the leader itself; its followers will be compared with it
      std::int64_t& next = next_.at(partition, broker_of(event)).offset;
      if (event.a < next || leader.broker == kNoBroker) return;
      if (compare(event, broker_of(event), leader.broker, view)) next = event.a + kStride;
      return;
    }
    const BrokerId broker = broker_of(event);
    next_.at(partition, broker).offset = 0;
    if (kind_of(event) != HistoryKind::kBecameLeader || event.a < leader.epoch) return;
    leader = {static_cast<std::int32_t>(event.a), broker};
    const Partition* replica = view.partition(broker, partition);
    if (replica == nullptr) return;
    for (const BrokerId other : replica->replicas) {
      if (other != broker) compare(event, other, broker, view);
    }
  }

  void check_end(Time now, const RunView& view) override {
    sim::HistoryEvent end;
    end.time = now;
    for (PartitionId partition = 0; partition < leader_.size(); ++partition) {
      end.subject = partition;
      const BrokerId leader = leader_[partition].broker;
      const Partition* replica = view.partition(leader, partition);
      if (replica == nullptr) continue;
      for (const BrokerId other : replica->replicas) {
        if (other != leader) compare(end, other, leader, view);
      }
    }
  }

 private:
  struct Next {
    std::int64_t offset = 0;  // high watermark from which on it is compared
  };

  bool compare(const sim::HistoryEvent& event, BrokerId broker, BrokerId leader,
               const RunView& view) {
    if (!coverage_.looks_at(catalog(), event.subject)) return true;
    const PartitionLog* log = view.log(broker, event.subject);
    const PartitionLog* other = view.log(leader, event.subject);
    if (log == nullptr || other == nullptr || !hashes_compare(*log, *other)) return false;
    const std::int64_t end = std::min(log->high_watermark(), other->high_watermark());
    if (end == 0) return false;
    count();
    if (same_prefix(*log, *other, end)) return true;
    const std::int64_t offset = first_difference(*other, *log, end);
    violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker), " and ",
                             broker_name(leader), " have high watermarks ", log->high_watermark(),
                             " and ", other->high_watermark(), " but differ at offset ", offset,
                             ", where they have ", record_at(catalog(), *log, offset), " and ",
                             record_at(catalog(), *other, offset)));
    return true;
  }

  Coverage coverage_;
  ReplicaTable<Next> next_;
  std::vector<LeaderInEpoch> leader_;
};

}  // namespace

ViewedInvariantPtr make_committed_prefix_matching(const Catalog& catalog) {
  return std::make_unique<CommittedPrefixMatching>(catalog);
}

}  // namespace isrlab::model
