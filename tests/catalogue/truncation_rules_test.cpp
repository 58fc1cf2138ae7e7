// Catalogue group T: ISR changes in flight, epoch caches and high watermarks around a truncation,
// each with the bug and without it.
#include "tests/catalogue/replica_table.hpp"

namespace isrlab::test {
namespace {

using P = ReplicationProtocol;
using Records = ReplicaTable::Records;
const Records kNothing;

std::vector<EpochEntry> entries(const Partition& partition) {
  std::vector<EpochEntry> result;
  const LeaderEpochCache& cache = partition.log.epochs();
  for (std::size_t i = 0; i < cache.size(); ++i) result.push_back(cache[i]);
  return result;
}
using Epochs = std::vector<EpochEntry>;

}  // namespace

TEST_CASE("T15: the high watermark over the ISR before an addition that is under way",
          "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(2, P::kTruncateOnFetch, bug ? bug_bit(Bug::kHwIsrCommitted) : 0);
    table.tell({0, 1}, table.elect(0, {0}));
    table.fetch_times(1, 1);
    REQUIRE(table.replica(0).proposed == BrokerList{0, 1});
    const auto answer = table.alter(0);  // agreed; the answer is late
    CHECK(answer.error == Error::kNone);
    REQUIRE(table.controller_isr() == BrokerList{0, 1});
    REQUIRE(table.replica(0).isr == BrokerList{0});
    table.write(0, 10);
    CHECK(table.high_watermark(0) == (bug ? 1 : 0));
    // 0 fails.
    table.tell(1, table.elect(1, {1}));
    CHECK(table.missing(1) == (bug ? Records{10} : kNothing));
  }
}

TEST_CASE("T15: the high watermark over a proposal that nobody has agreed to", "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(2, P::kTruncateOnFetch, bug ? bug_bit(Bug::kHwIsrProposed) : 0);
    table.tell({0, 1}, table.elect(0, {0, 1}));
    table.write(0, 10);
    table.now += 31 * kSecond;
    REQUIRE(table.replica(0).maybe_shrink_isr(table.context(0)));
    table.advance(0);
    CHECK(table.high_watermark(0) == (bug ? 1 : 0));
    // Meanwhile the controller has elected the other; the proposal is refused.
    const auto next = table.elect(1, {0, 1});
    CHECK(table.alter(0).error == Error::kFencedLeaderEpoch);
    CHECK(table.controller_isr() == BrokerList{0, 1});
    table.tell(1, next);
    CHECK(table.missing(1) == (bug ? Records{10} : kNothing));
  }
}

TEST_CASE("T16: the controller takes an ISR that was built on an old version", "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(3, P::kTruncateOnFetch, bug ? bug_bit(Bug::kAlterIsrCas) : 0);
    table.tell({0, 1, 2}, table.elect(0, {0, 1, 2}));
    table.now += 31 * kSecond;
    table.write(0, 9);
    table.fetch_times(2, 2);  // 1 lags
    REQUIRE(table.replica(0).maybe_shrink_isr(table.context(0)));
    REQUIRE(table.replica(0).proposed == BrokerList{0, 2});
    table.elect(0, {0, 2});
    const auto alone = table.elect(0, {0});  // the controller removed 1, then 2
    const auto answer = table.alter(0);
    CHECK(answer.error == (bug ? Error::kNone : Error::kFencedLeaderEpoch));
    CHECK(table.controller_isr() == (bug ? BrokerList{0, 2} : BrokerList{0}));
    // The leader learns what stood there before.
    table.now += 31 * kSecond;
    table.tell(0, alone);
    table.write(0, 10);
    REQUIRE(table.high_watermark(0) == 2);
    if (bug) {
      table.tell(2, table.elect(2, {0, 2}));  // may be elected, has not got it
      CHECK(table.missing(2) == Records{10});
    } else {
      CHECK_FALSE(table.controller_isr().contains(2));  // nobody else can be elected
    }
  }
}

