// A server that leads: Leader.java, LearnerHandler.java, ProposalRequestProcessor and the session
// tracker's expirer.
#include <algorithm>

#include "model/zookeeper/server.hpp"

namespace isrlab::model {
namespace {

Outgoing<ZkQuorumPacket> packet_of(Out& out, ZkPacketKind kind, std::int32_t sender) {
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = kind;
  packet->sender = sender;
  return packet;
}

}  // namespace

// --- discovery: which epoch comes next, and is the leader's history the most recent one?

void ZkServer::lead(Out& out) {
  state_ = ZkServerState::kLeading;
  leading_ = Leading();
  leading_.stage = LeaderStage::kDiscovery;
  leading_.epoch = disk_.accepted_epoch + 1;
  leading_.joined = own_bit();
  leading_.sessions = ZkSessions(config_.tick_time, clock_phase_);
  set_timer(Timer::kLeaderInit, out.now() + config_.init_limit * config_.tick_time, out);
}

/// A standalone server: no epochs, the zxids go on where they were.
void ZkServer::lead_alone(Out& out) {
  while (const ZkTransactionPtr transaction = disk_.next_unapplied()) {
    uncertain_.push_back(transaction);
    disk_.apply_next(nullptr, nullptr);
  }
  state_ = ZkServerState::kLeading;
  leading_ = Leading();
  leading_.sessions = ZkSessions(config_.tick_time, clock_phase_);
  begin_broadcast(out);
}

ZkServer::Learner* ZkServer::learner_of(ConnectionId connection) {
  for (Learner& learner : leading_.learners) {
    if (learner.connection == connection) return &learner;
  }
  return nullptr;
}

void ZkServer::on_follower_info(ConnectionId connection, const ZkQuorumPacket& packet, Out& out) {
  if (state_ != ZkServerState::kLeading || leading_.stage == LeaderStage::kIdle) {
    return out.close(connection);  // in reality the port is not open yet
  }
  for (const Learner& learner : leading_.learners) {
    if (learner.id != packet.sender) continue;
    drop_learner(learner.connection, true, out);
    break;
  }
  Learner learner;
  learner.id = packet.sender;
  learner.connection = connection;
  learner.last_heard = out.now();
  learner.tick_deadline = leading_.tick + config_.init_limit + config_.sync_limit;
  while (peers_[learner.index].id != learner.id) ++learner.index;
  leading_.learners.push_back(learner);
  if (leading_.stage == LeaderStage::kDiscovery) {
    leading_.epoch = std::max(leading_.epoch, packet.epoch + 1);
    leading_.joined |= 1U << learner.index;
    if (!quorum(leading_.joined)) return;
    leading_.stage = LeaderStage::kWritingEpoch;
    return write(DiskJob::kAcceptedEpoch, kEpochFileBytes, out);
  }
  if (leading_.stage == LeaderStage::kWritingEpoch) return;
  auto info = packet_of(out, ZkPacketKind::kLeaderInfo, id_);
  info->epoch = leading_.epoch;
  out.send(connection, info);
}

void ZkServer::on_epoch_written(Out& out) {
  if (leading_.stage == LeaderStage::kWritingEpoch) {
    disk_.accepted_epoch = leading_.epoch;
    leading_.stage = LeaderStage::kEpochAcks;
    leading_.joined = own_bit();
    set_timer(Timer::kLeaderInit, out.now() + config_.init_limit * config_.tick_time, out);
    for (const Learner& learner : leading_.learners) {
      auto info = packet_of(out, ZkPacketKind::kLeaderInfo, id_);
      info->epoch = leading_.epoch;
      out.send(learner.connection, info);
    }
  } else if (leading_.stage == LeaderStage::kNewLeaderAcks) {
    disk_.current_epoch = leading_.epoch;
    leading_.joined |= own_bit();
    count_new_leader_acks(out);
  }
}

void ZkServer::on_epoch_ack(Learner& learner, const ZkQuorumPacket& packet, Out& out) {
  learner.epoch_acked = true;
  if (leading_.stage != LeaderStage::kEpochAcks) return synchronise(learner, out);
  if (packet.epoch != -1) {
    const std::int64_t own_epoch = disk_.current_epoch;
    const std::int64_t own_zxid = disk_.tree().last_zxid();
    if (packet.epoch > own_epoch || (packet.epoch == own_epoch && packet.zxid > own_zxid)) {
      return drop_learner(learner.connection, true, out);  // the follower is ahead of the leader
    }
    leading_.joined |= 1U << learner.index;
  }
  if (!quorum(leading_.joined)) return;
  leading_.stage = LeaderStage::kNewLeaderAcks;
  leading_.joined = 0;
  set_timer(Timer::kLeaderInit, out.now() + config_.init_limit * config_.tick_time, out);
  write(DiskJob::kCurrentEpoch, kEpochFileBytes, out);
  for (Learner& other : leading_.learners) {
    if (other.epoch_acked) synchronise(other, out);
  }
}

// --- synchronisation

/// Sends the committed state and what is proposed on top of it; from here on the follower gets
/// every proposal and commit.
void ZkServer::synchronise(Learner& learner, Out& out) {
  auto snapshot = packet_of(out, ZkPacketKind::kSnapshot, id_);
  snapshot->zxid = disk_.tree().last_zxid();
  snapshot->tree = std::make_shared<const ZkTree>(disk_.tree());
  for (const Proposal& proposal : leading_.outstanding) {
    snapshot->pending.push_back(proposal.transaction);
  }
  out.send(learner.connection, snapshot);
  learner.forwarding = true;
  auto new_leader = packet_of(out, ZkPacketKind::kNewLeader, id_);
  new_leader->epoch = leading_.epoch;
  new_leader->zxid = leading_.epoch << 32;
  out.send(learner.connection, new_leader);
}

void ZkServer::count_new_leader_acks(Out& out) {
  const bool self = (leading_.joined & own_bit()) != 0;  // its own epoch file is part of the quorum
  if (self && quorum(leading_.joined)) begin_broadcast(out);
}

/// The leader serves. What it had in its log is committed by this, and every known session gets a
/// full time-out: nobody has heard of them since the last leader.
void ZkServer::begin_broadcast(Out& out) {
  cancel_timer(Timer::kLeaderInit, out);
  leading_.stage = LeaderStage::kBroadcast;
  leading_.inherited_zxid = disk_.tree().last_zxid();
  if (!alone()) disk_.begin_epoch(leading_.epoch << 32);
  leading_.next_zxid = disk_.tree().last_zxid() + 1;
  election_.settle(leading_.epoch);
  for (const auto& [session, known] : disk_.tree().sessions()) {
    leading_.sessions.track(session, known.timeout, out.now());
  }
  begin_serving(out);
  out.record(HistoryKind::kZkLeading, static_cast<std::uint32_t>(id_), leading_.epoch);
  for (const ZkTransactionPtr& transaction : uncertain_) {
    const auto scope = out.because_for_now(transaction->cause);
    record_commit(*transaction, out);
  }
  uncertain_.clear();
  arm_expiry(out);
  if (alone()) return;
  for (Learner& learner : leading_.learners) {
    if (!learner.new_leader_acked) continue;
    out.send(learner.connection, packet_of(out, ZkPacketKind::kUpToDate, id_));
  }
  set_timer(Timer::kHalfTick, out.now() + config_.tick_time / 2, out);
}

// --- broadcast

/// The process behind a session, committed or still proposed; kNone if there is no such session.
ProcessId ZkServer::session_owner(std::int64_t session_id) const {
  if (const ZkTree::Session* known = tree().find_session(session_id)) return known->owner;
  for (const Proposal& proposal : leading_.outstanding) {
    const ZkTransaction& transaction = *proposal.transaction;
    const bool creates =
        !transaction.ops.empty() && transaction.ops.front().kind == ZkOpKind::kCreateSession;
    if (creates && transaction.session_id == session_id) return transaction.owner;
  }
  return kNone;
}

/// A write of a client, here or at a follower: prepared, proposed, logged.
void ZkServer::propose(ZkTransaction request, Out& out) {
  leading_.preparation.prepare(request, leading_.next_zxid++, disk_.tree(), leading_.sessions,
                               out.now());
  if (!request.ops.empty() && request.ops.front().kind == ZkOpKind::kCreateSession) {
    arm_expiry(out);
  } else if (!request.ops.empty() && request.ops.front().kind == ZkOpKind::kCloseSession) {
    const ProcessId owner = session_owner(request.session_id);
    if (owner != kNone) request.owner = owner;
  }
  const auto transaction = std::make_shared<const ZkTransaction>(std::move(request));
  leading_.outstanding.push_back({transaction, 0});
  for (Learner& learner : leading_.learners) {
    if (!learner.forwarding) continue;
    auto packet = packet_of(out, ZkPacketKind::kProposal, id_);
    packet->zxid = transaction->zxid;
    packet->transaction = transaction;
    out.send(learner.connection, packet);
    if (!learner.new_leader_acked) continue;
    if (learner.timed_zxid == 0) {
      learner.timed_zxid = transaction->zxid;
      learner.timed_since = out.now();
    } else {
      learner.next_zxid = transaction->zxid;
      learner.next_since = out.now();
    }
  }
  log(transaction, out);
}

void ZkServer::on_log_synced_by_leader(Out& out) {
  for (Proposal& proposal : leading_.outstanding) {
    if (proposal.transaction->zxid > disk_.synced_zxid()) break;
    proposal.acks |= own_bit();
  }
  try_commit(out);
}

void ZkServer::on_ack(Learner& learner, std::int64_t zxid, Out& out) {
  if (!learner.new_leader_acked) {
    learner.new_leader_acked = true;  // the first ack is that of the new leader's epoch
    if (leading_.stage == LeaderStage::kBroadcast) {
      return out.send(learner.connection, packet_of(out, ZkPacketKind::kUpToDate, id_));
    }
    leading_.joined |= 1U << learner.index;
    return count_new_leader_acks(out);
  }
  if (learner.timed_zxid != 0 && zxid >= learner.timed_zxid) {
    const bool another = learner.next_zxid > zxid;
    learner.timed_zxid = another ? learner.next_zxid : 0;
    learner.timed_since = learner.next_since;
    learner.next_zxid = 0;
  }
  for (Proposal& proposal : leading_.outstanding) {
    if (proposal.transaction->zxid > zxid) break;
    proposal.acks |= 1U << learner.index;
  }
  try_commit(out);
}

void ZkServer::try_commit(Out& out) {
  bool committed = false;
  while (!leading_.outstanding.empty() && quorum(leading_.outstanding.front().acks)) {
    const ZkTransactionPtr transaction = leading_.outstanding.front().transaction;
    leading_.outstanding.pop_front();  // commits only in sequence
    committed = true;
    const auto scope = out.because_for_now(transaction->cause);
    // Told to the history before anybody else hears of it: what they do is caused by it.
    if (!ends_nothing(*transaction)) record_commit(*transaction, out);
    for (const Learner& learner : leading_.learners) {
      if (!learner.forwarding) continue;
      auto packet = packet_of(out, ZkPacketKind::kCommit, id_);
      packet->zxid = transaction->zxid;
      out.send(learner.connection, packet);
    }
    commit_up_to(transaction->zxid, out);
  }
  if (committed && !leading_.syncs.empty()) answer_syncs(out);
}

/// The end of a session that has ended already: its client closed it while it expired.
bool ZkServer::ends_nothing(const ZkTransaction& transaction) const {
  return !transaction.ops.empty() && transaction.ops.front().kind == ZkOpKind::kCloseSession &&
         tree().find_session(transaction.session_id) == nullptr;
}

/// What the history says of a commit, told once by the leader.
void ZkServer::record_commit(const ZkTransaction& transaction, Out& out) {
  if (transaction.ops.empty()) return;
  const ZkOpKind kind = transaction.ops.front().kind;
  if (kind == ZkOpKind::kCreateSession) {
    out.record(HistoryKind::kZkSessionCreated, transaction.owner, transaction.session_id,
               transaction.session_timeout);
  } else if (kind == ZkOpKind::kCloseSession && transaction.expired) {
    out.record(HistoryKind::kZkSessionExpired, transaction.owner, transaction.session_id,
               transaction.last_touch, transaction.session_timeout);
  } else if (kind == ZkOpKind::kCloseSession) {
    out.record(HistoryKind::kZkSessionClosed, transaction.owner, transaction.session_id);
  }
}

// --- sync(path): answered after what is outstanding now, without asking the quorum

void ZkServer::request_sync(ConnectionId learner, ConnectionId client, std::uint32_t xid,
                            Out& out) {
  const std::int64_t zxid =
      leading_.outstanding.empty() ? 0 : leading_.outstanding.back().transaction->zxid;
  leading_.syncs.push_back({zxid, learner, client, xid});
  answer_syncs(out);
}

void ZkServer::answer_syncs(Out& out) {
  std::vector<PendingSync> due;
  for (const PendingSync& sync : leading_.syncs) {
    if (sync.zxid <= disk_.tree().last_zxid()) due.push_back(sync);
  }
  std::erase_if(leading_.syncs,
                [this](const PendingSync& sync) { return sync.zxid <= disk_.tree().last_zxid(); });
  for (const PendingSync& sync : due) {
    if (sync.learner == kNone) {
      answer_sync(sync.client, sync.xid, out);
    } else if (learner_of(sync.learner) != nullptr) {
      auto packet = packet_of(out, ZkPacketKind::kSync, id_);
      packet->connection = sync.client;
      packet->xid = sync.xid;
      out.send(sync.learner, packet);
    }
  }
}

// --- followers: packets, pings, limits

void ZkServer::on_learner_packet(ConnectionId connection, ZkQuorumPacket& packet, Out& out) {
  if (packet.kind == ZkPacketKind::kFollowerInfo) {
    std::erase_if(unknown_links_,
                  [connection](const UnknownLink& link) { return link.connection == connection; });
    return on_follower_info(connection, packet, out);
  }
  Learner* learner = learner_of(connection);
  if (learner == nullptr) return;
  learner->last_heard = out.now();
  learner->tick_deadline = leading_.tick + config_.sync_limit;
  const bool broadcasting = leading_.stage == LeaderStage::kBroadcast;
  switch (packet.kind) {
    case ZkPacketKind::kAckEpoch: return on_epoch_ack(*learner, packet, out);
    case ZkPacketKind::kAck: return on_ack(*learner, packet.zxid, out);
    case ZkPacketKind::kPong:
      for (const std::int64_t id : packet.sessions) leading_.sessions.touch(id, out.now());
      return;
    case ZkPacketKind::kRequest:
      if (broadcasting) propose(*packet.transaction, out);
      return;
    case ZkPacketKind::kRevalidate: {
      auto answer = packet_of(out, ZkPacketKind::kRevalidated, id_);
      answer->session_id = packet.session_id;
      answer->connection = packet.connection;
      answer->flag = leading_.sessions.touch(packet.session_id, packet.timeout, out.now());
      if (answer->flag) leading_.sessions.set_owner(packet.session_id, learner->id);
      out.send(connection, answer);
      return arm_expiry(out);
    }
    case ZkPacketKind::kSync:
      if (broadcasting) request_sync(connection, packet.connection, packet.xid, out);
      return;
    default: return;
  }
}

void ZkServer::drop_learner(ConnectionId connection, bool close, Out& out) {
  if (close) out.close(connection);
  std::erase_if(leading_.learners,
                [connection](const Learner& learner) { return learner.connection == connection; });
}

/// Every half tick the followers are pinged; every tick the leader counts who is in touch with it
/// and gives up below a quorum.
void ZkServer::on_half_tick(Out& out) {
  const sim::Duration sync_limit = config_.sync_limit * config_.tick_time;
  const sim::Duration init_limit = config_.init_limit * config_.tick_time;
  if (!leading_.tick_skip) ++leading_.tick;
  std::uint32_t synced = own_bit();
  for (std::size_t i = 0; i < leading_.learners.size();) {
    const Learner& learner = leading_.learners[i];
    // The read time-out of the socket; noticing it now is as good as noticing it at once.
    const sim::Duration limit = learner.new_leader_acked ? sync_limit : init_limit;
    if (out.now() - learner.last_heard >= limit) {
      drop_learner(learner.connection, true, out);
      continue;
    }
    if (leading_.tick <= learner.tick_deadline) synced |= 1U << learner.index;
    ++i;
  }
  if (!leading_.tick_skip && !quorum(synced)) {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      if ((synced & (1U << i)) != 0) continue;
      out.because_of_silence(peers_[i].process, out.now() - sync_limit);
      break;
    }
    return look(out);
  }
  leading_.tick_skip = !leading_.tick_skip;
  for (std::size_t i = 0; i < leading_.learners.size();) {
    const Learner& learner = leading_.learners[i];
    if (learner.timed_zxid != 0 && out.now() - learner.timed_since >= sync_limit) {
      drop_learner(learner.connection, true, out);  // its ack of a proposal is overdue
      continue;
    }
    if (learner.new_leader_acked) {
      out.send(learner.connection, packet_of(out, ZkPacketKind::kPing, id_));
    }
    ++i;
  }
  set_timer(Timer::kHalfTick, out.now() + config_.tick_time / 2, out);
}

