// Handlers of the consumer against a scripted cluster: reference/clients-and-groups.md sections 2.1
// to 2.8 and vectors 55, 56.
#include "model/client/consumer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/client_bench.hpp"

using namespace isrlab::model;
using namespace isrlab::model::test;
using isrlab::sim::kMillisecond;
using isrlab::sim::kSecond;

namespace {

ClusterSpec with_group(const ConsumerConfig& config, Duration processing, std::int32_t brokers,
                       std::int32_t partitions) {
  ClusterSpec spec = small_cluster(brokers, partitions);
  ConsumerGroupSpec group;
  group.group = "billing";
  group.topics = {"orders"};
  group.processing = processing;
  group.config = config;
  spec.groups.push_back(group);
  return spec;
}

struct Fixture {
  explicit Fixture(const ConsumerConfig& config = {}, Duration processing = 0,
                   std::int32_t brokers = 1, std::int32_t partitions = 1)
      : catalog(with_group(config, processing, brokers, partitions)),
        consumer(0, catalog, 42),
        bench(catalog, consumer, catalog.consumer_process(0)) {}

  void find(BrokerId coordinator = 1) {
    bench.template answer<FindCoordinatorRequest, FindCoordinatorResponse>(
        bench.find(MessageType::kFindCoordinatorRequest),
        [&](auto&, auto& response) { response.coordinator = coordinator; });
  }
  void join(Error error, const std::string& member_id, std::int32_t generation = 1) {
    bench.template answer<JoinGroupRequest, JoinGroupResponse>(
        bench.find(MessageType::kJoinGroupRequest),
        [&](JoinGroupRequest& request, JoinGroupResponse& response) {
          response.error = error;
          response.member_id = member_id;
          response.leader = member_id;
          response.generation = generation;
          response.members.push_back({member_id, request.subscription});
        });
  }
  void sync(Error error = Error::kNone) {
    bench.template answer<SyncGroupRequest, SyncGroupResponse>(
        bench.find(MessageType::kSyncGroupRequest),
        [&](SyncGroupRequest& request, SyncGroupResponse& response) {
          response.error = error;
          if (error == Error::kNone) response.partitions = request.assignments.at(0).partitions;
        });
  }
  void committed(std::int64_t offset) {
    bench.template answer<OffsetFetchRequest, OffsetFetchResponse>(
        bench.find(MessageType::kOffsetFetchRequest),
        [&](OffsetFetchRequest& request, OffsetFetchResponse& response) {
          for (const PartitionId id : request.partitions) {
            response.partitions.push_back({id, offset, offset < 0 ? -1 : 0});
          }
        });
  }
  /// From the start to the first fetch, at committed offset 0.
  void stable() {
    bench.start();
    find();
    join(Error::kMemberIdRequired, "m-1");
    join(Error::kNone, "m-1");
    sync();
    committed(0);
    REQUIRE(consumer.state() == MemberState::kStable);
  }
  void heartbeat(Error error) {
    bench.template answer<HeartbeatRequest, HeartbeatResponse>(
        bench.find(MessageType::kHeartbeatRequest),
        [&](auto&, auto& response) { response.error = error; });
  }
  void commit(Error error) {
    bench.template answer<OffsetCommitRequest, OffsetCommitResponse>(
        bench.find(MessageType::kOffsetCommitRequest),
        [&](OffsetCommitRequest& request, OffsetCommitResponse& response) {
          for (const auto& partition : request.partitions) {
            response.partitions.push_back({partition.partition, error});
          }
        });
  }
  /// Answers the fetch with one batch of `count` records of producer 0 in partition 0.
  void fetched(std::int64_t base, std::uint32_t count, Error error = Error::kNone) {
    bench.template answer<FetchRequest, FetchResponse>(
        bench.find(MessageType::kFetchRequest), [&](FetchRequest&, FetchResponse& response) {
          response.session_id = 9;
          FetchResponse::Partition partition;
          partition.error = error;
          partition.high_watermark = base + count;
          if (count > 0) {
            Batch batch;
            batch.base_offset = base;
            batch.first_record = static_cast<std::uint64_t>(base);
            batch.count = count;
            batch.producer = 0;
            batch.leader_epoch = 3;
            response.batches.push_back(batch);
            partition.batch_count = 1;
          }
          response.partitions.push_back(partition);
        });
  }
  std::size_t waiting(MessageType type) const { return bench.count(type); }

  Catalog catalog;
  Consumer consumer;
  Bench<Consumer> bench;
};

}  // namespace

