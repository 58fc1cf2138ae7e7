// Following a leader (AbstractFetcherThread, ReplicaFetcherThread): threads, sessions, requests.
// What an answer does to a replica is decided in follower.cpp. Reference section 3 of the
// replication facts.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
std::uint32_t fetcher_number(const Catalog& catalog, PartitionId id, std::int64_t fetchers) {
  const PartitionInfo& info = catalog.partition(id);
  const auto hash =
      31U * static_cast<std::uint32_t>(java_string_hash(catalog.topic(info.topic).name)) +
      static_cast<std::uint32_t>(info.number);
  const auto value = static_cast<std::uint32_t>(java_abs(static_cast<std::int32_t>(hash)));
  return value % static_cast<std::uint32_t>(fetchers);
}
}  // namespace

void Broker::add_fetcher(Replica& replica, Out& out) {
  const Partition& partition = replica.partition;
  const std::uint32_t number =
      fetcher_number(out.catalog(), replica.id, config_->num_replica_fetchers);
  std::uint32_t at = 0;
  while (at < fetchers_.size() && !(fetchers_[at].in_use && fetchers_[at].number == number &&
                                    fetchers_[at].leader == partition.leader)) {
    ++at;
  }
  if (at == fetchers_.size()) {
    at = 0;
    while (at < fetchers_.size() && fetchers_[at].in_use) ++at;
    if (at == fetchers_.size()) fetchers_.emplace_back();
    Fetcher& fresh = fetchers_[at];
    fresh = Fetcher();
    fresh.in_use = true;
    fresh.leader = partition.leader;
    fresh.number = number;
    fresh.wake_slot = timer_slots_.take();
    fresh.channel =
        RpcChannel(partition.leader, timer_slots_.take(), config_->socket_connection_setup_timeout,
                   config_->replica_socket_timeout);
  }
  Fetcher& fetcher = fetchers_[at];
  FetcherPartition entry;
  entry.partition = replica.id;
  entry.leader_epoch = partition.leader_epoch;
  begin_following(entry, partition, config_->protocol());
  std::uint32_t index = 0;
  if (const std::uint32_t* known = fetcher.index.find(replica.id)) {
    index = *known;
    entry.in_session = fetcher.partitions[index].in_session;
  } else {
    while (index < fetcher.partitions.size() &&
           fetcher.partitions[index].state != FetchState::kRemoved) {
      ++index;
    }
    if (index == fetcher.partitions.size()) fetcher.partitions.emplace_back();
    fetcher.index[replica.id] = index;
    ++fetcher.active;
  }
  fetcher.partitions[index] = entry;
  fetcher.changed.push_back(index);
  run_fetcher(at, out);
}

void Broker::remove_fetcher(PartitionId partition, Out& out) {
  for (Fetcher& fetcher : fetchers_) {
    if (!fetcher.in_use) continue;
    const std::uint32_t* known = fetcher.index.find(partition);
    if (known == nullptr) continue;
    FetcherPartition& entry = fetcher.partitions[*known];
    if (entry.in_session) fetcher.forgotten.push_back(partition);
    entry.state = FetchState::kRemoved;
    entry.in_session = false;
    fetcher.index.erase(partition);
    if (--fetcher.active == 0) {  // shutdownIdleFetcherThreads
      endpoints_.erase(fetcher.channel.connection());
      fetcher.channel.close(out);
      out.cancel_timer(fetcher.wake_slot);
      timer_slots_.give_back(fetcher.wake_slot);
      timer_slots_.give_back(fetcher.channel.slot());
      fetcher = Fetcher();
    }
  }
}

void Broker::stop_fetchers(Out& out) {
  for (Fetcher& fetcher : fetchers_) {
    if (!fetcher.in_use) continue;
    endpoints_.erase(fetcher.channel.connection());
    fetcher.channel.close(out);
    out.cancel_timer(fetcher.wake_slot);
    fetcher = Fetcher();
  }
}

void Broker::run_fetcher(std::uint32_t index, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.in_use || fetcher.active == 0) return;
  if (fetcher.writing != kNone || fetcher.channel.waiting() ||
      fetcher.channel.state() == RpcChannel::State::kConnecting) {
    return;
  }
  if (out.now() < fetcher.channel_delayed_until) {
    out.set_timer(fetcher.wake_slot, fetcher.channel_delayed_until, TimerKind::kFetcher, index);
    return;
  }
  if (fetcher.channel.state() == RpcChannel::State::kIdle) {
    fetcher.session_id = fetcher.session_epoch = 0;
    fetcher.channel.connect(out, TimerKind::kFetchRequestTimeout, index);
    endpoints_[fetcher.channel.connection()] = {EndpointKind::kFetcher, index};
    return;
  }
  send_fetch(index, out);
}

