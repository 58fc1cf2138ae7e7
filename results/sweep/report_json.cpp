// The report of a sweep as one JSON object.
#include <cmath>
#include <nlohmann/json.hpp>

#include "results/sweep/report.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::results {
namespace {

using Json = nlohmann::ordered_json;

/// Nanoseconds whole, other numbers with three decimals: enough, and the same on every machine.
Json rounded(const Metric& metric, double value) {
  if (metric.time) return static_cast<std::int64_t>(std::llround(value));
  return std::round(value * 1000) / 1000;
}

Json share(const Proportion& proportion) {
  const auto digits = [](double value) { return std::round(value * 1e6) / 1e6; };
  return {{"runs", proportion.hits},
          {"share", digits(proportion.share())},
          {"low", digits(proportion.low)},
          {"high", digits(proportion.high)}};
}

void put_mean(const Metric& metric, const MeanEstimate& mean, Json& object) {
  object["mean"] = rounded(metric, mean.mean);
  if (mean.known()) {
    object["low"] = rounded(metric, mean.mean - mean.half);
    object["high"] = rounded(metric, mean.mean + mean.half);
  } else {
    object["low"] = nullptr;
    object["high"] = nullptr;
  }
}

Json named(const std::vector<Named>& list) {
  Json json = Json::array();
  for (const auto& [name, runs] : list) json.push_back({{"name", name}, {"runs", runs}});
  return json;
}

Json verdicts(const std::array<std::size_t, 4>& counts) {
  Json json;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    json[std::string(verdict_name(static_cast<Verdict>(i)))] = counts[i];
  }
  return json;
}

Json states(const std::vector<std::size_t>& counts) {
  Json json = Json::object();
  const auto known = scenarios::state_table();
  for (std::size_t i = 0; i < known.size(); ++i) json[std::string(known[i].name)] = counts[i];
  return json;
}

Json settings(const Plan& plan, const std::vector<std::string>& values) {
  Json json = Json::object();
  for (std::size_t v = 0; v < values.size(); ++v) json[plan.variations[v].pointer] = values[v];
  return json;
}

Json cell_json(const Plan& plan, const CellStats& stats, std::size_t cell) {
  Json json;
  json["cell"] = cell + 1;
  json["settings"] = settings(plan, plan.cells[cell].values);
  json["runs"] = stats.runs;
  json["verdicts"] = verdicts(stats.verdicts);
  json["passed"] = share(stats.passed);
  json["broken"] = named(stats.broken);
  json["failed"] = named(stats.failed);
  json["metrics"] = Json::array();
  for (std::size_t m = 0; m < stats.metrics.size(); ++m) {
    const Metric& metric = plan.metrics[m];
    const MetricStats& each = stats.metrics[m];
    Json object = {{"name", metric.name}, {"unit", metric.time ? "ns" : "number"}};
    put_mean(metric, each.mean, object);
    object["p50"] = each.p50;
    object["p99"] = each.p99;
    object["max"] = each.max;
    object["above_zero"] = share(each.above_zero);
    json["metrics"].push_back(std::move(object));
  }
  json["states"] = states(stats.states);
  return json;
}

Json noted(const std::vector<NotedRun>& runs, bool with_second) {
  Json json = Json::array();
  for (const NotedRun& run : runs) {
    Json object = {{"cell", run.cell + 1},
                   {"seed", run.seed},
                   {"verdict", std::string(verdict_name(run.verdict))},
                   {"digest", hex16(run.digest)}};
    if (with_second) object["second_digest"] = hex16(run.second_digest);
    object["what"] = run.what;
    object["replay"] = run.replay;
    json.push_back(std::move(object));
  }
  return json;
}

Json differences(const Plan& plan, const SweepReport& report) {
  Json json = Json::array();
  for (const CellDifference& each : report.differences) {
    Json object = {{"cell", each.cell + 1}, {"from", 1}, {"pairs", each.pairs}};
    object["metrics"] = Json::array();
    for (std::size_t m = 0; m < each.metrics.size(); ++m) {
      Json metric = {{"name", plan.metrics[m].name}};
      put_mean(plan.metrics[m], each.metrics[m], metric);
      object["metrics"].push_back(std::move(metric));
    }
    json.push_back(std::move(object));
  }
  return json;
}

}  // namespace

std::string sweep_json(const Plan& plan, const SweepReport& report) {
  Json json;
  json["schema"] = "isrlab-sweep/1";
  json["isrlab"] = std::string(code_version());
  json["scenario"] = plan.scenario;
  json["seeds"] = plan.seeds.text();
  if (!plan.shard.whole()) json["shard"] = plan.shard.text();
  json["planned"] = report.planned;
  json["runs"] = report.runs;
  json["complete"] = report.complete;
  json["exit_code"] = report.exit_code();
  json["verdicts"] = verdicts(report.verdicts);
  json["twice"] = {{"runs", report.twice}, {"diverged", report.diverged_runs}};
  json["cells"] = Json::array();
  for (std::size_t cell = 0; cell < report.cells.size(); ++cell) {
    json["cells"].push_back(cell_json(plan, report.cells[cell], cell));
  }
  json["left_out"] = Json::array();
  for (const SkippedCell& cell : plan.skipped) {
    json["left_out"].push_back({{"settings", settings(plan, cell.values)}, {"why", cell.why}});
  }
  json["differences"] = differences(plan, report);
  json["states"] = states(report.states);
  json["never_reached"] = Json::array();
  const auto known = scenarios::state_table();
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (report.states[i] == 0) json["never_reached"].push_back(std::string(known[i].name));
  }
  json["failed_runs"] = report.failed_runs;
  json["failing"] = noted(report.failing, false);
  json["inconclusive"] = noted(report.undecided, false);
  json["diverged"] = noted(report.diverged, true);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace isrlab::results
