// Vectors 1 to 19 of reference/replication.md section 11.1 (Kafka's LeaderEpochFileCacheTest).
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

constexpr EpochEnd kUndefined{-1, -1};

}  // namespace

TEST_CASE("vectors 1-15: end offsets of epochs after assigns", "[log][epoch]") {
  struct Query {
    std::int32_t epoch;
    EpochEnd expected;
  };
  struct Vector {
    const char* name;
    Entries assigns;
    std::int64_t log_end_offset;
    std::vector<Query> queries;
  };
  const std::vector<Vector> vectors = {
      {"1 shouldAddEpochAndMessageOffsetToCache", {{2, 10}}, 11, {{2, {2, 11}}}},
      {"2 shouldReturnLogEndOffsetIfLatestEpochRequested", {{2, 11}, {2, 12}}, 14, {{2, {2, 14}}}},
      {"3 shouldReturnUndefinedOffsetIfUndefinedEpochRequested",
       {{2, 11}, {3, 12}},
       13,
       {{-1, kUndefined}}},
      {"6 shouldReturnUnsupportedIfNoEpochRecorded", {}, 0, {{0, kUndefined}}},
      {"7 shouldReturnFirstEpochIfRequestedEpochLessThanFirstEpoch",
       {{5, 11}, {6, 12}, {7, 13}},
       14,
       {{4, {4, 11}}}},
      {"8 shouldTruncateIfMatchingEpochButEarlierStartingOffset",
       {{5, 11}, {6, 12}, {7, 13}, {7, 12}},
       14,
       {{5, {5, 12}}, {6, {5, 12}}}},
      {"9 shouldGetFirstOffsetOfSubsequentEpochWhenOffsetRequestedForPreviousEpoch",
       {{1, 11}, {1, 12}, {2, 13}, {2, 14}, {3, 15}, {3, 16}},
       17,
       {{2, {2, 15}}}},
      {"10 shouldReturnNextAvailableEpochIfThereIsNoExactEpochForTheOneRequested",
       {{0, 10}, {2, 13}, {4, 17}},
       20,
       {{1, {0, 13}}, {2, {2, 17}}, {3, {2, 17}}}},
      {"11 shouldReturnInvalidOffsetIfEpochIsRequestedWhichIsNotCurrentlyTracked",
       {{2, 100}},
       101,
       {{3, kUndefined}}},
      {"12 shouldEnforceMonotonicallyIncreasingEpochs",
       {{1, 5}, {2, 6}, {1, 7}},
       8,
       {{1, {1, 8}}, {2, kUndefined}}},
      {"14 shouldIncreaseAndTrackEpochsAsLeadersChangeManyTimes, nothing written",
       {{0, 0}, {1, 0}},
       0,
       {{1, {1, 0}}, {0, {0, 0}}}},
      {"14 ... after five records", {{0, 0}, {1, 0}}, 5, {{1, {1, 5}}}},
      {"14 ... after the next leader",
       {{0, 0}, {1, 0}, {2, 5}},
       10,
       {{2, {2, 10}}, {1, {1, 5}}, {0, {0, 0}}}},
      {"15 shouldIncreaseAndTrackEpochsAsFollowerReceivesManyMessages",
       {{0, 0}, {0, 1}, {0, 2}, {1, 3}, {1, 4}, {1, 5}, {2, 6}, {2, 7}, {2, 8}},
       9,
       {{2, {2, 9}}, {0, {0, 3}}, {1, {1, 6}}}},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.name);
    const LeaderEpochCache cache = cache_of(vector.assigns);
    for (const Query& query : vector.queries) {
      INFO("epoch " << query.epoch);
      const EpochEnd end = cache.end_offset_for(query.epoch, vector.log_end_offset);
      CHECK(end.epoch == query.expected.epoch);
      CHECK(end.end_offset == query.expected.end_offset);
    }
  }
}

TEST_CASE("vectors 4, 5, 12, 13: what assigns leave behind", "[log][epoch]") {
  struct Vector {
    const char* name;
    Entries assigns;
    Entries expected;
  };
  const std::vector<Vector> vectors = {
      {"4 shouldNotOverwriteLogEndOffsetForALeaderEpochOnceItHasBeenAssigned",
       {{2, 9}, {2, 10}},
       {{2, 9}}},
      {"5 shouldEnforceMonotonicallyIncreasingStartOffsets", {{2, 9}, {3, 9}}, {{3, 9}}},
      {"12 shouldEnforceMonotonicallyIncreasingEpochs", {{1, 5}, {2, 6}, {1, 7}}, {{1, 7}}},
      {"13 shouldEnforceOffsetsIncreaseMonotonically", {{2, 6}, {3, 5}}, {{3, 5}}},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.name);
    CHECK((entries_of(cache_of(vector.assigns)) == vector.expected));
  }
}

TEST_CASE("vector 16: shouldDropEntriesOnEpochBoundaryWhenRemovingLatestEntries", "[log][epoch]") {
  const Entries all = {{2, 6}, {3, 8}, {4, 11}};
  const auto cut_at = [&all](std::int64_t offset) {
    LeaderEpochCache cache = cache_of(all);
    cache.truncate_from_end(offset);
    return entries_of(cache);
  };
  CHECK((cut_at(8) == Entries{{2, 6}}));
  CHECK((cut_at(9) == Entries{{2, 6}, {3, 8}}));
  CHECK((cut_at(-1) == all));
  CHECK((cut_at(0) == Entries{}));
}

TEST_CASE("vectors 17, 18: shouldPreserveResetOffsetOnClearEarliestIfOneExists", "[log][epoch]") {
  const auto cut_at = [](const Entries& all, std::int64_t offset) {
    LeaderEpochCache cache = cache_of(all);
    cache.truncate_from_start(offset);
    return entries_of(cache);
  };
  const Entries all = {{2, 6}, {3, 8}, {4, 11}};
  CHECK((cut_at(all, 8) == Entries{{3, 8}, {4, 11}}));
  CHECK((cut_at(all, 9) == Entries{{3, 9}, {4, 11}}));
  CHECK((cut_at(all, 1) == all));
  CHECK((cut_at(all, 6) == all));
  CHECK((cut_at(all, 11) == Entries{{4, 11}}));
  CHECK((cut_at(all, 15) == Entries{{4, 15}}));
  CHECK((cut_at({{0, 0}, {1, 7}, {2, 10}}, 5) == Entries{{0, 5}, {1, 7}, {2, 10}}));
}

TEST_CASE("vector 19: shouldFetchEpochForGivenOffset", "[log][epoch]") {
  const LeaderEpochCache cache = cache_of({{0, 10}, {1, 20}, {5, 30}});
  CHECK(cache.epoch_for_offset(25) == 1);
  CHECK(cache.epoch_for_offset(20) == 1);
  CHECK(cache.epoch_for_offset(30) == 5);
  CHECK(cache.epoch_for_offset(50) == 5);
  CHECK_FALSE(cache.epoch_for_offset(5).has_value());
}
