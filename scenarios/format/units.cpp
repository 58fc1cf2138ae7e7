#include "scenarios/format/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using Wide = unsigned __int128;

/// A decimal number without sign, exact: digits / 10^scale.
struct Decimal {
  Wide digits = 0;
  Wide power_of_ten = 1;
  bool valid = false;
  bool too_long = false;  // more digits than any sensible value has
  std::size_t length = 0;
};

/// More digits than this have no sensible meaning, and 128 bits hold them times any unit.
constexpr int kMostDigits = 20;

Decimal read_decimal(std::string_view text) {
  Decimal result;
  bool fraction = false;
  int digits = 0;
  for (; result.length < text.size(); ++result.length) {
    const char c = text[result.length];
    if (c == '.' && !fraction && result.valid) {
      fraction = true;
      result.valid = false;  // until a digit follows
    } else if (c >= '0' && c <= '9') {
      result.valid = true;
      if (digits > 0 || c != '0' || fraction) ++digits;
      if (digits > kMostDigits) {
        result.too_long = true;
      } else {
        result.digits = result.digits * 10 + static_cast<Wide>(c - '0');
        if (fraction) result.power_of_ten *= 10;
      }
    } else {
      break;
    }
  }
  return result;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

struct Kind {
  std::string_view article_name;  // "a duration"
  std::string_view example;       // "250ms"
  std::span<const Unit> units;
  std::int64_t largest;
  std::int64_t divisor;     // of the factors: 8 for bits
  bool exact;               // must be a whole number of the stored unit
  std::string_view finest;  // "1ns"
};

constexpr std::array kDurations = {Unit{"ns", 1},
                                   Unit{"us", sim::kMicrosecond},
                                   Unit{"ms", sim::kMillisecond},
                                   Unit{"s", sim::kSecond},
                                   Unit{"m", sim::kMinute},
                                   Unit{"h", 60 * sim::kMinute},
                                   Unit{"d", 24 * 60 * sim::kMinute}};
constexpr std::array kSizes = {Unit{"B", 1},
                               Unit{"kB", 1'000},
                               Unit{"KB", 1'000},
                               Unit{"KiB", 1LL << 10},
                               Unit{"MB", 1'000'000},
                               Unit{"MiB", 1LL << 20},
                               Unit{"GB", 1'000'000'000},
                               Unit{"GiB", 1LL << 30},
                               Unit{"TB", 1'000'000'000'000},
                               Unit{"TiB", 1LL << 40}};
// In eighths of a byte per second, so that bits and bytes share one table.
constexpr std::array kBandwidths = {Unit{"B/s", 8},
                                    Unit{"kB/s", 8'000},
                                    Unit{"KB/s", 8'000},
                                    Unit{"KiB/s", 8LL << 10},
                                    Unit{"MB/s", 8'000'000},
                                    Unit{"MiB/s", 8LL << 20},
                                    Unit{"GB/s", 8'000'000'000},
                                    Unit{"GiB/s", 8LL << 30},
                                    Unit{"bit", 1},
                                    Unit{"kbit", 1'000},
                                    Unit{"Mbit", 1'000'000},
                                    Unit{"Gbit", 1'000'000'000},
                                    Unit{"Tbit", 1'000'000'000'000},
                                    Unit{"bit/s", 1},
                                    Unit{"kbit/s", 1'000},
                                    Unit{"Mbit/s", 1'000'000},
                                    Unit{"Gbit/s", 1'000'000'000}};
constexpr std::int64_t kLargestCount = std::numeric_limits<std::int64_t>::max() / 8;
constexpr Kind kDuration{"a duration", "250ms", kDurations, kLongestDuration, 1, true, "1ns"};
constexpr Kind kSize{"a size", "1KiB", kSizes, kLargestCount, 1, true, "1B"};
constexpr Kind kBandwidth{"a bandwidth", "10MB/s", kBandwidths, kLargestCount, 8, false, "1B/s"};

std::vector<std::string> unit_names(const Kind& kind) {
  std::vector<std::string> names;
  for (const Unit& unit : kind.units) names.emplace_back(unit.name);
  return names;
}

Measure refuse(std::string problem, std::string fix) {
  Measure result;
  result.problem = std::move(problem);
  result.fix = std::move(fix);
  return result;
}

Measure not_a(const Kind& kind, std::string_view text) {
  return refuse(fmt::format("{} is not {}", in_quotes(text), kind.article_name),
                fmt::format("write a number and a unit, such as \"{}\"", kind.example));
}

/// The digits again with two likely units: the reader need not look the units up.
std::string fix_for_bare(const Kind& kind, std::string_view number) {
  if (&kind == &kDuration) return fmt::format("write \"{0}ms\" or \"{0}s\"", number);
  if (&kind == &kSize) return fmt::format("write \"{0}B\" or \"{0}KiB\"", number);
  return fmt::format("write \"{0}MB/s\" or \"{0}Mbit\"", number);
}

Measure scaled(const Kind& kind, std::string_view text, const Decimal& number, const Unit& unit) {
  const Wide limit = std::numeric_limits<Wide>::max() / static_cast<Wide>(unit.factor);
  const Wide divisor = number.power_of_ten * static_cast<Wide>(kind.divisor);
  const bool overflow = number.too_long || number.digits > limit;
  const Wide product = overflow ? 0 : number.digits * static_cast<Wide>(unit.factor);
  if (overflow || product / divisor > static_cast<Wide>(kind.largest)) {
    return refuse(fmt::format("{} is too large or has too many digits", in_quotes(text)),
                  "write a smaller value");
  }
  const bool lost = product % divisor != 0;
  if (lost && (kind.exact || product < divisor)) {
    return refuse(fmt::format("{} is finer than {}", in_quotes(text), kind.finest),
                  fmt::format("write a multiple of {}", kind.finest));
  }
  Measure result;
  result.value = static_cast<std::int64_t>(product / divisor);
  return result;
}

Measure parse(const Kind& kind, std::string_view text) {
  if (!text.empty() && text.front() == '-') {
    return refuse(fmt::format("{} is negative", in_quotes(text)), "write a value of 0 or more");
  }
  const Decimal number = read_decimal(text);
  if (!number.valid) return not_a(kind, text);
  const std::string_view unit_name = text.substr(number.length);
  if (unit_name.empty()) {
    return refuse(fmt::format("{} has no unit", in_quotes(text)), fix_for_bare(kind, text));
  }
  for (const Unit& unit : kind.units) {
    if (unit.name == unit_name) return scaled(kind, text, number, unit);
  }
  const std::string_view trimmed =
      unit_name.substr(std::min(unit_name.find_first_not_of(' '), unit_name.size()));
  for (const Unit& unit : kind.units) {
    if (unit.name == trimmed) {
      return refuse(fmt::format("{} has a space before the unit", in_quotes(text)),
                    fmt::format("write \"{}{}\"", text.substr(0, number.length), unit.name));
    }
  }
  return refuse(fmt::format("{} has the unknown unit {}", in_quotes(text), in_quotes(unit_name)),
                suggestion(unit_name, unit_names(kind)));
}

}  // namespace

Measure parse_duration(std::string_view text) {
  return parse(kDuration, text);
}
Measure parse_offset(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const bool sign = negative || (!text.empty() && text.front() == '+');
  Measure result = parse(kDuration, text.substr(sign ? 1 : 0));
  if (sign && !result.ok()) {
    return refuse(fmt::format("{} is no offset", in_quotes(text)),
                  "write a number and a unit, such as \"-250ms\"");
  }
  if (negative) result.value = -result.value;
  return result;
}
Measure parse_size(std::string_view text) {
  return parse(kSize, text);
}
Measure parse_bandwidth(std::string_view text) {
  return parse(kBandwidth, text);
}

Measure parse_record_rate(std::string_view text) {
  const Measure wrong = refuse(fmt::format("{} is not a rate", in_quotes(text)),
                               "write records per time, such as \"200/s\"");
  if (!text.empty() && text.front() == '-') {
    return refuse(fmt::format("{} is negative", in_quotes(text)), "write a rate of 0 or more");
  }
  const Decimal number = read_decimal(text);
  if (!number.valid) return wrong;
  const std::string_view unit = text.substr(number.length);
  if (unit.empty()) {
    return refuse(fmt::format("{} has no unit", in_quotes(text)),
                  fmt::format("write \"{}/s\"", text));
  }
  const std::int64_t period = unit == "/s"   ? sim::kSecond
                              : unit == "/m" ? sim::kMinute
                              : unit == "/h" ? 60 * sim::kMinute
                                             : 0;
  if (period == 0) return wrong;
  if (number.too_long) {
    return refuse(fmt::format("{} has too many digits", in_quotes(text)), "write a smaller rate");
  }
  Measure result;
  if (number.digits == 0) return result;  // "0/s": never
  // pause = period / rate, rounded to the nearest nanosecond
  const Wide numerator = static_cast<Wide>(period) * number.power_of_ten;
  const Wide pause = (numerator + number.digits / 2) / number.digits;
  if (pause == 0) {
    return refuse(fmt::format("{} is too fast", in_quotes(text)), "write at most \"1000000000/s\"");
  }
  if (pause > static_cast<Wide>(kLongestDuration)) {
    return refuse(fmt::format("{} is too slow", in_quotes(text)),
                  "write \"0/s\" for a silent producer");
  }
  result.value = static_cast<std::int64_t>(pause);
  return result;
}

Measure parse_whole_number(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const Decimal number = read_decimal(text.substr(negative ? 1 : 0));
  const bool whole =
      number.valid && number.length == text.size() - (negative ? 1 : 0) && number.power_of_ten == 1;
  if (!whole) {
    return refuse(fmt::format("{} is not a whole number", in_quotes(text)), "write digits only");
  }
  if (number.too_long ||
      number.digits > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
    return refuse(fmt::format("{} is too large", in_quotes(text)), "write a smaller number");
  }
  Measure result;
  result.value = static_cast<std::int64_t>(number.digits);
  if (negative) result.value = -result.value;
  return result;
}

Measure parse_percent(std::string_view text) {
  if (text.empty() || text.back() != '%') {
    return refuse(fmt::format("{} has no percent sign", in_quotes(text)),
                  "write for example \"10%\"");
  }
  return parse_whole_number(text.substr(0, text.size() - 1));
}

MeasureRange parse_duration_range(std::string_view text) {
  MeasureRange result;
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    result.problem = fmt::format("{} is not a range", in_quotes(text));
    result.fix = "write two durations with two dots between, such as \"1.5s..2.5s\"";
    return result;
  }
  const Measure low = parse_duration(text.substr(0, dots));
  const Measure high = parse_duration(text.substr(dots + 2));
  const Measure& wrong = low.ok() ? high : low;
  if (!wrong.ok()) {
    result.problem = wrong.problem;
    result.fix = wrong.fix;
  } else if (low.value > high.value) {
    result.problem = fmt::format("the range {} runs backwards", in_quotes(text));
    result.fix = "write the smaller duration first";
  } else {
    result.low = low.value;
    result.high = high.value;
  }
  return result;
}

Ratio parse_ratio(std::string_view text) {
  Ratio result;
  const auto wrong = [&](std::string_view why) {
    result.problem = fmt::format("{} {}", in_quotes(text), why);
    result.fix = "write a share from 0 to 1, such as \"5%\", \"1/1000\" or \"0.05\"";
    return result;
  };
  const Decimal first = read_decimal(text);
  if (!first.valid) return wrong("is not a ratio");
  const std::string_view rest = text.substr(first.length);
  Wide numerator = first.digits;
  Wide denominator = first.power_of_ten;
  bool too_long = first.too_long;
  if (rest == "%") {
    denominator *= 100;
  } else if (!rest.empty() && rest.front() == '/') {
    const Decimal second = read_decimal(rest.substr(1));
    const bool whole = second.valid && second.length + 1 == rest.size();
    if (!whole || second.power_of_ten != 1 || denominator != 1) return wrong("is not a ratio");
    if (second.digits == 0) return wrong("divides by 0");
    denominator = second.digits;
    too_long = too_long || second.too_long;
  } else if (!rest.empty()) {
    return wrong("is not a ratio");
  }
  if (numerator > denominator) return wrong("is more than 1");
  if (too_long) return wrong("has too many digits");
  Wide a = numerator;
  Wide b = denominator;
  while (b != 0) a = std::exchange(b, a % b);
  numerator /= a;
  denominator /= a;
  if (denominator > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
    return wrong("has too many digits");
  }
  result.numerator = static_cast<std::int64_t>(numerator);
  result.denominator = static_cast<std::int64_t>(denominator);
  return result;
}

}  // namespace isrlab::scenarios
