// Fetch requests of followers and consumers (ReplicaManager.fetchMessages, DelayedFetch,
// FetchSession). Reference sections 2.4, 5.4 and 5.5. The work of a fetch is the number of
// partitions that changed since the session's last answer.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

void Broker::mark_dirty(std::uint32_t slot, std::uint32_t index) {
  FetchSession& session = servers_[slot].session;
  SessionPartition& wanted = session.partitions[index];
  if (wanted.dirty) return;
  wanted.dirty = true;
  session.dirty.push_back(index);
}

void Broker::add_to_session(std::uint32_t slot, const FetchRequest::Partition& wanted) {
  FetchSession& session = servers_[slot].session;
  std::uint32_t index = 0;
  if (const std::uint32_t* known = session.index.find(wanted.partition)) {
    index = *known;
  } else {
    if (session.free.empty()) {
      index = static_cast<std::uint32_t>(session.partitions.size());
      session.partitions.emplace_back();
    } else {
      index = session.free.back();
      session.free.pop_back();
      const bool still_listed = session.partitions[index].dirty;
      session.partitions[index] = SessionPartition();
      session.partitions[index].dirty = still_listed;
    }
    session.partitions[index].partition = wanted.partition;
    session.index[wanted.partition] = index;
  }
  SessionPartition& entry = session.partitions[index];
  entry.fetch_offset = wanted.fetch_offset;
  entry.log_start_offset = wanted.log_start_offset;
  entry.current_leader_epoch = wanted.current_leader_epoch;
  entry.last_fetched_epoch = wanted.last_fetched_epoch;
  entry.max_bytes = wanted.max_bytes;
  entry.cause = wanted.cause;
  mark_dirty(slot, index);
  if (Replica* replica = hosted(wanted.partition); replica != nullptr && !entry.watched) {
    replica->watchers.push_back({slot, index});
    entry.watched = true;
  }
}

void Broker::remove_from_session(std::uint32_t slot, PartitionId partition) {
  FetchSession& session = servers_[slot].session;
  const std::uint32_t* known = session.index.find(partition);
  if (known == nullptr) return;
  const std::uint32_t index = *known;
  session.index.erase(partition);
  session.partitions[index].removed = true;
  session.free.push_back(index);
  if (Replica* replica = hosted(partition)) {
    std::erase_if(replica->watchers, [&](const FetchWatcher& watcher) {
      return watcher.slot == slot && watcher.index == index;
    });
  }
}

void Broker::clear_session(std::uint32_t slot) {
  FetchSession& session = servers_[slot].session;
  for (const auto& [partition, index] : session.index) {
    if (Replica* replica = hosted(partition)) {
      std::erase_if(replica->watchers,
                    [&](const FetchWatcher& watcher) { return watcher.slot == slot; });
    }
  }
  session = FetchSession();
}

bool Broker::update_session(std::uint32_t slot, const FetchRequest& request, Error& error) {
  FetchSession& session = servers_[slot].session;
  const bool full = request.session_epoch <= 0;
  if (full) {
    clear_session(slot);
    session.open = true;
    session.id = request.session_epoch == 0 ? next_session_id_++ : 0;
    session.epoch = 1;
    session.replica = request.replica;
    session.rack = request.rack;
  } else if (!session.open || session.id != request.session_id) {
    error = Error::kFetchSessionIdNotFound;
    return false;
  } else if (session.epoch != request.session_epoch) {
    error = Error::kInvalidFetchSessionEpoch;
    return false;
  } else {
    ++session.epoch;
  }
  for (const PartitionId partition : request.forgotten) remove_from_session(slot, partition);
  for (const FetchRequest::Partition& wanted : request.partitions) add_to_session(slot, wanted);
  return true;
}

