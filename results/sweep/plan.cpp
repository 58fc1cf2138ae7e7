#include "results/sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/document.hpp"
#include "scenarios/format/loader.hpp"
#include "scenarios/format/spelling.hpp"
#include "sim/random.hpp"

namespace isrlab::results {
namespace {

using scenarios::in_quotes;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool read_seed(std::string_view text, std::uint64_t& seed) {
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return error == std::errc() && end == text.data() + text.size();
}

/// At commas that stand outside brackets, braces and quotes.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values(1);
  int depth = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (c == ',' && depth <= 0 && !quoted) {
      values.emplace_back();
    } else {
      values.back() += c;
    }
  }
  for (std::string& value : values) value = std::string(trimmed(value));
  return values;
}

std::string last_token(const std::string& pointer) {
  return pointer.substr(pointer.rfind('/') + 1);
}

scenarios::Overrides overrides_of(const PlanRequest& request, const std::vector<std::string>& set) {
  scenarios::Overrides overrides;
  overrides.set = request.set;
  overrides.set.insert(overrides.set.end(), set.begin(), set.end());
  overrides.faults = request.faults;
  overrides.require = request.require;
  overrides.duration = request.until;
  return overrides;
}

scenarios::LoadResult load_for(const PlanRequest& request, const scenarios::Overrides& overrides) {
  return request.text.empty()
             ? scenarios::load_scenario_file(request.file, overrides)
             : scenarios::load_scenario_text(request.text, request.file, overrides);
}

std::string first_error(const scenarios::LoadResult& loaded) {
  for (const scenarios::Problem& each : loaded.problems) {
    if (each.severity != scenarios::Severity::kError) continue;
    return each.fix.empty() ? each.what : each.what + "; " + each.fix;
  }
  return "it does not load";
}

/// The metric with an aggregate: its largest sample, or how many there were.
std::string with_aggregate(const std::string& asked) {
  const std::string_view text = trimmed(asked);
  const std::size_t end = std::min(text.find_first_of("( \t"), text.size());
  const scenarios::MetricInfo* metric = scenarios::find_metric(text.substr(0, end));
  if (metric == nullptr) return std::string(text);
  const bool argument = end < text.size() && text[end] == '(';
  const std::size_t close = argument ? std::min(text.find(')'), text.size() - 1) + 1 : end;
  if (!trimmed(text.substr(close)).empty()) return std::string(text);
  const auto& known = metric->aggregates;
  const bool max = std::find(known.begin(), known.end(), scenarios::Aggregate::kMax) != known.end();
  return std::string(text) + (max ? " max" : " count");
}

/// The name of a column: a count of things that are only counted needs no word for that.
std::string metric_name(const scenarios::Expectation& measure) {
  const scenarios::MetricInfo& metric = scenarios::info(measure.metric);
  const std::string argument = measure.argument.empty() ? "" : "(" + measure.argument + ")";
  const bool counted = std::find(metric.aggregates.begin(), metric.aggregates.end(),
                                 scenarios::Aggregate::kMax) == metric.aggregates.end();
  const std::string aggregate =
      counted ? "" : " " + std::string(scenarios::info(measure.aggregate).word);
  return std::string(metric.name) + argument + aggregate;
}

/// The loader reads limits, so it reads metrics: each becomes a limit that always holds.
bool read_metrics(const PlanRequest& request, Plan& plan, std::string& problem) {
  const std::vector<std::string> asked =
      request.metrics.empty() ? default_metrics() : request.metrics;
  scenarios::Value limits = scenarios::Value::list();
  for (const std::string& each : asked) {
    const std::string text = with_aggregate(each);
    const scenarios::MetricInfo* metric =
        scenarios::find_metric(text.substr(0, std::min(text.find_first_of("( \t"), text.size())));
    const bool time = metric != nullptr && metric->unit == scenarios::MetricUnit::kDuration &&
                      !text.ends_with(" count");
    limits.push(scenarios::Value::of_text(text + (time ? " >= 0s" : " >= 0")));
  }
  scenarios::Overrides overrides = overrides_of(request, plan.cells.front().set);
  overrides.set.push_back("/expect/limits=" + scenarios::to_json(limits));
  overrides.require.clear();
  const scenarios::LoadResult loaded = load_for(request, overrides);
  for (const scenarios::Problem& each : loaded.problems) {
    if (each.severity != scenarios::Severity::kError) continue;
    std::size_t index = 0;
    const std::string& pointer = each.location.pointer;
    const std::string number = last_token(pointer);
    std::from_chars(number.data(), number.data() + number.size(), index);
    problem = fmt::format("--metric {}: {}; {} (isrlab list metrics)",
                          in_quotes(asked[std::min(index, asked.size() - 1)]), each.what, each.fix);
    return false;
  }
  std::vector<scenarios::Expectation> measures;
  for (const scenarios::Expectation& each : loaded.scenario.expectations) {
    if (each.kind != scenarios::ExpectationKind::kLimit) continue;
    const bool time = scenarios::info(each.metric).unit == scenarios::MetricUnit::kDuration &&
                      each.aggregate != scenarios::Aggregate::kCount;
    plan.metrics.push_back({metric_name(each), time});
    measures.push_back(each);
  }
  plan.measures = std::make_shared<const std::vector<scenarios::Expectation>>(std::move(measures));
  return true;
}

