// Catalogue group D: single failures, single replicas, replicas that must not enter the ISR, and
// how much acks=1 loses in the long run. What is left out is named in durability_loss_test.cpp.
// Left out:
// D23: unclean gaps: there are single failures only.
// D15: that the zombie holds other records than its leader.
// D13: groups whose offsets partition sits on the stopped broker.
#include "tests/catalogue/durability.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

using sim::kMillisecond;
using sim::kSecond;

std::string cluster_with(const std::string& settings, const std::string& topic,
                         const std::string& more = "") {
  return R"("cluster": {)" + more + R"("zookeeper": {"count": 3}, "brokers": {"count": 3,
            "config": {"zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
            "offsets.topic.num.partitions": 1)" +
         settings + R"(}}}, "topics": [{"name": "orders", )" + topic + "}], ";
}

struct ClientSettings {
  const char* text;
  bool idempotent;
};

/// Does the ISR in ZooKeeper name the broker in any write of the interval?
bool isr_named(const World& world, BrokerId broker, Time from, Time to) {
  for (const auto& event : world.events(HistoryKind::kPartitionState, from)) {
    if (event.subject != world.partition("orders", 0) || event.time >= to) continue;
    const auto list = world.cluster().history().list(event.b);
    if (std::find(list.begin(), list.end(), static_cast<std::uint32_t>(broker)) != list.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("D03: acks=all, min ISR 2: no single failure loses a record", "[catalogue]") {
  const ClientSettings producers[] = {
      {R"("acks": "all", "enable.idempotence": true)", true},
      {R"("acks": "all", "enable.idempotence": false, "retries": 0)", false}};
  for (const std::string who : {"leader of orders-0", "controller"}) {
    for (const std::string how : {"stop", "kill"}) {
      for (const std::string often : {R"("at": "20s")", R"("every": "25s", "times": 5)"}) {
        for (const ClientSettings& settings : producers) {
          const std::string fault =
              "{" + often + R"(, ")" + how + R"(": ")" + who + R"(", "restart": "after 2s"})";
          INFO(fault << " " << settings.text);
          World world(
              scenario_of(
                  R"("duration": "170s", )" +
                  cluster_with("", R"("assignment": [[1, 2, 3], [2, 3, 1], [3, 1, 2]],
                                  "config": {"min.insync.replicas": 2})") +
                  R"("producers": [{"name": "p1", "topic": "orders", "rate": "50/s", "partition": 0,
                  "stop": "150s", "config": {)" +
                  settings.text + R"(}}],
                 "consumers": [{"group": "g", "topics": ["orders"],
                                "config": {"auto.offset.reset": "earliest"}}],
                 "faults": [)" +
                  fault + "]"),
              4);
          const Books& books = books_of(world);
          world.until(170 * kSecond);
          const BrokerId leader = world.leader("orders", 0);
          REQUIRE(leader != model::kNoBroker);
          CHECK(books.acked.size() > 50 * 60);
          CHECK(missing_offsets(books, world, leader).empty());
          if (settings.idempotent) CHECK(second_copies(world, leader) == 0);
          std::map<RecordId, int> consumed;
          for (const Delivery& each : books.delivered) ++consumed[each.record];
          std::int64_t unread = 0;
          for (const auto& [record, ack] : books.acked) unread += consumed.count(record) == 0;
          CHECK(unread == 0);
          CHECK(world.broken_promises() == "");
        }
      }
    }
  }
}

TEST_CASE("D13: one replica: offline while its broker is stopped, nothing lost", "[catalogue]") {
  World world(scenario_of(R"("duration": "90s", )" +
                          cluster_with(R"(, "offsets.topic.replication.factor": 1)",
                                       R"("assignment": [[2]])") +
                          R"("producers": [{"name": "p1", "topic": "orders", "rate": "50/s"}],
         "faults": [{"at": "30s", "stop": "broker-2", "restart": "after 25s"}])"),
              2);
  const Books& books = books_of(world);
  world.until(54 * kSecond);
  CHECK(world.leader("orders", 0) == model::kNoBroker);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{2});
  const auto before = books.acked.size();
  CHECK(before > 50 * 20);
  const std::int64_t end = replica(world, 2).log.log_end_offset();
  world.until(90 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  const sim::HistoryEvent back = last_leader(world, 55 * kSecond);
  CHECK(back.b == end);
  CHECK(back.time < 65 * kSecond);
  for (const auto& [record, ack] : books.acked) {
    const bool offline = ack.time > 31 * kSecond && ack.time < back.time;
    CHECK_FALSE(offline);
  }
  CHECK(missing_offsets(books, world, 2).empty());
  CHECK(books.failed.empty());
  CHECK(second_copies(world, 2) == 0);
}

TEST_CASE("D15: a zombie follower re-enters the ISR if no epoch is checked", "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO("fetch_epoch_check off: " << bug);
    World world(
        scenario_of(
            R"("duration": "70s", )" +
            cluster_with(R"(, "auto.leader.rebalance.enable": false)",
                         R"("assignment": [[1, 2, 3]])",
                         bug ? R"("bugs": {"fetch_epoch_check": "off", "isr_eligibility": "off"}, )"
                             : R"("bugs": {"isr_eligibility": "off"}, )") +
            R"("producers": [{"name": "p1", "topic": "orders", "rate": "50/s"}],
           "faults": [{"at": "20s", "partition": {"side": "broker-3", "from": "all zk"},
                       "until": "65s", "why": "its control plane stands still, its fetchers run"},
                      {"at": "40s", "expire_session": "broker-1"},
                      {"at": "48s", "expire_session": "broker-2"}])"),
        1);
    world.until(39 * kSecond);
    CHECK_FALSE(world.cluster().registered(3));
    CHECK(broker_alive(world, 3));
    CHECK((world.isr("orders", 0).size() == 3) == bug);
    world.until(60 * kSecond);
    // Leadership went to 2 and is back at the leader that it believes in.
    CHECK(world.leader("orders", 0) == 1);
    CHECK_FALSE(world.cluster().registered(3));
    CHECK(isr_named(world, 3, 48 * kSecond, 60 * kSecond) == bug);
    const auto isr = world.isr("orders", 0);
    CHECK((std::find(isr.begin(), isr.end(), 3) != isr.end()) == bug);
    CHECK(world.events(HistoryKind::kFetchFenced, 20 * kSecond).empty() == bug);
  }
}

TEST_CASE("D16: a replica that shuts down comes back into the ISR without the guard",
          "[catalogue]") {
  // A controlled shutdown in ZooKeeper mode raises the leader epoch, which fences the fetches that
  // are under way as well; with that check off the controller's guard stands alone.
  for (const int guards : {0, 1, 2}) {
    INFO("guards: " << guards);
    const bool bug = guards == 0;
    World world(
        scenario_of(
            R"("duration": "60s", )" +
            cluster_with(
                R"(, "auto.leader.rebalance.enable": false)", R"("assignment": [[1, 2, 3]])",
                guards == 0 ? R"("bugs": {"fetch_epoch_check": "off", "isr_eligibility": "off"}, )"
                : guards == 1 ? R"("bugs": {"fetch_epoch_check": "off"}, )"
                              : "") +
            R"("producers": [{"name": "p1", "topic": "orders", "rate": "50/s"}],
           "faults": [{"at": "19s", "hold": "ControlledShutdownResponse", "to": "broker-3",
                       "for": "10s"},
                      {"at": "19s", "hold": "StopReplica", "to": "broker-3", "for": "10s"},
                      {"at": "20s", "stop": "broker-3"}, {"at": "24s", "kill": "broker-3"}])"),
        1);
    const Books& books = books_of(world);
    world.until(23 * kSecond);
    CHECK((world.isr("orders", 0).size() == 3) == bug);
    world.until(60 * kSecond);
    // F6: acks=all waits for the dead member until its session ends.
    Time last = 0;
    Time gap = 0;
    std::vector<Time> times;
    for (const auto& [record, ack] : books.acked) times.push_back(ack.time);
    std::sort(times.begin(), times.end());
    for (const Time time : times) {
      if (last >= 23 * kSecond) gap = std::max(gap, time - last);
      last = time;
    }
    CAPTURE(gap);
    if (bug) {
      CHECK(gap > 4 * kSecond);  // S - S/3, less what had passed since its last ping
      CHECK(gap < 10 * kSecond);
    }
    if (guards == 2) CHECK(gap < kSecond);
    std::int64_t ineligible = 0;
    for (const auto& event : world.events(HistoryKind::kIsrUpdateFailed, 20 * kSecond)) {
      ineligible += event.a == static_cast<std::int64_t>(model::Error::kIneligibleReplica);
    }
    if (guards == 1) CHECK(ineligible > 0);
    CHECK(missing_offsets(books, world, world.leader("orders", 0)).empty());
  }
}

TEST_CASE("D23: acks=1 with unclean election loses little in the long run", "[catalogue]") {
  // Every run kills the leader once, at another moment. One such failure a day for each broker is
  // far more than a real cluster has.
  std::size_t lost = 0;
  constexpr int kRuns = 40;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    World world(
        scenario_of(
            R"("duration": "40s", )" + cluster_with("", R"("assignment": [[1, 2]],
                            "config": {"unclean.leader.election.enable": true})") +
            R"("producers": [{"name": "p1", "topic": "orders", "rate": "1000/s", "start": "18s",
            "stop": "24s", "record.size": "100B",
            "config": {"acks": "1", "enable.idempotence": false}}],
           "faults": [{"at": ")" +
            std::to_string(20'000 + seed * 37) + R"(ms", "kill": "broker-1"}])"),
        seed);
    const Books& books = books_of(world);
    world.until(40 * kSecond);
    REQUIRE(world.leader("orders", 0) == 2);
    lost += missing_offsets(books, world, 2).size();
  }
  CAPTURE(lost);
  // Replication takes a round trip of at most 2 ms here: a record or two for each failure.
  CHECK(lost <= kRuns * 4);
  const double share = static_cast<double>(lost) / kRuns / (1000.0 * 86'400);
  CHECK(share < 1e-4);
}

}  // namespace isrlab::test
