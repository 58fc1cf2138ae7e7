#include "model/coordinator/group_coordinator.hpp"

#include "model/coordinator/respond.hpp"

namespace isrlab::model {
namespace {

const BrokerConfig& config_of(BrokerId broker, const CoordinatorTurn& turn) {
  return turn.out.catalog().broker_config(broker);
}

}  // namespace

bool GroupCoordinator::is_coordinator_for(PartitionId partition) const {
  const auto at = partitions_.find(partition);
  return at != partitions_.end() && at->second.owned;
}

bool GroupCoordinator::is_loading(PartitionId partition) const {
  const auto at = partitions_.find(partition);
  return at != partitions_.end() && at->second.loading;
}

const Group* GroupCoordinator::find_group(GroupId group) const {
  const auto at = groups_.find(group);
  return at == groups_.end() ? nullptr : &at->second;
}

Group* GroupCoordinator::find(GroupId group) {
  const auto at = groups_.find(group);
  return at == groups_.end() ? nullptr : &at->second;
}

Error GroupCoordinator::validate(GroupId group, const Turn& turn) const {
  if (!active_) return Error::kCoordinatorNotAvailable;
  const PartitionId partition = turn.out.catalog().group(group).offsets_partition;
  if (is_loading(partition)) return Error::kCoordinatorLoadInProgress;
  return is_coordinator_for(partition) ? Error::kNone : Error::kNotCoordinator;
}

/// `<client id>-<UUID>`, the UUID of version 4. The time keeps the ids of two lives of one broker
/// apart, which draw the same numbers.
std::string GroupCoordinator::new_member_id(const std::string& client_id, Time now) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::uint64_t words[2];
  for (std::uint64_t& word : words) {
    word = sim::mix64(random_.next() + static_cast<std::uint64_t>(now));
  }
  words[0] = (words[0] & 0xffffffffffff0fffULL) | 0x4000;
  words[1] = (words[1] & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  std::string id = client_id;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 0 || digit == 8 || digit == 12 || digit == 16 || digit == 20) id += '-';
    id += kDigits[(words[digit / 16] >> (60 - 4 * (digit % 16))) & 0xf];
  }
  return id;
}

// --- JoinGroup ---

void GroupCoordinator::handle_join(const JoinGroupRequest& request, ConnectionId connection,
                                   ProcessId client, const CoordinatorTurn& turn) {
  const ParkedResponse to{connection, request.correlation, true};
  const BrokerConfig& config = config_of(broker_, turn);
  if (const Error error = validate(request.group, turn); error != Error::kNone) {
    return refuse_join(request.member_id, error, to, turn);
  }
  if (request.session_timeout < config.group_min_session_timeout ||
      request.session_timeout > config.group_max_session_timeout) {
    return refuse_join(request.member_id, Error::kInvalidSessionTimeout, to, turn);
  }
  const bool unknown = request.member_id.empty();
  Group* group = find(request.group);
  if (group == nullptr) {
    if (!unknown) return refuse_join(request.member_id, Error::kUnknownMemberId, to, turn);
    group = &groups_.emplace(request.group, Group(request.group)).first->second;
    group->incarnation = next_incarnation_++;
  }
  if (!accepts_joining_member(*group, request.member_id, turn)) {
    if (group->find(request.member_id) != nullptr) {
      drop_member(*group, request.member_id, Left::kNoRejoin, turn);
    } else if (!unknown) {
      drop_pending_member(*group, request.member_id, turn);
    }
    refuse_join("", Error::kGroupMaxSizeReached, to, turn);
  } else if (unknown) {
    join_new_member(*group, request, connection, client, turn);
  } else {
    join_known_member(*group, request, connection, client, turn);
  }
  try_complete_join(*group, turn);
}

