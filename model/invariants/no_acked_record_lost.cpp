// S1 acked-durability: a record acknowledged under acks=all is, from then on, at its offset in the
// log of every broker that becomes leader of its partition.
// Source: reference scenarios.md 6.1 S1, 6.3; kafka-specification StrongIsr (KafkaReplication.tla),
// kafka-tlaplus LeaderCompletenessProperty, for what was acknowledged.
// The leader's prefix hash at the highest acknowledged end stands for all acknowledged records: one
// comparison per election, whatever the length of the log.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class NoAckedRecordLost final : public Checker<NoAckedRecordLost> {
 public:
  static constexpr std::string_view kId = "S1";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "no_acked_record_lost";
  static constexpr std::array kInterests = {HistoryKind::kAckSent, HistoryKind::kBecameLeader};

  explicit NoAckedRecordLost(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::acked_by_all(catalog)),
        acked_(catalog.partition_count()),
        leader_(catalog.partition_count()) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    const BrokerId broker = broker_of(event);
    if (kind_of(event) == HistoryKind::kAckSent) return acknowledged(event, broker, view);
    LeaderInEpoch& leader = leader_[partition];
    // A leader of an epoch that is over already owes nothing to what was acknowledged since.
    if (event.a < leader.epoch) return;
    leader = {static_cast<std::int32_t>(event.a), broker};
    if (acked_[partition].end > 0) check_leader(event, view);
  }

 private:
  struct Acked {
    std::int64_t end = 0;    // every record below it is acknowledged, or below one that is
    std::uint64_t hash = 0;  // of the acknowledging leader's log below the end
    std::int32_t epoch = -1;
    BrokerId broker = kNoBroker;
    bool hashed = true;
  };

  void acknowledged(const sim::HistoryEvent& event, BrokerId broker, const RunView& view) {
    Acked& acked = acked_[event.subject];
    if (event.a > acked.end) {
      const PartitionLog* log = view.log(broker, event.subject);
      if (log == nullptr) return;
      acked = {event.a, log->prefix_hash(event.a), static_cast<std::int32_t>(event.c), broker,
               log->hashed_from() <= event.a};
    }
    // What is acknowledged lies in the log of who acknowledges.
    if (coverage_.looks_at(catalog(), event.subject)) {
      count();
      const PartitionLog* own = view.log(broker, event.subject);
      if (own == nullptr || own->log_end_offset() < event.a) {
        violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker),
                                 " acknowledged records below offset ", event.a,
                                 " that are not in its log"));
      }
    }
    // A deposed leader may still acknowledge, but only what its successor holds as well.
    if (event.c < leader_[event.subject].epoch) check_leader(event, view);
  }

  void check_leader(const sim::HistoryEvent& event, const RunView& view) {
    const PartitionId partition = event.subject;
    if (!coverage_.looks_at(catalog(), partition)) return;
    const PartitionLog* log = view.log(leader_[partition].broker, partition);
    if (log == nullptr) return;
    count();
    Acked& acked = acked_[partition];
    if (acked.hashed ? holds_prefix(*log, acked.end, acked.hash)
                     : log->log_end_offset() >= acked.end) {
      return;
    }
    std::int64_t kept = std::min(acked.end, log->log_end_offset());
    violated(event, describe(partition, *log, view, kept));
    // One loss is one violation: later leaders answer for what this one still holds.
    acked.end = kept;
    acked.hash = log->prefix_hash(kept);
  }

  /// Names the first lost record; `kept` becomes its offset.
  std::string describe(PartitionId partition, const PartitionLog& log, const RunView& view,
                       std::int64_t& kept) const {
    const LeaderInEpoch& leader = leader_[partition];
    const Acked& acked = acked_[partition];
    std::string text =
        sentence(partition_name(partition), ": ", broker_name(leader.broker), ", leader in epoch ",
                 leader.epoch, ", lacks records that ", broker_name(acked.broker),
                 " acknowledged with acks=all below offset ", acked.end, " in epoch ", acked.epoch);
    const PartitionLog* reference = find_reference(partition, view);
    if (reference == nullptr) {
      return text + sentence("; its log ends at ", log.log_end_offset(),
                             ", and no replica holds what was acknowledged");
    }
    kept = first_difference(*reference, log, acked.end);
    text += "; the first is " + record_at(catalog(), *reference, kept) + " at offset " +
            std::to_string(kept);
    if (log.log_end_offset() <= kept) {
      return text + sentence(", where its log ends at ", log.log_end_offset());
    }
    return text + ", where it has " + record_at(catalog(), log, kept);
  }

  /// A replica that still holds exactly what was acknowledged.
  const PartitionLog* find_reference(PartitionId partition, const RunView& view) const {
    const Acked& acked = acked_[partition];
    const auto holds = [&](BrokerId broker) -> const PartitionLog* {
      const PartitionLog* log = view.log(broker, partition);
      return log != nullptr && holds_prefix(*log, acked.end, acked.hash) ? log : nullptr;
    };
    if (const PartitionLog* log = holds(acked.broker)) return log;
    for (const BrokerId broker : view.assignment(partition)) {
      if (const PartitionLog* log = holds(broker)) return log;
    }
    return nullptr;
  }

  Coverage coverage_;
  std::vector<Acked> acked_;
  std::vector<LeaderInEpoch> leader_;
};

}  // namespace

ViewedInvariantPtr make_no_acked_record_lost(const Catalog& catalog) {
  return std::make_unique<NoAckedRecordLost>(catalog);
}

}  // namespace isrlab::model
