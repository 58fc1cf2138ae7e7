// A JSON text as a tree that still knows the line of every value. nlohmann/json parses (comments
// allowed) and feeds the tree; it stays inside document.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/format/problem.hpp"

namespace isrlab::scenarios {

inline constexpr std::size_t kMostBytes = 16u << 20;  // of a scenario file
inline constexpr std::size_t kMostValues = 500'000;   // bounds memory: about 100 bytes each
inline constexpr std::size_t kMostDepth = 64;

struct Value {
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kInteger,   // sign and magnitude: every 64-bit integer, signed or unsigned
    kFraction,  // a number with . or e, kept as it was written
    kString,
    kArray,
    kObject
  };
  Kind kind = Kind::kNull;
  bool flag = false;
  bool negative = false;
  int line = 0;  // 0 = not from the file (command line, defaults)
  std::uint64_t magnitude = 0;
  std::string text;               // kString, kFraction
  std::vector<std::string> keys;  // kObject: keys[i] names items[i], in the order of the file
  std::vector<Value> items;       // kObject, kArray

  static Value of_text(std::string_view text);
  static Value of_integer(std::int64_t number);
  static Value of_flag(bool flag);
  static Value list();
  static Value object();

  bool is(Kind wanted) const { return kind == wanted; }
  /// The member of this name, null if there is none or this is no object.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// Adds or replaces a member of an object.
  Value& set(std::string_view key, Value value);
  void push(Value value) { items.push_back(std::move(value)); }
  /// "a list", "the number 12", "\"abc\"": for error texts.
  std::string described() const;
};

/// Parses `text` into `root`. Syntax errors, duplicate keys, numbers beyond 64 bits and broken
/// limits are reported to `problems`. Returns false when the tree is not fit for reading further.
bool parse_json(std::string_view text, Value& root, Problems& problems);

/// Compact JSON, members in their order; texts that are no UTF-8 get replacement characters.
std::string to_json(const Value& value);

/// `pointer` extended by one token, escaped as RFC 6901 says.
std::string child_pointer(std::string_view pointer, std::string_view token);
std::string child_pointer(std::string_view pointer, std::size_t index);

/// The tokens of a JSON Pointer, unescaped; false when it does not start with "/".
bool split_pointer(std::string_view pointer, std::vector<std::string>& tokens);

/// The value a pointer names, null if there is none.
const Value* find_pointer(const Value& root, std::string_view pointer);

/// The line of the value a pointer names, or of its nearest ancestor that exists.
int line_of(const Value& root, std::string_view pointer);

}  // namespace isrlab::scenarios