bool GroupCoordinator::accepts_joining_member(Group& group, const std::string& member_id,
                                              const Turn& turn) const {
  const auto limit = static_cast<std::size_t>(config_of(broker_, turn).group_max_size);
  const GroupMember* member = group.find(member_id);
  switch (group.state()) {
    case GroupState::kEmpty:
    case GroupState::kDead: return true;
    case GroupState::kPreparingRebalance:
      // Those who rejoined count, not those who were members: the last to rejoin are turned away.
      return (member != nullptr && member->awaiting_join()) || group.awaiting_join_count() < limit;
    case GroupState::kCompletingRebalance:
    case GroupState::kStable: return member != nullptr || group.members().size() < limit;
  }
  return true;
}

void GroupCoordinator::join_new_member(Group& group, const JoinGroupRequest& request,
                                       ConnectionId connection, ProcessId client,
                                       const Turn& turn) {
  // JoinGroup v4 and above: the id is handed out first and holds the join phase open meanwhile.
  const std::string member_id = new_member_id(request.client_id, turn.out.now());
  PendingMember& pending = group.pending_members[member_id];
  pending.process = client;
  pending.timer = timers_.take(CoordinatorTimer::kPendingMember, group.id(), member_id, turn.slots);
  timers_.arm(pending.timer, turn.out.now() + request.session_timeout, turn.out);
  refuse_join(member_id, Error::kMemberIdRequired, {connection, request.correlation, true}, turn);
}

void GroupCoordinator::join_known_member(Group& group, const JoinGroupRequest& request,
                                         ConnectionId connection, ProcessId client,
                                         const Turn& turn) {
  const ParkedResponse to{connection, request.correlation, true};
  if (group.pending_members.contains(request.member_id)) {
    return add_member(group, request, connection, client, turn);
  }
  GroupMember* member = group.find(request.member_id);
  if (member == nullptr) {
    return refuse_join(request.member_id, Error::kUnknownMemberId, to, turn);
  }
  // The same metadata means that the member missed the answer. A 3.9 client that has learned a
  // generation carries it in its metadata, so it rarely looks unchanged.
  const bool same = member->subscription == request.subscription;
  switch (group.state()) {
    case GroupState::kPreparingRebalance: return rejoin(group, *member, request, connection, turn);
    case GroupState::kCompletingRebalance:
      if (!same) return rejoin(group, *member, request, connection, turn);
      return answer_join(group, member->member_id, to, turn);
    case GroupState::kStable:
      if (!same || group.is_leader(member->member_id)) {
        return rejoin(group, *member, request, connection, turn);
      }
      return answer_join(group, member->member_id, to, turn);
    case GroupState::kEmpty:
    case GroupState::kDead:
      return refuse_join(request.member_id, Error::kUnknownMemberId, to, turn);
  }
}

void GroupCoordinator::rejoin(Group& group, GroupMember& member, const JoinGroupRequest& request,
                              ConnectionId connection, const Turn& turn) {
  member.subscription = request.subscription;
  member.rebalance_timeout = request.rebalance_timeout;
  member.session_timeout = request.session_timeout;
  group.park_join(member, connection, request.correlation);
  maybe_prepare_rebalance(group, Reason::kMetadata, member.process, turn);
}

void GroupCoordinator::add_member(Group& group, const JoinGroupRequest& request,
                                  ConnectionId connection, ProcessId client, const Turn& turn) {
  if (group.is(GroupState::kPreparingRebalance) && group.generation() == 0) {
    group.join_phase.new_member_added = true;
  }
  drop_pending_member(group, request.member_id, turn);
  GroupMember fresh;
  fresh.member_id = request.member_id;
  fresh.client_id = request.client_id;
  fresh.process = client;
  fresh.session_timeout = request.session_timeout;
  fresh.rebalance_timeout = request.rebalance_timeout;
  fresh.subscription = request.subscription;
  fresh.is_new = true;
  GroupMember& member = group.add(std::move(fresh));
  group.park_join(member, connection, request.correlation);
  turn.out.because(turn.out.record(HistoryKind::kMemberJoined, group.id(), client));
  restart_session(group, member, kNewMemberJoinTimeout, turn);
  maybe_prepare_rebalance(group, Reason::kJoin, client, turn);
}

