// S5 follower prefix: once a follower has finished truncating in an epoch, its log is a prefix of
// the log of that epoch's leader.
// Source: reference scenarios.md 6.1 S5; "Conv" of section 2, an addition to kafka-specification.
// The first append in the epoch ends the truncation: the leader answers with records only after the
// follower's end matched its own log. Later appends of the epoch are log_matching's.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class FollowerPrefix final : public Checker<FollowerPrefix> {
 public:
  static constexpr std::string_view kId = "S5";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "follower_prefix";
  static constexpr std::array kInterests = {
      HistoryKind::kFollowerAppend, HistoryKind::kBecameLeader, HistoryKind::kBecameFollower};

  explicit FollowerPrefix(const Catalog& catalog)
      : Checker(catalog), followers_(catalog), leader_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    const BrokerId broker = broker_of(event);
    LeaderInEpoch& leader = leader_[partition];
    if (kind_of(event) == HistoryKind::kFollowerAppend) {
      Following& following = followers_.at(partition, broker);
      if (following.checked || following.epoch != event.c) return;
      // A leader that has been deposed may have truncated since it sent these records.
      if (leader.epoch != following.epoch || leader.broker != following.leader) return;
      following.checked = compare(event, broker, leader, view);
    } else if (kind_of(event) == HistoryKind::kBecameLeader) {
      if (event.a >= leader.epoch) leader = {static_cast<std::int32_t>(event.a), broker};
    } else {
      followers_.at(partition, broker) = {static_cast<std::int32_t>(event.a),
                                          static_cast<BrokerId>(event.b), false};
      if (broker == leader.broker && event.a > leader.epoch) leader.broker = kNoBroker;
    }
  }

 private:
  struct Following {
    std::int32_t epoch = -1;
    BrokerId leader = kNoBroker;
    bool checked = false;
  };

  bool compare(const sim::HistoryEvent& event, BrokerId broker, const LeaderInEpoch& leader,
               const RunView& view) {
    const PartitionLog* log = view.log(broker, event.subject);
    const PartitionLog* other = view.log(leader.broker, event.subject);
    if (log == nullptr || other == nullptr || !hashes_compare(*log, *other)) return false;
    count();
    const std::int64_t end = event.b;
    if (holds_prefix(*other, end, log->prefix_hash(end))) return true;
    const std::int64_t offset = first_difference(*log, *other, end);
    violated(event, sentence(partition_name(event.subject), ": the log of ", broker_name(broker),
                             ", follower in epoch ", leader.epoch, ", is no prefix of that of ",
                             broker_name(leader.broker), ": at offset ", offset, " it has ",
                             record_at(catalog(), *log, offset), " where the leader has ",
                             record_at(catalog(), *other, offset), " (ends ", end, " and ",
                             other->log_end_offset(), ")"));
    return true;
  }

  ReplicaTable<Following> followers_;
  std::vector<LeaderInEpoch> leader_;  // broker -1: it gave the newest epoch up
};

}  // namespace

ViewedInvariantPtr make_follower_prefix(const Catalog& catalog) {
  return std::make_unique<FollowerPrefix>(catalog);
}

}  // namespace isrlab::model
