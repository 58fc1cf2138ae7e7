#include <fmt/format.h>

#include <cmath>

#include "results/sweep/export.hpp"
#include "results/sweep/words.hpp"

namespace isrlab::results {
namespace {

/// In quotes if it has to be.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string number(std::size_t value) {
  return std::to_string(value);
}

/// Whole nanoseconds, or a number with three decimals.
std::string mean_field(const Metric& metric, double value) {
  const auto scaled = static_cast<std::int64_t>(std::llround(metric.time ? value : value * 1000));
  if (metric.time) return std::to_string(scaled);
  return fmt::format("{}{}.{:03}", scaled < 0 ? "-" : "", std::abs(scaled) / 1000,
                     std::abs(scaled) % 1000);
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + field(fields[i]);
  return line + "\r\n";
}

std::vector<std::string> titles(const Plan& plan) {
  std::vector<std::string> names = {"cell"};
  for (std::size_t v = 0; v < plan.variations.size(); ++v) names.push_back(plan.variation_name(v));
  for (const char* each : {"runs", "pass", "fail", "violation", "inconclusive", "passed share",
                           "passed low", "passed high"}) {
    names.emplace_back(each);
  }
  for (const Metric& metric : plan.metrics) {
    for (const char* each : {"mean", "low", "high", "p50", "p99", "max"}) {
      names.push_back(metric.name + (metric.time ? " ns " : " ") + each);
    }
  }
  return names;
}

std::string share_field(double share) {
  const auto millionths = static_cast<std::int64_t>(std::llround(share * 1'000'000));
  return fmt::format("{}.{:06}", millionths / 1'000'000, millionths % 1'000'000);
}

}  // namespace

std::string sweep_csv(const Plan& plan, const SweepReport& report) {
  std::string text = line_of(titles(plan));
  for (std::size_t cell = 0; cell < report.cells.size(); ++cell) {
    const CellStats& stats = report.cells[cell];
    std::vector<std::string> fields = {number(cell + 1)};
    fields.insert(fields.end(), plan.cells[cell].values.begin(), plan.cells[cell].values.end());
    fields.push_back(number(stats.runs));
    for (const Verdict each :
         {Verdict::kPass, Verdict::kFail, Verdict::kViolation, Verdict::kInconclusive}) {
      fields.push_back(number(stats.verdicts[static_cast<std::size_t>(each)]));
    }
    fields.push_back(share_field(stats.passed.share()));
    fields.push_back(share_field(stats.passed.low));
    fields.push_back(share_field(stats.passed.high));
    for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
      const Metric& metric = plan.metrics[m];
      const MetricStats& each = stats.metrics[m];
      const bool known = each.mean.known();
      fields.push_back(mean_field(metric, each.mean.mean));
      fields.push_back(known ? mean_field(metric, each.mean.mean - each.mean.half) : "");
      fields.push_back(known ? mean_field(metric, each.mean.mean + each.mean.half) : "");
      fields.push_back(std::to_string(each.p50));
      fields.push_back(std::to_string(each.p99));
      fields.push_back(std::to_string(each.max));
    }
    text += line_of(fields);
  }
  return text;
}

}  // namespace isrlab::results
