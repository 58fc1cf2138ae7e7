// Vectors 1 to 19 of reference/replication.md section 11.1: Kafka's LeaderEpochFileCacheTest (3.9).
#include "model/log/epoch_cache.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

using Entries = std::vector<EpochEntry>;

LeaderEpochCache cache_of(const Entries& entries) {
  LeaderEpochCache cache;
  for (const EpochEntry& entry : entries) cache.assign(entry.epoch, entry.start_offset);
  return cache;
}

Entries entries_of(const LeaderEpochCache& cache) {
  Entries entries;
  for (std::size_t i = 0; i < cache.size(); ++i) entries.push_back(cache[i]);
  return entries;
}

EpochEnd end(const LeaderEpochCache& cache, std::int32_t epoch, std::int64_t log_end_offset) {
  return cache.end_offset_for(epoch, log_end_offset);
}

Entries cut_end(const Entries& all, std::int64_t offset) {
  LeaderEpochCache cache = cache_of(all);
  cache.truncate_from_end(offset);
  return entries_of(cache);
}

Entries cut_start(const Entries& all, std::int64_t offset) {
  LeaderEpochCache cache = cache_of(all);
  cache.truncate_from_start(offset);
  return entries_of(cache);
}

constexpr EpochEnd kUndefined{-1, -1};

}  // namespace

TEST_CASE("LeaderEpochFileCacheTest shouldAddEpochAndMessageOffsetToCache (vector 1)",
          "[vectors]") {
  const LeaderEpochCache cache = cache_of({{2, 10}});
  CHECK((entries_of(cache) == Entries{{2, 10}}));
  CHECK((end(cache, 2, 11) == EpochEnd{2, 11}));
}

