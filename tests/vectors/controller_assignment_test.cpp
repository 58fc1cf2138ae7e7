// Replica assignment: rows 95 to 106 of the vectors from Kafka's AdminRackAwareTest,
// AdminZkClientTest and AddPartitionsTest (reference controller-zookeeper.md, section 10.6). Those
// named "computed" there were worked out by hand from the algorithm.
#include "model/controller/assignment.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

using namespace isrlab::model;
using Replicas = std::vector<BrokerList>;

std::vector<BrokerRack> without_racks(BrokerId count) {
  std::vector<BrokerRack> brokers;
  for (BrokerId id = 0; id < count; ++id) brokers.push_back({id, ""});
  return brokers;
}

const std::vector<BrokerRack> kSix{{0, "rack1"}, {1, "rack2"}, {2, "rack2"},
                                   {3, "rack3"}, {4, "rack3"}, {5, "rack1"}};

Replicas assigned(const std::vector<BrokerRack>& brokers, std::int32_t partitions,
                  std::int32_t replication_factor, std::uint32_t start) {
  const AssignmentResult result = assign_replicas_to_brokers(
      brokers, partitions, replication_factor, AssignmentStart::fixed(start));
  REQUIRE(result.error == AssignmentError::kNone);
  return result.replicas;
}

std::set<std::string> racks_of(const BrokerList& replicas, const std::vector<BrokerRack>& brokers) {
  std::set<std::string> racks;
  for (const BrokerId id : replicas) {
    for (const BrokerRack& broker : brokers) {
      if (broker.broker == id) racks.insert(broker.rack);
    }
  }
  return racks;
}

/// Every partition on that many racks, no broker twice.
void check_spread(const Replicas& all, const std::vector<BrokerRack>& brokers, std::size_t racks) {
  for (const BrokerList& replicas : all) {
    CHECK(racks_of(replicas, brokers).size() == racks);
    CHECK(std::set<BrokerId>(replicas.begin(), replicas.end()).size() == replicas.size());
  }
}

/// How many replicas (or leaders) each broker has, ascending.
std::vector<int> counts(const Replicas& all, bool leaders, const std::vector<BrokerRack>& brokers) {
  std::map<BrokerId, int> by_broker;
  for (const BrokerRack& broker : brokers) by_broker[broker.broker] = 0;
  for (const BrokerList& replicas : all) {
    if (leaders) {
      ++by_broker[replicas[0]];
      continue;
    }
    for (const BrokerId id : replicas) ++by_broker[id];
  }
  std::vector<int> result;
  for (const auto& [id, count] : by_broker) result.push_back(count);
  std::sort(result.begin(), result.end());
  return result;
}

AssignmentError error_of(const std::vector<BrokerRack>& brokers, std::int32_t partitions,
                         std::int32_t replication_factor) {
  return assign_replicas_to_brokers(brokers, partitions, replication_factor,
                                    AssignmentStart::fixed(0))
      .error;
}

}  // namespace

TEST_CASE("AdminRackAwareTest testReplicaAssignment (vector 95)", "[vectors][controller]") {
  CHECK(assigned(without_racks(5), 10, 3, 0) == Replicas{{0, 1, 2},
                                                         {1, 2, 3},
                                                         {2, 3, 4},
                                                         {3, 4, 0},
                                                         {4, 0, 1},
                                                         {0, 2, 3},
                                                         {1, 3, 4},
                                                         {2, 4, 0},
                                                         {3, 0, 1},
                                                         {4, 1, 2}});
}

TEST_CASE("Without racks the order of the brokers counts (trap 26)", "[vectors][controller]") {
  const std::vector<BrokerRack> brokers{{7, ""}, {3, ""}, {5, ""}};
  CHECK(assigned(brokers, 3, 2, 1) == Replicas{{3, 7}, {5, 3}, {7, 5}});
  // startIndex and nextReplicaShift are two draws; only a fixed start makes them equal.
  const AssignmentResult drawn = assign_replicas_to_brokers(brokers, 4, 2, {2, 0});
  CHECK(drawn.replicas == Replicas{{5, 7}, {7, 3}, {3, 5}, {5, 3}});
}

