// A server that follows: Learner.java and Follower.java.
#include "model/zookeeper/server.hpp"

namespace isrlab::model {
namespace {

constexpr int kConnectAttempts = 5;  // Learner.LeaderConnector
constexpr sim::Duration kConnectRetry = 100 * sim::kMillisecond;
constexpr std::uint32_t kSnapshotBytes = 4096;

}  // namespace

void ZkServer::follow(std::uint32_t leader, Out& out) {
  state_ = ZkServerState::kFollowing;
  following_ = Following();
  following_.leader = leader;
  following_.stage = FollowerStage::kConnecting;
  following_.last_heard = out.now();
  following_.connection = out.connect(peers_[leader].process);
  check_leader_silence(out);
}

void ZkServer::on_leader_connected(Out& out) {
  following_.stage = FollowerStage::kRegistering;
  following_.last_heard = out.now();
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kFollowerInfo;
  packet->sender = id_;
  packet->epoch = disk_.accepted_epoch;
  out.send(following_.connection, packet);
}

void ZkServer::on_leader_unreachable(Out& out) {
  if (++following_.attempts >= kConnectAttempts) return look(out);
  following_.stage = FollowerStage::kConnecting;
  set_timer(Timer::kConnectRetry, out.now() + kConnectRetry, out);
}

/// The socket's read time-out: initLimit ticks until the follower serves, syncLimit ticks then. The
/// timer is not moved by every packet; it looks at the last one when it fires.
void ZkServer::check_leader_silence(Out& out) {
  const std::int64_t ticks =
      following_.stage == FollowerStage::kServing ? config_.sync_limit : config_.init_limit;
  const sim::Time deadline = following_.last_heard + ticks * config_.tick_time;
  if (out.now() >= deadline) {
    out.because_of_silence(peers_[following_.leader].process, following_.last_heard);
    return look(out);
  }
  set_timer(Timer::kLeaderSilent, deadline, out);
}

void ZkServer::acknowledge(std::int64_t zxid, Out& out) {
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kAck;
  packet->sender = id_;
  packet->zxid = zxid;
  out.send(following_.connection, packet);
}

void ZkServer::on_leader_info(std::int64_t epoch, Out& out) {
  if (epoch < disk_.accepted_epoch) return look(out);  // a leader of the past
  following_.epoch = epoch;
  following_.stage = FollowerStage::kWritingEpoch;
  if (epoch == disk_.accepted_epoch) return acknowledge_epoch(false, out);
  write(DiskJob::kAcceptedEpoch, kEpochFileBytes, out);
}

/// Tells the leader how recent the own history is; -1 if this epoch had been acknowledged before
/// and the leader must not count it again.
void ZkServer::acknowledge_epoch(bool new_epoch, Out& out) {
  following_.stage = FollowerStage::kSyncing;
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kAckEpoch;
  packet->sender = id_;
  packet->epoch = new_epoch ? disk_.current_epoch : -1;
  packet->zxid = disk_.tree().last_zxid();
  out.send(following_.connection, packet);
}

void ZkServer::on_snapshot_written(Out& out) {
  if (following_.stage != FollowerStage::kInstalling) return;
  const std::vector<ZkTransactionPtr> pending = std::move(following_.pending);
  const auto written = pending.begin() + static_cast<std::ptrdiff_t>(following_.pending_written);
  disk_.install(*following_.tree, {pending.begin(), written});
  disk_.current_epoch = following_.epoch;
  following_.tree.reset();
  following_.pending.clear();
  following_.stage = FollowerStage::kInstalled;
  uncertain_.clear();  // the leader knows what became of them
  acknowledge(following_.epoch << 32, out);
  if (following_.pending_written > 0) acknowledge(disk_.last_logged(), out);
  for (auto late = written; late != pending.end(); ++late) log(*late, out);
  commit_up_to(following_.commit_to, out);
}

void ZkServer::on_up_to_date(Out& out) {
  following_.stage = FollowerStage::kServing;
  election_.settle(following_.epoch);
  begin_serving(out);
  set_timer(Timer::kLeaderSilent, out.now() + config_.sync_limit * config_.tick_time, out);
  out.record(HistoryKind::kZkFollowing, static_cast<std::uint32_t>(id_),
             peers_[following_.leader].id, following_.epoch);
}

/// The answer to the leader's ping carries the sessions that were heard of since the last one: this
/// is how the leader learns that they live.
void ZkServer::answer_ping(Out& out) {
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kPong;
  packet->sender = id_;
  for (const std::int64_t session : following_.touches) packet->sessions.push_back(session);
  following_.touches.clear();
  for (auto& [connection, client] : clients_) {
    if (!client.touched) continue;
    client.touched = false;
    packet->sessions.push_back(client.session_id);
  }
  out.send(following_.connection, packet);
}

void ZkServer::on_leader_packet(ZkQuorumPacket& packet, Out& out) {
  following_.last_heard = out.now();
  const bool installed = following_.stage >= FollowerStage::kInstalled;
  switch (packet.kind) {
    case ZkPacketKind::kLeaderInfo: return on_leader_info(packet.epoch, out);
    case ZkPacketKind::kSnapshot:
      following_.tree = packet.tree;
      following_.pending = packet.pending;
      following_.commit_to = packet.zxid;
      return;
    case ZkPacketKind::kNewLeader:
      following_.stage = FollowerStage::kInstalling;
      following_.pending_written = following_.pending.size();
      return write(DiskJob::kSnapshot, kSnapshotBytes, out);
    case ZkPacketKind::kProposal:
      if (installed) return log(packet.transaction, out);
      following_.pending.push_back(packet.transaction);
      return;
    case ZkPacketKind::kCommit:
      if (installed) return commit_up_to(packet.zxid, out);
      following_.commit_to = packet.zxid;
      return;
    case ZkPacketKind::kUpToDate: return on_up_to_date(out);
    case ZkPacketKind::kPing: return answer_ping(out);
    case ZkPacketKind::kRevalidated: {
      const auto found = clients_.find(packet.connection);
      if (found != clients_.end() && found->second.session_id == packet.session_id &&
          found->second.state == Client::State::kInitialising) {
        finish_session(packet.connection, packet.flag, out);
      }
      return;
    }
    case ZkPacketKind::kSync: return answer_sync(packet.connection, packet.xid, out);
    case ZkPacketKind::kFollowerInfo:
    case ZkPacketKind::kAckEpoch:
    case ZkPacketKind::kAck:
    case ZkPacketKind::kRequest:
    case ZkPacketKind::kPong:
    case ZkPacketKind::kRevalidate: return;
  }
}

}  // namespace isrlab::model
