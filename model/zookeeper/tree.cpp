#include "model/zookeeper/tree.hpp"

#include <atomic>

namespace isrlab::model {
namespace {

/// Makes a shared thing ours before a write. Runs in different threads may hold copies of one tree:
/// the fence orders our writes after the reads of an owner that has just let go.
template <class T>
T& unshare(std::shared_ptr<T>& slot) {
  if (slot.use_count() > 1) {
    slot = std::make_shared<T>(*slot);
  } else {
    std::atomic_thread_fence(std::memory_order_acquire);
  }
  return *slot;
}

/// Takes the first name off a path "/a/b": returns "a", leaves "/b".
std::string_view next_name(std::string_view& rest) {
  const std::size_t end = rest.find('/', 1);
  const std::string_view name = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return name;
}

}  // namespace

std::string_view zk_parent(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() == 1) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view zk_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

ZkStat ZkTree::Node::stat() const {
  ZkStat stat;
  stat.czxid = czxid;
  stat.mzxid = mzxid;
  stat.pzxid = pzxid;
  stat.version = version;
  stat.num_children = static_cast<std::int32_t>(children.size());
  stat.cversion = 2 * creations - stat.num_children;  // every creation and deletion counts once
  stat.ephemeral_owner = ephemeral_owner;
  return stat;
}

ZkTree::ZkTree() : root_(std::make_shared<Node>()), tables_(std::make_shared<Tables>()) {}

const ZkTree::Node* ZkTree::find(std::string_view path) const {
  const Node* node = root_.get();
  if (path == "/") return node;
  if (path.empty() || path.front() != '/') return nullptr;
  while (!path.empty()) {
    const auto child = node->children.find(next_name(path));
    if (child == node->children.end()) return nullptr;
    node = child->second.get();
  }
  return node;
}

ZkTree::Node& ZkTree::writable(std::string_view path) {
  Node* node = &unshare(root_);
  if (path == "/") return *node;
  while (!path.empty()) {
    const auto child = node->children.find(next_name(path));
    SIM_ASSERT(child != node->children.end(), "a prepared transaction names a node that is gone");
    node = &unshare(child->second);
  }
  return *node;
}

ZkTree::Tables& ZkTree::writable_tables() {
  return unshare(tables_);
}

const ZkTree::Ephemerals* ZkTree::ephemerals(std::int64_t session_id) const {
  const auto found = tables_->ephemerals.find(session_id);
  return found == tables_->ephemerals.end() ? nullptr : &found->second;
}

const ZkTree::Session* ZkTree::find_session(std::int64_t session_id) const {
  const auto found = tables_->sessions.find(session_id);
  return found == tables_->sessions.end() ? nullptr : &found->second;
}

ZkTree::Node& ZkTree::create(const ZkOp& op, std::int64_t session_id, std::int64_t zxid) {
  Node& parent = writable(zk_parent(op.path));
  ++parent.creations;
  parent.pzxid = zxid;
  auto node = std::make_shared<Node>();
  node->czxid = node->mzxid = node->pzxid = zxid;
  node->value = op.value;
  if (op.kind == ZkOpKind::kCreateEphemeral) {
    node->ephemeral_owner = session_id;
    writable_tables().ephemerals[session_id].insert(op.path);
  }
  const auto [child, inserted] = parent.children.emplace(zk_name(op.path), std::move(node));
  SIM_ASSERT(inserted, "a prepared creation meets a node of that name");
  ++nodes_;
  return *child->second;
}

void ZkTree::remove(std::string_view path, std::int64_t zxid) {
  Node& parent = writable(zk_parent(path));
  const auto child = parent.children.find(zk_name(path));
  SIM_ASSERT(child != parent.children.end(), "a prepared deletion names a node that is gone");
  SIM_ASSERT(child->second->children.empty(), "a prepared deletion names a node with children");
  const std::int64_t owner = child->second->ephemeral_owner;
  if (owner != 0) {
    Tables& tables = writable_tables();
    const auto list = tables.ephemerals.find(owner);
    if (list != tables.ephemerals.end()) {
      const auto entry = list->second.find(path);
      if (entry != list->second.end()) list->second.erase(entry);
      if (list->second.empty()) tables.ephemerals.erase(list);
    }
  }
  parent.pzxid = zxid;
  parent.children.erase(child);
  --nodes_;
}

void ZkTree::apply_op(const ZkOp& op, const ZkTransaction& transaction,
                      std::vector<ZkChange>* changes, ZkOpResult* result) {
  const std::int64_t zxid = transaction.zxid;
  const auto changed = [&](ZkEventType type) {
    if (changes != nullptr) changes->push_back({type, op.path});
  };
  switch (op.kind) {
    case ZkOpKind::kCreate:
    case ZkOpKind::kCreateEphemeral:
    case ZkOpKind::kCreateSequential: {
      const Node& node = create(op, transaction.session_id, zxid);
      if (result != nullptr) {
        result->path = op.path;
        result->stat = node.stat();
      }
      changed(ZkEventType::kNodeCreated);
      break;
    }
    case ZkOpKind::kDelete:
      remove(op.path, zxid);
      changed(ZkEventType::kNodeDeleted);
      break;
    case ZkOpKind::kSetData: {
      Node& node = writable(op.path);
      node.value = op.value;
      node.version = op.version;
      node.mzxid = zxid;
      if (result != nullptr) result->stat = node.stat();
      changed(ZkEventType::kNodeDataChanged);
      break;
    }
    case ZkOpKind::kCreateSession:
      writable_tables().sessions[transaction.session_id] = {transaction.session_timeout,
                                                            transaction.owner};
      break;
    case ZkOpKind::kCloseSession: writable_tables().sessions.erase(transaction.session_id); break;
    case ZkOpKind::kCheck:
    case ZkOpKind::kExists:
    case ZkOpKind::kGetData:
    case ZkOpKind::kGetChildren:
    case ZkOpKind::kSync:
    case ZkOpKind::kError: break;
  }
}

void ZkTree::apply(const ZkTransaction& transaction, std::vector<ZkChange>* changes,
                   std::vector<ZkOpResult>* results) {
  SIM_ASSERT2(transaction.zxid > last_zxid_, "transactions are applied in the order of their zxids",
              transaction.zxid, last_zxid_);
  last_zxid_ = transaction.zxid;
  if (transaction.failed) {
    // A failed write is a transaction of its own: it takes a zxid and changes nothing.
    if (results == nullptr) return;
    for (const ZkCode code : transaction.codes) {
      results->emplace_back();
      results->back().code = code;
    }
    return;
  }
  for (const ZkOp& op : transaction.ops) {
    apply_op(op, transaction, changes, results == nullptr ? nullptr : &results->emplace_back());
  }
}

ZkOpResult ZkTree::read(const ZkOp& op) const {
  ZkOpResult result;
  const Node* node = find(op.path);
  if (node == nullptr) {
    result.code = ZkCode::kNoNode;
    return result;
  }
  result.stat = node->stat();
  if (op.kind == ZkOpKind::kGetData) result.value = node->value;
  if (op.kind == ZkOpKind::kGetChildren) {
    result.children.reserve(node->children.size());
    for (const auto& [name, child] : node->children) result.children.push_back(name);
  }
  return result;
}

}  // namespace isrlab::model
