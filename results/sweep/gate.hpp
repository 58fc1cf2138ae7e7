// Scenario files as a gate: each is run once (or twice) under its own seed, in parallel, and every
// one has to pass.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "results/summary.hpp"

namespace isrlab::results {

struct GateCase {
  std::string file;
  /// What it is called until it is loaded, or if it cannot be.
  std::string name;
};

struct GateResult {
  bool done = false;
  bool loaded = false;
  std::string problem;  // why it was not loaded: lines of file, place, what and fix
  std::string name;     // of the scenario
  std::string file;
  Summary summary;
  bool twice = false;
  std::uint64_t second_digest = 0;
  std::int64_t wall_ms = 0;  // real time; only for formats that ask for it
  bool diverged() const { return loaded && twice && second_digest != summary.digest; }
  bool passed() const { return loaded && !diverged() && summary.verdict == Verdict::kPass; }
  /// "PASS", "FAIL", "VIOLATION", "INCONCLUSIVE", "DIVERGED", "NOT LOADED".
  std::string_view word() const;
  /// Why it did not pass, in a line; empty if it did.
  std::string what() const;
  /// The command that shows it again.
  std::string again() const;
};

struct GateOptions {
  unsigned threads = 0;
  std::optional<std::uint64_t> seed;  // instead of the scenario's own
  bool twice = false;
  bool check_invariants = true;
  /// Cases after the first that did not pass are not run, or do not count: which one is first goes
  /// by their order, not by who was faster.
  bool fail_fast = false;
  std::function<bool()> stop;
  /// On the calling thread, in the order of the cases, as soon as all before it are done.
  std::function<void(const GateResult&)> done;
  std::function<void(std::size_t finished)> watch;
  /// Told the case whose exception is about to come out of run_gate().
  std::function<void(const GateCase&)> broke;
};

/// Cases that were not run before `stop`, or because of `fail_fast`, are not `done`.
std::vector<GateResult> run_gate(const std::vector<GateCase>& cases, const GateOptions& options);

struct GateCounts {
  std::size_t passed = 0;
  std::size_t failed = 0;  // an expectation, an invariant or the determinism
  std::size_t inconclusive = 0;
  std::size_t not_loaded = 0;
  std::size_t not_run = 0;
  /// "9 passed, 1 failed": the others only if there are any.
  std::string text() const;
};
GateCounts count_results(const std::vector<GateResult>& results);
/// 5, 4, 1, 2, 3 or 0: the first of these that occurred.
int gate_exit_code(const std::vector<GateResult>& results);

/// {"schema": "isrlab-test/1", ...}.
std::string gate_json(const std::vector<GateResult>& results);
/// JUnit XML: a scenario is a suite, what it expects are its cases. Each explanation stands in the
/// body of its element (GitLab shows no attribute `message`). The only place with real times.
std::string gate_junit(const std::vector<GateResult>& results);

}  // namespace isrlab::results
