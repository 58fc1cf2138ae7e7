// Processes, timers and disks of the engine; causes, digest and copies.
#include "tests/unit/engine_rig.hpp"

using namespace isrlab::test;

TEST_CASE("a timer fires once, at the latest time it was set to", "[engine]") {
  EngineRig rig;
  rig.timer(0, 0, 10 * kMillisecond, 1);
  rig.timer(0, 0, 30 * kMillisecond, 2);  // later: re-armed when the first entry comes up
  rig.timer(0, 1, 30 * kMillisecond, 3);
  rig.timer(0, 1, 20 * kMillisecond, 4);  // earlier
  rig.timer(0, 2, 5 * kMillisecond, 5);
  rig.act(0, [](Effects& e) { e.cancel_timer(2); });
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"20ms p0 timer 4", "30ms p0 timer 2"});
}

TEST_CASE("a timer that is cancelled and set again fires at its new time only", "[engine]") {
  EngineRig rig;
  rig.timer(0, 0, 10 * kMillisecond, 1);
  rig.act(0, [](Effects& e) { e.cancel_timer(0); });
  rig.run_until(20 * kMillisecond);
  CHECK(rig.log.empty());
  rig.timer(0, 0, 40 * kMillisecond, 2);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"40ms p0 timer 2"});
}

TEST_CASE("events of one time come in the order in which they were made", "[engine]") {
  EngineRig rig;
  for (std::uint32_t i = 0; i < 5; ++i) rig.timer(i % 3, i, 10 * kMillisecond, i);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"10ms p0 timer 0", "10ms p1 timer 1", "10ms p2 timer 2", "10ms p0 timer 3",
                       "10ms p1 timer 4"});
}

TEST_CASE("a paused process handles everything on its return, in order of arrival", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.engine.pause(1);
  rig.send(0, id, 1);
  rig.timer(1, 0, 5 * kMillisecond, 8);
  rig.connect(2, 1);  // its kernel accepts
  rig.run_until(10 * kMillisecond);
  CHECK(rig.log == Log{"4ms p2 connected"});
  rig.send(0, id, 2);
  rig.log.clear();
  rig.run_until(50 * kMillisecond);
  CHECK(rig.engine.process(1).paused);
  rig.engine.resume(1);
  rig.run_until(60 * kMillisecond);
  REQUIRE(rig.log.size() == 4);
  CHECK(rig.log[0].ends_with("p1 message 1"));
  CHECK(rig.log[1].ends_with("p1 accepted"));
  CHECK(rig.log[2].ends_with("p1 timer 8"));
  CHECK(rig.log[3].ends_with("p1 message 2"));
}

TEST_CASE("a killed process says nothing more, its peers learn it in the order of the stream",
          "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.send(1, id, 1);
  rig.timer(1, 0, 50 * kMillisecond, 8);
  rig.send(0, id, 2);
  rig.engine.kill(1);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"3ms p0 message 1", "3ms p0 closed"});
  CHECK(rig.lost == std::vector<std::uint32_t>{2});
  CHECK_FALSE(rig.engine.process(1).alive);
  rig.log.clear();
  rig.engine.schedule_start(1, kSecond + kMillisecond);
  rig.run_until(2 * kSecond);
  CHECK(rig.log == Log{"1.001s p1 start"});
  CHECK(rig.engine.process(1).incarnation == 2);
}

TEST_CASE("a disk writes one thing after the other; fsync costs its latency", "[engine]") {
  EngineRig rig;  // 100 MB/s: 1 MB in 10 ms; fsync 2 ms
  rig.act(0, [](Effects& e) {
    e.write_disk(1, 1'000'000, true);
    e.write_disk(2, 500'000, false);
  });
  rig.act(1, [](Effects& e) { e.write_disk(3, 0, true); });
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"2ms p1 disk 3", "12ms p0 disk 1", "17ms p0 disk 2"});
}

TEST_CASE("an answer of the disk does not reach the next incarnation", "[engine]") {
  EngineRig rig;
  rig.act(0, [](Effects& e) { e.write_disk(1, 1'000'000, true); });
  rig.engine.kill(0);
  rig.engine.schedule_start(0, 5 * kMillisecond);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"5ms p0 start"});
}

namespace {
HistoryEvent event_of(std::uint16_t kind) {
  HistoryEvent event;
  event.kind = kind;
  return event;
}
}  // namespace

