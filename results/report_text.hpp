// The report of a run for a terminal or a file: what was demanded first, then what happened. 100
// columns, the same text on every machine; colour only when asked for.
#pragma once
#include <string>
#include <vector>

#include "results/summary.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::results {

struct ReportStyle {
  bool colour = false;
  std::size_t timeline_lines = 40;  // the rest is counted
  std::size_t table_rows = 16;
};

std::string report_text(const Summary& summary, const scenarios::Scenario& scenario,
                        const ReportStyle& style = {});

}  // namespace isrlab::results