TEST_CASE("2.3: two JoinGroup rounds, SyncGroup, committed offset, fetch", "[client][consumer]") {
  Fixture fixture({}, 0, 2, 2);
  auto& bench = fixture.bench;
  bench.start();
  fixture.find(2);
  CHECK(bench.request<JoinGroupRequest>().member_id.empty());
  CHECK(bench.request<JoinGroupRequest>().rebalance_timeout == 300 * kSecond);
  CHECK(bench.request<JoinGroupRequest>().client_id == "consumer-billing-1");
  CHECK(bench.requests[0].broker == 2);
  fixture.join(Error::kMemberIdRequired, "consumer-billing-1-abc");
  CHECK(bench.request<JoinGroupRequest>().member_id == "consumer-billing-1-abc");
  fixture.join(Error::kNone, "consumer-billing-1-abc");
  CHECK(bench.request<SyncGroupRequest>().assignments.at(0).partitions ==
        std::vector<PartitionId>{0, 1});
  fixture.sync();
  CHECK(fixture.consumer.assignment() == std::vector<PartitionId>{0, 1});
  CHECK(bench.count(HistoryKind::kAssignmentReceived) == 1);
  CHECK(bench.count(HistoryKind::kCoordinatorFound) == 1);
  fixture.committed(5);
  REQUIRE(fixture.waiting(MessageType::kFetchRequest) == 2);  // one per leader
  const auto& fetch = bench.request<FetchRequest>(bench.find(MessageType::kFetchRequest));
  CHECK(fetch.session_id == 0);
  CHECK(fetch.session_epoch == 0);
  REQUIRE(fetch.partitions.size() == 1);
  CHECK(fetch.partitions[0].fetch_offset == 5);
  CHECK(fetch.partitions[0].current_leader_epoch == 0);
}

TEST_CASE("2.7: no committed offset: latest and earliest ask the leader", "[client][consumer]") {
  for (const bool earliest : {false, true}) {
    ConsumerConfig config;
    config.auto_offset_reset = earliest ? 0 : 1;
    Fixture fixture(config);
    fixture.bench.start();
    fixture.find();
    fixture.join(Error::kNone, "m-1");
    fixture.sync();
    fixture.committed(-1);
    const std::size_t at = fixture.bench.find(MessageType::kListOffsetsRequest);
    CHECK(fixture.bench.request<ListOffsetsRequest>(at).partitions.at(0).timestamp ==
          (earliest ? kEarliestTimestamp : kLatestTimestamp));
    fixture.bench.answer<ListOffsetsRequest, ListOffsetsResponse>(
        at, [](auto&, ListOffsetsResponse& response) {
          ListOffsetsResponse::Partition partition;
          partition.offset = 33;
          response.partitions.push_back(partition);
        });
    CHECK(fixture.consumer.position(0) == 33);
    CHECK(fixture.bench.count(HistoryKind::kPositionReset) == 1);
    CHECK(fixture.waiting(MessageType::kFetchRequest) == 1);
  }
}

TEST_CASE("2.7: auto.offset.reset=none ends the application", "[client][consumer]") {
  ConsumerConfig config;
  config.auto_offset_reset = 2;
  Fixture fixture(config);
  fixture.bench.start();
  fixture.find();
  fixture.join(Error::kNone, "m-1");
  fixture.sync();
  fixture.committed(-1);
  CHECK(fixture.consumer.fatal() != Error::kNone);
  fixture.bench.run_for(31 * kSecond);
  CHECK(fixture.bench.exited);
}

TEST_CASE("2.8: fetch sessions carry only what changed", "[client][consumer]") {
  Fixture fixture({}, 0, 1, 3);
  fixture.stable();
  auto& bench = fixture.bench;
  CHECK(bench.request<FetchRequest>().partitions.size() == 3);
  fixture.fetched(0, 10);
  CHECK(fixture.consumer.position(0) == 10);
  CHECK(fixture.consumer.records_delivered() == 10);
  REQUIRE(fixture.waiting(MessageType::kFetchRequest) == 1);
  const auto& next = bench.request<FetchRequest>();
  CHECK(next.session_id == 9);
  CHECK(next.session_epoch == 1);
  REQUIRE(next.partitions.size() == 1);
  CHECK(next.partitions[0].partition == 0);
  CHECK(next.partitions[0].fetch_offset == 10);
  const auto delivered = bench.all(HistoryKind::kRecordsDelivered);
  REQUIRE(delivered.size() == 1);
  CHECK(delivered[0].a == 0);
  CHECK(delivered[0].b == 10);
  fixture.fetched(10, 0);
  CHECK(bench.request<FetchRequest>().session_epoch == 2);
  CHECK(bench.request<FetchRequest>().partitions.empty());
  bench.answer<FetchRequest, FetchResponse>(
      0, [](auto&, FetchResponse& response) { response.error = Error::kFetchSessionIdNotFound; });
  CHECK(bench.request<FetchRequest>().session_id == 0);
  CHECK(bench.request<FetchRequest>().session_epoch == 0);
  CHECK(bench.request<FetchRequest>().partitions.size() == 3);
}

