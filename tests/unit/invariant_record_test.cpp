// The checkers of acknowledgements, offsets, reads, groups and accounts can fail: S22, S23, S26,
// S31, S40.
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

sim::HistoryEvent delivered(World& world, std::int64_t base, std::int64_t count,
                            std::uint64_t first_record) {
  return world.event(HistoryKind::kRecordsDelivered, world.catalog.consumer_process(0), kOrders0,
                     base, count, static_cast<std::int64_t>(first_record << 24));
}
sim::HistoryEvent assignment(World& world, std::uint32_t member, std::int64_t generation,
                             std::vector<std::uint32_t> partitions) {
  return world.event(HistoryKind::kAssignmentReceived, world.catalog.consumer_process(member), 0,
                     generation, world.list_of(std::move(partitions)));
}
sim::HistoryEvent records(World& world, HistoryKind kind, std::int64_t first,
                          std::int64_t count = 0, std::int64_t c = 0) {
  return world.event(kind, world.catalog.producer_process(0), kOrders0, first, count, c);
}

}  // namespace

TEST_CASE("S22 finds an acknowledgement with too small an ISR", "[invariants]") {
  World world;
  const auto s22 = make_min_isr_respected(world.catalog);
  s22->check(world.ack_sent(1, 5, 3, 2, 2), world);
  const auto ack = world.ack_sent(1, 8, 3, 2, 1);
  s22->check(ack, world);
  check_violated(*s22, ack,
                 "orders-0: broker-1, leader in epoch 3, acknowledged up to offset 8 with 1 "
                 "in-sync replicas where 2 are required");
}

TEST_CASE("S22 finds a member of the ISR without the record", "[invariants]") {
  World world;
  const auto s22 = make_min_isr_respected(world.catalog);
  world.append({1, 2, 3}, 3, 5, 0);
  world.append({1, 2}, 3, 3, 5);
  Partition& leader = world.replica(1);
  leader.role = PartitionRole::kLeader;
  leader.isr = {1, 2};
  s22->check(world.ack_sent(1, 8, 3, 2, 2), world);
  check_held(*s22);
  world.append({1, 2}, 3, 2, 8);
  leader.pending = PendingIsr::kExpand;  // the maximal ISR counts
  leader.proposed = {1, 2, 3};
  const auto ack = world.ack_sent(1, 10, 3, 2, 3);
  s22->check(ack, world);
  check_violated(*s22, ack,
                 "orders-0: broker-1, leader in epoch 3, acknowledged up to offset 10, but "
                 "broker-3 of its ISR ends at 5");
}

TEST_CASE("S23 finds a committed offset that is assigned again", "[invariants]") {
  World world;
  const auto s23 = make_offset_unique(world.catalog);
  s23->check(world.leader_append(1, 0, 20, 3), world);
  s23->check(world.high_watermark(1, 20, 3), world);
  const auto again = world.leader_append(2, 15, 5, 4);
  s23->check(again, world);
  check_violated(*s23, again,
                 "orders-0: broker-2, leader in epoch 4, assigned offset 15 to a new record, but "
                 "offsets below 20 were committed in epoch 3");
}

TEST_CASE("S23 accepts offsets that were never committed, and deposed leaders", "[invariants]") {
  World world;
  const auto s23 = make_offset_unique(world.catalog);
  s23->check(world.leader_append(1, 0, 20, 3), world);
  s23->check(world.high_watermark(1, 10, 3), world);
  s23->check(world.high_watermark(2, 25, -1), world);  // a follower's exposes nothing
  s23->check(world.leader_append(2, 10, 30, 4), world);
  s23->check(world.high_watermark(2, 40, 4), world);
  s23->check(world.leader_append(1, 20, 5, 3), world);
  s23->check(world.leader_append(2, 40, 5, 4), world);
  check_held(*s23, 4);
}

TEST_CASE("S26 finds a read above every high watermark", "[invariants]") {
  World world;
  const auto s26 = make_no_uncommitted_read(world.catalog);
  s26->check(world.high_watermark(1, 10, 3), world);
  s26->check(world.high_watermark(2, 50, -1), world);
  const auto read = delivered(world, 8, 4, 108);
  s26->check(read, world);
  check_violated(*s26, read,
                 "orders-0: readers-1 read record 110 of p1 at offset 10, but no leader has had a "
                 "high watermark above 10");
}

