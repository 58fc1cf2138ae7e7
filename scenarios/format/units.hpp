// Values with units as scenario files write them: "250ms", "64MB", "10MB/s", "200/s", "5%".
// Everything is read exactly, in integers. A bare number is refused: the answer shows the fix.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/time.hpp"

namespace isrlab::scenarios {

/// The outcome of reading one value. `problem` is empty when all is well; otherwise it is a clause
/// such as `"250" has no unit`, and `fix` says what to write instead.
struct Measure {
  std::int64_t value = 0;
  std::string problem;
  std::string fix;
  bool ok() const { return problem.empty(); }
};

/// "a..b", both ends included; low <= high when ok().
struct MeasureRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string problem;
  std::string fix;
  bool ok() const { return problem.empty(); }
};

/// An exact probability or share, reduced, 0 <= numerator <= denominator.
struct Ratio {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  std::string problem;
  std::string fix;
  bool ok() const { return problem.empty(); }
};

/// Longest duration that is accepted: 90 years, so that the sum of three still fits into 64 bits.
inline constexpr sim::Duration kLongestDuration = 90LL * 365 * 24 * 60 * sim::kMinute;

Measure parse_duration(std::string_view text);   // nanoseconds; ns us ms s m h d
Measure parse_offset(std::string_view text);     // the same with a sign: "-5s"
Measure parse_size(std::string_view text);       // bytes; B kB KB KiB MB MiB GB GiB TB TiB
Measure parse_bandwidth(std::string_view text);  // bytes per second; "10MB/s", "1Gbit"
Measure parse_record_rate(
    std::string_view text);  // "200/s" gives the pause between two records, ns
Measure parse_whole_number(std::string_view text);         // "12", "-1"
Measure parse_percent(std::string_view text);              // "10%", whole percents
MeasureRange parse_duration_range(std::string_view text);  // "1.5s..2.5s"
Ratio parse_ratio(std::string_view text);                  // "5%", "1/1000", "0.05"

}  // namespace isrlab::scenarios
