#include "viz/core/keys.hpp"

#include <fmt/format.h>

#include <array>

namespace isrlab::viz {
namespace {

struct NamedKey {
  Key key;
  std::string_view name;
};

constexpr std::array kNamedKeys{
    NamedKey{Key::space, "Space"},
    NamedKey{Key::escape, "Esc"},
    NamedKey{Key::enter, "Enter"},
    NamedKey{Key::tab, "Tab"},
    NamedKey{Key::backspace, "Backspace"},
    NamedKey{Key::insert, "Insert"},
    NamedKey{Key::delete_forward, "Delete"},
    NamedKey{Key::right, "Right"},
    NamedKey{Key::left, "Left"},
    NamedKey{Key::down, "Down"},
    NamedKey{Key::up, "Up"},
    NamedKey{Key::page_up, "PageUp"},
    NamedKey{Key::page_down, "PageDown"},
    NamedKey{Key::home, "Home"},
    NamedKey{Key::end, "End"},
    NamedKey{Key::menu, "Menu"},
    NamedKey{Key::escape, "Escape"},  // second names are read but never printed
    NamedKey{Key::enter, "Return"},
    NamedKey{Key::delete_forward, "Del"},
};

struct SignKey {
  char sign;
  Key key;
  bool shifted;
};

constexpr std::array kSignKeys{
    SignKey{'\'', Key::apostrophe, false},  SignKey{',', Key::comma, false},
    SignKey{'-', Key::minus, false},        SignKey{'.', Key::period, false},
    SignKey{'/', Key::slash, false},        SignKey{';', Key::semicolon, false},
    SignKey{'=', Key::equal, false},        SignKey{'[', Key::left_bracket, false},
    SignKey{'\\', Key::backslash, false},   SignKey{']', Key::right_bracket, false},
    SignKey{'`', Key::grave, false},        SignKey{'"', Key::apostrophe, true},
    SignKey{'+', Key::equal, true},         SignKey{'?', Key::slash, true},
    SignKey{':', Key::semicolon, true},     SignKey{'{', Key::left_bracket, true},
    SignKey{'}', Key::right_bracket, true},
};

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

bool same_word(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

std::optional<std::uint8_t> parse_modifier(std::string_view word) {
  if (same_word(word, "ctrl") || same_word(word, "control")) return std::uint8_t{mod_control};
  if (same_word(word, "shift")) return std::uint8_t{mod_shift};
  if (same_word(word, "alt")) return std::uint8_t{mod_alt};
  if (same_word(word, "super")) return std::uint8_t{mod_super};
  return std::nullopt;
}

/// The key name after the modifiers.
std::optional<Chord> parse_plain_key(std::string_view word, bool has_modifiers) {
  if (word.size() == 1) {
    const char character = word.front();
    if (character >= 'A' && character <= 'Z') {
      const std::uint8_t shift = has_modifiers ? std::uint8_t{0} : std::uint8_t{mod_shift};
      return Chord{key_of(character), shift};
    }
    if ((character >= 'a' && character <= 'z') || (character >= '0' && character <= '9')) {
      return Chord{key_of(character), 0};
    }
    for (const SignKey& sign : kSignKeys) {
      if (sign.sign == character) {
        return Chord{sign.key, sign.shifted ? std::uint8_t{mod_shift} : std::uint8_t{0}};
      }
    }
    return std::nullopt;
  }
  for (const NamedKey& named : kNamedKeys) {
    if (same_word(named.name, word)) return Chord{named.key, 0};
  }
  if (lower(word.front()) != 'f' || word.size() > 3) return std::nullopt;
  int number = 0;
  for (const char digit : word.substr(1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  if (number < 1 || number > 12) return std::nullopt;
  return Chord{static_cast<Key>(static_cast<int>(Key::f1) + number - 1), 0};
}

std::string plain_name(Key key) {
  const int code = static_cast<int>(key);
  if (key >= Key::a && key <= Key::z) return {static_cast<char>(code - 'A' + 'a')};
  if (key >= Key::digit_0 && key <= Key::digit_9) return {static_cast<char>(code)};
  if (key >= Key::f1 && key <= Key::f12) {
    return fmt::format("F{}", code - static_cast<int>(Key::f1) + 1);
  }
  for (const NamedKey& named : kNamedKeys) {
    if (named.key == key) return std::string(named.name);
  }
  for (const SignKey& sign : kSignKeys) {
    if (sign.key == key && !sign.shifted) return {sign.sign};
  }
  return fmt::format("key{}", code);
}

}  // namespace

std::optional<Chord> parse_chord(std::string_view text) {
  std::uint8_t modifiers = 0;
  // A plus sign in first or last place is the key itself: "+" and "Ctrl++".
  for (std::size_t plus = text.find('+');
       plus != std::string_view::npos && plus > 0 && plus + 1 < text.size();
       plus = text.find('+')) {
    const std::optional<std::uint8_t> modifier = parse_modifier(text.substr(0, plus));
    if (!modifier) return std::nullopt;
    modifiers |= *modifier;
    text.remove_prefix(plus + 1);
  }
  if (text.empty()) return std::nullopt;
  std::optional<Chord> chord = parse_plain_key(text, modifiers != 0);
  if (chord) chord->modifiers |= modifiers;
  return chord;
}

std::string to_string(const Chord& chord) {
  std::uint8_t modifiers = chord.modifiers;
  std::string key = plain_name(chord.key);
  if ((modifiers & mod_shift) != 0) {
    for (const SignKey& sign : kSignKeys) {
      if (sign.key != chord.key || !sign.shifted) continue;
      key = sign.sign;
      modifiers &= static_cast<std::uint8_t>(~mod_shift);
    }
  }
  if (modifiers != 0 && chord.key >= Key::a && chord.key <= Key::z) {
    key = static_cast<char>(chord.key);
  }
  return fmt::format("{}{}{}{}{}", (modifiers & mod_control) != 0 ? "Ctrl+" : "",
                     (modifiers & mod_alt) != 0 ? "Alt+" : "",
                     (modifiers & mod_super) != 0 ? "Super+" : "",
                     (modifiers & mod_shift) != 0 ? "Shift+" : "", key);
}

Chord canonical(Chord chord) {
  if (chord.key == Key::keypad_enter) chord.key = Key::enter;
  if (chord.key == Key::keypad_subtract) chord.key = Key::minus;
  if (chord.key == Key::keypad_add) {
    chord.key = Key::equal;
    chord.modifiers |= mod_shift;
  }
  return chord;
}

bool is_shortcut_while_typing(const Chord& chord) {
  if ((chord.modifiers & (mod_control | mod_alt | mod_super)) != 0) return true;
  return chord.key == Key::escape || (chord.key >= Key::f1 && chord.key <= Key::f12);
}

}  // namespace isrlab::viz
