// What a sweep found, as data: tables per cell, differences between cells, states, failing runs.
// It depends on the plan and the rows alone: not on threads, times, or how often it was resumed.
#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "results/sweep/statistics.hpp"
#include "results/sweep/sweep.hpp"

namespace isrlab::results {

struct MetricStats {
  MeanEstimate mean;
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
  Proportion above_zero;  // runs in which it was not 0
};

using Named = std::pair<std::string, std::size_t>;  // and in how many runs

struct CellStats {
  std::size_t runs = 0;
  std::array<std::size_t, 4> verdicts{};  // by Verdict
  Proportion passed;
  std::vector<MetricStats> metrics;  // as in the plan
  std::vector<std::size_t> states;   // by the table of states: runs that reached it
  std::vector<Named> broken;         // invariants
  std::vector<Named> failed;         // expectations, "limit write_gap max < 5s"
};

/// A cell against the first: metric minus the first cell's, by pairs of runs with the same seed.
struct CellDifference {
  std::size_t cell = 0;
  std::size_t pairs = 0;
  std::vector<MeanEstimate> metrics;
};

struct NotedRun {
  std::size_t cell = 0;
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kPass;
  std::uint64_t digest = 0;
  std::uint64_t second_digest = 0;  // of a run that diverged
  std::string replay;               // token
  std::string what;                 // failed first
};

struct SweepReport {
  static constexpr std::size_t kFurther = 10;

  std::size_t runs = 0;     // done and counted
  std::size_t planned = 0;  // of so many
  bool complete = true;     // nothing that counts is missing
  std::size_t twice = 0;    // runs made a second time
  std::array<std::size_t, 4> verdicts{};
  std::vector<CellStats> cells;
  std::vector<CellDifference> differences;
  std::vector<std::size_t> states;  // by the table: runs that reached it
  std::size_t diverged_runs = 0;
  std::size_t failed_runs = 0;      // failed or broke an invariant
  std::vector<NotedRun> diverged;   // the first of each by cell, then seed
  std::vector<NotedRun> failing;    // the first one and up to kFurther more
  std::vector<NotedRun> undecided;  // the same of inconclusive ones

  /// 5, 4, 1, 3 or 0.
  int exit_code() const;
};

SweepReport make_report(const Plan& plan, const SweepResult& result);
/// Runs the first failing run once more to tell what failed in it, with numbers.
void explain_first_failure(const Plan& plan, SweepReport& report);

std::string sweep_text(const Plan& plan, const SweepReport& report, bool colour);
/// {"schema": "isrlab-sweep/1", ...}. Times are nanoseconds; means have at most three decimals.
std::string sweep_json(const Plan& plan, const SweepReport& report);

}  // namespace isrlab::results
