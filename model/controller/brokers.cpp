// Brokers that come, go and bounce; controlled shutdown (KafkaController.processBrokerChange,
// onBrokerStartup, onBrokerFailure, doControlledShutdown;
// ReplicaStateMachine.removeReplicasFromIsr).
#include <algorithm>

#include "model/controller/controller.hpp"

namespace isrlab::model {

void Controller::step_broker_change(Frame& frame, ZkClient& zk, Out& out) {
  const auto startup = [this](std::vector<BrokerId> brokers) {
    Frame child;
    child.procedure = Procedure::kBrokerStartup;
    child.brokers = std::move(brokers);
    call(std::move(child));
  };
  const auto failure = [this](std::vector<BrokerId> brokers) {
    Frame child;
    child.procedure = Procedure::kBrokerFailure;
    child.brokers = std::move(brokers);
    call(std::move(child));
  };
  switch (frame.step++) {
    case 0: return ask({children("/brokers/ids")}, zk, out);
    case 1: {
      frame.brokers = broker_names(replies_[0]);
      std::vector<ZkRequest> requests;
      for (const BrokerId id : frame.brokers) {
        requests.push_back(read("/brokers/ids/" + std::to_string(id)));
      }
      return ask(std::move(requests), zk, out);
    }
    case 2: return compare_brokers(frame, out);
    case 3:
      if (frame.brokers.empty()) return;
      for (const BrokerId id : frame.brokers) context_.live[id] = *frame.epochs.find(id);
      return startup(frame.brokers);
    case 4:
      if (frame.bounced.empty()) return;
      for (const BrokerId id : frame.bounced) context_.live.erase(id);
      return failure(frame.bounced);
    case 5:
      if (frame.bounced.empty()) return;
      for (const BrokerId id : frame.bounced) context_.live[id] = *frame.epochs.find(id);
      return startup(frame.bounced);
    case 6:
      if (frame.dead.empty()) return;
      for (const BrokerId id : frame.dead) context_.live.erase(id);
      return failure(frame.dead);
    default: return done();
  }
}

void Controller::compare_brokers(Frame& frame, Out& out) {
  learn_broker_epochs(frame.brokers, frame.epochs);
  std::vector<BrokerId> fresh;
  for (const auto& [id, epoch] : frame.epochs) {
    const std::int64_t* known = context_.live.find(id);
    if (known == nullptr) fresh.push_back(id);
    if (known != nullptr && epoch > *known) frame.bounced.push_back(id);
  }
  for (const auto& [id, epoch] : context_.live) {
    if (!frame.epochs.contains(id)) frame.dead.push_back(id);
  }
  frame.brokers = fresh;
  const auto note = [&](HistoryKind kind, BrokerId id, bool bounced = false) {
    const std::int64_t* epoch = frame.epochs.find(id);
    context_.seen[id] = frame.cause = cause_ =
        out.record(kind, static_cast<std::uint32_t>(id), context_.epoch,
                   epoch != nullptr ? *epoch : 0, bounced ? 1 : 0);
  };
  // A broker that came or went has no failed directories until it says so.
  for (const auto* changed : {&frame.brokers, &frame.bounced, &frame.dead}) {
    for (const BrokerId id : *changed) context_.on_failed_directories.erase(id);
  }
  for (const BrokerId id : frame.brokers) {
    note(HistoryKind::kBrokerStartSeen, id);
    add_broker(id, out);
  }
  for (const BrokerId id : frame.bounced) {
    note(HistoryKind::kBrokerStartSeen, id, true);
    remove_broker(id, out);
    add_broker(id, out);
  }
  for (const BrokerId id : frame.dead) {
    note(HistoryKind::kBrokerFailureSeen, id);
    remove_broker(id, out);
  }
}

void Controller::step_broker_startup(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step++) {
    case 0: {
      std::vector<BrokerId> existing;
      for (const BrokerId id : live_or_shutting_down()) {
        const auto& fresh = frame.brokers;
        if (std::find(fresh.begin(), fresh.end(), id) == fresh.end()) existing.push_back(id);
      }
      send_update_metadata(existing, {}, out);
      std::vector<PartitionId> known;
      for (PartitionId p = 0; p < context_.leadership.size(); ++p) {
        if (context_.leadership[p].known) known.push_back(p);
      }
      send_update_metadata(frame.brokers, known, out);
      for (const BrokerId broker : frame.brokers) {
        for (const PartitionId partition : partitions_with_replica_on({broker})) {
          if (context_.leadership[partition].known) add_leader_and_isr({broker}, partition, false);
        }
      }
      flush(out);
      Frame create;
      create.procedure = Procedure::kCreatePartitions;
      create.partitions = partitions_in(PartitionState::kNew);
      return call(std::move(create));
    }
    case 1: {
      Frame elect;
      elect.procedure = Procedure::kElectLeaders;
      elect.partitions = partitions_in(PartitionState::kOffline);
      return call(std::move(elect));
    }
    case 2: return resume(moving_to(frame.brokers), false);
    case 3: {
      std::vector<ZkRequest> requests;
      for (const BrokerId id : frame.brokers) {
        requests.push_back(read("/brokers/ids/" + std::to_string(id), true));
        requests.back().ops[0].kind = ZkOpKind::kExists;
      }
      return ask(std::move(requests), zk, out);
    }
    default: return done();
  }
}

