// One server of the ZooKeeper ensemble: QuorumPeer with its roles. Elections as FastLeaderElection,
// discovery, synchronisation and broadcast as Leader, LearnerHandler, Learner and Follower, the
// client side as NIOServerCnxn, CommitProcessor and FinalRequestProcessor of ZooKeeper 3.8
// (reference controller-zookeeper.md 1.1 to 1.6). An ensemble of one runs standalone: no election,
// zxids without an epoch.
//
// Where a follower's state has to be brought in line with the leader's, the leader always sends its
// whole tree (shared, not copied) in place of choosing between DIFF, TRUNC and SNAP. Acks and
// commits are cumulative: one packet stands for all transactions up to its zxid.
//
// Files: server.cpp life, disk and dispatch; server_election.cpp votes between servers;
// server_leader.cpp; server_follower.cpp; server_clients.cpp clients and committed transactions.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "model/out.hpp"
#include "model/protocol/zookeeper.hpp"
#include "model/zookeeper/disk.hpp"
#include "model/zookeeper/election.hpp"
#include "model/zookeeper/prepare.hpp"
#include "model/zookeeper/sessions.hpp"
#include "model/zookeeper/tree.hpp"
#include "model/zookeeper/watches.hpp"
#include "sim/random.hpp"

namespace isrlab::model {

enum class ZkServerState : std::uint8_t { kDown, kLooking, kFollowing, kLeading };

class ZkServer {
 public:
  ZkServer(std::int32_t id, const Catalog& catalog, std::uint64_t seed);
  /// The process starts with what its disk holds.
  void start(Out& out);
  /// The process dies: everything volatile is gone, the fsynced log stays.
  void crash();
  /// The disk is empty from now on. The process is dead.
  void wipe() { disk_ = ZkDisk(); }
  /// The next write fails, and the server ends itself; nor does it start.
  void set_disk_failed(bool failed) { disk_failed_ = failed; }
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  /// Fault: the leader ends this session now although its owner lives. False if not leading.
  bool expire_session(std::int64_t session_id, Out& out);

  std::int32_t id() const { return id_; }
  ZkServerState state() const { return state_; }
  bool serving() const { return serving_; }  // answers clients
  std::int32_t leader() const;               // id it follows or itself, 0 if unknown
  std::int64_t last_zxid() const { return disk_.tree().last_zxid(); }
  std::int64_t epoch() const { return disk_.current_epoch; }
  /// Last transaction of earlier epochs that this leader had when it began to serve.
  std::int64_t inherited_zxid() const { return leading_.inherited_zxid; }
  const ZkTree& tree() const { return disk_.tree(); }  // committed state
  const ZkDisk& disk() const { return disk_; }
  /// The leader's session tracker; empty elsewhere.
  const ZkSessions& sessions() const { return leading_.sessions; }
  const ZkWatches& watches() const { return watches_; }
  std::size_t client_count() const { return clients_.size(); }

  /// Dense timer slots of the process, which are also the kinds of its timers.
  enum class Timer : std::uint16_t {
    kBoot,
    kElectionSilence,
    kElectionFinalize,
    kLeaderInit,
    kHalfTick,
    kSessionExpiry,
    kLeaderSilent,
    kConnectRetry,
  };

 private:
  struct Peer {
    std::int32_t id = 0;
    ProcessId process = kNone;
    ConnectionId dialled = kNone;  // connection that this server opened
    bool dialled_open = false;
    sim::Time dialled_at = 0;
    ConnectionId accepted = kNone;  // connection that the peer opened
    bool prefer_accepted = false;   // the later one is the one that surely works
  };
  /// A connection from another server that has not said yet what it is for.
  struct UnknownLink {
    ConnectionId connection = kNone;
    std::uint32_t peer = 0;
  };

  /// A client request that waits for its turn behind a write of the same session.
  struct Waiting {
    enum class Kind : std::uint8_t { kWrite, kSync, kRead, kPing };
    Kind kind = Kind::kPing;
    std::uint32_t xid = 0;
    ZkRequest request;  // reads only
  };
  struct Client {
    enum class State : std::uint8_t { kAccepted, kInitialising, kOpen };
    ProcessId process = kNone;
    State state = State::kAccepted;
    bool touched = false;  // on a follower: since its last answer to the leader's ping
    std::int64_t session_id = 0;
    sim::Duration timeout = 0;
    std::deque<ZkRequest> held;  // sent before the session was confirmed
    std::deque<Waiting> waiting;
  };
  using Clients = std::map<ConnectionId, Client>;

