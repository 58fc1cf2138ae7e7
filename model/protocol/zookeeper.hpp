// ZooKeeper's client and quorum protocol as data (ZooKeeper 3.8: zookeeper.jute, QuorumPacket).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

/// KeeperException codes that Kafka meets.
enum class ZkCode : std::int16_t {
  kOk = 0,
  kRuntimeInconsistency = -2,
  kConnectionLoss = -4,
  kNoNode = -101,
  kBadVersion = -103,
  kNoChildrenForEphemerals = -108,
  kNodeExists = -110,
  kNotEmpty = -111,
  kSessionExpired = -112,
  kSessionMoved = -118,
};
std::string_view zk_code_name(ZkCode code);

// Contents of Kafka's znodes; JSON in reality, typed here (ZkData.scala).
struct BrokerZnode {
  BrokerId broker = kNoBroker;
};
struct ControllerZnode {
  BrokerId broker = kNoBroker;
};
struct ControllerEpochZnode {
  std::int32_t epoch = 0;
};
struct TopicZnode {
  TopicId topic = 0;
  std::shared_ptr<const std::vector<BrokerList>> replicas;  // by partition number
  // Of reassignments under way, by partition number (KIP-455); null: of none.
  std::shared_ptr<const std::vector<BrokerList>> adding;
  std::shared_ptr<const std::vector<BrokerList>> removing;
};
struct PartitionStateZnode {
  BrokerId leader = kNoBroker;
  std::int32_t leader_epoch = 0;
  std::int32_t controller_epoch = 0;
  BrokerList isr;
  bool recovering = false;
};
struct ProducerIdBlockZnode {
  BrokerId broker = kNoBroker;
  std::int64_t first = 0;
  std::int64_t last = -1;
};
struct LogDirEventZnode {
  BrokerId broker = kNoBroker;
};
using ZnodeValue =
    std::variant<std::monostate, BrokerZnode, ControllerZnode, ControllerEpochZnode, TopicZnode,
                 PartitionStateZnode, ProducerIdBlockZnode, std::string, LogDirEventZnode>;

struct ZkStat {
  std::int64_t czxid = 0;
  std::int64_t mzxid = 0;
  std::int64_t pzxid = 0;
  std::int32_t version = 0;
  std::int32_t cversion = 0;
  std::int64_t ephemeral_owner = 0;
  std::int32_t num_children = 0;
};

enum class ZkOpKind : std::uint8_t {
  kCreate,
  kCreateEphemeral,
  kCreateSequential,
  kDelete,
  kSetData,
  kCheck,  // inside a multi only
  kExists,
  kGetData,
  kGetChildren,
  kSync,
  kCreateSession,  // quorum transactions, never sent by clients as requests
  kCloseSession,
  kError,  // a failed write: consumes its zxid, changes nothing
};

/// One operation; a multi is a request with several.
struct ZkOp {
  ZkOpKind kind = ZkOpKind::kGetData;
  std::string path;
  std::int32_t version = -1;  // expected version of delete, setData, check; -1 matches anything
  bool watch = false;         // exists, getData, getChildren
  ZnodeValue value;
};

struct ZkOpResult {
  ZkCode code = ZkCode::kOk;
  ZkStat stat;
  ZnodeValue value;                   // getData
  std::vector<std::string> children;  // getChildren: names without the parent's path, sorted
  std::string path;                   // create sequential: the name it got
};

struct ZkConnectRequest {
  std::int64_t session_id = 0;  // 0 = a new session
  std::int64_t last_zxid = 0;
  sim::Duration timeout = 0;
};
struct ZkConnectResponse {
  std::int64_t session_id = 0;  // 0 with timeout 0: the session is gone
  sim::Duration timeout = 0;    // negotiated
};
struct ZkPing {
  std::uint32_t padding = 0;
};
struct ZkPong {
  std::uint32_t padding = 0;
};

