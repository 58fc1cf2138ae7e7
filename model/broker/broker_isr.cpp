// ISR changes (Partition.maybeShrinkIsr, DefaultAlterPartitionManager) and the broker's channel to
// the controller (NodeToControllerRequestThread), which also fetches producer id blocks.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
constexpr Duration kAlterRetry = 50 * sim::kMillisecond;
constexpr Duration kControllerLookUp = 100 * sim::kMillisecond;
}  // namespace

void Broker::shrink_isrs(Out& out) {
  for (Replica& replica : replicas_) {
    if (!replica.partition.is_leader()) continue;
    settle_followers(replica);
    const PartitionContext here = context(replica.id, out.wall(), out.catalog());
    if (replica.partition.maybe_shrink_isr(here)) propose_isr(replica, out);
  }
  out.set_timer(shrink_slot_, out.now() + config_->replica_lag_time_max / 2, TimerKind::kIsrShrink);
}

void Broker::settle_followers(Replica& replica) {
  // A watching follower whose partition did not change since its last fetch was caught up then.
  Partition& partition = replica.partition;
  const std::int64_t end = partition.log.log_end_offset();
  for (const FetchWatcher& watcher : replica.watchers) {
    const FetchSession& session = servers_[watcher.slot].session;
    const SessionPartition& wanted = session.partitions[watcher.index];
    if (session.replica == kNoBroker || wanted.dirty) continue;
    RemoteReplica* remote = partition.remote(session.replica);
    if (remote != nullptr && remote->log_end_offset == wanted.fetch_offset) {
      partition.update_fetch_state(*remote, wanted.fetch_offset, wanted.log_start_offset,
                                   session.last_fetch_time, end);
    }
  }
}

void Broker::propose_isr(Replica& replica, Out& out) {
  Partition& partition = replica.partition;
  // One item per partition, waiting or under way (DefaultAlterPartitionManager.submit): a change of
  // an earlier epoch that is not answered yet leaves no room for this one.
  if (std::any_of(alter_items_.begin(), alter_items_.end(),
                  [&](const AlterItem& item) { return item.partition == replica.id; })) {
    partition.give_up_isr_change();
    touch_followers(replica);  // a later fetch proposes it again
    out.record(HistoryKind::kIsrUpdateFailed, replica.id,
               static_cast<std::int64_t>(Error::kOperationNotAttempted), partition.leader_epoch);
    return;
  }
  const auto kind = partition.pending == PendingIsr::kExpand ? HistoryKind::kIsrExpandProposed
                                                             : HistoryKind::kIsrShrinkProposed;
  const auto scope = out.because_for_now(out.latest_cause());
  for (const RemoteReplica& follower : partition.remotes) {
    if (!partition.isr.contains(follower.broker)) continue;
    if (partition.proposed.contains(follower.broker)) continue;
    out.because_of_silence(out.catalog().broker_process(follower.broker),
                           follower.last_caught_up_time - out.wall() + out.now());
  }
  const std::uint32_t proposal =
      out.record(kind, replica.id, out.list(partition.proposed), partition.leader_epoch);
  alter_items_.push_back({replica.id, partition.leader_epoch, proposal, false});
  maybe_send_alter_partition(out);
}

void Broker::maybe_send_alter_partition(Out& out) {
  if (alter_pausing_ || alter_channel_.waiting()) return;
  const bool any_waiting = std::any_of(alter_items_.begin(), alter_items_.end(),
                                       [](const AlterItem& item) { return !item.in_flight; });
  if (!any_waiting && !ids_requested_ && !topics_requested_) return;
  if (alter_channel_.state() == RpcChannel::State::kConnecting) return;
  const BrokerId controller = metadata_.controller();
  if (controller == kNoBroker || !metadata_.alive(controller)) {
    return pause_alter(kControllerLookUp, out);
  }
  if (alter_channel_.ready() && alter_channel_.target() != controller) {
    endpoints_.erase(alter_channel_.connection());
    alter_channel_.close(out);
  }
  if (alter_channel_.state() == RpcChannel::State::kIdle) {
    alter_channel_.retarget(controller);
    alter_channel_.connect(out, TimerKind::kAlterPartitionTimeout, 0);
    endpoints_[alter_channel_.connection()] = {EndpointKind::kAlter, 0};
    return;
  }
  if (ids_requested_) {
    auto request = out.make<AllocateProducerIdsRequest>();
    request->broker = id_;
    request->broker_epoch = broker_epoch_;
    return alter_channel_.send(request, out, TimerKind::kAlterPartitionTimeout, 0);
  }
  if (topics_requested_) {
    auto request = out.make<CreateTopicsRequest>();
    request->topics.push_back(out.catalog().offsets_topic());
    return alter_channel_.send(request, out, TimerKind::kAlterPartitionTimeout, 0);
  }
  auto request = out.make<AlterPartitionRequest>();
  request->broker = id_;
  request->broker_epoch = broker_epoch_;
  for (AlterItem& item : alter_items_) {
    const Partition* partition = this->partition(item.partition);
    const bool current = partition != nullptr && partition->is_leader() &&
                         partition->leader_epoch == item.leader_epoch &&
                         partition->pending != PendingIsr::kNone;
    item.in_flight = current;
    if (!current) continue;
    request->partitions.push_back({item.partition, partition->leader_epoch,
                                   partition->partition_epoch, partition->proposed, false,
                                   item.cause});
  }
  std::erase_if(alter_items_, [](const AlterItem& item) { return !item.in_flight; });
  if (request->partitions.empty()) return out.discard(request.ref);
  alter_channel_.send(request, out, TimerKind::kAlterPartitionTimeout, 0);
}

