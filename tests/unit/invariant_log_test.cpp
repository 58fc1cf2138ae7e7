// The checkers of logs and high watermarks can fail: S1, S3, S5, S9, S10, each with a planted
// violation and with a run of events that it must accept.
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

TEST_CASE("S1 names the first acknowledged record that a new leader lacks", "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  CHECK(s1->promised(world.catalog));
  world.append({1, 2}, 0, 10, 0);
  world.append({1}, 0, 5, 10);
  s1->check(world.became_leader(1, 0), world);
  s1->check(world.ack_sent(1, 15, 0), world);
  const auto elected = world.became_leader(2, 1);
  s1->check(elected, world);
  check_violated(*s1, elected,
                 "orders-0: broker-2, leader in epoch 1, lacks records that broker-1 acknowledged "
                 "with acks=all below offset 15 in epoch 0; the first is record 10 of p1 at offset "
                 "10, where its log ends at 10");
  // One loss is one violation: what broker-2 holds is what later leaders answer for.
  s1->check(world.became_leader(2, 2), world);
  CHECK(s1->violations() == 1);
}

TEST_CASE("S1 finds a record that was replaced in the middle of the log", "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1, 2}, 0, 4, 0);
  world.append({1}, 0, 4, 4);
  world.append({2}, 0, 4, 90);
  for (std::uint64_t i = 0; i < 200; ++i) world.append({1, 2}, 0, 4, 100 + 4 * i);
  s1->check(world.ack_sent(1, 808, 0), world);
  const auto elected = world.became_leader(2, 1);
  s1->check(elected, world);
  check_violated(*s1, elected,
                 "orders-0: broker-2, leader in epoch 1, lacks records that broker-1 acknowledged "
                 "with acks=all below offset 808 in epoch 0; the first is record 4 of p1 at offset "
                 "4, where it has record 90 of p1");
}

TEST_CASE("S1 says so when no replica holds what was acknowledged", "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1, 2}, 0, 10, 0);
  s1->check(world.ack_sent(1, 10, 0), world);
  world.log_of(1).truncate_to(0);
  world.log_of(2).truncate_to(0);
  const auto elected = world.became_leader(2, 1);
  s1->check(elected, world);
  check_violated(*s1, elected,
                 "orders-0: broker-2, leader in epoch 1, lacks records that broker-1 acknowledged "
                 "with acks=all below offset 10 in epoch 0; its log ends at 0, and no replica "
                 "holds what was acknowledged");
}

TEST_CASE("S1 catches a deposed leader that acknowledges what its successor lacks",
          "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1}, 0, 3, 0);
  s1->check(world.became_leader(1, 0), world);
  s1->check(world.became_leader(2, 1), world);
  const auto ack = world.ack_sent(1, 3, 0);
  s1->check(ack, world);
  check_violated(*s1, ack,
                 "orders-0: broker-2, leader in epoch 1, lacks records that broker-1 acknowledged "
                 "with acks=all below offset 3 in epoch 0; the first is record 0 of p1 at offset "
                 "0, where its log ends at 0");
}

TEST_CASE("S1 catches an acknowledgement of records that are in no log", "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1}, 0, 3, 0);
  s1->check(world.became_leader(1, 0), world);
  s1->check(world.ack_sent(1, 3, 0), world);
  CHECK(s1->checked() == 1);
  CHECK(s1->violations() == 0);
  const auto ack = world.ack_sent(1, 4, 0);
  s1->check(ack, world);
  check_violated(*s1, ack,
                 "orders-0: broker-1 acknowledged records below offset 4 that are not in its log");
}

TEST_CASE("S1 accepts elections that keep what was acknowledged", "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1, 2, 3}, 0, 10, 0);
  s1->check(world.became_leader(1, 0), world);
  s1->check(world.ack_sent(1, 10, 0), world);
  world.append({1}, 0, 5, 10);  // never acknowledged
  s1->check(world.became_leader(2, 1), world);
  world.append({2}, 1, 7, 10);
  s1->check(world.ack_sent(2, 17, 1), world);
  world.append({3}, 1, 7, 10);
  s1->check(world.became_leader(3, 2), world);
  check_held(*s1, 2);
}

