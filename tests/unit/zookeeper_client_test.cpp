// The client: pings, reconnects, watches across connections, Kafka's retry wrapper, FIFO.
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

using Lines = std::vector<std::string>;

ZkHarness started(ZkHarness::Options options) {
  ZkHarness h(options);
  h.start_servers();
  h.run_for(5 * kSecond);
  for (int i = 0; i < options.clients; ++i) {
    h.open(i);
    REQUIRE(h.await_connected(i));
  }
  return h;
}

TEST_CASE("an idle client pings every third of its time-out, sooner if woken after a second") {
  ZkHarness h = started({.servers = 1, .clients = 2});
  const ZkClient& client = h.clients[0].client;
  h.run_for(30 * kSecond);
  const Time first = client.last_send();
  h.run_while_not([&] { return client.last_send() != first; }, 10 * kSecond);
  CHECK(client.last_send() - first == 6 * kSecond);
  // A notification arrives 3 s later: the next ping comes at 5 s.
  h.submit(0, 1, {zk_watch(ZkOpKind::kExists, "/w")});
  h.run_for(10 * kMillisecond);
  const Time second = client.last_send();
  h.run_for(3 * kSecond);
  h.call(1, zk(ZkOpKind::kCreate, "/w"));
  h.run_while_not([&] { return client.last_send() != second; }, 10 * kSecond);
  const Duration interval = client.last_send() - second;
  CHECK(interval >= 5 * kSecond);
  CHECK(interval <= 5 * kSecond + 2 * kMillisecond);
}

TEST_CASE("with a long time-out a wake-up after 10 s of silence pings") {
  ZkHarness h = started({.servers = 1, .clients = 2, .session_timeout = 40 * kSecond});
  const ZkClient& client = h.clients[0].client;
  REQUIRE(client.negotiated_timeout() == 40 * kSecond);
  h.submit(0, 1, {zk_watch(ZkOpKind::kExists, "/w")});
  h.run_for(10 * kMillisecond);
  const Time sent = client.last_send();
  h.run_for(11 * kSecond);
  CHECK(client.last_send() == sent);
  h.call(1, zk(ZkOpKind::kCreate, "/w"));
  h.run_for(5 * kMillisecond);
  CHECK(client.last_send() - sent > 11 * kSecond);
  CHECK(client.last_send() - sent < 11 * kSecond + 20 * kMillisecond);
}

TEST_CASE("SessionTest.testSessionStateNoDupStateReporting") {
  ZkHarness h = started({.servers = 1, .clients = 1});
  h.kill(0);
  h.run_for(10 * kSecond);
  CHECK(h.states(0) == Lines{"connected", "disconnected"});
}

TEST_CASE("StaticHostProviderTest.testNextGoesRoundAndSleeps: a full round sleeps a second") {
  // One host: every attempt after the first is a round; sleep 1 s plus jitter below 1 s.
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    ZkHarness h = started({.servers = 1, .clients = 1, .seed = seed});
    h.kill(0);
    h.start(0);
    const Time restarted = h.now();
    h.run_for(10 * kMillisecond);
    REQUIRE(h.await_connected(0));
    CHECK(h.now() - restarted >= kSecond);
    CHECK(h.now() - restarted < 4 * kSecond + 10 * kMillisecond);
  }
}

TEST_CASE("QuorumTest.testSessionMoved: the old server's connection fails, the new one works") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started({.servers = 3, .clients = 1, .seed = seed});
    h.call(0, zk(ZkOpKind::kCreate, "/a"));
    const std::int64_t session = h.clients[0].client.session_id();
    const int old_server = h.server_of(0);
    // The client hears nothing from its server and goes to another one; its old connection stands.
    h.cut(h.client_process(0), static_cast<ProcessId>(old_server));
    h.run_for(11 * kSecond);
    h.submit(0, 5, {zk(ZkOpKind::kSetData, "/a", "late")});  // stuck on the old connection
    REQUIRE(h.run_while_not([&] { return h.states(0).size() >= 3; }, 20 * kSecond));
    CHECK(h.server_of(0) != old_server);
    CHECK(h.clients[0].client.session_id() == session);
    h.run_for(1 * kSecond);
    REQUIRE(h.answer(0, 5) != nullptr);
    CHECK(h.answer(0, 5)->event.replies[0].code == ZkCode::kOk);  // sent again on the new one
    h.heal();  // the stuck request arrives at the old server and is refused: SESSIONMOVED
    h.run_for(2 * kSecond);
    CHECK(h.call(0, zk(ZkOpKind::kSetData, "/a", "new", 1)).code == ZkCode::kOk);
    CHECK(h.servers[static_cast<std::size_t>(old_server)].client_count() == 0);
  }
}

