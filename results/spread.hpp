// The same scenario under many seeds: how far do the results spread, and what makes them spread?
// Floating point is fine here: it feeds texts about many runs and never a run.
#pragma once
#include <string>
#include <vector>

#include "results/summary.hpp"

namespace isrlab::results {

struct SpreadRow {
  std::string name;  // "write gap", "detection", "lost acks=1"
  bool time = true;  // nanoseconds, else a plain number
  std::int64_t min = 0;
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
  std::int64_t mean = 0;
  std::int64_t confidence = 0;  // half width of the mean's 95 % interval
};

struct Spread {
  std::size_t runs = 0;
  std::vector<std::pair<Verdict, std::size_t>> verdicts;
  std::vector<SpreadRow> rows;
  /// Least squares over the runs: write gap = intercept + slope * detection. `explained` (R
  /// squared) is the share of the gap's variance that detection accounts for; negative when there
  /// are too few runs or nothing varies.
  double slope = 0;
  double intercept_seconds = 0;
  double explained = -1;
};

/// What of each run is compared: kept small, so that ten thousand runs fit.
struct RunDigest {
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kPass;
  Duration write_gap = 0;  // the longest
  Duration detection = 0;  // the longest
  std::vector<RecordCounts> records;
  std::string replay;
  static RunDigest of(const Summary& summary);
};

Spread spread_of(const std::vector<RunDigest>& runs);
std::string spread_text(const Spread& spread, const std::vector<RunDigest>& runs,
                        const std::string& scenario, bool colour);
/// {"schema": "isrlab-runs/1", ...}: spread and one small object per run.
std::string spread_json(const Spread& spread, const std::vector<RunDigest>& runs,
                        const std::string& scenario);

}  // namespace isrlab::results
