// Connections and metadata of a client: vectors 48 to 51 of reference/clients-and-groups.md section
// 10.3 and the rules of section 1.7.
#include "model/client/admin.hpp"
#include "model/client/network_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/client_bench.hpp"

using namespace isrlab::model;
using namespace isrlab::model::test;
using isrlab::sim::kMillisecond;
using isrlab::sim::kSecond;

namespace {

/// The thinnest owner of a NetworkClient.
struct Owner {
  Owner(const Catalog& catalog, const ClientConfig& config, std::int64_t in_flight)
      : network(catalog, config, in_flight, 7, "owner") {}
  void start(Out& out) { network.finish(out); }
  void handle(const isrlab::sim::Activation& activation, Messages& messages, Out& out) {
    if (network.handle(activation, messages, out)) ++replies;
    for (const auto& failure : network.failures()) failed.push_back(failure);
    network.failures().clear();
    network.lost_nodes().clear();
    if (wanted > 0) network.ready(network.node_of(wanted), out);
    network.finish(out);
  }
  NetworkClient network;
  std::vector<FailedRequest> failed;
  int replies = 0;
  BrokerId wanted = 0;
};

struct Fixture {
  explicit Fixture(const ClientConfig& config = {}, std::int64_t in_flight = 5,
                   std::int32_t brokers = 3)
      : catalog(small_cluster(brokers, 3)),
        owner(catalog, config, in_flight),
        bench(catalog, owner, catalog.admin_process()) {}
  void send(BrokerId broker, std::uint32_t token, Duration timeout) {
    bench.call([&](Out& out) {
      owner.network.send(owner.network.node_of(broker), out.make<HeartbeatRequest>(), token,
                         timeout, out);
      owner.network.finish(out);
    });
  }
  bool ready(BrokerId broker) {
    bool result = false;
    bench.call([&](Out& out) {
      result = owner.network.ready(owner.network.node_of(broker), out);
      owner.network.finish(out);
    });
    return result;
  }
  Catalog catalog;
  Owner owner;
  Bench<Owner> bench;
};

}  // namespace

TEST_CASE("1.7: a client that starts asks a bootstrap broker for metadata", "[client]") {
  Fixture fixture;
  CHECK_FALSE(fixture.owner.network.metadata().bootstrapped());
  fixture.bench.start();
  CHECK(fixture.owner.network.metadata().brokers() == std::vector<BrokerId>{1, 2, 3});
  CHECK(fixture.bench.metadata_answers == 1);
  // The first answer replaces the bootstrap list: brokers get connections of their own.
  CHECK_FALSE(fixture.ready(1));
  CHECK(fixture.ready(1));
}

TEST_CASE("vector 51: InFlightRequestsTest.testTimedOutNodes", "[client]") {
  Fixture fixture;
  fixture.bench.start();
  fixture.ready(1);
  fixture.ready(2);
  const auto zero = fixture.bench.now;
  fixture.send(1, 1, 50 * kMillisecond);
  fixture.send(1, 2, 200 * kMillisecond);
  fixture.send(2, 3, 100 * kMillisecond);
  fixture.bench.run_until(zero + 50 * kMillisecond);
  CHECK(fixture.owner.failed.empty());  // strictly more than the time-out
  fixture.bench.run_until(zero + 75 * kMillisecond);
  REQUIRE(fixture.owner.failed.size() == 2);  // all of the connection, oldest first
  CHECK(fixture.owner.failed[0].request.token == 1);
  CHECK(fixture.owner.failed[1].request.token == 2);
  CHECK(fixture.owner.failed[1].error == Error::kRequestTimedOut);
  fixture.bench.run_until(zero + 125 * kMillisecond);
  CHECK(fixture.owner.failed.size() == 3);
}

