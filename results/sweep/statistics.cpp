#include "results/sweep/statistics.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace isrlab::results {
namespace {

using Integers = Eigen::Map<const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>>;

Integers column(std::span<const std::int64_t> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

MeanEstimate estimate(const Eigen::VectorXd& values) {
  MeanEstimate result;
  if (values.size() == 0) return result;
  result.mean = values.mean();
  if (values.size() < 2) return result;
  const auto n = static_cast<double>(values.size());
  const double variance = (values.array() - result.mean).square().sum() / (n - 1);
  result.half = student95(static_cast<std::size_t>(values.size()) - 1) * std::sqrt(variance / n);
  return result;
}

}  // namespace

double student95(std::size_t degrees_of_freedom) {
  const boost::math::students_t distribution(static_cast<double>(degrees_of_freedom));
  return boost::math::quantile(distribution, 0.975);
}

MeanEstimate estimate_mean(std::span<const std::int64_t> values) {
  return estimate(column(values).cast<double>());
}

MeanEstimate estimate_difference(std::span<const std::int64_t> left,
                                 std::span<const std::int64_t> right) {
  // The subtraction of integers first: it is exact.
  return estimate((column(left) - column(right)).cast<double>());
}

Proportion estimate_proportion(std::size_t hits, std::size_t trials) {
  Proportion result{hits, trials};
  if (trials == 0) return result;
  const auto n = static_cast<double>(trials);
  const double share = result.share();
  constexpr double z2 = kNormal95 * kNormal95;
  const double centre = share + z2 / (2 * n);
  const double half = kNormal95 * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  result.low = hits == 0 ? 0 : std::max(0.0, (centre - half) / (1 + z2 / n));
  result.high = hits == trials ? 1 : std::min(1.0, (centre + half) / (1 + z2 / n));
  return result;
}

}  // namespace isrlab::results
