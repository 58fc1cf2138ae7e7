// Hosts that go down, resets, held messages, lost segments and slow disks in a bare engine.
#include "tests/unit/engine_rig.hpp"

namespace isrlab::test {

TEST_CASE("a host that goes down is silent; when it is back it resets", "[engine]") {
  EngineRig rig;
  const ConnectionId connection = rig.connected(0, 1);
  rig.run_until(10 * kMillisecond);
  rig.engine.block(0, 1);
  rig.engine.block(1, 0);
  rig.engine.crash(1);
  rig.run_until(20 * kMillisecond);
  CHECK(rig.log.empty());  // a killed process would have closed by 11 ms
  rig.send(0, connection, 5);
  rig.engine.unblock(0, 1);
  rig.engine.unblock(1, 0);
  // Sent at 20 ms, again 200 ms later, 1 ms there and 1 ms back.
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"222ms p0 closed"});
  CHECK(rig.lost == std::vector<std::uint32_t>{5});
}

TEST_CASE("a reset tells both ends at once; what is under way is lost", "[engine]") {
  EngineRig rig;
  const ConnectionId one = rig.connected(0, 1);
  const ConnectionId other = rig.connected(0, 2);
  rig.run_until(10 * kMillisecond);
  rig.send(0, one, 5);
  rig.send(0, other, 6);
  rig.engine.reset(0, 1);
  rig.run_until(20 * kMillisecond);
  CHECK(rig.log == Log{"10ms p1 closed", "10ms p0 closed", "11ms p2 message 6"});
  CHECK(rig.lost == std::vector<std::uint32_t>{5});
}

TEST_CASE("a held message keeps what follows on its connection, and nothing else", "[engine]") {
  EngineRig rig;
  const ConnectionId one = rig.connected(0, 1);
  const ConnectionId other = rig.connected(0, 2);
  rig.run_until(10 * kMillisecond);
  HoldRule rule;
  rule.type = 2;
  rule.from = {1, 0, 0};
  rule.to = {0, 1, 1};
  const std::uint32_t hold = rig.engine.hold_back(rule);
  rig.send(0, one, 4);  // another type, before
  rig.act(0, [&](Effects& e) { e.send(one, {2, 5}, 100); });
  rig.send(0, one, 6);  // waits behind it
  rig.send(0, other, 7);
  rig.act(1, [&](Effects& e) { e.send(one, {2, 8}, 100); });  // the other way is free
  rig.run_until(50 * kMillisecond);
  CHECK(rig.log == Log{"11ms p1 message 4", "11ms p2 message 7", "11ms p0 message 8"});
  CHECK(rig.engine.caught(hold) == 1);
  rig.log.clear();
  rig.engine.let_go(hold);
  rig.run_until(60 * kMillisecond);
  CHECK(rig.log == Log{"51ms p1 message 5", "51ms p1 message 6"});
}

TEST_CASE("a lost segment waits for the retransmission timer, which doubles", "[engine]") {
  EngineRig rig;
  const ConnectionId connection = rig.connected(0, 1);
  rig.engine.worsen(0, 1, rig.engine.degrade({0, 0, 0, 500'000}));
  // Round trip 2 ms, so the timers are 202, 404, 808 ms ...: arrivals after 1, 203, 607, 1415 ms.
  std::vector<int> seen(4, 0);
  for (std::uint32_t i = 0; i < 400; ++i) {
    const Time sent = rig.engine.now();
    rig.send(0, connection, i);
    while (rig.log.empty()) rig.run_until(rig.engine.now() + kMillisecond);
    rig.log.clear();
    const Duration took = (rig.engine.now() - sent) / kMillisecond;
    const Duration expected[] = {1, 203, 607, 1415};
    for (std::size_t losses = 0; losses < 4; ++losses) seen[losses] += took == expected[losses];
  }
  // Half, a quarter, an eighth, a sixteenth of 400, within four standard deviations.
  CHECK(std::abs(seen[0] - 200) <= 40);
  CHECK(std::abs(seen[1] - 100) <= 35);
  CHECK(std::abs(seen[2] - 50) <= 27);
  CHECK(std::abs(seen[3] - 25) <= 20);
}

TEST_CASE("with later segments behind it a lost one costs one round trip more", "[engine]") {
  EngineRig rig;
  const ConnectionId connection = rig.connected(0, 1);
  rig.engine.worsen(0, 1, rig.engine.degrade({0, 0, 0, 10'000}));
  // 60 of about 1,000 messages of ten segments lose one of the first seven (7 %) and none of the
  // last three (97 %): they take 3 ms.
  int quick = 0;
  int once_more = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Time sent = rig.engine.now();
    rig.send(0, connection, i, 10 * kSegmentBytes);
    while (rig.log.empty()) rig.run_until(rig.engine.now() + kMillisecond);
    rig.log.clear();
    quick += rig.engine.now() - sent == kMillisecond;
    once_more += rig.engine.now() - sent == 3 * kMillisecond;
  }
  CHECK(std::abs(quick - 904) <= 40);     // 0.99^10
  CHECK(std::abs(once_more - 65) <= 32);  // 0.99^3 (1 - 0.99^7)
}

TEST_CASE("a slow disk adds its latency to each write, and may be narrower", "[engine]") {
  EngineRig rig;  // 100 MB/s, fsync 2 ms
  rig.engine.slow_disk(0, {50 * kMillisecond, 10'000'000});
  rig.act(0, [](Effects& e) { e.write_disk(1, 1'000'000, true); });
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"152ms p0 disk 1"});  // 50 + 100 + 2
  rig.log.clear();
  rig.engine.mend_disk(0, {50 * kMillisecond, 10'000'000});
  rig.act(0, [](Effects& e) { e.write_disk(2, 1'000'000, true); });
  rig.run_until(2 * kSecond);
  CHECK(rig.log == Log{"1.012s p0 disk 2"});
}

}  // namespace isrlab::test
