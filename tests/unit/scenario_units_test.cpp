// Values with units: exact, bounded, and an error that shows the fix.
#include <rapidcheck.h>

#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;

TEST_CASE("durations are read exactly", "[scenario][units]") {
  struct Row {
    const char* text;
    std::int64_t value;
  };
  const Row rows[] = {{"250ms", 250 * sim::kMillisecond},
                      {"10us", 10 * sim::kMicrosecond},
                      {"1.5s", 1'500 * sim::kMillisecond},
                      {"2m", 2 * sim::kMinute},
                      {"1h", 60 * sim::kMinute},
                      {"7d", 7 * 24 * 60 * sim::kMinute},
                      {"0s", 0},
                      {"0.000000001s", 1},
                      {"1.000000000s", sim::kSecond},
                      {"3ns", 3},
                      {"007s", 7 * sim::kSecond}};
  for (const Row& row : rows) {
    INFO(row.text);
    const Measure measure = parse_duration(row.text);
    CHECK(measure.problem == "");
    CHECK(measure.value == row.value);
  }
}

TEST_CASE("bad durations say what is wrong and what to write", "[scenario][units]") {
  struct Row {
    const char* text;
    const char* problem;
    const char* fix;
  };
  const Row rows[] = {
      {"250", "\"250\" has no unit", "write \"250ms\" or \"250s\""},
      {"", "\"\" is not a duration", "write a number and a unit, such as \"250ms\""},
      {"-5s", "\"-5s\" is negative", "write a value of 0 or more"},
      {"5 s", "\"5 s\" has a space before the unit", "write \"5s\""},
      {"5sec", "\"5sec\" has the unknown unit \"sec\"", "known are ns, us, ms, s, m, h and d"},
      {"0.1ns", "\"0.1ns\" is finer than 1ns", "write a multiple of 1ns"},
      {"200y", "\"200y\" has the unknown unit \"y\"", "known are ns, us, ms, s, m, h and d"},
      {"99999999999h", "\"99999999999h\" is too large or has too many digits",
       "write a smaller value"},
      {"1.s", "\"1.s\" is not a duration", "write a number and a unit, such as \"250ms\""},
      {".5s", "\".5s\" is not a duration", "write a number and a unit, such as \"250ms\""},
      {"fast", "\"fast\" is not a duration", "write a number and a unit, such as \"250ms\""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const Measure measure = parse_duration(row.text);
    CHECK(measure.problem == row.problem);
    CHECK(measure.fix == row.fix);
    CHECK_FALSE(measure.ok());
  }
}

TEST_CASE("ninety years is the longest duration", "[scenario][units]") {
  CHECK(parse_duration("32850d").value == kLongestDuration);
  CHECK_FALSE(parse_duration("32851d").ok());
  CHECK_FALSE(parse_duration("99999999999999999999999999999999s").ok());
}

TEST_CASE("sizes, bandwidths and rates", "[scenario][units]") {
  CHECK(parse_size("1KiB").value == 1024);
  CHECK(parse_size("64MB").value == 64'000'000);
  CHECK(parse_size("1GiB").value == 1LL << 30);
  CHECK(parse_size("1.5KiB").value == 1536);
  CHECK(parse_size("200B").value == 200);
  CHECK(parse_size("0.5B").problem == "\"0.5B\" is finer than 1B");
  CHECK(parse_size("1024").fix == "write \"1024B\" or \"1024KiB\"");
  CHECK_FALSE(parse_size("9999999999TiB").ok());
  CHECK(parse_bandwidth("10MB/s").value == 10'000'000);
  CHECK(parse_bandwidth("1Gbit").value == 125'000'000);
  CHECK(parse_bandwidth("1.2GB/s").value == 1'200'000'000);
  CHECK(parse_bandwidth("100Mbit/s").value == 12'500'000);
  CHECK(parse_bandwidth("9bit").value == 1);
  CHECK_FALSE(parse_bandwidth("1bit").ok());
  CHECK_FALSE(parse_bandwidth("10MB").ok());
  CHECK(parse_record_rate("200/s").value == 5 * sim::kMillisecond);
  CHECK(parse_record_rate("300/s").value == 3'333'333);
  CHECK(parse_record_rate("30/m").value == 2 * sim::kSecond);
  CHECK(parse_record_rate("0.5/s").value == 2 * sim::kSecond);
  CHECK(parse_record_rate("0/s").value == 0);
  CHECK(parse_record_rate("200").fix == "write \"200/s\"");
  CHECK_FALSE(parse_record_rate("20000000000/s").ok());
  CHECK_FALSE(parse_record_rate("0.0000000001/h").ok());
}

TEST_CASE("ratios are exact and reduced", "[scenario][units]") {
  const auto is = [](const char* text, std::int64_t numerator, std::int64_t denominator) {
    const Ratio ratio = parse_ratio(text);
    INFO(text);
    CHECK(ratio.problem == "");
    CHECK(ratio.numerator == numerator);
    CHECK(ratio.denominator == denominator);
  };
  is("5%", 1, 20);
  is("0.5%", 1, 200);
  is("1/1000", 1, 1000);
  is("4/6", 2, 3);
  is("0.05", 1, 20);
  is("0%", 0, 1);
  is("100%", 1, 1);
  is("1", 1, 1);
  for (const char* bad : {"", "5", "101%", "2/1", "1/0", "1/2/3", "a%", "0.5/2", "-1%", "1/1.5"}) {
    INFO(bad);
    CHECK_FALSE(parse_ratio(bad).ok());
  }
}

TEST_CASE("ranges run forwards", "[scenario][units]") {
  const MeasureRange range = parse_duration_range("1.5s..2.5s");
  CHECK(range.ok());
  CHECK(range.low == 1'500 * sim::kMillisecond);
  CHECK(range.high == 2'500 * sim::kMillisecond);
  CHECK(parse_duration_range("2s..1s").problem == "the range \"2s..1s\" runs backwards");
  CHECK_FALSE(parse_duration_range("2s").ok());
  CHECK_FALSE(parse_duration_range("1..2s").ok());
  CHECK_FALSE(parse_duration_range("1s..").ok());
}

TEST_CASE("what format_duration writes is read back", "[scenario][units][property]") {
  CHECK(rc::check("duration round trip", [] {
    const auto value = *rc::gen::inRange<std::int64_t>(0, kLongestDuration);
    const auto coarse = *rc::gen::element<std::int64_t>(1, sim::kMicrosecond, sim::kMillisecond,
                                                        sim::kSecond, sim::kMinute);
    const std::int64_t rounded = value / coarse * coarse;
    RC_ASSERT(parse_duration(sim::format_duration(rounded)).value == rounded);
  }));
}

TEST_CASE("no text makes the unit parsers throw or overflow", "[scenario][units][property]") {
  CHECK(rc::check("any text", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("0123456789.-+/% eEsmhdnuBKMGTib\xff\x01")));
    RC_ASSERT(parse_duration(text).value >= 0);
    RC_ASSERT(parse_size(text).value >= 0);
    RC_ASSERT(parse_bandwidth(text).value >= 0);
    RC_ASSERT(parse_record_rate(text).value >= 0);
    RC_ASSERT(parse_duration_range(text).low >= 0);
    const Ratio ratio = parse_ratio(text);
    RC_ASSERT(ratio.numerator >= 0 && ratio.numerator <= ratio.denominator);
    parse_whole_number(text);
    parse_percent(text);
  }));
}

TEST_CASE("edit distance counts swaps as one", "[scenario][spelling]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("leadr", "leader") == 1);
  CHECK(edit_distance("borker", "broker") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(nearest("replicationFactor", {"partitions", "replication.factor"}) == "replication.factor");
  CHECK(nearest("zzzzzz", {"partitions", "name"}) == "");
  CHECK(suggestion("nam", {"partitions", "name"}) == "did you mean \"name\"?");
}

TEST_CASE("quotes are fit for a terminal", "[scenario][spelling]") {
  CHECK(in_quotes("a\x1b[31m") == "\"a\\x1b[31m\"");
  CHECK(in_quotes("caf\xc3\xa9") == "\"caf\xc3\xa9\"");
  CHECK(in_quotes("\xff\xc3") == "\"\\xff\\xc3\"");
  CHECK(in_quotes(std::string(500, 'x')).size() < 130);
}