void Broker::send_fetch(std::uint32_t index, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  const bool full = fetcher.session_epoch == 0;
  if (full) {
    fetcher.changed.clear();
    fetcher.forgotten.clear();
    for (std::uint32_t i = 0; i < fetcher.partitions.size(); ++i) {
      fetcher.partitions[i].in_session = false;
      if (fetcher.partitions[i].state != FetchState::kRemoved) fetcher.changed.push_back(i);
    }
  }
  if (ask_epoch_ends(index, out) || ask_out_of_range(index, out)) return;
  auto request = out.make<FetchRequest>();
  request->replica = id_;
  request->max_wait = config_->replica_fetch_wait_max;
  request->min_bytes = static_cast<std::int32_t>(config_->replica_fetch_min_bytes);
  request->max_bytes = static_cast<std::int32_t>(config_->replica_fetch_response_max_bytes);
  request->session_id = fetcher.session_id;
  request->session_epoch = fetcher.session_epoch;
  request->forgotten = fetcher.forgotten;
  const Time wake = fill_fetch(fetcher, *request.message, out);
  const bool nothing = request->partitions.empty() && request->forgotten.empty() &&
                       !fetcher.changed.empty() &&
                       std::none_of(fetcher.partitions.begin(), fetcher.partitions.end(),
                                    [](const FetcherPartition& entry) { return entry.in_session; });
  if (wake != sim::kNever) {
    // With nothing to fetch the thread sleeps one back-off and looks again, whatever the wall clock
    // says by then.
    const Duration sleep = std::min<Duration>(wake - out.wall(), config_->replica_fetch_backoff);
    out.set_timer(fetcher.wake_slot, out.now() + sleep, TimerKind::kFetcher, index);
  }
  if (nothing) {  // all partitions back off: wait, then try again
    out.discard(request.ref);
    return;
  }
  fetcher.channel.send(request, out, TimerKind::kFetchRequestTimeout, index);
}

/// Asks for what has changed. Partitions that wait, after an error or for their quota, leave the
/// session and stay changed; the time on the wall clock when the first of them is ready again.
Time Broker::fill_fetch(Fetcher& fetcher, FetchRequest& request, Out& out) {
  const ProtocolRules& rules = config_->protocol();
  std::size_t kept = 0;
  sim::Time wake = sim::kNever;
  for (std::size_t i = 0; i < fetcher.changed.size(); ++i) {
    const std::uint32_t at = fetcher.changed[i];
    FetcherPartition& entry = fetcher.partitions[at];
    if (entry.state == FetchState::kRemoved || entry.state == FetchState::kFailed) continue;
    if (entry.delayed_until > out.wall()) {  // backing off: out of the session until then
      if (entry.in_session) request.forgotten.push_back(entry.partition);
      entry.in_session = false;
      wake = std::min(wake, entry.delayed_until);
      fetcher.changed[kept++] = at;
      continue;
    }
    if (follower_throttles(entry, out)) {  // left out, and looked at again with the next request
      if (entry.in_session) request.forgotten.push_back(entry.partition);
      entry.in_session = false;
      wake = std::min(wake, out.wall() + config_->replica_fetch_backoff);
      fetcher.changed[kept++] = at;
      continue;
    }
    Replica* replica = hosted(entry.partition);
    if (entry.state == FetchState::kTruncating) {
      FollowerEffects effects;
      truncate_to_high_watermark(entry, replica->partition, follower_context(replica->id, out),
                                 effects);
      settle(fetcher, entry, *replica, effects, out);
    }
    entry.in_session = true;
    request.partitions.push_back({entry.partition, rules.fenced ? entry.leader_epoch : -1,
                                  entry.fetch_offset, replica->partition.log.log_start_offset(),
                                  rules.truncates_on_fetch ? entry.last_fetched_epoch : -1,
                                  static_cast<std::int32_t>(config_->replica_fetch_max_bytes),
                                  replica->partition.became});
  }
  fetcher.changed.resize(kept);
  fetcher.forgotten.clear();
  return wake;
}

FollowerContext Broker::follower_context(PartitionId id, Out& out) {
  FollowerContext context;
  context.rules = &config_->protocol();
  context.now = out.wall();
  context.backoff = config_->replica_fetch_backoff;
  context.unclean_election =
      out.catalog().unclean_leader_election(out.catalog().partition(id).topic, id_);
  context.log = log_context(id, out);
  return context;
}

