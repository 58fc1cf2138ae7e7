// Runs a parsed script against the viewer, which it knows only as a ScriptHost.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "viz/core/script.hpp"
#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {

/// Why something could not be done, as one sentence; no value = it was done.
using Problem = std::optional<std::string>;

/// What a script can do. The viewer implements it; tests use a stand-in.
class ScriptHost {
 public:
  virtual ~ScriptHost() = default;

  virtual Problem seek(sim::Time to) = 0;
  virtual void play() = 0;
  virtual void pause() = 0;
  virtual Problem step(int events) = 0;
  virtual void set_speed(double factor) = 0;
  /// Returns when the time is reached.
  virtual Problem run_until(sim::Time to) = 0;
  /// Returns when the condition holds; a Problem if it does not within the limit.
  virtual Problem run_until(const std::string& condition, std::optional<sim::Duration> within) = 0;
  virtual Problem command(const std::string& id) = 0;
  /// Values of `sim.*`, `cluster.*`, `partition(x).*`, `ui.selection`, ...; none = no such name.
  virtual std::optional<std::string> value_of(const std::string& name) = 0;
  virtual Problem shot(const std::string& file) = 0;
  virtual void say(const std::string& text) = 0;

  /// Draws one whole frame with the next events of input(); false when the window was closed.
  virtual bool frame() = 0;
  virtual InputQueue& input() = 0;
  virtual const UiTree& ui() const = 0;
};

struct ScriptReport {
  std::size_t steps_done = 0;
  /// "file:line: ..." A failed `expect` is noted and the script goes on; anything else stops it.
  std::vector<std::string> failures;
  bool ok() const { return failures.empty(); }
};

/// The runner itself answers `ui.exists(ID)`, `ui.enabled(ID)`, `ui.label(ID)`, `ui.value(ID)`.
ScriptReport run_script(const Script& script, ScriptHost& host);

/// `left` against `right`: as numbers when both are (no exponents, so that no hash is taken for
/// one), else as durations when both have units, else as texts. No value when they have no order
/// (`<` between texts).
std::optional<bool> compare_values(const std::string& left, step::Compare compare,
                                   const std::string& right);

}  // namespace isrlab::viz
