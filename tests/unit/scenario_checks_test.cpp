// Rules over several values: what Kafka would refuse, and names that do not exist.
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

namespace {

/// JSON that is put into a scenario, and a part of what the loader must say to it.
struct Row {
  const char* json;
  const char* expected;
};

const Row kClusterRows[] = {
    {R"("topics": [{"name": "o", "replication.factor": 4}])",
     "/topics/0/replication.factor: 4 replicas need 4 brokers, there are 3"},
    {R"("topics": [{"name": "o", "replication.factor": 2,
        "config": {"min.insync.replicas": 3}}])",
     "/topics/0/config/min.insync.replicas: 3 in-sync replicas are more than the 2 replicas"},
    {R"("cluster": {"brokers": {"config": {"min.insync.replicas": 2}}},
        "topics": [{"name": "o"}])",
     "/cluster/brokers/config/min.insync.replicas: 2 in-sync replicas are more than the 1 "
     "replicas"},
    {R"("topics": [{"name": "o"}, {"name": "o"}])", "/topics/1/name: a second topic \"o\""},
    {R"("topics": [{"name": "__o"}])", "is a name of Kafka's own topics"},
    {R"("topics": [{"name": "orders"}], "producers": [{"topic": "ordres"}])",
     "/producers/0/topic: there is no topic \"ordres\"; did you mean \"orders\"?"},
    {R"("topics": [{"name": "o"}], "producers": [{"name": "a", "topic": "o"}, {"name": "a",
        "topic": "o"}])",
     "/producers/1/name: a second producer \"a\""},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "partition": 1}])",
     "/producers/0/partition: there is no partition o-1"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "start": "5s", "stop": "5s"}])",
     "/producers/0/stop: the producer stops before it starts"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o",
        "config": {"delivery.timeout.ms": "20s"}}])",
     "/producers/0/config/delivery.timeout.ms: 20s is shorter than linger.ms + "
     "request.timeout.ms = 30s"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "config": {"acks": 1,
        "enable.idempotence": true}}])",
     "/producers/0/config/enable.idempotence: idempotence needs acks = all"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "rack": "z"}])",
     "/producers/0/rack: there is no rack \"z\"; the scenario has no racks"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "name": "for"}])",
     "is a word of the fault syntax"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "name": "broker-1"}])",
     "is also the name of a node, group or group member"},
    {R"("topics": [{"name": "o"}], "producers": [{"topic": "o", "record.size": "2MiB"}])",
     "/producers/0/record.size: a record of 2097152 bytes is above max.request.size"},
    {R"("topics": [{"name": "o"}], "consumers": [{"group": "g", "topics": ["o"],
        "config": {"session.timeout.ms": "5s"}}])",
     "/consumers/0/config/session.timeout.ms: 5s is outside the brokers' bounds; from "
     "group.min.session.timeout.ms = 6s"},
    {R"("topics": [{"name": "o"}], "consumers": [{"group": "g", "topics": ["o"],
        "config": {"session.timeout.ms": "10s", "heartbeat.interval.ms": "10s"}}])",
     "/consumers/0/config/heartbeat.interval.ms: 10s is not below session.timeout.ms = 10s"},
    {R"("cluster": {"brokers": {"count": 1}}, "topics": [{"name": "o"}],
        "consumers": [{"group": "g", "topics": ["o"]}])",
     "/cluster/brokers/config/offsets.topic.replication.factor: __consumer_offsets needs 3 "
     "brokers, there "
     "are 1; no group could ever start: set offsets.topic.replication.factor to 1 or less"},
    {R"("cluster": {"brokers": {"config": {"replica.fetch.wait.max.ms": "31s"}}})",
     "/cluster/brokers/config/replica.fetch.wait.max.ms: 31s is longer than "
     "replica.lag.time.max.ms = 30s"},
    {R"("cluster": {"zookeeper": {"minSessionTimeout": "50s"}})",
     "/cluster/zookeeper/minSessionTimeout: the shortest session 50s is longer than the longest "
     "40s"},
    {R"("cluster": {"brokers": {"racks": ["a", "b", "c", "d"]}})",
     "/cluster/brokers/racks: names 4 racks for 3 nodes"},
    {R"("cluster": {"zookeeper": {"count": 8}})",
     "/cluster/zookeeper/count: the number 8 is too large; at most 7"},
    {R"("network": {"links": [{"between": ["broker-1", "broker-4"]}]})",
     "/network/links/0/between/1: there is no host or rack \"broker-4\""},
    {R"("topics": [{"name": "o", "partitions": 3, "assignment": [[1], [2]]}])",
     "/topics/0/partitions: partitions is 3 but the assignment gives 2"},
    {R"("topics": [{"name": "o", "assignment": [[1, 1]]}])",
     "/topics/0/assignment/0/1: broker 1 stands twice"},
    {R"("topics": [{"name": "o", "assignment": [[1, 2], [3]]}])",
     "needs as many replicas for every partition"},
    {R"("heal": {"at": "60s"})", "/heal/at: the healing comes after the end of the run"},
};

}  // namespace

