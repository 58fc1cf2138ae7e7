// Catalogue group D, entries about the last in-sync replica, the loss of power and what the
// configuration promises. What is left out of the group is named in durability_loss_test.cpp.
#include "tests/catalogue/durability.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {
namespace {

using model::Error;
using sim::kMillisecond;
using sim::kSecond;

std::string brokers_of(int brokers, const std::string& settings, const std::string& topic) {
  return R"("cluster": {"zookeeper": {"count": 3}, "brokers": {"count": )" +
         std::to_string(brokers) +
         R"(, "config": {"zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
            "auto.leader.rebalance.enable": false, "offsets.topic.num.partitions": 1)" +
         settings + R"(}}}, "topics": [{"name": "orders", )" + topic + "}], ";
}

std::string all_acks(const std::string& more) {
  return R"("producers": [{"name": "p1", "topic": "orders", "rate": "100/s",
            "config": {"request.timeout.ms": "4s"})" +
         more + "}], ";
}

/// The first time at which the ISR in ZooKeeper is this one; kNever if it never is.
Time isr_written(const World& world, const std::vector<BrokerId>& isr, Time from) {
  for (const auto& event : world.events(HistoryKind::kPartitionState, from)) {
    if (event.subject != world.partition("orders", 0)) continue;
    const auto list = world.cluster().history().list(event.b);
    if (sorted({list.begin(), list.end()}) == isr) return event.time;
  }
  return sim::kNever;
}

std::int64_t retries_with(const World& world, Error error) {
  std::int64_t count = 0;
  for (const auto& event : world.events(HistoryKind::kRecordsRetried)) {
    count += event.c == static_cast<std::int64_t>(error);
  }
  return count;
}

std::int64_t acked_between(const Books& books, Time from, Time to) {
  std::int64_t count = 0;
  for (const auto& [record, ack] : books.acked) count += ack.time >= from && ack.time < to;
  return count;
}

/// The leader can tell the controller, which is itself, but not fetch or be fetched from.
scenarios::Scenario lonely_leader(bool unclean, int min_isr) {
  return scenario_of(
      R"("duration": "120s", )" +
      brokers_of(5, "",
                 R"("assignment": [[1, 2, 3, 4, 5]], "config": {"min.insync.replicas": )" +
                     std::to_string(min_isr) + R"(, "unclean.leader.election.enable": )" +
                     (unclean ? "true" : "false") + "}") +
      all_acks("") +
      R"("faults": [{"at": "20s", "partition": {"side": "broker-1", "from": "brokers 2,3,4,5"},
                     "for": "31s"},
                    {"at": "50s", "kill": "broker-1", "restart": "after 30s"}])");
}

/// Two replicas leave, the last one loses its power with what it had not flushed.
const char* const kLastStanding =
    R"("faults": [{"at": "60s", "isolate": "broker-1", "until": "130s"},
                  {"at": "75s", "isolate": "broker-2", "until": "130s"},
                  {"at": "100s", "crash": "broker-3", "unflushed": "lost",
                   "restart": "after 50s"}])";

/// All hosts go down at 100 s and come back one after the other.
std::string power_loss(const std::string& how, const std::vector<int>& back,
                       const std::string& topic) {
  std::string faults;
  const char* const after[] = {"15s", "35s", "50s"};
  for (std::size_t i = 0; i < back.size(); ++i) {
    if (i > 0) faults += ", ";
    faults += R"({"at": "100s", "crash": "broker-)" + std::to_string(back[i]) +
              R"(", "unflushed": ")" + how + R"(", "restart": "after )" + after[i] + R"("})";
  }
  return R"("duration": "190s", )" +
         brokers_of(
             3, "",
             R"("assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2)" + topic + "}") +
         all_acks(R"(, "stop": "100s")") + R"("faults": [)" + faults + "]";
}

}  // namespace