// --- SyncGroup ---

void GroupCoordinator::handle_sync(const SyncGroupRequest& request, ConnectionId connection,
                                   const CoordinatorTurn& turn) {
  const ParkedResponse to{connection, request.correlation, true};
  Error error = validate(request.group, turn);
  // The rebalance under way is lost with the old coordinator: the member starts over with a join.
  if (error == Error::kCoordinatorLoadInProgress) error = Error::kRebalanceInProgress;
  if (error != Error::kNone) return answer_sync({}, error, to, turn);
  Group* group = find(request.group);
  if (group == nullptr || group->find(request.member_id) == nullptr) {
    return answer_sync({}, Error::kUnknownMemberId, to, turn);
  }
  if (request.generation != group->generation()) {
    return answer_sync({}, Error::kIllegalGeneration, to, turn);
  }
  sync_member(*group, request, connection, turn);
}

void GroupCoordinator::sync_member(Group& group, const SyncGroupRequest& request,
                                   ConnectionId connection, const Turn& turn) {
  const ParkedResponse to{connection, request.correlation, true};
  GroupMember& member = *group.find(request.member_id);
  switch (group.state()) {
    case GroupState::kEmpty:
    case GroupState::kDead: return answer_sync({}, Error::kUnknownMemberId, to, turn);
    case GroupState::kPreparingRebalance:
      return answer_sync({}, Error::kRebalanceInProgress, to, turn);
    case GroupState::kCompletingRebalance:
      member.sync = to;
      sync_received(group, member, turn);
      if (group.is_leader(member.member_id)) store_group(group, request.assignments, turn);
      return;
    case GroupState::kStable:
      sync_received(group, member, turn);
      answer_sync(member.assignment, Error::kNone, to, turn);
      restart_session(group, member, member.session_timeout, turn);
      return;
  }
}

// --- Heartbeat, LeaveGroup ---

void GroupCoordinator::handle_heartbeat(const HeartbeatRequest& request, ConnectionId connection,
                                        const CoordinatorTurn& turn) {
  const Outgoing<HeartbeatResponse> response =
      respond<HeartbeatResponse>(connection, request.correlation, turn);
  response->error = validate(request.group, turn);
  if (response->error == Error::kCoordinatorLoadInProgress) {
    response->error = Error::kNone;  // answered blindly; the member finds out after the load
    return;
  }
  if (response->error != Error::kNone) return;
  Group* group = find(request.group);
  GroupMember* member = group == nullptr ? nullptr : group->find(request.member_id);
  if (member == nullptr) {
    response->error = Error::kUnknownMemberId;
  } else if (request.generation != group->generation()) {
    response->error = Error::kIllegalGeneration;
  } else {
    restart_session(*group, *member, member->session_timeout, turn);
    if (group->is(GroupState::kPreparingRebalance)) response->error = Error::kRebalanceInProgress;
  }
}

void GroupCoordinator::handle_leave(const LeaveGroupRequest& request, ConnectionId connection,
                                    const CoordinatorTurn& turn) {
  Error error = validate(request.group, turn);
  if (error == Error::kNone) {
    Group* group = find(request.group);
    GroupMember* member = group == nullptr ? nullptr : group->find(request.member_id);
    if (group != nullptr && group->pending_members.contains(request.member_id)) {
      drop_pending_member(*group, request.member_id, turn);
      try_complete_join(*group, turn);
    } else if (member != nullptr) {
      remove_member_and_update(*group, *member, Left::kLeft, turn);
    } else {
      error = Error::kUnknownMemberId;
    }
  }
  respond<LeaveGroupResponse>(connection, request.correlation, turn)->error = error;
}

}  // namespace isrlab::model
