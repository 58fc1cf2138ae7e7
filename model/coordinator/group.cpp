#include "model/coordinator/group.hpp"

#include <algorithm>

namespace isrlab::model {

std::string_view group_state_name(GroupState state) {
  switch (state) {
    case GroupState::kEmpty: return "Empty";
    case GroupState::kPreparingRebalance: return "PreparingRebalance";
    case GroupState::kCompletingRebalance: return "CompletingRebalance";
    case GroupState::kStable: return "Stable";
    case GroupState::kDead: return "Dead";
  }
  return "unknown";
}

bool is_legal_transition(GroupState from, GroupState to) {
  using S = GroupState;
  switch (to) {
    case S::kEmpty: return from == S::kPreparingRebalance;
    case S::kPreparingRebalance:
      return from == S::kStable || from == S::kCompletingRebalance || from == S::kEmpty;
    case S::kCompletingRebalance: return from == S::kPreparingRebalance;
    case S::kStable: return from == S::kCompletingRebalance;
    case S::kDead: return true;
  }
  return false;
}

void Group::transition_to(GroupState state) {
  SIM_ASSERT2(is_legal_transition(state_, state), "an illegal transition of a group", state_,
              state);
  state_ = state;
}

GroupMember* Group::find(const std::string& member_id) {
  const auto at = members_.find(member_id);
  return at == members_.end() ? nullptr : &at->second;
}

Duration Group::rebalance_timeout() const {
  Duration longest = 0;
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

GroupMember& Group::add(GroupMember member) {
  if (leader_.empty()) leader_ = member.member_id;
  const std::string key = member.member_id;
  pending_members.erase(key);
  return members_.insert_or_assign(key, std::move(member)).first->second;
}

void Group::remove(const std::string& member_id) {
  if (const auto at = members_.find(member_id); at != members_.end()) {
    if (at->second.awaiting_join()) --awaiting_join_;
    members_.erase(at);
  }
  if (is_leader(member_id)) leader_ = members_.empty() ? std::string() : members_.begin()->first;
  pending_members.erase(member_id);
}

void Group::park_join(GroupMember& member, ConnectionId connection, std::uint32_t correlation) {
  // A second JoinGroup takes the place of the first, which is never answered.
  if (!member.join_.waiting) ++awaiting_join_;
  member.join_ = {connection, correlation, true};
}

ParkedResponse Group::take_join(GroupMember& member) {
  const ParkedResponse parked = member.join_;
  if (parked.waiting) --awaiting_join_;
  member.join_ = ParkedResponse();
  return parked;
}

void Group::forget_connection(ConnectionId connection) {
  for (auto& [id, member] : members_) {
    if (member.join_.connection == connection) member.join_.connection = kNone;
    if (member.sync.connection == connection) member.sync.connection = kNone;
  }
}

bool Group::all_synced() const {
  return std::none_of(members_.begin(), members_.end(),
                      [](const auto& entry) { return entry.second.pending_sync; });
}

bool Group::elect_joined_leader() {
  const GroupMember* leader = leader_.empty() ? nullptr : find(leader_);
  if (leader == nullptr) return false;
  if (leader->awaiting_join()) return true;
  for (const auto& [id, member] : members_) {
    if (member.awaiting_join()) {
      leader_ = id;
      return true;
    }
  }
  return false;
}

void Group::start_generation() {
  ++generation_;
  transition_to(members_.empty() ? GroupState::kEmpty : GroupState::kCompletingRebalance);
  for (auto& [id, member] : members_) member.pending_sync = false;
}

void Group::restore(std::int32_t generation, std::string leader, std::vector<GroupMember> members) {
  generation_ = generation;
  for (GroupMember& member : members) add(std::move(member));
  leader_ = std::move(leader);
  state_ = members_.empty() ? GroupState::kEmpty : GroupState::kStable;
}

}  // namespace isrlab::model
