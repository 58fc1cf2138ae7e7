// A double-ended queue in one block of memory: no allocation while it does not grow, copied in one
// piece. std::deque allocates and frees blocks as it moves.
#pragma once
#include <vector>

#include "sim/assert.hpp"

namespace isrlab::model {

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return items_[(head_ + index) & (items_.size() - 1)]; }
  const T& operator[](std::size_t index) const {
    return items_[(head_ + index) & (items_.size() - 1)];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }
  void push_back(T item) {
    grow();
    ++size_;
    back() = item;
  }
  void push_front(T item) {
    grow();
    head_ = (head_ + items_.size() - 1) & (items_.size() - 1);
    ++size_;
    front() = item;
  }
  void pop_front() {
    SIM_ASSERT(size_ > 0, "an empty queue");
    head_ = (head_ + 1) & (items_.size() - 1);
    --size_;
  }
  void insert(std::size_t index, T item) {
    push_back(item);
    for (std::size_t i = size_ - 1; i > index; --i) (*this)[i] = (*this)[i - 1];
    (*this)[index] = item;
  }
  void erase(std::size_t index) {
    for (std::size_t i = index; i + 1 < size_; ++i) (*this)[i] = (*this)[i + 1];
    --size_;
  }
  /// Erases the first equal item, if there is one.
  bool remove(const T& item) {
    for (std::size_t i = 0; i < size_; ++i) {
      if ((*this)[i] == item) {
        erase(i);
        return true;
      }
    }
    return false;
  }
  void clear() { head_ = size_ = 0; }

 private:
  void grow() {
    if (size_ < items_.size()) return;
    std::vector<T> bigger(items_.empty() ? 4 : items_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) bigger[i] = (*this)[i];
    items_ = std::move(bigger);
    head_ = 0;
  }
  std::vector<T> items_;  // its size is 0 or a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace isrlab::model
