// Vectors 73 to 75 and 77 of reference/clients-and-groups.md section 10.5.
#include <limits>

#include "model/client/accumulator.hpp"
#include "model/client/sequences.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

BatchIndex batch_of(BatchPool& pool, std::int32_t partition, std::uint32_t count) {
  const BatchIndex index = pool.take();
  pool[index].partition = partition;
  pool[index].count = count;
  return index;
}
}  // namespace

TEST_CASE("clients vectors 73, 74: testIncrementSequence, testDecrementSequence", "[client]") {
  CHECK(advance_sequence(5, 5) == 10);
  CHECK(advance_sequence(kMax, 1) == 0);
  CHECK(advance_sequence(kMax - 5, 10) == 4);
  CHECK(retreat_sequence(5, 5) == 0);
  CHECK(retreat_sequence(0, 1) == kMax);
}

TEST_CASE("vector 75: TransactionManagerTest.testSequenceNumberOverflow", "[client]") {
  std::int32_t next = 0;
  next = advance_sequence(next, kMax);
  CHECK(next == kMax);
  next = advance_sequence(next, 100);
  CHECK(next == 99);
  next = advance_sequence(next, kMax);
  CHECK(next == 98);
}

TEST_CASE("vector 77: TransactionManagerTest.testProducerIdReset", "[client]") {
  BatchPool pool;
  Sequences sequences(2);
  sequences.assign_producer_id(15, Sequences::kMaxEpoch);
  sequences.set_next_sequence(0, 3);
  sequences.set_next_sequence(1, 3);
  sequences.request_bump(0);
  CHECK(sequences.bump_if_required(pool));
  CHECK_FALSE(sequences.has_producer_id());  // a new id is asked for
  CHECK(sequences.next_sequence(0) == 0);
  CHECK(sequences.next_sequence(1) == 3);
}

TEST_CASE("vector 81: testCorrectHandlingOfOutOfOrderResponses", "[client]") {
  ProducerConfig config;
  Accumulator accumulator(config, 1, 1);
  isrlab::sim::Random random(1, "test");
  Sequences sequences(1);
  sequences.assign_producer_id(15, 0);
  BatchPool& pool = accumulator.batches();
  const BatchIndex first = batch_of(pool, 0, 1);
  const BatchIndex second = batch_of(pool, 0, 1);
  sequences.assign(first, pool);
  sequences.assign(second, pool);
  CHECK(sequences.can_retry(pool[second], Error::kOutOfOrderSequenceNumber, -1));
  accumulator.reenqueue(second, 0);
  CHECK(sequences.can_retry(pool[first], Error::kNotLeaderOrFollower, -1));
  accumulator.reenqueue(first, 0);
  CHECK_FALSE(sequences.bump_if_required(pool));
  CHECK(accumulator.queued(0) == 2);
  CHECK_FALSE(sequences.must_wait(pool[first], pool));
  CHECK(sequences.must_wait(pool[second], pool));  // one in flight each
  sequences.completed(first, pool, 0);
  CHECK_FALSE(sequences.must_wait(pool[second], pool));
  sequences.completed(second, pool, 1);
  CHECK(sequences.epoch() == 0);
  CHECK(sequences.last_acked(0) == 1);
}

TEST_CASE("vector 85: an expired first batch and a failed second cause an epoch bump", "[client]") {
  BatchPool pool;
  Sequences sequences(1);
  sequences.assign_producer_id(15, 0);
  const BatchIndex first = batch_of(pool, 0, 1);
  const BatchIndex second = batch_of(pool, 0, 1);
  sequences.assign(first, pool);
  sequences.assign(second, pool);
  sequences.failed(first, pool, Error::kRequestTimedOut, false);
  sequences.mark_unresolved(pool[first]);
  CHECK(sequences.has_unresolved(0));
  // The batch right after the unresolved one is refused: there is a gap.
  CHECK(sequences.can_retry(pool[second], Error::kOutOfOrderSequenceNumber, -1));
  CHECK(sequences.bump_if_required(pool));
  CHECK(sequences.epoch() == 1);
  CHECK(pool[second].base_sequence == 0);
  CHECK_FALSE(sequences.has_unresolved(0));
}

TEST_CASE("1.9: a bump is local; other partitions restart when their batches are done",
          "[client]") {
  BatchPool pool;
  Sequences sequences(2);
  sequences.assign_producer_id(15, 0);
  const BatchIndex asked = batch_of(pool, 0, 2);
  const BatchIndex other = batch_of(pool, 1, 3);
  sequences.assign(asked, pool);
  sequences.assign(other, pool);
  sequences.request_bump(0);
  CHECK(sequences.bump_if_required(pool));
  CHECK(sequences.epoch() == 1);
  CHECK(pool[asked].producer_epoch == 1);
  CHECK(pool[other].producer_epoch == 0);
  CHECK(sequences.next_sequence(0) == 2);
  CHECK(sequences.next_sequence(1) == 3);
  const BatchIndex fresh = batch_of(pool, 1, 1);
  CHECK(sequences.must_wait(pool[fresh], pool));  // while an older epoch is in flight
  sequences.completed(other, pool, 0);
  CHECK_FALSE(sequences.must_wait(pool[fresh], pool));
  sequences.assign(fresh, pool);
  CHECK(pool[fresh].base_sequence == 0);
  CHECK(pool[fresh].producer_epoch == 1);
}
