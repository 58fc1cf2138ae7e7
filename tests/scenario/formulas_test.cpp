// The replication formulas F6, F8 and F11 of the catalogue of failures hold within 5 %, at a few
// points; isrlab-bench formulas measures the grid.
#include "tests/support/formulas.hpp"

#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

void check(const FormulaRow& row) {
  INFO(row.formula << " " << row.point << ": expected " << row.expected << " s, measured "
                   << row.measured << " s");
  CHECK(row.deviation() < 0.05);
  CHECK(row.deviation() > -0.05);
}

}  // namespace

TEST_CASE("F6: acks=all stalls until the follower is out of the ISR", "[scenario][formulas]") {
  check(stall_of_a_follower_cut_off(6, 20, 12));
  check(stall_of_a_dead_follower(30, 18, 4));  // the session ends first
  check(stall_of_a_dead_follower(6, 18, 12));  // the lag ends first
}

TEST_CASE("F8: a backlog is caught up at the spare rate", "[scenario][formulas]") {
  check(catch_up(1, 5, 20));
  check(catch_up(2, 5, 20));
  check(throttled_catch_up(0.5, 30));
}

TEST_CASE("F11: acks=all costs the client's and the slowest follower's round trip",
          "[scenario][formulas]") {
  check(latency_of_acks_all(1, 50, 1, 100));
  check(latency_of_acks_all(10, 1, 5, 10'000));
}

}  // namespace isrlab::test
