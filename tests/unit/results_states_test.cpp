// The interesting states: each from doctored events, and that the list describes them all.
#include "results/states.hpp"

#include <set>

#include "model/protocol/errors.hpp"
#include "scenarios/faults/registry.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab;
using model::Error;
using model::HistoryKind;
using scenarios::State;
using sim::kSecond;

namespace {

/// Three brokers that have not been started, one partition with three replicas and min ISR 2, one
/// producer, one group. What the world has to say is tested with whole runs in tests/scenario.
class Stage {
 public:
  Stage() : catalog(make()), cluster(catalog, 1), view(catalog), states(catalog) {
    for (model::BrokerId id = 1; id <= 3; ++id) by(id, HistoryKind::kProcessStarted, 0, 1);
  }

  void event(HistoryKind kind, model::ProcessId actor, std::uint32_t subject, std::int64_t a = 0,
             std::int64_t b = 0, std::int64_t c = 0) {
    sim::HistoryEvent each;
    each.time = ++now * kSecond;
    each.kind = static_cast<std::uint16_t>(kind);
    each.actor = static_cast<std::uint16_t>(actor);
    each.subject = subject;
    each.a = a;
    each.b = b;
    each.c = c;
    view.on_event(each, history);
    states.on_event(each, cluster, view);
  }
  void by(model::BrokerId broker, HistoryKind kind, std::uint32_t subject, std::int64_t a = 0,
          std::int64_t b = 0, std::int64_t c = 0) {
    event(kind, catalog->broker_process(broker), subject, a, b, c);
  }
  void state(std::int64_t leader, std::vector<std::uint32_t> isr) {
    by(3, HistoryKind::kPartitionState, 0, leader, history.intern(isr), version << 32 | version);
    ++version;
  }
  void elected(std::int64_t leader, std::int64_t how) {
    by(3, HistoryKind::kLeaderElected, 0, leader, version, how);
  }
  bool reached(State state) const { return states.reached(state) != sim::kNever; }

  std::shared_ptr<const model::Catalog> catalog;
  model::Cluster cluster;
  sim::History history;
  results::ClusterView view;
  results::StateTracker states;
  std::int64_t now = 0;
  std::int64_t version = 0;

 private:
  static std::shared_ptr<const model::Catalog> make() {
    model::ClusterSpec spec;
    for (std::int32_t id = 1; id <= 3; ++id) spec.brokers.push_back({id, "", {}});
    for (std::int32_t id = 1; id <= 3; ++id) spec.zookeeper.push_back({id, ""});
    model::TopicSpec topic;
    topic.name = "orders";
    topic.replication_factor = 3;
    topic.config.min_insync_replicas = 2;
    spec.topics.push_back(topic);
    model::ProducerSpec producer;
    producer.name = "p1";
    producer.topic = "orders";
    spec.producers.push_back(producer);
    model::ConsumerGroupSpec group;
    group.group = "billing";
    group.topics = {"orders"};
    spec.groups.push_back(group);
    return std::make_shared<const model::Catalog>(spec);
  }
};

std::int64_t code(Error error) {
  return static_cast<std::int64_t>(error);
}

}  // namespace

TEST_CASE("every state has a row of its own, in the order of the enumeration, with a sentence") {
  const auto table = scenarios::state_table();
  REQUIRE(table.size() == scenarios::kStates);
  CHECK(table.size() >= 30);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < table.size(); ++i) {
    CHECK(static_cast<std::size_t>(table[i].state) == i);
    CHECK(names.insert(table[i].name).second);
    CHECK(table[i].what.size() > 20);
    CHECK(scenarios::find_state(table[i].name) == &table[i]);
  }
}

TEST_CASE("states of the ISR: shrinks to one, is gone, comes back") {
  Stage stage;
  stage.state(1, {1, 2, 3});
  stage.state(1, {1, 2});
  CHECK(stage.reached(State::kIsrShrinks));
  CHECK_FALSE(stage.reached(State::kIsrOfOne));
  stage.state(1, {1});
  CHECK(stage.reached(State::kIsrOfOne));
  stage.by(1, HistoryKind::kProcessKilled, 0);
  stage.state(-1, {1});
  CHECK(stage.reached(State::kPartitionOffline));
  CHECK(stage.reached(State::kLastReplicaLost));
  CHECK_FALSE(stage.reached(State::kLastReplicaReturned));
  stage.by(1, HistoryKind::kProcessStarted, 0, 2);
  stage.state(1, {1});
  stage.elected(1, 1);
  CHECK(stage.reached(State::kLastReplicaReturned));
  CHECK(stage.reached(State::kLeaderElected));
  CHECK_FALSE(stage.reached(State::kIsrExpands));
  stage.state(1, {1, 3});
  CHECK(stage.reached(State::kIsrExpands));
  CHECK_FALSE(stage.reached(State::kUncleanElection));
}

