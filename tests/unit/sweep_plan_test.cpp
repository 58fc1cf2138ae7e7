// Seeds, variations and the grid of a sweep.
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

bool good_seeds(const std::string& text) {
  SeedList seeds;
  std::string problem;
  return SeedList::parse(text, seeds, problem);
}

bool good_variation(const std::string& text) {
  Variation variation;
  std::string problem;
  return Variation::parse(text, variation, problem);
}

}  // namespace

TEST_CASE("seeds are numbers and ranges") {
  SeedList seeds;
  std::string problem;
  REQUIRE(SeedList::parse("3..5,42", seeds, problem));
  CHECK(seeds.size() == 4);
  CHECK(seeds.at(0) == 3);
  CHECK(seeds.at(2) == 5);
  CHECK(seeds.at(3) == 42);
  CHECK(seeds.find(42) == std::size_t{3});
  CHECK_FALSE(seeds.find(6));
  CHECK(seeds.text() == "3..5,42");
  CHECK(good_seeds("18446744073709551615"));
}

TEST_CASE("seeds that are no seeds are refused") {
  for (const char* text :
       {"", "x", "1..", "5..3", "1..3,2", "7,7", "-1", "1...3", "1..99999999999"}) {
    INFO(text);
    CHECK_FALSE(good_seeds(text));
  }
}

TEST_CASE("values of a variation are split at commas outside brackets and quotes") {
  Variation variation;
  std::string problem;
  REQUIRE(Variation::parse("/a/b=1, [2,3],{\"x\":1,\"y\":2},\"p,q\"", variation, problem));
  CHECK(variation.pointer == "/a/b");
  CHECK(variation.values == std::vector<std::string>{"1", "[2,3]", "{\"x\":1,\"y\":2}", "\"p,q\""});
  for (const char* text : {"/a", "a=1", "/a=", "/a=1,,2", "/a=1,1"}) {
    INFO(text);
    CHECK_FALSE(good_variation(text));
  }
}

TEST_CASE("the last variation turns fastest, and all cells of a seed run together") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "7..8");
  request.vary = {"/producers/p/config/acks=1,all", "/producers/p/rate=10/s,20/s"};
  const Plan plan = plan_of(request);
  REQUIRE(plan.cells.size() == 4);
  CHECK(plan.cell_label(plan.cells[0].values) == "acks=1, rate=10/s");
  CHECK(plan.cell_label(plan.cells[1].values) == "acks=1, rate=20/s");
  CHECK(plan.cell_label(plan.cells[2].values) == "acks=all, rate=10/s");
  CHECK(plan.cell_label(plan.cells[3].values) == "acks=all, rate=20/s");
  CHECK(plan.runs() == 8);
  CHECK(plan.seed_of(3) == 7);
  CHECK(plan.cell_of(3) == 3);
  CHECK(plan.seed_of(4) == 8);
  CHECK(plan.cell_of(4) == 0);
  CHECK(plan.run_index(2, 1) == 6);
  CHECK(plan.run_command(1, 8) ==
        "isrlab run tiny.json --seed 8 --set /producers/p/config/acks=1 "
        "--set /producers/p/rate=20/s");
}

TEST_CASE("a combination that cannot be is left out, a value that never can is an error") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1");
  request.vary = {"/topics/t/replication.factor=1,2", "/topics/t/config/min.insync.replicas=1,2"};
  const Plan plan = plan_of(request);
  CHECK(plan.cells.size() == 3);
  REQUIRE(plan.skipped.size() == 1);
  CHECK(plan.cell_label(plan.skipped[0].values) == "replication.factor=1, min.insync.replicas=2");
  CHECK_FALSE(plan.skipped[0].why.empty());
  request.vary[1] = "/topics/t/config/min.insync.replicas=1,3";
  CHECK(contains(refusal_of(request), "--vary /topics/t/config/min.insync.replicas=3: "));
  request.vary = {"/topics/nosuch/partitions=1,2"};
  CHECK(contains(refusal_of(request), "--vary \"/topics/nosuch/partitions=1\": "));
}

TEST_CASE("metrics are read as limits are") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1");
  request.metrics = {"write_gap(t-0) p99", "elections", "ack_latency count", "lost(acks=all)",
                     "offline_partitions"};
  const Plan plan = plan_of(request);
  REQUIRE(plan.metrics.size() == 5);
  CHECK(plan.metrics[0].name == "write_gap(t-0) p99");
  CHECK(plan.metrics[0].time);
  CHECK(plan.metrics[1].name == "elections");
  CHECK_FALSE(plan.metrics[1].time);
  CHECK(plan.metrics[2].name == "ack_latency count");
  CHECK_FALSE(plan.metrics[2].time);
  CHECK(plan.metrics[3].name == "lost(acks=all)");
  CHECK(plan.metrics[4].name == "offline_partitions max");
  request.metrics = {"elections", "write_gpa"};
  CHECK(contains(refusal_of(request), "--metric \"write_gpa\""));
  CHECK(contains(refusal_of(request), "write_gap"));
  request.metrics = {"write_gap(nosuch)"};
  CHECK(contains(refusal_of(request), "nosuch"));
}

TEST_CASE("the identity of a plan covers what determines its results, and no more") {
  const Folder folder;
  const PlanRequest request = request_for(write_tiny(folder), "1..3");
  const std::uint64_t identity = plan_of(request).identity();
  CHECK(plan_of(request).identity() == identity);
  PlanRequest other = request;
  other.seeds = "1..4";
  CHECK(plan_of(other).identity() != identity);
  other = request;
  other.until = "11s";
  CHECK(plan_of(other).identity() != identity);
  other = request;
  other.metrics = {"elections"};
  CHECK(plan_of(other).identity() != identity);
  other = request;
  other.argument = "./tiny.json";
  CHECK(plan_of(other).identity() == identity);
}

TEST_CASE("words for the shell") {
  CHECK(shell_word("/a/b=1,2") == "/a/b=1,2");
  CHECK(shell_word("at 5s kill x") == "'at 5s kill x'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
}

TEST_CASE("a required limit stands beside those of the scenario, in every cell and command") {
  const Folder folder;
  const auto file = write_tiny(folder, R"({ "limits": ["lost count == 0"] })");
  PlanRequest request = request_for(file, "1");
  request.vary = {"/producers/p/config/acks=1,all"};
  const std::uint64_t without = plan_of(request).identity();
  request.require = {"write_gap(t) max < 20s"};
  const Plan plan = plan_of(request);
  for (const Cell& cell : plan.cells) {
    REQUIRE(cell.scenario->expectations.size() == 2);
    CHECK(cell.scenario->expectations[0].text == "lost count == 0");
    CHECK(cell.scenario->expectations[1].text == "write_gap(t) max < 20s");
  }
  CHECK(plan.identity() != without);
  CHECK(plan.run_command(1, 1) ==
        "isrlab run tiny.json --seed 1 --set /producers/p/config/acks=all "
        "--require 'write_gap(t) max < 20s'");
  request.require = {"write_gpa max < 20s"};
  CHECK(contains(refusal_of(request), "write_gap"));
}
