// Many runs of a lab from code: seeds times settings on all cores, as `isrlab sweep` makes them.
//
//   const SweepResult swept = Sweep(lab)
//                                 .seeds(1, 200)
//                                 .vary("/topics/orders/config/min.insync.replicas", {1, 2})
//                                 .metric("write_gap max")
//                                 .run();
//   swept.cells()[1].mean("write_gap max")...   swept.first_failure()->replay
#pragma once
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/lab/lab.hpp"

namespace isrlab::results {
struct Plan;
struct SweepReport;
}  // namespace isrlab::results

namespace isrlab::lab {

/// Of a metric over the runs of a cell; times are nanoseconds.
struct Estimate {
  std::string metric;  // "write_gap max"
  double mean = 0;
  double low = 0;  // 95 % interval by Student's t; with fewer than two runs it is mean..mean
  double high = 0;
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
};

/// How often something was so: a share with its 95 % interval by Wilson's score.
struct Share {
  std::size_t runs = 0;
  double share = 0;
  double low = 0;
  double high = 1;
};

/// A combination of the varied values, under all seeds.
struct SweptCell {
  std::vector<std::string> values;  // one for each vary(), as the command line writes them
  std::size_t runs = 0;
  std::size_t passed = 0;
  std::size_t failed = 0;      // an expectation
  std::size_t violations = 0;  // an invariant that the configuration promises
  std::size_t inconclusive = 0;
  Share passing;
  std::vector<Estimate> metrics;
  /// Each minus the first cell's by pairs of runs with the same seed; empty for the first cell.
  std::vector<Estimate> differences;

  /// Throws std::out_of_range if that metric was not asked for.
  const Estimate& metric(std::string_view name) const;
  const Estimate& difference(std::string_view name) const;
};

/// A run that did not pass.
struct SweptRun {
  std::size_t cell = 0;
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kPass;
  std::string what;    // failed first
  std::string replay;  // the command that makes it again; see Result::replay_command()
};

class SweepResult {
 public:
  SweepResult(std::shared_ptr<const results::Plan> plan,
              std::shared_ptr<const results::SweepReport> report);

  const std::vector<SweptCell>& cells() const { return cells_; }
  std::size_t runs() const;
  /// No expectation failed, no promised invariant broke, no second run differed.
  bool passed() const;
  /// By cell, then seed; its `what` is told with numbers.
  const std::optional<SweptRun>& first_failure() const { return first_failure_; }
  /// Combinations that cannot exist (more in-sync replicas than replicas), with the reason.
  std::vector<std::string> left_out() const;
  /// In how many runs a state of `isrlab list states` was reached. Throws std::out_of_range if
  /// there is no such state.
  std::size_t reached(std::string_view state) const;
  /// Runs that were made twice and gave another digest: a bug of isrlab.
  std::size_t diverged() const;

  /// The report of `isrlab sweep`, its JSON, its page and its table.
  std::string text() const;
  std::string json() const;
  std::string html() const;
  std::string csv() const;
  const results::SweepReport& report() const { return *report_; }

 private:
  std::shared_ptr<const results::Plan> plan_;
  std::shared_ptr<const results::SweepReport> report_;
  std::vector<SweptCell> cells_;
  std::optional<SweptRun> first_failure_;
};

/// text().
std::ostream& operator<<(std::ostream& stream, const SweepResult& result);

/// A sweep in the making. Nothing is checked before run().
class Sweep {
 public:
  /// Seeds 1 to 100, the metrics of `isrlab sweep`.
  explicit Sweep(Lab lab);

  Sweep& seeds(std::uint64_t first, std::uint64_t last);
  /// "1..100,777": as --seeds.
  Sweep& seeds(std::string_view list);
  /// All combinations of the values of all variations are cells; they have the same seeds.
  Sweep& vary(const std::string& pointer, const std::vector<Setting>& values);
  /// A metric of `isrlab list metrics`: "write_gap(orders) p99". The first one replaces those that
  /// are measured otherwise.
  Sweep& metric(std::string_view name);
  /// Ends with the first so many runs (by number, not by time) that failed.
  Sweep& stop_after(std::size_t failures);
  /// 0: as many as the machine has. What comes out does not depend on it.
  Sweep& threads(unsigned count);

  /// Throws ScenarioError for what the loader refuses: values, metrics, seeds.
  SweepResult run() const;

 private:
  Lab lab_;
  std::string seeds_ = "1..100";
  std::vector<std::string> vary_;
  std::vector<std::string> metrics_;
  std::size_t stop_after_ = 0;
  unsigned threads_ = 0;
};

}  // namespace isrlab::lab
