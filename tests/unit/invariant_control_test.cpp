// The checkers of partition states, epochs and controllers can fail: S13, S14, S16, S17, S19.
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

TEST_CASE("S13 finds a leader outside the ISR", "[invariants]") {
  World world;
  const auto s13 = make_leader_in_isr(world.catalog);
  s13->check(world.state(1, 1, {1, 2, 3}, 0, 0), world);
  const auto bad = world.state(1, 2, {1, 3}, 4, 7);
  s13->check(bad, world);
  check_violated(*s13, bad,
                 "orders-0: the leader broker-2 of epoch 4 is not in the ISR [1, 3] of version 7");
}

TEST_CASE("S13 accepts a leader in the ISR, and none", "[invariants]") {
  World world;
  const auto s13 = make_leader_in_isr(world.catalog);
  s13->check(world.state(1, 3, {1, 3}, 4, 7), world);
  s13->check(world.state(1, -1, {3}, 5, 8), world);
  check_held(*s13, 2);
}

TEST_CASE("S14 finds an ISR that is empty, foreign or has a member twice", "[invariants]") {
  World world;
  world.assigned = {1, 2};
  const auto empty = make_isr_subset(world.catalog);
  const auto none = world.state(1, -1, {}, 1, 2);
  empty->check(none, world);
  check_violated(*empty, none, "orders-0: the ISR [] of epoch 1, version 2 is empty");

  const auto foreign = make_isr_subset(world.catalog);
  const auto three = world.state(1, 1, {1, 3}, 1, 3);
  foreign->check(three, world);
  check_violated(*foreign, three,
                 "orders-0: the ISR [1, 3] of epoch 1, version 3 has broker-3, which is not one of "
                 "the replicas [1, 2]");

  const auto twice = make_isr_subset(world.catalog);
  const auto doubled = world.state(1, 1, {1, 1}, 1, 4);
  twice->check(doubled, world);
  check_violated(*twice, doubled,
                 "orders-0: the ISR [1, 1] of epoch 1, version 4 has broker-1 twice");
}

TEST_CASE("S14 accepts parts of the replicas", "[invariants]") {
  World world;
  const auto s14 = make_isr_subset(world.catalog);
  s14->check(world.state(1, 1, {1, 2, 3}, 0, 0), world);
  s14->check(world.state(1, 3, {3}, 1, 1), world);
  check_held(*s14, 2);
}

TEST_CASE("S16 finds a second broker in a leader epoch", "[invariants]") {
  World world;
  const auto s16 = make_at_most_one_leader_per_epoch(world.catalog);
  s16->check(world.became_leader(1, 4), world);
  const auto write = world.leader_append(2, 30, 5, 4);
  s16->check(write, world);
  check_violated(*s16, write,
                 "orders-0: broker-2 accepted a write at offset 30 in epoch 4, which belongs to "
                 "broker-1");

  const auto roles = make_at_most_one_leader_per_epoch(world.catalog);
  roles->check(world.became_leader(1, 4), world);
  roles->check(world.became_leader(2, 5), world);
  const auto late = world.became_leader(3, 4);  // of an epoch that is over
  roles->check(late, world);
  check_violated(*roles, late,
                 "orders-0: broker-3 became leader in epoch 4, which belongs to broker-1");
}

TEST_CASE("S16 accepts a deposed leader that writes on in its own epoch", "[invariants]") {
  World world;
  const auto s16 = make_at_most_one_leader_per_epoch(world.catalog);
  s16->check(world.became_leader(1, 4), world);
  s16->check(world.leader_append(1, 30, 5, 4), world);
  s16->check(world.became_leader(2, 6), world);
  s16->check(world.leader_append(1, 35, 5, 4), world);
  s16->check(world.leader_append(2, 30, 5, 6), world);
  s16->check(world.became_leader(3, 5), world);  // an epoch in between, heard of late
  s16->check(world.became_leader(1, 7), world);
  check_held(*s16, 7);
}

