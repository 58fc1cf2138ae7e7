#include "model/broker/partition.hpp"

#include <algorithm>

namespace isrlab::model {

void Partition::crash() {
  role = PartitionRole::kNone;
  offline = false;
  leader_epoch = partition_epoch = controller_epoch = -1;
  leader = kNoBroker;
  replicas.clear();
  isr.clear();
  proposed.clear();
  pending = PendingIsr::kNone;
  recovering = false;
  leader_epoch_start_offset = -1;
  remotes.clear();
  if (exists) log.crash(files.high_watermark);
}

void Partition::checkpoint_log_start() {
  const std::int64_t start = log.log_start_offset();
  const bool inside = start > log.first_segment_base();
  files.log_start_offset = inside ? start : 0;
  files.prefix_hash = inside ? log.prefix_hash(start) : 0;
}

RemoteReplica* Partition::remote(BrokerId broker) {
  for (RemoteReplica& replica : remotes) {
    if (replica.broker == broker) return &replica;
  }
  return nullptr;
}

bool Partition::make_leader(const PartitionStateMessage& state, const PartitionContext& context) {
  controller_epoch = state.controller_epoch;
  if (state.partition_epoch < partition_epoch) return false;
  const bool was_leader = role == PartitionRole::kLeader;
  const bool new_epoch = state.leader_epoch > leader_epoch;
  role = PartitionRole::kLeader;
  leader = context.self;
  partition_epoch = state.partition_epoch;
  replicas = state.replicas;
  isr = state.isr;
  pending = PendingIsr::kNone;  // a pending change is void: the controller has spoken
  proposed.clear();
  recovering = false;
  exists = true;

  std::vector<RemoteReplica> kept;
  for (const BrokerId broker : replicas) {
    if (broker == context.self) continue;
    const RemoteReplica* known = remote(broker);
    kept.push_back(known != nullptr ? *known : RemoteReplica{});
    kept.back().broker = broker;
  }
  remotes = std::move(kept);

  if (new_epoch) {
    leader_epoch = state.leader_epoch;
    leader_epoch_start_offset = log.log_end_offset();
    if (context.rules.caches_epoch_at_election && !context.bug(Bug::kPersistEpoch)) {
      log.start_epoch(leader_epoch);
    }
    for (RemoteReplica& replica : remotes) {
      // Replica.resetReplicaState: an ISR member gets a fresh grace of replica.lag.time.max.
      const bool in_isr = isr.contains(replica.broker);
      replica.last_caught_up_time = in_isr ? context.now : kLongAgo;
      if (was_leader || context.bug(Bug::kResetFollowerState)) {
        replica.last_fetch_leader_log_end_offset = leader_epoch_start_offset;
        replica.last_fetch_time = in_isr ? context.now : kLongAgo;
      } else {
        replica.log_end_offset = replica.log_start_offset = -1;
        replica.last_fetch_leader_log_end_offset = -1;
        replica.last_fetch_time = kLongAgo;
      }
    }
  }
  return true;
}

bool Partition::make_follower(const PartitionStateMessage& state) {
  controller_epoch = state.controller_epoch;
  if (state.partition_epoch < partition_epoch) return false;
  const bool new_epoch = state.leader_epoch > leader_epoch;
  role = PartitionRole::kFollower;
  leader = state.leader;
  leader_epoch = state.leader_epoch;
  partition_epoch = state.partition_epoch;
  leader_epoch_start_offset = -1;
  replicas = state.replicas;
  isr.clear();
  proposed.clear();
  pending = PendingIsr::kNone;
  remotes.clear();
  exists = true;
  return new_epoch;
}

void Partition::update_fetch_state(RemoteReplica& replica, std::int64_t fetch_offset,
                                   std::int64_t log_start_offset, Time time,
                                   std::int64_t leader_end) {
  if (fetch_offset >= leader_end) {
    replica.last_caught_up_time = std::max(replica.last_caught_up_time, time);
  } else if (fetch_offset >= replica.last_fetch_leader_log_end_offset) {
    replica.last_caught_up_time = std::max(replica.last_caught_up_time, replica.last_fetch_time);
  }
  replica.log_end_offset = fetch_offset;
  replica.log_start_offset = log_start_offset;
  replica.last_fetch_leader_log_end_offset =
      std::max(leader_end, replica.last_fetch_leader_log_end_offset);
  replica.last_fetch_time = time;
}

bool Partition::maybe_increment_high_watermark(const PartitionContext& context) {
  // Since 3.7 it stands still.
  if (under_min_isr(context) && !context.bug(Bug::kStrictMinIsrHw)) return false;
  const std::int64_t end = log.log_end_offset();
  const bool committed_only = context.bug(Bug::kHwIsrCommitted);
  const bool proposal_only = context.bug(Bug::kHwIsrProposed) && pending != PendingIsr::kNone;
  const bool both = pending == PendingIsr::kExpand && !committed_only;
  const BrokerList& counted = proposal_only || both ? proposed : isr;
  const bool outsiders = !committed_only && !context.bug(Bug::kHwIsrProposed);
  std::int64_t candidate = end;
  for (const RemoteReplica& replica : remotes) {
    if (replica.log_end_offset >= candidate) continue;
    const bool counts = counted.contains(replica.broker) ||
                        (outsiders && replica.caught_up(end, context.now, context.lag_max) &&
                         context.alive(replica.broker));
    if (counts) candidate = replica.log_end_offset;
  }
  return log.maybe_increment_high_watermark(candidate);
}

bool Partition::maybe_expand_isr(BrokerId follower, const PartitionContext& context) {
  if (pending != PendingIsr::kNone || isr.contains(follower)) return false;
  const RemoteReplica* replica = remote(follower);
  if (replica == nullptr) return false;
  if (!context.alive(follower) && !context.bug(Bug::kIsrEligibility)) return false;
  if (replica->log_end_offset < log.high_watermark()) return false;
  const bool from_epoch_start =
      context.rules.expands_after_epoch_start && !context.bug(Bug::kIsrExpandLeso);
  if (from_epoch_start && replica->log_end_offset < leader_epoch_start_offset) return false;
  pending = PendingIsr::kExpand;
  proposed = isr.with(follower);
  return true;
}

bool Partition::maybe_shrink_isr(const PartitionContext& context) {
  if (role != PartitionRole::kLeader || pending != PendingIsr::kNone) return false;
  const std::int64_t end = log.log_end_offset();
  BrokerList kept;
  for (const BrokerId broker : isr) {
    const RemoteReplica* replica = broker == context.self ? nullptr : remote(broker);
    const bool at_end = replica != nullptr && replica->log_end_offset == end &&
                        !context.bug(Bug::kCaughtUpEqualLeo);
    const bool out = broker != context.self &&
                     (replica == nullptr ||
                      (!at_end && context.now - replica->last_caught_up_time > context.lag_max));
    if (!out) kept.push_back(broker);
  }
  if (kept.size() == isr.size()) return false;
  pending = PendingIsr::kShrink;
  proposed = kept;
  return true;
}

Partition::IsrOutcome Partition::handle_alter_partition(
    const AlterPartitionResponse::Partition& result, bool overtaken_too) {
  if (pending == PendingIsr::kNone && !overtaken_too) return IsrOutcome::kIgnored;
  switch (result.error) {
    case Error::kNone:
      if (!overtaken_too &&
          (result.leader_epoch != leader_epoch || result.partition_epoch < partition_epoch)) {
        return IsrOutcome::kIgnored;
      }
      isr = result.isr;
      partition_epoch = result.partition_epoch;
      pending = PendingIsr::kNone;
      proposed.clear();
      return IsrOutcome::kCommitted;
    case Error::kOperationNotAttempted:
    case Error::kIneligibleReplica: give_up_isr_change(); return IsrOutcome::kReverted;
    case Error::kUnknownTopicOrPartition:
    case Error::kUnknownTopicId:
    case Error::kFencedLeaderEpoch:
    case Error::kInvalidUpdateVersion:
    case Error::kInvalidRequest:
    case Error::kNewLeaderElected: return IsrOutcome::kStuck;
    default: return IsrOutcome::kRetry;
  }
}

Error Partition::check_epoch(std::int32_t current_leader_epoch, bool need_leader) const {
  if (current_leader_epoch >= 0) {
    if (leader_epoch > current_leader_epoch) return Error::kFencedLeaderEpoch;
    if (leader_epoch < current_leader_epoch) return Error::kUnknownLeaderEpoch;
  }
  if (need_leader && role != PartitionRole::kLeader) return Error::kNotLeaderOrFollower;
  return Error::kNone;
}

Error Partition::check_fetch(std::int32_t current_leader_epoch, BrokerId follower,
                             BugSet bugs) const {
  const bool from_follower = follower != kNoBroker;
  if (has_bug(bugs, Bug::kFetchEpochCheck)) current_leader_epoch = -1;
  const Error error = check_epoch(current_leader_epoch, from_follower);
  if (error != Error::kNone) return error;
  if (from_follower && remote(follower) == nullptr) {
    return current_leader_epoch >= 0 ? Error::kUnknownLeaderEpoch : Error::kNotLeaderOrFollower;
  }
  return Error::kNone;
}

Error Partition::check_read(std::int64_t fetch_offset, std::int32_t last_fetched_epoch,
                            EpochEnd& diverging) const {
  diverging = EpochEnd();
  const bool below = fetch_offset < log.log_start_offset();
  if (last_fetched_epoch >= 0) {
    const EpochEnd end = log.end_offset_for_epoch(last_fetched_epoch);
    if (!end.defined() || below) return Error::kOffsetOutOfRange;
    if (end.epoch < last_fetched_epoch || end.end_offset < fetch_offset) {
      diverging = end;
      return Error::kNone;
    }
  }
  return below || fetch_offset > log.log_end_offset() ? Error::kOffsetOutOfRange : Error::kNone;
}

Error Partition::offset_for_timestamp(std::int64_t timestamp, bool follower, std::int64_t& offset,
                                      BugSet bugs) const {
  offset = -1;
  if (timestamp == kEarliestTimestamp) {
    offset = log.log_start_offset();
    return Error::kNone;
  }
  const std::int64_t bound = read_bound(follower);
  // KIP-207: the high watermark of a new leader may be behind what others could already read.
  const bool lagging = !follower && log.high_watermark() < leader_epoch_start_offset &&
                       !has_bug(bugs, Bug::kListOffsetsGuard);
  if (timestamp == kLatestTimestamp) {
    if (lagging) return Error::kOffsetNotAvailable;
    offset = bound;
    return Error::kNone;
  }
  log.for_each_batch(log.log_start_offset(), bound, [&](const Batch& batch) {
    if (offset < 0 && batch.timestamp >= timestamp) {
      offset = std::max(batch.base_offset, log.log_start_offset());
    }
  });
  return offset < 0 && lagging ? Error::kOffsetNotAvailable : Error::kNone;
}

BrokerId Partition::preferred_read_replica(const PartitionContext& context, SelectorKind selector,
                                           RackId client_rack, const Catalog& catalog,
                                           std::int64_t fetch_offset) const {
  if (role != PartitionRole::kLeader || selector != SelectorKind::kRackAware) return kNoBroker;
  ReplicaView candidates[BrokerList::kCapacity];
  std::size_t count = 0;
  candidates[count++] = {context.self, catalog.broker_rack(context.self), log.log_end_offset(), 0};
  for (const RemoteReplica& replica : remotes) {
    // Out of the ISR it would fall ever further behind the consumer.
    if (!isr.contains(replica.broker) || !context.alive(replica.broker)) continue;
    if (replica.log_end_offset < fetch_offset || replica.log_start_offset > fetch_offset) continue;
    candidates[count++] = {replica.broker, catalog.broker_rack(replica.broker),
                           replica.log_end_offset, context.now - replica.last_caught_up_time};
  }
  const BrokerId chosen = select_replica(selector, client_rack, context.self, {candidates, count});
  return chosen == context.self ? kNoBroker : chosen;
}

}  // namespace isrlab::model
