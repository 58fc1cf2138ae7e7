// What a broker tells clients about the cluster (ZkMetadataCache.scala): replaced or merged by
// UpdateMetadata only. The alive set and the controller are replaced each time, partition states
// are merged.
#pragma once
#include <vector>

#include "model/protocol/messages.hpp"

namespace isrlab::model {

class MetadataCache {
 public:
  explicit MetadataCache(std::uint32_t partitions = 0) : states_(partitions) {}

  /// `cause`: the kept event behind the request, for the history.
  void update(const UpdateMetadataRequest& request, std::uint32_t cause) {
    controller_ = request.controller;
    if (live_ != request.live_brokers) live_cause_ = cause;
    live_ = request.live_brokers;
    for (const PartitionStateMessage& state : request.partitions) {
      states_[state.partition] = {state.leader, state.leader_epoch, state.isr, state.replicas,
                                  true,         state.cause};
    }
  }

  struct State {
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
    BrokerList isr;
    BrokerList replicas;
    bool known = false;
    std::uint32_t cause = 0;  // kept event behind it, for the history
  };
  const State& state(PartitionId partition) const { return states_[partition]; }
  const std::vector<BrokerId>& live_brokers() const { return live_; }
  bool alive(BrokerId broker) const {
    for (const BrokerId live : live_) {
      if (live == broker) return true;
    }
    return false;
  }
  BrokerId controller() const { return controller_; }
  /// Kept event behind the latest change of the live brokers.
  std::uint32_t live_cause() const { return live_cause_; }

 private:
  BrokerId controller_ = kNoBroker;
  std::vector<BrokerId> live_;
  std::uint32_t live_cause_ = 0;
  std::vector<State> states_;
};

}  // namespace isrlab::model
