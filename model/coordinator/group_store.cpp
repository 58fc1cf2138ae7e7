// What a coordinator writes to __consumer_offsets and reads back when it is elected.
// Source: GroupMetadataManager#storeGroup, #loadGroupsAndOffsets, #removeGroupsForPartition,
// GroupCoordinator#onGroupLoaded, #onGroupUnloaded; reference clients-and-groups.md section 3.6.
#include <algorithm>

#include "model/coordinator/group_coordinator.hpp"
#include "model/coordinator/records.hpp"

namespace isrlab::model {

// --- writing ---

void GroupCoordinator::store_group(Group& group,
                                   const std::vector<SyncGroupRequest::Assignment>& assignments,
                                   const Turn& turn) {
  GroupMetadataRecord record;
  record.group = group.id();
  record.generation = group.generation();
  record.leader = group.leader();
  for (const auto& [id, member] : group.members()) {
    GroupMetadataRecord::Member& entry = record.members.emplace_back();
    entry.member_id = id;
    entry.client_id = member.client_id;
    entry.process = member.process;
    entry.session_timeout = member.session_timeout;
    entry.rebalance_timeout = member.rebalance_timeout;
    entry.subscription = member.subscription;
    // A member that the leader left out gets nothing.
    const auto given = std::find_if(assignments.begin(), assignments.end(),
                                    [&name = id](const auto& a) { return a.member_id == name; });
    if (given != assignments.end()) entry.assignment = given->partitions;
  }
  const std::uint32_t bytes = batch_bytes(record, turn.out.catalog());
  PendingAppend pending;
  pending.generation = group.generation();
  append(group, std::move(record), 1, bytes, std::move(pending), turn);
}

void GroupCoordinator::append(const Group& group, ArenaRecord record, std::uint32_t count,
                              std::uint32_t bytes, PendingAppend pending, const Turn& turn) {
  auto token = static_cast<std::uint32_t>(appends_.size());
  if (free_appends_.empty()) {
    appends_.emplace_back();
  } else {
    token = free_appends_.back();
    free_appends_.pop_back();
  }
  pending.in_use = true;
  pending.incarnation = group.incarnation;
  pending.record = record;
  appends_[token] = std::move(pending);

  CoordinatorAction action;
  action.kind = CoordinatorAction::Kind::kAppend;
  action.offsets_partition = turn.out.catalog().group(group.id()).offsets_partition;
  action.record = std::move(record);
  action.count = count;
  action.bytes = bytes;
  action.token = token;
  action.timeout = turn.out.catalog().broker_config(broker_).offsets_commit_timeout;
  turn.actions.push_back(std::move(action));
}

void GroupCoordinator::on_appended(std::uint32_t token, Error error, std::int64_t base_offset,
                                   const CoordinatorTurn& turn) {
  SIM_ASSERT2(token < appends_.size() && appends_[token].in_use, "an append is answered twice",
              token, appends_.size());
  const PendingAppend pending = std::move(appends_[token]);
  appends_[token] = PendingAppend();
  free_appends_.push_back(token);
  if (std::holds_alternative<OffsetCommitRecord>(pending.record)) {
    return on_offsets_stored(pending, error, base_offset, turn);
  }
  Group* group = find(std::get<GroupMetadataRecord>(pending.record).group);
  if (group == nullptr || group->incarnation != pending.incarnation) return;
  on_group_stored(*group, pending, error, turn);
}

void GroupCoordinator::on_group_stored(Group& group, const PendingAppend& append, Error error,
                                       const Turn& turn) {
  // The record of an empty generation, or the group has moved on meanwhile: nobody waits for it.
  if (!group.is(GroupState::kCompletingRebalance) || append.generation != group.generation()) {
    return;
  }
  if (error != Error::kNone) {
    fail_assignment(group, group_store_error(error), turn);
    maybe_prepare_rebalance(group, Reason::kSync, group.find(group.leader())->process, turn);
    return;
  }
  for (const auto& stored : std::get<GroupMetadataRecord>(append.record).members) {
    GroupMember* member = group.find(stored.member_id);
    if (member != nullptr) member->assignment = stored.assignment;
  }
  propagate_assignment(group, Error::kNone, turn);
  group.transition_to(GroupState::kStable);
  turn.out.record(HistoryKind::kGroupStable, group.id(), group.generation(),
                  static_cast<std::int64_t>(group.members().size()));
}

// --- election and resignation ---

bool GroupCoordinator::on_elected(PartitionId partition, std::int32_t leader_epoch,
                                  const CoordinatorTurn&) {
  Ownership& ownership = partitions_[partition];
  if (leader_epoch < ownership.epoch) return false;
  ownership.epoch = leader_epoch;
  if (ownership.owned || ownership.loading) return false;
  ownership.loading = true;
  return true;
}

void GroupCoordinator::load(PartitionId partition, const PartitionLog& log,
                            const RecordArena& arena, const CoordinatorTurn& turn) {
  Ownership& ownership = partitions_[partition];
  if (!ownership.loading) return;
  ownership.loading = false;
  ownership.owned = true;
  std::map<GroupId, Group> loaded;
  const auto group_of = [&loaded](GroupId id) -> Group& {
    return loaded.emplace(id, Group(id)).first->second;
  };
  std::map<GroupId, const GroupMetadataRecord*> latest;
  // The whole log, not only what is below the high watermark: later commits may come to light.
  log.for_each_batch(log.log_start_offset(), log.log_end_offset(), [&](const Batch& batch) {
    if (batch.payload == kNone) return;
    const ArenaRecord& record = arena[batch.payload];
    if (const auto* commits = std::get_if<OffsetCommitRecord>(&record)) {
      for (const auto& commit : commits->offsets) {
        group_of(commits->group)
            .offsets.put({commit.partition, commit.leader_epoch, commit.offset, batch.base_offset});
      }
    } else {
      const auto& metadata = std::get<GroupMetadataRecord>(record);
      group_of(metadata.group);
      latest[metadata.group] = &metadata;
    }
  });
  for (const auto& [id, metadata] : latest) {
    std::vector<GroupMember> members;
    for (const auto& stored : metadata->members) {
      GroupMember& member = members.emplace_back();
      member.member_id = stored.member_id;
      member.client_id = stored.client_id;
      member.process = stored.process;
      member.session_timeout = stored.session_timeout;
      member.rebalance_timeout = stored.rebalance_timeout;
      member.subscription = stored.subscription;
      member.assignment = stored.assignment;
    }
    loaded.at(id).restore(metadata->generation, metadata->leader, std::move(members));
  }
  for (auto& [id, group] : loaded) load_group(std::move(group), turn);
}

void GroupCoordinator::load_group(Group group, const Turn& turn) {
  const GroupId id = group.id();
  SIM_ASSERT(!groups_.contains(id), "a group is loaded twice");
  group.incarnation = next_incarnation_++;
  Group& here = groups_.emplace(id, std::move(group)).first->second;
  turn.out.record(HistoryKind::kGroupLoaded, id, here.generation(),
                  static_cast<std::int64_t>(here.members().size()));
  // GroupCoordinator#groupIsOverCapacity: group.max.size was lowered meanwhile.
  const auto limit =
      static_cast<std::size_t>(turn.out.catalog().broker_config(broker_).group_max_size);
  if (here.members().size() > limit) {
    prepare_rebalance(here, Reason::kJoin, here.members().begin()->second.process, turn);
  }
  for (auto& [member_id, member] : here.members()) {
    restart_session(here, member, member.session_timeout, turn);
  }
}

void GroupCoordinator::on_resigned(PartitionId partition, const CoordinatorTurn& turn) {
  Ownership& ownership = partitions_[partition];
  ownership.owned = false;
  ownership.loading = false;
  for (auto at = groups_.begin(); at != groups_.end();) {
    if (turn.out.catalog().group(at->first).offsets_partition != partition) {
      ++at;
      continue;
    }
    unload_group(at->second, turn);
    at = groups_.erase(at);
  }
}

void GroupCoordinator::unload_group(Group& group, const Turn& turn) {
  turn.out.record(HistoryKind::kGroupUnloaded, group.id());
  const GroupState before = group.state();
  group.transition_to(GroupState::kDead);
  for (auto& [id, member] : group.members()) {
    if (before == GroupState::kPreparingRebalance) {
      const ParkedResponse to = group.take_join(member);
      if (to.waiting) refuse_join(id, Error::kNotCoordinator, to, turn);
    } else if (member.awaiting_sync()) {
      answer_sync({}, Error::kNotCoordinator, member.sync, turn);
      member.sync = ParkedResponse();
    }
    timers_.release(member.timer, turn.out, turn.slots);
  }
  for (auto& [id, pending] : group.pending_members) {
    timers_.release(pending.timer, turn.out, turn.slots);
  }
  timers_.release(group.join_timer, turn.out, turn.slots);
  timers_.release(group.sync_timer, turn.out, turn.slots);
}

void GroupCoordinator::on_connection_closed(ConnectionId connection) {
  for (auto& [id, group] : groups_) group.forget_connection(connection);
  for (PendingAppend& append : appends_) {
    if (append.connection == connection) append.connection = kNone;
  }
}

}  // namespace isrlab::model
