// Time lines (d), (e) and (f) of the controller reference, section 6: a leader cut off from
// ZooKeeper only, from its followers only, from everybody but some clients. The cut is at 20 s;
// epochs and versions are compared with those before it.
#include "tests/scenario/timeline.hpp"

namespace isrlab::test {
namespace {

using Writes = std::vector<StateWrite>;

constexpr Time kCut = 20 * kSecond;

std::int64_t retried_with(const World& world, const std::string& producer, model::Error error) {
  const auto process = world.cluster().catalog().find_process(producer).value();
  std::int64_t count = 0;
  for (const sim::HistoryEvent& event : world.events(HistoryKind::kRecordsRetried, kCut)) {
    if (event.actor == process && event.c == static_cast<std::int64_t>(error)) ++count;
  }
  return count;
}

/// What (d) and (f) share: nobody tells the old leader, and it cannot shrink. The world stands
/// at 99 s, one second before the healing. Returns when the failure was seen.
Time check_zombie(Timeline& line, const std::string& lonely_all, const std::string& lonely_one) {
  World& world = line.world;
  world.run().advance_to(kCut);
  REQUIRE(world.cluster().controller() == 2);
  world.until(60 * kSecond);
  // 1. It notices after two thirds of its session time-out without a word.
  const auto gone = line.by(1, HistoryKind::kZkClientDisconnected, kCut);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].time > kCut + 5 * kSecond);  // heard within the third before the cut
  CHECK(gone[0].time <= kCut + 12 * kSecond);
  // 2. Its session ends as if it had died: one election.
  const Time failed = line.seen(HistoryKind::kBrokerFailureSeen, 1, kCut);
  CHECK(failed > kCut + 12 * kSecond);
  CHECK(failed <= kCut + 21 * kSecond + 50 * kMillisecond);
  CHECK(line.writes("orders", kCut, 60 * kSecond) == Writes{{2, {2, 3}, 1, 1}});
  for (const BrokerId broker : {2, 3}) {
    CHECK(line.sent_to(broker, failed, failed + kSecond) == "L1 U1 L1 U1");
  }
  // 3. The high watermark of the old leader stands from then on.
  const std::int64_t stands = line.high_watermark(1, "orders");
  world.until(99 * kSecond);
  CHECK(line.sent_to(1, kCut, 99 * kSecond) == "");
  CHECK(line.replica(1, "orders").is_leader());
  CHECK(line.replica(1, "orders").leader_epoch == 0);
  CHECK(line.high_watermark(1, "orders") == stands);
  CHECK(line.by(1, HistoryKind::kIsrCommitted, kCut, 99 * kSecond).empty());
  CHECK(line.writes("orders", 60 * kSecond, 99 * kSecond).empty());
  // acks=1 succeeds there, acks=all does not.
  const Time from = failed + kSecond;
  const std::int64_t expected = (99 * kSecond - from) / (50 * kMillisecond);
  CHECK(line.acks->records(lonely_one, from, 99 * kSecond) >= expected - 20);
  CHECK(line.acks->records(lonely_all, from, from + 25 * kSecond) == 0);
  return failed;
}

/// After the healing at 100 s: a new registration, then everything, then it follows.
void check_return(Timeline& line) {
  World& world = line.world;
  const std::int64_t broker_epoch = world.cluster().broker(1).broker_epoch();
  const std::int64_t end = line.replica(1, "orders").log.log_end_offset();
  world.until(135 * kSecond);
  CHECK(line.by(1, HistoryKind::kZkClientExpired, 100 * kSecond).size() == 1);
  CHECK(world.cluster().broker(1).broker_epoch() > broker_epoch);
  const Time back = line.seen(HistoryKind::kBrokerStartSeen, 1, 100 * kSecond);
  REQUIRE(back != sim::kNever);
  CHECK(line.sent_to(1, back, 135 * kSecond) == "U1 L1 U1 U1");
  const auto follows = line.by(1, HistoryKind::kBecameFollower, 100 * kSecond);
  REQUIRE(follows.size() == 1);
  CHECK(follows[0].a == 1);
  CHECK(follows[0].b == 2);
  const auto truncated = line.by(1, HistoryKind::kTruncated, 100 * kSecond);
  REQUIRE(truncated.size() == 1);
  CHECK(truncated[0].a >= end);
  CHECK(truncated[0].b < truncated[0].a - 900);  // 20/s for 60 s and more, acknowledged with acks=1
  CHECK(line.writes("orders", 100 * kSecond, 135 * kSecond) == Writes{{2, {2, 3, 1}, 1, 2}});
  CHECK(world.broken_promises() == "");
}

}  // namespace

