// A bench for one client: applies what its handlers record without an engine. Connections open at
// once unless a broker is down; ApiVersions, Metadata and InitProducerId are answered from a small
// description of the cluster; every other request waits for the test to answer it.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "model/client/timers.hpp"
#include "model/out.hpp"

namespace isrlab::model::test {

inline ClusterSpec small_cluster(std::int32_t brokers, std::int32_t partitions) {
  ClusterSpec spec;
  for (std::int32_t id = 1; id <= brokers; ++id) {
    BrokerSpec broker;
    broker.id = id;
    spec.brokers.push_back(broker);
  }
  TopicSpec topic;
  topic.name = "orders";
  topic.partitions = partitions;
  spec.topics.push_back(topic);
  return spec;
}

struct Request {
  ConnectionId connection = kNone;
  BrokerId broker = kNoBroker;
  sim::MessageRef ref;
  MessageType type() const { return static_cast<MessageType>(ref.type); }
};

template <class Actor>
class Bench {
 public:
  Bench(const Catalog& with, Actor& client, ProcessId self)
      : catalog(with),
        actor(client),
        effects_(ids_),
        out_(effects_, messages, arena_, history_, catalog),
        self_(self) {
    for (std::uint32_t i = 0; i < catalog.partition_count(); ++i) {
      leaders.push_back({static_cast<BrokerId>(i % catalog.broker_count()) + 1, 0});
    }
    for (std::uint32_t i = 1; i <= catalog.broker_count(); ++i) {
      live.push_back(static_cast<BrokerId>(i));
    }
  }

  // The cluster as metadata shows it.
  struct Leader {
    BrokerId leader;
    std::int32_t epoch;
  };
  std::vector<Leader> leaders;
  std::vector<BrokerId> live;
  BrokerId controller = 1;
  bool topics_exist = true;
  std::set<BrokerId> refusing;  // connections are refused
  std::set<BrokerId> silent;    // connections are never answered
  bool answer_init = true;
  bool answer_metadata = true;
  std::int32_t metadata_answers = 0;

  const Catalog& catalog;
  Actor& actor;
  Messages messages;
  Time now = 0;
  std::deque<Request> requests;  // not answered yet
  std::vector<sim::HistoryEvent> events;
  bool exited = false;

  template <class Call>
  void call(Call change) {
    out_.begin(self_, now, 0);
    change(out_);
    apply();
    settle();
  }
  void start() {
    call([this](Out& out) { actor.start(out); });
  }
  /// Runs timers up to and including `until`.
  void run_until(Time until) {
    for (;;) {
      auto next = timers_.end();
      for (auto at = timers_.begin(); at != timers_.end(); ++at) {
        if (next == timers_.end() || at->second.deadline < next->second.deadline) next = at;
      }
      if (next == timers_.end() || next->second.deadline > until) break;
      const Timer timer = next->second;
      timers_.erase(next);
      now = std::max(now, timer.deadline);
      sim::Activation activation;
      activation.kind = sim::ActivationKind::kTimer;
      activation.type = timer.type;
      activation.argument = timer.argument;
      deliver(activation);
      if (++steps > 100000) throw std::runtime_error("the client spins");
    }
    now = until;
  }
  void run_for(Duration duration) { run_until(now + duration); }

