// The controller part of a broker (KafkaController.scala with its event manager, channel manager
// and state machines). One thread and one queue: an event runs to its end before the next begins,
// and while it waits for ZooKeeper nothing else happens. So an event is a stack of frames, each a
// procedure with a step; a step changes the context, asks ZooKeeper, or calls a procedure.
#pragma once
#include <deque>
#include <memory>
#include <variant>
#include <vector>

#include "model/broker/rpc_channel.hpp"
#include "model/controller/context.hpp"
#include "model/out.hpp"
#include "model/zookeeper/client.hpp"
#include "sim/slots.hpp"

namespace isrlab::model {

enum class ControllerEventType : std::uint8_t {
  kStartup,
  kReelect,             // /controller vanished
  kControllerChange,    // /controller has new data
  kRegisterAndReelect,  // after a new session
  kExpire,              // the session is gone
  kBrokerChange,
  kTopicChange,
  kAlterPartition,
  kControlledShutdown,
  kAutoRebalance,
  kAllocateProducerIds,
  kLogDirEvent,           // a broker wrote a log_dir_event
  kLeaderAndIsrAnswered,  // with news of replicas on failed log directories
  kReassign,              // AlterPartitionReassignments
  kElectionAsked,         // ElectLeaders
};

struct ControllerEvent {
  ControllerEventType type = ControllerEventType::kStartup;
  std::uint32_t slot = kNone;  // handle of the request that waits for the answer
  AlterPartitionRequest alter;
  BrokerId broker = kNoBroker;
  std::int64_t broker_epoch = -1;
  std::uint32_t cause = 0;           // kept event that led to it
  std::vector<PartitionId> online;   // kLeaderAndIsrAnswered: without an error
  std::vector<PartitionId> offline;  // ... with KAFKA_STORAGE_ERROR
  AlterPartitionReassignmentsRequest reassign;
  ElectLeadersRequest elect;
};

/// An answer the broker has to send for the controller.
struct ControllerAnswer {
  std::uint32_t slot = kNone;
  sim::MessageRef message;
  std::uint32_t bytes = 0;
};

using ControlRequest = std::variant<LeaderAndIsrRequest, UpdateMetadataRequest, StopReplicaRequest>;

/// The sender thread of one broker: an unbounded queue, one request in flight, endless retries of
/// the same request until the broker is removed.
struct ControlChannel {
  bool in_use = false;
  BrokerId broker = kNoBroker;
  RpcChannel rpc;
  std::uint32_t retry_slot = 0;
  bool pausing = false;
  struct Queued {
    std::shared_ptr<const ControlRequest> request;
    std::uint32_t cause = 0;  // kept event that led to it
  };
  std::deque<Queued> queue;
};

class Controller {
 public:
  Controller() = default;
  Controller(BrokerId self, const Catalog& catalog);

  // Inputs from the broker. Each may run the queue.
  void enqueue(ControllerEvent event, ZkClient& zk, Out& out);
  void on_batch(std::vector<ZkReply>& replies, ZkClient& zk, Out& out);
  void on_watch(const ZkWatchEvent& watch, ZkClient& zk, Out& out);
  /// The session is gone: pending events are preempted, the controller resigns.
  void on_session_expired(ZkClient& zk, Out& out);
  void on_control_response(BrokerId broker, sim::MessageRef message, Messages& messages,
                           ZkClient& zk, Out& out);
  void on_channel_connected(BrokerId broker, Out& out);
  void on_channel_lost(BrokerId broker, Out& out);  // refused or closed
  void on_timer(TimerKind kind, std::uint32_t argument, ZkClient& zk, Out& out);
  /// Clean stop: gives up the role; the session's end removes /controller.
  void shut_down(Out& out);
  void crash();

  void use_slots(sim::SlotAllocator& slots) { slots_ = &slots; }
  std::vector<ControllerAnswer>& answers() { return answers_; }
  std::vector<std::pair<ConnectionId, BrokerId>>& new_connections() { return new_connections_; }
  std::vector<ConnectionId>& closed_connections() { return closed_connections_; }

  bool active() const { return active_; }
  std::uint32_t token() const { return token_; }
  BrokerId known_controller() const { return known_controller_; }
  const ControllerContext& context() const { return context_; }
  std::size_t queued_events() const { return queue_.size() + (stack_.empty() ? 0 : 1); }
  const std::vector<ControlChannel>& channels() const { return channels_; }

