// Produce requests and everything that waits for the high watermark (ReplicaManager.appendRecords,
// DelayedProduce). Reference sections 2.2 and 2.3.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

/// What flush.messages says is synced before anybody hears of it.
void Broker::serve_produce(std::uint32_t slot, ProduceRequest& request, Out& out) {
  const std::uint32_t syncs = syncs_of(request, out);
  if (syncs == 0) return handle_produce(slot, request, out);
  DiskWait& wait = disk_waits_[wait_for_disk(syncs, out)];
  wait.server = request_handle(slot);
  wait.produces = true;
  wait.produce = request;
}

void Broker::handle_produce(std::uint32_t slot, ProduceRequest& request, Out& out) {
  ServerConnection& server = servers_[slot];
  ParkedProduce& produce = server.produce;
  produce.partitions.clear();
  bool failed = false;
  bool wait = false;
  moved_.clear();
  for (ProduceRequest::Partition& wanted : request.partitions) {
    ParkedProduce::Partition result;
    result.partition = wanted.partition;
    Replica* replica = hosted(wanted.partition);
    bool moved = false;
    if (request.acks < -1 || request.acks > 1) {
      result.error = Error::kInvalidRequiredAcks;
    } else if (!metadata_.state(wanted.partition).known) {
      result.error = Error::kUnknownTopicOrPartition;  // whatever this broker already leads
    } else if (replica == nullptr) {
      result.error = missing_partition_error(wanted.partition);
    } else {
      result.error = append_to_leader(*replica, wanted.batch, request.acks, moved, out);
      result.base_offset = wanted.batch.base_offset;
      result.required_offset = wanted.batch.next_offset();
    }
    if (result.error != Error::kNone) {
      failed = true;
      out.record(HistoryKind::kProduceRefused, wanted.partition,
                 static_cast<std::int64_t>(result.error), server.peer);
    } else if (request.acks == -1) {
      result.pending = true;
      wait = true;
    }
    moved_.push_back(moved);
    produce.partitions.push_back(result);
  }
  if (wait) {
    server.parked = Parked::kProduce;
    server.correlation = request.correlation;
    for (const auto& result : produce.partitions) {
      if (result.pending) hosted(result.partition)->produce_waiting.push_back(slot);
    }
    out.set_timer(server.timer_slot, out.now() + request.timeout, TimerKind::kParkedRequest, slot);
  } else if (request.acks == 0) {
    server.muted = false;  // no response; an error can only be shown by closing the connection
    if (!server.waiting.empty()) unmuted_.push_back(slot);
    if (failed) {
      out.close(server.connection);
      closing_servers_.push_back(slot);
    }
  } else {
    answer_produce(slot, request.correlation, produce, out);
  }
  // The action queue: waiting fetches and produces are looked at after the append.
  for (std::size_t i = 0; i < request.partitions.size(); ++i) {
    Replica* replica = hosted(request.partitions[i].partition);
    if (replica != nullptr && replica->partition.is_leader())
      after_append(*replica, moved_[i], out);
  }
  if (wait && servers_[slot].parked == Parked::kProduce) update_parked_produce(slot, out);
}

Error Broker::append_to_leader(Replica& replica, Batch& batch, std::int8_t acks, bool& moved,
                               Out& out) {
  Partition& partition = replica.partition;
  if (partition.offline) return Error::kKafkaStorageError;
  if (!partition.is_leader()) return Error::kNotLeaderOrFollower;
  const PartitionContext here = context(replica.id, out.wall(), out.catalog());
  if (acks == -1 && partition.under_min_isr(here)) return Error::kNotEnoughReplicas;
  const LogContext how = log_context(replica.id, out);
  const Error size = PartitionLog::check_size(batch, *how.config);
  if (size != Error::kNone) return size;
  const SequenceVerdict verdict = partition.log.check_producer(batch);
  if (verdict.error != Error::kNone) return verdict.error;
  if (verdict.duplicate) {  // success with the original offsets, nothing is appended
    batch.base_offset = verdict.base_offset;
    out.record(HistoryKind::kDuplicateSuppressed, replica.id, batch.base_offset, batch.count,
               batch.producer);
    return Error::kNone;
  }
  if (disk_fails(replica, out)) return Error::kKafkaStorageError;
  before_append(replica);
  const std::int64_t active = partition.log.active_base();
  batch.base_offset = partition.log.append_as_leader(batch, partition.leader_epoch, how);
  after_write(replica, active, out);
  out.record(HistoryKind::kLeaderAppend, replica.id, batch.base_offset, batch.count,
             static_cast<std::int64_t>(partition.leader_epoch) << 32 | batch.producer);
  moved = partition.maybe_increment_high_watermark(here);
  return Error::kNone;
}

