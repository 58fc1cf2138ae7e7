// Our own keyboard and mouse events. GLFW callbacks and scripts fill the same queue, and both the
// shortcuts and Dear ImGui read from it, so a scripted run and a hand-driven run take one path.
// ImGui::IsKeyPressed is never used: version 1.86 samples keys once per frame and loses quick taps.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::viz {

/// Key positions of a US keyboard. The numbers are GLFW's (checked where GLFW is included), so this
/// header needs no GLFW.
enum class Key : std::uint16_t {
  none = 0,
  space = 32,
  apostrophe = 39,
  comma = 44,
  minus = 45,
  period = 46,
  slash = 47,
  digit_0 = 48,
  digit_9 = 57,
  semicolon = 59,
  equal = 61,
  a = 65,
  z = 90,
  left_bracket = 91,
  backslash = 92,
  right_bracket = 93,
  grave = 96,
  escape = 256,
  enter = 257,
  tab = 258,
  backspace = 259,
  insert = 260,
  delete_forward = 261,
  right = 262,
  left = 263,
  down = 264,
  up = 265,
  page_up = 266,
  page_down = 267,
  home = 268,
  end = 269,
  f1 = 290,
  f12 = 301,
  keypad_subtract = 333,
  keypad_add = 334,
  keypad_enter = 335,
  left_shift = 340,
  left_control = 341,
  left_alt = 342,
  left_super = 343,
  right_shift = 344,
  right_control = 345,
  right_alt = 346,
  right_super = 347,
  menu = 348,
};
inline constexpr int kKeyCount = 349;

/// Key of a letter 'a'..'z' or digit '0'..'9'.
constexpr Key key_of(char character) {
  if (character >= 'a' && character <= 'z') return static_cast<Key>(character - 'a' + 'A');
  return static_cast<Key>(character);
}

/// Modifier bits, again with GLFW's values.
enum Modifier : std::uint8_t { mod_shift = 1, mod_control = 2, mod_alt = 4, mod_super = 8 };

/// A key with its modifiers: what a shortcut is bound to.
struct Chord {
  Key key = Key::none;
  std::uint8_t modifiers = 0;
  friend auto operator<=>(const Chord&, const Chord&) = default;
};

/// Reads `space`, `Ctrl+K`, `Shift+.`, `F1`, `]`, `}`. A single capital letter means Shift with
/// that letter (`F` is `Shift+f`); after a modifier the case is ignored (`Ctrl+K` is `Ctrl+k`).
/// Shifted signs of the US keyboard stand for Shift with their key: `}` is `Shift+]`.
std::optional<Chord> parse_chord(std::string_view text);
/// The text for menus and `--help-keys`; parse_chord reads it back.
std::string to_string(const Chord& chord);
/// The keypad's plus, minus and Enter mean the same as the main ones.
Chord canonical(Chord chord);

enum class MouseButton : std::uint8_t { left = 0, right = 1, middle = 2 };

/// One thing that happened at the keyboard or mouse. Positions are in display pixels.
struct InputEvent {
  enum class Kind : std::uint8_t {
    key_down,
    key_repeat,
    key_up,
    text,         // codepoint
    mouse_move,   // x, y; kNowhere when the pointer left the window
    mouse_down,   // button
    mouse_up,     // button
    wheel,        // x, y = steps, up is positive
    focus_lost,   // every key and button counts as released
    frame_break,  // what follows belongs to the next frame
  };
  Kind kind = Kind::frame_break;
  MouseButton button = MouseButton::left;
  std::uint8_t modifiers = 0;
  Key key = Key::none;
  char32_t codepoint = 0;
  float x = 0;
  float y = 0;

  static constexpr float kNowhere = -1.0e6F;
  Chord chord() const { return {key, modifiers}; }
  /// A shortcut should look at this event (presses and auto-repeat, not releases).
  bool is_press() const { return kind == Kind::key_down || kind == Kind::key_repeat; }
};

/// Waits between the source of events and the frames. A frame takes as much as Dear ImGui can tell
/// apart in one frame: a press and its release never share a frame, so no tap or click is lost
/// however slow the frames are.
class InputQueue {
 public:
  void push(const InputEvent& event) { events_.push_back(event); }
  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }
  /// Moves the events of the next frame into `frame` (which is cleared first).
  void take_frame(std::vector<InputEvent>& frame);

  // Whole gestures, for scripts.
  void tap(const Chord& chord);
  void move(float x, float y);
  void click(float x, float y, MouseButton button = MouseButton::left);
  void double_click(float x, float y);
  void drag(float from_x, float from_y, float to_x, float to_y,
            MouseButton button = MouseButton::left);
  void wheel(float x, float y, float steps);
  void type(std::string_view utf8);

 private:
  std::deque<InputEvent> events_;
};

/// True when a key press may act as a shortcut while a text field has the keyboard: only with Ctrl,
/// Alt or Super, or for keys that write nothing (F1, Escape).
bool is_shortcut_while_typing(const Chord& chord);

}  // namespace isrlab::viz
