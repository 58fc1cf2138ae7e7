// Requests at one broker: rows 87 to 93 of the vectors taken from Kafka's ReplicaManagerTest,
// DelayedFetchTest and AlterPartitionManagerTest (reference replication.md, section 11.5), and the
// rules of sections 2.2, 2.4, 5.4 and 5.5 that they leave out.
#include <algorithm>

#include "tests/vectors/broker_rig.hpp"

namespace isrlab::test {
namespace {

const BrokerList kAll{1, 2, 3};

std::int64_t count_of(const BrokerRig& rig, HistoryKind kind, Error error) {
  return std::count_if(rig.records.begin(), rig.records.end(), [&](const sim::HistoryEvent& event) {
    return event.kind == static_cast<std::uint16_t>(kind) &&
           event.a == static_cast<std::int64_t>(error);
  });
}

}  // namespace

TEST_CASE("ReplicaManagerTest testClearPurgatoryOnBecomingFollower (vector 87)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, kAll);
  const ConnectionId producer = rig.connect();
  REQUIRE(rig.produce(producer, 0, -1) == nullptr);  // waits for the followers
  REQUIRE(rig.leader_and_isr(rig.state(0, 2, 1, kAll)) == Error::kNone);
  const auto* answer = rig.got<ProduceResponse>(producer);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.at(0).error == Error::kNotLeaderOrFollower);
}

TEST_CASE(
    "ReplicaFetcherThreadTest shouldFilterPartitionsMadeLeaderDuringLeaderEpochRequest "
    "(vector 28)",
    "[vectors][replicamanager]") {
  ClusterSpec spec = rig_spec();
  spec.brokers[0].config.replication_protocol =
      static_cast<std::int64_t>(ReplicationProtocol::kKip320);
  BrokerRig rig(std::move(spec));
  rig.lead(0, 5, kAll);
  rig.lead(1, 5, kAll);
  const ConnectionId producer = rig.connect();
  for (const PartitionId partition : {0U, 1U}) {
    REQUIRE(rig.produce(producer, partition, 1, 49) != nullptr);
    REQUIRE(rig.produce(producer, partition, 1, 51) != nullptr);
  }
  for (const PartitionId partition : {0U, 1U}) {
    REQUIRE(rig.leader_and_isr(rig.state(partition, 2, 6, kAll)) == Error::kNone);
  }
  const ConnectionId leader = rig.establish();  // the second joined the thread of the first
  const auto* question = rig.got<OffsetsForLeaderEpochRequest>(leader);
  REQUIRE(question != nullptr);
  REQUIRE(question->partitions.size() == 2);
  const std::uint32_t correlation = question->correlation;
  // Made leader while the question is under way.
  REQUIRE(rig.leader_and_isr(rig.state(0, 1, 7, kAll)) == Error::kNone);
  rig.send<OffsetsForLeaderEpochResponse>(leader, [&](OffsetsForLeaderEpochResponse& answer) {
    answer.correlation = correlation;
    answer.partitions = {{0, Error::kNone, 5, 49}, {1, Error::kNone, 5, 49}};
  });
  CHECK(rig.broker.partition(0)->log.log_end_offset() == 100);
  CHECK(rig.broker.partition(1)->log.log_end_offset() == 49);
}

TEST_CASE("ReplicaManagerTest testBecomeFollowerWhile{Old,New}ClientFetchInPurgatory (vector 88)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 1, kAll);
  // Tied to the leader and without an epoch, as clients before version 11 are: here a follower.
  const ConnectionId old_client = rig.connect();
  REQUIRE(rig.fetch(old_client, {0}, 0, {.replica = 2}) == nullptr);
  const ConnectionId new_client = rig.connect();
  REQUIRE(rig.fetch(new_client, {0}, 0, {.epoch = 1}) == nullptr);
  REQUIRE(rig.leader_and_isr(rig.state(0, 2, 2, kAll)) == Error::kNone);
  const auto* to_old = rig.got<FetchResponse>(old_client);
  REQUIRE(to_old != nullptr);
  CHECK(to_old->partitions.at(0).error == Error::kNotLeaderOrFollower);
  const auto* to_new = rig.got<FetchResponse>(new_client);
  REQUIRE(to_new != nullptr);
  CHECK(to_new->partitions.at(0).error == Error::kFencedLeaderEpoch);
  CHECK(to_new->partitions.at(0).hint.leader == 2);  // KIP-951
  CHECK(to_new->partitions.at(0).hint.leader_epoch == 2);
}

