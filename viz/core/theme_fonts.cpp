#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "viz/compat.hpp"
#include "viz/core/theme.hpp"

namespace isrlab::viz::theme {
namespace {

struct Sign {
  char32_t codepoint;
  const char* ascii;
};

/// Every sign the viewer draws as text, with what stands for it when the font lacks it. DejaVu Sans
/// has them all; ⏸ ⌕ ⌛ and clocks are missing there and drawn as icons (widgets/shapes).
constexpr std::array kSigns{
    Sign{U'▶', ">"},   Sign{U'◀', "<"},  Sign{U'▷', ">"},      Sign{U'◁', "<"},
    Sign{U'▸', ">"},   Sign{U'▾', "v"},  Sign{U'●', "*"},      Sign{U'○', "o"},
    Sign{U'◆', "#"},   Sign{U'◇', "o"},  Sign{U'▲', "^"},      Sign{U'▼', "v"},
    Sign{U'△', "^"},   Sign{U'▽', "v"},  Sign{U'■', "#"},      Sign{U'□', "o"},
    Sign{U'▭', "[]"},  Sign{U'▤', "="},  Sign{U'⬡', "o"},      Sign{U'⬢', "#"},
    Sign{U'⬟', "#"},   Sign{U'★', "*"},  Sign{U'☆', "+"},      Sign{U'⚑', "P"},
    Sign{U'⚐', "p"},   Sign{U'⚡', "!"}, Sign{U'☠', "x"},      Sign{U'⚠', "!"},
    Sign{U'✓', "ok"},  Sign{U'✗', "x"},  Sign{U'✕', "x"},      Sign{U'╳', "x"},
    Sign{U'↻', "@"},   Sign{U'⟳', "@"},  Sign{U'✂', "8<"},     Sign{U'➤', ">"},
    Sign{U'✎', "/"},   Sign{U'☰', "="},  Sign{U'☐', "[ ]"},    Sign{U'☑', "[x]"},
    Sign{U'→', "->"},  Sign{U'←', "<-"}, Sign{U'↑', "^"},      Sign{U'↓', "v"},
    Sign{U'↔', "<->"}, Sign{U'≤', "<="}, Sign{U'≥', ">="},     Sign{U'≠', "!="},
    Sign{U'≈', "~"},   Sign{U'≋', "~"},  Sign{U'∞', "inf"},    Sign{U'‖', "||"},
    Sign{U'…', ".."},  Sign{U'–', "-"},  Sign{U'—', "-"},      Sign{U'·', "."},
    Sign{U'×', "x"},   Sign{U'±', "+-"}, Sign{U'µ', "u"},      Sign{U'Δ', "d"},
    Sign{U'σ', "s"},   Sign{U'█', "#"},  Sign{U'▓', "#"},      Sign{U'▒', ":"},
    Sign{U'░', "."},   Sign{U'▁', "_"},  Sign{U'▂', "_"},      Sign{U'▃', "-"},
    Sign{U'▄', "-"},   Sign{U'▅', "="},  Sign{U'▆', "="},      Sign{U'▇', "#"},
    Sign{U'─', "-"},   Sign{U'│', "|"},  Sign{U'\u2009', " "},  // thin space between digits
};

constexpr const char* kFontFolders[] = {
    "/usr/share/fonts/truetype/dejavu/",  // Debian, Ubuntu
    "/usr/share/fonts/dejavu-sans-fonts/",
    "/usr/share/fonts/dejavu/",
    "/usr/share/fonts/TTF/",
    "/usr/local/share/fonts/",
};

std::string find_font(const char* name) {
  std::error_code ignored;
  for (const char* folder : kFontFolders) {
    std::string path = std::string(folder) + name;
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return {};
}

/// Latin, Greek and Cyrillic (names in scenarios) plus our signs. Static, because the atlas keeps
/// the pointer until it is built.
const ImWchar* glyph_ranges() {
  static const std::vector<ImWchar> ranges = [] {
    std::vector<ImWchar> list{0x0020, 0x017F, 0x0370, 0x03FF, 0x0400, 0x045F};
    for (const Sign& sign : kSigns) {
      list.push_back(static_cast<ImWchar>(sign.codepoint));
      list.push_back(static_cast<ImWchar>(sign.codepoint));
    }
    list.push_back(0);
    return list;
  }();
  return ranges.data();
}

ImFont* add_font(ImFontAtlas& atlas, const std::string& path, float pixels) {
  if (!path.empty()) {
    ImFontConfig config;
    config.OversampleH = 2;  // 3 would double the atlas for no visible gain at 15 px
    config.PixelSnapH = true;
    if (ImFont* font = atlas.AddFontFromFileTTF(path.c_str(), pixels, &config, glyph_ranges())) {
      return font;
    }
  }
  ImFontConfig config;
  config.SizePixels = pixels;
  return atlas.AddFontDefault(&config);
}

std::string to_utf8(char32_t codepoint) {
  std::string text;
  if (codepoint < 0x80) {
    text += static_cast<char>(codepoint);
  } else if (codepoint < 0x800) {
    text += static_cast<char>(0xC0U | (codepoint >> 6U));
    text += static_cast<char>(0x80U | (codepoint & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | (codepoint >> 12U));
    text += static_cast<char>(0x80U | ((codepoint >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (codepoint & 0x3FU));
  }
  return text;
}

}  // namespace

bool Fonts::has(char32_t sign) const {
  return std::find(missing.begin(), missing.end(), sign) == missing.end();
}

std::string Fonts::plain(std::string_view text) const {
  std::string result(text);
  for (const Sign& sign : kSigns) {
    if (has(sign.codepoint)) continue;
    const std::string from = to_utf8(sign.codepoint);
    for (std::size_t at = result.find(from); at != std::string::npos; at = result.find(from, at)) {
      result.replace(at, from.size(), sign.ascii);
      at += std::string_view(sign.ascii).size();
    }
  }
  return result;
}

Fonts load_fonts(ImFontAtlas& atlas, float scale, const FontOptions& options) {
  std::string regular;
  std::string bold;
  std::string mono;
  std::error_code ignored;
  if (!options.built_in_only) {
    if (!options.path.empty() && std::filesystem::is_regular_file(options.path, ignored)) {
      regular = bold = mono = options.path;
    } else {
      regular = find_font("DejaVuSans.ttf");
      bold = find_font("DejaVuSans-Bold.ttf");
      mono = find_font("DejaVuSansMono.ttf");
      if (bold.empty()) bold = regular;
      if (mono.empty()) mono = regular;
    }
  }
  const auto pixels = [scale](float size) { return std::round(size * scale); };
  Fonts fonts;
  fonts.body = add_font(atlas, regular, pixels(15));
  fonts.bold = add_font(atlas, bold, pixels(15));
  fonts.small = add_font(atlas, regular, pixels(12));
  fonts.title = add_font(atlas, bold, pixels(19));
  fonts.mono = add_font(atlas, mono, pixels(14));
  fonts.path = regular.empty() ? "built-in" : regular;
  atlas.Build();
  for (const Sign& sign : kSigns) {
    // Judged by all fonts, so that one text may be drawn with any of them; mono is the exception,
    // it lacks a few shapes that logs never print.
    const auto glyph = static_cast<ImWchar>(sign.codepoint);
    if (!compat::has_glyph(*fonts.body, glyph) || !compat::has_glyph(*fonts.bold, glyph)) {
      fonts.missing.push_back(sign.codepoint);
    }
  }
  return fonts;
}

}  // namespace isrlab::viz::theme