TEST_CASE("vector 48: testExponentialReconnectBackoff", "[client]") {
  ClientConfig config;
  config.reconnect_backoff = 10 * kSecond;
  config.reconnect_backoff_max = 60 * kSecond;
  Fixture fixture(config);
  fixture.bench.start();
  fixture.bench.refusing = {2};
  fixture.owner.wanted = 2;
  const Duration expected[] = {10, 20, 40, 60, 60, 60};
  fixture.ready(2);
  for (const Duration seconds : expected) {
    const NodeIndex node = fixture.owner.network.node_of(2);
    CHECK(fixture.owner.network.unavailable(
        node, fixture.bench.now + seconds * 800 * kMillisecond - kMillisecond));
    const auto before = fixture.bench.now;
    const Duration most = std::min<Duration>(seconds * 1200, 60000) * kMillisecond;
    CHECK_FALSE(fixture.owner.network.unavailable(node, before + most));
    // The next attempt fails as soon as it is allowed.
    while (!fixture.owner.network.unavailable(node, before + most)) {
      fixture.bench.run_for(10 * kMillisecond);
      if (fixture.bench.now > before + most + kSecond) break;
    }
  }
}

TEST_CASE("vector 49: testExponentialConnectionSetupTimeout", "[client]") {
  ClientConfig config;
  config.socket_connection_setup_timeout = 10 * kSecond;
  config.socket_connection_setup_timeout_max = 127 * kSecond;
  Fixture fixture(config);
  fixture.bench.start();
  fixture.bench.silent = {2};
  const NodeIndex node = fixture.owner.network.node_of(2);
  const Duration expected[] = {10, 20, 40, 80, 127, 127};
  for (const Duration seconds : expected) {
    fixture.ready(2);
    REQUIRE(fixture.owner.network.state(node) == ConnectionState::kConnecting);
    const auto before = fixture.bench.now;
    fixture.bench.run_until(before + seconds * 800 * kMillisecond);
    CHECK(fixture.owner.network.state(node) == ConnectionState::kConnecting);
    fixture.bench.run_until(before + seconds * 1200 * kMillisecond + 2 * kMillisecond);
    CHECK(fixture.owner.network.state(node) == ConnectionState::kDisconnected);
    fixture.bench.run_for(2 * kSecond);  // past the reconnect backoff
  }
  fixture.bench.silent.clear();
  fixture.ready(2);
  CHECK(fixture.owner.network.state(node) == ConnectionState::kReady);
  fixture.bench.silent = {2};
  fixture.bench.close(2);
  fixture.bench.run_for(2 * kSecond);
  fixture.ready(2);
  fixture.bench.run_for(12 * kSecond + 2 * kMillisecond);  // back to 10 s after a success
  CHECK(fixture.owner.network.state(node) == ConnectionState::kDisconnected);
}

TEST_CASE("vector 50: MetadataTest.testTimeToNextUpdate", "[client]") {
  ClientConfig config;
  config.retry_backoff = 100 * kMillisecond;
  config.retry_backoff_max = 100 * kMillisecond;
  config.metadata_max_age = 1000 * kMillisecond;
  Fixture fixture(config);
  CHECK(fixture.owner.network.metadata().next_update() == 0);
  fixture.bench.now = 10 * kSecond;
  fixture.bench.start();
  CHECK(fixture.owner.network.metadata().next_update() == 11 * kSecond);
  fixture.owner.network.metadata().request_update();
  CHECK(fixture.owner.network.metadata().next_update() == 10 * kSecond + 100 * kMillisecond);
}

TEST_CASE("1.7: metadata goes first", "[client]") {
  Fixture fixture;
  fixture.bench.start();
  fixture.ready(1);
  CHECK(fixture.ready(1));
  fixture.bench.run_for(kSecond);
  fixture.bench.answer_metadata = false;
  fixture.owner.network.metadata().request_update();
  // The update is sent by the very call, and while it is under way requests go on.
  fixture.ready(1);
  CHECK(fixture.bench.count(MessageType::kMetadataRequest) == 1);
  CHECK(fixture.ready(1));
}

