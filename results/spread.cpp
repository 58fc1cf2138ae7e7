#include "results/spread.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

#include "results/metrics.hpp"
#include "results/sweep/statistics.hpp"

namespace isrlab::results {
namespace {

SpreadRow row_of(std::string name, bool time, const std::vector<std::int64_t>& values) {
  SpreadRow row;
  row.name = std::move(name);
  row.time = time;
  Distribution samples;
  for (const std::int64_t value : values) samples.add(value);
  row.min = samples.min();
  row.p50 = samples.percentile(50);
  row.p99 = samples.percentile(99);
  row.max = samples.max();
  const MeanEstimate mean = estimate_mean(values);
  row.mean = static_cast<std::int64_t>(std::llround(mean.mean));
  if (mean.known()) row.confidence = static_cast<std::int64_t>(std::llround(mean.half));
  return row;
}

void explain_gap(const std::vector<RunDigest>& runs, Spread& spread) {
  std::vector<std::pair<double, double>> points;
  for (const RunDigest& run : runs) {
    if (run.detection <= 0 || run.write_gap <= 0) continue;
    points.emplace_back(static_cast<double>(run.detection) / 1e9,
                        static_cast<double>(run.write_gap) / 1e9);
  }
  if (points.size() < 3) return;
  const auto n = static_cast<Eigen::Index>(points.size());
  Eigen::MatrixXd design(n, 2);
  Eigen::VectorXd gap(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    design(i, 0) = 1.0;
    design(i, 1) = points[static_cast<std::size_t>(i)].first;
    gap(i) = points[static_cast<std::size_t>(i)].second;
  }
  const double spread_of_gap = (gap.array() - gap.mean()).square().sum();
  const double spread_of_detection = (design.col(1).array() - design.col(1).mean()).square().sum();
  if (spread_of_gap < 1e-12 || spread_of_detection < 1e-12) return;
  const Eigen::Vector2d line = design.colPivHouseholderQr().solve(gap);
  spread.intercept_seconds = line(0);
  spread.slope = line(1);
  spread.explained = 1.0 - (gap - design * line).squaredNorm() / spread_of_gap;
}

}  // namespace

RunDigest RunDigest::of(const Summary& summary) {
  RunDigest digest;
  digest.seed = summary.seed;
  digest.verdict = summary.verdict;
  for (const Outage& outage : summary.outages) {
    if (outage.operation != "read") digest.write_gap = std::max(digest.write_gap, outage.length());
  }
  for (const SessionEnd& end : summary.sessions.expired) {
    digest.detection = std::max(digest.detection, end.detect);
  }
  digest.records = summary.records;
  digest.replay = summary.replay;
  return digest;
}

Spread spread_of(const std::vector<RunDigest>& runs) {
  Spread spread;
  spread.runs = runs.size();
  std::map<Verdict, std::size_t> verdicts;
  std::vector<std::int64_t> gaps;
  std::vector<std::int64_t> detections;
  std::map<scenarios::AcksClass, std::vector<std::int64_t>> lost;
  std::map<scenarios::AcksClass, std::vector<std::int64_t>> duplicated;
  for (const RunDigest& run : runs) {
    ++verdicts[run.verdict];
    gaps.push_back(run.write_gap);
    detections.push_back(run.detection);
    for (const RecordCounts& counts : run.records) {
      lost[counts.acks].push_back(counts.lost);
      duplicated[counts.acks].push_back(counts.duplicated);
    }
  }
  spread.verdicts.assign(verdicts.begin(), verdicts.end());
  spread.rows.push_back(row_of("longest write gap", true, gaps));
  spread.rows.push_back(row_of("longest detection", true, detections));
  for (const auto& [acks, values] : lost) {
    spread.rows.push_back(row_of("lost " + acks_name(acks), false, values));
    spread.rows.push_back(row_of("duplicated " + acks_name(acks), false, duplicated[acks]));
  }
  explain_gap(runs, spread);
  return spread;
}

}  // namespace isrlab::results
