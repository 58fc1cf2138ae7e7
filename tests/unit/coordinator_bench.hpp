// A coordinator on a bench: requests go in as a broker would hand them over, answers come out as
// values, appends are acknowledged when the test says so, timers fire when its clock passes them.
// Settings are those of Kafka's GroupCoordinatorTest: delay 50 ms, time-outs 500 ms, size 4.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/coordinator/group_coordinator.hpp"
#include "tests/support/catch.hpp"

namespace coordinator_bench {

using namespace isrlab;
using namespace isrlab::model;

inline constexpr Duration kMs = sim::kMillisecond;
inline constexpr GroupId kGroup = 0;

inline ClusterSpec cluster() {
  ClusterSpec spec;
  spec.brokers.resize(1);
  spec.brokers[0].id = 1;
  BrokerConfig& config = spec.brokers[0].config;
  config.group_initial_rebalance_delay = 50 * kMs;
  config.group_min_session_timeout = 10 * kMs;
  config.group_max_session_timeout = 3600 * sim::kSecond;
  config.group_max_size = 4;
  TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 4;
  spec.topics.push_back(topic);
  ConsumerGroupSpec group;
  group.group = "groupId";
  group.topics = {"orders"};
  group.members = 5;
  spec.groups.push_back(group);
  return spec;
}

struct Answer {
  ConnectionId connection = kNone;
  sim::MessageRef message;
};

class Bench {
 public:
  Bench()
      : catalog_(cluster()),
        effects_(ids_),
        out_(effects_, messages, arena, history_, catalog_),
        coordinator(1, 42) {
    out_.begin(0, 0, 0);
    partition = catalog_.group(kGroup).offsets_partition;
  }
  CoordinatorTurn turn() { return {out_, slots_, actions_}; }
  const Catalog& catalog() const { return catalog_; }
  Time now() const { return now_; }

  void elect(std::int32_t epoch = 0) {
    if (coordinator.on_elected(partition, epoch, turn())) {
      coordinator.load(partition, log, arena, turn());
    }
    absorb();
  }

  // --- requests; the returned number is the correlation, by which the answer is found ---
  std::uint32_t join(ConnectionId connection, const std::string& member_id,
                     Duration session = 500 * kMs, Duration rebalance = 500 * kMs,
                     std::int32_t generation = -1) {
    JoinGroupRequest request;
    request.correlation = ++correlation_;
    request.group = kGroup;
    request.member_id = member_id;
    request.client_id = "consumer";
    request.session_timeout = session;
    request.rebalance_timeout = rebalance;
    request.subscription.topics = {0};
    request.subscription.generation = generation;
    coordinator.handle_join(request, connection, 100 + connection, turn());
    return absorb();
  }
  /// The first round trip of a new member: the id that it was given.
  std::string new_id(ConnectionId connection, Duration session = 500 * kMs) {
    const auto response = take<JoinGroupResponse>(join(connection, "", session));
    REQUIRE(response.error == Error::kMemberIdRequired);
    return response.member_id;
  }
  std::uint32_t sync(ConnectionId connection, const std::string& member_id, std::int32_t generation,
                     std::vector<SyncGroupRequest::Assignment> assignments = {}) {
    SyncGroupRequest request{++correlation_, kGroup, generation, member_id, std::move(assignments)};
    coordinator.handle_sync(request, connection, turn());
    return absorb();
  }
  Error heartbeat(const std::string& member_id, std::int32_t generation) {
    coordinator.handle_heartbeat({++correlation_, kGroup, generation, member_id}, 1, turn());
    return take<HeartbeatResponse>(absorb()).error;
  }
  Error leave(const std::string& member_id) {
    coordinator.handle_leave({++correlation_, kGroup, member_id}, 1, turn());
    return take<LeaveGroupResponse>(absorb()).error;
  }
  std::uint32_t commit(const std::string& member_id, std::int32_t generation, std::int64_t offset,
                       ConnectionId connection = 1) {
    OffsetCommitRequest request{++correlation_, kGroup, generation, member_id, {{0, offset, 3}}};
    coordinator.handle_commit(request, connection, turn());
    return absorb();
  }
  /// The error of a commit that is refused at once.
  Error refused_commit(const std::string& member_id, std::int32_t generation) {
    return take<OffsetCommitResponse>(commit(member_id, generation, 1)).partitions.at(0).error;
  }
  OffsetFetchResponse fetch() {
    coordinator.handle_offset_fetch({++correlation_, kGroup, {0, 1}}, 1, turn());
    return take<OffsetFetchResponse>(absorb());
  }
  void resign() {
    coordinator.on_resigned(partition, turn());
    absorb();
  }

  // --- appends ---
  std::size_t appends() const { return appends_.size(); }
  /// Writes the n-th outstanding append to the log, without an acknowledgement yet.
  std::int64_t write(std::size_t index = 0) {
    Batch batch;
    batch.count = appends_.at(index).count;
    batch.bytes = appends_[index].bytes;
    batch.payload = arena.add(appends_[index].record);
    return log.append_as_leader(batch, 0);
  }
  void answer_append(Error error, std::int64_t base_offset, std::size_t index = 0) {
    const std::uint32_t token = appends_.at(index).token;
    appends_.erase(appends_.begin() + static_cast<std::ptrdiff_t>(index));
    coordinator.on_appended(token, error, base_offset, turn());
    absorb();
  }
  void ack(std::size_t index = 0) {
    const std::int64_t base_offset = write(index);
    answer_append(Error::kNone, base_offset, index);
  }