void Broker::handle_fetch(std::uint32_t slot, FetchRequest& request, Out& out) {
  Error error = Error::kNone;
  if (!update_session(slot, request, error)) {
    auto response = out.make<FetchResponse>();
    response->correlation = request.correlation;
    response->error = error;
    return respond(slot, response, out);
  }
  ServerConnection& server = servers_[slot];
  server.session.last_fetch_time = out.wall();
  server.correlation = request.correlation;
  server.max_bytes = request.max_bytes;
  if (request.replica == kNoBroker) {
    server.max_bytes = std::min<std::int32_t>(server.max_bytes,
                                              static_cast<std::int32_t>(config_->fetch_max_bytes));
  }
  server.min_bytes = std::min(request.min_bytes, server.max_bytes);
  bool at_once = request.max_wait <= 0;
  std::int64_t bytes = 0;
  std::size_t unresolved = 0;
  // Looking moves followers' states, which may move the high watermark and complete other fetches,
  // but never this one: it is not parked yet.
  for (std::size_t i = 0; i < servers_[slot].session.dirty.size(); ++i) {
    const std::uint32_t index = servers_[slot].session.dirty[i];
    SessionPartition& wanted = servers_[slot].session.partitions[index];
    wanted.unresolved = !wanted.removed && !metadata_.state(wanted.partition).known;
    unresolved += wanted.unresolved ? 1 : 0;
    bytes += look_at(slot, index, true, at_once, out);
  }
  // Partitions that KafkaApis cannot resolve get their error with the answer, which waits for the
  // others.
  at_once = at_once || unresolved == servers_[slot].session.index.size();
  if (at_once || bytes >= servers_[slot].min_bytes) return complete_fetch(slot, true, out);
  servers_[slot].parked = Parked::kFetch;
  out.set_timer(servers_[slot].timer_slot, out.now() + request.max_wait, TimerKind::kParkedRequest,
                slot);
}

Error Broker::check_fetch(const FetchSession& session, const SessionPartition& wanted,
                          Replica*& replica) {
  replica = nullptr;
  if (wanted.unresolved) return Error::kUnknownTopicId;
  replica = hosted(wanted.partition);
  if (replica == nullptr || replica->partition.role == PartitionRole::kNone) {
    return missing_partition_error(wanted.partition);
  }
  return replica->partition.check_fetch(wanted.current_leader_epoch, session.replica,
                                        config_->bugs);
}

BrokerId Broker::preferred_replica(const FetchSession& session, const SessionPartition& wanted,
                                   const Replica& replica, Out& out) const {
  if (session.replica != kNoBroker || session.rack == kNoRack) return kNoBroker;
  return replica.partition.preferred_read_replica(
      context(replica.id, out.wall(), out.catalog()),
      static_cast<SelectorKind>(config_->replica_selector), session.rack, out.catalog(),
      wanted.fetch_offset);
}

bool Broker::leader_throttles(const FetchSession& session, const Replica& replica, Out& out) {
  const Partition& partition = replica.partition;
  if (session.replica == kNoBroker) return false;
  if (!out.catalog().leader_throttled(replica.id, id_)) return false;
  return partition.should_leader_throttle(session.replica, true, leader_quota_.exceeded(out.now()),
                                          config_->bugs);
}

std::int64_t Broker::look_at(std::uint32_t slot, std::uint32_t index, bool first_read,
                             bool& at_once, Out& out) {
  FetchSession& session = servers_[slot].session;
  SessionPartition& wanted = session.partitions[index];
  if (wanted.removed || wanted.unresolved) return 0;
  if (Replica* fresh = wanted.watched ? nullptr : hosted(wanted.partition)) {
    fresh->watchers.push_back({slot, index});  // the replica came after the session
    wanted.watched = true;
  }
  const bool follower = session.replica != kNoBroker;
  Replica* replica = nullptr;
  EpochEnd diverging;
  const Error error = check_fetch(session, wanted, replica);
  if (error != Error::kNone || preferred_replica(session, wanted, *replica, out) != kNoBroker ||
      replica->partition.check_read(wanted.fetch_offset, wanted.last_fetched_epoch, diverging) !=
          Error::kNone ||
      diverging.defined()) {
    at_once = true;
    if (first_read && follower) {
      refused_follower_fetched(wanted, session.replica, error, diverging, out);
    }
    return 0;
  }
  const PartitionLog& log = replica->partition.log;
  const std::int64_t bound = replica->partition.read_bound(follower, config_->bugs);
  // Truncated below the fetch, or a consumer that has read further elsewhere: not worth waiting.
  if (bound < wanted.fetch_offset) at_once = true;
  std::int64_t bytes = 0;
  if (wanted.fetch_offset < bound && !leader_throttles(session, *replica, out)) {
    bytes = std::min<std::int64_t>(wanted.max_bytes, log.bytes_between(wanted.fetch_offset, bound));
  }
  if (first_read) {
    wanted.read_high_watermark = log.high_watermark();
    if (!follower) return bytes;
    wanted.recheck = false;
    const std::uint32_t local = static_cast<std::uint32_t>(replica - replicas_.data());
    follower_fetched(replicas_[local], wanted, session.replica, out);
  }
  return bytes;
}

