#include "tests/support/catch.hpp"
#include "viz/core/script.hpp"

using namespace isrlab;
using namespace isrlab::viz;

namespace {

template <typename Action>
Action only(const char* line) {
  CAPTURE(line);
  const Script script = parse_script(line, "t.viz");
  for (const std::string& error : script.errors) UNSCOPED_INFO(error);
  REQUIRE(script.ok());
  REQUIRE(script.steps.size() == 1);
  const Action* action = std::get_if<Action>(&script.steps[0].action);
  REQUIRE(action != nullptr);
  return *action;
}

}  // namespace

TEST_CASE("every command of a viewer script is read", "[viz]") {
  CHECK(only<step::Seek>("seek 14.8s").to == 14'800 * sim::kMillisecond);
  only<step::Play>("  play  # and on");
  only<step::Pause>("pause");
  CHECK(only<step::Step>("step").events == 1);
  CHECK(only<step::Step>("step 12").events == 12);
  CHECK(only<step::Speed>("speed 0.1").factor == 0.1);
  CHECK(only<step::Speed>("speed 1000x").factor == 1000);
  CHECK(only<step::Click>("click map/broker:4").id == "map/broker:4");
  CHECK(only<step::Click>("click map/x#1 double").how == step::Click::How::twice);
  CHECK(only<step::Click>("click \"a b\" right").id == "a b");
  CHECK(only<step::Drag>("drag a to b").to == "b");
  CHECK(only<step::Press>("key Ctrl+K").chord == Chord{key_of('k'), mod_control});
  CHECK(only<step::Type>("type \"orders-0\"").text == "orders-0");
  CHECK(only<step::Command>("command fault.kill").id == "fault.kill");
  CHECK(only<step::Shot>("shot docs/failover-1.png").file == "docs/failover-1.png");
  CHECK(only<step::Wait>("wait 3 frames").frames == 3);
  CHECK(only<step::Wait>("wait 1 frame").frames == 1);
  CHECK(only<step::Say>("say \"a # is no comment \\\"here\\\"\"").text ==
        "a # is no comment \"here\"");
  CHECK(only<step::RunUntil>("run until 1m30s").to == 90 * sim::kSecond);
  const auto until =
      only<step::RunUntilCondition>("run until \"leader of orders-4 changed\" within 15s");
  CHECK(until.condition == "leader of orders-4 changed");
  CHECK(until.within == 15 * sim::kSecond);
  CHECK_FALSE(only<step::RunUntilCondition>("run until \"x\"").within.has_value());
}

TEST_CASE("expectations have two sides and a sign", "[viz]") {
  const auto plain = only<step::Expect>("expect partition(orders-4).leader == broker-5");
  CHECK(plain.left.text == "partition(orders-4).leader");
  CHECK(plain.compare == step::Compare::equal);
  CHECK(plain.right.text == "broker-5");
  CHECK_FALSE(plain.right.quoted);
  const auto quoted = only<step::Expect>("expect ui.label(badge/urp) != \"URP == 12\"");
  CHECK(quoted.compare == step::Compare::not_equal);
  CHECK(quoted.right.text == "URP == 12");
  CHECK(quoted.right.quoted);
  CHECK(only<step::Expect>("expect a < 1").compare == step::Compare::less);
  CHECK(only<step::Expect>("expect a > 1").compare == step::Compare::greater);
  CHECK(only<step::Expect>("expect a <= 1").compare == step::Compare::less_equal);
  CHECK(only<step::Expect>("expect a >= 1").compare == step::Compare::greater_equal);
}

TEST_CASE("lines are counted, comments and empty lines skipped", "[viz]") {
  const Script script = parse_script("# a lesson\n\n  seek 1s  # start\r\nplay", "lesson.viz");
  REQUIRE(script.ok());
  REQUIRE(script.steps.size() == 2);
  CHECK(script.steps[0].line == 3);
  CHECK(script.steps[0].source == "seek 1s");
  CHECK(script.steps[1].line == 4);
}

TEST_CASE("a bad line says where, what, and what to do", "[viz]") {
  struct Bad {
    const char* line;
    const char* error;
  };
  const Bad bad[] = {
      {"sekk 1s", "t.viz:1: there is no command \"sekk\", did you mean \"seek\"?"},
      {"launch", "t.viz:1: there is no command \"launch\", write one of seek, play,"},
      {"seek", "t.viz:1: seek needs more, write for example: seek 14.8s"},
      {"seek 14.8", "t.viz:1: \"14.8\" is not a time, write a number with a unit"},
      {"seek 14.8s now", "t.viz:1: \"now\" is too much for seek"},
      {"play 3", "is too much for play"},
      {"step 0", "\"0\" is not a number of events"},
      {"step -3", "\"-3\" is not a number of events"},
      {"speed 5000", "\"5000\" is not a speed, write a number from 0.0001 to 1000"},
      {"speed fast", "is not a speed"},
      {"click a b", "\"b\" is no way to click"},
      {"drag a b c", "drag needs the word \"to\" between two ids"},
      {"key Ctl+K", "there is no key \"Ctl+K\""},
      {"expect a", "expect needs one of == != < > <= >= with spaces round it"},
      {"expect a==b", "with spaces round it"},
      {"expect == b", "one side of \"==\" is empty"},
      {"expect a ==", "one side of \"==\" is empty"},
      {"expect a == URP 12", "more than one word on the right of \"==\", put it in quotes"},
      {"expect a b == c", "more than one word on the left"},
      {"shot a.jpg", "pictures are PNG, write for example: shot a.jpg.png"},
      {"wait 3 seconds", "wait counts frames, not \"seconds\""},
      {"say hello", "what is said must be in quotes"},
      {"say \"hello", "the quoted text does not end, close it with \""},
      {"say \"a\"b", "put a space between them"},
      {"run 3s 4s", "run needs the word \"until\""},
      {"run until \"x\" for 3s", "run until \"leader of orders-4 changed\" within 15s"},
      {"run until soon", "\"soon\" is not a time"},
  };
  for (const Bad& one : bad) {
    CAPTURE(one.line);
    const Script script = parse_script(one.line, "t.viz");
    REQUIRE(script.errors.size() == 1);
    CHECK_THAT(script.errors.front(), Catch::Contains(one.error));
    CHECK(script.steps.empty());
  }
}

TEST_CASE("all errors are reported at once", "[viz]") {
  const Script script = parse_script("seek\nplay\nfoo\n", "t.viz");
  REQUIRE(script.errors.size() == 2);
  CHECK_THAT(script.errors[0], Catch::StartsWith("t.viz:1: "));
  CHECK_THAT(script.errors[1], Catch::StartsWith("t.viz:3: "));
  CHECK_THAT(load_script("/does/not/exist.viz").errors.at(0), Catch::Contains("cannot be read"));
}

TEST_CASE("durations are exact", "[viz]") {
  CHECK(parse_duration("0") == 0);
  CHECK(parse_duration("250ms") == 250 * sim::kMillisecond);
  CHECK(parse_duration("1.5s") == 1'500 * sim::kMillisecond);
  CHECK(parse_duration("0.000000001s") == 1);
  CHECK(parse_duration("1h2m3s4ms5us6ns") == 3'723'004'005'006);
  CHECK(parse_duration("2min") == 2 * sim::kMinute);
  CHECK(parse_duration("9223372036854775807ns") == sim::kNever);
  for (const char* bad :
       {"", "1", "s", "1.2.3s", "-1s", "1 s", "0.5ns", "1parsec", "9223372036854775808ns",
        "99999999999999999999s", "300000000h", "1s2", "."}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad).has_value());
  }
}

TEST_CASE("the parser takes any bytes", "[viz]") {
  // A small generator of its own: the point is only that nothing throws or hangs.
  std::uint32_t state = 1;
  const std::string alphabet = "seekxpcti \"\\#=<>!0.1sm\n\t\r+\xC3\x00";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      state = state * 1664525U + 1013904223U;
      text += alphabet[(state >> 16U) % alphabet.size()];
    }
    const Script script = parse_script(text, "fuzz");
    CHECK(script.steps.size() + script.errors.size() <= 41);
  }
}
