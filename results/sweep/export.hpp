// A sweep for people and other programs: a page of its own that needs nothing else, and a table.
// Like the report they depend on plan and rows alone, so equal sweeps give equal bytes.
#pragma once
#include <string>

#include "results/sweep/report.hpp"

namespace isrlab::results {

/// One HTML file without scripts or links: a matrix of the cells for the verdicts and for each
/// metric, with intervals; states, differences, what failed and how to see it again. The values of
/// the last variation are the columns of a matrix, those of the others its rows.
std::string sweep_html(const Plan& plan, const SweepReport& report);

/// A line for each cell: settings, verdicts, share passed, then of each metric mean, interval, p50,
/// p99 and max. Times in nanoseconds, as everywhere in results for programs. RFC 4180.
std::string sweep_csv(const Plan& plan, const SweepReport& report);

}  // namespace isrlab::results
