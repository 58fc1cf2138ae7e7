// A stand-in for a cluster: logs, lists and groups that a test builds by hand, and events that it
// makes up. Brokers 1 to 3, topics orders (2 partitions) and clicks (1), producers p1 (acks=all, to
// orders) and p2 (acks=1, to clicks), group readers with 2 members.
#pragma once
#include <deque>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/invariants/factories.hpp"
#include "tests/support/catch.hpp"

namespace invariant_support {

using namespace isrlab;
using namespace isrlab::model;

inline constexpr PartitionId kOrders0 = 0;
inline constexpr PartitionId kOrders1 = 1;
inline constexpr PartitionId kClicks0 = 2;

inline ClusterSpec cluster_spec() {
  ClusterSpec spec;
  for (std::int32_t id = 1; id <= 3; ++id) {
    spec.brokers.push_back({});
    spec.brokers.back().id = id;
  }
  spec.zookeeper.push_back({1, ""});
  for (const auto& [name, partitions] : {std::pair{"orders", 2}, std::pair{"clicks", 1}}) {
    TopicSpec topic;
    topic.name = name;
    topic.partitions = partitions;
    topic.replication_factor = 3;
    spec.topics.push_back(topic);
  }
  for (const auto& [name, topic] : {std::pair{"p1", "orders"}, std::pair{"p2", "clicks"}}) {
    ProducerSpec producer;
    producer.name = name;
    producer.topic = topic;
    spec.producers.push_back(producer);
  }
  spec.producers[1].config.acks = 1;
  ConsumerGroupSpec group;
  group.group = "readers";
  group.topics = {"orders"};
  group.members = 2;
  spec.groups.push_back(group);
  return spec;
}

inline std::int64_t packed(std::int64_t high, std::int64_t low) {
  return high << 32 | low;
}

class World : public RunView {
 public:
  explicit World(ClusterSpec spec = cluster_spec()) : catalog(std::move(spec)) {}

  const Catalog catalog;
  GroupView coordinator_group;
  std::map<PartitionId, StateView> states;         // what ZooKeeper holds
  std::map<BrokerId, std::int64_t> registrations;  // owner session
  std::set<std::int64_t> sessions;                 // in the table of every server
  std::int64_t inherited = 0;                      // by whoever leads ZooKeeper
  std::set<std::int64_t> ephemerals;               // sessions that own some
  std::set<ProcessId> dead;
  bool quiet = true;  // what calm() says
  std::map<BrokerId, std::int64_t> broker_epochs;
  std::map<BrokerId, std::int64_t> known_epochs;  // to every controller
  std::set<BrokerId> controllers;
  std::map<BrokerId, MetadataCache> caches;
  std::vector<Time> pending = {sim::kNever, sim::kNever};
  std::map<PartitionId, PositionView> positions;
  std::map<PartitionId, CommitView> commits;  // as every coordinator has them
  BrokerId source = kNoBroker;                // of every consumer's latest data
  bool settled = true;
  std::map<BrokerId, std::int32_t> controller_epochs;
  std::vector<ProducerCounts> counts = {{}, {}};
  BrokerList assigned = {1, 2, 3};

  Partition& replica(BrokerId broker, PartitionId id = kOrders0) {
    Partition& partition = partitions_[{broker, id}];
    partition.replicas = assigned;
    return partition;
  }
  PartitionLog& log_of(BrokerId broker, PartitionId id = kOrders0) {
    return replica(broker, id).log;
  }
  /// A batch with the next records of the producer, appended to all these logs.
  void append(std::initializer_list<BrokerId> brokers, std::int32_t epoch, std::uint32_t count,
              std::uint64_t first_record, PartitionId id = kOrders0, std::uint32_t producer = 0) {
    Batch batch;
    batch.count = count;
    batch.bytes = 100;
    batch.first_record = first_record;
    batch.producer = producer;
    for (const BrokerId broker : brokers) log_of(broker, id).append_as_leader(batch, epoch);
  }
  std::int64_t list_of(std::vector<std::uint32_t> members) {
    lists_.push_back(std::move(members));
    return static_cast<std::int64_t>(lists_.size()) - 1;
  }

