// Elections, fail-over, loss of quorum and copies of a running ensemble.
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

using Lines = std::vector<std::string>;

ZkHarness started(int servers, int clients, std::uint64_t seed) {
  ZkHarness::Options options;
  options.servers = servers;
  options.clients = clients;
  options.seed = seed;
  ZkHarness h(options);
  h.start_servers();
  h.run_for(5 * kSecond);
  for (int i = 0; i < clients; ++i) {
    h.open(i);
    REQUIRE(h.await_connected(i));
  }
  return h;
}

/// No two servers may have committed different things; the transactions of each come in order.
void check_agreement(const ZkHarness& h) {
  std::map<std::int64_t, std::int64_t> operations;
  std::map<std::uint32_t, std::int64_t> last;
  for (const sim::HistoryEvent& event : h.of_kind(HistoryKind::kZkCommitted)) {
    const auto known = operations.emplace(event.a, event.b).first;
    CHECK(known->second == event.b);
    CHECK(event.a > last[event.subject]);
    last[event.subject] = event.a;
  }
}

TEST_CASE("a standalone server serves a client") {
  ZkHarness h = started(1, 1, 1);
  CHECK(h.call(0, zk(ZkOpKind::kCreate, "/a", "x")).code == ZkCode::kOk);
  const ZkReply read = h.call(0, zk(ZkOpKind::kGetData, "/a"));
  CHECK(read.code == ZkCode::kOk);
  CHECK(std::get<std::string>(read.results[0].value) == "x");
  CHECK(h.servers[0].last_zxid() == 2);
}

TEST_CASE("ensembles of 1 to 7 servers elect a leader and serve") {
  for (int n = 1; n <= 7; ++n) {
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
      INFO(n << " servers, seed " << seed);
      ZkHarness h({.servers = n, .clients = 2, .seed = seed});
      h.start_servers();
      h.open(0);
      h.open(1);
      h.run_for(5 * kSecond);
      CHECK(h.all_serving());
      CHECK(h.leader() >= 0);
      REQUIRE(h.await_connected(0));
      REQUIRE(h.await_connected(1));
      CHECK(h.call(0, zk(ZkOpKind::kCreate, "/a", "x")).code == ZkCode::kOk);
      h.run_for(10 * kMillisecond);
      CHECK(h.call(1, zk(ZkOpKind::kGetData, "/a")).code == ZkCode::kOk);
      if (n > 1) CHECK((h.servers[0].last_zxid() >> 32) == 1);
      h.run_for(60 * kSecond);
      CHECK(h.states(0) == Lines{"connected"});
      CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
      CHECK(h.of_kind(HistoryKind::kZkLeading).size() == 1);
      check_agreement(h);
    }
  }
}

TEST_CASE("leader process dies: a new one serves within a second, sessions get a fresh time-out") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started(3, 3, seed);
    h.run_for(30 * kSecond);
    const int old_leader = h.leader();
    const std::int64_t old_zxid = h.servers[static_cast<std::size_t>(old_leader)].last_zxid();
    const Time killed = h.now();
    h.kill(static_cast<ProcessId>(old_leader));
    REQUIRE(h.run_while_not([&] { return h.leader() >= 0; }, 10 * kSecond));
    CHECK(h.now() - killed >= 200 * kMillisecond);
    CHECK(h.now() - killed <= 1 * kSecond);
    const auto leader = static_cast<std::size_t>(h.leader());
    CHECK(h.servers[leader].epoch() == 2);
    CHECK(h.servers[leader].last_zxid() >= old_zxid);
    for (const ZkSessions::Session& session : h.servers[leader].sessions().all()) {
      CHECK(session.expires_at > h.now() + 18 * kSecond - 100 * kMillisecond);
    }
    h.run_for(5 * kSecond);
    for (int i = 0; i < 3; ++i) CHECK(h.clients[static_cast<std::size_t>(i)].client.connected());
    h.start(static_cast<ProcessId>(old_leader));
    h.run_for(5 * kSecond);
    CHECK(h.all_serving());  // it joins the leader there is, though its id may be higher
    CHECK(h.leader() == static_cast<int>(leader));
    CHECK(h.servers[0].tree().node_count() == h.servers[1].tree().node_count());
    h.run_for(60 * kSecond);
    CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
    CHECK(h.of_kind(HistoryKind::kZkSessionCreated).size() == 3);
    check_agreement(h);
  }
}

TEST_CASE("a follower dies: nothing for the others, its clients go elsewhere with their session") {
  ZkHarness h = started(3, 6, 2);
  const int victim = (h.leader() + 1) % 3;
  h.kill(static_cast<ProcessId>(victim));
  h.run_for(10 * kSecond);
  for (int i = 0; i < 6; ++i) {
    CHECK(h.clients[static_cast<std::size_t>(i)].client.connected());
    CHECK(h.states(i).size() <= 3);
  }
  CHECK(h.of_kind(HistoryKind::kZkLeading).size() == 1);
  CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
}

