// A run in one word: il1:<scenario>:<seed>:<identity>:<digest>:<version>. The identity covers the
// scenario after defaults and all changes from the command line, hence the stop rule too; with the
// seed and the code version the run is determined, and the digest tells whether it was the same.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "results/summary.hpp"

namespace isrlab::results {

struct ReplayToken {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint32_t identity = 0;  // upper half of scenario_identity()
  std::uint64_t digest = 0;
  std::string version;

  static ReplayToken of(const Summary& summary);
  static std::uint32_t short_identity(std::uint64_t identity) {
    return static_cast<std::uint32_t>(identity >> 32);
  }
  std::string text() const;
  /// False, with a sentence, if the text is no token.
  static bool parse(std::string_view text, ReplayToken& token, std::string& problem);
};

}  // namespace isrlab::results