TEST_CASE(
    "AdminRackAwareTest testGetRackAlternatedBrokerListAndAssignReplicasToBrokers (vectors 96, 97)",
    "[vectors][controller]") {
  const std::vector<BrokerRack> brokers{{0, "rack1"}, {1, "rack3"}, {2, "rack3"},
                                        {3, "rack2"}, {4, "rack2"}, {5, "rack1"}};
  const auto ids_of = [](const std::vector<BrokerRack>& list) {
    std::vector<BrokerId> ids;
    for (const BrokerRack& broker : list) ids.push_back(broker.broker);
    return ids;
  };
  CHECK(ids_of(rack_alternated(brokers)) == std::vector<BrokerId>{0, 3, 1, 5, 4, 2});
  std::vector<BrokerRack> five(brokers.begin(), brokers.end() - 1);
  CHECK(ids_of(rack_alternated(five)) == std::vector<BrokerId>{0, 3, 1, 4, 2});
  const Replicas expected{{0, 3, 1}, {3, 1, 5}, {1, 5, 4}, {5, 4, 2},
                          {4, 2, 0}, {2, 0, 3}, {0, 4, 2}};
  CHECK(assigned(brokers, 7, 3, 0) == expected);
  // With racks the order of the brokers does not count.
  std::vector<BrokerRack> reversed(brokers.rbegin(), brokers.rend());
  CHECK(assigned(reversed, 7, 3, 0) == expected);
}

TEST_CASE("AdminRackAwareTest testAssignmentWithRackAware (vector 98)", "[vectors][controller]") {
  const Replicas all = assigned(kSix, 6, 3, 2);
  CHECK(all == Replicas{{3, 2, 0}, {5, 4, 1}, {2, 0, 3}, {4, 1, 5}, {0, 3, 2}, {1, 5, 4}});
  check_spread(all, kSix, 3);
  CHECK(counts(all, true, kSix) == std::vector<int>{1, 1, 1, 1, 1, 1});
  CHECK(counts(all, false, kSix) == std::vector<int>{3, 3, 3, 3, 3, 3});
}

TEST_CASE("AdminRackAwareTest testAssignmentWithRackAwareWithUnevenReplicas (vector 99)",
          "[vectors][controller]") {
  const Replicas all = assigned(kSix, 13, 3, 0);
  check_spread(all, kSix, 3);
  CHECK(Replicas(all.begin(), all.begin() + 7) ==
        Replicas{{0, 1, 3}, {1, 3, 5}, {3, 5, 2}, {5, 2, 4}, {2, 4, 0}, {4, 0, 1}, {0, 2, 4}});
}

TEST_CASE("AdminRackAwareTest testSkipBrokerWithReplicaAlreadyAssigned (vector 100)",
          "[vectors][controller]") {
  const std::vector<BrokerRack> brokers{{0, "a"}, {1, "b"}, {2, "c"}, {3, "a"}, {4, "a"}};
  const Replicas all = assigned(brokers, 6, 4, 2);
  CHECK(
      all ==
      Replicas{{2, 0, 1, 3}, {3, 1, 2, 4}, {4, 2, 1, 3}, {0, 1, 2, 3}, {1, 4, 2, 3}, {2, 4, 1, 3}});
  check_spread(all, brokers, 3);
}

TEST_CASE(
    "AdminRackAwareTest testMoreReplicasThanRacks, testLessReplicasThanRacks, testSingleRack "
    "(vector 101)",
    "[vectors][controller]") {
  check_spread(assigned(kSix, 6, 5, 0), kSix, 3);
  check_spread(assigned(kSix, 6, 2, 0), kSix, 2);
  std::vector<BrokerRack> one_rack = kSix;
  for (BrokerRack& broker : one_rack) broker.rack = "rack1";
  const Replicas all = assigned(one_rack, 6, 3, 0);
  check_spread(all, one_rack, 1);
  CHECK(counts(all, true, one_rack) == std::vector<int>{1, 1, 1, 1, 1, 1});
}

TEST_CASE("AdminRackAwareTest testAssignReplicasToBrokersWithInvalidParameters (vector 102)",
          "[vectors][controller]") {
  const auto brokers = without_racks(5);
  CHECK(error_of(brokers, 0, 1) == AssignmentError::kInvalidPartitions);
  CHECK(error_of(brokers, 0, 0) == AssignmentError::kInvalidPartitions);  // looked at first
  CHECK(error_of(brokers, 10, 0) == AssignmentError::kInvalidReplicationFactor);
  CHECK(error_of(brokers, 10, 6) == AssignmentError::kInvalidReplicationFactor);
  std::vector<BrokerRack> partial = kSix;
  partial[3].rack.clear();
  CHECK(error_of(partial, 6, 3) == AssignmentError::kAdminOperation);
  CHECK(error_of(partial, 6, 7) == AssignmentError::kInvalidReplicationFactor);
}