TEST_CASE("1.7: an older leader epoch is ignored, a newer one is taken", "[client]") {
  Fixture fixture;
  fixture.owner.network.metadata().add_topic(0);
  fixture.bench.leaders[0] = {1, 5};
  fixture.bench.start();
  CHECK(fixture.owner.network.metadata().leader(0).leader == 1);
  fixture.bench.leaders[0] = {2, 4};
  fixture.owner.network.metadata().request_update();
  fixture.bench.call([&](Out& out) { fixture.owner.network.finish(out); });
  fixture.bench.run_for(kSecond);
  CHECK(fixture.owner.network.metadata().leader(0).leader == 1);
  CHECK(fixture.bench.count(HistoryKind::kLeaderLearned) == 0);
  fixture.bench.leaders[0] = {2, 6};
  fixture.owner.network.metadata().request_update();
  fixture.bench.call([&](Out& out) { fixture.owner.network.finish(out); });
  fixture.bench.run_for(2 * kSecond);
  CHECK(fixture.owner.network.metadata().leader(0).leader == 2);
  CHECK(fixture.bench.count(HistoryKind::kLeaderLearned) == 1);
}

TEST_CASE("1.7: idle connections are closed", "[client]") {
  ClientConfig config;
  config.connections_max_idle = 10 * kSecond;
  Fixture fixture(config);
  fixture.bench.start();
  fixture.ready(3);
  CHECK(fixture.owner.network.state(fixture.owner.network.node_of(3)) == ConnectionState::kReady);
  fixture.bench.run_for(11 * kSecond);
  CHECK(fixture.owner.network.state(fixture.owner.network.node_of(3)) ==
        ConnectionState::kDisconnected);
}

TEST_CASE("1.7: with all brokers down a client keeps trying, one at a time", "[client]") {
  Fixture fixture;
  fixture.bench.refusing = {1, 2, 3};
  fixture.bench.start();
  fixture.bench.run_for(30 * kSecond);
  fixture.bench.refusing.clear();
  fixture.bench.run_for(2 * kSecond);
  CHECK(fixture.owner.network.metadata().bootstrapped());
}

TEST_CASE("admin: waits for controller and brokers, creates the topics once", "[client]") {
  Catalog catalog(small_cluster(3, 3));
  Admin admin(catalog, 1);
  Bench<Admin> bench(catalog, admin, catalog.admin_process());
  bench.controller = kNoBroker;
  bench.start();
  bench.run_for(kSecond);
  CHECK(bench.requests.empty());
  bench.controller = 2;
  bench.live = {2, 3};
  bench.run_for(3 * kSecond);
  CHECK(bench.requests.empty());
  bench.live = {1, 2, 3};
  bench.run_for(3 * kSecond);
  REQUIRE(bench.count(MessageType::kCreateTopicsRequest) == 1);
  CHECK(bench.requests[0].broker == 2);
  CHECK(bench.request<CreateTopicsRequest>().topics == std::vector<TopicId>{0});
  const auto answer = [&bench](Error error) {
    bench.answer<CreateTopicsRequest, CreateTopicsResponse>(
        0, [error](auto&, CreateTopicsResponse& response) {
          response.topics.push_back({0, error});
        });
  };
  bench.controller = 3;
  answer(Error::kNotController);
  CHECK_FALSE(admin.topics_ready());
  bench.run_for(3 * kSecond);
  REQUIRE(bench.requests.size() == 1);
  CHECK(bench.requests[0].broker == 3);
  answer(Error::kInvalidReplicationFactor);
  bench.run_for(3 * kSecond);
  REQUIRE(bench.requests.size() == 1);
  bench.close(3);
  bench.run_for(3 * kSecond);
  REQUIRE(bench.requests.size() == 1);
  answer(Error::kTopicAlreadyExists);
  CHECK(admin.topics_ready());
  CHECK(bench.count(HistoryKind::kTopicsReady) == 1);
  bench.run_for(600 * kSecond);
  CHECK(bench.requests.empty());
}
