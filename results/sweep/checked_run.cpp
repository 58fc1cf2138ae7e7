#include "results/sweep/checked_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/text.hpp"

namespace isrlab::results {

CheckedRun run_checked(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
                       const RunOptions& options, bool twice) {
  CheckedRun result;
  result.summary = run_scenario(scenario, seed, options);
  if (!twice || (options.stop && options.stop())) return result;
  constexpr std::uint32_t kBetweenLooks = 8192;
  std::uint32_t steps = 0;
  scenarios::Run again(scenario, seed);
  while (again.step(again.end())) {
    if (++steps % kBetweenLooks == 0 && options.stop && options.stop()) return result;
  }
  result.twice = true;
  result.second_digest = again.digest();
  return result;
}

bool is_unasked_violation(const InvariantResult& invariant, const Summary& summary) {
  if (invariant.held || !invariant.promised) return false;
  return std::none_of(summary.expectations.begin(), summary.expectations.end(),
                      [&](const ExpectationResult& each) {
                        return each.violation && each.text.starts_with(invariant.name);
                      });
}

std::string what_failed(const Summary& summary) {
  const auto first = [&](auto wanted) -> std::string {
    for (const ExpectationResult& each : summary.expectations) {
      if (!wanted(each)) continue;
      return fmt::format("{} {}: {}", kind_word(each.kind), each.text, each.detail);
    }
    return {};
  };
  std::string text = first([](const ExpectationResult& each) { return each.violation; });
  for (const InvariantResult& each : summary.invariants) {
    if (!text.empty() || !is_unasked_violation(each, summary)) continue;
    text = fmt::format("invariant {}: broke at {}: {}", each.name, clock_text(each.first_time),
                       each.first);
  }
  for (const Outcome outcome : {Outcome::kFailed, Outcome::kInconclusive}) {
    if (!text.empty()) break;
    text = first([outcome](const ExpectationResult& each) { return each.outcome == outcome; });
  }
  return text;
}

}  // namespace isrlab::results
