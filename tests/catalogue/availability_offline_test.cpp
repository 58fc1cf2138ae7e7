// Catalogue group A: partitions without a leader and failed log directories. A13, A24, A25 of
// scenarios.md.
// Left out:
// A24: reads of topic1 at the end; writes fail at once, without waiting for a roll.
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {
namespace {

/// One partition on brokers 1 and 2; broker 3 has no replica and is the controller.
std::string two_replicas(const std::string& brokers, const std::string& faults) {
  return R"("duration": "180s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false, "zookeeper.session.timeout.ms": "6s")" +
         brokers + R"(}}},
    "topics": [{"name": "orders", "assignment": [[1, 2]]}, {"name": "other", "assignment": [[1]]}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "50/s"},
                  {"name": "p2", "topic": "other", "rate": "50/s"}],
    "faults": [)" +
         faults + "]";
}

constexpr const char* kBothDie = R"({"at": "30s", "kill": "broker-2"},
                                    {"at": "50s", "kill": "broker-1"},
                                    {"at": "80s", "restart": "broker-2"},
                                    {"at": "110s", "restart": "broker-1"})";

void check_offline(const World& world, std::int32_t epoch) {
  CHECK(world.leader("orders", 0) == model::kNoBroker);
  CHECK(world.leader_epoch("orders", 0) == epoch + 1);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1});
}

/// topic1 (min ISR 1) and topic2 (min ISR 2) in different directories of each of three brokers.
std::string two_directories(const std::string& faults) {
  return R"("duration": "240s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "auto.leader.rebalance.enable": false, "log.dirs": 2, "log.roll.ms": "3s",
      "offsets.topic.num.partitions": 1}}},
    "topics": [{"name": "topic1", "assignment": [[1, 2, 3]]},
               {"name": "topic2", "assignment": [[1, 2, 3]],
                "config": {"min.insync.replicas": 2}}],
    "producers": [{"name": "p1", "topic": "topic1", "rate": "50/s"},
                  {"name": "p2", "topic": "topic2", "rate": "50/s"}],
    "consumers": [{"group": "g1", "topics": ["topic1"]}, {"group": "g2", "topics": ["topic2"]}],
    "faults": [)" +
         faults + "]";
}

/// Broker `victim` (1 leads both topics) loses topic2's directory at 30 s; with `bounce` it is
/// stopped and started again; at 130 s the others are stopped.
void log_directory_fails(BrokerId victim, bool bounce) {
  const std::string name = "broker-" + std::to_string(victim);
  const std::string others = victim == 1 ? "brokers 2,3" : "brokers 1,3";
  INFO(name << (bounce ? " with" : " without") << " a bounce");
  World world = world_of(two_directories(
      (bounce ? R"({"at": "40s", "stop": ")" + name + R"(", "restart": "after 5s"},)" : "") +
      R"({"at": "130s", "kill": ")" + others + R"("})"));
  Acks* acks = attach<Acks>(world);
  Deliveries* deliveries = attach<Deliveries>(world);
  world.run().advance_to(30 * kSecond);
  const int directory = replica_of(world, victim, "topic2").directory;
  REQUIRE(replica_of(world, victim, "topic1").directory != directory);
  fail_directory(world, victim, directory);
  const auto in_isr = [&](const std::string& topic) {
    const std::vector<BrokerId> isr = world.isr(topic, 0);
    return std::find(isr.begin(), isr.end(), victim) != isr.end();
  };
  const Time left = world.until_true(90 * kSecond, [&] {
    return !in_isr("topic2") && world.leader("topic2", 0) != victim &&
           world.leader("topic2", 0) != model::kNoBroker;
  });
  CHECK(left < 33 * kSecond);  // the roll of 3 s at most, and the notification; the test allows 60
  world.until(100 * kSecond);
  CHECK(process_alive(world, victim));
  CHECK(world.cluster().registered(victim));
  CHECK(replica_of(world, victim, "topic2").offline);
  CHECK_FALSE(replica_of(world, victim, "topic1").offline);
  CHECK_FALSE(in_isr("topic2"));
  CHECK(in_isr("topic1"));
  CHECK(world.isr("topic2", 0).size() == 2);
  CHECK(world.events(HistoryKind::kLogDirFailed, 30 * kSecond).size() >= 1);
  CHECK(acks->longest_gap("p2", 29 * kSecond, 100 * kSecond) < 3 * kSecond);
  CHECK(deliveries->longest_gap("g2-1", 50 * kSecond, 100 * kSecond) < 8 * kSecond);
  // Both others are gone: topic1 is left to the broker with the failed directory, and serves.
  world.until(230 * kSecond);
  CHECK(world.isr("topic1", 0) == std::vector<BrokerId>{victim});
  CHECK(world.leader("topic1", 0) == victim);
  CHECK(acks->records("p1", 170 * kSecond, 230 * kSecond) >= 50 * 59);
  CHECK(process_alive(world, victim));
  CHECK(world.broken_promises() == "");
}

}  // namespace

