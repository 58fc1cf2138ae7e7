#include "viz/core/commands.hpp"

#include <fmt/format.h>

#include <array>

#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {
namespace {

using C = CommandId;

constexpr std::array kCommands{
    CommandInfo{C::play_toggle, "play.toggle", "Space", "play or pause"},
    CommandInfo{C::step_event, "step.event", ". Right", "one event on"},
    CommandInfo{C::back_event, "back.event", ", Left", "one event back"},
    CommandInfo{C::step_1s, "step.1s", "]", "1 s on"},
    CommandInfo{C::back_1s, "back.1s", "[", "1 s back"},
    CommandInfo{C::step_10s, "step.10s", "}", "10 s on"},
    CommandInfo{C::back_10s, "back.10s", "{", "10 s back"},
    CommandInfo{C::seek_start, "seek.start", "Home", "to the start"},
    CommandInfo{C::seek_end, "seek.end", "End", "to the end"},
    CommandInfo{C::watch_next, "watch.next", "n", "to the next mark of the watched lanes"},
    CommandInfo{C::watch_prev, "watch.prev", "p", "to the previous mark of the watched lanes"},
    CommandInfo{C::speed_up, "speed.up", "+ =", "faster"},
    CommandInfo{C::speed_down, "speed.down", "-", "slower"},
    CommandInfo{C::speed_1x, "speed.1x", "1", "real time"},
    CommandInfo{C::fault_kill, "fault.kill", "K k",
                "kill the selection (restart it if it is down)"},
    CommandInfo{C::fault_restart, "fault.restart", "R", "start the selection again"},
    CommandInfo{C::fault_pause, "fault.pause", "P", "pause the selection (SIGSTOP)"},
    CommandInfo{C::fault_isolate, "fault.isolate", "I i", "cut the selection from everybody"},
    CommandInfo{C::fault_heal, "fault.heal", "H h", "end the fault that holds the selection"},
    CommandInfo{C::fault_expire, "fault.expire", "X", "expire the broker's ZooKeeper session"},
    CommandInfo{C::fault_lasts, "fault.lasts", "L", "how long a pause or a cut lasts"},
    CommandInfo{C::branch_undo, "branch.undo", "Ctrl+Z", "undo the last fault by hand"},
    CommandInfo{C::branch_redo, "branch.redo", "Ctrl+Y", "and do it again"},
    CommandInfo{C::view_fit, "view.fit", "f", "show the whole run"},
    CommandInfo{C::select_next, "select.next", "Tab Down", "select the next node"},
    CommandInfo{C::select_prev, "select.prev", "Shift+Tab Up", "select the previous node"},
    CommandInfo{C::select_clear, "select.clear", "Esc", "select nothing, close what is open"},
    CommandInfo{C::matrix_internal, "matrix.internal", "o", "show or fold __consumer_offsets"},
    CommandInfo{C::palette, "palette", "Ctrl+K", "find a command"},
    CommandInfo{C::help_keys, "help.keys", "? F1", "all keys"},
    CommandInfo{C::theme_next, "theme.next", "T", "dark, light, high contrast"},
    CommandInfo{C::scale_up, "scale.up", "Ctrl++ Ctrl+=", "larger"},
    CommandInfo{C::scale_down, "scale.down", "Ctrl+-", "smaller"},
    CommandInfo{C::scale_reset, "scale.reset", "Ctrl+0", "normal size"},
    CommandInfo{C::shot, "shot", "Ctrl+P", "write a PNG with its address into the working folder"},
    CommandInfo{C::quit, "quit", "Ctrl+Q", "close the viewer"},
};

}  // namespace

std::span<const CommandInfo> command_table() {
  return kCommands;
}

const CommandInfo* find_command(std::string_view id) {
  for (const CommandInfo& command : kCommands) {
    if (command.id == id) return &command;
  }
  return nullptr;
}

const CommandInfo* command_of(const Chord& chord) {
  for (const CommandInfo& command : kCommands) {
    std::string_view rest = command.keys;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      const auto bound = parse_chord(word);
      if (bound && canonical(*bound) == canonical(chord)) return &command;
    }
  }
  return nullptr;
}

const CommandInfo& info(CommandId command) {
  return kCommands[static_cast<std::size_t>(command)];
}

std::string nearest_command(std::string_view id) {
  std::string best;
  std::size_t least = 8;
  for (const CommandInfo& command : kCommands) {
    const std::size_t distance = edit_distance(id, command.id, least);
    if (distance >= least) continue;
    least = distance;
    best = command.id;
  }
  return best;
}

std::string keys_help() {
  std::string text;
  for (const CommandInfo& command : kCommands) {
    text += fmt::format("{:<14} {:<18} {}\n", command.keys, command.id, command.title);
  }
  return text;
}

}  // namespace isrlab::viz
