// Finding the coordinator, heartbeats and commits (AbstractCoordinator, ConsumerCoordinator, 3.9;
// reference clients-and-groups.md 2.2, 2.4, 2.6).
#include "model/client/consumer.hpp"

namespace isrlab::model {

/// ensureCoordinatorReady: ask, and after a failure back off, refresh metadata, ask again.
void Consumer::find_coordinator(Out& out) {
  if (find_phase_ == FindPhase::kAsked) return;
  if (find_phase_ == FindPhase::kBackoff) {
    note(find_retry_at_, out);
    if (out.now() < find_retry_at_) return;
    find_phase_ = FindPhase::kAwaitMetadata;
    awaited_version_ = network_.metadata().version();
    network_.metadata().request_update();
    network_.poll(out);
  }
  if (find_phase_ == FindPhase::kAwaitMetadata) {
    if (network_.metadata().version() == awaited_version_) return;
    find_phase_ = FindPhase::kIdle;
  }
  const auto node = network_.least_loaded_node(out.now());
  if (!node || !network_.ready(*node, out)) return;
  const auto message = out.make<FindCoordinatorRequest>();
  message->group = group_;
  network_.send(*node, message, 0, spec_->config.request_timeout, out);
  find_phase_ = FindPhase::kAsked;
}

void Consumer::find_failed(Out& out) {
  const ExponentialBackoff backoff{spec_->config.retry_backoff, spec_->config.retry_backoff_max};
  find_phase_ = FindPhase::kBackoff;
  find_retry_at_ = out.now() + backoff.draw(find_failures_++, network_.random());
}

void Consumer::on_find_coordinator(const FindCoordinatorResponse& response, Out& out) {
  find_phase_ = FindPhase::kIdle;
  if (response.error != Error::kNone) return find_failed(out);
  if (network_.unavailable(network_.coordinator_node(response.coordinator), out.now())) {
    return find_failed(out);  // found, but its connection has just failed
  }
  find_failures_ = 0;
  coordinator_ = response.coordinator;
  // A dead coordinator is found again and again until another takes over: that is no news.
  if (coordinator_ != last_coordinator_) {
    last_coordinator_ = coordinator_;
    out.record(HistoryKind::kCoordinatorFound, group_, coordinator_);
  }
  heartbeat_.reset_session(out.now());
  network_.ready(network_.coordinator_node(coordinator_), out);
}

/// markCoordinatorUnknown: unless the connection is gone already, it is closed, and what is in
/// flight on it fails.
void Consumer::coordinator_unknown(bool disconnected, Out& out) {
  if (coordinator_ == kNoBroker) return;
  const NodeIndex node = network_.coordinator_node(coordinator_);
  out.record(HistoryKind::kCoordinatorLost, group_, coordinator_);
  coordinator_ = kNoBroker;
  coordinator_wanted_ = false;
  if (!disconnected) network_.disconnect(node, Error::kNetworkException, out);
  // A JoinGroup or SyncGroup that was not sent yet fails like one that was.
  if (join_pending_ && request_unsent_) join_failed(Error::kNetworkException, out);
}

/// A request to the coordinator may be sent now. A request that would have to wait for a connection
/// in its backoff fails, and the coordinator counts as unknown.
bool Consumer::coordinator_ready(Out& out) {
  if (coordinator_ == kNoBroker) return false;
  const NodeIndex node = network_.coordinator_node(coordinator_);
  if (network_.ready(node, out)) {
    coordinator_wanted_ = false;
    return true;
  }
  if (network_.unavailable(node, out.now())) {
    coordinator_unknown(true, out);
  } else {
    coordinator_wanted_ = true;
  }
  return false;
}

/// One pass of the heartbeat thread, in the order of its tests.
void Consumer::heartbeat_pass(Out& out) {
  const bool joined = state_ == MemberState::kCompletingRebalance || state_ == MemberState::kStable;
  if (!joined || coordinator_ == kNoBroker || close_ > ClosePhase::kCommit) return;
  const Time now = out.now();
  if (heartbeat_.session_expired(now)) {
    coordinator_unknown(false, out);
    return;
  }
  // While the application waits inside poll() its timer cannot run out.
  const bool away = out.monotonic() < busy_until_;
  if (!away) heartbeat_.polled(now);
  if (heartbeat_.poll_expired(now)) {
    if (coordinator_ready(out)) leave_group(out);
    reset_generation(false);
    return;
  }
  if (heartbeat_.due(now) && coordinator_ready(out)) {
    const auto message = out.make<HeartbeatRequest>();
    message->group = group_;
    message->generation = generation_;
    message->member_id = member_id_;
    network_.send(network_.coordinator_node(coordinator_), message,
                  static_cast<std::uint32_t>(generation_), spec_->config.request_timeout, out);
    heartbeat_.sent(now);
  }
  note(heartbeat_.heartbeat_deadline(), out);
  note(heartbeat_.session_deadline(), out);
  if (away) note(heartbeat_.poll_deadline(), out);
}

void Consumer::on_heartbeat(const InFlightRequest& request, Error error, Out& out) {
  const bool same_generation = static_cast<std::int32_t>(request.token) == generation_;
  switch (error) {
    case Error::kNone: heartbeat_.received(out.now()); return;
    case Error::kRebalanceInProgress:
      // A heartbeat all the same; outside STABLE the member is rejoining already.
      heartbeat_.received(out.now());
      if (state_ == MemberState::kStable) rejoin_needed_ = true;
      return;
    case Error::kNotCoordinator:
    case Error::kCoordinatorNotAvailable:
      heartbeat_.failed(out.now(), network_.random());
      coordinator_unknown(false, out);
      return;
    case Error::kIllegalGeneration:
    case Error::kUnknownMemberId:
      heartbeat_.failed(out.now(), network_.random());
      if (same_generation) reset_generation(error == Error::kIllegalGeneration);
      return;
    default: heartbeat_.failed(out.now(), network_.random()); return;
  }
}

void Consumer::leave_group(Out& out) {
  const auto message = out.make<LeaveGroupRequest>();
  message->group = group_;
  message->member_id = member_id_;
  network_.send(network_.coordinator_node(coordinator_), message, 0, spec_->config.request_timeout,
                out);
}

/// resetStateAndRejoin: the next poll gives the partitions up as lost and joins anew.
void Consumer::reset_generation(bool keep_member_id) {
  state_ = MemberState::kUnjoined;
  generation_ = -1;
  if (!keep_member_id) member_id_.clear();
  rejoin_needed_ = true;
}

/// Commits all positions (SubscriptionState#allConsumed). False if nothing was sent: nothing to
/// commit, not a stable member, or no coordinator.
bool Consumer::send_commit(CommitPurpose purpose, Out& out) {
  if (state_ != MemberState::kStable || !coordinator_ready(out)) return false;
  std::uint32_t token = 0;
  if (free_commits_.empty()) {
    token = static_cast<std::uint32_t>(commits_.size());
    commits_.emplace_back();
  } else {
    token = free_commits_.back();
    free_commits_.pop_back();
  }
  Commit& commit = commits_[token];
  commit.purpose = purpose;
  commit.generation = generation_;
  commit.offsets.clear();
  for (const PartitionId id : subscription_.assignment()) {
    const SubscribedPartition& entry = *subscription_.find(id);
    if (entry.has_position()) commit.offsets.push_back({id, entry.position, entry.offset_epoch});
  }
  if (commit.offsets.empty()) {
    free_commits_.push_back(token);
    return false;
  }
  const auto message = out.make<OffsetCommitRequest>();
  message->group = group_;
  message->generation = generation_;
  message->member_id = member_id_;
  message->partitions.assign(commit.offsets.begin(), commit.offsets.end());
  network_.send(network_.coordinator_node(coordinator_), message, token,
                spec_->config.request_timeout, out);
  return true;
}

/// Null: the connection is gone. The first error of a partition decides, as in Kafka.
void Consumer::on_commit(std::uint32_t token, const OffsetCommitResponse* response, Out& out) {
  Commit& commit = commits_[token];
  const CommitPurpose purpose = commit.purpose;
  free_commits_.push_back(token);
  if (response == nullptr) return commit_finished(purpose, false, true, out);
  Error error = Error::kNone;
  for (const auto& partition : response->partitions) {
    if (error == Error::kNone) error = partition.error;
    if (partition.error != Error::kNone) continue;
    for (const auto& offset : commit.offsets) {
      if (offset.partition != partition.partition) continue;
      if (SubscribedPartition* entry = subscription_.find(offset.partition)) {
        entry->committed = offset.offset;
      }
    }
  }
  const bool same_generation = commit.generation == generation_;
  switch (error) {
    case Error::kNone: return commit_finished(purpose, true, false, out);
    case Error::kCoordinatorLoadInProgress:
    case Error::kUnknownTopicOrPartition: return commit_finished(purpose, false, true, out);
    case Error::kCoordinatorNotAvailable:
    case Error::kNotCoordinator:
    case Error::kRequestTimedOut:
      coordinator_unknown(false, out);
      return commit_finished(purpose, false, true, out);
    case Error::kRebalanceInProgress: rejoin_needed_ = true; break;
    case Error::kUnknownMemberId:
    case Error::kIllegalGeneration:
      if (same_generation) reset_generation(error == Error::kIllegalGeneration);
      break;
    default: break;
  }
  commit_finished(purpose, false, false, out);
}

void Consumer::commit_finished(CommitPurpose purpose, bool success, bool retriable, Out& out) {
  const Time retry_at = out.now() + spec_->config.retry_backoff;
  switch (purpose) {
    case CommitPurpose::kAuto:
      if (!success && retriable) next_auto_commit_ = retry_at;
      break;
    case CommitPurpose::kPrepare:
      prepare_commit_ = !success && retriable ? CommitState::kRetriable : CommitState::kDone;
      prepare_retry_at_ = retry_at;
      break;
    case CommitPurpose::kClose:
      if (close_ == ClosePhase::kCommit) close_ = ClosePhase::kLeave;
      break;
  }
}

/// Inside poll only: positions of what earlier polls returned, processed or not.
void Consumer::auto_commit(Out& out) {
  if (spec_->config.enable_auto_commit == 0) return;
  if (out.now() >= next_auto_commit_) {
    next_auto_commit_ = out.now() + spec_->config.auto_commit_interval;
    send_commit(CommitPurpose::kAuto, out);
  }
  note(next_auto_commit_, out);
}

}  // namespace isrlab::model
