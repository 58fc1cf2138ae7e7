// The story of a run: what happened, when and why, in sentences a person likes to read. It is told
// from the kept events alone; what many partitions or clients do at once is told once.
#pragma once
#include <vector>

#include "model/cluster.hpp"
#include "results/summary.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::results {

/// The summary's outages and losses become part of the story.
std::vector<TimelineEntry> tell_timeline(const model::Cluster& cluster,
                                         const std::vector<scenarios::FaultSpec>& faults,
                                         const Summary& summary);

/// The faults of the run with what they hit, by time.
std::vector<FaultResult> tell_faults(const model::Cluster& cluster,
                                     const std::vector<scenarios::FaultSpec>& faults);

}  // namespace isrlab::results
