// Sessions: negotiation, expiry buckets, and how long a silent death goes unnoticed (F1).
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

TEST_CASE("SessionTest.testSessionTimeoutAccess and testMinMaxSessionTimeout") {
  constexpr Duration kTick = 3 * kSecond;
  CHECK(zk_negotiate(4 * kTick, kTick, -1, -1) == 4 * kTick);
  CHECK(zk_negotiate(kTick, kTick, -1, -1) == 2 * kTick);
  CHECK(zk_negotiate(30 * kTick, kTick, -1, -1) == 20 * kTick);
  const auto limited = [](Duration asked) {
    return zk_negotiate(asked * kMillisecond, kTick, 20 * kSecond, 240 * kSecond) / kMillisecond;
  };
  CHECK(limited(120'000) == 120'000);
  CHECK(limited(10'000) == 20'000);
  CHECK(limited(480'000) == 240'000);
}

TEST_CASE("expiry buckets of the reference's table, strictly up") {
  struct Row {
    Duration tick, timeout, touch, expires;
  };
  const Row rows[] = {{2000, 18000, 0, 20000},    {2000, 18000, 1999, 20000},
                      {2000, 18000, 2000, 22000}, {3000, 18000, 0, 21000},
                      {3000, 18000, 2999, 21000}, {3000, 6000, 3000, 12000}};
  for (const Row& row : rows) {
    ZkSessions sessions(row.tick * kMillisecond, 0);
    CHECK(sessions.bucket(row.touch * kMillisecond, row.timeout * kMillisecond) ==
          row.expires * kMillisecond);
  }
  ZkSessions shifted(2 * kSecond, 500 * kMillisecond);  // its clock is half a second ahead
  CHECK(shifted.bucket(0, 18 * kSecond) == 19'500 * kMillisecond);
}

TEST_CASE("SessionTrackerTest.testAddSessionAfterSessionExpiry: a closing session is deaf") {
  ZkSessions sessions(3 * kSecond, 0);
  sessions.track(1, 3 * kSecond, 0);
  CHECK(sessions.next_bucket() == 6 * kSecond);
  CHECK(sessions.next_expired(6 * kSecond - 1) == nullptr);
  REQUIRE(sessions.next_expired(6 * kSecond) != nullptr);
  sessions.set_closing(1);
  CHECK_FALSE(sessions.touch(1, 6 * kSecond));
  CHECK(sessions.check(1, 1) == ZkCode::kSessionExpired);
  CHECK(sessions.next_expired(60 * kSecond) == nullptr);  // exactly one closeSession
  CHECK(sessions.next_bucket() == sim::kNever);
  sessions.remove(1);
  CHECK(sessions.find(1) == nullptr);
}

TEST_CASE("the first server to speak for a session owns it, another one is refused") {
  ZkSessions sessions(3 * kSecond, 0);
  sessions.track(1, 3 * kSecond, 0);
  CHECK(sessions.check(1, 2) == ZkCode::kOk);
  CHECK(sessions.check(1, 3) == ZkCode::kSessionMoved);
  sessions.set_owner(1, 3);
  CHECK(sessions.check(1, 3) == ZkCode::kOk);
}

struct Detection {
  Duration fastest = sim::kNever;
  Duration slowest = 0;
};

/// Kills the owner of an idle session with its host, at many phases of ticks and pings.
Detection measure(int servers, Duration tick, Duration timeout, bool attach_to_leader, int runs) {
  Detection detection;
  for (int run = 0; run < runs; ++run) {
    ZkHarness::Options options;
    options.servers = servers;
    options.seed = static_cast<std::uint64_t>(run) + 1;
    options.tick = tick;
    options.session_timeout = timeout;
    ZkHarness h(options);
    h.start_servers();
    h.run_for(5 * kSecond);
    h.open(0);
    REQUIRE(h.await_connected(0));
    if (servers > 1 && (h.server_of(0) == h.leader()) != attach_to_leader) continue;
    h.run_for(20 * kSecond + run * 137 * kMillisecond);
    REQUIRE(h.clients[0].client.connected());
    const Time killed = h.now();
    h.kill(h.client_process(0), true);
    REQUIRE(h.run_while_not([&] { return !h.of_kind(HistoryKind::kZkSessionExpired).empty(); },
                            60 * kSecond));
    const sim::HistoryEvent expired = h.of_kind(HistoryKind::kZkSessionExpired).front();
    CHECK(expired.subject == h.client_process(0));
    CHECK(expired.b <= killed + tick / 2 + 2 * ZkHarness::kLatency);
    detection.fastest = std::min(detection.fastest, expired.time - killed);
    detection.slowest = std::max(detection.slowest, expired.time - killed);
  }
  return detection;
}

TEST_CASE("F1: detection of a silent death, one server") {
  // An idle client pings every third of its time-out; the log write and the tick come on top.
  const Detection d = measure(1, 3 * kSecond, 18 * kSecond, true, 150);
  CHECK(d.fastest > 12 * kSecond);
  CHECK(d.fastest < 14 * kSecond);
  CHECK(d.slowest <= 21 * kSecond + 10 * kMillisecond);
  CHECK(d.slowest > 19 * kSecond);
}

TEST_CASE("F1: detection with three servers, attached to the leader and to a follower") {
  const Detection leader = measure(3, 2 * kSecond, 6 * kSecond, true, 250);
  CHECK(leader.fastest > 4 * kSecond);
  CHECK(leader.slowest <= 8 * kSecond + 10 * kMillisecond);
  // A follower hands touches on with its answer to the half-tick ping: up to tick/2 later.
  const Detection follower = measure(3, 2 * kSecond, 6 * kSecond, false, 150);
  CHECK(follower.fastest > 4 * kSecond);
  CHECK(follower.slowest <= 9 * kSecond + 10 * kMillisecond);
  CHECK(follower.slowest > 8 * kSecond);
}

TEST_CASE("SessionTimeoutTest.testSessionDisconnect: closing a session deletes its ephemerals") {
  ZkHarness h({.servers = 3, .clients = 2});
  h.start_servers();
  h.open(0);
  h.open(1);
  REQUIRE(h.await_connected(0));
  REQUIRE(h.await_connected(1));
  h.call(0, zk(ZkOpKind::kCreateEphemeral, "/e"));
  h.run_for(10 * kMillisecond);
  CHECK(h.call(1, zk(ZkOpKind::kExists, "/e")).code == ZkCode::kOk);
  h.close(0);
  h.run_for(50 * kMillisecond);
  CHECK(h.states(0) == std::vector<std::string>{"connected", "closed"});
  CHECK(h.call(1, zk(ZkOpKind::kExists, "/e")).code == ZkCode::kNoNode);
  CHECK(h.of_kind(HistoryKind::kZkSessionClosed).size() == 1);
  CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
}

TEST_CASE("SessionTimeoutTest.testSessionRestore: a lost connection keeps session and ephemerals") {
  ZkHarness h({.servers = 3, .clients = 2, .seed = 4});
  h.start_servers();
  h.open(0);
  h.open(1);
  REQUIRE(h.await_connected(0));
  REQUIRE(h.await_connected(1));
  h.call(0, zk(ZkOpKind::kCreateEphemeral, "/e"));
  const std::int64_t session = h.clients[0].client.session_id();
  const int server = h.server_of(0);
  h.cut(h.client_process(0), static_cast<ProcessId>(server));
  h.run_for(16 * kSecond);  // the read time-out is 12 s, then another server
  REQUIRE(h.await_connected(0));
  CHECK(h.server_of(0) != server);
  CHECK(h.clients[0].client.session_id() == session);
  CHECK(h.call(1, zk(ZkOpKind::kExists, "/e")).code == ZkCode::kOk);
}

TEST_CASE("SessionTimeoutTest.testSessionSurviveServerRestart") {
  for (const int servers : {1, 3}) {
    ZkHarness h({.servers = servers, .clients = 1, .seed = 2});
    h.start_servers();
    h.open(0);
    REQUIRE(h.await_connected(0));
    h.call(0, zk(ZkOpKind::kCreateEphemeral, "/e"));
    const std::int64_t session = h.clients[0].client.session_id();
    for (int i = 0; i < servers; ++i) h.kill(static_cast<ProcessId>(i));
    h.run_for(3 * kSecond);
    CHECK_FALSE(h.clients[0].client.connected());
    h.start_servers();
    REQUIRE(h.await_connected(0));
    CHECK(h.clients[0].client.session_id() == session);
    CHECK(h.call(0, zk(ZkOpKind::kExists, "/e")).code == ZkCode::kOk);
    CHECK(h.states(0) == std::vector<std::string>{"connected", "disconnected", "connected"});
  }
}

TEST_CASE("expire_session: the owner lives, is thrown out, and learns of it on reconnecting") {
  ZkHarness h({.servers = 3, .clients = 1, .seed = 3});
  h.start_servers();
  h.open(0);
  REQUIRE(h.await_connected(0));
  h.call(0, zk(ZkOpKind::kCreateEphemeral, "/e"));
  const std::int64_t session = h.clients[0].client.session_id();
  CHECK_FALSE(h.expire((h.leader() + 1) % 3, session));
  CHECK(h.expire(h.leader(), session));
  h.run_for(5 * kSecond);
  CHECK(h.states(0) == std::vector<std::string>{"connected", "disconnected", "expired"});
  CHECK(h.of_kind(HistoryKind::kZkSessionExpired).size() == 1);
  for (const ZkServer& server : h.servers) CHECK(server.tree().find("/e") == nullptr);
  h.open(0);  // reinitialize
  REQUIRE(h.await_connected(0));
  CHECK(h.clients[0].client.session_id() != session);
}

}  // namespace
}  // namespace isrlab::test
