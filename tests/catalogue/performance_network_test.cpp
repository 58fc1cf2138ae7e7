// Catalogue group P: latencies and rates of the network. P04, P05, P06 of scenarios.md.
//
// Left out:
// P07: not reproduced. With brokers at 80 % of their network cards and one stopped, producers and
//      consumers queue for minutes, but no follower left the ISR; who falls next was not explained.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {

TEST_CASE("P04: 50 ms on every way out double on a ping", "[catalogue]") {
  // A ping is a record a second with acks=1: one round trip between a client and a broker.
  World world = world_of(R"("duration": "60s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 1}},
    "topics": [{"name": "ping", "partitions": 1}],
    "producers": [{"name": "p1", "topic": "ping", "interval": "1s", "start": "20s", "records": 20,
                   "config": {"acks": 1, "enable.idempotence": false}}],
    "faults": [{"at": "25500ms", "delay": "all clients", "from": "all brokers",
                "latency": "50ms", "for": "10s"}])");
  Acks* acks = attach<Acks>(world);
  world.until(60 * kSecond);
  int slow = 0;
  int quick = 0;
  REQUIRE(acks->of("p1").size() == 20);
  for (const Acks::Ack& ack : acks->of("p1")) {
    slow += ack.latency > 80 * kMillisecond;
    quick += ack.latency < 10 * kMillisecond;
    CHECK(ack.latency < 110 * kMillisecond);
  }
  CHECK(slow == 10);
  CHECK(quick == 10);
}

TEST_CASE("P04: a rate limit of a million kbit/s is met within a factor of 10", "[catalogue]") {
  // The samples are what a follower gets in 50 ms while it catches up with 100 MB.
  World world = world_of(R"("duration": "60s",
    "cluster": {"zookeeper": {"count": 1}, "brokers": {"count": 2, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s"}}},
    "topics": [{"name": "orders", "assignment": [[1, 2]]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "1000/s", "record.size": "10000B",
                   "records": 10000, "config": {"acks": 1, "enable.idempotence": false}}],
    "faults": [{"at": "10s", "slow_link": "broker-1", "from": "broker-2", "rate": "1Gbit"},
               {"at": "10s", "kill": "broker-2", "restart": "after 20s"}])");
  world.until(30 * kSecond);
  const auto& follower = replica_of(world, 2, "orders").log;
  std::int64_t last = follower.size_bytes();
  int samples = 0;
  for (Time at = 30 * kSecond; at < 50 * kSecond; at += 50 * kMillisecond) {
    world.until(at);
    const double rate = static_cast<double>(follower.size_bytes() - last) / 0.05;
    last = follower.size_bytes();
    if (rate <= 0) continue;
    CHECK(rate < 125e6 * 1.5);
    samples += rate > 125e6 / 10;
  }
  CHECK(follower.log_end_offset() == 10'000);
  CHECK(samples > 5);
}

namespace {

std::string between(const std::string& one, const std::string& others) {
  return R"(, {"at": "20s", "delay": ")" + one + R"(", "from": ")" + others +
         R"(", "latency": "100ms", "for": "60s"})";
}

/// 100 ms on every way out of a server for 60 s, 3 Mbit/s for their network cards.
std::string slow_servers(const std::string& producer) {
  return R"("duration": "620s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 4, "net": "3Mbit", "config": {
      "auto.leader.rebalance.enable": false}}},
    "network": {"default": {"latency": "250us", "jitter": "0us"}},
    "topics": [{"name": "round", "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "round", "start": "20s", )" +
         producer + R"(}],
    "consumers": [{"group": "g", "topics": ["round"],
                   "config": {"auto.offset.reset": "earliest"}}],
    "faults": [{"at": "20s", "delay": "all brokers and all zk", "from": "all clients",
                "direction": "from", "latency": "100ms", "for": "60s"})" +
         between("broker-1", "brokers 2,3,4 and all zk") +
         between("broker-2", "brokers 3,4 and all zk") +
         between("broker-3", "broker-4 and all zk") + between("broker-4", "all zk") +
         between("zk-1", "zk 2,3") + between("zk-2", "zk-3") + "]";
}

void check_undisturbed(const World& world) {
  CHECK(world.events(HistoryKind::kZkSessionExpired).empty());
  CHECK(world.events(HistoryKind::kIsrShrinkProposed).empty());
  CHECK(world.broken_promises() == "");
}

}  // namespace

