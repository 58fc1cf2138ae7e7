// The journal: lines there and back, torn lines, folders of other sweeps.
#include "results/sweep/journal.hpp"
#include "scenarios/format/loader.hpp"
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

Plan small_plan(const Folder& folder) {
  PlanRequest request = request_for(write_tiny(folder), "1..3");
  request.vary = {"/producers/p/config/acks=1,all"};
  request.metrics = {"elections", "lost"};
  return plan_of(request);
}

constexpr const char* kLine =
    R"({"cell":2,"seed":3,"verdict":"fail","digest":"00000000000000ff",)"
    R"("second":"00000000000000ff","values":[4,17],"states":["isr_expands","rebalance"],)"
    R"("broken":["log_matching"],"failed":[0,2]})";

}  // namespace

TEST_CASE("a line of the journal is a run, there and back") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  SweepRows rows(plan.runs(), 2);
  REQUIRE(read_journal_line(kLine, plan, rows));
  const std::size_t run = plan.run_index(1, 2);
  const RunRow& row = rows.row(run);
  CHECK(row.done);
  CHECK(row.twice);
  CHECK_FALSE(row.diverged());
  CHECK(row.verdict == Verdict::kFail);
  CHECK(row.digest == 255);
  CHECK(rows.values(run)[0] == 4);
  CHECK(rows.values(run)[1] == 17);
  CHECK(row.failed == 5);  // bits 0 and 2
  CHECK(rows.done() == 1);
  CHECK(journal_line(plan, run, rows) == std::string(kLine) + "\n");
}

TEST_CASE("lines that are no run of the plan are refused") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  SweepRows rows(plan.runs(), 2);
  const std::string good = kLine;
  const auto with = [&good](const std::string& part, const std::string& other) {
    std::string line = good;
    return line.replace(line.find(part), part.size(), other);
  };
  for (const std::string& line :
       {std::string(), std::string("{}"), std::string("[]"), good.substr(0, 40),
        with("\"cell\":2", "\"cell\":3"), with("\"cell\":2", "\"cell\":0"),
        with("\"seed\":3", "\"seed\":4"), with("\"fail\"", "\"fial\""), with("00ff", "0ff"),
        with("[4,17]", "[4]"), with("[4,17]", "[4,1.5]"), with("rebalance", "rebalanse"),
        with("[0,2]", "[64]")}) {
    INFO(line);
    CHECK_FALSE(read_journal_line(line, plan, rows));
  }
  CHECK(rows.done() == 0);
}

TEST_CASE("a torn last line is cut off, a damaged one passed over, and writing goes on") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  const auto home = folder.path() / "sweep";
  std::string problem;
  {
    Journal journal;
    SweepRows rows;
    REQUIRE(journal.open(home, plan, false, rows, problem));
    CHECK(rows.size() == 6);
    CHECK(rows.done() == 0);
  }
  const std::string whole = std::string(kLine) + "\n";
  std::ofstream(home / "journal.ndjson") << "nonsense\n"
                                         << whole << std::string(kLine).substr(0, 50);
  Journal journal;
  SweepRows rows;
  REQUIRE(journal.open(home, plan, true, rows, problem));
  CHECK(rows.done() == 1);
  CHECK(journal.passed_over() == 1);
  CHECK(bytes_of(home / "journal.ndjson") == "nonsense\n" + whole);
  const std::size_t run = plan.run_index(1, 2);
  REQUIRE(journal.append(plan, run, rows));
  CHECK(bytes_of(home / "journal.ndjson") == "nonsense\n" + whole + whole);
}

TEST_CASE("a last line without its newline is torn even if it reads well") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  const auto home = folder.path() / "sweep";
  std::string problem;
  SweepRows rows;
  { REQUIRE(Journal().open(home, plan, false, rows, problem)); }
  std::ofstream(home / "journal.ndjson") << kLine;
  Journal journal;
  REQUIRE(journal.open(home, plan, true, rows, problem));
  CHECK(rows.done() == 0);
  CHECK(bytes_of(home / "journal.ndjson").empty());
}

TEST_CASE("a folder belongs to one plan and one process") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  const auto home = folder.path() / "sweep";
  std::string problem;
  SweepRows rows;
  CHECK_FALSE(Journal().open(home, plan, true, rows, problem));
  CHECK(contains(problem, "no sweep"));
  Journal first;
  REQUIRE(first.open(home, plan, false, rows, problem));
  CHECK_FALSE(Journal().open(home, plan, false, rows, problem));
  CHECK(contains(problem, "another process"));
  PlanRequest other = plan.request;
  other.seeds = "1..4";
  CHECK_FALSE(Journal().open(home, plan_of(other), false, rows, problem));
  CHECK(contains(problem, "another sweep"));
}

TEST_CASE("the scenario of a swept run is found by its token") {
  const Folder folder;
  const Plan plan = small_plan(folder);
  std::string problem;
  SweepRows rows;
  REQUIRE(Journal().open(folder.path() / "all" / "sweep", plan, false, rows, problem));
  ReplayToken token;
  token.identity =
      ReplayToken::short_identity(isrlab::scenarios::scenario_identity(*plan.cells[1].scenario));
  const auto file = folder.path() / "all" / "sweep" / "cells" / "2.json";
  CHECK(find_swept_scenario(folder.path() / "all", token) == file);
  CHECK(find_swept_scenario(folder.path() / "all" / "sweep", token) == file);
  ++token.identity;
  CHECK(find_swept_scenario(folder.path() / "all", token).empty());
}
