// S15 eligible ISR: a replica enters the ISR only if it is live, does not shut down, has fetched in
// the leader's epoch, and its log reaches the high watermark and the start of the epoch.
// Source: reference scenarios.md 6.1 S15; Partition.isFollowerInSync, KIP-841; kafka-tlaplus's
// three conditions of expansion. The log is looked at when the leader proposes, liveness when the
// controller has written the state: by what it knows of registrations, for it decides by that.
// A deposed leader may propose, by a fetch that reaches it late, a replica that has cut its log for
// the leader that it follows since: AlterPartition refuses that (FENCED_LEADER_EPOCH).
#include "model/invariants/factories.hpp"
#include "model/invariants/isr_states.hpp"

namespace isrlab::model {
namespace {

class EligibleIsr final : public Checker<EligibleIsr> {
 public:
  static constexpr std::string_view kId = "S15";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "eligible_isr";
  static constexpr std::array kInterests = {
      HistoryKind::kIsrExpandProposed, HistoryKind::kPartitionState, HistoryKind::kControllerReady};

  explicit EligibleIsr(const Catalog& catalog) : Checker(catalog), states_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kControllerReady: return states_.read_all(view);
      case HistoryKind::kPartitionState: return committed(event, view);
      default: return proposed(event, view);
    }
  }

 private:
  void proposed(const sim::HistoryEvent& event, const RunView& view) {
    const Partition* leader = view.partition(broker_of(event), event.subject);
    if (leader == nullptr || !leader->is_leader() || leader->leader_epoch != event.b) return;
    count();
    const std::int64_t least =
        std::max(leader->log.high_watermark(), leader->leader_epoch_start_offset);
    for (const std::uint32_t id : view.list(event.a)) {
      const auto member = static_cast<BrokerId>(id);
      if (leader->isr.contains(member) || member == broker_of(event)) continue;
      const RemoteReplica* remote = leader->remote(member);
      const std::int64_t known = remote == nullptr ? -1 : remote->log_end_offset;
      const std::int64_t end = end_known_to(*leader, member, event.subject, view);
      if (std::min(known, end) >= least) continue;
      violated(event,
               sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                        ", leader in epoch ", event.b, ", takes ", broker_name(member),
                        " into the ISR, which ",
                        known < 0 ? std::string("has not fetched in this epoch")
                                  : sentence("ends at ", std::min(known, end), ", below ", least)));
    }
  }

  void committed(const sim::HistoryEvent& event, const RunView& view) {
    const StateView before = states_.at(event.subject);
    if (!states_.learn(event, view) || !before.known) return;
    const StateView& now = states_.at(event.subject);
    if (now.version != before.version + 1) return;  // somebody else's change may lie between
    const BrokerId controller = broker_of(event);
    for (const BrokerId member : now.isr) {
      if (before.isr.contains(member)) continue;
      count();
      if (view.broker_epoch_known(controller, member) >= 0) continue;
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(member),
                               " entered the ISR ", list_text(now.isr), " of epoch ",
                               now.leader_epoch, ", version ", now.version, ", but ",
                               broker_name(controller), ", the controller, takes it for dead"));
    }
  }

  IsrStates states_;
};

}  // namespace

ViewedInvariantPtr make_eligible_isr(const Catalog& catalog) {
  return std::make_unique<EligibleIsr>(catalog);
}

}  // namespace isrlab::model
