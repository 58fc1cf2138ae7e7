#include "model/controller/controller.hpp"

#include <algorithm>
#include <charconv>

namespace isrlab::model {

namespace {
constexpr std::uint32_t kControllerTokens = 2U << 24;  // ZkUser::kController
const std::string kControllerPath = "/controller";
const std::string kEpochPath = "/controller_epoch";
const std::string kIdsPath = "/brokers/ids";
const std::string kTopicsPath = "/brokers/topics";
}  // namespace

Controller::Controller(BrokerId self, const Catalog& catalog) : self_(self), catalog_(&catalog) {}

void Controller::enqueue(ControllerEvent event, ZkClient& zk, Out& out) {
  event.cause = out.latest_cause();
  queue_.push_back(std::move(event));
  run(zk, out);
}

void Controller::run(ZkClient& zk, Out& out) {
  while (!waiting_) {
    if (!stack_.empty()) {
      step(zk, out);
    } else if (!queue_.empty()) {
      ControllerEvent event = std::move(queue_.front());
      queue_.pop_front();
      begin_event(std::move(event), out);
    } else {
      return;
    }
  }
}

void Controller::begin_event(ControllerEvent event, Out&) {
  Frame frame;
  switch (event.type) {
    case ControllerEventType::kControllerChange:
      frame.look_only = true;
      frame.procedure = Procedure::kElect;
      break;
    case ControllerEventType::kStartup:
    case ControllerEventType::kReelect:
    case ControllerEventType::kRegisterAndReelect: frame.procedure = Procedure::kElect; break;
    case ControllerEventType::kBrokerChange:
      if (!active_) return;
      frame.procedure = Procedure::kBrokerChange;
      break;
    case ControllerEventType::kTopicChange:
      if (!active_) return;
      frame.procedure = Procedure::kTopicChange;
      break;
    case ControllerEventType::kAutoRebalance:
      if (!active_) return;
      frame.procedure = Procedure::kAutoRebalance;
      break;
    case ControllerEventType::kAlterPartition: frame.procedure = Procedure::kAlterPartition; break;
    case ControllerEventType::kControlledShutdown:
      frame.procedure = Procedure::kControlledShutdown;
      break;
    case ControllerEventType::kAllocateProducerIds:
      frame.procedure = Procedure::kAllocateProducerIds;
      break;
    case ControllerEventType::kLogDirEvent:
      if (!active_) return;
      frame.procedure = Procedure::kLogDirEvents;
      break;
    case ControllerEventType::kLeaderAndIsrAnswered:
      if (!active_) return;
      frame.procedure = Procedure::kReplicasOffline;
      break;
    case ControllerEventType::kReassign: frame.procedure = Procedure::kReassign; break;
    case ControllerEventType::kElectionAsked: frame.procedure = Procedure::kElectionAsked; break;
    case ControllerEventType::kExpire: return;
  }
  frame.cause = event.cause;
  frame.event = std::move(event);
  stack_.push_back(std::move(frame));
}

void Controller::step(ZkClient& zk, Out& out) {
  // A step may push a frame, which can move the stack; so it works on its own copy of nothing: the
  // reference is used before any call().
  Frame& frame = stack_.back();
  cause_ = frame.cause;
  out.because(cause_);
  switch (frame.procedure) {
    case Procedure::kElect: return step_elect(frame, zk, out);
    case Procedure::kFailover: return step_failover(frame, zk, out);
    case Procedure::kBrokerChange: return step_broker_change(frame, zk, out);
    case Procedure::kBrokerStartup: return step_broker_startup(frame, zk, out);
    case Procedure::kBrokerFailure: return step_broker_failure(frame, zk, out);
    case Procedure::kElectLeaders: return step_elect_leaders(frame, zk, out);
    case Procedure::kRemoveFromIsr: return step_remove_from_isr(frame, zk, out);
    case Procedure::kTopicChange: return step_topic_change(frame, zk, out);
    case Procedure::kCreatePartitions: return step_create_partitions(frame, zk, out);
    case Procedure::kControlledShutdown: return step_controlled_shutdown(frame, zk, out);
    case Procedure::kAlterPartition: return step_alter_partition(frame, zk, out);
    case Procedure::kAutoRebalance: return step_auto_rebalance(frame, zk, out);
    case Procedure::kAllocateProducerIds: return step_allocate_producer_ids(frame, zk, out);
    case Procedure::kLogDirEvents: return step_log_dir_events(frame, zk, out);
    case Procedure::kReplicasOffline: return step_replicas_offline(frame, out);
    case Procedure::kReassign: return step_reassign(frame, out);
    case Procedure::kReassignPartition: return step_reassign_partition(frame, zk, out);
    case Procedure::kUpdateLeaderEpoch: return step_update_leader_epoch(frame, zk, out);
    case Procedure::kStopReplicas: return step_stop_replicas(frame, out);
    case Procedure::kElectionAsked: return step_election_asked(frame, out);
  }
}

void Controller::ask(std::vector<ZkRequest> requests, ZkClient& zk, Out& out) {
  replies_.clear();
  if (requests.empty()) return;
  token_ = kControllerTokens | (++next_token_ & 0xffffffU);
  waiting_ = true;
  zk.submit(token_, std::move(requests), out);
}

void Controller::on_batch(std::vector<ZkReply>& replies, ZkClient& zk, Out& out) {
  replies_ = std::move(replies);
  waiting_ = false;
  run(zk, out);
}

ZkRequest Controller::fenced(ZkOp op) const {
  ZkRequest request;
  request.multi = true;
  ZkOp check;
  check.kind = ZkOpKind::kCheck;
  check.path = kEpochPath;
  check.version = context_.epoch_zk_version;
  request.ops.push_back(std::move(check));
  request.ops.push_back(std::move(op));
  return request;
}

bool Controller::fenced_off(const ZkReply& reply) const {
  return !reply.results.empty() && reply.results[0].code == ZkCode::kBadVersion;
}

void Controller::moved(Out& out) {
  resign(out);
  stack_.clear();
  Frame look;
  look.cause = out.cause();
  look.procedure = Procedure::kElect;
  look.look_only = true;
  stack_.push_back(std::move(look));
}

void Controller::resign(Out& out) {
  if (!active_) return;
  const auto self = static_cast<std::uint32_t>(self_);
  out.because(out.record(HistoryKind::kControllerResigned, self, context_.epoch));
  active_ = false;
  for (ControlChannel& channel : channels_) {
    if (channel.in_use) remove_broker(channel.broker, out);
  }
  if (rebalance_slot_ != kNone) out.cancel_timer(rebalance_slot_);
  batch_ = Batch();
  context_ = ControllerContext();
}

void Controller::on_watch(const ZkWatchEvent& watch, ZkClient& zk, Out& out) {
  ControllerEvent event;
  if (watch.path == kControllerPath) {
    event.type = watch.type == ZkEventType::kNodeDeleted ? ControllerEventType::kReelect
                                                         : ControllerEventType::kControllerChange;
  } else if (watch.path == kIdsPath) {
    event.type = ControllerEventType::kBrokerChange;
  } else if (watch.path == kTopicsPath) {
    event.type = ControllerEventType::kTopicChange;
  } else if (watch.path == "/log_dir_event_notification") {
    event.type = ControllerEventType::kLogDirEvent;
  } else {
    return;  // data of a broker or of a topic: nothing that this version can change
  }
  enqueue(std::move(event), zk, out);
}

void Controller::preempt(ControllerEvent& event, Out& out) {
  // AlterPartition gets no answer at all: its sender recovers by its own time-out.
  if (event.type == ControllerEventType::kReassign) {
    auto response = out.make<AlterPartitionReassignmentsResponse>();
    response->correlation = event.reassign.correlation;
    response->error = Error::kNotController;
    return answer(event.slot, response.ref, wire_bytes(*response));
  }
  if (event.type == ControllerEventType::kElectionAsked) {
    auto response = out.make<ElectLeadersResponse>();
    response->correlation = event.elect.correlation;
    response->error = Error::kNotController;
    return answer(event.slot, response.ref, wire_bytes(*response));
  }
  if (event.type != ControllerEventType::kControlledShutdown || event.slot == kNone) return;
  auto response = out.make<ControlledShutdownResponse>();
  response->error = Error::kStaleControllerEpoch;  // ControllerMovedException on the wire
  answer(event.slot, response.ref, wire_bytes(*response));
}

void Controller::on_session_expired(ZkClient&, Out& out) {
  for (ControllerEvent& event : queue_) preempt(event, out);
  queue_.clear();
  if (!stack_.empty()) preempt(stack_.front().event, out);
  stack_.clear();
  waiting_ = false;
  replies_.clear();
  known_controller_ = kNoBroker;
  resign(out);
}

void Controller::shut_down(Out& out) {
  for (ControllerEvent& event : queue_) preempt(event, out);
  queue_.clear();
  stack_.clear();
  waiting_ = false;
  resign(out);
}

void Controller::crash() {
  const BrokerId self = self_;
  const Catalog* catalog = catalog_;
  *this = Controller();
  self_ = self;
  catalog_ = catalog;
}

ZkRequest Controller::read(std::string path, bool watch) const {
  ZkRequest request;
  request.ops.resize(1);
  request.ops[0].kind = ZkOpKind::kGetData;
  request.ops[0].path = std::move(path);
  request.ops[0].watch = watch;
  return request;
}

ZkRequest Controller::children(std::string path) const {
  ZkRequest request = read(std::move(path), true);
  request.ops[0].kind = ZkOpKind::kGetChildren;
  return request;
}

std::vector<ZkRequest> Controller::read_states(const std::vector<PartitionId>& partitions) const {
  std::vector<ZkRequest> requests;
  requests.reserve(partitions.size());
  for (const PartitionId partition : partitions) {
    requests.push_back(read(catalog_->path_of_state(partition)));
  }
  return requests;
}

ZkRequest Controller::write_state(PartitionId partition, const Leadership& proposal,
                                  std::int32_t version) const {
  ZkOp op;
  op.kind = ZkOpKind::kSetData;
  op.path = catalog_->path_of_state(partition);
  op.version = version;
  op.value = PartitionStateZnode{proposal.leader, proposal.leader_epoch, context_.epoch,
                                 proposal.isr, proposal.recovering};
  return fenced(std::move(op));
}

void Controller::refresh(PartitionId partition, const ZkOpResult& read) {
  const auto* znode = std::get_if<PartitionStateZnode>(&read.value);
  if (read.code != ZkCode::kOk || znode == nullptr) return;
  Leadership& known = context_.leadership[partition];
  known = {znode->leader,
           znode->leader_epoch,
           znode->controller_epoch,
           read.stat.version,
           znode->isr,
           znode->recovering,
           true,
           known.cause};
}

std::vector<BrokerId> Controller::broker_names(const ZkReply& reply) const {
  std::vector<BrokerId> ids;
  if (reply.results.empty()) return ids;
  for (const std::string& name : reply.results[0].children) {
    BrokerId id = kNoBroker;
    std::from_chars(name.data(), name.data() + name.size(), id);
    ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<TopicId> Controller::topic_names(const ZkReply& reply) const {
  std::vector<TopicId> topics;
  if (reply.results.empty()) return topics;
  for (const std::string& name : reply.results[0].children) {
    if (const auto topic = catalog_->find_topic(name)) topics.push_back(*topic);
  }
  return topics;
}

void Controller::step_elect(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step) {
    case 0: {
      std::vector<ZkRequest> requests{read(kControllerPath, true), read(kControllerPath)};
      requests[0].ops[0].kind = ZkOpKind::kExists;
      frame.step = 1;
      return ask(std::move(requests), zk, out);
    }
    case 1: {
      const ZkOpResult& found = replies_[1].results[0];
      const auto* znode = std::get_if<ControllerZnode>(&found.value);
      const bool present = found.code == ZkCode::kOk && znode != nullptr;
      known_controller_ = present ? znode->broker : kNoBroker;
      if (active_ && known_controller_ != self_) resign(out);
      if (present || frame.look_only) return done();
      frame.step = 2;
      return ask({read(kEpochPath)}, zk, out);
    }
    case 2: {
      const ZkOpResult& found = replies_[0].results[0];
      if (found.code == ZkCode::kNoNode) {
        ZkRequest create = read(kEpochPath);
        create.ops[0].kind = ZkOpKind::kCreate;
        create.ops[0].value = ControllerEpochZnode{0};
        frame.number = frame.version = 0;
        frame.step = 3;
        return ask({std::move(create)}, zk, out);
      }
      frame.number = std::get<ControllerEpochZnode>(found.value).epoch;
      frame.version = found.stat.version;
      frame.step = 3;
      return;
    }
    case 3: {
      ZkRequest multi;
      multi.multi = true;
      multi.ops.resize(2);
      multi.ops[0].kind = ZkOpKind::kCreateEphemeral;
      multi.ops[0].path = kControllerPath;
      multi.ops[0].value = ControllerZnode{self_};
      multi.ops[1].kind = ZkOpKind::kSetData;
      multi.ops[1].path = kEpochPath;
      multi.ops[1].version = frame.version;
      multi.ops[1].value = ControllerEpochZnode{frame.number + 1};
      frame.step = 4;
      return ask({std::move(multi)}, zk, out);
    }
    case 4:
      if (replies_[0].code != ZkCode::kOk) {
        // Somebody else was first, or our own write was applied and its answer lost.
        frame.step = 5;
        std::vector<ZkRequest> requests{read(kControllerPath, true), read(kControllerPath),
                                        read(kEpochPath)};
        requests[0].ops[0].kind = ZkOpKind::kExists;
        return ask(std::move(requests), zk, out);
      }
      break;
    default: {
      const auto* znode = std::get_if<ControllerZnode>(&replies_[1].results[0].value);
      const auto* epoch = std::get_if<ControllerEpochZnode>(&replies_[2].results[0].value);
      known_controller_ = znode != nullptr ? znode->broker : kNoBroker;
      const bool own =
          known_controller_ == self_ && epoch != nullptr && epoch->epoch == frame.number + 1;
      if (!own) return done();
      break;
    }
  }
  begin_failover(frame, out);
}

void Controller::begin_failover(Frame& frame, Out& out) {
  active_ = true;
  known_controller_ = self_;
  context_ = ControllerContext();
  context_.epoch = frame.number + 1;
  context_.epoch_zk_version = frame.version + 1;
  context_.topic_known.resize(catalog_->topics().size());
  context_.assignment.resize(catalog_->partition_count());
  context_.adding.resize(catalog_->partition_count());
  context_.removing.resize(catalog_->partition_count());
  context_.fresh.resize(catalog_->partition_count());
  context_.leadership.resize(catalog_->partition_count());
  context_.state.resize(catalog_->partition_count());
  const auto self = static_cast<std::uint32_t>(self_);
  const std::uint32_t elected = out.record(HistoryKind::kControllerElected, self, context_.epoch);
  frame = Frame();
  frame.cause = elected;
  frame.procedure = Procedure::kFailover;
}

}  // namespace isrlab::model
