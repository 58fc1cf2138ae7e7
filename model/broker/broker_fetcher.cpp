// Following a leader (AbstractFetcherThread, ReplicaFetcherThread with truncate on fetch).
// Reference section 3 of the replication facts.
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
  const bool epochs_known = partition.log.latest_epoch() >= 0;
  entry.fetch_offset =
      epochs_known ? partition.log.log_end_offset() : partition.log.high_watermark();
  entry.last_fetched_epoch = partition.log.latest_epoch();
  entry.state = epochs_known ? FetchState::kFetching : FetchState::kTruncating;
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
  if (fetcher.channel.waiting() || fetcher.channel.state() == RpcChannel::State::kConnecting) {
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
  if (ask_out_of_range(index, out)) return;
  auto request = out.make<FetchRequest>();
  request->replica = id_;
  request->max_wait = config_->replica_fetch_wait_max;
  request->min_bytes = static_cast<std::int32_t>(config_->replica_fetch_min_bytes);
  request->max_bytes = static_cast<std::int32_t>(config_->replica_fetch_response_max_bytes);
  request->session_id = fetcher.session_id;
  request->session_epoch = fetcher.session_epoch;
  request->forgotten = fetcher.forgotten;
  std::size_t kept = 0;
  sim::Time wake = sim::kNever;
  for (std::size_t i = 0; i < fetcher.changed.size(); ++i) {
    const std::uint32_t at = fetcher.changed[i];
    FetcherPartition& entry = fetcher.partitions[at];
    if (entry.state == FetchState::kRemoved || entry.state == FetchState::kFailed) continue;
    if (entry.delayed_until > out.now()) {  // backing off: out of the session until then
      if (entry.in_session) request->forgotten.push_back(entry.partition);
      entry.in_session = false;
      wake = std::min(wake, entry.delayed_until);
      fetcher.changed[kept++] = at;
      continue;
    }
    if (follower_throttles(entry, out)) {  // left out, and looked at again with the next request
      if (entry.in_session) request->forgotten.push_back(entry.partition);
      entry.in_session = false;
      wake = std::min(wake, out.now() + config_->replica_fetch_backoff);
      fetcher.changed[kept++] = at;
      continue;
    }
    Replica* replica = hosted(entry.partition);
    if (entry.state == FetchState::kTruncating) {
      truncate(*replica, entry.fetch_offset, out);
      entry.fetch_offset = replica->partition.log.log_end_offset();
      entry.state = FetchState::kFetching;
    }
    entry.in_session = true;
    request->partitions.push_back(
        {entry.partition, entry.leader_epoch, entry.fetch_offset,
         replica->partition.log.log_start_offset(), entry.last_fetched_epoch,
         static_cast<std::int32_t>(config_->replica_fetch_max_bytes), replica->partition.became});
  }
  fetcher.changed.resize(kept);
  fetcher.forgotten.clear();
  const bool nothing =
      request->partitions.empty() && request->forgotten.empty() && kept > 0 &&
      std::none_of(fetcher.partitions.begin(), fetcher.partitions.end(),
                   [](const FetcherPartition& entry) { return entry.in_session; });
  if (wake != sim::kNever) out.set_timer(fetcher.wake_slot, wake, TimerKind::kFetcher, index);
  if (nothing) {  // all partitions back off: wait, then try again
    out.discard(request.ref);
    return;
  }
  fetcher.channel.send(request, out, TimerKind::kFetchRequestTimeout, index);
}

void Broker::on_fetch_response(std::uint32_t index, FetchResponse& response, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.channel.answered(response.correlation, out)) return;
  if (response.error != Error::kNone) {
    fetcher.session_id = fetcher.session_epoch = 0;  // costs one round: the next fetch is full
    return run_fetcher(index, out);
  }
  fetcher.session_id = response.session_id;
  fetcher.session_epoch = response.session_id == 0 ? 0 : fetcher.session_epoch + 1;
  for (const FetchResponse::Partition& result : response.partitions) {
    const std::uint32_t* at = fetcher.index.find(result.partition);
    if (at == nullptr) continue;  // no longer followed here
    FetcherPartition& entry = fetcher.partitions[*at];
    if (entry.state != FetchState::kFetching || !entry.in_session) continue;
    on_fetched(fetcher, entry, response, result, out);
    if (!fetchers_[index].in_use) return;
  }
  recheck_consumers(out);
  run_fetcher(index, out);
}

void Broker::on_fetched(Fetcher& fetcher, FetcherPartition& entry, const FetchResponse& response,
                        const FetchResponse::Partition& result, Out& out) {
  const auto change = [&] {
    fetcher.changed.push_back(static_cast<std::uint32_t>(&entry - fetcher.partitions.data()));
  };
  Replica* replica = hosted(entry.partition);
  switch (result.error) {
    case Error::kNone: break;
    case Error::kOffsetOutOfRange: entry.state = FetchState::kLatest; return change();
    case Error::kFencedLeaderEpoch:
      out.record(HistoryKind::kFetchFenced, entry.partition,
                 static_cast<std::int64_t>(result.error), entry.leader_epoch);
      if (entry.leader_epoch == replica->partition.leader_epoch) {
        entry.state = FetchState::kFailed;  // parked until the next LeaderAndIsr
        fetcher.forgotten.push_back(entry.partition);
        entry.in_session = false;
        return;
      }
      [[fallthrough]];
    default: entry.delayed_until = out.now() + config_->replica_fetch_backoff; return change();
  }
  if (result.diverging_epoch >= 0) {
    truncate_on_divergence(entry, *replica, result, out);
    return change();
  }
  const std::int64_t before = entry.fetch_offset;
  append_fetched(fetcher, entry, *replica, response, result, out);
  if (entry.fetch_offset != before) change();
}

