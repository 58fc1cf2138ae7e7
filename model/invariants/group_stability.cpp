// L10 group stability: every group with a live member is Stable and all its partitions are owned.
// Source: reference scenarios.md 6.2 L10; session + rebalance timeout (F13), after the coordinator
// has a leader again (F14).
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class GroupStability final : public Liveness<GroupStability> {
 public:
  static constexpr std::string_view kId = "L10";
  static constexpr std::string_view kName = "group_stability";

  using Liveness::Liveness;
  Duration settles_within() const override { return group_bound(); }

  std::string missing(const RunView& view, const LivenessMarks&, Time) const override {
    for (GroupId group = 0; group < catalog().groups().size(); ++group) {
      // Without a live replica of its offsets partition a group has no coordinator.
      const GroupInfo& info = catalog().group(group);
      const BrokerId leader = view.state(info.offsets_partition).leader;
      const bool coordinator = leader >= 1 && view.alive(catalog().broker_process(leader));
      if (!coordinator || !any_member(view, group) || view.group_settled(group)) continue;
      return sentence("group ", info.name, " is not stable with all its partitions owned");
    }
    return {};
  }
};

}  // namespace

ViewedInvariantPtr make_group_stability(const Catalog& catalog) {
  return std::make_unique<GroupStability>(catalog);
}

}  // namespace isrlab::model
