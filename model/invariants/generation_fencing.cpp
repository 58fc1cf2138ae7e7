// S33 generation fencing: a coordinator stores offsets only of generations that it has begun or
// loaded, and the acting one after one of a generation none of an older one.
// Source: reference scenarios.md 6.1 S33; GroupCoordinator.validateOffsetCommit.
// What was accepted while its generation was present may be stored when the next has begun. A
// coordinator that was deposed may still learn that such a commit reached its replicas: it says
// nothing of the group's order. It may also begin generations before it hears of that, and is
// followed in them if it is elected again, or if its successor fetched them: its own numbers count.
// A coordinator that lost its log counts from an older number: a new life.
#include "model/invariants/factories.hpp"
#include "model/invariants/group_slots.hpp"

namespace isrlab::model {
namespace {

class GenerationFencing final : public Checker<GenerationFencing> {
 public:
  static constexpr std::string_view kId = "S33";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "generation_fencing";
  static constexpr std::array kInterests = {
      HistoryKind::kGenerationStarted, HistoryKind::kGroupLoaded, HistoryKind::kOffsetCommitted};

  explicit GenerationFencing(const Catalog& catalog)
      : Checker(catalog),
        brokers_(catalog.broker_count() + 1),
        own_(catalog.groups().size() * brokers_, -1),
        acting_(catalog.groups().size()),
        committed_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    if (kind_of(event) == HistoryKind::kOffsetCommitted) return committed(event, view);
    own(event.subject, broker_of(event)) = event.a;
    if (is_deposed(view, catalog(), broker_of(event), event.subject)) return;
    Acting& acting = acting_[event.subject];
    if (event.a < acting.generation) {
      for (Commit& commit : committed_.of(event.subject)) commit = Commit();
    }
    acting = {broker_of(event), event.a};
  }

 private:
  struct Acting {
    BrokerId coordinator = kNoBroker;
    std::int64_t generation = -1;
  };
  struct Commit {
    std::int64_t generation = -1;
  };

  std::int64_t& own(GroupId group, BrokerId broker) { return own_[group * brokers_ + broker]; }

  void committed(const sim::HistoryEvent& event, const RunView& view) {
    const auto group = static_cast<GroupId>(event.b);
    Commit* last = committed_.find(group, event.subject);
    if (last == nullptr || event.c < 0) return;  // a consumer that assigns partitions itself
    const BrokerId broker = broker_of(event);
    const std::int64_t newest = own(group, broker);
    count();
    const auto text = [&](const std::string& what) {
      return sentence("group ", catalog().group(group).name, ": offset ", event.a, " of ",
                      partition_name(event.subject), " was committed in generation ", event.c,
                      what);
    };
    if (event.c > newest) violated(event, text(sentence(", but the newest is ", newest)));
    Acting& acting = acting_[group];
    // Nearly always there is nothing to learn, deposed or not: ZooKeeper need not be asked.
    if (broker == acting.coordinator && newest <= acting.generation &&
        event.c == last->generation) {
      return;
    }
    if (is_deposed(view, catalog(), broker, group)) return;
    if (newest > acting.generation) acting = {broker, newest};
    if (broker != acting.coordinator) return;
    if (event.c < last->generation) {
      violated(event, text(sentence(" after one of generation ", last->generation)));
    }
    last->generation = std::max(last->generation, event.c);
  }

  std::size_t brokers_;
  std::vector<std::int64_t> own_;  // newest generation, by group and broker
  std::vector<Acting> acting_;     // by group
  GroupTable<Commit> committed_;
};

}  // namespace

ViewedInvariantPtr make_generation_fencing(const Catalog& catalog) {
  return std::make_unique<GenerationFencing>(catalog);
}

}  // namespace isrlab::model
