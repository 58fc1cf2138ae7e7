// Assertions that stay on in release builds. They guard our own invariants; bad input is never an
// assertion but a typed error of the loader.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace isrlab::sim {

/// A broken assumption inside isrlab itself (exit code 70 of the command).
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void assertion_failed(const char* condition, const char* sentence, const char* file,
                                   int line);
[[noreturn]] void assertion_failed(const char* condition, const char* sentence, const char* file,
                                   int line, std::int64_t first, std::int64_t second);

}  // namespace isrlab::sim

#define SIM_ASSERT(condition, sentence)                                          \
  do {                                                                           \
    if (!(condition)) [[unlikely]]                                               \
      ::isrlab::sim::assertion_failed(#condition, sentence, __FILE__, __LINE__); \
  } while (false)
/// The same with two numbers in the text (times, offsets, ids).
#define SIM_ASSERT2(condition, sentence, first, second)                         \
  do {                                                                          \
    if (!(condition)) [[unlikely]]                                              \
      ::isrlab::sim::assertion_failed(#condition, sentence, __FILE__, __LINE__, \
                                      static_cast<std::int64_t>(first),         \
                                      static_cast<std::int64_t>(second));       \
  } while (false)
