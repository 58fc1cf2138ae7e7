#include <string>

#include "sim/assert.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

std::string format_seconds(Time time) {
  const bool negative = time < 0;
  const std::uint64_t value =
      negative ? 0 - static_cast<std::uint64_t>(time) : static_cast<std::uint64_t>(time);
  std::string fraction = std::to_string(value % kSecond);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::string(negative ? "-" : "") + std::to_string(value / kSecond) + "." + fraction + "s";
}

namespace {
std::string with_unit(Duration value, Duration unit, const char* name) {
  std::string text = std::to_string(value / unit);
  Duration rest = value % unit;
  if (rest != 0) {
    text += '.';
    for (Duration digit = unit / 10; rest != 0 && digit != 0; digit /= 10) {
      text += static_cast<char>('0' + rest / digit);
      rest %= digit;
    }
  }
  return text + name;
}
}  // namespace

std::string format_duration(Duration duration) {
  if (duration < 0) return "-" + format_duration(-duration);
  if (duration == 0) return "0s";
  if (duration % kMinute == 0) return std::to_string(duration / kMinute) + "m";
  if (duration >= kSecond) return with_unit(duration, kSecond, "s");
  if (duration >= kMillisecond) return with_unit(duration, kMillisecond, "ms");
  if (duration >= kMicrosecond) return with_unit(duration, kMicrosecond, "us");
  return std::to_string(duration) + "ns";
}

void assertion_failed(const char* condition, const char* sentence, const char* file, int line) {
  throw InternalError(std::string(sentence) + " (" + condition + ", " + file + ":" +
                      std::to_string(line) + ")");
}

void assertion_failed(const char* condition, const char* sentence, const char* file, int line,
                      std::int64_t first, std::int64_t second) {
  throw InternalError(std::string(sentence) + ": " + std::to_string(first) + " against " +
                      std::to_string(second) + " (" + condition + ", " + file + ":" +
                      std::to_string(line) + ")");
}

}  // namespace isrlab::sim
