// The replication formulas over their whole grid, as a table.
#include <fmt/format.h>

#include "tests/bench/bench.hpp"
#include "tests/support/formulas.hpp"

namespace isrlab::bench {
namespace {

constexpr const char* kHead = R"(# Replication formulas, measured

Made by `isrlab-bench formulas > results/tables/replication-formulas.md`. Formulas F6, F8 and F11 of
the catalogue of failures; virtual time and fixed seeds, so every machine gives these values.

* F6, acks=all stalls when a follower is lost: between L and 1.5 L after its last fetch
  (L = replica.lag.time.max.ms), so 1.25 L over the phases of the leader's task; or when the session
  of a dead follower ends, if that is earlier. Means over 16 phases.
* F8, catch-up of a backlog B: B / (rf - rp); under a throttle R, nothing being written, B / R.
* F11, latency of acks=all: round trip of the client and of the slowest in-sync follower.

| formula | point | analytic | measured | deviation |
|---|---|---|---|---|
)";

}  // namespace

int run_formulas() {
  fmt::print("{}", kHead);
  bool good = true;
  for (const test::FormulaRow& row : test::all_formula_rows()) {
    fmt::print("| {} | {} | {:.4g} s | {:.4g} s | {:+.1f} % |\n", row.formula, row.point,
               row.expected, row.measured, 100 * row.deviation());
    good = good && row.deviation() < 0.05 && row.deviation() > -0.05;
  }
  return good ? 0 : 1;
}

}  // namespace isrlab::bench