TEST_CASE("LeaderEpochFileCacheTest shouldReturnLogEndOffsetIfLatestEpochRequested (vector 2)",
          "[vectors]") {
  CHECK((end(cache_of({{2, 11}, {2, 12}}), 2, 14) == EpochEnd{2, 14}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldReturnUndefinedOffsetIfUndefinedEpochRequested (vector 3)",
    "[vectors]") {
  CHECK((end(cache_of({{2, 11}, {3, 12}}), -1, 13) == kUndefined));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldNotOverwriteLogEndOffsetForALeaderEpochOnceItHasBeenAssigned (vector 4)",
    "[vectors]") {
  CHECK((entries_of(cache_of({{2, 9}, {2, 10}})) == Entries{{2, 9}}));
}

TEST_CASE("LeaderEpochFileCacheTest shouldEnforceMonotonicallyIncreasingStartOffsets (vector 5)",
          "[vectors]") {
  CHECK((entries_of(cache_of({{2, 9}, {3, 9}})) == Entries{{3, 9}}));
}

TEST_CASE("LeaderEpochFileCacheTest shouldReturnUnsupportedIfNoEpochRecorded (vector 6)",
          "[vectors]") {
  CHECK((end(LeaderEpochCache(), 0, 0) == kUndefined));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldReturnFirstEpochIfRequestedEpochLessThanFirstEpoch (vector 7)",
    "[vectors]") {
  CHECK((end(cache_of({{5, 11}, {6, 12}, {7, 13}}), 4, 14) == EpochEnd{4, 11}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldTruncateIfMatchingEpochButEarlierStartingOffset (vector 8)",
    "[vectors]") {
  const LeaderEpochCache cache = cache_of({{5, 11}, {6, 12}, {7, 13}, {7, 12}});
  CHECK((end(cache, 5, 14) == EpochEnd{5, 12}));
  CHECK((end(cache, 6, 14) == EpochEnd{5, 12}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldGetFirstOffsetOfSubsequentEpochWhenOffsetRequestedForPreviousEpoch (vector 9)",
    "[vectors]") {
  const LeaderEpochCache cache = cache_of({{1, 11}, {1, 12}, {2, 13}, {2, 14}, {3, 15}, {3, 16}});
  CHECK((end(cache, 2, 17) == EpochEnd{2, 15}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldReturnNextAvailableEpochIfThereIsNoExactEpochForTheOneRequested (vector 10)",
    "[vectors]") {
  const LeaderEpochCache cache = cache_of({{0, 10}, {2, 13}, {4, 17}});
  CHECK((end(cache, 1, 20) == EpochEnd{0, 13}));
  CHECK((end(cache, 2, 20) == EpochEnd{2, 17}));
  CHECK((end(cache, 3, 20) == EpochEnd{2, 17}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldReturnInvalidOffsetIfEpochIsRequestedWhichIsNotCurrentlyTracked (vector 11)",
    "[vectors]") {
  CHECK((end(cache_of({{2, 100}}), 3, 101) == kUndefined));
}

TEST_CASE("LeaderEpochFileCacheTest shouldEnforceMonotonicallyIncreasingEpochs (vector 12)",
          "[vectors]") {
  const LeaderEpochCache cache = cache_of({{1, 5}, {2, 6}, {1, 7}});
  CHECK((entries_of(cache) == Entries{{1, 7}}));
  CHECK((end(cache, 1, 8) == EpochEnd{1, 8}));
  CHECK((end(cache, 2, 8) == kUndefined));
}

TEST_CASE("LeaderEpochFileCacheTest shouldEnforceOffsetsIncreaseMonotonically (vector 13)",
          "[vectors]") {
  CHECK((entries_of(cache_of({{2, 6}, {3, 5}})) == Entries{{3, 5}}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldIncreaseAndTrackEpochsAsLeadersChangeManyTimes (vector 14)",
    "[vectors]") {
  LeaderEpochCache cache = cache_of({{0, 0}, {1, 0}});
  CHECK((end(cache, 1, 0) == EpochEnd{1, 0}));
  CHECK((end(cache, 0, 0) == EpochEnd{0, 0}));
  CHECK((end(cache, 1, 5) == EpochEnd{1, 5}));
  cache.assign(2, 5);
  CHECK((end(cache, 2, 10) == EpochEnd{2, 10}));
  CHECK((end(cache, 1, 10) == EpochEnd{1, 5}));
  CHECK((end(cache, 0, 10) == EpochEnd{0, 0}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldIncreaseAndTrackEpochsAsFollowerReceivesManyMessages (vector 15)",
    "[vectors]") {
  LeaderEpochCache cache;
  for (std::int64_t offset = 0; offset < 9; ++offset) {
    cache.assign(static_cast<std::int32_t>(offset / 3), offset);  // e0@0..2, e1@3..5, e2@6..8
  }
  CHECK((end(cache, 2, 9) == EpochEnd{2, 9}));
  CHECK((end(cache, 0, 9) == EpochEnd{0, 3}));
  CHECK((end(cache, 1, 9) == EpochEnd{1, 6}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldDropEntriesOnEpochBoundaryWhenRemovingLatestEntries (vector 16)",
    "[vectors]") {
  const Entries all = {{2, 6}, {3, 8}, {4, 11}};
  CHECK((cut_end(all, 8) == Entries{{2, 6}}));
  // shouldDropEntriesBetweenEpochBoundaryWhenRemovingNewest
  CHECK((cut_end(all, 9) == Entries{{2, 6}, {3, 8}}));
  CHECK((cut_end(all, -1) == all));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldPreserveResetOffsetOnClearEarliestIfOneExists (vector 17)",
    "[vectors]") {
  const Entries all = {{2, 6}, {3, 8}, {4, 11}};
  CHECK((cut_start(all, 8) == Entries{{3, 8}, {4, 11}}));
  CHECK((cut_start(all, 9) == Entries{{3, 9}, {4, 11}}));
  CHECK((cut_start(all, 1) == all));
  CHECK((cut_start(all, 6) == all));
  CHECK((cut_start(all, 11) == Entries{{4, 11}}));
  CHECK((cut_start(all, 15) == Entries{{4, 15}}));
}

TEST_CASE(
    "LeaderEpochFileCacheTest "
    "shouldUpdateOffsetBetweenEpochBoundariesOnClearEarliest (vector 18)",
    "[vectors]") {
  CHECK((cut_start({{0, 0}, {1, 7}, {2, 10}}, 5) == Entries{{0, 5}, {1, 7}, {2, 10}}));
}

TEST_CASE("LeaderEpochFileCacheTest shouldFetchEpochForGivenOffset (vector 19)", "[vectors]") {
  const LeaderEpochCache cache = cache_of({{0, 10}, {1, 20}, {5, 30}});
  CHECK(cache.epoch_for_offset(25) == 1);
  CHECK(cache.epoch_for_offset(20) == 1);
  CHECK(cache.epoch_for_offset(30) == 5);
  CHECK(cache.epoch_for_offset(50) == 5);
  CHECK_FALSE(cache.epoch_for_offset(5).has_value());
}
