// One server of the ZooKeeper ensemble.
#pragma once
#include "model/out.hpp"
#include "model/protocol/zookeeper.hpp"
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
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  /// Fault: the leader ends this session now although its owner lives. False if not leading.
  bool expire_session(std::int64_t session_id, Out& out);

  std::int32_t id() const;
  ZkServerState state() const;
  bool serving() const;        // answers clients
  std::int32_t leader() const;  // id it follows or itself, 0 if unknown
  std::int64_t last_zxid() const;
  std::int64_t epoch() const;
  const ZkTree& tree() const;   // committed state
};

}  // namespace isrlab::model
