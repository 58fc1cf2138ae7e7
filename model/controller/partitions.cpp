// The partition state machine (PartitionStateMachine.scala), topic creation, ISR changes
// (tryProcessAlterPartition), preferred leaders (checkAndTriggerAutoLeaderRebalance) and producer
// id blocks.
#include <algorithm>

#include "model/controller/controller.hpp"

namespace isrlab::model {

void Controller::step_elect_leaders(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step) {
    case 0:
      if (frame.partitions.empty()) {
        flush(out);
        return done();
      }
      frame.step = 1;
      return ask(read_states(frame.partitions), zk, out);
    case 1: return propose_leaders(frame, zk, out);
    default: return commit_leaders(frame, zk, out);
  }
}

void Controller::propose_leaders(Frame& frame, ZkClient& zk, Out& out) {
  std::vector<ZkRequest> writes;
  std::vector<PartitionId> written;
  frame.proposals.clear();
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    const ZkOpResult& found = replies_[i].results[0];
    if (found.code != ZkCode::kOk) continue;
    refresh(partition, found);
    const Leadership now = context_.leadership[partition];
    if (now.controller_epoch > context_.epoch) return moved(out);
    const BrokerList& assignment = context_.assignment[partition];
    ElectionResult result;
    switch (frame.strategy) {
      case ElectionStrategy::kOffline:
      case ElectionStrategy::kUnclean: {
        const TopicId topic = catalog_->partition(partition).topic;
        const bool unclean = frame.strategy == ElectionStrategy::kUnclean ||
                             catalog_->unclean_leader_election(topic, self_);
        result = elect_offline(assignment, now.isr, context_, unclean, partition);
        break;
      }
      case ElectionStrategy::kPreferred:
        result = elect_preferred(assignment, now.isr, context_, partition);
        break;
      case ElectionStrategy::kControlledShutdown:
        result = elect_controlled_shutdown(assignment, now.isr, context_, partition);
        break;
      case ElectionStrategy::kReassign:
        result = elect_reassign(assignment, now.isr, context_, partition);
        break;
    }
    if (!result.elected) continue;  // StateChangeFailed: nothing changes
    Leadership proposal = now;
    proposal.leader = result.leader;
    proposal.isr = result.isr;
    if (result.unclean) proposal.recovering = true;  // else it stays what it was
    ++proposal.leader_epoch;
    writes.push_back(write_state(partition, proposal, now.version));
    frame.proposals.push_back(proposal);
    written.push_back(partition);
  }
  frame.partitions = std::move(written);
  frame.step = 2;
  ask(std::move(writes), zk, out);
}

void Controller::commit_leaders(Frame& frame, ZkClient&, Out& out) {
  std::vector<PartitionId> again;
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    const ZkReply& reply = replies_[i];
    if (fenced_off(reply)) return moved(out);
    if (reply.code == ZkCode::kBadVersion) again.push_back(partition);
    if (reply.code != ZkCode::kOk) continue;
    Leadership next = frame.proposals[i];
    next.version = reply.results[1].stat.version;
    const bool unclean = !context_.leadership[partition].isr.contains(next.leader);
    const auto scope = out.because_for_now(cause_of(partition));
    note_state(partition, next, out);
    context_.state[partition] = PartitionState::kOnline;
    std::int64_t how = 1;
    if (frame.strategy == ElectionStrategy::kPreferred) how = 2;
    if (frame.strategy == ElectionStrategy::kControlledShutdown) how = 3;
    if (unclean) how = 4;
    if (frame.strategy == ElectionStrategy::kReassign) how = 5;
    context_.leadership[partition].cause =
        out.record(HistoryKind::kLeaderElected, partition, next.leader, next.leader_epoch, how);
    std::vector<BrokerId> recipients;
    for (const BrokerId broker : context_.assignment[partition]) {
      const bool offline = frame.strategy == ElectionStrategy::kOffline ||
                           frame.strategy == ElectionStrategy::kUnclean;
      if (!offline || context_.is_online(broker, partition)) recipients.push_back(broker);
    }
    add_leader_and_isr(recipients, partition, false);
  }
  frame.partitions = std::move(again);
  frame.step = 0;
}

void Controller::step_topic_change(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step++) {
    case 0: return ask({children("/brokers/topics")}, zk, out);
    case 1: {
      std::vector<ZkRequest> requests;
      for (const TopicId topic : topic_names(replies_[0])) {
        if (context_.topic_known[topic]) continue;
        frame.topics.push_back(topic);
        requests.push_back(read("/brokers/topics/" + catalog_->topic(topic).name, true));
      }
      return ask(std::move(requests), zk, out);
    }
    case 2: {
      failover_topics(frame);  // learns the assignments
      for (const PartitionId partition : frame.partitions) {
        context_.state[partition] = PartitionState::kNew;
      }
      Frame create;
      create.procedure = Procedure::kCreatePartitions;
      create.partitions = frame.partitions;
      return call(std::move(create));
    }
    default:
      for (const TopicId topic : frame.topics) {
        out.record(HistoryKind::kTopicCreated, topic, catalog_->topic(topic).partitions,
                   context_.epoch);
      }
      return done();
  }
}

