// Ids of Kafka things. Topics and partitions known to a scenario are interned once (catalog.hpp);
// a partition is one dense number over all topics.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>

#include "sim/assert.hpp"
#include "sim/ids.hpp"

namespace isrlab::model {

using sim::ConnectionId;
using sim::ProcessId;
using BrokerId = std::int32_t;      // broker.id, from 1; -1 = none
using TopicId = std::uint32_t;      // dense
using PartitionId = std::uint32_t;  // dense over all topics
using GroupId = std::uint32_t;      // dense
using RackId = std::int32_t;        // dense; -1 = none
inline constexpr BrokerId kNoBroker = -1;
inline constexpr RackId kNoRack = -1;
using sim::kNone;

/// A short list of brokers in a meaningful order: an assignment or an ISR. 32 bytes, no allocation;
/// the loader refuses replication factors above kCapacity.
class BrokerList {
 public:
  static constexpr std::size_t kCapacity = 15;
  BrokerList() = default;
  BrokerList(std::initializer_list<BrokerId> ids) {
    for (const BrokerId id : ids) push_back(id);
  }
  void push_back(BrokerId id) {
    SIM_ASSERT(size_ < kCapacity, "a broker list is full");
    ids_[size_++] = static_cast<std::int16_t>(id);
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  BrokerId operator[](std::size_t index) const { return ids_[index]; }
  const std::int16_t* begin() const { return ids_.data(); }
  const std::int16_t* end() const { return ids_.data() + size_; }
  bool contains(BrokerId id) const {
    for (const BrokerId member : *this) {
      if (member == id) return true;
    }
    return false;
  }
  BrokerList without(BrokerId id) const {
    BrokerList result;
    for (const BrokerId member : *this) {
      if (member != id) result.push_back(member);
    }
    return result;
  }
  BrokerList with(BrokerId id) const {
    BrokerList result = *this;
    if (!contains(id)) result.push_back(id);
    return result;
  }
  void clear() { *this = BrokerList(); }
  friend bool operator==(const BrokerList& left, const BrokerList& right) {
    if (left.size_ != right.size_) return false;
    for (std::size_t i = 0; i < left.size_; ++i) {
      if (left.ids_[i] != right.ids_[i]) return false;
    }
    return true;
  }

 private:
  std::uint16_t size_ = 0;
  std::array<std::int16_t, kCapacity> ids_{};
};
static_assert(sizeof(BrokerList) == 32);

}  // namespace isrlab::model