void Controller::step_broker_failure(Frame& frame, ZkClient&, Out& out) {
  switch (frame.step++) {
    case 0: {
      if (!frame.restricted) {
        for (const BrokerId id : frame.brokers) {
          std::erase(context_.shutting_down, id);
          for (BrokerList& fresh : context_.fresh) {
            if (!fresh.empty()) fresh = fresh.without(id);
          }
        }
      }
      for (PartitionId p = 0; p < context_.leadership.size(); ++p) {
        const Leadership& leadership = context_.leadership[p];
        if (!leadership.known || context_.is_online(leadership.leader, p)) continue;
        frame.number = 1;  // partitionsWithOfflineLeader is not empty
        if (context_.state[p] != PartitionState::kOnline) continue;
        context_.state[p] = PartitionState::kOffline;
        const std::uint32_t* gone =
            frame.restricted ? nullptr : context_.seen.find(leadership.leader);
        const auto scope = out.because_for_now(gone != nullptr ? *gone : cause_);
        context_.leadership[p].cause = out.record(HistoryKind::kPartitionOffline, p,
                                                  leadership.leader, out.list(leadership.isr));
      }
      Frame create;
      create.procedure = Procedure::kCreatePartitions;
      create.partitions = partitions_in(PartitionState::kNew);
      return call(std::move(create));
    }
    case 1: {
      Frame elect;
      elect.procedure = Procedure::kElectLeaders;
      elect.partitions = partitions_in(PartitionState::kOffline);
      return call(std::move(elect));
    }
    case 2: {
      Frame remove;
      remove.procedure = Procedure::kRemoveFromIsr;
      remove.brokers = frame.brokers;
      remove.restricted = frame.restricted;
      remove.only = frame.only;
      return call(std::move(remove));
    }
    default:
      // With an offline leader the elections have told everybody who is alive.
      if (frame.number == 0) send_update_metadata(live_or_shutting_down(), {}, out);
      return done();
  }
}

void Controller::step_remove_from_isr(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step) {
    case 0: {
      if (frame.cursor == frame.brokers.size()) {
        flush(out);
        return done();
      }
      const BrokerId broker = frame.brokers[frame.cursor];
      frame.partitions.clear();
      const auto candidates = frame.restricted ? frame.only : partitions_with_replica_on({broker});
      for (const PartitionId partition : candidates) {
        add_stop_replica(broker, partition, false);
        if (context_.leadership[partition].known) {
          frame.partitions.push_back(partition);
        } else {
          add_update_metadata(partition);
        }
      }
      frame.step = 1;
      return ask(read_states(frame.partitions), zk, out);
    }
    case 1: return propose_removals(frame, zk, out);
    default: return commit_removals(frame, zk, out);
  }
}

std::vector<BrokerId> Controller::replicas_without(PartitionId partition, BrokerId broker) const {
  std::vector<BrokerId> rest;
  for (const BrokerId id : context_.assignment[partition]) {
    if (id != broker) rest.push_back(id);
  }
  return rest;
}

