// The ZooKeeper client of a broker: ClientCnxn with Kafka's wrapper (ZooKeeperClient.scala,
// KafkaZkClient.scala) on top. Requests are pipelined up to zookeeper.max.in.flight.requests,
// CONNECTIONLOSS is retried until connected, watches are one-shot and re-sent after a reconnect, the
// client learns of its expiry only from a server.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "model/out.hpp"
#include "model/protocol/zookeeper.hpp"
#include "sim/random.hpp"

namespace isrlab::model {

enum class ZkClientEventKind : std::uint8_t {
  kConnected,     // a session is established or re-established
  kDisconnected,  // the connection is lost; the session may live on
  kExpired,       // a server said so; the object is closed until reopen()
  kBatchDone,     // all requests of a batch are answered (token, replies in order)
  kBatchFailed,   // the session expired before the batch was done (token)
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
  void open(Out& out);
  /// Sends closeSession; kClosed follows, or the connection is lost.
  void close(Out& out);
  /// A batch of requests, answered together; each is one operation or one multi. Batches are
  /// pipelined in order behind each other.
  void submit(std::uint32_t token, std::vector<ZkRequest> requests, Out& out);
  /// Forgets everything not answered yet (controller resigned, session lost).
  void abandon(std::uint32_t token);

  bool connected() const;
  std::int64_t session_id() const;
  sim::Duration negotiated_timeout() const;
  sim::Time last_send() const;  // for reports: the last touch of the session

  /// True if the activation belongs to the client (its connection or one of its timers); events are
  /// appended in the order in which the client's event thread would see them.
  bool handle(const sim::Activation& activation, Messages& messages, Out& out,
              std::vector<ZkClientEvent>& events);
};

}  // namespace isrlab::model
