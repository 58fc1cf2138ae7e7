// The loader: pointers and lines, unknown keys, types, cross-checks, notes, overrides.
#include "scenarios/format/loader.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

namespace {

/// The file's only problem, as one line.
std::string only_problem(const LoadResult& result) {
  INFO(result.text());
  REQUIRE(result.problems.size() == 1);
  return result.problems[0].text(result.file);
}

}  // namespace

TEST_CASE("the smallest scenario gets all defaults", "[scenario][loader]") {
  const LoadResult result = load_bare("");
  REQUIRE(result.ok());
  const Scenario& scenario = result.scenario;
  CHECK(scenario.name == "t");
  CHECK(scenario.seed == 1);
  CHECK(scenario.duration == 60 * sim::kSecond);
  CHECK(scenario.heal_at == sim::kNever);
  CHECK(scenario.cluster.brokers.size() == 3);
  CHECK(scenario.cluster.brokers[2].id == 3);
  CHECK(scenario.cluster.zookeeper.size() == 3);
  CHECK(scenario.cluster.zookeeper_config.tick_time == 2 * sim::kSecond);
  CHECK(scenario.cluster.brokers[0].config.zookeeper_session_timeout == 18 * sim::kSecond);
}

TEST_CASE("all sections arrive in the spec", "[scenario][loader]") {
  const LoadResult result = load_bare(R"("seed": 18446744073709551615, "duration": "2m",
    "cluster": {"brokers": {"count": 4, "racks": ["a", "b"], "startup": "1s..3s",
      "opening": "10ms..20ms", "disk": "100MB/s",
                            "net": "1Gbit", "config": {"zookeeper.session.timeout.ms": 6000,
                            "unclean.leader.election.enable": true}},
                "zookeeper": {"count": 1, "tickTime": "3s", "syncLimit": 2}},
    "network": {"default": {"latency": "1ms"}, "between_racks": {"jitter": "2ms"},
                "links": [{"between": ["rack:a", "zk-1"], "latency": "9ms", "rate": "10MB/s"}]},
    "topics": [{"name": "o", "partitions": 6, "replication.factor": 2,
      "config": {"min.insync.replicas": 2}},
               {"name": "m", "assignment": [[1, 2], [2, 3]]}],
    "producers": [{"name": "p", "topic": "o", "rate": "1000/s", "records": 7, "record.size": "2KiB",
                   "keys": {"count": 9}, "start": "1s", "stop": "9s", "rack": "b",
                   "config": {"acks": 1, "linger.ms": "5ms"}}],
    "consumers": [{"group": "g", "topics": ["o", "m"], "members": 3, "processing": "2ms",
      "start": "4s",
                   "config": {"auto.offset.reset": "earliest", "max.poll.records": 10}}])");
  INFO(result.text());
  REQUIRE(result.ok());
  const model::ClusterSpec& spec = result.scenario.cluster;
  CHECK(result.scenario.seed == 18446744073709551615ULL);
  CHECK(spec.brokers[2].rack == "a");
  CHECK(spec.brokers[3].rack == "b");
  CHECK(spec.brokers[0].config.zookeeper_session_timeout == 6 * sim::kSecond);
  CHECK(spec.brokers[0].config.unclean_leader_election_enable == 1);
  CHECK(spec.broker_startup_max == 3 * sim::kSecond);
  CHECK(spec.broker_opening_min == 10 * sim::kMillisecond);
  CHECK(spec.broker_opening_max == 20 * sim::kMillisecond);
  CHECK(spec.disk_bytes_per_second == 100'000'000);
  CHECK(spec.nic_bytes_per_second == 125'000'000);
  CHECK(spec.zookeeper_config.sync_limit == 2);
  CHECK(spec.within_rack.latency == sim::kMillisecond);
  CHECK(spec.between_racks.latency ==
        sim::kMillisecond);  // the default's value, not the built-in one
  CHECK(spec.between_racks.jitter == 2 * sim::kMillisecond);
  REQUIRE(spec.links.size() == 1);
  CHECK(spec.links[0].left == "rack:a");
  CHECK(spec.links[0].link.bytes_per_second == 10'000'000);
  CHECK(spec.topics[0].config.min_insync_replicas == 2);
  CHECK(spec.topics[1].partitions == 2);
  CHECK(spec.topics[1].replication_factor == 2);
  const model::ProducerSpec& producer = spec.producers[0];
  CHECK(producer.interval == sim::kMillisecond);
  CHECK(producer.limit == 7);
  CHECK(producer.record_bytes == 2048);
  CHECK(producer.key_count == 9);
  CHECK(producer.config.acks == 1);
  CHECK(producer.config.enable_idempotence == 0);  // switched off by acks=1, as Kafka does
  CHECK(producer.config.linger == 5 * sim::kMillisecond);
  CHECK(spec.groups[0].topics == std::vector<std::string>{"o", "m"});
  CHECK(spec.groups[0].config.max_poll_records == 10);
}

