// Requests of the controller and its conditional writes: rows 80, 88, 90 to 92 of the vectors from
// Kafka's ControllerChannelManagerTest and KafkaZkClientTest (reference controller-zookeeper.md,
// section 10.5), and those of section 10.4 that need no cluster.
#include "tests/vectors/controller_rig.hpp"

namespace isrlab::test {
namespace {

using State = ControllerRig::State;

/// Partition 0 with replicas 6, 5, 4, led by 6, all in the ISR, all alive.
struct ThreeReplicas : ControllerRig {
  ThreeReplicas() : ControllerRig(replicas_on({{6, 5, 4}})) {
    for (const BrokerId broker : {4, 5, 6}) register_broker(broker);
    create_topic();
    create_state(0, 6, {6, 5, 4}, 5);
    start();
  }
};

}  // namespace

TEST_CASE(
    "ControllerChannelManagerTest testLeaderAndIsrRequestSentToLiveOrShuttingDownBrokers "
    "(vector 80)",
    "[vectors][controller]") {
  // 6 leads 0 and 1; 4 shuts down, 3 is dead: what is told of the election for 6 goes to 4 too.
  ControllerRig rig(replicas_on({{6, 5, 4, 3}}));
  for (const BrokerId broker : {4, 5, 6}) rig.register_broker(broker);
  rig.create_topic();
  rig.create_state(0, 6, {6, 5}, 0);
  rig.start();
  rig.ask_shutdown(4);
  rig.sent.clear();
  rig.unregister_broker(6);
  CHECK(rig.state(0).leader == 5);
  std::vector<BrokerId> told = rig.recipients<LeaderAndIsrRequest>();
  told.erase(std::unique(told.begin(), told.end()), told.end());
  CHECK(told == std::vector<BrokerId>{4, 5});
  std::vector<BrokerId> updated = rig.recipients<UpdateMetadataRequest>();
  updated.erase(std::unique(updated.begin(), updated.end()), updated.end());
  CHECK(updated == std::vector<BrokerId>{4, 5});
  for (const auto& [to, request] : rig.requests<UpdateMetadataRequest>()) {
    CHECK(request.live_brokers == std::vector<BrokerId>{4, 5});
  }
}

TEST_CASE("KafkaZkClientTest testUpdateLeaderAndIsr (vector 88)", "[vectors][controller]") {
  ThreeReplicas rig;
  SECTION("expected version: written, version + 1") {
    const auto& answer = rig.alter(6, rig.wish(0, {6, 5}));
    CHECK(answer.partitions.at(0).error == Error::kNone);
    CHECK(answer.partitions.at(0).partition_epoch == 1);
    CHECK(rig.version(0) == 1);
    CHECK(rig.znode(0).controller_epoch == 50);
    CHECK(rig.state(0) == State{6, {6, 5}, 5});  // the leader epoch stays
  }
  SECTION("stale version: INVALID_UPDATE_VERSION, nothing written") {
    rig.before_write = [&](const std::string&) {
      rig.before_write = nullptr;
      rig.set(rig.catalog.path_of_state(0), PartitionStateZnode{6, 5, 50, {6, 5, 4}, false});
    };
    const auto& answer = rig.alter(6, rig.wish(0, {6, 5}));
    CHECK(answer.partitions.at(0).error == Error::kInvalidUpdateVersion);
    CHECK(rig.state(0) == State{6, {6, 5, 4}, 5});
    CHECK(rig.version(0) == 1);
  }
  SECTION("no such node") {
    const auto wanted = rig.wish(0, {6, 5});
    rig.remove(rig.catalog.path_of_state(0));
    CHECK(rig.alter(6, wanted).partitions.at(0).error != Error::kNone);
  }
  SECTION("wrong controller version: ControllerMovedException") {
    rig.set("/controller_epoch", ControllerEpochZnode{51});
    ControllerEvent event;
    event.type = ControllerEventType::kAlterPartition;
    event.slot = 0;
    event.alter.broker = 6;
    event.alter.broker_epoch = *rig.controller.context().live.find(6);
    event.alter.partitions = {rig.wish(0, {6, 5})};
    rig.post(std::move(event));
    CHECK_FALSE(rig.controller.active());
    CHECK(rig.alter_answers.empty());
    CHECK(rig.state(0) == State{6, {6, 5, 4}, 5});
  }
}

TEST_CASE("KafkaZkClientTest testControllerEpochMethods, the first controller (vectors 90, 42)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.remove("/controller_epoch");
  rig.register_broker(5);
  rig.post(ControllerEventType::kStartup);
  REQUIRE(rig.controller.active());
  CHECK(rig.controller.context().epoch == 1);
  CHECK(rig.controller.context().epoch_zk_version == 1);  // created with 0, then set
  const ZkTree::Node* epoch = rig.tree.find("/controller_epoch");
  REQUIRE(epoch != nullptr);
  CHECK(std::get<ControllerEpochZnode>(epoch->value).epoch == 1);
  CHECK(epoch->version == 1);
}

TEST_CASE("KafkaZkClientTest testControllerEpochMethods, lost races (vector 90)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  SECTION("another wrote the epoch: BADVERSION, and it is the controller") {
    rig.before_write = [&](const std::string& path) {
      if (path != "/controller_epoch") return;
      rig.before_write = nullptr;
      rig.create("/controller", ControllerZnode{4}, ZkOpKind::kCreateEphemeral);
      rig.set("/controller_epoch", ControllerEpochZnode{50});
    };
    rig.post(ControllerEventType::kStartup);
    CHECK_FALSE(rig.controller.active());
    CHECK(rig.controller.known_controller() == 4);
    // When that one goes, this one is next.
    rig.remove("/controller");
    REQUIRE(rig.controller.active());
    CHECK(rig.controller.context().epoch == 51);
  }
  SECTION("/controller was there first: NODEEXISTS") {
    rig.create("/controller", ControllerZnode{3}, ZkOpKind::kCreateEphemeral);
    rig.post(ControllerEventType::kStartup);
    CHECK_FALSE(rig.controller.active());
    CHECK(rig.controller.known_controller() == 3);
    CHECK(std::get<ControllerEpochZnode>(rig.tree.find("/controller_epoch")->value).epoch == 49);
  }
}

