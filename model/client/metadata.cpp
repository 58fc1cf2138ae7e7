#include "model/client/metadata.hpp"

#include <algorithm>

namespace isrlab::model {

ClientMetadata::ClientMetadata(std::uint32_t partitions, std::uint32_t topics,
                               const ClientConfig& config)
    : max_age_(config.metadata_max_age),
      backoff_{config.retry_backoff, config.retry_backoff_max},
      known_topics_(topics, false),
      leaders_(partitions) {}

void ClientMetadata::add_topic(TopicId topic) {
  if (std::find(topics_.begin(), topics_.end(), topic) != topics_.end()) return;
  topics_.push_back(topic);
  need_update_ = true;
  new_topics_ = true;
  not_before_ = 0;
  equivalent_responses_ = 0;
}

Time ClientMetadata::next_update() const {
  if (need_update_ || !refreshed_) return not_before_;
  return std::max(last_success_ + max_age_, not_before_);
}

void ClientMetadata::fill(MetadataRequest& request) {
  request.topics.assign(topics_.begin(), topics_.end());
  in_progress_ = true;
  new_topics_ = false;
}

void ClientMetadata::failed(Time now, sim::Random& random) {
  in_progress_ = false;
  ++attempts_;
  equivalent_responses_ = 0;
  not_before_ = now + backoff_.draw(attempts_ - 1, random);
}

bool ClientMetadata::knows_broker(BrokerId broker) const {
  return std::find(brokers_.begin(), brokers_.end(), broker) != brokers_.end();
}

void ClientMetadata::set_leader(PartitionId partition, BrokerId leader, std::int32_t epoch,
                                std::uint32_t cause, Out& out) {
  PartitionLeader& known = leaders_[partition];
  // The first look at a partition is no news.
  const bool first = known.leader == kNoBroker && known.leader_epoch == -1;
  const bool changed = !first && (known.leader != leader || known.leader_epoch != epoch);
  known = {leader, epoch};
  if (!changed) return;
  const auto scope = out.because_for_now(cause);
  out.record(HistoryKind::kLeaderLearned, partition, leader, epoch);
}

void ClientMetadata::apply(const MetadataResponse& response, sim::Random& random, Out& out) {
  if (response.brokers.empty()) {
    failed(out.now(), random);
    return;
  }
  in_progress_ = false;
  refreshed_ = true;
  attempts_ = 0;
  ++equivalent_responses_;
  ++version_;
  last_success_ = out.now();
  need_update_ = new_topics_;
  brokers_.assign(response.brokers.begin(), response.brokers.end());
  std::sort(brokers_.begin(), brokers_.end());
  controller_ = response.controller;
  for (const auto& topic : response.topics) {
    known_topics_[topic.topic] = topic.error == Error::kNone;
    if (topic.error != Error::kNone && invalidates_metadata(topic.error)) need_update_ = true;
  }
  for (const auto& partition : response.partitions) {
    PartitionLeader& known = leaders_[partition.partition];
    if (partition.error != Error::kNone && invalidates_metadata(partition.error)) {
      need_update_ = true;
    }
    // An answer that is older than what is known says nothing new (KAFKA-7738).
    if (partition.leader_epoch < known.leader_epoch) continue;
    if (partition.leader_epoch > known.leader_epoch) equivalent_responses_ = 0;
    // A leader that is not among the brokers cannot be reached: no leader.
    const BrokerId leader = knows_broker(partition.leader) ? partition.leader : kNoBroker;
    set_leader(partition.partition, leader, partition.leader_epoch, partition.cause, out);
  }
  not_before_ =
      out.now() +
      (new_topics_
           ? 0
           : backoff_.draw(equivalent_responses_ > 0 ? equivalent_responses_ - 1 : 0, random));
  out.record(HistoryKind::kClientMetadata, static_cast<std::uint32_t>(brokers_.size()));
}

bool ClientMetadata::apply_hint(PartitionId partition, const LeaderHint& hint, Out& out) {
  if (hint.leader == kNoBroker || hint.leader_epoch <= leaders_[partition].leader_epoch) {
    return false;
  }
  if (!knows_broker(hint.leader)) {
    brokers_.push_back(hint.leader);  // the answer also carries the endpoint
    std::sort(brokers_.begin(), brokers_.end());
  }
  ++version_;
  set_leader(partition, hint.leader, hint.leader_epoch, hint.cause, out);
  return true;
}

}  // namespace isrlab::model
