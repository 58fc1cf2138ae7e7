// L8 acked fully replicated: what was committed is in the log of every live replica.
// Source: reference scenarios.md 6.2 L8; bound of L2, then one fetch.
// Committed is what lies below the high watermark of the leader, by its hash.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class AckedFullyReplicated final : public Liveness<AckedFullyReplicated> {
 public:
  static constexpr std::string_view kId = "L8";
  static constexpr std::string_view kName = "acked_fully_replicated";

  using Liveness::Liveness;

  bool promised(const Catalog& catalog) const override { return replication_keeps_up(catalog); }
  bool rests_on_disks() const override { return true; }
  Duration settles_within() const override { return isr_bound(); }

  LivenessMarks mark(const RunView& view) const override { return committed_ends(view); }
  Duration span(const RunView&, const LivenessMarks&) const override { return 2 * sim::kSecond; }

  std::string missing(const RunView& view, const LivenessMarks& ends, Time) const override {
    for (PartitionId id = 0; id < ends.size(); ++id) {
      const BrokerId leader = view.state(id).leader;
      const PartitionLog* reference = ends[id] == 0 ? nullptr : view.log(leader, id);
      if (reference == nullptr || !view.alive(catalog().broker_process(leader))) continue;
      for (const BrokerId replica : view.assignment(id)) {
        const PartitionLog* log = view.log(replica, id);
        if (!in_service(view, replica, id)) continue;
        const bool holds =
            log != nullptr && log->log_end_offset() >= ends[id] &&
            (!hashes_compare(*log, *reference) || same_prefix(*log, *reference, ends[id]));
        if (holds) continue;
        return sentence(partition_name(id), ": ", broker_name(replica), " lacks records that ",
                        broker_name(leader), " has committed below offset ", ends[id],
                        "; its log ends at ", log == nullptr ? 0 : log->log_end_offset());
      }
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_acked_fully_replicated(const Catalog& catalog) {
  return std::make_unique<AckedFullyReplicated>(catalog);
}

}  // namespace isrlab::model
