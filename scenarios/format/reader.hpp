// Typed reading of a document. A reader knows one object, the words it may have, and where it
// stands; every mistake becomes a problem with pointer and line, and reading goes on.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/format/document.hpp"
#include "scenarios/format/problem.hpp"
#include "scenarios/format/word.hpp"

namespace isrlab::scenarios {

/// Reads one value as the word says (duration, size, rate, count ...) and checks its bounds.
/// Returns false and reports when it does not fit; `result` is then unchanged.
bool read_integer(const Value& value, const std::string& pointer, const Word& word,
                  Problems& problems, std::int64_t& result);
/// Names: letters, digits, dot, underscore and dash, at most 249 of them.
bool read_name(const Value& value, const std::string& pointer, Problems& problems,
               std::string& result);

/// True when `value` has this kind; else reports `what must be ...`.
bool expect_kind(const Value& value, Value::Kind kind, const std::string& pointer,
                 Problems& problems, std::string_view wanted);

class ObjectReader {
 public:
  /// Checks that `value` is an object, has no key outside words_of(shape) and `more`, and has all
  /// required ones.
  ObjectReader(const Value& value, std::string pointer, Shape shape, Problems& problems,
               const std::vector<std::string>& more = {});

  bool valid() const { return valid_; }
  const std::string& pointer() const { return pointer_; }
  std::string at(std::string_view key) const { return child_pointer(pointer_, key); }
  Problems& problems() { return *problems_; }
  /// Null when left out.
  const Value* find(std::string_view key) const { return valid_ ? value_->find(key) : nullptr; }

  // Each returns true when the key is there and good. Left out or wrong: `result` is unchanged.
  bool integer(std::string_view key, std::int64_t& result);
  bool integer(std::string_view key, std::int32_t& result);
  bool flag(std::string_view key, bool& result);
  bool text(std::string_view key, std::string& result);
  bool name(std::string_view key, std::string& result);
  bool names(std::string_view key, std::vector<std::string>& result);
  bool range(std::string_view key, std::int64_t& low, std::int64_t& high);
  /// The list under `key`; null when left out or no list.
  const Value* list(std::string_view key);

 private:
  const Word& word(std::string_view key) const;
  void check_keys(const std::vector<std::string>& more);

  const Value* value_;
  std::string pointer_;
  Shape shape_;
  Problems* problems_;
  bool valid_ = false;
};

/// Reports an unknown key or word, with the nearest known one, or that it is planned.
void report_unknown(const std::string& pointer, std::string_view kind, std::string_view word,
                    const std::vector<std::string>& known, Problems& problems);

/// True for words of the vocabulary that this version knows but does not do; reports them.
bool report_planned(const std::string& pointer, Shape shape, std::string_view word,
                    Problems& problems);

}  // namespace isrlab::scenarios