TEST_CASE("ReplicaManagerTest testStopReplicaWithExistingPartition (vector 89)",
          "[vectors][replicamanager]") {
  // There is one log directory, whose failure ends the broker: no KAFKA_STORAGE_ERROR here.
  const auto stop = [](std::int32_t epoch, std::int32_t controller_epoch) {
    BrokerRig rig;
    rig.lead(0, 1, kAll);
    const auto* answer = rig.ask<StopReplicaResponse, StopReplicaRequest>(
        rig.controller(), [&](StopReplicaRequest& request) {
          request.controller = 2;
          request.controller_epoch = controller_epoch;
          request.partitions = {{0, epoch, false}};
        });
    REQUIRE(answer != nullptr);
    return answer->error != Error::kNone ? answer->error : answer->partitions.at(0).error;
  };
  CHECK(stop(2, 1) == Error::kNone);
  CHECK(stop(0, 1) == Error::kFencedLeaderEpoch);
  CHECK(stop(1, 1) == Error::kNone);
  CHECK(stop(-1, 1) == Error::kNone);
  CHECK(stop(-2, 1) == Error::kNone);
  CHECK(stop(1, 0) == Error::kStaleControllerEpoch);
}

TEST_CASE("ReplicaManagerTest testFetchBeyondHighWatermark (vector 90)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, kAll);
  const ConnectionId producer = rig.connect();
  REQUIRE(rig.produce(producer, 0, 1, 10) != nullptr);
  const ConnectionId consumer = rig.connect();
  const auto* to_consumer = rig.fetch(consumer, {0}, 2, {.epoch = 0});
  REQUIRE(to_consumer != nullptr);
  CHECK(to_consumer->partitions.at(0).error == Error::kNone);
  CHECK(to_consumer->batches.empty());
  const auto* to_follower = rig.fetch(rig.connect(), {0}, 2, {.replica = 2, .epoch = 0});
  REQUIRE(to_follower != nullptr);
  CHECK(to_follower->partitions.at(0).error == Error::kNone);
  CHECK(to_follower->batches.size() == 1);
}

TEST_CASE("ReplicaManagerTest testIllegalRequiredAcks (vector 91)", "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, {1});
  const auto* answer = rig.produce(rig.connect(), 0, 3);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.at(0).error == Error::kInvalidRequiredAcks);
  CHECK(rig.broker.partition(0)->log.log_end_offset() == 0);
}

TEST_CASE("DelayedFetchTest testDelayedFetchWithMessageOnlyHighWatermark, second half (vector 92)",
          "[vectors][replicamanager]") {
  // Its first half (an end without a segment position) cannot be expressed: ends are always known.
  BrokerRig rig;
  rig.lead(0, 0, {1, 2});
  REQUIRE(rig.produce(rig.connect(), 0, 1) != nullptr);
  const ConnectionId consumer = rig.connect();
  // The end of what it may read lies below its offset: completed, not parked.
  const auto* answer = rig.fetch(consumer, {0}, 1, {.epoch = 0});
  REQUIRE(answer != nullptr);
  CHECK(answer->batches.empty());
  // At the end it waits.
  REQUIRE(rig.fetch(consumer, {0}, 0, {.epoch = 0}) == nullptr);
  rig.pass(499 * kMillisecond);
  CHECK(rig.got<FetchResponse>(consumer) == nullptr);
  rig.pass(1 * kMillisecond);
  CHECK(rig.got<FetchResponse>(consumer) != nullptr);
}

