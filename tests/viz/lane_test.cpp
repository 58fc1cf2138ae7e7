#include "viz/widgets/lane.hpp"

#include "tests/support/catch.hpp"

using namespace isrlab;
using namespace isrlab::viz;
using sim::kSecond;

namespace {

/// 100 pixels per second.
const TimeAxis kAxis{0, 10 * kSecond, 0, 1000};

std::vector<Mark> at_pixels(std::initializer_list<int> pixels) {
  std::vector<Mark> marks;
  for (const int pixel : pixels) marks.push_back({pixel * kSecond / 100, 0, 0});
  return marks;
}

std::uint32_t total(const std::vector<MarkBlock>& blocks) {
  std::uint32_t count = 0;
  for (const MarkBlock& block : blocks) count += block.count;
  return count;
}

}  // namespace

TEST_CASE("marks nearer than three pixels become one block with a count", "[viz]") {
  const auto marks = at_pixels({10, 12, 14, 17, 30, 33, 35});
  const auto blocks = merge_marks(marks, kAxis);
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0].count == 3);  // 10, 12, 14
  CHECK(blocks[0].x0 == 10);
  CHECK(blocks[0].x1 == 14);
  CHECK(blocks[1].single());  // 17 is exactly three pixels away
  CHECK(blocks[2].single());
  CHECK(blocks[3].count == 2);
  CHECK(blocks[3].first == 5);
  CHECK(total(blocks) == marks.size());
}

TEST_CASE("a block shows its worst mark, the first of equals", "[viz]") {
  std::vector<Mark> marks = at_pixels({10, 11, 12, 13});
  marks[1].severity = 2;
  marks[2].severity = 2;
  const auto blocks = merge_marks(marks, kAxis);
  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].worst == 1);
}

TEST_CASE("a count never covers a neighbour", "[viz]") {
  const MarkSizes sizes{.least_gap = 3, .single = 12, .block_edge = 6, .digit = 8};
  const auto blocks = merge_marks(at_pixels({100, 110, 111, 140}), kAxis, sizes);
  // 110 and 111 make a block of 14 pixels, which would cover the mark at 100.
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].count == 3);
  CHECK(blocks[1].single());
  for (int seed = 1; seed < 50; ++seed) {
    std::vector<Mark> marks;
    sim::Time time = 0;
    std::uint32_t state = static_cast<std::uint32_t>(seed);
    for (int i = 0; i < 200; ++i) {
      state = state * 1664525U + 1013904223U;
      time += (state >> 16U) % 100 * kSecond / 1000;
      marks.push_back({time, 0, 0});
    }
    const TimeAxis axis{0, time + 1, 0, 1000};
    const auto merged = merge_marks(marks, axis, sizes);
    CHECK(total(merged) == marks.size());
    for (std::size_t i = 1; i < merged.size(); ++i) {
      if (merged[i].single() && merged[i - 1].single()) continue;
      CHECK(extent_of(merged[i - 1], sizes).x1 <= extent_of(merged[i], sizes).x0);
    }
  }
}

TEST_CASE("only visible marks count", "[viz]") {
  const auto marks = at_pixels({10, 500, 501, 990});
  const auto blocks = merge_marks(marks, {4 * kSecond, 6 * kSecond, 0, 1000});
  REQUIRE(blocks.size() == 2);  // five times as much room: no longer merged
  CHECK(blocks[0].first == 1);
  CHECK(merge_marks({}, kAxis).empty());
}

TEST_CASE("overlapping intervals lie in different rows", "[viz]") {
  const std::vector<Interval> intervals{
      {0, 5 * kSecond, 0}, {2 * kSecond, 4 * kSecond, 1}, {5 * kSecond, sim::kNever, 2}};
  const IntervalLayout layout = layout_intervals(intervals, kAxis, 8 * kSecond);
  REQUIRE(layout.bars.size() == 3);
  CHECK(layout.rows == 2);
  CHECK(layout.bars[0].row == 0);
  CHECK(layout.bars[1].row == 1);
  CHECK(layout.bars[2].row == 0);  // begins exactly where the first one ends
  CHECK(layout.bars[1].x0 == 200);
  CHECK(layout.bars[1].x1 == 400);
  CHECK_FALSE(layout.bars[1].open);
  CHECK(layout.bars[2].open);
  CHECK(layout.bars[2].x1 == 800);
}

TEST_CASE("rows do not depend on what is visible", "[viz]") {
  const std::vector<Interval> intervals{{0, 5 * kSecond, 0}, {2 * kSecond, 9 * kSecond, 1}};
  const IntervalLayout layout =
      layout_intervals(intervals, {6 * kSecond, 8 * kSecond, 0, 100}, 10 * kSecond);
  REQUIRE(layout.bars.size() == 1);
  CHECK(layout.bars[0].row == 1);
  CHECK(layout.rows == 2);
  CHECK(layout.bars[0].starts_before);
  CHECK(layout.bars[0].ends_after);
  CHECK(layout.bars[0].x0 == 0);
  CHECK(layout.bars[0].x1 == 100);
}

TEST_CASE("short intervals stay visible and merge when too close", "[viz]") {
  std::vector<Interval> intervals;
  for (int i = 0; i < 5; ++i)
    intervals.push_back({kSecond + i * 10'000'000, kSecond + i * 10'000'000 + 1000, 0});
  intervals.push_back({5 * kSecond, 5 * kSecond + 1000, 0});
  const IntervalLayout layout = layout_intervals(intervals, kAxis, 10 * kSecond);
  REQUIRE(layout.bars.size() == 2);
  CHECK(layout.bars[0].count == 5);
  CHECK(layout.bars[1].count == 1);
  CHECK(layout.bars[1].x1 - layout.bars[1].x0 == 3);
}
