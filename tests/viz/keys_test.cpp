#include "viz/core/keys.hpp"

#include "tests/support/catch.hpp"

using namespace isrlab::viz;

namespace {

using Kind = InputEvent::Kind;

std::vector<std::vector<InputEvent>> frames_of(InputQueue& queue) {
  std::vector<std::vector<InputEvent>> frames;
  while (!queue.empty()) {
    frames.emplace_back();
    queue.take_frame(frames.back());
  }
  return frames;
}

int count(const std::vector<std::vector<InputEvent>>& frames, Kind kind) {
  int number = 0;
  for (const auto& frame : frames) {
    for (const InputEvent& event : frame) number += event.kind == kind ? 1 : 0;
  }
  return number;
}

}  // namespace

TEST_CASE("chords are read as the manual writes them", "[viz]") {
  CHECK(parse_chord("Space") == Chord{Key::space, 0});
  CHECK(parse_chord("space") == Chord{Key::space, 0});
  CHECK(parse_chord("f") == Chord{key_of('f'), 0});
  CHECK(parse_chord("F") == Chord{key_of('f'), mod_shift});
  CHECK(parse_chord("Ctrl+K") == Chord{key_of('k'), mod_control});
  CHECK(parse_chord("ctrl+shift+z") == Chord{key_of('z'), mod_control | mod_shift});
  CHECK(parse_chord("Shift+.") == Chord{Key::period, mod_shift});
  CHECK(parse_chord("}") == Chord{Key::right_bracket, mod_shift});
  CHECK(parse_chord("+") == Chord{Key::equal, mod_shift});
  CHECK(parse_chord("Ctrl++") == Chord{Key::equal, mod_shift | mod_control});
  CHECK(parse_chord("F4") == Chord{static_cast<Key>(293), 0});
  CHECK(parse_chord("Esc") == parse_chord("Escape"));
  for (const char* bad : {"", "F13", "F0", "Hyper+K", "Ctrl+", "ä", "Spaace"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_chord(bad).has_value());
  }
}

TEST_CASE("every chord of the bindings survives writing and reading", "[viz]") {
  for (const char* text :
       {"Space",  ".",    ",",      "Shift+.", "]",   "}",       "'",
        "\"",     "+",    "-",      "1",       "a",   "Shift+A", "Ctrl+K",
        "Ctrl++", "Home", "PageUp", "F1",      "F12", "?",       "Ctrl+Alt+Super+Shift+X",
        "Ctrl+0", "Del",  ";"}) {
    CAPTURE(text);
    const auto chord = parse_chord(text);
    REQUIRE(chord.has_value());
    CHECK(parse_chord(to_string(*chord)) == chord);
  }
  CHECK(to_string({key_of('k'), mod_control}) == "Ctrl+K");
  CHECK(to_string({Key::right_bracket, mod_shift}) == "}");
  CHECK(to_string(canonical({Key::keypad_add, 0})) == "+");
}

TEST_CASE("no tap is lost however slow the frames are", "[viz]") {
  InputQueue queue;
  for (int i = 0; i < 5; ++i) queue.tap({Key::space, 0});
  const auto frames = frames_of(queue);
  CHECK(count(frames, Kind::key_down) == 5);
  for (const auto& frame : frames) {
    int changes = 0;
    for (const InputEvent& event : frame) changes += event.key == Key::space ? 1 : 0;
    CHECK(changes <= 1);  // a press and its release never share a frame
  }
}

TEST_CASE("a click hovers first, then presses, then releases", "[viz]") {
  InputQueue queue;
  queue.click(10, 20);
  const auto frames = frames_of(queue);
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].at(0).kind == Kind::mouse_move);
  CHECK(frames[0].at(0).x == 10);
  CHECK(frames[1].at(0).kind == Kind::mouse_down);
  CHECK(frames[2].at(0).kind == Kind::mouse_up);
}

TEST_CASE("movement after a click waits for the next frame", "[viz]") {
  InputQueue queue;
  InputEvent down;
  down.kind = Kind::mouse_down;
  queue.move(1, 1);
  queue.move(2, 2);
  queue.push(down);
  queue.move(50, 50);
  const auto frames = frames_of(queue);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].size() == 3);
  CHECK(frames[1].at(0).x == 50);
}

TEST_CASE("text comes before the key that ends it", "[viz]") {
  InputQueue queue;
  queue.type("aß→");
  queue.tap({Key::enter, 0});
  const auto frames = frames_of(queue);
  REQUIRE(frames.size() == 3);
  REQUIRE(frames[0].size() == 3);
  CHECK(frames[0][1].codepoint == U'ß');
  CHECK(frames[0][2].codepoint == U'→');
  CHECK(frames[1].at(0).key == Key::enter);
}

TEST_CASE("a tap writes what the key writes", "[viz]") {
  const auto written = [](const char* chord) {
    InputQueue queue;
    queue.tap(*parse_chord(chord));
    char32_t codepoint = 0;
    for (const auto& frame : frames_of(queue)) {
      for (const InputEvent& event : frame) {
        if (event.kind == Kind::text) codepoint = event.codepoint;
      }
    }
    return codepoint;
  };
  CHECK(written("a") == U'a');
  CHECK(written("A") == U'A');
  CHECK(written("}") == U'}');
  CHECK(written("Ctrl+A") == 0);
  CHECK(written("F1") == 0);
}

TEST_CASE("letters are no shortcuts while typing", "[viz]") {
  CHECK_FALSE(is_shortcut_while_typing(*parse_chord("k")));
  CHECK_FALSE(is_shortcut_while_typing(*parse_chord("K")));
  CHECK_FALSE(is_shortcut_while_typing(*parse_chord("Space")));
  CHECK(is_shortcut_while_typing(*parse_chord("Ctrl+K")));
  CHECK(is_shortcut_while_typing(*parse_chord("F1")));
  CHECK(is_shortcut_while_typing(*parse_chord("Esc")));
}
