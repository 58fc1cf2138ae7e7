#include "model/broker/broker.hpp"

#include <algorithm>

namespace isrlab::model {

namespace {
constexpr std::uint32_t kHandleBits = 16;
}

Broker::Broker(BrokerId id, const Catalog& catalog, std::uint64_t seed)
    : id_(id),
      config_(&catalog.broker_config(id)),
      startup_random_(seed, "start:broker-" + std::to_string(id)),
      zk_random_(seed, "zookeeper-client:broker-" + std::to_string(id)),
      jitter_random_(seed, "segment-jitter:broker-" + std::to_string(id)),
      metadata_(catalog.partition_count()),
      local_(catalog.partition_count(), -1),
      topics_random_(seed, "topics:broker-" + std::to_string(id)),
      controller_(id, catalog),
      groups_(id, seed),
      seed_(seed),
      directories_(static_cast<std::size_t>(catalog.broker_config(id).log_dirs)) {
  reset_quotas();
}

void Broker::reset_quotas() {
  const std::int64_t windows = config_->replication_quota_window_num;
  const Duration window = config_->replication_quota_window_size;
  leader_quota_ = ReplicationQuota(config_->leader_replication_throttled_rate, windows, window);
  follower_quota_ = ReplicationQuota(config_->follower_replication_throttled_rate, windows, window);
}

PartitionContext Broker::context(PartitionId id, Time now, const Catalog& catalog) const {
  PartitionContext context;
  context.self = id_;
  context.now = now;
  context.lag_max = config_->replica_lag_time_max;
  context.min_insync_replicas = catalog.min_insync_replicas(catalog.partition(id).topic, id_);
  context.rules = config_->protocol();
  context.bugs = config_->bugs;
  context.live_brokers = &metadata_.live_brokers();
  return context;
}

Replica& Broker::host(PartitionId id) {
  if (Replica* known = hosted(id)) return *known;
  local_[id] = static_cast<std::int32_t>(replicas_.size());
  replicas_.emplace_back();
  replicas_.back().id = id;
  return replicas_.back();
}

Error Broker::missing_partition_error(PartitionId id) const {
  if (const Partition* known = partition(id); known != nullptr && known->offline) {
    return Error::kKafkaStorageError;
  }
  return metadata_.state(id).known ? Error::kNotLeaderOrFollower : Error::kUnknownTopicOrPartition;
}

void Broker::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  controller_.use_slots(timer_slots_);
  if (activation.kind == sim::ActivationKind::kMessage) {
    // The common case first: one look-up decides whose connection it is.
    if (const Endpoint* endpoint = endpoints_.find(activation.connection)) {
      const Endpoint target = *endpoint;
      if (target.kind == EndpointKind::kServer) {
        on_request(target.index, activation.message, messages, out);
      } else {
        on_response(target, activation.message, messages, out);
      }
      finish(messages, out);
      return;
    }
  }
  if (zk_.handle(activation, messages, out, zk_events_)) {
    on_zookeeper(out);
  } else {
    switch (activation.kind) {
      case sim::ActivationKind::kAccepted:
        accept(activation.connection, activation.argument);
        break;
      case sim::ActivationKind::kConnected: on_connected(activation, out); break;
      case sim::ActivationKind::kRefused:
      case sim::ActivationKind::kClosed: on_closed(activation, messages, out); break;
      case sim::ActivationKind::kTimer: on_timer(activation, out); break;
      case sim::ActivationKind::kDiskDone: on_disk_done(activation.argument, out); break;
      default: break;
    }
  }
  finish(messages, out);
}

void Broker::finish(Messages& messages, Out& out) {
  // The parts of a broker talk to each other through lists, emptied until nothing is left.
  for (;;) {
    if (!closing_servers_.empty()) {
      const std::uint32_t slot = closing_servers_.back();
      closing_servers_.pop_back();
      if (servers_[slot].in_use) drop_server_connection(slot, messages, out);
    } else if (!actions_.empty()) {
      run_coordinator_actions(messages, out);
    } else if (!controller_.answers().empty() || !controller_.new_connections().empty() ||
               !controller_.closed_connections().empty()) {
      run_controller_answers(messages, out);
    } else if (!unmuted_.empty()) {
      drain_unmuted(messages, out);
    } else {
      return;
    }
  }
}

// --- server connections --------------------------------------------------------------------------