TEST_CASE("a server that is behind what the client has seen sends it away") {
  ZkHarness h = started({.servers = 1, .clients = 1});
  h.call(0, zk(ZkOpKind::kCreate, "/a"));
  const ZkServer empty = ZkHarness({.servers = 1, .clients = 1}).servers[0];
  h.kill(0);
  h.servers[0] = empty;  // its disk was lost
  h.start(0);
  h.run_for(30 * kSecond);
  CHECK(h.servers[0].serving());
  // Not told that its session is unknown, but turned away: it must not read backwards.
  CHECK(h.states(0) == Lines{"connected", "disconnected"});
}

TEST_CASE("WatcherFuncTest.testExistsSync and testGetDataSync") {
  ZkHarness h = started({.servers = 3, .clients = 2});
  h.call(0, zk_watch(ZkOpKind::kExists, "/f"));
  h.call(1, zk(ZkOpKind::kCreate, "/f"));
  h.run_for(10 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kExists, "/f"));
  h.call(1, zk(ZkOpKind::kSetData, "/f", "x"));
  h.run_for(10 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kExists, "/f"));
  h.call(1, zk(ZkOpKind::kDelete, "/f"));
  h.run_for(10 * kMillisecond);
  CHECK(h.watches(0) == Lines{"NodeCreated /f", "NodeDataChanged /f", "NodeDeleted /f"});
  CHECK(h.call(0, zk_watch(ZkOpKind::kGetData, "/f")).code == ZkCode::kNoNode);
  h.call(1, zk(ZkOpKind::kCreate, "/f"));
  h.run_for(10 * kMillisecond);
  CHECK(h.watches(0).size() == 3);  // getData on an absent node leaves no watch
}

TEST_CASE("WatcherFuncTest.testGetChildrenSync") {
  ZkHarness h = started({.servers = 3, .clients = 2});
  h.call(1, zk(ZkOpKind::kCreate, "/foo"));
  h.run_for(10 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kGetChildren, "/foo"));
  h.call(1, zk(ZkOpKind::kCreate, "/foo/bar"));
  h.run_for(10 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kGetChildren, "/foo"));
  h.call(0, zk_watch(ZkOpKind::kGetChildren, "/foo/bar"));
  h.call(0, zk_watch(ZkOpKind::kExists, "/foo"));
  h.call(1, zk(ZkOpKind::kSetData, "/foo/bar", "x"));
  h.call(1, zk(ZkOpKind::kDelete, "/foo/bar"));
  h.call(1, zk(ZkOpKind::kDelete, "/foo"));
  h.run_for(10 * kMillisecond);
  CHECK(h.watches(0) == Lines{"NodeChildrenChanged /foo", "NodeDeleted /foo/bar",
                              "NodeChildrenChanged /foo", "NodeDeleted /foo"});
}

TEST_CASE("WatcherTest.testWatcherCorrectness: pipelined, in order, per node") {
  ZkHarness h = started({.servers = 3, .clients = 1});
  for (int i = 0; i < 10; ++i) h.call(0, zk(ZkOpKind::kCreate, "/n" + std::to_string(i)));
  std::vector<ZkRequest> requests;
  for (int i = 0; i < 10; ++i) {
    const std::string path = "/n" + std::to_string(i);
    requests.push_back(zk_watch(ZkOpKind::kGetData, path));
    requests.push_back(zk(ZkOpKind::kSetData, path, "x"));
    requests.push_back(zk_watch(ZkOpKind::kExists, path));
    requests.push_back(zk(ZkOpKind::kDelete, path));
  }
  h.submit(0, 1, std::move(requests));
  h.run_for(1 * kSecond);
  REQUIRE(h.answer(0, 1) != nullptr);
  Lines expected;
  for (int i = 0; i < 10; ++i) {
    expected.push_back("NodeDataChanged /n" + std::to_string(i));
    expected.push_back("NodeDeleted /n" + std::to_string(i));
  }
  CHECK(h.watches(0) == expected);
}

TEST_CASE("WatcherTest.testWatcherAutoReset: watches stand again after a server restart") {
  ZkHarness h = started({.servers = 1, .clients = 1});
  h.call(0, zk(ZkOpKind::kCreate, "/a"));
  h.call(0, zk_watch(ZkOpKind::kGetData, "/a"));
  h.call(0, zk_watch(ZkOpKind::kExists, "/a/b"));
  h.call(0, zk_watch(ZkOpKind::kGetChildren, "/a"));
  h.kill(0);
  h.start(0);
  h.run_for(10 * kMillisecond);
  REQUIRE(h.await_connected(0));
  h.run_for(100 * kMillisecond);
  CHECK(h.watches(0).empty());
  CHECK(h.servers[0].watches().size() == 3);
  h.call(0, zk(ZkOpKind::kSetData, "/a", "x"));
  h.call(0, zk(ZkOpKind::kCreate, "/a/b"));
  CHECK(h.watches(0) == Lines{"NodeDataChanged /a", "NodeCreated /a/b", "NodeChildrenChanged /a"});
}