TEST_CASE("AlterPartitionManagerTest testOverwriteWithinBatch (vector 93)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, kAll);
  REQUIRE(rig.produce(rig.connect(), 0, 1) != nullptr);
  rig.now += 31 * kSecond;
  rig.fire(TimerKind::kIsrShrink);
  REQUIRE(rig.broker.partition(0)->pending == PendingIsr::kShrink);
  const ConnectionId channel = rig.establish();  // to the controller
  REQUIRE(rig.got<ApiVersionsRequest>(channel) != nullptr);
  rig.send<ApiVersionsResponse>(channel,
                                [](ApiVersionsResponse& answer) { answer.correlation = 1; });
  const auto* first = rig.got<AlterPartitionRequest>(channel);
  REQUIRE(first != nullptr);
  CHECK(first->partitions.at(0).new_isr == BrokerList{1});
  const std::uint32_t correlation = first->correlation;
  // A new epoch voids the change while its request is under way; the next one finds no room.
  REQUIRE(rig.leader_and_isr(rig.state(0, 1, 1, kAll, 1)) == Error::kNone);
  rig.now += 31 * kSecond;
  rig.fire(TimerKind::kIsrShrink);
  CHECK(rig.broker.partition(0)->pending == PendingIsr::kNone);
  CHECK(count_of(rig, HistoryKind::kIsrUpdateFailed, Error::kOperationNotAttempted) == 1);
  // The answer to the old change does nothing; then there is room.
  rig.send<AlterPartitionResponse>(channel, [&](AlterPartitionResponse& answer) {
    answer.correlation = correlation;
    answer.partitions.push_back({0, Error::kFencedLeaderEpoch, 1, 1, 1, kAll, 0});
  });
  CHECK(rig.broker.partition(0)->isr == kAll);
  rig.now += 15 * kSecond;
  rig.fire(TimerKind::kIsrShrink);
  const auto* second = rig.got<AlterPartitionRequest>(channel);
  REQUIRE(second != nullptr);
  CHECK(second->partitions.at(0).leader_epoch == 1);
  CHECK(second->partitions.at(0).partition_epoch == 1);
}

TEST_CASE("What the metadata cache does not know is not served (2.2, KafkaApis)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  REQUIRE(rig.leader_and_isr(rig.state(0, 1, 0, {1})) == Error::kNone);
  const ConnectionId client = rig.connect();
  const auto* produced = rig.produce(client, 0, 1);
  REQUIRE(produced != nullptr);
  CHECK(produced->partitions.at(0).error == Error::kUnknownTopicOrPartition);
  const auto* fetched = rig.fetch(client, {0}, 0, {.epoch = 0});
  REQUIRE(fetched != nullptr);  // nothing else is asked for: at once
  CHECK(fetched->partitions.at(0).error == Error::kUnknownTopicId);
  rig.update_metadata({rig.state(0, 1, 0, {1})});
  produced = rig.produce(client, 0, 1);
  REQUIRE(produced != nullptr);
  CHECK(produced->partitions.at(0).error == Error::kNone);
  // Beside a partition that is known, the error waits for the answer of that one.
  REQUIRE(rig.fetch(client, {0, 1}, 1, {.epoch = 0}) == nullptr);
  rig.pass(500 * kMillisecond);
  fetched = rig.got<FetchResponse>(client);
  REQUIRE(fetched != nullptr);
  REQUIRE(fetched->partitions.size() == 2);
  CHECK(fetched->partitions.at(0).error == Error::kNone);
  CHECK(fetched->partitions.at(1).error == Error::kUnknownTopicId);
}

