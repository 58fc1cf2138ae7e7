// One Kafka broker: request handling, replicas, fetchers, the ISR, its ZooKeeper session, the
// controller and the group coordinator it may be. The class is one actor; its parts live in files
// named after Kafka's classes: produce and fetch (ReplicaManager), fetcher (ReplicaFetcherThread),
// control (LeaderAndIsr, StopReplica, UpdateMetadata), isr (AlterPartitionManager), life
// (KafkaServer), metadata (KafkaApis).
#pragma once
#include <vector>

#include "model/broker/follower.hpp"
#include "model/broker/metadata_cache.hpp"
#include "model/broker/partition.hpp"
#include "model/broker/replication_quota.hpp"
#include "model/broker/request_channel.hpp"
#include "model/broker/rpc_channel.hpp"
#include "model/controller/assignment.hpp"
#include "model/controller/controller.hpp"
#include "model/coordinator/group_coordinator.hpp"
#include "model/out.hpp"
#include "model/timers.hpp"
#include "model/zookeeper/client.hpp"
#include "sim/slots.hpp"

namespace isrlab::model {

enum class BrokerState : std::uint8_t {
  kDown,
  kStarting,     // JVM start, log loading
  kRegistering,  // connecting to ZooKeeper, creating /brokers/ids/<id>
  kRegistered,   // the controller's part runs, the port is still closed
  kRunning,
  kShuttingDown,  // controlled shutdown
  kClosing,       // no longer serving; closing the ZooKeeper session
};

/// Tokens of ZooKeeper batches: which part of the broker waits for the answer.
enum class ZkUser : std::uint32_t { kRegistration = 1, kController = 2, kTopics = 3, kLogDirs = 4 };

/// A fetch session that watches a partition.
struct FetchWatcher {
  std::uint32_t slot = 0;   // of the server connection
  std::uint32_t index = 0;  // of the partition within the session
};

/// One hosted replica with everything that waits for it.
struct Replica {
  PartitionId id = 0;
  Partition partition;
  std::vector<FetchWatcher> watchers;
  std::vector<std::uint32_t> produce_waiting;   // server connections with a parked produce
  std::vector<std::uint32_t> internal_waiting;  // appends of the coordinator
};

/// An append of the coordinator with acks=all.
struct InternalAppend {
  bool in_use = false;
  PartitionId partition = 0;
  std::uint32_t token = 0;
  std::int64_t base_offset = 0;
  std::int64_t required_offset = 0;
  std::uint32_t timer_slot = 0;
};

/// An ISR change on its way to the controller (AlterPartitionItem).
struct AlterItem {
  PartitionId partition = 0;
  std::int32_t leader_epoch = 0;
  std::uint32_t cause = 0;  // kept event of the proposal
  bool in_flight = false;
};

/// A CreateTopics request that waits until this broker's metadata has leaders everywhere.
struct PendingTopics {
  std::uint32_t request = kNone;  // handle of the request, kNone = asked by this broker itself
  std::uint32_t correlation = 0;
  std::uint32_t token = 0;  // of the writes to ZooKeeper; 0 when they are done
  std::vector<CreateTopicsResponse::Topic> topics;
  Time deadline = 0;
};

/// Tokens of disk writes with this bit are places in a list of DiskWait, others are flushes.
inline constexpr std::uint32_t kSyncToken = 1U << 30;

/// What a thread of a broker goes on with when the disk has synced.
struct DiskWait {
  bool in_use = false;
  std::uint32_t server = kNone;   // request handle: a request handler's thread
  std::uint32_t fetcher = kNone;  // ... or that of a fetcher
  bool produces = false;          // it handles `produce`, not `request`
  LeaderAndIsrRequest request;
  ProduceRequest produce;
  FetchResponse response;
};

/// How much a host that goes down takes along of what was not written back.
enum class UnflushedLoss : std::uint8_t {
  kNone,   // nothing: a process alone dies, the page cache stays
  kDrawn,  // each log keeps a drawn part
  kAll,    // all of it
  kTorn,   // the last batch of each log: it was being written
};

class Broker {
 public:
  /// What a connection of the broker is for.
  enum class EndpointKind : std::uint8_t { kServer, kFetcher, kControl, kAlter, kShutdown };
  struct Endpoint {
    EndpointKind kind = EndpointKind::kServer;
    std::uint32_t index = 0;
  };

