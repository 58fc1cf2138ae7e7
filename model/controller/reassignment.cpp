// Reassignment of partitions (KIP-455; KafkaController.onPartitionReassignment with its phases U, A
// and B) and elections that an operator asks for (processReplicaLeaderElection). Reference
// controller-zookeeper.md 4.9 and 4.11.
#include <algorithm>

#include "model/controller/controller.hpp"

namespace isrlab::model {

ReplicaAssignment Controller::assignment_of(PartitionId partition) const {
  return {context_.assignment[partition], context_.adding[partition], context_.removing[partition]};
}

void Controller::set_assignment(PartitionId partition, const ReplicaAssignment& assignment) {
  context_.assignment[partition] = assignment.replicas;
  context_.adding[partition] = assignment.adding;
  context_.removing[partition] = assignment.removing;
}

/// The znode of the topic holds all its partitions; it is written whatever its version.
ZkRequest Controller::write_assignment(PartitionId partition,
                                       const ReplicaAssignment& assignment) const {
  const TopicId topic = catalog_->partition(partition).topic;
  const TopicInfo& info = catalog_->topic(topic);
  auto replicas = std::make_shared<std::vector<BrokerList>>();
  auto adding = std::make_shared<std::vector<BrokerList>>();
  auto removing = std::make_shared<std::vector<BrokerList>>();
  bool moving = false;
  for (std::int32_t p = 0; p < info.partitions; ++p) {
    const PartitionId id = info.first + static_cast<PartitionId>(p);
    const ReplicaAssignment now = id == partition ? assignment : assignment_of(id);
    moving = moving || !now.adding.empty() || !now.removing.empty();
    replicas->push_back(now.replicas);
    adding->push_back(now.adding);
    removing->push_back(now.removing);
  }
  TopicZnode znode{topic, std::move(replicas), nullptr, nullptr};
  if (moving) {
    znode.adding = std::move(adding);
    znode.removing = std::move(removing);
  }
  ZkOp op;
  op.kind = ZkOpKind::kSetData;
  op.path = "/brokers/topics/" + info.name;
  op.version = -1;
  op.value = std::move(znode);
  return fenced(std::move(op));
}

std::vector<PartitionId> Controller::moving_to(const std::vector<BrokerId>& brokers) const {
  std::vector<PartitionId> result;
  for (const PartitionId partition : context_.reassigning) {
    const BrokerList target = context_.target(partition);
    const bool hit = std::any_of(brokers.begin(), brokers.end(),
                                 [&](BrokerId broker) { return target.contains(broker); });
    if (hit) result.push_back(partition);
  }
  return result;
}

/// The last frame pushed runs first.
void Controller::resume(const std::vector<PartitionId>& partitions, bool only_complete) {
  for (auto at = partitions.rbegin(); at != partitions.rend(); ++at) {
    Frame frame;
    frame.cause = cause_;
    frame.procedure = Procedure::kReassignPartition;
    frame.partitions = {*at};
    frame.wanted = assignment_of(*at);
    frame.look_only = only_complete;
    stack_.push_back(std::move(frame));
  }
}

// --- the request ---------------------------------------------------------------------------------

Error Controller::judge_reassignment(const AlterPartitionReassignmentsRequest::Partition& move,
                                     ReplicaAssignment& wanted) const {
  const BrokerList origin = context_.origin(move.partition);
  if (move.cancel) {
    const bool moving =
        !context_.adding[move.partition].empty() || !context_.removing[move.partition].empty();
    if (!moving) return Error::kNoReassignmentInProgress;
    wanted = reassign_to(origin, origin);
    return Error::kNone;
  }
  if (move.replicas.empty()) return Error::kInvalidReplicaAssignment;
  for (const BrokerId broker : move.replicas) {
    const auto same = std::count(move.replicas.begin(), move.replicas.end(), broker);
    if (broker < 0 || same > 1) return Error::kInvalidReplicaAssignment;
  }
  wanted = reassign_to(origin, move.replicas);
  for (const BrokerId broker : wanted.adding) {
    if (!context_.is_live(broker)) return Error::kInvalidReplicaAssignment;
  }
  return context_.assignment[move.partition].empty() ? Error::kUnknownTopicOrPartition
                                                     : Error::kNone;
}

void Controller::step_reassign(Frame& frame, Out& out) {
  const auto& moves = frame.event.reassign.partitions;
  if (active_ && frame.cursor < moves.size()) {
    const auto& move = moves[frame.cursor++];
    ReplicaAssignment wanted;
    frame.errors.push_back(judge_reassignment(move, wanted));
    if (frame.errors.back() != Error::kNone) return;
    Frame child;
    child.procedure = Procedure::kReassignPartition;
    child.partitions = {move.partition};
    child.wanted = wanted;
    return call(std::move(child));
  }
  auto response = out.make<AlterPartitionReassignmentsResponse>();
  response->correlation = frame.event.reassign.correlation;
  response->error = active_ ? Error::kNone : Error::kNotController;
  for (std::size_t i = 0; i < frame.errors.size(); ++i) {
    response->partitions.push_back({moves[i].partition, frame.errors[i]});
  }
  answer(frame.event.slot, response.ref, wire_bytes(*response));
  done();
}

// --- one partition -------------------------------------------------------------------------------

void Controller::step_reassign_partition(Frame& frame, ZkClient& zk, Out& out) {
  enum Step { kLook, kLooked, kWrite, kWritten, kCheck, kChecked, kCopying, kStop, kFinish, kEnd };
  const PartitionId partition = frame.partitions[0];
  const auto in_isr = [&] {
    const auto* znode = std::get_if<PartitionStateZnode>(&replies_[0].results[0].value);
    if (replies_[0].code != ZkCode::kOk || znode == nullptr) return false;
    const BrokerList target = context_.target(partition);
    return std::all_of(target.begin(), target.end(),
                       [&](BrokerId broker) { return znode->isr.contains(broker); });
  };
  switch (frame.step) {
    case kLook:
      frame.step = frame.look_only ? kLooked : kWrite;
      if (frame.look_only) ask(read_states({partition}), zk, out);
      return;
    case kLooked:
      if (!in_isr()) return done();
      frame.step = kWrite;
      return;
    case kWrite:
      frame.step = frame.wanted == assignment_of(partition) ? kCheck : kWritten;
      if (frame.step == kWritten) ask({write_assignment(partition, frame.wanted)}, zk, out);
      return;
    case kWritten:
      if (fenced_off(replies_[0])) return moved(out);
      frame.step = kCheck;
      return begin_move(frame, out);
    case kCheck: {
      auto& moving = context_.reassigning;
      const auto at = std::lower_bound(moving.begin(), moving.end(), partition);
      if (at == moving.end() || *at != partition) moving.insert(at, partition);
      frame.step = kChecked;
      return ask(read_states({partition}), zk, out);
    }
    case kChecked: {
      const bool nothing = frame.wanted.adding.empty() && frame.wanted.removing.empty();
      const bool complete = nothing || in_isr();
      frame.step = complete ? kStop : kCopying;
      return complete ? begin_completion(frame, out) : begin_copying(frame, out);
    }
    case kCopying:  // A2
      for (const BrokerId broker : frame.dead) {
        context_.fresh[partition].push_back(broker);
        add_leader_and_isr({broker}, partition, true);
      }
      flush(out);
      return done();
    case kStop: {  // B4 and B5
      frame.step = kFinish;
      if (frame.brokers.empty()) return;
      Frame stop;
      stop.procedure = Procedure::kStopReplicas;
      stop.partitions = {partition};
      stop.brokers = frame.brokers;
      return call(std::move(stop));
    }
    case kFinish:  // B6
      frame.step = kEnd;
      return ask({write_assignment(partition, assignment_of(partition))}, zk, out);
    default:  // B7 and B8
      if (fenced_off(replies_[0])) return moved(out);
      std::erase(context_.reassigning, partition);
      out.record(HistoryKind::kReassignmentDone, partition,
                 out.list(context_.assignment[partition]));
      send_update_metadata(live_or_shutting_down(), {partition}, out);
      return done();
  }
}

/// U2 and U3; `frame.dead` becomes those that are new here. Replicas that an earlier reassignment
/// was adding and this one does not want go.
void Controller::begin_move(Frame& frame, Out& out) {
  const PartitionId partition = frame.partitions[0];
  const BrokerList before = context_.assignment[partition];
  set_assignment(partition, frame.wanted);
  for (const BrokerId broker : frame.wanted.adding) {
    if (!before.contains(broker)) frame.dead.push_back(broker);  // NonExistentReplica until A2
  }
  // One handle at a time: the order in which a call's arguments are evaluated is the compiler's.
  const std::int64_t replicas = out.list(frame.wanted.replicas);
  const std::int64_t adding = out.list(frame.wanted.adding);
  const std::int64_t removing = out.list(frame.wanted.removing);
  frame.cause = cause_ =
      out.record(HistoryKind::kReassignmentStarted, partition, replicas, adding, removing);
  Frame stop;
  for (const BrokerId broker : before) {
    if (!frame.wanted.replicas.contains(broker)) stop.brokers.push_back(broker);
  }
  if (stop.brokers.empty()) return;
  stop.procedure = Procedure::kStopReplicas;
  stop.partitions = {partition};
  call(std::move(stop));
}

/// A1: everybody learns of the new replicas under a new leader epoch.
void Controller::begin_copying(Frame& frame, Out&) {
  const BrokerList origin = context_.origin(frame.partitions[0]);
  Frame update;
  update.procedure = Procedure::kUpdateLeaderEpoch;
  update.partitions = frame.partitions;
  update.brokers = {origin.begin(), origin.end()};
  update.dead = {frame.wanted.adding.begin(), frame.wanted.adding.end()};
  call(std::move(update));
}

/// B1 to B3: the target is the assignment, and one of it leads.
void Controller::begin_completion(Frame& frame, Out& out) {
  const PartitionId partition = frame.partitions[0];
  for (const BrokerId broker : frame.wanted.adding) {
    const bool fresh = context_.fresh[partition].contains(broker);
    if (!fresh) add_leader_and_isr({broker}, partition, false);
  }
  context_.fresh[partition].clear();
  flush(out);
  frame.brokers = {frame.wanted.removing.begin(), frame.wanted.removing.end()};
  const BrokerList target = context_.target(partition);
  set_assignment(partition, {target, {}, {}});
  const BrokerId leader = context_.leadership[partition].leader;
  Frame next;
  next.partitions = {partition};
  if (target.contains(leader) && context_.is_online(leader, partition)) {
    next.procedure = Procedure::kUpdateLeaderEpoch;
    next.brokers = {target.begin(), target.end()};
  } else {
    next.procedure = Procedure::kElectLeaders;
    next.strategy = ElectionStrategy::kReassign;
  }
  call(std::move(next));
}

/// updateLeaderEpochAndSendRequest: `brokers` know the partition, `dead` are to create it.
void Controller::step_update_leader_epoch(Frame& frame, ZkClient& zk, Out& out) {
  const PartitionId partition = frame.partitions[0];
  switch (frame.step) {
    case 0: frame.step = 1; return ask(read_states({partition}), zk, out);
    case 1: {
      refresh(partition, replies_[0].results[0]);
      if (replies_[0].code != ZkCode::kOk) return done();
      Leadership proposal = context_.leadership[partition];
      if (proposal.controller_epoch > context_.epoch) return moved(out);
      ++proposal.leader_epoch;
      frame.proposals = {proposal};
      frame.step = 2;
      return ask({write_state(partition, proposal, proposal.version)}, zk, out);
    }
    default: break;
  }
  const ZkReply& reply = replies_[0];
  if (fenced_off(reply)) return moved(out);
  if (reply.code == ZkCode::kBadVersion) {
    frame.step = 0;
    return;
  }
  if (reply.code != ZkCode::kOk) return done();
  Leadership next = frame.proposals[0];
  next.version = reply.results[1].stat.version;
  note_state(partition, next, out);
  add_leader_and_isr(frame.brokers, partition, false);
  add_leader_and_isr(frame.dead, partition, true);
  flush(out);
  done();
}

/// stopRemovedReplicasOfReassignedPartition: out of the ISR, stopped, then deleted; nobody waits
/// for the answer to the deletion.
void Controller::step_stop_replicas(Frame& frame, Out& out) {
  const PartitionId partition = frame.partitions[0];
  if (frame.step++ == 0) {
    Frame remove;
    remove.procedure = Procedure::kRemoveFromIsr;
    remove.brokers = frame.brokers;
    remove.restricted = true;
    remove.only = frame.partitions;
    return call(std::move(remove));
  }
  for (const BrokerId broker : frame.brokers) add_stop_replica(broker, partition, true);
  flush(out);
  done();
}

// --- elections -----------------------------------------------------------------------------------

void Controller::step_election_asked(Frame& frame, Out& out) {
  const ElectLeadersRequest& request = frame.event.elect;
  const auto head = [this](PartitionId p) { return context_.assignment[p][0]; };
  const auto served = [this](PartitionId p) {
    return context_.is_live(context_.leadership[p].leader);
  };
  if (active_ && frame.step++ == 0) {
    Frame elect;
    elect.procedure = Procedure::kElectLeaders;
    elect.strategy = request.unclean ? ElectionStrategy::kUnclean : ElectionStrategy::kPreferred;
    for (const PartitionId p : request.partitions) {
      Error error = Error::kNone;
      if (!context_.leadership[p].known || context_.assignment[p].empty()) {
        error = Error::kUnknownTopicOrPartition;
      } else if (request.unclean ? served(p) : context_.leadership[p].leader == head(p)) {
        error = Error::kElectionNotNeeded;
      } else {
        elect.partitions.push_back(p);
      }
      frame.errors.push_back(error);
    }
    return call(std::move(elect));
  }
  auto response = out.make<ElectLeadersResponse>();
  response->correlation = request.correlation;
  response->error = active_ ? Error::kNone : Error::kNotController;
  for (std::size_t i = 0; i < frame.errors.size(); ++i) {
    const PartitionId p = request.partitions[i];
    Error error = frame.errors[i];
    if (error == Error::kNone && !request.unclean && context_.leadership[p].leader != head(p)) {
      error = Error::kPreferredLeaderNotAvailable;
    }
    if (error == Error::kNone && request.unclean && !served(p)) {
      error = Error::kEligibleLeadersNotAvailable;
    }
    response->partitions.push_back({p, error});
  }
  answer(frame.event.slot, response.ref, wire_bytes(*response));
  done();
}

}  // namespace isrlab::model
