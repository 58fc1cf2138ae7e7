#include "model/client/admin.hpp"

#include <algorithm>

namespace isrlab::model {

namespace {
constexpr Duration kDefaultApiTimeout = 60 * sim::kSecond;  // default.api.timeout.ms of the tools
}

Admin::Admin(const Catalog& catalog, std::uint64_t seed)
    : network_(catalog, config_, 1, seed, "admin"), brokers_(catalog.broker_count()) {
  for (TopicId topic = 0; topic < catalog.topics().size(); ++topic) {
    if (!catalog.topic(topic).internal) missing_.push_back(topic);
  }
  topics_ = static_cast<std::uint32_t>(missing_.size());
}

void Admin::crash() {
  network_.reset();
  tasks_.clear();
  asked_ = false;
  retry_at_ = 0;
  seen_version_ = 0;
  wake_ = LazyTimer();
}

void Admin::start(Out& out) {
  if (!ready_ || !tasks_.empty()) run(out);
}

void Admin::ask(AdminTask task, Out& out) {
  task.deadline = out.now() + kDefaultApiTimeout;
  task.cause = out.latest_cause();
  tasks_.push_back(std::move(task));
  if (!ready_ || tasks_.size() > 1) return;
  // The tool starts now and learns who the controller is.
  seen_version_ = network_.metadata().version();
  network_.metadata().request_update();
  run(out);
}

void Admin::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  const bool idle = ready_ && tasks_.empty();
  if (idle && activation.kind != sim::ActivationKind::kTimer) return;
  if (activation.kind == sim::ActivationKind::kTimer &&
      activation.type == static_cast<std::uint16_t>(ClientTimer::kWake)) {
    wake_.fired();
  } else if (const auto request = network_.handle(activation, messages, out)) {
    switch (request->type) {
      case MessageType::kCreateTopicsRequest:
        on_created(messages.get<CreateTopicsResponse>(activation.message), out);
        break;
      case MessageType::kElectLeadersRequest:
        on_answered(messages.get<ElectLeadersResponse>(activation.message), request->type, out);
        break;
      default:
        on_answered(messages.get<AlterPartitionReassignmentsResponse>(activation.message),
                    request->type, out);
    }
  }
  for (const FailedRequest& failure : network_.failures()) {
    if (failure.request.type != MessageType::kMetadataRequest &&
        failure.request.type != MessageType::kApiVersionsRequest) {
      retry(out);
    }
  }
  network_.failures().clear();
  network_.lost_nodes().clear();
  if (!ready_ || !tasks_.empty()) run(out);
}

void Admin::run(Out& out) {
  network_.poll(out);
  const ClientMetadata& metadata = network_.metadata();
  if (ready_ && out.now() >= tasks_[0].deadline) {
    const bool moves = !tasks_[0].moves.empty();
    end_task(moves ? MessageType::kAlterPartitionReassignmentsRequest
                   : MessageType::kElectLeadersRequest,
             Error::kRequestTimedOut, out);
    if (tasks_.empty()) return;
  }
  if (ready_) wake_.note(tasks_[0].deadline);
  if (!asked_ && out.now() < retry_at_) {
    wake_.note(retry_at_);
  } else if (!asked_ && metadata.version() != seen_version_) {
    if (metadata.controller() == kNoBroker || (!ready_ && metadata.brokers().size() < brokers_)) {
      retry(out);
    } else if (!ready_ && missing_.empty()) {
      return finish(out);
    } else if (network_.ready(network_.node_of(metadata.controller()), out)) {
      send_task(network_.node_of(metadata.controller()), out);
    }
  }
  network_.finish(out);
  wake_.arm(kWakeSlot, ClientTimer::kWake, out);
}

void Admin::send_task(NodeIndex node, Out& out) {
  const auto send = [&](const auto& message) {
    network_.send(node, message, 0, config_.request_timeout, out);
    asked_ = true;
  };
  if (!ready_) {
    const auto message = out.make<CreateTopicsRequest>();
    message->topics = missing_;
    return send(message);
  }
  const AdminTask& task = tasks_[0];
  const auto scope = out.because_for_now(task.cause);
  if (!task.moves.empty()) {
    const auto message = out.make<AlterPartitionReassignmentsRequest>();
    message->partitions = task.moves;
    return send(message);
  }
  const auto message = out.make<ElectLeadersRequest>();
  message->partitions = task.elections;
  message->unclean = task.unclean;
  send(message);
}

template <class Response>
void Admin::on_answered(const Response& response, MessageType type, Out& out) {
  asked_ = false;
  if (tasks_.empty()) return;
  if (response.error != Error::kNone) return retry(out);
  const auto scope = out.because_for_now(tasks_[0].cause);
  for (const auto& result : response.partitions) {
    out.record(HistoryKind::kAdminAnswered, result.partition, static_cast<std::int64_t>(type),
               static_cast<std::int64_t>(result.error));
  }
  end_task(type, Error::kNone, out);
}

/// With an error the tool has given up on the whole task.
void Admin::end_task(MessageType type, Error error, Out& out) {
  const AdminTask task = std::move(tasks_.front());
  tasks_.erase(tasks_.begin());
  const auto scope = out.because_for_now(task.cause);
  const auto tell = [&](PartitionId partition) {
    out.record(HistoryKind::kAdminAnswered, partition, static_cast<std::int64_t>(type),
               static_cast<std::int64_t>(error));
  };
  if (error != Error::kNone) {
    for (const auto& move : task.moves) tell(move.partition);
    for (const PartitionId partition : task.elections) tell(partition);
  }
  asked_ = false;
  if (tasks_.empty()) network_.close_all(out);
}

/// After a pause, with fresh metadata.
void Admin::retry(Out& out) {
  asked_ = false;
  retry_at_ = out.now() + config_.retry_backoff;
  seen_version_ = network_.metadata().version();
  network_.metadata().request_update();
  wake_.note(retry_at_);
}

void Admin::on_created(const CreateTopicsResponse& response, Out& out) {
  asked_ = false;
  for (const auto& topic : response.topics) {
    if (topic.error == Error::kNone || topic.error == Error::kTopicAlreadyExists) {
      missing_.erase(std::remove(missing_.begin(), missing_.end(), topic.topic), missing_.end());
    }
  }
  if (!missing_.empty()) retry(out);
}

void Admin::finish(Out& out) {
  ready_ = true;
  out.record(HistoryKind::kTopicsReady, topics_);
  if (tasks_.empty()) return network_.close_all(out);
  run(out);
}

}  // namespace isrlab::model
