// JUnit XML of a gate. There is no official schema; this keeps to the elements and attributes that
// Jenkins, GitLab and GitHub's reporters read.
#include <fmt/format.h>

#include "results/sweep/checked_run.hpp"
#include "results/sweep/gate.hpp"
#include "results/text.hpp"

namespace isrlab::results {
namespace {

std::string seconds(std::int64_t ms) {
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

struct JunitCase {
  std::string name;
  std::string element;  // "failure" or "error"; empty if it passed
  std::string type;
  std::string message;
};

/// The run itself: does the file load, does the run repeat?
JunitCase run_case(const GateResult& result) {
  JunitCase run{"runs", "", "", ""};
  if (!result.loaded) run = {"runs", "error", "not loaded", result.problem};
  if (result.diverged()) run = {"runs", "error", "not deterministic", result.what()};
  return run;
}

std::vector<JunitCase> cases_of(const GateResult& result) {
  std::vector<JunitCase> cases = {run_case(result)};
  for (const ExpectationResult& each : result.summary.expectations) {
    JunitCase one{std::string(kind_word(each.kind)) + " " + each.text, "", "", each.detail};
    if (each.outcome != Outcome::kHeld) one.element = "failure";
    one.type = each.violation                           ? "violation"
               : each.outcome == Outcome::kInconclusive ? "inconclusive"
                                                        : "fail";
    cases.push_back(std::move(one));
  }
  for (const InvariantResult& each : result.summary.invariants) {
    if (!is_unasked_violation(each, result.summary)) continue;
    cases.push_back({"invariant " + each.name, "failure", "violation",
                     fmt::format("broke at {}: {}", clock_text(each.first_time), each.first)});
  }
  return cases;
}

std::string suite(const GateResult& result, std::size_t& tests, std::size_t& failures,
                  std::size_t& errors) {
  const std::vector<JunitCase> cases = cases_of(result);
  std::size_t failed = 0;
  std::size_t broken = 0;
  std::string body;
  const std::string name = markup_text(result.name);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const JunitCase& each = cases[i];
    failed += each.element == "failure";
    broken += each.element == "error";
    const std::string open =
        fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", name,
                    markup_text(each.name), i == 0 ? seconds(result.wall_ms) : "0");
    if (each.element.empty()) {
      body += open + "/>\n";
      continue;
    }
    std::string text = each.message;
    text += "\n" + result.again();
    body += fmt::format("{}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n",
                        open, each.element, each.type,
                        markup_text(each.message.substr(0, each.message.find('\n'))),
                        markup_text(text), each.element);
  }
  tests += cases.size();
  failures += failed;
  errors += broken;
  const auto property = [](std::string_view key, const std::string& value) {
    return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", key, markup_text(value));
  };
  std::string properties = property("file", result.file);
  if (result.loaded) {
    properties += property("seed", std::to_string(result.summary.seed)) +
                  property("digest", hex16(result.summary.digest)) +
                  property("simulated", sim::format_duration(result.summary.simulated)) +
                  property("replay", result.again());
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" "
      "time=\"{}\">\n    <properties>\n{}    </properties>\n{}  </testsuite>\n",
      name, cases.size(), failed, broken, seconds(result.wall_ms), properties, body);
}

}  // namespace

std::string gate_junit(const std::vector<GateResult>& results) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::int64_t wall_ms = 0;
  std::string suites;
  for (const GateResult& each : results) {
    if (!each.done) continue;
    suites += suite(each, tests, failures, errors);
    wall_ms += each.wall_ms;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"isrlab test\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" time=\"{}\">\n{}</testsuites>\n",
      tests, failures, errors, seconds(wall_ms), suites);
}

}  // namespace isrlab::results
