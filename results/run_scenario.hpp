// One run of a scenario from start to summary: the entry that the command line, tests and
// benchmarks use.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "results/summary_reader.hpp"

namespace isrlab::results {

struct Progress {
  Time now = 0;
  Time end = 0;
  std::uint64_t events = 0;
};

struct RunOptions {
  bool check_invariants = true;
  bool timeline = true;
  /// Further metrics to measure, into Summary::measured.
  std::shared_ptr<const std::vector<scenarios::Expectation>> measures;
  /// Told now and then while the run goes on; it must not change anything.
  std::function<void(const Progress&)> progress;
  /// Given the run before its first step (readers are added here).
  std::function<void(scenarios::Run&)> at_start;
  /// Given the run when it is over, before it is gone (the run folder writes its events).
  std::function<void(const scenarios::Run&, const Summary&)> at_end;
  /// Asked now and then; true ends the run early, as Ctrl-C does.
  std::function<bool()> stop;
};

Summary run_scenario(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
                     const RunOptions& options = {});

}  // namespace isrlab::results
