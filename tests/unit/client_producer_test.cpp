// Handlers of the producer against a scripted cluster: vectors 80 to 88 of
// reference/clients-and-groups.md section 10.5, and the rules of sections 1.1, 1.4, 1.5, 1.8.
#include "model/client/producer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/client_bench.hpp"

using namespace isrlab::model;
using namespace isrlab::model::test;
using isrlab::sim::kMillisecond;
using isrlab::sim::kSecond;
using isrlab::sim::Time;

namespace {

constexpr Duration kInterval = 10 * kMillisecond;

ClusterSpec with_producer(std::int32_t brokers, std::int32_t partitions,
                          const ProducerConfig& config) {
  ClusterSpec spec = small_cluster(brokers, partitions);
  ProducerSpec producer;
  producer.name = "p1";
  producer.topic = "orders";
  producer.interval = kInterval;
  producer.record_bytes = 100;
  producer.partition = partitions == 1 ? -1 : 0;
  producer.config = config;
  spec.producers.push_back(producer);
  return spec;
}

struct Fixture {
  explicit Fixture(const ProducerConfig& config = {}, std::int32_t brokers = 1,
                   std::int32_t partitions = 1)
      : Fixture(with_producer(brokers, partitions, config)) {}
  explicit Fixture(ClusterSpec spec)
      : catalog(std::move(spec)),
        producer(0, catalog, 42),
        bench(catalog, producer, catalog.producer_process(0)) {
    bench.start();
  }
  /// Runs until the producer has created that many records.
  void create(std::int64_t records) {
    for (int i = 0; i < 10000 && producer.records_created() < records; ++i) {
      bench.run_for(kMillisecond);
    }
    REQUIRE(producer.records_created() == records);
  }
  const Batch& batch(std::size_t request) {
    return bench.template request<ProduceRequest>(request).partitions.at(0).batch;
  }
  void answer(std::size_t request, Error error, std::int64_t base_offset = -1) {
    bench.template answer<ProduceRequest, ProduceResponse>(
        request, [&](ProduceRequest& asked, ProduceResponse& response) {
          for (const auto& partition : asked.partitions) {
            ProduceResponse::Partition result;
            result.partition = partition.partition;
            result.error = error;
            result.base_offset = base_offset;
            response.partitions.push_back(result);
          }
        });
  }
  std::size_t produces() const { return bench.count(MessageType::kProduceRequest); }

  Catalog catalog;
  Producer producer;
  Bench<Producer> bench;
};

}  // namespace

TEST_CASE("1.9, trap 2: nothing is produced before the producer id is known", "[client]") {
  Fixture fixture;
  CHECK(fixture.producer.idempotent());
  CHECK(fixture.bench.count(HistoryKind::kProducerIdAssigned) == 1);
  Fixture waiting(with_producer(1, 1, {}));
  waiting.bench.answer_init = false;
  waiting.producer.crash();
  waiting.bench.start();
  waiting.bench.run_for(100 * kMillisecond);
  CHECK(waiting.bench.count(MessageType::kInitProducerIdRequest) > 0);
  CHECK(waiting.produces() == 0);
}

TEST_CASE("1.4: five requests in flight, then records gather in a batch", "[client]") {
  Fixture fixture;
  fixture.create(8);
  REQUIRE(fixture.produces() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(fixture.batch(i).base_sequence == static_cast<std::int32_t>(i));
    CHECK(fixture.batch(i).first_record == i);
    CHECK(fixture.batch(i).producer_id == 7000);
    CHECK(fixture.batch(i).bytes == 61 + 109);
    CHECK(fixture.bench.request<ProduceRequest>(i).acks == -1);
  }
  fixture.answer(0, Error::kNone, 0);
  REQUIRE(fixture.produces() == 5);
  CHECK(fixture.batch(4).count == 3);
  CHECK(fixture.batch(4).first_record == 5);
  CHECK(fixture.batch(4).base_sequence == 5);
  CHECK(fixture.producer.records_acked() == 1);
}