TEST_CASE("a problem names file, line, pointer, what and the fix", "[scenario][loader]") {
  CHECK(only_problem(
            load("{\n \"schema\": \"kafka-failure-scenario/1\",\n \"name\": \"t\",\n"
                 " \"topics\": [{\"name\": \"orders\", \"replication.factor\": 3}],\n"
                 " \"faults\": [\n  {\"at\": \"5s\", \"kill\": \"leadr of orders-0\"}\n ]\n}")) ==
        "t.json:6: /faults/0/kill: unknown selector \"leadr of orders-0\"; did you mean "
        "\"leader of orders-0\"?");
  CHECK(only_problem(load_bare("\"duration\": 60")) ==
        "t.json:2: /duration: \"60\" has no unit; write \"60ms\" or \"60s\"");
  CHECK(only_problem(load_bare("\"sed\": 1")) ==
        "t.json:2: /sed: unknown key \"sed\"; did you mean \"seed\"?");
  CHECK(only_problem(load("{\"schema\": \"kafka-failure-scenario/1\"}")) ==
        "t.json:1: /name: \"name\" is missing; add it: short name, used in reports and replay "
        "tokens");
}

TEST_CASE("lines are those of the values, whatever stands around", "[scenario][loader]") {
  const std::string text =
      "\xEF\xBB\xBF// a comment\r\n{ /* and\n another */ \"schema\": \"kafka-failure-scenario/1\", "
      "\"name\": "
      "\"t\",\n\"seed\": -1\n, \"duration\"\n:\n\"x\"}";
  const LoadResult result = load(text);
  REQUIRE(result.problems.size() == 2);
  CHECK(result.problems[0].location.line == 4);
  CHECK(result.problems[0].location.pointer == "/seed");
  CHECK(result.problems[1].location.line == 7);
  CHECK(result.problems[1].location.pointer == "/duration");
}

TEST_CASE("all problems are reported at once, by line", "[scenario][loader]") {
  const LoadResult result =
      load_bare("\"seed\": true,\n\"duration\": \"0s\",\n\"topics\": {},\n\"disks\": {}");
  CHECK(result.problems.size() == 4);
  CHECK(std::is_sorted(
      result.problems.begin(), result.problems.end(),
      [](const auto& a, const auto& b) { return a.location.line < b.location.line; }));
  CHECK(has_problem(result, "/disks: \"disks\" is known but not supported by this version"));
}

TEST_CASE("duplicate keys are errors and name both lines", "[scenario][loader]") {
  CHECK(only_problem(load_bare("\"seed\": 1,\n\"seed\": 2")) ==
        "t.json:3: /seed: the key \"seed\" stands twice in this object, first in line 2; remove "
        "one of the two");
  // Inside a dropped value as well, and without a crash.
  CHECK_FALSE(load_bare(R"("a": {}, "a": {"b": {"c": 1, "c": {"d": [1]}}, "b": [{}, {}]})").ok());
}

TEST_CASE("syntax errors carry the line and a reason", "[scenario][loader]") {
  const LoadResult trailing = load("{\n\"schema\": \"kafka-failure-scenario/1\",\n}");
  REQUIRE(trailing.problems.size() == 1);
  CHECK(trailing.problems[0].location.line == 3);
  CHECK(trailing.problems[0].what.find("no valid JSON") == 0);
  CHECK(load("").problems[0].what == "the file is empty");
  CHECK(load(std::string("{}\0", 3)).problems[0].what == "the file holds a null byte");
  CHECK_FALSE(load("{} {}").ok());
}

TEST_CASE("limits of the document", "[scenario][loader]") {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  CHECK(has_problem(load(deep), "nested deeper than 64 levels"));
  const std::string deepest = std::string(64, '[') + std::string(64, ']');
  CHECK(has_problem(load(deepest), "must be an object, not a list"));
  CHECK(has_problem(load(std::string(kMostBytes + 1, ' ')), "the file is larger than 16 MiB"));
  std::string many = "[";
  for (std::size_t i = 0; i <= kMostValues; ++i) many += "1,";
  CHECK(has_problem(load(many + "1]"), "the file holds more than 500000 values"));
  CHECK(has_problem(load_bare("\"seed\": 18446744073709551616"), "does not fit into 64 bits"));
  CHECK(has_problem(load_bare("\"seed\": 1e999"), "a number is too large"));
  CHECK(has_problem(load_bare("\"seed\": 1.5"), "/seed: must be a whole number"));
}

