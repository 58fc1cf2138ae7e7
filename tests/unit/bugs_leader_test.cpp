// Historic bugs on the leader's and the ISR's side (reference scenarios.md, section 7): what each
// switch brings back, and the behaviour of 3.9 beside it.
#include "model/controller/context.hpp"
#include "tests/vectors/broker_rig.hpp"
#include "tests/vectors/partition_rig.hpp"

namespace isrlab::test {
namespace {

const BrokerList kAlone{0};
const BrokerList kBoth{0, 1};
const BrokerList kAll{0, 1, 2};

PartitionRig rig_with(std::optional<Bug> bug) {
  PartitionRig rig;
  if (bug.has_value()) rig.bugs = bug_bit(*bug);
  return rig;
}
BrokerRig broker_with(std::optional<Bug> bug) {
  ClusterSpec spec = rig_spec();
  if (bug.has_value()) {
    for (BrokerSpec& broker : spec.brokers) broker.config.bugs = bug_bit(*bug);
  }
  return BrokerRig(std::move(spec));
}
constexpr std::optional<Bug> kFixed;

}  // namespace

TEST_CASE("strict_min_isr_hw=off: the high watermark moves under min ISR (KAFKA-15583)", "[bugs]") {
  const auto high_watermark_with = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.min_insync_replicas = 2;
    rig.append(4, 10);
    rig.lead(5, kAll, kAlone);
    rig.partition.maybe_increment_high_watermark(rig.context());
    return rig.high_watermark();
  };
  CHECK(high_watermark_with(kFixed) == 0);
  CHECK(high_watermark_with(Bug::kStrictMinIsrHw) == 10);
}

TEST_CASE("isr_expand_leso=off: into the ISR below the epoch's start (KAFKA-7128, T08)", "[bugs]") {
  const auto proposes = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.append(1, 1);  // committed elsewhere; this replica's high watermark is still 0
    rig.lead(2, kAll, {0, 2});
    return rig.fetch(1, 0);
  };
  CHECK_FALSE(proposes(kFixed));
  CHECK(proposes(Bug::kIsrExpandLeso));
}

TEST_CASE("hw_isr=committed, hw_isr=proposed: the high watermark over the wrong ISR (T15)",
          "[bugs]") {
  // The follower at offset 0 has asked to join, the controller may have agreed already.
  const auto while_expanding = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.lead(5, kBoth, kAlone);
    REQUIRE(rig.fetch(1, 0));
    rig.append(5, 1);
    rig.partition.maybe_increment_high_watermark(rig.context());
    return rig.high_watermark();
  };
  CHECK(while_expanding(kFixed) == 0);
  CHECK(while_expanding(Bug::kHwIsrCommitted) == 1);
  CHECK(while_expanding(Bug::kHwIsrProposed) == 0);
  // It has asked to drop the follower, the controller may refuse.
  const auto while_shrinking = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.append(4, 10);
    rig.lead(5, kBoth, kBoth);
    rig.now += 31 * kSecond;
    REQUIRE(rig.partition.maybe_shrink_isr(rig.context()));
    rig.partition.maybe_increment_high_watermark(rig.context());
    return rig.high_watermark();
  };
  CHECK(while_shrinking(kFixed) == 0);
  CHECK(while_shrinking(Bug::kHwIsrCommitted) == 0);
  CHECK(while_shrinking(Bug::kHwIsrProposed) == 10);
}

TEST_CASE("diverging_fetch_updates_state=on: a diverging follower counts (KAFKA-13141)", "[bugs]") {
  const auto high_watermark_with = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    rig.lead(0, 3, {1, 2});
    REQUIRE(rig.produce(rig.connect(), 0, 1, 5) != nullptr);
    // Its last record is of epoch 2, of which this leader has none: it holds something else.
    const auto* answer =
        rig.fetch(rig.connect(), {0}, 5, {.replica = 2, .epoch = 3, .last_fetched_epoch = 2});
    REQUIRE(answer != nullptr);
    CHECK(answer->partitions.at(0).diverging_epoch >= 0);
    return rig.broker.partition(0)->log.high_watermark();
  };
  CHECK(high_watermark_with(kFixed) == 0);
  CHECK(high_watermark_with(Bug::kDivergingFetchUpdates) == 5);
}

TEST_CASE("hw_epoch_fence=off: a fenced fetch counts for the high watermark (KIP-320)", "[bugs]") {
  const auto high_watermark_with = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    rig.lead(0, 3, {1, 2});
    REQUIRE(rig.produce(rig.connect(), 0, 1, 5) != nullptr);
    const auto* answer = rig.fetch(rig.connect(), {0}, 5, {.replica = 2, .epoch = 2});
    REQUIRE(answer != nullptr);
    CHECK(answer->partitions.at(0).error == Error::kFencedLeaderEpoch);
    return rig.broker.partition(0)->log.high_watermark();
  };
  CHECK(high_watermark_with(kFixed) == 0);
  CHECK(high_watermark_with(Bug::kHwEpochFence) == 5);
}

