// The ledger of lost acknowledged records: which, whose, when, why.
#include "model/invariants/loss_ledger.hpp"

#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

sim::HistoryEvent acked(World& world, std::int64_t first, std::int64_t count, std::int64_t offset,
                        std::uint32_t producer = 1, PartitionId partition = kClicks0) {
  return world.event(HistoryKind::kRecordsAcked, world.catalog.producer_process(producer),
                     partition, first, count, offset);
}
sim::HistoryEvent truncated(World& world, BrokerId broker, std::int64_t from, std::int64_t to) {
  world.log_of(broker, kClicks0).truncate_to(to);
  return world.event(HistoryKind::kTruncated, world.broker(broker), kClicks0, from, to, to);
}

/// Broker 1 leads in epoch 0; 10 records everywhere, 12 more in three batches on broker 1 only, all
/// acknowledged under acks=1.
struct Tail {
  World world;
  LossLedger ledger{world.catalog};
  Time first_acked = 0;
  Time last_acked = 0;

  Tail() {
    ledger.observe(world.became_leader(1, 0, kClicks0), world);
    world.append({1, 2, 3}, 0, 10, 0, kClicks0, 1);
    ledger.observe(acked(world, 0, 10, 0), world);
    for (std::int64_t batch = 0; batch < 3; ++batch) {
      const std::int64_t first = 10 + 4 * batch;
      world.append({1}, 0, 4, static_cast<std::uint64_t>(first), kClicks0, 1);
      const auto event = acked(world, first, 4, first);
      if (batch == 0) first_acked = event.time;
      last_acked = event.time;
      ledger.observe(event, world);
    }
  }
};

}  // namespace

TEST_CASE("an acks=1 tail is lost at the election and erased at the truncation", "[ledger]") {
  Tail tail;
  World& world = tail.world;
  LossLedger& ledger = tail.ledger;
  CHECK(ledger.lost().empty());
  const auto elected = world.became_leader(2, 1, kClicks0);
  ledger.observe(elected, world);
  REQUIRE(ledger.lost().size() == 1);  // three batches, one range
  const LostRange& range = ledger.lost()[0];
  CHECK(range.partition == kClicks0);
  CHECK(range.offset == 10);
  CHECK(range.count == 12);
  CHECK(range.producer == 1);
  CHECK(range.first_record == 10);
  CHECK(range.acks == 1);
  CHECK(range.epoch == 0);
  CHECK(range.acked_by == 1);
  CHECK(range.first_acked == tail.first_acked);
  CHECK(range.last_acked == tail.last_acked);
  CHECK(range.lost == elected.time);
  CHECK(range.cause == elected.id);
  CHECK(range.new_leader == 2);
  CHECK(range.erased == sim::kNever);
  CHECK(ledger.lost_records(1) == 12);
  CHECK(ledger.lost_records(-1) == 0);

  ledger.observe(truncated(world, 3, 10, 10), world);  // not its copy
  CHECK(ledger.lost()[0].erased == sim::kNever);
  const auto cut = truncated(world, 1, 22, 10);
  ledger.observe(cut, world);
  REQUIRE(ledger.lost().size() == 1);
  CHECK(ledger.lost()[0].erased == cut.time);
  CHECK(ledger.lost()[0].erased_by == cut.id);
  CHECK(ledger.text(ledger.lost()[0]) ==
        "clicks-0: 12 records of p2 (from record 10 at offset 10) that broker-1 acknowledged with "
        "acks=1 in epoch 0 are not in the log of broker-2, the new leader; truncated by broker-1");
}

TEST_CASE("a clean election loses nothing", "[ledger]") {
  Tail tail;
  for (const BrokerId broker : {2, 3}) {
    for (std::uint64_t first = 10; first < 22; first += 4) {
      tail.world.append({broker}, 0, 4, first, kClicks0, 1);
    }
  }
  tail.ledger.observe(tail.world.became_leader(2, 1, kClicks0), tail.world);
  tail.ledger.observe(tail.world.became_leader(3, 2, kClicks0), tail.world);
  CHECK(tail.ledger.lost().empty());
  CHECK(tail.ledger.lost_records() == 0);
}

