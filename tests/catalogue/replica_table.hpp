// The replicas of one partition on a table: a controller that elects, LeaderAndIsr that arrives at
// one replica when the test says so, fetches one by one, answers that may get lost. For the
// counter-examples of the protocol models, which are such hand-made interleavings. Decisions are
// those of Partition, follower.cpp, PartitionLog and the controller's judge_alter_partition; the
// order of calls is that of broker_control.cpp and broker_fetch.cpp. Broker ids count from 0.
#pragma once
#include <map>
#include <utility>
#include <vector>

#include "model/broker/follower.hpp"
#include "model/controller/context.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

using namespace isrlab::model;
using sim::kSecond;

class ReplicaTable {
 public:
  using Records = std::vector<std::int64_t>;

  ReplicaTable(BrokerId count, ReplicationProtocol protocol, BugSet bugs = 0)
      : rules_(&rules(protocol)), bugs_(bugs), seats_(static_cast<std::size_t>(count)) {
    controller_.leadership.resize(1);
    for (BrokerId id = 0; id < count; ++id) {
      live_.push_back(id);
      replicas_.push_back(id);
      controller_.live[id] = 10;
    }
  }
  Time now = 1000 * kSecond;

  // --- the controller ---
  /// A new leader epoch, from 0 on. Nobody knows of it until told.
  PartitionStateMessage elect(BrokerId leader, BrokerList isr) {
    Leadership& state = controller_.leadership[0];
    state.known = true;
    state.leader = leader;
    state.isr = isr;
    ++state.leader_epoch;
    ++state.version;
    return message();
  }
  const BrokerList& controller_isr() const { return controller_.leadership[0].isr; }
  /// The proposal of that leader reaches the controller; what it answers. With kNone the ISR in
  /// ZooKeeper is the new one, the leader does not know yet.
  AlterPartitionResponse::Partition alter(BrokerId leader) {
    const Partition& partition = replica(leader);
    REQUIRE(partition.pending != PendingIsr::kNone);
    AlterPartitionRequest::Partition wanted;
    wanted.leader_epoch = partition.leader_epoch;
    wanted.partition_epoch = partition.partition_epoch;
    wanted.new_isr = partition.proposed;
    const AlterVerdict verdict = judge_alter_partition(wanted, controller_, bugs_);
    Leadership& state = controller_.leadership[0];
    if (verdict.write) {
      state.isr = wanted.new_isr;
      ++state.version;
    }
    AlterPartitionResponse::Partition answer;
    answer.error = verdict.error;
    answer.leader = state.leader;
    answer.leader_epoch = state.leader_epoch;
    answer.partition_epoch = state.version;
    answer.isr = state.isr;
    return answer;
  }
  void answer(BrokerId leader, const AlterPartitionResponse::Partition& result) {
    const Partition::IsrOutcome outcome = seat(leader).partition.handle_alter_partition(result);
    if (outcome == Partition::IsrOutcome::kCommitted) advance(leader);
  }

  // --- the brokers ---
  /// LeaderAndIsr arrives.
  void tell(BrokerId to, const PartitionStateMessage& state) {
    Seat& seat = this->seat(to);
    Partition& partition = seat.partition;
    if (state.leader_epoch <= partition.leader_epoch) return;
    if (state.leader == to) {
      seat.follows = false;
      partition.make_leader(state, context(to));
      return advance(to);
    }
    const bool follows_on = seat.follows && keeps_following(partition, state, *rules_, bugs_);
    partition.make_follower(state);
    seat.entry.leader_epoch = state.leader_epoch;
    if (follows_on) return;
    seat.entry = FetcherPartition();
    seat.entry.leader_epoch = state.leader_epoch;
    begin_following(seat.entry, partition, *rules_);
    seat.follows = true;
  }
  void tell(std::initializer_list<BrokerId> brokers, const PartitionStateMessage& state) {
    for (const BrokerId id : brokers) tell(id, state);
  }
  /// The leader writes one record of that number; the high watermark moves if it may.
  void write(BrokerId leader, std::uint64_t record) {
    Batch batch;
    batch.count = 1;
    batch.bytes = 100;
    batch.first_record = record;
    seat(leader).partition.log.append_as_leader(batch, replica(leader).leader_epoch);
    advance(leader);
  }
  /// The process ends and starts again. Its high watermark is what it checkpointed last: now, after
  /// a clean stop; else what checkpoint() said.
  void bounce(BrokerId id, bool clean = true) {
    Partition& partition = seat(id).partition;
    if (clean) {
      checkpoint(id);
      partition.log.close_clean();
      partition.files.recovery_point = partition.log.recovery_point();
    }
    partition.crash();
    partition.log.restart(partition.files, clean);
    seat(id).follows = false;
  }
  void checkpoint(BrokerId id) {
    seat(id).partition.files.high_watermark = replica(id).log.high_watermark();
  }