TEST_CASE("time line (d): the leader loses ZooKeeper only", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-leader-without-zookeeper"));
  World& world = line.world;
  const Time failed = check_zombie(line, "acks-all", "acks-one");
  // 30 to 45 s after the followers turned away it wants to shrink, and asks again every 50 ms.
  const auto wants = line.by(1, HistoryKind::kIsrShrinkProposed, kCut);
  REQUIRE(wants.size() == 1);
  CHECK(wants[0].time - failed > 30 * kSecond - 550 * kMillisecond);
  CHECK(wants[0].time - failed < 45 * kSecond + 550 * kMillisecond);
  // The producer waits for its 30 s and finds the new leader.
  const Duration gap = line.acks->longest_gap("acks-all", failed - kSecond, 99 * kSecond);
  CHECK(gap > 29 * kSecond);
  CHECK(gap < 33 * kSecond);
  CHECK(line.acks->records("acks-all", failed + 35 * kSecond, 99 * kSecond) > 300);
  const std::uint64_t asked = world.messages(model::MessageType::kAlterPartitionRequest);
  CHECK(asked >= static_cast<std::uint64_t>((99 * kSecond - wants[0].time) / kSecond * 17));
  CHECK(asked <= static_cast<std::uint64_t>((99 * kSecond - wants[0].time) / kSecond * 20 + 40));
  check_return(line);
}

TEST_CASE("time line (e): the leader loses its followers only; the controller can be reached",
          "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-leader-without-followers"));
  World& world = line.world;
  world.run().advance_to(kCut);
  REQUIRE(world.cluster().controller() == 4);
  world.until(69 * kSecond);
  // AlterPartition after 30 to 45 s: ISR [1], v+1, the same e. No LeaderAndIsr.
  for (const char* topic : {"orders", "strict"}) {
    CHECK(line.writes(topic, kCut, 69 * kSecond) == Writes{{1, {1}, 0, 1}});
  }
  const Time shrunk = line.written_at("orders", kCut, 69 * kSecond);
  CHECK(shrunk > kCut + 30 * kSecond - 550 * kMillisecond);
  CHECK(shrunk < kCut + 45 * kSecond + 50 * kMillisecond);
  for (BrokerId broker = 1; broker <= 4; ++broker) {
    CHECK(line.sent_to(broker, kCut, 69 * kSecond) == "U2");
  }
  // min ISR 1: acks=all goes on alone.
  CHECK(line.acks->records("acks-all", kCut + kSecond, shrunk) == 0);
  const Time from = shrunk + 2 * kSecond;
  CHECK(line.acks->records("acks-all", from, 69 * kSecond) >=
        (69 * kSecond - from) / (50 * kMillisecond) - 5);
  // min ISR 2: new ones are refused; acks=1 is appended and stays invisible.
  CHECK(line.acks->records("strict-all", kCut + 10 * kMillisecond, 69 * kSecond) == 0);
  CHECK(retried_with(world, "strict-late", model::Error::kNotEnoughReplicas) > 0);
  CHECK(line.acks->records("strict-late", kCut, 69 * kSecond) == 0);
  CHECK(line.acks->records("strict-one", kCut + kSecond, 69 * kSecond) >= 48 * 20 - 5);
  CHECK(line.replica(1, "strict").log.log_end_offset() >
        line.high_watermark(1, "strict") + 48 * 20 - 5);
  CHECK(line.high_watermark(1, "orders") + 5 > line.replica(1, "orders").log.log_end_offset());

  // It dies at 70 s: no live member of the ISR, leader none, e+1, until it is back at 110 s.
  world.until(109 * kSecond);
  const Time failed = line.seen(HistoryKind::kBrokerFailureSeen, 1, 70 * kSecond);
  CHECK(failed > 82 * kSecond);
  CHECK(failed < 91 * kSecond + 50 * kMillisecond);
  for (const char* topic : {"orders", "strict"}) {
    CHECK(line.writes(topic, 69 * kSecond, 109 * kSecond) == Writes{{model::kNoBroker, {1}, 1, 2}});
    CHECK(line.written_at(topic, 69 * kSecond, 109 * kSecond) >= failed);
  }
  CHECK(world.events(HistoryKind::kLeaderElected, kCut).empty());
  world.until(149 * kSecond);
  for (const char* topic : {"orders", "strict"}) {
    const Writes after = line.writes(topic, 110 * kSecond, 149 * kSecond);
    REQUIRE(after.size() >= 2);
    CHECK(after[0] == StateWrite{1, {1}, 2, 3});
    CHECK(after.back().isr.size() == 3);
    CHECK(after.back().e == 2);
  }
  CHECK(world.broken_promises() == "");
}

