// Positions and data (OffsetFetcher, AbstractFetch, FetchCollector, FetchSessionHandler, 3.9;
// reference clients-and-groups.md 2.1, 2.7, 2.8). There is no OffsetForLeaderEpoch in the model:
// positions are not validated after a leader change (KIP-320), a fetch beyond the log's end is out
// of range instead.
#include <algorithm>
#include <limits>

#include "model/client/consumer.hpp"

namespace isrlab::model {

void Consumer::update_positions(Out& out) {
  if (initializing_ > 0) fetch_committed(out);
  if (awaiting_reset_ > 0) reset_positions(out);
}

void Consumer::fetch_committed(Out& out) {
  if (offset_fetch_pending_) return;
  note(offset_fetch_retry_at_, out);
  if (out.now() < offset_fetch_retry_at_ || !coordinator_ready(out)) return;
  const auto message = out.make<OffsetFetchRequest>();
  message->group = group_;
  for (const PartitionId id : subscription_.assignment()) {
    if (subscription_.find(id)->state == PositionState::kInitializing) {
      message->partitions.push_back(id);
    }
  }
  network_.send(network_.coordinator_node(coordinator_), message, assignment_version_,
                spec_->config.request_timeout, out);
  offset_fetch_pending_ = true;
}

void Consumer::on_offset_fetch(const OffsetFetchResponse& response, std::uint32_t token, Out& out) {
  if (token != assignment_version_) return;  // of an earlier assignment
  offset_fetch_pending_ = false;
  if (response.error != Error::kNone) {
    const ExponentialBackoff backoff{spec_->config.retry_backoff, spec_->config.retry_backoff_max};
    offset_fetch_retry_at_ = out.now() + backoff.draw(offset_fetch_failures_++, network_.random());
    if (response.error == Error::kNotCoordinator) coordinator_unknown(false, out);
    return;
  }
  offset_fetch_failures_ = 0;
  for (const auto& result : response.partitions) {
    SubscribedPartition* entry = subscription_.find(result.partition);
    if (entry == nullptr || !entry->assigned || entry->state != PositionState::kInitializing) {
      continue;
    }
    --initializing_;
    if (result.offset >= 0) {
      entry->state = PositionState::kFetching;
      entry->position = result.offset;
      entry->offset_epoch = result.leader_epoch;
      entry->committed = result.offset;
    } else if (spec_->config.auto_offset_reset == 2) {
      return die(Error::kOffsetOutOfRange, out);  // NoOffsetForPartitionException
    } else {
      entry->state = PositionState::kAwaitReset;
      ++awaiting_reset_;
    }
  }
}

void Consumer::reset_positions(Out& out) {
  const ConsumerConfig& config = spec_->config;
  for (const PartitionId first : subscription_.assignment()) {
    const SubscribedPartition& candidate = *subscription_.find(first);
    if (candidate.state != PositionState::kAwaitReset) continue;
    if (out.now() < candidate.reset_retry_at) {
      note(candidate.reset_retry_at, out);
      continue;
    }
    const BrokerId leader = network_.metadata().leader(first).leader;
    if (leader == kNoBroker) {
      network_.metadata().request_update();
      continue;
    }
    const NodeIndex node = network_.node_of(leader);
    if (!network_.ready(node, out)) continue;
    const auto message = out.make<ListOffsetsRequest>();
    for (const PartitionId id : subscription_.assignment()) {
      SubscribedPartition& entry = *subscription_.find(id);
      const auto& known = network_.metadata().leader(id);
      if (entry.state != PositionState::kAwaitReset || out.now() < entry.reset_retry_at ||
          known.leader != leader) {
        continue;
      }
      const bool earliest = config.auto_offset_reset == 0;
      message->partitions.push_back(
          {id, known.leader_epoch, earliest ? kEarliestTimestamp : kLatestTimestamp});
      entry.reset_retry_at = out.now() + config.request_timeout;
      entry.reset_node = node;
    }
    network_.send(node, message, assignment_version_, config.request_timeout, out);
  }
}

void Consumer::on_list_offsets(const InFlightRequest& request, const ListOffsetsResponse& response,
                               Out& out) {
  if (request.token != assignment_version_) return;
  for (const auto& result : response.partitions) {
    SubscribedPartition* entry = subscription_.find(result.partition);
    if (entry == nullptr || !entry->assigned || entry->state != PositionState::kAwaitReset) {
      continue;
    }
    entry->reset_node = kNone;
    if (result.error != Error::kNone || result.offset < 0) {
      entry->reset_retry_at = out.now() + spec_->config.retry_backoff;
      network_.metadata().request_update();
      continue;
    }
    --awaiting_reset_;
    const ResetReason reason =
        entry->reset_out_of_range ? ResetReason::kOutOfRange : ResetReason::kNoCommittedOffset;
    out.record(HistoryKind::kPositionReset, entry->partition, entry->position, result.offset,
               static_cast<std::int64_t>(reason));
    entry->state = PositionState::kFetching;
    entry->position = result.offset;
    entry->offset_epoch = -1;
    entry->reset_out_of_range = false;
  }
}

void Consumer::list_offsets_failed(NodeIndex node, Out& out) {
  for (const PartitionId id : subscription_.assignment()) {
    SubscribedPartition& entry = *subscription_.find(id);
    if (entry.reset_node != node) continue;
    entry.reset_node = kNone;
    entry.reset_retry_at = out.now() + spec_->config.retry_backoff;
  }
  network_.metadata().request_update();
}

/// AbstractFetch#selectReadReplica: the preferred follower while it counts, else the leader.
BrokerId Consumer::read_replica(SubscribedPartition& entry, Out& out) {
  const auto& known = network_.metadata().leader(entry.partition);
  if (entry.preferred == kNoBroker) return known.leader;
  const std::vector<BrokerId>& brokers = network_.metadata().brokers();
  if (entry.preferred_by != known.leader || entry.preferred_epoch != known.leader_epoch ||
      out.now() > entry.preferred_until) {
    entry.preferred = kNoBroker;
  } else if (std::find(brokers.begin(), brokers.end(), entry.preferred) == brokers.end()) {
    entry.preferred = kNoBroker;  // offline
    network_.metadata().request_update();
  }
  return entry.preferred == kNoBroker ? known.leader : entry.preferred;
}

/// One fetch in flight per broker; a broker of which nothing is fetchable gets none.
void Consumer::send_fetches(Out& out) {
  bool any = false;
  BrokerId highest = 0;
  BrokerId lowest = std::numeric_limits<BrokerId>::max();
  for (const std::uint32_t index : subscription_.tracked()) {
    SubscribedPartition& entry = subscription_[index];
    if (!entry.fetchable()) continue;
    const BrokerId broker = read_replica(entry, out);
    if (broker == kNoBroker) {
      network_.metadata().request_update();
      continue;
    }
    FetchSession& session = sessions_[static_cast<std::size_t>(broker)];
    if (session.pending) continue;
    session.wanted = true;
    any = true;
    highest = std::max(highest, broker);
    lowest = std::min(lowest, broker);
  }
  if (!any) return;
  for (BrokerId broker = lowest; broker <= highest; ++broker) {
    FetchSession& session = sessions_[static_cast<std::size_t>(broker)];
    if (!session.wanted) continue;
    session.wanted = false;
    if (network_.ready(network_.node_of(broker), out)) send_fetch(broker, out);
  }
}

/// FetchSessionHandler.Builder#build: everything in a full fetch, else only what changed.
void Consumer::send_fetch(BrokerId broker, Out& out) {
  const ConsumerConfig& config = spec_->config;
  const NodeIndex node = network_.node_of(broker);
  FetchSession& session = sessions_[static_cast<std::size_t>(broker)];
  const bool full = session.epoch == 0;
  bool lost_some = false;
  const auto message = out.make<FetchRequest>();
  message->max_wait = config.fetch_max_wait;
  message->min_bytes = static_cast<std::int32_t>(config.fetch_min_bytes);
  message->max_bytes = static_cast<std::int32_t>(config.fetch_max_bytes);
  message->session_id = session.id;
  message->session_epoch = session.epoch;
  message->rack = rack_;
  if (!full) message->forgotten = session.forgotten;
  session.forgotten.clear();
  for (const std::uint32_t index : subscription_.tracked()) {
    SubscribedPartition& entry = subscription_[index];
    const auto& known = network_.metadata().leader(entry.partition);
    const bool had = !full && entry.session_node == node;
    if (!entry.fetchable() || read_replica(entry, out) != broker) {
      if (entry.session_node != node) continue;
      if (had) message->forgotten.push_back(entry.partition);
      entry.session_node = kNone;
      lost_some = true;
      continue;
    }
    if (had && entry.sent_offset == entry.position && entry.sent_epoch == known.leader_epoch) {
      continue;
    }
    if (entry.session_node != kNone && entry.session_node != node) {
      sessions_[static_cast<std::size_t>(network_.broker_of(entry.session_node))]
          .forgotten.push_back(entry.partition);
    }
    entry.session_node = node;
    entry.sent_offset = entry.position;
    entry.sent_epoch = known.leader_epoch;
    message->partitions.push_back({entry.partition, known.leader_epoch, entry.position, -1, -1,
                                   static_cast<std::int32_t>(config.max_partition_fetch_bytes)});
  }
  if (lost_some) subscription_.prune();
  session.pending = true;
  network_.send(node, message, static_cast<std::uint32_t>(broker), config.request_timeout, out);
}

void Consumer::on_fetch(const InFlightRequest& request, const FetchResponse& response, Out& out) {
  FetchSession& session = sessions_[request.token];
  session.pending = false;
  if (response.error != Error::kNone) {
    if (response.error == Error::kFetchSessionIdNotFound) session.id = 0;
    session.epoch = 0;  // with an id: close that session and open another
    return;
  }
  session.id = response.session_id;
  if (response.session_id == 0) {
    session.epoch = 0;
  } else {
    session.epoch =
        session.epoch == std::numeric_limits<std::int32_t>::max() ? 1 : session.epoch + 1;
  }
  for (const auto& result : response.partitions) {
    take_fetched(request.node, response, result, out);
  }
}

void Consumer::take_fetched(NodeIndex node, const FetchResponse& response,
                            const FetchResponse::Partition& result, Out& out) {
  SubscribedPartition* entry = subscription_.find(result.partition);
  if (entry == nullptr || entry->buffered) return;
  if (result.error == Error::kNotLeaderOrFollower || result.error == Error::kFencedLeaderEpoch) {
    network_.metadata().apply_hint(result.partition, result.hint, out);
  }
  // Of an assignment that is over, or of a leader that was left meanwhile.
  if (!entry->assigned || entry->session_node != node) return;
  if (result.error == Error::kNone) {
    entry->high_watermark = std::max(entry->high_watermark, result.high_watermark);
    if (result.preferred_read_replica != kNoBroker &&
        result.preferred_read_replica != entry->preferred) {
      const auto& known = network_.metadata().leader(result.partition);
      entry->preferred = result.preferred_read_replica;
      entry->preferred_by = known.leader;
      entry->preferred_epoch = known.leader_epoch;
      entry->preferred_until = out.now() + spec_->config.metadata_max_age;
    }
    if (result.batch_count == 0) return;
  }
  entry->source = network_.broker_of(node);
  const auto first = response.batches.begin() + result.first_batch;
  entry->batches.assign(first, first + result.batch_count);
  entry->next_batch = 0;
  entry->buffered = true;
  entry->started = false;
  entry->error = result.error;
  entry->fetch_offset = entry->sent_offset;
  subscription_.buffer().push_back(subscription_.index_of(*entry));
}

/// FetchCollector#collectFetch: up to max.poll.records, partition after partition.
std::uint32_t Consumer::collect(Out& out) {
  Ring<std::uint32_t>& buffer = subscription_.buffer();
  const auto limit = static_cast<std::uint32_t>(
      std::min<std::int64_t>(spec_->config.max_poll_records, 0x7fffffff));
  std::uint32_t records = 0;
  while (records < limit && !buffer.empty()) {
    SubscribedPartition& entry = subscription_[buffer.front()];
    const bool usable = entry.assigned && !entry.pending_revocation && entry.has_position() &&
                        (entry.started || entry.fetch_offset == entry.position);
    if (usable && entry.error == Error::kNone) {
      entry.started = true;
      records += deliver(entry, limit - records, out);
      if (entry.next_batch < entry.batches.size()) break;  // the slice is full
    } else if (usable) {
      handle_fetch_error(entry, out);
    }
    subscription_.drop_buffer(entry);
    buffer.pop_front();
  }
  return records;
}

std::uint32_t Consumer::deliver(SubscribedPartition& entry, std::uint32_t room, Out& out) {
  std::uint32_t records = 0;
  while (records < room && entry.next_batch < entry.batches.size()) {
    const Batch& batch = entry.batches[entry.next_batch];
    const std::int64_t from = std::max(batch.base_offset, entry.position);
    if (from >= batch.next_offset()) {
      ++entry.next_batch;
      continue;
    }
    const std::int64_t count = std::min<std::int64_t>(room - records, batch.next_offset() - from);
    if (batch.producer != kNone) {
      const auto first = batch.first_record + static_cast<std::uint64_t>(from - batch.base_offset);
      out.record(HistoryKind::kRecordsDelivered, entry.partition, from, count,
                 static_cast<std::int64_t>(first << 24 | batch.producer));
      records += static_cast<std::uint32_t>(count);
    }
    entry.position = from + count;
    entry.offset_epoch = batch.leader_epoch;
    if (entry.position == batch.next_offset()) ++entry.next_batch;
  }
  return records;
}

void Consumer::handle_fetch_error(SubscribedPartition& entry, Out& out) {
  switch (entry.error) {
    case Error::kNotLeaderOrFollower:
    case Error::kReplicaNotAvailable:
    case Error::kKafkaStorageError:
    case Error::kFencedLeaderEpoch:
    case Error::kOffsetNotAvailable:
    case Error::kUnknownTopicOrPartition:
    case Error::kUnknownTopicId:
      entry.preferred = kNoBroker;
      network_.metadata().request_update();
      return;
    case Error::kOffsetOutOfRange:
      if (entry.preferred != kNoBroker) {  // that follower lacks it: ask the leader, no reset
        entry.preferred = kNoBroker;
        return;
      }
      if (spec_->config.auto_offset_reset == 2) return die(entry.error, out);
      entry.state = PositionState::kAwaitReset;
      entry.reset_out_of_range = true;
      entry.reset_retry_at = 0;
      ++awaiting_reset_;
      return;
    case Error::kUnknownLeaderEpoch:  // the broker is behind
    case Error::kUnknownServerError: return;
    default: return die(entry.error, out);
  }
}

}  // namespace isrlab::model
