// Connections as a JVM client meets them: order, refusal against silence, cuts, retransmission,
// bandwidth. Expected times are worked by hand from the link of 1 ms one way.
#include "tests/unit/engine_rig.hpp"

using namespace isrlab::test;

TEST_CASE("a connection takes a round trip, the server has it after half of it", "[engine]") {
  EngineRig rig;
  rig.connect(0, 1);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"1ms p1 accepted", "2ms p0 connected"});
}

TEST_CASE("a closed port and a dead process refuse, a cut link is silent", "[engine]") {
  EngineRig rig;
  rig.act(1, [](Effects& e) { e.listen(false); });
  rig.connect(0, 1);
  rig.engine.kill(2);
  rig.connect(0, 2);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"2ms p0 refused", "2ms p0 refused"});
  rig.log.clear();
  rig.engine.block(0, 1);
  rig.connect(0, 1);
  rig.run_until(10 * kMinute);
  CHECK(rig.log.empty());
}

TEST_CASE("the first packet goes out again after 1, 3, 7, 15, 31 and 63 seconds", "[engine]") {
  // tcp_syn_retries = 6: the way is free at 4 s, so the packet of 7 s gets through.
  EngineRig rig;
  rig.engine.block(0, 1);
  rig.connect(0, 1);
  rig.run_until(4 * kSecond);
  rig.engine.unblock(0, 1);
  rig.run_until(20 * kSecond);
  CHECK(rig.log == Log{"7.001s p1 accepted", "7.002s p0 connected"});
  // After the last one nothing more comes: a client without a time-out of its own waits forever.
  rig.log.clear();
  rig.engine.block(0, 2);
  rig.connect(0, 2);
  rig.run_until(20 * kSecond + 64 * kSecond);
  rig.engine.unblock(0, 2);
  rig.run_until(kMinute * 20);
  CHECK(rig.log.empty());
}

TEST_CASE("an answer that is cut off is the same as a question that is", "[engine]") {
  EngineRig rig;
  rig.engine.block(1, 0);  // one way
  rig.connect(0, 1);
  rig.run_until(2 * kSecond);
  rig.engine.unblock(1, 0);
  rig.run_until(10 * kSecond);
  CHECK(rig.log == Log{"3.001s p1 accepted", "3.002s p0 connected"});
}

TEST_CASE("messages of one connection stay in order under jitter", "[engine]") {
  EngineSpec spec;
  spec.link.jitter = 5 * kMillisecond;
  EngineRig rig(spec);
  const ConnectionId id = rig.connect(0, 1);
  rig.run_until(kSecond);
  rig.log.clear();
  for (std::uint32_t i = 0; i < 200; ++i) rig.send(0, id, i);
  rig.run_until(2 * kSecond);
  REQUIRE(rig.log.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(rig.log[i].ends_with("message " + std::to_string(i)));
  }
}

TEST_CASE("a cut holds messages until the retransmission after its end", "[engine]") {
  // Sent at 10 ms into the cut; TCP tries again 0.2, 0.6, 1.4, 3.0 s after that.
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  const Time start = rig.engine.now();
  rig.engine.block(0, 1);
  rig.send(0, id, 5);
  rig.send(0, id, 6);
  rig.run_until(start + 700 * kMillisecond);
  CHECK(rig.log.empty());
  rig.engine.unblock(0, 1);
  rig.send(0, id, 7);  // waits its turn behind the others
  rig.run_until(start + 10 * kSecond);
  // 2 ms + 1.4 s + 1 ms on the way.
  CHECK(rig.log == Log{"1.403s p1 message 5", "1.403s p1 message 6", "1.403s p1 message 7"});
}

TEST_CASE("a one-way cut lets the other direction through", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.engine.block(1, 0);
  rig.send(0, id, 1);
  rig.send(1, id, 2);
  rig.run_until(100 * kMillisecond);
  CHECK(rig.log == Log{"3ms p1 message 1"});
}

TEST_CASE("two cuts of one way: it is free when both are healed", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.engine.block(0, 1);
  rig.engine.block(0, 1);
  rig.send(0, id, 1);
  rig.run_until(kSecond);
  rig.engine.unblock(0, 1);
  rig.run_until(2 * kSecond);
  CHECK(rig.log.empty());
  rig.engine.unblock(0, 1);
  rig.run_until(10 * kSecond);
  CHECK(rig.log == Log{"3.003s p1 message 1"});  // 2 ms + 3.0 s + 1 ms
}