bool read_variations(const PlanRequest& request, Plan& plan, std::string& problem) {
  std::size_t cells = 1;
  for (const std::string& text : request.vary) {
    Variation variation;
    if (!Variation::parse(text, variation, problem)) return false;
    for (const Variation& other : plan.variations) {
      if (other.pointer != variation.pointer) continue;
      problem = fmt::format("--vary {} is there twice; put all values into one", other.pointer);
      return false;
    }
    cells *= variation.values.size();
    plan.variations.push_back(std::move(variation));
    if (cells > kMostCells) {
      problem = fmt::format("--vary makes more than {} combinations; vary less", kMostCells);
      return false;
    }
  }
  return true;
}

/// Loads all combinations. One that does not load is left out, unless a value of it loads nowhere:
/// that is a mistake and no combination.
class GridLoader {
 public:
  GridLoader(const PlanRequest& request, Plan& plan) : request_(request), plan_(plan) {
    for (const Variation& each : plan.variations) good_.emplace_back(each.values.size(), false);
  }

  bool load(std::string& problem) {
    std::vector<std::size_t> digits(plan_.variations.size(), 0);
    do load_cell(digits);
    while (advance(digits));
    for (std::size_t v = 0; v < good_.size(); ++v) {
      for (std::size_t k = 0; k < good_[v].size(); ++k) {
        if (good_[v][k]) continue;
        const Variation& variation = plan_.variations[v];
        const std::string why = why_never(v, variation.values[k]);
        problem =
            why.starts_with("--set ")  // it cannot even be put in
                ? "--vary " + why.substr(6)
                : fmt::format("--vary {}={}: {}", variation.pointer, variation.values[k], why);
        return false;
      }
    }
    if (!plan_.cells.empty()) return true;
    problem = plan_.skipped.front().why;
    return false;
  }

 private:
  void load_cell(const std::vector<std::size_t>& digits) {
    Cell cell;
    for (std::size_t v = 0; v < digits.size(); ++v) {
      const Variation& variation = plan_.variations[v];
      cell.values.push_back(variation.values[digits[v]]);
      cell.set.push_back(variation.pointer + "=" + cell.values.back());
    }
    const scenarios::LoadResult loaded = load_for(request_, overrides_of(request_, cell.set));
    if (!loaded.ok()) {
      plan_.skipped.push_back({std::move(cell.values), first_error(loaded)});
      return;
    }
    for (std::size_t v = 0; v < digits.size(); ++v) good_[v][digits[v]] = true;
    cell.scenario = std::make_shared<const scenarios::Scenario>(loaded.scenario);
    plan_.cells.push_back(std::move(cell));
  }

  /// Counts up, the last digit fastest; false after the last.
  bool advance(std::vector<std::size_t>& digits) const {
    for (std::size_t v = digits.size(); v-- > 0;) {
      if (++digits[v] < plan_.variations[v].values.size()) return true;
      digits[v] = 0;
    }
    return false;
  }

  std::string why_never(std::size_t variation, const std::string& value) const {
    for (const SkippedCell& each : plan_.skipped) {
      if (each.values[variation] == value) return each.why;
    }
    return {};
  }

  const PlanRequest& request_;
  Plan& plan_;
  std::vector<std::vector<bool>> good_;  // by variation and value: loads somewhere
};

}  // namespace

bool SeedList::parse(std::string_view text, SeedList& seeds, std::string& problem) {
  seeds = {};
  const auto refuse = [&](std::string_view part, std::string_view why) {
    problem =
        fmt::format("--seeds {}: {}; write for example 1..1000 or 1..10,42", in_quotes(part), why);
    return false;
  };
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    at = end + 1;
    Range range;
    const std::size_t dots = part.find("..");
    const bool read = dots == std::string_view::npos
                          ? read_seed(part, range.first) && read_seed(part, range.last)
                          : read_seed(part.substr(0, dots), range.first) &&
                                read_seed(part.substr(dots + 2), range.last);
    if (!read) return refuse(part, "is no seed and no range of seeds");
    if (range.last < range.first) return refuse(part, "the range is empty");
    if (range.last - range.first >= kMostRuns) return refuse(part, "too many seeds");
    for (const Range& other : seeds.ranges_) {
      if (range.first <= other.last && other.first <= range.last) {
        return refuse(part, "some of these seeds are there already");
      }
    }
    seeds.size_ += range.count();
    seeds.ranges_.push_back(range);
  }
  return true;
}

std::uint64_t SeedList::at(std::size_t index) const {
  for (const Range& range : ranges_) {
    if (index < range.count()) return range.first + index;
    index -= range.count();
  }
  return 0;
}

std::optional<std::size_t> SeedList::find(std::uint64_t seed) const {
  std::size_t before = 0;
  for (const Range& range : ranges_) {
    if (seed >= range.first && seed <= range.last) {
      return before + static_cast<std::size_t>(seed - range.first);
    }
    before += range.count();
  }
  return std::nullopt;
}

