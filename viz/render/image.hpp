// Pictures in memory and as PNG files.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "viz/core/theme_colors.hpp"
#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {

/// RGBA, 8 bits each, top row first.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
  friend bool operator==(const Image&, const Image&) = default;

  theme::Color at(int x, int y) const;
  /// Share (0 to 1) of the pixels inside `area` that have exactly this colour. Picture tests ask
  /// this instead of comparing whole files.
  double share_of(theme::Color color, const Rect& area) const;
  /// Share of pixels where any channel differs by more than `tolerance`; 1 if the sizes differ.
  double difference(const Image& other, int tolerance) const;
};

/// A text inside the PNG (chunk iTXt): every picture carries its scenario, seed and time, so that
/// it can be made again. `key` is 1 to 79 Latin letters, the text is UTF-8.
struct PngText {
  std::string key;
  std::string text;
};

/// The bytes of the file. Equal images and texts give equal bytes.
std::vector<std::uint8_t> encode_png(const Image& image, std::span<const PngText> texts);
/// Throws RenderError with a sentence when the file cannot be written.
void write_png(const std::string& path, const Image& image, std::span<const PngText> texts);

}  // namespace isrlab::viz
