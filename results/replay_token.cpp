#include "results/replay_token.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "results/version.hpp"

namespace isrlab::results {
namespace {

template <class Number>
bool read(std::string_view text, int base, std::size_t digits, Number& number) {
  if (text.empty() || (digits != 0 && text.size() != digits)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

ReplayToken ReplayToken::of(const Summary& summary) {
  ReplayToken token;
  token.scenario = summary.scenario;
  token.seed = summary.seed;
  token.identity = short_identity(summary.identity);
  token.digest = summary.digest;
  token.version = std::string(code_version());
  return token;
}

std::string ReplayToken::text() const {
  return fmt::format("il1:{}:{}:{:08x}:{:016x}:{}", scenario, seed, identity, digest, version);
}

bool ReplayToken::parse(std::string_view text, ReplayToken& token, std::string& problem) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const bool good = parts.size() == 6 && parts[0] == "il1" && !parts[1].empty() &&
                    read(parts[2], 10, 0, token.seed) && read(parts[3], 16, 8, token.identity) &&
                    read(parts[4], 16, 16, token.digest) && !parts[5].empty();
  if (!good) {
    problem =
        "not a replay token; one looks like "
        "il1:leader-crash:1:0123abcd:0123456789abcdef:0.1.0";
    return false;
  }
  token.scenario = std::string(parts[1]);
  token.version = std::string(parts[5]);
  return true;
}

}  // namespace isrlab::results