TEST_CASE("vector 80: testIdempotenceWithMultipleInflightsRetriedInOrder", "[client]") {
  Fixture fixture;
  fixture.create(3);
  REQUIRE(fixture.produces() == 3);
  fixture.answer(0, Error::kLeaderNotAvailable);
  fixture.answer(0, Error::kOutOfOrderSequenceNumber);
  fixture.answer(0, Error::kOutOfOrderSequenceNumber);
  CHECK(fixture.produces() == 0);
  CHECK(fixture.bench.count(HistoryKind::kRecordsRetried) == 3);
  for (std::int64_t sequence = 0; sequence < 3; ++sequence) {
    fixture.bench.run_for(125 * kMillisecond);
    // New batches get no sequence while one of those before them waits for its retry.
    if (sequence < 2) REQUIRE(fixture.produces() == 1);
    CHECK(fixture.batch(0).base_sequence == sequence);
    CHECK(fixture.batch(0).count == 1);
    fixture.answer(0, Error::kNone, sequence);
  }
  CHECK(fixture.bench.count(HistoryKind::kRecordsFailed) == 0);
  REQUIRE(fixture.produces() >= 1);
  CHECK(fixture.batch(0).base_sequence == 3);
  CHECK(fixture.producer.sequences().epoch() == 0);
}

TEST_CASE("1.3: a newer leader epoch skips the backoff of a retry", "[client]") {
  ClusterSpec spec = with_producer(2, 1, {});
  spec.producers[0].interval = 10 * kSecond;
  Fixture fixture(std::move(spec));
  fixture.create(1);
  fixture.bench.run_for(200 * kMillisecond);  // the metadata backoff is over
  REQUIRE(fixture.produces() == 1);
  REQUIRE(fixture.bench.requests[0].broker == 1);
  fixture.bench.leaders[0] = {2, 1};
  fixture.answer(0, Error::kNotLeaderOrFollower);
  REQUIRE(fixture.produces() == 1);
  CHECK(fixture.bench.requests[0].broker == 2);
  CHECK(fixture.batch(0).base_sequence == 0);
}

TEST_CASE("vector 82: FirstFailsFatallyAndSequenceOfFutureBatchesIsAdjusted", "[client]") {
  Fixture fixture;
  fixture.create(2);
  REQUIRE(fixture.produces() == 2);
  fixture.answer(0, Error::kMessageTooLarge);
  CHECK(fixture.producer.records_failed() == 1);
  fixture.answer(0, Error::kOutOfOrderSequenceNumber);
  fixture.bench.run_for(125 * kMillisecond);
  REQUIRE(fixture.produces() >= 1);
  CHECK(fixture.batch(0).first_record == 1);
  CHECK(fixture.batch(0).base_sequence == 0);
  CHECK(fixture.batch(0).producer_epoch == 1);
}

TEST_CASE("vector 83: testEpochBumpOnOutOfOrderSequenceForNextBatch", "[client]") {
  Fixture fixture;
  fixture.create(1);
  fixture.answer(0, Error::kNone, 0);
  fixture.create(2);
  REQUIRE(fixture.produces() == 1);
  CHECK(fixture.batch(0).base_sequence == 1);
  fixture.answer(0, Error::kOutOfOrderSequenceNumber);
  CHECK(fixture.producer.sequences().epoch() == 1);
  fixture.bench.run_for(125 * kMillisecond);
  REQUIRE(fixture.produces() >= 1);
  CHECK(fixture.batch(0).base_sequence == 0);
  CHECK(fixture.batch(0).producer_epoch == 1);
}

namespace {
ProducerConfig short_delivery() {
  ProducerConfig config;
  config.request_timeout = kSecond;
  config.delivery_timeout = 1500 * kMillisecond;
  return config;
}
ClusterSpec two_records(const ProducerConfig& config, Duration interval) {
  ClusterSpec spec = with_producer(1, 1, config);
  spec.producers[0].interval = interval;
  return spec;
}
}  // namespace

