#include "model/zookeeper/sessions.hpp"

#include <algorithm>

namespace isrlab::model {

sim::Duration zk_negotiate(sim::Duration requested, sim::Duration tick, sim::Duration minimum,
                           sim::Duration maximum) {
  const sim::Duration low = minimum < 0 ? 2 * tick : minimum;
  const sim::Duration high = maximum < 0 ? 20 * tick : maximum;
  // ZooKeeperServer.processConnectRequest raises first and lowers afterwards.
  return std::min(std::max(requested, low), high);
}

sim::Time ZkSessions::bucket(sim::Time now, sim::Duration timeout) const {
  return ((now + phase_ + timeout) / tick_ + 1) * tick_ - phase_;
}

ZkSessions::Session* ZkSessions::entry(std::int64_t id) {
  const auto found = std::lower_bound(
      sessions_.begin(), sessions_.end(), id,
      [](const Session& session, std::int64_t wanted) { return session.id < wanted; });
  return found != sessions_.end() && found->id == id ? &*found : nullptr;
}

const ZkSessions::Session* ZkSessions::find(std::int64_t id) const {
  return const_cast<ZkSessions*>(this)->entry(id);
}

void ZkSessions::track(std::int64_t id, sim::Duration timeout, sim::Time now) {
  Session* session = entry(id);
  if (session == nullptr) {
    Session fresh;
    fresh.id = id;
    const auto place = std::lower_bound(
        sessions_.begin(), sessions_.end(), id,
        [](const Session& other, std::int64_t wanted) { return other.id < wanted; });
    session = &*sessions_.insert(place, fresh);
  }
  session->timeout = timeout;
  session->last_touch = now;
  session->expires_at = bucket(now, timeout);
}

bool ZkSessions::touch(std::int64_t id, sim::Time now) {
  Session* session = entry(id);
  if (session == nullptr || session->closing) return false;
  session->last_touch = now;
  session->expires_at = bucket(now, session->timeout);
  return true;
}

bool ZkSessions::touch(std::int64_t id, sim::Duration timeout, sim::Time now) {
  Session* session = entry(id);
  if (session == nullptr || session->closing) return false;
  session->timeout = timeout;
  return touch(id, now);
}

ZkCode ZkSessions::check(std::int64_t id, std::int32_t server) {
  Session* session = entry(id);
  if (session == nullptr || session->closing) return ZkCode::kSessionExpired;
  if (session->owner == 0) session->owner = server;
  return session->owner == server ? ZkCode::kOk : ZkCode::kSessionMoved;
}

void ZkSessions::set_owner(std::int64_t id, std::int32_t server) {
  if (Session* session = entry(id)) session->owner = server;
}

void ZkSessions::set_closing(std::int64_t id) {
  if (Session* session = entry(id)) session->closing = true;
}

void ZkSessions::remove(std::int64_t id) {
  std::erase_if(sessions_, [id](const Session& session) { return session.id == id; });
}

const ZkSessions::Session* ZkSessions::next_expired(sim::Time now) const {
  for (const Session& session : sessions_) {
    if (!session.closing && session.expires_at <= now) return &session;
  }
  return nullptr;
}

sim::Time ZkSessions::next_bucket() const {
  sim::Time earliest = sim::kNever;
  for (const Session& session : sessions_) {
    if (!session.closing) earliest = std::min(earliest, session.expires_at);
  }
  return earliest;
}

}  // namespace isrlab::model