TEST_CASE("D05: the ISR shrinks to the isolated leader, then the leader is lost", "[catalogue]") {
  const std::uint64_t seed = seed_with_controller(lonely_leader(true, 1), 1);
  const std::vector<BrokerId> alone = {1};
  {
    INFO("unclean election: all that was acknowledged by the leader alone is lost");
    World world(lonely_leader(true, 1), seed);
    const Books& books = books_of(world);
    world.until(120 * kSecond);
    const Time shrunk = isr_written(world, alone, 20 * kSecond);
    CHECK(shrunk > 25 * kSecond - 600 * kMillisecond);  // F5, after the last fetch
    CHECK(shrunk <= 27500 * kMillisecond + 100 * kMillisecond);
    CHECK(elections(world, 4) == 1);
    const auto lost = missing_offsets(books, world, world.leader("orders", 0));
    const std::int64_t alone_acked = acked_between(books, shrunk, 50 * kSecond + kMillisecond);
    CAPTURE(lost.size(), alone_acked);
    CHECK(static_cast<std::int64_t>(lost.size()) == alone_acked);
    CHECK(lost.size() >= 2900);  // 100/s, those that waited since 20 s included
    CHECK(lost.size() <= 3010);
  }
  {
    INFO("no unclean election: no leader until the last one is back, nothing lost");
    World world(lonely_leader(false, 1), seed);
    const Books& books = books_of(world);
    world.until(79 * kSecond);
    CHECK(world.leader("orders", 0) == model::kNoBroker);
    CHECK(world.isr("orders", 0) == alone);
    CHECK(acked_between(books, 50 * kSecond + 10 * kMillisecond, 79 * kSecond) == 0);
    world.until(120 * kSecond);
    CHECK(last_leader(world, 80 * kSecond).time < 90 * kSecond);
    CHECK(world.leader("orders", 0) == 1);
    CHECK(missing_offsets(books, world, 1).empty());
    CHECK(world.broken_promises() == "");
  }
  {
    INFO("min ISR 2: refused while alone, nothing acknowledged is lost");
    World world(lonely_leader(true, 2), seed);
    const Books& books = books_of(world);
    world.until(120 * kSecond);
    CHECK(acked_between(books, 20100 * kMillisecond, 50 * kSecond) == 0);
    CHECK(retries_with(world, Error::kNotEnoughReplicas) > 0);
    CHECK(missing_offsets(books, world, world.leader("orders", 0)).empty());
  }
}

TEST_CASE("D06: a lonely leader under min ISR 2 acknowledges nothing that can be lost",
          "[catalogue]") {
  for (const bool is_controller : {true, false}) {
    INFO("leader is the controller: " << is_controller);
    const scenarios::Scenario scenario = scenario_of(
        R"("duration": "130s", )" + brokers_of(5, "", R"("assignment": [[1, 2, 3, 4, 5]],
                             "config": {"min.insync.replicas": 2})") +
        all_acks("") +
        R"("faults": [{"at": "20s", "partition": {"side": "broker-1", "from": "brokers 2,3,4,5"},
                       "until": "80s"},
                      {"at": "45s", "partition": {"side": "broker-1", "from": "all zk"},
                       "until": "80s"}])");
    World world(scenario, seed_with_controller(scenario, is_controller ? 1 : 2));
    const Books& books = books_of(world);
    world.until(45 * kSecond);
    const Error refused = is_controller ? Error::kNotEnoughReplicas : Error::kRequestTimedOut;
    // The ISR falls to one if the controller can be told, and stays frozen if it cannot.
    CHECK(replica(world, 1).isr.size() == (is_controller ? 1U : 5U));
    CHECK(world.isr("orders", 0).size() == (is_controller ? 1U : 5U));
    CHECK(acked_between(books, 20100 * kMillisecond, 45 * kSecond) == 0);
    CHECK(retries_with(world, refused) +
              (is_controller ? 0 : retries_with(world, Error::kNetworkException)) >
          0);
    world.until(130 * kSecond);
    CHECK(elections(world, 4) == 0);
    CHECK(missing_offsets(books, world, world.leader("orders", 0)).empty());
    CHECK(acked_between(books, 80 * kSecond, 130 * kSecond) > 0);
    const auto cut = world.events(HistoryKind::kTruncated, 80 * kSecond);
    if (!is_controller) {  // the tail that nobody else had
      REQUIRE(cut.size() == 1);
      CHECK(cut[0].a > cut[0].b);
      CHECK(cut[0].c <= cut[0].b);  // above the high watermark
    }
    CHECK(world.broken_promises() == "");
  }
}

