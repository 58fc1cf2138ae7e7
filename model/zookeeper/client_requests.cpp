// Requests, batches and watches of a ZooKeeper client: ClientCnxn's queues, ZKWatchManager and
// KafkaZkClient.retryRequestsUntilConnected.
#include <algorithm>

#include "model/zookeeper/client.hpp"

namespace isrlab::model {

void ZkClient::submit(std::uint32_t token, std::vector<ZkRequest> requests, Out& out) {
  Batch batch;
  batch.token = token;
  batch.requests = std::move(requests);
  batch.replies.resize(batch.requests.size());
  for (std::uint32_t i = 0; i < batch.requests.size(); ++i) batch.round.push_back(i);
  batches_.push_back(std::move(batch));
  pump(out);
  // A batch of nothing is done, but events only come out of handle().
  if (batches_.back().requests.empty()) {
    out.set_timer(first_slot_ + 2, out.now(), Timer::kSettle, first_slot_);
  }
}

void ZkClient::abandon(std::uint32_t token) {
  for (Batch& batch : batches_) {
    if (batch.token != token) continue;
    batch.abandoned = true;
    batch.round.resize(batch.next);
    batch.lost.clear();
  }
}

/// Hands out permits of the in-flight semaphore, earlier batches first. Without a connection the
/// requests queue up; they are lost if the next attempt to connect fails.
void ZkClient::pump(Out& out) {
  if (state_ == State::kClosed || closing_) return;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    Batch& batch = batches_[i];
    while (batch.next < batch.round.size()) {
      if (queued_.size() + sent_.size() >= max_in_flight_) return;
      const Permit permit{next_xid_++, first_batch_ + i, batch.round[batch.next++]};
      ++batch.unanswered;
      if (state_ == State::kConnected) {
        transmit(permit, out);
      } else {
        queued_.push_back(permit);
      }
    }
  }
}

void ZkClient::transmit(const Permit& permit, Out& out) {
  const ZkRequest& request =
      batches_[static_cast<std::size_t>(permit.batch - first_batch_)].requests[permit.index];
  auto message = out.make<ZkRequest>();
  *message = request;
  message->xid = permit.xid;
  out.send(connection_, message);
  sent_.push_back(permit);
  plan_after_send(out);
}

void ZkClient::flush_queue(Out& out) {
  while (!queued_.empty()) {
    const Permit permit = queued_.front();
    queued_.pop_front();
    transmit(permit, out);
  }
}

void ZkClient::send_close(Out& out) {
  auto message = out.make<ZkRequest>();
  message->close_session = true;
  message->xid = close_xid_ = next_xid_++;
  out.send(connection_, message);
  plan_after_send(out);
}

/// What is watched goes with the greeting, ahead of all requests (ClientCnxn.primeConnection).
void ZkClient::send_watches(Out& out) {
  if (watch_count() == 0) return;
  auto message = out.make<ZkRequest>();
  message->set_watches = true;
  message->relative_zxid = last_zxid_;
  const auto add = [&message](const std::set<std::string>& paths, ZkOpKind kind) {
    for (const std::string& path : paths) {
      ZkOp& op = message->ops.emplace_back();
      op.kind = kind;
      op.path = path;
    }
  };
  add(data_, ZkOpKind::kGetData);
  add(exists_, ZkOpKind::kExists);
  add(children_, ZkOpKind::kGetChildren);
  out.send(connection_, message);  // xid 0: nobody waits for the answer
}

void ZkClient::on_reply(ZkReply& reply, Out& out, std::vector<ZkClientEvent>& events) {
  if (reply.xid == 0) return;
  if (closing_ && reply.xid == close_xid_) {
    out.close(connection_);
    connection_ = kNone;
    return finish_close(out, events);
  }
  if (reply.zxid > 0) last_zxid_ = reply.zxid;
  SIM_ASSERT(!sent_.empty(), "a reply to nothing");
  const Permit permit = sent_.front();
  SIM_ASSERT2(permit.xid == reply.xid, "replies come in the order of the requests", permit.xid,
              reply.xid);
  sent_.pop_front();
  Batch& batch = batches_[static_cast<std::size_t>(permit.batch - first_batch_)];
  register_watches(batch.requests[permit.index], reply);
  batch.replies[permit.index] = std::move(reply);
  --batch.unanswered;
  settle(out, events);
}

