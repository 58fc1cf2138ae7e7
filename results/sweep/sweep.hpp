// The runs of a sweep and what is kept of each: about a hundred bytes, so that a million fit.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "results/summary.hpp"
#include "results/sweep/plan.hpp"

namespace isrlab::results {

class Journal;

/// One run as it is kept and as it stands in the journal.
struct RunRow {
  bool done = false;
  bool twice = false;  // was run a second time
  Verdict verdict = Verdict::kPass;
  std::uint64_t digest = 0;
  std::uint64_t second_digest = 0;
  std::uint64_t states = 0;  // bit i: state i of the table was reached
  std::uint64_t broken = 0;  // bit i: promised invariant i of the table broke
  std::uint64_t failed = 0;  // bit i: expectation i of the cell's scenario did not hold
  bool diverged() const { return twice && second_digest != digest; }
  bool bad() const {
    return diverged() || verdict == Verdict::kFail || verdict == Verdict::kViolation;
  }
  friend bool operator==(const RunRow&, const RunRow&) = default;
};

/// Rows of all runs of a plan by their index, each with a value for every metric.
class SweepRows {
 public:
  SweepRows() = default;
  SweepRows(std::size_t runs, std::size_t metrics)
      : metrics_(metrics), rows_(runs), values_(runs * metrics) {}
  std::size_t size() const { return rows_.size(); }
  RunRow& row(std::size_t run) { return rows_[run]; }
  const RunRow& row(std::size_t run) const { return rows_[run]; }
  std::int64_t* values(std::size_t run) { return values_.data() + run * metrics_; }
  const std::int64_t* values(std::size_t run) const { return values_.data() + run * metrics_; }
  std::size_t metrics() const { return metrics_; }
  std::size_t done() const;

 private:
  std::size_t metrics_ = 0;
  std::vector<RunRow> rows_;
  std::vector<std::int64_t> values_;
};

struct SweepProgress {
  std::size_t done = 0;  // of all, those of the journal included
  std::size_t all = 0;
  std::size_t made = 0;  // by this process
  std::size_t bad = 0;
};

struct SweepOptions {
  unsigned threads = 0;        // 0: all the machine has
  std::size_t stop_after = 0;  // so many runs that failed; 0: never
  std::function<bool()> stop;  // Ctrl-C
  std::function<void(const SweepProgress&)> watch;
  /// Told the run whose exception is about to come out of run_sweep().
  std::function<void(std::size_t run)> broke;
};

struct SweepResult {
  SweepRows rows;
  /// Runs of a lower index count. All of them, unless the sweep was to stop after so many
  /// failures: then up to the last of these, whatever was finished beyond it.
  std::size_t counted = 0;
  std::size_t made = 0;     // by this process
  std::size_t missing = 0;  // runs that count and belong to the plan's shard, and are not done
  std::string problem;      // the journal cannot be written; empty if all is well
  bool complete() const { return missing == 0; }
};

/// Always made twice, for ever: one run of twenty, chosen by a hash of cell and seed.
bool is_rerun(std::size_t cell, std::uint64_t seed);

/// Makes the runs that `rows` (from a journal; may be empty) does not hold yet.
SweepResult run_sweep(const Plan& plan, const SweepOptions& options, SweepRows rows = {},
                      Journal* journal = nullptr);

}  // namespace isrlab::results
