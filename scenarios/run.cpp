#include "scenarios/run.hpp"

#include <algorithm>

#include "scenarios/chaos/swarm.hpp"

namespace isrlab::scenarios {

Run::Run(std::shared_ptr<const Scenario> scenario, std::uint64_t seed)
    : scenario_(swarm_variant(std::move(scenario), seed)),
      seed_(seed),
      cluster_(std::make_shared<const model::Catalog>(scenario_->cluster), seed),
      faults_(scenario_, seed) {
  faults_.schedule(cluster_);
}

bool Run::step(Time until) {
  std::uint32_t control = 0;
  switch (cluster_.step(std::min(until, end()), control)) {
    case model::StepResult::kNothing: return false;
    case model::StepResult::kControl: faults_.on_control(control, cluster_); break;
    case model::StepResult::kHandled: break;
  }
  const bool due = faults_.watching() && faults_.has_due(cluster_);
  if (readers_.size() != 0) readers_.see(cluster_);
  if (due) {
    cluster_.clear_recent();
    faults_.act_on_due(cluster_);
    if (readers_.size() != 0) readers_.see(cluster_);
  }
  return true;
}

void Run::run_until(Time until) {
  while (step(until)) {
  }
}

void Run::finish() {
  run_until(end());
  readers_.finish(cluster_);
}

void Run::advance_to(Time to) {
  to = std::clamp(to, cluster_.now(), std::max(cluster_.now(), end()));
  run_until(to - 1);
  cluster_.advance_to(to);
}

void Run::inject(const FaultSpec& fault) {
  cluster_.clear_recent();
  cluster_.engine().set_cause(0);  // a hand is its own cause, whatever happened just before
  faults_.inject(fault, cluster_);
  if (readers_.size() != 0) readers_.see(cluster_);
}

void Run::heal(std::uint32_t active) {
  cluster_.clear_recent();
  cluster_.engine().set_cause(faults_.faults()[active].event);
  faults_.heal(active, cluster_);
  if (readers_.size() != 0) readers_.see(cluster_);
}

}  // namespace isrlab::scenarios
