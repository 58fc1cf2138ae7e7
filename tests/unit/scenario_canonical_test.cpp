// One scenario, one canonical form; one fault, one line.
#include <rapidcheck.h>

#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/listing.hpp"
#include "scenarios/format/loader.hpp"
#include "scenarios/format/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

namespace {

std::uint64_t identity(const std::string& members) {
  const LoadResult result = load(scenario_with(members));
  INFO(result.text());
  REQUIRE(result.ok());
  return scenario_identity(result.scenario);
}

/// Loads one fault given as a line, through --fault, and returns its canonical line.
std::string canonical_line(const std::string& line) {
  Overrides overrides;
  overrides.faults = {line};
  const LoadResult result =
      load(scenario_with("\"cluster\": {\"brokers\": {\"racks\": [\"a\"]}}"), overrides);
  INFO(line);
  INFO(result.text());
  REQUIRE(result.ok());
  return result.scenario.faults.at(0).text;
}

/// Loads one fault given as JSON and returns its canonical line.
std::string line_of_json(const std::string& json) {
  const LoadResult result = load(scenario_with("\"faults\": [" + json + "]"));
  INFO(json);
  INFO(result.text());
  REQUIRE(result.ok());
  return result.scenario.faults.at(0).text;
}

}  // namespace

TEST_CASE("the canonical form is a fixed point of the loader", "[scenario][canonical]") {
  const LoadResult first = load(scenario_with(R"("seed": 5, "about": "prose",
    "cluster": {"brokers": {"racks": ["a", "b"]}, "zookeeper": {"minSessionTimeout": "3s"}},
    "network": {"links": [{"between": ["rack:a", "p1"], "latency": "1ms"}]},
    "faults": [{"at": "5s", "partition": {"groups": [["broker-1", "zk-1"], ["client p1"]]},
      "for": "3s"},
               {"every": "9s", "times": 2, "kill": "50% of brokers"}],
    "heal": {"at": "50s"},
    "expect": {"always": ["S9"], "eventually": [{"that": "isr of orders-1 < 3",
      "within": "9s of heal"}],
               "limits": ["lost(acks=all)   count ==0", "ack_latency(orders) p99 < 1.5s"]})"));
  INFO(first.text());
  REQUIRE(first.ok());
  const LoadResult second = load_scenario_text(first.scenario.canonical, "canonical");
  INFO(second.text());
  REQUIRE(second.ok());
  CHECK(second.scenario.canonical == first.scenario.canonical);
  CHECK(scenario_identity(second.scenario) == scenario_identity(first.scenario));
  CHECK(second.scenario.faults[1].who.count == 1);
}

TEST_CASE("order, spelling, prose, seed and comments do not change the identity",
          "[scenario][canonical]") {
  const std::uint64_t plain = identity("");
  CHECK(identity("\"seed\": 99") == plain);
  CHECK(identity("\"about\": [\"a\", \"b\"]") == plain);
  CHECK(identity("\"report\": {\"trace\": \"perfetto\"}") == plain);
  CHECK(identity("// comment\n\"duration\": \"60000ms\"") == plain);
  CHECK(
      identity("\"cluster\": {\"zookeeper\": {\"tickTime\": 2000}, \"brokers\": {\"count\": 3}}") ==
      plain);
  CHECK(identity("\"faults\": []") == plain);
  CHECK(identity("\"duration\": \"61s\"") != plain);
  CHECK(identity("\"cluster\": {\"zookeeper\": {\"tickTime\": 2001}}") != plain);
  CHECK(
      identity("\"faults\": [{\"at\": \"5s\", \"kill\": \"broker 1\", \"why\": \"x\"}]") ==
      identity(
          "\"faults\": [{\"kill\": [\"broker-1\"], \"at\": \"5000ms\", \"restart\": \"never\"}]"));
  CHECK(identity("\"expect\": {\"always\": [\"S1\"]}") ==
        identity("\"expect\": {\"always\": [\"no_acked_record_lost(acks=all)\"]}"));
}

TEST_CASE("the canonical form begins as the vocabulary orders it", "[scenario][canonical]") {
  CHECK(load_bare("").scenario.canonical.starts_with(
      R"({"schema":"kafka-failure-scenario/1","name":"t","duration":"1m","cluster":{"brokers":{)"
      R"("count":3,"config":{"zookeeper.session.timeout.ms":"18s",)"));
}

TEST_CASE("a fault is one line, both ways", "[scenario][one-line]") {
  const char* lines[] = {
      "at 20s kill leader of orders-0 restart after 25s",
      "at 20s stop controller",
      "at 20s restart broker-1",
      "between 10s..20s pause one broker for 8s",
      "every 20s times 2 expire_session leader of orders-1",
      "at 5s every 20s isolate followers of orders-0 direction from for 3s",
      "at 5s partition leader of orders-0 and client p1 from all brokers direction to for 30s",
      "at 5s partition minority from all",
      "at 5s slow_link rack:a from all zk latency 50ms jitter 10ms rate 1000000B/s for 10s",
      "at 1.5s kill 2 zk",
      "at 7s kill coordinator of billing restart after 1m",
  };
  for (const char* line : lines) CHECK(canonical_line(line) == line);
  CHECK(canonical_line("between 10s and 20s kill broker 1") == "between 10s..20s kill broker-1");
  CHECK(canonical_line("at 30000ms every 20s kill brokers 1,3 restart never") ==
        "at 30s every 20s kill brokers 1,3");
  CHECK(canonical_line("at 5s pause controller for 8s why a long collection for once") ==
        "at 5s pause controller for 8s");
}

TEST_CASE("the line maps one to one to the JSON", "[scenario][one-line]") {
  CHECK(line_of_json(R"({"at": "12s", "pause": "controller", "for": "8s", "why": "GC"})") ==
        canonical_line("at 12s pause controller for 8s"));
  CHECK(line_of_json(
            R"({"at": "5s", "partition": {"side": ["zk:leader"], "from": "all",
            "direction": "both"}})") == canonical_line("at 5s partition zk:leader from all"));
  CHECK(line_of_json(R"({"at": "5s", "partition": "broker-1"})") ==
        "at 5s partition broker-1 from all");
  CHECK(line_of_json(
            R"({"at": "5s", "partition": {"groups": [["broker-1"], ["broker-2", "broker-3"]]}})") ==
        canonical_line("at 5s partition broker-1 from broker-2 and broker-3"));
  CHECK(line_of_json(R"({"between": ["1s", "3s"], "isolate": "broker-1", "for": "1s"})") ==
        canonical_line("between 1s..3s isolate broker-1 for 1s"));
}

