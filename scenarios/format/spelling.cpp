#include "scenarios/format/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace isrlab::scenarios {
namespace {

constexpr std::size_t kLongestWord = 96;  // longer ones are no typo of ours; keeps the cost bounded
constexpr std::size_t kLongestQuote = 120;
constexpr std::size_t kWordsListed = 16;

std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (c == '.' || c == '_' || c == '-') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

/// Length of the UTF-8 sequence that starts at `at`, 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(at + 1) < 0xA0) return 0;  // overlong
  if (first == 0xED && byte(at + 1) > 0x9F) return 0;  // surrogate
  if (first == 0xF0 && byte(at + 1) < 0x90) return 0;  // overlong
  if (first == 0xF4 && byte(at + 1) > 0x8F) return 0;  // beyond U+10FFFF
  return length;
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[right.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::string wanted = folded(word);
  // Something of the word must be left: one letter is no misspelling of another.
  const std::size_t limit =
      std::min(std::max<std::size_t>(1, wanted.size() / 3), wanted.empty() ? 0 : wanted.size() - 1);
  std::size_t best_distance = limit + 1;
  std::string best;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(wanted, folded(candidate));
    if (distance < best_distance && candidate != word) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string best = nearest(word, known);
  if (!best.empty()) return "did you mean " + in_quotes(best) + "?";
  if (known.empty()) return {};
  if (known.size() == 1) return "the only known one is " + in_quotes(known[0]);
  if (known.size() <= kWordsListed) return "known are " + joined(known);
  const std::vector<std::string> some(known.begin(), known.begin() + kWordsListed);
  return fmt::format("known are {} and {} more", joined(some, ","), known.size() - kWordsListed);
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  std::size_t at = 0;
  while (at < text.size()) {
    if (result.size() > kLongestQuote) return result + "...\"";
    const std::size_t length = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02x}", byte);
      at += 1;
    } else {
      result += text.substr(at, length);
      at += length;
    }
  }
  return result + "\"";
}

std::string joined(const std::vector<std::string>& words, std::string_view last) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      const bool final_one = i + 1 == words.size() && last != ",";
      result += final_one ? fmt::format(" {} ", last) : std::string(", ");
    }
    result += words[i];
  }
  return result;
}

}  // namespace isrlab::scenarios