TEST_CASE("P05: with 100 ms on the servers' ways out acks=all takes 100 + 200 ms", "[catalogue]") {
  // A record a second: the followers' fetches are parked again when the next one comes.
  World world =
      world_of(slow_servers(R"("interval": "1s", "record.size": "100B", "stop": "100s")"));
  Acks* acks = attach<Acks>(world);
  world.until(120 * kSecond);
  CHECK(seconds(acks->median_latency("p1", 25 * kSecond, 79 * kSecond)) ==
        Approx(0.300).margin(0.01));
  CHECK(acks->median_latency("p1", 82 * kSecond, 100 * kSecond) < 5 * kMillisecond);
  check_undisturbed(world);
}

TEST_CASE("P05: 3 Mbit/s for two followers and a consumer carry 125 kB/s each", "[catalogue]") {
  World world =
      world_of(slow_servers(R"("rate": "10000/s", "records": 100000, "record.size": "100B")"));
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  Time done = sim::kNever;
  for (Time at = 30 * kSecond; at < 620 * kSecond && done == sim::kNever; at += kSecond) {
    world.until(at);
    if (deliveries->records("g-1") >= 100'000) done = at;
  }
  REQUIRE(done < 620 * kSecond);
  CHECK(deliveries->records("g-1") == 100'000);
  CHECK(acks->records("p1") == 100'000);
  // A third of 375 kB/s for what one of three readers gets, batches included.
  const double bytes = static_cast<double>(replica_of(world, 1, "round").log.size_bytes());
  CHECK(bytes / seconds(done - 20 * kSecond) < 125e3);
  CHECK(bytes / seconds(done - 20 * kSecond) > 125e3 / 3);
  check_undisturbed(world);
}

TEST_CASE("P06: acks=all takes as long as the slowest member of the ISR", "[catalogue]") {
  // Followers at 50 and 200 ms; each in turn is lost.
  World world = world_led_by(1, 25 * kSecond, R"("duration": "200s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s"}}},
    "network": {"default": {"latency": "500us", "jitter": "0us"}, "links": [
      {"between": ["broker-1", "broker-2"], "latency": "25ms", "jitter": "0us"},
      {"between": ["broker-1", "broker-3"], "latency": "100ms", "jitter": "0us"}]},
    "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "orders", "interval": "500ms"}],
    "faults": [{"at": "60s", "kill": "broker-3"}, {"at": "100s", "kill": "broker-2"}])");
  Acks* acks = attach<Acks>(world);
  world.until(140 * kSecond);
  // F11: the client's round trip of 1 ms and the follower's.
  CHECK(seconds(acks->median_latency("p1", 30 * kSecond, 60 * kSecond)) ==
        Approx(0.201).margin(0.002));
  CHECK(seconds(acks->median_latency("p1", 75 * kSecond, 100 * kSecond)) ==
        Approx(0.051).margin(0.002));
  CHECK(seconds(acks->median_latency("p1", 115 * kSecond, 140 * kSecond)) ==
        Approx(0.001).margin(0.001));
  // A step down, not up: what waited is acknowledged with the shrink. The other follower hears of
  // the new epoch with its next fetch, after 500 ms at most.
  for (const auto& [killed, floor] : {std::pair{60, 52}, std::pair{100, 3}}) {
    const Time death = killed * kSecond;
    Time shrunk = 0;
    for (const auto& event : events_of(world, HistoryKind::kPartitionState, death, "orders")) {
      if (shrunk == 0) shrunk = event.time;
    }
    REQUIRE(shrunk > death);
    for (const Acks::Ack& ack : acks->of("p1")) {
      if (ack.time - ack.latency < shrunk + kSecond || ack.time > death + 35 * kSecond) continue;
      CHECK(ack.latency <= floor * kMillisecond);
    }
  }
  CHECK(world.broken_promises() == "");
}

}  // namespace isrlab::test