TEST_CASE("One broker", "[vectors][controller]") {
  CHECK(assigned(without_racks(1), 3, 1, 0) == Replicas{{0}, {0}, {0}});
  CHECK(assigned({{4, "a"}}, 2, 1, 0) == Replicas{{4}, {4}});
}

TEST_CASE("AddPartitionsTest testReplicaPlacementPartialServers (vector 103)",
          "[vectors][controller]") {
  const AssignmentResult added = assign_added_partitions(without_racks(4), {{1, 2}}, 2);
  CHECK(added.error == AssignmentError::kNone);
  CHECK(added.replicas == Replicas{{2, 0}, {3, 1}});
}

TEST_CASE("AddPartitionsTest testReplicaPlacementAllServers (vector 104)",
          "[vectors][controller]") {
  const AssignmentResult added = assign_added_partitions(without_racks(4), {{2, 3, 0, 1}}, 6);
  REQUIRE(added.replicas.size() == 6);
  std::vector<BrokerId> leaders;
  for (const BrokerList& replicas : added.replicas) leaders.push_back(replicas[0]);
  CHECK(leaders == std::vector<BrokerId>{3, 0, 1, 2, 3, 0});
  CHECK(added.replicas[0] == BrokerList{3, 2, 0, 1});  // p1
  CHECK(added.replicas[3] == BrokerList{2, 3, 0, 1});  // p4
  CHECK(added.replicas[5] == BrokerList{0, 1, 2, 3});  // p6
}

TEST_CASE("Growth when the first replica's broker is gone: the next id, else the first (5)",
          "[vectors][controller]") {
  const std::vector<BrokerRack> brokers{{1, ""}, {4, ""}, {6, ""}};
  const auto leader_of_p1 = [&](BrokerId head) {
    return assign_added_partitions(brokers, {{head}}, 1).replicas.at(0)[0];
  };
  CHECK(leader_of_p1(3) == 6);  // started at 4, one further
  CHECK(leader_of_p1(9) == 4);  // no such id: started at 1
}

TEST_CASE("AdminZkClientTest testManualReplicaAssignment (vector 105)", "[vectors][controller]") {
  const auto invalid = AssignmentError::kInvalidReplicaAssignment;
  CHECK(validate_assignment({{0, {0, 0}}}) == invalid);
  CHECK(validate_assignment({{0, {0, 1}}, {1, {0}}}) == invalid);
  CHECK(validate_assignment({{1, {1, 2}}, {2, {1, 2}}}) == invalid);
  CHECK(validate_assignment({{0, {1, 2}}, {3, {1, 2}}}) == invalid);
  CHECK(validate_assignment({{-1, {1, 2}}, {1, {1, 2}}, {2, {1, 2}}, {4, {1, 2}}}) == invalid);
  CHECK(validate_assignment({{0, {0, 1, 2}}, {1, {1, 2, 3}}}) == AssignmentError::kNone);
}

TEST_CASE("AdminZkClientTest testGetBrokerMetadatas (vector 106)", "[vectors][controller]") {
  std::vector<BrokerRack> all{{5, "rack3"}, {1, "rack2"}, {0, "rack1"},
                              {2, "rack2"}, {4, "rack3"}, {3, ""}};
  for (const RackAwareMode mode : {RackAwareMode::kDisabled, RackAwareMode::kSafe}) {
    const auto seen = broker_metadatas(all, mode);
    REQUIRE(seen.has_value());
    CHECK(*seen == without_racks(6));  // sorted by id
  }
  CHECK_FALSE(broker_metadatas(all, RackAwareMode::kEnforced).has_value());
  all[5].rack = "rack1";
  const auto complete = broker_metadatas(all, RackAwareMode::kEnforced);
  REQUIRE(complete.has_value());
  CHECK((*complete)[3] == BrokerRack{3, "rack1"});
  CHECK(broker_metadatas(all, RackAwareMode::kSafe) == complete);
  CHECK(*broker_metadatas(all, RackAwareMode::kDisabled) == without_racks(6));
}

}  // namespace isrlab::test