TEST_CASE("2.8: max.poll.records slices, the next fetch is pipelined", "[client][consumer]") {
  ConsumerConfig config;
  config.max_poll_records = 4;
  Fixture fixture(config, 10 * kMillisecond, 1, 2);
  fixture.stable();
  fixture.fetched(0, 10);
  CHECK(fixture.consumer.position(0) == 4);
  CHECK(fixture.consumer.processing(fixture.bench.now));
  // Partition 0 is still buffered, so the pipelined fetch takes it out of the session.
  REQUIRE(fixture.waiting(MessageType::kFetchRequest) == 1);
  CHECK(fixture.bench.request<FetchRequest>().forgotten == std::vector<PartitionId>{0});
  fixture.bench.run_for(40 * kMillisecond);
  CHECK(fixture.consumer.position(0) == 8);
  fixture.bench.run_for(40 * kMillisecond);
  CHECK(fixture.consumer.position(0) == 10);
  CHECK(fixture.bench.count(HistoryKind::kRecordsDelivered) == 3);
}

TEST_CASE("2.8: records before the position are dropped by the client", "[client][consumer]") {
  Fixture fixture;
  fixture.bench.start();
  fixture.find();
  fixture.join(Error::kNone, "m-1");
  fixture.sync();
  fixture.committed(4);
  fixture.fetched(0, 10);
  const auto delivered = fixture.bench.all(HistoryKind::kRecordsDelivered);
  REQUIRE(delivered.size() == 1);
  CHECK(delivered[0].a == 4);
  CHECK(delivered[0].b == 6);
  CHECK(delivered[0].c == 4 << 24);
}

TEST_CASE("2.8: OFFSET_OUT_OF_RANGE resets by policy", "[client][consumer]") {
  Fixture fixture;
  fixture.stable();
  fixture.fetched(0, 0, Error::kOffsetOutOfRange);
  CHECK(fixture.waiting(MessageType::kListOffsetsRequest) == 1);
  fixture.bench.answer<ListOffsetsRequest, ListOffsetsResponse>(
      fixture.bench.find(MessageType::kListOffsetsRequest),
      [](auto&, ListOffsetsResponse& response) {
        ListOffsetsResponse::Partition partition;
        partition.offset = 2;
        response.partitions.push_back(partition);
      });
  const auto reset = fixture.bench.all(HistoryKind::kPositionReset);
  REQUIRE(reset.size() == 1);
  CHECK(reset[0].a == 0);
  CHECK(reset[0].b == 2);
  CHECK(reset[0].c == static_cast<std::int64_t>(ResetReason::kOutOfRange));
}