  // --- fetching ---
  /// One step of a follower that must truncate before it may fetch; kNone if it did, or need not.
  Error truncate(BrokerId id) {
    Seat& seat = this->seat(id);
    REQUIRE(seat.follows);
    FollowerEffects effects;
    if (asks_for_epoch(seat.entry, seat.partition.log, *rules_)) return ask_epoch(seat);
    if (seat.entry.state == FetchState::kTruncating) {
      truncate_to_high_watermark(seat.entry, seat.partition, follower_context(), effects);
    }
    return Error::kNone;
  }
  /// Truncates as far as it must, then fetches once. The error of the leader; with `arrives` false
  /// the leader sees the fetch and the answer gets lost.
  Error fetch(BrokerId id, bool arrives = true) {
    Seat& seat = this->seat(id);
    for (int i = 0; i < 8 && seat.entry.state == FetchState::kTruncating; ++i) {
      const Error error = truncate(id);
      if (error != Error::kNone) return error;
    }
    if (seat.entry.state == FetchState::kLatest || seat.entry.state == FetchState::kEarliest) {
      return ask_offset(seat);
    }
    REQUIRE(seat.entry.state == FetchState::kFetching);
    FetchResponse::Partition answer;
    std::vector<Batch> batches;
    serve(id, answer, batches);
    if (arrives) {
      FollowerEffects effects;
      on_fetched(seat.entry, seat.partition, answer, batches, follower_context(), effects);
    }
    return answer.error;
  }
  void fetch_times(BrokerId id, int times) {
    for (int i = 0; i < times; ++i) CHECK(fetch(id) == Error::kNone);
  }

  // --- what is true ---
  const Partition& replica(BrokerId id) const {
    return seats_[static_cast<std::size_t>(id)].partition;
  }
  Partition& replica(BrokerId id) { return seat(id).partition; }
  const FetcherPartition& entry(BrokerId id) const {
    return seats_[static_cast<std::size_t>(id)].entry;
  }
  std::int64_t high_watermark(BrokerId id) const { return replica(id).log.high_watermark(); }
  /// The numbers of its records, from its start on.
  Records log(BrokerId id) const {
    Records records;
    const PartitionLog& log = replica(id).log;
    log.for_each_batch(log.log_start_offset(), log.log_end_offset(), [&](const Batch& batch) {
      records.push_back(static_cast<std::int64_t>(batch.first_record));
    });
    return records;
  }
  /// Records that a leader has exposed below its high watermark, and acknowledged, and that this
  /// replica does not have at their offsets.
  Records missing(BrokerId id) const {
    Records result;
    for (const auto& [offset, record] : exposed_) {
      const Batch* batch = replica(id).log.batch_containing(offset);
      const bool there = offset < replica(id).log.log_end_offset() && batch != nullptr &&
                         batch->first_record == record;
      if (!there) result.push_back(static_cast<std::int64_t>(record));
    }
    return result;
  }
  /// A leader looks again whether its high watermark may rise.
  void advance(BrokerId leader) {
    Partition& partition = seat(leader).partition;
    partition.maybe_increment_high_watermark(context(leader));
    note_exposed(partition);
  }
  PartitionContext context(BrokerId self) const {
    PartitionContext result;
    result.self = self;
    result.now = now;
    result.lag_max = 30 * kSecond;
    result.rules = *rules_;
    result.bugs = bugs_;
    result.live_brokers = &live_;
    return result;
  }

 private:
  struct Seat {
    Partition partition;
    FetcherPartition entry;
    bool follows = false;
  };
  Seat& seat(BrokerId id) { return seats_[static_cast<std::size_t>(id)]; }