  Broker(BrokerId id, const Catalog& catalog, std::uint64_t seed);

  void start(Out& out);
  /// The process dies: volatile state is gone, logs and checkpoints stay. Queued messages go back.
  void crash(Messages& messages);
  /// What a log lost with the memory of its host, or with its disk.
  struct DiskLoss {
    PartitionId partition = 0;
    std::int64_t from = 0;  // log end offset before
    std::int64_t to = 0;    // and after
    std::int64_t recovery_point = 0;
  };
  /// Before crash(): of what the kernel had not written back, none, a drawn part or (torn) all but
  /// the batch that was being written survives. With the host down, what survives is on the disk.
  std::vector<DiskLoss> lose_unflushed(UnflushedLoss how, bool with_host, sim::Random& random);
  /// The disk is empty from now on. The process is dead.
  std::vector<DiskLoss> wipe();
  /// Writes to the log directory fail from now on; -1: to all of them. A broker without a directory
  /// that works halts, and does not start.
  void set_disk_failed(bool failed, std::int32_t directory = -1);
  /// One more (1) or one fewer (-1) of the faults that make its disk slow.
  void slow_disk(int more) { disk_slow_ += more; }
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  /// SIGTERM: controlled shutdown, then a clean end.
  void stop(Out& out);

  // Read access for readers and the viewer.
  BrokerId id() const { return id_; }
  BrokerState state() const { return state_; }
  std::int64_t broker_epoch() const { return broker_epoch_; }
  std::int32_t controller_epoch_seen() const { return controller_epoch_seen_; }
  const MetadataCache& metadata() const { return metadata_; }
  /// Its connections but the one to ZooKeeper: what each is for.
  const FlatMap<ConnectionId, Endpoint>& endpoints() const { return endpoints_; }
  const ZkClient& zookeeper() const { return zk_; }
  const Controller& controller() const { return controller_; }
  const GroupCoordinator& groups() const { return groups_; }
  const Partition* partition(PartitionId id) const {
    const std::int32_t at = local_[id];
    return at < 0 ? nullptr : &replicas_[static_cast<std::size_t>(at)].partition;
  }
  const std::vector<Replica>& replicas() const { return replicas_; }
  const std::vector<Fetcher>& fetchers() const { return fetchers_; }
  /// This process has given up a log directory; only a restart takes it back.
  bool any_directory_offline() const;
  /// The registration was refused and the process ended: a supervisor would start it again.
  bool wants_supervisor() const { return wants_supervisor_; }

