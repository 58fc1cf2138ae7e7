// One broker without a network: requests go in, answers and connections come out. For rules of
// ReplicaManager and KafkaApis that need the whole broker but no cluster. Broker 1 is the one under
// test, broker 2 the controller.
#pragma once
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/broker/broker.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

using namespace isrlab::model;
using sim::Duration;
using sim::kMillisecond;
using sim::kSecond;

inline ClusterSpec rig_spec() {
  ClusterSpec spec;
  for (std::int32_t id = 1; id <= 3; ++id) {
    BrokerSpec broker;
    broker.id = id;
    broker.config.offsets_topic_num_partitions = 1;
    spec.brokers.push_back(broker);
    spec.zookeeper.push_back({id, ""});
  }
  TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 2;
  topic.replication_factor = 3;
  topic.assignment = {{1, 2, 3}, {1, 2, 3}};
  spec.topics.push_back(topic);
  return spec;
}

class BrokerRig {
 public:
  explicit BrokerRig(ClusterSpec spec = rig_spec())
      : catalog(std::move(spec)), broker(1, catalog, 1), effects_(ids_) {
    act([this](Out& out) { broker.start(out); });
  }

  const Catalog catalog;
  Broker broker;
  Time now = 100 * kSecond;
  std::vector<sim::HistoryEvent> records;  // all that was written to the history

  ConnectionId connect(ProcessId peer = 0) {
    const ConnectionId id = ids_.take();
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kAccepted;
    activation.connection = id;
    activation.argument = peer;
    handle(activation);
    return id;
  }
  /// Sends a message that `fill` writes on a connection.
  template <class M, class Fill>
  void send(ConnectionId connection, Fill fill) {
    Pool<M>& pool = messages_.pool<M>();
    const std::uint32_t index = pool.take();
    fill(pool[index]);
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kMessage;
    activation.connection = connection;
    activation.message = {static_cast<std::uint16_t>(MessageTypeOf<M>::value), index};
    handle(activation);
  }
  /// The latest message of that type on the connection since the last call; null if there is none.
  template <class M>
  const M* got(ConnectionId connection) {
    const auto at = sent_.find({connection, static_cast<std::uint16_t>(MessageTypeOf<M>::value)});
    if (at == sent_.end()) return nullptr;
    const std::uint32_t index = at->second;
    sent_.erase(at);
    return &messages_.pool<M>()[index];
  }
  template <class R, class M, class Fill>
  const R* ask(ConnectionId connection, Fill fill) {
    send<M>(connection, fill);
    return got<R>(connection);
  }
  /// The connection that the broker opened last, once established.
  ConnectionId establish() {
    const ConnectionId id = opened_;
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kConnected;
    activation.connection = id;
    handle(activation);
    return id;
  }
  void fire(TimerKind kind, std::uint32_t argument = 0) {
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kTimer;
    activation.type = static_cast<std::uint16_t>(kind);
    activation.argument = argument;
    handle(activation);
  }
  /// Lets time pass; what parked requests wait for fires.
  void pass(Duration duration) {
    const Time until = now + duration;
    for (;;) {
      auto first = timers_.end();
      for (auto at = timers_.begin(); at != timers_.end(); ++at) {
        const bool due = at->second.deadline <= until &&
                         at->second.kind == static_cast<std::uint16_t>(TimerKind::kParkedRequest);
        if (due && (first == timers_.end() || at->second.deadline < first->second.deadline)) {
          first = at;
        }
      }
      if (first == timers_.end()) break;
      const Timer timer = first->second;
      timers_.erase(first);
      now = timer.deadline;
      fire(static_cast<TimerKind>(timer.kind), timer.argument);
    }
    now = until;
  }

