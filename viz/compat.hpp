// The few places where the versions of Dear ImGui in Debian 12 (1.86), 13 (1.90) and sid (1.92)
// differ. Everything else in viz/ compiles unchanged with all of them.
#pragma once
#include <imgui.h>

#include <cstdint>

#include "viz/core/keys.hpp"

namespace isrlab::viz::compat {

/// An OpenGL texture name as Dear ImGui wants it (a pointer until 1.91.3, then an integer).
inline ImTextureID texture_id(unsigned name) {
#if IMGUI_VERSION_NUM >= 19140
  return static_cast<ImTextureID>(name);
#else
  return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(name));
#endif
}

/// The size a font was loaded with, in pixels (fonts have no fixed size since 1.92).
inline float font_size(const ImFont& font) {
#if IMGUI_VERSION_NUM >= 19200
  return font.LegacySize;
#else
  return font.FontSize;
#endif
}

inline bool has_glyph(ImFont& font, ImWchar glyph) {
#if IMGUI_VERSION_NUM >= 19200
  return font.IsGlyphInFont(glyph);
#else
  return font.FindGlyphNoFallback(glyph) != nullptr;
#endif
}

#if IMGUI_VERSION_NUM >= 18700
using ImGuiKeyName = ImGuiKey;
#else
using ImGuiKeyName = ImGuiKey_;
#endif

struct KeyPair {
  Key own;
  ImGuiKeyName theirs;
};

/// The keys Dear ImGui's own widgets look at (text fields, keyboard navigation). Shortcuts never
/// go this way.
inline constexpr KeyPair kWidgetKeys[] = {
    {Key::tab, ImGuiKey_Tab},
    {Key::left, ImGuiKey_LeftArrow},
    {Key::right, ImGuiKey_RightArrow},
    {Key::up, ImGuiKey_UpArrow},
    {Key::down, ImGuiKey_DownArrow},
    {Key::page_up, ImGuiKey_PageUp},
    {Key::page_down, ImGuiKey_PageDown},
    {Key::home, ImGuiKey_Home},
    {Key::end, ImGuiKey_End},
    {Key::insert, ImGuiKey_Insert},
    {Key::delete_forward, ImGuiKey_Delete},
    {Key::backspace, ImGuiKey_Backspace},
    {Key::space, ImGuiKey_Space},
    {Key::enter, ImGuiKey_Enter},
    {Key::escape, ImGuiKey_Escape},
    {Key::keypad_enter,
#if IMGUI_VERSION_NUM >= 18700
     ImGuiKey_KeypadEnter},
#else
     ImGuiKey_KeyPadEnter},
#endif
    {key_of('a'), ImGuiKey_A},
    {key_of('c'), ImGuiKey_C},
    {key_of('v'), ImGuiKey_V},
    {key_of('x'), ImGuiKey_X},
    {key_of('y'), ImGuiKey_Y},
    {key_of('z'), ImGuiKey_Z},
};

/// Once per context.
inline void set_up_keys(ImGuiIO& io) {
#if IMGUI_VERSION_NUM >= 18700
  static_cast<void>(io);
#else
  for (int& index : io.KeyMap) index = -1;
  for (const KeyPair& pair : kWidgetKeys) io.KeyMap[pair.theirs] = static_cast<int>(pair.own);
#endif
}

inline void add_key(ImGuiIO& io, Key key, bool down) {
#if IMGUI_VERSION_NUM >= 18700
  switch (key) {
    case Key::left_control:
    case Key::right_control: io.AddKeyEvent(ImGuiMod_Ctrl, down); return;
    case Key::left_shift:
    case Key::right_shift: io.AddKeyEvent(ImGuiMod_Shift, down); return;
    case Key::left_alt:
    case Key::right_alt: io.AddKeyEvent(ImGuiMod_Alt, down); return;
    case Key::left_super:
    case Key::right_super: io.AddKeyEvent(ImGuiMod_Super, down); return;
    default: break;
  }
  for (const KeyPair& pair : kWidgetKeys) {
    if (pair.own == key) io.AddKeyEvent(pair.theirs, down);
  }
#else
  const auto is_down = [&io](Key one) { return io.KeysDown[static_cast<int>(one)]; };
  if (key == Key::none || static_cast<int>(key) >= kKeyCount) return;
  io.KeysDown[static_cast<int>(key)] = down;
  io.KeyCtrl = is_down(Key::left_control) || is_down(Key::right_control);
  io.KeyShift = is_down(Key::left_shift) || is_down(Key::right_shift);
  io.KeyAlt = is_down(Key::left_alt) || is_down(Key::right_alt);
  io.KeySuper = is_down(Key::left_super) || is_down(Key::right_super);
#endif
}

inline void add_mouse_position(ImGuiIO& io, float x, float y) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddMousePosEvent(x, y);
#else
  io.MousePos = ImVec2(x, y);
#endif
}

inline void add_mouse_button(ImGuiIO& io, MouseButton button, bool down) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddMouseButtonEvent(static_cast<int>(button), down);
#else
  io.MouseDown[static_cast<int>(button)] = down;
#endif
}

inline void add_mouse_wheel(ImGuiIO& io, float x, float y) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddMouseWheelEvent(x, y);
#else
  io.MouseWheelH += x;
  io.MouseWheel += y;
#endif
}

/// Releases everything, for example when the window loses the keyboard.
inline void release_all(ImGuiIO& io) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddFocusEvent(false);
  io.AddFocusEvent(true);
#else
  io.ClearInputKeys();  // clears the modifiers' flags as well
  for (bool& down : io.MouseDown) down = false;
#endif
}

}  // namespace isrlab::viz::compat