void Controller::propose_removals(Frame& frame, ZkClient& zk, Out& out) {
  const BrokerId broker = frame.brokers[frame.cursor];
  std::vector<ZkRequest> writes;
  std::vector<PartitionId> written;
  frame.proposals.clear();
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    refresh(partition, replies_[i].results[0]);
    const Leadership& now = context_.leadership[partition];
    if (now.controller_epoch > context_.epoch) return moved(out);
    if (!now.isr.contains(broker)) {
      // Equal epoch: ignored there.
      add_leader_and_isr(replicas_without(partition, broker), partition, false);
      continue;
    }
    Leadership proposal = now;
    if (proposal.leader == broker) proposal.leader = kNoBroker;
    if (proposal.isr.size() > 1) proposal.isr = proposal.isr.without(broker);  // never empty
    ++proposal.leader_epoch;
    writes.push_back(write_state(partition, proposal, now.version));
    frame.proposals.push_back(proposal);
    written.push_back(partition);
  }
  frame.partitions = std::move(written);
  frame.step = 2;
  ask(std::move(writes), zk, out);
}

void Controller::commit_removals(Frame& frame, ZkClient& zk, Out& out) {
  const BrokerId broker = frame.brokers[frame.cursor];
  std::vector<PartitionId> again;
  const std::uint32_t* gone = frame.restricted ? nullptr : context_.seen.find(broker);
  const std::uint32_t cause = gone != nullptr ? std::max(*gone, cause_) : cause_;
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    const ZkReply& reply = replies_[i];
    if (fenced_off(reply)) return moved(out);
    if (reply.code == ZkCode::kBadVersion) again.push_back(partition);
    if (reply.code != ZkCode::kOk) continue;
    Leadership next = frame.proposals[i];
    next.version = reply.results[1].stat.version;
    const auto scope = out.because_for_now(cause);
    note_state(partition, next, out);
    if (next.leader == kNoBroker) context_.state[partition] = PartitionState::kOffline;
    add_leader_and_isr(replicas_without(partition, broker), partition, false);
  }
  if (!again.empty()) {
    frame.partitions = std::move(again);
    frame.step = 1;
    return ask(read_states(frame.partitions), zk, out);
  }
  ++frame.cursor;
  frame.step = 0;
}

void Controller::step_controlled_shutdown(Frame& frame, ZkClient&, Out& out) {
  const BrokerId broker = frame.event.broker;
  const auto reply = [&](Error error) {
    auto response = out.make<ControlledShutdownResponse>();
    response->error = error;
    if (error == Error::kNone) {
      for (const PartitionId partition : partitions_with_replica_on({broker})) {
        const bool led = context_.leadership[partition].leader == broker;
        if (led && context_.assignment[partition].size() > 1)
          response->remaining.push_back(partition);
      }
    }
    answer(frame.event.slot, response.ref, wire_bytes(*response));
    done();
  };
  if (frame.step == 0) {
    if (!active_) return reply(Error::kStaleControllerEpoch);
    const std::int64_t* epoch = context_.live.find(broker);
    const bool epoch_given = frame.event.broker_epoch != -1;
    // The look-up of the epoch of a broker that is not there fails before the broker is missed.
    if (epoch == nullptr) {
      return reply(epoch_given ? Error::kUnknownServerError : Error::kBrokerNotAvailable);
    }
    if (epoch_given && frame.event.broker_epoch < *epoch) return reply(Error::kStaleBrokerEpoch);
    if (!context_.is_shutting_down(broker)) context_.shutting_down.push_back(broker);
    frame.step = 1;
    Frame elect;
    elect.procedure = Procedure::kElectLeaders;
    elect.strategy = ElectionStrategy::kControlledShutdown;
    for (const PartitionId partition : partitions_with_replica_on({broker})) {
      const Leadership& leadership = context_.leadership[partition];
      if (!leadership.known || context_.assignment[partition].size() < 2) continue;
      (leadership.leader == broker ? elect.partitions : frame.partitions).push_back(partition);
    }
    return call(std::move(elect));
  }
  if (frame.step == 1) {
    frame.step = 2;
    // First stop the followers there, so that their fetches do not bring them back into the ISR.
    for (const PartitionId partition : frame.partitions) add_stop_replica(broker, partition, false);
    flush(out);
    Frame remove;
    remove.procedure = Procedure::kRemoveFromIsr;
    remove.brokers = {broker};
    remove.restricted = true;
    remove.only = frame.partitions;
    return call(std::move(remove));
  }
  reply(Error::kNone);
}

}  // namespace isrlab::model
