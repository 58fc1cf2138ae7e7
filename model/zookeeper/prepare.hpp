// The leader's preparation of writes: checks a request against the state as it will be once all
// earlier writes are committed, and turns it into a transaction that cannot fail, or into an error
// transaction. Follows PrepRequestProcessor.java with its outstandingChanges
// (reference controller-zookeeper.md 1.1).
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "model/protocol/zookeeper.hpp"
#include "model/zookeeper/sessions.hpp"
#include "model/zookeeper/tree.hpp"

namespace isrlab::model {

class ZkPreparation {
 public:
  /// Resolves the request in place under this zxid. `sessions` learns of new and closing sessions
  /// at once, before anything is committed; `now` starts a new session's time-out.
  void prepare(ZkTransaction& request, std::int64_t zxid, const ZkTree& tree, ZkSessions& sessions,
               sim::Time now);
  /// The tree now holds everything up to this zxid.
  void committed(std::int64_t zxid);
  void clear();

 private:
  /// A node as the outstanding writes will leave it.
  struct Record {
    std::int64_t zxid = 0;
    bool exists = false;
    std::int32_t version = 0;
    std::int32_t creations = 0;
    std::int32_t children = 0;
    std::int64_t ephemeral_owner = 0;
  };
  using Records = std::map<std::string, Record, std::less<>>;

  Record record_of(std::string_view path, const ZkTree& tree) const;
  ZkCode prepare_op(ZkOp& op, const ZkTransaction& request, const ZkTree& tree);
  ZkCode prepare_create(ZkOp& op, const ZkTransaction& request, const ZkTree& tree);
  ZkCode prepare_delete(const ZkOp& op, const ZkTransaction& request, const ZkTree& tree);
  void prepare_close(ZkTransaction& request, const ZkTree& tree);
  void stage(std::string_view path, Record record, std::int64_t zxid);

  Records outstanding_;
  std::deque<std::pair<std::int64_t, std::string>> order_;  // what each zxid put there
  Records staged_;  // of the request at hand: dropped if a multi fails
};

}  // namespace isrlab::model