 private:
  // broker.cpp: dispatch
  void on_message(const sim::Activation& activation, Messages& messages, Out& out);
  void on_request(std::uint32_t slot, sim::MessageRef message, Messages& messages, Out& out);
  void serve(std::uint32_t slot, sim::MessageRef message, Messages& messages, Out& out);
  void on_response(const Endpoint& endpoint, sim::MessageRef message, Messages& messages, Out& out);
  void on_timer(const sim::Activation& activation, Out& out);
  void parked_timed_out(std::uint32_t slot, Out& out);
  // broker_disk.cpp
  void write_back(Out& out);
  bool disk_fails(const Replica& replica, Out& out);
  static void settle_on_disk(Replica& replica);
  std::uint32_t syncs_of(const LeaderAndIsrRequest& request) const;
  std::uint32_t syncs_of(const FetchResponse& response, const Out& out) const;
  std::uint32_t syncs_of(const ProduceRequest& request, const Out& out) const;
  bool flush_due_at(PartitionId id, std::int64_t end, const Out& out) const;
  std::uint32_t wait_for_disk(std::uint32_t syncs, Out& out);
  void synced(std::uint32_t wait, Out& out);
  void fetched(std::uint32_t index, const FetchResponse& response, Out& out);
  void log_dir_failed(std::size_t directory, Out& out);
  void partition_offline(Replica& replica, Out& out);
  void notify_log_dir_failure(Out& out);
  bool all_directories_offline() const;
  // broker_logs.cpp: LogManager
  LogContext log_context(PartitionId id, const Out& out);
  void load_logs(Out& out);
  Duration loading_time(const Out& out, std::int64_t& bytes) const;
  void logs_loaded(Out& out);
  void start_log_tasks(Out& out);
  void place_log(Partition& partition);
  void after_write(Replica& replica, std::int64_t active_base_before, Out& out);
  void after_truncation(Replica& replica);
  void log_start_raised(Replica& replica, std::int64_t from, Out& out);
  void flush(const Replica& replica, std::int64_t offset, Out& out);
  void on_disk_done(std::uint32_t token, Out& out);
  void clean_up_logs(Out& out);
  void flush_dirty_logs(Out& out);
  void checkpoint_high_watermarks(Out& out);
  void checkpoint_recovery_points(Out& out);
  void checkpoint_log_starts(Out& out);
  void expire_producers(Out& out);
  void delete_files(Out& out);
  void close_logs(Out& out);
  void logs_closed(Out& out);
  void finish(Messages& messages, Out& out);
  /// A request that is answered later is named by slot and generation of its connection, so that an
  /// answer never reaches a successor in the same slot.
  std::uint32_t request_handle(std::uint32_t slot) const;
  std::uint32_t slot_of(std::uint32_t handle) const;
  void on_connected(const sim::Activation& activation, Out& out);
  void on_closed(const sim::Activation& activation, Messages& messages, Out& out);
  void accept(ConnectionId connection, ProcessId peer);
  void drop_server_connection(std::uint32_t slot, Messages& messages, Out& out);
  template <class M>
  void respond(std::uint32_t slot, const Outgoing<M>& message, Out& out) {
    respond_ref(slot, message.ref, wire_bytes(*message.message), out);
  }
  void respond_ref(std::uint32_t slot, sim::MessageRef message, std::uint32_t bytes, Out& out);
  void drain_unmuted(Messages& messages, Out& out);
  void reset_quotas();
  PartitionContext context(PartitionId id, Time now, const Catalog& catalog) const;
  Replica* hosted(PartitionId id) {
    const std::int32_t at = local_[id];
    return at < 0 ? nullptr : &replicas_[static_cast<std::size_t>(at)];
  }
  Replica& host(PartitionId id);
  Error missing_partition_error(PartitionId id) const;

  // broker_life.cpp: start, registration, expiry, stop
  void begin_registration(Out& out);
  void zookeeper_not_found(Out& out);
  void register_broker(Out& out);
  void on_registered(const ZkClientEvent& event, Out& out);
  void enter_registered(Out& out);
  void open_port(Out& out);
  void on_zookeeper(Out& out);
  void on_zookeeper_event(ZkClientEvent& event, Out& out);
  void on_expired(Out& out);
  void attempt_controlled_shutdown(Out& out);
  void shutdown_connected(Out& out);
  void on_shutdown_response(const ControlledShutdownResponse& response, Out& out);
  void controlled_shutdown_failed(Out& out);
  void finish_shutdown(bool controlled, Out& out);

  // broker_produce.cpp
  void serve_produce(std::uint32_t slot, ProduceRequest& request, Out& out);
  void handle_produce(std::uint32_t slot, ProduceRequest& request, Out& out);
  Error append_to_leader(Replica& replica, Batch& batch, std::int8_t acks, bool& moved, Out& out);
  bool update_parked_produce(std::uint32_t slot, Out& out);
  void complete_produce(std::uint32_t slot, Out& out);
  void answer_produce(std::uint32_t slot, std::uint32_t correlation, const ParkedProduce& produce,
                      Out& out);
  Error required_offset_reached(Replica& replica, std::int64_t required, bool& done, Out& out);
  void before_append(Replica& replica);
  void after_append(Replica& replica, bool high_watermark_moved, Out& out);
  void high_watermark_moved(Replica& replica, Out& out);
  void recheck_produce(Replica& replica, Out& out);
  void produce_timed_out(std::uint32_t slot, Out& out);
  void forget_parked_produce(std::uint32_t slot);
  void append_internal(const CoordinatorAction& action, Out& out);
  void complete_internal(std::uint32_t index, Error error, Out& out);