TEST_CASE("WatchEventWhenAutoResetTest: a change made while the watcher was away is told later") {
  ZkHarness h = started({.servers = 3, .clients = 2, .seed = 8});
  h.call(1, zk(ZkOpKind::kCreate, "/data"));
  h.call(1, zk(ZkOpKind::kCreate, "/gone"));
  h.call(1, zk(ZkOpKind::kCreate, "/parent"));
  h.run_for(20 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kGetData, "/data"));
  h.call(0, zk_watch(ZkOpKind::kGetData, "/gone"));
  h.call(0, zk_watch(ZkOpKind::kExists, "/new"));
  h.call(0, zk_watch(ZkOpKind::kGetChildren, "/parent"));
  h.cut_off(h.client_process(0), {0, 1, 2});
  h.call(1, zk(ZkOpKind::kSetData, "/data", "x"));
  h.call(1, zk(ZkOpKind::kDelete, "/gone"));
  h.call(1, zk(ZkOpKind::kCreate, "/new"));
  h.call(1, zk(ZkOpKind::kCreate, "/parent/child"));
  REQUIRE(h.run_while_not([&] { return h.states(0).back() == "disconnected"; }, 15 * kSecond));
  CHECK(h.watches(0).empty());
  h.heal();
  REQUIRE(h.await_connected(0));
  h.run_for(10 * kMillisecond);
  CHECK(h.watches(0) == Lines{"NodeDataChanged /data", "NodeDeleted /gone", "NodeCreated /new",
                              "NodeChildrenChanged /parent"});
}

TEST_CASE("watch before data: the event comes ahead of every reply that shows the change") {
  ZkHarness h = started({.servers = 3, .clients = 2, .seed = 5});
  h.call(1, zk(ZkOpKind::kCreate, "/d"));
  h.run_for(10 * kMillisecond);
  h.call(0, zk_watch(ZkOpKind::kGetData, "/d"));
  h.submit(1, 1, {zk(ZkOpKind::kSetData, "/d", "new")});
  bool told = false;
  for (std::uint32_t token = 2; token < 60; ++token) {
    h.submit(0, token, {zk(ZkOpKind::kGetData, "/d")});
    h.run_for(200 * sim::kMicrosecond);
  }
  h.run_for(1 * kSecond);
  for (const ZkHarness::Seen& seen : h.clients[0].seen) {
    if (seen.event.kind == ZkClientEventKind::kWatch) told = true;
    if (seen.event.kind != ZkClientEventKind::kBatchDone || seen.event.token < 2) continue;
    const ZnodeValue& value = seen.event.replies[0].results[0].value;
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && *text == "new") CHECK(told);
  }
  CHECK(told);
}

TEST_CASE("reads and pings of a session wait behind its own write, others do not") {
  ZkHarness h = started({.servers = 3, .clients = 2, .seed = 1});
  h.disk_latency = 500 * kMillisecond;
  h.submit(0, 1, {zk(ZkOpKind::kCreate, "/a")});
  h.submit(0, 2, {zk(ZkOpKind::kGetData, "/a")});
  h.submit(1, 1, {zk(ZkOpKind::kExists, "/a")});
  h.run_for(50 * kMillisecond);
  CHECK(h.answer(0, 1) == nullptr);
  CHECK(h.answer(0, 2) == nullptr);
  REQUIRE(h.answer(1, 1) != nullptr);
  CHECK(h.answer(1, 1)->event.replies[0].code == ZkCode::kNoNode);
  h.run_for(2 * kSecond);
  REQUIRE(h.answer(0, 2) != nullptr);
  CHECK(h.answer(0, 2)->event.replies[0].code == ZkCode::kOk);
  CHECK(h.answer(0, 2)->time >= h.answer(0, 1)->time);
}

TEST_CASE("lost requests are sent again in order once connected, replies stay in their places") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started({.servers = 3, .clients = 1, .seed = seed, .max_in_flight = 3});
    std::vector<ZkRequest> requests;
    for (int i = 0; i < 20; ++i) {
      requests.push_back(zk(ZkOpKind::kCreate, "/n" + std::to_string(i)));
    }
    h.submit(0, 1, std::move(requests));
    h.run_for(5 * kMillisecond);
    CHECK(h.clients[0].client.in_flight() == 3);
    h.kill(static_cast<ProcessId>(h.server_of(0)));
    h.run_for(30 * kSecond);
    const ZkHarness::Seen* done = h.answer(0, 1);
    REQUIRE(done != nullptr);
    REQUIRE(done->event.kind == ZkClientEventKind::kBatchDone);
    REQUIRE(done->event.replies.size() == 20);
    for (const ZkReply& reply : done->event.replies) {
      // The first try may have been applied: then the second finds the node.
      CHECK((reply.code == ZkCode::kOk || reply.code == ZkCode::kNodeExists));
    }
    for (int i = 0; i < 20; ++i) {
      const int live = h.leader();
      REQUIRE(live >= 0);
      CHECK(h.servers[static_cast<std::size_t>(live)].tree().find("/n" + std::to_string(i)) !=
            nullptr);
    }
  }
}

