// The replicated state of ZooKeeper: the data tree with its stats, the ephemerals of each session
// and the session table. Follows DataTree.java and DataNode.java of ZooKeeper 3.8 (reference
// controller-zookeeper.md 1.1).
//
// A copy shares everything and costs one pointer; a write clones only what it changes and only as
// long as somebody else shares it. So a snapshot sent to a follower, a checkpoint of the world and
// what a server keeps on its disk are all plain copies.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/protocol/zookeeper.hpp"

namespace isrlab::model {

/// One change of one node, in the order in which watches fire on it. The path lives as long as the
/// transaction.
struct ZkChange {
  ZkEventType type = ZkEventType::kNodeCreated;
  std::string_view path;
};

/// `/a/b` of `/a/b/c`, `/` of `/a`; the root has no parent: "".
std::string_view zk_parent(std::string_view path);
/// `c` of `/a/b/c`.
std::string_view zk_name(std::string_view path);

class ZkTree {
 public:
  struct Session {
    sim::Duration timeout = 0;
    ProcessId owner = kNone;
  };
  using Ephemerals = std::set<std::string, std::less<>>;

  struct Node {
    std::int64_t czxid = 0;
    std::int64_t mzxid = 0;
    std::int64_t pzxid = 0;
    std::int32_t version = 0;
    std::int32_t creations = 0;  // children ever created; the stored cversion of DataNode
    std::int64_t ephemeral_owner = 0;
    ZnodeValue value;
    std::map<std::string, std::shared_ptr<Node>, std::less<>> children;

    ZkStat stat() const;
  };

  ZkTree();

  /// Null if there is no such node.
  const Node* find(std::string_view path) const;
  /// Applies a prepared transaction; it cannot fail. `changes` (may be null) receives what watches
  /// fire on, `results` (may be null) the answer per op of the client's request.
  void apply(const ZkTransaction& transaction, std::vector<ZkChange>* changes,
             std::vector<ZkOpResult>* results);

  /// Answers exists, getData or getChildren.
  ZkOpResult read(const ZkOp& op) const;

  /// Paths of the ephemerals of a session in path order, null if it has none.
  const Ephemerals* ephemerals(std::int64_t session_id) const;
  const std::map<std::int64_t, Session>& sessions() const { return tables_->sessions; }
  const Session* find_session(std::int64_t session_id) const;

  std::int64_t last_zxid() const { return last_zxid_; }
  /// A new leader starts at epoch << 32 without a transaction of its own.
  void set_last_zxid(std::int64_t zxid) { last_zxid_ = zxid; }
  std::size_t node_count() const { return nodes_; }

 private:
  struct Tables {
    std::map<std::int64_t, Session> sessions;
    std::map<std::int64_t, Ephemerals> ephemerals;
  };
  Node& writable(std::string_view path);
  Tables& writable_tables();
  Node& create(const ZkOp& op, std::int64_t session_id, std::int64_t zxid);
  void remove(std::string_view path, std::int64_t zxid);
  void apply_op(const ZkOp& op, const ZkTransaction& transaction, std::vector<ZkChange>* changes,
                ZkOpResult* result);

  std::shared_ptr<Node> root_;
  std::shared_ptr<Tables> tables_;
  std::int64_t last_zxid_ = 0;
  std::size_t nodes_ = 1;
};

}  // namespace isrlab::model
