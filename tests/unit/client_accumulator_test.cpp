// Vectors 63, 64 and 68 to 72 of reference/clients-and-groups.md section 10.4.
#include "model/client/accumulator.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/client_bench.hpp"

using namespace isrlab::model;
using namespace isrlab::model::test;
using isrlab::sim::kMillisecond;
using isrlab::sim::Random;

namespace {

/// An accumulator over `partitions` partitions with the given leaders.
class Fixture {
 public:
  Fixture(const ProducerConfig& config, std::vector<BrokerId> leaders)
      : accumulator(config, static_cast<std::int32_t>(leaders.size()), kBrokers),
        catalog_(small_cluster(kBrokers, static_cast<std::int32_t>(leaders.size()))),
        effects_(ids_),
        out_(effects_, messages_, arena_, history_, catalog_),
        metadata_(catalog_.partition_count(), 2, ClientConfig{}) {
    learn(std::move(leaders), 0);
  }
  void learn(std::vector<BrokerId> leaders, std::int32_t epoch) {
    MetadataResponse response;
    response.brokers = {1, 2, 3};
    response.topics.push_back({0, Error::kNone});
    for (std::size_t i = 0; i < leaders.size(); ++i) {
      MetadataResponse::Partition partition;
      partition.partition = static_cast<PartitionId>(i);
      partition.leader = leaders[i];
      partition.leader_epoch = epoch;
      response.partitions.push_back(partition);
    }
    metadata_.apply(response, random, out_);
    accumulator.set_leaders(metadata_, 0);
  }
  Accumulator::Append append(std::int32_t partition, std::int32_t value_bytes,
                             isrlab::sim::Time now = 0) {
    return accumulator.append(partition, {-1, value_bytes}, now, random);
  }
  std::vector<BatchIndex> drain(BrokerId node, isrlab::sim::Time now) {
    std::vector<BatchIndex> drained;
    accumulator.drain(node, now, nullptr, random, drained);
    return drained;
  }

  static constexpr std::uint32_t kBrokers = 3;
  Accumulator accumulator;
  Random random{1, "test"};

 private:
  Catalog catalog_;
  isrlab::sim::ConnectionIds ids_;
  isrlab::sim::Effects effects_;
  Messages messages_;
  RecordArena arena_;
  isrlab::sim::History history_;
  Out out_;
  ClientMetadata metadata_;
};

}  // namespace

TEST_CASE("1.3: sizes of magic 2", "[client][accumulator]") {
  CHECK(record_bytes(0, 0, {-1, 100}) == 109);
  CHECK(record_bytes(63, 63, {-1, 100}) == 109);
  CHECK(record_bytes(64, 0, {-1, 100}) == 110);
  CHECK(record_bytes(0, 64, {-1, 100}) == 110);
  CHECK(varint_bytes(-1) == 1);
  CHECK(varint_bytes(63) == 1);
  CHECK(varint_bytes(64) == 2);
}

TEST_CASE("vectors 71, 72: how many records fit in 16384 bytes", "[client][accumulator]") {
  struct Row {
    std::int32_t value;
    std::uint32_t records, bytes;
  };
  for (const Row row : {Row{100, 148, 16277}, Row{1000, 16, 16205}}) {
    Fixture fixture(ProducerConfig{}, {1});
    while (fixture.accumulator.queued(0) < 2) fixture.append(0, row.value);
    const auto drained = fixture.drain(1, 0);
    REQUIRE(drained.size() == 1);
    CHECK(fixture.accumulator.batches()[drained[0]].count == row.records);
    CHECK(fixture.accumulator.batches()[drained[0]].bytes == row.bytes);
  }
}

TEST_CASE("vector 63: RecordAccumulatorTest.testUniformBuiltInPartitioner (when it switches)",
          "[client][accumulator]") {
  ProducerConfig config;
  config.batch_size = 1024;
  Fixture fixture(config, {1, 2, 3});
  const std::int32_t first = fixture.append(-1, 5).partition;
  // The large record passes the limit, but its batch has room left: the switch is held back.
  CHECK(fixture.append(-1, 1024).partition == first);
  CHECK(fixture.accumulator.sticky().peek() == first);
  // The next one closes that batch, so it goes to the next pick, and so does each one after it.
  Random after_first = fixture.random;
  const auto expected = static_cast<std::int32_t>(after_first.below(0x80000000ULL) % 3);
  CHECK(fixture.append(-1, 1024).partition == expected);
  const auto next = static_cast<std::int32_t>(after_first.below(0x80000000ULL) % 3);
  CHECK(fixture.append(-1, 1024).partition == next);
}

TEST_CASE("vector 64: RecordAccumulatorTest.testAdaptiveBuiltInPartitioner",
          "[client][accumulator]") {
  PartitionLoad load;
  load.update({1, 7, 2}, {0, 1, 2}, 3);
  CHECK(load.cumulative() == std::vector<std::int32_t>{7, 8, 14});
}

