// Producer state over the life of a log: truncation, snapshots, expiry, historic bugs. The vectors
// of Kafka's own tests are in tests/vectors.
#include <limits>

#include "model/log/partition_log.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

Batch batch_of(std::int32_t first_sequence, std::int32_t last_sequence) {
  Batch batch;
  batch.producer_id = 7;
  batch.producer_epoch = 0;
  batch.base_sequence = first_sequence;
  batch.count = static_cast<std::uint32_t>(last_sequence - first_sequence + 1);
  batch.bytes = 100;
  batch.producer = 0;
  return batch;
}

PartitionLog log_of(std::int32_t records, const LogContext& context = {}) {
  PartitionLog log;
  for (std::int32_t i = 0; i < records; ++i) log.append_as_leader(batch_of(i, i), 0, context);
  log.maybe_increment_high_watermark(records);
  return log;
}

bool duplicate(const PartitionLog& log, std::int32_t sequence) {
  return log.check_producer(batch_of(sequence, sequence)).duplicate;
}

Error error_of(const PartitionLog& log, std::int32_t sequence) {
  return log.check_producer(batch_of(sequence, sequence)).error;
}

}  // namespace

TEST_CASE("vectors 73, 74 of clients: testIncrementSequence, testDecrementSequence", "[log]") {
  CHECK(increment_sequence(5, 5) == 10);
  CHECK(increment_sequence(kMax, 1) == 0);
  CHECK(increment_sequence(kMax - 5, 10) == 4);
  CHECK(decrement_sequence(5, 5) == 0);
  CHECK(decrement_sequence(0, 1) == kMax);
}

TEST_CASE("truncation rebuilds the producers from what is left", "[log][producer]") {
  PartitionLog log = log_of(10);
  log.truncate_to(7);
  const ProducerStateEntry* entry = log.producers()->find(7);
  REQUIRE(entry != nullptr);
  CHECK(entry->last_sequence() == 6);
  CHECK(entry->count == 5);
  CHECK(duplicate(log, 2));
  CHECK(error_of(log, 7) == Error::kNone);
  // The cut left a snapshot at 7: after the next one only its last batch is known.
  log.append_as_leader(batch_of(7, 7), 0);
  log.truncate_to(7);
  CHECK(duplicate(log, 6));
  CHECK(error_of(log, 5) == Error::kOutOfOrderSequenceNumber);
}

TEST_CASE("after a clean stop only the last batch of a producer is known", "[log][producer]") {
  PartitionLog log = log_of(10);
  log.close_clean();
  log.restart({10, 10, 0, 0}, true);
  CHECK(duplicate(log, 9));
  CHECK(error_of(log, 8) == Error::kOutOfOrderSequenceNumber);
  CHECK(error_of(log, 10) == Error::kNone);
}

TEST_CASE("after a kill the newest snapshot and what follows it are known", "[log][producer]") {
  LogConfig config;
  config.segment_bytes = 500;  // 5 records
  LogContext context;
  context.config = &config;
  PartitionLog log = log_of(7, context);  // a snapshot at 5, records 5 and 6 after it
  REQUIRE(log.segment_count() == 2);
  log.restart({0, 0, 0, 0}, false, context);
  CHECK(duplicate(log, 4));  // from the snapshot
  CHECK(duplicate(log, 5));
  CHECK(duplicate(log, 6));
  CHECK(error_of(log, 3) == Error::kOutOfOrderSequenceNumber);
}

TEST_CASE("a log without a snapshot is scanned from its start after a kill", "[log][producer]") {
  PartitionLog log = log_of(10);
  log.restart({10, 0, 0, 0}, false);
  CHECK(duplicate(log, 5));
  CHECK(error_of(log, 4) == Error::kOutOfOrderSequenceNumber);
}

TEST_CASE("a producer that has expired is not loaded again", "[log][producer]") {
  LogConfig config;
  config.producer_id_expiration = isrlab::sim::kSecond;
  LogContext context;
  context.config = &config;
  PartitionLog log = log_of(3, context);
  log.close_clean();
  context.now = isrlab::sim::kSecond;
  log.restart({3, 3, 0, 0}, true, context);
  CHECK(log.producers()->find(7) == nullptr);
  CHECK(error_of(log, 100) == Error::kNone);  // rule 5: a gap is accepted now
}

TEST_CASE("records that retention deletes do not take their producer along", "[log][producer]") {
  LogConfig config;
  config.segment_bytes = 500;
  config.retention_bytes = 0;
  for (const bool bug : {false, true}) {
    LogContext context;
    context.config = &config;
    context.bugs = bug ? bug_bit(Bug::kProducerStateWithLog) : 0;  // KAFKA-7190
    PartitionLog log = log_of(10, context);
    REQUIRE(log.delete_old_segments(context));
    REQUIRE(log.log_start_offset() == 10);
    CHECK((log.producers()->find(7) == nullptr) == bug);
  }
}

TEST_CASE("a follower accepts a sequence of a producer that it does not know", "[log][producer]") {
  for (const bool bug : {false, true}) {
    LogContext context;
    context.bugs = bug ? bug_bit(Bug::kReplicaRejectsUnknownSeq) : 0;  // KAFKA-6003
    PartitionLog log;
    Batch batch = batch_of(5, 6);
    batch.leader_epoch = 0;
    const FollowerAppend result = log.append_as_follower(batch, context);
    CHECK(result == (bug ? FollowerAppend::kUnknownSequence : FollowerAppend::kOk));
  }
}
