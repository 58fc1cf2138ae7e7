// Catalogue group D, entries that lose data: what is lost, where, and why.
//
// Left out:
// D10: needs eligible leader replicas (KIP-966), which ZooKeeper mode does not have.
// D17: the decision of the leader is asserted in tests/unit/bugs_leader_test.cpp; in a cluster the
//      controller's requests reach the leader one by one, so it sees both changes.
// D19: needs the expiry of committed offsets (offsets retention), which is not modelled.
// D20: needs a consumer that detects truncation (KIP-320) and a topic setting changed on the fly.
// D22: a directory with the clean mark is loaded in no time here, so no death falls into it.
#include "tests/catalogue/durability.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

using model::Error;
using sim::kMillisecond;
using sim::kSecond;

/// orders with one partition; sessions of 6 s unless the settings say otherwise.
std::string cluster_of(int brokers, const std::string& settings, const std::string& topic,
                       const std::string& session = "6s") {
  return R"("cluster": {"zookeeper": {"count": 3}, "brokers": {"count": )" +
         std::to_string(brokers) + R"(, "config": {"zookeeper.session.timeout.ms": ")" + session +
         R"(", "auto.leader.rebalance.enable": false, "offsets.topic.num.partitions": 1)" +
         settings + R"(}}}, "topics": [{"name": "orders", )" + topic + "}], ";
}

constexpr const char* kAcksZero = R"("acks": "0", "enable.idempotence": false)";

std::string hundred_thousand(const std::string& fault) {
  return R"("duration": "60s", )" + cluster_of(3, "", R"("assignment": [[1, 2, 3]])") +
         R"("producers": [{"name": "p1", "topic": "orders", "rate": "5000/s", "records": 100000,
            "record.size": "100B", "config": {"metadata.max.age.ms": "5s", )" +
         kAcksZero + R"(}}], "faults": [{"when": "end of orders-0 on broker-1 >= 30000", ")" +
         fault + R"(": "broker-1"}])";
}

}  // namespace

TEST_CASE("D01: acks=0, leader killed: a producer that succeeds throughout loses records",
          "[catalogue]") {
  for (const std::string fault : {"kill", "crash"}) {
    INFO(fault);
    World world(scenario_of(hundred_thousand(fault)), 3);
    const Books& books = books_of(world);
    world.until(60 * kSecond);
    CHECK(books.created == 100'000);
    CHECK(books.acked.size() == 100'000);
    CHECK(books.failed.empty());
    for (const auto& [record, ack] : books.acked) REQUIRE(ack.offset == -1);
    const auto dead = world.events(HistoryKind::kProcessKilled);
    REQUIRE(dead.size() == 1);
    Time switched = sim::kNever;
    for (const auto& event : world.events(HistoryKind::kLeaderLearned, dead[0].time)) {
      if (event.a > 1) switched = std::min(switched, event.time);
    }
    // F4, with M until the client asks somebody and Q until it notices that this one is dead.
    REQUIRE(switched - dead[0].time < 8 * kSecond + 5 * kSecond + 30 * kSecond);
    const auto lost =
        static_cast<std::int64_t>(missing_offsets(books, world, world.leader("orders", 0)).size());
    CAPTURE(lost, dead[0].time, switched);
    const std::int64_t at_most = 5 * ((switched - dead[0].time) / kMillisecond);
    CHECK(lost > 0);
    CHECK(lost <= at_most + 200);
    // A process that dies resets its connection, and what comes later waits for the new leader:
    // lost is what was under way. A host that dies tells nobody: all is sent to it until a request
    // for metadata, the only kind that is answered, times out.
    if (fault == "kill") CHECK(lost < 500);
    if (fault == "crash") CHECK(lost > 5'000);
    CHECK(world.broken_promises() == "");
  }
}

TEST_CASE("D02: acks=1, leader killed: the tail that nobody had fetched is lost", "[catalogue]") {
  // 10^4 records a second, followers 1 ms away: of the order of 20 records.
  const std::string body =
      R"("duration": "40s", "network": {"links": [
          {"between": ["broker-1", "broker-2"], "latency": "1ms", "jitter": "0s"},
          {"between": ["broker-1", "broker-3"], "latency": "1ms", "jitter": "0s"}]}, )" +
      cluster_of(3, "", R"("assignment": [[1, 2, 3]])") +
      R"("producers": [{"name": "p1", "topic": "orders", "rate": "10000/s", "start": "18s",
          "stop": "21s", "record.size": "100B",
          "config": {"acks": "1", "enable.idempotence": false}}],
         "faults": [{"at": "20s", "kill": "broker-1"}])";
  const scenarios::Scenario scenario = scenario_of(body);
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    World world(scenario, seed);
    const Books& books = books_of(world);
    world.until(40 * kSecond);
    const sim::HistoryEvent leader = last_leader(world, 20 * kSecond);
    const BrokerId now = world.leader("orders", 0);
    REQUIRE(now > 1);
    const auto lost = missing_offsets(books, world, now);
    CAPTURE(seed, lost.size());
    for (const std::int64_t offset : lost) CHECK(offset >= leader.b);
    // A round trip, and once more if the answer had just left.
    CHECK(lost.size() <= 10 * 5);
    total += lost.size();
    CHECK(books.failed.empty());  // retries cover what was not acknowledged
  }
  CHECK(total >= 8 * 2);
  CHECK(total <= 8 * 40);
}