TEST_CASE("S26 accepts reads below a high watermark that fell since", "[invariants]") {
  World world;
  const auto s26 = make_no_uncommitted_read(world.catalog);
  s26->check(world.high_watermark(1, 10, 3), world);
  s26->check(world.event(HistoryKind::kBecameLeader, world.broker(2), kOrders0, 4, 12, 7), world);
  s26->check(delivered(world, 8, 2, 108), world);
  s26->check(world.event(HistoryKind::kBecameLeader, world.broker(3), kOrders0, 5, 12, 12), world);
  s26->check(delivered(world, 10, 2, 110), world);
  check_held(*s26, 2);
}

TEST_CASE("S26 finds a read from a follower above its own high watermark", "[invariants]") {
  ClusterSpec spec = cluster_spec();
  spec.brokers[0].config.replica_selector = static_cast<std::int64_t>(SelectorKind::kRackAware);
  World world(std::move(spec));
  const auto s26 = make_no_uncommitted_read(world.catalog);
  s26->check(world.high_watermark(1, 10, 3), world);
  s26->check(world.high_watermark(2, 6, -1), world);
  s26->check(world.high_watermark(2, 4, -1), world);  // it may fall: what was read stays read
  world.source = 1;
  s26->check(delivered(world, 0, 10, 100), world);
  world.source = 2;
  s26->check(delivered(world, 4, 2, 104), world);
  CHECK(s26->held());
  const auto read = delivered(world, 4, 4, 104);
  s26->check(read, world);
  CHECK(s26->violations() == 1);
  REQUIRE(s26->first().has_value());
  CHECK(s26->first()->text ==
        "orders-0: readers-1 read record 106 of p1 at offset 6, but broker-2, from which it came, "
        "has had no high watermark above 6");
}

TEST_CASE("S31 finds two owners in one generation", "[invariants]") {
  World world;
  const auto s31 = make_group_ownership(world.catalog);
  s31->check(assignment(world, 0, 2, {kOrders0, kOrders1}), world);
  const auto second = assignment(world, 1, 2, {kOrders1});
  s31->check(second, world);
  check_violated(*s31, second,
                 "group readers, generation 2: orders-1 belongs to both readers-1 and readers-2");
}

TEST_CASE("S31 finds a stable group with a partition that nobody or two own", "[invariants]") {
  World world;
  const std::vector<PartitionId> zero = {kOrders0};
  const std::vector<PartitionId> both = {kOrders0, kOrders1};
  const ProcessId one = world.catalog.consumer_process(0);
  const ProcessId two = world.catalog.consumer_process(1);
  const auto stable = [&] {
    return world.event(HistoryKind::kGroupStable, world.broker(1), 0, 4, 2);
  };
  const auto free = make_group_ownership(world.catalog);
  world.coordinator_group = {4, true, {{one, zero}, {two, {}}}};
  const auto first = stable();
  free->check(first, world);
  check_violated(*free, first,
                 "group readers, generation 4: stable, but orders-1 has no owner among 2 members");

  const auto shared = make_group_ownership(world.catalog);
  world.coordinator_group = {4, true, {{one, zero}, {two, both}}};
  const auto second = stable();
  shared->check(second, world);
  check_violated(*shared, second,
                 "group readers, generation 4: orders-0 belongs to both readers-1 and readers-2");

  const auto foreign = make_group_ownership(world.catalog);
  const auto clicks = assignment(world, 0, 4, {kClicks0});
  foreign->check(clicks, world);
  check_violated(*foreign, clicks,
                 "group readers, generation 4: readers-1 owns clicks-0, to which the group is not "
                 "subscribed");
}

TEST_CASE("S31 accepts other owners in other generations and lives", "[invariants]") {
  World world;
  const auto s31 = make_group_ownership(world.catalog);
  const auto started = [&](std::int64_t generation) {
    s31->check(world.event(HistoryKind::kGenerationStarted, world.broker(1), 0, generation, 2),
               world);
  };
  started(1);
  s31->check(assignment(world, 0, 1, {kOrders0, kOrders1}), world);
  started(2);
  s31->check(assignment(world, 1, 2, {kOrders1}), world);
  s31->check(assignment(world, 0, 2, {kOrders0}), world);
  const std::vector<PartitionId> zero = {kOrders0};
  const std::vector<PartitionId> one = {kOrders1};
  world.coordinator_group = {
      2,
      true,
      {{world.catalog.consumer_process(0), zero}, {world.catalog.consumer_process(1), one}}};
  s31->check(world.event(HistoryKind::kGroupStable, world.broker(1), 0, 2, 2), world);
  started(1);  // the coordinator's log was lost: it counts anew
  s31->check(assignment(world, 1, 1, {kOrders0, kOrders1}), world);
  check_held(*s31, 5);
}

