// S11 applied HW: a new leader's high watermark may be older than its epoch; nobody goes by it
// before it has reached the epoch's start. A follower enters the ISR only with a log that reaches
// the start, and a consumer that asks for the latest offset never gets less.
// Source: reference scenarios.md 6.1 S11; KAFKA-7128 (ISR expansion), KIP-207 (ListOffsets).
// A deposed leader goes by the last fetch that it got: see S15.
// A consumer's reset names no leader: some broker that led within the last request.timeout.ms must
// have been able to give that offset.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class AppliedHw final : public Checker<AppliedHw> {
 public:
  static constexpr std::string_view kId = "S11";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "applied_hw";
  static constexpr std::array kInterests = {
      HistoryKind::kBecameLeader, HistoryKind::kBecameFollower, HistoryKind::kIsrExpandProposed,
      HistoryKind::kPositionReset};

  explicit AppliedHw(const Catalog& catalog)
      : Checker(catalog), terms_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kIsrExpandProposed: return expanded(event, view);
      case HistoryKind::kPositionReset: return reset(event);
      default: break;
    }
    std::vector<Term>& terms = terms_[event.subject];
    const BrokerId broker = broker_of(event);
    for (Term& term : terms) {
      if (term.broker == broker && term.until == sim::kNever) term.until = event.time;
    }
    if (kind_of(event) != HistoryKind::kBecameLeader) return;
    std::erase_if(terms, [&](const Term& term) { return term.until < event.time - kMemory; });
    terms.push_back({broker, static_cast<std::int32_t>(event.a), event.b, sim::kNever});
  }

 private:
  static constexpr Duration kMemory = 600 * sim::kSecond;
  struct Term {
    BrokerId broker = kNoBroker;
    std::int32_t epoch = -1;
    std::int64_t start = 0;  // the leader's log end when it took office
    Time until = sim::kNever;
  };

  void expanded(const sim::HistoryEvent& event, const RunView& view) {
    const Partition* leader = view.partition(broker_of(event), event.subject);
    if (leader == nullptr || !leader->is_leader() || leader->leader_epoch != event.b) return;
    count();
    for (const std::uint32_t id : view.list(event.a)) {
      const auto member = static_cast<BrokerId>(id);
      if (leader->isr.contains(member)) continue;
      const std::int64_t end = end_known_to(*leader, member, event.subject, view);
      if (end >= leader->leader_epoch_start_offset) continue;
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                               ", leader in epoch ", event.b, ", takes ", broker_name(member),
                               " into the ISR, whose log ends at ", end,
                               ", below the epoch's start ", leader->leader_epoch_start_offset));
    }
  }

  void reset(const sim::HistoryEvent& event) {
    const ConsumerInfo& consumer = catalog().consumer(catalog().process(event.actor).index);
    const ConsumerConfig& config =
        catalog().spec().groups[catalog().group(consumer.group).spec].config;
    const std::vector<Term>& terms = terms_[event.subject];
    if (config.auto_offset_reset != 1 || terms.empty()) return;
    count();
    const Term* newest = &terms.back();
    for (const Term& term : terms) {
      if (term.until >= event.time - config.request_timeout && term.start <= event.b) return;
      if (term.epoch > newest->epoch) newest = &term;
    }
    violated(event,
             sentence(partition_name(event.subject), ": ", catalog().process(event.actor).name,
                      " got ", event.b, " as the latest offset, but ", broker_name(newest->broker),
                      ", leader in epoch ", newest->epoch, ", began at ", newest->start));
  }

  std::vector<std::vector<Term>> terms_;  // by partition, few each
};

}  // namespace

ViewedInvariantPtr make_applied_hw(const Catalog& catalog) {
  return std::make_unique<AppliedHw>(catalog);
}

}  // namespace isrlab::model
