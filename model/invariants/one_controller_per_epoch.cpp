// S19 one controller per controller epoch; only the owner of the newest epoch writes with effect.
// Source: reference scenarios.md 6.1 S19 (KafkaZkClient's epoch check in every multi).
// Three observations: no epoch is won by two brokers; in the order of a partition's znode versions
// the writers' controller epochs never fall; no broker that has accepted a newer controller takes
// roles from an older one.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class OneControllerPerEpoch final : public Checker<OneControllerPerEpoch> {
 public:
  static constexpr std::string_view kId = "S19";
  static constexpr std::string_view kName = "one_controller_per_epoch";
  static constexpr std::array kInterests = {
      HistoryKind::kControllerElected, HistoryKind::kPartitionState, HistoryKind::kBecameLeader,
      HistoryKind::kBecameFollower, HistoryKind::kProcessStarted};

  explicit OneControllerPerEpoch(const Catalog& catalog)
      : Checker(catalog),
        brokers_(catalog.broker_count() + 1),
        written_(catalog.partition_count()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const BrokerId broker = broker_of(event);
    if (broker == kNoBroker) return;
    BrokerState& state = brokers_[static_cast<std::size_t>(broker)];
    switch (kind_of(event)) {
      case HistoryKind::kProcessStarted: state.accepted = -1; return;
      case HistoryKind::kControllerElected: return elected(event, broker, state);
      case HistoryKind::kPartitionState: return wrote(event, broker, state.own_epoch);
      default: return accepted(event, broker, state, view);
    }
  }

 private:
  struct BrokerState {
    std::int32_t own_epoch = -1;  // as controller, the last one it won
    std::int32_t accepted = -1;   // the newest that it has obeyed since its start
  };
  struct Write {
    std::int32_t version = -1;
    std::int32_t controller_epoch = -1;
    BrokerId broker = kNoBroker;
  };

  void elected(const sim::HistoryEvent& event, BrokerId broker, BrokerState& state) {
    count();
    const auto epoch = static_cast<std::size_t>(event.a);
    if (owners_.size() <= epoch) owners_.resize(epoch + 1, kNoBroker);
    const BrokerId owner = owners_[epoch];
    if (owner != kNoBroker && owner != broker) {
      violated(event, sentence("controller epoch ", event.a, " was won by ", broker_name(broker),
                               " although it belongs to ", broker_name(owner)));
    }
    owners_[epoch] = broker;
    state.own_epoch = static_cast<std::int32_t>(event.a);
  }

  void wrote(const sim::HistoryEvent& event, BrokerId broker, std::int32_t controller_epoch) {
    count();
    Write& last = written_[event.subject];
    const Write next{static_cast<std::int32_t>(low_half(event.c)), controller_epoch, broker};
    const Write& older = next.version < last.version ? next : last;
    const Write& newer = next.version < last.version ? last : next;
    if (older.controller_epoch > newer.controller_epoch) {
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(newer.broker),
                               ", controller of epoch ", newer.controller_epoch, ", wrote version ",
                               newer.version, " after ", broker_name(older.broker), " of epoch ",
                               older.controller_epoch, " had written version ", older.version));
    }
    if (next.version > last.version) last = next;
  }

  void accepted(const sim::HistoryEvent& event, BrokerId broker, BrokerState& state,
                const RunView& view) {
    count();
    if (!view.alive(event.actor))
      return;  // it ended itself in the same step and knows nothing more
    const std::int32_t epoch = view.controller_epoch_seen(broker);
    if (epoch < state.accepted) {
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker),
                               " took a role from a controller of epoch ", epoch,
                               " after it had obeyed one of epoch ", state.accepted));
    }
    state.accepted = epoch;
  }

  std::vector<BrokerState> brokers_;  // by broker id
  std::vector<Write> written_;
  std::vector<BrokerId> owners_;  // by controller epoch
};

}  // namespace

ViewedInvariantPtr make_one_controller_per_epoch(const Catalog& catalog) {
  return std::make_unique<OneControllerPerEpoch>(catalog);
}

}  // namespace isrlab::model
