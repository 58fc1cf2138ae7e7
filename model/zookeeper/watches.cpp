#include "model/zookeeper/watches.hpp"

#include <algorithm>

namespace isrlab::model {

void ZkWatches::insert(Watchers& watchers, const std::string& path, ConnectionId connection) {
  std::vector<ConnectionId>& list = watchers[path];
  if (std::find(list.begin(), list.end(), connection) == list.end()) list.push_back(connection);
}

std::vector<ConnectionId> ZkWatches::take(Watchers& watchers, std::string_view path) {
  const auto found = watchers.find(path);
  if (found == watchers.end()) return {};
  std::vector<ConnectionId> list = std::move(found->second);
  watchers.erase(found);
  return list;
}

void ZkWatches::add(const ZkOp& op, bool present, ConnectionId connection) {
  if (op.kind == ZkOpKind::kExists) {
    insert(data_, op.path, connection);
  } else if (present) {
    insert(op.kind == ZkOpKind::kGetChildren ? child_ : data_, op.path, connection);
  }
}

void ZkWatches::fire(const ZkChange& change, std::vector<ZkFiring>& firings) {
  const std::vector<ConnectionId> told = take(data_, change.path);
  for (const ConnectionId c : told) firings.push_back({c, change.type, change.path});
  if (change.type == ZkEventType::kNodeDataChanged) return;
  if (change.type == ZkEventType::kNodeDeleted) {
    // One event per watcher: who learned of the deletion by its data watch is not told again.
    for (const ConnectionId c : take(child_, change.path)) {
      if (std::find(told.begin(), told.end(), c) == told.end()) {
        firings.push_back({c, change.type, change.path});
      }
    }
  }
  const std::string_view parent = zk_parent(change.path);
  for (const ConnectionId c : take(child_, parent)) {
    firings.push_back({c, ZkEventType::kNodeChildrenChanged, parent});
  }
}

void ZkWatches::set_again(const ZkRequest& request, const ZkTree& tree, ConnectionId connection,
                          std::vector<ZkFiring>& firings) {
  for (const ZkOp& op : request.ops) {
    const ZkTree::Node* node = tree.find(op.path);
    if (op.kind == ZkOpKind::kExists) {
      if (node != nullptr) {
        firings.push_back({connection, ZkEventType::kNodeCreated, op.path});
      } else {
        insert(data_, op.path, connection);
      }
      continue;
    }
    const bool children = op.kind == ZkOpKind::kGetChildren;
    if (node == nullptr) {
      firings.push_back({connection, ZkEventType::kNodeDeleted, op.path});
    } else if (children && node->pzxid > request.relative_zxid) {
      firings.push_back({connection, ZkEventType::kNodeChildrenChanged, op.path});
    } else if (!children && node->mzxid > request.relative_zxid) {
      firings.push_back({connection, ZkEventType::kNodeDataChanged, op.path});
    } else {
      insert(children ? child_ : data_, op.path, connection);
    }
  }
}

void ZkWatches::forget(ConnectionId connection) {
  for (Watchers* watchers : {&data_, &child_}) {
    for (auto entry = watchers->begin(); entry != watchers->end();) {
      std::erase(entry->second, connection);
      entry = entry->second.empty() ? watchers->erase(entry) : std::next(entry);
    }
  }
}

void ZkWatches::clear() {
  data_.clear();
  child_.clear();
}

std::size_t ZkWatches::size() const {
  std::size_t sum = 0;
  for (const auto& [path, list] : data_) sum += list.size();
  for (const auto& [path, list] : child_) sum += list.size();
  return sum;
}

}  // namespace isrlab::model
