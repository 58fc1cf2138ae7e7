// LeaderAndIsr, UpdateMetadata and StopReplica (ReplicaManager.becomeLeaderOrFollower,
// stopReplicas). Reference section 5 of the replication facts and 4.5 of the controller facts.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
/// A deposed controller, or one that means an earlier registration, is refused as a whole.
template <class Request>
Error note_refusal(const Request& request, Error error, Out& out) {
  if (error != Error::kNone) {
    out.record(HistoryKind::kControlRequestRefused, static_cast<std::uint32_t>(request.controller),
               static_cast<std::int64_t>(error), request.controller_epoch, request.broker_epoch);
  }
  return error;
}
}  // namespace

Error Broker::control_epoch_error(std::int64_t broker_epoch, std::int32_t controller_epoch) const {
  const bool by_generation = !config_->bug(Bug::kBrokerGeneration);
  if (by_generation && broker_epoch >= 0 && broker_epoch < broker_epoch_) {
    return Error::kStaleBrokerEpoch;
  }
  if (controller_epoch < controller_epoch_seen_) return Error::kStaleControllerEpoch;
  return Error::kNone;
}

void Broker::handle_leader_and_isr(std::uint32_t slot, const LeaderAndIsrRequest& request,
                                   Out& out) {
  auto response = out.make<LeaderAndIsrResponse>();
  response->correlation = request.correlation;
  response->error = note_refusal(
      request, control_epoch_error(request.broker_epoch, request.controller_epoch), out);
  if (response->error != Error::kNone) return respond(slot, response, out);
  controller_epoch_seen_ = request.controller_epoch;
  std::vector<PartitionId> followers;
  for (const PartitionStateMessage& state : request.partitions) {
    const auto scope = out.because_for_now(state.cause);
    response->partitions.push_back({state.partition, apply_leader_and_isr(state, followers, out)});
  }
  // Fetchers start after all replicas of the request have changed their role.
  for (const PartitionId id : followers) {
    Replica& replica = *hosted(id);
    if (replica.partition.role != PartitionRole::kFollower) continue;
    const auto scope = out.because_for_now(replica.partition.became);
    const bool stopping = state_ == BrokerState::kShuttingDown || state_ == BrokerState::kClosing;
    if (!stopping) add_fetcher(replica, out);
  }
  if (!checkpointing_) {  // the high watermark checkpoint starts with the first request
    checkpointing_ = true;
    out.set_timer(checkpoint_slot_, out.now() + config_->replica_high_watermark_checkpoint_interval,
                  TimerKind::kHighWatermarkCheckpoint);
  }
  respond(slot, response, out);
}

Error Broker::apply_leader_and_isr(const PartitionStateMessage& state,
                                   std::vector<PartitionId>& followers, Out& out) {
  const Partition* known = partition(state.partition);
  if (known != nullptr && known->offline) return Error::kKafkaStorageError;
  const std::int32_t local_epoch = known == nullptr ? -1 : known->leader_epoch;
  // Equal epochs are the many harmless repeats of the controller.
  if (state.leader_epoch <= local_epoch) return Error::kStaleControllerEpoch;
  if (!state.replicas.contains(id_)) return Error::kUnknownTopicOrPartition;
  // A replica that lost its directory must not come back empty on another one.
  const bool exists = known != nullptr && known->exists;
  if (!exists && !state.is_new && any_directory_offline()) return Error::kKafkaStorageError;
  Replica& replica = host(state.partition);
  Partition& partition = replica.partition;
  place_log(partition);
  if (state.leader == id_) {
    become_leader(replica, state, out);
    return Error::kNone;
  }
  const bool was_leader = partition.is_leader();
  if (!metadata_.alive(state.leader)) {
    // The new leader is unknown here (or none): the log exists, nothing else changes.
    partition.exists = true;
    return Error::kNone;
  }
  const bool goes_on = follows_on(partition, state);
  if (!goes_on) remove_fetcher(state.partition, out);
  std::vector<RemoteReplica> remembered;
  if (config_->bug(Bug::kResetFollowerState)) remembered = partition.remotes;
  const bool new_epoch = partition.make_follower(state);
  partition.remotes = std::move(remembered);
  partition.became = out.record(HistoryKind::kBecameFollower, state.partition, state.leader_epoch,
                                state.leader, partition.log.log_end_offset());
  if (was_leader) {
    std::erase_if(alter_items_, [&](const AlterItem& item) {
      return item.partition == state.partition && !item.in_flight;
    });
  }
  offsets_partition_role(replica, false, out);
  recheck_produce(replica, out);
  partition_changed(replica, out);
  if (new_epoch && !goes_on) followers.push_back(state.partition);
  return Error::kNone;
}