  struct Learner {
    std::int32_t id = 0;
    std::uint32_t index = 0;  // of the peer
    ConnectionId connection = kNone;
    bool epoch_acked = false;
    bool forwarding = false;        // has the snapshot: gets proposals and commits
    bool new_leader_acked = false;  // takes part
    sim::Time last_heard = 0;
    std::int64_t tick_deadline = 0;  // tickOfNextAckDeadline
    // SyncLimitCheck: the oldest proposal being timed and the latest one after it.
    std::int64_t timed_zxid = 0;
    sim::Time timed_since = 0;
    std::int64_t next_zxid = 0;
    sim::Time next_since = 0;
  };
  struct Proposal {
    ZkTransactionPtr transaction;
    std::uint32_t acks = 0;  // bit per server
  };
  struct PendingSync {
    std::int64_t zxid = 0;         // answered when this is committed
    ConnectionId learner = kNone;  // kNone: a client of the leader itself
    ConnectionId client = kNone;
    std::uint32_t xid = 0;
  };
  enum class LeaderStage : std::uint8_t {
    kIdle,
    kDiscovery,      // collecting accepted epochs
    kWritingEpoch,   // accepted epoch on its way to the disk
    kEpochAcks,      // collecting acks of the new epoch
    kNewLeaderAcks,  // synchronising followers
    kBroadcast,      // leads
  };
  struct Leading {
    LeaderStage stage = LeaderStage::kIdle;
    std::int64_t epoch = 0;
    std::int64_t next_zxid = 0;
    std::int64_t inherited_zxid = 0;
    std::uint32_t joined = 0;  // bits of the servers counted in the present stage
    std::vector<Learner> learners;
    std::deque<Proposal> outstanding;
    std::vector<PendingSync> syncs;
    ZkPreparation preparation;
    ZkSessions sessions;
    sim::Time expiry_armed = sim::kNever;
    std::int64_t tick = 0;
    bool tick_skip = true;
  };
  enum class FollowerStage : std::uint8_t {
    kIdle,
    kConnecting,
    kRegistering,   // FollowerInfo sent
    kWritingEpoch,  // accepted epoch on its way to the disk
    kSyncing,       // waits for the leader's state
    kInstalling,    // it is on its way to the disk
    kInstalled,     // waits for UpToDate
    kServing,
  };
  struct Following {
    FollowerStage stage = FollowerStage::kIdle;
    std::uint32_t leader = 0;  // index of the peer
    ConnectionId connection = kNone;
    int attempts = 0;
    std::int64_t epoch = 0;
    sim::Time last_heard = 0;
    std::shared_ptr<const ZkTree> tree;
    std::vector<ZkTransactionPtr> pending;  // proposals that came before it is installed
    std::size_t pending_written = 0;        // how many of them are on their way to the disk
    std::int64_t commit_to = 0;
    std::vector<std::int64_t> touches;  // of clients that have gone since the last ping
  };

  static constexpr std::uint32_t kEpochFileBytes = 16;
  enum class DiskJob : std::uint32_t { kLog, kAcceptedEpoch, kCurrentEpoch, kSnapshot };

  // server.cpp
  void boot(Out& out);
  void look(Out& out);
  void begin_election(Out& out);
  void leave_role(Out& out);
  void begin_serving(Out& out);
  bool disk_fails(Out& out);
  void write(DiskJob job, std::uint32_t bytes, Out& out);
  void log(ZkTransactionPtr transaction, Out& out);
  void flush(Out& out);
  void on_disk_done(std::uint32_t token, Out& out);
  void on_timer(Timer timer, Out& out);
  void on_message(const sim::Activation& activation, Messages& messages, Out& out);
  void on_closed(ConnectionId connection, Out& out);
  bool alone() const { return peers_.size() == 1; }
  bool quorum(std::uint32_t members) const;
  std::uint32_t own_bit() const { return 1U << own_index_; }
  void set_timer(Timer kind, sim::Time deadline, Out& out) {
    out.set_timer(static_cast<sim::TimerSlot>(kind), deadline, kind);
  }
  void cancel_timer(Timer kind, Out& out) { out.cancel_timer(static_cast<sim::TimerSlot>(kind)); }

  // server_election.cpp
  void on_notification(ConnectionId connection, const ZkNotification& notification, Out& out);
  void take_action(const ZkElection::Action& action, Peer* sender, Out& out);
  void send_vote(Peer& peer, Out& out);
  void transmit_vote(ConnectionId connection, Out& out);
  void on_election_connected(Peer& peer, Out& out);
  bool adopt_link(ConnectionId connection);
  bool forget_election_link(ConnectionId connection);
  Peer* peer_by_id(std::int32_t id);

