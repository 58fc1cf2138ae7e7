// Kafka's PartitionLeaderElectionAlgorithmsTest: rows 1 to 13 of the vectors (reference
// controller-zookeeper.md, section 10.1), and rows 73 to 77 from ControllerContextTest (10.5). The
// functions are the ones the controller elects and reassigns with.
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
    "PartitionLeaderElectionAlgorithmsTest testReassignPartitionLeaderElection and what refuses it "
    "(vectors 4 to 6)",
    "[vectors][controller]") {
  const auto result = elect_reassign(kAssignment, {2, 4}, context_of({4}));
  CHECK(result.elected);
  CHECK(result.leader == 4);
  CHECK(result.isr == BrokerList{2, 4});  // it stays
  CHECK_FALSE(elect_reassign(kAssignment, {2}, context_of({})).elected);
  CHECK_FALSE(elect_reassign(kAssignment, {}, context_of({2})).elected);
}

TEST_CASE("ControllerContextTest testPartitionReplicaAssignment, testReassignTo (vectors 73 to 77)",
          "[vectors][controller]") {
  CHECK(reassign_to({1, 2, 3, 4}, {4, 2, 5, 3}) == ReplicaAssignment{{4, 2, 5, 3, 1}, {5}, {1}});
  const ReplicaAssignment moving = reassign_to({1, 2, 3}, {4, 5, 6});
  CHECK(moving == ReplicaAssignment{{4, 5, 6, 1, 2, 3}, {4, 5, 6}, {1, 2, 3}});
  CHECK(reassign_to({1, 2, 3}, {3, 1, 2}) == ReplicaAssignment{{3, 1, 2}, {}, {}});
  ControllerContext context;
  const auto take = [&context](const ReplicaAssignment& assignment) {
    context.assignment = {assignment.replicas};
    context.adding = {assignment.adding};
    context.removing = {assignment.removing};
  };
  take({{1, 2, 3, 4}, {4}, {2}});
  CHECK(context.target(0) == BrokerList{1, 3, 4});
  // What is moved again is compared with where it was before any move.
  take(moving);
  CHECK(reassign_to(context.origin(0), {7, 8, 9}) ==
        ReplicaAssignment{{7, 8, 9, 1, 2, 3}, {7, 8, 9}, {1, 2, 3}});
  CHECK(reassign_to(context.origin(0), {1, 2, 3}) == ReplicaAssignment{{1, 2, 3}, {}, {}});
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