TEST_CASE("F15: without a quorum nothing expires and clients are refused; then fresh time-outs") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started(3, 2, seed);
    h.run_for(20 * kSecond);
    const int survivor = (h.leader() + 1) % 3;
    for (int i = 0; i < 3; ++i) {
      if (i != survivor) h.kill(static_cast<ProcessId>(i));
    }
    h.kill(h.client_process(1), true);  // a broker dies during the outage
    h.run_for(60 * kSecond);
    CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
    CHECK_FALSE(h.clients[0].client.connected());
    CHECK(h.states(0) == Lines{"connected", "disconnected"});
    CHECK(h.servers[static_cast<std::size_t>(survivor)].state() == ZkServerState::kLooking);
    CHECK(h.servers[static_cast<std::size_t>(survivor)].client_count() == 0);
    for (int i = 0; i < 3; ++i) {
      if (i != survivor) h.start(static_cast<ProcessId>(i));
    }
    REQUIRE(h.run_while_not([&] { return h.leader() >= 0; }, 120 * kSecond));
    const Time back = h.now();
    REQUIRE(h.await_connected(0));
    REQUIRE(h.run_while_not([&] { return !h.of_kind(HistoryKind::kZkSessionExpired).empty(); },
                            60 * kSecond));
    CHECK(h.now() - back > 18 * kSecond);
    CHECK(h.now() - back <= 20 * kSecond + 10 * kMillisecond);
    CHECK(h.of_kind(HistoryKind::kZkSessionExpired)[0].subject == h.client_process(1));
    CHECK(h.states(0) == Lines{"connected", "disconnected", "connected"});
  }
}

TEST_CASE("a silently cut-off leader: stale reads, hanging writes, steps down after syncLimit") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started(3, 4, seed);
    const int old_leader = h.leader();
    int inside = -1;
    int outside = -1;
    for (int i = 0; i < 4; ++i) (h.server_of(i) == old_leader ? inside : outside) = i;
    if (inside < 0 || outside < 0) continue;
    h.call(outside, zk(ZkOpKind::kCreate, "/x", "old"));
    h.run_for(10 * kMillisecond);
    const Time cut = h.now();
    // The old leader and the clients attached to it are on the minority side.
    for (int i = 0; i < 3; ++i) {
      if (i != old_leader) h.cut(static_cast<ProcessId>(i), static_cast<ProcessId>(old_leader));
    }
    for (int i = 0; i < 4; ++i) {
      const bool minority = h.server_of(i) == old_leader;
      for (int s = 0; s < 3; ++s) {
        if ((s == old_leader) != minority) h.cut(h.client_process(i), static_cast<ProcessId>(s));
      }
    }
    REQUIRE(h.run_while_not([&] { return h.of_kind(HistoryKind::kZkLeading).size() == 2; },
                            30 * kSecond));
    CHECK(h.now() - cut >= 9 * kSecond);  // the followers' read time-out, from the last ping
    CHECK(h.now() - cut <= 11 * kSecond + 500 * kMillisecond);
    const auto stale = static_cast<std::size_t>(old_leader);
    REQUIRE(h.run_while_not([&] { return h.servers[stale].state() != ZkServerState::kLeading; },
                            10 * kSecond));
    CHECK(h.now() - cut >= 9 * kSecond);
    CHECK(h.now() - cut <= 12 * kSecond + 500 * kMillisecond);
    CHECK(h.servers[stale].client_count() == 0);
    h.heal();
    h.run_for(20 * kSecond);
    CHECK(h.all_serving());
    check_agreement(h);
  }
}

TEST_CASE("reads of a cut-off leader are stale and its writes are never committed") {
  ZkHarness h = started(3, 8, 1);
  const int old_leader = h.leader();
  int inside = -1;
  for (int i = 0; i < 8; ++i) {
    if (h.server_of(i) == old_leader) inside = i;
  }
  REQUIRE(inside >= 0);
  h.call(inside, zk(ZkOpKind::kCreate, "/x", "old"));
  h.run_for(10 * kMillisecond);
  for (int i = 0; i < 3; ++i) {
    if (i != old_leader) {
      h.cut(static_cast<ProcessId>(i), static_cast<ProcessId>(old_leader));
      h.cut(h.client_process(inside), static_cast<ProcessId>(i));
    }
  }
  h.submit(inside, 1, {zk(ZkOpKind::kGetData, "/x")});
  h.run_for(3 * kSecond);
  REQUIRE(h.answer(inside, 1) != nullptr);  // a local read needs no quorum
  h.submit(inside, 2, {zk(ZkOpKind::kSetData, "/x", "lost", 0)});
  h.submit(inside, 3, {zk(ZkOpKind::kGetData, "/x")});
  h.run_for(5 * kSecond);
  CHECK(h.answer(inside, 2) == nullptr);
  CHECK(h.answer(inside, 3) == nullptr);  // FIFO: behind its own hanging write
  h.run_for(30 * kSecond);
  h.heal();
  h.run_for(20 * kSecond);
  CHECK(h.all_serving());
  const auto leader = static_cast<std::size_t>(h.leader());
  const auto* node = h.servers[leader].tree().find("/x");
  REQUIRE(node != nullptr);
  // The logged proposal of the old leader is gone; the client sent the request again or expired.
  for (const ZkServer& server : h.servers) CHECK(server.tree().find("/x")->mzxid == node->mzxid);
  check_agreement(h);
}

