// S18 writes carry the leader's epoch: the epochs in a log never fall with the offset, and none is
// above the epoch in which its replica leads or follows.
// Source: reference scenarios.md 6.1 S18; KIP-101 (the epoch is written into every batch).
// The last epoch of each replica's log is remembered; it is read again only after a truncation
// or a loss.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class WriteEpochs final : public Checker<WriteEpochs> {
 public:
  static constexpr std::string_view kId = "S18";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "write_epochs";
  static constexpr std::array kInterests = {
      HistoryKind::kLeaderAppend,  HistoryKind::kFollowerAppend, HistoryKind::kTruncated,
      HistoryKind::kBecameLeader,  HistoryKind::kBecameFollower, HistoryKind::kRecordsLostOnDisk,
      HistoryKind::kReplicaDeleted};

  explicit WriteEpochs(const Catalog& catalog) : Checker(catalog), replicas_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    Epochs& known = replicas_.at(event.subject, broker_of(event));
    switch (kind_of(event)) {
      case HistoryKind::kLeaderAppend:
        count();
        return batch(event, event.a, high_half(event.c), known);
      case HistoryKind::kFollowerAppend: return followed(event, known, view);
      case HistoryKind::kReplicaDeleted: known = Epochs(); return;
      case HistoryKind::kTruncated:
      case HistoryKind::kRecordsLostOnDisk: {
        const PartitionLog* log = view.log(broker_of(event), event.subject);
        const Batch* last = log == nullptr ? nullptr : log->last_batch();
        known.last = last == nullptr ? -1 : last->leader_epoch;
        return;
      }
      default: known.role = static_cast<std::int32_t>(event.a); return;
    }
  }

 private:
  struct Epochs {
    std::int32_t last = -1;  // of the last batch in its log
    std::int32_t role = -1;  // in which it leads or follows
  };

  void batch(const sim::HistoryEvent& event, std::int64_t offset, std::int32_t epoch,
             Epochs& known) {
    const bool fell = epoch < known.last;
    if (fell || epoch > known.role) {
      violated(event,
               sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                        " appended epoch ", epoch, " at offset ", offset,
                        fell ? ", where its log ends with epoch " : ", although its own epoch is ",
                        fell ? known.last : known.role));
    }
    known.last = epoch;
  }

  void followed(const sim::HistoryEvent& event, Epochs& known, const RunView& view) {
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    if (log == nullptr) return;
    count();
    const Batch* last = log->last_batch();
    // Usually all of it is of the epoch that the log ended with: then nothing lies between.
    if (last != nullptr && last->leader_epoch == known.last && known.last <= known.role &&
        last->next_offset() == event.b && last->base_offset == event.a) {
      return;
    }
    log->for_each_batch(event.a, event.b, [&](const Batch& each) {
      batch(event, each.base_offset, each.leader_epoch, known);
    });
  }

  ReplicaTable<Epochs> replicas_;
};

}  // namespace

ViewedInvariantPtr make_write_epochs(const Catalog& catalog) {
  return std::make_unique<WriteEpochs>(catalog);
}

}  // namespace isrlab::model
