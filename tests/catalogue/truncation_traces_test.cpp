// Catalogue group T: the counter-examples of the protocol models, step by step. Each shows what the
// old rule loses and that the newer one keeps it. "Exposed" is what a leader had below its high
// watermark, so that it was acknowledged with acks=all and could be read.
// T18 is in tests/vectors/follower_truncation_test.cpp.
#include "tests/catalogue/replica_table.hpp"

namespace isrlab::test {
namespace {

using P = ReplicationProtocol;
using Records = ReplicaTable::Records;
const Records kNothing;

/// 1 leads with 2 in its ISR and commits a record. 2 is elected with a stale high watermark;
/// 0 comes in with an empty log and is elected next.
void enters_below_the_epoch_start(P protocol, bool bug) {
  INFO(static_cast<int>(protocol) << ' ' << bug);
  ReplicaTable table(3, protocol, bug ? bug_bit(Bug::kIsrExpandLeso) : 0);
  table.tell({1, 2}, table.elect(1, {1, 2}));
  table.write(1, 10);
  table.fetch_times(2, 2);
  REQUIRE(table.high_watermark(1) == 1);
  table.tell({0, 2}, table.elect(2, {1, 2}));
  REQUIRE(table.high_watermark(2) == 0);
  REQUIRE(table.replica(2).leader_epoch_start_offset == 1);

  // 0 asks for offset 0, and 2 dies before the answer arrives.
  CHECK(table.fetch(0, false) == Error::kNone);
  CHECK(table.replica(2).remote(0)->log_end_offset == 0);
  if (bug) {
    REQUIRE(table.replica(2).proposed == BrokerList{1, 2, 0});
    table.answer(2, table.alter(2));
    CHECK(table.controller_isr() == BrokerList{1, 2, 0});
    table.tell(0, table.elect(0, {1, 0}));
    CHECK(table.high_watermark(0) == 0);  // consumers have seen 1
    CHECK(table.missing(0) == Records{10});
    return;
  }
  CHECK(table.replica(2).pending == PendingIsr::kNone);  // 0 may not be elected
  // With the answer it has the record, and the next fetch lets it in.
  table.fetch_times(0, 2);
  REQUIRE(table.replica(2).proposed == BrokerList{1, 2, 0});
  table.answer(2, table.alter(2));
  table.tell(0, table.elect(0, {1, 0}));
  CHECK(table.missing(0) == kNothing);
}

}  // namespace

TEST_CASE("T01: truncation to the high watermark, then an election, loses an acked record",
          "[catalogue]") {
  for (const P protocol :
       {P::kTruncateToHighWatermark, P::kKip101, P::kKip279, P::kKip320, P::kTruncateOnFetch}) {
    INFO(static_cast<int>(protocol));
    const bool loses = protocol == P::kTruncateToHighWatermark;
    ReplicaTable table(2, protocol);
    const auto first = table.elect(0, {0, 1});
    table.tell({0, 1}, first);
    table.write(0, 1);
    table.fetch_times(1, 1);
    table.write(0, 2);
    table.fetch_times(1, 1);
    table.checkpoint(0);  // a while before it dies, with high watermark 1
    table.fetch_times(1, 1);
    REQUIRE(table.high_watermark(0) == 2);
    REQUIRE(table.high_watermark(1) == 1);
    REQUIRE(table.missing(1) == kNothing);

    table.bounce(1);
    table.tell(1, first);
    table.truncate(1);
    CHECK(table.log(1) == (loses ? Records{1} : Records{1, 2}));
    CHECK(table.missing(1) == (loses ? Records{2} : kNothing));

    table.bounce(0, false);
    const auto second = table.elect(1, {1});
    table.tell({0, 1}, second);
    table.write(1, 3);
    table.fetch_times(0, 2);
    CHECK(table.log(1) == (loses ? Records{1, 3} : Records{1, 2, 3}));  // its offset is used again
    CHECK(table.log(0) == table.log(1));
    CHECK(table.missing(0) == (loses ? Records{2} : kNothing));
  }
}

TEST_CASE("T02: a follower one leader epoch behind truncates what is committed", "[catalogue]") {
  for (const P protocol :
       {P::kTruncateToHighWatermark, P::kKip101, P::kKip320, P::kTruncateOnFetch}) {
    INFO(static_cast<int>(protocol));
    const bool loses = protocol == P::kTruncateToHighWatermark;
    const bool fenced = protocol == P::kKip320 || protocol == P::kTruncateOnFetch;
    ReplicaTable table(3, protocol);
    table.tell({0, 1, 2}, table.elect(0, {0, 1, 2}));
    const auto without_1 = table.elect(0, {0, 2});
    table.tell(0, without_1);
    table.write(0, 10);
    if (fenced) {
      // KIP-320: in another epoch nothing is fetched, so nothing is counted either, and the replica
      // waits for its LeaderAndIsr.
      CHECK(table.fetch(2) == Error::kFencedLeaderEpoch);
      CHECK(table.entry(2).state == FetchState::kFailed);
      CHECK(table.high_watermark(0) == 0);
      table.tell(2, without_1);
      table.fetch_times(2, 2);
      CHECK(table.high_watermark(0) == 1);
      table.tell(2, table.elect(2, {0, 2}));
      CHECK(table.missing(2) == kNothing);
      continue;
    }
    table.fetch_times(2, 2);
    REQUIRE(table.high_watermark(0) == 1);
    REQUIRE(table.high_watermark(2) == 0);

    // Late: LeaderAndIsr of epoch 1. The leader is the same, so that 0.8.1 to 2.0.0 go on fetching
    // (KAFKA-1188), unless the process has started again meanwhile.
    ReplicaTable same = table;
    same.tell(2, without_1);
    CHECK(same.log(2) == Records{10});
    table.bounce(2);
    table.tell(2, without_1);
    table.truncate(2);
    REQUIRE(table.controller_isr() == BrokerList{0, 2});
    CHECK(table.missing(2) == (loses ? Records{10} : kNothing));  // strong ISR: 2 is a member
    table.tell(2, table.elect(2, {0, 2}));
    CHECK(table.replica(2).is_leader());
    CHECK(table.missing(2) == (loses ? Records{10} : kNothing));
    CHECK(table.log(2) == (loses ? kNothing : Records{10}));
  }
}

TEST_CASE("T04: a leader without the follower's epoch makes it cut to its high watermark",
          "[catalogue]") {
  for (const P protocol : {P::kKip101, P::kKip279, P::kKip320, P::kTruncateOnFetch}) {
    for (const bool leader_knows : {false, true}) {
      INFO(static_cast<int>(protocol) << ' ' << leader_knows);
      ReplicaTable table(2, protocol);
      const auto e0 = table.elect(0, {0, 1});
      table.tell({0, 1}, e0);
      table.write(0, 10);
      table.fetch_times(1, 2);
      REQUIRE(table.high_watermark(0) == 1);
      REQUIRE(table.high_watermark(1) == 0);
      const auto e1 = table.elect(1, {0, 1});
      const auto e2 = table.elect(0, {0, 1});
      const auto e3 = table.elect(1, {0, 1});
      table.tell(1, e1);
      table.write(1, 11);
      if (leader_knows) table.tell(0, e2);
      table.tell(1, e2);
      const Error error = table.truncate(1);
      if (protocol == P::kKip320) {
        CHECK(error == (leader_knows ? Error::kNone : Error::kUnknownLeaderEpoch));
      }
      if (protocol == P::kTruncateOnFetch) {
        CHECK(table.fetch(1) == (leader_knows ? Error::kNone : Error::kUnknownLeaderEpoch));
      }
      // 0.11 has no epoch of a leader that has not written: undefined in both cases. 2.0.1 notes
      // the epoch at the election and answers (0, 1); a leader that is still in epoch 0 has no
      // epoch 1 or above, which is undefined in its code too. The model of KIP-279 compares
      // records there, and keeps r0.
      const bool loses = protocol == P::kKip101 || (protocol == P::kKip279 && !leader_knows);
      const Records kept = leader_knows || loses ? Records{10} : Records{10, 11};
      CHECK(table.log(1) == (loses ? kNothing : kept));
      table.tell(1, e3);
      REQUIRE(table.replica(1).is_leader());
      CHECK(table.missing(1) == (loses ? Records{10} : kNothing));
    }
  }
}

TEST_CASE("T05: KIP-101 leaves logs that differ for ever", "[catalogue]") {
  for (const P protocol : {P::kKip101, P::kKip279, P::kKip320, P::kTruncateOnFetch}) {
    INFO(static_cast<int>(protocol));
    ReplicaTable table(2, protocol);
    const auto e0 = table.elect(0, {0, 1});
    const auto e1 = table.elect(1, {0, 1});
    const auto e2 = table.elect(0, {0, 1});
    table.tell(0, e0);
    table.write(0, 1);  // A
    table.tell(1, e1);
    table.write(1, 3);  // C
    table.tell(0, e2);
    table.write(0, 2);  // B
    table.tell(1, e2);
    for (int i = 0; i < 4; ++i) table.fetch(1);
    CHECK(table.log(0) == Records{1, 2});
    if (protocol == P::kKip101) {
      CHECK(table.log(1) == Records{3, 2});
      CHECK(table.controller_isr() == BrokerList{0, 1});  // two in-sync replicas
      CHECK(table.high_watermark(0) == 2);                // and both are read
    } else {
      CHECK(table.log(1) == Records{1, 2});
    }
  }
}

TEST_CASE("T08: into the ISR below the start of the leader's epoch (KAFKA-7128)", "[catalogue]") {
  enters_below_the_epoch_start(P::kTruncateOnFetch, true);
  enters_below_the_epoch_start(P::kTruncateOnFetch, false);
}

TEST_CASE("T13: KIP-320 without the rule of the epoch's start", "[catalogue]") {
  enters_below_the_epoch_start(P::kKip320, true);
  enters_below_the_epoch_start(P::kKip320, false);
}

TEST_CASE("T09: KIP-320, first try: a leader counts a follower of another epoch", "[catalogue]") {
  for (const P protocol : {P::kKip320FirstTry, P::kKip320, P::kTruncateOnFetch}) {
    INFO(static_cast<int>(protocol));
    ReplicaTable table(3, protocol);
    const auto e0 = table.elect(1, {1, 2});
    table.tell(1, e0);
    table.write(1, 10);
    const auto e1 = table.elect(2, {1, 2});
    table.tell({0, 2}, e1);
    CHECK(table.fetch(0) == Error::kNone);
    table.answer(2, table.alter(2));
    REQUIRE(table.controller_isr() == BrokerList{1, 2, 0});
    const auto e2 = table.elect(1, {0, 1, 2});
    const auto e3 = table.elect(0, {0, 1, 2});
    table.tell(0, e3);
    // 2 has started again: its log is empty, and so is its list of epochs. 1 is still in epoch 0
    // and takes it for the member of its ISR {1, 2}.
    table.bounce(2);
    table.tell(2, e2);
    if (protocol == P::kKip320FirstTry) {
      table.fetch_times(2, 2);
      CHECK(table.high_watermark(1) == 1);     // a consumer of 1 reads it,
      CHECK(table.missing(0) == Records{10});  // and the leader does not have it
    } else {
      CHECK(table.fetch(2) == Error::kUnknownLeaderEpoch);
      CHECK(table.fetch(2) == Error::kUnknownLeaderEpoch);
      CHECK(table.high_watermark(1) == 0);
      CHECK(table.missing(0) == kNothing);
    }
  }
}

TEST_CASE("T11: truncating by the word of a leader in another epoch", "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(3, P::kKip320, bug ? bug_bit(Bug::kTruncateFence) : 0);
    const auto e0 = table.elect(0, {0, 1, 2});
    table.tell({0, 1, 2}, e0);
    table.write(0, 10);
    table.fetch_times(2, 1);
    const auto e1 = table.elect(1, {0, 1, 2});
    const auto e2 = table.elect(0, {0, 1, 2});
    table.tell(1, e1);
    table.tell(2, e2);
    // 2 asks in epoch 2 where epoch 0 ends, 0 answers in epoch 0: at 1.
    CHECK(table.truncate(2) == (bug ? Error::kNone : Error::kUnknownLeaderEpoch));
    CHECK(table.log(2) == Records{10});
    table.tell(0, e1);
    CHECK(table.truncate(0) == Error::kNone);
    REQUIRE(table.log(0) == kNothing);
    table.tell({0, 1}, e2);
    table.write(0, 11);
    table.fetch_times(1, 2);
    table.fetch_times(2, 2);
    CHECK(table.high_watermark(0) == 1);  // 11 is acknowledged
    CHECK(table.log(2) == (bug ? Records{10} : Records{11}));
    table.tell(2, table.elect(2, {1, 2}));
    CHECK(table.missing(2) == (bug ? Records{11} : kNothing));
  }
}

TEST_CASE("T12: the high watermark counts a follower of another epoch", "[catalogue]") {
  for (const P protocol : {P::kKip320, P::kTruncateOnFetch}) {
    for (const bool bug : {true, false}) {
      INFO(static_cast<int>(protocol) << ' ' << bug);
      ReplicaTable table(3, protocol, bug ? bug_bit(Bug::kHwEpochFence) : 0);
      const auto e0 = table.elect(0, {0, 1, 2});
      table.tell({0, 1, 2}, e0);
      table.write(0, 10);
      table.fetch_times(2, 1);
      const auto e1 = table.elect(1, {0, 1, 2});
      table.tell(1, e1);
      const auto e2 = table.elect(0, {0, 2});
      table.tell(0, e2);
      CHECK(table.fetch(2) == Error::kFencedLeaderEpoch);  // it is in epoch 0
      CHECK(table.high_watermark(0) == (bug ? 1 : 0));
      table.tell(2, e1);
      table.fetch_times(2, 2);
      CHECK(table.log(2) == kNothing);
      table.tell(2, table.elect(2, {0, 2}));
      CHECK(table.missing(2) == (bug ? Records{10} : kNothing));
    }
  }
}

}  // namespace isrlab::test
