// S22 min ISR: acks=all succeeds only while the ISR that the leader goes by has min.insync.replicas
// members, and all of them hold the record.
// Source: reference scenarios.md 6.1 S22 (Partition.checkEnoughReplicasReachOffset);
// the second half is kafka-specification WeakIsr at the moment of an acknowledgement.
// Who holds what is looked at once per acknowledged end, where unclean elections are off: with them
// a member may truncate what a deposed leader acknowledges again.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class MinIsrRespected final : public Checker<MinIsrRespected> {
 public:
  static constexpr std::string_view kId = "S22";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "min_isr_respected";
  static constexpr std::array kInterests = {HistoryKind::kAckSent};

  explicit MinIsrRespected(const Catalog& catalog)
      : Checker(catalog),
        clean_(Coverage::clean_election(catalog)),
        acked_end_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    count();
    const std::int64_t least = event.b >> 8;
    const std::int64_t size = event.b & 0xff;
    if (size < least) {
      return violated(
          event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                          ", leader in epoch ", event.c, ", acknowledged up to offset ", event.a,
                          " with ", size, " in-sync replicas where ", least, " are required"));
    }
    std::int64_t& acked_end = acked_end_[event.subject];
    if (event.a <= acked_end) return;
    acked_end = event.a;
    if (clean_.covers(catalog(), event.subject)) check_members(event, view);
  }

 private:
  void check_members(const sim::HistoryEvent& event, const RunView& view) {
    const Partition* leader = view.partition(broker_of(event), event.subject);
    if (leader == nullptr || !leader->is_leader()) return;
    for (const BrokerId member : leader->maximal_isr()) {
      // On its way out by a reassignment: the leader does not wait for it any more.
      if (!leader->replicas.empty() && !leader->replicas.contains(member)) continue;
      const Partition* replica = view.partition(member, event.subject);
      const std::int64_t end = replica == nullptr ? 0 : replica->log.log_end_offset();
      const bool deleted = replica != nullptr && !replica->exists && end == 0;
      // A reassignment may have deleted it before this leader hears of that.
      if (end >= event.a || deleted) continue;
      return violated(
          event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                          ", leader in epoch ", event.c, ", acknowledged up to offset ", event.a,
                          ", but ", broker_name(member), " of its ISR ends at ", end));
    }
  }

  Coverage clean_;
  std::vector<std::int64_t> acked_end_;
};

}  // namespace

ViewedInvariantPtr make_min_isr_respected(const Catalog& catalog) {
  return std::make_unique<MinIsrRespected>(catalog);
}

}  // namespace isrlab::model