void Broker::alter_connected(Out& out) {
  // This channel negotiates versions first, unlike fetchers and the controller's channels.
  alter_channel_.connected(out);
  auto request = out.make<ApiVersionsRequest>();
  alter_channel_.send(request, out, TimerKind::kAlterPartitionTimeout, 0);
}

void Broker::on_alter_response(sim::MessageRef message, Messages& messages, Out& out) {
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kApiVersionsResponse:
      if (alter_channel_.answered(messages.get<ApiVersionsResponse>(message).correlation, out)) {
        maybe_send_alter_partition(out);
      }
      return;
    case MessageType::kAllocateProducerIdsResponse:
      return on_producer_ids(messages.get<AllocateProducerIdsResponse>(message), out);
    case MessageType::kCreateTopicsResponse:
      return on_topics_requested(messages.get<CreateTopicsResponse>(message), out);
    default: return on_alter_partition(messages.get<AlterPartitionResponse>(message), out);
  }
}

void Broker::pause_alter(Duration pause, Out& out) {
  alter_pausing_ = true;
  out.set_timer(alter_retry_slot_, out.now() + pause, TimerKind::kAlterPartitionRetry);
}

void Broker::alter_partition_lost(Out& out) {
  for (AlterItem& item : alter_items_) item.in_flight = false;
  if (!alter_items_.empty() || ids_requested_ || topics_requested_) {
    pause_alter(kControllerLookUp, out);
  }
}

void Broker::on_alter_partition(const AlterPartitionResponse& response, Out& out) {
  if (!alter_channel_.answered(response.correlation, out)) return;
  const bool moved = response.error == Error::kNotController ||
                     std::any_of(response.partitions.begin(), response.partitions.end(),
                                 [](const auto& p) { return p.error == Error::kNotController; });
  if (response.error != Error::kNone || moved) {
    for (AlterItem& item : alter_items_) item.in_flight = false;
    if (moved) {
      endpoints_.erase(alter_channel_.connection());
      alter_channel_.close(out);
    }
    return pause_alter(moved ? kControllerLookUp : kAlterRetry, out);
  }
  // An answer to a change of an earlier leader epoch says nothing about the present one.
  std::vector<AlterItem> answered;
  std::erase_if(alter_items_, [&](const AlterItem& item) {
    if (item.in_flight) answered.push_back(item);
    return item.in_flight;
  });
  for (const AlterPartitionResponse::Partition& result : response.partitions) {
    for (const AlterItem& item : answered) {
      const Partition* known = partition(result.partition);
      if (item.partition != result.partition || known == nullptr) continue;
      const bool current = item.leader_epoch == known->leader_epoch;
      if (current || config_->bug(Bug::kAlterIsrRace)) alter_partition_result(result, out);
    }
  }
  maybe_send_alter_partition(out);
}

void Broker::alter_partition_result(const AlterPartitionResponse::Partition& result, Out& out) {
  Replica* replica = hosted(result.partition);
  if (replica == nullptr || !replica->partition.is_leader()) return;
  Partition& partition = replica->partition;
  const auto scope = out.because_for_now(result.cause);
  switch (partition.handle_alter_partition(result, config_->bug(Bug::kAlterIsrRace))) {
    case Partition::IsrOutcome::kIgnored: return;
    case Partition::IsrOutcome::kCommitted: {
      out.record(HistoryKind::kIsrCommitted, result.partition, out.list(partition.isr),
                 partition.leader_epoch, partition.partition_epoch);
      const PartitionContext here = context(replica->id, out.wall(), out.catalog());
      if (partition.maybe_increment_high_watermark(here)) high_watermark_moved(*replica, out);
      recheck_produce(*replica, out);
      if (partition.isr.size() < partition.replicas.size()) touch_followers(*replica);
      return;
    }
    case Partition::IsrOutcome::kReverted:
      touch_followers(*replica);  // a later fetch may propose again
      [[fallthrough]];
    case Partition::IsrOutcome::kStuck:
      out.record(HistoryKind::kIsrUpdateFailed, result.partition,
                 static_cast<std::int64_t>(result.error), partition.leader_epoch);
      return;
    case Partition::IsrOutcome::kRetry:
      out.record(HistoryKind::kIsrUpdateFailed, result.partition,
                 static_cast<std::int64_t>(result.error), partition.leader_epoch);
      alter_items_.push_back({result.partition, partition.leader_epoch, result.cause, false});
      return;
  }
}

}  // namespace isrlab::model
