// The page and the table of a sweep, from rows made by hand.
#include "results/sweep/export.hpp"
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

/// Two cells of two seeds; elections 1 and 3 in the first, 5 and 5 in the second, which fails once.
SweepResult rows_of(const Plan& plan) {
  SweepResult result;
  result.counted = plan.runs();
  result.rows = SweepRows(plan.runs(), 2);
  constexpr std::int64_t kElections[2][2] = {{1, 3}, {5, 5}};
  for (std::size_t cell = 0; cell < 2; ++cell) {
    for (std::size_t seed = 0; seed < 2; ++seed) {
      const std::size_t run = plan.run_index(cell, seed);
      result.rows.row(run).done = true;
      result.rows.values(run)[0] = kElections[cell][seed];
      result.rows.values(run)[1] = kElections[cell][seed] * 1'000'000'000;
    }
  }
  result.rows.row(plan.run_index(1, 1)).verdict = Verdict::kFail;
  return result;
}

Plan two_cells(const Folder& folder) {
  PlanRequest request = request_for(write_tiny(folder), "1..2");
  request.vary = {"/producers/p/config/acks=1,all"};
  request.metrics = {"elections", "write_gap max"};
  return plan_of(request);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("the table has a line for a cell, times in nanoseconds") {
  const Folder folder;
  const Plan plan = two_cells(folder);
  const std::string csv = sweep_csv(plan, make_report(plan, rows_of(plan)));
  const std::string titles = csv.substr(0, csv.find("\r\n"));
  CHECK(titles ==
        "cell,acks,runs,pass,fail,violation,inconclusive,passed share,passed low,passed high,"
        "elections mean,elections low,elections high,elections p50,elections p99,elections max,"
        "write_gap max ns mean,write_gap max ns low,write_gap max ns high,write_gap max ns p50,"
        "write_gap max ns p99,write_gap max ns max");
  // Of 1 and 3: mean 2, standard error 1, and Student's t of one degree of freedom is 12.706205.
  // Wilson's interval of 2 of 2 begins at 1 / (1 + 1.959964^2 / 2) = 0.342380.
  CHECK(contains(csv,
                 "\r\n1,1,2,2,0,0,0,1.000000,0.342380,1.000000,2.000,-10.706,14.706,1,3,3,"
                 "2000000000,"));
  // Of 5 and 5 there is no spread; 1 of 2 is 0.5 with 0.094531..0.905469.
  CHECK(contains(csv,
                 "\r\n2,all,2,1,1,0,0,0.500000,0.094531,0.905469,5.000,5.000,5.000,5,5,5,"
                 "5000000000,5000000000,5000000000,5000000000,5000000000,5000000000\r\n"));
}

TEST_CASE("values with commas and quotes stand in quotes") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1..2");
  request.vary = {"/expect/limits=[\"lost count < 1\"],[\"lost count < 1\",\"lost count < 2\"]"};
  request.metrics = {"elections", "write_gap max"};
  const Plan plan = plan_of(request);
  const std::string csv = sweep_csv(plan, make_report(plan, rows_of(plan)));
  CHECK(contains(csv, "\r\n2,\"[\"\"lost count < 1\"\",\"\"lost count < 2\"\"]\",2,"));
}

TEST_CASE("the page stands alone: verdicts, metrics, differences, states, what failed") {
  const Folder folder;
  const Plan plan = two_cells(folder);
  const SweepReport report = make_report(plan, rows_of(plan));
  const std::string page = sweep_html(plan, report);
  CHECK(page.starts_with("<!doctype html>"));
  for (const char* outside : {"<script", "http", "@import", "url("}) {
    CHECK_FALSE(contains(page, outside));
  }
  CHECK(contains(page, "<div class=\"big\">100.0 %</div>"));
  CHECK(contains(page, "<div class=\"big\">50.0 %</div>"));
  CHECK(contains(page, "<i title=\"fail: 1\" style=\"width:50.0%;background:var(--fail)\"></i>"));
  CHECK(contains(page, "2.000 ± 12.706"));
  CHECK(contains(page, "p50 5.00 s · p99 5.00 s · max 5.00 s"));
  CHECK(contains(page, "isrlab replay il1:tiny:2:"));
  CHECK(contains(page, "isr_of_one"));
  for (const char* tag : {"table", "tr", "td", "th", "div", "h2", "p", "code", "i", "b", "u"}) {
    const std::string name = tag;
    INFO(name);
    const std::size_t opened = count_of(page, "<" + name + ">") + count_of(page, "<" + name + " ");
    CHECK(opened == count_of(page, "</" + name + ">"));
  }
}

TEST_CASE("a combination that cannot be has its place in the matrix, with the reason") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1..2");
  request.vary = {"/topics/t/replication.factor=1,2", "/topics/t/config/min.insync.replicas=1,2"};
  request.metrics = {"elections", "write_gap max"};
  const Plan plan = plan_of(request);
  REQUIRE(plan.skipped.size() == 1);
  const std::string page = sweep_html(plan, make_report(plan, rows_of(plan)));
  CHECK(count_of(page, ">cannot be</td>") == 3);  // in each of the three matrices
  CHECK(contains(page, "min.insync.replicas</th>"));
}
