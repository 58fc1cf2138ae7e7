// What becomes of logs: the ends of a process and its start, retention, failed log directories
// (reference replication.md sections 1.6, 1.8 and 1.9).
#include <map>

#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {
namespace {

using sim::kMillisecond;
using sim::kSecond;

/// Three brokers, one topic with a partition; 100 records of 1 KiB a second from about 4 s on.
World world_with(const std::string& faults, const std::string& topic,
                 const std::string& brokers = "", const std::string& producer = "") {
  const std::string text = R"({
    "schema": "kafka-failure-scenario/1", "name": "logs", "about": "", "duration": "120s",
    "cluster": {"zookeeper": {"count": 3}, "brokers": {"count": 3, "config": {
      "zookeeper.session.timeout.ms": "6s", "replica.lag.time.max.ms": "5s",
      "auto.leader.rebalance.enable": false)" +
                           brokers + R"(}}},
    "topics": [{"name": "orders", )" +
                           topic + R"(}],
    "producers": [{"name": "p1", "topic": "orders", "rate": "100/s", "record.size": "1KiB",
                   "config": {"request.timeout.ms": "4s", "linger.ms": 0)" +
                           producer + R"(}}],
    "faults": [)" + faults +
                           "]}";
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "logs");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return World(loaded.scenario, 7);
}

const model::Partition& replica(const World& world, BrokerId broker, std::int32_t number = 0) {
  return *world.cluster().broker(broker).partition(world.partition("orders", number));
}

/// Copies of records in the log that are there more than once.
std::int64_t second_copies(const model::PartitionLog& log) {
  std::map<std::uint64_t, int> seen;
  std::int64_t copies = 0;
  log.for_each_batch(0, log.log_end_offset(), [&](const model::Batch& batch) {
    for (std::uint64_t i = 0; i < batch.count; ++i) {
      if (++seen[batch.first_record + i] > 1) ++copies;
    }
  });
  return copies;
}

constexpr const char* kSingle = R"("partitions": 1, "replication.factor": 1)";
constexpr const char* kShort =
    R"("partitions": 1, "replication.factor": 3, "config": {"segment.bytes": "50KiB",
       "retention.bytes": "200KiB", "min.insync.replicas": 2})";
constexpr const char* kOften =
    R"(, "log.initial.task.delay.ms": "1s", "log.retention.check.interval.ms": "1s")";

}  // namespace

TEST_CASE("a clean stop flushes all: nothing is lost, nothing is scanned", "[scenario]") {
  World world =
      world_with(R"({"at": "30s", "stop": "leader of orders-0", "restart": "after 10s"})", kSingle);
  world.until(30 * kSecond - 1);
  const BrokerId broker = world.leader("orders", 0);
  world.until(39 * kSecond);
  const model::PartitionLog& log = replica(world, broker).log;
  const std::int64_t end = log.log_end_offset();
  CHECK(log.recovery_point() == end);
  CHECK(log.high_watermark() == end);
  CHECK(replica(world, broker).files.recovery_point == end);
  CHECK(replica(world, broker).files.high_watermark == end);
  world.until(43 * kSecond);
  CHECK(log.recovery_point() == end);
  CHECK(log.log_end_offset() >= end);
  CHECK(world.events(HistoryKind::kRecordsLostOnDisk).empty());
}

TEST_CASE("a kill keeps what was written: the high watermark is up to 5 s old, all is scanned",
          "[scenario]") {
  World world =
      world_with(R"({"at": "30s", "kill": "leader of orders-0", "restart": "after 10s"})", kSingle);
  world.until(30 * kSecond - 1);
  const BrokerId broker = world.leader("orders", 0);
  const std::int64_t end = replica(world, broker).log.log_end_offset();
  world.until(39 * kSecond);
  const model::PartitionLog& log = replica(world, broker).log;
  CHECK(log.log_end_offset() >= end);
  CHECK(log.high_watermark() < log.log_end_offset());
  CHECK(log.high_watermark() >= end - 5 * 100 - 10);
  CHECK(log.recovery_point() == 0);  // nothing was rolled, so nothing was ever fsynced
  CHECK(log.bytes_to_recover(0) == log.size_bytes());
  CHECK(world.events(HistoryKind::kRecordsLostOnDisk).empty());
}

TEST_CASE("a crash of the host takes what was neither fsynced nor written back", "[scenario]") {
  const std::string crash =
      R"({"at": "30s", "crash": "leader of orders-0", "unflushed": "lost",
          "restart": "after 10s"})";
  for (const bool flushed : {false, true}) {
    World world =
        world_with(crash, kSingle, flushed ? R"(, "log.flush.interval.messages": 100)" : "");
    world.until(30 * kSecond - 1);
    const BrokerId broker = world.leader("orders", 0);
    const std::int64_t end = replica(world, broker).log.log_end_offset();
    REQUIRE(end > 1000);
    world.until(39 * kSecond);
    const std::int64_t left = replica(world, broker).log.log_end_offset();
    // 26 s old at most: the kernel has written nothing back. flush.messages keeps all but 100
    // records and what was under way.
    if (flushed) {
      CHECK(left >= end - 110);
    } else {
      CHECK(left == 0);
    }
  }
}

TEST_CASE("a broker whose logs are large registers later after a kill than after a clean stop",
          "[scenario]") {
  // 100 MB/s for each recovery thread, and the first 200 ms are part of the boot time.
  std::map<std::string, Duration> waits;
  for (const std::string how : {"stop", "kill"}) {
    World world = world_with(
        R"({"at": "60s", ")" + how + R"(": "leader of orders-0", "restart": "after 10s"})", kSingle,
        "", R"(, "batch.size": "256KiB")");
    world.until(70 * kSecond);
    const auto loaded = [&] { return world.events(HistoryKind::kLogsLoaded, 70 * kSecond); };
    world.until(80 * kSecond);
    waits[how] = loaded().empty() ? 0 : loaded()[0].a;
  }
  // 5.6 MB take 56 ms: within the boot time in both cases.
  CHECK(waits["stop"] == 0);
  CHECK(waits["kill"] == 0);
}

