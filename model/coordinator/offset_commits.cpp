#include "model/coordinator/group_coordinator.hpp"
#include "model/coordinator/records.hpp"
#include "model/coordinator/respond.hpp"

namespace isrlab::model {

void GroupCoordinator::handle_commit(const OffsetCommitRequest& request, ConnectionId connection,
                                     const CoordinatorTurn& turn) {
  const auto refuse = [&](Error error) {
    answer_commit(request.partitions, error, connection, request.correlation, turn);
  };
  if (const Error error = validate(request.group, turn); error != Error::kNone) {
    return refuse(error);
  }
  Group* group = find(request.group);
  if (group == nullptr) {
    if (request.generation >= 0) return refuse(Error::kIllegalGeneration);
    // A consumer that assigns itself: a simple group, which never has members.
    group = &groups_.emplace(request.group, Group(request.group)).first->second;
    group->incarnation = next_incarnation_++;
  }
  const bool simple = request.generation < 0 && group->is(GroupState::kEmpty);
  if (!simple) {
    GroupMember* member = group->find(request.member_id);
    if (member == nullptr) return refuse(Error::kUnknownMemberId);
    if (request.generation != group->generation()) return refuse(Error::kIllegalGeneration);
    if (group->is(GroupState::kCompletingRebalance)) return refuse(Error::kRebalanceInProgress);
    restart_session(*group, *member, member->session_timeout, turn);
  }
  if (request.partitions.empty()) return refuse(Error::kNone);
  OffsetCommitRecord record{request.group, request.partitions};
  const std::uint32_t bytes = batch_bytes(record, turn.out.catalog());
  PendingAppend pending;
  pending.generation = request.generation;
  pending.connection = connection;
  pending.correlation = request.correlation;
  append(*group, std::move(record), static_cast<std::uint32_t>(request.partitions.size()), bytes,
         std::move(pending), turn);
}

void GroupCoordinator::handle_offset_fetch(const OffsetFetchRequest& request,
                                           ConnectionId connection, const CoordinatorTurn& turn) {
  const Outgoing<OffsetFetchResponse> response =
      respond<OffsetFetchResponse>(connection, request.correlation, turn);
  response->error = validate(request.group, turn);
  if (response->error != Error::kNone) return;
  const Group* group = find(request.group);
  for (const PartitionId partition : request.partitions) {
    const CommittedOffset* commit = group == nullptr ? nullptr : group->offsets.find(partition);
    OffsetFetchResponse::Partition& entry = response->partitions.emplace_back();
    entry.partition = partition;
    if (commit == nullptr) continue;
    entry.offset = commit->offset;
    entry.leader_epoch = commit->leader_epoch;
  }
}

void GroupCoordinator::answer_commit(const std::vector<OffsetCommitRequest::Partition>& partitions,
                                     Error error, ConnectionId connection,
                                     std::uint32_t correlation, const Turn& turn) {
  if (connection == kNone) return;
  const auto response = respond<OffsetCommitResponse>(connection, correlation, turn);
  for (const auto& commit : partitions) response->partitions.push_back({commit.partition, error});
}

void GroupCoordinator::on_offsets_stored(const PendingAppend& append, Error error,
                                         std::int64_t base_offset, const Turn& turn) {
  const auto& record = std::get<OffsetCommitRecord>(append.record);
  Group* group = find(record.group);
  const bool same_life = group != nullptr && group->incarnation == append.incarnation;
  if (error == Error::kNone && same_life) {
    for (const auto& commit : record.offsets) {
      const CommittedOffset entry{commit.partition, commit.leader_epoch, commit.offset,
                                  base_offset};
      if (!group->offsets.put(entry)) continue;
      turn.out.record(HistoryKind::kOffsetCommitted, commit.partition, commit.offset, record.group,
                      append.generation);
    }
  }
  answer_commit(record.offsets, offset_commit_error(error), append.connection, append.correlation,
                turn);
}

}  // namespace isrlab::model
