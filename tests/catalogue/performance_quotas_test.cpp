// Catalogue group P: replication quotas and catch-up. P02, P03, P08, P09 of scenarios.md.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

/// ReplicationQuotasTest: brokers 1 to 6 lead a throttled partition each, of which 7 (the first
/// three) and 8 hold the second replica; two partitions of another topic are not throttled. The
/// followers are down while 100 records of 100 kB are written to each partition, and start empty.
std::string asymmetric(const std::string& leaders, const std::string& config) {
  std::string producers;
  for (int p = 0; p < 8; ++p) {
    producers += std::string(p == 0 ? "" : ",") + R"({"name": "w)" + std::to_string(p) +
                 R"(", "topic": ")" + (p < 6 ? "slow" : "fast") + R"(", "partition": )" +
                 std::to_string(p < 6 ? p : p - 6) +
                 R"(, "rate": "50/s", "records": 100, "record.size": "100000B", "start": "30s",
                      "config": {"acks": 1, "enable.idempotence": false}})";
  }
  return R"("duration": "200s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 8, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s", )" +
         leaders + R"(}}},
    "topics": [
      {"name": "slow", "assignment": [[1,7],[2,7],[3,7],[4,8],[5,8],[6,8]], "config": {)" +
         config + R"(}},
      {"name": "fast", "assignment": [[1,7],[2,8]]}],
    "producers": [)" +
         producers + R"(],
    "faults": [{"at": "15s", "kill": "brokers 7,8", "restart": "after 45s"}])";
}

struct Replicated {
  double throttled = 0;  // seconds from the start of the followers
  double free = 0;
};

/// When all throttled and all other partitions were complete on their followers.
Replicated replicate(const std::string& leaders, const std::string& config) {
  World world = world_of(asymmetric(leaders, config));
  world.until(60 * kSecond - 1);
  const auto complete = [&](const std::string& topic, int number) {
    const BrokerId follower = topic == "slow" ? (number < 3 ? 7 : 8) : (number == 0 ? 7 : 8);
    return replica_of(world, follower, topic, number).log.log_end_offset() == 100;
  };
  CHECK(replica_of(world, 1, "slow", 0).log.log_end_offset() == 100);
  CHECK(replica_of(world, 7, "slow", 0).log.empty());
  // From the first bytes on: what comes before is the start of a broker.
  Time begun = sim::kNever;
  Replicated result;
  for (Time at = 60 * kSecond; at < 180 * kSecond; at += 50 * kMillisecond) {
    world.until(at);
    if (begun == sim::kNever && !replica_of(world, 7, "fast", 0).log.empty()) begun = at;
    if (result.free == 0 && complete("fast", 0) && complete("fast", 1))
      result.free = seconds(at - begun);
    bool all = true;
    for (int p = 0; p < 6; ++p) all = all && complete("slow", p);
    if (!all) continue;
    result.throttled = seconds(at - begun);
    break;
  }
  CHECK(world.broken_promises() == "");
  return result;
}

void check_replicated(const Replicated& result) {
  CHECK(result.throttled > 9);
  CHECK(result.throttled < 30);
  CHECK(result.free < 9);
  CHECK(result.free > 0);
  // 10 MB for each leader, or 30 MB for each follower, in 10 s would be the throttle.
  CHECK(10 / result.throttled > 0.5);
  CHECK(10 / result.throttled < 1.1);
}

}  // namespace

TEST_CASE("P02: leader throttles of 1 MB/s: 10 MB take 9 to 30 s, the others do not wait",
          "[catalogue]") {
  check_replicated(
      replicate(R"("leader.replication.throttled.rate": 1000000)",
                R"("leader.replication.throttled.replicas": "0:1,1:2,2:3,3:4,4:5,5:6")"));
}

TEST_CASE("P02: follower throttles of 3 MB/s: 30 MB take 9 to 30 s, the others do not wait",
          "[catalogue]") {
  check_replicated(
      replicate(R"("follower.replication.throttled.rate": 3000000)",
                R"("follower.replication.throttled.replicas": "0:7,1:7,2:7,3:8,4:8,5:8")"));
}

TEST_CASE("P03: after an outage the lag falls at rf - rp, and the ISR has 2 of 3 until then",
          "[catalogue]") {
  // A tenth of the entry's times and a twentieth of its rates: rp = 1 MB/s, rf = 3 MB/s, D = 60 s
  // (and the start of the broker), so T = 60/(3-1) = 30 s and a little more.
  World world = world_of(R"("duration": "200s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s",
      "replica.fetch.max.bytes": 300000}}},
    "network": {"default": {"latency": "250us", "jitter": "0us"}},
    "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "100/s", "record.size": "10000B",
                   "config": {"acks": 1, "enable.idempotence": false}}],
    "faults": [
      {"at": "15s", "slow_link": "broker-3", "from": "broker-1", "rate": "3MB/s"},
      {"at": "20s", "kill": "broker-3", "restart": "after 60s"}])");
  world.until(80 * kSecond);
  const auto& follower = replica_of(world, 3, "orders").log;
  const auto& leader = replica_of(world, 1, "orders").log;
  const auto lag = [&] { return leader.size_bytes() - follower.size_bytes(); };
  const std::int64_t before = follower.log_end_offset();
  const Time begun =
      world.until_true(120 * kSecond, [&] { return follower.log_end_offset() > before; });
  REQUIRE(begun < 90 * kSecond);
  const double backlog = static_cast<double>(lag());
  const double rp =
      static_cast<double>(leader.size_bytes()) / static_cast<double>(leader.log_end_offset()) * 100;
  const double expected = backlog / (3e6 - rp);
  // The lag is a line: after each fifth of the time a fifth of it is gone.
  for (int fifth = 1; fifth <= 4; ++fifth) {
    world.until(begun + static_cast<Duration>(expected * fifth / 5 * 1e9));
    INFO("after " << fifth << "/5");
    CHECK(static_cast<double>(lag()) / backlog == Approx(1 - fifth / 5.0).margin(0.03));
    CHECK(world.isr("orders", 0).size() == 2);
  }
  const Time expanded =
      world.until_true(200 * kSecond, [&] { return world.isr("orders", 0).size() == 3; });
  CHECK(seconds(expanded - begun) == Approx(expected).epsilon(0.05));
  // It has to reach the high watermark, not the end.
  CHECK(follower.log_end_offset() >= leader.high_watermark() - 5);
  CHECK(world.broken_promises() == "");
}

