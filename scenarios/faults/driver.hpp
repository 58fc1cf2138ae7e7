// Carries out a scenario's faults: resolves selectors when an item fires, writes what it resolved
// to into the history, acts on the cluster, and heals. Its state is a value and travels with the
// world.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "model/cluster.hpp"
#include "scenarios/chaos/chaos.hpp"
#include "scenarios/format/scenario.hpp"
#include "sim/random.hpp"

namespace isrlab::scenarios {

/// Processes a selector names right now, by rising id; draws come from `random`.
std::vector<model::ProcessId> resolve(const Selector& selector, const model::Cluster& cluster,
                                      sim::Random& random);

/// A fault that is in force or was; the viewer and reports read it.
struct ActiveFault {
  std::uint32_t item = 0;  // index of the FaultSpec
  Time from = 0;
  Time until = sim::kNever;  // healed at, kNever = still in force
  std::uint32_t event = 0;   // history id of the injection
  std::vector<model::ProcessId> targets;
  std::vector<model::ProcessId> others;  // the other side of a cut
  std::uint16_t degradation = 0;
};

class FaultDriver {
 public:
  FaultDriver() = default;
  FaultDriver(std::shared_ptr<const Scenario> scenario, std::uint64_t seed);

  /// Puts the scenario's items on the schedule; call once on a fresh cluster.
  void schedule(model::Cluster& cluster);
  /// An item of the schedule is due.
  void on_control(std::uint32_t item, model::Cluster& cluster);
  /// Adds an item by hand (the viewer) and fires it now.
  void inject(const FaultSpec& fault, model::Cluster& cluster);
  /// Ends a fault in force now: the one way for the schedule and for the viewer. Nothing if it is
  /// healed already; a process that is still stopping cleanly is started again when it has ended.
  void heal(std::uint32_t active, model::Cluster& cluster);

  const std::vector<ActiveFault>& faults() const { return active_; }
  const std::vector<FaultSpec>& items() const { return items_; }
  /// When the last fault so far was healed; kNever if one is still in force.
  Time last_heal() const;
  /// When this item was last healed, kNever if not yet.
  Time healed_at(std::uint32_t item) const;

 private:
  enum class Act : std::uint8_t { kFire, kHeal, kHealAll, kChaos };
  struct Agenda {
    Act act = Act::kFire;
    std::uint32_t index = 0;  // item, or active fault
  };
  void plan(Time at, Act act, std::uint32_t index, model::Cluster& cluster);
  void fire(std::uint32_t item, model::Cluster& cluster);
  void draw_chaos(model::Cluster& cluster);
  void plan_follow_up(std::uint32_t item, model::Cluster& cluster);
  void apply(const FaultSpec& fault, std::uint32_t active, model::Cluster& cluster);
  void cut(const FaultSpec& fault, ActiveFault& active, bool make, model::Cluster& cluster);
  void slow(const FaultSpec& fault, ActiveFault& active, bool make, model::Cluster& cluster);

  std::shared_ptr<const Scenario> scenario_;
  std::vector<FaultSpec> items_;
  std::vector<std::int32_t> fired_;  // how often, by item
  std::vector<Agenda> agenda_;
  std::vector<ActiveFault> active_;
  sim::Random random_;
  Chaos chaos_;
};

}  // namespace isrlab::scenarios