void Broker::append_fetched(Fetcher& fetcher, FetcherPartition& entry, Replica& replica,
                            const FetchResponse& response, const FetchResponse::Partition& result,
                            Out& out) {
  PartitionLog& log = replica.partition.log;
  const std::span<const Batch> batches(response.batches.data() + result.first_batch,
                                       result.batch_count);
  if (!batches.empty()) {
    if (disk_fails(out)) return;
    if (entry.fetch_offset != log.log_end_offset() ||
        log.append_as_follower(batches) != FollowerAppend::kOk) {
      entry.state = FetchState::kFailed;
      fetcher.forgotten.push_back(entry.partition);
      entry.in_session = false;
      return;
    }
    out.record(HistoryKind::kFollowerAppend, replica.id, entry.fetch_offset, log.log_end_offset(),
               entry.leader_epoch);
    entry.fetch_offset = log.log_end_offset();
    entry.last_fetched_epoch = batches.back().leader_epoch;
    count_throttled(replica.id, batches, out);
  }
  if (!batches.empty() || entry.lag < 0) {
    entry.lag = std::max<std::int64_t>(0, result.high_watermark - entry.fetch_offset);
  }
  if (log.maybe_update_high_watermark(result.high_watermark)) {
    out.record(HistoryKind::kHighWatermark, replica.id, log.high_watermark(), -1);
    if (!replica.watchers.empty()) advanced_.push_back(replica.id);
  }
  if (result.log_start_offset > log.log_start_offset()) {
    log.maybe_increment_log_start_offset(result.log_start_offset);
  }
}

void Broker::truncate_on_divergence(FetcherPartition& entry, Replica& replica,
                                    const FetchResponse::Partition& result, Out& out) {
  // getOffsetTruncationState: the leader says how far its log of that epoch (or an older one) goes.
  const PartitionLog& log = replica.partition.log;
  const std::int64_t end = log.log_end_offset();
  const EpochEnd local = log.end_offset_for_epoch(result.diverging_epoch);
  std::int64_t offset = std::min(result.diverging_end_offset, end);
  if (local.defined()) {
    offset = local.epoch == result.diverging_epoch
                 ? std::min({local.end_offset, result.diverging_end_offset, end})
                 : std::min(local.end_offset, end);
  }
  truncate(replica, offset, out);
  entry.fetch_offset = log.log_end_offset();
  entry.last_fetched_epoch = log.latest_epoch();
}

void Broker::truncate(Replica& replica, std::int64_t offset, Out& out) {
  PartitionLog& log = replica.partition.log;
  const std::int64_t from = log.log_end_offset();
  const std::int64_t high_watermark = log.high_watermark();
  const auto scope = out.because_for_now(replica.partition.became);
  const bool cut = log.truncate_to(offset);
  replica.partition.dirty_mark = std::min(replica.partition.dirty_mark, log.log_end_offset());
  for (const FetchWatcher& watcher : replica.watchers) mark_dirty(watcher.slot, watcher.index);
  if (cut || offset < from) {
    out.record(HistoryKind::kTruncated, replica.id, from, log.log_end_offset(), high_watermark);
  }
}

bool Broker::ask_out_of_range(std::uint32_t index, Out& out) {
  // fetchOffsetAndTruncate: out of range, so ask the leader for its end, then for its start.
  Fetcher& fetcher = fetchers_[index];
  auto request = out.make<ListOffsetsRequest>();
  request->replica = id_;
  for (const FetcherPartition& entry : fetcher.partitions) {
    const bool latest = entry.state == FetchState::kLatest;
    if (!latest && entry.state != FetchState::kEarliest) continue;
    if (entry.delayed_until > out.now()) continue;
    request->partitions.push_back(
        {entry.partition, entry.leader_epoch, latest ? kLatestTimestamp : kEarliestTimestamp});
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
    Replica* replica = hosted(entry.partition);
    PartitionLog& log = replica->partition.log;
    if (result.error == Error::kFencedLeaderEpoch &&
        entry.leader_epoch == replica->partition.leader_epoch) {
      entry.state = FetchState::kFailed;
      continue;
    }
    fetcher.changed.push_back(*at);
    if (result.error != Error::kNone) {
      entry.delayed_until = out.now() + config_->replica_fetch_backoff;
    } else if (entry.state == FetchState::kLatest) {
      if (result.offset < log.log_end_offset()) {
        truncate(*replica, result.offset, out);
        entry.state = FetchState::kFetching;
        entry.fetch_offset = log.log_end_offset();
        entry.last_fetched_epoch = log.latest_epoch();
      } else {
        entry.state = FetchState::kEarliest;
      }
    } else if (entry.state == FetchState::kEarliest) {
      if (result.offset > log.log_end_offset()) {
        const std::int64_t from = log.log_end_offset();
        const std::int64_t high_watermark = log.high_watermark();
        log.truncate_fully_and_start_at(result.offset);
        replica->partition.dirty_mark = log.log_end_offset();
        const auto scope = out.because_for_now(replica->partition.became);
        out.record(HistoryKind::kTruncated, replica->id, from, result.offset, high_watermark);
      }
      entry.state = FetchState::kFetching;
      entry.fetch_offset = std::max(result.offset, log.log_end_offset());
      entry.last_fetched_epoch = log.latest_epoch();
    }
  }
  run_fetcher(index, out);
}

void Broker::on_fetcher_failure(std::uint32_t index, Out& out) {
  Fetcher& fetcher = fetchers_[index];
  if (!fetcher.in_use) return;
  // The whole request failed: every partition of the thread waits one back-off.
  fetcher.session_id = fetcher.session_epoch = 0;
  fetcher.channel_delayed_until = out.now() + config_->replica_fetch_backoff;
  run_fetcher(index, out);
}

}  // namespace isrlab::model
