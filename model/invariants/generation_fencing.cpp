// S33 generation fencing: offsets are committed in the group's present generation only; one that
// was accepted in time may be stored a little later, but never after an offset of a newer
// generation.
// Source: reference scenarios.md 6.1 S33; GroupCoordinator.validateOffsetCommit.
// "A little" is offsets.commit.timeout.ms: after that the coordinator answers with an error.
#include "model/invariants/factories.hpp"
#include "model/invariants/group_slots.hpp"

namespace isrlab::model {
namespace {

class GenerationFencing final : public Checker<GenerationFencing> {
 public:
  static constexpr std::string_view kId = "S33";
  static constexpr std::string_view kName = "generation_fencing";
  static constexpr std::array kInterests = {
      HistoryKind::kGenerationStarted, HistoryKind::kGroupLoaded, HistoryKind::kOffsetCommitted};

  explicit GenerationFencing(const Catalog& catalog)
      : Checker(catalog), generations_(catalog.groups().size()), committed_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView&) override {
    if (kind_of(event) == HistoryKind::kOffsetCommitted) return committed(event);
    Generation& now = generations_[event.subject];
    // A coordinator that lost its log counts from an older number: a new life of the group.
    if (event.a < now.number) {
      for (Commit& commit : committed_.of(event.subject)) commit = Commit();
    }
    if (event.a != now.number) now = {event.a, event.time};
  }

 private:
  struct Generation {
    std::int64_t number = -1;
    Time since = 0;
  };
  struct Commit {
    std::int64_t generation = -1;
  };

  void committed(const sim::HistoryEvent& event) {
    const auto group = static_cast<GroupId>(event.b);
    Commit* last = committed_.find(group, event.subject);
    if (last == nullptr || event.c < 0) return;  // a consumer that assigns partitions itself
    count();
    const Generation& now = generations_[group];
    const auto text = [&](const std::string& what) {
      return sentence("group ", catalog().group(group).name, ": offset ", event.a, " of ",
                      partition_name(event.subject), " was committed in generation ", event.c,
                      what);
    };
    const Duration timeout = catalog().broker_config(broker_of(event)).offsets_commit_timeout;
    if (event.c > now.number) {
      violated(event, text(sentence(", but the newest is ", now.number)));
    } else if (event.c < last->generation) {
      violated(event, text(sentence(" after one of generation ", last->generation)));
    } else if (event.c < now.number && event.time > now.since + timeout) {
      violated(event, text(sentence(", but generation ", now.number, " began ",
                                    (event.time - now.since) / sim::kMillisecond, " ms before")));
    }
    last->generation = std::max(last->generation, event.c);
  }

  std::vector<Generation> generations_;  // by group
  GroupTable<Commit> committed_;
};

}  // namespace

ViewedInvariantPtr make_generation_fencing(const Catalog& catalog) {
  return std::make_unique<GenerationFencing>(catalog);
}

}  // namespace isrlab::model