TEST_CASE("ZooKeeperClientTest.testSessionExpiry: batches fail when the session is found expired") {
  ZkHarness h = started({.servers = 3, .clients = 2, .seed = 9, .max_in_flight = 2});
  h.clients[0].reopen = true;
  const std::int64_t session = h.clients[0].client.session_id();
  h.call(0, zk(ZkOpKind::kCreateEphemeral, "/mine"));
  h.cut_off(h.client_process(0), {0, 1, 2});
  h.submit(0, 1, {zk(ZkOpKind::kGetData, "/mine"), zk(ZkOpKind::kGetData, "/mine")});
  h.submit(0, 2, {zk(ZkOpKind::kSetData, "/mine", "x")});
  h.run_for(40 * kSecond);
  CHECK(h.states(0) == Lines{"connected", "disconnected"});  // nobody tells it
  CHECK(h.of_kind(HistoryKind::kZkSessionExpired).size() == 1);
  h.heal();
  REQUIRE(h.await_connected(0, 60 * kSecond));
  CHECK(h.states(0) == Lines{"connected", "disconnected", "expired", "connected"});
  REQUIRE(h.answer(0, 1) != nullptr);
  CHECK(h.answer(0, 1)->event.kind == ZkClientEventKind::kBatchFailed);
  CHECK(h.answer(0, 2)->event.kind == ZkClientEventKind::kBatchFailed);
  CHECK(h.clients[0].client.session_id() != session);
  CHECK(h.of_kind(HistoryKind::kZkClientExpired).size() == 1);
}

TEST_CASE("ZooKeeperClientTest.testZNodeChildChangeHandlerForChildChangeNotTriggered") {
  ZkHarness h = started({.servers = 1, .clients = 1});
  h.call(0, zk(ZkOpKind::kGetChildren, "/"));
  h.call(0, zk(ZkOpKind::kCreate, "/a"));
  CHECK(h.watches(0).empty());
}

TEST_CASE("an abandoned batch is not reported, its permits come back") {
  ZkHarness h = started({.servers = 1, .clients = 1, .max_in_flight = 2});
  h.submit(0, 1,
           {zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kCreate, "/b"), zk(ZkOpKind::kCreate, "/c")});
  h.clients[0].client.abandon(1);
  CHECK(h.call(0, zk(ZkOpKind::kExists, "/c")).code == ZkCode::kNoNode);
  CHECK(h.answer(0, 1) == nullptr);
  CHECK(h.call(0, zk(ZkOpKind::kExists, "/b")).code == ZkCode::kOk);
}

TEST_CASE("an empty batch is done, sync is answered, a closed client answers close again") {
  ZkHarness h = started({.servers = 3, .clients = 1});
  h.submit(0, 1, {});
  h.run_for(kMillisecond);
  CHECK(h.answer(0, 1) != nullptr);
  h.submit(0, 2,
           {zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kSync, "/a"), zk(ZkOpKind::kGetData, "/a")});
  h.run_for(50 * kMillisecond);
  REQUIRE(h.answer(0, 2) != nullptr);
  CHECK(h.answer(0, 2)->event.replies[2].code == ZkCode::kOk);
  h.close(0);
  h.run_for(50 * kMillisecond);
  h.close(0);
  h.run_for(50 * kMillisecond);
  CHECK(h.states(0) == Lines{"connected", "closed", "closed"});
}

TEST_CASE("closing without a connection waits for the next one, or for its failure") {
  ZkHarness h = started({.servers = 1, .clients = 1});
  h.kill(0);
  h.run_for(10 * kMillisecond);
  h.close(0);
  CHECK(h.states(0).size() == 2);
  h.run_for(3 * kSecond);
  CHECK(h.states(0) == Lines{"connected", "disconnected", "closed"});
  h.start(0);
  h.run_for(30 * kSecond);  // nobody has closed the session, so it expires
  CHECK(h.of_kind(HistoryKind::kZkSessionClosed).empty());
  CHECK(h.of_kind(HistoryKind::kZkSessionExpired).size() == 1);
}

}  // namespace
}  // namespace isrlab::test
