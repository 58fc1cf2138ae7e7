#include "viz/core/theme_colors.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace isrlab::viz::theme {
namespace {

constexpr Palette kDarkPalette{
    .background = from_hex(0x14171D),
    .panel = from_hex(0x1B1F27),
    .raised = from_hex(0x2A303B),
    .grid = from_hex(0x2A303B),
    .text = from_hex(0xE6E9EF),
    .text_dim = from_hex(0x9AA4B2),
    .leader = kLeader,
    .in_sync = kInSync,
    .out_of_sync = kOutOfSync,
    .down = kDown,
    .attention = kAttention,
    .zookeeper = kZookeeper,
    .group = kGroup,
    .client = kClient,
    .good = from_hex(0x9AA4B2),  // good news is quiet: the eye belongs to what is wrong
    .outline = from_hex(0x14171D),
    .outlined = false,
};

constexpr Palette light_palette() {
  Palette light = kDarkPalette;
  light.background = from_hex(0xF7F8FA);
  light.panel = from_hex(0xFFFFFF);
  light.raised = from_hex(0xE3E7ED);
  light.grid = from_hex(0xD5DAE2);
  light.text = from_hex(0x16191F);
  light.text_dim = from_hex(0x4B5563);
  light.good = from_hex(0x4B5563);
  light.outline = from_hex(0x16191F);
  light.outlined = true;
  return light;
}

constexpr Palette high_contrast_palette() {
  Palette high;
  high.background = kBlack;
  high.panel = kBlack;
  high.raised = from_hex(0x333333);
  high.grid = from_hex(0x666666);
  high.text = kWhite;
  high.text_dim = from_hex(0xD0D0D0);
  high.leader = kWhite;
  high.in_sync = from_hex(0xA8A8A8);
  high.out_of_sync = from_hex(0xFFFF00);
  high.down = from_hex(0xFFFF00);
  high.attention = from_hex(0xFFFF00);
  high.zookeeper = kWhite;
  high.group = kWhite;
  high.client = kWhite;
  high.good = kWhite;
  high.outline = kWhite;
  high.outlined = true;
  return high;
}

constexpr Palette kLightPalette = light_palette();
constexpr Palette kHighContrastPalette = high_contrast_palette();

constexpr std::array kCividis{from_hex(0x00224E), from_hex(0x35456C), from_hex(0x666970),
                              from_hex(0x948E77), from_hex(0xC8B866), from_hex(0xFEE838)};

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(Color color) {
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

std::uint8_t mix(std::uint8_t from, std::uint8_t to, double share) {
  return static_cast<std::uint8_t>(std::lround(from + (to - from) * share));
}

}  // namespace

bool parse_kind(std::string_view text, Kind& kind) {
  if (text == "dark") {
    kind = Kind::dark;
  } else if (text == "light") {
    kind = Kind::light;
  } else if (text == "high-contrast") {
    kind = Kind::high_contrast;
  } else {
    return false;
  }
  return true;
}

const Palette& palette(Kind kind) {
  switch (kind) {
    case Kind::light: return kLightPalette;
    case Kind::high_contrast: return kHighContrastPalette;
    case Kind::dark: break;
  }
  return kDarkPalette;
}

double contrast(Color first, Color second) {
  const double one = luminance(first) + 0.05;
  const double two = luminance(second) + 0.05;
  return std::max(one, two) / std::min(one, two);
}

Color label_on(Color fill) {
  return contrast(fill, kBlack) >= contrast(fill, kWhite) ? kBlack : kWhite;
}

Color blend(Color under, Color over) {
  const double share = over.alpha / 255.0;
  return {mix(under.red, over.red, share), mix(under.green, over.green, share),
          mix(under.blue, over.blue, share), 255};
}

Color ramp(double share) {
  if (!(share > 0)) return kCividis.front();  // also for NaN
  if (share >= 1) return kCividis.back();
  const double position = share * (kCividis.size() - 1);
  const auto index = static_cast<std::size_t>(position);
  const double part = position - static_cast<double>(index);
  const Color& from = kCividis[index];
  const Color& to = kCividis[index + 1];
  return {mix(from.red, to.red, part), mix(from.green, to.green, part),
          mix(from.blue, to.blue, part), 255};
}

double log_share(double value, double maximum) {
  if (!(value > 0) || !(maximum > 0)) return 0;
  return std::clamp(std::log1p(value) / std::log1p(maximum), 0.0, 1.0);
}

}  // namespace isrlab::viz::theme
