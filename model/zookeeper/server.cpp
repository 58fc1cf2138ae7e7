#include "model/zookeeper/server.hpp"

#include <algorithm>
#include <bit>

namespace isrlab::model {
namespace {

constexpr sim::Duration kBootMax = 1 * sim::kSecond;  // JVM start until it looks for a leader

}  // namespace

ZkServer::ZkServer(std::int32_t id, const Catalog& catalog, std::uint64_t seed)
    : id_(id), config_(catalog.spec().zookeeper_config), random_(seed, "zk-" + std::to_string(id)) {
  const auto& servers = catalog.spec().zookeeper;
  SIM_ASSERT(!servers.empty() && servers.size() <= 7, "an ensemble has 1 to 7 servers");
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    Peer peer;
    peer.id = servers[i].id;
    peer.process = catalog.zookeeper_process(i);
    if (peer.id == id) own_index_ = i;
    peers_.push_back(peer);
  }
}

bool ZkServer::quorum(std::uint32_t members) const {
  return static_cast<std::size_t>(std::popcount(members)) > peers_.size() / 2;
}

std::int32_t ZkServer::leader() const {
  if (state_ == ZkServerState::kLeading) return id_;
  if (state_ == ZkServerState::kFollowing) return peers_[following_.leader].id;
  return 0;
}

void ZkServer::start(Out& out) {
  if (disk_fails(out)) return;
  // Expiry is rounded to ticks of a clock that started long before the run: any phase is as likely.
  clock_phase_ =
      static_cast<sim::Duration>(random_.below(static_cast<std::uint64_t>(config_.tick_time)));
  const sim::Duration delay = random_.between(0, kBootMax);
  set_timer(Timer::kBoot, out.now() + delay, out);
}

void ZkServer::boot(Out& out) {
  out.listen(true);
  if (alone()) {
    lead_alone(out);
  } else {
    look(out);
  }
}

void ZkServer::crash() {
  disk_.crash();
  state_ = ZkServerState::kDown;
  serving_ = halting_ = false;
  for (Peer& peer : peers_) {
    const std::int32_t peer_id = peer.id;
    const ProcessId process = peer.process;
    peer = Peer();
    peer.id = peer_id;
    peer.process = process;
  }
  unknown_links_.clear();
  election_ = ZkElection();
  awaiting_flush_ = false;
  early_.clear();
  flushing_ = false;
  flush_token_ = epoch_token_ = 0;
  leading_ = Leading();
  following_ = Following();
  clients_.clear();
  watches_.clear();
}

/// Back to looking for a leader. The log is flushed first (SyncRequestProcessor.shutdown), because
/// the vote that follows names its last transaction.
void ZkServer::look(Out& out) {
  leave_role(out);
  state_ = ZkServerState::kLooking;
  out.record(HistoryKind::kZkLooking, static_cast<std::uint32_t>(id_));
  awaiting_flush_ = true;
  flush(out);
  if (!flushing_) begin_election(out);
}

void ZkServer::begin_election(Out& out) {
  awaiting_flush_ = false;
  // ZKDatabase.fastForwardDataBase: everything logged becomes part of the tree, committed or not.
  while (const ZkTransactionPtr transaction = disk_.next_unapplied()) {
    uncertain_.push_back(transaction);
    disk_.apply_next(nullptr, nullptr);
  }
  const auto servers = static_cast<int>(peers_.size());
  take_action(election_.begin(id_, servers, disk_.tree().last_zxid(), disk_.current_epoch), nullptr,
              out);
  const std::vector<ZkNotification> early = std::move(early_);
  early_.clear();
  for (const ZkNotification& notification : early) {
    if (state_ == ZkServerState::kLooking) on_notification(kNone, notification, out);
  }
}

/// Stops whatever role the server had: its clients and its quorum connections are closed.
void ZkServer::leave_role(Out& out) {
  serving_ = false;
  close_all_clients(out);
  for (const Learner& learner : leading_.learners) out.close(learner.connection);
  if (following_.connection != kNone) out.close(following_.connection);
  leading_ = Leading();
  following_ = Following();
  epoch_token_ = 0;
  for (const Timer timer :
       {Timer::kElectionSilence, Timer::kElectionFinalize, Timer::kLeaderInit, Timer::kHalfTick,
        Timer::kSessionExpiry, Timer::kLeaderSilent, Timer::kConnectRetry}) {
    cancel_timer(timer, out);
  }
}

