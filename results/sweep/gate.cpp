#include "results/sweep/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "results/sweep/checked_run.hpp"
#include "results/sweep/plan.hpp"
#include "results/sweep/pool.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::results {
namespace {

void run_case(const GateCase& each, const GateOptions& options, GateResult& result) {
  const auto started = std::chrono::steady_clock::now();
  const scenarios::LoadResult loaded = scenarios::load_scenario_file(each.file);
  result.name = each.name;
  result.file = each.file;
  result.loaded = loaded.ok();
  if (!loaded.ok()) {
    result.problem = loaded.text();
    while (result.problem.ends_with('\n')) result.problem.pop_back();
    return;
  }
  result.name = loaded.scenario.name;
  const auto scenario = std::make_shared<const scenarios::Scenario>(loaded.scenario);
  RunOptions once;
  once.check_invariants = options.check_invariants;
  once.timeline = false;
  once.stop = options.stop;
  CheckedRun run =
      run_checked(scenario, options.seed.value_or(scenario->seed), once, options.twice);
  result.summary = std::move(run.summary);
  result.twice = run.twice;
  result.second_digest = run.second_digest;
  result.wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now() - started)
                       .count();
}

}  // namespace

std::string_view GateResult::word() const {
  if (!loaded) return "NOT LOADED";
  if (diverged()) return "DIVERGED";
  switch (summary.verdict) {
    case Verdict::kPass: return "PASS";
    case Verdict::kFail: return "FAIL";
    case Verdict::kViolation: return "VIOLATION";
    case Verdict::kInconclusive: return "INCONCLUSIVE";
  }
  return "";
}

std::string GateResult::what() const {
  if (!loaded) return problem.substr(0, problem.find('\n'));
  if (diverged()) {
    return fmt::format("digest {} the first time, {} the second", hex16(summary.digest),
                       hex16(second_digest));
  }
  return what_failed(summary);
}

std::string GateResult::again() const {
  return loaded ? fmt::format("isrlab replay {} {}", summary.replay, shell_word(file))
                : "isrlab validate " + shell_word(file);
}

namespace {

/// A gate in progress. Each case writes into its own result; the rest is shared.
class Gate {
 public:
  Gate(const std::vector<GateCase>& cases, const GateOptions& options)
      : cases_(cases),
        options_(options),
        results_(cases.size()),
        ready_(cases.size()),
        last_(cases.size()),
        broke_at_(cases.size()) {}

  std::vector<GateResult> run() {
    Pool(options_.threads)
        .run(
            cases_.size(), [this](std::size_t i) { make(i); },
            [this](std::size_t i) { return stopped() || i > last_; }, [this] { tell(); });
    for (std::size_t i = last_ + 1; i < results_.size(); ++i) results_[i].done = false;
    for (; told_ < results_.size(); ++told_) {
      if (results_[told_].done && options_.done) options_.done(results_[told_]);
    }
    return std::move(results_);
  }

 private:
  bool stopped() const { return options_.stop && options_.stop(); }

  void make(std::size_t i) {
    try {
      run_case(cases_[i], options_, results_[i]);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (i < broke_at_ && options_.broke) options_.broke(cases_[i]);
      broke_at_ = std::min(i, broke_at_);
      throw;
    }
    if (stopped()) return;  // perhaps cut short
    results_[i].done = true;
    if (options_.fail_fast && !results_[i].passed()) {
      const std::lock_guard lock(mutex_);
      last_ = std::min<std::size_t>(i, last_);
    }
    ++finished_;
    ready_[i] = true;
  }

  /// On the calling thread. A result is read once its flag is up; whether one behind a failure
  /// counts is known when all before it have been told.
  void tell() {
    for (; told_ < results_.size() && told_ <= last_ && ready_[told_]; ++told_) {
      if (options_.done) options_.done(results_[told_]);
    }
    if (options_.watch) options_.watch(finished_);
  }

  const std::vector<GateCase>& cases_;
  const GateOptions& options_;
  std::vector<GateResult> results_;
  std::vector<std::atomic<bool>> ready_;
  std::atomic<std::size_t> finished_{0};
  std::atomic<std::size_t> last_;  // the first that did not pass, with fail_fast
  std::size_t told_ = 0;
  std::mutex mutex_;
  std::size_t broke_at_;
};

}  // namespace

std::vector<GateResult> run_gate(const std::vector<GateCase>& cases, const GateOptions& options) {
  return Gate(cases, options).run();
}

GateCounts count_results(const std::vector<GateResult>& results) {
  GateCounts counts;
  for (const GateResult& each : results) {
    if (!each.done) {
      ++counts.not_run;
    } else if (!each.loaded) {
      ++counts.not_loaded;
    } else if (each.passed()) {
      ++counts.passed;
    } else if (!each.diverged() && each.summary.verdict == Verdict::kInconclusive) {
      ++counts.inconclusive;
    } else {
      ++counts.failed;
    }
  }
  return counts;
}

std::string GateCounts::text() const {
  std::string text = fmt::format("{} passed, {} failed", passed, failed);
  if (inconclusive > 0) text += fmt::format(", {} inconclusive", inconclusive);
  if (not_loaded > 0) text += fmt::format(", {} not loaded", not_loaded);
  if (not_run > 0) text += fmt::format(", {} not run", not_run);
  return text;
}

int gate_exit_code(const std::vector<GateResult>& results) {
  constexpr int kByWeight[] = {5, 4, 1, 2, 3};
  const auto code_of = [](const GateResult& each) {
    if (!each.done) return 0;
    if (!each.loaded) return 2;
    return each.diverged() ? 5 : exit_code(each.summary.verdict);
  };
  for (const int code : kByWeight) {
    if (std::any_of(results.begin(), results.end(),
                    [&](const GateResult& each) { return code_of(each) == code; })) {
      return code;
    }
  }
  return 0;
}

std::string gate_json(const std::vector<GateResult>& results) {
  using Json = nlohmann::ordered_json;
  const GateCounts counts = count_results(results);
  Json json;
  json["schema"] = "isrlab-test/1";
  json["isrlab"] = std::string(code_version());
  json["passed"] = counts.passed;
  json["failed"] = counts.failed;
  json["inconclusive"] = counts.inconclusive;
  json["not_loaded"] = counts.not_loaded;
  json["not_run"] = counts.not_run;
  json["exit_code"] = gate_exit_code(results);
  json["scenarios"] = Json::array();
  for (const GateResult& each : results) {
    if (!each.done) continue;
    Json object = {{"name", each.name}, {"file", each.file}, {"loaded", each.loaded}};
    if (each.loaded) {
      object["verdict"] = std::string(verdict_name(each.summary.verdict));
      object["seed"] = each.summary.seed;
      object["digest"] = hex16(each.summary.digest);
      if (each.twice) object["second_digest"] = hex16(each.second_digest);
      object["simulated"] = each.summary.simulated;
      object["expectations"] = each.summary.expectations.size();
      object["held"] =
          std::count_if(each.summary.expectations.begin(), each.summary.expectations.end(),
                        [](const ExpectationResult& one) { return one.outcome == Outcome::kHeld; });
      object["replay"] = each.summary.replay;
    } else {
      object["problem"] = each.problem;
    }
    object["what"] = each.what();
    json["scenarios"].push_back(std::move(object));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace isrlab::results