TEST_CASE("T19: a truncation to the log's end must still drop the epoch that the leader never had",
          "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(2, P::kTruncateOnFetch, bug ? bug_bit(Bug::kCleanEpochCache) : 0);
    table.tell({0, 1}, table.elect(0, {0, 1}));
    table.write(0, 10);
    table.fetch_times(1, 3);
    // Two elections without a write: 1 leads epoch 1, 0 leads epoch 2. 1 has left the ISR.
    const auto e1 = table.elect(1, {0, 1});
    const auto e2 = table.elect(0, {0});
    table.tell({0, 1}, e1);
    table.tell({0, 1}, e2);
    REQUIRE(entries(table.replica(0)) == Epochs{{0, 0}, {2, 1}});
    REQUIRE(entries(table.replica(1)) == Epochs{{0, 0}, {1, 1}});
    CHECK(table.fetch(1) == Error::kNone);  // diverged: epoch 0 ends at 1, where its log ends
    CHECK(table.log(1) == Records{10});
    if (!bug) {
      CHECK(entries(table.replica(1)) == Epochs{{0, 0}});
      CHECK(table.entry(1).last_fetched_epoch == 0);
      CHECK(table.fetch(1) == Error::kNone);  // one fetch later it is let in
      CHECK(table.replica(0).proposed == BrokerList{0, 1});
      continue;
    }
    for (int i = 0; i < 100; ++i) CHECK(table.fetch(1) == Error::kNone);
    CHECK(entries(table.replica(1)) == Epochs{{0, 0}, {1, 1}});
    CHECK(table.replica(0).pending == PendingIsr::kNone);  // never in the ISR, although equal
    CHECK(table.replica(0).remote(1)->log_end_offset == -1);
    // What a new epoch does not change, a restart does.
    table.bounce(1);
    table.tell(1, e2);
    table.fetch_times(1, 1);
    CHECK(table.replica(0).proposed == BrokerList{0, 1});
  }
}

TEST_CASE("T21: an ex-leader raises its high watermark over the tail it is about to cut",
          "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(3, P::kTruncateOnFetch, bug ? bug_bit(Bug::kFollowerHwBeforeTruncate) : 0);
    table.tell({0, 1, 2}, table.elect(0, {0, 1, 2}));
    for (std::uint64_t record = 0; record < 10; ++record) table.write(0, record);
    table.fetch_times(1, 2);
    table.fetch_times(2, 2);
    REQUIRE(table.high_watermark(0) == 10);
    for (std::uint64_t record = 10; record < 13; ++record) table.write(0, record);
    const auto e1 = table.elect(1, {0, 1, 2});
    table.tell({1, 2}, e1);
    const auto e2 = table.elect(1, {1, 2});  // 0 is out
    table.tell({1, 2}, e2);
    for (std::uint64_t record = 110; record < 113; ++record) table.write(1, record);
    table.fetch_times(2, 2);
    REQUIRE(table.high_watermark(1) == 13);

    table.tell(0, e2);
    CHECK(table.fetch(0) == Error::kNone);
    std::vector<std::int64_t> seen{table.high_watermark(0)};
    // For a while a consumer of this replica gets 10 to 12, which nobody has committed.
    const std::int64_t uncommitted = bug ? 3 : 0;
    CHECK(table.replica(0).read_bound(false) - 10 == uncommitted);
    CHECK(table.replica(0).log.log_end_offset() == (bug ? 13 : 10));
    table.truncate(0);
    seen.push_back(table.high_watermark(0));
    table.fetch_times(0, 1);
    seen.push_back(table.high_watermark(0));
    CHECK(seen ==
          (bug ? std::vector<std::int64_t>{13, 10, 13} : std::vector<std::int64_t>{10, 10, 13}));
    CHECK(table.log(0) == table.log(1));
  }
}

TEST_CASE("T22: a follower that missed an epoch must not go on because the leader is the same",
          "[catalogue]") {
  struct Case {
    P protocol;
    bool bug;
    bool diverges;
  };
  for (const Case& each :
       {Case{P::kKip279, true, true}, Case{P::kKip279, false, false}, Case{P::kKip101, false, true},
        Case{P::kKip320, true, false}, Case{P::kTruncateOnFetch, true, false}}) {
    INFO(static_cast<int>(each.protocol) << ' ' << each.bug);
    ReplicaTable table(3, each.protocol, each.bug ? bug_bit(Bug::kBecomeFollowerSkip) : 0);
    const auto e0 = table.elect(0, {0, 1, 2});
    table.tell({0, 1, 2}, e0);
    table.write(0, 10);
    table.fetch_times(2, 1);
    const auto e1 = table.elect(1, {0, 1, 2});
    const auto e2 = table.elect(0, {0, 1, 2});
    table.tell(1, e1);
    table.write(1, 20);
    table.tell(0, e1);
    table.fetch_times(0, 2);
    REQUIRE(table.log(0) == Records{20});  // its 10 is cut
    table.tell({0, 1}, e2);
    table.tell(2, e2);  // epoch 1 never came
    table.write(0, 21);
    for (int i = 0; i < 4; ++i) table.fetch(2);
    CHECK(table.log(0) == Records{20, 21});
    CHECK(table.log(2) == (each.diverges ? Records{10, 21} : Records{20, 21}));
  }
}

