// Catalogue group A: the round-trip workload of Kafka's system tests under a broker that stands
// still, one that is cut off, and clients that are cut off. A08, A09, A10 of scenarios.md.
// Left out:
// A10: consumers that assign their partitions; a group with a session of 300 s stands in.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

/// 3 ZooKeeper servers, 4 brokers, one partition on [1,2,3]; 100,000 records at 10,000/s from 20 s
/// on, acks=all. The workload's consumer assigns itself its partition: here a group whose session
/// outlasts the fault does the same.
std::string round_trip(const std::string& faults) {
  return R"("duration": "620s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 4, "config": {
      "auto.leader.rebalance.enable": false}}},
    "topics": [{"name": "round", "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "round", "rate": "10000/s", "records": 100000,
                   "record.size": "100B", "start": "20s",
                   "config": {"request.timeout.ms": "105s"}}],
    "consumers": [{"group": "g", "topics": ["round"],
                   "config": {"auto.offset.reset": "earliest", "session.timeout.ms": "300s"}}],
    "faults": [)" +
         faults + "]";
}

/// The time by which all records have been delivered; kNever if not within 600 s.
Time all_received(World& world, Deliveries* deliveries) {
  const Time end = 620 * kSecond;
  for (Time at = 20 * kSecond; at <= end; at += kSecond) {
    world.until(at);
    if (deliveries->records("g-1") >= 100'000) return at;
  }
  return sim::kNever;
}

}  // namespace

TEST_CASE("A08: a broker stands still for the whole run: clients wait for the request time-out",
          "[catalogue]") {
  World world = world_of(round_trip(R"({"at": "22s", "pause": "broker-1", "for": "598s"})"), 2);
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  const Time done = all_received(world, deliveries);
  REQUIRE(done < 620 * kSecond);
  CHECK(deliveries->records("g-1") == 100'000);
  CHECK(acks->records("p1") == 100'000);
  // ZooKeeper ends the session (F1: 13 to 21 s); another leader is elected.
  const auto expired = world.events(HistoryKind::kZkSessionExpired);
  REQUIRE(expired.size() == 1);
  CHECK(seconds(expired[0].time) > 22 + 13);
  CHECK(seconds(expired[0].time) <= 22 + 21);
  CHECK(world.leader("round", 0) == 2);
  const Time elected = first_of(world, HistoryKind::kBecameLeader, 22 * kSecond, "round");
  // A broker that stands still closes nothing: the producer learns it by its time-out of 105 s.
  const double gap = seconds(acks->longest_gap("p1", 21 * kSecond, done));
  CHECK(gap > 105 - 0.5);
  CHECK(gap < 105 + 3);
  CHECK(elected < 60 * kSecond);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A09: a broker cut off from all: as A08, and it cuts its own tail when it is back",
          "[catalogue]") {
  World world = world_of(round_trip(R"({"at": "22s", "isolate": "broker-1", "for": "100s"})"), 2);
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.until(122 * kSecond - 1);
  // What the followers had not fetched when the links were cut.
  const std::int64_t tail = replica_of(world, 1, "round").log.log_end_offset();
  const model::LeaderEpochCache& epochs = replica_of(world, 2, "round").log.epochs();
  const std::int64_t committed = epochs[epochs.size() - 1].start_offset;
  REQUIRE(tail > committed);
  const Time done = all_received(world, deliveries);
  REQUIRE(done < 620 * kSecond);
  CHECK(deliveries->records("g-1") == 100'000);
  CHECK(acks->records("p1") == 100'000);
  world.until(300 * kSecond);
  const auto cut = events_of(world, HistoryKind::kTruncated, 122 * kSecond, "round");
  REQUIRE_FALSE(cut.empty());
  CHECK(cut[0].a >= tail);
  CHECK(cut[0].b == committed);
  CHECK(cut[0].c <= committed);  // never below its high watermark
  CHECK(world.isr("round", 0) == std::vector<BrokerId>{1, 2, 3});
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A10: clients cut off for 60 s: nothing changes in the cluster", "[catalogue]") {
  World world = world_of(round_trip(R"({"at": "22s", "isolate": "all clients", "for": "60s"})"), 2);
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.until(81 * kSecond);
  CHECK(acks->records("p1") < 25'000);
  CHECK(world.cluster().producers()[0].buffered_bytes() > 5'000'000);  // the backlog
  const Time done = all_received(world, deliveries);
  REQUIRE(done < 620 * kSecond);
  CHECK(done > 82 * kSecond);
  CHECK(deliveries->records("g-1") == 100'000);
  CHECK(world.events(HistoryKind::kLeaderElected, 20 * kSecond).empty());
  CHECK(world.events(HistoryKind::kIsrCommitted, 20 * kSecond).empty());
  CHECK(world.events(HistoryKind::kZkSessionExpired).empty());
  CHECK(world.events(HistoryKind::kRebalanceStarted, 22 * kSecond).empty());
  CHECK(world.broken_promises() == "");
}

}  // namespace isrlab::test
