// Kafka's ReplicaStateMachineTest: rows 29 to 39 of the vectors (reference
// controller-zookeeper.md, section 10.3). The legal changes from the table the controller shares
// with it, the rest as events of a real controller. Rows 40 and 41 belong to topic deletion.
#include "model/controller/state_machines.hpp"
#include "tests/vectors/controller_rig.hpp"

namespace isrlab::test {
namespace {

using State = ControllerRig::State;

}  // namespace

TEST_CASE("ReplicaStateMachineTest: which changes are legal (vectors 29 to 35)",
          "[vectors][controller]") {
  using enum ReplicaState;
  const ReplicaState to[] = {kNew,
                             kOnline,
                             kOffline,
                             kReplicaDeletionStarted,
                             kReplicaDeletionSuccessful,
                             kReplicaDeletionIneligible,
                             kNonExistent};
  struct Row {
    ReplicaState from;
    const char* legal;  // one letter for each of `to`; space: Kafka has no test of it
  };
  const Row rows[] = {
      {kNonExistent, "+----- "},
      {kNew, " ++----"},
      {kOnline, "-++----"},
      {kOffline, "-+++-+-"},
      {kReplicaDeletionStarted, "--- ++-"},
      {kReplicaDeletionSuccessful, "---- -+"},
      {kReplicaDeletionIneligible, "-++-- -"},
  };
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < 7; ++i) {
      INFO(static_cast<int>(row.from) << " to " << static_cast<int>(to[i]));
      if (row.legal[i] != ' ') CHECK(may_become(row.from, to[i]) == (row.legal[i] == '+'));
    }
  }
  // What the states' own definitions say of the pairs without a test: nothing stays what it is but
  // Online and Offline.
  for (const ReplicaState state : to) {
    const bool stays = state == kOnline || state == kOffline;
    CHECK(may_become(state, state) == stays);
  }
}

TEST_CASE(
    "ReplicaStateMachineTest testStartupOnlinePartition, testOnlineReplicaToOnlineReplica"
    "Transition (vectors 36, 38)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  rig.create_topic();
  rig.create_state(0, 5, {5}, 3);
  rig.start();
  // The first request names the live brokers and no partition, then comes the state as it is.
  REQUIRE(rig.sent.size() == 3);
  const auto* first = std::get_if<UpdateMetadataRequest>(&rig.sent[0].request);
  REQUIRE(first != nullptr);
  CHECK(first->partitions.empty());
  CHECK(first->live_brokers == std::vector<BrokerId>{5});
  const auto* told = std::get_if<LeaderAndIsrRequest>(&rig.sent[1].request);
  REQUIRE(told != nullptr);
  REQUIRE(told->partitions.size() == 1);
  CHECK_FALSE(told->partitions[0].is_new);
  CHECK(told->partitions[0].leader == 5);
  CHECK(told->partitions[0].leader_epoch == 3);
  CHECK(told->partitions[0].controller_epoch == 1);  // of the one who wrote it
  CHECK(told->controller_epoch == 50);
  const auto* update = std::get_if<UpdateMetadataRequest>(&rig.sent[2].request);
  REQUIRE(update != nullptr);
  CHECK(update->partitions.size() == 1);
  CHECK(rig.state(0) == State{5, {5}, 3});
  CHECK(rig.version(0) == 0);
}

TEST_CASE(
    "ReplicaStateMachineTest testStartupOfflinePartition, "
    "testStartupWithReplicaWithoutLeader (vector 36)",
    "[vectors][controller]") {
  SECTION("a replica on a dead broker") {
    ControllerRig rig(replicas_on({{6}}));
    rig.register_broker(5);
    rig.create_topic();
    rig.create_state(0, 6, {6});
    rig.start();
    CHECK(rig.partition_state(0) == PartitionState::kOffline);
    CHECK(rig.state(0) == State{kNoBroker, {6}, 1});
    CHECK(rig.requests<LeaderAndIsrRequest>().empty());
    CHECK(rig.requests<StopReplicaRequest>().empty());  // not live: dropped
  }
  SECTION("a live replica of a partition without a leader") {
    ControllerRig rig(replicas_on({{5}}));
    rig.register_broker(5);
    rig.create_topic();
    rig.create_state(0, kNoBroker, {5}, 6);
    rig.start();
    CHECK(rig.state(0) == State{5, {5}, 7});
    CHECK(rig.partition_state(0) == PartitionState::kOnline);
  }
}

TEST_CASE(
    "ReplicaStateMachineTest testNewReplicaToOfflineReplicaTransition (vector 37): without a "
    "leadership there is nothing but UpdateMetadata",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.refused[rig.catalog.path_of_state(0)] = ZkCode::kNodeExists;  // it stays New
  rig.start();
  rig.create_topic();
  REQUIRE(rig.partition_state(0) == PartitionState::kNew);
  rig.sent.clear();
  rig.unregister_broker(6);
  CHECK(rig.requests<LeaderAndIsrRequest>().empty());
  CHECK(rig.requests<StopReplicaRequest>().empty());  // 6 is not live
  // Its batch, and the one that follows because no leader went away.
  CHECK(rig.recipients<UpdateMetadataRequest>() == std::vector<BrokerId>{5, 5});
}