struct ZkRequest {
  std::uint32_t xid = 0;
  bool multi = false;  // all or nothing, one zxid
  bool close_session = false;
  bool set_watches = false;        // after a reconnect: ops list the watched paths
  std::int64_t relative_zxid = 0;  // ... and this is what the client has seen
  std::vector<ZkOp> ops;
};
struct ZkReply {
  std::uint32_t xid = 0;
  std::int64_t zxid = 0;
  ZkCode code = ZkCode::kOk;  // first error of a multi
  std::vector<ZkOpResult> results;
};

enum class ZkEventType : std::uint8_t {
  kNodeCreated,
  kNodeDeleted,
  kNodeDataChanged,
  kNodeChildrenChanged,
};
struct ZkWatchEvent {
  ZkEventType type = ZkEventType::kNodeCreated;
  std::string path;
};

/// Vote of FastLeaderElection, between servers.
struct ZkNotification {
  std::int32_t sender = 0;
  std::int32_t leader = 0;
  std::int64_t zxid = 0;
  std::int64_t peer_epoch = 0;
  std::int64_t election_epoch = 0;  // logical clock of the round
  std::uint8_t state = 0;           // LOOKING 0, FOLLOWING 1, LEADING 2
};

/// A change of the tree or of the session table. On its way to the leader it is the client's
/// request as sent; the leader's preparation resolves it (zxid, final names, new versions) and it
/// is immutable from then on. createSession is one op of that kind; closeSession is one op of that
/// kind followed by the deletes of the session's ephemerals.
struct ZkTransaction {
  std::int64_t zxid = 0;
  std::int64_t session_id = 0;
  sim::Duration session_timeout = 0;  // createSession, closeSession
  std::vector<ZkOp> ops;              // resolved: names are final, setData holds the new version
  std::vector<ZkCode> codes;          // result per op of the request, when it failed
  std::int32_t origin = 0;            // server whose client waits for the answer
  std::uint32_t connection = kNone;   // ... and its connection there, kNone: nobody waits
  std::uint32_t xid = 0;
  ProcessId owner = kNone;   // createSession, closeSession: the process that owns it
  sim::Time last_touch = 0;  // closeSession by expiry: when the leader last heard of it
  std::uint32_t cause = 0;   // kept event that led to the request, for the history
  bool multi = false;
  bool failed = false;
  bool expired = false;  // closeSession by the leader's tracker, not by the client
};

class ZkTree;  // model/zookeeper/tree.hpp

enum class ZkPacketKind : std::uint8_t {
  kFollowerInfo,  // follower -> leader: accepted epoch, last zxid
  kLeaderInfo,    // leader -> follower: new epoch
  kAckEpoch,
  kSnapshot,  // state of the leader (stands for DIFF, TRUNC and SNAP)
  kNewLeader,
  kAck,
  kUpToDate,
  kRequest,  // follower -> leader: a client's write
  kProposal,
  kCommit,
  kPing,  // leader -> follower each half tick; the answer carries the touched sessions
  kPong,
  kRevalidate,  // follower -> leader: a session moved here
  kRevalidated,
  kSync,
};

struct ZkQuorumPacket {
  ZkPacketKind kind = ZkPacketKind::kPing;
  std::int32_t sender = 0;
  std::int64_t epoch = 0;
  std::int64_t zxid = 0;
  std::int64_t session_id = 0;
  sim::Duration timeout = 0;
  std::uint32_t connection = kNone;  // client connection at the follower, echoed
  std::uint32_t xid = 0;
  bool flag = false;                   // revalidated: valid
  std::vector<std::int64_t> sessions;  // pong: touched sessions
  std::shared_ptr<const ZkTransaction> transaction;
  std::shared_ptr<const ZkTree> tree;                         // snapshot
  std::vector<std::shared_ptr<const ZkTransaction>> pending;  // snapshot: logged, not yet committed
};

}  // namespace isrlab::model
