// Estimates from samples, with 95 % confidence intervals. Floating point is fine here: it feeds
// texts about many runs and never a run.
#pragma once
#include <cstdint>
#include <span>

namespace isrlab::results {

/// Two-sided 95 % quantile of the normal distribution.
inline constexpr double kNormal95 = 1.959963984540054;
/// The same of Student's t distribution: 12.706 for one degree of freedom, 1.96 for many.
double student95(std::size_t degrees_of_freedom);

/// A mean and the half width of its interval by Student's t; negative with fewer than two samples.
struct MeanEstimate {
  double mean = 0;
  double half = -1;
  bool known() const { return half >= 0; }
};
MeanEstimate estimate_mean(std::span<const std::int64_t> values);

/// The mean of left[i] - right[i]: with common random numbers most of the noise of either cancels.
/// Both have the same size.
MeanEstimate estimate_difference(std::span<const std::int64_t> left,
                                 std::span<const std::int64_t> right);

/// A proportion by Wilson's score interval, which stays within 0..1 and is honest about 0 of n.
struct Proportion {
  std::size_t hits = 0;
  std::size_t trials = 0;
  double low = 0;  // 0..1 without trials
  double high = 1;
  double share() const {
    return trials == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(trials);
  }
};
Proportion estimate_proportion(std::size_t hits, std::size_t trials);

}  // namespace isrlab::results
