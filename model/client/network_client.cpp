#include "model/client/network_client.hpp"

#include <algorithm>
#include <string>

namespace isrlab::model {
namespace {

/// Kafka compares whole milliseconds and wants strictly more than the time-out.
constexpr Duration kStrictlyMore = sim::kMillisecond;

std::uint32_t correlation_of(const sim::Activation& activation, Messages& messages) {
  switch (static_cast<MessageType>(activation.message.type)) {
#define X(name) \
  case MessageType::k##name: return messages.get<name>(activation.message).correlation;
    X(ApiVersionsResponse)
    X(MetadataResponse)
    X(ProduceResponse)
    X(FetchResponse)
    X(ListOffsetsResponse)
    X(InitProducerIdResponse)
    X(FindCoordinatorResponse)
    X(JoinGroupResponse)
    X(SyncGroupResponse)
    X(HeartbeatResponse)
    X(LeaveGroupResponse)
    X(OffsetCommitResponse)
    X(OffsetFetchResponse)
    X(CreateTopicsResponse)
    X(AlterPartitionReassignmentsResponse)
    X(ElectLeadersResponse)
#undef X
    default: break;
  }
  SIM_ASSERT2(false, "a client got a message that is no answer", activation.message.type, 0);
  return 0;
}

}  // namespace

NetworkClient::NetworkClient(const Catalog& catalog, const ClientConfig& config,
                             std::int64_t max_in_flight, std::uint64_t seed, std::string_view name)
    : config_(config),
      max_in_flight_(max_in_flight),
      brokers_(catalog.broker_count()),
      partitions_(catalog.partition_count()),
      topics_(static_cast<std::uint32_t>(catalog.topics().size())),
      random_(seed, "client:" + std::string(name)) {
  reset();
}

void NetworkClient::reset() {
  metadata_ = ClientMetadata(partitions_, topics_, config_);
  nodes_.assign(std::size_t{3} * brokers_, Node());
  by_connection_.clear();
  failures_.clear();
  lost_nodes_.clear();
  timer_ = LazyTimer();
}

std::optional<InFlightRequest> NetworkClient::handle(const sim::Activation& activation,
                                                     Messages& messages, Out& out) {
  if (activation.kind == sim::ActivationKind::kTimer) {
    if (activation.type == static_cast<std::uint16_t>(ClientTimer::kNetwork)) {
      timer_.fired();
      check_deadlines(out);
    }
    return std::nullopt;
  }
  const NodeIndex* found = by_connection_.find(activation.connection);
  if (found == nullptr) return std::nullopt;  // given up by us, the peer did not know yet
  const NodeIndex node = *found;
  switch (activation.kind) {
    case sim::ActivationKind::kConnected: connected(node, out); break;
    case sim::ActivationKind::kRefused:
    case sim::ActivationKind::kClosed: lost(node, Error::kNetworkException, out); break;
    case sim::ActivationKind::kMessage: return on_response(node, activation, messages, out);
    default: break;
  }
  return std::nullopt;
}

std::optional<InFlightRequest> NetworkClient::on_response(NodeIndex index,
                                                          const sim::Activation& activation,
                                                          Messages& messages, Out& out) {
  Node& node = nodes_[index];
  SIM_ASSERT(!node.in_flight.empty(), "an answer to no request");
  const InFlightRequest request = node.in_flight.front();
  const std::uint32_t correlation = correlation_of(activation, messages);
  SIM_ASSERT2(request.correlation == correlation, "answers of one connection are FIFO",
              request.correlation, correlation);
  node.in_flight.pop_front();
  node.last_used = out.monotonic();
  if (request.type == MessageType::kApiVersionsRequest) {
    node.state = ConnectionState::kReady;
    node.failed_attempts = 0;
    node.failed_setups = 0;
    node.reconnect_backoff = config_.reconnect_backoff;
    return std::nullopt;
  }
  if (request.type == MessageType::kMetadataRequest) {
    metadata_.apply(messages.get<MetadataResponse>(activation.message), random_, out);
    return std::nullopt;
  }
  return request;
}

void NetworkClient::track(Node& node, const InFlightRequest& request) {
  node.in_flight.push_back(request);
  timer_.note(request.sent + request.timeout + kStrictlyMore);
}

void NetworkClient::connect(NodeIndex index, Out& out) {
  Node& node = nodes_[index];
  if (node.failed_setups == 0) {
    const ExponentialBackoff setup{config_.socket_connection_setup_timeout,
                                   config_.socket_connection_setup_timeout_max};
    node.setup_timeout = setup.draw(0, random_);
  }
  node.state = ConnectionState::kConnecting;
  node.last_attempt = out.now();
  node.connection = out.connect(out.catalog().broker_process(broker_of(index)));
  by_connection_[node.connection] = index;
  timer_.note(out.now() + node.setup_timeout + kStrictlyMore);
}

void NetworkClient::connected(NodeIndex index, Out& out) {
  Node& node = nodes_[index];
  node.state = ConnectionState::kCheckingApiVersions;
  node.failed_setups = 0;
  send(index, out.make<ApiVersionsRequest>(), 0, config_.request_timeout, out);
  timer_.note(out.now() + config_.connections_max_idle + kStrictlyMore);
}

void NetworkClient::lost(NodeIndex index, Error error, Out& out) {
  Node& node = nodes_[index];
  by_connection_.erase(node.connection);
  node.connection = kNone;
  if (node.state == ConnectionState::kConnecting) {
    ++node.failed_setups;
    const ExponentialBackoff setup{config_.socket_connection_setup_timeout,
                                   config_.socket_connection_setup_timeout_max};
    node.setup_timeout = setup.draw(node.failed_setups, random_);
  }
  const ExponentialBackoff reconnect{config_.reconnect_backoff, config_.reconnect_backoff_max};
  node.reconnect_backoff = reconnect.draw(node.failed_attempts, random_);
  ++node.failed_attempts;
  node.state = ConnectionState::kDisconnected;
  node.last_attempt = out.now();
  bool metadata_failed = metadata_.update_due(out.now());
  for (std::size_t i = 0; i < node.in_flight.size(); ++i) {
    const InFlightRequest& request = node.in_flight[i];
    if (request.type == MessageType::kMetadataRequest) {
      metadata_failed = true;
    } else if (request.type != MessageType::kApiVersionsRequest) {
      failures_.push_back({request, error});
    }
  }
  node.in_flight.clear();
  // A disconnect while an update is due counts as a failed update, so that the client backs off; in
  // any case it may be the result of stale metadata.
  if (metadata_failed) metadata_.failed(out.now(), random_);
  metadata_.request_update();
  lost_nodes_.push_back(index);
  timer_.note(out.now() + node.reconnect_backoff);
}

void NetworkClient::disconnect(NodeIndex index, Error error, Out& out) {
  Node& node = nodes_[index];
  if (node.state == ConnectionState::kDisconnected) return;
  out.close(node.connection);
  lost(index, error, out);
}

void NetworkClient::close_all(Out& out) {
  for (Node& node : nodes_) {
    if (node.state != ConnectionState::kDisconnected) out.close(node.connection);
    node = Node();
  }
  by_connection_.clear();
  failures_.clear();
  lost_nodes_.clear();
}

std::optional<NodeIndex> NetworkClient::least_loaded_node(Time now) {
  const std::size_t count = metadata_.bootstrapped() ? metadata_.brokers().size() : brokers_;
  const std::size_t offset = random_.below(count);
  std::optional<NodeIndex> usable;
  std::optional<NodeIndex> connecting;
  std::optional<NodeIndex> connectable;
  std::size_t fewest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const NodeIndex index = metadata_node((offset + i) % count);
    const Node& node = nodes_[index];
    if (can_send(node)) {
      if (node.in_flight.empty()) return index;
      if (!usable || node.in_flight.size() < fewest) {
        usable = index;
        fewest = node.in_flight.size();
      }
    } else if (node.state == ConnectionState::kConnecting ||
               node.state == ConnectionState::kCheckingApiVersions) {
      connecting = index;
    } else if (can_connect(node, now)) {
      if (!connectable || nodes_[*connectable].last_attempt > node.last_attempt) {
        connectable = index;
      }
    }
  }
  if (usable) return usable;
  return connecting ? connecting : connectable;
}

