// The replication formulas of the catalogue of failures (scenarios.md, section 1: F6, F8, F11),
// measured in simulated clusters with the analytic value beside it. The tests take a few points,
// isrlab-bench formulas the whole grid.
#pragma once
#include <string>
#include <vector>

namespace isrlab::test {

struct FormulaRow {
  std::string formula;  // F6
  std::string point;    // what was set
  double expected = 0;  // seconds
  double measured = 0;  // seconds
  double deviation() const { return (measured - expected) / expected; }
};

/// F6: how long acks=all writes stall when a follower is lost, mean over `phases` moments spread
/// evenly over the half lag between two looks of the leader. `lag` in seconds, records/s.
FormulaRow stall_of_a_follower_cut_off(int lag, int rate, int phases);
/// The same when the follower's process dies: whichever comes first, the end of its ZooKeeper
/// session or the lag.
FormulaRow stall_of_a_dead_follower(int lag, int session, int phases);
/// F8: how long a follower that was down for `outage` seconds needs to catch up. MB/s.
FormulaRow catch_up(double produce, double replicate, int outage);
/// F8 under a throttle of the leader, nothing being written meanwhile. MB/s.
FormulaRow throttled_catch_up(double throttle, int outage);
/// F11: latency of acks=all, in milliseconds of round-trip times and bytes of a record.
FormulaRow latency_of_acks_all(int client_rtt, int follower_rtt, int other_rtt, int record_bytes);

std::vector<FormulaRow> all_formula_rows();

}  // namespace isrlab::test