TEST_CASE("D08: no unclean election: offline exactly until the old leader is back", "[catalogue]") {
  const std::string body = R"("duration": "160s", )" +
                           brokers_of(2, R"(, "controlled.shutdown.max.retries": 1,
                       "offsets.topic.replication.factor": 1)",
                                      R"("assignment": [[1, 2]])") +
                           R"("producers": [
          {"name": "first", "topic": "orders", "records": 1, "start": "10s"},
          {"name": "second", "topic": "orders", "records": 1, "start": "22s"},
          {"name": "refused", "topic": "orders", "records": 1, "start": "65s",
           "config": {"request.timeout.ms": "1s", "delivery.timeout.ms": "1s",
                      "max.block.ms": "1s"}},
          {"name": "third", "topic": "orders", "records": 1, "start": "100s"}],
         "consumers": [{"group": "g", "topics": ["orders"], "start": "70s",
                        "config": {"auto.offset.reset": "earliest"}}],
         "faults": [{"at": "15s", "stop": "broker-2"}, {"at": "30s", "stop": "broker-1"},
                    {"at": "45s", "restart": "broker-2"}, {"at": "80s", "restart": "broker-1"},
                    {"at": "110s", "stop": "broker-1"}])";
  World world(scenario_of(body), 1);
  const Books& books = books_of(world);
  world.until(79 * kSecond);
  CHECK(broker_alive(world, 2));
  CHECK(world.leader("orders", 0) == model::kNoBroker);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1});
  CHECK(elections(world, 4) == 0);
  CHECK(books.failed.count({2, 0}) == 1);
  CHECK(books.delivered.empty());
  world.until(109 * kSecond);
  CHECK(last_leader(world, 80 * kSecond).time < 90 * kSecond);
  CHECK(world.leader("orders", 0) == 1);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{1, 2});
  CHECK(books.acked.at({3, 0}).offset == 2);
  world.until(160 * kSecond);
  CHECK(world.leader("orders", 0) == 2);
  CHECK(elections(world, 4) == 0);
  std::vector<RecordId> consumed;
  for (const Delivery& each : books.delivered) consumed.push_back(each.record);
  CHECK(names_of(world, consumed) == "first second third");
  CHECK(names_of(world, records_of(world, 2)) == "first second third");
  CHECK(world.broken_promises() == "");
}

TEST_CASE("D09: the last replica standing loses committed records, and all follow it",
          "[catalogue]") {
  const scenarios::Scenario scenario = scenario_of(
      R"("duration": "190s", )" +
      brokers_of(3, "", R"("assignment": [[3, 1, 2]], "config": {"min.insync.replicas": 2})") +
      all_acks(R"(, "stop": "99s")") + kLastStanding);
  World world(scenario, seed_with_controller(scenario, 3));
  const Books& books = books_of(world);
  world.until(99 * kSecond);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{3});
  const Time alone = isr_written(world, {3}, 75 * kSecond);
  REQUIRE(alone < 90 * kSecond);
  CHECK(acked_between(books, alone + 10 * kMillisecond, 99 * kSecond) == 0);
  const std::int64_t exposed = replica(world, 3).log.high_watermark();
  world.until(149 * kSecond);  // the others are back and have all of it, and may not lead
  const auto acked_so_far = books.acked.size();
  CHECK(world.leader("orders", 0) == model::kNoBroker);
  CHECK(world.isr("orders", 0) == std::vector<BrokerId>{3});
  CHECK((broker_alive(world, 1) && broker_alive(world, 2)));
  CHECK(missing_offsets(books, world, 2).empty());
  const std::int64_t left = replica(world, 3).log.log_end_offset();
  CHECK(left < exposed);
  world.until(190 * kSecond);
  CHECK(world.leader("orders", 0) == 3);
  CHECK(last_leader(world, 150 * kSecond).b == left);
  CHECK(elections(world, 4) == 0);
  for (BrokerId id = 1; id <= 3; ++id) {
    INFO("broker " << id);
    const auto lost = missing_offsets(books, world, id);
    REQUIRE(lost.size() == static_cast<std::size_t>(exposed - left));
    CHECK(lost.front() == left);
    CHECK(lost.back() == exposed - 1);
  }
  CHECK(acked_so_far >= static_cast<std::size_t>(exposed));
  int below = 0;
  for (const auto& event : world.events(HistoryKind::kTruncated, 150 * kSecond)) {
    CHECK(event.b == left);
    CHECK(event.c > event.b);  // below the high watermark
    ++below;
  }
  CHECK(below == 2);
  // The cause: the sole member of the ISR came back with less than it had exposed.
  CHECK(world.broken_invariants().find("S1 ") != std::string::npos);
}

