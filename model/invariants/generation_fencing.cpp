// S33 generation fencing: the acting coordinator of a group stores offsets of generations that have
// begun, and after one of a generation none of an older one.
// Source: reference scenarios.md 6.1 S33; GroupCoordinator.validateOffsetCommit.
// What was accepted while its generation was present may be stored when the next has begun. A
// coordinator that was deposed may still learn that such a commit reached its replicas: it says
// nothing of the group. A coordinator that lost its log counts from an older number: a new life.
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
      : Checker(catalog), acting_(catalog.groups().size()), committed_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    if (kind_of(event) == HistoryKind::kOffsetCommitted) return committed(event);
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

  void committed(const sim::HistoryEvent& event) {
    const auto group = static_cast<GroupId>(event.b);
    Commit* last = committed_.find(group, event.subject);
    if (last == nullptr || event.c < 0) return;  // a consumer that assigns partitions itself
    const Acting& acting = acting_[group];
    if (broker_of(event) != acting.coordinator) return;
    count();
    const auto text = [&](const std::string& what) {
      return sentence("group ", catalog().group(group).name, ": offset ", event.a, " of ",
                      partition_name(event.subject), " was committed in generation ", event.c,
                      what);
    };
    if (event.c > acting.generation) {
      violated(event, text(sentence(", but the newest is ", acting.generation)));
    } else if (event.c < last->generation) {
      violated(event, text(sentence(" after one of generation ", last->generation)));
    }
    last->generation = std::max(last->generation, event.c);
  }

  std::vector<Acting> acting_;  // by group
  GroupTable<Commit> committed_;
};

}  // namespace

ViewedInvariantPtr make_generation_fencing(const Catalog& catalog) {
  return std::make_unique<GenerationFencing>(catalog);
}

}  // namespace isrlab::model
