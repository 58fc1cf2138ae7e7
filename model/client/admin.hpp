// The operator with his KafkaAdminClient (3.9). When the cluster comes up he creates the topics of
// the scenario: waits for a controller and all configured brokers, then CreateTopics to the
// controller until every topic is there. Later he moves partitions and elects leaders, one task
// after the other, each asked again at the controller of the day until default.api.timeout.ms.
#pragma once
#include <vector>

#include "model/client/network_client.hpp"

namespace isrlab::model {

struct AdminTask {
  std::vector<AlterPartitionReassignmentsRequest::Partition> moves;
  std::vector<PartitionId> elections;  // without moves
  bool unclean = false;
  Time deadline = sim::kNever;
  std::uint32_t cause = 0;  // kept event of the wish
};

class Admin {
 public:
  Admin(const Catalog& catalog, std::uint64_t seed);

  void start(Out& out);
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  void crash();
  /// kafka-reassign-partitions.sh, kafka-leader-election.sh; may come before the topics are there.
  void ask(AdminTask task, Out& out);

  bool topics_ready() const { return ready_; }
  const NetworkClient& network() const { return network_; }

 private:
  void run(Out& out);
  void on_created(const CreateTopicsResponse& response, Out& out);
  void retry(Out& out);
  void finish(Out& out);
  void send_task(NodeIndex node, Out& out);
  template <class Response>
  void on_answered(const Response& response, MessageType type, Out& out);
  void end_task(MessageType type, Error error, Out& out);

  ClientConfig config_;  // the defaults
  NetworkClient network_;
  std::vector<TopicId> missing_;
  std::uint32_t topics_ = 0;
  std::uint32_t brokers_ = 0;
  std::vector<AdminTask> tasks_;  // the first is worked on
  bool asked_ = false;            // a request is under way
  bool ready_ = false;
  Time retry_at_ = 0;
  std::uint32_t seen_version_ = 0;  // metadata that has been looked at
  LazyTimer wake_;
};

}  // namespace isrlab::model
