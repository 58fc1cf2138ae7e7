// The only source of randomness. One named stream per concern and actor ("net", "disk",
// "workload:p1", "fault"): a draw added in one never moves another. Integers only.
// Generator: xoshiro256++ by Blackman and Vigna, seeded by splitmix64 (both public domain).
#pragma once
#include <cstdint>
#include <string_view>

#include "sim/assert.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

/// 64-bit mixing step of splitmix64; also used to combine words into hashes.
constexpr std::uint64_t mix64(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// FNV-1a over the bytes of a name; stream names must not depend on std::hash.
constexpr std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

class Random {
 public:
  Random() : Random(0, "unnamed") {}
  /// The stream `name` of the run with this seed.
  Random(std::uint64_t seed, std::string_view name) {
    std::uint64_t state = mix64(seed + 0x9e3779b97f4a7c15ULL) ^ hash_name(name);
    for (std::uint64_t& word : state_) {
      state += 0x9e3779b97f4a7c15ULL;
      word = mix64(state);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound); bound >= 1. Multiply-shift, bias below 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) {
    SIM_ASSERT(bound > 0, "a draw needs at least one outcome");
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  /// Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    SIM_ASSERT2(low <= high, "the bounds of a draw are reversed", low, high);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  /// True with probability numerator / denominator.
  bool chance(std::uint64_t numerator, std::uint64_t denominator) {
    return below(denominator) < numerator;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t value, int by) {
    return (value << by) | (value >> (64 - by));
  }
  std::uint64_t state_[4];
};

}  // namespace isrlab::sim
