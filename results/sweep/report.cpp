#include "results/sweep/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/metrics.hpp"
#include "results/replay_token.hpp"
#include "results/sweep/checked_run.hpp"
#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::results {
namespace {

constexpr std::size_t kBits = 64;

bool has(std::uint64_t bits, std::size_t place) {
  return (bits >> place & 1) != 0;
}

std::string expectation_text(const scenarios::Expectation& expectation) {
  return std::string(kind_word(expectation.kind)) + " " + expectation.text;
}

class Reporter {
 public:
  Reporter(const Plan& plan, const SweepResult& result) : plan_(plan), result_(result) {}

  SweepReport report() {
    report_.planned = plan_.own_runs();
    report_.complete = result_.complete();
    report_.states.resize(scenarios::state_table().size());
    for (std::size_t cell = 0; cell < plan_.cells.size(); ++cell) read_cell(cell);
    for (std::size_t cell = 1; cell < plan_.cells.size(); ++cell) compare(cell);
    return std::move(report_);
  }

 private:
  /// The row of a run that counts and is done, else null.
  const RunRow* row(std::size_t cell, std::size_t seed) const {
    const std::size_t run = plan_.run_index(cell, seed);
    if (run >= result_.counted || !result_.rows.row(run).done) return nullptr;
    return &result_.rows.row(run);
  }

  void read_cell(std::size_t cell) {
    CellStats stats;
    stats.states.resize(report_.states.size());
    std::array<std::size_t, kBits> broken{};
    std::array<std::size_t, kBits> failed{};
    for (std::size_t seed = 0; seed < plan_.seeds.size(); ++seed) {
      const RunRow* found = row(cell, seed);
      if (found == nullptr) continue;
      ++stats.runs;
      ++stats.verdicts[static_cast<std::size_t>(found->verdict)];
      report_.twice += found->twice;
      for (std::size_t i = 0; i < stats.states.size(); ++i)
        stats.states[i] += has(found->states, i);
      for (std::size_t i = 0; i < kBits; ++i) broken[i] += has(found->broken, i);
      for (std::size_t i = 0; i < kBits; ++i) failed[i] += has(found->failed, i);
      note(cell, seed, *found);
    }
    report_.runs += stats.runs;
    for (std::size_t i = 0; i < stats.states.size(); ++i) report_.states[i] += stats.states[i];
    for (std::size_t i = 0; i < 4; ++i) report_.verdicts[i] += stats.verdicts[i];
    stats.passed = estimate_proportion(stats.verdicts[0], stats.runs);
    const auto invariants = scenarios::invariant_table();
    for (std::size_t i = 0; i < invariants.size(); ++i) {
      if (broken[i] > 0) stats.broken.emplace_back(invariants[i].name, broken[i]);
    }
    const auto& expectations = plan_.cells[cell].scenario->expectations;
    for (std::size_t i = 0; i < std::min(kBits, expectations.size()); ++i) {
      if (failed[i] > 0) stats.failed.emplace_back(expectation_text(expectations[i]), failed[i]);
    }
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      stats.metrics.push_back(metric_stats(cell, m));
    }
    report_.cells.push_back(std::move(stats));
  }

  MetricStats metric_stats(std::size_t cell, std::size_t metric) const {
    std::vector<std::int64_t> values;
    Distribution samples;
    for (std::size_t seed = 0; seed < plan_.seeds.size(); ++seed) {
      if (row(cell, seed) == nullptr) continue;
      values.push_back(result_.rows.values(plan_.run_index(cell, seed))[metric]);
      samples.add(values.back());
    }
    MetricStats stats;
    stats.mean = estimate_mean(values);
    stats.p50 = samples.percentile(50);
    stats.p99 = samples.percentile(99);
    stats.max = samples.max();
    const auto above = std::count_if(values.begin(), values.end(), [](auto v) { return v != 0; });
    stats.above_zero = estimate_proportion(static_cast<std::size_t>(above), values.size());
    return stats;
  }

  void compare(std::size_t cell) {
    CellDifference difference;
    difference.cell = cell;
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      std::vector<std::int64_t> here;
      std::vector<std::int64_t> first;
      for (std::size_t seed = 0; seed < plan_.seeds.size(); ++seed) {
        if (row(cell, seed) == nullptr || row(0, seed) == nullptr) continue;
        here.push_back(result_.rows.values(plan_.run_index(cell, seed))[m]);
        first.push_back(result_.rows.values(plan_.run_index(0, seed))[m]);
      }
      difference.pairs = here.size();
      difference.metrics.push_back(estimate_difference(here, first));
    }
    report_.differences.push_back(std::move(difference));
  }

  void note(std::size_t cell, std::size_t seed, const RunRow& row) {
    const bool failed = row.verdict == Verdict::kFail || row.verdict == Verdict::kViolation;
    report_.diverged_runs += row.diverged();
    report_.failed_runs += failed;
    if (row.diverged()) keep(report_.diverged, cell, seed, row);
    if (failed) keep(report_.failing, cell, seed, row);
    if (row.verdict == Verdict::kInconclusive) keep(report_.undecided, cell, seed, row);
  }

  void keep(std::vector<NotedRun>& list, std::size_t cell, std::size_t seed, const RunRow& row) {
    if (list.size() > SweepReport::kFurther) return;
    const scenarios::Scenario& scenario = *plan_.cells[cell].scenario;
    NotedRun run;
    run.cell = cell;
    run.seed = plan_.seeds.at(seed);
    run.verdict = row.verdict;
    run.digest = row.digest;
    run.second_digest = row.second_digest;
    ReplayToken token;
    token.scenario = scenario.name;
    token.seed = run.seed;
    token.identity = ReplayToken::short_identity(scenarios::scenario_identity(scenario));
    token.digest = row.digest;
    token.version = std::string(code_version());
    run.replay = token.text();
    const auto invariants = scenarios::invariant_table();
    for (std::size_t i = 0; i < invariants.size() && run.what.empty(); ++i) {
      if (has(row.broken, i)) run.what = "invariant " + std::string(invariants[i].name);
    }
    for (std::size_t i = 0; i < std::min(kBits, scenario.expectations.size()); ++i) {
      if (run.what.empty() && has(row.failed, i)) {
        run.what = expectation_text(scenario.expectations[i]);
      }
    }
    list.push_back(std::move(run));
  }

  const Plan& plan_;
  const SweepResult& result_;
  SweepReport report_;
};

}  // namespace

int SweepReport::exit_code() const {
  if (diverged_runs > 0) return 5;
  for (const Verdict each : {Verdict::kViolation, Verdict::kFail, Verdict::kInconclusive}) {
    if (verdicts[static_cast<std::size_t>(each)] > 0) return results::exit_code(each);
  }
  return 0;
}

SweepReport make_report(const Plan& plan, const SweepResult& result) {
  return Reporter(plan, result).report();
}

void explain_first_failure(const Plan& plan, SweepReport& report) {
  std::vector<NotedRun>& runs = report.failing.empty() ? report.undecided : report.failing;
  if (runs.empty()) return;
  NotedRun& first = runs.front();
  RunOptions options;
  options.check_invariants = plan.request.check_invariants;
  options.timeline = false;
  const Summary summary = run_scenario(plan.cells[first.cell].scenario, first.seed, options);
  if (summary.digest == first.digest) first.what = what_failed(summary);
}

}  // namespace isrlab::results