TEST_CASE("vector 86: testExpiryOfAllSentBatchesShouldCauseUnresolvedSequences", "[client]") {
  Fixture fixture(two_records(short_delivery(), 10 * kSecond));
  fixture.create(1);
  fixture.bench.leaders[0].leader = kNoBroker;  // it cannot be retried
  fixture.bench.leaders[0].epoch = 1;
  fixture.answer(0, Error::kNotLeaderOrFollower);
  CHECK(fixture.producer.sequences().epoch() == 0);
  fixture.bench.run_for(1600 * kMillisecond);
  CHECK(fixture.producer.records_failed() == 1);
  fixture.create(2);
  CHECK(fixture.producer.sequences().epoch() == 1);
  const auto failed = fixture.bench.all(HistoryKind::kRecordsFailed);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].c == (7 << 8 | 1));  // its retry was never answered: it may be in the log
}

TEST_CASE("vector 84: an expired first batch is resolved if the next one succeeds", "[client]") {
  Fixture fixture(two_records(short_delivery(), kSecond));
  fixture.create(1);
  fixture.create(2);
  const Time created = fixture.bench.now - kSecond;
  REQUIRE(fixture.produces() == 2);
  fixture.bench.leaders[0] = {kNoBroker, 1};
  fixture.answer(0, Error::kLeaderNotAvailable);
  fixture.bench.run_until(created + 1505 * kMillisecond);
  CHECK(fixture.producer.records_failed() == 1);
  CHECK(fixture.producer.sequences().has_unresolved(0));
  fixture.answer(0, Error::kNone, 0);
  fixture.bench.leaders[0] = {1, 2};
  fixture.create(3);
  fixture.bench.run_for(200 * kMillisecond);
  CHECK_FALSE(fixture.producer.sequences().has_unresolved(0));
  CHECK(fixture.producer.sequences().epoch() == 0);
  REQUIRE(fixture.produces() >= 1);
  CHECK(fixture.batch(0).base_sequence == 2);
}

TEST_CASE("vector 87: testCorrectHandlingOfDuplicateSequenceError", "[client]") {
  Fixture fixture(with_producer(2, 1, {}));
  fixture.create(2);
  REQUIRE(fixture.produces() == 2);
  fixture.answer(0, Error::kDuplicateSequenceNumber);
  fixture.answer(0, Error::kNone, 1000);
  const auto acked = fixture.bench.all(HistoryKind::kRecordsAcked);
  REQUIRE(acked.size() == 2);
  CHECK(acked[0].c == -1);
  CHECK(acked[1].c == 1000);
  CHECK(fixture.producer.sequences().last_acked(0) == 1);
}

TEST_CASE("vector 88: max.in.flight 1 mutes the partition", "[client]") {
  ProducerConfig config;
  config.max_in_flight = 1;
  Fixture fixture(config);
  fixture.create(4);
  REQUIRE(fixture.produces() == 1);
  fixture.answer(0, Error::kNone, 0);
  REQUIRE(fixture.produces() == 1);
  CHECK(fixture.batch(0).count == 3);
}

TEST_CASE("1.8: acks=0 completes at send", "[client]") {
  ProducerConfig config;
  config.acks = 0;
  config.enable_idempotence = 0;
  Fixture fixture(config);
  fixture.create(3);
  CHECK(fixture.producer.records_acked() == 3);
  CHECK(fixture.producer.buffered_bytes() == 0);
  CHECK(fixture.bench.all(HistoryKind::kRecordsAcked)[0].c == -1);
}

