// S31 group ownership: in a generation each partition has at most one owner, and when the group is
// Stable every subscribed partition has exactly one.
// Source: reference scenarios.md 6.1 S31. Ownership is logical: a member that has not heard of the
// new generation may go on reading (C17).
// At most one: what members receive. Exactly one: what the coordinator holds when the group becomes
// Stable. A topic that the assigning member did not know yet has no owners at all until it rejoins.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class GroupOwnership final : public Checker<GroupOwnership> {
 public:
  static constexpr std::string_view kId = "S31";
  static constexpr std::string_view kName = "group_ownership";
  static constexpr std::array kInterests = {
      HistoryKind::kGenerationStarted, HistoryKind::kGroupStable, HistoryKind::kAssignmentReceived};

  explicit GroupOwnership(const Catalog& catalog) : Checker(catalog) {
    for (const GroupInfo& group : catalog.groups()) {
      Owners owners;
      for (const TopicId topic : group.topics) {
        owners.first.push_back(owners.size);
        owners.size += static_cast<std::uint32_t>(catalog.topic(topic).partitions);
      }
      owners.received.resize(owners.size);
      groups_.push_back(std::move(owners));
    }
  }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    Owners& owners = groups_[event.subject];
    const auto generation = static_cast<std::int32_t>(event.a);
    switch (kind_of(event)) {
      case HistoryKind::kGenerationStarted:
        // A coordinator that lost its log counts from an older number: a new life of the group.
        if (generation <= owners.newest) owners.received.assign(owners.size, Owner());
        owners.newest = generation;
        return;
      case HistoryKind::kAssignmentReceived: return received(event, owners, generation, view);
      default: return stable(event, owners, generation, view);
    }
  }

 private:
  struct Owner {
    std::int32_t generation = -1;
    ProcessId process = kNone;
  };
  struct Owners {
    std::vector<std::uint32_t> first;  // index of each topic's first partition
    std::uint32_t size = 0;
    std::int32_t newest = -1;
    std::vector<Owner> received;
  };

  std::uint32_t slot(GroupId id, PartitionId partition) const {
    const PartitionInfo& info = catalog().partition(partition);
    const std::vector<TopicId>& topics = catalog().group(id).topics;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      if (topics[i] != info.topic) continue;
      return groups_[id].first[i] + static_cast<std::uint32_t>(info.number);
    }
    return kNone;
  }
  std::string where(GroupId id, std::int32_t generation) const {
    return sentence("group ", catalog().group(id).name, ", generation ", generation, ": ");
  }
  const std::string& member(ProcessId process) const { return catalog().process(process).name; }

  /// False: told already.
  bool claim(const sim::HistoryEvent& event, std::vector<Owner>& owners, PartitionId partition,
             const Owner& claimant) {
    const std::uint32_t at = slot(event.subject, partition);
    if (at == kNone) {
      violated(event, sentence(where(event.subject, claimant.generation), member(claimant.process),
                               " owns ", partition_name(partition),
                               ", to which the group is not subscribed"));
      return false;
    }
    Owner& owner = owners[at];
    if (owner.generation == claimant.generation && owner.process != claimant.process) {
      violated(event, sentence(where(event.subject, claimant.generation), partition_name(partition),
                               " belongs to both ", member(owner.process), " and ",
                               member(claimant.process)));
      return false;
    }
    owner = claimant;
    return true;
  }

  void received(const sim::HistoryEvent& event, Owners& owners, std::int32_t generation,
                const RunView& view) {
    count();
    for (const std::uint32_t partition : view.list(event.b)) {
      if (!claim(event, owners.received, partition, {generation, event.actor})) return;
    }
  }

  void stable(const sim::HistoryEvent& event, const Owners& owners, std::int32_t generation,
              const RunView& view) {
    const GroupView group = view.group(broker_of(event), event.subject);
    if (!group.stable || group.generation != generation || group.members.empty()) return;
    count();
    std::vector<Owner> assigned(owners.size);
    for (const GroupView::Member& each : group.members) {
      for (const PartitionId partition : each.partitions) {
        if (!claim(event, assigned, partition, {generation, each.process})) return;
      }
    }
    const std::vector<TopicId>& topics = catalog().group(event.subject).topics;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      const TopicInfo& topic = catalog().topic(topics[i]);
      std::int32_t owned = 0;
      std::int32_t free = -1;
      for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const std::uint32_t at = owners.first[i] + static_cast<std::uint32_t>(p);
        if (assigned[at].process != kNone) {
          ++owned;
        } else if (free < 0) {
          free = p;
        }
      }
      if (owned == 0 || free < 0) continue;
      return violated(event, sentence(where(event.subject, generation), "stable, but ",
                                      partition_name(topic.first + static_cast<PartitionId>(free)),
                                      " has no owner among ", group.members.size(), " members"));
    }
  }

  std::vector<Owners> groups_;
};

}  // namespace

ViewedInvariantPtr make_group_ownership(const Catalog& catalog) {
  return std::make_unique<GroupOwnership>(catalog);
}

}  // namespace isrlab::model
