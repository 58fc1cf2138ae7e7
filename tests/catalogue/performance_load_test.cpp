// Catalogue group P: the controller's work, drain, skew, scale and producer ids of scenarios.md.
//
// Left out:
// P01: in performance_moves_test.cpp, with a tenth of the foreground load and the throttle in the
//      configuration from the start; other brokers are not bounced meanwhile.
// P13: needs client quotas, which this version does not have.
// P03: the rates are a twentieth and the outage a tenth of the entry's.
// P08: with the bug the replica leaves the ISR, without it never; that it comes back and leaves
//      again with the period of the lag is not asserted.
// P09: 200 partitions instead of 10,000; a pause stands in for a slow sweep.
// P11: a fifth of the replicas, a twentieth of the load; the topics are not deleted at the end.
// P12: ratios only: the controller has no cost per partition yet.
// P16: the growth of the state; there is no heap whose exhaustion could pause a broker.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

/// From the moment the controller saw broker 1 vanish until it had elected the last of its n
/// leaders.
Duration elections(int partitions, int in_flight) {
  std::string assignment;
  for (int p = 0; p < partitions; ++p) assignment += p == 0 ? "[1, 2]" : ", [1, 2]";
  World world = world_led_by(3, 25 * kSecond,
                             R"("duration": "90s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s",
      "zookeeper.max.in.flight.requests": )" +
                                 std::to_string(in_flight) + R"(}}},
    "network": {"default": {"latency": "250us", "jitter": "0us"}},
    "topics": [{"name": "orders", "assignment": [)" +
                                 assignment + R"(]}],
    "faults": [{"at": "30s", "kill": "broker-1"}])");
  world.until(80 * kSecond);
  const auto seen = world.events(HistoryKind::kBrokerFailureSeen, 30 * kSecond);
  const auto elected = world.events(HistoryKind::kLeaderElected, 30 * kSecond);
  REQUIRE(seen.size() == 1);
  REQUIRE(elected.size() == static_cast<std::size_t>(partitions));
  return elected.back().time - seen[0].time;
}

}  // namespace

TEST_CASE("P12: elections cost a round trip of ZooKeeper each, or a tenth of it", "[catalogue]") {
  // The sync and the async model of the entry: n * ce and n * ce / pipeline, at 100 and 400
  // partitions for its 10,000.
  const double sync = seconds(elections(100, 1));
  const double longer = seconds(elections(400, 1));
  const double pipelined = seconds(elections(400, 10));
  CHECK(longer / sync == Approx(4).epsilon(0.15));
  CHECK(longer / pipelined > 5);
  CHECK(longer / pipelined < 11);
}

TEST_CASE("P14: a lag of 60 s is drained at the spare rate", "[catalogue]") {
  World world = world_of(R"("duration": "300s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 1, "config": {
      "offsets.topic.replication.factor": 1}}},
    "topics": [{"name": "orders", "partitions": 1}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "1000/s", "record.size": "100B"}],
    "consumers": [{"group": "g", "topics": ["orders"], "processing": "667us",
                   "config": {"session.timeout.ms": "120s", "auto.offset.reset": "earliest"}}],
    "faults": [{"at": "40s", "pause": "client g-1", "for": "60s"}])");
  world.until(100 * kSecond);
  const auto lag = [&] {
    const model::PartitionId id = world.partition("orders", 0);
    return world.cluster().broker(1).partition(id)->log.high_watermark() -
           world.cluster().consumers()[0].position(id);
  };
  CHECK(static_cast<double>(lag()) == Approx(60'000).epsilon(0.03));
  // A poll takes 500 records and a third of a second, in which as many as 333 more arrive.
  const Time drained = world.until_true(300 * kSecond, [&] { return lag() <= 500; });
  CHECK(seconds(drained - 100 * kSecond) == Approx(60'000 / (1e6 / 667 - 1000)).epsilon(0.05));
  CHECK(world.broken_promises() == "");
}

TEST_CASE("P14: a consumer that is too slow falls off the log", "[catalogue]") {
  World world = world_of(R"("duration": "400s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 1, "config": {
      "offsets.topic.replication.factor": 1,
      "log.retention.bytes": 2000000, "log.segment.bytes": 500000,
      "log.retention.check.interval.ms": "1s", "log.initial.task.delay.ms": "1s"}}},
    "topics": [{"name": "orders", "partitions": 1}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "1000/s", "record.size": "100B"}],
    "consumers": [{"group": "g", "topics": ["orders"], "processing": "1250us",
                   "config": {"auto.offset.reset": "earliest",
                              "max.partition.fetch.bytes": 100000}}])");
  world.until(400 * kSecond);
  const auto out_of_range = static_cast<std::int64_t>(model::ResetReason::kOutOfRange);
  std::size_t resets = 0;
  for (const auto& event : world.events(HistoryKind::kPositionReset)) {
    if (event.c != out_of_range) continue;
    ++resets;
    CHECK(event.b > event.a);  // forward to the start of the log: records that nobody read
  }
  CHECK(resets >= 1);
}

namespace {

/// Eight partitions round robin over four brokers; each broker is stopped and started in turn, when
/// the one before is back in all ISRs.
std::string rolling(bool rebalance) {
  std::string assignment;
  for (int p = 0; p < 8; ++p) {
    const auto broker = [&](int i) { return std::to_string((p + i) % 4 + 1); };
    assignment +=
        std::string(p == 0 ? "[" : ", [") + broker(0) + "," + broker(1) + "," + broker(2) + "]";
  }
  std::string faults;
  for (int b = 1; b <= 4; ++b) {
    faults += std::string(b == 1 ? "" : ", ") + R"({"at": ")" + std::to_string(30 * b) +
              R"(s", "stop": "broker-)" + std::to_string(b) + R"(", "restart": "after 5s"})";
  }
  return R"("duration": "600s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 4, "config": {
      "auto.leader.rebalance.enable": )" +
         std::string(rebalance ? "true" : "false") + R"(}}},
    "topics": [{"name": "orders", "assignment": [)" +
         assignment + R"(]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "100/s"}],
    "faults": [)" +
         faults + "]";
}

}  // namespace