TEST_CASE("fetch_epoch_check=off: a zombie follower is served (KAFKA-6880, D15)", "[bugs]") {
  const auto error_with = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    rig.lead(0, 3, {1});
    REQUIRE(rig.produce(rig.connect(), 0, 1, 5) != nullptr);
    const auto* answer = rig.fetch(rig.connect(), {0}, 0, {.replica = 2, .epoch = 1});
    REQUIRE(answer != nullptr);
    return answer->partitions.at(0).error;
  };
  CHECK(error_with(kFixed) == Error::kFencedLeaderEpoch);
  CHECK(error_with(Bug::kFetchEpochCheck) == Error::kNone);
}

TEST_CASE("isr_eligibility=off: who is gone or going joins the ISR (KIP-841, D16)", "[bugs]") {
  const auto proposes = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.append(4, 10);
    rig.lead(5, kBoth, kAlone);
    rig.live = {0};
    return rig.fetch(1, 10);
  };
  CHECK_FALSE(proposes(kFixed));
  CHECK(proposes(Bug::kIsrEligibility));

  ControllerContext context;
  context.leadership.resize(1);
  Leadership& now = context.leadership[0];
  now.known = true;
  now.leader = 1;
  now.leader_epoch = 4;
  now.version = 7;
  now.isr = {1};
  context.live[1] = 10;
  context.live[2] = 11;
  context.shutting_down = {2};
  AlterPartitionRequest::Partition wanted;
  wanted.leader_epoch = 4;
  wanted.partition_epoch = 7;
  wanted.new_isr = {1, 2};
  CHECK(judge_alter_partition(wanted, context) == AlterVerdict{Error::kIneligibleReplica});
  CHECK(judge_alter_partition(wanted, context, bug_bit(Bug::kIsrEligibility)) ==
        AlterVerdict{Error::kNone, true});
}

TEST_CASE("What a controller makes of an ISR change, in order (2.6), and alter_isr_cas=off (T16)",
          "[bugs]") {
  ControllerContext context;
  context.leadership.resize(2);
  Leadership& now = context.leadership[0];
  now.known = true;
  now.leader = 1;
  now.leader_epoch = 4;
  now.version = 7;
  now.isr = {1};
  for (const BrokerId broker : {1, 2, 3}) context.live[broker] = 10;
  const auto judged = [&](std::int32_t leader_epoch, std::int32_t version, BrokerList isr,
                          BugSet bugs = 0, PartitionId partition = 0) {
    AlterPartitionRequest::Partition wanted;
    wanted.partition = partition;
    wanted.leader_epoch = leader_epoch;
    wanted.partition_epoch = version;
    wanted.new_isr = isr;
    return judge_alter_partition(wanted, context, bugs);
  };
  CHECK(judged(4, 7, {1, 2}, 0, 1) == AlterVerdict{Error::kUnknownTopicOrPartition});
  CHECK(judged(5, 7, {1, 2}) == AlterVerdict{Error::kNotController});
  CHECK(judged(4, 8, {1, 2}) == AlterVerdict{Error::kNotController});
  CHECK(judged(3, 7, {1, 2}) == AlterVerdict{Error::kFencedLeaderEpoch});
  CHECK(judged(4, 6, {1}) == AlterVerdict{Error::kNone, false});  // as it is already
  CHECK(judged(4, 6, {1, 2}) == AlterVerdict{Error::kInvalidUpdateVersion});
  CHECK(judged(4, 7, {1, 2}) == AlterVerdict{Error::kNone, true});
  // The controller removed 2 and 3 (versions 6 and 7); the leader, still at 5, asks for {1, 3}.
  CHECK(judged(4, 5, {1, 3}) == AlterVerdict{Error::kInvalidUpdateVersion});
  CHECK(judged(4, 5, {1, 3}, bug_bit(Bug::kAlterIsrCas)) == AlterVerdict{Error::kNone, true});
}

TEST_CASE("alter_isr_race=on: an answer that LeaderAndIsr overtook is applied (KAFKA-12686)",
          "[bugs]") {
  const auto isr_after = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    const BrokerList all{1, 2, 3};
    rig.lead(0, 0, all);
    REQUIRE(rig.produce(rig.connect(), 0, 1) != nullptr);
    rig.now += 31 * kSecond;
    rig.fire(TimerKind::kIsrShrink);
    const ConnectionId channel = rig.establish();
    rig.send<ApiVersionsResponse>(channel,
                                  [](ApiVersionsResponse& answer) { answer.correlation = 1; });
    const auto* request = rig.got<AlterPartitionRequest>(channel);
    REQUIRE(request != nullptr);
    const std::uint32_t correlation = request->correlation;
    REQUIRE(rig.leader_and_isr(rig.state(0, 1, 1, all, 2)) == Error::kNone);
    rig.send<AlterPartitionResponse>(channel, [&](AlterPartitionResponse& answer) {
      answer.correlation = correlation;
      answer.partitions.push_back({0, Error::kNone, 1, 0, 1, {1}, 0});
    });
    return rig.broker.partition(0)->isr;
  };
  CHECK(isr_after(kFixed) == BrokerList{1, 2, 3});
  CHECK(isr_after(Bug::kAlterIsrRace) == BrokerList{1});  // not what the controller has
}

