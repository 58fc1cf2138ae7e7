// What a client knows of the cluster (org.apache.kafka.clients.Metadata, 3.9; reference
// clients-and-groups.md 1.7): brokers, controller, partition leaders with their epochs, and when to
// ask again. Partition state is dense over the partitions of all topics.
#pragma once
#include <vector>

#include "model/client/backoff.hpp"
#include "model/out.hpp"

namespace isrlab::model {

class ClientMetadata {
 public:
  struct PartitionLeader {
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
  };

  ClientMetadata() = default;
  ClientMetadata(std::uint32_t partitions, std::uint32_t topics, const ClientConfig& config);

  /// A new topic asks for an update at once, past any backoff (requestUpdateForNewTopics).
  void add_topic(TopicId topic);
  void request_update() { need_update_ = true; }
  bool update_requested() const { return need_update_; }
  /// When the next update is due; the past if it is due now.
  Time next_update() const;
  bool update_due(Time now) const { return !in_progress_ && next_update() <= now; }

  bool in_progress() const { return in_progress_; }
  void fill(MetadataRequest& request);  // marks the request as in progress
  void failed(Time now, sim::Random& random);
  void apply(const MetadataResponse& response, sim::Random& random, Out& out);
  /// KIP-951: a leader named by an error answer is used at once if its epoch is newer.
  bool apply_hint(PartitionId partition, const LeaderHint& hint, Out& out);

  /// Before the first answer clients use their bootstrap list.
  bool bootstrapped() const { return !brokers_.empty(); }
  const std::vector<BrokerId>& brokers() const { return brokers_; }
  BrokerId controller() const { return controller_; }
  bool knows_topic(TopicId topic) const { return known_topics_[topic]; }
  /// The leader, if the broker is among those known.
  const PartitionLeader& leader(PartitionId partition) const { return leaders_[partition]; }
  std::uint32_t version() const { return version_; }

 private:
  void set_leader(PartitionId partition, BrokerId leader, std::int32_t epoch, std::uint32_t cause,
                  Out& out);
  bool knows_broker(BrokerId broker) const;

  Duration max_age_ = 0;
  ExponentialBackoff backoff_;
  std::vector<TopicId> topics_;
  std::vector<char> known_topics_;
  std::vector<PartitionLeader> leaders_;
  std::vector<BrokerId> brokers_;
  BrokerId controller_ = kNoBroker;

  bool need_update_ = true;  // a client that starts asks at once
  bool new_topics_ = false;  // topics were added after the request in progress was written
  bool in_progress_ = false;
  bool refreshed_ = false;
  Time last_success_ = 0;
  Time not_before_ = 0;  // end of the backoff, drawn once per answer or failure
  std::int32_t attempts_ = 0;
  std::int32_t equivalent_responses_ = 0;
  std::uint32_t version_ = 0;
};

}  // namespace isrlab::model
