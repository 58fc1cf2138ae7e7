// S7 candidate completeness: every live member of the ISR that ZooKeeper holds has, at any time,
// everything that any leader of the partition has exposed, so any of them may lead next. Replicas
// that a reassignment removes may not: the new leader does not wait for them (KIP-455, phase B).
// Source: reference scenarios.md 6.1 S7; kafka-tlaplus LeaderCandidateCompleteness,
// kafka-specification StrongIsr.
// Ends are compared whenever a leader exposes more; contents whenever the ISR changes or somebody
// takes a role, which is when logs can part.
#include "model/invariants/exposed.hpp"
#include "model/invariants/factories.hpp"
#include "model/invariants/isr_states.hpp"

namespace isrlab::model {
namespace {

class LeaderCandidateCompleteness final : public Checker<LeaderCandidateCompleteness> {
 public:
  static constexpr std::string_view kId = "S7";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "leader_candidate_completeness";
  static constexpr std::array kInterests = {
      HistoryKind::kHighWatermark,  HistoryKind::kBecameLeader,    HistoryKind::kBecameFollower,
      HistoryKind::kPartitionState, HistoryKind::kControllerReady, HistoryKind::kTruncated};

  explicit LeaderCandidateCompleteness(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        exposed_(catalog),
        states_(catalog) {}

  bool promised(const Catalog&) const override { return coverage_.any(); }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const PartitionId partition = event.subject;
    switch (kind_of(event)) {
      case HistoryKind::kControllerReady: return states_.read_all(view);
      case HistoryKind::kHighWatermark:
        if (event.b < 0 || event.a <= exposed_.end(partition)) return;
        exposed_.rise(event, broker_of(event));
        return check_ends(event, view);
      case HistoryKind::kPartitionState:
        if (!states_.learn(event, view)) return;
        break;
      default: break;
    }
    exposed_.seal(partition, view);
    check_contents(event, view);
  }

 private:
  bool looks(PartitionId partition) const {
    return states_.at(partition).known && coverage_.looks_at(catalog(), partition);
  }

  void check_ends(const sim::HistoryEvent& event, const RunView& view) {
    if (!looks(event.subject)) return;
    count();
    for (const BrokerId member : states_.at(event.subject).isr) {
      const PartitionLog* log = view.log(member, event.subject);
      if (log != nullptr && log->log_end_offset() >= event.a) continue;
      if (check_contents(event, view)) return;
    }
  }

  /// True if it told of a violation.
  bool check_contents(const sim::HistoryEvent& event, const RunView& view) {
    const PartitionId partition = event.subject;
    if (!looks(partition) || exposed_.end(partition) == 0) return false;
    count();
    const BrokerList isr = states_.at(partition).isr;
    for (const BrokerId member : isr) {
      const PartitionLog* log = view.log(member, partition);
      const ExposedMark& mark = exposed_.seal(partition, view);
      if (log == nullptr || Exposed::holds(*log, mark)) continue;
      if (view.leaving(partition).contains(member)) continue;
      if (!view.alive(catalog().broker_process(member))) continue;
      // ZooKeeper may have moved on without anybody telling.
      if (states_.read(partition, view) && !states_.at(partition).isr.contains(member)) continue;
      std::int64_t kept = 0;
      const std::string how = Exposed::describe(catalog(), partition, *log, mark, view, kept);
      violated(event, sentence(partition_name(partition), ": ", broker_name(member),
                               ", a member of the ISR ", list_text(isr), " of epoch ",
                               states_.at(partition).leader_epoch, ", lacks what ",
                               broker_name(mark.broker), " exposed below offset ", mark.end,
                               " in epoch ", mark.epoch, "; ", how));
      exposed_.give_up(partition, *log, kept);
      return true;
    }
    return false;
  }

  Coverage coverage_;
  Exposed exposed_;
  IsrStates states_;
};

}  // namespace

ViewedInvariantPtr make_leader_candidate_completeness(const Catalog& catalog) {
  return std::make_unique<LeaderCandidateCompleteness>(catalog);
}

}  // namespace isrlab::model
