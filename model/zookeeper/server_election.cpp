// Votes between servers: FastLeaderElection's messenger and QuorumCnxManager. Two servers may hold
// a connection in each direction; the later one is used. (QuorumCnxManager closes the one opened by
// the smaller id, which costs a round trip and changes nothing else.)
#include "model/zookeeper/server.hpp"

namespace isrlab::model {
namespace {

constexpr sim::Duration kDialTimeout = 5 * sim::kSecond;  // zookeeper.cnxTimeout

}  // namespace

ZkServer::Peer* ZkServer::peer_by_id(std::int32_t id) {
  for (Peer& peer : peers_) {
    if (peer.id == id) return &peer;
  }
  return nullptr;
}

/// A connection of another server turns out to carry votes.
bool ZkServer::adopt_link(ConnectionId connection) {
  for (std::size_t i = 0; i < unknown_links_.size(); ++i) {
    if (unknown_links_[i].connection != connection) continue;
    Peer& peer = peers_[unknown_links_[i].peer];
    peer.accepted = connection;
    peer.prefer_accepted = true;
    unknown_links_.erase(unknown_links_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

bool ZkServer::forget_election_link(ConnectionId connection) {
  for (Peer& peer : peers_) {
    if (peer.dialled == connection) {
      peer.dialled = kNone;
      peer.dialled_open = false;
      return true;
    }
    if (peer.accepted == connection) {
      peer.accepted = kNone;
      return true;
    }
  }
  return false;
}

void ZkServer::transmit_vote(ConnectionId connection, Out& out) {
  const std::uint8_t state = state_ == ZkServerState::kLeading     ? kZkLeading
                             : state_ == ZkServerState::kFollowing ? kZkFollowing
                                                                   : kZkLooking;
  auto message = out.make<ZkNotification>();
  *message = election_.notification(state);
  message->sender = id_;
  out.send(connection, message);
}

void ZkServer::send_vote(Peer& peer, Out& out) {
  if (peer.accepted != kNone && (peer.prefer_accepted || !peer.dialled_open)) {
    return transmit_vote(peer.accepted, out);
  }
  if (peer.dialled != kNone && peer.dialled_open) return transmit_vote(peer.dialled, out);
  if (peer.dialled != kNone) {
    if (out.now() - peer.dialled_at < kDialTimeout) return;  // the vote is sent when it opens
    out.close(peer.dialled);
  }
  peer.dialled = out.connect(peer.process);
  peer.dialled_open = false;
  peer.dialled_at = out.now();
}

void ZkServer::on_election_connected(Peer& peer, Out& out) {
  peer.dialled_open = true;
  peer.prefer_accepted = false;
  if (awaiting_flush_) return;  // there is no vote yet
  // QuorumCnxManager sends the last vote on a new connection; a server with a leader has no news,
  // but the peer that it wanted to reach may still be looking.
  transmit_vote(peer.dialled, out);
}

void ZkServer::on_notification(ConnectionId connection, const ZkNotification& notification,
                               Out& out) {
  // A new connection carries the last vote in both directions (QuorumCnxManager.SendWorker): the
  // vote sent while the peer was not up yet reaches it this way.
  if (connection != kNone && adopt_link(connection) && !awaiting_flush_) {
    transmit_vote(connection, out);
  }
  if (awaiting_flush_) {
    early_.push_back(notification);
    return;
  }
  Peer* sender = peer_by_id(notification.sender);
  if (sender == nullptr) return;
  take_action(election_.on_notification(notification), sender, out);
}

void ZkServer::take_action(const ZkElection::Action& action, Peer* sender, Out& out) {
  if (action.answer && sender != nullptr) send_vote(*sender, out);
  if (action.broadcast) {
    for (Peer& peer : peers_) {
      if (peer.id != id_) send_vote(peer, out);
    }
  }
  if (action.decided) {
    cancel_timer(Timer::kElectionSilence, out);
    cancel_timer(Timer::kElectionFinalize, out);
    const std::int32_t leader = election_.vote().leader;
    if (leader == id_) return lead(out);
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
      if (peers_[i].id == leader) return follow(i, out);
    }
    return;
  }
  if (action.await_better) {
    cancel_timer(Timer::kElectionSilence, out);
    set_timer(Timer::kElectionFinalize, out.now() + kZkFinalizeWait, out);
  } else if (action.keep_waiting) {
    cancel_timer(Timer::kElectionFinalize, out);
    set_timer(Timer::kElectionSilence, out.now() + election_.resend_after(), out);
  }
}

}  // namespace isrlab::model