TEST_CASE("ControllerChange only looks, Reelect stands (4.1, 4.3)", "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  rig.post(ControllerEventType::kControllerChange);
  CHECK_FALSE(rig.controller.active());
  CHECK(rig.tree.find("/controller") == nullptr);
  rig.post(ControllerEventType::kReelect);
  CHECK(rig.controller.active());
}

TEST_CASE(
    "KafkaZkClientTest testCreateSequentialPersistentPath, testPropagateIsrChanges (vector 91)",
    "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  const char* parent = "/isr_change_notification";
  const std::string prefix = std::string(parent) + "/isr_change_";
  rig.create(prefix, {}, ZkOpKind::kCreateSequential);
  rig.create(prefix, {}, ZkOpKind::kCreateSequential);
  CHECK(rig.tree.find(prefix + "0000000000") != nullptr);
  CHECK(rig.tree.find(prefix + "0000000001") != nullptr);
  rig.remove(prefix + "0000000001");
  rig.create(prefix, {}, ZkOpKind::kCreateSequential);
  CHECK(rig.tree.find(prefix + "0000000002") != nullptr);  // numbers are not used again
}

TEST_CASE("onReplicasBecomeOffline: who is told when no leader went away (4.6)",
          "[vectors][controller]") {
  ThreeReplicas rig;
  rig.sent.clear();
  SECTION("a follower: the ISR change, then the live brokers without a partition") {
    rig.unregister_broker(4);
    CHECK(rig.state(0) == State{6, {6, 5}, 6});
    const auto updates = rig.requests<UpdateMetadataRequest>();
    REQUIRE(updates.size() == 4);
    std::vector<std::size_t> to_leader;
    for (const auto& [to, request] : updates) {
      CHECK(request.live_brokers == std::vector<BrokerId>{5, 6});
      if (to == 6) to_leader.push_back(request.partitions.size());
    }
    CHECK(to_leader == std::vector<std::size_t>{1, 0});
  }
  SECTION("the leader: what the election tells is enough") {
    rig.unregister_broker(6);
    for (const auto& [to, request] : rig.requests<UpdateMetadataRequest>()) {
      CHECK(request.partitions.size() == 1);
    }
  }
  SECTION("a broker without replicas") {
    rig.register_broker(3);
    rig.sent.clear();
    rig.unregister_broker(3);
    CHECK(rig.recipients<UpdateMetadataRequest>() == std::vector<BrokerId>{4, 5, 6});
    CHECK(rig.requests<LeaderAndIsrRequest>().empty());
  }
}

TEST_CASE("ControllerIntegrationTest testIdempotentAlterPartition (vector 62)",
          "[vectors][controller]") {
  ThreeReplicas rig;
  const auto wanted = rig.wish(0, {6, 5});
  for (int i = 0; i < 2; ++i) {
    const auto& answer = rig.alter(6, wanted);
    CHECK(answer.partitions.at(0).error == Error::kNone);
    CHECK(answer.partitions.at(0).partition_epoch == 1);
  }
  CHECK(rig.alter(6, rig.wish(0, {6, 5})).partitions.at(0).error == Error::kNone);
  CHECK(rig.version(0) == 1);
}