  /// The oldest unanswered request, which must be of this type.
  template <class M>
  M& request(std::size_t index = 0) {
    return messages.get<M>(requests.at(index).ref);
  }
  std::size_t count(MessageType type) const {
    std::size_t result = 0;
    for (const Request& request : requests) result += request.type() == type;
    return result;
  }
  std::size_t find(MessageType type) const {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].type() == type) return i;
    }
    throw std::runtime_error("no such request");
  }
  /// Answers the request at `index`; fill writes the response.
  template <class Req, class Resp, class Fill>
  void answer(std::size_t index, Fill fill) {
    const Request asked = requests.at(index);
    Req& req = messages.get<Req>(asked.ref);
    const auto response = out_.template make<Resp>();
    response->correlation = req.correlation;
    fill(req, *response);
    requests.erase(requests.begin() + static_cast<std::ptrdiff_t>(index));
    messages.release(asked.ref);
    deliver_message(asked.connection, response.ref);
  }
  void close(BrokerId broker) {
    std::vector<ConnectionId> gone;
    for (const auto& [connection, to] : open_) {
      if (to == broker) gone.push_back(connection);
    }
    for (const ConnectionId connection : gone) {
      drop(connection);
      sim::Activation activation;
      activation.kind = sim::ActivationKind::kClosed;
      activation.connection = connection;
      deliver(activation);
    }
  }
  std::size_t count(HistoryKind kind) const {
    std::size_t result = 0;
    for (const auto& event : events) result += event.kind == static_cast<std::uint16_t>(kind);
    return result;
  }
  std::vector<sim::HistoryEvent> all(HistoryKind kind) const {
    std::vector<sim::HistoryEvent> result;
    for (const auto& event : events) {
      if (event.kind == static_cast<std::uint16_t>(kind)) result.push_back(event);
    }
    return result;
  }
  std::span<const std::uint32_t> list(std::int64_t handle) const { return history_.list(handle); }
  std::size_t timers_set = 0;
  std::size_t steps = 0;

 private:
  struct Timer {
    Time deadline = 0;
    std::uint16_t type = 0;
    std::uint32_t argument = 0;
  };

  void deliver(sim::Activation activation) {
    activation.now = now;
    activation.process = self_;
    out_.begin(self_, now, 0);
    actor.handle(activation, messages, out_);
    apply();
    settle();
  }
  void deliver_message(ConnectionId connection, sim::MessageRef ref) {
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kMessage;
    activation.connection = connection;
    activation.message = ref;
    activation.now = now;
    activation.process = self_;
    out_.begin(self_, now, 0);
    actor.handle(activation, messages, out_);
    messages.release(ref);
    apply();
    settle();
  }
  void drop(ConnectionId connection) {
    open_.erase(connection);
    for (std::size_t i = 0; i < requests.size();) {
      if (requests[i].connection == connection) {
        messages.release(requests[i].ref);
        requests.erase(requests.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }
  void apply() {
    for (const sim::Effect& effect : effects_.effects()) {
      switch (effect.kind) {
        case sim::EffectKind::kSend:
          requests.push_back({effect.target,
                              open_.at(effect.target),
                              {effect.type, static_cast<std::uint32_t>(effect.argument)}});
          break;
        case sim::EffectKind::kConnect:
          open_[effect.target] = catalog.broker_of(effect.argument);
          opening_.push_back(effect.target);
          break;
        case sim::EffectKind::kClose: drop(effect.target); break;
        case sim::EffectKind::kSetTimer:
          ++timers_set;
          timers_[effect.target] = {effect.time, effect.type, effect.argument};
          break;
        case sim::EffectKind::kCancelTimer: timers_.erase(effect.target); break;
        case sim::EffectKind::kExit: exited = true; break;
        case sim::EffectKind::kRecord: events.push_back(effects_.records()[effect.argument]); break;
        case sim::EffectKind::kBecause: break;
        default: throw std::runtime_error("not an effect of a client");
      }
    }
    effects_.clear();
  }
  /// Opens connections and answers what the cluster answers by itself.
  void settle() {
    if (settling_) return;
    settling_ = true;
    for (bool more = true; more;) {
      more = false;
      while (!opening_.empty()) {
        const ConnectionId connection = opening_.front();
        opening_.pop_front();
        if (open_.count(connection) == 0 || silent.count(open_[connection]) > 0) continue;
        sim::Activation activation;
        activation.connection = connection;
        activation.kind = sim::ActivationKind::kConnected;
        if (refusing.count(open_[connection]) > 0) {
          activation.kind = sim::ActivationKind::kRefused;
          open_.erase(connection);
        }
        deliver(activation);
        more = true;
      }
      for (std::size_t i = 0; i < requests.size() && !more; ++i) more = serve(i);
      if (++steps > 100000) throw std::runtime_error("the client spins");
    }
    settling_ = false;
  }
  bool serve(std::size_t index) {
    // A broker works on one request of a connection at a time.
    for (std::size_t i = 0; i < index; ++i) {
      if (requests[i].connection == requests[index].connection) return false;
    }
    switch (requests[index].type()) {
      case MessageType::kApiVersionsRequest:
        answer<ApiVersionsRequest, ApiVersionsResponse>(index, [](auto&, auto&) {});
        return true;
      case MessageType::kInitProducerIdRequest:
        if (!answer_init) return false;
        answer<InitProducerIdRequest, InitProducerIdResponse>(index, [](auto&, auto& response) {
          response.producer_id = 7000;
          response.producer_epoch = 0;
        });
        return true;
      case MessageType::kMetadataRequest:
        if (!answer_metadata) return false;
        ++metadata_answers;
        answer<MetadataRequest, MetadataResponse>(
            index, [this](auto& request, auto& response) { metadata(request, response); });
        return true;
      default: return false;
    }
  }
  void metadata(const MetadataRequest& request, MetadataResponse& response) {
    response.controller = controller;
    response.brokers = live;
    for (const TopicId topic : request.topics) {
      const TopicInfo& info = catalog.topic(topic);
      if (!topics_exist) {
        response.topics.push_back({topic, Error::kUnknownTopicOrPartition});
        continue;
      }
      response.topics.push_back({topic, Error::kNone});
      for (std::int32_t i = 0; i < info.partitions; ++i) {
        MetadataResponse::Partition partition;
        partition.partition = info.first + static_cast<PartitionId>(i);
        partition.leader = leaders[partition.partition].leader;
        partition.leader_epoch = leaders[partition.partition].epoch;
        if (partition.leader == kNoBroker) partition.error = Error::kLeaderNotAvailable;
        response.partitions.push_back(partition);
      }
    }
  }

  sim::ConnectionIds ids_;
  sim::Effects effects_;
  RecordArena arena_;
  sim::History history_;
  Out out_;
  ProcessId self_;
  std::map<sim::TimerSlot, Timer> timers_;
  std::map<ConnectionId, BrokerId> open_;
  std::deque<ConnectionId> opening_;
  bool settling_ = false;
};

}  // namespace isrlab::model::test