TEST_CASE("D04: a leader cut off from all but its clients acknowledges on, acks=1", "[catalogue]") {
  const std::string body =
      R"("duration": "260s", )" + cluster_of(3, "", R"("assignment": [[1, 2, 3]])", "18s") +
      R"("producers": [{"name": "p1", "topic": "orders", "rate": "1000/s", "record.size": "100B",
          "stop": "230s", "config": {"acks": "1", "enable.idempotence": false}}],
         "faults": [{"at": "60s", "partition": {"side": "broker-1",
                     "from": "broker-2 and broker-3 and all zk"}, "for": "120s"}])";
  const scenarios::Scenario scenario = scenario_of(body);
  World world(scenario, seed_with_controller(scenario, 2));
  const Books& books = books_of(world);
  world.until(170 * kSecond);
  // Two leaders, in different epochs.
  CHECK(replica(world, 1).is_leader());
  const BrokerId elected = world.leader("orders", 0);
  REQUIRE(elected > 1);
  CHECK(replica(world, elected).is_leader());
  CHECK(replica(world, elected).leader_epoch > replica(world, 1).leader_epoch);
  world.until(260 * kSecond);
  const sim::HistoryEvent leader = last_leader(world, 60 * kSecond);
  CHECK(leader.time > 60 * kSecond + 12 * kSecond);  // F1: S - S/3
  CHECK(leader.time < 60 * kSecond + 22 * kSecond);  // ... to S + tick + h
  Time demoted = sim::kNever;
  for (const auto& event : world.events(HistoryKind::kBecameFollower, 180 * kSecond)) {
    if (event.subject == world.partition("orders", 0)) demoted = std::min(demoted, event.time);
  }
  REQUIRE(demoted < 230 * kSecond);
  const auto lost = missing_offsets(books, world, elected);
  REQUIRE_FALSE(lost.empty());
  // F7 with a client that gets no error and does not refresh its metadata: W is the whole cut, up
  // to the moment at which the old leader hears of the new one.
  const std::int64_t window = (demoted - 60 * kSecond) / kMillisecond;
  CAPTURE(lost.size(), window, demoted);
  CHECK(static_cast<std::int64_t>(lost.size()) <= window + 100);
  CHECK(static_cast<std::int64_t>(lost.size()) >= window - 1'000);
  CHECK(window >= 120'000);
  for (const std::int64_t offset : lost) REQUIRE(offset >= leader.b);
  const auto cut = world.events(HistoryKind::kTruncated, 180 * kSecond);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].b == leader.b);  // everything since the cut
  CHECK(world.broken_promises() == "");
}

