// Requests from the controller to brokers (ControllerChannelManager.scala): batches of one state
// change, flushed as LeaderAndIsr, UpdateMetadata, StopReplica in this order, and one sender per
// broker with one request in flight and endless retries.
#include <algorithm>

#include "model/controller/controller.hpp"

namespace isrlab::model {

namespace {
constexpr Duration kSenderPause = 100 * sim::kMillisecond;
}

std::vector<BrokerId> Controller::live_or_shutting_down() const {
  std::vector<BrokerId> ids;
  for (const auto& [id, epoch] : context_.live) ids.push_back(id);
  return ids;
}

std::vector<PartitionId> Controller::partitions_with_replica_on(
    const std::vector<BrokerId>& brokers) const {
  std::vector<PartitionId> result;
  for (PartitionId p = 0; p < context_.assignment.size(); ++p) {
    for (const BrokerId broker : brokers) {
      if (context_.assignment[p].contains(broker)) {
        result.push_back(p);
        break;
      }
    }
  }
  return result;
}

std::vector<PartitionId> Controller::partitions_in(PartitionState state) const {
  std::vector<PartitionId> result;
  for (PartitionId p = 0; p < context_.state.size(); ++p) {
    if (context_.state[p] == state) result.push_back(p);
  }
  return result;
}

void Controller::note_state(PartitionId partition, const Leadership& leadership, Out& out) {
  Leadership& known = context_.leadership[partition];
  known = leadership;
  known.known = true;
  known.controller_epoch = context_.epoch;
  known.cause = out.record(HistoryKind::kPartitionState, partition, leadership.leader,
                           out.list(leadership.isr),
                           static_cast<std::int64_t>(leadership.leader_epoch) << 32 |
                               static_cast<std::uint32_t>(leadership.version));
}

PartitionStateMessage Controller::state_message(PartitionId partition, bool is_new) const {
  const Leadership& leadership = context_.leadership[partition];
  PartitionStateMessage message;
  message.partition = partition;
  message.controller_epoch = leadership.controller_epoch;
  message.leader = leadership.leader;
  message.leader_epoch = leadership.leader_epoch;
  message.partition_epoch = leadership.version;
  message.isr = leadership.isr;
  message.replicas = context_.assignment[partition];
  message.is_new = is_new;
  message.recovering = leadership.recovering;
  message.cause = cause_of(partition);
  return message;
}

void Controller::add_leader_and_isr(const std::vector<BrokerId>& brokers, PartitionId partition,
                                    bool is_new) {
  for (const BrokerId broker : brokers) {
    if (!context_.is_live_or_shutting_down(broker)) continue;
    auto& states = batch_.leader_and_isr[broker];
    const auto known = std::find_if(states.begin(), states.end(), [partition](const auto& state) {
      return state.partition == partition;
    });
    if (known == states.end()) {
      states.push_back(state_message(partition, is_new));
    } else {
      *known = state_message(partition, is_new || known->is_new);  // the last state wins
    }
  }
  add_update_metadata(partition);
}

void Controller::add_update_metadata(PartitionId partition) {
  auto& list = batch_.update_metadata_partitions;
  if (list.empty() || list.back() != partition) list.push_back(partition);
  if (batch_.update_metadata_brokers.empty()) {
    batch_.update_metadata_brokers = live_or_shutting_down();
  }
}

void Controller::add_stop_replica(BrokerId broker, PartitionId partition, bool delete_partition) {
  if (!context_.is_live_or_shutting_down(broker)) return;
  const Leadership& leadership = context_.leadership[partition];
  const std::int32_t epoch = leadership.known ? leadership.leader_epoch : -1;
  batch_.stop_replica[broker].push_back({partition, epoch, delete_partition});
}

void Controller::flush(Out& out) {
  for (auto& [broker, states] : batch_.leader_and_isr) {
    LeaderAndIsrRequest request;
    request.controller = self_;
    request.controller_epoch = context_.epoch;
    request.broker_epoch = *context_.live.find(broker);
    request.partitions = std::move(states);
    send(broker, std::move(request), out);
  }
  auto& partitions = batch_.update_metadata_partitions;
  if (!batch_.update_metadata_brokers.empty()) {
    std::sort(partitions.begin(), partitions.end());
    partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
    send_update_metadata(batch_.update_metadata_brokers, partitions, out);
  }
  for (auto& [broker, stops] : batch_.stop_replica) {
    StopReplicaRequest request;
    request.controller = self_;
    request.controller_epoch = context_.epoch;
    request.broker_epoch = *context_.live.find(broker);
    request.partitions = std::move(stops);
    send(broker, std::move(request), out);
  }
  batch_ = Batch();
}

void Controller::send_update_metadata(const std::vector<BrokerId>& brokers,
                                      const std::vector<PartitionId>& partitions, Out& out) {
  UpdateMetadataRequest request;
  request.controller = self_;
  request.controller_epoch = context_.epoch;
  request.live_brokers = live_or_shutting_down();
  for (const PartitionId partition : partitions) {
    if (context_.leadership[partition].known) {
      request.partitions.push_back(state_message(partition, false));
    }
  }
  for (const BrokerId broker : brokers) {
    const std::int64_t* epoch = context_.live.find(broker);
    if (epoch == nullptr) continue;
    request.broker_epoch = *epoch;
    send(broker, request, out);
  }
}

void Controller::send(BrokerId broker, ControlRequest request, Out& out) {
  ControlChannel* sender = channel(broker);
  if (sender == nullptr) return;  // unknown broker: dropped with a warning
  sender->queue.push_back(
      {std::make_shared<const ControlRequest>(std::move(request)), out.latest_cause()});
  run_channel(*sender, out);
}

ControlChannel* Controller::channel(BrokerId broker) {
  const auto at = static_cast<std::size_t>(broker);
  return at < channels_.size() && channels_[at].in_use ? &channels_[at] : nullptr;
}

void Controller::add_broker(BrokerId broker, Out&) {
  const auto at = static_cast<std::size_t>(broker);
  if (channels_.size() <= at) channels_.resize(at + 1);
  ControlChannel& sender = channels_[at];
  if (sender.in_use) return;
  const BrokerConfig& config = catalog_->broker_config(self_);
  sender = ControlChannel();
  sender.in_use = true;
  sender.broker = broker;
  sender.retry_slot = slots_->take();
  sender.rpc =
      RpcChannel(broker, slots_->take(), config.controller_socket_timeout, config.request_timeout);
}

/// The broker forgets the connection too: its id will be used again for another one.
void Controller::close_channel(ControlChannel& sender, Out& out) {
  if (sender.rpc.state() != RpcChannel::State::kIdle) {
    closed_connections_.push_back(sender.rpc.connection());
  }
  sender.rpc.close(out);
}

void Controller::remove_broker(BrokerId broker, Out& out) {
  ControlChannel* sender = channel(broker);
  if (sender == nullptr) return;
  close_channel(*sender, out);
  out.cancel_timer(sender->retry_slot);
  slots_->give_back(sender->retry_slot);
  slots_->give_back(sender->rpc.slot());
  *sender = ControlChannel();
}

void Controller::run_channel(ControlChannel& sender, Out& out) {
  if (sender.queue.empty() || sender.pausing) return;
  const auto argument = static_cast<std::uint32_t>(sender.broker);
  if (sender.rpc.state() == RpcChannel::State::kIdle) {
    sender.rpc.connect(out, TimerKind::kChannelTimeout, argument);
    new_connections_.emplace_back(sender.rpc.connection(), sender.broker);
    return;
  }
  if (!sender.rpc.ready()) return;
  const auto transmit = [&](const auto& content) {
    using Request = std::decay_t<decltype(content)>;
    auto message = out.make<Request>();
    *message = content;
    out.record(HistoryKind::kControlRequestSent, argument,
               static_cast<std::int64_t>(MessageTypeOf<Request>::value),
               static_cast<std::int64_t>(content.partitions.size()));
    sender.rpc.send(message, out, TimerKind::kChannelTimeout, argument);
  };
  const auto scope = out.because_for_now(sender.queue.front().cause);
  std::visit(transmit, *sender.queue.front().request);
}

void Controller::on_channel_connected(BrokerId broker, Out& out) {
  ControlChannel* sender = channel(broker);
  if (sender == nullptr) return;
  sender->rpc.connected(out);
  run_channel(*sender, out);
}

void Controller::on_channel_lost(BrokerId broker, Out& out) {
  ControlChannel* sender = channel(broker);
  if (sender == nullptr) return;
  sender->rpc.lost(out);
  sender->pausing = true;  // the same request goes out again after the pause
  out.set_timer(sender->retry_slot, out.now() + kSenderPause, TimerKind::kChannelRetry,
                static_cast<std::uint32_t>(broker));
}

void Controller::on_control_response(BrokerId broker, sim::MessageRef message, Messages& messages,
                                     ZkClient& zk, Out& out) {
  ControlChannel* sender = channel(broker);
  if (sender == nullptr) return;
  std::uint32_t correlation = 0;
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kLeaderAndIsrResponse:
      correlation = messages.get<LeaderAndIsrResponse>(message).correlation;
      break;
    case MessageType::kUpdateMetadataResponse:
      correlation = messages.get<UpdateMetadataResponse>(message).correlation;
      break;
    case MessageType::kStopReplicaResponse:
      correlation = messages.get<StopReplicaResponse>(message).correlation;
      break;
    default: return;
  }
  if (!sender->rpc.answered(correlation, out)) return;
  // A refused request is only logged (the broker has told the history): no retry, no resignation.
  sender->queue.pop_front();
  run_channel(*sender, out);
  if (static_cast<MessageType>(message.type) == MessageType::kLeaderAndIsrResponse) {
    note_directories(broker, messages.get<LeaderAndIsrResponse>(message), zk, out);
  }
}

void Controller::on_timer(TimerKind kind, std::uint32_t argument, ZkClient& zk, Out& out) {
  switch (kind) {
    case TimerKind::kControllerRebalance: {
      ControllerEvent event;
      event.type = ControllerEventType::kAutoRebalance;
      return enqueue(std::move(event), zk, out);
    }
    case TimerKind::kChannelRetry: {
      ControlChannel* sender = channel(static_cast<BrokerId>(argument));
      if (sender == nullptr) return;
      sender->pausing = false;
      return run_channel(*sender, out);
    }
    case TimerKind::kChannelTimeout: {
      ControlChannel* sender = channel(static_cast<BrokerId>(argument));
      if (sender == nullptr || sender->rpc.waits_on(kind, argument, out)) return;
      close_channel(*sender, out);
      return on_channel_lost(static_cast<BrokerId>(argument), out);
    }
    default: return;
  }
}

}  // namespace isrlab::model
