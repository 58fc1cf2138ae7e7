// The side of a server that clients see, and what a committed transaction does: NIOServerCnxn,
// ZooKeeperServer, CommitProcessor, FinalRequestProcessor.
#include <algorithm>

#include "model/zookeeper/server.hpp"

namespace isrlab::model {

// --- sessions

void ZkServer::on_client_connect(Client& client, ConnectionId connection,
                                 const ZkConnectRequest& request, Out& out) {
  // Not serving: "ZooKeeperServer not running". A client that has seen more than this server has is
  // sent away as well, so that it never reads backwards.
  if (!serving_ || request.last_zxid > last_zxid()) return close_client(connection, out);
  client.timeout = zk_negotiate(request.timeout, config_.tick_time, config_.min_session_timeout,
                                config_.max_session_timeout);
  client.state = Client::State::kInitialising;
  if (request.session_id == 0) {
    client.session_id = next_session_id_++;
    ZkTransaction create;
    create.cause = out.cause();
    create.session_id = client.session_id;
    create.session_timeout = client.timeout;
    create.owner = client.process;
    create.origin = id_;
    create.connection = connection;
    create.ops.emplace_back();
    create.ops.back().kind = ZkOpKind::kCreateSession;
    return submit(std::move(create), out);
  }
  close_session_clients(request.session_id, connection, out);
  client.session_id = request.session_id;
  if (state_ == ZkServerState::kLeading) {
    const bool valid = leading_.sessions.touch(client.session_id, client.timeout, out.now());
    if (valid) leading_.sessions.set_owner(client.session_id, id_);
    arm_expiry(out);
    return finish_session(connection, valid, out);
  }
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kRevalidate;
  packet->sender = id_;
  packet->session_id = client.session_id;
  packet->timeout = client.timeout;
  packet->connection = connection;
  out.send(following_.connection, packet);
}

void ZkServer::finish_session(ConnectionId connection, bool valid, Out& out) {
  Client& client = clients_.at(connection);
  auto response = out.make<ZkConnectResponse>();
  response->session_id = valid ? client.session_id : 0;
  response->timeout = valid ? client.timeout : 0;
  out.send(connection, response);
  if (!valid) return close_client(connection, out);
  client.state = Client::State::kOpen;
  std::deque<ZkRequest> held = std::move(client.held);
  client.held.clear();
  for (ZkRequest& request : held) {
    const auto found = clients_.find(connection);
    if (found == clients_.end()) return;
    on_client_request(found->second, connection, request, out);
  }
}

/// Every packet of a client says that its session lives. False if the session is closing: the
/// leader then drops the request without an answer.
bool ZkServer::touch(Client& client, Out& out) {
  if (state_ == ZkServerState::kLeading) {
    return leading_.sessions.touch(client.session_id, out.now());
  }
  client.touched = true;
  return true;
}

// --- requests

void ZkServer::on_client_request(Client& client, ConnectionId connection, ZkRequest& request,
                                 Out& out) {
  if (client.state == Client::State::kAccepted) return close_client(connection, out);
  if (client.state == Client::State::kInitialising) {
    client.held.push_back(std::move(request));
    return;
  }
  if (!touch(client, out)) return;
  const ZkOpKind first = request.ops.empty() ? ZkOpKind::kError : request.ops.front().kind;
  const bool read = request.set_watches || first == ZkOpKind::kExists ||
                    first == ZkOpKind::kGetData || first == ZkOpKind::kGetChildren;
  Waiting waiting;
  waiting.xid = request.xid;
  if (read && !request.close_session) {
    if (client.waiting.empty()) return answer_read(connection, request, out);
    waiting.kind = Waiting::Kind::kRead;
    waiting.request = std::move(request);
    client.waiting.push_back(std::move(waiting));
    return;
  }
  if (first == ZkOpKind::kSync && !request.close_session) {
    waiting.kind = Waiting::Kind::kSync;
    client.waiting.push_back(std::move(waiting));
    if (state_ == ZkServerState::kLeading) {
      return request_sync(kNone, connection, request.xid, out);
    }
    auto packet = out.make<ZkQuorumPacket>();
    packet->kind = ZkPacketKind::kSync;
    packet->sender = id_;
    packet->connection = connection;
    packet->xid = request.xid;
    return out.send(following_.connection, packet);
  }
  waiting.kind = Waiting::Kind::kWrite;
  client.waiting.push_back(std::move(waiting));
  ZkTransaction write;
  write.cause = out.cause();
  write.session_id = client.session_id;
  write.session_timeout = client.timeout;
  write.origin = id_;
  write.connection = connection;
  write.xid = request.xid;
  write.multi = request.multi;
  if (request.close_session) {
    write.ops.emplace_back();
    write.ops.back().kind = ZkOpKind::kCloseSession;
    write.owner = client.process;
  } else {
    write.ops = std::move(request.ops);
  }
  submit(std::move(write), out);
}

void ZkServer::on_client_ping(Client& client, ConnectionId connection, Out& out) {
  if (client.state != Client::State::kOpen || !touch(client, out)) return;
  if (!client.waiting.empty()) {
    client.waiting.emplace_back();  // a ping by default
    return;
  }
  out.send(connection, out.make<ZkPong>());
}

void ZkServer::submit(ZkTransaction request, Out& out) {
  if (state_ == ZkServerState::kLeading) return propose(std::move(request), out);
  auto packet = out.make<ZkQuorumPacket>();
  packet->kind = ZkPacketKind::kRequest;
  packet->sender = id_;
  packet->transaction = std::make_shared<const ZkTransaction>(std::move(request));
  out.send(following_.connection, packet);
}

// --- committed transactions

void ZkServer::commit_up_to(std::int64_t zxid, Out& out) {
  while (true) {
    const ZkTransactionPtr next = disk_.next_unapplied();
    if (next == nullptr || next->zxid > zxid) return;
    // A server that was behind applies older transactions too: each has its own cause.
    const auto scope = out.because_for_now(next->zxid == zxid ? out.latest_cause() : next->cause);
    apply_next(out);
  }
}

void ZkServer::apply_next(Out& out) {
  const ZkTransactionPtr transaction = disk_.next_unapplied();
  const bool own = transaction->origin == id_ && transaction->connection != kNone;
  std::vector<ZkOpResult> results;
  disk_.apply_next(&changes_, own ? &results : nullptr);
  out.record(HistoryKind::kZkCommitted, static_cast<std::uint32_t>(id_), transaction->zxid,
             static_cast<std::int64_t>(transaction->ops.size()));
  const bool closes =
      !transaction->ops.empty() && transaction->ops.front().kind == ZkOpKind::kCloseSession;
  if (state_ == ZkServerState::kLeading) {
    leading_.preparation.committed(transaction->zxid);
    if (closes) leading_.sessions.remove(transaction->session_id);
  }
  // Watches before the answer, on one stream: the client learns of a change before it can see it.
  firings_.clear();
  for (const ZkChange& change : changes_) watches_.fire(change, firings_);
  send_firings(out);
  changes_.clear();
  if (closes) {
    close_session_clients(transaction->session_id, own ? transaction->connection : kNone, out);
  }
  if (own) answer_write(*transaction, results, out);
}

void ZkServer::answer_write(const ZkTransaction& transaction, std::vector<ZkOpResult>& results,
                            Out& out) {
  const auto found = clients_.find(transaction.connection);
  if (found == clients_.end() || found->second.session_id != transaction.session_id) return;
  Client& client = found->second;
  const ZkOpKind first = transaction.ops.empty() ? ZkOpKind::kError : transaction.ops.front().kind;
  if (first == ZkOpKind::kCreateSession) return finish_session(transaction.connection, true, out);
  if (client.waiting.empty() || client.waiting.front().kind != Waiting::Kind::kWrite ||
      client.waiting.front().xid != transaction.xid) {
    return;  // of an earlier connection of this session
  }
  client.waiting.pop_front();
  auto reply = out.make<ZkReply>();
  reply->xid = transaction.xid;
  reply->zxid = transaction.zxid;
  for (const ZkCode code : transaction.codes) {
    if (reply->code == ZkCode::kOk) reply->code = code;
  }
  if (reply->code == ZkCode::kSessionMoved) {
    // Moved to another server: an error of the connection, not of the request (ZOOKEEPER-710).
    return close_client(transaction.connection, out);
  }
  if (first != ZkOpKind::kCloseSession) reply->results = std::move(results);
  out.send(transaction.connection, reply);
  if (first == ZkOpKind::kCloseSession) return close_client(transaction.connection, out);
  drain(client, transaction.connection, out);
}

/// Answers what waited behind a write that is done, up to the next write.
void ZkServer::drain(Client& client, ConnectionId connection, Out& out) {
  while (!client.waiting.empty()) {
    const Waiting& next = client.waiting.front();
    if (next.kind == Waiting::Kind::kRead) {
      answer_read(connection, next.request, out);
    } else if (next.kind == Waiting::Kind::kPing) {
      out.send(connection, out.make<ZkPong>());
    } else {
      return;
    }
    client.waiting.pop_front();
  }
}

void ZkServer::answer_sync(ConnectionId connection, std::uint32_t xid, Out& out) {
  const auto found = clients_.find(connection);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (client.waiting.empty() || client.waiting.front().kind != Waiting::Kind::kSync ||
      client.waiting.front().xid != xid) {
    return;
  }
  client.waiting.pop_front();
  auto reply = out.make<ZkReply>();
  reply->xid = xid;
  reply->zxid = last_zxid();
  reply->results.emplace_back();
  out.send(connection, reply);
  drain(client, connection, out);
}

/// Reads come from the own tree, however old it is.
void ZkServer::answer_read(ConnectionId connection, const ZkRequest& request, Out& out) {
  auto reply = out.make<ZkReply>();
  reply->xid = request.xid;
  reply->zxid = last_zxid();
  if (request.set_watches) {
    firings_.clear();
    watches_.set_again(request, tree(), connection, firings_);
    send_firings(out);
  } else {
    for (const ZkOp& op : request.ops) {
      ZkOpResult result = tree().read(op);
      if (op.watch) watches_.add(op, result.code == ZkCode::kOk, connection);
      if (reply->code == ZkCode::kOk) reply->code = result.code;
      reply->results.push_back(std::move(result));
    }
  }
  out.send(connection, reply);
}

void ZkServer::send_firings(Out& out) {
  for (const ZkFiring& firing : firings_) {
    auto event = out.make<ZkWatchEvent>();
    event->type = firing.type;
    event->path = firing.path;
    out.send(firing.connection, event);
  }
  firings_.clear();
}

// --- connections

void ZkServer::forget_client(ConnectionId connection) {
  const auto found = clients_.find(connection);
  if (found == clients_.end()) return;
  if (found->second.touched) following_.touches.push_back(found->second.session_id);
  clients_.erase(found);
  watches_.forget(connection);
}

void ZkServer::close_client(ConnectionId connection, Out& out) {
  out.close(connection);
  forget_client(connection);
}

void ZkServer::close_session_clients(std::int64_t session_id, ConnectionId except, Out& out) {
  std::vector<ConnectionId> ended;
  for (const auto& [connection, client] : clients_) {
    if (client.session_id == session_id && connection != except) ended.push_back(connection);
  }
  for (const ConnectionId connection : ended) close_client(connection, out);
}

void ZkServer::close_all_clients(Out& out) {
  for (const auto& [connection, client] : clients_) out.close(connection);
  clients_.clear();
  watches_.clear();
}

}  // namespace isrlab::model
