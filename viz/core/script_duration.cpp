#include <array>
#include <limits>

#include "viz/core/script.hpp"

namespace isrlab::viz {
namespace {

struct Unit {
  std::string_view name;
  sim::Duration length;
};

constexpr std::array kUnits{
    Unit{"ns", sim::kNanosecond}, Unit{"us", sim::kMicrosecond}, Unit{"ms", sim::kMillisecond},
    Unit{"s", sim::kSecond},      Unit{"min", sim::kMinute},     Unit{"m", sim::kMinute},
    Unit{"h", 60 * sim::kMinute},
};

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

/// Takes one `12.5ms` off the front of `text`.
std::optional<sim::Duration> take_part(std::string_view& text) {
  constexpr __int128 kMost = std::numeric_limits<sim::Duration>::max();
  __int128 digits = 0;
  __int128 divisor = 1;
  bool any = false;
  bool fraction = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      if (fraction) return std::nullopt;
      fraction = true;
      continue;
    }
    any = true;
    digits = digits * 10 + (text[at] - '0');
    if (fraction) divisor *= 10;
    if (digits > kMost || divisor > kMost) return std::nullopt;
  }
  const std::size_t unit_start = at;
  while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') ++at;
  const std::string_view name = text.substr(unit_start, at - unit_start);
  text.remove_prefix(at);
  if (!any) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    const __int128 product = digits * unit.length;
    // A fraction of a nanosecond cannot be meant; better an error than a silent rounding.
    if (product % divisor != 0 || product / divisor > kMost) return std::nullopt;
    return static_cast<sim::Duration>(product / divisor);
  }
  return std::nullopt;
}

}  // namespace

std::optional<sim::Duration> parse_duration(std::string_view text) {
  if (text == "0") return sim::Duration{0};
  if (text.empty()) return std::nullopt;
  sim::Duration sum = 0;
  while (!text.empty()) {
    const std::optional<sim::Duration> part = take_part(text);
    if (!part || *part > std::numeric_limits<sim::Duration>::max() - sum) return std::nullopt;
    sum += *part;
  }
  return sum;
}

}  // namespace isrlab::viz