  // server_leader.cpp
  void lead(Out& out);
  void lead_alone(Out& out);
  void on_learner_packet(ConnectionId connection, ZkQuorumPacket& packet, Out& out);
  void on_follower_info(ConnectionId connection, const ZkQuorumPacket& packet, Out& out);
  void on_epoch_ack(Learner& learner, const ZkQuorumPacket& packet, Out& out);
  void on_epoch_written(Out& out);
  void on_ack(Learner& learner, std::int64_t zxid, Out& out);
  void on_log_synced_by_leader(Out& out);
  void synchronise(Learner& learner, Out& out);
  void count_new_leader_acks(Out& out);
  void begin_broadcast(Out& out);
  void drop_learner(ConnectionId connection, bool close, Out& out);
  void on_half_tick(Out& out);
  ProcessId session_owner(std::int64_t session_id) const;
  void propose(ZkTransaction request, Out& out);
  void try_commit(Out& out);
  void request_sync(ConnectionId learner, ConnectionId client, std::uint32_t xid, Out& out);
  void answer_syncs(Out& out);
  void expire_sessions(Out& out);
  void arm_expiry(Out& out);
  void close_session(const ZkSessions::Session& session, Out& out);
  bool ends_nothing(const ZkTransaction& transaction) const;
  void record_commit(const ZkTransaction& transaction, Out& out);
  Learner* learner_of(ConnectionId connection);

  // server_follower.cpp
  void follow(std::uint32_t leader, Out& out);
  void on_leader_connected(Out& out);
  void on_leader_unreachable(Out& out);
  void on_leader_packet(ZkQuorumPacket& packet, Out& out);
  void on_leader_info(std::int64_t epoch, Out& out);
  void acknowledge_epoch(bool new_epoch, Out& out);
  void on_snapshot_written(Out& out);
  void on_up_to_date(Out& out);
  void answer_ping(Out& out);
  void check_leader_silence(Out& out);
  void acknowledge(std::int64_t zxid, Out& out);

  // server_clients.cpp
  void on_client_connect(Client& client, ConnectionId connection, const ZkConnectRequest& request,
                         Out& out);
  void finish_session(ConnectionId connection, bool valid, Out& out);
  void on_client_request(Client& client, ConnectionId connection, ZkRequest& request, Out& out);
  void on_client_ping(Client& client, ConnectionId connection, Out& out);
  bool touch(Client& client, Out& out);
  void submit(ZkTransaction request, Out& out);
  void commit_up_to(std::int64_t zxid, Out& out);
  void apply_next(Out& out);
  void answer_write(const ZkTransaction& transaction, std::vector<ZkOpResult>& results, Out& out);
  void answer_read(ConnectionId connection, const ZkRequest& request, Out& out);
  void answer_sync(ConnectionId connection, std::uint32_t xid, Out& out);
  void drain(Client& client, ConnectionId connection, Out& out);
  void send_firings(Out& out);
  void forget_client(ConnectionId connection);
  void close_client(ConnectionId connection, Out& out);
  void close_session_clients(std::int64_t session_id, ConnectionId except, Out& out);
  void close_all_clients(Out& out);

  // What the server is.
  std::int32_t id_ = 0;
  std::uint32_t own_index_ = 0;
  ZooKeeperConfig config_;
  sim::Random random_;
  ZkDisk disk_;
  bool halting_ = false;
  bool disk_failed_ = false;  // of the environment: survives the process
  std::uint32_t last_token_ = 0;
  /// In the tree without having been told of their commit. For the history only: a leader that
  /// keeps them reports their commit.
  std::vector<ZkTransactionPtr> uncertain_;

  // Volatile: gone with the process.
  ZkServerState state_ = ZkServerState::kDown;
  bool serving_ = false;
  sim::Duration clock_phase_ = 0;
  std::vector<Peer> peers_;  // all servers, this one included; empty of connections after a crash
  std::vector<UnknownLink> unknown_links_;
  ZkElection election_;
  bool awaiting_flush_ = false;        // the log is flushed before an election begins
  std::vector<ZkNotification> early_;  // votes that came meanwhile
  bool flushing_ = false;
  std::uint32_t flush_token_ = 0;
  std::int64_t flush_to_ = 0;
  std::uint32_t epoch_token_ = 0;
  Leading leading_;
  Following following_;
  Clients clients_;
  ZkWatches watches_;
  std::int64_t next_session_id_ = 0;
  std::vector<ZkFiring> firings_;  // scratch
  std::vector<ZkChange> changes_;  // scratch
};

}  // namespace isrlab::model
