// A blocking sender of a broker thread (ReplicaFetcherBlockingSend, RequestSendThread,
// NodeToControllerRequestThread): one connection to one broker, one request in flight. A request
// that is not answered in time closes the connection; the owner decides what to do next.
#pragma once
#include <algorithm>

#include "model/out.hpp"
#include "model/timers.hpp"

namespace isrlab::model {

class RpcChannel {
 public:
  enum class State : std::uint8_t { kIdle, kConnecting, kReady, kWaiting };

  RpcChannel() = default;
  RpcChannel(BrokerId target, sim::TimerSlot slot, Duration connect_timeout,
             Duration request_timeout)
      : target_(target),
        slot_(slot),
        connect_timeout_(connect_timeout),
        request_timeout_(request_timeout) {}

  BrokerId target() const { return target_; }
  State state() const { return state_; }
  ConnectionId connection() const { return connection_; }
  sim::TimerSlot slot() const { return slot_; }
  bool ready() const { return state_ == State::kReady; }
  bool waiting() const { return state_ == State::kWaiting; }

  void retarget(BrokerId target) { target_ = target; }

  /// Begins to connect; Connected or Refused arrives, or the time-out (timer kind, argument).
  void connect(Out& out, TimerKind kind, std::uint32_t argument) {
    connection_ = out.connect(out.catalog().broker_process(target_));
    state_ = State::kConnecting;
    wait(connect_timeout_, kind, argument, out);
  }
  void connected(Out& out) {
    state_ = State::kReady;
    out.cancel_timer(slot_);
  }
  /// Sends the one request; its answer or the time-out arrives.
  template <class M>
  void send(const Outgoing<M>& message, Out& out, TimerKind kind, std::uint32_t argument) {
    message->correlation = ++correlation_;
    out.send(connection_, message);
    state_ = State::kWaiting;
    wait(request_timeout_, kind, argument, out);
  }
  /// The timer has fired. NetworkClient measures on the wall clock, but sleeps in poll() on the
  /// monotonic one: true if the wall clock was set back meanwhile, and it polls again.
  bool waits_on(TimerKind kind, std::uint32_t argument, Out& out) {
    const Duration limit = state_ == State::kConnecting ? connect_timeout_ : request_timeout_;
    const Duration left = waiting_since_ + limit - out.wall();
    if (left <= 0) return false;
    out.set_timer(slot_, out.now() + std::min(left, limit), kind, argument);
    return true;
  }
  bool answered(std::uint32_t correlation, Out& out) {
    if (state_ != State::kWaiting || correlation != correlation_) return false;
    state_ = State::kReady;
    out.cancel_timer(slot_);
    return true;
  }
  /// The connection is gone (closed by the peer or refused).
  void lost(Out& out) {
    connection_ = kNone;
    state_ = State::kIdle;
    out.cancel_timer(slot_);
  }
  /// Closes from this side.
  void close(Out& out) {
    if (connection_ != kNone) out.close(connection_);
    lost(out);
  }

 private:
  void wait(Duration limit, TimerKind kind, std::uint32_t argument, Out& out) {
    waiting_since_ = out.wall();
    out.set_timer(slot_, out.now() + limit, kind, argument);
  }

  BrokerId target_ = kNoBroker;
  sim::TimerSlot slot_ = 0;
  Duration connect_timeout_ = 0;
  Duration request_timeout_ = 0;
  Time waiting_since_ = 0;  // of the wall clock
  ConnectionId connection_ = kNone;
  std::uint32_t correlation_ = 0;
  State state_ = State::kIdle;
};

}  // namespace isrlab::model
