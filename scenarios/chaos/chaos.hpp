// Draws the faults of a run from its fault stream: what, on whom, for how long, within the budget
// of nodes that may be down at a time (VOPR's swarm and stability, FoundationDB's machine
// attrition, Jepsen's nemesis packages are the models).
#pragma once
#include <optional>
#include <vector>

#include "model/cluster.hpp"
#include "scenarios/chaos/spec.hpp"
#include "scenarios/format/scenario.hpp"
#include "sim/random.hpp"

namespace isrlab::scenarios {

struct ActiveFault;

class Chaos {
 public:
  Chaos() = default;
  Chaos(const Scenario& scenario, std::uint64_t seed);

  bool on() const { return spec_.on; }
  Time first() const { return spec_.from; }
  /// Time of the draw after one at `now`, kNever if there is none any more.
  Time next(Time now);
  /// A fault for now, or nothing: what was drawn has no target within the budget.
  std::optional<FaultSpec> draw(const model::Cluster& cluster, const std::vector<FaultSpec>& items,
                                const std::vector<ActiveFault>& active);
  /// The weights of this seed: with swarm some are 0.
  const ChaosSpec& spec() const { return spec_; }

 private:
  struct Node {
    model::ProcessId process = 0;
    bool broker = false;
    bool free = false;  // up, untouched and stable
  };
  std::vector<Node> survey(const model::Cluster& cluster, const std::vector<FaultSpec>& items,
                           const std::vector<ActiveFault>& active);
  FaultAction draw_action();
  Duration draw_length();
  /// Up to `most` free nodes within the budget; empty if there are none.
  std::vector<model::ProcessId> draw_nodes(std::vector<Node>& nodes, std::size_t most,
                                           bool brokers_only);
  bool aim(FaultSpec& fault, std::vector<Node>& nodes, const model::Cluster& cluster);
  bool aim_at_living(FaultSpec& fault, const std::vector<Node>& nodes,
                     const model::Cluster& cluster);

  ChaosSpec spec_;
  bool keeps_data_ = false;  // this seed draws nothing that loses what is on a disk or on its way
  std::int64_t brokers_down_ = 0;  // scratch of a draw
  std::int64_t servers_down_ = 0;
  sim::Random random_;
};

/// Does the fault keep its targets from serving while it is in force?
bool takes_down(FaultAction action);

}  // namespace isrlab::scenarios
