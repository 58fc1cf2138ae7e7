// L3 HW convergence: the log end that a leader had becomes the high watermark of every live
// replica. Source: reference scenarios.md 6.2 L3; one fetch wait and a round trip per hop, once the
// ISR is back. A partition below min.insync.replicas stands still on purpose.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class HwConvergence final : public Liveness<HwConvergence> {
 public:
  static constexpr std::string_view kId = "L3";
  static constexpr std::string_view kName = "hw_convergence";

  using Liveness::Liveness;

  bool promised(const Catalog& catalog) const override { return replication_keeps_up(catalog); }
  Duration settles_within() const override { return isr_bound(); }

  LivenessMarks mark(const RunView& view) const override {
    LivenessMarks ends;
    for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
      const Partition* leader = view.partition(view.state(id).leader, id);
      ends.push_back(leader != nullptr && leader->is_leader() ? leader->log.log_end_offset() : 0);
    }
    return ends;
  }
  Duration span(const RunView&, const LivenessMarks&) const override {
    Duration wait = 0;
    for (const BrokerSpec& broker : catalog().spec().brokers) {
      wait = std::max(wait, broker.config.replica_fetch_wait_max);
    }
    return 2 * wait + sim::kSecond;
  }

  std::string missing(const RunView& view, const LivenessMarks& ends, Time) const override {
    for (PartitionId id = 0; id < ends.size(); ++id) {
      const StateView state = view.state(id);
      if (ends[id] == 0 || !state.known || state.leader < 1) continue;
      const TopicId topic = catalog().partition(id).topic;
      const auto size = static_cast<std::int64_t>(state.isr.size());
      const auto replicas = static_cast<std::int64_t>(view.assignment(id).size());
      const std::int64_t least = catalog().min_insync_replicas(topic, state.leader);
      if (size < std::min(least, replicas)) continue;
      for (const BrokerId member : state.isr) {
        const PartitionLog* log = view.log(member, id);
        if (log == nullptr || !view.alive(catalog().broker_process(member))) continue;
        if (log->high_watermark() >= ends[id]) continue;
        return sentence(partition_name(id), ": the high watermark of ", broker_name(member), " is ",
                        log->high_watermark(), ", the log of the leader ended at ", ends[id]);
      }
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_hw_convergence(const Catalog& catalog) {
  return std::make_unique<HwConvergence>(catalog);
}

}  // namespace isrlab::model
