// S17 epoch monotone: the leader epoch in ZooKeeper never falls and grows with every change of
// leader; no replica ever takes a role in an older epoch than one it had.
// Source: reference scenarios.md 6.1 S17.
// The znode's version is the order of the writes: a controller may learn late that an older write
// was committed, after a newer one has been seen.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class EpochMonotonic final : public Checker<EpochMonotonic> {
 public:
  static constexpr std::string_view kId = "S17";
  static constexpr std::string_view kName = "epoch_monotonic";
  static constexpr std::array kInterests = {
      HistoryKind::kPartitionState, HistoryKind::kBecameLeader, HistoryKind::kBecameFollower};

  explicit EpochMonotonic(const Catalog& catalog)
      : Checker(catalog), states_(catalog.partition_count()), local_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView&) override {
    count();
    if (kind_of(event) == HistoryKind::kPartitionState) return check_state(event);
    LocalEpoch& local = local_.at(event.subject, broker_of(event));
    const auto epoch = static_cast<std::int32_t>(event.a);
    if (epoch < local.epoch) {
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                               " went back from leader epoch ", local.epoch, " to ", epoch));
    }
    local.epoch = epoch;
  }

 private:
  struct State {
    std::int32_t version = -1;
    std::int32_t epoch = -1;
    BrokerId leader = kNoBroker;
  };
  struct LocalEpoch {
    std::int32_t epoch = -1;
  };

  void check_state(const sim::HistoryEvent& event) {
    State& last = states_[event.subject];
    const State next{static_cast<std::int32_t>(low_half(event.c)), high_half(event.c),
                     static_cast<BrokerId>(event.a)};
    const State& older = next.version < last.version ? next : last;
    const State& newer = next.version < last.version ? last : next;
    const bool known = last.version >= 0;
    const bool same_leader = older.leader == newer.leader;
    if (known && older.version == newer.version && (older.epoch != newer.epoch || !same_leader)) {
      violated(event,
               sentence(partition_name(event.subject), ": version ", next.version,
                        " of the state was written twice: ", text(last), " and ", text(next)));
    } else if (known && newer.epoch < older.epoch) {
      violated(event, sentence(partition_name(event.subject), ": the leader epoch fell from ",
                               text(older), " in version ", older.version, " to ", text(newer),
                               " in version ", newer.version));
    } else if (known && newer.epoch == older.epoch && !same_leader) {
      violated(event, sentence(partition_name(event.subject), ": the leader changed from ",
                               broker_name(older.leader), " to ", broker_name(newer.leader),
                               " within epoch ", newer.epoch, ", versions ", older.version, " and ",
                               newer.version));
    }
    if (next.version > last.version) last = next;
  }

  static std::string text(const State& state) {
    return sentence("epoch ", state.epoch, " of ", broker_name(state.leader));
  }

  std::vector<State> states_;
  ReplicaTable<LocalEpoch> local_;
};

}  // namespace

ViewedInvariantPtr make_epoch_monotonic(const Catalog& catalog) {
  return std::make_unique<EpochMonotonic>(catalog);
}

}  // namespace isrlab::model