  const Partition* partition(BrokerId broker, PartitionId id) const override {
    const auto at = partitions_.find({broker, id});
    return at == partitions_.end() ? nullptr : &at->second;
  }
  std::span<const std::uint32_t> list(std::int64_t handle) const override {
    return lists_[static_cast<std::size_t>(handle)];
  }
  BrokerList assignment(PartitionId) const override { return assigned; }
  std::int32_t controller_epoch_seen(BrokerId broker) const override {
    const auto at = controller_epochs.find(broker);
    return at == controller_epochs.end() ? -1 : at->second;
  }
  GroupView group(BrokerId, GroupId) const override { return coordinator_group; }
  ProducerCounts producer(std::uint32_t index) const override { return counts[index]; }
  ProcessId broker(BrokerId id) const { return catalog.broker_process(id); }
  StateView state(PartitionId id) const override { return get(states, id, {}); }
  bool registered(BrokerId id) const override { return registrations.contains(id); }
  std::int64_t registration_owner(BrokerId id) const override { return get(registrations, id, 0); }
  bool session_known(std::uint32_t, std::int64_t id) const override {
    return sessions.contains(id);
  }
  std::int64_t inherited_zxid(std::uint32_t) const override { return inherited; }
  bool has_ephemerals(std::uint32_t, std::int64_t id) const override {
    return ephemerals.contains(id);
  }
  bool alive(ProcessId process) const override { return !dead.contains(process); }
  bool calm() const override { return quiet; }
  bool running(BrokerId id) const override { return alive(broker(id)); }
  std::int64_t broker_epoch(BrokerId id) const override { return get(broker_epochs, id, -1); }
  bool acts_as_controller(BrokerId id) const override { return controllers.contains(id); }
  std::int64_t broker_epoch_known(BrokerId, BrokerId id) const override {
    return get(known_epochs, id, -1);
  }
  const MetadataCache& metadata(BrokerId id) const override {
    static const MetadataCache kEmpty(4);
    const auto at = caches.find(id);
    return at == caches.end() ? kEmpty : at->second;
  }
  Time oldest_pending(std::uint32_t index) const override { return pending[index]; }
  PositionView position(GroupId, PartitionId id) const override { return get(positions, id, {}); }
  BrokerId read_from(ProcessId, PartitionId) const override { return source; }
  CommitView committed(BrokerId, GroupId, PartitionId id) const override {
    return get(commits, id, {});
  }
  bool group_settled(GroupId) const override { return settled; }

  // --- events ---
  sim::HistoryEvent event(HistoryKind kind, ProcessId actor, std::uint32_t subject,
                          std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0) {
    sim::HistoryEvent made;
    made.time = ++now_ * sim::kMillisecond;
    if (is_kept(kind)) made.id = ++next_id_;
    made.cause = next_id_;
    made.kind = static_cast<std::uint16_t>(kind);
    made.actor = static_cast<std::uint16_t>(actor);
    made.subject = subject;
    made.a = a;
    made.b = b;
    made.c = c;
    return made;
  }
  /// What the broker's log says, as it becomes leader.
  sim::HistoryEvent became_leader(BrokerId id, std::int64_t epoch, PartitionId p = kOrders0) {
    const PartitionLog& log = log_of(id, p);
    return event(HistoryKind::kBecameLeader, broker(id), p, epoch, log.log_end_offset(),
                 log.high_watermark());
  }
  sim::HistoryEvent became_follower(BrokerId id, std::int64_t epoch, BrokerId leader,
                                    PartitionId p = kOrders0) {
    return event(HistoryKind::kBecameFollower, broker(id), p, epoch, leader,
                 log_of(id, p).log_end_offset());
  }
  sim::HistoryEvent follower_append(BrokerId id, std::int64_t from, std::int64_t epoch) {
    return event(HistoryKind::kFollowerAppend, broker(id), kOrders0, from,
                 log_of(id).log_end_offset(), epoch);
  }
  sim::HistoryEvent high_watermark(BrokerId id, std::int64_t offset, std::int64_t epoch) {
    return event(HistoryKind::kHighWatermark, broker(id), kOrders0, offset, epoch);
  }
  sim::HistoryEvent ack_sent(BrokerId id, std::int64_t end, std::int64_t epoch,
                             std::int64_t least = 1, std::int64_t isr = 3) {
    return event(HistoryKind::kAckSent, broker(id), kOrders0, end, least << 8 | isr, epoch);
  }
  sim::HistoryEvent leader_append(BrokerId id, std::int64_t base, std::int64_t count,
                                  std::int64_t epoch, std::uint32_t producer = 0) {
    return event(HistoryKind::kLeaderAppend, broker(id), kOrders0, base, count,
                 packed(epoch, producer));
  }
  sim::HistoryEvent state(BrokerId controller, BrokerId leader, std::vector<std::uint32_t> isr,
                          std::int64_t epoch, std::int64_t version) {
    return event(HistoryKind::kPartitionState, broker(controller), kOrders0, leader,
                 list_of(std::move(isr)), packed(epoch, version));
  }

 private:
  template <class Key, class Value>
  static Value get(const std::map<Key, Value>& map, Key key,
                   std::type_identity_t<Value> otherwise) {
    const auto at = map.find(key);
    return at == map.end() ? otherwise : at->second;
  }
  std::map<std::pair<BrokerId, PartitionId>, Partition> partitions_;
  std::deque<std::vector<std::uint32_t>> lists_;
  Time now_ = 0;
  std::uint32_t next_id_ = 0;
};

/// It was violated once, by this event, and says this.
inline void check_violated(const Invariant& invariant, const sim::HistoryEvent& event,
                           const std::string& text) {
  CHECK(invariant.violations() == 1);
  REQUIRE(invariant.first().has_value());
  CHECK(invariant.first()->text == text);
  CHECK(invariant.first()->time == event.time);
  CHECK(invariant.first()->event == (event.id != 0 ? event.id : event.cause));
}

inline void check_held(const Invariant& invariant, std::uint64_t least_checked = 1) {
  INFO(invariant.name() << ": " << (invariant.held() ? "" : invariant.first()->text));
  CHECK(invariant.held());
  CHECK(invariant.checked() >= least_checked);
}

}  // namespace invariant_support