namespace {

sim::Duration any_span(std::int64_t low) {
  const auto value = *rc::gen::inRange<std::int64_t>(low, 2'000);
  return value * sim::kMillisecond;
}

Moment any_moment() {
  const auto infos = moment_table();
  const auto at = *rc::gen::inRange<std::size_t>(0, infos.size());
  Moment moment;
  std::string what;
  std::string fix;
  const bool holds = infos[at].kind == MomentKind::kHolds;  // needs an item before
  RC_ASSERT(parse_moment(holds ? infos[0].example : infos[at].example, moment, what, fix));
  return moment;
}

/// A fault of any kind with any of the fields it can have.
FaultSpec any_fault() {
  FaultSpec fault;
  const auto action = *rc::gen::inRange<std::size_t>(0, fault_table().size());
  const FaultInfo& about = fault_table()[action];
  const auto takes = [&](std::string_view field) {
    return std::find(about.fields.begin(), about.fields.end(), field) != about.fields.end();
  };
  fault.action = about.action;
  fault.trigger = *rc::gen::element(TriggerKind::kAt, TriggerKind::kBetween, TriggerKind::kEvery,
                                    TriggerKind::kWhen);
  fault.at = any_span(0);
  if (fault.trigger == TriggerKind::kBetween) fault.until = fault.at + any_span(0);
  if (fault.trigger == TriggerKind::kEvery) fault.every = any_span(1);
  if (fault.trigger == TriggerKind::kEvery && *rc::gen::arbitrary<bool>()) fault.times = 3;
  if (fault.trigger == TriggerKind::kWhen) fault.when = any_moment();
  const bool servers = fault.action == FaultAction::kZkQuorumLoss;
  fault.who.kind =
      servers ? *rc::gen::element(SelectorKind::kAllZooKeeper, SelectorKind::kZooKeeperLeader)
              : *rc::gen::element(SelectorKind::kController, SelectorKind::kMinority,
                                  SelectorKind::kAllBrokers);
  if (takes("from")) {
    fault.from.kind = *rc::gen::element(SelectorKind::kAll, SelectorKind::kAllZooKeeper);
  }
  if (takes("direction")) {
    fault.direction = *rc::gen::element(CutDirection::kBoth, CutDirection::kFrom);
  }
  if (fault.action == FaultAction::kHold) {
    const auto names = message_words();
    fault.message = *rc::gen::inRange(0, static_cast<std::int32_t>(names.size()));
  }
  if (about.target == Form::kMoves) fault.picks = {{"orders", 0, {2, 1}}, {"orders", 1, {3}}};
  if (about.target == Form::kPartitions) {
    using Picks = std::vector<PartitionPick>;
    fault.picks = *rc::gen::element(Picks{{}}, Picks{{"orders", 0, {}}, {"orders", 1, {}}},
                                    Picks{{"orders", -1, {}}});
  }
  if (takes("interval")) fault.interval = any_span(0);
  if (takes("wait")) fault.waits_for_isr = *rc::gen::arbitrary<bool>();
  if (takes("offset")) fault.offset = any_span(0) * *rc::gen::element(-1, 1);
  if (takes("ppm")) fault.ppm = *rc::gen::inRange(-100'000, 100'001);
  if (takes("down")) {
    fault.down = any_span(1);
    fault.up = any_span(1);
  }
  if (takes("loss") && *rc::gen::arbitrary<bool>()) fault.loss_ppm = 50'000;
  if (takes("unflushed")) {
    fault.unflushed = *rc::gen::element(Unflushed::kDrawn, Unflushed::kLost, Unflushed::kKept);
  }
  const bool must_end = fault.action == FaultAction::kPause;
  if (takes("for") && (must_end || *rc::gen::arbitrary<bool>())) fault.lasts = any_span(1);
  if (takes("latency")) fault.latency = any_span(1);
  if (takes("restart")) fault.restart_after = any_span(0);
  return fault;
}

void fault_survives() {
  const FaultSpec fault = any_fault();
  const std::string line = fault_line(fault);
  Overrides overrides;
  overrides.faults = {line};
  const LoadResult result = load(scenario_with(""), overrides);
  RC_ASSERT(result.text() == std::string());
  RC_ASSERT(result.scenario.faults.at(0).text == line);
  RC_ASSERT(to_json(fault_value(result.scenario.faults.at(0))) == to_json(fault_value(fault)));
}

}  // namespace

TEST_CASE("every fault that can be written survives line and JSON",
          "[scenario][one-line][property]") {
  CHECK(rc::check("fault round trip", fault_survives));
}

TEST_CASE("the schema is stable JSON and names every word of the registry", "[scenario][schema]") {
  const std::string schema = json_schema();
  CHECK(schema == json_schema());
  CHECK(schema.find("https://json-schema.org/draft/2020-12/schema") != std::string::npos);
  Value root;
  Problems problems;
  REQUIRE(parse_json(schema, root, problems));
  CHECK(problems.errors() == 0);
  for (const FaultInfo& fault : fault_table()) {
    CHECK(find_pointer(root, "/$defs/fault/properties/" + std::string(fault.word)) != nullptr);
  }
  CHECK(find_pointer(root, "/$defs/broker_config/properties/replica.lag.time.max.ms") != nullptr);
  CHECK(find_pointer(root, "/$defs/zookeeper/properties/tickTime") != nullptr);
  for (const StateInfo& state : state_table()) CHECK(schema.find(state.name) != std::string::npos);
  for (const MetricInfo& metric : metric_table()) {
    CHECK(schema.find(metric.name) != std::string::npos);
  }
}

TEST_CASE("the listing shows everything once", "[scenario][listing]") {
  const std::vector<std::string> sections = list_sections();
  CHECK(std::set<std::string>(sections.begin(), sections.end()).size() == sections.size());
  CHECK(list_section("faults").size() == fault_table().size());
  CHECK(list_section("metrics").size() == metric_table().size());
  CHECK(list_section("settings").size() > 80);
  CHECK(list_section("nothing").empty());
  for (const ListEntry& entry : list_everything()) {
    INFO(entry.section + " " + entry.name);
    CHECK_FALSE(entry.name.empty());
    CHECK_FALSE(entry.what.empty());
  }
}
