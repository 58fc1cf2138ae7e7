// The classic group coordinator of one broker: joins, generations, syncs, heartbeats, sessions and
// committed offsets of the groups whose __consumer_offsets partition this broker leads.
// Source: GroupCoordinator.scala, GroupMetadataManager.scala, DelayedJoin, DelayedSync,
// DelayedHeartbeat (3.9); reference clients-and-groups.md sections 3.1 to 3.6.
// Requests never get an answer here but an action (actions.hpp); one request may give several
// (a last SyncGroup answers all members) or none yet. Dynamic members, one assignor, "range";
// static members, transactional commits and offset retention are later issues.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/coordinator/actions.hpp"
#include "model/coordinator/group.hpp"
#include "model/coordinator/timers.hpp"
#include "model/log/partition_log.hpp"
#include "sim/random.hpp"

namespace isrlab::model {

class GroupCoordinator {
 public:
  /// GroupCoordinator.NewMemberJoinTimeoutMs: how long a new member may wait for its first join.
  static constexpr Duration kNewMemberJoinTimeout = 5 * sim::kMinute;

  GroupCoordinator() = default;
  GroupCoordinator(BrokerId broker, std::uint64_t seed)
      : broker_(broker), random_(seed, "member-ids:" + std::to_string(broker)) {}

  // --- requests; the response carries the request's correlation ---
  void handle_join(const JoinGroupRequest& request, ConnectionId connection, ProcessId client,
                   const CoordinatorTurn& turn);
  void handle_sync(const SyncGroupRequest& request, ConnectionId connection,
                   const CoordinatorTurn& turn);
  void handle_heartbeat(const HeartbeatRequest& request, ConnectionId connection,
                        const CoordinatorTurn& turn);
  void handle_leave(const LeaveGroupRequest& request, ConnectionId connection,
                    const CoordinatorTurn& turn);
  void handle_commit(const OffsetCommitRequest& request, ConnectionId connection,
                     const CoordinatorTurn& turn);
  void handle_offset_fetch(const OffsetFetchRequest& request, ConnectionId connection,
                           const CoordinatorTurn& turn);

  // --- what happens to the broker ---
  /// The broker leads the partition of __consumer_offsets now. True: call load() when its log has
  /// been read; until then requests are answered COORDINATOR_LOAD_IN_PROGRESS and the like.
  bool on_elected(PartitionId partition, std::int32_t leader_epoch, const CoordinatorTurn& turn);
  /// Ends the loading of the partition; does nothing when the broker has resigned meanwhile.
  void load(PartitionId partition, const PartitionLog& log, const RecordArena& arena,
            const CoordinatorTurn& turn);
  void on_resigned(PartitionId partition, const CoordinatorTurn& turn);
  /// The answer to a kAppend action, exactly one for each.
  void on_appended(std::uint32_t token, Error error, std::int64_t base_offset,
                   const CoordinatorTurn& turn);
  void on_timer(std::uint32_t argument, const CoordinatorTurn& turn);
  /// Nothing is sent on the connection any more; members stay until their timers say otherwise.
  void on_connection_closed(ConnectionId connection);
  /// From now on every request is answered COORDINATOR_NOT_AVAILABLE.
  void shut_down() { active_ = false; }

  // --- readers ---
  bool is_coordinator_for(PartitionId partition) const;
  bool is_loading(PartitionId partition) const;
  const Group* find_group(GroupId group) const;
  const std::map<GroupId, Group>& groups() const { return groups_; }

 private:
  using Turn = CoordinatorTurn;
  /// RebalanceStarted's reason in the history.
  enum class Reason : std::uint8_t { kJoin, kLeave, kExpired, kMetadata, kSync };
  /// MemberLeft's reason in the history; kNoSync: did not sync within the rebalance timeout.
  enum class Left : std::uint8_t { kLeft, kSession, kNoRejoin, kNoSync };
  struct Ownership {
    std::int32_t epoch = -1;
    bool loading = false;
    bool owned = false;
  };
  struct PendingAppend {
    bool in_use = false;
    std::uint32_t incarnation = 0;
    std::int32_t generation = -1;
    ConnectionId connection = kNone;  // of the OffsetCommit that waits
    std::uint32_t correlation = 0;
    ArenaRecord record;
  };

