// Vectors 1 to 29 (murmur2, keyed partition) and 58 to 64 (sticky partitioner) of
// reference/clients-and-groups.md sections 10.1 and 10.4.
#include <limits>
#include <string>

#include "model/client/accumulator.hpp"
#include "model/client/partitioner.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;

namespace {

struct Vector {
  const char* name;
  std::string key;
  std::int32_t hash;
  std::int32_t of_3, of_6, of_10;
};

const Vector kVectors[] = {
    {"1", "21", -973932308, 0, 0, 0},
    {"2", "foobar", -790332482, 0, 0, 6},
    {"3", "a-little-bit-long-string", -985981536, 2, 2, 2},
    {"4", "a-little-bit-longer-string", -1486304829, 2, 5, 9},
    {"5", "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 2, 5, 7},
    {"6", "abc", 479470107, 0, 3, 7},
    {"7", "kafka", -798503068, 1, 4, 0},
    {"8", "giberish123456789", -1890243828, 2, 2, 0},
    {"9", "1234", -1614185708, 0, 0, 0},
    {"10", "234", -406844982, 2, 2, 6},
    {"11", "34", -2026295078, 0, 0, 0},
    {"12", "4", 1514888353, 1, 1, 3},
    {"13", "PreAmbleWillBeRemoved,ThePrePartThatIs", 2017611548, 2, 2, 8},
    {"14", "reAmbleWillBeRemoved,ThePrePartThatIs", 1247982455, 2, 5, 5},
    {"15", "eAmbleWillBeRemoved,ThePrePartThatIs", -521871202, 1, 4, 6},
    {"16", "AmbleWillBeRemoved,ThePrePartThatIs", 1656271935, 0, 3, 5},
    {"17", "", 275646681, 0, 3, 1},
    {"18", "23456", -2054326257, 2, 5, 1},
    {"19", "this is another string with more length to it perhaps", -814283814, 2, 2, 4},
    {"20", "hejsan", 1589744533, 1, 1, 3},
    {"21", "key", -1079937367, 1, 1, 1},
    {"22", "key0", 452605474, 1, 4, 4},
    {"22", "key1", 28543940, 2, 2, 0},
    {"22", "key2", 1674751211, 2, 5, 1},
    {"22", "key3", -1745673403, 1, 1, 5},
    {"23", "user-1", 1404122828, 2, 2, 8},
    {"23", "user-2", -324981792, 2, 2, 6},
    {"23", "order-42", 501153024, 0, 0, 4},
    {"24", "\x80", 857690492, 2, 2, 2},
    {"25", "\xff\xfe", 1717632651, 0, 3, 1},
    {"26", std::string("\0\0\0\1", 4), -173113808, 0, 0, 0},
    {"27", std::string("\0\0\0\0\0\0\0\1", 8), 2100486060, 0, 0, 0},
};

}  // namespace

TEST_CASE("vectors 1 to 27: UtilsTest.testMurmur2, librdkafka unittest_murmur2", "[client]") {
  for (const Vector& vector : kVectors) {
    INFO("vector " << vector.name << " key " << vector.key);
    CHECK(murmur2(vector.key) == vector.hash);
    CHECK(partition_for_key(vector.key, 3) == vector.of_3);
    CHECK(partition_for_key(vector.key, 6) == vector.of_6);
    CHECK(partition_for_key(vector.key, 10) == vector.of_10);
  }
}

TEST_CASE("vector 29: toPositive is a mask, abs is not: UtilsTest.testAbs", "[client]") {
  constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
  CHECK(to_positive(-1) == 2147483647);
  CHECK(to_positive(kMin) == 0);
  CHECK(java_abs(kMin) == 0);
  CHECK(java_abs(-10) == 10);
  CHECK(java_abs(10) == 10);
}

TEST_CASE("vector 58: BuiltInPartitionerTest.testStickyPartitioning", "[client]") {
  StickyPartitioner sticky(3);
  std::int32_t draws = 0;
  const auto choose = [&draws] { return draws++; };
  const std::int32_t first = sticky.current(choose);
  for (int i = 0; i < 3; ++i) {
    CHECK(sticky.current(choose) == first);
    sticky.appended(1, true, choose);
  }
  CHECK(sticky.current(choose) != first);
}

TEST_CASE("vectors 59, 60: BuiltInPartitionerTest.unavailablePartitionsTest", "[client]") {
  const std::vector<std::int32_t> available = {0, 2};
  const std::vector<std::int32_t> none;
  bool seen[3] = {};
  for (std::uint32_t random = 0; random < 100; ++random) {
    const std::int32_t pick = next_partition(random, {&available, 3, nullptr});
    REQUIRE(pick != 1);
    seen[pick] = true;
    const std::int32_t any = next_partition(random, {&none, 3, nullptr});
    REQUIRE(any >= 0);
    REQUIRE(any < 3);
  }
  CHECK(seen[0]);
  CHECK(seen[2]);
}

TEST_CASE("vector 61: BuiltInPartitionerTest.adaptivePartitionsTest", "[client]") {
  PartitionLoad load;
  load.update({5, 0, 3, 0, 1}, {0, 1, 2, 3, 4}, 5);
  REQUIRE(load.cumulative() == std::vector<std::int32_t>{1, 7, 10, 16, 21});
  std::vector<int> frequency(5);
  for (std::uint32_t random = 0; random < 42; ++random) ++frequency[load.pick(random)];
  CHECK(frequency == std::vector<int>{2, 12, 6, 12, 10});
}

TEST_CASE("1.2 step 4: no statistics if all lengths are equal or there is one", "[client]") {
  PartitionLoad load;
  load.update({2, 2}, {0, 1}, 2);
  CHECK_FALSE(load.valid());
  load.update({7}, {0}, 1);
  CHECK_FALSE(load.valid());
  load.update({2, 2}, {0, 2}, 3);  // one excluded
  CHECK(load.valid());
}

TEST_CASE("vector 62: testStickyBatchSizeMoreThatZero", "[client]") {
  CHECK_THROWS(StickyPartitioner(0));
  ProducerConfig config;
  config.batch_size = 0;
  CHECK_NOTHROW(Accumulator(config, 1, 1));  // the accumulator asks for at least one byte
}
