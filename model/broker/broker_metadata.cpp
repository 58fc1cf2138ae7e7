// Metadata, offsets by time, coordinators, producer ids and topic creation (KafkaApis,
// ZkAdminManager, AutoTopicCreationManager, ProducerIdManager).
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

LeaderHint Broker::hint(PartitionId id) const {
  if (const Partition* partition = this->partition(id);
      partition != nullptr && partition->role == PartitionRole::kFollower) {
    return {partition->leader, partition->leader_epoch, partition->became};
  }
  const MetadataCache::State& state = metadata_.state(id);
  return {state.leader, state.leader_epoch, state.cause};
}

void Broker::handle_metadata(std::uint32_t slot, const MetadataRequest& request, Out& out) {
  auto response = out.make<MetadataResponse>();
  response->correlation = request.correlation;
  response->controller = metadata_.controller();
  response->brokers = metadata_.live_brokers();
  for (const TopicId topic : request.topics) {
    const TopicInfo& info = out.catalog().topic(topic);
    bool known = false;
    for (PartitionId p = info.first; p < info.first + static_cast<PartitionId>(info.partitions);
         ++p) {
      const MetadataCache::State& state = metadata_.state(p);
      if (!state.known) continue;
      known = true;
      MetadataResponse::Partition partition;
      partition.partition = p;
      partition.leader_epoch = state.leader_epoch;
      partition.replicas = state.replicas;
      partition.isr = state.isr;
      const bool available = state.leader >= 0 && metadata_.alive(state.leader);
      partition.leader = available ? state.leader : kNoBroker;
      if (!available) partition.error = Error::kLeaderNotAvailable;
      partition.cause = available ? state.cause : std::max(state.cause, metadata_.live_cause());
      response->partitions.push_back(partition);
    }
    response->topics.push_back({topic, known ? Error::kNone : Error::kUnknownTopicOrPartition});
  }
  respond(slot, response, out);
}

void Broker::handle_list_offsets(std::uint32_t slot, const ListOffsetsRequest& request, Out& out) {
  auto response = out.make<ListOffsetsResponse>();
  response->correlation = request.correlation;
  const bool follower = request.replica != kNoBroker;
  for (const ListOffsetsRequest::Partition& wanted : request.partitions) {
    ListOffsetsResponse::Partition answer;
    answer.partition = wanted.partition;
    const Partition* partition = this->partition(wanted.partition);
    if (partition == nullptr || partition->role == PartitionRole::kNone) {
      answer.error = missing_partition_error(wanted.partition);
    } else {
      answer.error = partition->check_epoch(wanted.current_leader_epoch, true);
    }
    if (answer.error == Error::kNone) {
      answer.leader_epoch = partition->leader_epoch;
      answer.error =
          partition->offset_for_timestamp(wanted.timestamp, follower, answer.offset, config_->bugs);
      if (wanted.timestamp == kEarliestTimestamp) {
        answer.prefix_hash = partition->log.prefix_hash(answer.offset);
      }
    }
    response->partitions.push_back(answer);
  }
  respond(slot, response, out);
}

void Broker::handle_epoch_ends(std::uint32_t slot, const OffsetsForLeaderEpochRequest& request,
                               Out& out) {
  auto response = out.make<OffsetsForLeaderEpochResponse>();
  response->correlation = request.correlation;
  const bool fences = !config_->bug(Bug::kTruncateFence);
  for (const OffsetsForLeaderEpochRequest::Partition& wanted : request.partitions) {
    OffsetsForLeaderEpochResponse::Partition answer;
    answer.partition = wanted.partition;
    const Partition* partition = this->partition(wanted.partition);
    if (partition == nullptr || partition->role == PartitionRole::kNone) {
      answer.error = missing_partition_error(wanted.partition);
    } else {
      answer.error = partition->check_epoch(fences ? wanted.current_leader_epoch : -1, true);
    }
    if (answer.error == Error::kNone) {
      const EpochEnd end =
          epoch_end_answer(partition->log, config_->protocol(), wanted.leader_epoch);
      answer.leader_epoch = end.epoch;
      answer.end_offset = end.end_offset;
    }
    response->partitions.push_back(answer);
  }
  respond(slot, response, out);
}

