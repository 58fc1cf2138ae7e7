// Typed pools of messages. A message is written once by its sender, carried by reference and
// released after its receiver has handled it; recycled objects keep the capacity of their vectors,
// so that no allocation happens per event. Copying a pool copies the live messages.
#pragma once
#include <memory>
#include <vector>

#include "model/protocol/messages.hpp"
#include "sim/assert.hpp"

namespace isrlab::model {

/// Puts a message back into its first state without giving up its vectors' memory.
#define X(name) void reset(name& message);
ISRLAB_MESSAGES(X)
#undef X

template <class M>
class Pool {
 public:
  Pool() = default;
  Pool(const Pool& other) { copy(other); }
  Pool& operator=(const Pool& other) {
    if (this != &other) copy(other);
    return *this;
  }
  Pool(Pool&&) noexcept = default;
  Pool& operator=(Pool&&) noexcept = default;

  std::uint32_t take() {
    if (free_.empty()) {
      if (size_ % kBlock == 0) blocks_.push_back(std::make_unique<M[]>(kBlock));
      live_.push_back(true);
      return size_++;
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    live_[index] = true;
    return index;
  }
  M& operator[](std::uint32_t index) {
    SIM_ASSERT2(index < size_ && live_[index], "a message that is not in flight", index, size_);
    return blocks_[index / kBlock][index % kBlock];
  }
  const M& operator[](std::uint32_t index) const { return blocks_[index / kBlock][index % kBlock]; }
  void release(std::uint32_t index) {
    SIM_ASSERT2(index < size_ && live_[index], "a message is released twice", index, size_);
    reset(blocks_[index / kBlock][index % kBlock]);
    live_[index] = false;
    free_.push_back(index);
  }
  std::uint32_t live() const { return size_ - static_cast<std::uint32_t>(free_.size()); }

 private:
  static constexpr std::uint32_t kBlock = 16;
  void copy(const Pool& other) {
    size_ = other.size_;
    free_ = other.free_;
    live_ = other.live_;
    while (blocks_.size() > other.blocks_.size()) blocks_.pop_back();
    while (blocks_.size() < other.blocks_.size()) blocks_.push_back(std::make_unique<M[]>(kBlock));
    // Also what lies beyond the other's size is put back: it will be taken as fresh.
    for (std::uint32_t i = 0; i < blocks_.size() * kBlock; ++i) {
      M& mine = blocks_[i / kBlock][i % kBlock];
      if (i < size_ && live_[i]) {
        mine = other.blocks_[i / kBlock][i % kBlock];
      } else {
        reset(mine);
      }
    }
  }
  std::uint32_t size_ = 0;
  std::vector<std::unique_ptr<M[]>> blocks_;
  std::vector<std::uint32_t> free_;
  std::vector<char> live_;
};

/// All pools of a world.
class Messages {
 public:
  template <class M>
  Pool<M>& pool();
  template <class M>
  const Pool<M>& pool() const {
    return const_cast<Messages*>(this)->pool<M>();
  }
  void release(sim::MessageRef message);
  template <class M>
  M& get(sim::MessageRef message) {
    SIM_ASSERT2(message.type == static_cast<std::uint16_t>(MessageTypeOf<M>::value),
                "a message of another type", message.type, MessageTypeOf<M>::value);
    return pool<M>()[message.index];
  }
  std::uint32_t live() const;

 private:
#define X(name) Pool<name> name##_;
  ISRLAB_MESSAGES(X)
#undef X
};

#define X(name)                               \
  template <>                                 \
  inline Pool<name>& Messages::pool<name>() { \
    return name##_;                           \
  }
ISRLAB_MESSAGES(X)
#undef X

/// wire_bytes() of a message known by reference only.
std::uint32_t message_bytes(const Messages& messages, sim::MessageRef message);

}  // namespace isrlab::model
