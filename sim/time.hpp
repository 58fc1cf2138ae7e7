// Virtual time: integer nanoseconds since the start of the run. No floating point, no wall clock.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace isrlab::sim {

using Time = std::int64_t;      // nanoseconds since the start of the run
using Duration = std::int64_t;  // nanoseconds

inline constexpr Duration kNanosecond = 1;
inline constexpr Duration kMicrosecond = 1'000;
inline constexpr Duration kMillisecond = 1'000'000;
inline constexpr Duration kSecond = 1'000'000'000;
inline constexpr Duration kMinute = 60 * kSecond;
inline constexpr Time kNever = std::numeric_limits<Time>::max();

/// `12.345678901s` style text of a time, always nine decimals, locale-free.
std::string format_seconds(Time time);
/// Shortest exact text with a unit: `250ms`, `18s`, `1.5s`, `2m`.
std::string format_duration(Duration duration);

}  // namespace isrlab::sim