TEST_CASE("1.10: without idempotence a retry goes to the head and may overtake", "[client]") {
  ProducerConfig config;
  config.enable_idempotence = 0;
  Fixture fixture(config);
  fixture.create(2);
  REQUIRE(fixture.produces() == 2);
  fixture.answer(0, Error::kNotEnoughReplicas);
  fixture.answer(0, Error::kNone, 0);
  fixture.bench.run_for(125 * kMillisecond);
  const std::size_t last = fixture.produces() - 1;
  CHECK(fixture.batch(0).base_sequence == -1);
  bool resent = false;
  for (std::size_t i = 0; i <= last; ++i) resent = resent || fixture.batch(i).first_record == 0;
  CHECK(resent);
}

TEST_CASE("KIP-951: a named leader is used at once, without backoff", "[client]") {
  Fixture fixture({}, 2, 1);
  fixture.bench.answer_metadata = true;
  fixture.create(1);
  const Time before = fixture.bench.now;
  REQUIRE(fixture.bench.requests[0].broker == 1);
  fixture.bench.answer<ProduceRequest, ProduceResponse>(
      0, [](ProduceRequest&, ProduceResponse& response) {
        ProduceResponse::Partition result;
        result.error = Error::kNotLeaderOrFollower;
        result.hint = {2, 5};
        response.partitions.push_back(result);
      });
  fixture.bench.leaders[0] = {2, 5};
  fixture.bench.run_for(0);
  const auto learned = fixture.bench.all(HistoryKind::kLeaderLearned);
  REQUIRE(learned.size() == 1);
  CHECK(learned[0].a == 2);
  CHECK(learned[0].b == 5);
  REQUIRE(fixture.produces() >= 1);
  CHECK(fixture.bench.requests[0].broker == 2);
  CHECK(fixture.bench.now == before);
}

TEST_CASE("1.5: a lost connection fails all batches on it, which are retried", "[client]") {
  Fixture fixture;
  fixture.create(3);
  fixture.bench.close(1);
  const auto retried = fixture.bench.all(HistoryKind::kRecordsRetried);
  REQUIRE(retried.size() == 3);
  CHECK(retried[0].c == static_cast<std::int64_t>(Error::kNetworkException));
  fixture.bench.run_for(kSecond);
  REQUIRE(fixture.produces() == 1);
  CHECK(fixture.batch(0).first_record == 0);
}

TEST_CASE("C06: a leader deposed while replicas are awaited may have written", "[client]") {
  for (const std::int64_t acks : {-1, 1}) {
    ProducerConfig config;
    config.acks = acks;
    config.enable_idempotence = 0;
    config.retries = 0;
    Fixture fixture(config);
    fixture.create(1);
    fixture.answer(0, Error::kNotLeaderOrFollower);
    const auto failed = fixture.bench.all(HistoryKind::kRecordsFailed);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].c / 256 == static_cast<std::int64_t>(Error::kNotLeaderOrFollower));
    CHECK((failed[0].c & 1) == (acks == -1 ? 1 : 0));
  }
}

TEST_CASE("trap 4: a request that times out takes its connection with it", "[client]") {
  ProducerConfig config;
  config.request_timeout = kSecond;
  Fixture fixture(config);
  fixture.create(3);
  fixture.bench.run_for(1100 * kMillisecond);
  CHECK(fixture.bench.count(HistoryKind::kRequestTimedOut) == 1);
  const auto retried = fixture.bench.all(HistoryKind::kRecordsRetried);
  REQUIRE(retried.size() == 5);
  for (const auto& event : retried) {
    CHECK(event.c == static_cast<std::int64_t>(Error::kRequestTimedOut));
  }
}

