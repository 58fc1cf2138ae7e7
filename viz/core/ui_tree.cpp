#include "viz/core/ui_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace isrlab::viz {
namespace {

/// Quotes, so that a line of the dump can be cut into fields again.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') result += '\\';
    if (character == '\n') {
      result += "\\n";
    } else {
      result += character;
    }
  }
  return result + "\"";
}

}  // namespace

Rect Rect::clipped_to(const Rect& other) const {
  return {std::max(x0, other.x0), std::max(y0, other.y0), std::min(x1, other.x1),
          std::min(y1, other.y1)};
}

void UiTree::begin_frame() {
  building_.clear();
  clips_.clear();
}

void UiTree::end_frame() {
  nodes_.swap(building_);
  index_.clear();
  duplicates_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!index_.emplace(nodes_[i].id, i).second) duplicates_.push_back(nodes_[i].id);
  }
}

void UiTree::push_clip(const Rect& clip) {
  clips_.push_back(clips_.empty() ? clip : clip.clipped_to(clips_.back()));
}

void UiTree::pop_clip() {
  if (!clips_.empty()) clips_.pop_back();
}

void UiTree::mark(std::string_view id, const Rect& rect, std::string_view label,
                  std::string_view value, bool enabled) {
  const Rect visible = clips_.empty() ? rect : rect.clipped_to(clips_.back());
  building_.push_back(
      {std::string(id), rect, visible, std::string(label), std::string(value), enabled});
}

const UiNode* UiTree::find(std::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &nodes_[found->second];
}

std::string UiTree::nearest(std::string_view id) const {
  std::size_t best = std::max<std::size_t>(2, id.size() / 3) + 1;
  std::string name;
  for (const UiNode& node : nodes_) {
    const std::size_t distance = edit_distance(id, node.id, best);
    if (distance < best) {
      best = distance;
      name = node.id;
    }
  }
  return name;
}

std::string UiTree::dump() const {
  std::vector<const UiNode*> sorted;
  std::size_t width = 0;
  for (const UiNode& node : nodes_) {
    sorted.push_back(&node);
    width = std::max(width, node.id.size());
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const UiNode* left, const UiNode* right) { return left->id < right->id; });
  std::string text;
  for (const UiNode* node : sorted) {
    const Rect& rect = node->rect;
    const char* state = node->visible.empty() ? "hidden" : node->enabled ? "enabled" : "disabled";
    text +=
        fmt::format("{:<{}}  x={:.0f} y={:.0f} w={:.0f} h={:.0f}  {:<8}  label={}", node->id, width,
                    rect.x0, rect.y0, rect.width(), rect.height(), state, quoted(node->label));
    if (!node->value.empty()) text += " value=" + quoted(node->value);
    text += '\n';
  }
  return text;
}

std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit) {
  const std::size_t longer = std::max(left.size(), right.size());
  if (longer - std::min(left.size(), right.size()) > limit) return limit + 1;
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= right.size(); ++k) {
      const std::size_t replace = diagonal + (left[i - 1] == right[k - 1] ? 0 : 1);
      diagonal = row[k];
      row[k] = std::min({replace, row[k] + 1, row[k - 1] + 1});
    }
  }
  return std::min(row.back(), limit + 1);
}

}  // namespace isrlab::viz
