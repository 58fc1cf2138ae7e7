#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/widgets/plot.hpp"

namespace isrlab::viz {
namespace {

std::string without_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

double nice_value_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor >= least) return power * factor;
  }
  return power * 10;
}

std::vector<ValueTick> linear_ticks(const ValueScale& scale, float label_pixels) {
  std::vector<ValueTick> ticks;
  const double pixels = std::abs(scale.y_low - scale.y_high);
  const double range = scale.high - scale.low;
  if (!(range > 0) || pixels < 1) return ticks;
  const double step = nice_value_step(range * label_pixels / pixels);
  const auto first = static_cast<long>(std::ceil(scale.low / step - 1.0e-9));
  const auto last = static_cast<long>(std::floor(scale.high / step + 1.0e-9));
  for (long i = first; i <= last && ticks.size() < 100; ++i) {
    const double value = static_cast<double>(i) * step;
    ticks.push_back({value, scale.to_y(value), format_value(value)});
  }
  return ticks;
}

/// 0 and the powers of ten; every second or third of them where they would be too dense.
std::vector<ValueTick> logarithmic_ticks(const ValueScale& scale, float label_pixels) {
  std::vector<ValueTick> ticks;
  const auto add = [&](double value) {
    if (value < scale.low || value > scale.high * 1.0000001) return;
    const float y = scale.to_y(value);
    if (ticks.empty() || std::abs(ticks.back().y - y) >= label_pixels) {
      ticks.push_back({value, y, format_value(value)});
    }
  };
  add(0);
  double power = std::pow(10.0, std::floor(std::log10(scale.linear_below)));
  for (int i = 0; i < 40 && power <= scale.high * 1.0000001; ++i, power *= 10) add(power);
  return ticks;
}

}  // namespace

std::vector<ValueTick> value_ticks(const ValueScale& scale, float label_pixels) {
  return scale.logarithmic ? logarithmic_ticks(scale, label_pixels)
                           : linear_ticks(scale, label_pixels);
}

std::string format_value(double value) {
  if (std::isnan(value)) return "?";
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 1.0e9) return without_zeros(fmt::format("{:.2f}", value / 1.0e9)) + " G";
  if (size >= 1.0e6) return without_zeros(fmt::format("{:.2f}", value / 1.0e6)) + " M";
  if (size >= 1000) {
    std::string digits = fmt::format("{:.0f}", value);
    digits.insert(digits.size() - 3, "\u2009");
    return digits;
  }
  if (size >= 100) return without_zeros(fmt::format("{:.1f}", value));
  if (size >= 0.01) return without_zeros(fmt::format("{:.3f}", value));
  return fmt::format("{:.2g}", value);
}

}  // namespace isrlab::viz
