// Creates the topics of the scenario when the cluster comes up, as an operator's script with
// KafkaAdminClient would (3.9): waits for a controller and all configured brokers, then
// CreateTopics to the controller until every topic is there.
#pragma once
#include <vector>

#include "model/client/network_client.hpp"

namespace isrlab::model {

class Admin {
 public:
  Admin(const Catalog& catalog, std::uint64_t seed);

  void start(Out& out);
  void handle(const sim::Activation& activation, Messages& messages, Out& out);
  void crash();

  bool topics_ready() const { return ready_; }
  const NetworkClient& network() const { return network_; }

 private:
  void run(Out& out);
  void on_created(const CreateTopicsResponse& response, Out& out);
  void retry(Out& out);
  void finish(Out& out);

  ClientConfig config_;  // the defaults
  NetworkClient network_;
  std::vector<TopicId> missing_;
  std::uint32_t topics_ = 0;
  std::uint32_t brokers_ = 0;
  bool asked_ = false;  // CreateTopics is under way
  bool ready_ = false;
  Time retry_at_ = 0;
  std::uint32_t seen_version_ = 0;  // metadata that has been looked at
  LazyTimer wake_;
};

}  // namespace isrlab::model