TEST_CASE("thousands of mistakes do not take long or fill the screen", "[scenario][loader]") {
  std::string text = "\"topics\": [";
  for (int i = 0; i < 20'000; ++i) text += "{\"nme\": 1},";
  const LoadResult result = load_bare(text + "{}]");
  CHECK(result.problems.size() == 100);
  CHECK(result.problems.size() < 200);
  CHECK_FALSE(result.ok());
}

TEST_CASE("Kafka's settings take Kafka's unit or ours", "[scenario][loader]") {
  const auto lag = [](const std::string& value) {
    return load_bare(
        "\"cluster\": {\"brokers\": {\"config\": {\"replica.lag.time.max.ms\": " + value + "}}}");
  };
  CHECK(lag("10000").scenario.cluster.brokers[0].config.replica_lag_time_max == 10 * sim::kSecond);
  CHECK(lag("\"10000\"").scenario.cluster.brokers[0].config.replica_lag_time_max ==
        10 * sim::kSecond);
  CHECK(lag("\"10s\"").scenario.cluster.brokers[0].config.replica_lag_time_max ==
        10 * sim::kSecond);
  CHECK(has_problem(lag("\"10us\""), "\"10us\" is finer than replica.lag.time.max.ms counts"));
  CHECK(has_problem(lag("0"), "\"0\" is out of range for replica.lag.time.max.ms; from 1ms to"));
  CHECK(has_problem(lag("1.5"), "does not take the number 1.5"));
  CHECK(has_problem(lag("99999999999999"), "is too large"));
  CHECK(has_problem(lag("true"), "does not take true"));
  const auto unknown =
      load_bare("\"cluster\": {\"brokers\": {\"config\": {\"zookeeper.session.timout.ms\": 1}}}");
  CHECK(has_problem(unknown, "did you mean \"zookeeper.session.timeout.ms\"?"));
  const auto planned =
      load_bare("\"cluster\": {\"brokers\": {\"config\": {\"num.io.threads\": 1}}}");
  CHECK(has_problem(planned, "\"num.io.threads\" is known but not supported by this version"));
}

TEST_CASE("notes do not stop a scenario", "[scenario][loader]") {
  const LoadResult session =
      load_bare(R"("cluster": {"brokers": {"config": {"zookeeper.session.timeout.ms": "60s"}}})");
  CHECK(session.ok());
  CHECK(only_problem(session) ==
        "t.json:2: note: /cluster/brokers/config/zookeeper.session.timeout.ms: ZooKeeper grants "
        "40s instead of "
        "1m; its bounds here are 4s and 40s");
  const LoadResult raised = load_bare(
      R"("topics": [{"name": "o"}], "producers": [{"topic": "o",
        "config": {"request.timeout.ms": "150s"}}])");
  CHECK(raised.ok());
  CHECK(raised.scenario.cluster.producers[0].config.delivery_timeout == 150 * sim::kSecond);
  CHECK(raised.problems.size() == 1);
}

TEST_CASE("a bound that ends after the run is a note", "[scenario][loader]") {
  const auto late = [](const std::string& within) {
    return load(scenario_with(
        "\"faults\": [{\"at\": \"20s\", \"kill\": \"broker-1\", \"restart\": \"after 30s\"}],"
        "\"expect\": {\"eventually\": [{\"that\": \"zk quorum\", \"within\": \"" +
        within + "\"}]}"));
  };
  CHECK(late("10s of heal").problems.empty());
  CHECK(late("60s").problems.empty());
  CHECK(late("11s of fault 1").ok());
  CHECK(
      has_problem(late("11s of fault 1"), "note: /expect/eventually/0/within: the bound ends at"));
  CHECK(has_problem(late("11s of heal"), "the bound ends at 61s, after the run at 1m"));
  CHECK(has_problem(late("61s"), "the bound ends at 61s"));
}

TEST_CASE("problems as JSON", "[scenario][loader]") {
  CHECK(load_bare("\"sed\": 1").json() ==
        R"([{"severity":"error","file":"t.json","line":2,"pointer":"/sed",)"
        R"("what":"unknown key \"sed\"",)"
        R"("fix":"did you mean \"seed\"?"}])");
  CHECK(load_bare("").json() == "[]");
}

TEST_CASE("files that cannot be read are problems too", "[scenario][loader]") {
  CHECK(load_scenario_file("/nowhere/x.json").text() ==
        "/nowhere/x.json: there is no such file; isrlab list scenarios shows the library\n");
  CHECK_FALSE(load_scenario_file("/").ok());
  CHECK_THROWS_AS(load_scenario("/nowhere/x.json"), ScenarioError);
}
