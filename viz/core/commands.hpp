// The one table of commands: a command's id is its name in scripts, in the palette, in the help and
// in the tests; its keys are bound here and nowhere else.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "viz/core/keys.hpp"

namespace isrlab::viz {

enum class CommandId : std::uint8_t {
  play_toggle,
  step_event,
  back_event,
  step_1s,
  back_1s,
  step_10s,
  back_10s,
  seek_start,
  seek_end,
  watch_next,
  watch_prev,
  speed_up,
  speed_down,
  speed_1x,
  fault_kill,
  fault_restart,
  fault_pause,
  fault_isolate,
  fault_heal,
  fault_expire,
  fault_lasts,
  branch_undo,
  branch_redo,
  view_fit,
  select_next,
  select_prev,
  select_clear,
  matrix_internal,
  palette,
  help_keys,
  theme_next,
  scale_up,
  scale_down,
  scale_reset,
  shot,
  quit,
};

struct CommandInfo {
  CommandId command;
  std::string_view id;     // "fault.kill"
  std::string_view keys;   // as parse_chord reads them, several with spaces between; may be empty
  std::string_view title;  // "kill the selection, or restart it when it is down"
};

std::span<const CommandInfo> command_table();
const CommandInfo* find_command(std::string_view id);
/// Null when nothing is bound to the chord.
const CommandInfo* command_of(const Chord& chord);
const CommandInfo& info(CommandId command);
/// The known id most like this one.
std::string nearest_command(std::string_view id);
/// The table as text, for --help-keys.
std::string keys_help();

}  // namespace isrlab::viz
