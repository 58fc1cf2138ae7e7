// Dear ImGui style and fonts. Sizes are in pixels at scale 1 and multiplied by the UI scale; a new
// scale means a fresh style and a new font atlas (1.86 cannot resize fonts at run time).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "viz/core/theme_colors.hpp"

struct ImFont;
struct ImFontAtlas;

namespace isrlab::viz::theme {

inline constexpr float kScaleMinimum = 0.75F;
inline constexpr float kScaleMaximum = 3.0F;

struct FontOptions {
  /// A .ttf to use for all text; empty = look for DejaVu Sans where distributions put it.
  std::string path;
  /// Never look for a font file: the built-in one, ASCII only. For tests and as the last resort.
  bool built_in_only = false;
};

/// The fonts of one atlas. The pointers live as long as the atlas.
struct Fonts {
  ImFont* body = nullptr;         // 15 px
  ImFont* bold = nullptr;         // 15 px
  ImFont* small = nullptr;        // 12 px: axis labels, captions in shapes
  ImFont* title = nullptr;        // 19 px bold
  ImFont* mono = nullptr;         // 14 px: logs, hashes
  std::string path;               // of body; "built-in" when no file was found
  std::vector<char32_t> missing;  // signs of our table that the font lacks

  bool has(char32_t sign) const;
  /// `text` with every sign the font lacks replaced by ASCII ("▶" by ">").
  std::string plain(std::string_view text) const;
};

/// Fills the empty atlas. Falls back to the built-in font, never fails.
Fonts load_fonts(ImFontAtlas& atlas, float scale, const FontOptions& options);

/// Sets colours and sizes of the current Dear ImGui context.
void apply_style(Kind kind, float scale);

/// The scale within the supported range.
float clamp_scale(float scale);

}  // namespace isrlab::viz::theme