  // broker_fetch.cpp
  void handle_fetch(std::uint32_t slot, FetchRequest& request, Out& out);
  bool update_session(std::uint32_t slot, const FetchRequest& request, Error& error);
  void add_to_session(std::uint32_t slot, const FetchRequest::Partition& wanted);
  void remove_from_session(std::uint32_t slot, PartitionId partition);
  void clear_session(std::uint32_t slot);
  void mark_dirty(std::uint32_t slot, std::uint32_t index);
  Error check_fetch(const FetchSession& session, const SessionPartition& wanted, Replica*& replica);
  /// Where this consumer should read instead (KIP-392), kNoBroker = here.
  BrokerId preferred_replica(const FetchSession& session, const SessionPartition& wanted,
                             const Replica& replica, Out& out) const;
  /// Its follower gets nothing for now (leader.replication.throttled.rate).
  bool leader_throttles(const FetchSession& session, const Replica& replica, Out& out);
  /// Counts what a fetch could take; `first_read` also moves the follower's state.
  std::int64_t look_at(std::uint32_t slot, std::uint32_t index, bool first_read, bool& at_once,
                       Out& out);
  void follower_fetched(Replica& replica, const SessionPartition& wanted, BrokerId follower,
                        Out& out);
  void refused_follower_fetched(const SessionPartition& wanted, BrokerId follower, Error error,
                                const EpochEnd& diverging, Out& out);
  /// What is left of a response that is being written.
  struct FetchBudget {
    std::int32_t bytes = 0;
    bool any_data = false;
    bool first_read = false;  // answered at once: with the high watermarks that the fetch found
    std::int64_t throttled = 0;
  };
  void complete_fetch(std::uint32_t slot, bool first_read, Out& out);
  bool answer_partition(FetchSession& session, SessionPartition& wanted, FetchResponse& response,
                        FetchBudget& budget, Out& out);
  bool read_partition(const FetchSession& session, const SessionPartition& wanted, Replica& replica,
                      FetchResponse& response, FetchResponse::Partition& answer,
                      FetchBudget& budget, Out& out);
  void recheck_fetch(std::uint32_t slot, std::uint32_t index, Out& out);
  void partition_changed(Replica& replica, Out& out);  // role or epoch: completes what is parked
  void touch_followers(Replica& replica);              // let the next fetch look again

  // broker_fetcher.cpp
  void add_fetcher(Replica& replica, Out& out);
  void remove_fetcher(PartitionId partition, Out& out);
  void run_fetcher(std::uint32_t index, Out& out);
  void send_fetch(std::uint32_t index, Out& out);
  Time fill_fetch(Fetcher& fetcher, FetchRequest& request, Out& out);
  void on_fetch_response(std::uint32_t index, FetchResponse& response, Out& out);
  void take_fetched(Fetcher& fetcher, FetcherPartition& entry, const FetchResponse& response,
                    const FetchResponse::Partition& result, Out& out);
  void truncate_removed(const FetchResponse::Partition& result, Out& out);
  /// Tells the history what happened to a replica, and does what only the broker can.
  void settle(Fetcher& fetcher, FetcherPartition& entry, Replica& replica,
              const FollowerEffects& effects, Out& out);
  FollowerContext follower_context(PartitionId id, Out& out);
  bool ask_epoch_ends(std::uint32_t index, Out& out);
  void on_epoch_ends(std::uint32_t index, const OffsetsForLeaderEpochResponse& response, Out& out);
  bool ask_out_of_range(std::uint32_t index, Out& out);
  void on_list_offsets(std::uint32_t index, const ListOffsetsResponse& response, Out& out);
  void on_fetcher_failure(std::uint32_t index, Out& out);
  void stop_fetchers(Out& out);