TEST_CASE("stop_replica_epoch=off: a late StopReplica stops a new follower (KIP-570, Z07)",
          "[bugs]") {
  for (const bool bug : {false, true}) {
    BrokerRig rig = broker_with(bug ? std::optional(Bug::kStopReplicaEpoch) : kFixed);
    rig.update_metadata({rig.state(0, 2, 5, {1, 2, 3})});
    REQUIRE(rig.leader_and_isr(rig.state(0, 2, 5, {1, 2, 3})) == Error::kNone);
    REQUIRE(rig.broker.fetchers().at(0).in_use);
    const auto* answer = rig.ask<StopReplicaResponse, StopReplicaRequest>(
        rig.controller(), [](StopReplicaRequest& request) {
          request.controller = 2;
          request.controller_epoch = 1;
          request.partitions = {{0, 3, false}};
        });
    REQUIRE(answer != nullptr);
    CHECK(answer->partitions.at(0).error == (bug ? Error::kNone : Error::kFencedLeaderEpoch));
    CHECK(rig.broker.fetchers().at(0).in_use == !bug);
  }
}

TEST_CASE("reset_follower_state=off: a leader goes by what a follower once had (D17)", "[bugs]") {
  const auto high_watermark_with = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    rig.lead(0, 0, {1, 2});
    REQUIRE(rig.produce(rig.connect(), 0, 1, 5) != nullptr);
    rig.fetch(rig.connect(), {0}, 5, {.replica = 2, .epoch = 0});
    REQUIRE(rig.broker.partition(0)->log.high_watermark() == 5);
    // Broker 2 leads and loses everything; broker 1 leads again and writes. Nobody has fetched.
    REQUIRE(rig.leader_and_isr(rig.state(0, 2, 1, {1, 2}, 1)) == Error::kNone);
    REQUIRE(rig.leader_and_isr(rig.state(0, 1, 2, {1, 2}, 2)) == Error::kNone);
    return rig.broker.partition(0)->remote(2)->log_end_offset;
  };
  CHECK(high_watermark_with(kFixed) == -1);
  CHECK(high_watermark_with(Bug::kResetFollowerState) == 5);
}

TEST_CASE("caught_up_equal_leo=off: an idle replica at the log's end lags out (KAFKA-7152)",
          "[bugs]") {
  const auto shrinks = [](std::optional<Bug> bug) {
    PartitionRig rig = rig_with(bug);
    rig.append(4, 10);
    rig.lead(5, kBoth, kBoth);
    rig.fetch(1, 10);
    rig.now += 30001 * kMillisecond;
    return rig.partition.maybe_shrink_isr(rig.context());
  };
  CHECK_FALSE(shrinks(kFixed));
  CHECK(shrinks(Bug::kCaughtUpEqualLeo));
}

TEST_CASE("list_offsets_guard=off: the latest offset goes back after a fail-over (KIP-207, C23)",
          "[bugs]") {
  PartitionRig rig;
  rig.append(0, 100);
  rig.partition.log.maybe_increment_high_watermark(90);
  rig.lead(1, kBoth, kBoth);
  std::int64_t offset = -1;
  CHECK(rig.partition.offset_for_timestamp(kLatestTimestamp, false, offset) ==
        Error::kOffsetNotAvailable);
  CHECK(offset == -1);
  CHECK(rig.partition.offset_for_timestamp(kLatestTimestamp, false, offset,
                                           bug_bit(Bug::kListOffsetsGuard)) == Error::kNone);
  CHECK(offset == 90);
}

TEST_CASE("read_above_hw=on: a consumer gets what is not committed (S26)", "[bugs]") {
  const auto batches_with = [](std::optional<Bug> bug) {
    BrokerRig rig = broker_with(bug);
    rig.lead(0, 0, {1, 2});
    REQUIRE(rig.produce(rig.connect(), 0, 1, 5) != nullptr);
    const ConnectionId consumer = rig.connect();
    const auto* answer = rig.fetch(consumer, {0}, 0, {.epoch = 0});
    return answer == nullptr ? std::size_t{0} : answer->batches.size();
  };
  CHECK(batches_with(kFixed) == 0);
  CHECK(batches_with(Bug::kReadAboveHw) == 1);
}

TEST_CASE("throttle_isr=off: in-sync replicas are throttled (KAFKA-4313)", "[bugs]") {
  PartitionRig rig;
  rig.lead(1, kBoth, kBoth);
  CHECK_FALSE(rig.partition.should_leader_throttle(1, true, true));
  CHECK(rig.partition.should_leader_throttle(1, true, true, bug_bit(Bug::kThrottleIsr)));
}

}  // namespace isrlab::test
