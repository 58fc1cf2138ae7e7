// One run of a scenario: the world, its faults and its readers as one copyable value. A copy is a
// checkpoint that goes on exactly as the original.
#pragma once
#include <memory>

#include "model/reader.hpp"
#include "scenarios/faults/driver.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

class Run {
 public:
  /// The scenario's own seed, or another one.
  Run(std::shared_ptr<const Scenario> scenario, std::uint64_t seed);

  /// Handles one thing that happens at or before `until`; false if nothing more does. Virtual time
  /// then stands at the last thing that happened.
  bool step(Time until);
  /// Handles everything up to and including `until`, but never past the scenario's end.
  void run_until(Time until);
  /// Runs to the end and tells the readers.
  void finish();
  /// Handles everything before `to` and moves the clock there, so that what is done by hand next
  /// happens at that time and not at that of the last event. By itself it changes nothing.
  void advance_to(Time to);
  /// Injects a fault now (the viewer): the future differs from here on.
  void inject(const FaultSpec& fault);
  /// Ends a fault in force now (the viewer), as its end on the schedule would; `active` is its
  /// place in faults().faults().
  void heal(std::uint32_t active);

  const Scenario& scenario() const { return *scenario_; }
  const std::shared_ptr<const Scenario>& shared_scenario() const { return scenario_; }
  std::uint64_t seed() const { return seed_; }
  const model::Cluster& cluster() const { return cluster_; }
  const FaultDriver& faults() const { return faults_; }
  model::Readers& readers() { return readers_; }
  const model::Readers& readers() const { return readers_; }
  Time end() const { return scenario_->duration; }
  std::uint64_t digest() const { return cluster_.history().digest(); }
  std::uint64_t events() const { return cluster_.engine().events(); }

 private:
  std::shared_ptr<const Scenario> scenario_;
  std::uint64_t seed_ = 0;
  model::Cluster cluster_;
  FaultDriver faults_;
  model::Readers readers_;
};

}  // namespace isrlab::scenarios