TEST_CASE(
    "ReplicaStateMachineTest testOfflineReplicaToOnlineReplicaTransition (vector 38), "
    "onBrokerStartup in order (4.6)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5, 6}}));
  rig.register_broker(5);
  rig.create_topic();
  rig.create_state(0, 5, {5}, 4);
  rig.start();
  rig.sent.clear();
  rig.register_broker(6);
  REQUIRE(rig.sent.size() >= 3);
  // Each broker gets its requests in this order; between brokers there is none.
  CHECK(rig.sent[0].to == 5);
  const auto* first = std::get_if<UpdateMetadataRequest>(&rig.sent[0].request);
  REQUIRE(first != nullptr);
  CHECK(first->partitions.empty());
  CHECK(first->live_brokers == std::vector<BrokerId>{5, 6});
  std::vector<std::size_t> of_new;
  for (std::size_t i = 0; i < rig.sent.size(); ++i) {
    if (rig.sent[i].to == 6) of_new.push_back(rig.sent[i].request.index());
  }
  // UpdateMetadata with everything, LeaderAndIsr, and the UpdateMetadata of its batch.
  CHECK(of_new == std::vector<std::size_t>{1, 0, 1});
  const auto told = rig.requests<LeaderAndIsrRequest>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].first == 6);
  CHECK_FALSE(told[0].second.partitions.at(0).is_new);
  CHECK(told[0].second.partitions.at(0).leader_epoch == 4);
  CHECK(rig.version(0) == 0);  // nothing is written
}

TEST_CASE(
    "ReplicaStateMachineTest testOnlineReplicaToOfflineReplicaTransition (vector 39): the "
    "leader's replica",
    "[vectors][controller]") {
  // At a fail-over replicas come before partitions: leader -1, then the election.
  ControllerRig rig(replicas_on({{5, 6}}));
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 5, {5, 6});
  rig.start();
  const auto told = rig.requests<LeaderAndIsrRequest>();
  REQUIRE(told.size() == 3);
  const auto state_of = [&](std::size_t i) { return told[i].second.partitions.at(0); };
  for (const auto& [to, request] : told) CHECK(to == 6);
  CHECK(state_of(0).leader == 5);  // as it is
  CHECK(state_of(1).leader == kNoBroker);
  CHECK(state_of(1).isr == BrokerList{6});
  CHECK(state_of(1).leader_epoch == 1);
  CHECK(state_of(2).leader == 6);  // the partition state machine
  CHECK(state_of(2).leader_epoch == 2);
  CHECK(rig.state(0) == State{6, {6}, 2});
  CHECK(rig.version(0) == 2);
  CHECK(rig.requests<StopReplicaRequest>().empty());
}

TEST_CASE(
    "ReplicaStateMachineTest testOnlineReplicaToOfflineReplicaTransition (vector 39): a "
    "follower's replica on a broker that lives",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5, 4}}));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5, 4}, 3);
  rig.start();
  rig.sent.clear();
  rig.ask_shutdown(5);
  CHECK(rig.state(0) == State{6, {6, 4}, 4});
  CHECK(rig.recipients<LeaderAndIsrRequest>() == std::vector<BrokerId>{4, 6});
  // To the broker itself: stop, then what all brokers learn, then stop again (3.4).
  std::vector<std::size_t> of_leaving;
  for (const auto& each : rig.sent) {
    if (each.to == 5) of_leaving.push_back(each.request.index());
  }
  CHECK(of_leaving == std::vector<std::size_t>{2, 1, 2});
  const auto stops = rig.requests<StopReplicaRequest>();
  REQUIRE(stops.size() == 2);
  CHECK_FALSE(stops[0].second.partitions.at(0).delete_partition);
  CHECK(stops[0].second.partitions.at(0).leader_epoch == 3);
  // Kafka takes the epoch it has cached when it queues the stop, before it removes the replica.
  CHECK(stops[1].second.partitions.at(0).leader_epoch == 3);
  REQUIRE(rig.shutdown_answers.size() == 1);
  CHECK(rig.shutdown_answers[0].remaining.empty());
}

TEST_CASE("A replica that is not in the ISR any more: no write, the same epoch again (4.6)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5, 4}}));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5, 4}, 5);
  rig.start();
  rig.sent.clear();
  rig.unregister_broker(6);
  // Elected without the dead broker in one write; its replica is gone from the ISR already.
  CHECK(rig.state(0) == State{5, {5, 4}, 6});
  CHECK(rig.version(0) == 1);
  std::vector<std::size_t> of_leader;
  for (const auto& each : rig.sent) {
    if (each.to == 5) of_leader.push_back(each.request.index());
  }
  CHECK(of_leader == std::vector<std::size_t>{0, 1, 0, 1});
  for (const auto& [to, request] : rig.requests<LeaderAndIsrRequest>()) {
    CHECK(request.partitions.at(0).leader_epoch == 6);
  }
}

TEST_CASE("The last member of the ISR that is looked at stays in it (4.8)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{4, 6}}));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.create_topic();
  rig.create_state(0, 4, {4, 6}, 2);
  rig.start();
  // Both are gone when the controller comes to look: one event for both.
  rig.unregister_both(4, 6);
  CHECK(rig.partition_state(0) == PartitionState::kOffline);
  CHECK(rig.state(0) == State{kNoBroker, {6}, 4});  // 4 first: e+1, then 6, the last one: e+1
}

}  // namespace isrlab::test