TEST_CASE("a partition without a leader whose last replica only pauses has not lost it") {
  Stage stage;
  stage.state(1, {1});
  stage.state(-1, {1});
  CHECK(stage.reached(State::kPartitionOffline));
  CHECK_FALSE(stage.reached(State::kLastReplicaLost));
}

TEST_CASE("a truncation is told by the last election and by the high watermark") {
  Stage stage;
  stage.state(2, {2, 3});
  stage.elected(2, 1);
  stage.by(1, HistoryKind::kTruncated, 0, 10, 10, 4);  // nothing was cut
  CHECK_FALSE(stage.reached(State::kFollowerTruncated));
  stage.by(1, HistoryKind::kTruncated, 0, 10, 8, 8);
  CHECK(stage.reached(State::kTruncatedAfterCleanElection));
  CHECK_FALSE(stage.reached(State::kTruncatedAfterUncleanElection));
  CHECK_FALSE(stage.reached(State::kTruncatedBelowHw));
  stage.elected(3, 4);
  CHECK(stage.reached(State::kUncleanElection));
  stage.by(2, HistoryKind::kTruncated, 0, 10, 7, 8);
  CHECK(stage.reached(State::kTruncatedAfterUncleanElection));
  CHECK(stage.reached(State::kTruncatedBelowHw));
}

TEST_CASE("a controller that goes on sending after another one was elected is a zombie") {
  Stage stage;
  stage.by(1, HistoryKind::kControllerElected, 1, 1);
  stage.by(1, HistoryKind::kControlRequestSent, 2);
  CHECK_FALSE(stage.reached(State::kControllerFailover));
  stage.by(2, HistoryKind::kControllerElected, 2, 2);
  CHECK(stage.reached(State::kControllerFailover));
  stage.by(2, HistoryKind::kControlRequestSent, 3);
  CHECK_FALSE(stage.reached(State::kZombieController));
  stage.by(1, HistoryKind::kControlRequestSent, 3);
  CHECK(stage.reached(State::kZombieController));
  stage.by(3, HistoryKind::kControlRequestRefused, 1, code(Error::kStaleBrokerEpoch), 1, 9);
  CHECK(stage.reached(State::kStaleBrokerEpochRefused));
  CHECK_FALSE(stage.reached(State::kLateControlRequest));
  stage.by(3, HistoryKind::kControlRequestRefused, 1, code(Error::kStaleControllerEpoch), 1, 9);
  CHECK(stage.reached(State::kLateControlRequest));
}

TEST_CASE("a controller that dies between election and LeaderAndIsr leaves an untold leader") {
  Stage stage;
  stage.by(1, HistoryKind::kControllerElected, 1, 1);
  stage.state(2, {2, 3});  // epoch 0
  stage.by(1, HistoryKind::kLeaderElected, 0, 2, 0, 0);
  stage.by(2, HistoryKind::kBecameLeader, 0, 0, 0, 0);
  stage.by(2, HistoryKind::kControllerElected, 2, 2);
  CHECK_FALSE(stage.reached(State::kFailoverAmidElection));
  stage.by(2, HistoryKind::kLeaderElected, 0, 3, 1, 1);
  stage.by(3, HistoryKind::kControllerElected, 3, 3);
  CHECK(stage.reached(State::kFailoverAmidElection));
}

TEST_CASE("a session moves only if it is the same one at another server") {
  Stage stage;
  stage.by(1, HistoryKind::kZkClientConnected, 1, 77);
  stage.by(1, HistoryKind::kZkClientConnected, 1, 77);
  stage.by(1, HistoryKind::kZkClientConnected, 2, 78);
  stage.by(2, HistoryKind::kZkClientConnected, 3, 78);
  CHECK_FALSE(stage.reached(State::kSessionMoved));
  stage.by(1, HistoryKind::kZkClientConnected, 3, 78);
  CHECK(stage.reached(State::kSessionMoved));
}

TEST_CASE("a ZooKeeper leader that looks for another one has lost its majority") {
  Stage stage;
  stage.event(HistoryKind::kZkLooking, 0, 1);
  stage.event(HistoryKind::kZkLeading, 0, 1, 1);
  stage.event(HistoryKind::kProcessStarted, 0, 0, 2);
  stage.event(HistoryKind::kZkLooking, 0, 1);
  CHECK_FALSE(stage.reached(State::kZkQuorumLost));
  CHECK_FALSE(stage.reached(State::kZkLeaderChanged));
  stage.event(HistoryKind::kZkLeading, 2, 3, 2);
  CHECK(stage.reached(State::kZkLeaderChanged));
  stage.event(HistoryKind::kZkLooking, 2, 3);
  CHECK(stage.reached(State::kZkQuorumLost));
}

