// Vectors 126 to 134 (range without racks) of reference/clients-and-groups.md section 10.8.
#include "model/client/assignor_range.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

using Lists = std::vector<std::vector<PartitionId>>;

/// Topics of the given sizes; partition ids run on from topic to topic.
Lists assign(const std::vector<AssignorMember>& members, std::vector<std::int32_t> sizes) {
  std::vector<TopicInfo> topics;
  PartitionId first = 0;
  for (const std::int32_t size : sizes) {
    TopicInfo info;
    info.first = first;
    info.partitions = size;
    first += static_cast<PartitionId>(size);
    topics.push_back(info);
  }
  return assign_range(members, topics, std::vector<bool>(sizes.size(), true));
}

AssignorMember dynamic(std::string id, std::vector<TopicId> topics) {
  return {std::move(id), "", std::move(topics)};
}
AssignorMember fixed(std::string id, std::string instance, std::vector<TopicId> topics) {
  return {std::move(id), std::move(instance), std::move(topics)};
}

}  // namespace

TEST_CASE("vector 126: testTwoConsumersOneTopicOnePartition", "[client][assignor]") {
  CHECK(assign({dynamic("c1", {0}), dynamic("c2", {0})}, {1}) == Lists{{0}, {}});
}

TEST_CASE("vector 127: testMultipleConsumersMixedTopics", "[client][assignor]") {
  const auto lists =
      assign({dynamic("c1", {0}), dynamic("c2", {0, 1}), dynamic("c3", {0})}, {3, 2});
  CHECK(lists == Lists{{0}, {1, 3, 4}, {2}});
}

TEST_CASE("vector 128: testTwoConsumersTwoTopicsSixPartitions", "[client][assignor]") {
  CHECK(assign({dynamic("c1", {0, 1}), dynamic("c2", {0, 1})}, {3, 3}) ==
        Lists{{0, 1, 3, 4}, {2, 5}});
  // The order of the members in the answer does not matter.
  CHECK(assign({dynamic("c2", {0, 1}), dynamic("c1", {0, 1})}, {3, 3}) ==
        Lists{{2, 5}, {0, 1, 3, 4}});
}

TEST_CASE("vector 129: testTwoStaticConsumersTwoTopicsSixPartitions", "[client][assignor]") {
  CHECK(assign({fixed("consumer-b", "instance1", {0, 1}), fixed("consumer-a", "instance2", {0, 1})},
               {3, 3}) == Lists{{0, 1, 3, 4}, {2, 5}});
}

TEST_CASE("vector 130: testOneStaticConsumerAndOneDynamicConsumer", "[client][assignor]") {
  CHECK(assign({fixed("consumer-b", "instance1", {0, 1}), dynamic("consumer-a", {0, 1})}, {3, 3}) ==
        Lists{{0, 1, 3, 4}, {2, 5}});
}

TEST_CASE("vector 131: testStaticMemberRangeAssignmentPersistent", "[client][assignor]") {
  const auto lists = assign({fixed("x", "i1", {0, 1}), fixed("y", "i2", {0, 1}),
                             fixed("z", "i3", {0, 1}), dynamic("c4", {0, 1})},
                            {5, 4});
  CHECK(lists == Lists{{0, 1, 5}, {2, 6}, {3, 7}, {4, 8}});
}

TEST_CASE("vector 132: PersistentAfterMemberIdChanges", "[client][assignor]") {
  const auto lists = assign(
      {fixed("n2", "i1", {0, 1}), fixed("n3", "i2", {0, 1}), fixed("n1", "i3", {0, 1})}, {5, 5});
  CHECK(lists == Lists{{0, 1, 5, 6}, {2, 3, 7, 8}, {4, 9}});
}

TEST_CASE("vector 133: ten partitions, three members", "[client][assignor]") {
  CHECK(assign({dynamic("c1", {0}), dynamic("c2", {0}), dynamic("c3", {0})}, {10}) ==
        Lists{{0, 1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
}

TEST_CASE("vector 134: more members than partitions", "[client][assignor]") {
  const auto lists = assign(
      {dynamic("c1", {0, 1}), dynamic("c2", {0, 1}), dynamic("c3", {0, 1}), dynamic("c4", {0, 1})},
      {3, 3});
  CHECK(lists == Lists{{0, 3}, {1, 4}, {2, 5}, {}});
}

TEST_CASE("4.1: topics without metadata are skipped", "[client][assignor]") {
  std::vector<TopicInfo> topics(2);
  topics[0].partitions = 2;
  topics[1].first = 2;
  topics[1].partitions = 2;
  CHECK(assign_range({dynamic("c1", {0, 1})}, topics, {false, true}) == Lists{{2, 3}});
}
