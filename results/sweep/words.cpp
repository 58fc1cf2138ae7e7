#include "results/sweep/words.hpp"

#include <fmt/format.h>

#include <cmath>

#include "results/text.hpp"

namespace isrlab::results {

std::string value_text(const Metric& metric, double value) {
  return metric.time ? span_text(std::llround(value)) : decimal_text(value);
}

std::string value_text(const Metric& metric, std::int64_t value) {
  return metric.time ? span_text(value) : grouped(value);
}

std::string mean_text(const Metric& metric, const MeanEstimate& mean) {
  return value_text(metric, mean.mean) +
         (mean.known() ? " ± " + value_text(metric, mean.half) : std::string());
}

std::string percent_text(double share) {
  const auto tenths = static_cast<std::int64_t>(std::llround(share * 1000));
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string share_text(const Proportion& share) {
  if (share.trials == 0) return "-";
  return fmt::format("{} % ({}..{})", percent_text(share.share()), percent_text(share.low),
                     percent_text(share.high));
}

}  // namespace isrlab::results