TEST_CASE("S17 finds epochs that fall and leaders that change within one", "[invariants]") {
  World world;
  const auto fell = make_epoch_monotonic(world.catalog);
  fell->check(world.state(1, 1, {1, 2}, 5, 8), world);
  const auto older = world.state(1, 2, {2}, 4, 9);
  fell->check(older, world);
  check_violated(*fell, older,
                 "orders-0: the leader epoch fell from epoch 5 of broker-1 in version 8 to epoch 4 "
                 "of broker-2 in version 9");

  const auto same = make_epoch_monotonic(world.catalog);
  same->check(world.state(1, 1, {1, 2}, 5, 8), world);
  const auto other = world.state(1, 2, {1, 2}, 5, 9);
  same->check(other, world);
  check_violated(*same, other,
                 "orders-0: the leader changed from broker-1 to broker-2 within epoch 5, versions "
                 "8 and 9");

  const auto twice = make_epoch_monotonic(world.catalog);
  twice->check(world.state(1, 1, {1, 2}, 5, 8), world);
  const auto again = world.state(2, 2, {2}, 6, 8);
  twice->check(again, world);
  check_violated(*twice, again,
                 "orders-0: version 8 of the state was written twice: epoch 5 of broker-1 and "
                 "epoch 6 of broker-2");

  const auto local = make_epoch_monotonic(world.catalog);
  local->check(world.became_leader(1, 5), world);
  const auto back = world.became_follower(1, 4, 2);
  local->check(back, world);
  check_violated(*local, back, "orders-0: broker-1 went back from leader epoch 5 to 4");
}

TEST_CASE("S17 accepts news of an older write that arrive late", "[invariants]") {
  World world;
  const auto s17 = make_epoch_monotonic(world.catalog);
  s17->check(world.state(1, 1, {1, 2, 3}, 5, 8), world);
  s17->check(world.state(2, 2, {2, 3}, 6, 10), world);
  s17->check(world.state(1, 1, {1, 2}, 5, 9), world);  // an ISR change, committed before
  s17->check(world.became_leader(1, 5), world);
  s17->check(world.became_leader(1, 5), world);  // after a restart, still in office
  s17->check(world.became_follower(1, 6, 2), world);
  check_held(*s17, 6);
}

TEST_CASE("S19 finds two winners of a controller epoch", "[invariants]") {
  World world;
  const auto s19 = make_one_controller_per_epoch(world.catalog);
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(1), 1, 3), world);
  const auto second = world.event(HistoryKind::kControllerElected, world.broker(2), 2, 3);
  s19->check(second, world);
  check_violated(*s19, second,
                 "controller epoch 3 was won by broker-2 although it belongs to broker-1");
}

TEST_CASE("S19 finds a write of a deposed controller", "[invariants]") {
  World world;
  const auto s19 = make_one_controller_per_epoch(world.catalog);
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(1), 1, 3), world);
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(2), 2, 4), world);
  s19->check(world.state(2, 2, {2, 3}, 6, 10), world);
  const auto zombie = world.state(1, 3, {3}, 7, 11);
  s19->check(zombie, world);
  check_violated(*s19, zombie,
                 "orders-0: broker-1, controller of epoch 3, wrote version 11 after broker-2 of "
                 "epoch 4 had written version 10");
}

TEST_CASE("S19 finds a broker that obeys an older controller", "[invariants]") {
  World world;
  const auto s19 = make_one_controller_per_epoch(world.catalog);
  world.controller_epochs[3] = 4;
  s19->check(world.became_follower(3, 6, 2), world);
  world.controller_epochs[3] = 3;
  const auto role = world.became_follower(3, 7, 1);
  s19->check(role, world);
  check_violated(*s19, role,
                 "orders-0: broker-3 took a role from a controller of epoch 3 after it had obeyed "
                 "one of epoch 4");
}

TEST_CASE("S19 accepts late news and new lives", "[invariants]") {
  World world;
  const auto s19 = make_one_controller_per_epoch(world.catalog);
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(1), 1, 3), world);
  s19->check(world.state(1, 1, {1, 2, 3}, 5, 8), world);
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(2), 2, 4), world);
  s19->check(world.state(2, 2, {2, 3}, 6, 10), world);
  s19->check(world.state(1, 1, {1, 2}, 5, 9), world);  // committed before, learned after
  s19->check(world.event(HistoryKind::kControllerElected, world.broker(1), 1, 5), world);
  world.controller_epochs[3] = 5;
  s19->check(world.became_follower(3, 6, 2), world);
  s19->check(world.event(HistoryKind::kProcessStarted, world.broker(3), 2), world);
  world.controller_epochs[3] = 4;
  s19->check(world.became_follower(3, 6, 2), world);
  check_held(*s19, 8);
}