TEST_CASE("cross-checks", "[scenario][loader]") {
  for (const Row& row : kClusterRows) {
    const LoadResult result = load_bare(row.json);
    INFO(row.json);
    INFO(result.text());
    CHECK_FALSE(result.ok());
    CHECK(has_problem(result, row.expected));
  }
}

namespace {

const Row kFaultRows[] = {
    {R"({"at": "5s", "pause": "controller"})", "/faults/0/for: \"for\" is missing"},
    {R"({"at": "60s", "kill": "controller"})", "/faults/0/at: fires at 1m, but the run ends at 1m"},
    {R"({"after": "5s", "kill": "controller"})",
     "/faults/0/after: nothing comes before the first item"},
    {R"({"kill": "controller"})", "/faults/0: says not when"},
    {R"({"at": "5s", "after": "5s", "kill": "controller"})",
     "/faults/0: at and after contradict each other"},
    {R"({"at": "5s", "kill": "controller", "stop": "controller"})",
     "/faults/0: does kill and stop at once"},
    {R"({"at": "5s", "kill": "broker-4"})",
     "/faults/0/kill: there is no broker-4; there are broker-1 to broker-3"},
    {R"({"at": "5s", "kill": "zk-4"})", "/faults/0/kill: there is no zk-4"},
    {R"({"at": "5s", "kill": "4 brokers"})", "\"4 brokers\" means 4 of 3 brokers; at most 3"},
    {R"({"at": "5s", "kill": "rack:a"})", "there is no rack \"a\""},
    {R"({"at": "5s", "kill": "leader of orders-2"})", "there is no partition orders-2"},
    {R"({"at": "5s", "kill": "leader of __consumer_offsets-50"})",
     "there is no partition __consumer_offsets-50"},
    {R"({"at": "5s", "kill": "coordinator of biling"})",
     "there is no group \"biling\"; did you mean \"billing\"?"},
    {R"({"at": "5s", "kill": "client billing-3"})", "there is no client \"billing-3\""},
    {R"({"at": "5s", "kill": "controller", "for": "3s"})", "\"kill\" does not take \"for\""},
    {R"({"at": "5s", "times": 3, "kill": "controller"})", "/faults/0/times: belongs to every"},
    {R"({"at": "5s", "expire_session": "zk-1"})", "\"zk-1\" has no ZooKeeper session"},
    {R"({"at": "5s", "slow_link": "broker-1"})", "says not how slow"},
    {R"({"at": "5s", "partition": {"from": "all"}})",
     "needs one side and the other, or two groups"},
    {R"({"at": "5s", "partition": {"groups": [["broker-1"]]}})",
     "must be a list of groups, at least two"},
    {R"({"at": "5s", "partition": {"side": "broker-1", "direction": "up"}})",
     "there is no direction \"up\""},
    {R"({"when": "isr of order-0 < 2", "kill": "controller"})", "did you mean"},
    {R"({"when": "isr of orders-0", "kill": "controller"})", "unknown condition"},
    {R"({"when": "event BecameLeadr", "kill": "controller"})", "did you mean \"BecameLeader\"?"},
    {R"({"when": "fault 1 holds", "kill": "controller"})", "fault 1 is no hold"},
    {R"({"at": "5s", "kill": "broker-1", "until": "9s"})", "\"kill\" does not take \"until\""},
    {R"({"at": "5s", "pause": "broker-1", "until": "4s"})", "the end comes before"},
    {R"({"at": "5s", "pause": "broker-1", "until": "9s", "for": "1s"})", "the end is said twice"},
    {R"({"at": "5s", "hold": "LeaderAndIrs", "to": "broker-1"})", "did you mean \"LeaderAndIsr\"?"},
    {R"({"at": "5s", "hold": "LeaderAndIsr"})", "says not between whom"},
    {R"({"at": "5s", "slow_disk": "client p1", "latency": "1s"})", "has no disk"},
    {R"({"at": "5s", "skew": "broker-1"})", "says not how far the clock moves"},
    {R"({"at": "5s", "jump": "broker-1", "offset": "5"})", "has no unit"},
    {R"({"at": "5s", "drift": "broker-1"})", "says not how fast the clock runs"},
    {R"({"at": "5s", "drift": "broker-1", "ppm": 100001})", "is too large; at most 100000"},
    {R"({"at": "5s", "loss": "broker-1"})", "is no fault of its own"},
    {R"({"at": "5s", "reorder": "broker-1"})", "is no fault of its own"},
    {R"({"at": "5s", "torn_write": "zk-1"})", "keeps exactly what it has synced"},
    {R"({"at": "5s", "wipe": "client p1"})", "has no disk"},
    {R"({"at": "5s", "slow_link": "broker-1", "loss": "100%"})", "must be between"},
    {R"({"at": "5s", "crash": "broker-1", "unflushed": "most"})", "known are drawn, lost and kept"},
    {R"({"at": "5s", "flap": "broker-1 | broker-2 | broker-3"})", "more than two sides"},
    {R"({"at": "5s", "partition": "link broker-1"})", "names no direction"},
    {R"({"at": "5s", "reassign": "broker-1"})", "\"broker-1\" names no move; write"},
    {R"({"at": "5s", "reassign": "orders-0 -> 1,9"})", "orders-0 goes to a broker that does not"},
    {R"({"at": "5s", "reassign": "orders-0 -> 1,1"})", "orders-0 goes to broker-1 twice"},
    {R"({"at": "5s", "reassign": "orders-0 -> 1; orders-0 -> 2"})", "names orders-0"},
    {R"({"at": "5s", "reassign": "order-0 -> 1"})", "order"},
    {R"({"at": "5s", "reassign": {"version": 1, "partitions": []}})", "moves nothing"},
    {R"({"at": "5s", "reassign": {"version": 2, "partitions": []}})", "version"},
    {R"({"at": "5s", "reassign": {"partitions": [{"topic": "orders", "partition": 0,
        "replicas": "1"}]}})",
     "/faults/0/reassign/partitions/0/replicas: names no brokers"},
    {R"({"at": "5s", "elect_preferred": "orders-99"})", "99"},
    {R"({"at": "5s", "cancel_reassignment": "orders 0"})", "names no partition"},
    {R"({"at": "5s", "rolling_restart": "zk-1"})", "is no broker"},
    {R"({"at": "5s", "rolling_restart": "all brokers", "wait": "long"})",
     "known are isr and running"},
    {R"({"at": "5s", "add": "broker-1"})", "\"add\" is known but not supported"},
    {R"({"at": "5s", "kil": "broker-1"})",
     "/faults/0/kil: unknown key \"kil\"; did you mean \"kill\"?"},
    {R"({"between": "9s..3s", "kill": "broker-1"})", "the range \"9s..3s\" runs backwards"},
    {R"({"every": "0s", "kill": "broker-1"})",
     "/faults/0/every: \"0s\" is too small; at least 1ns"},
    {R"({"at": "5s", "kill": []})", "/faults/0/kill: names nobody"},
    {R"({"at": "5s", "kill": 3})", "must be a selector or a list of selectors, not the number 3"},
    {R"({"at": "5s"})", "/faults/0: says when but not what; add one of kill, stop"},
};

}  // namespace

TEST_CASE("cross-checks of faults", "[scenario][loader]") {
  for (const Row& row : kFaultRows) {
    const LoadResult result = load(scenario_with("\"faults\": [" + std::string(row.json) + "]"));
    INFO(row.json);
    INFO(result.text());
    CHECK_FALSE(result.ok());
    CHECK(has_problem(result, row.expected));
  }
}
