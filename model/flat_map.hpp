// A sorted vector as a map: small, copied in one piece, iterated in key order on every machine.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

namespace isrlab::model {

template <class Key, class Value>
class FlatMap {
 public:
  using Item = std::pair<Key, Value>;
  Value* find(const Key& key) {
    const auto at = position(key);
    return at != items_.end() && at->first == key ? &at->second : nullptr;
  }
  const Value* find(const Key& key) const { return const_cast<FlatMap*>(this)->find(key); }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  Value& operator[](const Key& key) {
    const auto at = position(key);
    if (at != items_.end() && at->first == key) return at->second;
    return items_.insert(at, Item(key, Value()))->second;
  }
  bool erase(const Key& key) {
    const auto at = position(key);
    if (at == items_.end() || !(at->first == key)) return false;
    items_.erase(at);
    return true;
  }
  void clear() { items_.clear(); }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  auto position(const Key& key) {
    return std::lower_bound(items_.begin(), items_.end(), key,
                            [](const Item& item, const Key& k) { return item.first < k; });
  }
  std::vector<Item> items_;
};

}  // namespace isrlab::model
