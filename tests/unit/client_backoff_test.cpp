// Vectors 46 to 49 and 52 to 54 of reference/clients-and-groups.md section 10.3.
#include <algorithm>

#include "model/client/backoff.hpp"
#include "model/client/heartbeat.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::model;
using isrlab::sim::Duration;
using isrlab::sim::kMillisecond;
using isrlab::sim::kSecond;
using isrlab::sim::Random;

TEST_CASE("vector 46: testExponentialBackoffWithoutJitter", "[client][backoff]") {
  const ExponentialBackoff backoff{100 * kMillisecond, 400 * kMillisecond};
  const Duration expected[] = {100, 200, 400, 400};
  for (int attempt = 0; attempt < 4; ++attempt) {
    CHECK(backoff.term(attempt) == expected[attempt] * kMillisecond);
  }
}

TEST_CASE("vector 47: testExponentialBackoff", "[client][backoff]") {
  const ExponentialBackoff backoff{100 * kMillisecond, 2000 * kMillisecond};
  Random random(1, "test");
  for (int attempt = 0; attempt <= 10; ++attempt) {
    const Duration base = std::min<Duration>((100LL << attempt), 2000) * kMillisecond;
    for (int draw = 0; draw < 200; ++draw) {
      const Duration value = backoff.draw(attempt, random);
      REQUIRE(value >= base * 8 / 10);
      REQUIRE(value <= std::min<Duration>(base * 12 / 10, 2000 * kMillisecond));
      REQUIRE(value % kMillisecond == 0);
    }
  }
}

TEST_CASE("1.6: no jitter if the maximum is not above the initial value", "[client][backoff]") {
  Random random(1, "test");
  Random same = random;
  CHECK(ExponentialBackoff{100 * kMillisecond, 100 * kMillisecond}.draw(5, random) ==
        100 * kMillisecond);
  CHECK(ExponentialBackoff{100 * kMillisecond, 50 * kMillisecond}.draw(0, random) ==
        50 * kMillisecond);
  CHECK(random.next() == same.next());
}

TEST_CASE("vectors 48, 49: reconnect and setup timeout terms", "[client][backoff]") {
  const ExponentialBackoff reconnect{10 * kSecond, 60 * kSecond};
  const Duration reconnects[] = {10, 20, 40, 60, 60, 60, 60, 60, 60, 60};
  for (int i = 0; i < 10; ++i) CHECK(reconnect.term(i) == reconnects[i] * kSecond);
  const ExponentialBackoff setup{10 * kSecond, 127 * kSecond};
  const Duration setups[] = {10, 20, 40, 80, 127, 127};
  for (int i = 0; i < 6; ++i) CHECK(setup.term(i) == setups[i] * kSecond);
}

TEST_CASE("vectors 52 to 54: HeartbeatTest", "[client][heartbeat]") {
  const auto at = [](std::int64_t milliseconds) { return milliseconds * kMillisecond; };
  // One object for each of Kafka's tests: its timers never run back.
  const Heartbeat fresh(at(300), at(100), at(900), {at(100), at(1000)});
  Heartbeat beats = fresh;
  beats.restart(0);
  beats.sent(0);
  CHECK_FALSE(beats.due(at(50)));
  CHECK(beats.due(at(110)));
  Heartbeat session = fresh;
  session.restart(0);
  session.reset_session(0);
  CHECK(session.session_expired(at(305)));
  Heartbeat polls = fresh;
  polls.restart(0);
  polls.polled(0);
  CHECK_FALSE(polls.poll_expired(at(450)));
  CHECK(polls.poll_expired(at(901)));
  polls.reset_session(at(901));
  CHECK_FALSE(polls.session_expired(at(901)));
  CHECK(polls.poll_expired(at(901)));
}