void ZkServer::begin_serving(Out& out) {
  serving_ = true;
  // SessionTrackerImpl.initializeNextSessionId: server id, time, counter.
  const std::int64_t milliseconds = out.now() / sim::kMillisecond;
  const std::int64_t first =
      (static_cast<std::int64_t>(id_) << 56) | ((milliseconds << 16) & 0x00ff'ffff'ffff'ffffLL);
  next_session_id_ = std::max(next_session_id_, first);
}

/// SyncRequestProcessor cannot go on without its log: the process ends.
bool ZkServer::disk_fails(Out& out) {
  if (!disk_failed_) return false;
  if (halting_) return true;
  halting_ = true;
  out.record(HistoryKind::kProcessExited, 0, 0);
  out.exit_process();
  return true;
}

void ZkServer::write(DiskJob job, std::uint32_t bytes, Out& out) {
  if (disk_fails(out)) return;
  const std::uint32_t token = (++last_token_ << 2) | static_cast<std::uint32_t>(job);
  (job == DiskJob::kLog ? flush_token_ : epoch_token_) = token;
  out.write_disk(token, bytes, true);
}

void ZkServer::log(ZkTransactionPtr transaction, Out& out) {
  disk_.append(std::move(transaction));
  flush(out);
}

/// Group commit: what comes in during an fsync is covered by the next one.
void ZkServer::flush(Out& out) {
  if (flushing_ || disk_.all_synced()) return;
  flushing_ = true;
  flush_to_ = disk_.last_logged();
  write(DiskJob::kLog, disk_.take_unwritten_bytes(), out);
}

void ZkServer::on_disk_done(std::uint32_t token, Out& out) {
  const auto job = static_cast<DiskJob>(token & 3);
  if (job != DiskJob::kLog) {
    if (token != epoch_token_) return;  // of a role that has ended
    epoch_token_ = 0;
    if (job == DiskJob::kSnapshot) return on_snapshot_written(out);
    if (state_ == ZkServerState::kLeading) return on_epoch_written(out);
    disk_.accepted_epoch = following_.epoch;
    return acknowledge_epoch(true, out);
  }
  if (!flushing_ || token != flush_token_) return;
  flushing_ = false;
  disk_.synced(flush_to_);
  if (awaiting_flush_) {
    flush(out);
    if (!flushing_) begin_election(out);
    return;
  }
  if (leading_.stage == LeaderStage::kBroadcast) {
    on_log_synced_by_leader(out);
  } else if (following_.stage >= FollowerStage::kInstalled) {
    acknowledge(disk_.synced_zxid(), out);
  }
  flush(out);
}

void ZkServer::on_timer(Timer timer, Out& out) {
  switch (timer) {
    case Timer::kBoot: return boot(out);
    case Timer::kElectionSilence: return take_action(election_.on_silence(), nullptr, out);
    case Timer::kElectionFinalize: return take_action(election_.on_finalize(), nullptr, out);
    case Timer::kLeaderInit:
      // initLimit ticks without a quorum of followers.
      if (leading_.stage != LeaderStage::kBroadcast) look(out);
      return;
    case Timer::kHalfTick: return on_half_tick(out);
    case Timer::kSessionExpiry: return expire_sessions(out);
    case Timer::kLeaderSilent: return check_leader_silence(out);
    case Timer::kConnectRetry:
      following_.stage = FollowerStage::kConnecting;
      following_.connection = out.connect(peers_[following_.leader].process);
      return;
  }
}

void ZkServer::on_message(const sim::Activation& activation, Messages& messages, Out& out) {
  const ConnectionId connection = activation.connection;
  switch (static_cast<MessageType>(activation.message.type)) {
    case MessageType::kZkNotification:
      return on_notification(connection, messages.get<ZkNotification>(activation.message), out);
    case MessageType::kZkQuorumPacket: {
      auto& packet = messages.get<ZkQuorumPacket>(activation.message);
      if (connection == following_.connection) return on_leader_packet(packet, out);
      return on_learner_packet(connection, packet, out);
    }
    default: break;
  }
  const auto found = clients_.find(connection);
  if (found == clients_.end()) return;
  Client& client = found->second;
  switch (static_cast<MessageType>(activation.message.type)) {
    case MessageType::kZkPing: return on_client_ping(client, connection, out);
    case MessageType::kZkRequest:
      return on_client_request(client, connection, messages.get<ZkRequest>(activation.message),
                               out);
    case MessageType::kZkConnectRequest:
      return on_client_connect(client, connection,
                               messages.get<ZkConnectRequest>(activation.message), out);
    default: return;
  }
}

void ZkServer::on_closed(ConnectionId connection, Out& out) {
  if (clients_.contains(connection)) return forget_client(connection);
  if (connection == following_.connection) {
    following_.connection = kNone;
    // A server that has not begun to lead yet closes the connection: the same as a closed port.
    if (following_.stage <= FollowerStage::kRegistering) return on_leader_unreachable(out);
    return look(out);
  }
  if (learner_of(connection) != nullptr) return drop_learner(connection, false, out);
  if (forget_election_link(connection)) return;
  std::erase_if(unknown_links_,
                [connection](const UnknownLink& link) { return link.connection == connection; });
}

void ZkServer::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  switch (activation.kind) {
    case sim::ActivationKind::kStart: return start(out);
    case sim::ActivationKind::kMessage: return on_message(activation, messages, out);
    case sim::ActivationKind::kTimer: return on_timer(static_cast<Timer>(activation.type), out);
    case sim::ActivationKind::kDiskDone: return on_disk_done(activation.argument, out);
    case sim::ActivationKind::kClosed: return on_closed(activation.connection, out);
    case sim::ActivationKind::kAccepted:
      for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        if (peers_[i].process != activation.argument) continue;
        unknown_links_.push_back({activation.connection, i});
        return;
      }
      clients_[activation.connection].process = activation.argument;
      return;
    case sim::ActivationKind::kConnected:
      if (activation.connection == following_.connection) return on_leader_connected(out);
      for (Peer& peer : peers_) {
        if (peer.dialled == activation.connection) return on_election_connected(peer, out);
      }
      return;
    case sim::ActivationKind::kRefused:
      if (activation.connection == following_.connection) {
        following_.connection = kNone;
        return on_leader_unreachable(out);
      }
      forget_election_link(activation.connection);
      return;
    case sim::ActivationKind::kControl: return;
  }
}

}  // namespace isrlab::model