TEST_CASE("records come back with a leader that still has them", "[ledger]") {
  Tail tail;
  World& world = tail.world;
  tail.ledger.observe(world.became_leader(2, 1, kClicks0), world);
  const auto back = world.became_leader(1, 2, kClicks0);
  tail.ledger.observe(back, world);
  REQUIRE(tail.ledger.lost().size() == 1);
  CHECK(tail.ledger.lost()[0].returned == back.time);
  CHECK(tail.ledger.lost_records(1) == 0);
  // And can be lost again.
  tail.ledger.observe(world.became_leader(3, 3, kClicks0), world);
  REQUIRE(tail.ledger.lost().size() == 2);
  CHECK(tail.ledger.lost()[1].count == 12);
  CHECK(tail.ledger.lost_records(1) == 12);
}

TEST_CASE("a deposed leader's acknowledgement is a loss when it arrives", "[ledger]") {
  Tail tail;
  World& world = tail.world;
  const auto elected = world.became_leader(2, 1, kClicks0);
  tail.ledger.observe(elected, world);
  world.append({2}, 1, 4, 50, kClicks0, 1);
  world.append({1}, 0, 5, 22, kClicks0, 1);
  const auto late = acked(world, 22, 5, 22);
  tail.ledger.observe(late, world);
  REQUIRE(tail.ledger.lost().size() == 1);  // it continues the range that the election lost
  CHECK(tail.ledger.lost()[0].count == 17);
  CHECK(tail.ledger.lost()[0].last_acked == late.time);
  CHECK(tail.ledger.lost()[0].cause == elected.id);
}

TEST_CASE("only what the new leader lacks is lost, by producer", "[ledger]") {
  World world;
  LossLedger ledger(world.catalog);
  ledger.observe(world.became_leader(1, 0), world);
  world.append({1, 2}, 0, 3, 0);
  world.append({1, 2}, 0, 3, 0, kOrders0, 1);
  world.append({1}, 0, 3, 3);
  world.append({1}, 0, 3, 3, kOrders0, 1);
  world.append({1}, 0, 3, 6);  // not acknowledged
  ledger.observe(acked(world, 0, 3, 0, 0, kOrders0), world);
  ledger.observe(acked(world, 0, 3, 3, 1, kOrders0), world);
  ledger.observe(acked(world, 3, 3, 6, 0, kOrders0), world);
  ledger.observe(acked(world, 3, 3, 9, 1, kOrders0), world);
  ledger.observe(acked(world, 99, 3, -1, 0, kOrders0), world);  // no offset was learned
  world.append({2}, 1, 8, 60);                                  // other records at those offsets
  ledger.observe(world.became_leader(2, 1), world);
  REQUIRE(ledger.lost().size() == 2);
  CHECK(ledger.lost()[0].offset == 6);
  CHECK(ledger.lost()[0].acks == -1);
  CHECK(ledger.lost()[1].offset == 9);
  CHECK(ledger.lost()[1].acks == 1);
  CHECK(ledger.lost_records() == 6);
}

TEST_CASE("what every replica holds is forgotten", "[ledger]") {
  World world;
  LossLedger ledger(world.catalog);
  ledger.observe(world.became_leader(1, 0), world);
  std::size_t most = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    world.append({1, 2, 3}, 0, 1, static_cast<std::uint64_t>(i));
    ledger.observe(acked(world, i, 1, i, 0, kOrders0), world);
    most = std::max(most, ledger.remembered());
  }
  CHECK(most <= 16);
  // While a replica is behind, everything it lacks is remembered.
  for (std::int64_t i = 1000; i < 1100; ++i) {
    world.append({1, 2}, 0, 1, static_cast<std::uint64_t>(i));
    ledger.observe(acked(world, i, 1, i, 0, kOrders0), world);
  }
  CHECK(ledger.remembered() >= 100);
  ledger.observe(world.became_leader(3, 1), world);
  CHECK(ledger.lost_records(-1) == 100);
}