/// Historic: what a follower says counts although it gets nothing (KAFKA-13141, KIP-320).
void Broker::refused_follower_fetched(const SessionPartition& wanted, BrokerId follower,
                                      Error error, const EpochEnd& diverging, Out& out) {
  const bool counts =
      (error == Error::kNone && diverging.defined() && config_->bug(Bug::kDivergingFetchUpdates)) ||
      (error == Error::kFencedLeaderEpoch && config_->bug(Bug::kHwEpochFence));
  if (!counts) return;
  Replica* replica = hosted(wanted.partition);
  if (!replica->partition.is_leader() || replica->partition.remote(follower) == nullptr) return;
  follower_fetched(*replica, wanted, follower, out);
}

void Broker::follower_fetched(Replica& replica, const SessionPartition& wanted, BrokerId follower,
                              Out& out) {
  Partition& partition = replica.partition;
  RemoteReplica* remote = partition.remote(follower);
  const std::int64_t before = remote->log_end_offset;
  partition.update_fetch_state(*remote, wanted.fetch_offset, wanted.log_start_offset, out.wall(),
                               partition.log.log_end_offset());
  const PartitionContext here = context(replica.id, out.wall(), out.catalog());
  if (partition.maybe_expand_isr(follower, here)) {
    const auto scope = out.because_for_now(wanted.cause);
    propose_isr(replica, out);
  }
  if (before != wanted.fetch_offset && partition.maybe_increment_high_watermark(here)) {
    high_watermark_moved(replica, out);
  }
}

void Broker::recheck_fetch(std::uint32_t slot, std::uint32_t index, Out& out) {
  const ServerConnection& server = servers_[slot];
  bool at_once = false;
  std::int64_t bytes = 0;
  if (server.min_bytes <= 1) {
    bytes = look_at(slot, index, false, at_once, out);
  } else {
    for (const std::uint32_t dirty : server.session.dirty) {
      bytes += look_at(slot, dirty, false, at_once, out);
    }
  }
  if (at_once || bytes >= server.min_bytes) complete_fetch(slot, false, out);
}

void Broker::complete_fetch(std::uint32_t slot, bool first_read, Out& out) {
  ServerConnection& server = servers_[slot];
  FetchSession& session = server.session;
  auto response = out.make<FetchResponse>();
  response->correlation = server.correlation;
  response->session_id = session.id;
  FetchBudget budget{server.max_bytes, false, first_read, 0};
  std::size_t kept = 0;
  for (std::size_t i = 0; i < session.dirty.size(); ++i) {
    const std::uint32_t index = session.dirty[i];
    SessionPartition& wanted = session.partitions[index];
    if (wanted.removed) {
      wanted.dirty = false;
      continue;
    }
    if (answer_partition(session, wanted, *response, budget, out) || wanted.recheck) {
      session.dirty[kept++] = index;
    } else {
      wanted.dirty = false;
    }
  }
  session.dirty.resize(kept);
  if (budget.throttled > 0) leader_quota_.record(budget.throttled, out.now());
  out.cancel_timer(server.timer_slot);
  respond(slot, response, out);
}