void Broker::accept(ConnectionId connection, ProcessId peer) {
  std::uint32_t slot = 0;
  if (free_servers_.empty()) {
    slot = static_cast<std::uint32_t>(servers_.size());
    servers_.emplace_back();
  } else {
    slot = free_servers_.back();
    free_servers_.pop_back();
  }
  ServerConnection& server = servers_[slot];
  const std::uint16_t generation = static_cast<std::uint16_t>(server.generation + 1);
  server = ServerConnection();
  server.generation = generation;
  server.connection = connection;
  server.peer = peer;
  server.in_use = true;
  server.timer_slot = timer_slots_.take();
  endpoints_[connection] = {EndpointKind::kServer, slot};
}

std::uint32_t Broker::request_handle(std::uint32_t slot) const {
  return slot | static_cast<std::uint32_t>(servers_[slot].generation) << kHandleBits;
}

std::uint32_t Broker::slot_of(std::uint32_t handle) const {
  const std::uint32_t slot = handle & ((1U << kHandleBits) - 1);
  if (handle == kNone || slot >= servers_.size()) return kNone;
  const ServerConnection& server = servers_[slot];
  return server.in_use && server.generation == handle >> kHandleBits ? slot : kNone;
}

void Broker::on_request(std::uint32_t slot, sim::MessageRef message, Messages& messages, Out& out) {
  ServerConnection& server = servers_[slot];
  if (server.muted) {
    server.waiting.push_back(message);
    out.keep();  // stays in the socket buffer until the connection is unmuted
    return;
  }
  serve(slot, message, messages, out);
}

void Broker::serve(std::uint32_t slot, sim::MessageRef message, Messages& messages, Out& out) {
  servers_[slot].muted = true;
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kFetchRequest:
      return handle_fetch(slot, messages.get<FetchRequest>(message), out);
    case MessageType::kProduceRequest:
      return serve_produce(slot, messages.get<ProduceRequest>(message), out);
    case MessageType::kApiVersionsRequest: {
      auto response = out.make<ApiVersionsResponse>();
      response->correlation = messages.get<ApiVersionsRequest>(message).correlation;
      return respond(slot, response, out);
    }
    case MessageType::kMetadataRequest:
      return handle_metadata(slot, messages.get<MetadataRequest>(message), out);
    case MessageType::kListOffsetsRequest:
      return handle_list_offsets(slot, messages.get<ListOffsetsRequest>(message), out);
    case MessageType::kOffsetsForLeaderEpochRequest:
      return handle_epoch_ends(slot, messages.get<OffsetsForLeaderEpochRequest>(message), out);
    case MessageType::kInitProducerIdRequest:
      return handle_init_producer_id(slot, messages.get<InitProducerIdRequest>(message), out);
    case MessageType::kFindCoordinatorRequest:
      return handle_find_coordinator(slot, messages.get<FindCoordinatorRequest>(message), out);
    case MessageType::kCreateTopicsRequest:
      return handle_create_topics(slot, messages.get<CreateTopicsRequest>(message), out);
    case MessageType::kLeaderAndIsrRequest: {
      const auto& request = messages.get<LeaderAndIsrRequest>(message);
      const std::uint32_t syncs = syncs_of(request);
      if (syncs == 0) return handle_leader_and_isr(slot, request, out);
      DiskWait& wait = disk_waits_[wait_for_disk(syncs, out)];
      wait.server = request_handle(slot);
      wait.request = request;
      return;
    }
    case MessageType::kUpdateMetadataRequest:
      return handle_update_metadata(slot, messages.get<UpdateMetadataRequest>(message), out);
    case MessageType::kStopReplicaRequest:
      return handle_stop_replica(slot, messages.get<StopReplicaRequest>(message), out);
    case MessageType::kAlterPartitionRequest:
    case MessageType::kAlterPartitionReassignmentsRequest:
    case MessageType::kElectLeadersRequest:
    case MessageType::kControlledShutdownRequest:
    case MessageType::kAllocateProducerIdsRequest:
      return serve_controller(slot, message, messages, out);
    default: return handle_group_request(slot, message, messages, out);
  }
}

