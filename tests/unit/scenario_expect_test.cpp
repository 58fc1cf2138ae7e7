// The section "expect": taken apart into the registry's terms, or refused with the nearest one.
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

TEST_CASE("expectations arrive taken apart", "[scenario][loader]") {
  const LoadResult result = load(scenario_with(R"j(
    "faults": [{"at": "20s", "kill": "broker-1", "restart": "after 5s"}],
    "expect": {"always": ["S1", "no_acked_record_lost(acks=all)", "hw_monotonic"],
      "sometimes": ["isr_shrinks"],
      "eventually": [{"that": "all isr full", "within": "30s of heal"},
        {"that": "isr of orders-0 >= 2", "within": "9s"},
                     {"that": "zk quorum", "within": "3s of fault 1"}],
      "limits": ["write_gap(orders-0) max < 25s", "lost(acks=1) count==0",
        "consumer_lag(billing) p99 <= 100",
                 "detect_time count > 0", "read_gap(orders) total != 1.5s"]})j"));
  INFO(result.text());
  REQUIRE(result.ok());
  const auto& all = result.scenario.expectations;
  REQUIRE(all.size() == 12);
  CHECK(all[0].invariant == Invariant::kNoAckedRecordLost);
  CHECK(all[0].name == "no_acked_record_lost");
  CHECK(all[1].acks == AcksClass::kAll);
  CHECK(all[3].state == State::kIsrShrinks);
  CHECK(all[4].condition == Condition::kAllIsrFull);
  CHECK(all[4].within == 30 * sim::kSecond);
  CHECK(all[4].within_of == kSinceLastHeal);
  CHECK(all[5].condition == Condition::kIsrOf);
  CHECK(all[5].topic == "orders");
  CHECK(all[5].partition == 0);
  CHECK(all[5].comparison == Comparison::kGreaterEqual);
  CHECK(all[5].value == 2);
  CHECK(all[5].within_of == kSinceStart);
  CHECK(all[6].within_of == 0);
  CHECK(all[7].metric == Metric::kWriteGap);
  CHECK(all[7].value == 25 * sim::kSecond);
  CHECK(all[7].partition == 0);
  CHECK(all[8].acks == AcksClass::kOne);
  CHECK(all[8].comparison == Comparison::kEqual);
  CHECK(all[9].group == "billing");
  CHECK(all[9].aggregate == Aggregate::kP99);
  CHECK(all[10].value == 0);
  CHECK(all[11].topic == "orders");
  CHECK(all[11].partition == -1);
}

namespace {

/// JSON that is put into a scenario, and a part of what the loader must say to it.
struct Row {
  const char* json;
  const char* expected;
};

const Row kExpectRows[] = {
    {R"j("always": ["hw_monotone"])j",
     "unknown invariant \"hw_monotone\"; did you mean \"hw_monotonic\"?"},
    {R"j("always": ["S99"])j", "unknown invariant \"S99\""},
    {R"j("always": ["no_acked_record_lost(acks=1)"])j",
     "no_acked_record_lost holds for acks=all only"},
    {R"j("always": ["hw_bounds(acks=all)"])j", "hw_bounds takes no argument"},
    {R"j("always": [3])j", "/expect/always/0: must be a text, not the number 3"},
    {R"j("sometimes": ["isr_shrink"])j",
     "unknown state \"isr_shrink\"; did you mean \"isr_shrinks\"?"},
    {R"j("eventually": [{"that": "all isr ful", "within": "3s"}])j",
     "did you mean \"all isr full\"?"},
    {R"j("eventually": [{"that": "zk quorum"}])j",
     "/expect/eventually/0/within: \"within\" is missing"},
    {R"j("eventually": [{"that": "zk quorum", "within": "3s of heal"}])j",
     "nothing is ever healed in this scenario"},
    {R"j("eventually": [{"that": "zk quorum", "within": "3s of fault 1"}])j",
     "there is no \"fault 1\""},
    {R"j("eventually": [{"that": "isr of orders-5 == 1", "within": "3s"}])j",
     "there is no partition orders-5"},
    {R"j("eventually": [{"that": "isr of orders-0 = 1", "within": "3s"}])j",
     "unknown comparison \"=\""},
    {R"j("limits": ["write_gp max < 3s"])j",
     "unknown metric \"write_gp\"; did you mean \"write_gap\"?"},
    {R"j("limits": ["write_gap < 3s"])j", "an aggregate is missing; write_gap has max, min, count"},
    {R"j("limits": ["write_gap max 3s"])j", "a comparison is missing"},
    {R"j("limits": ["write_gap max < 3"])j", "\"3\" has no unit; write \"3ms\" or \"3s\""},
    {R"j("limits": ["write_gap max < 3s after 9s"])j", "unexpected text \"after 9s\""},
    {R"j("limits": ["elections max < 3"])j", "elections has no max; it has count and total"},
    {R"j("limits": ["elections count < 3s"])j", "\"3s\" is not a whole number"},
    {R"j("limits": ["lost(acks=2) count == 0"])j", "\"acks=2\" is no acks class"},
    {R"j("limits": ["write_gap(orders-0 max < 3s"])j", "a parenthesis is not closed"},
    {R"j("limits": ["consumer_lag(biling) max < 3"])j", "did you mean \"billing\"?"},
    {R"j("never_during": [])j", "\"never_during\" is known but not supported"},
};

}  // namespace

TEST_CASE("wrong expectations", "[scenario][loader]") {
  for (const Row& row : kExpectRows) {
    const LoadResult result = load(scenario_with("\"expect\": {" + std::string(row.json) + "}"));
    INFO(row.json);
    INFO(result.text());
    CHECK_FALSE(result.ok());
    CHECK(has_problem(result, row.expected));
  }
}