TEST_CASE("vector 55: testAutoCommitAwaitsInterval", "[client][consumer]") {
  ConsumerConfig config;
  config.auto_commit_interval = 2 * kSecond;
  Fixture fixture(config);
  fixture.stable();
  const auto zero = fixture.bench.now;
  fixture.fetched(0, 10);
  fixture.bench.run_until(zero + 2 * kSecond);
  REQUIRE(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
  fixture.bench.run_until(zero + 3 * kSecond);
  CHECK(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
  fixture.commit(Error::kNone);
  CHECK(fixture.consumer.committed(0) == 10);
  fixture.bench.run_until(zero + 4 * kSecond - kMillisecond);
  CHECK(fixture.waiting(MessageType::kOffsetCommitRequest) == 0);
  fixture.bench.run_until(zero + 4 * kSecond);
  CHECK(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
}

TEST_CASE("vector 56: testAutoCommitRetryBackoff", "[client][consumer]") {
  ConsumerConfig config;
  config.auto_commit_interval = 2 * kSecond;
  Fixture fixture(config);
  fixture.stable();
  fixture.fetched(0, 10);
  fixture.bench.run_for(2 * kSecond);
  fixture.commit(Error::kNotCoordinator);
  CHECK(fixture.consumer.coordinator() == kNoBroker);
  fixture.fetched(10, 5);
  fixture.bench.run_for(70 * kMillisecond);  // past the reconnect backoff
  fixture.find();
  CHECK(fixture.waiting(MessageType::kOffsetCommitRequest) == 0);
  fixture.bench.run_for(50 * kMillisecond);
  REQUIRE(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
  const std::size_t at = fixture.bench.find(MessageType::kOffsetCommitRequest);
  CHECK(fixture.bench.request<OffsetCommitRequest>(at).partitions.at(0).offset == 15);
  CHECK(fixture.bench.request<OffsetCommitRequest>(at).partitions.at(0).leader_epoch == 3);
}

TEST_CASE("2.4: heartbeats each interval; REBALANCE_IN_PROGRESS commits and rejoins",
          "[client][consumer]") {
  Fixture fixture;
  fixture.stable();
  fixture.bench.run_for(3 * kSecond);
  REQUIRE(fixture.waiting(MessageType::kHeartbeatRequest) == 1);
  fixture.heartbeat(Error::kNone);
  fixture.fetched(0, 10);
  fixture.bench.run_for(3 * kSecond);
  fixture.bench.run_for(0);
  if (fixture.waiting(MessageType::kOffsetCommitRequest) > 0) fixture.commit(Error::kNone);
  fixture.heartbeat(Error::kRebalanceInProgress);
  REQUIRE(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
  CHECK(fixture.waiting(MessageType::kJoinGroupRequest) == 0);  // the commit comes first
  CHECK(fixture.consumer.assignment().size() == 1);
  fixture.commit(Error::kNone);
  CHECK(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
  CHECK(fixture.consumer.assignment().empty());
  CHECK(fixture.bench.count(HistoryKind::kAssignmentLost) == 1);
  const std::size_t at = fixture.bench.find(MessageType::kJoinGroupRequest);
  CHECK(fixture.bench.request<JoinGroupRequest>(at).member_id == "m-1");
  CHECK(fixture.bench.request<JoinGroupRequest>(at).subscription.generation == 1);
  fixture.join(Error::kNone, "m-1", 2);
  fixture.sync();
  fixture.committed(10);
  CHECK(fixture.consumer.generation() == 2);
  CHECK(fixture.consumer.position(0) == 10);
}

TEST_CASE("2.3: heartbeat errors reset the generation, UNKNOWN_MEMBER_ID also the id",
          "[client][consumer]") {
  for (const Error error : {Error::kIllegalGeneration, Error::kUnknownMemberId}) {
    Fixture fixture;
    fixture.stable();
    fixture.bench.run_for(3 * kSecond);
    fixture.heartbeat(error);
    CHECK(fixture.consumer.generation() == -1);
    CHECK(fixture.waiting(MessageType::kOffsetCommitRequest) == 0);  // lost, not revoked
    REQUIRE(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
    const std::size_t at = fixture.bench.find(MessageType::kJoinGroupRequest);
    CHECK(fixture.bench.request<JoinGroupRequest>(at).member_id ==
          (error == Error::kIllegalGeneration ? "m-1" : ""));
  }
}

TEST_CASE("2.3: SyncGroup errors", "[client][consumer]") {
  Fixture fixture;
  fixture.bench.start();
  fixture.find();
  fixture.join(Error::kNone, "m-1");
  fixture.sync(Error::kRebalanceInProgress);
  REQUIRE(fixture.waiting(MessageType::kJoinGroupRequest) == 1);  // at once
  CHECK(fixture.bench.request<JoinGroupRequest>().member_id == "m-1");
  fixture.join(Error::kNone, "m-1", 2);
  fixture.sync(Error::kNotCoordinator);
  CHECK(fixture.consumer.coordinator() == kNoBroker);
  fixture.bench.run_for(kSecond);
  fixture.find();
  fixture.bench.run_for(kSecond);
  if (fixture.waiting(MessageType::kFindCoordinatorRequest) > 0) fixture.find();
  REQUIRE(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
}

TEST_CASE("2.4: max.poll.interval: a member that processes too long leaves and rejoins",
          "[client][consumer]") {
  ConsumerConfig config;
  config.max_poll_interval = 10 * kSecond;
  Fixture fixture(config, kSecond);
  fixture.stable();
  fixture.fetched(0, 30);
  for (int i = 0; i < 3; ++i) {
    fixture.bench.run_for(3 * kSecond);
    REQUIRE(fixture.waiting(MessageType::kHeartbeatRequest) == 1);
    fixture.heartbeat(Error::kNone);
  }
  fixture.bench.run_for(1500 * kMillisecond);
  CHECK(fixture.waiting(MessageType::kLeaveGroupRequest) == 1);
  CHECK(fixture.consumer.assignment().size() == 1);  // the application does not know yet
  CHECK(fixture.waiting(MessageType::kJoinGroupRequest) == 0);
  fixture.bench.answer<LeaveGroupRequest, LeaveGroupResponse>(
      fixture.bench.find(MessageType::kLeaveGroupRequest), [](auto&, auto&) {});
  fixture.bench.run_for(25 * kSecond);
  CHECK(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
  CHECK(fixture.bench.count(HistoryKind::kAssignmentLost) == 1);
}

TEST_CASE("2.4: no answer within session.timeout.ms: the coordinator is unknown, no rejoin",
          "[client][consumer]") {
  ConsumerConfig config;
  config.session_timeout = 6 * kSecond;
  config.heartbeat_interval = 2 * kSecond;
  Fixture fixture(config);
  fixture.stable();
  fixture.bench.run_for(6 * kSecond);
  CHECK(fixture.consumer.coordinator() == kNoBroker);
  CHECK(fixture.consumer.state() == MemberState::kStable);
  CHECK(fixture.waiting(MessageType::kFindCoordinatorRequest) == 1);
}

TEST_CASE("2.2: a lost coordinator is looked up again, with backoff while there is none",
          "[client][consumer]") {
  Fixture fixture({}, 0, 2, 1);
  fixture.bench.start();
  for (int i = 0; i < 3; ++i) {
    fixture.bench.answer<FindCoordinatorRequest, FindCoordinatorResponse>(
        fixture.bench.find(MessageType::kFindCoordinatorRequest),
        [](auto&, auto& response) { response.error = Error::kCoordinatorNotAvailable; });
    CHECK(fixture.waiting(MessageType::kFindCoordinatorRequest) == 0);
    fixture.bench.run_for(2 * kSecond);
    REQUIRE(fixture.waiting(MessageType::kFindCoordinatorRequest) == 1);
  }
  fixture.find(2);
  fixture.join(Error::kNone, "m-1");
  fixture.sync();
  fixture.committed(0);
  fixture.bench.close(2);
  fixture.bench.run_for(3 * kSecond);  // the next heartbeat finds a new connection
  CHECK(fixture.waiting(MessageType::kHeartbeatRequest) +
            fixture.waiting(MessageType::kFindCoordinatorRequest) >=
        1);
}

TEST_CASE("2.3: a JoinGroup that meets a coordinator in its reconnect backoff is tried again",
          "[client][consumer]") {
  Fixture fixture({}, 0, 2, 1);
  auto& bench = fixture.bench;
  fixture.bench.start();
  fixture.find(2);
  fixture.join(Error::kNone, "m-1");
  fixture.sync();
  fixture.committed(0);
  bench.run_for(3 * kSecond);
  fixture.bench.close(1);  // takes the fetch with it, which would be first in line
  bench.refusing = {2};
  fixture.heartbeat(Error::kUnknownMemberId);
  REQUIRE(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
  bench.close(2);
  for (int i = 0; i < 20; ++i) {
    bench.run_for(100 * kMillisecond);
    if (fixture.waiting(MessageType::kFindCoordinatorRequest) > 0) fixture.find(2);
  }
  bench.refusing.clear();
  for (int i = 0; i < 60 && fixture.waiting(MessageType::kJoinGroupRequest) == 0; ++i) {
    bench.run_for(100 * kMillisecond);
    if (fixture.waiting(MessageType::kFindCoordinatorRequest) > 0) fixture.find(2);
  }
  CHECK(fixture.waiting(MessageType::kJoinGroupRequest) == 1);
}

TEST_CASE("2.6: close commits, leaves and ends", "[client][consumer]") {
  Fixture fixture;
  fixture.stable();
  fixture.fetched(0, 10);
  fixture.bench.call([&](Out& out) { fixture.consumer.stop(out); });
  REQUIRE(fixture.waiting(MessageType::kOffsetCommitRequest) == 1);
  fixture.commit(Error::kNone);
  REQUIRE(fixture.waiting(MessageType::kLeaveGroupRequest) == 1);
  fixture.bench.answer<LeaveGroupRequest, LeaveGroupResponse>(
      fixture.bench.find(MessageType::kLeaveGroupRequest), [](auto&, auto&) {});
  CHECK(fixture.bench.exited);
  CHECK(fixture.bench.count(HistoryKind::kAssignmentLost) == 1);
}

TEST_CASE("a consumer that dies and starts again is a new member", "[client][consumer]") {
  Fixture fixture;
  fixture.stable();
  fixture.bench.close(1);
  fixture.consumer.crash();
  CHECK(fixture.consumer.member_id().empty());
  CHECK(fixture.consumer.assignment().empty());
  fixture.bench.start();
  fixture.find();
  CHECK(fixture.bench.request<JoinGroupRequest>().member_id.empty());
}
