// The checkers of what leaders have exposed can fail: S2, S4, S6, S7, S8, S11, S12, S15, S18.
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

/// Broker 1 leads epoch 3 and has exposed 10 records, which broker 2 holds and broker 3 does not.
void expose(World& world, ViewedInvariant& invariant) {
  world.append({1, 2, 3}, 3, 7, 0);
  world.append({1, 2}, 3, 3, 7);
  invariant.check(world.became_leader(1, 3), world);
  invariant.check(world.high_watermark(1, 10, 3), world);
}
constexpr const char* kLack =
    "below offset 10 in epoch 3; the first is record 7 of p1 at offset 7, where its log ends at 7";

Partition& make_leader(World& world, BrokerId id, std::int32_t epoch) {
  Partition& leader = world.replica(id);
  leader.role = PartitionRole::kLeader;
  leader.leader_epoch = epoch;
  leader.isr = {1, 2};
  leader.leader_epoch_start_offset = 8;
  return leader;
}

sim::HistoryEvent expansion(World& world, BrokerId leader, std::int64_t epoch) {
  return world.event(HistoryKind::kIsrExpandProposed, world.broker(leader), kOrders0,
                     world.list_of({1, 2, 3}), epoch);
}
sim::HistoryEvent truncation(World& world, BrokerId id, std::int64_t from, std::int64_t to) {
  return world.event(HistoryKind::kTruncated, world.broker(id), kOrders0, from, to, 0);
}
sim::HistoryEvent elected(World& world, BrokerId leader, std::int64_t epoch) {
  return world.event(HistoryKind::kLeaderElected, world.broker(1), kOrders0, leader, epoch, 1);
}

}  // namespace

TEST_CASE("S2 finds a leader without what was exposed", "[invariants]") {
  World world;
  const auto s2 = make_consistent_read(world.catalog);
  expose(world, *s2);
  const auto bad = world.became_leader(3, 4);
  s2->check(bad, world);
  check_violated(*s2, bad,
                 std::string("orders-0: broker-3, leader in epoch 4, lacks records that broker-1 "
                             "let consumers read ") +
                     kLack);
}

TEST_CASE("S2 accepts a leader that holds it, and lost records that nobody saw", "[invariants]") {
  World world;
  const auto s2 = make_consistent_read(world.catalog);
  expose(world, *s2);
  world.append({1}, 3, 5, 10);
  s2->check(world.became_leader(2, 4), world);
  s2->check(world.high_watermark(1, 10, 3), world);
  s2->check(world.high_watermark(3, 40, -1), world);  // a follower's exposes nothing
  s2->check(world.became_leader(1, 5), world);
  check_held(*s2, 2);
}

TEST_CASE("S4 finds replicas that differ below both high watermarks", "[invariants]") {
  World world;
  const auto s4 = make_committed_prefix_matching(world.catalog);
  world.append({1, 2, 3}, 3, 5, 0);
  world.append({1, 2}, 3, 5, 5);
  world.append({3}, 3, 5, 7);
  world.log_of(1).maybe_increment_high_watermark(10);
  world.log_of(3).maybe_increment_high_watermark(10);
  world.log_of(2).maybe_increment_high_watermark(10);
  s4->check(world.became_leader(1, 3), world);
  CHECK(s4->violations() == 1);  // told at once, for broker 3
  CHECK(s4->first()->text ==
        "orders-0: broker-3 and broker-1 have high watermarks 10 and 10 but differ at offset 5, "
        "where they have record 7 of p1 and record 5 of p1");
}

TEST_CASE("S4 finds it when a follower learns a high watermark", "[invariants]") {
  World world;
  const auto s4 = make_committed_prefix_matching(world.catalog);
  world.append({1}, 3, 10, 0);
  world.append({3}, 3, 10, 50);
  world.log_of(1).maybe_increment_high_watermark(10);
  s4->check(world.became_leader(1, 3), world);
  s4->check(world.became_follower(3, 3, 1), world);
  world.log_of(3).maybe_increment_high_watermark(10);
  const auto learned = world.high_watermark(3, 10, -1);
  s4->check(learned, world);
  check_violated(*s4, learned,
                 "orders-0: broker-3 and broker-1 have high watermarks 10 and 10 but differ at "
                 "offset 0, where they have record 50 of p1 and record 0 of p1");
}

