// A partition without a broker around it: the decisions of Partition.scala one by one, as Kafka's
// own PartitionTest makes them. Ids are those of the tests: 0 is this broker.
#pragma once
#include <initializer_list>
#include <vector>

#include "model/broker/partition.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

using namespace isrlab::model;
using sim::Duration;
using sim::kMillisecond;
using sim::kSecond;

struct PartitionRig {
  Partition partition;
  std::vector<BrokerId> live = {0, 1, 2};
  Time now = 1000 * kSecond;
  Duration lag_max = 30 * kSecond;
  std::int64_t min_insync_replicas = 1;
  BugSet bugs = 0;

  PartitionContext context() const {
    PartitionContext result;
    result.self = 0;
    result.now = now;
    result.lag_max = lag_max;
    result.min_insync_replicas = min_insync_replicas;
    result.rules = rules(ReplicationProtocol::kTruncateOnFetch);
    result.bugs = bugs;
    result.live_brokers = &live;
    return result;
  }
  /// `count` records in one batch each, so that every offset is a batch edge.
  void append(std::int32_t epoch, std::int64_t count, Time timestamp = 0) {
    for (std::int64_t i = 0; i < count; ++i) {
      Batch batch;
      batch.count = 1;
      batch.bytes = 100;
      batch.timestamp = timestamp;
      partition.log.append_as_leader(batch, epoch);
    }
  }
  void lead(std::int32_t epoch, BrokerList replicas, BrokerList isr, std::int32_t version = 0) {
    PartitionStateMessage state;
    state.leader = 0;
    state.leader_epoch = epoch;
    state.partition_epoch = version;
    state.replicas = replicas;
    state.isr = isr;
    partition.make_leader(state, context());
  }
  bool follow(std::int32_t epoch, BrokerId leader, BrokerList replicas = {0, 1, 2},
              std::int32_t version = 0) {
    PartitionStateMessage state;
    state.leader = leader;
    state.leader_epoch = epoch;
    state.partition_epoch = version;
    state.replicas = replicas;
    return partition.make_follower(state);
  }
  /// A follower's fetch, as far as the partition is concerned: state, expansion, high watermark.
  /// True if it made the leader propose a larger ISR.
  bool fetch(BrokerId follower, std::int64_t offset) {
    partition.update_fetch_state(*partition.remote(follower), offset, 0, now,
                                 partition.log.log_end_offset());
    const bool proposed = partition.maybe_expand_isr(follower, context());
    partition.maybe_increment_high_watermark(context());
    return proposed;
  }
  AlterPartitionResponse::Partition answer(Error error) const {
    AlterPartitionResponse::Partition result;
    result.error = error;
    result.leader = 0;
    result.leader_epoch = partition.leader_epoch;
    result.partition_epoch = partition.partition_epoch + 1;
    result.isr = partition.proposed;
    return result;
  }
  /// The controller answers to the pending change.
  Partition::IsrOutcome answered(Error error) {
    const Partition::IsrOutcome outcome = partition.handle_alter_partition(answer(error));
    if (outcome == Partition::IsrOutcome::kCommitted) {
      partition.maybe_increment_high_watermark(context());
    }
    return outcome;
  }
  std::int64_t high_watermark() const { return partition.log.high_watermark(); }
};

/// What a fetch gets: an error, or how the logs diverge.
struct ReadCheck {
  Error error = Error::kNone;
  EpochEnd diverging;
  friend bool operator==(const ReadCheck&, const ReadCheck&) = default;
};
inline ReadCheck check_read(const Partition& partition, std::int32_t last_fetched_epoch,
                            std::int64_t offset) {
  ReadCheck result;
  result.error = partition.check_read(offset, last_fetched_epoch, result.diverging);
  return result;
}
inline ReadCheck diverging(std::int32_t epoch, std::int64_t end) {
  return {Error::kNone, {epoch, end}};
}
inline const ReadCheck kReadable{};
inline const ReadCheck kOutOfRange{Error::kOffsetOutOfRange, {}};

}  // namespace isrlab::test