TEST_CASE("D12: all replicas lose their power: the first one back decides", "[catalogue]") {
  for (const BrokerId first : {1, 2, 3}) {
    const BrokerId second = first % 3 + 1;
    INFO("first is back: " << first);
    World world(scenario_of(power_loss("drawn", {first, second, second % 3 + 1}, "")), 5);
    const Books& books = books_of(world);
    world.until(100 * kSecond - 1);
    const std::int64_t committed = replica(world, 1).log.high_watermark();
    world.until(101 * kSecond);
    std::vector<std::int64_t> survivors;  // what each has left
    for (BrokerId id = 1; id <= 3; ++id) {
      survivors.push_back(replica(world, id).log.log_end_offset());
    }
    CAPTURE(committed, survivors);
    world.until(190 * kSecond);
    CHECK(world.leader("orders", 0) == first);
    CHECK(world.isr("orders", 0).size() == 3);
    const std::int64_t kept = survivors[static_cast<std::size_t>(first - 1)];
    const auto lost = missing_offsets(books, world, first);
    const auto acked = static_cast<std::int64_t>(books.acked.size());
    CHECK(static_cast<std::int64_t>(lost.size()) == std::max<std::int64_t>(0, acked - kept));
    CHECK(static_cast<std::int64_t>(lost.size()) <= 100 * 70);  // rate times write-back
    // Whoever had more cut it off: the best possible survivor does not count.
    for (BrokerId id = 1; id <= 3; ++id) CHECK(replica(world, id).log.log_end_offset() == kept);
    CHECK(elections(world, 4) == 0);
  }
}

TEST_CASE("D12: flush.messages=1 loses nothing that was acknowledged", "[catalogue]") {
  World bare(scenario_of(power_loss("lost", {1, 2, 3}, "")), 5);
  World flushed(scenario_of(power_loss("lost", {1, 2, 3}, R"(, "flush.messages": 1)")), 5);
  const Books& lossy = books_of(bare);
  const Books& safe = books_of(flushed);
  bare.until(190 * kSecond);
  flushed.until(190 * kSecond);
  CHECK(bare.leader("orders", 0) == 1);
  CHECK(missing_offsets(lossy, bare, 1).size() >= 100 * 34);
  CHECK(missing_offsets(lossy, bare, 1).size() <= 100 * 70);
  CHECK(safe.acked.size() > 9'000);
  CHECK(last_leader(flushed, 110 * kSecond).b >= static_cast<std::int64_t>(safe.acked.size()));
  CHECK(missing_offsets(safe, flushed, 1).empty());
  CHECK(flushed.broken_promises() == "");
}

TEST_CASE("flush.messages=1: what is acknowledged is on the disks of the ISR at any moment",
          "[catalogue]") {
  // 2 ms of fsync and 1000 records a second: there is nearly always one under way.
  const std::string body =
      R"("duration": "30s", )" + brokers_of(3, "", R"("assignment": [[1, 2, 3]],
          "config": {"min.insync.replicas": 2, "flush.messages": 1})") +
      R"("producers": [{"name": "p1", "topic": "orders", "rate": "1000/s"}], "faults": [])";
  World world(scenario_of(body), 5);
  const Books& books = books_of(world);
  for (int i = 0; i < 50; ++i) {
    world.run().advance_to(10 * kSecond + i * 137 * kMillisecond);
    std::int64_t acked = 0;
    for (const auto& [record, ack] : books.acked) acked = std::max(acked, ack.offset + 1);
    REQUIRE(acked > 1000);
    for (BrokerId id = 1; id <= 3; ++id) CHECK(replica(world, id).log.recovery_point() >= acked);
  }
}

}  // namespace isrlab::test
