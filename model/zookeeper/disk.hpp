// What one ZooKeeper server keeps on its disk, and the tree that this amounts to in memory: the two
// epoch files and the transaction log. Follows ZKDatabase and FileTxnSnapLog of ZooKeeper 3.8.
//
// The log holds the transactions that are not part of the tree yet (proposed, not committed) and
// those that are, but whose fsync is still under way: a follower may be told of a commit before its
// own disk has caught up. Older ones are dropped, the tree stands for them. crash() leaves exactly
// what was fsynced.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "model/zookeeper/tree.hpp"

namespace isrlab::model {

using ZkTransactionPtr = std::shared_ptr<const ZkTransaction>;

class ZkDisk {
 public:
  /// Files of their own, written before the server acts on them.
  std::int64_t accepted_epoch = 0;
  std::int64_t current_epoch = 0;

  const ZkTree& tree() const { return tree_; }
  std::int64_t last_logged() const {
    return log_.size() == applied_ ? tree_.last_zxid() : log_.back()->zxid;
  }
  std::int64_t synced_zxid() const { return synced_zxid_; }
  bool all_synced() const { return log_.empty() || log_.back()->zxid <= synced_zxid_; }

  void append(ZkTransactionPtr transaction);
  /// Bytes appended since the last call: the size of the write that is started now.
  std::uint32_t take_unwritten_bytes();
  /// An fsync has covered everything up to this zxid.
  void synced(std::int64_t zxid);

  /// The first logged transaction that the tree does not hold, or null.
  ZkTransactionPtr next_unapplied() const;
  void apply_next(std::vector<ZkChange>* changes, std::vector<ZkOpResult>* results);

  /// Takes over the leader's state, which is on the disk from now on.
  void install(const ZkTree& tree, const std::vector<ZkTransactionPtr>& pending);
  /// A new leader begins at epoch << 32.
  void begin_epoch(std::int64_t first_zxid);
  void crash();

 private:
  ZkTree tree_;
  std::deque<ZkTransactionPtr> log_;
  std::size_t applied_ = 0;     // first entries of the log: in the tree, not yet on the disk
  std::optional<ZkTree> base_;  // the tree without those; empty if there are none
  std::int64_t synced_zxid_ = 0;
  std::uint32_t unwritten_bytes_ = 0;
};

/// Size of a transaction in the log: header, session, paths and data.
std::uint32_t zk_log_bytes(const ZkTransaction& transaction);

}  // namespace isrlab::model