void NetworkClient::poll(Out& out) {
  if (!metadata_.update_due(out.now())) return;
  const std::optional<NodeIndex> index = least_loaded_node(out.now());
  if (!index) return;  // a reconnect backoff ends later, and the timer knows when
  const Node& node = nodes_[*index];
  if (can_send(node)) {
    const auto request = out.make<MetadataRequest>();
    metadata_.fill(*request);
    send(*index, request, 0, config_.request_timeout, out);
  } else if (can_connect(node, out.now())) {
    connect(*index, out);
  }
}

bool NetworkClient::ready(NodeIndex index, Out& out) {
  poll(out);
  const Node& node = nodes_[index];
  if (can_send(node)) {
    if (!metadata_.update_due(out.now())) return true;
    return false;  // metadata goes first
  }
  if (can_connect(node, out.now())) {
    connect(index, out);
  } else if (node.state == ConnectionState::kDisconnected) {
    timer_.note(node.last_attempt + node.reconnect_backoff);
  }
  return false;
}

void NetworkClient::check_node(NodeIndex index, Out& out) {
  Node& node = nodes_[index];
  if (node.state == ConnectionState::kDisconnected) {
    if (node.last_attempt >= 0 && node.last_attempt + node.reconnect_backoff > out.now()) {
      timer_.note(node.last_attempt + node.reconnect_backoff);
    }
    return;
  }
  if (node.state == ConnectionState::kConnecting) {
    const Time deadline = node.last_attempt + node.setup_timeout + kStrictlyMore;
    if (deadline <= out.now()) {
      disconnect(index, Error::kNetworkException, out);
    } else {
      timer_.note(deadline);
    }
    return;
  }
  Time earliest = out.own_time(node.last_used + config_.connections_max_idle + kStrictlyMore);
  if (!node.in_flight.empty()) earliest = sim::kNever;
  for (std::size_t i = 0; i < node.in_flight.size(); ++i) {
    const InFlightRequest& request = node.in_flight[i];
    const Time deadline = request.sent + request.timeout + kStrictlyMore;
    if (deadline <= out.now()) {
      const BrokerId broker = broker_of(index);
      out.because_of_silence(out.catalog().broker_process(broker), request.sent);
      out.record(HistoryKind::kRequestTimedOut, static_cast<std::uint32_t>(broker),
                 static_cast<std::int64_t>(request.type));
      disconnect(index, Error::kRequestTimedOut, out);
      return;
    }
    earliest = std::min(earliest, deadline);
  }
  if (earliest <= out.now()) {
    disconnect(index, Error::kNetworkException, out);  // idle for too long
  } else {
    timer_.note(earliest);
  }
}

void NetworkClient::check_deadlines(Out& out) {
  for (NodeIndex node = 0; node < nodes_.size(); ++node) check_node(node, out);
  if (metadata_.next_update() > out.now()) timer_.note(metadata_.next_update());
}

std::size_t NetworkClient::in_flight() const {
  std::size_t sum = 0;
  for (const Node& node : nodes_) sum += node.in_flight.size();
  return sum;
}

}  // namespace isrlab::model
