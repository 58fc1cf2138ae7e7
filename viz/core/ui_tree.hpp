// The list of everything on the screen that has a name. Each widget and canvas object calls mark()
// while it is drawn; scripts, tests, `--dump-ui` and the keyboard find things by these names and
// never by pixel. Names are stable: "panel/kind:name", with "/part" behind it where needed.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::viz {

/// In display pixels, y down; x1 and y1 are outside.
struct Rect {
  float x0 = 0;
  float y0 = 0;
  float x1 = 0;
  float y1 = 0;
  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  float center_x() const { return (x0 + x1) * 0.5F; }
  float center_y() const { return (y0 + y1) * 0.5F; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  bool contains(float x, float y) const { return x >= x0 && x < x1 && y >= y0 && y < y1; }
  Rect clipped_to(const Rect& other) const;
  Rect inset(float by) const { return {x0 + by, y0 + by, x1 - by, y1 - by}; }
  friend bool operator==(const Rect&, const Rect&) = default;
};

struct UiNode {
  std::string id;
  Rect rect;     // as laid out, possibly partly outside of its panel
  Rect visible;  // the part that can be seen and clicked; empty = scrolled away
  std::string label;
  std::string value;
  bool enabled = true;
};

class UiTree {
 public:
  /// While a frame is drawn, find() still answers from the one before; end_frame() changes that.
  void begin_frame();
  void end_frame();
  /// Everything marked until pop_clip() is visible only inside `clip`.
  void push_clip(const Rect& clip);
  void pop_clip();
  void mark(std::string_view id, const Rect& rect, std::string_view label = {},
            std::string_view value = {}, bool enabled = true);

  /// Looks in the last complete frame.
  const UiNode* find(std::string_view id) const;
  /// The last complete frame in drawing order.
  const std::vector<UiNode>& nodes() const { return nodes_; }
  /// Names marked twice in the last complete frame: a mistake of the panel that drew them.
  const std::vector<std::string>& duplicates() const { return duplicates_; }
  /// The known name most like `id`, for "did you mean"; empty if there is none.
  std::string nearest(std::string_view id) const;
  /// One line per name, sorted: what `--dump-ui` prints.
  std::string dump() const;

 private:
  std::vector<UiNode> building_;
  std::vector<UiNode> nodes_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::string> duplicates_;
  std::vector<Rect> clips_;
};

/// Number of single-character edits between two words, at most `limit` + 1.
std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit);

}  // namespace isrlab::viz
