// Joining the group (AbstractCoordinator#joinGroupIfNeeded, ConsumerCoordinator#onJoinPrepare, 3.9;
// reference clients-and-groups.md 2.3).
#include <algorithm>

#include "model/client/consumer.hpp"

namespace isrlab::model {

/// The leader assigned with other topics in its metadata than it has now.
bool Consumer::topics_changed() const {
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    if (assigned_with_[i] != network_.metadata().knows_topic(topics_[i])) return true;
  }
  return false;
}

/// One iteration of poll(): true if the member is part of a stable generation. Never blocks.
bool Consumer::ensure_active_group(Out& out) {
  if (coordinator_ == kNoBroker) return false;
  if (join_pending_) {
    if (!request_unsent_) return false;
    if (state_ == MemberState::kPreparingRebalance) {
      send_join(out);
    } else if (state_ == MemberState::kCompletingRebalance) {
      send_sync(out);
    } else {
      join_failed(Error::kRebalanceInProgress, out);  // reset meanwhile
    }
    return false;
  }
  // Only the leader watches the topics it assigned.
  if (leading_ && state_ == MemberState::kStable && topics_changed()) rejoin_needed_ = true;
  if (!rejoin_needed_) return true;
  if (out.now() < join_retry_at_) {
    note(join_retry_at_, out);
    return false;
  }
  if (needs_prepare_) {
    if (!prepare_join(out)) return false;
    needs_prepare_ = false;
  }
  state_ = MemberState::kPreparingRebalance;
  join_pending_ = true;
  request_unsent_ = true;
  send_join(out);
  return false;
}

/// onJoinPrepare: the last commit of what was read comes before the partitions are given up. False
/// while it waits for that.
bool Consumer::prepare_join(Out& out) {
  if (prepare_deadline_ == sim::kNever) {
    prepare_deadline_ = out.now() + spec_->config.max_poll_interval;
  }
  const bool expired = out.now() >= prepare_deadline_;
  if (prepare_commit_ == CommitState::kRetriable && !expired) {
    note(prepare_retry_at_, out);
    if (out.now() < prepare_retry_at_) return false;
    prepare_commit_ = CommitState::kNotSent;
  }
  if (prepare_commit_ == CommitState::kNotSent && !expired) {
    subscription_.mark_pending_revocation();
    if (spec_->config.enable_auto_commit != 0) {
      if (send_commit(CommitPurpose::kPrepare, out)) {
        prepare_commit_ = CommitState::kPending;
      } else if (state_ == MemberState::kStable && !subscription_.assignment().empty() &&
                 (coordinator_ == kNoBroker || coordinator_wanted_)) {
        note(prepare_deadline_, out);
        return false;  // waits for a connection to the coordinator
      }
    }
  }
  if (prepare_commit_ == CommitState::kPending && !expired) {
    note(prepare_deadline_, out);
    return false;
  }
  prepare_commit_ = CommitState::kNotSent;
  prepare_deadline_ = sim::kNever;
  leading_ = false;
  give_up_partitions(out);
  return true;
}

/// EAGER: all of them, revoked or lost.
void Consumer::give_up_partitions(Out& out) {
  ++assignment_version_;
  offset_fetch_pending_ = false;
  initializing_ = 0;
  awaiting_reset_ = 0;
  if (subscription_.assignment().empty()) return;
  out.record(HistoryKind::kAssignmentLost, group_, generation_,
             out.list(subscription_.assignment()));
  subscription_.revoke_all();
}

void Consumer::send_join(Out& out) {
  if (!coordinator_ready(out)) return;
  request_unsent_ = false;
  const ConsumerConfig& config = spec_->config;
  const auto message = out.make<JoinGroupRequest>();
  message->group = group_;
  message->member_id = member_id_;
  message->client_id = client_id_;
  message->session_timeout = config.session_timeout;
  message->rebalance_timeout = config.max_poll_interval;
  message->subscription.topics.assign(topics_.begin(), topics_.end());
  message->subscription.generation = generation_;
  // The coordinator may hold the request for the whole rebalance.
  const Duration timeout =
      std::max(config.request_timeout, config.max_poll_interval + 5 * sim::kSecond);
  network_.send(network_.coordinator_node(coordinator_), message,
                static_cast<std::uint32_t>(generation_), timeout, out);
}