TEST_CASE("a broker that ends itself was refused its registration, or its disk failed") {
  Stage stage;
  stage.by(1, HistoryKind::kProcessExited, 0, 1);  // clean
  CHECK_FALSE(stage.reached(State::kBrokerHalted));
  stage.by(1, HistoryKind::kBrokerRegistrationFailed, 1, 5);
  --stage.now;  // in the same step
  stage.by(1, HistoryKind::kProcessExited, 0, 0);
  CHECK(stage.reached(State::kRegistrationRefused));
  CHECK_FALSE(stage.reached(State::kBrokerHalted));
  stage.by(1, HistoryKind::kProcessExited, 0, 0);
  CHECK(stage.reached(State::kBrokerHalted));
  CHECK_FALSE(stage.reached(State::kBrokerBounced));
  stage.by(3, HistoryKind::kBrokerStartSeen, 1, 1, 8, 0);
  CHECK_FALSE(stage.reached(State::kBrokerBounced));
  stage.by(3, HistoryKind::kBrokerStartSeen, 1, 1, 9, 1);
  CHECK(stage.reached(State::kBrokerBounced));
}

TEST_CASE("states of ISR changes and fetches go by the answer's error") {
  const std::pair<Error, State> kFailed[] = {
      {Error::kInvalidUpdateVersion, State::kAlterPartitionOutdated},
      {Error::kFencedLeaderEpoch, State::kAlterPartitionFenced},
      {Error::kIneligibleReplica, State::kAlterPartitionIneligible}};
  for (const auto& [error, state] : kFailed) {
    Stage stage;
    stage.by(1, HistoryKind::kIsrUpdateFailed, 0, code(Error::kUnknownServerError), 1);
    CHECK_FALSE(stage.reached(state));
    stage.by(1, HistoryKind::kIsrUpdateFailed, 0, code(error), 1);
    CHECK(stage.reached(state));
  }
  Stage stage;
  stage.by(1, HistoryKind::kFetchFenced, 0, code(Error::kUnknownLeaderEpoch), 1);
  CHECK(stage.reached(State::kUnknownLeaderEpoch));
  CHECK_FALSE(stage.reached(State::kFencedLeaderEpoch));
  stage.by(1, HistoryKind::kFetchFenced, 0, code(Error::kFencedLeaderEpoch), 1);
  CHECK(stage.reached(State::kFencedLeaderEpoch));
}

TEST_CASE("states of clients and groups") {
  Stage stage;
  const model::ProcessId producer = stage.catalog->producer_process(0);
  stage.event(HistoryKind::kProducerIdAssigned, producer, 0, 1000, 0);
  CHECK_FALSE(stage.reached(State::kProducerEpochBumped));
  stage.event(HistoryKind::kProducerIdAssigned, producer, 0, 1000, 1);
  CHECK(stage.reached(State::kProducerEpochBumped));
  stage.event(HistoryKind::kRecordsFailed, producer, 0, 1, 1,
              code(Error::kRequestTimedOut) * 256 | 1);
  CHECK(stage.reached(State::kDeliveryTimedOut));
  stage.event(HistoryKind::kRecordsRetried, producer, 0, 1, 1,
              code(Error::kOutOfOrderSequenceNumber));
  CHECK(stage.reached(State::kSequenceOutOfOrder));
  stage.by(1, HistoryKind::kGroupLoaded, 0, 1, 1);
  stage.by(1, HistoryKind::kGroupLoaded, 0, 1, 1);
  CHECK_FALSE(stage.reached(State::kCoordinatorMoved));
  stage.by(2, HistoryKind::kGroupLoaded, 0, 1, 1);
  CHECK(stage.reached(State::kCoordinatorMoved));
  stage.state(1, {1, 2});
  stage.by(2, HistoryKind::kRebalanceStarted, 0, 1, 0, 0);
  CHECK(stage.reached(State::kRebalance));
  CHECK_FALSE(stage.reached(State::kRebalanceAmidFailover));
  stage.by(1, HistoryKind::kProcessKilled, 0);
  stage.by(2, HistoryKind::kRebalanceStarted, 0, 2, 0, 0);
  CHECK(stage.reached(State::kRebalanceAmidFailover));
}
