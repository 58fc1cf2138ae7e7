#include "viz/core/keys.hpp"

namespace isrlab::viz {
namespace {

using Kind = InputEvent::Kind;

/// What the frame under construction has already changed.
struct FrameChanges {
  std::vector<Key> keys;
  std::uint8_t buttons = 0;
  bool wheel = false;
  bool text = false;
};

bool changed(const FrameChanges& frame, Key key) {
  for (const Key other : frame.keys) {
    if (other == key) return true;
  }
  return false;
}

/// The rules of Dear ImGui 1.87's own event queue, which Debian's 1.86 does not have yet.
bool fits(const FrameChanges& frame, const InputEvent& event) {
  switch (event.kind) {
    case Kind::mouse_move:
      // A click must be judged where it happened, not where the pointer went afterwards.
      return frame.buttons == 0 && !frame.wheel;
    case Kind::mouse_down:
    case Kind::mouse_up:
      return (frame.buttons & (1U << static_cast<unsigned>(event.button))) == 0 && !frame.wheel;
    case Kind::wheel: return frame.buttons == 0;
    case Kind::key_down:
    case Kind::key_up:
      // "abc" then Enter: the field must have its text before Enter closes it.
      return !changed(frame, event.key) && !(frame.text && event.kind == Kind::key_down);
    default: return true;
  }
}

void note(FrameChanges& frame, const InputEvent& event) {
  switch (event.kind) {
    case Kind::mouse_down:
    case Kind::mouse_up:
      frame.buttons |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(event.button));
      break;
    case Kind::wheel: frame.wheel = true; break;
    case Kind::key_down:
    case Kind::key_up: frame.keys.push_back(event.key); break;
    case Kind::text: frame.text = true; break;
    default: break;
  }
}

InputEvent key_event(Kind kind, Key key, std::uint8_t modifiers) {
  InputEvent event;
  event.kind = kind;
  event.key = key;
  event.modifiers = modifiers;
  return event;
}

InputEvent mouse_event(Kind kind, MouseButton button) {
  InputEvent event;
  event.kind = kind;
  event.button = button;
  return event;
}

struct ModifierKey {
  Modifier modifier;
  Key key;
};
constexpr ModifierKey kModifierKeys[] = {{mod_control, Key::left_control},
                                         {mod_alt, Key::left_alt},
                                         {mod_super, Key::left_super},
                                         {mod_shift, Key::left_shift}};

/// What a US keyboard would write for this chord; 0 for keys that write nothing.
char32_t written_by(const Chord& chord) {
  if ((chord.modifiers & (mod_control | mod_alt | mod_super)) != 0) return 0;
  if (chord.key == Key::none || chord.key > Key::grave) return 0;
  const bool shift = (chord.modifiers & mod_shift) != 0;
  const auto code = static_cast<char32_t>(chord.key);
  if (chord.key >= Key::a && chord.key <= Key::z) return shift ? code : code - U'A' + U'a';
  if (!shift) return code;
  const std::string name = to_string(chord);  // "}" for Shift+]
  return name.size() == 1 ? static_cast<char32_t>(name.front()) : 0;
}

}  // namespace

void InputQueue::take_frame(std::vector<InputEvent>& frame) {
  frame.clear();
  FrameChanges changes;
  while (!events_.empty()) {
    const InputEvent event = events_.front();
    if (event.kind == Kind::frame_break) {
      events_.pop_front();
      return;
    }
    if (!fits(changes, event)) return;
    note(changes, event);
    frame.push_back(event);
    events_.pop_front();
  }
}

void InputQueue::tap(const Chord& chord) {
  for (const ModifierKey& held : kModifierKeys) {
    if ((chord.modifiers & held.modifier) != 0) push(key_event(Kind::key_down, held.key, 0));
  }
  push(key_event(Kind::key_down, chord.key, chord.modifiers));
  if (const char32_t written = written_by(chord); written != 0) {
    InputEvent text;
    text.kind = Kind::text;
    text.codepoint = written;
    push(text);
  }
  push(key_event(Kind::key_up, chord.key, chord.modifiers));
  for (const ModifierKey& held : kModifierKeys) {
    if ((chord.modifiers & held.modifier) != 0) push(key_event(Kind::key_up, held.key, 0));
  }
}

void InputQueue::move(float x, float y) {
  InputEvent event;
  event.kind = Kind::mouse_move;
  event.x = x;
  event.y = y;
  push(event);
}

void InputQueue::click(float x, float y, MouseButton button) {
  // One frame of hovering first: windows that react to the pointer get the time to do so.
  move(x, y);
  push(InputEvent{});
  push(mouse_event(Kind::mouse_down, button));
  push(mouse_event(Kind::mouse_up, button));
}

void InputQueue::double_click(float x, float y) {
  click(x, y);
  push(mouse_event(Kind::mouse_down, MouseButton::left));
  push(mouse_event(Kind::mouse_up, MouseButton::left));
}

void InputQueue::drag(float from_x, float from_y, float to_x, float to_y, MouseButton button) {
  move(from_x, from_y);
  push(InputEvent{});
  push(mouse_event(Kind::mouse_down, button));
  constexpr int kSteps = 4;  // enough to pass Dear ImGui's drag threshold while the button is down
  for (int step = 1; step <= kSteps; ++step) {
    const float part = static_cast<float>(step) / kSteps;
    move(from_x + (to_x - from_x) * part, from_y + (to_y - from_y) * part);
    push(InputEvent{});
  }
  push(mouse_event(Kind::mouse_up, button));
}

void InputQueue::wheel(float x, float y, float steps) {
  move(x, y);
  push(InputEvent{});
  InputEvent event;
  event.kind = Kind::wheel;
  event.y = steps;
  push(event);
}

void InputQueue::type(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t codepoint = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      codepoint = (codepoint << 6U) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    }
    InputEvent event;
    event.kind = Kind::text;
    event.codepoint = codepoint;
    push(event);
    i += length;
  }
}

}  // namespace isrlab::viz
