// Elections, fail-over, loss of quorum and copies of a running ensemble.
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

ZkHarness::Options ensemble(int servers, int clients, std::uint64_t seed) {
  ZkHarness::Options options;
  options.servers = servers;
  options.clients = clients;
  options.seed = seed;
  return options;
}

TEST_CASE("a standalone server serves a client") {
  ZkHarness h(ensemble(1, 1, 1));
  h.start_servers();
  h.open(0);
  REQUIRE(h.await_connected(0));
  CHECK(h.call(0, zk(ZkOpKind::kCreate, "/a", "x")).code == ZkCode::kOk);
  const ZkReply read = h.call(0, zk(ZkOpKind::kGetData, "/a"));
  CHECK(read.code == ZkCode::kOk);
  CHECK(std::get<std::string>(read.results[0].value) == "x");
}

TEST_CASE("ensembles of 1 to 7 servers elect a leader and serve") {
  for (int n = 1; n <= 7; ++n) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(n << " servers, seed " << seed);
      ZkHarness h(ensemble(n, 2, seed));
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
      h.run_for(60 * kSecond);
      CHECK(h.states(0) == std::vector<std::string>{"connected"});
      CHECK(h.of_kind(HistoryKind::kZkSessionExpired).empty());
    }
  }
}

}  // namespace
}  // namespace isrlab::test
