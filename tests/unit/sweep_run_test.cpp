// Sweeps: the same bytes with any number of threads and however often they are resumed, the runs
// that are made twice, stopping, and what the report says of rows made by hand.
#include "results/sweep/journal.hpp"
#include "results/sweep/report.hpp"
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

/// Holds for some seeds only: the first records wait for the metadata of a cluster that starts.
constexpr const char* kExpect =
    R"({ "always": ["no_acked_record_lost"], "limits": ["ack_latency(t) max < 300ms"] })";

Plan two_cells(const Folder& folder, const std::string& seeds) {
  PlanRequest request = request_for(write_tiny(folder, kExpect), seeds);
  request.vary = {"/producers/p/config/acks=1,all"};
  request.metrics = {"ack_latency max", "elections", "lost"};
  return plan_of(request);
}

std::string both_reports(const Plan& plan, const SweepResult& result) {
  const SweepReport report = make_report(plan, result);
  return sweep_text(plan, report, false) + sweep_json(plan, report);
}

/// Rows as if they had been run: every value is the seed's place, all pass.
SweepRows passed_rows(const Plan& plan) {
  SweepRows rows(plan.runs(), plan.metrics.size());
  for (std::size_t run = 0; run < plan.runs(); ++run) {
    rows.row(run).done = true;
    rows.row(run).digest = 100 + run;
    for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
      rows.values(run)[m] = static_cast<std::int64_t>(run / plan.cells.size());
    }
  }
  return rows;
}

SweepReport report_of(const Plan& plan, SweepRows rows) {
  SweepResult result;
  result.counted = plan.runs();
  result.rows = std::move(rows);
  return make_report(plan, result);
}

}  // namespace

TEST_CASE("a sweep gives the same bytes with one thread, two and many") {
  const Folder folder;
  const Plan plan = two_cells(folder, "1..12");
  std::string first;
  for (const unsigned threads : {1u, 2u, 9u}) {
    SweepOptions options;
    options.threads = threads;
    const SweepResult result = run_sweep(plan, options);
    CHECK(result.complete());
    CHECK(result.made == 24);
    if (first.empty()) first = both_reports(plan, result);
    CHECK(both_reports(plan, result) == first);
  }
}

TEST_CASE("a sweep that goes on from a cut journal gives the same bytes") {
  const Folder folder;
  const Plan plan = two_cells(folder, "1..8");
  const auto home = folder.path() / "sweep";
  const SweepResult whole = run_sweep(plan, {});
  SweepRows rows;
  std::string problem;
  {
    Journal journal;
    REQUIRE(journal.open(home, plan, false, rows, problem));
    CHECK(run_sweep(plan, {}, std::move(rows), &journal).made == 16);
  }
  const std::string lines = bytes_of(home / "journal.ndjson");
  for (const std::size_t cut : {std::size_t{0}, lines.size() / 3, lines.size() - 1}) {
    std::ofstream(home / "journal.ndjson", std::ios::trunc) << lines.substr(0, cut);
    Journal journal;
    REQUIRE(journal.open(home, plan, true, rows, problem));
    const std::size_t there = rows.done();
    CHECK(there < 16);
    const SweepResult rest = run_sweep(plan, {}, std::move(rows), &journal);
    CHECK(rest.made == 16 - there);
    CHECK(both_reports(plan, rest) == both_reports(plan, whole));
  }
  Journal journal;
  REQUIRE(journal.open(home, plan, true, rows, problem));
  CHECK(rows.done() == 16);
}

TEST_CASE("what is interrupted is not counted as done") {
  const Folder folder;
  const Plan plan = two_cells(folder, "1..8");
  SweepOptions options;
  options.stop = [] { return true; };
  const SweepResult result = run_sweep(plan, options);
  CHECK(result.made == 0);
  CHECK_FALSE(result.complete());
  const SweepReport report = make_report(plan, result);
  CHECK(contains(sweep_text(plan, report, false), "unfinished: 0 of 16 runs"));
}

TEST_CASE("one run of twenty is made twice, whichever the threads; all with --twice") {
  std::size_t chosen = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) chosen += is_rerun(0, seed);
  CHECK(chosen > 900);  // 1000 expected, standard deviation 31
  CHECK(chosen < 1100);
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1..3");
  request.twice = true;
  const Plan plan = plan_of(request);
  const SweepResult result = run_sweep(plan, {});
  const SweepReport report = make_report(plan, result);
  CHECK(report.twice == 3);
  CHECK(report.exit_code() == 0);
}

