// Catalogue group P: reassignment under a throttle. P01 of scenarios.md.
// P01: partly: a tenth of the foreground load; brokers are not bounced meanwhile; the throttle is
// in the configuration from the start, not set and removed by the tool.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

constexpr int kPartitions = 3;

/// Six brokers, three partitions of 667 records of 409 600 B on two of them each, 4 MiB/s.
std::string moving(const std::string& plan) {
  std::string producers;
  for (int p = 0; p < kPartitions; ++p) {
    producers += R"({"name": "seed)" + std::to_string(p) +
                 R"(", "topic": "orders", "partition": )" + std::to_string(p) +
                 R"(, "rate": "50/s", "records": 667,
                 "record.size": "409600B", "config": {"acks": "all"}},)";
  }
  return R"("duration": "360s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 6, "config": {
      "auto.leader.rebalance.enable": false,
      "leader.replication.throttled.rate": 4194304,
      "follower.replication.throttled.rate": 4194304}}},
    "topics": [{"name": "orders", "assignment": [[1, 2], [3, 4], [5, 6]], "config": {
      "leader.replication.throttled.replicas": "*",
      "follower.replication.throttled.replicas": "*"}}],
    "producers": [)" +
         producers + R"({"name": "front", "topic": "orders", "rate": "100/s", "start": "35s",
                    "record.size": "100B", "config": {"acks": "all"}}],
    "consumers": [{"group": "g", "topics": ["orders"], "start": "35s",
                   "config": {"auto.offset.reset": "latest"}}],
    "faults": [{"at": "40s", "reassign": ")" +
         plan + R"("}])";
}

/// Seconds from the request until the last move is complete.
double duration_of(const std::string& plan) {
  World world = world_of(moving(plan));
  world.until(40 * kSecond);
  for (int p = 0; p < kPartitions; ++p) {
    const auto& leader = replica_of(world, static_cast<BrokerId>(2 * p + 1), "orders", p).log;
    CHECK(static_cast<double>(leader.size_bytes()) == Approx(667 * 409600.0).epsilon(0.01));
  }
  std::size_t complete = 0;
  Time last = 0;
  while (complete < kPartitions && last < 355 * kSecond) {
    last += kSecond;
    world.until(40 * kSecond + last);
    complete = world.events(HistoryKind::kReassignmentDone).size();
  }
  CHECK(complete == kPartitions);
  CHECK(world.events(HistoryKind::kReplicaDeleted).size() >= kPartitions);
  CHECK(world.broken_promises() == "");
  return seconds(last);
}

}  // namespace

TEST_CASE("P01: a throttled move of 273 MB by 4 MiB/s takes 66 s", "[catalogue]") {
  const double taken = duration_of("orders-0 -> 2,3; orders-1 -> 4,5; orders-2 -> 6,1");
  CHECK(taken >= 0.9 * 66);
  CHECK(taken <= 2 * 66);
}

TEST_CASE("P01: two moves of 273 MB for each leader take 131 s", "[catalogue]") {
  const double taken = duration_of("orders-0 -> 3,4; orders-1 -> 5,6; orders-2 -> 1,2");
  CHECK(taken >= 0.9 * 131);
  CHECK(taken <= 2 * 131);
}

}  // namespace isrlab::test
