// The broker's side of the group coordinator and of the controller: requests in, answers and
// appends out.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
// GroupMetadataManager loads a partition on its own thread: a start-up cost and a cost per batch.
constexpr Duration kLoadBase = 2 * sim::kMillisecond;
constexpr Duration kLoadPerOffset = 1 * sim::kMicrosecond;
}  // namespace

void Broker::handle_group_request(std::uint32_t slot, sim::MessageRef message, Messages& messages,
                                  Out& out) {
  ServerConnection& server = servers_[slot];
  server.parked = Parked::kCoordinator;
  const ConnectionId connection = server.connection;
  const CoordinatorTurn turn{out, timer_slots_, actions_};
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kJoinGroupRequest:
      return groups_.handle_join(messages.get<JoinGroupRequest>(message), connection, server.peer,
                                 turn);
    case MessageType::kSyncGroupRequest:
      return groups_.handle_sync(messages.get<SyncGroupRequest>(message), connection, turn);
    case MessageType::kHeartbeatRequest:
      return groups_.handle_heartbeat(messages.get<HeartbeatRequest>(message), connection, turn);
    case MessageType::kLeaveGroupRequest:
      return groups_.handle_leave(messages.get<LeaveGroupRequest>(message), connection, turn);
    case MessageType::kOffsetCommitRequest:
      return groups_.handle_commit(messages.get<OffsetCommitRequest>(message), connection, turn);
    case MessageType::kOffsetFetchRequest:
      return groups_.handle_offset_fetch(messages.get<OffsetFetchRequest>(message), connection,
                                         turn);
    default: SIM_ASSERT2(false, "a message that no broker serves", message.type, id_);
  }
}

void Broker::run_coordinator_actions(Messages& messages, Out& out) {
  std::vector<CoordinatorAction> actions = std::move(actions_);
  actions_.clear();
  for (CoordinatorAction& action : actions) {
    if (action.kind == CoordinatorAction::Kind::kAppend) {
      append_internal(action, out);
      continue;
    }
    const Endpoint* endpoint = endpoints_.find(action.connection);
    if (endpoint == nullptr || endpoint->kind != EndpointKind::kServer) {
      messages.release(action.message);
    } else {
      respond_ref(endpoint->index, action.message, message_bytes(messages, action.message), out);
    }
  }
}

void Broker::run_controller_answers(Messages& messages, Out& out) {
  auto connections = std::move(controller_.new_connections());
  controller_.new_connections().clear();
  for (const auto& [connection, broker] : connections) {
    endpoints_[connection] = {EndpointKind::kControl, static_cast<std::uint32_t>(broker)};
  }
  for (const ConnectionId connection : controller_.closed_connections()) {
    endpoints_.erase(connection);
  }
  controller_.closed_connections().clear();
  auto answers = std::move(controller_.answers());
  controller_.answers().clear();
  for (const ControllerAnswer& answer : answers) {
    const std::uint32_t slot = slot_of(answer.slot);
    if (slot == kNone) {
      messages.release(answer.message);
      continue;
    }
    const std::uint32_t correlation = servers_[slot].correlation;
    if (answer.message.type ==
        static_cast<std::uint16_t>(MessageType::kControlledShutdownResponse)) {
      messages.get<ControlledShutdownResponse>(answer.message).correlation = correlation;
    }
    if (answer.message.type ==
        static_cast<std::uint16_t>(MessageType::kAllocateProducerIdsResponse)) {
      messages.get<AllocateProducerIdsResponse>(answer.message).correlation = correlation;
    }
    respond_ref(slot, answer.message, answer.bytes, out);
  }
}

void Broker::offsets_partition_role(Replica& replica, bool leader, Out& out) {
  if (out.catalog().partition(replica.id).topic != out.catalog().offsets_topic()) return;
  const CoordinatorTurn turn{out, timer_slots_, actions_};
  if (!leader) {
    const auto load = std::find_if(loads_.begin(), loads_.end(),
                                   [&](const auto& item) { return item.first == replica.id; });
    if (load != loads_.end()) {  // its timer must not end a later load early
      out.cancel_timer(load->second);
      timer_slots_.give_back(load->second);
      loads_.erase(load);
    }
    return groups_.on_resigned(replica.id, turn);
  }
  if (!groups_.on_elected(replica.id, replica.partition.leader_epoch, turn)) return;
  const PartitionLog& log = replica.partition.log;
  if (log.empty()) return groups_.load(replica.id, log, out.arena(), turn);
  const Duration cost =
      kLoadBase + kLoadPerOffset * (log.log_end_offset() - log.log_start_offset());
  loads_.push_back({replica.id, timer_slots_.take()});
  out.set_timer(loads_.back().second, out.now() + cost, TimerKind::kGroupLoad, replica.id);
}

void Broker::load_groups(PartitionId partition, Out& out) {
  const auto load = std::find_if(loads_.begin(), loads_.end(),
                                 [&](const auto& item) { return item.first == partition; });
  if (load == loads_.end()) return;
  timer_slots_.give_back(load->second);
  loads_.erase(load);
  const CoordinatorTurn turn{out, timer_slots_, actions_};
  if (const Replica* replica = hosted(partition)) {
    groups_.load(partition, replica->partition.log, out.arena(), turn);
  }
}

}  // namespace isrlab::model
