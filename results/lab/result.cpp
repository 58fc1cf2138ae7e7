#include "results/lab/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "results/json.hpp"
#include "results/replay_token.hpp"
#include "results/report_text.hpp"
#include "results/run_folder.hpp"
#include "results/run_scenario.hpp"
#include "results/text.hpp"
#include "scenarios/chaos/swarm.hpp"

namespace isrlab::lab {

using results::RecordCounts;
using results::Summary;

namespace {

std::int64_t sum(const Summary& summary, AcksClass acks, std::int64_t RecordCounts::*member) {
  std::int64_t total = 0;
  for (const RecordCounts& counts : summary.records) {
    if (acks == AcksClass::kAny || counts.acks == acks) total += counts.*member;
  }
  return total;
}

}  // namespace

Result::Result(std::shared_ptr<const scenarios::Scenario> scenario, Summary summary)
    : scenario_(std::move(scenario)), summary_(std::move(summary)) {}

std::vector<results::InvariantResult> Result::broken() const {
  std::vector<results::InvariantResult> broken;
  for (const results::InvariantResult& invariant : summary_.invariants) {
    if (!invariant.held && invariant.promised) broken.push_back(invariant);
  }
  return broken;
}

std::int64_t Result::lost(AcksClass acks) const {
  return sum(summary_, acks, &RecordCounts::lost);
}

std::int64_t Result::acked(AcksClass acks) const {
  return sum(summary_, acks, &RecordCounts::acked);
}

std::chrono::nanoseconds Result::longest_outage(std::string_view operation) const {
  sim::Duration longest = 0;
  for (const results::Outage& outage : summary_.outages) {
    if (outage.operation.starts_with(operation)) longest = std::max(longest, outage.length());
  }
  return std::chrono::nanoseconds(longest);
}

std::string Result::replay_command() const {
  return fmt::format("isrlab replay {} {}.json", results::ReplayToken::of(summary_).text(),
                     results::safe_name(summary_.scenario));
}

std::string Result::scenario_json() const {
  return results::readable_scenario(*scenario_);
}

std::string Result::why() const {
  std::string text = fmt::format("{}: {}, seed {}, digest {}\n", results::verdict_name(verdict()),
                                 summary_.scenario, summary_.seed, results::hex16(summary_.digest));
  for (const results::InvariantResult& invariant : broken()) {
    text += fmt::format("  {} {} broke at {}: {}\n", invariant.id, invariant.name,
                        results::clock_text(invariant.first_time), invariant.first);
  }
  for (const results::ExpectationResult& each : summary_.expectations) {
    if (each.outcome == results::Outcome::kHeld || each.violation) continue;
    text += fmt::format("  {} {}: {}\n", results::kind_word(each.kind), each.text, each.detail);
  }
  for (const results::LostRange& range : summary_.losses) {
    text += fmt::format("  {} of {} lost ({}, {}): {}\n", results::counted(range.records, "record"),
                        range.name, range.producer, results::acks_name(range.acks), range.why);
  }
  return text + "  " + replay_command() + "\n";
}

std::string Result::text() const {
  const auto ran = scenarios::swarm_variant(scenario_, summary_.seed);
  return results::report_text(summary_, *ran);
}

std::string Result::json() const {
  return results::summary_json(summary_);
}

std::filesystem::path Result::save(const std::filesystem::path& base) const {
  results::SavedRun saved;
  results::RunOptions options;
  options.at_end = [&](const scenarios::Run& run, const Summary& summary) {
    saved = save_run(base, summary, make_run_files(run, summary, true));
  };
  results::run_scenario(scenario_, summary_.seed, options);
  if (!saved.problem.empty()) throw std::runtime_error(saved.problem);
  return saved.path;
}

std::ostream& operator<<(std::ostream& stream, const Result& result) {
  return stream << result.why();
}

}  // namespace isrlab::lab
