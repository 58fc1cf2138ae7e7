// The life of a broker (KafkaServer.scala): start, registration in ZooKeeper, session expiry,
// controlled shutdown, death.
#include <algorithm>

#include "model/broker/broker.hpp"

namespace isrlab::model {

namespace {
constexpr std::uint32_t token(ZkUser user, std::uint32_t number = 0) {
  return static_cast<std::uint32_t>(user) << 24 | number;
}
}  // namespace

void Broker::start(Out& out) {
  const bool no_disk = std::all_of(directories_.begin(), directories_.end(),
                                   [](const LogDirectory& directory) { return directory.failed; });
  if (no_disk) {
    halting_ = true;
    out.record(HistoryKind::kProcessExited, 0, 0);
    return out.exit_process();
  }
  state_ = BrokerState::kStarting;
  wants_supervisor_ = logs_loaded_ = logs_closed_ = session_gone_ = false;
  timer_slots_ = sim::SlotAllocator();
  const sim::TimerSlot zk_slots = timer_slots_.take();
  for (std::uint32_t i = 1; i < ZkClient::kSlots; ++i) timer_slots_.take();
  checkpoint_slot_ = timer_slots_.take();
  shrink_slot_ = timer_slots_.take();
  life_slot_ = timer_slots_.take();
  shutdown_slot_ = timer_slots_.take();
  opening_slot_ = timer_slots_.take();
  alter_retry_slot_ = timer_slots_.take();
  topics_slot_ = timer_slots_.take();
  retention_slot_ = timer_slots_.take();
  flusher_slot_ = timer_slots_.take();
  recovery_slot_ = timer_slots_.take();
  log_start_slot_ = timer_slots_.take();
  expiration_slot_ = timer_slots_.take();
  deletion_slot_ = timer_slots_.take();
  alter_channel_ = RpcChannel(kNoBroker, timer_slots_.take(), config_->controller_socket_timeout,
                              config_->controller_socket_timeout);
  shutdown_channel_ = RpcChannel(kNoBroker, timer_slots_.take(), config_->controller_socket_timeout,
                                 config_->request_timeout);
  std::vector<ProcessId> servers;
  for (std::uint32_t i = 0; i < out.catalog().zookeeper_count(); ++i) {
    servers.push_back(out.catalog().zookeeper_process(i));
  }
  zk_ = ZkClient(std::move(servers), config_->zookeeper_session_timeout,
                 config_->zookeeper_max_in_flight_requests, zk_slots, zk_random_);
  const ClusterSpec& spec = out.catalog().spec();
  const Duration boot = startup_random_.between(spec.broker_startup_min, spec.broker_startup_max);
  out.set_timer(life_slot_, out.now() + boot, TimerKind::kBrokerStartup);
}

void Broker::begin_registration(Out& out) {
  state_ = BrokerState::kRegistering;
  registration_due_ = true;
  zk_.open(out);
  out.set_timer(life_slot_, out.now() + config_->zookeeper_connection_timeout,
                TimerKind::kZkConnectionTimeout);
}

/// The start fails without a session by then (ZooKeeperClient.waitUntilConnected). Kafka has not
/// looked at its logs yet: what was closed cleanly is so still.
void Broker::zookeeper_not_found(Out& out) {
  if (state_ != BrokerState::kRegistering || !registration_due_) return;
  for (LogDirectory& directory : directories_) directory.clean_mark = directory.was_clean;
  wants_supervisor_ = true;
  out.record(HistoryKind::kProcessExited, 0, 0);
  out.exit_process();
}

void Broker::register_broker(Out& out) {
  std::vector<ZkRequest> requests;
  if (state_ == BrokerState::kRegistering) {
    // createTopLevelPaths: the persistent paths, existing ones are fine.
    for (const char* path :
         {"/consumers", "/brokers", "/brokers/ids", "/brokers/topics", "/config", "/config/changes",
          "/admin", "/admin/delete_topics", "/brokers/seqid", "/isr_change_notification",
          "/latest_producer_id_block", "/log_dir_event_notification", "/config/topics",
          "/config/clients", "/config/users", "/config/brokers", "/config/ips"}) {
      ZkRequest create;
      create.ops.resize(1);
      create.ops[0].kind = ZkOpKind::kCreate;
      create.ops[0].path = path;
      requests.push_back(std::move(create));
    }
  }
  ZkRequest registration;
  registration.multi = true;
  registration.ops.resize(2);
  const std::string path = "/brokers/ids/" + std::to_string(id_);
  registration.ops[0].kind = ZkOpKind::kCreateEphemeral;
  registration.ops[0].path = path;
  registration.ops[1].kind = ZkOpKind::kSetData;
  registration.ops[1].path = path;
  registration.ops[1].version = 0;
  registration.ops[1].value = BrokerZnode{id_};
  requests.push_back(std::move(registration));
  registration_step_ = 0;
  zk_.submit(token(ZkUser::kRegistration), std::move(requests), out);
}

void Broker::on_registered(const ZkClientEvent& event, Out& out) {
  const ZkReply& reply = event.replies.back();
  if (registration_step_ == 0 && reply.code == ZkCode::kOk) {
    SIM_ASSERT(reply.results.size() == 2, "the create and the setData are both answered");
    broker_epoch_ = reply.results[1].stat.czxid;
    out.record(HistoryKind::kBrokerRegistered, static_cast<std::uint32_t>(id_), broker_epoch_);
    return enter_registered(out);
  }
  if (registration_step_ == 0) {
    // NODEEXISTS: look whose it is (CheckedEphemeral.getAfterNodeExists).
    registration_step_ = 1;
    ZkRequest read;
    read.ops.resize(1);
    read.ops[0].kind = ZkOpKind::kGetData;
    read.ops[0].path = "/brokers/ids/" + std::to_string(id_);
    return zk_.submit(token(ZkUser::kRegistration), {std::move(read)}, out);
  }
  const ZkOpResult& found = reply.results[0];
  const std::int64_t owner = found.stat.ephemeral_owner;
  if (registration_step_ == 1 && found.code == ZkCode::kOk && owner == zk_.session_id()) {
    broker_epoch_ = found.stat.czxid;
    out.record(HistoryKind::kBrokerRegistered, static_cast<std::uint32_t>(id_), broker_epoch_);
    return enter_registered(out);
  }
  if (registration_step_ == 1 && found.code == ZkCode::kOk && owner == registered_session_ &&
      owner != 0) {
    // Left over from this process's own earlier session: delete it, then create again.
    registration_step_ = 2;
    ZkRequest remove;
    remove.ops.resize(1);
    remove.ops[0].kind = ZkOpKind::kDelete;
    remove.ops[0].path = "/brokers/ids/" + std::to_string(id_);
    return zk_.submit(token(ZkUser::kRegistration), {std::move(remove)}, out);
  }
  if (registration_step_ == 2 || found.code == ZkCode::kNoNode) return register_broker(out);
  out.record(HistoryKind::kBrokerRegistrationFailed, static_cast<std::uint32_t>(id_), owner);
  // Re-registration: stays unregistered until the next expiry.
  if (state_ != BrokerState::kRegistering) return;
  wants_supervisor_ = true;
  out.record(HistoryKind::kProcessExited, 0, 0);
  out.exit_process();
}

void Broker::enter_registered(Out& out) {
  registered_session_ = zk_.session_id();
  ControllerEvent event;
  event.type = ControllerEventType::kRegisterAndReelect;
  if (state_ == BrokerState::kRegistering) {
    state_ = BrokerState::kRegistered;
    out.set_timer(shrink_slot_, out.now() + config_->replica_lag_time_max / 2,
                  TimerKind::kIsrShrink);
    event.type = ControllerEventType::kStartup;
    const ClusterSpec& spec = out.catalog().spec();
    const Duration rest = startup_random_.between(spec.broker_opening_min, spec.broker_opening_max);
    out.set_timer(opening_slot_, out.now() + rest, TimerKind::kBrokerOpening);
  }
  controller_.enqueue(std::move(event), zk_, out);
}

/// The last step of the start: until now a controller that saw the registration was refused and
/// tried again (docs/measurements/kafka-3.9.md, section 5).
void Broker::open_port(Out& out) {
  if (state_ != BrokerState::kRegistered) return;
  state_ = BrokerState::kRunning;
  out.record(HistoryKind::kBrokerRunning, static_cast<std::uint32_t>(id_));
  out.listen(true);
}

void Broker::on_zookeeper(Out& out) {
  // Handling an event may submit requests, never events: the list does not grow meanwhile.
  std::vector<ZkClientEvent> events = std::move(zk_events_);
  zk_events_.clear();
  for (ZkClientEvent& event : events) on_zookeeper_event(event, out);
  events.clear();
  zk_events_ = std::move(events);
}

void Broker::on_zookeeper_event(ZkClientEvent& event, Out& out) {
  switch (event.kind) {
    case ZkClientEventKind::kConnected:
      // Once per session: a registration that is under way is sent again by the client.
      if (!registration_due_) return;
      registration_due_ = false;
      out.cancel_timer(life_slot_);
      return register_broker(out);
    case ZkClientEventKind::kDisconnected: return;
    case ZkClientEventKind::kExpired: return on_expired(out);
    case ZkClientEventKind::kBatchDone:
      switch (static_cast<ZkUser>(event.token >> 24)) {
        case ZkUser::kLogDirs: return;
        case ZkUser::kRegistration: return on_registered(event, out);
        case ZkUser::kController:
          if (event.token == controller_.token()) controller_.on_batch(event.replies, zk_, out);
          return;
        case ZkUser::kTopics: return on_topics_written(event, out);
      }
      return;
    case ZkClientEventKind::kBatchFailed:
      if (static_cast<ZkUser>(event.token >> 24) == ZkUser::kTopics)
        topics_failed(event.token, out);
      return;
    case ZkClientEventKind::kWatch: return controller_.on_watch(event.watch, zk_, out);
    case ZkClientEventKind::kClosed:
      out.record(HistoryKind::kProcessExited, 0, 1);
      out.exit_process();
      return;
  }
}

void Broker::on_expired(Out& out) {
  controller_.on_session_expired(zk_, out);
  if (state_ == BrokerState::kClosing) {
    session_gone_ = true;
    if (!logs_closed_) return;  // the logs are still being flushed
    out.record(HistoryKind::kProcessExited, 0, 1);
    return out.exit_process();
  }
  registration_due_ = true;
  out.set_timer(life_slot_, out.now(), TimerKind::kZkReopen);
}

// --- controlled shutdown -------------------------------------------------------------------------

void Broker::stop(Out& out) {
  if (state_ == BrokerState::kClosing || state_ == BrokerState::kShuttingDown) return;
  if (state_ != BrokerState::kRunning) {
    if (logs_loaded_) return finish_shutdown(false, out);
    // Nothing was written: what was clean before the logs were loaded is so again.
    for (LogDirectory& directory : directories_) {
      directory.clean_mark = directory.clean_mark || directory.was_clean;
    }
    out.record(HistoryKind::kProcessExited, 0, 1);
    return out.exit_process();
  }
  state_ = BrokerState::kShuttingDown;
  shutdown_attempts_ = 0;
  out.record(HistoryKind::kControlledShutdownStarted, static_cast<std::uint32_t>(id_));
  if (config_->controlled_shutdown_enable == 0) return finish_shutdown(false, out);
  attempt_controlled_shutdown(out);
}

void Broker::attempt_controlled_shutdown(Out& out) {
  ++shutdown_attempts_;
  const BrokerId controller = metadata_.controller();
  if (controller == kNoBroker || !metadata_.alive(controller)) {
    return controlled_shutdown_failed(out);  // the attempt is used up
  }
  shutdown_channel_.retarget(controller);
  shutdown_channel_.connect(out, TimerKind::kShutdownTimeout, 0);
  endpoints_[shutdown_channel_.connection()] = {EndpointKind::kShutdown, 0};
}

void Broker::shutdown_connected(Out& out) {
  shutdown_channel_.connected(out);
  auto request = out.make<ControlledShutdownRequest>();
  request->broker = id_;
  request->broker_epoch = broker_epoch_;
  shutdown_channel_.send(request, out, TimerKind::kShutdownTimeout, 0);
}

void Broker::on_shutdown_response(const ControlledShutdownResponse& response, Out& out) {
  if (!shutdown_channel_.answered(response.correlation, out)) return;
  endpoints_.erase(shutdown_channel_.connection());
  shutdown_channel_.close(out);
  const bool success = response.error == Error::kNone && response.remaining.empty();
  if (success) return finish_shutdown(true, out);
  controlled_shutdown_failed(out);
}

void Broker::controlled_shutdown_failed(Out& out) {
  if (state_ != BrokerState::kShuttingDown) return;
  if (shutdown_attempts_ >= config_->controlled_shutdown_max_retries) {
    return finish_shutdown(false, out);
  }
  out.set_timer(shutdown_slot_, out.now() + config_->controlled_shutdown_retry_backoff,
                TimerKind::kControlledShutdown);
}

void Broker::finish_shutdown(bool controlled, Out& out) {
  if (state_ == BrokerState::kShuttingDown) {
    out.record(HistoryKind::kControlledShutdownDone, static_cast<std::uint32_t>(id_), controlled,
               shutdown_attempts_);
  }
  state_ = BrokerState::kClosing;
  // KafkaServer.shutdown: stop serving, stop the scheduler, stop fetching, save high watermarks,
  // close the logs; then the controller, and the ZooKeeper session last.
  out.listen(false);
  groups_.shut_down();
  for (ServerConnection& server : servers_) {
    if (!server.in_use) continue;
    out.close(server.connection);
    closing_servers_.push_back(static_cast<std::uint32_t>(&server - servers_.data()));
  }
  stop_fetchers(out);
  endpoints_.erase(alter_channel_.connection());
  alter_channel_.close(out);
  for (const std::uint32_t slot :
       {checkpoint_slot_, shrink_slot_, retention_slot_, flusher_slot_, recovery_slot_,
        log_start_slot_, expiration_slot_, deletion_slot_, opening_slot_}) {
    out.cancel_timer(slot);
  }
  close_logs(out);
}

/// Tells the controller, which asks for the state of all replicas here.
void Broker::notify_log_dir_failure(Out& out) {
  ZkRequest create;
  create.ops.resize(1);
  create.ops[0].kind = ZkOpKind::kCreateSequential;
  create.ops[0].path = "/log_dir_event_notification/log_dir_event_";
  create.ops[0].value = LogDirEventZnode{id_};
  zk_.submit(token(ZkUser::kLogDirs, ++next_log_dir_token_), {std::move(create)}, out);
}

void Broker::crash(Messages& messages) {
  for (ServerConnection& server : servers_) {
    for (const sim::MessageRef message : server.waiting) messages.release(message);
  }
  for (const ControllerAnswer& answer : controller_.answers()) messages.release(answer.message);
  controller_.crash();
  groups_ = GroupCoordinator(id_, sim::mix64(seed_ + ++incarnation_));
  loads_.clear();
  for (Replica& replica : replicas_) {
    replica.partition.crash();
    replica.watchers.clear();
    replica.produce_waiting.clear();
    replica.internal_waiting.clear();
  }
  halting_ = logs_loaded_ = logs_closed_ = session_gone_ = false;
  for (LogDirectory& directory : directories_) directory.offline = false;
  flushes_.clear();
  deletions_.clear();
  state_ = BrokerState::kDown;
  broker_epoch_ = -1;
  controller_epoch_seen_ = -1;
  metadata_ = MetadataCache(static_cast<std::uint32_t>(local_.size()));
  zk_ = ZkClient();
  zk_events_.clear();
  registration_due_ = false;
  registered_session_ = 0;
  endpoints_.clear();
  servers_.clear();
  free_servers_.clear();
  unmuted_.clear();
  closing_servers_.clear();
  fetchers_.clear();
  disk_waits_.clear();
  alter_items_.clear();
  alter_pausing_ = checkpointing_ = ids_requested_ = topics_requested_ = false;
  next_producer_id_ = producer_ids_end_ = -1;
  internal_.clear();
  creating_topics_.clear();
  offsets_topic_requested_ = false;
  actions_.clear();
  advanced_.clear();
  reset_quotas();
}

}  // namespace isrlab::model