TEST_CASE("ControllerIntegrationTest testAlterPartitionErrors (vector 63)",
          "[vectors][controller]") {
  ThreeReplicas rig;
  rig.alter(6, rig.wish(0, {6, 5}));  // version 1
  const auto error_of = [&](std::int32_t epoch, std::int32_t version, bool recovering = false) {
    auto wanted = rig.wish(0, {6, 5, 4});
    wanted.leader_epoch += epoch;
    wanted.partition_epoch += version;
    wanted.recovering = recovering;
    return rig.alter(6, wanted).partitions.at(0).error;
  };
  CHECK(error_of(0, -1) == Error::kInvalidUpdateVersion);
  CHECK(error_of(0, 1) == Error::kNotController);
  CHECK(error_of(-1, 0) == Error::kFencedLeaderEpoch);
  CHECK(error_of(1, 0) == Error::kNotController);
  CHECK(error_of(0, 0, true) == Error::kInvalidRequest);
  CHECK(error_of(0, -1, true) == Error::kInvalidUpdateVersion);
  CHECK(error_of(0, 1, true) == Error::kNotController);
  CHECK(error_of(-1, 0, true) == Error::kFencedLeaderEpoch);
  CHECK(error_of(1, 0, true) == Error::kNotController);
  // The sender: an older registration, and a broker that is not there.
  ControllerEvent event;
  event.type = ControllerEventType::kAlterPartition;
  event.slot = 0;
  event.alter.broker = 6;
  event.alter.broker_epoch = *rig.controller.context().live.find(6) - 1;
  event.alter.partitions = {rig.wish(0, {6, 5, 4})};
  rig.post(event);
  CHECK(rig.alter_answers.back().error == Error::kStaleBrokerEpoch);
  event.alter.broker = 3;
  rig.post(event);
  CHECK(rig.alter_answers.back().error == Error::kStaleBrokerEpoch);
  CHECK(rig.version(0) == 1);
}

TEST_CASE("ControllerIntegrationTest testShutdownBrokerNotAddedToIsr (vector 61); who learns of it",
          "[vectors][controller]") {
  ThreeReplicas rig;
  rig.ask_shutdown(4);
  REQUIRE(rig.state(0) == State{6, {6, 5}, 6});
  rig.sent.clear();
  CHECK(rig.alter(6, rig.wish(0, {6, 5, 4})).partitions.at(0).error == Error::kIneligibleReplica);
  CHECK(rig.state(0) == State{6, {6, 5}, 6});
  // UpdateMetadata names all partitions that were asked for, the refused ones too (4.12).
  CHECK(rig.recipients<UpdateMetadataRequest>() == std::vector<BrokerId>{4, 5, 6});
  for (const auto& [to, request] : rig.requests<UpdateMetadataRequest>()) {
    CHECK(request.partitions.size() == 1);
  }
  CHECK(rig.requests<LeaderAndIsrRequest>().empty());
}

TEST_CASE("ControllerIntegrationTest testControlledShutdown and its refusals (vectors 55, 56)",
          "[vectors][controller]") {
  ThreeReplicas rig;
  rig.ask_shutdown(6, -1);
  REQUIRE(rig.shutdown_answers.size() == 1);
  CHECK(rig.shutdown_answers[0].error == Error::kStaleBrokerEpoch);
  CHECK(rig.state(0) == State{6, {6, 5, 4}, 5});
  rig.ask_shutdown(4);
  CHECK(rig.shutdown_answers.back().remaining.empty());
  CHECK(rig.state(0) == State{6, {6, 5}, 6});
  rig.ask_shutdown(5);
  CHECK(rig.shutdown_answers.back().remaining.empty());
  CHECK(rig.state(0) == State{6, {6}, 7});
  rig.ask_shutdown(6);
  CHECK(rig.shutdown_answers.back().error == Error::kNone);
  CHECK(rig.shutdown_answers.back().remaining == std::vector<PartitionId>{0});
  CHECK(rig.state(0) == State{6, {6}, 7});
  // A broker that is not registered.
  rig.ask_shutdown(2);
  CHECK(rig.shutdown_answers.back().error == Error::kUnknownServerError);
  ControllerEvent event;
  event.type = ControllerEventType::kControlledShutdown;
  event.slot = 0;
  event.broker = 2;
  event.broker_epoch = -1;
  rig.post(std::move(event));
  CHECK(rig.shutdown_answers.back().error == Error::kBrokerNotAvailable);
}

TEST_CASE("ControllerIntegrationTest testControllerMoveOnTopicCreation (vector 57)",
          "[vectors][controller]") {
  ControllerRig rig(replicas_on({{5}}));
  rig.register_broker(5);
  rig.start();
  rig.set("/controller_epoch", ControllerEpochZnode{77});
  rig.create_topic();
  CHECK_FALSE(rig.controller.active());
  CHECK(rig.tree.find(rig.catalog.path_of_state(0)) == nullptr);
}

TEST_CASE("A bounced broker: failure, then start, in one event (3.5, 4.6)",
          "[vectors][controller]") {
  ThreeReplicas rig;
  rig.sent.clear();
  rig.bounce(6);
  // As if it had died: another leads, and it is told that it follows.
  CHECK(rig.state(0) == State{5, {5, 4}, 6});
  const auto told = rig.requests<LeaderAndIsrRequest>();
  const auto last =
      std::find_if(told.rbegin(), told.rend(), [](const auto& each) { return each.first == 6; });
  REQUIRE(last != told.rend());
  CHECK(last->second.partitions.at(0).leader == 5);
  CHECK(last->second.broker_epoch == rig.tree.find("/brokers/ids/6")->czxid);
}

}  // namespace isrlab::test