  // group_coordinator.cpp: requests
  Error validate(GroupId group, const Turn& turn) const;
  bool accepts_joining_member(Group& group, const std::string& member_id, const Turn& turn) const;
  void join_new_member(Group& group, const JoinGroupRequest& request, ConnectionId connection,
                       ProcessId client, const Turn& turn);
  void join_known_member(Group& group, const JoinGroupRequest& request, ConnectionId connection,
                         ProcessId client, const Turn& turn);
  void rejoin(Group& group, GroupMember& member, const JoinGroupRequest& request,
              ConnectionId connection, const Turn& turn);
  void add_member(Group& group, const JoinGroupRequest& request, ConnectionId connection,
                  ProcessId client, const Turn& turn);
  void sync_member(Group& group, const SyncGroupRequest& request, ConnectionId connection,
                   const Turn& turn);
  std::string new_member_id(const std::string& client_id, Time now);
  Group* find(GroupId group);

  // answers.cpp
  void answer_join(const Group& group, const std::string& member_id, const ParkedResponse& to,
                   const Turn& turn);
  void refuse_join(const std::string& member_id, Error error, const ParkedResponse& to,
                   const Turn& turn);
  void answer_sync(const std::vector<PartitionId>& partitions, Error error,
                   const ParkedResponse& to, const Turn& turn);

  // offset_commits.cpp, with the two requests
  void answer_commit(const std::vector<OffsetCommitRequest::Partition>& partitions, Error error,
                     ConnectionId connection, std::uint32_t correlation, const Turn& turn);
  void on_offsets_stored(const PendingAppend& append, Error error, std::int64_t base_offset,
                         const Turn& turn);

  // rebalance.cpp: phases and members
  void maybe_prepare_rebalance(Group& group, Reason reason, ProcessId member, const Turn& turn);
  void prepare_rebalance(Group& group, Reason reason, ProcessId member, const Turn& turn);
  void start_delayed_join(Group& group, const Turn& turn);
  void try_complete_join(Group& group, const Turn& turn);
  void on_join_timer(Group& group, const Turn& turn);
  void complete_join(Group& group, const Turn& turn);
  void announce_generation(Group& group, const Turn& turn);
  void sync_received(Group& group, GroupMember& member, const Turn& turn);
  void on_sync_timer(Group& group, const Turn& turn);
  void propagate_assignment(Group& group, Error error, const Turn& turn);
  void fail_assignment(Group& group, Error error, const Turn& turn);
  void restart_session(Group& group, GroupMember& member, Duration timeout, const Turn& turn);
  void on_session_timer(Group& group, const std::string& member_id, const Turn& turn);
  void remove_member_and_update(Group& group, GroupMember& member, Left left, const Turn& turn);
  void drop_member(Group& group, const std::string& member_id, Left left, const Turn& turn);
  void drop_pending_member(Group& group, const std::string& member_id, const Turn& turn);

  // group_store.cpp: what goes to the log and comes back
  void store_group(Group& group, const std::vector<SyncGroupRequest::Assignment>& assignments,
                   const Turn& turn);
  void append(const Group& group, ArenaRecord record, std::uint32_t count, std::uint32_t bytes,
              PendingAppend pending, const Turn& turn);
  void on_group_stored(Group& group, const PendingAppend& append, Error error, const Turn& turn);
  void load_group(Group group, const Turn& turn);
  void unload_group(Group& group, const Turn& turn);

  BrokerId broker_ = kNoBroker;
  bool active_ = true;
  std::uint32_t next_incarnation_ = 1;
  sim::Random random_;
  std::map<PartitionId, Ownership> partitions_;
  std::map<GroupId, Group> groups_;
  CoordinatorTimers timers_;
  std::vector<PendingAppend> appends_;  // by token
  std::vector<std::uint32_t> free_appends_;
};

}  // namespace isrlab::model
