// Loading a scenario: parse, apply overrides, read, check, canonicalise. The loader never throws
// for bad input and never stops at the first mistake: all problems of a file come back at once,
// each with JSON Pointer, line and what to do.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/format/overrides.hpp"
#include "scenarios/format/problem.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

struct LoadResult {
  std::string file;               // as given, for texts
  Scenario scenario;              // complete only when ok()
  std::vector<Problem> problems;  // errors and notes, by line

  bool ok() const;  // no errors; there may be notes
  std::string text() const { return problems_as_text(problems, file); }
  std::string json() const { return problems_as_json(problems, file); }
};

/// Reads a file of at most 16 MiB. A file that cannot be read is a problem too.
LoadResult load_scenario_file(const std::string& path, const Overrides& overrides = {});

/// The same from memory; `name` stands for the path in problems.
LoadResult load_scenario_text(std::string_view text, std::string_view name,
                              const Overrides& overrides = {});

/// The same from a document that was parsed or put together in code. Values that carry no line have
/// none in problems either.
LoadResult load_scenario_document(const Value& root, std::string_view name);

/// For callers that want an exception: throws ScenarioError with all problems.
Scenario load_scenario(const std::string& path, const Overrides& overrides = {});

/// 64-bit identity of a scenario: FNV-1a of its canonical form. Seed and prose do not count.
std::uint64_t scenario_identity(const Scenario& scenario);

}  // namespace isrlab::scenarios
