// S34 committed offset: it is never beyond what the group's members have read, never falls within
// a generation unless a member's position was set back, and a new coordinator still has it.
// Source: reference scenarios.md 6.1 S34; durable as S1 for __consumer_offsets.
// A commit whose answer a member no longer awaits may still be on its way, and nothing orders it
// with one on a later connection: after a member gave its coordinator up, falls are the owner's own
// word in all generations that had begun by then. Later ones may end with the coordinator that
// began them, if it was deposed: then its successor goes on with an older one, and the request
// counts. A broker that acts on an outdated LeaderAndIsr is no coordinator.
// A coordinator reads its log to the end, beyond what was acknowledged (GroupMetadataManager#
// loadGroupsAndOffsets), so such a late request may count first when the next one loads. That is
// told from a loss by the log: the acknowledged commit must be in it, below the one that counts.
#include "model/invariants/factories.hpp"
#include "model/invariants/group_slots.hpp"

namespace isrlab::model {
namespace {

class CommittedOffsetChecker final : public Checker<CommittedOffsetChecker> {
 public:
  static constexpr std::string_view kId = "S34";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "committed_offset";
  static constexpr std::array kInterests = {
      HistoryKind::kOffsetCommitted, HistoryKind::kRecordsDelivered,
      HistoryKind::kPositionReset,   HistoryKind::kGroupLoaded,
      HistoryKind::kCoordinatorLost, HistoryKind::kGenerationStarted};

  explicit CommittedOffsetChecker(const Catalog& catalog)
      : Checker(catalog),
        coverage_(Coverage::clean_election(catalog)),
        offsets_(catalog),
        newest_(catalog.groups().size(), -1),
        overtaken_(catalog.groups().size(), -1) {}

  bool promised(const Catalog& catalog) const override {
    return catalog.groups().empty() ||
           coverage_.covers(catalog, catalog.group(0).offsets_partition);
  }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kOffsetCommitted: return committed(event, view);
      case HistoryKind::kGroupLoaded: return loaded(event, view);
      case HistoryKind::kGenerationStarted: return begun(event);
      case HistoryKind::kCoordinatorLost:
        overtaken_[event.subject] = newest_[event.subject];
        return;
      default: break;
    }
    const GroupId group = catalog().consumer(catalog().process(event.actor).index).group;
    Offsets* offsets = offsets_.find(group, event.subject);
    if (offsets == nullptr) return;
    if (kind_of(event) == HistoryKind::kRecordsDelivered) {
      offsets->reached = std::max(offsets->reached, event.a + event.b);
    } else {
      offsets->reached = std::max(offsets->reached, event.b);
      offsets->committed = std::min(offsets->committed, event.b);
    }
  }

 private:
  struct Offsets {
    std::int64_t reached = 0;     // highest position of any member
    std::int64_t committed = -1;  // last commit, or where a member was set back to since
    std::int64_t generation = -1;
    std::int64_t log_end = -1;      // __consumer_offsets up to that commit,
    std::uint64_t prefix_hash = 0;  // and what it held
  };

  std::string where(GroupId group, PartitionId partition) const {
    return sentence("group ", catalog().group(group).name, ", ", partition_name(partition), ": ");
  }

  void committed(const sim::HistoryEvent& event, const RunView& view) {
    const auto group = static_cast<GroupId>(event.b);
    Offsets* offsets = offsets_.find(group, event.subject);
    if (offsets == nullptr) return;
    count();
    if (event.a > offsets->reached && event.a > offsets->committed) {
      violated(event, sentence(where(group, event.subject), "offset ", event.a,
                               " was committed, but no member has read beyond ", offsets->reached));
    } else if (event.c == offsets->generation && event.a < offsets->committed &&
               event.c > overtaken_[group]) {
      violated(event,
               sentence(where(group, event.subject), "the committed offset fell from ",
                        offsets->committed, " to ", event.a, " within generation ", event.c));
    }
    offsets->committed = event.a;
    offsets->generation = event.c;
    remember_log(*offsets, group, event, view);
  }

  void remember_log(Offsets& offsets, GroupId group, const sim::HistoryEvent& event,
                    const RunView& view) const {
    const BrokerId broker = broker_of(event);
    const std::int64_t position = view.committed(broker, group, event.subject).log_position;
    const PartitionLog* log = view.log(broker, catalog().group(group).offsets_partition);
    const Batch* batch = log == nullptr || position < 0 ? nullptr : log->batch_containing(position);
    offsets.log_end = batch == nullptr ? -1 : batch->next_offset();
    if (batch != nullptr) offsets.prefix_hash = log->prefix_hash(offsets.log_end);
  }

  /// A later request of a member counts, whose answer nobody awaited, and what was acknowledged
  /// before it is still there.
  bool overruled(const Offsets& offsets, const CommitView& found, GroupId group, BrokerId broker,
                 const RunView& view) const {
    const bool late = overtaken_[group] >= offsets.generation;
    if (!late && newest_[group] <= offsets.generation) return false;
    if (offsets.log_end < 0 || found.log_position < offsets.log_end) return false;
    const PartitionLog* log = view.log(broker, catalog().group(group).offsets_partition);
    return log != nullptr && holds_prefix(*log, offsets.log_end, offsets.prefix_hash);
  }

  void begun(const sim::HistoryEvent& event) {
    newest_[event.subject] = std::max(newest_[event.subject], event.a);
  }

  void loaded(const sim::HistoryEvent& event, const RunView& view) {
    const auto group = static_cast<GroupId>(event.subject);
    begun(event);
    if (is_deposed(view, catalog(), broker_of(event), group)) return;
    for (const TopicId topic : catalog().group(group).topics) {
      const TopicInfo& info = catalog().topic(topic);
      for (std::int32_t i = 0; i < info.partitions; ++i) {
        const PartitionId partition = info.first + static_cast<PartitionId>(i);
        Offsets& offsets = *offsets_.find(group, partition);
        if (offsets.committed < 0) continue;
        count();
        const BrokerId broker = broker_of(event);
        const CommitView found = view.committed(broker, group, partition);
        if (found.offset >= offsets.committed) continue;
        if (!overruled(offsets, found, group, broker, view)) {
          const std::string has = found.offset < 0
                                      ? std::string("no committed offset")
                                      : sentence("the committed offset ", found.offset);
          violated(event, sentence(where(group, partition), broker_name(broker),
                                   ", the new coordinator, has ", has, " where ", offsets.committed,
                                   " was committed"));
        }
        offsets.committed = found.offset;
      }
    }
  }

  Coverage coverage_;
  GroupTable<Offsets> offsets_;
  std::vector<std::int64_t> newest_;     // generation, by group
  std::vector<std::int64_t> overtaken_;  // by group: up to this one a request may be on its way
};

}  // namespace

ViewedInvariantPtr make_committed_offset(const Catalog& catalog) {
  return std::make_unique<CommittedOffsetChecker>(catalog);
}

}  // namespace isrlab::model