TEST_CASE("A13: the whole ISR is offline: no leader until exactly the last member is back",
          "[catalogue]") {
  World world = world_led_by(3, 25 * kSecond, two_replicas("", kBothDie));
  world.until(50 * kSecond - 1);
  REQUIRE(world.leader("orders", 0) == 1);
  REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1});
  const std::int32_t epoch = world.leader_epoch("orders", 0);
  world.until(79 * kSecond);
  check_offline(world, epoch);
  world.until(109 * kSecond);
  REQUIRE(world.cluster().registered(2));
  check_offline(world, epoch);  // the wrong broker is back
  world.until(150 * kSecond);
  CHECK(world.leader("orders", 0) == 1);
  CHECK(world.leader_epoch("orders", 0) == epoch + 2);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
  CHECK(world.broken_promises() == "");
}

TEST_CASE("A13: unclean election changes nothing while no other replica lives", "[catalogue]") {
  World world = world_led_by(3, 25 * kSecond,
                             two_replicas(R"(, "unclean.leader.election.enable": true)", kBothDie));
  world.until(50 * kSecond - 1);
  const std::int32_t epoch = world.leader_epoch("orders", 0);
  world.until(79 * kSecond);
  check_offline(world, epoch);
  // Now there is one: broker 2 is elected although it is not in the ISR (4: unclean).
  world.until(100 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  const auto elected = events_of(world, HistoryKind::kLeaderElected, 80 * kSecond, "orders");
  REQUIRE(elected.size() == 1);
  CHECK(elected[0].c == 4);
}

TEST_CASE("A24: a log directory of the leader fails", "[catalogue]") {
  log_directory_fails(1, false);
  log_directory_fails(1, true);
}

TEST_CASE("A24: a log directory of a follower fails", "[catalogue]") {
  log_directory_fails(2, false);
  log_directory_fails(2, true);
}

TEST_CASE("A24: a repaired log directory is offline until the broker starts again", "[catalogue]") {
  World world = world_of(two_directories(""));
  world.run().advance_to(30 * kSecond);
  fail_directory(world, 2, replica_of(world, 2, "topic2").directory, 10 * kSecond);
  world.until(230 * kSecond);
  CHECK(replica_of(world, 2, "topic2").offline);
  CHECK(world.isr("topic2", 0) == std::vector<BrokerId>{1, 3});
  CHECK(world.isr("topic1", 0) == std::vector<BrokerId>{1, 2, 3});
  CHECK(world.broken_promises() == "");
}

TEST_CASE(
    "A25: the ISR is the leader, and its log directory fails: the broker lives, the "
    "partition does not",
    "[catalogue]") {
  for (const bool unclean : {false, true}) {
    World world = world_led_by(
        3, 25 * kSecond,
        two_replicas(unclean ? R"(, "log.dirs": 2, "unclean.leader.election.enable": true)"
                             : R"(, "log.dirs": 2)",
                     R"({"at": "30s", "kill": "broker-2"}, {"at": "80s", "restart": "broker-2"},
                        {"at": "121s", "stop": "broker-1", "restart": "after 5s"})"));
    Acks* acks = attach<Acks>(world);
    world.run().advance_to(50 * kSecond);
    REQUIRE(world.isr("orders", 0) == std::vector<BrokerId>{1});
    const int directory = replica_of(world, 1, "orders").directory;
    REQUIRE(replica_of(world, 1, "other").directory != directory);
    const std::int32_t epoch = world.leader_epoch("orders", 0);
    fail_directory(world, 1, directory, 70 * kSecond);
    world.until(79 * kSecond);
    // The replica is offline, the broker is not: it leads what is in its other directory.
    check_offline(world, epoch);
    CHECK(process_alive(world, 1));
    CHECK(world.cluster().registered(1));
    CHECK(world.leader("other", 0) == 1);
    CHECK(acks->longest_gap("p2", 49 * kSecond, 79 * kSecond) < kSecond);
    CHECK(acks->records("p1", 51 * kSecond, 79 * kSecond) == 0);
    world.until(119 * kSecond);
    REQUIRE(world.cluster().registered(2));
    if (unclean) {
      CHECK(world.leader("orders", 0) == 2);
      continue;
    }
    check_offline(world, epoch);
    // Repaired at 120 s; the broker finds out at its start.
    world.until(170 * kSecond);
    CHECK(world.leader("orders", 0) == 1);
    CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
    CHECK(world.broken_promises() == "");
  }
}

}  // namespace isrlab::test