  // --- time ---
  void run_until(Time until) {
    for (;;) {
      auto next = timers_.end();
      for (auto at = timers_.begin(); at != timers_.end(); ++at) {
        if (at->second.time > until) continue;
        if (next == timers_.end() || at->second.time < next->second.time) next = at;
      }
      if (next == timers_.end()) break;
      const Timer timer = next->second;
      timers_.erase(next);
      set_time(timer.time);
      coordinator.on_timer(timer.argument, turn());
      absorb();
    }
    set_time(until);
  }
  void advance(Duration by) { run_until(now_ + by); }
  std::size_t timers() const { return timers_.size(); }

  // --- answers ---
  bool answered(std::uint32_t correlation) {
    for (const Answer& answer : answers_) {
      if (correlation_of(answer) == correlation) return true;
    }
    return false;
  }
  template <class M>
  M take(std::uint32_t correlation) {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      if (correlation_of(answers_[i]) != correlation) continue;
      M message = messages.get<M>(answers_[i].message);
      messages.release(answers_[i].message);
      answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(i));
      return message;
    }
    FAIL("no answer to request " << correlation);
    return {};
  }
  std::size_t answers() const { return answers_.size(); }
  std::vector<HistoryKind> kinds() const { return kinds_; }
  const sim::HistoryEvent& last(HistoryKind kind) const { return last_.at(kind); }
  const Group& group() const {
    REQUIRE(coordinator.find_group(kGroup) != nullptr);
    return *coordinator.find_group(kGroup);
  }

  // --- ways to a state ---
  /// n members in CompletingRebalance of generation 1; member i used connection i. The leader is
  /// the first, who joined first.
  std::vector<std::string> joined(std::size_t count, Duration session = 500 * kMs,
                                  Duration rebalance = 500 * kMs) {
    elect();
    std::vector<std::string> members;
    std::vector<std::uint32_t> joins;
    for (std::size_t i = 0; i < count; ++i) {
      const auto connection = static_cast<ConnectionId>(i);
      members.push_back(new_id(connection, session));
      joins.push_back(join(connection, members.back(), session, rebalance));
    }
    while (!answered(joins[0])) advance(50 * kMs);
    for (const std::uint32_t each : joins) REQUIRE(take<JoinGroupResponse>(each).generation == 1);
    REQUIRE(group().is(GroupState::kCompletingRebalance));
    return members;
  }
  /// The same, synced and Stable; member 0 holds all partitions.
  std::vector<std::string> stable(std::size_t count, Duration session = 500 * kMs,
                                  Duration rebalance = 500 * kMs) {
    const std::vector<std::string> members = joined(count, session, rebalance);
    for (std::size_t i = 1; i < count; ++i) sync(static_cast<ConnectionId>(i), members[i], 1);
    sync(0, members[0], 1, {{members[0], {0, 1, 2, 3}}});
    ack();
    for (const Answer& answer : answers_) messages.release(answer.message);
    answers_.clear();
    REQUIRE(group().is(GroupState::kStable));
    return members;
  }

 private:
  struct Timer {
    Time time = 0;
    std::uint32_t argument = 0;
  };
  Catalog catalog_;
  sim::ConnectionIds ids_;
  sim::Effects effects_;
  sim::History history_;
  Out out_;
  sim::SlotAllocator slots_;
  std::vector<CoordinatorAction> actions_;
  std::vector<CoordinatorAction> appends_;
  std::vector<Answer> answers_;
  std::map<sim::TimerSlot, Timer> timers_;
  std::vector<HistoryKind> kinds_;
  std::map<HistoryKind, sim::HistoryEvent> last_;
  Time now_ = 0;
  std::uint32_t correlation_ = 0;

 public:
  Messages messages;
  RecordArena arena;
  PartitionLog log;
  PartitionId partition = 0;
  GroupCoordinator coordinator;

 private:
  void set_time(Time time) {
    now_ = time;
    out_.begin(0, time, 0);
  }
  std::uint32_t correlation_of(const Answer& answer) {
    switch (static_cast<MessageType>(answer.message.type)) {
#define X(name) \
  case MessageType::k##name: return messages.get<name>(answer.message).correlation;
      X(JoinGroupResponse)
      X(SyncGroupResponse)
      X(HeartbeatResponse)
      X(LeaveGroupResponse)
      X(OffsetCommitResponse)
      X(OffsetFetchResponse)
#undef X
      default: FAIL("an answer of an unexpected type"); return 0;
    }
  }
  /// Sorts out what the last call recorded; returns the correlation of the last request.
  std::uint32_t absorb() {
    for (const sim::Effect& effect : effects_.effects()) {
      if (effect.kind == sim::EffectKind::kSetTimer) {
        REQUIRE(effect.time >= now_);
        timers_[effect.target] = {effect.time, effect.argument};
      } else if (effect.kind == sim::EffectKind::kCancelTimer) {
        timers_.erase(effect.target);
      }
    }
    for (const sim::HistoryEvent& event : effects_.records()) {
      kinds_.push_back(static_cast<HistoryKind>(event.kind));
      last_[kinds_.back()] = event;
    }
    effects_.clear();
    for (CoordinatorAction& action : actions_) {
      if (action.kind == CoordinatorAction::Kind::kAppend) {
        appends_.push_back(std::move(action));
      } else {
        REQUIRE(action.connection != kNone);
        answers_.push_back({action.connection, action.message});
      }
    }
    actions_.clear();
    return correlation_;
  }
};

}  // namespace coordinator_bench