std::string SeedList::text() const {
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ",";
    text += range.first == range.last ? fmt::format("{}", range.first)
                                      : fmt::format("{}..{}", range.first, range.last);
  }
  return text;
}

bool Variation::parse(const std::string& text, Variation& variation, std::string& problem) {
  variation = {};
  const auto refuse = [&](std::string_view why) {
    problem = fmt::format(
        "--vary {}: {}; write for example "
        "--vary /topics/orders/config/min.insync.replicas=1,2",
        in_quotes(text), why);
    return false;
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.front() != '/') return refuse("is no POINTER=V1,V2,...");
  variation.pointer = text.substr(0, equals);
  variation.values = split_values(std::string_view(text).substr(equals + 1));
  for (std::size_t i = 0; i < variation.values.size(); ++i) {
    const std::string& value = variation.values[i];
    if (value.empty()) return refuse("a value is empty");
    const auto here = variation.values.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(variation.values.begin(), here, value) != here) {
      return refuse("the value " + value + " is there twice");
    }
  }
  return true;
}

bool Shard::parse(std::string_view text, Shard& shard, std::string& problem) {
  shard = {};
  const std::size_t slash = text.find('/');
  std::uint64_t number = 0;
  std::uint64_t of = 0;
  const bool good = slash != std::string_view::npos && read_seed(text.substr(0, slash), number) &&
                    read_seed(text.substr(slash + 1), of) && number >= 1 && number <= of &&
                    of <= kMostShards;
  if (good) {
    shard = {static_cast<std::size_t>(number), static_cast<std::size_t>(of)};
    return true;
  }
  problem = fmt::format("--shard {}: is no share; write for example 3/16, the third of sixteen",
                        in_quotes(text));
  return false;
}

std::string Shard::text() const {
  return fmt::format("{}/{}", number, of);
}

std::size_t Plan::own_runs(std::size_t below) const {
  const std::size_t whole_seeds = below / cells.size();
  const std::size_t seeds_before = (whole_seeds + shard.of - shard.number) / shard.of;
  const bool last_too = whole_seeds % shard.of == shard.number - 1;
  return seeds_before * cells.size() + (last_too ? below % cells.size() : 0);
}

std::string Plan::variation_name(std::size_t variation) const {
  const std::string name = last_token(variations[variation].pointer);
  for (std::size_t other = 0; other < variations.size(); ++other) {
    if (other != variation && last_token(variations[other].pointer) == name) {
      return variations[variation].pointer;
    }
  }
  return name;
}

std::string Plan::cell_label(const std::vector<std::string>& values) const {
  std::string label;
  for (std::size_t v = 0; v < values.size(); ++v) {
    label += (v == 0 ? "" : ", ") + variation_name(v) + "=" + values[v];
  }
  return label;
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-=+:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Plan::run_command(std::size_t cell, std::uint64_t seed) const {
  std::string command = fmt::format("isrlab run {} --seed {}", shell_word(request.argument), seed);
  for (const std::string& each : request.set) command += " --set " + shell_word(each);
  for (const std::string& each : cells[cell].set) command += " --set " + shell_word(each);
  for (const std::string& each : request.faults) command += " --fault " + shell_word(each);
  for (const std::string& each : request.require) command += " --require " + shell_word(each);
  if (request.until) command += " --until " + shell_word(*request.until);
  return command;
}

std::uint64_t Plan::identity() const {
  std::string all = fmt::format("{}\n{}\n{}\n{}{}\n", code_version(), scenario, seeds.text(),
                                request.twice ? "twice" : "", request.check_invariants ? "+" : "-");
  for (const Metric& metric : metrics) all += metric.name + "\n";
  for (const Cell& cell : cells) {
    all += cell_label(cell.values) + "\n" + cell.scenario->canonical + "\n";
  }
  for (const SkippedCell& cell : skipped) all += cell_label(cell.values) + "\n";
  return sim::hash_name(all);
}

std::vector<std::string> default_metrics() {
  return {"write_gap", "read_gap", "detect_time", "elections", "lost", "duplicated"};
}

bool make_plan(const PlanRequest& request, Plan& plan, std::string& problem) {
  plan = {};
  plan.request = request;
  if (!SeedList::parse(request.seeds, plan.seeds, problem)) return false;
  if (!request.shard.empty() && !Shard::parse(request.shard, plan.shard, problem)) return false;
  if (!read_variations(request, plan, problem)) return false;
  if (!GridLoader(request, plan).load(problem)) return false;
  plan.scenario = plan.cells.front().scenario->name;
  if (plan.runs() > kMostRuns) {
    problem = fmt::format("{} seeds in {} cells are more than {} runs; sweep a part of them",
                          plan.seeds.size(), plan.cells.size(), kMostRuns);
    return false;
  }
  if (plan.shard.of > plan.seeds.size()) {
    problem = fmt::format("--shard {}: there are only {} seeds; take fewer shards or more seeds",
                          plan.shard.text(), plan.seeds.size());
    return false;
  }
  return read_metrics(request, plan, problem);
}

}  // namespace isrlab::results