void Controller::step_create_partitions(Frame& frame, ZkClient& zk, Out& out) {
  const auto create = [this](std::string path, ZnodeValue value) {
    ZkOp op;
    op.kind = ZkOpKind::kCreate;
    op.path = std::move(path);
    op.value = std::move(value);
    return fenced(std::move(op));
  };
  std::vector<ZkRequest> requests;
  switch (frame.step++) {
    case 0: {
      std::vector<PartitionId> possible;
      for (const PartitionId partition : frame.partitions) {
        const auto& replicas = context_.assignment[partition];
        const bool live = std::any_of(replicas.begin(), replicas.end(),
                                      [this](BrokerId id) { return context_.is_live(id); });
        if (live && context_.state[partition] == PartitionState::kNew)
          possible.push_back(partition);
      }
      frame.partitions = std::move(possible);
      TopicId last = kNone;
      for (const PartitionId partition : frame.partitions) {
        const TopicId topic = catalog_->partition(partition).topic;
        if (topic == last) continue;
        last = topic;
        requests.push_back(
            create("/brokers/topics/" + catalog_->topic(topic).name + "/partitions", {}));
      }
      return ask(std::move(requests), zk, out);
    }
    case 1:
      for (const PartitionId partition : frame.partitions) {
        std::string path = catalog_->path_of_state(partition);
        path.resize(path.size() - std::string_view("/state").size());
        requests.push_back(create(std::move(path), {}));
      }
      return ask(std::move(requests), zk, out);
    case 2:
      for (const PartitionId partition : frame.partitions) {
        Leadership first;
        first.leader_epoch = first.version = 0;
        first.known = true;
        for (const BrokerId broker : context_.assignment[partition]) {
          if (context_.is_live(broker)) first.isr.push_back(broker);
        }
        first.leader = first.isr[0];
        frame.proposals.push_back(first);
        requests.push_back(
            create(catalog_->path_of_state(partition),
                   PartitionStateZnode{first.leader, 0, context_.epoch, first.isr, false}));
      }
      return ask(std::move(requests), zk, out);
    default: break;
  }
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    if (fenced_off(replies_[i])) return moved(out);
    if (replies_[i].code != ZkCode::kOk) continue;  // stays New
    const Leadership& first = frame.proposals[i];
    note_state(partition, first, out);
    context_.state[partition] = PartitionState::kOnline;
    context_.leadership[partition].cause =
        out.record(HistoryKind::kLeaderElected, partition, first.leader, 0, 0);
    add_leader_and_isr({first.isr.begin(), first.isr.end()}, partition, true);
  }
  flush(out);
  done();
}

void Controller::step_alter_partition(Frame& frame, ZkClient& zk, Out& out) {
  const AlterPartitionRequest& request = frame.event.alter;
  if (frame.step == 0) {
    const std::int64_t* epoch = active_ ? context_.live.find(request.broker) : nullptr;
    if (epoch == nullptr || *epoch != request.broker_epoch) {
      auto response = out.make<AlterPartitionResponse>();
      response->correlation = request.correlation;
      response->error = active_ ? Error::kStaleBrokerEpoch : Error::kNotController;
      answer(frame.event.slot, response.ref, wire_bytes(*response));
      return done();
    }
    std::vector<ZkRequest> writes;
    for (const auto& wanted : request.partitions) {
      const AlterVerdict verdict =
          judge_alter_partition(wanted, context_, catalog_->broker_config(self_).bugs);
      frame.errors.push_back(verdict.error);
      if (!verdict.write) continue;
      Leadership proposal = context_.leadership[wanted.partition];
      proposal.isr = wanted.new_isr;
      proposal.recovering = wanted.recovering;
      writes.push_back(write_state(wanted.partition, proposal, proposal.version));
      frame.proposals.push_back(proposal);
      frame.partitions.push_back(static_cast<PartitionId>(frame.errors.size() - 1));
    }
    frame.step = 1;
    return ask(std::move(writes), zk, out);
  }
  if (frame.step == 1) {
    std::vector<PartitionId> changed;
    for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
      const ZkReply& reply = replies_[i];
      if (fenced_off(reply)) return moved(out);
      const std::size_t at = frame.partitions[i];
      if (reply.code == ZkCode::kOk) {
        Leadership next = frame.proposals[i];
        next.version = reply.results[1].stat.version;
        next.controller_epoch = context_.epoch;
        const auto scope = out.because_for_now(request.partitions[at].cause);
        note_state(request.partitions[at].partition, next, out);
        changed.push_back(request.partitions[at].partition);
      } else {
        frame.errors[at] = reply.code == ZkCode::kBadVersion ? Error::kInvalidUpdateVersion
                                                             : Error::kUnknownServerError;
      }
    }
    frame.step = 2;
    frame.retry = changed;
    return ask(read_states(changed), zk, out);  // updateLeaderAndIsrCache reads again
  }
  if (frame.step == 3) return done();
  for (std::size_t i = 0; i < frame.retry.size(); ++i)
    refresh(frame.retry[i], replies_[i].results[0]);
  std::vector<PartitionId> all;  // those that were refused, too
  for (const auto& wanted : request.partitions) all.push_back(wanted.partition);
  send_update_metadata(live_or_shutting_down(), all, out);
  answer_alter_partition(frame, out);
  frame.step = 3;
  std::vector<PartitionId> moving;
  for (const PartitionId partition : frame.retry) {
    if (context_.is_reassigning(partition)) moving.push_back(partition);
  }
  resume(moving, true);
}

