// S38 metadata cache: what a broker tells of a partition is a state that ZooKeeper holds or has
// held, and a running broker never goes back to an older leader epoch.
// Source: reference scenarios.md 6.1 S38; KafkaController's UpdateMetadata, Z15.
// Nothing is written when a cache changes: the caches of the partition's replicas are looked at
// when its state changes or one of them takes a role, everybody's when a client learns from them,
// and all at the end.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class MetadataCacheChecker final : public Checker<MetadataCacheChecker> {
 public:
  static constexpr std::string_view kId = "S38";
  static constexpr std::string_view kName = "metadata_cache";
  static constexpr std::array kInterests = {
      HistoryKind::kPartitionState, HistoryKind::kBecameLeader, HistoryKind::kBecameFollower,
      HistoryKind::kLeaderLearned, HistoryKind::kProcessStarted};

  explicit MetadataCacheChecker(const Catalog& catalog)
      : Checker(catalog),
        states_(catalog.partition_count()),
        seen_(catalog),
        lives_(catalog.broker_count() + 1) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const BrokerId broker = broker_of(event);
    switch (kind_of(event)) {
      case HistoryKind::kProcessStarted:
        if (broker != kNoBroker) ++lives_[static_cast<std::size_t>(broker)];
        return;
      case HistoryKind::kLeaderLearned: {
        if (event.a < 1) return;  // a leader that the broker takes for dead is not told
        MetadataCache::State told;
        told.leader = static_cast<BrokerId>(event.a);
        told.leader_epoch = static_cast<std::int32_t>(event.b);
        count();
        return existed(event, catalog().process(event.actor).name, told, view);
      }
      case HistoryKind::kPartitionState: {
        learn(event.subject, high_half(event.c), static_cast<BrokerId>(event.a));
        const Partition* leader = view.partition(static_cast<BrokerId>(event.a), event.subject);
        if (leader == nullptr) return;
        for (const BrokerId replica : leader->replicas) look(event, replica, view);
        return;
      }
      default: return look(event, broker, view);
    }
  }

  void check_end(Time now, const RunView& view) override {
    sim::HistoryEvent end;
    end.time = now;
    for (BrokerId id = 1; id < static_cast<BrokerId>(lives_.size()); ++id) {
      if (!view.alive(catalog().broker_process(id))) continue;
      for (end.subject = 0; end.subject < states_.size(); ++end.subject) {
        const MetadataCache::State& state = view.metadata(id).state(end.subject);
        if (!state.known) continue;
        count();
        existed(end, broker_name(id), state, view);
      }
    }
  }

 private:
  struct Newest {
    std::int32_t epoch = -1;
    BrokerId leader = kNoBroker;
  };
  struct Seen {
    std::int32_t epoch = -1;
    std::uint32_t life = 0;
  };

  void learn(PartitionId partition, std::int32_t epoch, BrokerId leader) {
    Newest& newest = states_[partition];
    if (epoch > newest.epoch) newest = {epoch, leader};
  }

  void look(const sim::HistoryEvent& event, BrokerId broker, const RunView& view) {
    if (broker == kNoBroker || !view.alive(catalog().broker_process(broker))) return;
    const MetadataCache::State& state = view.metadata(broker).state(event.subject);
    if (!state.known) return;
    count();
    Seen& seen = seen_.at(event.subject, broker);
    const std::uint32_t life = lives_[static_cast<std::size_t>(broker)];
    if (seen.life == life && state.leader_epoch < seen.epoch) {
      violated(event,
               sentence(partition_name(event.subject), ": the metadata of ", broker_name(broker),
                        " went back from leader epoch ", seen.epoch, " to ", state.leader_epoch));
    }
    seen = {state.leader_epoch, life};
    existed(event, broker_name(broker), state, view);
  }

  void existed(const sim::HistoryEvent& event, const std::string& who,
               const MetadataCache::State& state, const RunView& view) {
    const Newest& newest = states_[event.subject];
    if (state.leader_epoch < newest.epoch) return;
    if (state.leader_epoch > newest.epoch) {  // written by a controller that did not live to tell
      const StateView now = view.state(event.subject);
      if (now.known) learn(event.subject, now.leader_epoch, now.leader);
    }
    if (state.leader_epoch < newest.epoch) return;
    if (state.leader_epoch == newest.epoch && state.leader == newest.leader) return;
    violated(event, sentence(partition_name(event.subject), ": ", who, " knows ",
                             broker_name(state.leader), " as leader in epoch ", state.leader_epoch,
                             ", but ZooKeeper's newest is epoch ", newest.epoch, " of ",
                             broker_name(newest.leader)));
  }

  std::vector<Newest> states_;
  ReplicaTable<Seen> seen_;
  std::vector<std::uint32_t> lives_;  // by broker id
};

}  // namespace

ViewedInvariantPtr make_metadata_cache(const Catalog& catalog) {
  return std::make_unique<MetadataCacheChecker>(catalog);
}

}  // namespace isrlab::model