TEST_CASE("P15: after a rolling restart the last broker leads nothing until the rebalance",
          "[catalogue]") {
  // Leadership goes to the first other replica in the order of the assignment.
  std::vector<BrokerId> expected;
  for (BrokerId p = 0; p < 8; ++p) {
    BrokerId leader = p % 4 + 1;
    for (BrokerId stopped = 1; stopped <= 4; ++stopped) {
      if (leader == stopped) leader = stopped == p % 4 + 1 ? (p + 1) % 4 + 1 : p % 4 + 1;
    }
    expected.push_back(leader);
  }
  const auto leaders = [](const World& world) {
    std::vector<BrokerId> result;
    for (std::int32_t p = 0; p < 8; ++p) result.push_back(world.leader("orders", p));
    return result;
  };
  World skewed = world_of(rolling(false));
  skewed.until(150 * kSecond);
  CHECK(leaders(skewed) == expected);
  CHECK(std::count(expected.begin(), expected.end(), 4) == 0);
  skewed.until(590 * kSecond);
  CHECK(leaders(skewed) == expected);  // permanent
  // F10: within 300 s of the return to the ISR.
  World balanced = world_of(rolling(true));
  balanced.until(150 * kSecond);
  REQUIRE(balanced.isr("orders", 3).size() == 3);
  balanced.until(450 * kSecond);
  CHECK(leaders(balanced) == std::vector<BrokerId>{1, 2, 3, 4, 1, 2, 3, 4});
  CHECK(balanced.broken_promises() == "");
}

TEST_CASE("P11: 8 brokers and a thousand replicas, each broker bounced", "[catalogue]") {
  // A fifth of the entry's replicas and a twentieth of its rate and records.
  std::string topics;
  std::string producers;
  for (int t = 0; t < 10; ++t) {
    const std::string name = "t" + std::to_string(t);
    topics += std::string(t == 0 ? "" : ", ") + R"({"name": ")" + name +
              R"(", "partitions": 34, "replication.factor": 3,
                  "config": {"min.insync.replicas": 2}})";
    if (t >= 3) continue;
    producers += std::string(t == 0 ? "" : ", ") + R"({"name": "w)" + std::to_string(t) +
                 R"(", "topic": ")" + name + R"(", "rate": "2500/s", "records": 56667,
                     "record.size": "100B", "start": "20s"})";
  }
  std::string faults;
  for (int b = 1; b <= 8; ++b) {
    faults += std::string(b == 1 ? "" : ", ") + R"({"at": ")" + std::to_string(60 + 20 * b) +
              R"(s", "stop": "broker-)" + std::to_string(b) + R"(", "restart": "after 3s"})";
  }
  World world = world_of(R"("duration": "620s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 8}},
    "topics": [)" + topics +
                         R"(], "producers": [)" + producers + R"(],
    "consumers": [{"group": "g", "topics": ["t0", "t1", "t2"],
                   "config": {"auto.offset.reset": "earliest"}}],
    "faults": [)" + faults +
                         "]");
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.until(80 * kSecond - 1);
  CHECK(acks->records("w0") + acks->records("w1") + acks->records("w2") == 3 * 56'667);
  CHECK(deliveries->records("g-1") == 3 * 56'667);
  world.until(300 * kSecond);
  for (int t = 0; t < 10; ++t) {
    for (std::int32_t p = 0; p < 34; ++p) {
      CHECK(world.isr("t" + std::to_string(t), p).size() == 3);
    }
  }
  CHECK(world.events(HistoryKind::kProcessExited, 80 * kSecond).size() == 8);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("P16: producers that are made for one record fill the producer state", "[catalogue]") {
  // One a second; the state forgets them after producer.id.expiration.ms.
  const auto entries = [](const std::string& expiration) {
    std::string producers;
    for (int i = 0; i < 60; ++i) {
      producers += std::string(i == 0 ? "" : ", ") + R"({"name": "w)" + std::to_string(i) +
                   R"(", "topic": "orders", "records": 1, "interval": "10ms", "start": ")" +
                   std::to_string(10 + i) + R"(s"})";
    }
    World world = world_of(R"("duration": "120s",
      "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 1, "config": {)" +
                           expiration + R"("producer.id.expiration.check.interval.ms": "1s"}}},
      "topics": [{"name": "orders", "partitions": 1}],
      "producers": [)" + producers +
                           "]");
    std::vector<std::size_t> counts;
    for (const int at : {25, 45, 65, 110}) {
      world.until(at * kSecond + 500 * kMillisecond);
      const auto* states = replica_of(world, 1, "orders").log.producers();
      counts.push_back(states == nullptr ? 0 : states->entries().size());
    }
    return counts;
  };
  // rate x run for the default of a day; rate x expiration, and a pass of a second, for 20 s.
  CHECK(entries("") == std::vector<std::size_t>{16, 36, 56, 60});
  const auto expired = entries(R"("producer.id.expiration.ms": "20s", )");
  CHECK(expired[0] == 16);
  for (const std::size_t i : {1U, 2U}) {
    CHECK(expired[i] >= 20);
    CHECK(expired[i] <= 22);
  }
  CHECK(expired[3] == 0);
}

}  // namespace isrlab::test
