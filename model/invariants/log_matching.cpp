// S3 log matching: if two replicas hold an offset with the same leader epoch, they hold the same
// records at all offsets up to it.
// Source: reference scenarios.md 6.1 S3. (kafka-tlaplus LogMatchingProperty compares below the
// lower of two high watermarks, which is S4; this form needs no high watermark.)
// Incremental: a log that changed (an append, a truncation) is compared with the newest leader's at
// its own new end, by prefix hashes. At an election the new leader is compared with every replica.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class LogMatching final : public Checker<LogMatching> {
 public:
  static constexpr std::string_view kId = "S3";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "log_matching";
  static constexpr std::array kInterests = {HistoryKind::kFollowerAppend, HistoryKind::kTruncated,
                                            HistoryKind::kBecameLeader};

  explicit LogMatching(const Catalog& catalog)
      : Checker(catalog), leader_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const BrokerId broker = broker_of(event);
    LeaderInEpoch& leader = leader_[event.subject];
    if (kind_of(event) == HistoryKind::kBecameLeader) {
      if (event.a > leader.epoch) leader = {static_cast<std::int32_t>(event.a), broker};
      return check_all(event, broker, view);
    }
    if (broker == leader.broker || leader.broker == kNoBroker) return;
    const PartitionLog* log = view.log(broker, event.subject);
    const PartitionLog* other = view.log(leader.broker, event.subject);
    if (log == nullptr || other == nullptr || !hashes_compare(*log, *other)) return;
    const std::int64_t end = std::min(log->log_end_offset(), other->log_end_offset());
    if (same_epoch(*log, *other, end - 1)) compare(event, broker, *log, leader.broker, *other, end);
  }

 private:
  static bool same_epoch(const PartitionLog& left, const PartitionLog& right, std::int64_t offset) {
    if (offset < 0) return false;
    const Batch* one = left.batch_containing(offset);
    const Batch* two = right.batch_containing(offset);
    return one != nullptr && two != nullptr && one->leader_epoch == two->leader_epoch;
  }

  void compare(const sim::HistoryEvent& event, BrokerId broker, const PartitionLog& log,
               BrokerId other_broker, const PartitionLog& other, std::int64_t end) {
    count();
    if (same_prefix(log, other, end)) return;
    const std::int64_t offset = first_difference(other, log, end);
    const Batch* batch = log.batch_containing(end - 1);
    const std::int32_t epoch = batch == nullptr ? -1 : batch->leader_epoch;
    violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker), " and ",
                             broker_name(other_broker), " both have epoch ", epoch, " at offset ",
                             end - 1, " but differ at offset ", offset, ", where they have ",
                             record_at(catalog(), log, offset), " and ",
                             record_at(catalog(), other, offset)));
  }

  void check_all(const sim::HistoryEvent& event, BrokerId broker, const RunView& view) {
    const Partition* leader = view.partition(broker, event.subject);
    if (leader == nullptr) return;
    for (const BrokerId replica : leader->replicas) {
      const PartitionLog* log = replica == broker ? nullptr : view.log(replica, event.subject);
      if (log == nullptr || !hashes_compare(*log, leader->log)) continue;
      const std::int64_t end = last_common_end(*log, leader->log);
      if (end > 0) compare(event, replica, *log, broker, leader->log, end);
    }
  }

  /// One above the highest offset that both hold with the same epoch, 0 if there is none. Walks the
  /// epochs, not the records.
  static std::int64_t last_common_end(const PartitionLog& left, const PartitionLog& right) {
    const auto end_of = [](const PartitionLog& log, std::size_t index) {
      return index + 1 < log.epochs().size() ? log.epochs()[index + 1].start_offset
                                             : log.log_end_offset();
    };
    std::size_t i = left.epochs().size();
    std::size_t j = right.epochs().size();
    while (i > 0 && j > 0) {
      const EpochEntry one = left.epochs()[i - 1];
      const EpochEntry two = right.epochs()[j - 1];
      if (one.epoch > two.epoch) {
        --i;
      } else if (two.epoch > one.epoch) {
        --j;
      } else {
        const std::int64_t end = std::min(end_of(left, i - 1), end_of(right, j - 1));
        const bool meet = end > std::max(one.start_offset, two.start_offset);
        if (meet && same_epoch(left, right, end - 1)) return end;
        --i;
        --j;
      }
    }
    return 0;
  }

  std::vector<LeaderInEpoch> leader_;
};

}  // namespace

ViewedInvariantPtr make_log_matching(const Catalog& catalog) {
  return std::make_unique<LogMatching>(catalog);
}

}  // namespace isrlab::model
