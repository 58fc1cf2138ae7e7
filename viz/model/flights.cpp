#include "viz/model/flights.hpp"

#include <algorithm>

namespace isrlab::viz {
namespace {

using model::MessageType;

/// Nothing flies longer than this, except what waits behind a cut; that is not in the air.
constexpr sim::Duration kHorizon = 50 * sim::kMillisecond;

}  // namespace

Flights flights_of(const model::Cluster& cluster, const sim::Topology& topology, sim::Time now,
                   std::size_t limit) {
  Flights result;
  sim::Engine engine = cluster.engine();
  sim::Activation activation;
  while (engine.next(activation, now + kHorizon)) {
    if (activation.kind != sim::ActivationKind::kMessage || activation.connection == sim::kNone) {
      continue;
    }
    const sim::Connection& connection =
        engine.connections()[activation.connection & ~sim::kServerEnd];
    Flight flight;
    flight.to = activation.process;
    flight.from = connection.client == flight.to ? connection.server : connection.client;
    if (flight.from == flight.to) continue;
    if (result.flights.size() == limit) {
      result.truncated = true;
      break;
    }
    flight.type = static_cast<MessageType>(activation.message.type);
    flight.arrives = activation.now;
    const sim::Topology::Path& path = topology.path(cluster.catalog().process(flight.from).host,
                                                    cluster.catalog().process(flight.to).host);
    const auto longest = static_cast<float>(std::max<sim::Duration>(1, path.latency + path.jitter));
    const auto left = static_cast<float>(flight.arrives - now);
    flight.share = std::clamp(1 - left / longest, 0.0F, 1.0F);
    result.flights.push_back(flight);
  }
  return result;
}

MessageClass class_of(const Flight& flight, const model::Catalog& catalog) {
  const auto is_broker = [&](model::ProcessId process) { return catalog.broker_of(process) >= 1; };
  switch (flight.type) {
    case MessageType::kProduceRequest:
    case MessageType::kProduceResponse: return MessageClass::produce;
    case MessageType::kFetchRequest:
    case MessageType::kFetchResponse:
      return is_broker(flight.from) && is_broker(flight.to) ? MessageClass::replica_fetch
                                                            : MessageClass::fetch;
    case MessageType::kLeaderAndIsrRequest:
    case MessageType::kLeaderAndIsrResponse:
    case MessageType::kUpdateMetadataRequest:
    case MessageType::kUpdateMetadataResponse:
    case MessageType::kStopReplicaRequest:
    case MessageType::kStopReplicaResponse:
    case MessageType::kAlterPartitionRequest:
    case MessageType::kAlterPartitionResponse:
    case MessageType::kControlledShutdownRequest:
    case MessageType::kControlledShutdownResponse: return MessageClass::control;
    case MessageType::kFindCoordinatorRequest:
    case MessageType::kFindCoordinatorResponse:
    case MessageType::kJoinGroupRequest:
    case MessageType::kJoinGroupResponse:
    case MessageType::kSyncGroupRequest:
    case MessageType::kSyncGroupResponse:
    case MessageType::kHeartbeatRequest:
    case MessageType::kHeartbeatResponse:
    case MessageType::kLeaveGroupRequest:
    case MessageType::kLeaveGroupResponse:
    case MessageType::kOffsetCommitRequest:
    case MessageType::kOffsetCommitResponse:
    case MessageType::kOffsetFetchRequest:
    case MessageType::kOffsetFetchResponse: return MessageClass::group;
    default:
      return model::message_name(flight.type).substr(0, 2) == "Zk" ? MessageClass::zookeeper
                                                                   : MessageClass::metadata;
  }
}

bool is_response(MessageType type) {
  const std::string_view name = model::message_name(type);
  return name == "ZkPong" || name == "ZkReply" ||
         (name.size() > 8 && name.substr(name.size() - 8) == "Response");
}

}  // namespace isrlab::viz
