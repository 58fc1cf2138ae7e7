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

struct ActiveFault;
/// Is it so now? Events are those of the last step.
bool is_so(const Moment& moment, const model::Cluster& cluster,
           const std::vector<ActiveFault>& faults);

/// A fault that is in force or was; the viewer and reports read it.
struct ActiveFault {
  std::uint32_t item = 0;  // index of the FaultSpec
  Time from = 0;
  Time until = sim::kNever;  // healed at, kNever = still in force
  std::uint32_t event = 0;   // history id of the injection
  std::vector<model::ProcessId> targets;
  std::vector<model::ProcessId> others;  // the other side of a cut, the receivers of a hold
  std::uint32_t degradation = 0;

  /// What is to be undone; a healing of a part takes out its part.
  struct Link {
    sim::HostId source = 0;
    sim::HostId target = 0;
  };
  std::vector<Link> links;  // one way each: cut or slowed
  std::uint32_t hold = sim::kNone;
  bool open = false;  // flap: not cut at the moment
  /// How a clock was moved, for the healing.
  struct Clock {
    sim::HostId host = 0;
    Duration offset = 0;
    std::int64_t ppm = 0;
  };
  std::vector<Clock> clocks;
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

  /// Some item waits for something to be so.
  bool watching() const { return !waiting_.empty() || !ending_.empty(); }
  /// Looks whether what `when` and `until` wait for is so now; to be asked after every step, with
  /// the step's events still at hand. act_on_due() then fires and heals.
  bool has_due(const model::Cluster& cluster);
  void act_on_due(model::Cluster& cluster);

  const std::vector<ActiveFault>& faults() const { return active_; }
  const std::vector<FaultSpec>& items() const { return items_; }
  /// When the last fault so far was healed; kNever if one is still in force.
  Time last_heal() const;
  /// When this item was last healed, kNever if not yet.
  Time healed_at(std::uint32_t item) const;

 private:
  enum class Act : std::uint8_t { kFire, kHeal, kHealCore, kHealAll, kChaos, kFlip, kRoll };
  struct Agenda {
    Act act = Act::kFire;
    std::uint32_t index = 0;  // item, or active fault
  };
  void plan(Time at, Act act, std::uint32_t index, model::Cluster& cluster);
  void fire(std::uint32_t item, model::Cluster& cluster);
  void draw_chaos(model::Cluster& cluster);
  void plan_follow_up(std::uint32_t item, model::Cluster& cluster);
  void aim(const FaultSpec& fault, ActiveFault& active, model::Cluster& cluster);
  void heal_all(model::Cluster& cluster);
  void restart_for_directories(model::Cluster& cluster);
  /// Heals what the core (by process: 1) has to do with; the rest stays as it is.
  void heal_part(std::uint32_t active, const std::vector<std::uint8_t>& core,
                 model::Cluster& cluster);
  void flip(std::uint32_t active, model::Cluster& cluster);
  // operator.cpp
  void administer(const FaultSpec& fault, model::Cluster& cluster);
  void roll(std::uint32_t index, model::Cluster& cluster);
  // effects.cpp: what a fault does to the cluster
  Duration apply(const FaultSpec& fault, ActiveFault& active, model::Cluster& cluster);
  void strike(const FaultSpec& fault, ActiveFault& active, model::Cluster& cluster);
  bool bring_host_back(model::ProcessId process, model::Cluster& cluster);
  void draw_links(const FaultSpec& fault, ActiveFault& active, model::Cluster& cluster);
  static void set_cuts(const ActiveFault& active, bool make, model::Cluster& cluster);
  void set_clocks(model::Cluster& cluster);
  static void move_clock(const FaultSpec& fault, ActiveFault& active, model::ProcessId process,
                         model::Cluster& cluster);
  void slow(const FaultSpec& fault, ActiveFault& active, model::Cluster& cluster);
  void hold(std::uint16_t message, ActiveFault& active, model::Cluster& cluster);
  bool undo(const FaultSpec& fault, ActiveFault& active, const std::vector<std::uint8_t>& core,
            model::Cluster& cluster);
  void revive(const FaultSpec& fault, model::ProcessId process, model::Cluster& cluster);

  std::shared_ptr<const Scenario> scenario_;
  std::vector<FaultSpec> items_;
  std::vector<std::int32_t> fired_;  // how often, by item
  std::vector<Agenda> agenda_;
  std::vector<ActiveFault> active_;
  std::vector<std::uint8_t> core_;  // by process, what the last heal_all() mended: 1
  std::vector<std::vector<model::ProcessId>> sides_;  // scratch: of the partition that is made
  struct Watch {
    std::uint32_t index = 0;  // item, or active fault
    bool was_so = false;
    bool due = false;
  };
  /// A rolling restart on its way.
  struct Rolling {
    enum class Phase : std::uint8_t { kStop, kStopping, kStarting };
    std::uint32_t active = 0;
    std::size_t next = 0;  // which of its targets
    Phase phase = Phase::kStop;
  };
  std::vector<Rolling> rolling_;
  std::vector<Watch> waiting_;  // items with `when`
  std::vector<Watch> ending_;   // faults in force with `until` something
  sim::Random random_;
  Chaos chaos_;
};

}  // namespace isrlab::scenarios