void Broker::settle(Fetcher& fetcher, FetcherPartition& entry, Replica& replica,
                    const FollowerEffects& effects, Out& out) {
  const PartitionLog& log = replica.partition.log;
  if (effects.cut) after_truncation(replica);
  if (effects.log_start_raised) log_start_raised(replica, effects.log_start_before, out);
  if (effects.truncated) {
    const auto scope = out.because_for_now(replica.partition.became);
    out.record(HistoryKind::kTruncated, replica.id, effects.from, log.log_end_offset(),
               effects.high_watermark_before);
    for (const FetchWatcher& watcher : replica.watchers) mark_dirty(watcher.slot, watcher.index);
  }
  if (effects.high_watermark_moved) {
    out.record(HistoryKind::kHighWatermark, replica.id, log.high_watermark(), -1);
    if (!replica.watchers.empty()) advanced_.push_back(replica.id);
  }
  if (entry.state == FetchState::kFailed && entry.in_session) {
    fetcher.forgotten.push_back(entry.partition);
    entry.in_session = false;
  }
  if (effects.halt && !halting_) {  // Exit.exit: a supervisor starts it again
    halting_ = true;
    wants_supervisor_ = true;
    out.record(HistoryKind::kProcessExited, 0, 0);
    out.exit_process();
  }
}

void Broker::on_fetch_response(std::uint32_t index, FetchResponse& response, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.channel.answered(response.correlation, out)) return;
  const std::uint32_t syncs = syncs_of(response, out);
  if (syncs == 0) return fetched(index, response, out);
  // The fetcher's thread stands still until the epochs or the records are on the disk.
  fetcher.writing = wait_for_disk(syncs, out);
  DiskWait& wait = disk_waits_[fetcher.writing];
  wait.fetcher = index;
  wait.response = response;
}

void Broker::fetched(std::uint32_t index, const FetchResponse& response, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (response.error != Error::kNone) {
    fetcher.session_id = fetcher.session_epoch = 0;  // costs one round: the next fetch is full
    return run_fetcher(index, out);
  }
  fetcher.session_id = response.session_id;
  fetcher.session_epoch = response.session_id == 0 ? 0 : fetcher.session_epoch + 1;
  for (const FetchResponse::Partition& result : response.partitions) {
    const std::uint32_t* at = fetcher.index.find(result.partition);
    if (at == nullptr) {  // no longer followed here
      truncate_removed(result, out);
      continue;
    }
    FetcherPartition& entry = fetcher.partitions[*at];
    if (entry.state != FetchState::kFetching || !entry.in_session) continue;
    take_fetched(fetcher, entry, response, result, out);
    if (!fetchers_[index].in_use || halting_) return;  // a directory failed, nothing is left
  }
  recheck_consumers(out);
  run_fetcher(index, out);
}

void Broker::take_fetched(Fetcher& fetcher, FetcherPartition& entry, const FetchResponse& response,
                          const FetchResponse::Partition& result, Out& out) {
  Replica& replica = *hosted(entry.partition);
  const std::span<const Batch> batches(response.batches.data() + result.first_batch,
                                       result.batch_count);
  if (!batches.empty() && disk_fails(replica, out)) return;
  if (result.error == Error::kFencedLeaderEpoch || result.error == Error::kUnknownLeaderEpoch) {
    out.record(HistoryKind::kFetchFenced, entry.partition, static_cast<std::int64_t>(result.error),
               entry.leader_epoch);
  }
  if (result.error == Error::kNone && result.diverging_epoch >= 0) {
    out.record(HistoryKind::kFetchDiverged, entry.partition, result.diverging_epoch,
               result.diverging_end_offset, entry.leader_epoch);
  }
  FollowerEffects effects;
  const std::int64_t before = entry.fetch_offset;
  const std::int64_t active = replica.partition.log.active_base();
  on_fetched(entry, replica.partition, result, batches, follower_context(replica.id, out), effects);
  if (effects.appended) {
    out.record(HistoryKind::kFollowerAppend, replica.id, before, entry.fetch_offset,
               entry.leader_epoch);
    after_write(replica, active, out);
    count_throttled(replica.id, batches, out);
  }
  const bool in_step = result.error == Error::kNone && result.diverging_epoch < 0;
  if (in_step && (effects.appended || entry.lag < 0)) {
    entry.lag = std::max<std::int64_t>(0, result.high_watermark - entry.fetch_offset);
  }
  settle(fetcher, entry, replica, effects, out);
  const bool news =
      result.error != Error::kNone || result.diverging_epoch >= 0 || entry.fetch_offset != before;
  if (news && entry.state != FetchState::kFailed) {
    fetcher.changed.push_back(static_cast<std::uint32_t>(&entry - fetcher.partitions.data()));
  }
}