TEST_CASE("causes travel with messages and timers", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  std::uint32_t first = 0;
  rig.act(0, [&](Effects& e) {
    first = e.record(event_of(1), true);
    e.send(id, {1, 5}, 10);
    const std::uint32_t second = e.record(event_of(2), true);
    CHECK(second == first + 1);
    e.set_timer(0, 50 * kMillisecond, 7);
    e.because(first);
    e.set_timer(1, 60 * kMillisecond, 7);
  });
  CHECK(rig.engine.history()[first].cause == 0);
  CHECK(rig.engine.history()[first + 1].cause == 0);  // both by what the handler was called for
  rig.run_until(10 * kMillisecond);
  CHECK(rig.engine.cause() == first);  // of the message
  rig.run_until(50 * kMillisecond);
  CHECK(rig.engine.cause() == first + 1);
  rig.run_until(60 * kMillisecond);
  CHECK(rig.engine.cause() == first);
}

TEST_CASE("what keeps whom silent, and for how long", "[engine]") {
  EngineRig rig;
  const std::uint32_t fault = rig.engine.record(event_of(3));
  rig.engine.kill(1);
  const Disturbances& disturbances = rig.engine.history().disturbances();
  CHECK(disturbances.of_process(1, 0) == fault);
  CHECK(disturbances.of_process(2, 0) == 0);
  const std::uint32_t cut = rig.engine.record(event_of(4));
  rig.engine.block(0, 2);
  CHECK(disturbances.of_link(2, 0, 0) == cut);
  CHECK(disturbances.of_link(1, 0, 0) == 0);
  CHECK(disturbances.of_host(0, 0) == cut);
  rig.engine.schedule_start(1, 10 * kMillisecond);
  rig.run_until(20 * kMillisecond);
  rig.engine.unblock(0, 2);
  CHECK(disturbances.of_process(1, 5 * kMillisecond) == fault);
  CHECK(disturbances.of_process(1, 11 * kMillisecond) == 0);  // it was up all that time
  CHECK(disturbances.of_link(0, 2, 20 * kMillisecond) == cut);
  CHECK(disturbances.of_link(0, 2, 21 * kMillisecond) == 0);
}

TEST_CASE("the digest depends on every field of an event", "[engine]") {
  const auto digest = [](auto change) {
    History history;
    HistoryEvent event;
    change(event);
    history.keep(event);
    return history.digest();
  };
  const std::vector<std::uint64_t> digests = {
      digest([](HistoryEvent&) {}),
      digest([](HistoryEvent& e) { e.time = 1; }),
      digest([](HistoryEvent& e) { e.cause = 1; }),
      digest([](HistoryEvent& e) { e.kind = 1; }),
      digest([](HistoryEvent& e) { e.actor = 1; }),
      digest([](HistoryEvent& e) { e.subject = 1; }),
      digest([](HistoryEvent& e) { e.a = 1; }),
      digest([](HistoryEvent& e) { e.b = 1; }),
      digest([](HistoryEvent& e) { e.c = 1; }),
  };
  for (std::size_t i = 0; i < digests.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK(digests[i] != digests[k]);
  }
}

TEST_CASE("lists are stored once, handles survive a copy", "[engine]") {
  History history;
  const std::vector<std::uint32_t> isr{1, 2, 3};
  const std::vector<std::uint32_t> shrunk{1, 3};
  const std::int64_t first = history.intern(isr);
  CHECK(history.intern(shrunk) != first);
  CHECK(history.intern(isr) == first);
  History copy = history;
  const std::vector<std::uint32_t> other{7};
  const std::int64_t in_copy = copy.intern(other);
  CHECK(copy.list(in_copy)[0] == 7);
  CHECK(std::vector<std::uint32_t>(history.list(first).begin(), history.list(first).end()) == isr);
  const std::int64_t empty = history.intern({});
  CHECK(history.list(empty).empty());
}

TEST_CASE("a copy of the engine goes on as the original does", "[engine]") {
  EngineSpec spec;
  spec.link.jitter = 3 * kMillisecond;
  EngineRig rig(spec);
  const ConnectionId id = rig.connect(0, 1);
  rig.run_until(kSecond);
  rig.engine.block(0, 1);
  for (std::uint32_t i = 0; i < 20; ++i) rig.send(0, id, i);
  rig.engine.pause(2);
  rig.timer(2, 0, 1500 * kMillisecond);
  EngineRig copy(spec);
  copy.engine = rig.engine;
  copy.effects.bind(copy.engine.connection_ids());
  rig.log.clear();
  for (EngineRig* each : {&rig, &copy}) {
    each->engine.unblock(0, 1);
    each->run_until(1200 * kMillisecond);
    each->engine.resume(2);
    each->run_until(10 * kSecond);
  }
  CHECK(rig.log.size() == 21);
  CHECK(rig.log == copy.log);
  CHECK(rig.engine.history().digest() == copy.engine.history().digest());
}
