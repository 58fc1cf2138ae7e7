// The three timers of a group member (org.apache.kafka.clients.consumer.internals.Heartbeat, 3.9;
// reference clients-and-groups.md 2.4). They go by the wall clock, but a Timer never runs back:
// after a step back all three stand still until the clock is where it was.
#pragma once
#include <algorithm>

#include "model/client/backoff.hpp"

namespace isrlab::model {

class Heartbeat {
 public:
  Heartbeat() = default;
  Heartbeat(sim::Duration session, sim::Duration interval, sim::Duration poll,
            ExponentialBackoff backoff)
      : session_(session), interval_(interval), poll_(poll), backoff_(backoff) {}

  /// The member joins: heartbeats and session count from now.
  void restart(sim::Time now) {
    failures_ = 0;
    heartbeat_deadline_ = clock(now) + interval_;
    session_deadline_ = clock(now) + session_;
    polled(now);
  }
  void sent(sim::Time now) { heartbeat_deadline_ = clock(now) + interval_; }
  void received(sim::Time now) {
    failures_ = 0;
    session_deadline_ = clock(now) + session_;
  }
  void failed(sim::Time now, sim::Random& random) {
    heartbeat_deadline_ = clock(now) + backoff_.draw(failures_++, random);
  }
  void reset_session(sim::Time now) { session_deadline_ = clock(now) + session_; }
  void polled(sim::Time now) { poll_deadline_ = clock(now) + poll_; }

  bool due(sim::Time now) { return clock(now) >= heartbeat_deadline_; }
  bool session_expired(sim::Time now) { return clock(now) >= session_deadline_; }
  bool poll_expired(sim::Time now) { return clock(now) >= poll_deadline_; }
  sim::Time heartbeat_deadline() const { return heartbeat_deadline_; }
  sim::Time session_deadline() const { return session_deadline_; }
  sim::Time poll_deadline() const { return poll_deadline_; }

 private:
  sim::Time clock(sim::Time now) { return latest_ = std::max(latest_, now); }

  sim::Duration session_ = 0;
  sim::Duration interval_ = 0;
  sim::Duration poll_ = 0;
  ExponentialBackoff backoff_;
  std::int64_t failures_ = 0;
  sim::Time latest_ = 0;
  sim::Time heartbeat_deadline_ = 0;
  sim::Time session_deadline_ = 0;
  sim::Time poll_deadline_ = 0;
};

}  // namespace isrlab::model