 private:
  enum class Procedure : std::uint8_t {
    kElect,
    kFailover,
    kBrokerChange,
    kBrokerStartup,
    kBrokerFailure,
    kElectLeaders,
    kRemoveFromIsr,
    kTopicChange,
    kCreatePartitions,
    kControlledShutdown,
    kAlterPartition,
    kAutoRebalance,
    kAllocateProducerIds,
    kLogDirEvents,
    kReplicasOffline,
    kReassign,
    kReassignPartition,
    kUpdateLeaderEpoch,
    kStopReplicas,
    kElectionAsked,
  };
  struct Frame {
    Procedure procedure = Procedure::kElect;
    int step = 0;
    ElectionStrategy strategy = ElectionStrategy::kOffline;
    ControllerEvent event;
    std::vector<BrokerId> brokers;
    std::vector<BrokerId> dead;
    std::vector<BrokerId> bounced;
    FlatMap<BrokerId, std::int64_t> epochs;
    bool restricted = false;  // kRemoveFromIsr: only these partitions
    std::vector<PartitionId> only;
    bool look_only = false;  // kElect: learn who it is, do not stand
    std::vector<PartitionId> partitions;
    std::vector<PartitionId> retry;
    std::vector<TopicId> topics;
    std::vector<std::string> names;  // of notifications
    std::vector<Leadership> proposals;
    ReplicaAssignment wanted;  // kReassignPartition
    std::vector<Error> errors;
    std::size_t cursor = 0;
    std::int32_t number = 0;
    std::int32_t version = 0;
    std::uint32_t cause = 0;  // kept event that led to it, 0 = that of the caller
  };
  struct Batch {  // AbstractControllerBrokerRequestBatch
    FlatMap<BrokerId, std::vector<PartitionStateMessage>> leader_and_isr;
    std::vector<BrokerId> update_metadata_brokers;
    std::vector<PartitionId> update_metadata_partitions;
    FlatMap<BrokerId, std::vector<StopReplicaRequest::Partition>> stop_replica;
  };

  // controller.cpp: queue, frames, ZooKeeper
  void run(ZkClient& zk, Out& out);
  void begin_event(ControllerEvent event, Out& out);
  void step(ZkClient& zk, Out& out);
  void call(Frame frame) {
    if (frame.cause == 0) frame.cause = stack_.back().cause;
    stack_.push_back(std::move(frame));
  }
  void done() { stack_.pop_back(); }
  /// The later one of what this event is about and what happened to the partition last.
  std::uint32_t cause_of(PartitionId partition) const {
    return std::max(context_.leadership[partition].cause, cause_);
  }
  void ask(std::vector<ZkRequest> requests, ZkClient& zk, Out& out);
  ZkRequest fenced(ZkOp op) const;  // multi[check /controller_epoch, op]
  bool fenced_off(const ZkReply& reply) const;
  void moved(Out& out);  // ControllerMovedException: resign, look at /controller again
  void resign(Out& out);
  void answer(std::uint32_t slot, sim::MessageRef message, std::uint32_t bytes) {
    if (slot != kNone) answers_.push_back({slot, message, bytes});
  }
  void preempt(ControllerEvent& event, Out& out);

  // procedures (controller_*.cpp)
  void step_elect(Frame& frame, ZkClient& zk, Out& out);
  void begin_failover(Frame& frame, Out& out);
  void step_failover(Frame& frame, ZkClient& zk, Out& out);
  void failover_brokers(Frame& frame);
  void failover_topics(Frame& frame);
  void failover_leaderships(Frame& frame, Out& out);
  void step_broker_change(Frame& frame, ZkClient& zk, Out& out);
  void compare_brokers(Frame& frame, Out& out);
  void step_broker_startup(Frame& frame, ZkClient& zk, Out& out);
  void step_broker_failure(Frame& frame, ZkClient& zk, Out& out);
  void step_log_dir_events(Frame& frame, ZkClient& zk, Out& out);
  void step_replicas_offline(Frame& frame, Out& out);
  void note_directories(BrokerId broker, const LeaderAndIsrResponse& response, ZkClient& zk,
                        Out& out);
  std::vector<ZkRequest> delete_log_dir_events(const std::vector<std::string>& names) const;
  void step_elect_leaders(Frame& frame, ZkClient& zk, Out& out);
  void propose_leaders(Frame& frame, ZkClient& zk, Out& out);
  void commit_leaders(Frame& frame, ZkClient& zk, Out& out);
  void step_remove_from_isr(Frame& frame, ZkClient& zk, Out& out);
  void propose_removals(Frame& frame, ZkClient& zk, Out& out);
  void commit_removals(Frame& frame, ZkClient& zk, Out& out);
  std::vector<BrokerId> replicas_without(PartitionId partition, BrokerId broker) const;
  void step_topic_change(Frame& frame, ZkClient& zk, Out& out);
  void step_create_partitions(Frame& frame, ZkClient& zk, Out& out);
  void step_controlled_shutdown(Frame& frame, ZkClient& zk, Out& out);
  void step_alter_partition(Frame& frame, ZkClient& zk, Out& out);
  void answer_alter_partition(Frame& frame, Out& out);
  void step_auto_rebalance(Frame& frame, ZkClient& zk, Out& out);
  void step_allocate_producer_ids(Frame& frame, ZkClient& zk, Out& out);