TEST_CASE("S1 does not hold a leader of a finished epoch to newer acknowledgements",
          "[invariants]") {
  World world;
  const auto s1 = make_no_acked_record_lost(world.catalog);
  world.append({1, 2}, 0, 10, 0);
  s1->check(world.became_leader(1, 0), world);
  s1->check(world.became_leader(2, 2), world);
  world.append({2}, 2, 5, 10);
  s1->check(world.ack_sent(2, 15, 2), world);
  s1->check(world.became_leader(1, 1), world);  // a request that took its time
  check_held(*s1, 0);
}

TEST_CASE("S1 is promised where acks=all is used and elections are clean", "[invariants]") {
  ClusterSpec spec = cluster_spec();
  spec.producers[0].config.acks = 1;
  const World acks_one(spec);
  CHECK_FALSE(make_no_acked_record_lost(acks_one.catalog)->promised(acks_one.catalog));

  spec = cluster_spec();
  spec.topics[0].config.unclean_leader_election_enable = 1;
  World unclean(spec);
  const auto s1 = make_no_acked_record_lost(unclean.catalog);
  CHECK_FALSE(s1->promised(unclean.catalog));
  // Counted all the same.
  unclean.append({1}, 0, 3, 0);
  s1->check(unclean.ack_sent(1, 3, 0), unclean);
  s1->check(unclean.became_leader(2, 1), unclean);
  CHECK(s1->violations() == 1);

  // With a promise for clicks, the unclean topic is not looked at.
  spec.producers[1].config.acks = -1;
  World mixed(spec);
  const auto other = make_no_acked_record_lost(mixed.catalog);
  CHECK(other->promised(mixed.catalog));
  mixed.append({1}, 0, 3, 0);
  other->check(mixed.ack_sent(1, 3, 0), mixed);
  other->check(mixed.became_leader(2, 1), mixed);
  CHECK(other->held());
}

TEST_CASE("S3 finds a difference below an offset of equal epochs", "[invariants]") {
  World world;
  const auto s3 = make_log_matching(world.catalog);
  s3->check(world.became_leader(1, 0), world);
  world.append({1}, 0, 5, 0);
  world.append({2}, 0, 5, 50);  // the planted difference
  world.append({1, 2}, 1, 5, 5);
  const auto append = world.follower_append(2, 5, 1);
  s3->check(append, world);
  check_violated(*s3, append,
                 "orders-0: broker-2 and broker-1 both have epoch 1 at offset 9 but differ at "
                 "offset 0, where they have record 50 of p1 and record 0 of p1");
}

TEST_CASE("S3 compares a new leader with every replica, at their last common epoch",
          "[invariants]") {
  World world;
  const auto s3 = make_log_matching(world.catalog);
  world.append({1, 2}, 0, 5, 0);
  world.append({3}, 0, 5, 70);  // differs, and ends in an epoch that the others do not have
  world.append({3}, 1, 2, 75);
  world.append({1, 2}, 2, 3, 5);
  const auto elected = world.became_leader(1, 2);
  s3->check(elected, world);
  check_violated(*s3, elected,
                 "orders-0: broker-3 and broker-1 both have epoch 0 at offset 4 but differ at "
                 "offset 0, where they have record 70 of p1 and record 0 of p1");
  CHECK(s3->checked() == 2);
}

TEST_CASE("S3 accepts logs that part where their epochs part", "[invariants]") {
  World world;
  const auto s3 = make_log_matching(world.catalog);
  world.append({1, 2, 3}, 0, 5, 0);
  s3->check(world.became_leader(1, 0), world);
  s3->check(world.follower_append(2, 0, 0), world);
  world.append({1}, 0, 3, 5);  // a tail that is lost
  world.append({2}, 1, 3, 20);
  s3->check(world.became_leader(2, 1), world);
  world.append({3}, 1, 3, 20);
  s3->check(world.follower_append(3, 5, 1), world);
  world.log_of(1).truncate_to(5);
  s3->check(world.event(HistoryKind::kTruncated, world.broker(1), kOrders0, 8, 5, 5), world);
  check_held(*s3, 5);
}

TEST_CASE("S5 finds a follower that kept records which its leader does not have", "[invariants]") {
  World world;
  const auto s5 = make_follower_prefix(world.catalog);
  world.append({1, 2}, 0, 4, 0);
  world.append({2}, 0, 2, 60);  // should have been truncated
  s5->check(world.became_leader(1, 1), world);
  s5->check(world.became_follower(2, 1, 1), world);
  world.append({1}, 1, 4, 4);
  world.append({2}, 1, 2, 6);
  const auto append = world.follower_append(2, 6, 1);
  s5->check(append, world);
  check_violated(*s5, append,
                 "orders-0: the log of broker-2, follower in epoch 1, is no prefix of that of "
                 "broker-1: at offset 4 it has record 60 of p1 where the leader has record 4 of p1 "
                 "(ends 8 and 8)");
}