TEST_CASE("a sender gives up 924.6 seconds after the first lost packet", "[engine]") {
  // tcp_retries2 = 15.
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.engine.block(0, 1);
  rig.run_until(kSecond);
  rig.send(0, id, 1);
  rig.run_until(kMinute * 20);
  CHECK(rig.log == Log{"925.6s p0 closed"});
  CHECK(rig.lost == std::vector<std::uint32_t>{1});
}

TEST_CASE("a network card sends one message after the other at its bandwidth", "[engine]") {
  EngineSpec spec;
  spec.nic = 1'000'000;  // 1 MB/s: 10,000 bytes are 10 ms out of the sender and into the receiver
  EngineRig rig(spec);
  const ConnectionId id = rig.connect(0, 1);
  rig.run_until(kSecond);
  rig.log.clear();
  rig.send(0, id, 1, 10'000);
  rig.send(0, id, 2, 10'000);
  rig.run_until(2 * kSecond);
  // Packet by packet through both cards at once, and 1 ms on the way.
  CHECK(rig.log == Log{"1.011s p1 message 1", "1.021s p1 message 2"});
}

TEST_CASE("a slow link adds latency and has a bandwidth of its own", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  const std::uint32_t slow = rig.engine.degrade({50 * kMillisecond, 0, 100'000, 0});
  rig.engine.worsen(0, 1, slow);
  rig.send(0, id, 1, 1'000);  // 10 ms at 100 kB/s
  rig.send(0, id, 2, 1'000);
  rig.send(1, id, 3, 1'000);  // the way back is as before
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"3ms p0 message 3", "63ms p1 message 1", "73ms p1 message 2"});
  rig.log.clear();
  rig.engine.mend(0, 1, slow);
  const Time now = rig.engine.now();
  rig.send(0, id, 4, 1'000);
  rig.run_until(2 * kSecond);
  CHECK(rig.log == Log{format_duration(now + kMillisecond) + " p1 message 4"});
}

TEST_CASE("a close comes after what was sent before it", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connected(0, 1);
  rig.send(0, id, 1);
  rig.act(0, [&](Effects& e) { e.close(id); });
  rig.send(1, id, 9);  // crosses it: nobody reads it
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"3ms p1 message 1", "3ms p1 closed"});
  CHECK(rig.lost == std::vector<std::uint32_t>{9});
}

TEST_CASE("ids of finished connections are used again", "[engine]") {
  EngineRig rig;
  for (int round = 0; round < 50; ++round) {
    const ConnectionId id = rig.connect(0, 1);
    CHECK(id < 2);
    rig.run_until(rig.engine.now() + 10 * kMillisecond);
    rig.act(0, [&](Effects& e) { e.close(id); });
    rig.run_until(rig.engine.now() + 10 * kMillisecond);
  }
}

TEST_CASE("a process may connect to itself", "[engine]") {
  EngineRig rig;
  const ConnectionId id = rig.connect(0, 0);
  rig.run_until(kMillisecond);
  CHECK(rig.log == Log{"20us p0 accepted", "40us p0 connected"});
  rig.log.clear();
  rig.send(0, id, 1);
  rig.send(0, id | kServerEnd, 2);
  rig.run_until(kSecond);
  CHECK(rig.log == Log{"1.02ms p0 message 1", "1.02ms p0 message 2"});
}

TEST_CASE("routes: racks, the core between them, links of their own", "[engine]") {
  NetworkSpec spec;
  spec.within_rack = {500 * kMicrosecond, 100 * kMicrosecond, 0};
  spec.between_racks = {2 * kMillisecond, 300 * kMicrosecond, 1'000'000};
  for (const char* rack : {"a", "a", "b", "c"}) spec.hosts.push_back({"", rack, 0, 0, 0});
  spec.overrides.push_back({{0}, {3}, {9 * kMillisecond, 0, 0}});
  const Topology topology(spec);
  CHECK(topology.path(0, 0).latency == 20 * kMicrosecond);
  CHECK(topology.path(0, 1).latency == 500 * kMicrosecond);
  CHECK(topology.path(0, 1).jitter == 100 * kMicrosecond);
  CHECK(topology.path(0, 1).shared_link == kNone);
  CHECK(topology.path(1, 2).latency == 2 * kMillisecond);
  CHECK(topology.path(1, 2).jitter == 300 * kMicrosecond);
  // All pairs of two racks share the way between them, each direction on its own.
  CHECK(topology.path(0, 2).shared_link == topology.path(1, 2).shared_link);
  CHECK(topology.path(2, 1).shared_link != topology.path(1, 2).shared_link);
  CHECK(topology.path(0, 3).latency == 9 * kMillisecond);
  CHECK(topology.path(3, 0).latency == 9 * kMillisecond);
  CHECK(topology.path(1, 3).latency == 2 * kMillisecond);
}
