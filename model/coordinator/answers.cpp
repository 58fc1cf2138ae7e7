#include "model/coordinator/group_coordinator.hpp"
#include "model/coordinator/respond.hpp"

namespace isrlab::model {

void GroupCoordinator::refuse_join(const std::string& member_id, Error error,
                                   const ParkedResponse& to, const Turn& turn) {
  if (to.connection == kNone) return;
  const auto response = respond<JoinGroupResponse>(to.connection, to.correlation, turn);
  response->error = error;
  response->member_id = member_id;
}

void GroupCoordinator::answer_join(const Group& group, const std::string& member_id,
                                   const ParkedResponse& to, const Turn& turn) {
  if (to.connection == kNone) return;
  const auto response = respond<JoinGroupResponse>(to.connection, to.correlation, turn);
  response->generation = group.generation();
  response->leader = group.leader();
  response->member_id = member_id;
  // In Stable a follower gets no list, and a leader never comes here.
  if (!group.is_leader(member_id)) return;
  for (const auto& [id, member] : group.members()) {
    response->members.push_back({id, member.subscription});
  }
}

void GroupCoordinator::answer_sync(const std::vector<PartitionId>& partitions, Error error,
                                   const ParkedResponse& to, const Turn& turn) {
  if (to.connection == kNone) return;
  const auto response = respond<SyncGroupResponse>(to.connection, to.correlation, turn);
  response->error = error;
  response->partitions = partitions;
}

}  // namespace isrlab::model