void Broker::before_append(Replica& replica) {
  // Watching sessions have not looked at this partition since their last fetch because nothing
  // changed; now it does, so their followers' clocks are brought up to that fetch first.
  Partition& partition = replica.partition;
  const std::int64_t end = partition.log.log_end_offset();
  for (const FetchWatcher& watcher : replica.watchers) {
    FetchSession& session = servers_[watcher.slot].session;
    SessionPartition& wanted = session.partitions[watcher.index];
    if (session.replica != kNoBroker && !wanted.dirty) {
      if (RemoteReplica* remote = partition.remote(session.replica);
          remote != nullptr && remote->log_end_offset == wanted.fetch_offset) {
        partition.update_fetch_state(*remote, wanted.fetch_offset, wanted.log_start_offset,
                                     session.last_fetch_time, end);
      }
    }
    if (session.replica != kNoBroker) mark_dirty(watcher.slot, watcher.index);
  }
}

void Broker::after_append(Replica& replica, bool moved, Out& out) {
  if (moved) high_watermark_moved(replica, out);
  for (std::size_t i = 0; i < replica.watchers.size(); ++i) {
    const FetchWatcher watcher = replica.watchers[i];
    const ServerConnection& server = servers_[watcher.slot];
    if (server.parked == Parked::kFetch && server.session.replica != kNoBroker) {
      recheck_fetch(watcher.slot, watcher.index, out);
    }
  }
}

void Broker::high_watermark_moved(Replica& replica, Out& out) {
  Partition& partition = replica.partition;
  out.record(HistoryKind::kHighWatermark, replica.id, partition.log.high_watermark(),
             partition.is_leader() ? partition.leader_epoch : -1);
  for (std::size_t i = 0; i < replica.watchers.size(); ++i) {
    const FetchWatcher watcher = replica.watchers[i];
    mark_dirty(watcher.slot, watcher.index);  // followers learn it with their next answer
    const ServerConnection& server = servers_[watcher.slot];
    if (server.parked == Parked::kFetch && server.session.replica == kNoBroker) {
      recheck_fetch(watcher.slot, watcher.index, out);
    }
  }
  recheck_produce(replica, out);
}

Error Broker::required_offset_reached(Replica& replica, std::int64_t required, bool& finished,
                                      Out& out) {
  const Partition& partition = replica.partition;
  finished = true;
  if (partition.offline) return Error::kKafkaStorageError;
  if (!partition.is_leader()) return Error::kNotLeaderOrFollower;
  if (partition.log.high_watermark() < required) {
    finished = false;
    return Error::kNone;
  }
  const PartitionContext here = context(replica.id, out.wall(), out.catalog());
  const auto maximal = static_cast<std::int64_t>(partition.maximal_isr().size());
  const std::int64_t least = partition.effective_min_isr(here);
  if (least > maximal) return Error::kNotEnoughReplicasAfterAppend;
  out.record(HistoryKind::kAckSent, replica.id, required, least << 8 | maximal,
             partition.leader_epoch);
  return Error::kNone;
}

bool Broker::update_parked_produce(std::uint32_t slot, Out& out) {
  bool pending = false;
  for (ParkedProduce::Partition& wanted : servers_[slot].produce.partitions) {
    if (!wanted.pending) continue;
    Replica* replica = hosted(wanted.partition);
    bool finished = true;
    wanted.error = replica == nullptr
                       ? missing_partition_error(wanted.partition)
                       : required_offset_reached(*replica, wanted.required_offset, finished, out);
    wanted.pending = !finished;
    if (finished && replica != nullptr) std::erase(replica->produce_waiting, slot);
    pending = pending || !finished;
  }
  if (!pending) complete_produce(slot, out);
  return !pending;
}

void Broker::complete_produce(std::uint32_t slot, Out& out) {
  ServerConnection& server = servers_[slot];
  out.cancel_timer(server.timer_slot);
  answer_produce(slot, server.correlation, server.produce, out);
}

