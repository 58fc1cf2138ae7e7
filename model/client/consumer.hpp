// A consuming application: a loop of KafkaConsumer#poll and processing, and the Java consumer of
// the classic group protocol under it (ClassicKafkaConsumer, AbstractCoordinator,
// ConsumerCoordinator, Fetcher, 3.9; reference clients-and-groups.md 2). Assignor range, protocol
// EAGER. Two threads share the state, as in Kafka: the application's, which does everything but
// heartbeats and is away while it processes records, and the heartbeat thread. Answers are handled
// when they arrive, whoever would have read them.
#pragma once
#include <string>
#include <vector>

#include "model/client/assignor_range.hpp"
#include "model/client/heartbeat.hpp"
#include "model/client/network_client.hpp"
#include "model/client/subscription.hpp"

namespace isrlab::model {

enum class MemberState : std::uint8_t {
  kUnjoined,
  kPreparingRebalance,   // JoinGroup is under way
  kCompletingRebalance,  // SyncGroup is under way; heartbeats run
  kStable,
};

/// Why a position was reset: reason of PositionReset.
enum class ResetReason : std::uint8_t { kNoCommittedOffset, kOutOfRange };

class Consumer {
 public:
  Consumer(std::uint32_t index, const Catalog& catalog, std::uint64_t seed);

  void start(Out& out);
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  /// The process dies: nothing survives but the random streams.
  void crash();
  /// KafkaConsumer#close: last commit, LeaveGroup, end of the process.
  void stop(Out& out);

  // Read access for readers and the viewer.
  std::uint32_t index() const { return index_; }
  GroupId group() const { return group_; }
  const std::string& member_id() const { return member_id_; }
  std::int32_t generation() const { return generation_; }
  MemberState state() const { return state_; }
  BrokerId coordinator() const { return coordinator_; }
  const std::vector<PartitionId>& assignment() const { return subscription_.assignment(); }
  /// Next offset to return; -1 = none or not assigned.
  std::int64_t position(PartitionId partition) const;
  /// What the group last confirmed to this member; -1 = unknown.
  std::int64_t committed(PartitionId partition) const;
  std::int64_t high_watermark(PartitionId partition) const;
  /// The broker that its latest data came from, kNoBroker = none yet.
  BrokerId source(PartitionId partition) const;
  /// The follower it was told to read from (KIP-392), kNoBroker = it reads from the leader.
  BrokerId preferred_read_replica(PartitionId partition) const;
  bool processing(Time monotonic) const { return monotonic < busy_until_; }
  std::int64_t records_delivered() const { return delivered_; }
  /// auto.offset.reset=none and no position, or a fatal answer: the application ended. kNone =
  /// fine.
  Error fatal() const { return fatal_; }
  const NetworkClient& network() const { return network_; }

 private:
  enum class FindPhase : std::uint8_t { kIdle, kAsked, kBackoff, kAwaitMetadata };
  enum class CommitPurpose : std::uint8_t { kAuto, kPrepare, kClose };
  enum class CommitState : std::uint8_t { kNotSent, kPending, kDone, kRetriable };
  enum class ClosePhase : std::uint8_t { kOpen, kCommit, kLeave, kAwaitLeave, kClosed };
  struct Commit {
    CommitPurpose purpose = CommitPurpose::kAuto;
    std::int32_t generation = -1;
    std::vector<OffsetCommitRequest::Partition> offsets;
  };
  struct FetchSession {  // of one leader
    std::int32_t id = 0;
    std::int32_t epoch = 0;              // 0: the next fetch is full
    bool pending = false;                // one fetch in flight
    bool wanted = false;                 // scratch
    std::vector<PartitionId> forgotten;  // that are fetched from another broker by now
  };

  // consumer.cpp: dispatch and the application's loop
  void run(Out& out);
  void dispatch(const InFlightRequest& request, const sim::Activation& activation,
                Messages& messages, Out& out);
  void on_failures(Out& out);
  void on_failure(const FailedRequest& failure, Out& out);
  void poll(Out& out);
  void die(Error error, Out& out);
  void run_close(Out& out);
  void note(Time deadline, Out& out) {
    if (deadline > out.now()) wake_.note(deadline);
  }

  // consumer_coordinator.cpp: finding the coordinator, heartbeats, commits
  void find_coordinator(Out& out);
  void find_failed(Out& out);
  void on_find_coordinator(const FindCoordinatorResponse& response, Out& out);
  void coordinator_unknown(bool disconnected, Out& out);
  bool coordinator_ready(Out& out);
  void heartbeat_pass(Out& out);
  void on_heartbeat(const InFlightRequest& request, Error error, Out& out);
  void leave_group(Out& out);
  void reset_generation(bool keep_member_id);
  bool send_commit(CommitPurpose purpose, Out& out);
  void on_commit(std::uint32_t token, const OffsetCommitResponse* response, Out& out);
  void commit_finished(CommitPurpose purpose, bool success, bool retriable, Out& out);
  void auto_commit(Out& out);

