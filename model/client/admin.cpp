#include "model/client/admin.hpp"

#include <algorithm>

namespace isrlab::model {

Admin::Admin(const Catalog& catalog, std::uint64_t seed)
    : network_(catalog, config_, 1, seed, "admin"), brokers_(catalog.broker_count()) {
  for (TopicId topic = 0; topic < catalog.topics().size(); ++topic) {
    if (!catalog.topic(topic).internal) missing_.push_back(topic);
  }
  topics_ = static_cast<std::uint32_t>(missing_.size());
}

void Admin::crash() {
  network_.reset();
  asked_ = false;
  retry_at_ = 0;
  seen_version_ = 0;
  wake_ = LazyTimer();
}

void Admin::start(Out& out) {
  if (!ready_) run(out);
}

void Admin::handle(const sim::Activation& activation, Messages& messages, Out& out) {
  if (ready_) return;
  if (activation.kind == sim::ActivationKind::kTimer &&
      activation.type == static_cast<std::uint16_t>(ClientTimer::kWake)) {
    wake_.fired();
  } else if (network_.handle(activation, messages, out)) {
    on_created(messages.get<CreateTopicsResponse>(activation.message), out);
  }
  for (const FailedRequest& failure : network_.failures()) {
    if (failure.request.type == MessageType::kCreateTopicsRequest) retry(out);
  }
  network_.failures().clear();
  network_.lost_nodes().clear();
  run(out);
}

void Admin::run(Out& out) {
  network_.poll(out);
  const ClientMetadata& metadata = network_.metadata();
  if (!asked_ && out.now() < retry_at_) {
    wake_.note(retry_at_);
  } else if (!asked_ && metadata.version() != seen_version_) {
    if (metadata.controller() == kNoBroker || metadata.brokers().size() < brokers_) {
      retry(out);
    } else if (missing_.empty()) {
      return finish(out);
    } else if (network_.ready(network_.node_of(metadata.controller()), out)) {
      const auto message = out.make<CreateTopicsRequest>();
      message->topics = missing_;
      network_.send(network_.node_of(metadata.controller()), message, 0, config_.request_timeout,
                    out);
      asked_ = true;
    }
  }
  network_.finish(out);
  wake_.arm(kWakeSlot, ClientTimer::kWake, out);
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
  network_.close_all(out);
}

}  // namespace isrlab::model
