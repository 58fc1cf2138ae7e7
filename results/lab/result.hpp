// What came out of one run of a lab: verdict, what broke and why, what was lost, how long reads and
// writes were out, and how to see it again.
#pragma once
#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "results/summary.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::lab {

using results::Verdict;
using scenarios::AcksClass;

class Result {
 public:
  Result(std::shared_ptr<const scenarios::Scenario> scenario, results::Summary summary);

  /// pass; fail: an expectation of the scenario; violation: an invariant that the configuration
  /// promises; inconclusive: the run ended too early to say.
  Verdict verdict() const { return summary_.verdict; }
  bool passed() const { return verdict() == Verdict::kPass; }

  /// Broken invariants that the configuration promises: name, how often, and of the first time when
  /// (ns), the kept event and a sentence. Empty in a sound run, whatever it expects.
  std::vector<results::InvariantResult> broken() const;
  /// All that were checked, also those that the configuration does not promise.
  const std::vector<results::InvariantResult>& invariants() const { return summary_.invariants; }

  /// Acknowledged records that are in no leader's log at the end.
  std::int64_t lost(AcksClass acks = AcksClass::kAny) const;
  /// Acknowledged records, for a test to know that it tested something.
  std::int64_t acked(AcksClass acks = AcksClass::kAny) const;
  /// Which ones: producer, partition, offsets, and a sentence that says why.
  const std::vector<results::LostRange>& losses() const { return summary_.losses; }

  /// When nobody could read or write a partition, longest first, and the parts of each.
  const std::vector<results::Outage>& outages() const { return summary_.outages; }
  /// The longest outage whose operation begins with these words: "write", "write acks=1", "read";
  /// zero if there was none.
  std::chrono::nanoseconds longest_outage(std::string_view operation) const;

  std::uint64_t seed() const { return summary_.seed; }
  /// Hash of the history: equal for equal runs, on every machine.
  std::uint64_t digest() const { return summary_.digest; }
  const results::Summary& summary() const { return summary_; }
  const std::shared_ptr<const scenarios::Scenario>& scenario() const { return scenario_; }

  /// The command that makes this run again. It needs the scenario of the run: a library scenario
  /// that was not changed, a folder that save() wrote, or scenario_json() as the file it names.
  std::string replay_command() const;
  /// The scenario of the run after defaults, as a file that `isrlab` runs.
  std::string scenario_json() const;
  /// Verdict, what failed, what was lost and the command, in a few lines.
  std::string why() const;
  /// The report that `isrlab run` prints; its JSON (`--format json`).
  std::string text() const;
  std::string json() const;
  /// Makes the run again and writes its folder under `base` as `isrlab run` does, with scenario and
  /// events; returns the folder, for `isrlab replay FOLDER`. Throws std::runtime_error if it cannot
  /// be written.
  std::filesystem::path save(const std::filesystem::path& base) const;

 private:
  std::shared_ptr<const scenarios::Scenario> scenario_;
  results::Summary summary_;
};

/// why().
std::ostream& operator<<(std::ostream& stream, const Result& result);

}  // namespace isrlab::lab