void Broker::handle_find_coordinator(std::uint32_t slot, const FindCoordinatorRequest& request,
                                     Out& out) {
  auto response = out.make<FindCoordinatorResponse>();
  response->correlation = request.correlation;
  response->error = Error::kCoordinatorNotAvailable;
  const PartitionId partition = out.catalog().group(request.group).offsets_partition;
  const MetadataCache::State& state = metadata_.state(partition);
  if (state.known && state.leader >= 0 && metadata_.alive(state.leader)) {
    response->error = Error::kNone;
    response->coordinator = state.leader;
  } else if (!state.known && !offsets_topic_requested_) {
    // The first look-up creates __consumer_offsets; until it is there the answer is the same.
    offsets_topic_requested_ = true;
    request_offsets_topic(out);
  }
  respond(slot, response, out);
}

void Broker::request_offsets_topic(Out& out) {
  // AutoTopicCreationManager forwards CreateTopics to the controller on the broker's own channel.
  topics_requested_ = true;
  maybe_send_alter_partition(out);
}

void Broker::on_topics_requested(const CreateTopicsResponse& response, Out& out) {
  if (!alter_channel_.answered(response.correlation, out)) return;
  topics_requested_ = false;
  offsets_topic_requested_ = false;  // a later look-up may ask again
  maybe_send_alter_partition(out);
}

// --- producer ids --------------------------------------------------------------------------------

void Broker::handle_init_producer_id(std::uint32_t slot, const InitProducerIdRequest& request,
                                     Out& out) {
  auto response = out.make<InitProducerIdResponse>();
  response->correlation = request.correlation;
  if (next_producer_id_ >= 0 && next_producer_id_ < producer_ids_end_) {
    response->producer_id = next_producer_id_++;
    response->producer_epoch = 0;
  } else {
    // No block yet: it is fetched meanwhile and the client asks again.
    response->error = Error::kCoordinatorLoadInProgress;
    if (!ids_requested_) {
      ids_requested_ = true;
      maybe_send_alter_partition(out);
    }
  }
  respond(slot, response, out);
}

void Broker::on_producer_ids(const AllocateProducerIdsResponse& response, Out& out) {
  if (!alter_channel_.answered(response.correlation, out)) return;
  if (response.error == Error::kNone) {
    ids_requested_ = false;
    next_producer_id_ = response.first;
    producer_ids_end_ = response.first + response.length;
    return maybe_send_alter_partition(out);
  }
  if (response.error == Error::kNotController) {
    endpoints_.erase(alter_channel_.connection());
    alter_channel_.close(out);
  }
  pause_alter(100 * sim::kMillisecond, out);
}

// --- topics --------------------------------------------------------------------------------------

void Broker::handle_create_topics(std::uint32_t slot, const CreateTopicsRequest& request,
                                  Out& out) {
  PendingTopics pending;
  pending.request = request_handle(slot);
  pending.correlation = request.correlation;
  pending.deadline = out.now() + request.timeout;
  for (const TopicId topic : request.topics) pending.topics.push_back({topic, Error::kNone});
  if (!controller_.active()) {
    for (auto& topic : pending.topics) topic.error = Error::kNotController;
    return answer_topics(pending, Error::kNone, out);
  }
  create_topics(std::move(pending), out);
}

namespace {

/// The exception of AdminUtils on the wire; an AdminOperationException has no code of its own.
Error error_of(AssignmentError error) {
  switch (error) {
    case AssignmentError::kNone: return Error::kNone;
    case AssignmentError::kInvalidPartitions: return Error::kInvalidPartitions;
    case AssignmentError::kInvalidReplicationFactor: return Error::kInvalidReplicationFactor;
    case AssignmentError::kInvalidReplicaAssignment:  // of placements by hand only
    case AssignmentError::kAdminOperation: break;
  }
  return Error::kUnknownServerError;
}

}  // namespace

AssignmentResult Broker::place_topic(const TopicInfo& info, const Catalog& catalog) {
  std::vector<BrokerRack> brokers;
  for (const BrokerId id : metadata_.live_brokers()) {
    brokers.push_back({id, catalog.process(catalog.broker_process(id)).rack});
  }
  const std::uint64_t count = std::max<std::size_t>(brokers.size(), 1);
  // AdminUtils draws the start first, then the shift, once per topic.
  AssignmentStart start;
  start.index = static_cast<std::uint32_t>(topics_random_.below(count));
  start.shift = static_cast<std::uint32_t>(topics_random_.below(count));
  return assign_replicas_to_brokers(brokers, info.partitions, info.replication_factor, start);
}