TEST_CASE("time line (e): the controller is on the other side", "[scenario][timeline]") {
  // The same run under a seed that makes broker-2 the controller.
  Timeline line(library_scenario("timeline-leader-without-followers"), 2);
  World& world = line.world;
  world.run().advance_to(kCut);
  REQUIRE(world.cluster().controller() == 2);
  world.until(69 * kSecond);
  // AlterPartition cannot be delivered and nothing fails over: its session lives. acks=all of both
  // topics waits, acks=1 is served.
  CHECK(line.by(1, HistoryKind::kIsrShrinkProposed, kCut).size() == 2);
  for (const char* topic : {"orders", "strict"}) {
    CHECK(line.writes(topic, kCut, 69 * kSecond).empty());
  }
  CHECK(world.events(HistoryKind::kZkSessionExpired, kCut).empty());
  CHECK(world.events(HistoryKind::kControllerElected, kCut).empty());
  for (const char* producer : {"acks-all", "strict-all"}) {
    CHECK(line.acks->records(producer, kCut + 10 * kMillisecond, 69 * kSecond) == 0);
  }
  CHECK(line.acks->records("strict-one", kCut + kSecond, 69 * kSecond) >= 48 * 20 - 5);
}

TEST_CASE("time line (f): the leader and two clients against the rest", "[scenario][timeline]") {
  Timeline line(library_scenario("timeline-leader-in-minority"));
  World& world = line.world;
  const Time failed = check_zombie(line, "acks-all", "acks-one");
  // Nobody on its side can be asked for the new leader.
  CHECK(line.acks->records("acks-all", kCut + kSecond, 99 * kSecond) == 0);
  // The majority side: (b).
  const Duration gap = line.acks->longest_gap("majority", kCut, 99 * kSecond);
  CHECK(gap > failed - kCut - kSecond);
  CHECK(line.acks->records("majority", failed + 35 * kSecond, 99 * kSecond) > 300);
  check_return(line);
  CHECK(world.events(HistoryKind::kLeaderElected, kCut).size() == 1);
}

TEST_CASE("time line (f): with a ZooKeeper server on the minority side", "[scenario][timeline]") {
  // That server loses its leader after syncLimit ticks (10 s, heard every half tick), closes its
  // clients' connections, and refuses them as long as it follows nobody.
  scenarios::Scenario scenario = library_scenario("timeline-leader-in-minority");
  std::string what;
  std::string fix;
  REQUIRE(scenarios::parse_selector("broker-1 and zk-1 and client acks-all and client acks-one",
                                    scenario.faults.at(0).who, what, fix));
  REQUIRE(scenarios::parse_selector("brokers 2,3 and zk-2 and zk-3 and client majority",
                                    scenario.faults.at(0).from, what, fix));
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 40 && tried < 2; ++seed) {
    Timeline line(scenario, seed);
    World& world = line.world;
    world.run().advance_to(kCut);
    const bool there = world.cluster().broker(1).zookeeper().server() == 0;
    if (!there || world.cluster().controller() == 1) continue;
    ++tried;
    world.until(45 * kSecond);
    const auto gone = line.by(1, HistoryKind::kZkClientDisconnected, kCut);
    REQUIRE(!gone.empty());
    CHECK(gone[0].time > kCut + 9 * kSecond - 50 * kMillisecond);
    CHECK(gone[0].time < kCut + 10 * kSecond + 50 * kMillisecond);
    CHECK(line.by(1, HistoryKind::kZkClientConnected, kCut).empty());
    CHECK(line.seen(HistoryKind::kBrokerFailureSeen, 1, kCut) > kCut + 12 * kSecond);
    CHECK(line.seen(HistoryKind::kBrokerFailureSeen, 1, kCut) <=
          kCut + 21 * kSecond + 50 * kMillisecond);
  }
  CHECK(tried == 2);
}

}  // namespace isrlab::test