TEST_CASE("a transaction on a quorum of disks survives the death of all servers") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started(5, 1, seed);
    for (int i = 0; i < 10; ++i) {
      CHECK(h.call(0, zk(ZkOpKind::kCreate, "/n" + std::to_string(i))).code == ZkCode::kOk);
    }
    for (ProcessId p = 0; p < 5; ++p) h.kill(p);
    for (ProcessId p = 0; p < 3; ++p) h.start(p);  // any three
    REQUIRE(h.await_connected(0, 60 * kSecond));
    for (int i = 0; i < 10; ++i) {
      CHECK(h.call(0, zk(ZkOpKind::kExists, "/n" + std::to_string(i))).code == ZkCode::kOk);
    }
    h.start(3);
    h.start(4);
    h.run_for(10 * kSecond);
    CHECK(h.all_serving());
    for (const ZkServer& server : h.servers) CHECK(server.tree().find("/n9") != nullptr);
    check_agreement(h);
  }
}

TEST_CASE("a proposal that a quorum has logged is committed by the next leader") {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    ZkHarness h = started(3, 1, seed);
    if (h.server_of(0) != h.leader()) continue;
    ++tried;
    h.disk_latency = 50 * kMillisecond;
    h.submit(0, 1, {zk(ZkOpKind::kCreate, "/a")});
    h.run_for(51'200 * sim::kMicrosecond);  // the followers have synced, their acks are on the way
    CHECK(h.answer(0, 1) == nullptr);
    h.kill(static_cast<ProcessId>(h.leader()));
    h.run_for(10 * kSecond);
    REQUIRE(h.answer(0, 1) != nullptr);
    CHECK(h.answer(0, 1)->event.replies[0].code == ZkCode::kNodeExists);  // the retry finds it
  }
  CHECK(tried > 0);
}

TEST_CASE("what only the disk of a dead leader holds is undone when it comes back") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    ZkHarness h = started(3, 1, seed);
    const int old_leader = h.leader();
    if (h.server_of(0) != old_leader) continue;
    for (int i = 0; i < 3; ++i) {
      if (i != old_leader) h.cut(static_cast<ProcessId>(i), static_cast<ProcessId>(old_leader));
    }
    h.submit(0, 1, {zk(ZkOpKind::kCreateEphemeral, "/lost")});
    h.run_for(100 * kMillisecond);
    CHECK(h.servers[static_cast<std::size_t>(old_leader)].disk().all_synced());
    CHECK(h.servers[static_cast<std::size_t>(old_leader)].disk().next_unapplied() != nullptr);
    h.kill(h.client_process(0), true);
    h.kill(static_cast<ProcessId>(old_leader));
    h.heal();
    h.run_for(15 * kSecond);
    h.start(static_cast<ProcessId>(old_leader));
    h.run_for(5 * kSecond);
    CHECK(h.all_serving());
    for (const ZkServer& server : h.servers) CHECK(server.tree().find("/lost") == nullptr);
    check_agreement(h);
  }
}

TEST_CASE("idle cost: the leader's half-tick pings and the clients' own, nothing else") {
  ZkHarness h = started(3, 3, 1);
  h.run_for(20 * kSecond);
  const std::uint64_t before = h.steps();
  h.run_for(60 * kSecond);
  // 60 half ticks of 1 timer, 2 pings, 2 answers; 30 client pings of timer, ping, pong; the bucket
  // timer and the followers' lazy time-outs every few seconds.
  CHECK(h.steps() - before < 60 * 5 + 30 * 3 + 30);
  ZkHarness alone = started(1, 1, 1);
  alone.run_for(20 * kSecond);
  const std::uint64_t start = alone.steps();
  alone.run_for(60 * kSecond);
  CHECK(alone.steps() - start < 10 * 3 + 6);
}

