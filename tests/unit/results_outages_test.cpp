// Outages from doctored events: when they begin, when they end, and where the time goes.
#include "results/outages.hpp"

#include "tests/support/catch.hpp"

using namespace isrlab;
using model::HistoryKind;
using results::Outage;
using sim::kMillisecond;
using sim::kSecond;
using sim::Time;

namespace {

/// Three brokers, one partition with three replicas and min ISR 2, a producer and a group.
class Stage {
 public:
  explicit Stage(std::int64_t acks = -1) : catalog(make(acks)), view(catalog), outages(catalog) {
    for (model::BrokerId broker = 1; broker <= 3; ++broker) {
      event(0, HistoryKind::kProcessStarted, catalog->broker_process(broker), 1);
    }
    state(0, 1, {1, 2, 3}, 0, 0);
  }

  void event(Time time, HistoryKind kind, model::ProcessId actor, std::uint32_t subject,
             std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0) {
    sim::HistoryEvent each;
    each.time = time;
    each.kind = static_cast<std::uint16_t>(kind);
    each.actor = static_cast<std::uint16_t>(actor);
    each.subject = subject;
    each.a = a;
    each.b = b;
    each.c = c;
    view.on_event(each, history);
    outages.on_event(each, view, history);
  }
  void state(Time time, std::int64_t leader, std::vector<std::uint32_t> isr, std::int64_t epoch,
             std::int64_t version) {
    event(time, HistoryKind::kPartitionState, controller(), 0, leader, history.intern(isr),
          epoch << 32 | version);
  }
  void create(Time time) { event(time, HistoryKind::kRecordCreated, producer(), 0, next_++); }
  void ack(Time time, std::int64_t record, std::int64_t count = 1) {
    event(time, HistoryKind::kRecordsAcked, producer(), 0, record, count, record);
  }
  void fail(Time time, std::int64_t record, std::int64_t count = 1) {
    event(time, HistoryKind::kRecordsFailed, producer(), 0, record, count, 0);
  }
  model::ProcessId controller() const { return catalog->broker_process(3); }
  model::ProcessId producer() const { return catalog->producer_process(0); }
  model::ProcessId consumer() const { return catalog->consumer_process(0); }

  std::shared_ptr<const model::Catalog> catalog;
  sim::History history;
  results::ClusterView view;
  results::OutageTracker outages;

 private:
  static std::shared_ptr<const model::Catalog> make(std::int64_t acks) {
    model::ClusterSpec spec;
    for (std::int32_t id = 1; id <= 3; ++id) spec.brokers.push_back({id, "", {}});
    spec.zookeeper.push_back({1, ""});
    model::TopicSpec topic;
    topic.name = "orders";
    topic.replication_factor = 3;
    topic.config.min_insync_replicas = 2;
    spec.topics.push_back(topic);
    model::ProducerSpec producer;
    producer.name = "p1";
    producer.topic = "orders";
    producer.config.acks = acks;
    spec.producers.push_back(producer);
    model::ConsumerGroupSpec group;
    group.group = "billing";
    group.topics = {"orders"};
    spec.groups.push_back(group);
    return std::make_shared<const model::Catalog>(spec);
  }
  std::int64_t next_ = 0;
};

Time at(std::int64_t ms) {
  return ms * kMillisecond;
}

void check_sum(const Outage& outage) {
  CHECK(outage.detect + outage.elect + outage.propagate + outage.client == outage.length());
}

}  // namespace

