#include "results/lab/sweep.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "results/sweep/export.hpp"
#include "results/sweep/report.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::lab {

using results::MeanEstimate;
using results::SweepReport;

namespace {

Estimate estimate_of(const results::Metric& metric, const MeanEstimate& mean) {
  Estimate estimate;
  estimate.metric = metric.name;
  estimate.mean = mean.mean;
  const double half = mean.known() ? mean.half : 0;
  estimate.low = mean.mean - half;
  estimate.high = mean.mean + half;
  return estimate;
}

SweptCell cell_of(const results::Plan& plan, const SweepReport& report, std::size_t number) {
  const results::CellStats& stats = report.cells[number];
  SweptCell cell;
  cell.values = plan.cells[number].values;
  cell.runs = stats.runs;
  cell.passed = stats.verdicts[static_cast<std::size_t>(Verdict::kPass)];
  cell.failed = stats.verdicts[static_cast<std::size_t>(Verdict::kFail)];
  cell.violations = stats.verdicts[static_cast<std::size_t>(Verdict::kViolation)];
  cell.inconclusive = stats.verdicts[static_cast<std::size_t>(Verdict::kInconclusive)];
  cell.passing = {stats.passed.hits, stats.passed.share(), stats.passed.low, stats.passed.high};
  for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
    Estimate estimate = estimate_of(plan.metrics[m], stats.metrics[m].mean);
    estimate.p50 = stats.metrics[m].p50;
    estimate.p99 = stats.metrics[m].p99;
    estimate.max = stats.metrics[m].max;
    cell.metrics.push_back(std::move(estimate));
  }
  for (const results::CellDifference& each : report.differences) {
    for (std::size_t m = 0; each.cell == number && m < plan.metrics.size(); ++m) {
      cell.differences.push_back(estimate_of(plan.metrics[m], each.metrics[m]));
    }
  }
  return cell;
}

/// As the command line has it: a text without quotes, where they would change nothing.
std::string written(const Setting& setting) {
  const scenarios::Value& value = setting.value();
  const bool plain = value.is(scenarios::Value::Kind::kString) && !value.text.empty() &&
                     value.text.find_first_of(",[]{}\" \t\\") == std::string::npos;
  return plain ? value.text : to_json(value);
}

const Estimate& find(const std::vector<Estimate>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [name](const Estimate& each) { return each.metric == name; });
  if (found != list.end()) return *found;
  std::vector<std::string> known;
  for (const Estimate& each : list) known.push_back(each.metric);
  throw std::out_of_range("no metric " + scenarios::in_quotes(name) + " was measured; " +
                          scenarios::suggestion(name, known));
}

}  // namespace

const Estimate& SweptCell::metric(std::string_view name) const {
  return find(metrics, name);
}

const Estimate& SweptCell::difference(std::string_view name) const {
  return find(differences, name);
}

SweepResult::SweepResult(std::shared_ptr<const results::Plan> plan,
                         std::shared_ptr<const SweepReport> report)
    : plan_(std::move(plan)), report_(std::move(report)) {
  for (std::size_t cell = 0; cell < report_->cells.size(); ++cell) {
    cells_.push_back(cell_of(*plan_, *report_, cell));
  }
  if (report_->failing.empty()) return;
  const results::NotedRun& first = report_->failing.front();
  first_failure_ =
      SweptRun{first.cell, first.seed, first.verdict, first.what, "isrlab replay " + first.replay};
}

std::size_t SweepResult::runs() const {
  return report_->runs;
}

bool SweepResult::passed() const {
  return report_->failed_runs == 0 && report_->diverged_runs == 0;
}

std::vector<std::string> SweepResult::left_out() const {
  std::vector<std::string> list;
  for (const results::SkippedCell& each : plan_->skipped) {
    list.push_back(plan_->cell_label(each.values) + ": " + each.why);
  }
  return list;
}

std::size_t SweepResult::reached(std::string_view state) const {
  const auto known = scenarios::state_table();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].name == state) return report_->states[i];
    names.emplace_back(known[i].name);
  }
  throw std::out_of_range("there is no state " + scenarios::in_quotes(state) + "; " +
                          scenarios::suggestion(state, names));
}

std::size_t SweepResult::diverged() const {
  return report_->diverged_runs;
}

std::string SweepResult::text() const {
  return results::sweep_text(*plan_, *report_, false);
}

std::string SweepResult::json() const {
  return results::sweep_json(*plan_, *report_);
}

std::string SweepResult::html() const {
  return results::sweep_html(*plan_, *report_);
}

std::string SweepResult::csv() const {
  return results::sweep_csv(*plan_, *report_);
}

std::ostream& operator<<(std::ostream& stream, const SweepResult& result) {
  return stream << result.text();
}

Sweep::Sweep(Lab lab) : lab_(std::move(lab)) {}

Sweep& Sweep::seeds(std::uint64_t first, std::uint64_t last) {
  seeds_ = std::to_string(first) + ".." + std::to_string(last);
  return *this;
}

Sweep& Sweep::seeds(std::string_view list) {
  seeds_ = list;
  return *this;
}

Sweep& Sweep::vary(const std::string& pointer, const std::vector<Setting>& values) {
  std::string variation = pointer + "=";
  for (std::size_t i = 0; i < values.size(); ++i) {
    variation += (i == 0 ? "" : ",") + written(values[i]);
  }
  vary_.push_back(std::move(variation));
  return *this;
}

Sweep& Sweep::metric(std::string_view name) {
  metrics_.emplace_back(name);
  return *this;
}

Sweep& Sweep::stop_after(std::size_t failures) {
  stop_after_ = failures;
  return *this;
}

Sweep& Sweep::threads(unsigned count) {
  threads_ = count;
  return *this;
}

SweepResult Sweep::run() const {
  const std::string name = lab_.scenario()->name;  // throws what is wrong with the lab itself
  results::PlanRequest request;
  request.argument = request.file = name + ".json";
  request.text = lab_.json();
  request.seeds = seeds_;
  request.vary = vary_;
  request.metrics = metrics_;
  auto plan = std::make_shared<results::Plan>();
  std::string problem;
  if (!make_plan(request, *plan, problem)) {
    throw ScenarioError({{scenarios::Severity::kError, problem, {}, {}}}, name);
  }
  results::SweepOptions options;
  options.threads = threads_;
  options.stop_after = stop_after_;
  const results::SweepResult made = run_sweep(*plan, options);
  auto report = std::make_shared<SweepReport>(make_report(*plan, made));
  explain_first_failure(*plan, *report);
  return {std::move(plan), std::move(report)};
}

}  // namespace isrlab::lab
