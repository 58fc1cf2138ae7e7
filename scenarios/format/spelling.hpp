// Help with misspelt words: every unknown word of a scenario is answered with the nearest known
// one.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::scenarios {

/// Edits (insert, delete, replace, swap neighbours) that turn `left` into `right`.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The known word nearest to `word`, or nothing when none is near enough to be meant. Case and the
/// separators . _ - count little: "replicationFactor" finds "replication.factor".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// What to do about an unknown word: `did you mean "x"?`, else `known are a, b and c`.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

/// The text in double quotes, fit for a terminal: control bytes and bytes that are no UTF-8 are
/// escaped, and long texts are cut.
std::string in_quotes(std::string_view text);

/// "a, b and c".
std::string joined(const std::vector<std::string>& words, std::string_view last = "and");

}  // namespace isrlab::scenarios
