// What a lab's result says, against the summary of the same run, and runs that go step by step.
#include "results/lab/lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/sweep_support.hpp"

namespace isrlab::lab {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("acks=1 loses, and the result says which records and why", "[lab]") {
  const Result result = Lab::library("acks-one-loss").run();
  CHECK(result.passed());
  CHECK(result.broken().empty());
  REQUIRE(result.losses().size() == 1);
  CHECK(result.lost() == result.losses()[0].records);
  CHECK(result.lost(AcksClass::kOne) == result.lost());
  CHECK(result.lost(AcksClass::kAll) == 0);
  CHECK(result.acked() > result.lost());
  CHECK(result.longest_outage("write") > 11s);
  CHECK(result.longest_outage("write acks=1") == result.longest_outage("write"));
  CHECK(result.longest_outage("read") == 0s);
  CHECK(result.why().find("records of clicks-0 lost (p1, acks=1)") != std::string::npos);
  CHECK(result.why().find("isrlab replay il1:acks-one-loss:1:") != std::string::npos);
  CHECK(result.text().find("AGAIN") != std::string::npos);
  CHECK(result.json().find("\"verdict\": \"pass\"") != std::string::npos);
}

TEST_CASE("an expectation that fails is told", "[lab]") {
  const Result result =
      Lab::library("leader-crash").limit("write_gap max < 5s").set("/duration", 60s).run(3);
  CHECK(result.verdict() == Verdict::kFail);
  CHECK(result.seed() == 3);
  CHECK(result.why().find("limit write_gap max < 5s: was") != std::string::npos);
}

TEST_CASE("what the configuration promises and breaks is told with its first event", "[lab]") {
  const auto scenario = Lab::library("hello").scenario();
  results::Summary summary;
  summary.scenario = "hello";
  summary.verdict = Verdict::kViolation;
  results::InvariantResult invariant;
  invariant.id = "S10";
  invariant.name = "hw_monotonic";
  summary.invariants.push_back(invariant);
  invariant.held = false;
  invariant.first_time = 3 * sim::kSecond;
  invariant.first_event = 17;
  invariant.first = "orders-0 went from 5 to 4";
  summary.invariants.push_back(invariant);
  invariant.promised = false;
  summary.invariants.push_back(invariant);
  const Result result(scenario, summary);
  CHECK_FALSE(result.passed());
  CHECK(result.invariants().size() == 3);
  REQUIRE(result.broken().size() == 1);
  CHECK(result.broken()[0].first_event == 17);
  CHECK(result.why().find("S10 hw_monotonic broke at 3.000: orders-0 went from 5 to 4") !=
        std::string::npos);
}

TEST_CASE("a saved run is loaded and run again with the same digest", "[lab]") {
  const results::test::Folder folder;
  const Result result = Lab::library("chaos-small").lasts(60s).run(5);
  const auto saved = result.save(folder.path());
  const Result again = Lab::file(saved / "scenario.json").run(5);
  CHECK(again.digest() == result.digest());
  CHECK(again.replay_command() == result.replay_command());
  CHECK(Lab::text(result.scenario_json(), "again").run(5).digest() == result.digest());
  CHECK(results::test::bytes_of(saved / "report.txt") == result.text());
  CHECK_THROWS_AS(result.save("/proc/none"), std::runtime_error);
}

TEST_CASE("a lab is started, looked into, copied and goes on as it would have", "[lab]") {
  const Lab lab = Lab::library("leader-crash");
  scenarios::Run run = lab.start(4);
  run.run_until(30 * sim::kSecond);
  CHECK(run.cluster().now() <= 30 * sim::kSecond);
  scenarios::Run copy = run;
  copy.run_until(copy.end());
  CHECK(copy.digest() == lab.run(4).digest());
}

}  // namespace isrlab::lab