void Consumer::on_join(const JoinGroupResponse& response, Out& out) {
  if (response.error != Error::kNone) {
    if (response.error == Error::kMemberIdRequired) member_id_ = response.member_id;
    return join_failed(response.error, out);
  }
  if (state_ != MemberState::kPreparingRebalance) {
    return join_failed(Error::kRebalanceInProgress, out);  // reset meanwhile
  }
  state_ = MemberState::kCompletingRebalance;
  generation_ = response.generation;
  member_id_ = response.member_id;
  heartbeat_.restart(out.now());
  leading_ = response.leader == response.member_id;
  assignments_.clear();
  if (leading_) perform_assignment(response, out.catalog());
  request_unsent_ = true;
  send_sync(out);
}

void Consumer::perform_assignment(const JoinGroupResponse& response, const Catalog& catalog) {
  std::vector<AssignorMember> members;
  for (const auto& member : response.members) {
    members.push_back({member.member_id, "", member.subscription.topics});
  }
  std::vector<bool> known(catalog.topics().size(), false);
  assigned_with_.clear();
  for (const TopicId topic : topics_) {
    known[topic] = network_.metadata().knows_topic(topic);
    assigned_with_.push_back(known[topic]);
  }
  const auto assignment = assign_range(members, catalog.topics(), known);
  for (std::size_t i = 0; i < members.size(); ++i) {
    assignments_.push_back({members[i].member_id, assignment[i]});
  }
}

void Consumer::send_sync(Out& out) {
  if (!coordinator_ready(out)) return;
  request_unsent_ = false;
  const auto message = out.make<SyncGroupRequest>();
  message->group = group_;
  message->generation = generation_;
  message->member_id = member_id_;
  message->assignments.assign(assignments_.begin(), assignments_.end());
  network_.send(network_.coordinator_node(coordinator_), message,
                static_cast<std::uint32_t>(generation_), spec_->config.request_timeout, out);
}

void Consumer::on_sync(const SyncGroupResponse& response, Out& out) {
  if (response.error != Error::kNone) return join_failed(response.error, out);
  if (state_ != MemberState::kCompletingRebalance) {
    return join_failed(Error::kIllegalGeneration, out);  // reset by a heartbeat meanwhile
  }
  join_pending_ = false;
  rejoin_needed_ = false;
  needs_prepare_ = true;
  state_ = MemberState::kStable;
  join_complete(response.partitions, out);
}

void Consumer::join_failed(Error error, Out& out) {
  const bool reset = state_ == MemberState::kUnjoined;  // by a heartbeat or commit meanwhile
  join_pending_ = false;
  request_unsent_ = false;
  rejoin_needed_ = true;
  state_ = MemberState::kUnjoined;
  switch (error) {
    case Error::kUnknownMemberId:
      if (!reset) reset_generation(false);
      return;
    case Error::kIllegalGeneration:
      if (!reset) reset_generation(true);
      return;
    case Error::kRebalanceInProgress:
    case Error::kMemberIdRequired: return;  // at once
    case Error::kNotCoordinator:
    case Error::kCoordinatorNotAvailable: coordinator_unknown(false, out); break;
    case Error::kInconsistentGroupProtocol:
    case Error::kInvalidSessionTimeout:
    case Error::kInvalidGroupId:
    case Error::kFencedInstanceId:
    case Error::kGroupMaxSizeReached: return die(error, out);
    default: break;
  }
  join_retry_at_ = out.now() + spec_->config.retry_backoff;
}

void Consumer::join_complete(const std::vector<PartitionId>& partitions, Out& out) {
  ++assignment_version_;
  offset_fetch_pending_ = false;
  offset_fetch_retry_at_ = 0;
  offset_fetch_failures_ = 0;
  subscription_.assign(partitions);
  subscription_.prune();
  initializing_ = static_cast<std::uint32_t>(subscription_.assignment().size());
  awaiting_reset_ = 0;
  next_auto_commit_ = out.now() + spec_->config.auto_commit_interval;
  out.record(HistoryKind::kAssignmentReceived, group_, generation_,
             out.list(subscription_.assignment()));
}

}  // namespace isrlab::model