bool Broker::answer_partition(FetchSession& session, SessionPartition& wanted,
                              FetchResponse& response, FetchBudget& budget, Out& out) {
  Replica* replica = nullptr;
  FetchResponse::Partition answer;
  answer.partition = wanted.partition;
  answer.error = check_fetch(session, wanted, replica);
  EpochEnd diverging;
  if (answer.error == Error::kNone) {
    answer.preferred_read_replica = preferred_replica(session, wanted, *replica, out);
    if (answer.preferred_read_replica == kNoBroker) {
      answer.error =
          replica->partition.check_read(wanted.fetch_offset, wanted.last_fetched_epoch, diverging);
    }
  }
  if (answer.error != Error::kNone) {
    if (answer.error == Error::kNotLeaderOrFollower || answer.error == Error::kFencedLeaderEpoch) {
      answer.hint = hint(wanted.partition);
    }
    wanted.sent_high_watermark = -1;
    response.partitions.push_back(answer);
    return true;  // an error is looked at and answered again with every fetch
  }
  const PartitionLog& log = replica->partition.log;
  // What the fetch itself has moved, its own answer does not tell yet.
  answer.high_watermark = budget.first_read && wanted.read_high_watermark >= 0
                              ? wanted.read_high_watermark
                              : log.high_watermark();
  answer.log_start_offset = log.log_start_offset();
  answer.diverging_epoch = diverging.epoch;
  answer.diverging_end_offset = diverging.end_offset;
  bool again = answer.preferred_read_replica != kNoBroker;
  if (!again && !diverging.defined()) {
    again = read_partition(session, wanted, *replica, response, answer, budget, out);
  }
  const bool news = answer.batch_count > 0 || diverging.defined() ||
                    answer.preferred_read_replica != kNoBroker ||
                    wanted.sent_high_watermark != answer.high_watermark ||
                    wanted.sent_log_start_offset != answer.log_start_offset;
  wanted.read_high_watermark = -1;
  if (news) {
    wanted.sent_high_watermark = answer.high_watermark;
    wanted.sent_log_start_offset = answer.log_start_offset;
    response.partitions.push_back(answer);
  }
  // A consumer of another rack is asked for its preferred replica with every fetch.
  const bool selecting = session.rack != kNoRack && config_->replica_selector != 0 &&
                         out.catalog().broker_rack(id_) != session.rack;
  return again || selecting || answer.high_watermark != log.high_watermark();
}

bool Broker::read_partition(const FetchSession& session, const SessionPartition& wanted,
                            Replica& replica, FetchResponse& response,
                            FetchResponse::Partition& answer, FetchBudget& budget, Out& out) {
  const PartitionLog& log = replica.partition.log;
  const bool follower = session.replica != kNoBroker;
  const std::int64_t bound = replica.partition.read_bound(follower, config_->bugs);
  answer.first_batch = static_cast<std::uint32_t>(response.batches.size());
  if (wanted.fetch_offset >= bound) return false;
  if (leader_throttles(session, replica, out)) return true;  // read, but not given
  const std::int64_t limit = std::min(wanted.max_bytes, budget.bytes);
  const LogRead read = log.read(wanted.fetch_offset, bound, std::max<std::int64_t>(limit, 0),
                                !budget.any_data, response.batches);
  budget.bytes -= static_cast<std::int32_t>(std::min<std::int64_t>(read.bytes, budget.bytes));
  budget.any_data = budget.any_data || read.bytes > 0;
  if (follower && out.catalog().leader_throttled(replica.id, id_)) budget.throttled += read.bytes;
  answer.batch_count = static_cast<std::uint32_t>(response.batches.size()) - answer.first_batch;
  return read.bytes == 0;
}

void Broker::partition_changed(Replica& replica, Out& out) {
  const std::vector<FetchWatcher> watchers = replica.watchers;
  for (const FetchWatcher& watcher : watchers) {
    mark_dirty(watcher.slot, watcher.index);
    if (servers_[watcher.slot].parked == Parked::kFetch) {
      recheck_fetch(watcher.slot, watcher.index, out);
    }
  }
}

void Broker::touch_followers(Replica& replica) {
  for (const FetchWatcher& watcher : replica.watchers) {
    mark_dirty(watcher.slot, watcher.index);
    servers_[watcher.slot].session.partitions[watcher.index].recheck = true;
  }
}

}  // namespace isrlab::model