  // broker_quota.cpp
  bool follower_throttles(const FetcherPartition& entry, Out& out);
  void count_throttled(PartitionId partition, std::span<const Batch> batches, Out& out);
  void recheck_consumers(Out& out);

  // broker_control.cpp
  void handle_leader_and_isr(std::uint32_t slot, const LeaderAndIsrRequest& request, Out& out);
  Error apply_leader_and_isr(const PartitionStateMessage& state,
                             std::vector<PartitionId>& followers, Out& out);
  void delete_replica(Replica& replica, Out& out);
  bool follows_on(const Partition& partition, const PartitionStateMessage& state);
  void become_leader(Replica& replica, const PartitionStateMessage& state, Out& out);
  void handle_update_metadata(std::uint32_t slot, const UpdateMetadataRequest& request, Out& out);
  void handle_stop_replica(std::uint32_t slot, const StopReplicaRequest& request, Out& out);
  Error control_epoch_error(std::int64_t broker_epoch, std::int32_t controller_epoch) const;
  void offsets_partition_role(Replica& replica, bool leader, Out& out);

  // broker_isr.cpp
  void shrink_isrs(Out& out);
  void settle_followers(Replica& replica);
  void propose_isr(Replica& replica, Out& out);
  void maybe_send_alter_partition(Out& out);
  void alter_connected(Out& out);
  void on_alter_response(sim::MessageRef message, Messages& messages, Out& out);
  void on_alter_partition(const AlterPartitionResponse& response, Out& out);
  void alter_partition_result(const AlterPartitionResponse::Partition& result, Out& out);
  void alter_partition_lost(Out& out);
  void pause_alter(Duration pause, Out& out);

  // broker_metadata.cpp
  void handle_metadata(std::uint32_t slot, const MetadataRequest& request, Out& out);
  void handle_list_offsets(std::uint32_t slot, const ListOffsetsRequest& request, Out& out);
  void handle_epoch_ends(std::uint32_t slot, const OffsetsForLeaderEpochRequest& request, Out& out);
  void handle_find_coordinator(std::uint32_t slot, const FindCoordinatorRequest& request, Out& out);
  void handle_init_producer_id(std::uint32_t slot, const InitProducerIdRequest& request, Out& out);
  void serve_controller(std::uint32_t slot, sim::MessageRef message, Messages& messages, Out& out);
  void handle_create_topics(std::uint32_t slot, const CreateTopicsRequest& request, Out& out);
  void create_topics(PendingTopics pending, Out& out);
  void on_topics_written(const ZkClientEvent& event, Out& out);
  void topics_failed(std::uint32_t token, Out& out);
  void recheck_pending_topics(Out& out);
  bool topics_visible(const PendingTopics& pending, const Catalog& catalog) const;
  void answer_topics(const PendingTopics& pending, Error missing, Out& out);
  void on_producer_ids(const AllocateProducerIdsResponse& response, Out& out);
  LeaderHint hint(PartitionId id) const;
  void request_offsets_topic(Out& out);
  void on_topics_requested(const CreateTopicsResponse& response, Out& out);
  AssignmentResult place_topic(const TopicInfo& info, const Catalog& catalog);

  // broker_groups.cpp
  void run_coordinator_actions(Messages& messages, Out& out);
  void handle_group_request(std::uint32_t slot, sim::MessageRef message, Messages& messages,
                            Out& out);
  void run_controller_answers(Messages& messages, Out& out);
  void load_groups(PartitionId partition, Out& out);