TEST_CASE("vector 68: RecordAccumulatorTest.testNextReadyCheckDelay", "[client][accumulator]") {
  ProducerConfig config;
  config.linger = 10 * kMillisecond;
  Fixture fixture(config, {1, 1, 2});
  fixture.append(0, 100, 0);
  const auto& at_0 = fixture.accumulator.ready(0, fixture.random);
  CHECK(at_0.nodes.empty());
  CHECK(at_0.next_check == 10 * kMillisecond);
  fixture.append(2, 100, 5 * kMillisecond);
  const auto& at_5 = fixture.accumulator.ready(5 * kMillisecond, fixture.random);
  CHECK(at_5.nodes.empty());
  CHECK(at_5.next_check == 10 * kMillisecond);
  const auto& at_10 = fixture.accumulator.ready(10 * kMillisecond, fixture.random);
  CHECK(at_10.nodes == std::vector<BrokerId>{1});
}

TEST_CASE("vector 69: RecordAccumulatorTest.testExponentialRetryBackoff", "[client][accumulator]") {
  const std::int64_t bounds[][2] = {{80, 120}, {160, 240}, {320, 480}, {640, 960}};
  Fixture fixture(ProducerConfig{}, {1});
  fixture.append(0, 100);
  isrlab::sim::Time now = 0;
  auto drained = fixture.drain(1, now);
  REQUIRE(drained.size() == 1);
  for (const auto& [lower, upper] : bounds) {
    fixture.accumulator.reenqueue(drained[0], now);
    CHECK(fixture.drain(1, now + (lower - 1) * kMillisecond).empty());
    now += (upper + 1) * kMillisecond;
    drained = fixture.drain(1, now);
    REQUIRE(drained.size() == 1);
  }
}

TEST_CASE("vector 70: testReadyAndDrainWhenABatchIsBeingRetried", "[client][accumulator]") {
  Fixture fixture(ProducerConfig{}, {1});
  fixture.append(0, 100);
  fixture.accumulator.ready(0, fixture.random);
  auto drained = fixture.drain(1, 0);
  fixture.accumulator.reenqueue(drained.at(0), kMillisecond);
  CHECK(fixture.accumulator.ready(2 * kMillisecond, fixture.random).nodes.empty());
  fixture.learn({2}, 1);
  CHECK(fixture.accumulator.ready(2 * kMillisecond, fixture.random).nodes ==
        std::vector<BrokerId>{2});
  CHECK(fixture.drain(2, 2 * kMillisecond).size() == 1);
}

TEST_CASE("1.3 drain: one batch per partition, rotating start", "[client][accumulator]") {
  ProducerConfig config;
  config.max_request_size = 250;
  Fixture fixture(config, {1, 1, 1});
  for (std::int32_t partition = 0; partition < 3; ++partition) fixture.append(partition, 50);
  const auto partition_of = [&fixture](BatchIndex index) {
    return fixture.accumulator.batches()[index].partition;
  };
  const auto first = fixture.drain(1, 0);  // two of 120 bytes fit, the third stops the walk
  REQUIRE(first.size() == 2);
  CHECK(partition_of(first[0]) == 0);
  fixture.append(0, 50);
  const auto second = fixture.drain(1, 0);  // begins where the last walk stopped
  REQUIRE(second.size() == 2);
  CHECK(partition_of(second[0]) == 2);
  CHECK(partition_of(second[1]) == 0);
}

TEST_CASE("1.3 memory: taken with a batch, returned when it completes", "[client][accumulator]") {
  ProducerConfig config;
  config.buffer_memory = 2 * 16384;
  Fixture fixture(config, {1, 1, 1});
  fixture.append(0, 100);
  fixture.append(1, 100);
  CHECK(fixture.append(2, 100).status == Accumulator::AppendStatus::kNoMemory);
  CHECK(fixture.append(1, 100).status == Accumulator::AppendStatus::kAppended);
  const auto drained = fixture.drain(1, 0);
  REQUIRE(drained.size() == 2);
  CHECK(fixture.accumulator.buffered_bytes() == 2 * 16384);
  fixture.accumulator.complete(drained[0]);
  CHECK(fixture.append(2, 100).status == Accumulator::AppendStatus::kAppended);
}

TEST_CASE("1.3 expiry: counts from the creation of the batch", "[client][accumulator]") {
  Fixture fixture(ProducerConfig{}, {1, 1});
  fixture.append(0, 100, 0);
  fixture.append(1, 100, 50 * kMillisecond);
  std::vector<BatchIndex> expired;
  CHECK(fixture.accumulator.expire(99 * kMillisecond, 100 * kMillisecond, expired) ==
        100 * kMillisecond);
  CHECK(expired.empty());
  CHECK(fixture.accumulator.expire(100 * kMillisecond, 100 * kMillisecond, expired) ==
        150 * kMillisecond);
  CHECK(expired.size() == 1);
}