TEST_CASE("P03: one fetcher gets no more than a fetch in a round trip", "[catalogue]") {
  // 100 kB in 200 ms are 500 kB/s, whatever the link could carry.
  World world = world_of(R"("duration": "200s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 2, "config": {
      "auto.leader.rebalance.enable": false, "replica.fetch.max.bytes": 100000}}},
    "network": {"links": [{"between": ["broker-1", "broker-2"], "latency": "100ms",
                           "jitter": "0us"}]},
    "topics": [{"name": "orders", "assignment": [[1, 2]]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "100/s", "record.size": "9900B",
                   "start": "20s", "config": {"acks": 1, "enable.idempotence": false}}])");
  world.until(30 * kSecond);
  const auto& follower = replica_of(world, 2, "orders").log;
  const std::int64_t before = follower.size_bytes();
  world.until(90 * kSecond);
  CHECK(static_cast<double>(follower.size_bytes() - before) / 60 == Approx(500e3).epsilon(0.05));
  CHECK(replica_of(world, 1, "orders").log.size_bytes() > follower.size_bytes() + 25'000'000);
}

TEST_CASE("P08: a throttle on in-sync replicas pushes them out of the ISR (KAFKA-4313)",
          "[catalogue]") {
  // 200 kB/s are written and 150 kB/s of throttled replication allowed.
  const auto run = [](const std::string& bugs) {
    World world = world_of(R"("duration": "600s",
      "cluster": {)" + bugs +
                           R"("zookeeper": {"count": 3}, "brokers": {"count": 2, "config": {
        "auto.leader.rebalance.enable": false, "replica.lag.time.max.ms": "10s",
        "leader.replication.throttled.rate": 150000, "replica.fetch.max.bytes": 50000}}},
      "topics": [{"name": "orders", "assignment": [[1, 2]],
                  "config": {"leader.replication.throttled.replicas": "*"}}],
      "producers": [{"name": "p1", "topic": "orders", "rate": "200/s", "record.size": "1000B",
                     "stop": "300s", "config": {"acks": 1, "enable.idempotence": false}}])");
    world.until(590 * kSecond);
    return std::pair{world.events(HistoryKind::kIsrShrinkProposed).size(),
                     replica_of(world, 1, "orders").log.log_end_offset() -
                         replica_of(world, 2, "orders").log.log_end_offset()};
  };
  // In sync, hence never throttled.
  CHECK(run("") == std::pair<std::size_t, std::int64_t>{0, 0});
  CHECK(run(R"("bugs": {"throttle_isr": "off"}, )").first >= 1);
}

TEST_CASE("P09: idle partitions leave the ISR by the clock alone (KAFKA-7152)", "[catalogue]") {
  // 200 partitions for the entry's 10,000, of which 4 are written to. A follower that stands still
  // for 8 s is longer silent than the lag of 5 s, but its session of 18 s goes on.
  const auto shrunk = [](const std::string& bugs) {
    std::string assignment;
    for (int p = 0; p < 196; ++p) assignment += p == 0 ? "[1, 2]" : ", [1, 2]";
    World world = world_of(R"("duration": "120s",
      "cluster": {)" + bugs +
                           R"("zookeeper": {"count": 3}, "brokers": {"count": 2, "config": {
        "auto.leader.rebalance.enable": false, "replica.lag.time.max.ms": "5s"}}},
      "topics": [{"name": "idle", "assignment": [)" +
                           assignment + R"(]},
                 {"name": "busy", "assignment": [[1, 2], [1, 2], [1, 2], [1, 2]]}],
      "producers": [{"name": "p1", "topic": "busy", "rate": "400/s", "keys": {"count": 100},
                     "config": {"acks": 1, "enable.idempotence": false}}],
      "faults": [{"at": "30s", "pause": "broker-2", "for": "8s"}])");
    world.until(60 * kSecond);
    std::pair<std::size_t, std::size_t> idle_busy;
    const model::PartitionId first_busy = world.partition("busy", 0);
    for (const auto& event : world.events(HistoryKind::kIsrShrinkProposed)) {
      const bool busy = event.subject >= first_busy && event.subject < first_busy + 4;
      ++(busy ? idle_busy.second : idle_busy.first);
    }
    CHECK(world.isr("idle", 0).size() == 2);  // they come back: churn
    CHECK(world.isr("busy", 0).size() == 2);
    return idle_busy;
  };
  CHECK(shrunk("") == std::pair<std::size_t, std::size_t>{0, 4});
  CHECK(shrunk(R"("bugs": {"caught_up_equal_leo": "off"}, )") ==
        std::pair<std::size_t, std::size_t>{196, 4});
}

}  // namespace isrlab::test