TEST_CASE("S40 finds records that are resolved twice, or never made", "[invariants]") {
  World world;
  const auto create = [&](ViewedInvariant& s40, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      s40.check(records(world, HistoryKind::kRecordCreated, i), world);
    }
  };
  const auto twice = make_accounting(world.catalog);
  create(*twice, 10);
  twice->check(records(world, HistoryKind::kRecordsAcked, 0, 6), world);
  const auto failed = records(world, HistoryKind::kRecordsFailed, 4, 4, 7 << 8);
  twice->check(failed, world);
  check_violated(*twice, failed,
                 "orders-0: records 4 to 7 of p1 failed, but some of them were resolved before");

  const auto early = make_accounting(world.catalog);
  create(*early, 3);
  const auto acked = records(world, HistoryKind::kRecordsAcked, 2, 2);
  early->check(acked, world);
  check_violated(*early, acked,
                 "orders-0: records 2 to 3 of p1 are acknowledged, but only 3 were created");

  const auto gap = make_accounting(world.catalog);
  create(*gap, 3);
  const auto skipped = records(world, HistoryKind::kRecordCreated, 4);
  gap->check(skipped, world);
  check_violated(*gap, skipped, "orders-0: record 4 of p1 was created where record 3 was due");
}

TEST_CASE("S40 finds records in a log that nobody made", "[invariants]") {
  World world;
  const auto s40 = make_accounting(world.catalog);
  s40->check(records(world, HistoryKind::kRecordCreated, 0), world);
  world.append({1}, 0, 1, 0);
  s40->check(world.leader_append(1, 0, 1, 0), world);
  world.append({1}, 0, 2, 1);
  const auto unknown = world.leader_append(1, 1, 2, 0);
  s40->check(unknown, world);
  check_violated(*s40, unknown,
                 "orders-0: broker-1 appended 2 from record 1 of p1 at offset 1, but that producer "
                 "created only 1 records for it");

  const auto other = make_accounting(world.catalog);
  world.append({1}, 0, 1, 0, kOrders0, 1);  // p2 writes to clicks only
  const auto foreign = world.leader_append(1, 3, 1, 0, 1);
  other->check(foreign, world);
  check_violated(*other, foreign,
                 "orders-0: broker-1 appended 1 from record 0 of p2 at offset 3, but that producer "
                 "created only 0 records for it");
}

TEST_CASE("S40 finds a producer whose own counters disagree at the end", "[invariants]") {
  World world;
  const auto s40 = make_accounting(world.catalog);
  s40->check(records(world, HistoryKind::kRecordCreated, 0), world);
  world.counts[0] = {1, 1, 0};
  s40->check_end(9 * sim::kSecond, world);
  sim::HistoryEvent end;
  end.time = 9 * sim::kSecond;
  check_violated(*s40, end,
                 "p1 counts 1 records created, 1 acknowledged and 0 failed; the history has 1, 0 "
                 "and 0");
}

TEST_CASE("S40 accepts every order of results, once each", "[invariants]") {
  World world;
  const auto s40 = make_accounting(world.catalog);
  for (std::int64_t i = 0; i < 40; ++i) {
    s40->check(records(world, HistoryKind::kRecordCreated, i), world);
  }
  for (const std::int64_t first : {20, 10, 0, 30, 5, 25, 15}) {  // 35 to 39 stay pending
    s40->check(
        records(world, first % 2 == 0 ? HistoryKind::kRecordsAcked : HistoryKind::kRecordsFailed,
                first, 5),
        world);
  }
  s40->check(world.leader_append(1, 0, 1, 0, kNone), world);  // the coordinator's
  world.counts[0] = {40, 20, 15};
  s40->check_end(1, world);
  check_held(*s40, 50);
}

TEST_CASE("a copy of an invariant goes on by itself", "[invariants]") {
  World world;
  const auto s26 = make_no_uncommitted_read(world.catalog);
  s26->check(world.high_watermark(1, 10, 3), world);
  const auto copy = s26->clone();
  s26->check(delivered(world, 10, 1, 0), world);
  auto& copied = dynamic_cast<ViewedInvariant&>(*copy);
  CHECK(s26->violations() == 1);
  CHECK(copied.violations() == 0);
  copied.check(world.high_watermark(1, 11, 3), world);
  copied.check(delivered(world, 10, 1, 0), world);
  CHECK(copied.held());
}