  // --- what a controller says ---
  PartitionStateMessage state(PartitionId partition, BrokerId leader, std::int32_t epoch,
                              BrokerList isr, std::int32_t version = 0) const {
    PartitionStateMessage result;
    result.partition = partition;
    result.controller_epoch = 1;
    result.leader = leader;
    result.leader_epoch = epoch;
    result.partition_epoch = version;
    result.isr = isr;
    result.replicas = {1, 2, 3};
    return result;
  }
  void update_metadata(const std::vector<PartitionStateMessage>& states,
                       std::vector<BrokerId> live = {1, 2, 3}) {
    const auto* answer = ask<UpdateMetadataResponse, UpdateMetadataRequest>(
        controller(), [&](UpdateMetadataRequest& request) {
          request.controller = 2;
          request.controller_epoch = 1;
          request.live_brokers = std::move(live);
          request.partitions = states;
        });
    REQUIRE(answer != nullptr);
    REQUIRE(answer->error == Error::kNone);
  }
  Error leader_and_isr(const PartitionStateMessage& state) {
    const auto* answer = ask<LeaderAndIsrResponse, LeaderAndIsrRequest>(
        controller(), [&](LeaderAndIsrRequest& request) {
          request.controller = 2;
          request.controller_epoch = 1;
          request.partitions = {state};
        });
    REQUIRE(answer != nullptr);
    return answer->error != Error::kNone ? answer->error : answer->partitions.at(0).error;
  }
  /// Known to the metadata cache and led here.
  void lead(PartitionId partition, std::int32_t epoch, BrokerList isr) {
    update_metadata({state(partition, 1, epoch, isr)});
    REQUIRE(leader_and_isr(state(partition, 1, epoch, isr)) == Error::kNone);
  }
  ConnectionId controller() {
    if (controller_ == kNone) controller_ = connect(catalog.broker_process(2));
    return controller_;
  }

  // --- what clients and followers ask ---
  const ProduceResponse* produce(ConnectionId connection, PartitionId partition, std::int8_t acks,
                                 std::uint32_t count = 1, std::uint32_t bytes = 100) {
    return ask<ProduceResponse, ProduceRequest>(connection, [&](ProduceRequest& request) {
      request.acks = acks;
      request.timeout = 30 * kSecond;
      ProduceRequest::Partition part;
      part.partition = partition;
      part.batch.count = count;
      part.batch.bytes = bytes;
      request.partitions = {part};
    });
  }
  struct Fetch {
    BrokerId replica = kNoBroker;
    RackId rack = kNoRack;
    std::int32_t epoch = -1;
    std::int32_t min_bytes = 1;
    std::int32_t last_fetched_epoch = -1;
  };
  /// A sessionless fetch of one offset of some partitions, waiting for 500 ms at most.
  const FetchResponse* fetch(ConnectionId connection, std::vector<PartitionId> partitions,
                             std::int64_t offset, const Fetch& how) {
    return ask<FetchResponse, FetchRequest>(connection, [&](FetchRequest& request) {
      request.replica = how.replica;
      request.rack = how.rack;
      request.max_wait = 500 * kMillisecond;
      request.min_bytes = how.min_bytes;
      request.max_bytes = 1 << 20;
      request.session_epoch = -1;
      for (const PartitionId id : partitions) {
        request.partitions.push_back(
            {id, how.epoch, offset, 0, how.last_fetched_epoch, 1 << 20, 0});
      }
    });
  }

 private:
  struct Timer {
    Time deadline = 0;
    std::uint16_t kind = 0;
    std::uint32_t argument = 0;
  };
  template <class Act>
  bool act(Act what) {
    Out out(effects_, messages_, arena_, history_, catalog);
    effects_.clear();
    out.begin(catalog.broker_process(1), now, 0);
    what(out);
    for (const sim::HistoryEvent& event : effects_.records()) records.push_back(event);
    for (const sim::Effect& effect : effects_.effects()) {
      switch (effect.kind) {
        case sim::EffectKind::kSend: sent_[{effect.target, effect.type}] = effect.argument; break;
        case sim::EffectKind::kConnect: opened_ = effect.target; break;
        case sim::EffectKind::kSetTimer:
          timers_[effect.target] = {effect.time, effect.type, effect.argument};
          break;
        case sim::EffectKind::kCancelTimer: timers_.erase(effect.target); break;
        default: break;
      }
    }
    return out.take_kept();
  }
  void handle(sim::Activation& activation) {
    activation.process = catalog.broker_process(1);
    activation.now = now;
    const bool kept = act([&](Out& out) { broker.handle(activation, messages_, out); });
    if (activation.kind == sim::ActivationKind::kMessage && !kept) {
      messages_.release(activation.message);
    }
  }

  sim::ConnectionIds ids_;
  Messages messages_;
  RecordArena arena_;
  sim::History history_;
  sim::Effects effects_;
  ConnectionId controller_ = kNone;
  ConnectionId opened_ = kNone;
  std::map<std::pair<ConnectionId, std::uint16_t>, std::uint32_t> sent_;
  std::map<std::uint32_t, Timer> timers_;
};

}  // namespace isrlab::test