void Broker::answer_produce(std::uint32_t slot, std::uint32_t correlation,
                            const ParkedProduce& produce, Out& out) {
  auto response = out.make<ProduceResponse>();
  response->correlation = correlation;
  for (const ParkedProduce::Partition& result : produce.partitions) {
    ProduceResponse::Partition answer;
    answer.partition = result.partition;
    answer.error = result.error;
    answer.base_offset = result.error == Error::kNone ? result.base_offset : -1;
    if (const Partition* partition = this->partition(result.partition)) {
      answer.log_start_offset = partition->log.log_start_offset();
    }
    if (result.error == Error::kNotLeaderOrFollower) answer.hint = hint(result.partition);
    response->partitions.push_back(answer);
  }
  respond(slot, response, out);
}

void Broker::produce_timed_out(std::uint32_t slot, Out& out) {
  for (ParkedProduce::Partition& wanted : servers_[slot].produce.partitions) {
    if (!wanted.pending) continue;
    wanted.pending = false;
    wanted.error = Error::kRequestTimedOut;  // the records stay in the log and may commit later
    if (Replica* replica = hosted(wanted.partition)) std::erase(replica->produce_waiting, slot);
  }
  complete_produce(slot, out);
}

void Broker::forget_parked_produce(std::uint32_t slot) {
  for (const ParkedProduce::Partition& wanted : servers_[slot].produce.partitions) {
    if (!wanted.pending) continue;
    if (Replica* replica = hosted(wanted.partition)) std::erase(replica->produce_waiting, slot);
  }
}

void Broker::recheck_produce(Replica& replica, Out& out) {
  for (std::size_t i = 0; i < replica.produce_waiting.size();) {
    const std::size_t before = replica.produce_waiting.size();
    const std::uint32_t slot = replica.produce_waiting[i];
    update_parked_produce(slot, out);
    if (replica.produce_waiting.size() == before) ++i;
  }
  for (std::size_t i = 0; i < replica.internal_waiting.size();) {
    const std::uint32_t index = replica.internal_waiting[i];
    bool finished = false;
    const Error error =
        required_offset_reached(replica, internal_[index].required_offset, finished, out);
    if (finished) {
      complete_internal(index, error, out);  // takes it out of the list
    } else {
      ++i;
    }
  }
}

// --- appends of the group coordinator
// -------------------------------------------------------------

void Broker::append_internal(const CoordinatorAction& action, Out& out) {
  Replica* replica = hosted(action.offsets_partition);
  Batch batch;
  batch.count = action.count;
  batch.bytes = action.bytes;
  batch.timestamp = out.wall();
  batch.payload = out.arena().add(action.record);
  bool moved = false;
  const Error error = replica == nullptr ? missing_partition_error(action.offsets_partition)
                                         : append_to_leader(*replica, batch, -1, moved, out);
  if (error != Error::kNone) {
    groups_.on_appended(action.token, error, -1, {out, timer_slots_, actions_});
    return;
  }
  std::uint32_t index = 0;
  while (index < internal_.size() && internal_[index].in_use) ++index;
  if (index == internal_.size()) internal_.emplace_back();
  InternalAppend& waiting = internal_[index];
  waiting.in_use = true;
  waiting.partition = action.offsets_partition;
  waiting.token = action.token;
  waiting.base_offset = batch.base_offset;
  waiting.required_offset = batch.next_offset();
  waiting.timer_slot = timer_slots_.take();
  out.set_timer(waiting.timer_slot, out.now() + action.timeout, TimerKind::kInternalAppend, index);
  replica->internal_waiting.push_back(index);
  after_append(*replica, moved, out);
  if (!moved) recheck_produce(*replica, out);
}

void Broker::complete_internal(std::uint32_t index, Error error, Out& out) {
  InternalAppend done = internal_[index];
  if (!done.in_use) return;
  internal_[index] = InternalAppend();
  out.cancel_timer(done.timer_slot);
  timer_slots_.give_back(done.timer_slot);
  if (Replica* replica = hosted(done.partition)) std::erase(replica->internal_waiting, index);
  groups_.on_appended(done.token, error, done.base_offset, {out, timer_slots_, actions_});
}

}  // namespace isrlab::model
