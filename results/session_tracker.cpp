#include "results/session_tracker.hpp"

#include <algorithm>

namespace isrlab::results {

using model::HistoryKind;
using model::ProcessId;

std::vector<HistoryKind> SessionTracker::interests() {
  using K = HistoryKind;
  return {K::kZkSessionCreated, K::kZkSessionExpired, K::kZkSessionClosed,
          K::kProcessKilled,    K::kProcessExited,    K::kProcessPaused,
          K::kProcessResumed,   K::kFaultInjected,    K::kFaultHealed};
}

bool SessionTracker::cut_off(ProcessId broker, const model::Cluster& cluster) const {
  const sim::HostId host = catalog_->process(broker).host;
  for (std::uint32_t i = 0; i < catalog_->zookeeper_count(); ++i) {
    const sim::HostId server = catalog_->process(catalog_->zookeeper_process(i)).host;
    if (!cluster.engine().blocked(host, server) && !cluster.engine().blocked(server, host)) {
      return false;
    }
  }
  return true;
}

void SessionTracker::silence(ProcessId owner, Time now, bool dead) {
  for (Open& session : open_) {
    if (session.owner != owner) continue;
    if (session.silent_since == sim::kNever) session.silent_since = now;
    session.dead = session.dead || dead;
  }
}

void SessionTracker::silence_over(ProcessId owner) {
  for (Open& session : open_) {
    if (session.owner == owner && !session.dead) session.silent_since = sim::kNever;
  }
}

void SessionTracker::forget(std::int64_t session) {
  std::erase_if(open_, [session](const Open& each) { return each.id == session; });
}

void SessionTracker::expired(const sim::HistoryEvent& event) {
  SessionEnd end;
  end.owner = catalog_->process(event.subject).name;
  end.expired = event.time;
  end.last_heard = event.b;
  end.timeout = event.c;
  end.detect = event.time - event.b;
  for (const Open& session : open_) {
    if (session.id == event.a && session.silent_since != sim::kNever) {
      end.detect = event.time - session.silent_since;
    }
  }
  detect_time_.add(end.detect);
  result_.expired.push_back(std::move(end));
  forget(event.a);
}

void SessionTracker::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kZkSessionCreated:
      ++result_.created;
      open_.push_back({event.a, event.subject, sim::kNever, false});
      return;
    case HistoryKind::kZkSessionExpired: return expired(event);
    case HistoryKind::kZkSessionClosed: ++result_.closed; return forget(event.a);
    case HistoryKind::kProcessKilled:
    case HistoryKind::kProcessExited: return silence(event.actor, event.time, true);
    case HistoryKind::kProcessPaused: return silence(event.actor, event.time, false);
    case HistoryKind::kProcessResumed:
      if (!cut_off(event.actor, cluster)) silence_over(event.actor);
      return;
    default: break;  // a fault began or ended: who is cut off now?
  }
  for (std::uint32_t i = 1; i <= catalog_->broker_count(); ++i) {
    const ProcessId broker = catalog_->broker_process(static_cast<model::BrokerId>(i));
    if (cut_off(broker, cluster)) {
      silence(broker, event.time, false);
    } else if (cluster.alive(broker) && !cluster.paused(broker)) {
      silence_over(broker);
    }
  }
}

}  // namespace isrlab::results
