// The summary as JSON: one object, keys in the order of architecture section 7 with a few more
// between them. Times are integer nanoseconds; the text is the same on every machine.
#pragma once
#include <string>

#include "results/summary.hpp"
#include "scenarios/run.hpp"

namespace isrlab::results {

inline constexpr const char* kSummarySchema = "isrlab-summary/1";

/// Indented by two spaces, ended by a newline.
std::string summary_json(const Summary& summary);
/// On one line without the newline: an element of a list of runs.
std::string summary_json_line(const Summary& summary);

/// One event as one line of JSON without the newline: id (0 if it is not kept), time, kind, actor,
/// subject and the fields by their names in the event table, the cause last.
std::string event_line(const sim::HistoryEvent& event, const model::Cluster& cluster);
/// The kept events of a run, one per line.
std::string events_ndjson(const scenarios::Run& run);

}  // namespace isrlab::results