  // reassignment.cpp
  void step_reassign(Frame& frame, Out& out);
  void step_reassign_partition(Frame& frame, ZkClient& zk, Out& out);
  void begin_move(Frame& frame, Out& out);
  void begin_copying(Frame& frame, Out& out);
  void begin_completion(Frame& frame, Out& out);
  void step_update_leader_epoch(Frame& frame, ZkClient& zk, Out& out);
  void step_stop_replicas(Frame& frame, Out& out);
  void step_election_asked(Frame& frame, Out& out);
  Error judge_reassignment(const AlterPartitionReassignmentsRequest::Partition& move,
                           ReplicaAssignment& wanted) const;
  ReplicaAssignment assignment_of(PartitionId partition) const;
  void set_assignment(PartitionId partition, const ReplicaAssignment& assignment);
  ZkRequest write_assignment(PartitionId partition, const ReplicaAssignment& assignment) const;
  /// Looks again at those reassignments; only what is complete goes on if `only_complete`.
  void resume(const std::vector<PartitionId>& partitions, bool only_complete);
  std::vector<PartitionId> moving_to(const std::vector<BrokerId>& brokers) const;

  // controller_channels.cpp: request batches and senders
  void add_leader_and_isr(const std::vector<BrokerId>& brokers, PartitionId partition, bool is_new);
  void add_update_metadata(PartitionId partition);
  void add_update_metadata_all();  // to everybody, no partitions
  void add_stop_replica(BrokerId broker, PartitionId partition, bool delete_partition);
  void flush(Out& out);
  void send_update_metadata(const std::vector<BrokerId>& brokers,
                            const std::vector<PartitionId>& partitions, Out& out);
  void send(BrokerId broker, ControlRequest request, Out& out);
  void run_channel(ControlChannel& channel, Out& out);
  ControlChannel* channel(BrokerId broker);
  void close_channel(ControlChannel& channel, Out& out);
  void add_broker(BrokerId broker, Out& out);
  void remove_broker(BrokerId broker, Out& out);
  std::vector<BrokerId> live_or_shutting_down() const;
  PartitionStateMessage state_message(PartitionId partition, bool is_new) const;
  void note_state(PartitionId partition, const Leadership& leadership, Out& out);
  std::vector<PartitionId> partitions_with_replica_on(const std::vector<BrokerId>& brokers) const;
  std::vector<PartitionId> partitions_in(PartitionState state) const;
  ZkRequest read(std::string path, bool watch = false) const;
  ZkRequest children(std::string path) const;
  ZkRequest write_state(PartitionId partition, const Leadership& proposal,
                        std::int32_t version) const;
  std::vector<ZkRequest> read_states(const std::vector<PartitionId>& partitions) const;
  void refresh(PartitionId partition, const ZkOpResult& read);
  void learn_broker_epochs(const std::vector<BrokerId>& names,
                           FlatMap<BrokerId, std::int64_t>& epochs) const;
  std::vector<BrokerId> broker_names(const ZkReply& reply) const;
  std::vector<TopicId> topic_names(const ZkReply& reply) const;

  BrokerId self_ = kNoBroker;
  const Catalog* catalog_ = nullptr;     // immutable, shared by all copies of the world
  sim::SlotAllocator* slots_ = nullptr;  // of the broker; set before each call
  bool active_ = false;
  bool waiting_ = false;     // for ZooKeeper
  std::uint32_t cause_ = 0;  // of the frame that runs
  std::uint32_t token_ = 0;
  std::uint32_t next_token_ = 0;
  BrokerId known_controller_ = kNoBroker;
  ControllerContext context_;
  std::deque<ControllerEvent> queue_;
  std::vector<Frame> stack_;
  std::vector<ZkReply> replies_;
  Batch batch_;
  std::vector<ControlChannel> channels_;
  std::vector<ControllerAnswer> answers_;
  std::vector<std::pair<ConnectionId, BrokerId>> new_connections_;
  std::vector<ConnectionId> closed_connections_;  // by the controller itself
  std::uint32_t rebalance_slot_ = kNone;
};

}  // namespace isrlab::model
