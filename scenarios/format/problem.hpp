// What is wrong with a scenario file: what, where (file, line, JSON Pointer), what to do.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

struct Value;

enum class Severity : std::uint8_t {
  kError,  // the scenario cannot be run
  kNote,   // it runs, but perhaps not as its author thinks
};

struct Problem {
  Severity severity = Severity::kError;
  std::string what;   // a clause: `unknown selector "leadr of orders-0"`
  std::string fix;    // what to do: `did you mean "leader of orders-0"?`; may be empty
  Location location;  // line 0: the value came from the command line, or the file as a whole

  /// One line: `file.json:12: /faults/2/kill: what; fix`.
  std::string text(std::string_view file) const;
};

/// Collects all problems of a file instead of stopping at the first.
class Problems {
 public:
  /// `root` (may be null) is asked for the line of a pointer; it must outlive the collector.
  explicit Problems(const Value* root = nullptr) : root_(root) {}

  void error(const std::string& pointer, std::string what, std::string fix = {});
  void note(const std::string& pointer, std::string what, std::string fix = {});
  void add(Problem problem);

  const std::vector<Problem>& list() const { return list_; }
  std::size_t errors() const { return errors_; }
  /// Enough is known to be wrong: loops over the file may stop, further errors are not kept.
  bool full() const;

 private:
  const Value* root_;
  std::vector<Problem> list_;
  std::size_t errors_ = 0;
};

/// One text line per problem, each ended by a newline.
std::string problems_as_text(const std::vector<Problem>& problems, std::string_view file);
/// A compact JSON array of {severity, file, line, pointer, what, fix}. Always valid UTF-8.
std::string problems_as_json(const std::vector<Problem>& problems, std::string_view file);

/// Thrown by load_scenario() only: all problems of a file that could not be loaded.
class ScenarioError : public std::runtime_error {
 public:
  ScenarioError(std::vector<Problem> problems, std::string file)
      : std::runtime_error(problems_as_text(problems, file)),
        problems_(std::move(problems)),
        file_(std::move(file)) {}
  const std::vector<Problem>& problems() const { return problems_; }
  const std::string& file() const { return file_; }

 private:
  std::vector<Problem> problems_;
  std::string file_;
};

}  // namespace isrlab::scenarios