/// Older brokers: the fetcher goes on under the new epoch. False: it must start over.
bool Broker::follows_on(const Partition& partition, const PartitionStateMessage& state) {
  if (!keeps_following(partition, state, config_->protocol(), config_->bugs)) return false;
  for (Fetcher& fetcher : fetchers_) {
    if (!fetcher.in_use || fetcher.leader != state.leader) continue;
    const std::uint32_t* at = fetcher.index.find(state.partition);
    if (at == nullptr) continue;
    fetcher.partitions[*at].leader_epoch = state.leader_epoch;
    return true;
  }
  return false;
}

void Broker::become_leader(Replica& replica, const PartitionStateMessage& state, Out& out) {
  Partition& partition = replica.partition;
  remove_fetcher(replica.id, out);
  const PartitionContext here = context(replica.id, out.wall(), out.catalog());
  if (!partition.make_leader(state, here)) return;
  partition.became = out.record(HistoryKind::kBecameLeader, replica.id, partition.leader_epoch,
                                partition.log.log_end_offset(), partition.log.high_watermark());
  std::erase_if(alter_items_, [&](const AlterItem& item) {
    return item.partition == replica.id && !item.in_flight;
  });
  // Only a high watermark that moves completes what waits: a fetch with the old epoch stays parked
  // until something else happens to it. The next ones must look again.
  for (const FetchWatcher& watcher : replica.watchers) mark_dirty(watcher.slot, watcher.index);
  if (partition.maybe_increment_high_watermark(here)) {
    high_watermark_moved(replica, out);
    partition_changed(replica, out);
  }
  offsets_partition_role(replica, true, out);
}

void Broker::handle_update_metadata(std::uint32_t slot, const UpdateMetadataRequest& request,
                                    Out& out) {
  auto response = out.make<UpdateMetadataResponse>();
  response->correlation = request.correlation;
  response->error = note_refusal(
      request, control_epoch_error(request.broker_epoch, request.controller_epoch), out);
  if (response->error == Error::kNone) {
    controller_epoch_seen_ = request.controller_epoch;
    const bool brokers_changed = metadata_.live_brokers() != request.live_brokers;
    metadata_.update(request, out.cause());
    if (brokers_changed) {
      // ISR eligibility depends on the alive set: followers outside the ISR are looked at again.
      for (Replica& replica : replicas_) {
        if (replica.partition.is_leader() &&
            replica.partition.isr.size() < replica.partition.replicas.size()) {
          touch_followers(replica);
        }
      }
    }
    if (!creating_topics_.empty()) recheck_pending_topics(out);
    if (!alter_items_.empty() || ids_requested_ || topics_requested_)
      maybe_send_alter_partition(out);
  }
  respond(slot, response, out);
}

void Broker::handle_stop_replica(std::uint32_t slot, const StopReplicaRequest& request, Out& out) {
  auto response = out.make<StopReplicaResponse>();
  response->correlation = request.correlation;
  response->error = note_refusal(
      request, control_epoch_error(request.broker_epoch, request.controller_epoch), out);
  if (response->error == Error::kNone) {
    controller_epoch_seen_ = request.controller_epoch;
    for (const StopReplicaRequest::Partition& stop : request.partitions) {
      Replica* replica = hosted(stop.partition);
      Error error = Error::kNone;
      if (replica != nullptr) {
        const bool any_epoch = stop.leader_epoch == -1 || stop.leader_epoch == -2 ||
                               config_->bug(Bug::kStopReplicaEpoch);
        if (replica->partition.offline) {
          error = Error::kKafkaStorageError;
        } else if (!any_epoch && stop.leader_epoch < replica->partition.leader_epoch) {
          error = Error::kFencedLeaderEpoch;
        } else {
          remove_fetcher(stop.partition, out);
          out.record(HistoryKind::kReplicaStopped, stop.partition, stop.leader_epoch);
          if (stop.delete_partition) delete_replica(*replica, out);
          recheck_produce(*replica, out);
        }
      }
      response->partitions.push_back({stop.partition, error});
    }
  }
  respond(slot, response, out);
}

/// ReplicaManager.stopPartitions with deletion: the log is set aside to be deleted, its checkpoints
/// are gone, and whoever waits for the partition learns that it is not here.
void Broker::delete_replica(Replica& replica, Out& out) {
  Partition& partition = replica.partition;
  out.record(HistoryKind::kReplicaDeleted, replica.id, partition.log.log_end_offset());
  std::erase_if(alter_items_, [&](const AlterItem& item) {
    return item.partition == replica.id && !item.in_flight;
  });
  std::erase_if(flushes_, [&](const PendingFlush& flush) { return flush.partition == replica.id; });
  std::erase_if(deletions_,
                [&](const PendingDeletion& deletion) { return deletion.partition == replica.id; });
  for (const FetchWatcher& watcher : replica.watchers) mark_dirty(watcher.slot, watcher.index);
  const bool led = partition.is_leader();
  partition = Partition();
  if (led) offsets_partition_role(replica, false, out);
}

}  // namespace isrlab::model
