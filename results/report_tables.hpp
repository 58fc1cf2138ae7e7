// The tables of the terminal report, one function each. All cut at `most` rows and say so.
#pragma once
#include "model/spec.hpp"
#include "results/page.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

void report_outages(Page& page, const Summary& summary, std::size_t most);
void report_records(Page& page, const Summary& summary);
void report_losses(Page& page, const Summary& summary, std::size_t most);
void report_groups(Page& page, const Summary& summary, std::size_t most);
void report_partitions(Page& page, const Summary& summary, std::size_t most);
void report_traffic(Page& page, const Summary& summary);

/// "2 of 3", or each topic's own when they differ.
std::string min_isr_words(const model::ClusterSpec& cluster);

}  // namespace isrlab::results
