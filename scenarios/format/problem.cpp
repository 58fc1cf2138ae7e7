#include "scenarios/format/problem.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scenarios/format/document.hpp"

namespace isrlab::scenarios {
namespace {

/// A file with more errors than this is no scenario; further lines would only scroll the first
/// away.
constexpr std::size_t kMostErrors = 100;

}  // namespace

std::string Problem::text(std::string_view file) const {
  std::string result(file);
  if (location.line > 0) result += fmt::format(":{}", location.line);
  result += ": ";
  if (severity == Severity::kNote) result += "note: ";
  if (!location.pointer.empty()) result += location.pointer + ": ";
  result += what;
  if (!fix.empty()) result += "; " + fix;
  return result;
}

void Problems::error(const std::string& pointer, std::string what, std::string fix) {
  if (full()) return;
  const int line = root_ == nullptr ? 0 : line_of(*root_, pointer);
  add({Severity::kError, std::move(what), std::move(fix), {pointer, line}});
}

void Problems::note(const std::string& pointer, std::string what, std::string fix) {
  const int line = root_ == nullptr ? 0 : line_of(*root_, pointer);
  add({Severity::kNote, std::move(what), std::move(fix), {pointer, line}});
}

bool Problems::full() const {
  return errors_ >= kMostErrors;
}

void Problems::add(Problem problem) {
  if (problem.severity == Severity::kError) {
    ++errors_;
    if (errors_ > kMostErrors) return;
    if (errors_ == kMostErrors) {
      problem.what = "too many errors, the rest is not shown";
      problem.fix = "mend the first ones";
    }
  }
  list_.push_back(std::move(problem));
}

std::string problems_as_text(const std::vector<Problem>& problems, std::string_view file) {
  std::string result;
  for (const Problem& problem : problems) result += problem.text(file) + "\n";
  return result;
}

std::string problems_as_json(const std::vector<Problem>& problems, std::string_view file) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const Problem& problem : problems) {
    list.push_back({{"severity", problem.severity == Severity::kError ? "error" : "note"},
                    {"file", std::string(file)},
                    {"line", problem.location.line},
                    {"pointer", problem.location.pointer},
                    {"what", problem.what},
                    {"fix", problem.fix}});
  }
  // Pointers hold keys of the file; a replacement character is better than an exception.
  return list.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace isrlab::scenarios
