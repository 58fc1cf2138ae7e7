#include "model/client/consumer.hpp"

#include <algorithm>

namespace isrlab::model {
namespace {
constexpr std::int64_t kMaxInFlight = 100;  // CONSUMER_MAX_INFLIGHT_REQUESTS_PER_CONNECTION
constexpr Duration kCloseTimeout = 30 * sim::kSecond;
}  // namespace

Consumer::Consumer(std::uint32_t index, const Catalog& catalog, std::uint64_t seed)
    : index_(index), group_(catalog.consumer(index).group) {
  const GroupInfo& info = catalog.group(group_);
  spec_ = &catalog.spec().groups[info.spec];
  topics_ = info.topics;
  std::sort(topics_.begin(), topics_.end());
  // Each member is a JVM of its own, so all have the default client.id of a first consumer, and it
  // is the UUID in the member id that orders them for the assignor.
  client_id_ = "consumer-" + info.name + "-1";
  rack_ = info.client_rack;
  const std::string& name = catalog.process(catalog.consumer_process(index)).name;
  network_ = NetworkClient(catalog, spec_->config, kMaxInFlight, seed, name);
  subscription_ = SubscriptionState(catalog, topics_);
  sessions_.resize(catalog.broker_count() + 1);
  crash();
}

void Consumer::crash() {
  const ConsumerConfig& config = spec_->config;
  network_.reset();
  subscription_.reset();
  wake_ = LazyTimer();
  busy_until_ = 0;
  fatal_ = Error::kNone;
  close_ = ClosePhase::kOpen;
  close_deadline_ = sim::kNever;
  leave_sent_ = false;
  coordinator_ = kNoBroker;
  last_coordinator_ = kNoBroker;
  coordinator_wanted_ = false;
  find_phase_ = FindPhase::kIdle;
  find_failures_ = 0;
  heartbeat_ =
      Heartbeat(config.session_timeout, config.heartbeat_interval, config.max_poll_interval,
                {config.retry_backoff, config.retry_backoff_max});
  state_ = MemberState::kUnjoined;
  member_id_.clear();
  generation_ = -1;
  rejoin_needed_ = true;
  needs_prepare_ = true;
  join_pending_ = false;
  request_unsent_ = false;
  leading_ = false;
  join_retry_at_ = 0;
  prepare_deadline_ = sim::kNever;
  prepare_retry_at_ = 0;
  prepare_commit_ = CommitState::kNotSent;
  ++assignment_version_;
  next_auto_commit_ = sim::kNever;
  commits_.clear();
  free_commits_.clear();
  offset_fetch_pending_ = false;
  offset_fetch_retry_at_ = 0;
  offset_fetch_failures_ = 0;
  initializing_ = 0;
  awaiting_reset_ = 0;
  std::fill(sessions_.begin(), sessions_.end(), FetchSession());
}

std::int64_t Consumer::position(PartitionId partition) const {
  const SubscribedPartition* entry = subscription_.find(partition);
  return entry != nullptr && entry->assigned ? entry->position : -1;
}

std::int64_t Consumer::committed(PartitionId partition) const {
  const SubscribedPartition* entry = subscription_.find(partition);
  return entry != nullptr ? entry->committed : -1;
}

std::int64_t Consumer::high_watermark(PartitionId partition) const {
  const SubscribedPartition* entry = subscription_.find(partition);
  return entry != nullptr ? entry->high_watermark : -1;
}

BrokerId Consumer::source(PartitionId partition) const {
  const SubscribedPartition* entry = subscription_.find(partition);
  return entry != nullptr ? entry->source : kNoBroker;
}
BrokerId Consumer::preferred_read_replica(PartitionId partition) const {
  const SubscribedPartition* entry = subscription_.find(partition);
  return entry != nullptr ? entry->preferred : kNoBroker;
}

void Consumer::start(Out& out) {
  for (const TopicId topic : topics_) network_.metadata().add_topic(topic);
  run(out);
}

void Consumer::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  if (close_ == ClosePhase::kClosed) return;
  if (activation.kind == sim::ActivationKind::kTimer &&
      activation.type == static_cast<std::uint16_t>(ClientTimer::kWake)) {
    wake_.fired();
  } else if (const auto reply = network_.handle(activation, messages, out)) {
    dispatch(*reply, activation, messages, out);
  }
  run(out);
}

void Consumer::run(Out& out) {
  on_failures(out);
  network_.poll(out);
  if (coordinator_ == kNoBroker) find_coordinator(out);
  heartbeat_pass(out);
  if (close_ != ClosePhase::kOpen) {
    run_close(out);
  } else if (out.monotonic() >= busy_until_) {
    poll(out);
  }
  on_failures(out);  // a coordinator that was given up took requests with it
  if (close_ == ClosePhase::kClosed) return;
  if (coordinator_ == kNoBroker) find_coordinator(out);
  note(out.own_time(busy_until_), out);
  network_.finish(out);
  wake_.arm(kWakeSlot, ClientTimer::kWake, out);
}

/// ClassicKafkaConsumer#poll, again and again until the application gets records to work on or
/// nothing is left to do before the next event.
void Consumer::poll(Out& out) {
  while (close_ == ClosePhase::kOpen) {
    heartbeat_.polled(out.now());
    if (ensure_active_group(out)) auto_commit(out);
    if (close_ != ClosePhase::kOpen) return;
    update_positions(out);
    const std::uint32_t records = collect(out);
    if (close_ != ClosePhase::kOpen) return;
    if (awaiting_reset_ > 0) reset_positions(out);  // out of range just now
    // Also before records are returned: the next fetch runs while the application works.
    send_fetches(out);
    if (records == 0) return;
    delivered_ += records;
    busy_until_ = out.monotonic() + records * spec_->processing;
    if (busy_until_ > out.monotonic()) return;
  }
}