TEST_CASE("The answer to the fetch that moves the high watermark has the old one (2.4)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, {1, 2});
  const ConnectionId producer = rig.connect();
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  const ConnectionId follower = rig.connect();
  REQUIRE(rig.fetch(follower, {0}, 0, {.replica = 2, .epoch = 0}) != nullptr);
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  // At offset 1 it acknowledges the first record and takes the second away.
  const auto* answer = rig.fetch(follower, {0}, 1, {.replica = 2, .epoch = 0});
  REQUIRE(answer != nullptr);
  CHECK(answer->batches.size() == 1);
  CHECK(answer->partitions.at(0).high_watermark == 0);
  CHECK(rig.broker.partition(0)->log.high_watermark() == 1);
  // Parked, it is read again at the end: with what is true by then.
  REQUIRE(rig.fetch(follower, {0}, 2, {.replica = 2, .epoch = 0}) == nullptr);
  rig.pass(500 * kMillisecond);
  answer = rig.got<FetchResponse>(follower);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.at(0).high_watermark == 2);
}

TEST_CASE("A session tells a follower in the next answer what its fetch has moved (2.4)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, {1, 2});
  const ConnectionId producer = rig.connect();
  const ConnectionId follower = rig.connect();
  std::int32_t session = 0;
  std::int32_t epoch = 0;
  const auto fetch = [&](std::int64_t offset) {
    return rig.ask<FetchResponse, FetchRequest>(follower, [&](FetchRequest& request) {
      request.replica = 2;
      request.max_wait = 500 * kMillisecond;
      request.max_bytes = 1 << 20;
      request.session_id = session;
      request.session_epoch = epoch++;
      if (offset >= 0) request.partitions.push_back({0, 0, offset, 0, -1, 1 << 20, 0});
    });
  };
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  const auto* answer = fetch(0);
  REQUIRE(answer != nullptr);
  session = answer->session_id;
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  answer = fetch(1);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.at(0).high_watermark == 0);
  // Nothing new is asked for: the partition is in the answer for its high watermark only.
  REQUIRE(fetch(2) == nullptr);
  rig.pass(500 * kMillisecond);
  answer = rig.got<FetchResponse>(follower);
  REQUIRE(answer != nullptr);
  REQUIRE(answer->partitions.size() == 1);
  CHECK(answer->partitions.at(0).high_watermark == 2);
  REQUIRE(fetch(-1) == nullptr);
  rig.pass(500 * kMillisecond);
  answer = rig.got<FetchResponse>(follower);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.empty());
}

TEST_CASE("A leader that gets a new epoch leaves parked fetches alone (5.1)",
          "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, kAll);
  const ConnectionId follower = rig.connect();
  REQUIRE(rig.fetch(follower, {0}, 0, {.replica = 2, .epoch = 0}) == nullptr);
  REQUIRE(rig.leader_and_isr(rig.state(0, 1, 1, kAll)) == Error::kNone);
  CHECK(rig.got<FetchResponse>(follower) == nullptr);
  // The next append finds it fenced.
  REQUIRE(rig.produce(rig.connect(), 0, 1) != nullptr);
  const auto* answer = rig.got<FetchResponse>(follower);
  REQUIRE(answer != nullptr);
  CHECK(answer->partitions.at(0).error == Error::kFencedLeaderEpoch);
}

TEST_CASE("min bytes (5.5)", "[vectors][replicamanager]") {
  BrokerRig rig;
  rig.lead(0, 0, {1});
  const ConnectionId producer = rig.connect();
  const ConnectionId consumer = rig.connect();
  REQUIRE(rig.fetch(consumer, {0}, 0, {.epoch = 0, .min_bytes = 250}) == nullptr);
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  CHECK(rig.got<FetchResponse>(consumer) == nullptr);
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  CHECK(rig.got<FetchResponse>(consumer) == nullptr);
  REQUIRE(rig.produce(producer, 0, 1) != nullptr);
  const auto* answer = rig.got<FetchResponse>(consumer);
  REQUIRE(answer != nullptr);
  CHECK(answer->batches.size() == 3);
}

}  // namespace isrlab::test
