// The connection of a ZooKeeper client: ClientCnxn.SendThread and StaticHostProvider. The send
// thread counts whole milliseconds, so this file does too.
#include "model/zookeeper/client.hpp"

#include <algorithm>
#include <numeric>

namespace isrlab::model {
namespace {

constexpr std::int64_t kMaxPingInterval = 10'000;  // ms
constexpr std::int64_t kPingHaste = 1'000;         // ms
constexpr std::int64_t kRoundSleep = 1'000;        // ms: hostProvider.next(1000)
constexpr std::uint64_t kReconnectJitter = 1'000;  // ms, exclusive

std::int64_t milliseconds(sim::Time time) {
  return time / sim::kMillisecond;
}

}  // namespace

ZkClient::ZkClient(std::vector<ProcessId> servers, sim::Duration session_timeout,
                   std::int64_t max_in_flight, sim::TimerSlot first_slot, sim::Random random)
    : servers_(std::move(servers)),
      requested_(session_timeout),
      max_in_flight_(static_cast<std::size_t>(max_in_flight)),
      first_slot_(first_slot),
      random_(random) {
  SIM_ASSERT(!servers_.empty() && max_in_flight > 0, "a client needs a server and a permit");
}

ProcessId ZkClient::server() const {
  return connection_ == kNone ? kNone : servers_[order_[static_cast<std::size_t>(current_)]];
}

std::uint32_t ZkClient::server_number(const Out& out) const {
  const ProcessInfo& process = out.catalog().process(server());
  return static_cast<std::uint32_t>(out.catalog().spec().zookeeper[process.index].id);
}

void ZkClient::open(Out& out) {
  if (connection_ != kNone) out.close(connection_);
  connection_ = kNone;
  lose_requests();
  order_.resize(servers_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  for (std::size_t i = order_.size(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(random_.below(i));
    std::swap(order_[i - 1], order_[other]);
  }
  current_ = last_connected_ = -1;
  first_connect_ = true;
  session_id_ = 0;
  negotiated_ = read_timeout_ = 0;
  connect_timeout_ = requested_ / static_cast<sim::Duration>(servers_.size());
  last_zxid_ = 0;
  announced_ = false;
  closing_ = false;
  close_xid_ = 0;
  data_.clear();
  exists_.clear();
  children_.clear();
  next_server(out);
}

void ZkClient::close(Out& out) {
  closing_ = true;
  if (state_ == State::kConnected) return send_close(out);
  // Between two connections the request waits for the next one, or for its failure. With nothing to
  // close the answer comes at once, but as an event like every other.
  if (state_ != State::kClosed) return;
  out.set_timer(first_slot_ + 1, out.now(), Timer::kWake, first_slot_);
}

/// The next of the list; a second of sleep after a full round, and up to a second of jitter before
/// every attempt but the first.
void ZkClient::next_server(Out& out) {
  if (++current_ == static_cast<int>(order_.size())) current_ = 0;
  std::int64_t sleep = current_ == last_connected_ ? kRoundSleep : 0;
  if (last_connected_ == -1) last_connected_ = 0;
  if (!first_connect_) sleep += static_cast<std::int64_t>(random_.below(kReconnectJitter));
  first_connect_ = false;
  if (sleep == 0) return dial(out);
  state_ = State::kSleeping;
  out.set_timer(first_slot_ + 1, out.now() + sleep * sim::kMillisecond, Timer::kWake, first_slot_);
}

void ZkClient::dial(Out& out) {
  state_ = State::kConnecting;
  send_clock_ = heard_clock_ = out.now();
  connection_ = out.connect(servers_[order_[static_cast<std::size_t>(current_)]]);
  wake_loop_at(out.now() + receive_budget(out.now()) * sim::kMillisecond, out);
}

void ZkClient::on_tcp_connected(Out& out) {
  state_ = State::kGreeting;
  send_clock_ = heard_clock_ = last_send_ = out.now();
  auto request = out.make<ZkConnectRequest>();
  request->session_id = session_id_;
  request->last_zxid = last_zxid_;
  request->timeout = requested_;
  out.send(connection_, request);
  send_watches(out);
}

void ZkClient::on_connect_response(const ZkConnectResponse& response, Out& out,
                                   std::vector<ZkClientEvent>& events) {
  if (response.timeout <= 0) return expire(out, events);
  state_ = State::kConnected;
  session_id_ = response.session_id;
  negotiated_ = response.timeout;
  read_timeout_ = negotiated_ * 2 / 3;
  connect_timeout_ = negotiated_ / static_cast<sim::Duration>(servers_.size());
  last_connected_ = current_;
  announced_ = true;
  out.record(HistoryKind::kZkClientConnected, server_number(out), session_id_);
  events.emplace_back().kind = ZkClientEventKind::kConnected;
  flush_queue(out);
  settle(out, events);
  if (closing_) send_close(out);
}

/// ClientCnxn.cleanup: everything unanswered is lost, and the next server is tried.
void ZkClient::lose_connection(bool close, Out& out, std::vector<ZkClientEvent>& events) {
  if (announced_) {
    announced_ = false;
    out.record(HistoryKind::kZkClientDisconnected, server_number(out), session_id_);
    events.emplace_back().kind = ZkClientEventKind::kDisconnected;
  }
  if (close) out.close(connection_);
  connection_ = kNone;
  loop_at_ = sim::kNever;
  lose_requests();
  state_ = State::kSleeping;
  if (closing_) return finish_close(out, events);
  settle(out, events);
  next_server(out);
}

void ZkClient::expire(Out& out, std::vector<ZkClientEvent>& events) {
  out.close(connection_);
  connection_ = kNone;
  loop_at_ = sim::kNever;
  state_ = State::kClosed;
  fail_batches(events);
  out.record(HistoryKind::kZkClientExpired, 0, session_id_);
  session_id_ = 0;
  negotiated_ = 0;
  if (closing_) return finish_close(out, events);
  events.emplace_back().kind = ZkClientEventKind::kExpired;
}

// --- SendThread.run: when to ping, when to give up

/// Milliseconds until the server has been silent for too long.
std::int64_t ZkClient::receive_budget(sim::Time now) const {
  const sim::Duration limit = state_ == State::kConnected ? read_timeout_ : connect_timeout_;
  return milliseconds(limit) - (milliseconds(now) - milliseconds(heard_clock_));
}

/// Milliseconds until the next ping; not positive: now.
std::int64_t ZkClient::ping_budget(sim::Time now) const {
  const std::int64_t idle = milliseconds(now) - milliseconds(send_clock_);
  if (idle > kMaxPingInterval) return 0;
  return milliseconds(read_timeout_) / 2 - idle - (idle > kPingHaste ? kPingHaste : 0);
}

void ZkClient::wake_loop_at(sim::Time deadline, Out& out) {
  loop_at_ = deadline;
  if (loop_at_ >= loop_armed_) return;  // the armed timer comes first and sets itself again
  loop_armed_ = loop_at_;
  out.set_timer(first_slot_, loop_at_, Timer::kLoop, first_slot_);
}

/// One turn of the loop, as after every packet and at every time-out of select().
void ZkClient::loop(Out& out, std::vector<ZkClientEvent>& events) {
  if (state_ == State::kClosed || state_ == State::kSleeping) return;
  std::int64_t sleep = receive_budget(out.now());
  if (sleep <= 0) {
    out.because_of_silence(servers_[order_[static_cast<std::size_t>(current_)]], heard_clock_);
    return lose_connection(true, out, events);
  }
  if (state_ == State::kConnected) {
    if (ping_budget(out.now()) <= 0) {
      out.send(connection_, out.make<ZkPing>());
      send_clock_ = last_send_ = out.now();
    }
    sleep = std::min(sleep, ping_budget(out.now()));
  }
  wake_loop_at(out.now() + sleep * sim::kMillisecond, out);
}

/// The turn after a send: nothing has been idle, so it cannot ping or give up.
void ZkClient::plan_after_send(Out& out) {
  send_clock_ = last_send_ = out.now();
  if (state_ != State::kConnected) return;
  const std::int64_t heard = std::max<std::int64_t>(receive_budget(out.now()), 0);
  const std::int64_t sleep = std::min(heard, ping_budget(out.now()));
  wake_loop_at(out.now() + sleep * sim::kMillisecond, out);
}

void ZkClient::on_loop_timer(Out& out, std::vector<ZkClientEvent>& events) {
  loop_armed_ = sim::kNever;
  if (loop_at_ == sim::kNever) return;
  // Woken for a plan that has changed since: the real loop would still be asleep, and a turn now
  // would hasten the next ping.
  if (out.now() < loop_at_) return wake_loop_at(loop_at_, out);
  loop(out, events);
}

void ZkClient::on_wake(Out& out, std::vector<ZkClientEvent>& events) {
  if (state_ == State::kSleeping) return dial(out);
  if (state_ == State::kClosed && closing_) finish_close(out, events);
}

// --- dispatch

void ZkClient::on_message(const sim::Activation& activation, Messages& messages, Out& out,
                          std::vector<ZkClientEvent>& events) {
  heard_clock_ = out.now();
  switch (static_cast<MessageType>(activation.message.type)) {
    case MessageType::kZkConnectResponse:
      on_connect_response(messages.get<ZkConnectResponse>(activation.message), out, events);
      break;
    case MessageType::kZkReply:
      on_reply(messages.get<ZkReply>(activation.message), out, events);
      break;
    case MessageType::kZkWatchEvent:
      on_watch(messages.get<ZkWatchEvent>(activation.message), events);
      break;
    default: break;  // a pong: it was heard
  }
  loop(out, events);
}

bool ZkClient::handle(const sim::Activation& activation, Messages& messages, Out& out,
                      std::vector<ZkClientEvent>& events) {
  if (activation.kind == sim::ActivationKind::kTimer) {
    const auto timer = static_cast<Timer>(activation.type);
    if (activation.argument != first_slot_) return false;
    if (timer == Timer::kLoop) return on_loop_timer(out, events), true;
    if (timer == Timer::kWake) return on_wake(out, events), true;
    if (timer == Timer::kSettle) return settle(out, events), true;
    return false;
  }
  if (connection_ == kNone || activation.connection != connection_) return false;
  switch (activation.kind) {
    case sim::ActivationKind::kConnected:
      on_tcp_connected(out);
      wake_loop_at(out.now() + receive_budget(out.now()) * sim::kMillisecond, out);
      return true;
    case sim::ActivationKind::kRefused:
    case sim::ActivationKind::kClosed: lose_connection(false, out, events); return true;
    case sim::ActivationKind::kMessage: on_message(activation, messages, out, events); return true;
    default: return false;
  }
}

}  // namespace isrlab::model
