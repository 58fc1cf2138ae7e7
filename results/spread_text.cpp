#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/page.hpp"
#include "results/spread.hpp"
#include "results/text.hpp"
#include "results/version.hpp"

namespace isrlab::results {
namespace {

/// Thousandths, so that no text depends on how a library prints doubles.
std::int64_t thousandths(double value) {
  return static_cast<std::int64_t>(std::llround(value * 1000));
}

}  // namespace

std::string spread_text(const Spread& spread, const std::vector<RunDigest>& runs,
                        const std::string& scenario, bool colour) {
  Page page(colour);
  page.line(fmt::format("{} · {} · seeds {}..{} · {}",
                        page.ink(Ink::kBold, "isrlab " + std::string(code_version())),
                        page.ink(Ink::kBold, scenario), runs.front().seed, runs.back().seed,
                        counted(static_cast<std::int64_t>(spread.runs), "run")));
  std::vector<std::string> verdicts;
  for (const auto& [verdict, number] : spread.verdicts) {
    verdicts.push_back(fmt::format("{} {}", number, verdict_name(verdict)));
  }
  page.heading("VERDICTS", some_of(verdicts, 4));
  std::size_t told = 0;
  for (const RunDigest& run : runs) {
    if (run.verdict == Verdict::kPass || ++told > 5) continue;
    page.line(fmt::format("  {} seed {}: isrlab replay {}", verdict_name(run.verdict), run.seed,
                          run.replay));
  }
  if (told > 5) page.line(fmt::format("  and {} more", told - 5));
  page.heading("SPREAD");
  using Align = Table::Align;
  Table table({{"per run"},
               {"min", Align::kRight},
               {"p50", Align::kRight},
               {"p99", Align::kRight},
               {"max", Align::kRight},
               {"mean, 95 % interval", Align::kRight}});
  for (const SpreadRow& row : spread.rows) {
    const auto text = [&](std::int64_t value) {
      return row.time ? span_text(value) : grouped(value);
    };
    table.row({row.name, text(row.min), text(row.p50), text(row.p99), text(row.max),
               text(row.mean) + " ± " + text(row.confidence)});
  }
  table.print(page);
  if (spread.explained >= 0) {
    page.line(fmt::format("  gap = {} s + {} x detection; detection explains {} % of its variance",
                          decimal_text(spread.intercept_seconds), decimal_text(spread.slope),
                          thousandths(spread.explained) / 10));
  }
  return page.take();
}

std::string spread_json(const Spread& spread, const std::vector<RunDigest>& runs,
                        const std::string& scenario) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["schema"] = "isrlab-runs/1";
  json["scenario"] = scenario;
  json["runs"] = Json::array();
  for (const RunDigest& run : runs) {
    Json object;
    object["seed"] = run.seed;
    object["verdict"] = std::string(verdict_name(run.verdict));
    object["write_gap"] = run.write_gap;
    object["detection"] = run.detection;
    for (const RecordCounts& counts : run.records) {
      object["lost"][acks_name(counts.acks).substr(5)] = counts.lost;
      object["duplicated"][acks_name(counts.acks).substr(5)] = counts.duplicated;
    }
    object["replay"] = run.replay;
    json["runs"].push_back(std::move(object));
  }
  json["spread"] = Json::array();
  for (const SpreadRow& row : spread.rows) {
    json["spread"].push_back({{"name", row.name},
                              {"unit", row.time ? "ns" : "records"},
                              {"min", row.min},
                              {"p50", row.p50},
                              {"p99", row.p99},
                              {"max", row.max},
                              {"mean", row.mean},
                              {"confidence", row.confidence}});
  }
  return json.dump(2) + "\n";
}

}  // namespace isrlab::results
