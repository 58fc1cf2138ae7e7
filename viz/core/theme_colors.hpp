// What every colour in the viewer means. The set follows Okabe and Ito (readable with every common
// kind of colour blindness); no fact is told by colour alone, so each meaning also has a shape, a
// letter or a word, named here beside it. No Dear ImGui in this header: view-models may use it.
#pragma once
#include <cstdint>
#include <string_view>

namespace isrlab::viz::theme {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  std::uint8_t alpha = 255;

  /// Byte order of Dear ImGui's ImU32 and of RGBA8 pixels.
  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(red) | (static_cast<std::uint32_t>(green) << 8U) |
           (static_cast<std::uint32_t>(blue) << 16U) | (static_cast<std::uint32_t>(alpha) << 24U);
  }
  /// The same colour, `share` (0 to 1) as opaque.
  constexpr Color faded(float share) const {
    return {red, green, blue, static_cast<std::uint8_t>(static_cast<float>(alpha) * share + 0.5F)};
  }
  friend constexpr bool operator==(const Color&, const Color&) = default;
};

constexpr Color from_hex(std::uint32_t rgb) {
  return {static_cast<std::uint8_t>(rgb >> 16U), static_cast<std::uint8_t>(rgb >> 8U),
          static_cast<std::uint8_t>(rgb), 255};
}

inline constexpr Color kBlack = from_hex(0x000000);
inline constexpr Color kWhite = from_hex(0xFFFFFF);
inline constexpr Color kLeader = from_hex(0x0072B2);     // solid cell, letter L (L* not preferred)
inline constexpr Color kInSync = from_hex(0x56B4E9);     // follower in the ISR: solid cell, F
inline constexpr Color kOutOfSync = from_hex(0xE69F00);  // hollow cell, thick edge, lag number
inline constexpr Color kDown = from_hex(0xD55E00);       // down, fault, violation: cross and word
inline constexpr Color kAttention = from_hex(0xF0E442);  // controller (star), selection, playhead
inline constexpr Color kZookeeper = from_hex(0x009E73);  // hexagon
inline constexpr Color kGroup = from_hex(0xCC79A7);      // consumer groups: left triangle
inline constexpr Color kClient = from_hex(0xE6E9EF);     // producers: right triangle

enum class Kind : std::uint8_t { dark, light, high_contrast };
/// "dark", "light", "high-contrast"; false leaves `kind` alone.
bool parse_kind(std::string_view text, Kind& kind);

/// The colours of one theme, by meaning.
struct Palette {
  Color background;  // behind everything
  Color panel;       // tiles
  Color raised;      // buttons, headers
  Color grid;        // lines that only help the eye
  Color text;
  Color text_dim;
  Color leader;
  Color in_sync;
  Color out_of_sync;
  Color down;
  Color attention;
  Color zookeeper;
  Color group;
  Color client;
  Color good;     // a check mark: things that hold
  Color outline;  // 1 px round filled shapes, where `outlined`
  bool outlined = false;
};

/// The light theme keeps the same fills and adds a dark outline: darkening the palette until it
/// reaches contrast 3 on white makes lag and down equal for colour-blind people.
const Palette& palette(Kind kind);

/// WCAG contrast ratio of two opaque colours, 1 to 21.
double contrast(Color first, Color second);
/// Black or white, whichever reads better on `fill`.
Color label_on(Color fill);
/// `over` drawn on the opaque colour `under`.
Color blend(Color under, Color over);

/// Quantities (lag, load): the cividis ramp, `share` from 0 to 1. Always with the number on hover.
Color ramp(double share);
/// Position of `value` on a logarithmic ramp that ends at `maximum`; 0 stays 0.
double log_share(double value, double maximum);

}  // namespace isrlab::viz::theme