/// KAFKA-13207: the answer to a fetch of a partition that is led, or followed elsewhere, by now.
void Broker::truncate_removed(const FetchResponse::Partition& result, Out& out) {
  if (!config_->bug(Bug::kTruncateRemoved) || result.diverging_epoch < 0) return;
  Replica* replica = hosted(result.partition);
  if (replica == nullptr) return;
  const PartitionLog& log = replica->partition.log;
  const EpochEnd end{result.diverging_epoch, result.diverging_end_offset};
  FollowerEffects effects;
  cut_log(replica->partition, truncation_for(log, log.log_end_offset(), end).offset,
          follower_context(replica->id, out), effects);
  if (effects.cut) after_truncation(*replica);
  if (effects.truncated) {
    out.record(HistoryKind::kTruncated, replica->id, effects.from, log.log_end_offset(),
               effects.high_watermark_before);
  }
}

bool Broker::ask_epoch_ends(std::uint32_t index, Out& out) {
  // AbstractFetcherThread.maybeTruncate: partitions that must truncate come before any fetch.
  const ProtocolRules& rules = config_->protocol();
  if (!rules.asks_for_epochs) return false;
  Fetcher& fetcher = fetchers_[index];
  auto request = out.make<OffsetsForLeaderEpochRequest>();
  request->replica = id_;
  for (const std::uint32_t at : fetcher.changed) {
    FetcherPartition& entry = fetcher.partitions[at];
    if (entry.state != FetchState::kTruncating || entry.delayed_until > out.wall()) continue;
    const PartitionLog& log = hosted(entry.partition)->partition.log;
    if (entry.asked || !asks_for_epoch(entry, log, rules)) continue;
    entry.asked = true;
    request->partitions.push_back(
        {entry.partition, rules.fenced ? entry.leader_epoch : -1, log.latest_epoch()});
  }
  if (request->partitions.empty()) {
    out.discard(request.ref);
    return false;
  }
  fetcher.channel.send(request, out, TimerKind::kFetchRequestTimeout, index);
  return true;
}

void Broker::on_epoch_ends(std::uint32_t index, const OffsetsForLeaderEpochResponse& response,
                           Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.channel.answered(response.correlation, out)) return;
  for (const OffsetsForLeaderEpochResponse::Partition& result : response.partitions) {
    const std::uint32_t* at = fetcher.index.find(result.partition);
    if (at == nullptr) continue;
    FetcherPartition& entry = fetcher.partitions[*at];
    // A LeaderAndIsr that came meanwhile made a new entry, which has not asked yet.
    if (!entry.asked || entry.state != FetchState::kTruncating) continue;
    entry.asked = false;
    Replica& replica = *hosted(entry.partition);
    FollowerEffects effects;
    on_epoch_end(entry, replica.partition, result.error, {result.leader_epoch, result.end_offset},
                 follower_context(replica.id, out), effects);
    settle(fetcher, entry, replica, effects, out);
  }
  run_fetcher(index, out);
}

bool Broker::ask_out_of_range(std::uint32_t index, Out& out) {
  // fetchOffsetAndTruncate: out of range, so ask the leader for its end, then for its start.
  Fetcher& fetcher = fetchers_[index];
  const bool fenced = config_->protocol().fenced;
  auto request = out.make<ListOffsetsRequest>();
  request->replica = id_;
  for (const FetcherPartition& entry : fetcher.partitions) {
    const bool latest = entry.state == FetchState::kLatest;
    if (!latest && entry.state != FetchState::kEarliest) continue;
    if (entry.delayed_until > out.wall()) continue;
    request->partitions.push_back({entry.partition, fenced ? entry.leader_epoch : -1,
                                   latest ? kLatestTimestamp : kEarliestTimestamp});
  }
  if (request->partitions.empty()) {
    out.discard(request.ref);
    return false;
  }
  fetcher.channel.send(request, out, TimerKind::kFetchRequestTimeout, index);
  return true;
}

void Broker::on_list_offsets(std::uint32_t index, const ListOffsetsResponse& response, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.channel.answered(response.correlation, out)) return;
  for (const ListOffsetsResponse::Partition& result : response.partitions) {
    const std::uint32_t* at = fetcher.index.find(result.partition);
    if (at == nullptr) continue;
    FetcherPartition& entry = fetcher.partitions[*at];
    if (entry.state != FetchState::kLatest && entry.state != FetchState::kEarliest) continue;
    Replica& replica = *hosted(entry.partition);
    FollowerEffects effects;
    on_leader_offset(entry, replica.partition, result, follower_context(replica.id, out), effects);
    settle(fetcher, entry, replica, effects, out);
    if (entry.state != FetchState::kFailed) fetcher.changed.push_back(*at);
  }
  if (!halting_) run_fetcher(index, out);
}

void Broker::on_fetcher_failure(std::uint32_t index, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.in_use) return;
  // The whole request failed: every partition of the thread waits one back-off.
  for (FetcherPartition& entry : fetcher.partitions) entry.asked = false;
  fetcher.session_id = fetcher.session_epoch = 0;
  fetcher.channel_delayed_until = out.now() + config_->replica_fetch_backoff;
  run_fetcher(index, out);
}

}  // namespace isrlab::model
