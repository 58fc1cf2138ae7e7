// Two tiles and the bar between them. The share is kept, not the pixels, so a layout survives a
// change of the window size or of the UI scale.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>

#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {

struct Ui;

/// `horizontal` = side by side, `vertical` = one above the other.
enum class SplitAxis : std::uint8_t { horizontal, vertical };

struct SplitLimits {
  float least_first = 80;  // pixels
  float least_second = 80;
  float start = 0.5F;  // share of the first tile; a double click goes back to it
  float bar = 5;       // pixels
};

/// `share` moved so far that both tiles have their least size; if they cannot, in proportion.
float clamp_share(float share, float total, const SplitLimits& limits);

struct SplitTiles {
  Rect first;
  Rect bar;
  Rect second;
};
/// Whole pixels: blurred tile edges would shimmer while the bar is moved.
SplitTiles split(const Rect& area, SplitAxis axis, float share, const SplitLimits& limits);

/// Draws the bar and changes `share` while it is dragged. Lengths of `limits` are at scale 1.
SplitTiles splitter(Ui& ui, std::string_view id, const Rect& area, SplitAxis axis, float& share,
                    SplitLimits limits = {});

}  // namespace isrlab::viz
