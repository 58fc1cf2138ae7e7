// Kafka's ControllerIntegrationTest where a controller and ZooKeeper are enough: rows 49, 51, 52,
// 54 and 64 of the vectors (reference controller-zookeeper.md, section 10.4). Broker 6 is Kafka's
// "other broker", 5 the controller's.
#include "tests/vectors/controller_rig.hpp"

namespace isrlab::test {
namespace {

using State = ControllerRig::State;

}  // namespace

TEST_CASE(
    "ControllerIntegrationTest testPreferredReplicaLeaderElection, "
    "testAutoPreferredReplicaLeaderElection, testPreferredReplicaLeaderElectionWithOffline"
    "PreferredReplica (vectors 49, 51, 52)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5});
  rig.start();
  rig.ask_shutdown(6);
  rig.unregister_broker(6);
  CHECK(rig.state(0) == State{5, {5}, 1});
  rig.fire_rebalance();  // the preferred replica is offline
  CHECK(rig.state(0) == State{5, {5}, 1});
  rig.register_broker(6);
  rig.fire_rebalance();  // ... or not in the ISR yet
  CHECK(rig.state(0) == State{5, {5}, 1});
  REQUIRE(rig.alter(5, rig.wish(0, {5, 6})).partitions.at(0).error == Error::kNone);
  CHECK(rig.state(0) == State{5, {5, 6}, 1});
  rig.fire_rebalance();
  CHECK(rig.state(0) == State{6, {5, 6}, 2});
  rig.fire_rebalance();  // nothing to do
  CHECK(rig.state(0) == State{6, {5, 6}, 2});
}

TEST_CASE(
    "ControllerIntegrationTest testLeaderAndIsrWhenEntireIsrOfflineAndUncleanLeaderElection"
    "{Disabled,Enabled} (vector 54)",
    "[vectors][controller]") {
  for (const std::int64_t unclean : {0, 1}) {
    ClusterSpec spec = replicas_on({{6}});
    spec.topics[0].config.unclean_leader_election_enable = unclean;
    ControllerRig rig(std::move(spec));
    rig.register_broker(5);
    rig.register_broker(6);
    rig.start();
    rig.create_topic();
    REQUIRE(rig.state(0) == State{6, {6}, 0});
    rig.unregister_broker(6);
    CHECK(rig.state(0) == State{kNoBroker, {6}, 1});  // there is no other replica
  }
}

TEST_CASE("ControllerIntegrationTest testAlterPartitionErrorsAfterUncleanElection (vector 64)",
          "[vectors][controller]") {
  ClusterSpec spec = replicas_on({{6, 4}});
  spec.topics[0].config.unclean_leader_election_enable = 1;
  ControllerRig rig(std::move(spec));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.start();
  rig.create_topic();
  rig.unregister_broker(6);
  CHECK(rig.state(0) == State{4, {4}, 1});
  rig.unregister_broker(4);
  CHECK(rig.state(0) == State{kNoBroker, {4}, 2});
  rig.register_broker(6);
  CHECK(rig.state(0) == State{6, {6}, 3});
  CHECK(rig.znode(0).recovering);
  rig.register_broker(4);
  // RECOVERING allows no second member; the first change without it clears it.
  auto wanted = rig.wish(0, {6, 4});
  wanted.recovering = true;
  CHECK(rig.alter(6, wanted).partitions.at(0).error == Error::kInvalidRequest);
  CHECK(rig.znode(0).recovering);
  CHECK(rig.alter(6, rig.wish(0, {6, 4})).partitions.at(0).error == Error::kNone);
  CHECK(rig.state(0) == State{6, {6, 4}, 3});
  CHECK_FALSE(rig.znode(0).recovering);
  wanted = rig.wish(0, {6});
  wanted.recovering = true;  // and does not come back
  CHECK(rig.alter(6, wanted).partitions.at(0).error == Error::kInvalidRequest);
}

TEST_CASE("Balance: strictly more than the percentage, for each preferred broker (4.9)",
          "[vectors][controller]") {
  // Ten partitions prefer 6: one away is 10 %, not more; two are.
  for (const PartitionId away : {1U, 2U}) {
    ControllerRig rig(replicas_on(std::vector<std::vector<BrokerId>>(10, {6, 5})));
    rig.register_broker(5);
    rig.register_broker(6);
    rig.create_topic();
    for (PartitionId partition = 0; partition < 10; ++partition) {
      rig.create_state(partition, partition < away ? 5 : 6, {6, 5});
    }
    rig.start();
    rig.fire_rebalance();
    for (PartitionId partition = 0; partition < away; ++partition) {
      CHECK(rig.state(partition) == (away == 1 ? State{5, {6, 5}, 0} : State{6, {6, 5}, 1}));
    }
  }
}

TEST_CASE("Balance goes by the leadership that is cached (trap 27)", "[vectors][controller]") {
  ControllerRig rig(replicas_on({{6, 5}}));
  rig.register_broker(5);
  rig.register_broker(6);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5});
  rig.start();
  rig.set(rig.catalog.path_of_state(0), PartitionStateZnode{5, 1, 50, {6, 5}, false});
  rig.fire_rebalance();
  CHECK(rig.state(0) == State{5, {6, 5}, 1});
}

}  // namespace isrlab::test
