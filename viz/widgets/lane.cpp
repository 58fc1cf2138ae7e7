#include "viz/widgets/lane.hpp"

#include <algorithm>

namespace isrlab::viz {
namespace {

using sim::Time;

/// Row of each interval: the lowest one that is free at its begin.
std::vector<std::uint16_t> assign_rows(std::span<const Interval> intervals) {
  std::vector<std::uint16_t> rows;
  std::vector<Time> free_from;
  for (const Interval& interval : intervals) {
    std::size_t row = 0;
    while (row < free_from.size() && free_from[row] > interval.from) ++row;
    if (row == free_from.size()) free_from.push_back(0);
    free_from[row] = interval.to;
    rows.push_back(static_cast<std::uint16_t>(row));
  }
  return rows;
}

bool touch(const MarkBlock& left, const MarkBlock& right, const MarkSizes& sizes) {
  if (right.x0 - left.x1 < sizes.least_gap) return true;
  if (left.single() && right.single()) return false;  // shapes may overlap a little
  return extent_of(right, sizes).x0 < extent_of(left, sizes).x1;
}

/// Two bars become one when both are too short to be seen and they almost touch.
bool merge_into(IntervalBar& left, const IntervalBar& right, float least_width) {
  const bool both_short = left.x1 - left.x0 <= least_width * static_cast<float>(left.count) &&
                          right.x1 - right.x0 <= least_width;
  if (!both_short || right.x0 - left.x1 >= least_width || left.open || right.open) return false;
  left.x1 = std::max(left.x1, right.x1);
  left.count += right.count;
  return true;
}

}  // namespace

MarkExtent extent_of(const MarkBlock& block, const MarkSizes& sizes) {
  float width = sizes.single;
  if (!block.single()) {
    float count = 0;
    for (std::uint32_t rest = block.count; rest != 0; rest /= 10) count += sizes.digit;
    width = std::max(block.x1 - block.x0, count) + sizes.block_edge;
  }
  const float center = (block.x0 + block.x1) * 0.5F;
  return {center - width * 0.5F, center + width * 0.5F};
}

std::vector<MarkBlock> merge_marks(std::span<const Mark> marks, const TimeAxis& axis,
                                   const MarkSizes& sizes) {
  std::vector<MarkBlock> blocks;
  const auto first = std::lower_bound(marks.begin(), marks.end(), axis.from,
                                      [](const Mark& mark, Time time) { return mark.time < time; });
  for (auto at = first; at != marks.end() && at->time <= axis.to; ++at) {
    const auto index = static_cast<std::uint32_t>(at - marks.begin());
    const float x = axis.to_x(at->time);
    blocks.push_back({x, x, index, 1, index});
    // A block that grew may now touch the one before it.
    while (blocks.size() > 1 && touch(blocks[blocks.size() - 2], blocks.back(), sizes)) {
      const MarkBlock right = blocks.back();
      blocks.pop_back();
      MarkBlock& left = blocks.back();
      left.x1 = right.x1;
      left.count += right.count;
      if (marks[right.worst].severity > marks[left.worst].severity) left.worst = right.worst;
    }
  }
  return blocks;
}

IntervalLayout layout_intervals(std::span<const Interval> intervals, const TimeAxis& axis, Time now,
                                float least_width) {
  IntervalLayout layout;
  const std::vector<std::uint16_t> rows = assign_rows(intervals);
  std::vector<std::ptrdiff_t> last_of_row;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Interval& interval = intervals[i];
    layout.rows = std::max<std::uint16_t>(layout.rows, static_cast<std::uint16_t>(rows[i] + 1));
    const bool open = interval.to > now;
    const Time to = open ? std::max(now, interval.from) : interval.to;
    if (interval.from > axis.to || to < axis.from) continue;
    IntervalBar bar;
    bar.first = static_cast<std::uint32_t>(i);
    bar.row = rows[i];
    bar.open = open;
    bar.starts_before = interval.from < axis.from;
    bar.ends_after = to > axis.to;
    bar.x0 = std::max(axis.to_x(interval.from), axis.x0);
    bar.x1 = std::max(std::min(axis.to_x(to), axis.x1), bar.x0 + least_width);
    if (last_of_row.size() <= bar.row) last_of_row.resize(bar.row + std::size_t{1}, -1);
    std::ptrdiff_t& last = last_of_row[bar.row];
    if (last >= 0 && merge_into(layout.bars[static_cast<std::size_t>(last)], bar, least_width)) {
      continue;
    }
    last = static_cast<std::ptrdiff_t>(layout.bars.size());
    layout.bars.push_back(bar);
  }
  return layout;
}

}  // namespace isrlab::viz