TEST_CASE("1.1 step 1: send() blocks without metadata, then throws, and skips the missed ticks",
          "[client]") {
  ProducerConfig config;
  config.max_block = kSecond;
  ClusterSpec spec = with_producer(1, 1, config);
  Catalog catalog(spec);
  Producer producer(0, catalog, 42);
  Bench<Producer> bench(catalog, producer, catalog.producer_process(0));
  bench.topics_exist = false;
  bench.start();
  bench.run_for(1500 * kMillisecond);
  CHECK(producer.records_dropped() == 1);
  CHECK(producer.blocked());
  const auto blocked = bench.all(HistoryKind::kSendBlocked);
  REQUIRE(blocked.size() == 1);
  CHECK(blocked[0].a == 0);
  CHECK(blocked[0].b == kSecond);
  CHECK(blocked[0].c == 1);
  bench.topics_exist = true;
  bench.run_for(kSecond);
  CHECK_FALSE(producer.blocked());
  CHECK(producer.records_created() >= 1);
  CHECK(producer.records_created() <= 101);
  CHECK(producer.records_dropped() <= 2);
}

TEST_CASE("1.3: send() blocks when the memory is used up and goes on when it returns", "[client]") {
  ProducerConfig config;
  config.buffer_memory = 2 * 16384;
  config.max_in_flight = 1;
  config.enable_idempotence = 0;
  ClusterSpec spec = with_producer(1, 1, config);
  spec.producers[0].record_bytes = 16000;
  Fixture fixture(spec);
  fixture.create(2);
  fixture.bench.run_for(20 * kMillisecond);
  CHECK(fixture.producer.blocked());
  CHECK(fixture.producer.records_created() == 2);
  fixture.answer(0, Error::kNone, 0);
  CHECK_FALSE(fixture.producer.blocked());
  CHECK(fixture.producer.records_created() == 3);
  const auto blocked = fixture.bench.all(HistoryKind::kSendBlocked);
  REQUIRE(blocked.size() == 2);  // the first send() of all waited for metadata
  CHECK(blocked[0].a == 0);
  CHECK(blocked[1].a == 1);
  CHECK(blocked[1].c == 0);
}

TEST_CASE("trap 5: keyed records hash over all partitions and wait for a leader", "[client]") {
  ClusterSpec spec = with_producer(1, 4, {});
  spec.producers[0].partition = -1;
  spec.producers[0].key_count = 50;
  Catalog catalog(spec);
  Producer producer(0, catalog, 42);
  Bench<Producer> bench(catalog, producer, catalog.producer_process(0));
  bench.leaders[2] = {kNoBroker, 3};
  bench.start();
  bench.run_for(kSecond);
  CHECK(producer.next_record(2) > 0);
  CHECK(producer.queued_batches(2) > 0);
  for (std::size_t i = 0; i < bench.requests.size(); ++i) {
    for (const auto& partition : bench.request<ProduceRequest>(i).partitions) {
      CHECK(partition.partition != 2);
    }
  }
}

TEST_CASE("1.9: idempotence is off without its conditions", "[client]") {
  const auto idempotent = [](ProducerConfig config) {
    Catalog catalog(with_producer(1, 1, config));
    return Producer(0, catalog, 1).idempotent();
  };
  ProducerConfig config;
  CHECK(idempotent(config));
  config.acks = 1;
  CHECK_FALSE(idempotent(config));
  config = {};
  config.retries = 0;
  CHECK_FALSE(idempotent(config));
  config = {};
  config.max_in_flight = 6;
  CHECK_FALSE(idempotent(config));
}

TEST_CASE("a copy of a producer goes on exactly as the original", "[client]") {
  Fixture fixture;
  fixture.create(5);
  Producer copy = fixture.producer;
  CHECK(copy.next_record(0) == 5);
  fixture.create(7);
  CHECK(copy.next_record(0) == 5);
}

TEST_CASE("performance: timers per record on the steady path", "[client]") {
  Fixture fixture;
  fixture.create(10);
  while (fixture.produces() > 0) fixture.answer(0, Error::kNone, 0);
  const std::size_t before = fixture.bench.timers_set;
  for (std::int64_t record = 11; record <= 110; ++record) {
    fixture.create(record);
    while (fixture.produces() > 0) fixture.answer(0, Error::kNone, 0);
  }
  CHECK(fixture.bench.timers_set - before <= 105);  // one per record: the next send()
}