/// What the controller's queue answers, in its time.
void Broker::serve_controller(std::uint32_t slot, sim::MessageRef message, Messages& messages,
                              Out& out) {
  ControllerEvent event;
  event.slot = request_handle(slot);
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kAlterPartitionRequest:
      event.type = ControllerEventType::kAlterPartition;
      event.alter = messages.get<AlterPartitionRequest>(message);
      break;
    case MessageType::kAlterPartitionReassignmentsRequest:
      event.type = ControllerEventType::kReassign;
      event.reassign = messages.get<AlterPartitionReassignmentsRequest>(message);
      break;
    case MessageType::kElectLeadersRequest:
      event.type = ControllerEventType::kElectionAsked;
      event.elect = messages.get<ElectLeadersRequest>(message);
      break;
    case MessageType::kControlledShutdownRequest: {
      const auto& request = messages.get<ControlledShutdownRequest>(message);
      event.type = ControllerEventType::kControlledShutdown;
      event.broker = request.broker;
      event.broker_epoch = request.broker_epoch;
      servers_[slot].correlation = request.correlation;
      break;
    }
    default: {
      const auto& request = messages.get<AllocateProducerIdsRequest>(message);
      event.type = ControllerEventType::kAllocateProducerIds;
      event.broker = request.broker;
      event.broker_epoch = request.broker_epoch;
      servers_[slot].correlation = request.correlation;
      break;
    }
  }
  controller_.enqueue(std::move(event), zk_, out);
}

void Broker::respond_ref(std::uint32_t slot, sim::MessageRef message, std::uint32_t bytes,
                         Out& out) {
  if (slot == kNone) return out.discard(message);  // nobody waits for it any more
  ServerConnection& server = servers_[slot];
  out.send_ref(server.connection, message, bytes);
  server.parked = Parked::kNone;
  server.muted = false;
  if (!server.waiting.empty()) unmuted_.push_back(slot);
}

void Broker::drain_unmuted(Messages& messages, Out& out) {
  const std::uint32_t slot = unmuted_.back();
  unmuted_.pop_back();
  ServerConnection& server = servers_[slot];
  if (!server.in_use || server.muted || server.waiting.empty()) return;
  const sim::MessageRef message = server.waiting.front();
  server.waiting.erase(server.waiting.begin());
  serve(slot, message, messages, out);
  messages.release(message);
}

void Broker::drop_server_connection(std::uint32_t slot, Messages& messages, Out& out) {
  ServerConnection& server = servers_[slot];
  groups_.on_connection_closed(server.connection);
  clear_session(slot);
  if (server.parked == Parked::kProduce) forget_parked_produce(slot);
  for (const sim::MessageRef message : server.waiting) messages.release(message);
  out.cancel_timer(server.timer_slot);
  timer_slots_.give_back(server.timer_slot);
  endpoints_.erase(server.connection);
  const std::uint16_t generation = server.generation;
  server = ServerConnection();
  server.generation = generation;
  free_servers_.push_back(slot);
}

// --- connections of its own ----------------------------------------------------------------------

void Broker::on_connected(const sim::Activation& activation, Out& out) {
  const Endpoint* endpoint = endpoints_.find(activation.connection);
  if (endpoint == nullptr) return;
  const Endpoint target = *endpoint;
  switch (target.kind) {
    case EndpointKind::kFetcher:
      fetchers_[target.index].channel.connected(out);
      return run_fetcher(target.index, out);
    case EndpointKind::kControl:
      return controller_.on_channel_connected(static_cast<BrokerId>(target.index), out);
    case EndpointKind::kAlter: return alter_connected(out);
    case EndpointKind::kShutdown: return shutdown_connected(out);
    case EndpointKind::kServer: return;
  }
}

void Broker::on_closed(const sim::Activation& activation, Messages& messages, Out& out) {
  const Endpoint* endpoint = endpoints_.find(activation.connection);
  if (endpoint == nullptr) return;
  const Endpoint target = *endpoint;
  if (target.kind == EndpointKind::kServer) {
    return drop_server_connection(target.index, messages, out);
  }
  endpoints_.erase(activation.connection);
  switch (target.kind) {
    case EndpointKind::kFetcher:
      fetchers_[target.index].channel.lost(out);
      return on_fetcher_failure(target.index, out);
    case EndpointKind::kControl:
      return controller_.on_channel_lost(static_cast<BrokerId>(target.index), out);
    case EndpointKind::kAlter: alter_channel_.lost(out); return alter_partition_lost(out);
    case EndpointKind::kShutdown:
      shutdown_channel_.lost(out);
      return controlled_shutdown_failed(out);
    case EndpointKind::kServer: return;
  }
}

