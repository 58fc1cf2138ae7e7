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

  void update(const UpdateMetadataRequest& request) {
    controller_ = request.controller;
    live_ = request.live_brokers;
    for (const PartitionStateMessage& state : request.partitions) {
      states_[state.partition] = {state.leader, state.leader_epoch, state.isr, state.replicas,
                                  true};
    }
  }

  struct State {
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
    BrokerList isr;
    BrokerList replicas;
    bool known = false;
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

 private:
  BrokerId controller_ = kNoBroker;
  std::vector<BrokerId> live_;
  std::vector<State> states_;
};

}  // namespace isrlab::model
