// The ZooKeeper client of a broker: ClientCnxn with Kafka's wrapper (ZooKeeperClient.scala,
// KafkaZkClient.scala) on top. Requests are pipelined up to zookeeper.max.in.flight.requests,
// CONNECTIONLOSS is retried until connected, watches are one-shot and re-sent after a reconnect,
// the client learns of its expiry only from a server (reference controller-zookeeper.md 1.4, 1.5,
// 2.1).
//
// A batch is what one caller of retryRequestsUntilConnected hands over. Its requests are sent in
// order; those that are lost with a connection are sent again, in order, once all others of the
// batch are answered and the client is connected.
#pragma once
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "model/out.hpp"
#include "model/protocol/zookeeper.hpp"
#include "sim/random.hpp"

namespace isrlab::model {

enum class ZkClientEventKind : std::uint8_t {
  kConnected,     // a session is established or re-established
  kDisconnected,  // the connection is lost; the session may live on
  kExpired,       // a server said so; the object is closed until open()
  kBatchDone,     // all requests of a batch are answered (token, replies in order)
  kBatchFailed,   // the session expired before the batch was done (token); comes before kExpired
  kWatch,         // a one-shot watch fired
  kClosed,        // the answer to close()
};

struct ZkClientEvent {
  ZkClientEventKind kind = ZkClientEventKind::kConnected;
  std::uint32_t token = 0;
  std::vector<ZkReply> replies;
  ZkWatchEvent watch;
};

class ZkClient {
 public:
  /// Timer slots first_slot .. first_slot + kSlots - 1 of the process belong to the client.
  static constexpr std::uint32_t kSlots = 4;

  ZkClient() = default;
  ZkClient(std::vector<ProcessId> servers, sim::Duration session_timeout,
           std::int64_t max_in_flight, sim::TimerSlot first_slot, sim::Random random);

  /// Starts connecting with a new session (also after kExpired: the wrapper's reinitialize).
  /// Batches submitted before it are sent by the new session.
  void open(Out& out);
  /// Sends closeSession; kClosed follows when it is answered or the connection is lost.
  void close(Out& out);
  /// A batch of requests, answered together; each is one operation or one multi. Batches are
  /// pipelined in order behind each other.
  void submit(std::uint32_t token, std::vector<ZkRequest> requests, Out& out);
  /// Forgets everything not answered yet (controller resigned, session lost). What has been sent
  /// may still be applied.
  void abandon(std::uint32_t token);

  bool connected() const { return state_ == State::kConnected; }
  std::int64_t session_id() const { return session_id_; }
  sim::Duration negotiated_timeout() const { return negotiated_; }
  sim::Time last_send() const { return last_send_; }  // for reports: the last touch of the session
  /// The server it is connected to or trying, kNone if none.
  ProcessId server() const;
  std::size_t in_flight() const { return sent_.size(); }
  std::size_t watch_count() const { return data_.size() + exists_.size() + children_.size(); }

  /// True if the activation belongs to the client (its connection or one of its timers); events are
  /// appended in the order in which the client's event thread would see them.
  bool handle(const sim::Activation& activation, Messages& messages, Out& out,
              std::vector<ZkClientEvent>& events);

 private:
  enum class State : std::uint8_t {
    kClosed,      // before open(), after close() and after expiry
    kSleeping,    // between two connection attempts
    kConnecting,  // TCP handshake
    kGreeting,    // ConnectRequest sent
    kConnected,
  };
  enum class Timer : std::uint16_t { kLoop = 32, kWake = 33, kSettle = 34 };  // kZkClientFirst ...

  struct Batch {
    std::uint32_t token = 0;
    bool abandoned = false;
    bool done = false;
    std::vector<ZkRequest> requests;
    std::vector<ZkReply> replies;
    std::vector<std::uint32_t> round;  // indices to send in this round, in order
    std::size_t next = 0;              // first of the round that holds no permit yet
    std::uint32_t unanswered = 0;      // of the round, permit held
    std::vector<std::uint32_t> lost;   // for the next round
  };
  /// A request with a permit of the in-flight semaphore.
  struct Permit {
    std::uint32_t xid = 0;
    std::uint64_t batch = 0;  // number of the batch
    std::uint32_t index = 0;
  };

  // client.cpp: the connection (SendThread)
  void next_server(Out& out);
  void dial(Out& out);
  void on_tcp_connected(Out& out);
  void on_connect_response(const ZkConnectResponse& response, Out& out,
                           std::vector<ZkClientEvent>& events);
  void lose_connection(bool close, Out& out, std::vector<ZkClientEvent>& events);
  void expire(Out& out, std::vector<ZkClientEvent>& events);
  void on_wake(Out& out, std::vector<ZkClientEvent>& events);
  void on_loop_timer(Out& out, std::vector<ZkClientEvent>& events);
  void loop(Out& out, std::vector<ZkClientEvent>& events);
  void plan_after_send(Out& out);
  void wake_loop_at(sim::Time deadline, Out& out);
  std::int64_t receive_budget(sim::Time now) const;
  std::int64_t ping_budget(sim::Time now) const;
  std::uint32_t server_number(const Out& out) const;
  void on_message(const sim::Activation& activation, Messages& messages, Out& out,
                  std::vector<ZkClientEvent>& events);

  // client_requests.cpp: requests and watches
  void send_watches(Out& out);
  void send_close(Out& out);
  void pump(Out& out);
  void transmit(const Permit& permit, Out& out);
  void flush_queue(Out& out);
  void on_reply(ZkReply& reply, Out& out, std::vector<ZkClientEvent>& events);
  void on_watch(const ZkWatchEvent& event, std::vector<ZkClientEvent>& events);
  void lose_requests();
  void settle(Out& out, std::vector<ZkClientEvent>& events);
  void fail_batches(std::vector<ZkClientEvent>& events);
  void register_watches(const ZkRequest& request, const ZkReply& reply);
  void finish_close(Out& out, std::vector<ZkClientEvent>& events);

  std::vector<ProcessId> servers_;
  sim::Duration requested_ = 0;
  std::size_t max_in_flight_ = 10;
  sim::TimerSlot first_slot_ = 0;
  sim::Random random_;

  State state_ = State::kClosed;
  ConnectionId connection_ = kNone;
  std::vector<std::uint32_t> order_;  // shuffled once per session, then round robin
  int current_ = -1;                  // StaticHostProvider: currentIndex
  int last_connected_ = -1;           // ... lastIndex
  bool first_connect_ = true;
  std::int64_t session_id_ = 0;
  sim::Duration negotiated_ = 0;
  sim::Duration read_timeout_ = 0;
  sim::Duration connect_timeout_ = 0;
  std::int64_t last_zxid_ = 0;
  std::uint32_t next_xid_ = 1;
  sim::Time last_send_ = 0;    // the last packet that touched the session
  sim::Time send_clock_ = 0;   // lastSend of the socket: also restarted by a connection attempt
  sim::Time heard_clock_ = 0;  // lastHeard
  sim::Time loop_at_ = sim::kNever;     // when the loop wants to wake
  sim::Time loop_armed_ = sim::kNever;  // when its timer fires, never later than that
  bool announced_ = false;              // the event thread's last state is "connected"
  bool closing_ = false;
  std::uint32_t close_xid_ = 0;

  std::deque<Batch> batches_;
  std::uint64_t first_batch_ = 0;  // number of the front one
  std::deque<Permit> queued_;      // have a permit, wait for a connection
  std::deque<Permit> sent_;        // wait for their answer

  std::set<std::string> data_;
  std::set<std::string> exists_;
  std::set<std::string> children_;
};

}  // namespace isrlab::model
