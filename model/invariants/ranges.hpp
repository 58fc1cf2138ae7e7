// A set of numbers as sorted ranges that neither overlap nor touch: record numbers, mostly dense.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace isrlab::model {

class Ranges {
 public:
  /// Is some number of [from, to) in it?
  bool meets(std::uint64_t from, std::uint64_t to) const {
    const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                         [from](const Range& range) { return range.to <= from; });
    return at != ranges_.end() && at->from < to;
  }
  /// Adds [from, to), also where it was in it already.
  void merge(std::uint64_t from, std::uint64_t to) {
    if (add(from, to)) return;
    const auto first = std::partition_point(ranges_.begin(), ranges_.end(),
                                            [from](const Range& r) { return r.to < from; });
    auto last = first;
    Range joined{from, to};
    for (; last != ranges_.end() && last->from <= to; ++last) {
      joined = {std::min(joined.from, last->from), std::max(joined.to, last->to)};
    }
    ranges_.insert(ranges_.erase(first, last), joined);
  }
  /// Adds [from, to); false if some of them were in it already.
  bool add(std::uint64_t from, std::uint64_t to) {
    auto at = ranges_.end();
    while (at != ranges_.begin() && (at - 1)->from >= from) --at;  // nearly always the last
    const bool meets_left = at != ranges_.begin() && (at - 1)->to >= from;
    if (meets_left && (at - 1)->to > from) return false;
    const bool meets_right = at != ranges_.end() && at->from <= to;
    if (meets_right && at->from < to) return false;
    if (meets_left && meets_right) {
      (at - 1)->to = at->to;
      ranges_.erase(at);
    } else if (meets_left) {
      (at - 1)->to = to;
    } else if (meets_right) {
      at->from = from;
    } else {
      ranges_.insert(at, {from, to});
    }
    return true;
  }

 private:
  struct Range {
    std::uint64_t from;
    std::uint64_t to;
  };
  std::vector<Range> ranges_;
};

}  // namespace isrlab::model
