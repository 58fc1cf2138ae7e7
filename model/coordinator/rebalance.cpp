// Phases of a rebalance and the members' sessions.
// Source: GroupCoordinator#prepareRebalance, #onCompleteJoin, #onExpirePendingSync,
// #onExpireHeartbeat, InitialDelayedJoin; reference clients-and-groups.md sections 3.4 and 3.5.
#include <algorithm>

#include "model/coordinator/group_coordinator.hpp"

namespace isrlab::model {

// --- join phase ---

void GroupCoordinator::maybe_prepare_rebalance(Group& group, Reason reason, ProcessId member,
                                               const Turn& turn) {
  if (is_legal_transition(group.state(), GroupState::kPreparingRebalance)) {
    prepare_rebalance(group, reason, member, turn);
  }
}

void GroupCoordinator::prepare_rebalance(Group& group, Reason reason, ProcessId member,
                                         const Turn& turn) {
  if (group.is(GroupState::kCompletingRebalance)) {
    fail_assignment(group, Error::kRebalanceInProgress, turn);
  }
  timers_.disarm(group.sync_timer, turn.out);
  const bool initial = group.is(GroupState::kEmpty);
  group.transition_to(GroupState::kPreparingRebalance);
  turn.out.because(turn.out.record(HistoryKind::kRebalanceStarted, group.id(), group.generation(),
                                   static_cast<std::int64_t>(reason), member));
  if (!initial) return start_delayed_join(group, turn);
  // Members of a new group come one after another: wait, so that not each causes a rebalance.
  const Duration delay = turn.out.catalog().broker_config(broker_).group_initial_rebalance_delay;
  group.join_phase = {true, false, delay, std::max<Duration>(group.rebalance_timeout() - delay, 0)};
  if (group.join_timer == kNone) {
    group.join_timer = timers_.take(CoordinatorTimer::kJoin, group.id(), "", turn.slots);
  }
  timers_.arm(group.join_timer, turn.out.now() + delay, turn.out);
}

void GroupCoordinator::start_delayed_join(Group& group, const Turn& turn) {
  group.join_phase = {};
  if (group.all_joined()) return complete_join(group, turn);
  if (group.join_timer == kNone) {
    group.join_timer = timers_.take(CoordinatorTimer::kJoin, group.id(), "", turn.slots);
  }
  timers_.arm(group.join_timer, turn.out.now() + group.rebalance_timeout(), turn.out);
}

void GroupCoordinator::try_complete_join(Group& group, const Turn& turn) {
  if (group.is(GroupState::kPreparingRebalance) && !group.join_phase.initial &&
      group.all_joined()) {
    complete_join(group, turn);
  }
}

void GroupCoordinator::on_join_timer(Group& group, const Turn& turn) {
  Group::JoinPhase& phase = group.join_phase;
  if (phase.initial && phase.new_member_added && phase.remaining != 0) {
    const Duration configured =
        turn.out.catalog().broker_config(broker_).group_initial_rebalance_delay;
    const Duration delay = std::min(configured, phase.remaining);
    phase = {true, false, delay, std::max<Duration>(phase.remaining - phase.delay, 0)};
    timers_.arm(group.join_timer, turn.out.now() + delay, turn.out);
    return;
  }
  complete_join(group, turn);
}

void GroupCoordinator::complete_join(Group& group, const Turn& turn) {
  timers_.disarm(group.join_timer, turn.out);
  std::vector<std::string> late;
  for (const auto& [id, member] : group.members()) {
    if (!member.awaiting_join()) late.push_back(id);
  }
  for (const std::string& id : late) drop_member(group, id, Left::kNoRejoin, turn);
  if (!group.elect_joined_leader() && !group.members().empty()) {
    // Only static members could be left; wait for them once more.
    return start_delayed_join(group, turn);
  }
  group.start_generation();
  turn.out.because(turn.out.record(HistoryKind::kGenerationStarted, group.id(), group.generation(),
                                   static_cast<std::int64_t>(group.members().size())));
  if (group.is(GroupState::kEmpty)) {
    store_group(group, {}, turn);
  } else {
    announce_generation(group, turn);
  }
}

void GroupCoordinator::announce_generation(Group& group, const Turn& turn) {
  for (auto& [id, member] : group.members()) {
    const ParkedResponse to = group.take_join(member);
    if (to.waiting) answer_join(group, id, to, turn);
    restart_session(group, member, member.session_timeout, turn);
    member.is_new = false;
    member.pending_sync = true;
  }
  if (group.sync_timer == kNone) {
    group.sync_timer = timers_.take(CoordinatorTimer::kSync, group.id(), "", turn.slots);
  }
  timers_.arm(group.sync_timer, turn.out.now() + group.rebalance_timeout(), turn.out);
}

// --- sync phase ---

void GroupCoordinator::sync_received(Group& group, GroupMember& member, const Turn& turn) {
  member.pending_sync = false;
  if (group.all_synced()) timers_.disarm(group.sync_timer, turn.out);
}

void GroupCoordinator::on_sync_timer(Group& group, const Turn& turn) {
  std::vector<std::string> silent;
  for (const auto& [id, member] : group.members()) {
    if (member.pending_sync) silent.push_back(id);
  }
  if (silent.empty()) return;
  const ProcessId first = group.find(silent.front())->process;
  for (const std::string& id : silent) drop_member(group, id, Left::kNoSync, turn);
  prepare_rebalance(group, Reason::kSync, first, turn);
}

void GroupCoordinator::propagate_assignment(Group& group, Error error, const Turn& turn) {
  for (auto& [id, member] : group.members()) {
    if (!member.awaiting_sync()) continue;
    const ParkedResponse to = member.sync;
    member.sync = ParkedResponse();
    answer_sync(member.assignment, error, to, turn);
    // Its session may have run out while it waited, which was ignored.
    restart_session(group, member, member.session_timeout, turn);
  }
}

void GroupCoordinator::fail_assignment(Group& group, Error error, const Turn& turn) {
  for (auto& [id, member] : group.members()) member.assignment.clear();
  propagate_assignment(group, error, turn);
}

// --- sessions and members ---

void GroupCoordinator::restart_session(Group& group, GroupMember& member, Duration timeout,
                                       const Turn& turn) {
  if (member.waits_for_group()) return timers_.disarm(member.timer, turn.out);
  if (member.timer == kNone) {
    member.timer =
        timers_.take(CoordinatorTimer::kSession, group.id(), member.member_id, turn.slots);
  }
  timers_.arm(member.timer, turn.out.now() + timeout, turn.out);
}

void GroupCoordinator::on_session_timer(Group& group, const std::string& member_id,
                                        const Turn& turn) {
  GroupMember* member = group.find(member_id);
  if (member == nullptr || member->waits_for_group()) return;
  remove_member_and_update(group, *member, Left::kSession, turn);
}

void GroupCoordinator::remove_member_and_update(Group& group, GroupMember& member, Left left,
                                                const Turn& turn) {
  const ProcessId process = member.process;
  // A new member can expire while its join waits; it is told so, and joins anew.
  const ParkedResponse to = group.take_join(member);
  if (to.waiting) refuse_join("", Error::kUnknownMemberId, to, turn);
  drop_member(group, std::string(member.member_id), left, turn);
  if (group.is(GroupState::kPreparingRebalance)) return try_complete_join(group, turn);
  maybe_prepare_rebalance(group, left == Left::kLeft ? Reason::kLeave : Reason::kExpired, process,
                          turn);
}

void GroupCoordinator::drop_member(Group& group, const std::string& member_id, Left left,
                                   const Turn& turn) {
  GroupMember* member = group.find(member_id);
  if (member == nullptr) return;
  if (left != Left::kLeft) {
    turn.out.because_of_silence(member->process, turn.out.now() - member->session_timeout);
  }
  turn.out.because(turn.out.record(HistoryKind::kMemberLeft, group.id(), member->process,
                                   static_cast<std::int64_t>(left)));
  timers_.release(member->timer, turn.out, turn.slots);
  group.remove(member_id);
}

void GroupCoordinator::drop_pending_member(Group& group, const std::string& member_id,
                                           const Turn& turn) {
  const auto at = group.pending_members.find(member_id);
  if (at == group.pending_members.end()) return;
  timers_.release(at->second.timer, turn.out, turn.slots);
  group.pending_members.erase(at);
}

void GroupCoordinator::on_timer(std::uint32_t argument, const CoordinatorTurn& turn) {
  const CoordinatorTimers::Entry fired = timers_.fire(argument);
  Group* group = find(fired.group);
  SIM_ASSERT(group != nullptr, "a timer of a group that is not here");
  switch (fired.use) {
    case CoordinatorTimer::kJoin: return on_join_timer(*group, turn);
    case CoordinatorTimer::kSync: return on_sync_timer(*group, turn);
    case CoordinatorTimer::kSession: return on_session_timer(*group, fired.member_id, turn);
    case CoordinatorTimer::kPendingMember:
      drop_pending_member(*group, fired.member_id, turn);
      return try_complete_join(*group, turn);
    case CoordinatorTimer::kUnused: return;
  }
}

}  // namespace isrlab::model