  // consumer_group.cpp: joining
  bool ensure_active_group(Out& out);
  bool prepare_join(Out& out);
  void give_up_partitions(Out& out);
  void send_join(Out& out);
  void on_join(const JoinGroupResponse& response, Out& out);
  void perform_assignment(const JoinGroupResponse& response, const Catalog& catalog);
  void send_sync(Out& out);
  void on_sync(const SyncGroupResponse& response, Out& out);
  void join_failed(Error error, Out& out);
  void join_complete(const std::vector<PartitionId>& partitions, Out& out);
  bool topics_changed() const;

  // consumer_fetch.cpp: positions and data
  void update_positions(Out& out);
  void fetch_committed(Out& out);
  void on_offset_fetch(const OffsetFetchResponse& response, std::uint32_t token, Out& out);
  void reset_positions(Out& out);
  void on_list_offsets(const InFlightRequest& request, const ListOffsetsResponse& response,
                       Out& out);
  void list_offsets_failed(NodeIndex node, Out& out);
  void send_fetches(Out& out);
  void send_fetch(BrokerId broker, Out& out);
  void on_fetch(const InFlightRequest& request, const FetchResponse& response, Out& out);
  BrokerId read_replica(SubscribedPartition& entry, Out& out);
  void take_fetched(NodeIndex node, const FetchResponse& response,
                    const FetchResponse::Partition& result, Out& out);
  std::uint32_t collect(Out& out);
  std::uint32_t deliver(SubscribedPartition& entry, std::uint32_t room, Out& out);
  void handle_fetch_error(SubscribedPartition& entry, Out& out);

  std::uint32_t index_ = 0;
  const ConsumerGroupSpec* spec_ = nullptr;  // points into the immutable, shared catalog
  GroupId group_ = 0;
  std::vector<TopicId> topics_;
  std::string client_id_;
  RackId rack_ = kNoRack;  // client.rack
  NetworkClient network_;
  SubscriptionState subscription_;
  LazyTimer wake_;

  // The application.
  Time busy_until_ = 0;  // monotonic: the work itself takes its time
  std::int64_t delivered_ = 0;
  Error fatal_ = Error::kNone;
  ClosePhase close_ = ClosePhase::kOpen;
  Time close_deadline_ = sim::kNever;
  bool leave_sent_ = false;

  // The coordinator.
  BrokerId coordinator_ = kNoBroker;
  BrokerId last_coordinator_ = kNoBroker;  // the one last written to the history
  bool coordinator_wanted_ = false;        // a request waits for its connection
  FindPhase find_phase_ = FindPhase::kIdle;
  std::int64_t find_failures_ = 0;
  Time find_retry_at_ = 0;
  std::uint32_t awaited_version_ = 0;
  Heartbeat heartbeat_;

  // The member.
  MemberState state_ = MemberState::kUnjoined;
  std::string member_id_;
  std::int32_t generation_ = -1;
  bool rejoin_needed_ = true;
  bool needs_prepare_ = true;
  bool join_pending_ = false;    // JoinGroup or SyncGroup is under way ...
  bool request_unsent_ = false;  // ... but waits for its connection
  std::vector<SyncGroupRequest::Assignment> assignments_;  // of the leader, for SyncGroup
  bool leading_ = false;
  std::vector<bool> assigned_with_;  // topics the leader knew when it assigned
  Time join_retry_at_ = 0;
  Time prepare_deadline_ = sim::kNever;
  Time prepare_retry_at_ = 0;
  CommitState prepare_commit_ = CommitState::kNotSent;
  std::uint32_t assignment_version_ = 0;

  // Commits and positions.
  Time next_auto_commit_ = sim::kNever;
  std::vector<Commit> commits_;
  std::vector<std::uint32_t> free_commits_;
  bool offset_fetch_pending_ = false;
  Time offset_fetch_retry_at_ = 0;
  std::int64_t offset_fetch_failures_ = 0;
  std::uint32_t initializing_ = 0;       // partitions without a position
  std::uint32_t awaiting_reset_ = 0;     // partitions that wait for the reset policy
  std::vector<FetchSession> sessions_;   // by broker id
  std::vector<FailedRequest> failures_;  // scratch
};

}  // namespace isrlab::model