TEST_CASE("D07: unclean election: exactly first and third are consumed", "[catalogue]") {
  const std::string body = R"("duration": "100s", )" +
                           cluster_of(2, R"(, "unclean.leader.election.enable": true,
          "controlled.shutdown.max.retries": 1, "offsets.topic.replication.factor": 1)",
                                      R"("assignment": [[1, 2]])") +
                           R"("producers": [
          {"name": "first", "topic": "orders", "records": 1, "start": "10s"},
          {"name": "second", "topic": "orders", "records": 1, "start": "22s"},
          {"name": "third", "topic": "orders", "records": 1, "start": "65s"}],
         "consumers": [{"group": "g", "topics": ["orders"], "start": "70s",
                        "config": {"auto.offset.reset": "earliest"}}],
         "faults": [{"at": "15s", "stop": "broker-2"}, {"at": "30s", "stop": "broker-1"},
                    {"at": "45s", "restart": "broker-2"}])";
  World world(scenario_of(body), 1);
  const Books& books = books_of(world);
  world.until(29 * kSecond);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1});
  CHECK(books.acked.at({1, 0}).offset == 1);
  world.until(44 * kSecond);
  CHECK_FALSE(broker_alive(world, 1));
  CHECK(elections(world, 4) == 0);
  world.until(100 * kSecond);
  CHECK(elections(world, 4) == 1);
  CHECK(world.leader("orders", 0) == 2);
  std::vector<RecordId> consumed;
  for (const Delivery& each : books.delivered) consumed.push_back(each.record);
  CHECK(names_of(world, consumed) == "first third");
  REQUIRE(books.acked.count({2, 0}) == 1);
  CHECK(books.acked.at({2, 0}).offset == 1);  // where second was
  CHECK(missing_offsets(books, world, 2) == std::vector<std::int64_t>{1});
}

TEST_CASE("D21: a consumer that checks no epochs skips what replaced its records", "[catalogue]") {
  const std::string body = R"("duration": "100s", )" + cluster_of(3, "", R"("assignment": [[1, 2]],
                           "config": {"unclean.leader.election.enable": true})") +
                           R"("producers": [
          {"name": "old", "topic": "orders", "records": 60, "start": "12s"},
          {"name": "gone", "topic": "orders", "records": 40, "start": "22s"},
          {"name": "new", "topic": "orders", "records": 50, "start": "60s"}],
         "consumers": [{"group": "g", "topics": ["orders"],
             "config": {"auto.offset.reset": "earliest", "session.timeout.ms": "120s"}}],
         "faults": [{"at": "15s", "stop": "broker-2"},
                    {"at": "28s", "pause": "client g-1", "for": "47s"},
                    {"at": "30s", "kill": "broker-1"}, {"at": "45s", "restart": "broker-2"}])";
  World world(scenario_of(body), 1);
  const Books& books = books_of(world);
  world.until(28 * kSecond);
  REQUIRE(books.delivered.size() == 100);
  world.until(59 * kSecond);
  REQUIRE(elections(world, 4) == 1);
  CHECK(replica(world, 2).log.log_end_offset() == 60);
  world.until(74 * kSecond);
  CHECK(replica(world, 2).log.log_end_offset() == 110);
  world.until(100 * kSecond);
  // Read before: old, and 40 that no longer exist. Then only the last 10 of the new ones.
  REQUIRE(books.delivered.size() == 110);
  for (std::size_t i = 0; i < 110; ++i) {
    CHECK(books.delivered[i].offset == static_cast<std::int64_t>(i));
    const RecordId expected = i < 60    ? RecordId{0, i}
                              : i < 100 ? RecordId{1, i - 60}
                                        : RecordId{2, i - 60};
    CHECK(books.delivered[i].record == expected);
  }
  CHECK(missing_offsets(books, world, 2).size() == 40);
}

TEST_CASE("D18: a move waits until all of its replicas are in sync", "[catalogue]") {
  // 1 and 2 are down; 4 joins the leader 3. Complete now, the ISR would be {4} alone.
  World world(scenario_of(R"("duration": "120s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 4, "config": {
      "zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
      "auto.leader.rebalance.enable": false}}},
    "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "100/s"}],
    "faults": [{"at": "15s", "kill": "brokers 1,2"},
               {"at": "30s", "reassign": "orders-0 -> 1,2,4"},
               {"at": "60s", "restart": "brokers 1,2"}])"));
  world.until(59 * kSecond);
  CHECK(world.events(HistoryKind::kReassignmentDone).empty());
  CHECK(world.leader("orders", 0) == 3);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{3, 4});
  world.until(100 * kSecond);
  CHECK(world.events(HistoryKind::kReassignmentDone).size() == 1);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2, 4});
  CHECK(world.leader("orders", 0) == 1);
  // At no time was the ISR smaller than the two that were alive.
  for (const auto& event : world.events(HistoryKind::kPartitionState, 31 * kSecond)) {
    if (event.subject != world.partition("orders", 0)) continue;
    if (event.time > 40 * kSecond) CHECK(world.cluster().history().list(event.b).size() >= 2);
  }
  CHECK(world.broken_promises() == "");
}

}  // namespace isrlab::test
