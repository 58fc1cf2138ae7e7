// Catalogue group A: followers and clients that are lost. A06, A07, A10, A11 of scenarios.md.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

/// One partition on brokers 1 (leader), 2 and 3, three ZooKeeper servers with ticks of 2 s. Two
/// producers of the same partition: `pa` with acks=all, `one` with acks=1.
std::string orders(const std::string& brokers, const std::string& more, int rate = 50) {
  return R"("duration": "180s",
    "cluster": {"zookeeper": {"count": 3, "tickTime": "2s"}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false)" +
         brokers + R"(}}},
    "topics": [{"name": "orders", "assignment": [[1, 2, 3]],
                "config": {"min.insync.replicas": 2}}],
    "producers": [
      {"name": "pa", "topic": "orders", "rate": ")" +
         std::to_string(rate) + R"(/s"},
      {"name": "one", "topic": "orders", "rate": "50/s",
       "config": {"acks": 1, "enable.idempotence": false}}],
    "consumers": [{"group": "billing", "topics": ["orders"],
                   "config": {"auto.offset.reset": "earliest"}}])" +
         more;
}

}  // namespace

TEST_CASE("A06: a follower is killed: acks=all stalls until the session ends", "[catalogue]") {
  World world = world_led_by(1, 25 * kSecond, orders("", R"(, "faults": [
    {"at": "30s", "kill": "broker-2"}])"));
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.until(90 * kSecond);
  const auto expired = world.events(HistoryKind::kZkSessionExpired, 30 * kSecond);
  REQUIRE(expired.size() == 1);
  // F1 with a quorum and ticks of 2 s: 13 to 21 s. The lag of 30 s is later: the controller wins.
  const double detected = seconds(expired[0].time - 30 * kSecond);
  CHECK(detected > 13);
  CHECK(detected <= 21);
  CHECK(world.events(HistoryKind::kIsrShrinkProposed, 30 * kSecond).empty());
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 3});
  CHECK(world.leader("orders", 0) == 1);
  // The plateau of latency is the detection and a write of the controller.
  const double stall = seconds(acks->longest_gap("pa", 29 * kSecond, 60 * kSecond));
  CHECK(stall > detected - 0.1);
  CHECK(stall < detected + 0.3);
  // acks=1 is not concerned, and readers see nothing new while the high watermark stands still.
  CHECK(acks->longest_gap("one", 29 * kSecond, 60 * kSecond) < 200 * kMillisecond);
  const double unread = seconds(deliveries->longest_gap("billing-1", 29 * kSecond, 60 * kSecond));
  CHECK(unread > detected - 0.2);
  CHECK(unread < detected + 0.4);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A06: with a lag of 10 s the leader is quicker than the controller", "[catalogue]") {
  World world =
      world_led_by(1, 25 * kSecond, orders(R"(, "replica.lag.time.max.ms": "10s")", R"(, "faults": [
    {"at": "30s", "kill": "broker-2"}])"));
  Acks* acks = attach<Acks>(world);
  world.until(90 * kSecond);
  const Time shrunk = first_of(world, HistoryKind::kIsrShrinkProposed, 30 * kSecond, "orders");
  REQUIRE(shrunk != sim::kNever);
  CHECK(world.events(HistoryKind::kZkSessionExpired, 30 * kSecond).at(0).time > shrunk);
  // F5: (L, 1.5 L] after it was last caught up, which is one round trip before its death.
  const double stall = seconds(acks->longest_gap("pa", 29 * kSecond, 60 * kSecond));
  CHECK(stall > 9.9);
  CHECK(stall < 15.1);
  CHECK(acks->longest_gap("one", 29 * kSecond, 60 * kSecond) < 200 * kMillisecond);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A07: a follower cut off from the brokers leaves the ISR and comes back", "[catalogue]") {
  // The leader is the controller, and the follower still reaches ZooKeeper: no session ends.
  World world = world_led_by(1, 25 * kSecond,
                             orders(R"(, "replica.lag.time.max.ms": "10s")", R"(, "faults": [
    {"at": "30s", "partition": "broker-3 | broker-1 and broker-2", "for": "60s"}])",
                                    300));
  Acks* acks = attach<Acks>(world);
  world.until(180 * kSecond);
  CHECK(world.events(HistoryKind::kZkSessionExpired).empty());
  const auto shrinks = events_of(world, HistoryKind::kIsrShrinkProposed, 0, "orders");
  const auto expands = events_of(world, HistoryKind::kIsrExpandProposed, 30 * kSecond, "orders");
  REQUIRE(shrinks.size() == 1);
  REQUIRE(expands.size() == 1);
  CHECK(seconds(shrinks[0].time) > 39.9);
  CHECK(seconds(shrinks[0].time) < 45.1);
  CHECK(seconds(acks->longest_gap("pa", 29 * kSecond, 90 * kSecond)) < 15.1);
  // After the healing: the reconnect back-off and the back-off of 1 s, then 60 s of records.
  CHECK(expands[0].time > 90 * kSecond);
  CHECK(expands[0].time < 120 * kSecond);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2, 3});
  CHECK(acks->records("pa") >= 25'000);
  CHECK(world.events(HistoryKind::kLeaderElected, 30 * kSecond).empty());
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A11: under min ISR writes, acks=1 writes and reads differ", "[catalogue]") {
  const std::string clients = R"(,
    "faults": [{"at": "30s", "kill": "brokers 2,3"}])";
  std::string body = orders(R"(, "zookeeper.session.timeout.ms": "6s")", clients);
  // A second group starts late, and the acks=all producer gives up after 40 s.
  const auto replace = [&](const std::string& what, const std::string& with) {
    REQUIRE(body.find(what) != std::string::npos);
    body.replace(body.find(what), what.size(), with);
  };
  replace(R"("consumers": [)", R"("consumers": [{"group": "late", "topics": ["orders"],
          "start": "80s", "config": {"auto.offset.reset": "earliest"}}, )");
  replace(R"("rate": "50/s"},)", R"("rate": "50/s", "config": {"delivery.timeout.ms": "40s",
          "request.timeout.ms": "10s"}},)");
  World world = world_led_by(1, 25 * kSecond, body);
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.until(60 * kSecond);
  REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1});
  const model::PartitionLog& log = replica_of(world, 1, "orders").log;
  const std::int64_t high_watermark = log.high_watermark();
  // What is refused is refused before the append: from now on only acks=1 adds to the log.
  const std::int64_t end = log.log_end_offset();
  world.until(150 * kSecond);
  log.for_each_batch(end, log.log_end_offset(), [&](const model::Batch& batch) {
    CHECK(world.cluster()
              .catalog()
              .process(world.cluster().catalog().producer_process(batch.producer))
              .name == "one");
  });
  CHECK(acks->records("pa", 60 * kSecond) == 0);
  CHECK(acks->longest_gap("one", 29 * kSecond, 150 * kSecond) < 200 * kMillisecond);
  CHECK(acks->records("one", 60 * kSecond) == 50 * 90);
  CHECK(log.log_end_offset() == end + 50 * 90);
  // NOT_ENOUGH_REPLICAS is retriable until delivery.timeout.ms.
  const auto not_enough = static_cast<std::int64_t>(model::Error::kNotEnoughReplicas);
  std::size_t refused = 0;
  for (const auto& event : world.events(HistoryKind::kRecordsRetried, 60 * kSecond)) {
    refused += event.c == not_enough;
  }
  CHECK(refused > 100);
  const auto failed = world.events(HistoryKind::kRecordsFailed);
  REQUIRE_FALSE(failed.empty());
  CHECK(failed[0].time >= 69'900 * kMillisecond);
  CHECK(failed[0].time < 72 * kSecond);
  // Committed data is read all the same, also by a group that comes now; the rest is not.
  CHECK(log.high_watermark() == high_watermark);
  CHECK(deliveries->records("late-1") == high_watermark);
  CHECK(world.broken_promises() == "");
}

}  // namespace isrlab::test