/// ZKWatchManager: the client keeps its own list, from which it re-arms after a reconnect.
void ZkClient::register_watches(const ZkRequest& request, const ZkReply& reply) {
  for (std::size_t i = 0; i < request.ops.size() && i < reply.results.size(); ++i) {
    const ZkOp& op = request.ops[i];
    if (!op.watch) continue;
    const bool present = reply.results[i].code == ZkCode::kOk;
    if (op.kind == ZkOpKind::kExists) {
      (present ? data_ : exists_).insert(op.path);
    } else if (present) {
      (op.kind == ZkOpKind::kGetChildren ? children_ : data_).insert(op.path);
    }
  }
}

void ZkClient::on_watch(const ZkWatchEvent& event, std::vector<ZkClientEvent>& events) {
  std::size_t known = 0;
  if (event.type != ZkEventType::kNodeChildrenChanged) {
    known += data_.erase(event.path);
    known += exists_.erase(event.path);
  }
  if (event.type == ZkEventType::kNodeChildrenChanged || event.type == ZkEventType::kNodeDeleted) {
    known += children_.erase(event.path);
  }
  if (known == 0) return;  // nobody is registered: materialize() finds no watcher
  ZkClientEvent& told = events.emplace_back();
  told.kind = ZkClientEventKind::kWatch;
  told.watch = event;
}

/// CONNECTIONLOSS for all that was sent and all that waited: each batch notes what to send again.
void ZkClient::lose_requests() {
  for (std::deque<Permit>* permits : {&sent_, &queued_}) {
    for (const Permit& permit : *permits) {
      Batch& batch = batches_[static_cast<std::size_t>(permit.batch - first_batch_)];
      --batch.unanswered;
      if (!batch.abandoned) batch.lost.push_back(permit.index);
    }
    permits->clear();
  }
}

/// Finishes what is complete and begins the next round of what was lost, once connected.
void ZkClient::settle(Out& out, std::vector<ZkClientEvent>& events) {
  for (Batch& batch : batches_) {
    if (batch.done || batch.unanswered > 0 || batch.next < batch.round.size()) continue;
    if (batch.lost.empty()) {
      batch.done = true;
      if (batch.abandoned) continue;
      ZkClientEvent& event = events.emplace_back();
      event.kind = ZkClientEventKind::kBatchDone;
      event.token = batch.token;
      event.replies = std::move(batch.replies);
    } else if (connected()) {
      batch.round.swap(batch.lost);
      batch.lost.clear();
      batch.next = 0;
    }
  }
  while (!batches_.empty() && batches_.front().done) {
    batches_.pop_front();
    ++first_batch_;
  }
  pump(out);
}

void ZkClient::fail_batches(std::vector<ZkClientEvent>& events) {
  sent_.clear();
  queued_.clear();
  for (const Batch& batch : batches_) {
    if (batch.done || batch.abandoned) continue;
    ZkClientEvent& event = events.emplace_back();
    event.kind = ZkClientEventKind::kBatchFailed;
    event.token = batch.token;
  }
  first_batch_ += batches_.size();
  batches_.clear();
}

void ZkClient::finish_close(Out& out, std::vector<ZkClientEvent>& events) {
  out.cancel_timer(first_slot_ + 1);
  loop_at_ = sim::kNever;
  state_ = State::kClosed;
  closing_ = false;
  announced_ = false;
  session_id_ = 0;
  fail_batches(events);
  events.emplace_back().kind = ZkClientEventKind::kClosed;
}

}  // namespace isrlab::model