  BrokerId id_ = kNoBroker;
  const BrokerConfig* config_ = nullptr;  // points into the immutable, shared catalog
  sim::Random startup_random_;
  sim::Random zk_random_;
  sim::Random jitter_random_;
  BrokerState state_ = BrokerState::kDown;
  bool wants_supervisor_ = false;
  bool halting_ = false;
  int disk_slow_ = 0;  // of the environment: faults in force that make it slow
  std::vector<DiskWait> disk_waits_;
  Time written_back_at_ = 0;
  std::int64_t broker_epoch_ = -1;
  std::int32_t controller_epoch_seen_ = -1;
  MetadataCache metadata_;
  ZkClient zk_;
  std::vector<ZkClientEvent> zk_events_;
  bool registration_due_ = false;
  int registration_step_ = 0;
  std::int64_t registered_session_ = 0;
  sim::SlotAllocator timer_slots_;
  std::uint32_t checkpoint_slot_ = 0;
  std::uint32_t shrink_slot_ = 0;
  std::uint32_t life_slot_ = 0;      // start, and the new session after an expiry
  std::uint32_t shutdown_slot_ = 0;  // the next attempt of a controlled shutdown
  std::uint32_t opening_slot_ = 0;
  std::uint32_t alter_retry_slot_ = 0;
  std::uint32_t topics_slot_ = 0;
  std::uint32_t retention_slot_ = 0;
  std::uint32_t flusher_slot_ = 0;
  std::uint32_t recovery_slot_ = 0;
  std::uint32_t log_start_slot_ = 0;
  std::uint32_t expiration_slot_ = 0;
  std::uint32_t deletion_slot_ = 0;

  FlatMap<ConnectionId, Endpoint> endpoints_;
  std::vector<ServerConnection> servers_;
  std::vector<std::uint32_t> free_servers_;
  std::vector<std::uint32_t> unmuted_;  // connections whose next waiting request may be served
  std::vector<std::uint32_t> closing_servers_;
  std::int32_t next_session_id_ = 1;

  std::vector<std::int32_t> local_;  // partition -> index in replicas_, -1 = not hosted
  std::vector<Replica> replicas_;
  bool checkpointing_ = false;

  std::vector<Fetcher> fetchers_;
  std::vector<AlterItem> alter_items_;
  RpcChannel alter_channel_;
  bool alter_pausing_ = false;
  bool ids_requested_ = false;
  bool topics_requested_ = false;  // CreateTopics for __consumer_offsets
  std::int64_t next_producer_id_ = -1;
  std::int64_t producer_ids_end_ = -1;

  std::vector<InternalAppend> internal_;
  std::vector<PendingTopics> creating_topics_;
  sim::Random topics_random_;
  std::uint32_t next_topics_token_ = 0;
  bool offsets_topic_requested_ = false;

  RpcChannel shutdown_channel_;
  std::int32_t shutdown_attempts_ = 0;
  Time shutdown_started_ = 0;

  Controller controller_;
  GroupCoordinator groups_;
  std::uint64_t seed_ = 0;
  std::uint64_t incarnation_ = 0;
  std::vector<std::pair<PartitionId, sim::TimerSlot>> loads_;
  std::vector<CoordinatorAction> actions_;
  std::vector<char> moved_;  // scratch of handle_produce

  /// One of log.dirs.
  struct LogDirectory {
    bool failed = false;      // writes fail: of the environment, survives the process
    bool clean_mark = false;  // .kafka_cleanshutdown, on the disk
    bool was_clean = false;   // the mark was there when this process looked
    bool offline = false;     // this process has given it up
  };
  /// An fsync on its way.
  struct PendingFlush {
    std::uint32_t token = 0;
    PartitionId partition = 0;
    std::int64_t offset = 0;
  };
  /// Files with the suffix .deleted.
  struct PendingDeletion {
    Time at = 0;
    PartitionId partition = 0;
    std::size_t first_batch = 0;
  };
  std::vector<LogDirectory> directories_;
  std::vector<PendingFlush> flushes_;
  std::vector<PendingDeletion> deletions_;
  std::uint32_t next_flush_ = 0;
  bool just_synced_ = false;  // scratch: what is appended now is on the disk already
  std::uint32_t next_log_dir_token_ = 0;
  bool logs_loaded_ = false;
  bool logs_closed_ = false;           // a clean shutdown has got that far
  bool session_gone_ = false;          // the session expired before it did
  std::vector<PartitionId> advanced_;  // followed here, high watermark moved in this fetch round
  ReplicationQuota leader_quota_;
  ReplicationQuota follower_quota_;
};

}  // namespace isrlab::model
