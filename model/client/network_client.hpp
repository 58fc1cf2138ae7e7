// The connections of one client process (org.apache.kafka.clients.NetworkClient,
// ClusterConnectionStates, InFlightRequests, 3.9; reference clients-and-groups.md 1.7). A part of
// producer, consumer and admin: the owner passes it every activation, takes replies and failures,
// and calls finish() at the end. Answers on one connection are FIFO; a request that times out takes
// its whole connection with it.
#pragma once
#include <optional>
#include <vector>

#include "model/client/metadata.hpp"
#include "model/client/ring.hpp"
#include "model/client/timers.hpp"
#include "model/flat_map.hpp"
#include "model/protocol/messages.hpp"

namespace isrlab::model {

enum class ConnectionState : std::uint8_t {
  kDisconnected,
  kConnecting,
  kCheckingApiVersions,
  kReady,
};

/// A node is a broker seen over one of three connections, as in Kafka: the bootstrap address, the
/// broker's own id, and the coordinator (node id 2147483647 - broker id).
using NodeIndex = std::uint32_t;

struct InFlightRequest {
  MessageType type = MessageType::kCount;  // of the request
  std::uint32_t correlation = 0;
  std::uint32_t token = 0;  // the owner's
  NodeIndex node = kNone;
  Time sent = 0;
  Duration timeout = 0;
};

struct FailedRequest {
  InFlightRequest request;
  Error error = Error::kNetworkException;  // or kRequestTimedOut
};

class NetworkClient {
 public:
  NetworkClient() = default;
  NetworkClient(const Catalog& catalog, const ClientConfig& config, std::int64_t max_in_flight,
                std::uint64_t seed, std::string_view name);

  /// The process died: no connections, no metadata; the random stream goes on.
  void reset();

  /// Handles what concerns connections, metadata and timers. A reply to a request of the owner is
  /// returned; its message is that of the activation. Look at failures() afterwards.
  std::optional<InFlightRequest> handle(const sim::Activation& activation, Messages& messages,
                                        Out& out);
  /// Sends what metadata needs. Call it in each pass of the owner's loop: metadata goes first.
  void poll(Out& out);
  /// Metadata and the timer; the last call of a handler.
  void finish(Out& out) {
    poll(out);
    const Time update = metadata_.next_update();
    if (!metadata_.in_progress() && update > out.now()) timer_.note(update);
    timer_.arm(kNetworkSlot, ClientTimer::kNetwork, out);
  }

  NodeIndex node_of(BrokerId broker) const { return brokers_ + static_cast<NodeIndex>(broker) - 1; }
  NodeIndex coordinator_node(BrokerId broker) const {
    return 2 * brokers_ + static_cast<NodeIndex>(broker) - 1;
  }
  BrokerId broker_of(NodeIndex node) const { return static_cast<BrokerId>(node % brokers_) + 1; }

  /// A request may be sent now; if not, a connection is started when that is allowed.
  bool ready(NodeIndex node, Out& out);
  /// Disconnected and still backing off (ConsumerNetworkClient#isUnavailable).
  bool unavailable(NodeIndex node, Time now) const {
    const Node& n = nodes_[node];
    return n.state == ConnectionState::kDisconnected && n.last_attempt >= 0 &&
           now < n.last_attempt + n.reconnect_backoff;
  }
  std::optional<NodeIndex> least_loaded_node(Time now);

  template <class M>
  void send(NodeIndex node, const Outgoing<M>& message, std::uint32_t token, Duration timeout,
            Out& out) {
    message.message->correlation = ++correlation_;
    Node& target = nodes_[node];
    target.last_used = out.monotonic();
    track(target, {MessageTypeOf<M>::value, correlation_, token, node, out.now(), timeout});
    out.send(target.connection, message);
  }
  /// For requests without an answer (acks=0).
  template <class M>
  void send_and_forget(NodeIndex node, const Outgoing<M>& message, Out& out) {
    message.message->correlation = ++correlation_;
    nodes_[node].last_used = out.monotonic();
    out.send(nodes_[node].connection, message);
  }
  /// Closes the connection and fails what is in flight on it.
  void disconnect(NodeIndex node, Error error, Out& out);
  void close_all(Out& out);

  /// Requests that will not be answered, oldest first; the owner clears the list. It may grow while
  /// the owner works on it.
  std::vector<FailedRequest>& failures() { return failures_; }
  /// Nodes whose connection ended or could not be made; the owner clears the list.
  std::vector<NodeIndex>& lost_nodes() { return lost_nodes_; }

  ClientMetadata& metadata() { return metadata_; }
  const ClientMetadata& metadata() const { return metadata_; }
  ConnectionState state(NodeIndex node) const { return nodes_[node].state; }
  std::size_t in_flight(NodeIndex node) const { return nodes_[node].in_flight.size(); }
  std::size_t in_flight() const;
  sim::Random& random() { return random_; }
  /// Time to look again, because ready() was refused by a reconnect backoff.
  void note(Time deadline) { timer_.note(deadline); }

 private:
  struct Node {
    ConnectionState state = ConnectionState::kDisconnected;
    ConnectionId connection = kNone;
    Time last_attempt = -1;  // of a connection; -1: never tried
    Duration reconnect_backoff = 0;
    Duration setup_timeout = 0;
    std::int32_t failed_attempts = 0;
    std::int32_t failed_setups = 0;
    Time last_used = 0;  // monotonic (Selector.IdleExpiryManager)
    Ring<InFlightRequest> in_flight;
  };

  bool can_send(const Node& node) const {
    return node.state == ConnectionState::kReady &&
           node.in_flight.size() < static_cast<std::size_t>(max_in_flight_);
  }
  bool can_connect(const Node& node, Time now) const {
    return node.state == ConnectionState::kDisconnected &&
           (node.last_attempt < 0 || now >= node.last_attempt + node.reconnect_backoff);
  }
  NodeIndex metadata_node(std::size_t index) const {
    return metadata_.bootstrapped() ? node_of(metadata_.brokers()[index])
                                    : static_cast<NodeIndex>(index);
  }
  void connect(NodeIndex node, Out& out);
  void connected(NodeIndex node, Out& out);
  void lost(NodeIndex node, Error error, Out& out);
  void track(Node& node, const InFlightRequest& request);
  void check_deadlines(Out& out);
  void check_node(NodeIndex node, Out& out);
  std::optional<InFlightRequest> on_response(NodeIndex node, const sim::Activation& activation,
                                             Messages& messages, Out& out);

  ClientConfig config_;
  std::int64_t max_in_flight_ = 0;
  std::uint32_t brokers_ = 0;
  std::uint32_t partitions_ = 0;
  std::uint32_t topics_ = 0;
  sim::Random random_;
  ClientMetadata metadata_;
  std::vector<Node> nodes_;  // bootstrap, brokers, coordinators; by broker id
  FlatMap<ConnectionId, NodeIndex> by_connection_;
  std::uint32_t correlation_ = 0;
  std::vector<FailedRequest> failures_;
  std::vector<NodeIndex> lost_nodes_;
  LazyTimer timer_;
};

}  // namespace isrlab::model