TEST_CASE("group commit: what comes in during an fsync shares the next one") {
  ZkHarness h = started(1, 1, 1);
  h.disk_latency = 10 * kMillisecond;
  std::vector<ZkRequest> requests;
  for (int i = 0; i < 10; ++i) requests.push_back(zk(ZkOpKind::kCreate, "/n" + std::to_string(i)));
  const Time start = h.now();
  h.submit(0, 1, std::move(requests));
  h.run_while_not([&] { return h.answer(0, 1) != nullptr; }, 5 * kSecond);
  CHECK(h.now() - start < 22 * kMillisecond);  // two fsyncs, not ten
}

TEST_CASE("a paused leader is replaced and follows when it comes back") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    ZkHarness h = started(3, 2, seed);
    const int old_leader = h.leader();
    h.pause(static_cast<ProcessId>(old_leader));
    h.run_for(25 * kSecond);
    CHECK(h.of_kind(HistoryKind::kZkLeading).size() == 2);
    h.resume(static_cast<ProcessId>(old_leader));
    h.run_for(20 * kSecond);
    CHECK(h.all_serving());
    CHECK(h.of_kind(HistoryKind::kZkLeading).size() == 2);
    check_agreement(h);
  }
}

TEST_CASE("a copy of a running ensemble has the same future and does not disturb the original") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ZkHarness h = started(3, 3, seed);
    for (int i = 0; i < 3; ++i) {
      h.submit(i, 1,
               {zk(ZkOpKind::kCreate, "/a" + std::to_string(i)),
                zk_watch(ZkOpKind::kExists, "/b" + std::to_string(i))});
    }
    h.run_for(3 * kMillisecond);  // in the middle of the writes
    const auto go_on = [](ZkHarness& world) {
      world.kill(static_cast<ProcessId>(world.leader()));
      world.run_for(10 * kSecond);
      world.submit(0, 2, {zk(ZkOpKind::kCreate, "/b1")});
      world.run_for(40 * kSecond);
    };
    ZkHarness copy = h;
    ZkHarness other = h;
    go_on(h);
    other.kill(0);  // another future, on shared trees
    other.submit(1, 9, {zk(ZkOpKind::kCreate, "/else")});
    other.run_for(20 * kSecond);
    go_on(copy);
    CHECK(copy.digest() == h.digest());
    CHECK(copy.steps() == h.steps());
    CHECK(copy.records.size() == h.records.size());
    CHECK(h.servers[1].tree().find("/else") == nullptr);
  }
}

TEST_CASE("random kills, cuts and pauses: servers agree, acknowledged writes stay, all heals") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    sim::Random random(seed, "chaos");
    const int n = seed % 3 == 0 ? 5 : 3;
    ZkHarness h = started(n, 3, seed);
    for (ZkHarness::ClientProcess& client : h.clients) client.reopen = true;
    std::vector<bool> down(static_cast<std::size_t>(n), false);
    std::uint32_t token = 10;
    for (int round = 0; round < 25; ++round) {
      const auto server = static_cast<ProcessId>(random.below(static_cast<std::uint64_t>(n)));
      const auto other = static_cast<ProcessId>(random.below(static_cast<std::uint64_t>(n + 3)));
      switch (random.below(6)) {
        case 0:
          if (!down[server]) h.kill(server);
          down[server] = true;
          break;
        case 1:
        case 2:
          if (down[server]) h.start(server);
          down[server] = false;
          break;
        case 3:
          if (server != other) h.cut(server, other);
          break;
        case 4: h.heal(); break;
        default: break;
      }
      const auto client = static_cast<int>(random.below(3));
      ++token;
      h.submit(client, token, {zk(ZkOpKind::kCreate, "/w" + std::to_string(token))});
      h.run_for(random.between(1, 6000) * kMillisecond);
    }
    h.heal();
    for (ProcessId p = 0; p < static_cast<ProcessId>(n); ++p) {
      if (down[p]) h.start(p);
    }
    h.run_for(150 * kSecond);  // the longest resend back-off of an election is 60 s
    CHECK(h.all_serving());
    check_agreement(h);
    for (int c = 0; c < 3; ++c) {
      CHECK(h.clients[static_cast<std::size_t>(c)].client.connected());
      for (const ZkHarness::Seen& seen : h.clients[static_cast<std::size_t>(c)].seen) {
        if (seen.event.kind != ZkClientEventKind::kBatchDone) continue;
        const ZkCode code = seen.event.replies[0].code;
        if (code != ZkCode::kOk && code != ZkCode::kNodeExists) continue;
        for (const ZkServer& s : h.servers) {
          CHECK(s.tree().find("/w" + std::to_string(seen.event.token)) != nullptr);
        }
      }
    }
  }
}

}  // namespace
}  // namespace isrlab::test