TEST_CASE("stopping after so many failures counts the same runs with any number of threads") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder, R"({ "limits": ["elections count == 7"] })"),
                                    "1..40");  // nothing is elected: every run fails
  const Plan plan = plan_of(request);
  for (const unsigned threads : {1u, 4u}) {
    SweepOptions options;
    options.threads = threads;
    options.stop_after = 3;
    const SweepResult result = run_sweep(plan, options);
    CHECK(result.counted == 3);
    CHECK(result.complete());
    SweepReport report = make_report(plan, result);
    CHECK(report.runs == 3);
    CHECK(report.exit_code() == 1);
    REQUIRE(report.failing.size() == 3);
    CHECK(report.failing[0].seed == 1);
    CHECK(report.failing[0].what == "limit elections count == 7");
    explain_first_failure(plan, report);
    CHECK(report.failing[0].what == "limit elections count == 7: was 0");
  }
}

TEST_CASE("a second digest that differs is told with both and the seed, and weighs most") {
  const Folder folder;
  const Plan plan = two_cells(folder, "5..7");
  SweepRows rows = passed_rows(plan);
  CHECK(report_of(plan, rows).exit_code() == 0);
  rows.row(0).verdict = Verdict::kInconclusive;
  CHECK(report_of(plan, rows).exit_code() == 3);
  rows.row(1).verdict = Verdict::kFail;
  CHECK(report_of(plan, rows).exit_code() == 1);
  rows.row(2).verdict = Verdict::kViolation;
  CHECK(report_of(plan, rows).exit_code() == 4);
  const std::size_t run = plan.run_index(1, 2);  // seed 7
  rows.row(run).twice = true;
  rows.row(run).digest = 0xabc;
  rows.row(run).second_digest = 0xdef;
  const SweepReport report = report_of(plan, rows);
  CHECK(report.exit_code() == 5);
  CHECK(contains(sweep_text(plan, report, false),
                 "cell 2 (all) seed 7: 0000000000000abc then 0000000000000def"));
}

TEST_CASE("failing runs are told by cell, then seed, the first eleven of them") {
  const Folder folder;
  const Plan plan = two_cells(folder, "1..30");
  SweepRows rows = passed_rows(plan);
  rows.row(plan.run_index(1, 0)).verdict = Verdict::kFail;
  for (std::size_t seed = 10; seed < 30; ++seed) {
    rows.row(plan.run_index(0, seed)).verdict = Verdict::kFail;
  }
  const SweepReport report = report_of(plan, rows);
  CHECK(report.failed_runs == 21);
  REQUIRE(report.failing.size() == 11);
  CHECK(report.failing.front().cell == 0);
  CHECK(report.failing.front().seed == 11);
  CHECK(report.failing.back().seed == 21);
  CHECK(report.failing.front().replay.starts_with("il1:tiny:11:"));
}

TEST_CASE("tables are worked out from the rows") {
  const Folder folder;
  const Plan plan = two_cells(folder, "1..5");
  SweepRows rows = passed_rows(plan);  // 0, 1, 2, 3, 4 in both cells
  const std::size_t elections = 1;
  for (std::size_t seed = 0; seed < 5; ++seed) {
    rows.values(plan.run_index(1, seed))[elections] += 3;
    rows.row(plan.run_index(0, seed)).states = 1;  // isr_shrinks, the first of the table
  }
  const SweepReport report = report_of(plan, rows);
  const MetricStats& first = report.cells[0].metrics[elections];
  CHECK(first.mean.mean == 2);
  CHECK(first.mean.half > 1.96324);  // sd sqrt(2.5), n 5: as in the test of the mean
  CHECK(first.mean.half < 1.96325);
  CHECK(first.p50 == 2);
  CHECK(first.p99 == 4);
  CHECK(first.max == 4);
  CHECK(first.above_zero.hits == 4);
  REQUIRE(report.differences.size() == 1);
  CHECK(report.differences[0].pairs == 5);
  CHECK(report.differences[0].metrics[elections].mean == 3);
  CHECK(report.differences[0].metrics[elections].half == 0);
  CHECK(report.states[0] == 5);
  CHECK(report.cells[1].states[0] == 0);
  const std::string text = sweep_text(plan, report, false);
  CHECK(contains(text, "never reached: isr_expands"));
  CHECK(contains(text, "isr_shrinks     5  50.0 %"));
}
