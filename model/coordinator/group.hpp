// One consumer group as its coordinator knows it: state, generation, members, offsets. Rules that
// need no clock, no network and no log; the coordinator (group_coordinator.hpp) has the rest.
// Source: GroupMetadata.scala, MemberMetadata.scala (3.9); reference clients-and-groups.md 3.2-3.4.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/coordinator/offsets.hpp"
#include "model/protocol/messages.hpp"

namespace isrlab::model {

enum class GroupState : std::uint8_t {
  kEmpty,                // no members; may hold offsets
  kPreparingRebalance,   // waiting for JoinGroups
  kCompletingRebalance,  // waiting for the leader's SyncGroup and its record
  kStable,
  kDead,  // moved away
};
/// Kafka's own name, `PreparingRebalance`.
std::string_view group_state_name(GroupState state);
bool is_legal_transition(GroupState from, GroupState to);

/// A request whose answer waits. `waiting` with connection = kNone: the connection is gone, but the
/// coordinator does not know, as in Kafka; the member counts as waiting and nothing is sent.
struct ParkedResponse {
  ConnectionId connection = kNone;
  std::uint32_t correlation = 0;
  bool waiting = false;
};

/// Dynamic members only; a static member will add its group.instance.id here.
struct GroupMember {
  std::string member_id;
  std::string client_id;
  ProcessId process = kNone;
  Duration session_timeout = 0;
  Duration rebalance_timeout = 0;
  Subscription subscription;
  std::vector<PartitionId> assignment;
  bool is_new = false;        // awaits its first join: expires after 5 min, not the session
  bool pending_sync = false;  // has not synced in this generation
  ParkedResponse sync;
  std::uint32_t timer = kNone;  // entry of CoordinatorTimers

  bool awaiting_join() const { return join_.waiting; }
  bool awaiting_sync() const { return sync.waiting; }
  /// DelayedHeartbeat#hasSatisfiedHeartbeat apart from heartbeats themselves: a member that waits
  /// for the group does not expire.
  bool waits_for_group() const { return !is_new && (awaiting_join() || awaiting_sync()); }

 private:
  friend class Group;
  ParkedResponse join_;  // through Group, which counts them
};

/// A member id that was handed out with MEMBER_ID_REQUIRED and has not come back yet.
struct PendingMember {
  ProcessId process = kNone;
  std::uint32_t timer = kNone;
};

class Group {
 public:
  using Members = std::map<std::string, GroupMember>;

  explicit Group(GroupId id = 0) : id_(id) {}
  GroupId id() const { return id_; }
  GroupState state() const { return state_; }
  bool is(GroupState state) const { return state_ == state; }
  /// An illegal transition is an internal error.
  void transition_to(GroupState state);

  std::int32_t generation() const { return generation_; }
  /// Member id of the leader; empty while there is none.
  const std::string& leader() const { return leader_; }
  bool is_leader(const std::string& member_id) const {
    return !leader_.empty() && leader_ == member_id;
  }
  const Members& members() const { return members_; }
  Members& members() { return members_; }
  GroupMember* find(const std::string& member_id);
  std::size_t awaiting_join_count() const { return awaiting_join_; }
  /// max.poll.interval.ms of the slowest member; 0 without members.
  Duration rebalance_timeout() const;

  /// The first member ever added leads.
  GroupMember& add(GroupMember member);
  /// A leader that goes is succeeded by the first member in the order of member ids.
  void remove(const std::string& member_id);
  void park_join(GroupMember& member, ConnectionId connection, std::uint32_t correlation);
  /// Ends the wait and returns where the answer goes.
  ParkedResponse take_join(GroupMember& member);
  void forget_connection(ConnectionId connection);

  /// Every member has rejoined and no handed-out member id is outstanding.
  bool all_joined() const { return members_.size() == awaiting_join_ && pending_members.empty(); }
  bool all_synced() const;
  /// Some rejoined member leads now; false if nobody has rejoined.
  bool elect_joined_leader();
  /// The next generation begins: CompletingRebalance, or Empty without members.
  void start_generation();
  void restore(std::int32_t generation, std::string leader, std::vector<GroupMember> members);

  std::map<std::string, PendingMember> pending_members;
  CommittedOffsets offsets;
  // The delayed join under way.
  struct JoinPhase {
    bool initial = false;           // InitialDelayedJoin: never completes early
    bool new_member_added = false;  // only noted at generation 0
    Duration delay = 0;
    Duration remaining = 0;
  } join_phase;
  std::uint32_t join_timer = kNone;
  std::uint32_t sync_timer = kNone;
  std::uint32_t incarnation = 0;  // tells an append of an earlier load from one of this

 private:
  GroupId id_ = 0;
  GroupState state_ = GroupState::kEmpty;
  std::int32_t generation_ = 0;
  std::size_t awaiting_join_ = 0;
  std::string leader_;
  Members members_;  // by member id: an order that neither copies nor addresses can change
};

}  // namespace isrlab::model
