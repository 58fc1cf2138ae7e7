// Layout of a timeline lane, without Dear ImGui. Nothing is ever dropped: marks too close to be
// told apart become one block with their number, intervals too short to be seen get a least width.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {

/// Marks and intervals closer than this merge.
inline constexpr float kMergePixels = 3;

/// One event on a lane. `severity` orders what a block shows: the worst of its marks.
struct Mark {
  sim::Time time = 0;
  std::uint32_t tag = 0;  // the lane's own: kind of event, index of its style
  std::uint8_t severity = 0;
};

/// One mark, or several that lie too close together.
struct MarkBlock {
  float x0 = 0;             // of its first mark
  float x1 = 0;             // of its last mark; x0 for a single one
  std::uint32_t first = 0;  // index of its first mark
  std::uint32_t count = 0;
  std::uint32_t worst = 0;  // index of the mark with the highest severity, the first of them
  bool single() const { return count == 1; }
};

/// How wide marks are drawn, so that a block with a count never covers its neighbours: whatever it
/// would cover becomes part of it. All 0: only the distance counts.
struct MarkSizes {
  float least_gap = kMergePixels;
  float single = 0;      // width of a single mark
  float block_edge = 0;  // a block is as wide as its marks lie apart or its count, plus this
  float digit = 0;       // width of one digit of the count
};

/// Left and right edge as drawn.
struct MarkExtent {
  float x0 = 0;
  float x1 = 0;
};
MarkExtent extent_of(const MarkBlock& block, const MarkSizes& sizes);

/// `marks` ascend in time. Only visible marks are looked at.
std::vector<MarkBlock> merge_marks(std::span<const Mark> marks, const TimeAxis& axis,
                                   const MarkSizes& sizes = {});

/// Something that lasted: a fault, a controller's term. `to` = kNever: it has not ended.
struct Interval {
  sim::Time from = 0;
  sim::Time to = sim::kNever;
  std::uint32_t tag = 0;
};

struct IntervalBar {
  float x0 = 0;
  float x1 = 0;
  std::uint32_t first = 0;     // index of the (first) interval
  std::uint32_t count = 1;     // more than one: too short and close to be told apart
  std::uint16_t row = 0;       // overlapping intervals lie in different rows
  bool open = false;           // not ended: drawn fading
  bool starts_before = false;  // its begin is left of the axis
  bool ends_after = false;
};

struct IntervalLayout {
  std::vector<IntervalBar> bars;
  std::uint16_t rows = 1;
};

/// `intervals` ascend by `from`. Rows depend on all intervals, not only on the visible ones, so
/// nothing jumps while the view moves. `now` ends open intervals.
IntervalLayout layout_intervals(std::span<const Interval> intervals, const TimeAxis& axis,
                                sim::Time now, float least_width = kMergePixels);

}  // namespace isrlab::viz