void Broker::create_topics(PendingTopics pending, Out& out) {
  std::vector<ZkRequest> requests;
  for (CreateTopicsResponse::Topic& topic : pending.topics) {
    const TopicInfo& info = out.catalog().topic(topic.topic);
    if (metadata_.state(info.first).known) {
      topic.error = Error::kTopicAlreadyExists;
      continue;
    }
    auto replicas = std::make_shared<std::vector<BrokerList>>(info.assignment);
    if (replicas->empty()) {
      AssignmentResult placed = place_topic(info, out.catalog());
      topic.error = error_of(placed.error);
      *replicas = std::move(placed.replicas);
    }
    if (topic.error != Error::kNone) continue;
    ZkRequest config;
    config.ops.resize(1);
    config.ops[0].kind = ZkOpKind::kCreate;
    config.ops[0].path = "/config/topics/" + info.name;
    requests.push_back(std::move(config));
    ZkRequest create;
    create.ops.resize(1);
    create.ops[0].kind = ZkOpKind::kCreate;
    create.ops[0].path = "/brokers/topics/" + info.name;
    create.ops[0].value = TopicZnode{topic.topic, std::move(replicas)};
    requests.push_back(std::move(create));
  }
  if (requests.empty()) return answer_topics(pending, Error::kNone, out);
  pending.token = static_cast<std::uint32_t>(ZkUser::kTopics) << 24 | ++next_topics_token_;
  zk_.submit(pending.token, std::move(requests), out);
  creating_topics_.push_back(std::move(pending));
  out.set_timer(topics_slot_, out.now() + 100 * sim::kMillisecond,
                TimerKind::kPendingTopicCreation);
}

void Broker::on_topics_written(const ZkClientEvent& event, Out& out) {
  for (PendingTopics& pending : creating_topics_) {
    if (pending.token != event.token) continue;
    pending.token = 0;
    std::size_t at = 1;
    for (CreateTopicsResponse::Topic& topic : pending.topics) {
      if (topic.error != Error::kNone) continue;
      if (at < event.replies.size() && event.replies[at].code == ZkCode::kNodeExists) {
        topic.error = Error::kTopicAlreadyExists;
      }
      at += 2;
    }
  }
  recheck_pending_topics(out);
}

void Broker::topics_failed(std::uint32_t failed, Out& out) {
  for (std::size_t i = 0; i < creating_topics_.size(); ++i) {
    if (creating_topics_[i].token != failed) continue;
    const PendingTopics pending = creating_topics_[i];
    creating_topics_.erase(creating_topics_.begin() + static_cast<std::ptrdiff_t>(i));
    return answer_topics(pending, Error::kNotController, out);
  }
}

bool Broker::topics_visible(const PendingTopics& pending, const Catalog& catalog) const {
  if (pending.token != 0) return false;
  for (const CreateTopicsResponse::Topic& topic : pending.topics) {
    if (topic.error != Error::kNone) continue;
    const TopicInfo& info = catalog.topic(topic.topic);
    for (std::int32_t p = 0; p < info.partitions; ++p) {
      const auto& state = metadata_.state(info.first + static_cast<PartitionId>(p));
      if (!state.known || state.leader < 0) return false;
    }
  }
  return true;
}

void Broker::recheck_pending_topics(Out& out) {
  for (std::size_t i = 0; i < creating_topics_.size();) {
    const bool visible = topics_visible(creating_topics_[i], out.catalog());
    if (!visible && out.now() < creating_topics_[i].deadline) {
      ++i;
      continue;
    }
    const PendingTopics pending = creating_topics_[i];
    creating_topics_.erase(creating_topics_.begin() + static_cast<std::ptrdiff_t>(i));
    answer_topics(pending, visible ? Error::kNone : Error::kRequestTimedOut, out);
  }
  if (!creating_topics_.empty()) {
    out.set_timer(topics_slot_, out.now() + 100 * sim::kMillisecond,
                  TimerKind::kPendingTopicCreation);
  }
}

void Broker::answer_topics(const PendingTopics& pending, Error missing, Out& out) {
  const std::uint32_t slot = slot_of(pending.request);
  if (slot == kNone) return;  // the asker is gone
  auto response = out.make<CreateTopicsResponse>();
  response->correlation = pending.correlation;
  response->topics = pending.topics;
  for (auto& topic : response->topics) {
    if (topic.error == Error::kNone) topic.error = missing;
  }
  respond(slot, response, out);
}

}  // namespace isrlab::model
