// Vectors 30 to 45 and 97 to 100 of reference/clients-and-groups.md: which broker coordinates, the
// states of a group, the vote on a protocol.
#include "model/catalog.hpp"
#include "model/coordinator/group.hpp"
#include "model/coordinator/protocol_vote.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

TEST_CASE("vectors 30-45: partition of __consumer_offsets for a group id", "[coordinator]") {
  struct Vector {
    const char* id;
    std::int32_t hash;
    std::int32_t partition;
  };
  const std::vector<Vector> vectors = {
      {"groupId", 293428218, 18},
      {"otherGroup", -204443313, 13},
      {"group", 98629247, 47},
      {"my-group", -1906497762, 12},
      {"test", 3556498, 48},
      {"connect-cluster", 1440343063, 13},
      {"payments", 1382682413, 13},
      {"g1", 3242, 42},
      {"wordcount", 893673541, 41},
      {"transactionalId", 1263397508, 8},
      {"txn-1", 110810510, 10},
      {"my-transactional-id", -959806496, 46},
      {"orders-app-0", -409570660, 10},
      {"polygenelubricants", -2147483647 - 1, 0},
      {"", 0, 0},
      {"\xc3\xa9", 233, 33},
      {"\xf0\x9f\x98\x80", 1772899, 49},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.id);
    CHECK(java_string_hash(vector.id) == vector.hash);
    CHECK(java_abs(java_string_hash(vector.id)) % 50 == vector.partition);
  }
}

TEST_CASE("vectors 97, 98: GroupMetadataTest.test...Transition", "[coordinator]") {
  using S = GroupState;
  const std::vector<std::pair<S, S>> legal = {
      {S::kEmpty, S::kPreparingRebalance},
      {S::kPreparingRebalance, S::kCompletingRebalance},
      {S::kPreparingRebalance, S::kEmpty},
      {S::kPreparingRebalance, S::kDead},
      {S::kCompletingRebalance, S::kStable},
      {S::kCompletingRebalance, S::kPreparingRebalance},
      {S::kStable, S::kPreparingRebalance},
      {S::kStable, S::kDead},
      {S::kEmpty, S::kDead},
      {S::kDead, S::kDead},
  };
  for (const auto& [from, to] : legal) {
    INFO(group_state_name(from) << " to " << group_state_name(to));
    CHECK(is_legal_transition(from, to));
  }
  const std::vector<std::pair<S, S>> illegal = {
      {S::kEmpty, S::kStable},
      {S::kEmpty, S::kCompletingRebalance},
      {S::kStable, S::kStable},
      {S::kPreparingRebalance, S::kPreparingRebalance},
      {S::kPreparingRebalance, S::kStable},
      {S::kCompletingRebalance, S::kCompletingRebalance},
      {S::kDead, S::kStable},
      {S::kDead, S::kPreparingRebalance},
      {S::kDead, S::kCompletingRebalance},
  };
  for (const auto& [from, to] : illegal) {
    INFO(group_state_name(from) << " to " << group_state_name(to));
    CHECK_FALSE(is_legal_transition(from, to));
  }
  Group group(0);
  CHECK_THROWS_AS(group.transition_to(S::kStable), isrlab::sim::InternalError);
}

TEST_CASE("vectors 99, 100: testSelectProtocol", "[coordinator]") {
  CHECK(select_protocol({{"range", "rr"}}) == "range");
  CHECK_FALSE(select_protocol({{"range", "rr"}, {"rr", "range"}}).empty());
  CHECK(select_protocol({{"range", "rr"}, {"rr", "range"}, {"rr", "range"}}) == "rr");
  CHECK(select_protocol({{"range", "rr"}, {"rr", "blah"}}) == "rr");
}

TEST_CASE("the first member leads; a leader that goes is succeeded", "[coordinator]") {
  Group group(0);
  for (const char* id : {"c", "b", "a"}) {
    GroupMember member;
    member.member_id = id;
    group.add(member);
  }
  CHECK(group.leader() == "c");
  group.remove("c");
  CHECK(group.leader() == "a");
  CHECK_FALSE(group.elect_joined_leader());
  group.park_join(*group.find("b"), 1, 1);
  CHECK(group.elect_joined_leader());
  CHECK(group.leader() == "b");
}
