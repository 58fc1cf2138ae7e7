// nlohmann/json's lexer and grammar behind a SAX handler that builds our tree. The input iterator
// counts lines as the lexer takes characters, so every event knows where it is; nlohmann itself
// tells no positions and keeps the last of duplicate keys.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "scenarios/format/document.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using nlohmann::json;

/// Where the lexer is. The line is that of the last character taken: a number ends one character
/// late, and a newline belongs to the line it ends.
struct Progress {
  int line = 1;
  int column = 0;
  bool newline_taken = false;

  void take(char c) {
    if (newline_taken) {
      ++line;
      column = 0;
    }
    ++column;
    newline_taken = c == '\n';
  }
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Progress* progress) : at_(at), progress_(progress) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    progress_->take(*at_++);
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Progress* progress_;
};

class TreeBuilder {
 public:
  TreeBuilder(Value& root, const Progress& progress, Problems& problems)
      : root_(root), progress_(progress), problems_(problems) {}

  bool null() { return place(Value()) != nullptr; }
  bool boolean(bool flag) { return place(Value::of_flag(flag)) != nullptr; }
  bool number_integer(std::int64_t number) { return place(Value::of_integer(number)) != nullptr; }
  bool number_unsigned(std::uint64_t number) {
    Value value;
    value.kind = Value::Kind::kInteger;
    value.magnitude = number;
    return place(std::move(value)) != nullptr;
  }
  bool number_float(double, const std::string& written) {
    // nlohmann turns integers beyond 64 bits into doubles; here they are errors.
    if (written.find_first_of(".eE") == std::string::npos) {
      report("the number " + written.substr(0, 24) + "... does not fit into 64 bits",
             "write a smaller number");
    }
    Value value;
    value.kind = Value::Kind::kFraction;
    value.text = written;
    return place(std::move(value)) != nullptr;
  }
  bool string(std::string& text) { return place(Value::of_text(text)) != nullptr; }
  bool binary(json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(Value::object()); }
  bool start_array(std::size_t) { return open(Value::list()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Open& parent = open_.back();
    const auto [seen, fresh] = parent.lines.try_emplace(name, progress_.line);
    parent.key = name;  // a duplicate is kept too: find() sees the first, and loading fails anyway
    if (!fresh) {
      report(fmt::format("the key {} stands twice in this object, first in line {}",
                         in_quotes(name), seen->second),
             "remove one of the two");
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const json::exception& error) {
    report(explain(error), fmt::format("look at column {}", progress_.column));
    return false;
  }

 private:
  struct Open {
    Value* value;
    std::string key;  // of the member that comes next
    std::map<std::string, int> lines;
  };

  std::string pointer() const {
    std::string result;
    for (const Open& level : open_) {
      const bool innermost = &level == &open_.back();
      const bool object = level.value->is(Value::Kind::kObject);
      if (object && level.key.empty() && level.lines.empty()) break;
      // In the innermost list the element at fault is the next one, further out the latest.
      const std::size_t elements = level.value->items.size();
      result = object ? child_pointer(result, level.key)
                      : child_pointer(result, innermost ? elements : elements - 1);
    }
    return result;
  }

  void report(std::string what, std::string fix) {
    problems_.add({Severity::kError, std::move(what), std::move(fix), {pointer(), progress_.line}});
  }

  Value* place(Value value) {
    value.line = progress_.line;
    if (++values_ > kMostValues) {
      report(fmt::format("the file holds more than {} values", kMostValues),
             "write a smaller scenario");
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Open& parent = open_.back();
    if (parent.value->is(Value::Kind::kObject)) parent.value->keys.push_back(parent.key);
    parent.value->items.push_back(std::move(value));
    return &parent.value->items.back();
  }

  bool open(Value value) {
    if (open_.size() >= kMostDepth) {
      report(fmt::format("nested deeper than {} levels", kMostDepth), "flatten the file");
      return false;
    }
    Value* placed = place(std::move(value));
    if (placed == nullptr) return false;
    open_.push_back({placed, {}, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// nlohmann's message without its own prefix and position, fit for a terminal.
  static std::string explain(const json::exception& error) {
    const std::string_view message = error.what();
    if (error.id == 406) return "a number is too large";
    std::size_t start = message.find("syntax error");
    if (start == std::string_view::npos) start = 0;
    const std::string text = in_quotes(message.substr(start, 110));
    return "no valid JSON: " + text.substr(1, text.size() - 2);
  }

  Value& root_;
  const Progress& progress_;
  Problems& problems_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
};

}  // namespace

bool parse_json(std::string_view text, Value& root, Problems& problems) {
  const auto fail = [&](std::string what, std::string fix, int line) {
    problems.add({Severity::kError, std::move(what), std::move(fix), {"", line}});
    return false;
  };
  if (text.size() > kMostBytes) {
    return fail(fmt::format("the file is larger than {} MiB", kMostBytes >> 20),
                "split the scenario", 0);
  }
  const std::size_t null = text.find('\0');
  if (null != std::string_view::npos) {
    const auto newlines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(null), '\n');
    return fail("the file holds a null byte", "write a JSON text in UTF-8",
                static_cast<int>(newlines) + 1);
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail("the file is empty", "isrlab new writes one to start from", 1);
  }
  Progress progress;
  TreeBuilder builder(root, progress, problems);
  const CountingIterator begin(text.data(), &progress);
  const CountingIterator end(text.data() + text.size(), &progress);
  return json::sax_parse(begin, end, &builder, json::input_format_t::json, true, true);
}

}  // namespace isrlab::scenarios
