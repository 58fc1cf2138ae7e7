// The session tracker of the leader: the only place where sessions expire. Follows
// SessionTrackerImpl.java and ExpiryQueue.java (reference controller-zookeeper.md 1.3).
//
// A session expires at the end of the tick in which its time-out ends, rounded strictly up, on the
// leader's own monotonic clock: (floor((now + T) / tick) + 1) * tick. How far that clock is into a
// tick at the run's zero is its phase.
#pragma once
#include <cstdint>
#include <vector>

#include "model/protocol/zookeeper.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

/// clamp(requested, 2 ticks, 20 ticks) unless the limits are set (-1 = not set).
sim::Duration zk_negotiate(sim::Duration requested, sim::Duration tick, sim::Duration minimum,
                           sim::Duration maximum);

class ZkSessions {
 public:
  struct Session {
    std::int64_t id = 0;
    sim::Duration timeout = 0;
    sim::Time expires_at = 0;  // when its bucket ends, on the leader's clock
    sim::Time last_touch = 0;  // when the leader last heard of it
    std::int32_t owner = 0;    // server it is attached to, 0 = not known yet
    bool closing = false;
  };

  ZkSessions() = default;
  ZkSessions(sim::Duration tick, sim::Duration phase) : tick_(tick), phase_(phase) {}

  /// The end of the bucket for a session heard of now.
  sim::Time bucket(sim::Time now, sim::Duration timeout) const;

  /// A new session, or a known one at a new leader: a full time-out from now.
  void track(std::int64_t id, sim::Duration timeout, sim::Time now);
  /// False if the session is unknown or closing: such a session refuses touches.
  bool touch(std::int64_t id, sim::Time now);
  bool touch(std::int64_t id, sim::Duration timeout, sim::Time now);
  /// May this server send requests of the session? The first one to ask becomes its owner.
  ZkCode check(std::int64_t id, std::int32_t server);
  void set_owner(std::int64_t id, std::int32_t server);
  void set_closing(std::int64_t id);
  void remove(std::int64_t id);

  /// The first session in id order whose bucket has ended and that is not closing yet, or null.
  const Session* next_expired(sim::Time now) const;
  /// The earliest end of a bucket that has a session in it, kNever if there is none.
  sim::Time next_bucket() const;

  const Session* find(std::int64_t id) const;
  const std::vector<Session>& all() const { return sessions_; }

 private:
  Session* entry(std::int64_t id);

  sim::Duration tick_ = 3 * sim::kSecond;
  sim::Duration phase_ = 0;
  std::vector<Session> sessions_;  // by id
};

}  // namespace isrlab::model
