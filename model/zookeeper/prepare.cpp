#include "model/zookeeper/prepare.hpp"

#include <set>

namespace isrlab::model {
namespace {

std::string sequence_suffix(std::int32_t number) {
  std::string digits = std::to_string(number);  // %010d
  return std::string(digits.size() < 10 ? 10 - digits.size() : 0, '0') + digits;
}

}  // namespace

ZkPreparation::Record ZkPreparation::record_of(std::string_view path, const ZkTree& tree) const {
  for (const Records* records : {&staged_, &outstanding_}) {
    const auto found = records->find(path);
    if (found != records->end()) return found->second;
  }
  Record record;
  if (const ZkTree::Node* node = tree.find(path)) {
    record.exists = true;
    record.version = node->version;
    record.creations = node->creations;
    record.children = static_cast<std::int32_t>(node->children.size());
    record.ephemeral_owner = node->ephemeral_owner;
  }
  return record;
}

void ZkPreparation::stage(std::string_view path, Record record, std::int64_t zxid) {
  record.zxid = zxid;
  staged_.insert_or_assign(std::string(path), record);
}

ZkCode ZkPreparation::prepare_create(ZkOp& op, const ZkTransaction& request, const ZkTree& tree) {
  const std::string_view parent_path = zk_parent(op.path);
  Record parent = record_of(parent_path, tree);
  if (!parent.exists) return ZkCode::kNoNode;
  if (op.kind == ZkOpKind::kCreateSequential) op.path += sequence_suffix(parent.creations);
  if (record_of(op.path, tree).exists) return ZkCode::kNodeExists;
  if (parent.ephemeral_owner != 0) return ZkCode::kNoChildrenForEphemerals;
  ++parent.creations;
  ++parent.children;
  Record node;
  node.exists = true;
  if (op.kind == ZkOpKind::kCreateEphemeral) node.ephemeral_owner = request.session_id;
  stage(zk_parent(op.path), parent, request.zxid);
  stage(op.path, node, request.zxid);
  return ZkCode::kOk;
}

ZkCode ZkPreparation::prepare_delete(const ZkOp& op, const ZkTransaction& request,
                                     const ZkTree& tree) {
  Record node = record_of(op.path, tree);
  if (!node.exists) return ZkCode::kNoNode;
  if (op.version != -1 && op.version != node.version) return ZkCode::kBadVersion;
  if (node.children > 0) return ZkCode::kNotEmpty;
  Record parent = record_of(zk_parent(op.path), tree);
  --parent.children;
  stage(zk_parent(op.path), parent, request.zxid);
  stage(op.path, Record(), request.zxid);
  return ZkCode::kOk;
}

ZkCode ZkPreparation::prepare_op(ZkOp& op, const ZkTransaction& request, const ZkTree& tree) {
  switch (op.kind) {
    case ZkOpKind::kCreate:
    case ZkOpKind::kCreateEphemeral:
    case ZkOpKind::kCreateSequential: return prepare_create(op, request, tree);
    case ZkOpKind::kDelete: return prepare_delete(op, request, tree);
    case ZkOpKind::kSetData:
    case ZkOpKind::kCheck: {
      Record node = record_of(op.path, tree);
      if (!node.exists) return ZkCode::kNoNode;
      if (op.version != -1 && op.version != node.version) return ZkCode::kBadVersion;
      if (op.kind == ZkOpKind::kCheck) return ZkCode::kOk;
      op.version = ++node.version;  // the transaction says what the version will be
      stage(op.path, node, request.zxid);
      return ZkCode::kOk;
    }
    default: return ZkCode::kOk;  // a sync, a session: nothing to check
  }
}

void ZkPreparation::prepare_close(ZkTransaction& request, const ZkTree& tree) {
  // The ephemerals of the tree, corrected by what is outstanding.
  std::set<std::string, std::less<>> paths;
  if (const auto* held = tree.ephemerals(request.session_id)) paths = *held;
  for (const auto& [path, record] : outstanding_) {
    if (!record.exists) {
      paths.erase(path);
    } else if (record.ephemeral_owner == request.session_id) {
      paths.insert(path);
    }
  }
  for (const std::string& path : paths) {
    ZkOp op;
    op.kind = ZkOpKind::kDelete;
    op.path = path;
    const ZkCode code = prepare_delete(op, request, tree);
    SIM_ASSERT(code == ZkCode::kOk, "an ephemeral can always be deleted");
    request.ops.push_back(std::move(op));
  }
}

void ZkPreparation::prepare(ZkTransaction& request, std::int64_t zxid, const ZkTree& tree,
                            ZkSessions& sessions, sim::Time now) {
  request.zxid = zxid;
  staged_.clear();
  const ZkOpKind first = request.ops.empty() ? ZkOpKind::kError : request.ops.front().kind;
  ZkCode failure = ZkCode::kOk;
  std::size_t culprit = 0;
  if (first == ZkOpKind::kCreateSession) {
    sessions.track(request.session_id, request.session_timeout, now);
    sessions.set_owner(request.session_id, request.origin);
  } else if (first == ZkOpKind::kCloseSession) {
    // No owner check: the tracker closes sessions that it does not own.
    prepare_close(request, tree);
    sessions.set_closing(request.session_id);
  } else {
    failure = sessions.check(request.session_id, request.origin);
    for (; failure == ZkCode::kOk && culprit < request.ops.size(); ++culprit) {
      failure = prepare_op(request.ops[culprit], request, tree);
      if (failure != ZkCode::kOk) break;
    }
  }
  if (failure != ZkCode::kOk) {
    // Nothing of a multi is applied: 0 for the ops before the culprit, -2 for those after it.
    request.failed = true;
    for (std::size_t i = 0; i < request.ops.size(); ++i) {
      request.codes.push_back(i < culprit   ? ZkCode::kOk
                              : i > culprit ? ZkCode::kRuntimeInconsistency
                                            : failure);
    }
    request.ops.clear();
    staged_.clear();
    return;
  }
  for (auto& [path, record] : staged_) {
    outstanding_.insert_or_assign(path, record);
    order_.emplace_back(zxid, path);
  }
  staged_.clear();
}

void ZkPreparation::committed(std::int64_t zxid) {
  while (!order_.empty() && order_.front().first <= zxid) {
    const auto found = outstanding_.find(order_.front().second);
    if (found != outstanding_.end() && found->second.zxid <= zxid) outstanding_.erase(found);
    order_.pop_front();
  }
}

void ZkPreparation::clear() {
  outstanding_.clear();
  order_.clear();
  staged_.clear();
}

}  // namespace isrlab::model