TEST_CASE("S4 accepts differences above a high watermark", "[invariants]") {
  World world;
  const auto s4 = make_committed_prefix_matching(world.catalog);
  world.append({1, 2, 3}, 3, 10, 0);
  world.append({3}, 3, 10, 50);
  world.append({1}, 4, 10, 10);
  world.log_of(1).maybe_increment_high_watermark(20);
  world.log_of(3).maybe_increment_high_watermark(10);
  s4->check(world.became_leader(1, 4), world);
  s4->check(world.high_watermark(3, 10, -1), world);
  s4->check_end(1, world);
  check_held(*s4, 2);
}

TEST_CASE("S6 finds an election of a replica without what was exposed", "[invariants]") {
  World world;
  const auto s6 = make_leader_completeness(world.catalog);
  expose(world, *s6);
  s6->check(elected(world, 2, 4), world);
  check_held(*s6);
  s6->check(elected(world, 3, 2), world);  // told late: it is over since that was exposed
  check_held(*s6);
  const auto bad = elected(world, 3, 5);
  s6->check(bad, world);
  check_violated(
      *s6, bad,
      std::string("orders-0: broker-3, elected for epoch 5, lacks what broker-1 exposed ") + kLack);
}

TEST_CASE("S7 finds a member of the ISR that could not lead", "[invariants]") {
  World world;
  const auto s7 = make_leader_candidate_completeness(world.catalog);
  s7->check(world.state(1, 1, {1, 2}, 3, 4), world);
  expose(world, *s7);
  check_held(*s7);
  const auto grown = world.state(1, 1, {1, 2, 3}, 3, 5);
  s7->check(grown, world);
  check_violated(*s7, grown,
                 std::string("orders-0: broker-3, a member of the ISR [1, 2, 3] of epoch 3, lacks "
                             "what broker-1 exposed ") +
                     kLack);
}

TEST_CASE("S7 accepts the dead, and an ISR that has shrunk untold", "[invariants]") {
  World world;
  const auto s7 = make_leader_candidate_completeness(world.catalog);
  s7->check(world.state(1, 1, {1, 2, 3}, 3, 4), world);
  world.states[kOrders0] = {true, 1, 3, 5, {1, 2}};
  expose(world, *s7);
  world.dead = {world.broker(3)};
  s7->check(world.state(1, 1, {1, 2, 3}, 3, 6), world);
  check_held(*s7, 2);
}

TEST_CASE("S8 finds a high watermark by less than ZooKeeper's ISR", "[invariants]") {
  World world;
  const auto s8 = make_replication_quorum_superset(world.catalog);
  make_leader(world, 1, 3);
  s8->check(world.state(1, 1, {1, 2}, 3, 4), world);
  s8->check(world.high_watermark(1, 5, 3), world);
  check_held(*s8);
  s8->check(world.state(1, 1, {1, 2, 3}, 3, 5), world);
  const auto advance = world.high_watermark(1, 8, 3);
  s8->check(advance, world);
  check_violated(*s8, advance,
                 "orders-0: broker-1, leader in epoch 3, moved its high watermark to 8 by the ISR "
                 "[1, 2], but ZooKeeper holds [1, 2, 3] in version 5");
}

TEST_CASE("S8 accepts a pending expansion and a deposed leader", "[invariants]") {
  World world;
  const auto s8 = make_replication_quorum_superset(world.catalog);
  Partition& leader = make_leader(world, 1, 3);
  leader.pending = PendingIsr::kExpand;
  leader.proposed = {1, 2, 3};
  s8->check(world.state(1, 1, {1, 2, 3}, 3, 5), world);
  s8->check(world.high_watermark(1, 8, 3), world);
  s8->check(world.state(1, 3, {2, 3}, 4, 6), world);
  s8->check(world.high_watermark(1, 9, 3), world);
  check_held(*s8);
}

TEST_CASE("S11 finds an ISR entry below the epoch's start", "[invariants]") {
  World world;
  const auto s11 = make_applied_hw(world.catalog);
  make_leader(world, 1, 3);
  world.append({1}, 2, 8, 0);
  world.append({3}, 2, 6, 0);
  const auto bad = expansion(world, 1, 3);
  s11->check(bad, world);
  check_violated(*s11, bad,
                 "orders-0: broker-1, leader in epoch 3, takes broker-3 into the ISR, whose log "
                 "ends at 6, below the epoch's start 8");
}

