// Viewer scripts: one command per line, `#` starts a comment. One file is a test, a demonstration
// and a lesson at once, and its words are the command ids and UI names of the viewer itself.
//
//   seek 14.8s            go to a time (units ns us ms s m h)
//   play | pause          let the clock run, stop it
//   step [N]              N events forward (1 if not given)
//   speed 0.1             simulated seconds per second, 0.0001 to 1000
//   click ID [right|middle|double]
//   drag ID to ID
//   key NAME              `key Space`, `key Ctrl+K`, `key F1`
//   type "text"           into the focused text field
//   command ID            as in the command palette
//   expect LEFT == RIGHT  also != < > <= >=; a side is a name, a number with or without a unit, or
//   a
//                         "quoted text"; a word that is no name stands for itself
//   shot FILE             a PNG of the whole window
//   wait N frames
//   say "text"            a caption
//   run until TIME        also: run until "condition" [within TIME]
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/time.hpp"
#include "viz/core/keys.hpp"

namespace isrlab::viz {

namespace step {
struct Seek {
  sim::Time to = 0;
};
struct Play {};
struct Pause {};
struct Step {
  int events = 1;
};
struct Speed {
  double factor = 1;
};
struct Click {
  enum class How : std::uint8_t { left, right, middle, twice };
  std::string id;
  How how = How::left;
};
struct Drag {
  std::string from;
  std::string to;
};
struct Press {
  Chord chord;
};
struct Type {
  std::string text;
};
struct Command {
  std::string id;
};
enum class Compare : std::uint8_t { equal, not_equal, less, greater, less_equal, greater_equal };
struct Operand {
  std::string text;
  bool quoted = false;  // always a text, never a name
};
struct Expect {
  Operand left;
  Compare compare = Compare::equal;
  Operand right;
};
struct Shot {
  std::string file;
};
struct Wait {
  int frames = 1;
};
struct Say {
  std::string text;
};
struct RunUntil {
  sim::Time to = 0;
};
struct RunUntilCondition {
  std::string condition;
  std::optional<sim::Duration> within;
};
}  // namespace step

using ScriptAction =
    std::variant<step::Seek, step::Play, step::Pause, step::Step, step::Speed, step::Click,
                 step::Drag, step::Press, step::Type, step::Command, step::Expect, step::Shot,
                 step::Wait, step::Say, step::RunUntil, step::RunUntilCondition>;

struct ScriptStep {
  int line = 0;
  std::string source;  // the line without comment and indentation
  ScriptAction action;
};

struct Script {
  std::string file;
  std::vector<ScriptStep> steps;
  /// "file:line: what, what to do", all of them, in the order of the lines.
  std::vector<std::string> errors;
  bool ok() const { return errors.empty(); }
};

/// Never throws for bad input; a script with errors must not be run.
Script parse_script(std::string_view text, std::string file);
/// Reads the file; an unreadable file is an error of the script.
Script load_script(const std::string& path);

/// `14.8s`, `250ms`, `1m30s`, `2h`, or `0`. Exact: no floating point; at most nanoseconds.
std::optional<sim::Duration> parse_duration(std::string_view text);

const char* sign_of(step::Compare compare);

}  // namespace isrlab::viz
