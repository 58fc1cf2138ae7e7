// Scenarios as a gate: exit codes, counts, JUnit.
#include "results/sweep/gate.hpp"
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

GateResult result_of(Verdict verdict) {
  GateResult result;
  result.done = true;
  result.loaded = true;
  result.name = "a";
  result.summary.verdict = verdict;
  return result;
}

GateResult not_loaded() {
  GateResult result;
  result.done = true;
  return result;
}

GateResult diverged() {
  GateResult result = result_of(Verdict::kPass);
  result.twice = true;
  result.second_digest = 1;
  return result;
}

}  // namespace

TEST_CASE("the exit code of a gate is the heaviest of 5, 4, 1, 2 and 3") {
  std::vector<GateResult> results = {result_of(Verdict::kPass)};
  CHECK(gate_exit_code(results) == 0);
  results.push_back(result_of(Verdict::kInconclusive));
  CHECK(gate_exit_code(results) == 3);
  results.push_back(not_loaded());
  CHECK(gate_exit_code(results) == 2);
  results.push_back(result_of(Verdict::kFail));
  CHECK(gate_exit_code(results) == 1);
  results.push_back(result_of(Verdict::kViolation));
  CHECK(gate_exit_code(results) == 4);
  results.push_back(diverged());
  CHECK(gate_exit_code(results) == 5);
  CHECK(count_results(results).text() == "1 passed, 3 failed, 1 inconclusive, 1 not loaded");
}

TEST_CASE("JUnit has a suite for a scenario, a case for an expectation, and no bare markup") {
  GateResult result = result_of(Verdict::kFail);
  result.name = "a<b";
  result.file = "a&b.json";
  ExpectationResult held;
  held.text = "log_matching";
  ExpectationResult failed;
  failed.kind = isrlab::scenarios::ExpectationKind::kLimit;
  failed.text = "lost count < \"3\"";
  failed.outcome = Outcome::kFailed;
  failed.detail = "was 7 > 3\x01";
  result.summary.expectations = {held, failed};
  result.summary.replay = "il1:x";
  const std::string xml = gate_junit({result, not_loaded()});
  CHECK(contains(xml, "<testsuites name=\"isrlab test\" tests=\"4\" failures=\"1\" errors=\"1\""));
  CHECK(contains(xml, "<testsuite name=\"a&lt;b\" tests=\"3\" failures=\"1\" errors=\"0\""));
  CHECK(contains(xml, "name=\"limit lost count &lt; &quot;3&quot;\""));
  CHECK(contains(xml, ">was 7 &gt; 3?\nisrlab replay il1:x 'a&amp;b.json'</failure>"));
  CHECK(contains(xml, "<testcase classname=\"a&lt;b\" name=\"always log_matching\" time=\"0\"/>"));
}

TEST_CASE("a gate runs its cases in parallel and tells them in order") {
  const Folder folder;
  const std::string good = write_tiny(folder).string();
  std::ofstream(folder.path() / "bad.json") << "{";
  const std::vector<GateCase> cases = {
      {(folder.path() / "bad.json").string(), "bad"}, {good, "tiny"}, {good, "tiny"}};
  std::vector<std::string> told;
  GateOptions options;
  options.threads = 3;
  options.twice = true;
  options.done = [&told](const GateResult& result) {
    told.push_back(result.name + " " + std::string(result.word()));
  };
  const auto results = run_gate(cases, options);
  CHECK(told == std::vector<std::string>{"bad NOT LOADED", "tiny PASS", "tiny PASS"});
  CHECK(results[1].twice);
  CHECK(results[1].summary.digest == results[2].summary.digest);
  CHECK(gate_exit_code(results) == 2);
}

TEST_CASE("fail-fast ends at the first case that did not pass, whoever was faster") {
  const Folder folder;
  const std::string good = write_tiny(folder).string();
  std::ofstream(folder.path() / "bad.json") << "{";
  const std::string bad = (folder.path() / "bad.json").string();
  for (const unsigned threads : {1u, 4u}) {
    std::vector<std::string> told;
    GateOptions options;
    options.threads = threads;
    options.fail_fast = true;
    options.done = [&told](const GateResult& result) { told.push_back(result.name); };
    const auto results =
        run_gate({{good, "a"}, {good, "b"}, {bad, "c"}, {good, "d"}, {bad, "e"}}, options);
    CHECK(told == std::vector<std::string>{"tiny", "tiny", "c"});
    CHECK(count_results(results).text() == "2 passed, 0 failed, 1 not loaded, 2 not run");
    CHECK(gate_exit_code(results) == 2);
  }
}
