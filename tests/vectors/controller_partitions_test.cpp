// Kafka's PartitionStateMachineTest: rows 14 to 27 of the vectors (reference
// controller-zookeeper.md, section 10.2), as events of a real controller. What moves a partition in
// Kafka's test by a call happens here by what brings that call about: a start, a new topic, a
// broker that comes or goes.
#include "model/controller/state_machines.hpp"
#include "tests/vectors/controller_rig.hpp"

namespace isrlab::test {
namespace {

using State = ControllerRig::State;

const LeaderAndIsrRequest& only(const std::vector<std::pair<BrokerId, LeaderAndIsrRequest>>& all) {
  REQUIRE(all.size() == 1);
  REQUIRE(all[0].second.partitions.size() == 1);
  return all[0].second;
}

}  // namespace

TEST_CASE("PartitionStateMachineTest: which changes are legal (vectors 15, 18, 19, 22, 26)",
          "[vectors][controller]") {
  using enum PartitionState;
  struct Row {
    PartitionState from;
    PartitionState to;
    bool legal;
  };
  const Row rows[] = {
      {kNonExistent, kNew, true},      {kNonExistent, kOnline, false},
      {kNonExistent, kOffline, false}, {kNew, kOnline, true},
      {kNew, kOffline, true},          {kNew, kNonExistent, false},
      {kOnline, kOnline, true},        {kOnline, kOffline, true},
      {kOnline, kNonExistent, false},  {kOnline, kNew, false},
      {kOffline, kOnline, true},       {kOffline, kOffline, true},
      {kOffline, kNonExistent, true},  {kOffline, kNew, false},
  };
  for (const Row& row : rows) {
    INFO(static_cast<int>(row.from) << " to " << static_cast<int>(row.to));
    CHECK(may_become(row.from, row.to) == row.legal);
  }
}

TEST_CASE(
    "PartitionStateMachineTest testNonexistentPartitionToNewPartitionTransition (vector 14), "
    "ControllerChannelManagerTest testUpdateMetadataDoesNotIncludePartitionsWithoutLeaderAndIsr "
    "(vector 82)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6}}));
  rig.register_broker(5);
  rig.start();
  CHECK(rig.partition_state(0) == PartitionState::kNonExistent);
  rig.create_topic();  // its only replica is not alive: nothing can come after New
  CHECK(rig.partition_state(0) == PartitionState::kNew);
  CHECK(rig.tree.find(rig.catalog.path_of_state(0)) == nullptr);
  // Whatever is told to the brokers says nothing of it.
  rig.sent.clear();
  rig.register_broker(4);
  const auto updates = rig.requests<UpdateMetadataRequest>();
  REQUIRE(!updates.empty());
  for (const auto& [to, request] : updates) CHECK(request.partitions.empty());
}

TEST_CASE("PartitionStateMachineTest testNewPartitionToOnlinePartitionTransition (vector 16)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.start();
  rig.sent.clear();
  rig.create_topic();
  CHECK(rig.partition_state(0) == PartitionState::kOnline);
  CHECK(rig.state(0) == State{5, {5}, 0});
  CHECK(rig.znode(0).controller_epoch == 50);
  CHECK(rig.version(0) == 0);
  const auto told = rig.requests<LeaderAndIsrRequest>();
  const PartitionStateMessage& state = only(told).partitions[0];
  CHECK(told[0].first == 5);
  CHECK(state.is_new);
  CHECK(state.leader == 5);
  CHECK(state.isr == BrokerList{5});
  CHECK(state.leader_epoch == 0);
  CHECK(rig.recipients<UpdateMetadataRequest>() == std::vector<BrokerId>{5, 6});
}

TEST_CASE("A new partition: the first live replica leads, the live ones are the ISR (4.7)",
          "[vectors][controller]") {
  // ControllerIntegrationTest testTopicCreationWithOfflineReplica (vector 44) with one more.
  ControllerRig rig(replicas_on({{6, 5, 4}}));
  rig.register_broker(5);
  rig.register_broker(4);
  rig.start();
  rig.sent.clear();
  rig.create_topic();
  CHECK(rig.state(0) == State{5, {5, 4}, 0});
  CHECK(rig.recipients<LeaderAndIsrRequest>() == std::vector<BrokerId>{4, 5});
  for (const auto& [to, request] : rig.requests<LeaderAndIsrRequest>()) {
    CHECK(request.partitions.at(0).replicas == BrokerList{6, 5, 4});
    CHECK(request.partitions.at(0).is_new);
  }
}

TEST_CASE(
    "PartitionStateMachineTest testNewPartitionToOnlinePartitionTransition"
    "ErrorCodeFromCreateStates (vector 17)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  rig.start();
  rig.refused[rig.catalog.path_of_state(0)] = ZkCode::kNodeExists;
  rig.sent.clear();
  rig.create_topic();
  CHECK(rig.partition_state(0) == PartitionState::kNew);
  CHECK(rig.requests<LeaderAndIsrRequest>().empty());
}

TEST_CASE("PartitionStateMachineTest testOnlinePartitionToOnlineTransition (vector 20)",
          "[vectors][controller]") {
  // A preferred election in the model is that of the auto-rebalance, which looks at partitions
  // whose leader is not the head of the assignment.
  ControllerRig rig(replicas_on({{5, 6}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5}, 3);
  rig.start();
  rig.sent.clear();
  rig.fire_rebalance();
  CHECK(rig.state(0) == State{5, {6, 5}, 4});
  CHECK(rig.partition_state(0) == PartitionState::kOnline);
  CHECK(rig.recipients<LeaderAndIsrRequest>() == std::vector<BrokerId>{5, 6});
  for (const auto& [to, request] : rig.requests<LeaderAndIsrRequest>()) {
    CHECK_FALSE(request.partitions.at(0).is_new);
    CHECK(request.partitions.at(0).leader_epoch == 4);
  }
}

TEST_CASE(
    "PartitionStateMachineTest testOnlinePartitionToOnlineTransitionForControlledShutdown "
    "(vector 21)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5, 6}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 5, {5, 6});
  rig.start();
  rig.sent.clear();
  rig.ask_shutdown(5);
  CHECK(rig.state(0) == State{6, {6}, 1});
  CHECK(rig.partition_state(0) == PartitionState::kOnline);
  // The one that shuts down is told, too.
  CHECK(rig.recipients<LeaderAndIsrRequest>() == std::vector<BrokerId>{5, 6});
  for (const auto& [to, request] : rig.requests<LeaderAndIsrRequest>()) {
    CHECK_FALSE(request.partitions.at(0).is_new);
  }
  REQUIRE(rig.shutdown_answers.size() == 1);
  CHECK(rig.shutdown_answers[0].error == Error::kNone);
  CHECK(rig.shutdown_answers[0].remaining.empty());
}

TEST_CASE(
    "PartitionStateMachineTest testOnlinePartitionToOfflineTransition and "
    "testOfflinePartitionToOnlinePartitionTransition (vectors 22, 23)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 6, {6});
  rig.start();
  CHECK(rig.partition_state(0) == PartitionState::kOnline);
  rig.unregister_broker(6);
  CHECK(rig.partition_state(0) == PartitionState::kOffline);
  CHECK(rig.state(0) == State{kNoBroker, {6}, 1});  // the last member stays (trap 3)
  rig.sent.clear();
  rig.register_broker(6);
  CHECK(rig.partition_state(0) == PartitionState::kOnline);
  CHECK(rig.state(0) == State{6, {6}, 2});
  const auto told = rig.requests<LeaderAndIsrRequest>();
  REQUIRE(told.size() == 2);  // the state as it was, then the election
  CHECK(told[0].second.partitions.at(0).leader == kNoBroker);
  CHECK(told[1].second.partitions.at(0).leader == 6);
  CHECK_FALSE(told[1].second.partitions.at(0).is_new);
}

TEST_CASE(
    "PartitionStateMachineTest testOfflinePartitionToUncleanOnlinePartitionTransition "
    "(vector 24)",
    "[vectors][controller]") {
  for (const bool allowed : {false, true}) {
    ClusterSpec spec = replicas_on({{6, 5}});
    spec.topics[0].config.unclean_leader_election_enable = allowed ? 1 : 0;
    ControllerRig rig(std::move(spec));
    rig.register_broker(5);
    rig.register_broker(6);
    rig.create_topic();
    rig.create_state(0, 6, {6});
    rig.start();
    rig.sent.clear();
    rig.unregister_broker(6);
    if (!allowed) {
      CHECK(rig.state(0) == State{kNoBroker, {6}, 1});
      CHECK(rig.partition_state(0) == PartitionState::kOffline);
      continue;
    }
    CHECK(rig.state(0) == State{5, {5}, 1});
    CHECK(rig.znode(0).recovering);
    const auto told = rig.requests<LeaderAndIsrRequest>();
    REQUIRE(!told.empty());
    CHECK(told[0].first == 5);
    CHECK(told[0].second.partitions.at(0).recovering);
    CHECK(rig.recipients<LeaderAndIsrRequest>() == std::vector<BrokerId>(told.size(), 5));
  }
}

TEST_CASE("An election within the ISR leaves the recovery state as it was (LeaderAndIsr)",
          "[vectors][controller]") {
  // Elected uncleanly, broker 5 has not cleared the flag yet; it dies and returns.
  ControllerRig rig(replicas_on({{6, 5}}));
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 5, {5}, 7);
  rig.set(rig.catalog.path_of_state(0), PartitionStateZnode{5, 7, 1, {5}, true});
  rig.start();
  CHECK(rig.state(0) == State{kNoBroker, {5}, 8});
  CHECK(rig.znode(0).recovering);
  rig.register_broker(5);
  CHECK(rig.state(0) == State{5, {5}, 9});
  CHECK(rig.znode(0).recovering);
}

TEST_CASE(
    "PartitionStateMachineTest testOfflinePartitionToOnlinePartitionTransition"
    "ErrorCodeFromStateLookup (vector 25)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6}}));
  rig.register_broker(5);
  rig.create_topic();
  rig.create_state(0, kNoBroker, {6});
  rig.start();
  REQUIRE(rig.partition_state(0) == PartitionState::kOffline);
  rig.remove(rig.catalog.path_of_state(0));
  rig.register_broker(6);
  CHECK(rig.partition_state(0) == PartitionState::kOffline);
}

TEST_CASE("PartitionStateMachineTest testUpdatingOfflinePartitionsCount (vector 27)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6}, {6}, {6}, {6}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.start();
  rig.create_topic();
  CHECK(rig.offline_partitions() == 0);
  rig.unregister_broker(6);
  CHECK(rig.offline_partitions() == 4);
  rig.register_broker(6);
  CHECK(rig.offline_partitions() == 0);
}

TEST_CASE("The election loop: a state that changed is read again (4.7)", "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5, 4}}));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5, 4});
  rig.start();
  // Between the read and the write somebody takes broker 5 out of the ISR.
  int changes = 0;
  rig.before_write = [&](const std::string& path) {
    if (path != rig.catalog.path_of_state(0) || changes++ > 0) return;
    rig.set(path, PartitionStateZnode{6, 0, 50, {6, 4}, false});
  };
  rig.unregister_broker(6);
  CHECK(changes > 1);
  CHECK(rig.state(0) == State{4, {4}, 1});
  CHECK(rig.version(0) == 2);
}

TEST_CASE("A state that a later controller wrote deposes this one (4.7)", "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5});
  rig.start();
  rig.set(rig.catalog.path_of_state(0), PartitionStateZnode{6, 4, 51, {6, 5}, false});
  rig.unregister_broker(6);
  CHECK_FALSE(rig.controller.active());
  CHECK(rig.state(0) == State{6, {6, 5}, 4});
}

}  // namespace isrlab::test
