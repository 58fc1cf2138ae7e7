// Changes from the command line, applied before the checks.
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

TEST_CASE("--set changes the JSON before it is checked", "[scenario][overrides]") {
  Overrides overrides;
  overrides.set = {"/topics/orders/config/min.insync.replicas=2",
                   "/producers/p1/config/linger.ms=5ms",
                   "/consumers/billing/members=4",
                   "/cluster/brokers/count=5",
                   "/cluster/brokers/racks=[\"a\",\"b\"]",
                   "/consumers/0/config/enable.auto.commit=false",
                   "/topics/-="
                   R"({"name": "more"})"};
  overrides.seed = 7;
  overrides.duration = "90s";
  const LoadResult result = load(scenario_with(""), overrides);
  INFO(result.text());
  REQUIRE(result.ok());
  const model::ClusterSpec& spec = result.scenario.cluster;
  CHECK(spec.topics[0].config.min_insync_replicas == 2);
  CHECK(spec.producers[0].config.linger == 5 * sim::kMillisecond);
  CHECK(spec.groups[0].members == 4);
  CHECK(spec.groups[0].config.enable_auto_commit == 0);
  CHECK(spec.brokers.size() == 5);
  CHECK(spec.brokers[4].rack == "a");
  CHECK(spec.topics[1].name == "more");
  CHECK(result.scenario.seed == 7);
  CHECK(result.scenario.duration == 90 * sim::kSecond);
}

TEST_CASE("wrong --set and --fault options", "[scenario][overrides]") {
  const auto set = [](const std::string& assignment) {
    Overrides overrides;
    overrides.set = {assignment};
    return load(scenario_with(""), overrides).text();
  };
  CHECK(set("/topics/ordres/partitions=2") ==
        "t.json: --set \"/topics/ordres/partitions=2\": the list has no element \"ordres\"; did "
        "you mean "
        "\"orders\"?\n");
  CHECK(set("topics=2").find("is no POINTER=VALUE") != std::string::npos);
  CHECK(set("/topics").find("is no POINTER=VALUE") != std::string::npos);
  CHECK(set("/name/x=2").find("\"t\" has no members") != std::string::npos);
  CHECK(set("/duration=60") ==
        "t.json: /duration: \"60\" has no unit; write \"60ms\" or \"60s\"\n");
  CHECK(set("/cluster/brokers/confg/x=1").find("did you mean \"config\"?") != std::string::npos);
  Overrides overrides;
  overrides.faults = {"at 5s kil broker-1", "kill broker-1", "at 5s kill broker-9",
                      "at 5s kill broker-1 for"};
  const LoadResult result = load(scenario_with(""), overrides);
  CHECK(has_problem(
      result, "--fault \"at 5s kil broker-1\": unknown fault \"kil\"; did you mean \"kill\"?"));
  CHECK(has_problem(result, "--fault \"kill broker-1\": \"kill\" says no time"));
  CHECK(has_problem(result, "t.json: /faults/0/kill: there is no broker-9"));
  CHECK(has_problem(result, "\"for\" has no value"));
}