TEST_CASE("a leader crash splits into detect, elect, propagate and client") {
  Stage stage;
  stage.create(at(9'000));
  stage.ack(at(9'004), 0);
  stage.create(at(10'010));
  stage.event(at(10'000), HistoryKind::kProcessKilled, stage.catalog->broker_process(1), 0);
  stage.event(at(25'000), HistoryKind::kBrokerFailureSeen, stage.controller(), 1, 1);
  stage.state(at(25'020), 2, {2, 3}, 1, 1);
  stage.event(at(25'030), HistoryKind::kBecameLeader, stage.catalog->broker_process(2), 0, 1);
  stage.ack(at(25'130), 1);
  const auto outages = stage.outages.outages(at(30'000));
  REQUIRE(outages.size() == 1);
  const Outage& outage = outages.front();
  CHECK(outage.name == "orders-0");
  CHECK(outage.operation == "write acks=all");
  CHECK(outage.from == at(10'010));
  CHECK(outage.to == at(25'130));
  CHECK_FALSE(outage.open);
  CHECK(outage.detect == at(14'990));
  CHECK(outage.elect == at(20));
  CHECK(outage.propagate == at(10));
  CHECK(outage.client == at(100));
  CHECK(outage.why == "leader 1 -> 2");
  check_sum(outage);
}

TEST_CASE("a new controller that first takes the leader away counts as one election") {
  Stage stage;
  stage.create(at(1'000));
  stage.ack(at(1'004), 0);
  stage.create(at(10'010));
  stage.event(at(10'000), HistoryKind::kProcessKilled, stage.catalog->broker_process(1), 0);
  stage.event(at(25'000), HistoryKind::kControllerElected, stage.controller(), 3, 2);
  stage.state(at(25'010), -1, {2, 3}, 1, 1);
  stage.state(at(25'020), 2, {2, 3}, 2, 2);
  stage.event(at(25'025), HistoryKind::kBecameLeader, stage.catalog->broker_process(2), 0, 2);
  stage.ack(at(25'030), 1);
  const auto outages = stage.outages.outages(at(30'000));
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].detect == at(14'990));
  CHECK(outages[0].elect == at(20));
  CHECK(outages[0].propagate == at(5));
  CHECK(outages[0].client == at(5));
  CHECK(outages[0].why == "leader 1 -> 2");
}

TEST_CASE("a pause without an election ends when it heals") {
  Stage stage;
  stage.create(at(1'000));
  stage.ack(at(1'004), 0);
  stage.create(at(5'000));
  stage.event(at(5'000), HistoryKind::kProcessPaused, stage.catalog->broker_process(1), 0);
  stage.event(at(9'000), HistoryKind::kProcessResumed, stage.catalog->broker_process(1), 0);
  stage.ack(at(9'002), 1);
  const auto outages = stage.outages.outages(at(10'000));
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].detect == at(4'000));
  CHECK(outages[0].client == at(2));
  check_sum(outages[0]);
}

TEST_CASE("a cut leader that still acknowledged until just before: all time is the client's") {
  Stage stage;
  stage.create(at(20'000));
  stage.event(at(33'000), HistoryKind::kBrokerFailureSeen, stage.controller(), 1, 1);
  stage.state(at(33'005), 2, {2, 3}, 1, 1);
  stage.ack(at(33'006), 0);  // the followers had it already
  stage.create(at(33'010));
  stage.event(at(33'008), HistoryKind::kBecameLeader, stage.catalog->broker_process(2), 0, 1);
  stage.ack(at(63'015), 1);
  const auto outages = stage.outages.outages(at(70'000));
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].detect == 0);
  CHECK(outages[0].elect == 0);
  CHECK(outages[0].propagate == 0);
  CHECK(outages[0].client == at(63'015 - 33'010));
}

TEST_CASE("what is no outage") {
  Stage stage;
  SECTION("a producer that has nothing to send") {
    stage.create(at(1'000));
    stage.ack(at(1'004), 0);
    stage.create(at(60'000));
    stage.ack(at(60'004), 1);
  }
  SECTION("a wait of exactly a second") {
    stage.create(at(1'000));
    stage.ack(at(1'004), 0);
    stage.create(at(2'000));
    stage.ack(at(3'000), 1);
  }
  SECTION("the wait for the first acknowledgement of all") {
    stage.create(at(1'000));
    stage.ack(at(9'000), 0);
  }
  CHECK(stage.outages.outages(at(100'000)).empty());
}

TEST_CASE("giving records up does not end an outage") {
  Stage stage;
  stage.create(at(1'000));
  stage.ack(at(1'004), 0);
  stage.create(at(10'000));
  stage.fail(at(40'000), 1);
  SECTION("the next acknowledgement does") {
    stage.create(at(50'000));
    stage.ack(at(50'004), 2);
    const auto outages = stage.outages.outages(at(60'000));
    REQUIRE(outages.size() == 1);
    CHECK(outages[0].from == at(10'000));
    CHECK(outages[0].to == at(50'004));
  }
  SECTION("without one it lasts until the last record was given up") {
    const auto outages = stage.outages.outages(at(60'000));
    REQUIRE(outages.size() == 1);
    CHECK(outages[0].to == at(40'000));
    CHECK_FALSE(outages[0].open);
  }
}

TEST_CASE("an outage that is still open ends with the run") {
  Stage stage;
  stage.create(at(1'000));
  stage.ack(at(1'004), 0);
  stage.create(at(10'000));
  const auto outages = stage.outages.outages(at(60'000));
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].open);
  CHECK(outages[0].length() == at(50'000));
  check_sum(outages[0]);
}

TEST_CASE("acks=1 and acks=0") {
  Stage one(1);
  one.create(at(1'000));
  one.ack(at(1'004), 0);
  one.create(at(2'000));
  one.ack(at(9'000), 1);
  const auto outages = one.outages.outages(at(10'000));
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].operation == "write acks=1");
  Stage zero(0);
  zero.create(at(1'000));
  zero.ack(at(1'000), 0);
  zero.create(at(2'000));
  zero.ack(at(9'000), 1);
  CHECK(zero.outages.outages(at(10'000)).empty());
}

TEST_CASE("a read outage needs an owner and something to read") {
  Stage stage;
  const auto leader = stage.catalog->broker_process(1);
  stage.event(at(100), HistoryKind::kAssignmentReceived, stage.consumer(), 0, 1,
              stage.history.intern(std::vector<std::uint32_t>{0}));
  stage.event(at(1'000), HistoryKind::kHighWatermark, leader, 0, 1, 0);
  stage.event(at(1'002), HistoryKind::kRecordsDelivered, stage.consumer(), 0, 0, 1);
  // Idle: everything is read.
  stage.event(at(30'000), HistoryKind::kHighWatermark, leader, 0, 2, 0);
  SECTION("the wait counts from the record on") {
    stage.event(at(35'000), HistoryKind::kRecordsDelivered, stage.consumer(), 0, 1, 1);
    const auto outages = stage.outages.outages(at(40'000));
    REQUIRE(outages.size() == 1);
    CHECK(outages[0].operation == "read");
    CHECK(outages[0].group == "billing");
    CHECK(outages[0].from == at(30'000));
    CHECK(outages[0].to == at(35'000));
  }
  SECTION("nobody owns the partition any more") {
    stage.event(at(30'100), HistoryKind::kProcessKilled, stage.consumer(), 0);
    CHECK(stage.outages.outages(at(90'000)).empty());
  }
}
