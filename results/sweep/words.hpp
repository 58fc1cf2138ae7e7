// Numbers of a sweep as its reports and pages write them.
#pragma once
#include <string>

#include "results/sweep/plan.hpp"
#include "results/sweep/statistics.hpp"

namespace isrlab::results {

/// A value of a metric; means have fractions, counts and times of a run have none.
std::string value_text(const Metric& metric, double value);
std::string value_text(const Metric& metric, std::int64_t value);
/// "15.08 s ± 296 ms"; without the interval where there is none.
std::string mean_text(const Metric& metric, const MeanEstimate& mean);
/// "12.0": a share in percent.
std::string percent_text(double share);
/// "12.0 % (9.5..15.0)".
std::string share_text(const Proportion& share);

}  // namespace isrlab::results