TEST_CASE("S11 finds a latest offset that no leader could give", "[invariants]") {
  World world;
  const auto s11 = make_applied_hw(world.catalog);
  world.append({1, 2}, 3, 20, 0);
  s11->check(world.became_leader(1, 4), world);
  const auto reset = [&](std::int64_t to) {
    return world.event(HistoryKind::kPositionReset, world.catalog.consumer_process(0), kOrders0, -1,
                       to, 0);
  };
  s11->check(reset(20), world);
  check_held(*s11);
  const auto bad = reset(12);
  s11->check(bad, world);
  check_violated(
      *s11, bad,
      "orders-0: readers-1 got 12 as the latest offset, but broker-1, leader in epoch 4, "
      "began at 20");
}

TEST_CASE("S12 finds a member of the ISR that truncates what was exposed", "[invariants]") {
  World world;
  const auto s12 = make_no_truncation_below_hw(world.catalog);
  s12->check(world.state(1, 1, {1, 2}, 3, 4), world);
  s12->check(world.high_watermark(1, 10, 3), world);
  s12->check(truncation(world, 2, 14, 10), world);
  s12->check(truncation(world, 3, 14, 2), world);  // outside the ISR
  check_held(*s12, 2);
  const auto bad = truncation(world, 2, 10, 6);
  s12->check(bad, world);
  check_violated(*s12, bad,
                 "orders-0: broker-2, a member of the ISR [1, 2], truncated from 10 to 6, although "
                 "leaders have exposed everything below 10");
}

TEST_CASE("S15 finds a proposal without a fetch and an entry of a dead broker", "[invariants]") {
  World world;
  Partition& leader = make_leader(world, 1, 3);
  world.append({1, 2, 3}, 2, 8, 0);
  leader.remotes = {{2, 8}, {3, -1}};
  const auto unseen = make_eligible_isr(world.catalog);
  const auto proposal = expansion(world, 1, 3);
  unseen->check(proposal, world);
  check_violated(*unseen, proposal,
                 "orders-0: broker-1, leader in epoch 3, takes broker-3 into the ISR, which has "
                 "not fetched in this epoch");

  const auto dead = make_eligible_isr(world.catalog);
  leader.remotes = {{2, 8}, {3, 8}};
  dead->check(expansion(world, 1, 3), world);
  dead->check(world.state(1, 1, {1, 2}, 3, 4), world);
  check_held(*dead);
  const auto entry = world.state(2, 1, {1, 2, 3}, 3, 5);
  dead->check(entry, world);
  check_violated(
      *dead, entry,
      "orders-0: broker-3 entered the ISR [1, 2, 3] of epoch 3, version 5, but broker-2, "
      "the controller, takes it for dead");
}

TEST_CASE("S11 and S15 let a deposed leader go by the fetch it got", "[invariants]") {
  World world;
  Partition& leader = make_leader(world, 1, 3);
  world.append({1}, 2, 8, 0);
  world.append({3}, 2, 6, 0);  // it had 8, and cut 2 off for the leader of epoch 4
  leader.remotes = {{2, 8}, {3, 8}};
  const auto check = [&](bool held) {
    const auto s11 = make_applied_hw(world.catalog);
    const auto s15 = make_eligible_isr(world.catalog);
    for (const auto* each : {&s11, &s15}) {
      (*each)->check(expansion(world, 1, 3), world);
      CHECK((*each)->held() == held);
    }
  };
  world.replica(3).leader_epoch = 4;
  check(true);
  world.replica(3).leader_epoch = 3;  // of this leader: it should know
  check(false);
  world.replica(3).leader_epoch = 4;
  leader.remotes = {{2, 8}, {3, 6}};  // it did know
  check(false);
}

TEST_CASE("S18 finds epochs that fall, and one above the writer's", "[invariants]") {
  World world;
  const auto fell = make_write_epochs(world.catalog);
  fell->check(world.became_leader(1, 5), world);
  fell->check(world.leader_append(1, 0, 5, 5), world);
  check_held(*fell);
  const auto older = world.leader_append(1, 5, 5, 4);
  fell->check(older, world);
  check_violated(
      *fell, older,
      "orders-0: broker-1 appended epoch 4 at offset 5, where its log ends with epoch 5");

  const auto above = make_write_epochs(world.catalog);
  above->check(world.became_follower(2, 3, 1), world);
  world.append({2}, 3, 5, 0);
  above->check(world.follower_append(2, 0, 3), world);
  world.append({2}, 6, 5, 5);
  const auto newer = world.follower_append(2, 5, 3);
  above->check(newer, world);
  check_violated(*above, newer,
                 "orders-0: broker-2 appended epoch 6 at offset 5, although its own epoch is 3");
}