TEST_CASE("retention deletes whole segments on every replica", "[scenario]") {
  World world = world_with("", kShort, kOften);
  world.until(60 * kSecond);
  for (BrokerId id = 1; id <= 3; ++id) {
    const model::PartitionLog& log = replica(world, id).log;
    CHECK(log.log_start_offset() > 0);
    // At least what the rule keeps, at most a segment and what came within a second more.
    CHECK(log.size_bytes() >= 200 * 1024);
    CHECK(log.size_bytes() <= (200 + 50 + 50 + 120) * 1024);
    // Each broker deletes by itself: a follower may be ahead of its leader.
    CHECK(log.log_start_offset() <= log.high_watermark());
  }
  CHECK_FALSE(world.events(HistoryKind::kLogStartRaised).empty());
  CHECK(world.broken_promises() == "");
}

TEST_CASE("a high watermark that stands still stops retention", "[scenario]") {
  // Under min ISR the high watermark stands still; acks=1 goes on writing.
  const std::string topic =
      R"("partitions": 1, "replication.factor": 3, "config": {"segment.bytes": "50KiB",
         "retention.bytes": "200KiB", "min.insync.replicas": 3})";
  World world = world_with(R"({"at": "30s", "kill": "followers of orders-0"})", topic, kOften,
                           R"(, "acks": 1, "enable.idempotence": false)");
  world.until(50 * kSecond);
  const model::PartitionLog& log = replica(world, world.leader("orders", 0)).log;
  const std::int64_t start = log.log_start_offset();
  const std::int64_t high_watermark = log.high_watermark();
  CHECK(start <= high_watermark);
  world.until(100 * kSecond);
  CHECK(log.high_watermark() == high_watermark);
  CHECK(log.log_start_offset() <= high_watermark);
  CHECK(log.size_bytes() > 4'000'000);  // 50 s of 100 KiB a second
}

TEST_CASE("a follower that retention has overtaken starts at the leader's log start",
          "[scenario]") {
  World world =
      world_with(R"({"at": "20s", "kill": "broker-3", "restart": "after 60s"})", kShort, kOften);
  world.until(80 * kSecond - 1);
  BrokerId victim = model::kNoBroker;
  for (BrokerId id = 1; id <= 3; ++id) {
    if (!world.cluster().alive(world.cluster().catalog().broker_process(id))) victim = id;
  }
  REQUIRE(victim != model::kNoBroker);
  const std::int64_t end = replica(world, victim).log.log_end_offset();
  const BrokerId leader = world.leader("orders", 0);
  CHECK(replica(world, leader).log.log_start_offset() > end);
  CHECK(world.until_true(110 * kSecond, [&] { return world.isr("orders", 0).size() == 3; }) <
        110 * kSecond);
  const model::PartitionLog& log = replica(world, victim).log;
  CHECK(log.log_start_offset() > end);
  const std::int64_t common = log.high_watermark();
  CHECK(log.prefix_hash(common) == replica(world, leader).log.prefix_hash(common));
  CHECK(world.broken_promises() == "");
}

TEST_CASE("a leader recognises duplicates after a kill", "[scenario]") {
  World world = world_with(
      R"({"at": "20s", "kill": "leader of orders-0", "restart": "after 1s"},
         {"at": "35s", "kill": "leader of orders-0", "restart": "after 1s"},
         {"at": "50s", "kill": "leader of orders-0", "restart": "after 1s"})",
      R"("partitions": 1, "replication.factor": 1, "config": {"segment.bytes": "100KiB"})");
  world.until(100 * kSecond);
  const BrokerId leader = world.leader("orders", 0);
  REQUIRE(leader != model::kNoBroker);
  CHECK(replica(world, leader).log.segment_count() > 3);
  CHECK(second_copies(replica(world, leader).log) == 0);
}

TEST_CASE("a broker that loses one of two log directories goes on with the other", "[scenario]") {
  World world = world_with(
      R"({"at": "30s", "fail_disk": "leader of orders-0", "directory": 1})",
      R"("partitions": 6, "replication.factor": 3, "config": {"min.insync.replicas": 2})",
      R"(, "log.dirs": 2)");
  world.until(30 * kSecond - 1);
  const BrokerId victim = world.leader("orders", 0);
  std::vector<std::int32_t> on_it;
  for (std::int32_t p = 0; p < 6; ++p) {
    if (replica(world, victim, p).directory == 0) on_it.push_back(p);
  }
  CHECK(on_it.size() == 3);  // partitions go to the directory with the fewest
  world.until(60 * kSecond);
  CHECK(world.cluster().alive(world.cluster().catalog().broker_process(victim)));
  const auto failed = world.events(HistoryKind::kLogDirFailed);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].time < 31 * kSecond);
  for (std::int32_t p = 0; p < 6; ++p) {
    INFO("partition " << p);
    const bool gone = std::find(on_it.begin(), on_it.end(), p) != on_it.end();
    const std::vector<BrokerId> isr = world.isr("orders", p);
    const bool in_isr = std::find(isr.begin(), isr.end(), victim) != isr.end();
    CHECK(replica(world, victim, p).offline == gone);
    CHECK(in_isr == !gone);
    CHECK(world.leader("orders", p) != model::kNoBroker);
    if (gone) CHECK(world.leader("orders", p) != victim);
  }
  CHECK(world.broken_promises() == "");
}

}  // namespace isrlab::test
