// Truth over time, verdicts, books against logs, replay tokens.
#include "results/expectations.hpp"
#include "results/ledger.hpp"
#include "results/logs.hpp"
#include "results/replay_token.hpp"
#include "results/spread.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab;
using namespace isrlab::results;

TEST_CASE("when a condition was first true within a window") {
  TruthOverTime truth;
  truth.note(5, false);  // false before the first change anyway
  truth.note(10, true);
  truth.note(12, true);
  truth.note(20, false);
  truth.note(40, true);
  CHECK(truth.changes.size() == 3);
  CHECK(truth.now());
  CHECK(truth.first_true(0, 9) == -1);
  CHECK(truth.first_true(0, 10) == 10);
  CHECK(truth.first_true(15, 30) == 15);  // true already when the clock starts
  CHECK(truth.first_true(20, 39) == -1);
  CHECK(truth.first_true(20, 50) == 40);
  CHECK(TruthOverTime().first_true(0, 100) == -1);
}

TEST_CASE("comparisons") {
  using scenarios::Comparison;
  CHECK(compares(1, Comparison::kLess, 2));
  CHECK_FALSE(compares(2, Comparison::kLess, 2));
  CHECK(compares(2, Comparison::kLessEqual, 2));
  CHECK(compares(2, Comparison::kEqual, 2));
  CHECK(compares(1, Comparison::kNotEqual, 2));
  CHECK(compares(2, Comparison::kGreaterEqual, 2));
  CHECK_FALSE(compares(2, Comparison::kGreater, 2));
}

namespace {
ExpectationResult with(Outcome outcome, bool violation = false) {
  ExpectationResult result;
  result.outcome = outcome;
  result.violation = violation;
  return result;
}
InvariantResult broken(bool promised) {
  InvariantResult result;
  result.held = false;
  result.promised = promised;
  return result;
}
}  // namespace

TEST_CASE("the verdict is the heaviest of its causes") {
  Summary summary;
  CHECK(verdict_of(summary) == Verdict::kPass);
  summary.expectations.push_back(with(Outcome::kHeld));
  CHECK(exit_code(verdict_of(summary)) == 0);
  summary.expectations.push_back(with(Outcome::kInconclusive));
  CHECK(exit_code(verdict_of(summary)) == 3);
  summary.invariants.push_back(broken(false));  // not promised: counted, no failure
  CHECK(exit_code(verdict_of(summary)) == 3);
  summary.expectations.push_back(with(Outcome::kFailed));
  CHECK(exit_code(verdict_of(summary)) == 1);
  summary.invariants.push_back(broken(true));  // even if no expectation names it
  CHECK(exit_code(verdict_of(summary)) == 4);
  CHECK(heavier(Verdict::kFail, Verdict::kInconclusive) == Verdict::kFail);
  CHECK(heavier(Verdict::kPass, Verdict::kPass) == Verdict::kPass);
}

TEST_CASE("ranges of records join and may come out of order") {
  std::vector<RecordRange> ranges;
  add_range(ranges, 0, 5);
  add_range(ranges, 5, 9);
  REQUIRE(ranges.size() == 1);
  add_range(ranges, 20, 25);
  add_range(ranges, 12, 14);
  REQUIRE(ranges.size() == 3);
  add_range(ranges, 9, 20);
  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].first == 0);
  CHECK(ranges[0].last == 25);
}

TEST_CASE("what is missing from a log") {
  const std::vector<RecordRange> acked = {{0, 10}, {20, 30}};
  const auto check = [&](const std::vector<RecordRange>& present,
                         const std::vector<std::pair<std::uint64_t, std::uint64_t>>& wanted) {
    const auto missing = missing_ranges(acked, present);
    REQUIRE(missing.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CHECK(missing[i].first == wanted[i].first);
      CHECK(missing[i].last == wanted[i].second);
    }
  };
  check({{0, 30}}, {});
  check({}, {{0, 10}, {20, 30}});
  check({{0, 8}, {22, 40}}, {{8, 10}, {20, 22}});
  check({{2, 3}, {5, 6}}, {{0, 2}, {3, 5}, {6, 10}, {20, 30}});
  check({{5, 25}}, {{0, 5}, {25, 30}});
}

TEST_CASE("copies and changed order in a log") {
  LogContent content;
  content.add(0, 5);
  content.add(5, 5);
  CHECK(content.duplicated == 0);
  CHECK(content.reordered == 0);
  SECTION("a batch appended twice is a copy, not a change of order") {
    content.add(5, 5);
    CHECK(content.duplicated == 5);
    CHECK(content.reordered == 0);
  }
  SECTION("a batch that overtook another") {
    content.add(15, 5);
    content.add(10, 5);
    CHECK(content.duplicated == 0);
    CHECK(content.reordered == 5);
    CHECK(content.present.size() == 1);
  }
}

TEST_CASE("a replay token reads back") {
  Summary summary;
  summary.scenario = "leader-crash";
  summary.seed = 7;
  summary.identity = 0x0123456789abcdefULL;
  summary.digest = 0xfedcba9876543210ULL;
  const std::string text = ReplayToken::of(summary).text();
  CHECK(text.rfind("il1:leader-crash:7:01234567:fedcba9876543210:", 0) == 0);
  ReplayToken token;
  std::string problem;
  REQUIRE(ReplayToken::parse(text, token, problem));
  CHECK(token.scenario == "leader-crash");
  CHECK(token.seed == 7);
  CHECK(token.identity == 0x01234567U);
  CHECK(token.digest == 0xfedcba9876543210ULL);
  for (const char* bad :
       {"", "il1", "il2:a:1:01234567:fedcba9876543210:1", "il1:a:x:01234567:fedcba9876543210:1",
        "il1:a:1:0123:fedcba9876543210:1", "il1::1:01234567:fedcba9876543210:1",
        "il1:a:1:01234567:fedcba9876543210"}) {
    CHECK_FALSE(ReplayToken::parse(bad, token, problem));
    CHECK_FALSE(problem.empty());
  }
}

TEST_CASE("the spread of many runs") {
  std::vector<RunDigest> runs;
  for (std::int64_t i = 1; i <= 5; ++i) {
    RunDigest run;
    run.seed = static_cast<std::uint64_t>(i);
    run.detection = i * sim::kSecond;
    run.write_gap = 2 * i * sim::kSecond + sim::kSecond;  // gap = 1 s + 2 x detection
    runs.push_back(run);
  }
  const Spread spread = spread_of(runs);
  REQUIRE(spread.rows.size() == 2);
  CHECK(spread.rows[0].min == 3 * sim::kSecond);
  CHECK(spread.rows[0].p50 == 7 * sim::kSecond);
  CHECK(spread.rows[0].max == 11 * sim::kSecond);
  CHECK(spread.rows[1].mean == 3 * sim::kSecond);
  // Sample deviation of 1..5 s is 1.58114 s; Student's t for 4 degrees of freedom is 2.776445;
  // 2.776445 * 1.58114 / sqrt(5) = 1.963243 s.
  CHECK(spread.rows[1].confidence == Approx(1'963'243'000).margin(2'000));
  CHECK(spread.slope == Approx(2.0));
  CHECK(spread.intercept_seconds == Approx(1.0));
  CHECK(spread.explained == Approx(1.0));
}