TEST_CASE("S5 accepts a prefix, and does not judge by a leader that was deposed", "[invariants]") {
  World world;
  const auto s5 = make_follower_prefix(world.catalog);
  world.append({1, 2}, 0, 4, 0);
  s5->check(world.became_leader(1, 1), world);
  s5->check(world.became_follower(2, 1, 1), world);
  world.append({1, 2}, 1, 4, 4);
  world.append({1}, 1, 4, 8);
  s5->check(world.follower_append(2, 4, 1), world);
  s5->check(world.follower_append(2, 8, 1), world);  // only the first append of an epoch counts
  CHECK(s5->checked() == 1);

  // The answer of broker-1 is on its way while it already follows broker-3 and has truncated.
  s5->check(world.became_follower(2, 2, 1), world);
  s5->check(world.became_leader(1, 2), world);
  s5->check(world.became_follower(1, 3, 3), world);
  world.log_of(1).truncate_to(2);
  s5->check(world.follower_append(2, 8, 2), world);
  CHECK(s5->checked() == 1);
  check_held(*s5);
}

TEST_CASE("S9 finds a high watermark outside its log", "[invariants]") {
  World world;
  const auto s9 = make_hw_bounds(world.catalog);
  world.append({1}, 0, 5, 0);
  const auto moved = world.high_watermark(1, 7, 0);
  s9->check(moved, world);
  check_violated(*s9, moved, "orders-0: the high watermark of broker-1 is 7, above its log end 5");

  const auto other = make_hw_bounds(world.catalog);
  world.log_of(1).maybe_increment_high_watermark(5);
  world.log_of(1).maybe_increment_log_start_offset(3);
  const auto below = world.high_watermark(1, 2, -1);
  other->check(below, world);
  check_violated(*other, below,
                 "orders-0: the high watermark of broker-1 is 2, below its log start 3");
}

TEST_CASE("S9 accepts both bounds", "[invariants]") {
  World world;
  const auto s9 = make_hw_bounds(world.catalog);
  world.append({1}, 0, 5, 0);
  s9->check(world.became_leader(1, 0), world);
  s9->check(world.high_watermark(1, 5, 0), world);
  s9->check(world.high_watermark(1, 0, 0), world);
  world.log_of(1).truncate_to(3);
  s9->check(world.event(HistoryKind::kTruncated, world.broker(1), kOrders0, 5, 3, 0), world);
  check_held(*s9, 4);
}

TEST_CASE("S10 finds a leader's high watermark that falls", "[invariants]") {
  World world;
  const auto s10 = make_hw_monotonic(world.catalog);
  s10->check(world.event(HistoryKind::kBecameLeader, world.broker(1), kOrders0, 4, 20, 10), world);
  s10->check(world.high_watermark(1, 15, 4), world);
  const auto fallen = world.high_watermark(1, 12, 4);
  s10->check(fallen, world);
  check_violated(*s10, fallen,
                 "orders-0: the high watermark of broker-1, leader in epoch 4, fell from 15 to 12");
}

TEST_CASE("S10 accepts a lower start in a new epoch or a new life, and followers that fall",
          "[invariants]") {
  World world;
  const auto s10 = make_hw_monotonic(world.catalog);
  s10->check(world.event(HistoryKind::kBecameLeader, world.broker(1), kOrders0, 4, 20, 10), world);
  s10->check(world.high_watermark(1, 15, 4), world);
  s10->check(world.high_watermark(2, 14, -1), world);
  s10->check(world.high_watermark(2, 9, -1), world);
  // The new leader is behind; the old one goes on in its own epoch.
  s10->check(world.event(HistoryKind::kBecameLeader, world.broker(2), kOrders0, 5, 20, 9), world);
  s10->check(world.high_watermark(2, 11, 5), world);
  s10->check(world.high_watermark(1, 16, 4), world);
  // Died and leads again in the same epoch, from an older checkpoint.
  s10->check(world.event(HistoryKind::kBecameLeader, world.broker(2), kOrders0, 5, 20, 3), world);
  s10->check(world.high_watermark(2, 8, 5), world);
  check_held(*s10, 4);
}