void Broker::on_response(const Endpoint& endpoint, sim::MessageRef message, Messages& messages,
                         Out& out) {
  switch (endpoint.kind) {
    case EndpointKind::kFetcher:
      if (message.type == static_cast<std::uint16_t>(MessageType::kFetchResponse)) {
        return on_fetch_response(endpoint.index, messages.get<FetchResponse>(message), out);
      }
      if (message.type == static_cast<std::uint16_t>(MessageType::kOffsetsForLeaderEpochResponse)) {
        return on_epoch_ends(endpoint.index, messages.get<OffsetsForLeaderEpochResponse>(message),
                             out);
      }
      return on_list_offsets(endpoint.index, messages.get<ListOffsetsResponse>(message), out);
    case EndpointKind::kControl:
      return controller_.on_control_response(static_cast<BrokerId>(endpoint.index), message,
                                             messages, zk_, out);
    case EndpointKind::kAlter: return on_alter_response(message, messages, out);
    case EndpointKind::kShutdown:
      return on_shutdown_response(messages.get<ControlledShutdownResponse>(message), out);
    case EndpointKind::kServer: return;
  }
}

void Broker::on_timer(const sim::Activation& activation, Out& out) {
  const auto kind = static_cast<TimerKind>(activation.type);
  if (kind >= TimerKind::kCoordinatorFirst && kind <= TimerKind::kCoordinatorLast) {
    groups_.on_timer(activation.argument, {out, timer_slots_, actions_});
    return;
  }
  switch (kind) {
    case TimerKind::kBrokerStartup: return load_logs(out);
    case TimerKind::kLogsLoaded: return logs_loaded(out);
    case TimerKind::kLogRetention: return clean_up_logs(out);
    case TimerKind::kLogFlusher: return flush_dirty_logs(out);
    case TimerKind::kRecoveryPointCheckpoint: return checkpoint_recovery_points(out);
    case TimerKind::kLogStartCheckpoint: return checkpoint_log_starts(out);
    case TimerKind::kProducerExpiration: return expire_producers(out);
    case TimerKind::kFileDeletion: return delete_files(out);
    case TimerKind::kBrokerOpening: return open_port(out);
    case TimerKind::kParkedRequest: return parked_timed_out(activation.argument, out);
    case TimerKind::kInternalAppend:
      return complete_internal(activation.argument, Error::kRequestTimedOut, out);
    case TimerKind::kGroupLoad: return load_groups(activation.argument, out);
    case TimerKind::kHighWatermarkCheckpoint: return checkpoint_high_watermarks(out);
    case TimerKind::kIsrShrink: return shrink_isrs(out);
    case TimerKind::kFetcher: return run_fetcher(activation.argument, out);
    case TimerKind::kFetchRequestTimeout: {
      Fetcher& fetcher = fetchers_[activation.argument];
      if (fetcher.channel.waits_on(kind, activation.argument, out)) return;
      endpoints_.erase(fetcher.channel.connection());
      fetcher.channel.close(out);
      return on_fetcher_failure(activation.argument, out);
    }
    case TimerKind::kChannelTimeout:
    case TimerKind::kChannelRetry:
    case TimerKind::kControllerRebalance:
      return controller_.on_timer(kind, activation.argument, zk_, out);
    case TimerKind::kAlterPartitionRetry:
      alter_pausing_ = false;
      return maybe_send_alter_partition(out);
    case TimerKind::kAlterPartitionTimeout:
      if (alter_channel_.waits_on(kind, activation.argument, out)) return;
      endpoints_.erase(alter_channel_.connection());
      alter_channel_.close(out);
      return alter_partition_lost(out);
    case TimerKind::kControlledShutdown: return attempt_controlled_shutdown(out);
    case TimerKind::kShutdownTimeout:
      if (shutdown_channel_.waits_on(kind, activation.argument, out)) return;
      endpoints_.erase(shutdown_channel_.connection());
      shutdown_channel_.close(out);
      return controlled_shutdown_failed(out);
    case TimerKind::kZkReopen: return zk_.open(out);
    case TimerKind::kZkConnectionTimeout: return zookeeper_not_found(out);
    case TimerKind::kPendingTopicCreation: return recheck_pending_topics(out);
    default: return;
  }
}

void Broker::parked_timed_out(std::uint32_t slot, Out& out) {
  const ServerConnection& server = servers_[slot];
  if (!server.in_use) return;
  if (server.parked == Parked::kFetch)
    complete_fetch(slot, false, out);
  else if (server.parked == Parked::kProduce)
    produce_timed_out(slot, out);
}

}  // namespace isrlab::model