TEST_CASE("T22: the shortcut is taken for the next epoch only", "[catalogue]") {
  ReplicaTable table(3, P::kKip279);
  table.tell({0, 1, 2}, table.elect(0, {0, 1, 2}));
  // A new epoch because 1 has left the ISR; nobody else led in between.
  table.write(0, 10);
  table.fetch_times(2, 1);
  table.tell({0, 2}, table.elect(0, {0, 2}));
  CHECK(table.entry(2).state == FetchState::kFetching);
  CHECK(table.entry(2).leader_epoch == 1);
  table.elect(0, {0, 2});
  table.tell(2, table.elect(0, {0, 2}));  // from 1 to 3
  CHECK(table.entry(2).state == FetchState::kTruncating);
}

TEST_CASE("T23: a leader notes its epoch although it writes nothing (KAFKA-7415)", "[catalogue]") {
  LeaderEpochCache cache;
  cache.assign(5, 10);
  CHECK(cache.end_offset_for(4, 20) == EpochEnd{4, 10});
  CHECK(cache.end_offset_for(5, 20) == EpochEnd{5, 20});
  CHECK(cache.end_offset_for(6, 20) == EpochEnd{});

  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(2, P::kKip279, bug ? bug_bit(Bug::kPersistEpoch) : 0);
    table.tell({0, 1}, table.elect(0, {0, 1}));
    table.write(0, 10);
    table.fetch_times(1, 2);
    REQUIRE(table.high_watermark(0) == 1);
    REQUIRE(table.high_watermark(1) == 0);
    table.tell(1, table.elect(1, {0, 1}));
    table.write(1, 11);
    const auto e2 = table.elect(0, {0, 1});
    table.tell({0, 1}, e2);  // 0 leads and writes nothing
    CHECK(entries(table.replica(0)) == (bug ? Epochs{{0, 0}} : Epochs{{0, 0}, {2, 1}}));
    CHECK(epoch_end_answer(table.replica(0).log, rules(P::kKip279), 1) ==
          (bug ? EpochEnd{} : EpochEnd{0, 1}));
    table.truncate(1);
    CHECK(table.log(1) == (bug ? kNothing : Records{10}));
    table.tell(1, table.elect(1, {0, 1}));
    CHECK(table.missing(1) == (bug ? Records{10} : kNothing));
  }
}

TEST_CASE("T24: a follower behind the leader's start takes it as its high watermark too",
          "[catalogue]") {
  for (const bool bug : {true, false}) {
    INFO(bug);
    ReplicaTable table(2, P::kTruncateOnFetch, bug ? bug_bit(Bug::kHwOnFullTruncate) : 0);
    table.tell({0, 1}, table.elect(0, {0, 1}));
    for (std::uint64_t record = 0; record < 400; ++record) table.write(0, record);
    table.fetch_times(1, 3);
    REQUIRE(table.high_watermark(1) == 400);
    table.bounce(1);
    table.tell(0, table.elect(0, {0}));
    for (std::uint64_t record = 400; record < 1200; ++record) table.write(0, record);
    REQUIRE(table.replica(0).log.maybe_increment_log_start_offset(1000) == Error::kNone);
    const auto back = table.elect(0, {0});
    table.tell({0, 1}, back);
    CHECK(table.fetch(1) == Error::kOffsetOutOfRange);
    table.fetch(1);  // the leader ends at 1200, above
    table.fetch(1);  // and begins at 1000
    const PartitionLog& log = table.replica(1).log;
    CHECK(log.log_start_offset() == 1000);
    CHECK(log.log_end_offset() == 1000);
    CHECK(log.high_watermark() == (bug ? 400 : 1000));
    if (bug) {
      // It leads before the next fetch: consumers are told to begin below its start.
      table.tell(1, table.elect(1, {0, 1}));
      CHECK(table.high_watermark(1) < log.log_start_offset());
      EpochEnd diverging;
      CHECK(table.replica(1).check_read(table.high_watermark(1), -1, diverging) ==
            Error::kOffsetOutOfRange);
      CHECK(table.replica(1).read_bound(false) < 1000);
      continue;
    }
    table.tell(1, table.elect(1, {0, 1}));
    CHECK(table.high_watermark(1) == 1000);
  }
}

}  // namespace isrlab::test
