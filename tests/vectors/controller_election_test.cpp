// Kafka's PartitionLeaderElectionAlgorithmsTest: rows 1 to 3 and 7 to 13 of the vectors (reference
// controller-zookeeper.md, section 10.1). The functions are the ones the controller elects with.
#include "model/controller/context.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

using namespace isrlab::model;

ControllerContext context_of(const std::vector<BrokerId>& live,
                             const std::vector<BrokerId>& shutting_down = {}) {
  ControllerContext context;
  for (const BrokerId broker : live) context.live[broker] = 100 + broker;
  context.shutting_down = shutting_down;
  return context;
}

const BrokerList kAssignment{2, 4};

}  // namespace

TEST_CASE("PartitionLeaderElectionAlgorithmsTest testOfflinePartitionLeaderElection (vector 1)",
          "[vectors][controller]") {
  const auto result = elect_offline(kAssignment, {2, 4}, context_of({4}), false);
  CHECK(result.elected);
  CHECK(result.leader == 4);
  CHECK(result.isr == BrokerList{4});
  CHECK_FALSE(result.unclean);
}

TEST_CASE(
    "PartitionLeaderElectionAlgorithmsTest "
    "testOfflinePartitionLeaderElectionLastIsrOfflineUncleanLeaderElection{Disabled,Enabled} "
    "(vectors 2, 3)",
    "[vectors][controller]") {
  const auto disabled = elect_offline(kAssignment, {2}, context_of({4}), false);
  CHECK_FALSE(disabled.elected);
  CHECK_FALSE(disabled.unclean);
  const auto enabled = elect_offline(kAssignment, {2}, context_of({4}), true);
  CHECK(enabled.elected);
  CHECK(enabled.leader == 4);
  CHECK(enabled.isr == BrokerList{4});
  CHECK(enabled.unclean);
}

TEST_CASE(
    "PartitionLeaderElectionAlgorithmsTest testPreferredReplicaPartitionLeaderElection and "
    "what refuses it (vectors 7 to 10)",
    "[vectors][controller]") {
  const auto preferred = elect_preferred(kAssignment, {2, 4}, context_of({2, 4}));
  CHECK(preferred.elected);
  CHECK(preferred.leader == 2);
  CHECK(preferred.isr == BrokerList{2, 4});
  CHECK_FALSE(elect_preferred(kAssignment, {2}, context_of({})).elected);
  CHECK_FALSE(elect_preferred(kAssignment, {4}, context_of({2, 4})).elected);
  CHECK_FALSE(elect_preferred(kAssignment, {}, context_of({})).elected);
}

TEST_CASE(
    "PartitionLeaderElectionAlgorithmsTest testControlledShutdownPartitionLeaderElection and "
    "what refuses it (vectors 11 to 13)",
    "[vectors][controller]") {
  const auto other = elect_controlled_shutdown(kAssignment, {2, 4}, context_of({2, 4}, {2}));
  CHECK(other.elected);
  CHECK(other.leader == 4);
  CHECK(other.isr == BrokerList{4});
  CHECK_FALSE(elect_controlled_shutdown(kAssignment, {2}, context_of({2, 4}, {2})).elected);
  CHECK_FALSE(elect_controlled_shutdown(kAssignment, {2, 4}, context_of({2, 4}, {2, 4})).elected);
}

TEST_CASE("Trap 21: a controlled-shutdown election takes every leaving broker out of the ISR",
          "[vectors][controller]") {
  // Broker 1 asked earlier and leads something else; broker 2 asks now. A preferred election keeps
  // the ISR as it is.
  const auto context = context_of({1, 2, 3, 4}, {1, 2});
  const auto result = elect_controlled_shutdown({2, 3, 1, 4}, {2, 1, 4, 3}, context);
  CHECK(result.leader == 3);
  CHECK(result.isr == BrokerList{4, 3});  // in the order of the old ISR
  CHECK(elect_preferred({3, 1}, {1, 3}, context).isr == BrokerList{1, 3});
}

}  // namespace isrlab::test