  PartitionStateMessage message() const {
    const Leadership& state = controller_.leadership[0];
    PartitionStateMessage result;
    result.leader = state.leader;
    result.leader_epoch = state.leader_epoch;
    result.partition_epoch = state.version;
    result.isr = state.isr;
    result.replicas = replicas_;
    return result;
  }
  FollowerContext follower_context() const {
    FollowerContext context;
    context.rules = rules_;
    context.log.bugs = bugs_;
    context.now = now;
    context.backoff = kSecond;
    return context;
  }
  std::int32_t sent_epoch(const Seat& seat) const {
    return rules_->fenced ? seat.entry.leader_epoch : -1;
  }
  Error ask_epoch(Seat& seat) {
    const Partition& leader = replica(seat.partition.leader);
    const bool fences = !has_bug(bugs_, Bug::kTruncateFence);
    const Error error = leader.check_epoch(fences ? sent_epoch(seat) : -1, true);
    EpochEnd end;
    if (error == Error::kNone) {
      end = epoch_end_answer(leader.log, *rules_, seat.partition.log.latest_epoch());
    }
    FollowerEffects effects;
    on_epoch_end(seat.entry, seat.partition, error, end, follower_context(), effects);
    return error;
  }
  Error ask_offset(Seat& seat) {
    const Partition& leader = replica(seat.partition.leader);
    ListOffsetsResponse::Partition answer;
    answer.error = leader.check_epoch(sent_epoch(seat), true);
    if (answer.error == Error::kNone) {
      const bool latest = seat.entry.state == FetchState::kLatest;
      answer.error = leader.offset_for_timestamp(latest ? kLatestTimestamp : kEarliestTimestamp,
                                                 true, answer.offset, bugs_);
      answer.prefix_hash = leader.log.prefix_hash(answer.offset);
    }
    FollowerEffects effects;
    on_leader_offset(seat.entry, seat.partition, answer, follower_context(), effects);
    return answer.error;
  }
  /// Broker::look_at, follower_fetched and answer_partition for one follower.
  void serve(BrokerId id, FetchResponse::Partition& answer, std::vector<Batch>& batches) {
    const FetcherPartition& entry = seat(id).entry;
    const BrokerId leader = replica(id).leader;
    Partition& partition = seat(leader).partition;
    answer.error = partition.check_fetch(sent_epoch(seat(id)), id, bugs_);
    EpochEnd diverging;
    if (answer.error == Error::kNone) {
      const std::int32_t last = rules_->truncates_on_fetch ? entry.last_fetched_epoch : -1;
      answer.error = partition.check_read(entry.fetch_offset, last, diverging);
    }
    // A fetch that moves the high watermark is answered with the one before.
    answer.high_watermark = partition.log.high_watermark();
    answer.log_start_offset = partition.log.log_start_offset();
    answer.diverging_epoch = diverging.epoch;
    answer.diverging_end_offset = diverging.end_offset;
    const bool served = answer.error == Error::kNone && !diverging.defined();
    const bool counts =
        served || (answer.error == Error::kFencedLeaderEpoch && has_bug(bugs_, Bug::kHwEpochFence));
    if (served) {
      const std::int64_t end = partition.log.log_end_offset();
      partition.log.read(entry.fetch_offset, end, 1 << 20, true, batches);
    }
    if (!counts) return;
    partition.update_fetch_state(*partition.remote(id), entry.fetch_offset,
                                 replica(id).log.log_start_offset(), now,
                                 partition.log.log_end_offset());
    partition.maybe_expand_isr(id, context(leader));
    advance(leader);
  }
  void note_exposed(const Partition& partition) {
    partition.log.for_each_batch(
        partition.log.log_start_offset(), partition.log.high_watermark(),
        [&](const Batch& batch) { exposed_.emplace(batch.base_offset, batch.first_record); });
  }

  const ProtocolRules* rules_;
  BugSet bugs_;
  BrokerList replicas_;
  std::vector<BrokerId> live_;
  ControllerContext controller_;
  std::vector<Seat> seats_;
  std::map<std::int64_t, std::uint64_t> exposed_;  // by offset: the first record exposed there
};

}  // namespace isrlab::test