// --- sessions

void ZkServer::arm_expiry(Out& out) {
  const sim::Time next = leading_.sessions.next_bucket();
  if (next >= leading_.expiry_armed || next == sim::kNever) return;
  leading_.expiry_armed = next;
  set_timer(Timer::kSessionExpiry, std::max(next, out.now()), out);
}

/// Touches move sessions to later buckets without moving the timer, so it may find nobody.
void ZkServer::expire_sessions(Out& out) {
  leading_.expiry_armed = sim::kNever;
  while (const ZkSessions::Session* session = leading_.sessions.next_expired(out.now())) {
    const auto scope = out.because_for_now(out.cause());
    const ProcessId owner = session_owner(session->id);
    if (owner != kNone) out.because_of_silence(owner, session->last_touch);
    close_session(*session, out);
  }
  arm_expiry(out);
}

void ZkServer::close_session(const ZkSessions::Session& session, Out& out) {
  ZkTransaction request;
  request.cause = out.cause();
  request.session_id = session.id;
  request.session_timeout = session.timeout;
  request.last_touch = out.run_time_of(session.last_touch);
  request.origin = id_;
  request.expired = true;
  request.ops.emplace_back();
  request.ops.back().kind = ZkOpKind::kCloseSession;
  propose(std::move(request), out);
}

bool ZkServer::expire_session(std::int64_t session_id, Out& out) {
  if (leading_.stage != LeaderStage::kBroadcast) return false;
  const ZkSessions::Session* session = leading_.sessions.find(session_id);
  if (session == nullptr || session->closing) return false;
  close_session(*session, out);
  return true;
}

}  // namespace isrlab::model
