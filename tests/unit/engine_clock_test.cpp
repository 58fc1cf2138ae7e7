// Clocks of hosts: conversions, timers on a clock that is off, and what leaves them alone.
#include "sim/clock.hpp"

#include <rapidcheck.h>

#include "tests/unit/engine_rig.hpp"

namespace isrlab::test {

using Log = std::vector<std::string>;

TEST_CASE("a clock that nobody touched shows the time of the run", "[engine][clock]") {
  const HostClock clock;
  CHECK(clock.monotonic(12'345) == 12'345);
  CHECK(clock.due(12'345) == 12'345);
  CHECK(clock.run_time(12'345) == 12'345);
  EngineRig rig;
  CHECK(rig.engine.clock(0) == nullptr);
  CHECK(rig.engine.reading(0).monotonic == rig.engine.now());
}

TEST_CASE("a drifting clock gains and loses its millionths", "[engine][clock]") {
  HostClock clock;
  clock.add_rate(10 * kSecond, 100);
  // 100 ppm of 60 s are 6 ms.
  CHECK(clock.monotonic(70 * kSecond) == 70 * kSecond + 6 * kMillisecond);
  // It shows 70 s after 60 s / 1.0001 = 59.994000599940005999... s, rounded up.
  CHECK(clock.due(70 * kSecond) == 10 * kSecond + 59'994'000'600);
  clock.add_rate(70 * kSecond, -300);  // 200 ppm too slow from then on
  CHECK(clock.monotonic(80 * kSecond) ==
        70 * kSecond + 6 * kMillisecond + 10 * kSecond - 2 * kMillisecond);
  // Readings of the past are looked up on the rates of the past.
  CHECK(clock.run_time(5 * kSecond) == 5 * kSecond);
  CHECK(clock.run_time(70 * kSecond) == 10 * kSecond + 59'994'000'600);
  CHECK(clock.run_time(80 * kSecond + 4 * kMillisecond) == 80 * kSecond);
  CHECK(clock.slowest_ppm() == -200);
}

TEST_CASE("the wall face is stepped, the monotonic one is not", "[engine][clock]") {
  HostClock clock;
  const Duration lead = clock.wall_lead();
  CHECK(clock.step_wall(kSecond, -40 * kSecond) == -40 * kSecond);
  CHECK(clock.wall_lead() == lead - 40 * kSecond);
  CHECK(clock.monotonic(2 * kSecond) == 2 * kSecond);
  // No clock is set to before 1970.
  const Duration far = 100 * 365 * 24 * 60 * kMinute;
  CHECK(clock.step_wall(2 * kSecond, -far) > -far);
  CHECK(clock.monotonic(2 * kSecond) + clock.wall_lead() == 0);
}

TEST_CASE("a deadline is never early on its own clock, nor later than need be",
          "[engine][clock][property]") {
  CHECK(rc::check("due() is the first instant at which the clock shows the deadline", [] {
    HostClock clock;
    Time run = 0;
    const int changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes; ++i) {
      run += *rc::gen::inRange<Time>(0, 1'000'000'000'000);
      const Time before = clock.monotonic(run);
      clock.add_rate(run, *rc::gen::inRange<std::int64_t>(-150'000, 150'001));
      RC_ASSERT(clock.monotonic(run) == before);  // a change of rate is no step
    }
    const Time deadline = clock.monotonic(run) + *rc::gen::inRange<Time>(0, 10'000'000'000'000);
    const Time due = clock.due(deadline);
    RC_ASSERT(clock.monotonic(due) >= deadline);
    if (due > run) RC_ASSERT(clock.monotonic(due - 1) < deadline);
    // Back: the first instant that shows what an instant shows is not after it.
    const Time later = run + *rc::gen::inRange<Time>(0, 10'000'000'000'000);
    RC_ASSERT(clock.due(clock.monotonic(later)) <= later);
  }));
}

TEST_CASE("timers of a host go by its clock", "[engine][clock]") {
  EngineRig rig;
  rig.engine.drift(0, 100'000);   // a tenth too fast
  rig.engine.drift(1, -100'000);  // a tenth too slow
  for (ProcessId p = 0; p < 3; ++p) {
    rig.timer(p, 0, 11 * kSecond, 7);
  }
  rig.run_until(20 * kSecond);
  // 11 / 1.1 = 10 s, 11 s, and 11 / 0.9 = 12.2222... s.
  CHECK(rig.log == Log{"10s p0 timer 7", "11s p2 timer 7", "12.222222223s p1 timer 7"});
}

TEST_CASE("a change of rate moves the timers that are set", "[engine][clock]") {
  EngineRig rig;
  rig.timer(0, 0, 10 * kSecond, 1);
  rig.timer(1, 0, 10 * kSecond, 2);
  rig.run_until(5 * kSecond);
  rig.engine.drift(0, 100'000);   // 5 s left: 4.5454... s
  rig.engine.drift(1, -100'000);  // 5.5555... s
  rig.run_until(6 * kSecond);
  rig.engine.drift(0, -100'000);  // it shows 6.1 s: 3.9 s left at the right rate
  rig.run_until(20 * kSecond);
  CHECK(rig.log == Log{"9.9s p0 timer 1", "10.555555556s p1 timer 2"});
}

TEST_CASE("a step of the wall clock moves no timer", "[engine][clock]") {
  EngineRig rig;
  rig.timer(0, 0, 10 * kSecond, 1);
  CHECK(rig.engine.step_wall_clock(0, kMinute) == kMinute);
  rig.run_until(20 * kSecond);
  CHECK(rig.log == Log{"10s p0 timer 1"});
  CHECK(rig.engine.reading(0).wall == rig.engine.reading(1).wall + kMinute);
}

TEST_CASE("slow links on one way add up, and each heals by itself", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  const std::uint32_t first = rig.engine.degrade({50 * kMillisecond, 0, 100'000, 0});
  const std::uint32_t second = rig.engine.degrade({20 * kMillisecond, 0, 400'000, 0});
  const auto takes = [&](std::uint32_t number) {
    rig.run_until(rig.engine.now() + kSecond);
    rig.log.clear();
    const Time sent = rig.engine.now();
    rig.send(0, id, number, 1'000);
    while (rig.log.empty()) rig.run_until(rig.engine.now() + kMillisecond / 2);
    return rig.engine.now() - sent;
  };
  rig.engine.worsen(0, 1, first);
  rig.engine.worsen(0, 1, second);
  CHECK(takes(1) == (1 + 50 + 20 + 10) * kMillisecond);  // 1 kB at the lower rate: 10 ms
  rig.engine.mend(0, 1, first);
  CHECK(takes(2) == (1 + 20) * kMillisecond + 5 * kMillisecond / 2);  // 1 kB at 400 kB/s
  rig.engine.worsen(0, 1, first);
  rig.engine.mend(0, 1, second);
  CHECK(takes(3) == (1 + 50 + 10) * kMillisecond);
  CHECK(rig.engine.degraded(0, 1));
  rig.engine.mend(0, 1, first);
  CHECK_FALSE(rig.engine.degraded(0, 1));
  CHECK(takes(4) == kMillisecond);
}

TEST_CASE("losses of several faults combine", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.engine.worsen(0, 1, rig.engine.degrade({0, 0, 0, 500'000}));
  rig.engine.worsen(0, 1, rig.engine.degrade({0, 0, 0, 500'000}));
  int quick = 0;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const Time sent = rig.engine.now();
    rig.send(0, id, i);
    while (rig.log.empty()) rig.run_until(rig.engine.now() + kMillisecond);
    rig.log.clear();
    quick += rig.engine.now() - sent == kMillisecond;
  }
  CHECK(std::abs(quick - 100) <= 35);  // a quarter gets through, within four standard deviations
}

TEST_CASE("two slow-downs of a disk add up, and each ends by itself", "[engine]") {
  EngineRig rig;  // 100 MB/s, fsync 2 ms
  rig.engine.slow_disk(0, {50 * kMillisecond, 10'000'000});
  rig.engine.slow_disk(0, {30 * kMillisecond, 20'000'000});
  rig.act(0, [](Effects& e) { e.write_disk(1, 1'000'000, true); });
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"182ms p0 disk 1"});  // 50 + 30 + 100 + 2
  rig.log.clear();
  rig.engine.mend_disk(0, {50 * kMillisecond, 10'000'000});
  rig.act(0, [](Effects& e) { e.write_disk(2, 1'000'000, true); });
  rig.run_until(2 * kSecond);
  CHECK(rig.log == Log{"1.082s p0 disk 2"});  // 30 + 50 + 2
}

TEST_CASE("what a clog held back arrives as soon as it ends", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  const Time from = rig.engine.now();
  rig.engine.block(0, 1);
  rig.send(0, id, 1);
  rig.send(0, id, 2);
  rig.run_until(from + 5 * kSecond);
  CHECK(rig.log.empty());
  rig.engine.unblock(0, 1, true);
  rig.run_until(from + 6 * kSecond);
  const std::string at = format_duration(from + 5 * kSecond + kMillisecond);
  CHECK(rig.log == Log{at + " p1 message 1", at + " p1 message 2"});
}

}  // namespace isrlab::test