void Consumer::dispatch(const InFlightRequest& request, const sim::Activation& activation,
                        Messages& messages, Out& out) {
  const sim::MessageRef ref = activation.message;
  switch (request.type) {
    case MessageType::kFetchRequest:
      return on_fetch(request, messages.get<FetchResponse>(ref), out);
    case MessageType::kHeartbeatRequest:
      return on_heartbeat(request, messages.get<HeartbeatResponse>(ref).error, out);
    case MessageType::kOffsetCommitRequest:
      return on_commit(request.token, &messages.get<OffsetCommitResponse>(ref), out);
    case MessageType::kFindCoordinatorRequest:
      return on_find_coordinator(messages.get<FindCoordinatorResponse>(ref), out);
    case MessageType::kJoinGroupRequest: return on_join(messages.get<JoinGroupResponse>(ref), out);
    case MessageType::kSyncGroupRequest: return on_sync(messages.get<SyncGroupResponse>(ref), out);
    case MessageType::kOffsetFetchRequest:
      return on_offset_fetch(messages.get<OffsetFetchResponse>(ref), request.token, out);
    case MessageType::kListOffsetsRequest:
      return on_list_offsets(request, messages.get<ListOffsetsResponse>(ref), out);
    case MessageType::kLeaveGroupRequest:
      if (close_ == ClosePhase::kAwaitLeave) close_deadline_ = out.now();
      return;
    default: SIM_ASSERT2(false, "an answer that no consumer asked for", request.type, 0);
  }
}

void Consumer::on_failures(Out& out) {
  while (!network_.failures().empty()) {
    failures_.swap(network_.failures());
    for (std::size_t i = 0; i < failures_.size(); ++i) on_failure(failures_[i], out);
    failures_.clear();
  }
  // What waited for a connection to the coordinator fails with it.
  auto& lost = network_.lost_nodes();
  if (coordinator_ != kNoBroker && coordinator_wanted_ &&
      std::find(lost.begin(), lost.end(), network_.coordinator_node(coordinator_)) != lost.end()) {
    coordinator_unknown(true, out);
  }
  lost.clear();
}

void Consumer::on_failure(const FailedRequest& failure, Out& out) {
  const InFlightRequest& request = failure.request;
  const bool at_coordinator =
      coordinator_ != kNoBroker && request.node == network_.coordinator_node(coordinator_);
  if (at_coordinator) coordinator_unknown(true, out);
  switch (request.type) {
    case MessageType::kFetchRequest: {
      // FetchSessionHandler#handleError: close what the broker may still have, begin a new one.
      FetchSession& session = sessions_[static_cast<std::size_t>(network_.broker_of(request.node))];
      session.pending = false;
      session.epoch = 0;
      for (const std::uint32_t index : subscription_.tracked()) {
        SubscribedPartition& entry = subscription_[index];
        if (entry.session_node == request.node) entry.preferred = kNoBroker;
      }
      break;
    }
    case MessageType::kHeartbeatRequest: heartbeat_.failed(out.now(), network_.random()); break;
    case MessageType::kOffsetCommitRequest: on_commit(request.token, nullptr, out); break;
    case MessageType::kFindCoordinatorRequest: find_failed(out); break;
    case MessageType::kJoinGroupRequest:
    case MessageType::kSyncGroupRequest: join_failed(failure.error, out); break;
    case MessageType::kOffsetFetchRequest:
      if (request.token == assignment_version_) {
        offset_fetch_pending_ = false;
        offset_fetch_retry_at_ = out.now() + spec_->config.retry_backoff;
      }
      break;
    case MessageType::kListOffsetsRequest: list_offsets_failed(request.node, out); break;
    case MessageType::kLeaveGroupRequest:
      if (close_ == ClosePhase::kAwaitLeave) close_deadline_ = out.now();
      break;
    default: break;
  }
}

/// An exception that poll() throws at an application that does not catch it.
void Consumer::die(Error error, Out& out) {
  if (close_ != ClosePhase::kOpen) return;
  fatal_ = error;
  close_ = ClosePhase::kCommit;
  close_deadline_ = out.now() + kCloseTimeout;
}

void Consumer::stop(Out& out) {
  if (close_ != ClosePhase::kOpen) return;
  close_ = ClosePhase::kCommit;
  close_deadline_ = out.now() + kCloseTimeout;
  if (spec_->config.enable_auto_commit != 0 && send_commit(CommitPurpose::kClose, out)) {
    close_ = ClosePhase::kCommit;
  } else {
    close_ = ClosePhase::kLeave;
  }
  run(out);
}

void Consumer::run_close(Out& out) {
  if (close_ == ClosePhase::kCommit && (fatal_ != Error::kNone || out.now() >= close_deadline_)) {
    close_ = ClosePhase::kLeave;
  }
  if (close_ == ClosePhase::kLeave) {
    const bool member = state_ != MemberState::kUnjoined && !member_id_.empty();
    leave_sent_ = member && coordinator_ready(out);
    if (leave_sent_) leave_group(out);
    close_ = ClosePhase::kAwaitLeave;
    if (!leave_sent_) close_deadline_ = out.now();
  }
  if (close_ == ClosePhase::kAwaitLeave && out.now() >= close_deadline_) {
    give_up_partitions(out);
    network_.close_all(out);
    close_ = ClosePhase::kClosed;
    out.exit_process();
    return;
  }
  note(close_deadline_, out);
}

}  // namespace isrlab::model