void Controller::answer_alter_partition(Frame& frame, Out& out) {
  const AlterPartitionRequest& request = frame.event.alter;
  auto response = out.make<AlterPartitionResponse>();
  response->correlation = request.correlation;
  for (std::size_t i = 0; i < request.partitions.size(); ++i) {
    AlterPartitionResponse::Partition result;
    result.partition = request.partitions[i].partition;
    result.error = frame.errors[i];
    const Leadership& now = context_.leadership[result.partition];
    result.leader = now.leader;
    result.leader_epoch = now.leader_epoch;
    result.partition_epoch = now.version;
    result.isr = now.isr;
    result.cause = cause_of(result.partition);
    response->partitions.push_back(result);
  }
  answer(frame.event.slot, response.ref, wire_bytes(*response));
}

void Controller::step_auto_rebalance(Frame& frame, ZkClient&, Out& out) {
  const BrokerConfig& config = catalog_->broker_config(self_);
  if (frame.step == 0) {
    frame.step = 1;
    Frame elect;
    elect.procedure = Procedure::kElectLeaders;
    elect.strategy = ElectionStrategy::kPreferred;
    for (const auto& [head, epoch] : context_.live) {
      std::int64_t all = 0;
      std::vector<PartitionId> moved_away;
      for (PartitionId p = 0; p < context_.leadership.size(); ++p) {
        if (context_.assignment[p].empty() || context_.assignment[p][0] != head) continue;
        ++all;
        if (context_.leadership[p].known && context_.leadership[p].leader != head) {
          moved_away.push_back(p);
        }
      }
      const auto away = static_cast<std::int64_t>(moved_away.size());
      if (away * 100 <= config.leader_imbalance_per_broker_percentage * all) continue;
      for (const PartitionId p : moved_away) {
        const bool may = context_.reassigning.empty() && context_.leadership[p].isr.contains(head);
        if (may) elect.partitions.push_back(p);
      }
    }
    return call(std::move(elect));
  }
  out.set_timer(rebalance_slot_, out.now() + config.leader_imbalance_check_interval,
                TimerKind::kControllerRebalance);
  done();
}

void Controller::step_allocate_producer_ids(Frame& frame, ZkClient& zk, Out& out) {
  static const std::string kPath = "/latest_producer_id_block";
  const auto reply = [&](Error error, std::int64_t first) {
    auto response = out.make<AllocateProducerIdsResponse>();
    response->error = error;
    response->first = first;
    response->length = 1000;
    answer(frame.event.slot, response.ref, wire_bytes(*response));
    done();
  };
  switch (frame.step) {
    case 0: {
      const std::int64_t* epoch = active_ ? context_.live.find(frame.event.broker) : nullptr;
      if (!active_) return reply(Error::kNotController, -1);
      if (epoch == nullptr || *epoch != frame.event.broker_epoch) {
        return reply(Error::kStaleBrokerEpoch, -1);
      }
      frame.step = 1;
      return ask({read(kPath)}, zk, out);
    }
    case 1: {
      const ZkOpResult& found = replies_[0].results[0];
      const auto* block = std::get_if<ProducerIdBlockZnode>(&found.value);
      const std::int64_t first = block != nullptr ? block->last + 1 : 0;
      ZkRequest write;
      write.ops.resize(1);
      write.ops[0].kind = ZkOpKind::kSetData;
      write.ops[0].path = kPath;
      write.ops[0].version = found.stat.version;
      write.ops[0].value = ProducerIdBlockZnode{frame.event.broker, first, first + 999};
      frame.number = static_cast<std::int32_t>(first);
      frame.step = 2;
      return ask({std::move(write)}, zk, out);
    }
    default:
      if (replies_[0].code == ZkCode::kBadVersion) {
        frame.step = 1;
        return ask({read(kPath)}, zk, out);
      }
      return reply(replies_[0].code == ZkCode::kOk ? Error::kNone : Error::kUnknownServerError,
                   frame.number);
  }
}

}  // namespace isrlab::model
