// The library in code: what the builders say is what a file would say, read by the same loader with
// the same messages.
#include <sstream>

#include "results/lab/lab.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/library.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

namespace isrlab::lab {
namespace {

using namespace std::chrono_literals;
using scenarios::test::files_of;
using scenarios::test::read_bytes;
using scenarios::test::source_root;

template <class Text>
std::string shown(const Text& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

Lab small() {
  return Lab(Cluster().topic(Topic("orders").partitions(2).replication(3)),
             Load()
                 .producer(Producer("orders").rate(200).set("acks", "all"))
                 .group(Group("billing", {"orders"}).members(2)));
}

std::string problems_of(const Lab& lab) {
  try {
    (void)lab.scenario();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a lab and the file that says the same are the same scenario", "[lab]") {
  const Cluster cluster =
      Cluster()
          .brokers(4, {"a", "b"})
          .zookeeper(5, {"a", "b", "c"})
          .set("zookeeper.session.timeout.ms", 9s)
          .set("unclean.leader.election.enable", true)
          .set_zookeeper("tickTime", 1s)
          .with("disk", "100MB/s")
          .topic(Topic("orders").partitions(2).replication(3).set("min.insync.replicas", 2))
          .topic(Topic("clicks").assignment({{1, 2}, {3, 4}}));
  const Load load = Load()
                        .producer(Producer("orders").interval(1500us).record_size("200B").keys(7))
                        .producer(Producer("clicks")
                                      .name("c")
                                      .rate(50)
                                      .records(900)
                                      .start(5s)
                                      .stop(50s)
                                      .set("acks", 1)
                                      .set("enable.idempotence", false))
                        .group(Group("billing", {"orders", "clicks"})
                                   .members(2)
                                   .processing(1ms)
                                   .set("auto.offset.reset", "earliest"));
  const Lab lab = Lab(cluster, load, Schedule().heal_at(50s))
                      .name("t")
                      .lasts(1min)
                      .always("log_matching")
                      .sometimes("leader_elected")
                      .eventually("all isr full", 20s)
                      .eventually("one controller", "5s of heal")
                      .limit("lost count == 0");
  const char* text = R"({"schema": "kafka-failure-scenario/1", "name": "t", "duration": "60s",
    "cluster": {
      "brokers": {"count": 4, "racks": ["a", "b"], "disk": "100MB/s",
                  "config": {"zookeeper.session.timeout.ms": 9000,
                             "unclean.leader.election.enable": true}},
      "zookeeper": {"count": 5, "racks": ["a", "b", "c"], "tickTime": "1s"}},
    "topics": [{"name": "orders", "partitions": 2, "replication.factor": 3,
                "config": {"min.insync.replicas": 2}},
               {"name": "clicks", "assignment": [[1, 2], [3, 4]]}],
    "producers": [{"topic": "orders", "interval": "1500us", "record.size": "200B",
                   "keys": {"count": 7}},
                  {"topic": "clicks", "name": "c", "rate": "50/s", "records": 900, "start": "5s",
                   "stop": "50s", "config": {"acks": "1", "enable.idempotence": false}}],
    "consumers": [{"group": "billing", "topics": ["orders", "clicks"], "members": 2,
                   "processing": "1ms", "config": {"auto.offset.reset": "earliest"}}],
    "heal": {"at": "50s"},
    "expect": {"always": ["log_matching"], "sometimes": ["leader_elected"],
               "eventually": [{"that": "all isr full", "within": "20s"},
                              {"that": "one controller", "within": "5s of heal"}],
               "limits": ["lost count == 0"]}})";
  CHECK(lab.scenario()->canonical == Lab::text(text, "t.json").scenario()->canonical);
}

TEST_CASE("a typed fault, its line and its JSON are the same fault", "[lab]") {
  const struct {
    Fault typed;
    const char* line;
  } rows[] = {
      {at(60s).kill("leader of orders-0").restart_after(20s),
       "at 60s kill leader of orders-0 restart after 20s"},
      {between(10s, 20s).stop("broker-1").restart_after(1500ms),
       "between 10s..20s stop broker-1 restart after 1.5s"},
      {every(20s, 2).pause("one broker").lasts(2s), "every 20s times 2 pause one broker for 2s"},
      {at(1.5s).partition("broker-1", "zk:leader").direction("to").lasts(9s),
       "at 1.5s partition broker-1 from zk:leader direction to for 9s"},
      {at("9s").isolate("zk-1").why("a switch fails"), "at 9s isolate zk-1 why a switch fails"},
      {at(9s).slow_link("rack:a").latency(40ms).jitter(5ms).rate("1MB/s").lasts(1min),
       "at 9s slow_link rack:a from all latency 40ms jitter 5ms rate 1MB/s for 1m"},
      {at(9s).expire_session("controller"), "at 9s expire_session controller"},
      {at(9s).restart("broker-2"), "at 9s restart broker-2"},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    const auto loaded = [](const Fault& fault) {
      const Lab lab =
          small().lasts(90s).set("/cluster/brokers/racks", Setting(texts({"a", "b"}))).add(fault);
      return lab.scenario()->canonical;
    };
    CHECK(loaded(row.typed) == loaded(row.line));
    CHECK(loaded(row.typed) == loaded(scenarios::to_json(row.typed.value())));
    CHECK(loaded(row.typed) == loaded(row.typed.text()));
  }
  CHECK(shown(Schedule{at(1min).kill("broker-1"), "at 2m stop broker-1"}) ==
        "at 1m kill broker-1\nat 2m stop broker-1\n");
}

TEST_CASE("every fault of the registry can be written in code", "[lab]") {
  for (const scenarios::FaultInfo& info : scenarios::fault_table()) {
    Fault fault = at(5s).does(info.word, scenarios::example_target(info.action));
    if (info.action == scenarios::FaultAction::kHold) fault.with("from", "all");
    for (const std::string_view field : info.fields) {
      if (field == "for") fault.lasts(2s);
      if (field == "restart") fault.restart_after(2s);
      if (field == "latency") fault.latency(2ms);
      if (field == "offset") fault.with("offset", -2s);
      if (field == "ppm") fault.with("ppm", -50);
    }
    CHECK(small().add(fault).scenario()->faults.at(0).action == info.action);
  }
}

TEST_CASE("chaos and healing in code", "[lab]") {
  const Schedule schedule = Schedule()
                                .chaos(Chaos()
                                           .from(8s)
                                           .until(30s)
                                           .interval(1s, 6s)
                                           .lasts(500ms, 9s)
                                           .weight("kill", 3)
                                           .max_down(1, 0)
                                           .swarm())
                                .heal_at(45s);
  const auto scenario = small().schedule(schedule).scenario();
  CHECK(scenario->chaos.on);
  CHECK(scenario->chaos.from == 8 * sim::kSecond);
  CHECK(scenario->chaos.interval_max == 6 * sim::kSecond);
  CHECK(scenario->chaos.max_down_zookeeper == 0);
  CHECK(scenario->chaos.swarm);
  CHECK(scenario->heal_at == 45 * sim::kSecond);
  CHECK_FALSE(small().schedule(schedule).schedule({}).scenario()->chaos.on);
}

TEST_CASE("the library in the program is the folder", "[lab]") {
  const auto files = files_of(source_root() / "scenarios" / "library");
  REQUIRE(scenarios::library_scenarios().size() == files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const scenarios::LibraryScenario& scenario = scenarios::library_scenarios()[i];
    CHECK(scenario.name == files[i].stem().string());
    CHECK(scenario.text == read_bytes(files[i]));
    CHECK(Lab::library(scenario.name).scenario()->canonical ==
          Lab::file(files[i]).scenario()->canonical);
  }
}

TEST_CASE("bad input throws what the loader says, all at once", "[lab]") {
  Lab lab = small().add(at(9s).kill("leader of order-0")).add(at(9s).pause("broker-1"));
  lab.set("/producers/0/config/ack", 1).limit("write_gap max < 20");
  const std::string text = problems_of(lab);
  CHECK(text.find("lab: /faults/0/kill: there is no topic \"order\"; did you mean \"orders\"?") !=
        std::string::npos);
  CHECK(text.find("lab: /faults/1/for: \"for\" is missing") != std::string::npos);
  CHECK(text.find("did you mean \"acks\"?") != std::string::npos);
  CHECK(problems_of(small().add(R"({"at": "9s", "kill": "broker-9"})"))
            .starts_with("lab: /faults/0/kill: "));  // no line: it is of no file
  CHECK(text.find("/expect/limits/0") != std::string::npos);

  CHECK(problems_of(small().lasts("90")).find("/duration: \"90\" has no unit") !=
        std::string::npos);
  CHECK(problems_of(Lab(Cluster().brokers(0))).find("/cluster/brokers/count") != std::string::npos);
  CHECK(problems_of(Lab("two words")).find("/name") != std::string::npos);
  // Of a file the lines are still known, of what was changed in code there is none.
  const std::string changed = problems_of(Lab::text("{\n\n\"nmae\": 1}", "a.json").lasts("1"));
  CHECK(changed.find("a.json:3: /nmae") != std::string::npos);
  CHECK(changed.find("a.json: /duration") != std::string::npos);
}

TEST_CASE("what cannot be read throws at once", "[lab]") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(Fault("at 60s kil broker-1"),
                    Contains("fault \"at 60s kil broker-1\": unknown fault \"kil\"") &&
                        Contains("did you mean \"kill\"?"));
  CHECK_THROWS_AS(Fault("{\"at\": }"), ScenarioError);
  CHECK_THROWS_AS(Fault("{\"at\": \"1s\"} {}"), ScenarioError);
  CHECK_THROWS_WITH(Lab::library("leader-crush"), Contains("did you mean \"leader-crash\"?"));
  CHECK_THROWS_WITH(Lab::file("/none/a.json"), Contains("there is no such file"));
  CHECK_THROWS_AS(Lab::text("{", "a.json"), ScenarioError);
  CHECK_THROWS_WITH(small().set("/topics/none/partitions", 1), Contains("no element \"none\""));
  CHECK_THROWS_AS(small().set("topics", 1), ScenarioError);
  // No object at all: the loader's to refuse, whatever is added.
  CHECK(problems_of(Lab::text("[]", "a.json").always("log_matching").lasts(9s)) != "");
  CHECK(problems_of(Lab::text("{\"expect\": 3}", "a.json").always("log_matching")) != "");
}

TEST_CASE("docs/library.md shows the example as it is built and run", "[lab][docs]") {
  const std::string page = read_bytes(source_root() / "docs" / "library.md");
  for (const char* file : {"CMakeLists.txt", "no_acked_record_lost.cpp"}) {
    std::string text = read_bytes(source_root() / "tests" / "package" / file);
    if (text.starts_with("#")) text = text.substr(text.find("find_package"));
    text = text.substr(0, text.find("\nenable_testing"));
    CHECK(page.find(text) != std::string::npos);
  }
}

}  // namespace isrlab::lab
