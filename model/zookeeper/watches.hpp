// The watches that clients left on one server: one-shot, per connection, lost with it. Follows
// WatchManager.java and DataTree.setWatches (reference controller-zookeeper.md 1.5).
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/zookeeper/tree.hpp"

namespace isrlab::model {

/// A notification that goes down one connection.
struct ZkFiring {
  ConnectionId connection = kNone;
  ZkEventType type = ZkEventType::kNodeCreated;
  std::string_view path;  // lives as long as the transaction
};

class ZkWatches {
 public:
  /// A watch that a read leaves behind, depending on whether the node was there.
  void add(const ZkOp& op, bool present, ConnectionId connection);
  /// Which notifications a change causes, in the order in which they are sent.
  void fire(const ZkChange& change, std::vector<ZkFiring>& firings);
  /// After a reconnect: what the client watched, compared with what it had seen. Either the event
  /// is due at once or the watch stands again.
  void set_again(const ZkRequest& request, const ZkTree& tree, ConnectionId connection,
                 std::vector<ZkFiring>& firings);
  void forget(ConnectionId connection);
  void clear();
  std::size_t size() const;

 private:
  using Watchers = std::map<std::string, std::vector<ConnectionId>, std::less<>>;
  static void insert(Watchers& watchers, const std::string& path, ConnectionId connection);
  static std::vector<ConnectionId> take(Watchers& watchers, std::string_view path);

  Watchers data_;   // getData, and exists on present and absent nodes
  Watchers child_;  // getChildren
};

}  // namespace isrlab::model
