// Files of the tree: every library scenario loads, every malformed one is refused with its place.
#include <map>

#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scenario_support.hpp"

using namespace isrlab;
using namespace isrlab::scenarios;
using namespace isrlab::scenarios::test;

TEST_CASE("every library scenario loads without a remark", "[scenario][library]") {
  const auto files = files_of(source_root() / "scenarios" / "library");
  CHECK(files.size() >= 11);
  std::map<std::uint64_t, std::string> seen;
  for (const auto& path : files) {
    INFO(path.string());
    const LoadResult result = load_scenario_file(path.string());
    CHECK(result.text() == "");
    REQUIRE(result.ok());
    // The file is found by its name, tells what it teaches, and demands something.
    CHECK(result.scenario.name == path.stem().string());
    CHECK(result.scenario.about.size() > 200);
    CHECK(result.scenario.about.find("Known outcome: ") != std::string::npos);
    CHECK(result.scenario.expectations.size() >= 5);
    CHECK(seen.emplace(scenario_identity(result.scenario), result.scenario.name).second);
    const LoadResult again = load_scenario_text(result.scenario.canonical, "canonical");
    CHECK(again.text() == "");
    CHECK(again.scenario.canonical == result.scenario.canonical);
  }
}

TEST_CASE("faults of the library leave time before and after", "[scenario][library]") {
  for (const auto& path : files_of(source_root() / "scenarios" / "library")) {
    const Scenario scenario = load_scenario(path.string());
    for (const FaultSpec& fault : scenario.faults) {
      INFO(path.string() + ": " + fault.text);
      // A cluster boots in 5 to 8 s; what is healed must be seen to recover.
      if (fault.trigger == TriggerKind::kAt) CHECK(fault.at >= 12 * sim::kSecond);
      if (fault.restart_after >= 0) {
        CHECK(fault.at + fault.restart_after + 12 * sim::kSecond <= scenario.duration);
      }
    }
  }
}

TEST_CASE("every malformed file is refused with a pointer or a line", "[scenario][malformed]") {
  const auto files = files_of(source_root() / "tests" / "data" / "malformed");
  CHECK(files.size() >= 200);
  for (const auto& path : files) {
    INFO(path.filename().string());
    LoadResult result;
    REQUIRE_NOTHROW(result = load_scenario_text(read_bytes(path), path.filename().string()));
    INFO(result.text());
    CHECK_FALSE(result.ok());
    for (const Problem& problem : result.problems) {
      CHECK_FALSE(problem.what.empty());
      CHECK((problem.location.line > 0 || !problem.location.pointer.empty()));
      const std::string text = problem.text(result.file);
      CHECK(text.find('\n') == std::string::npos);
    }
    REQUIRE_NOTHROW(result.json());
    // Not by the name alone: the file must be refused when it is read from disk as well.
    CHECK_FALSE(load_scenario_file(path.string()).ok());
  }
}

TEST_CASE("malformed files fail for the reason in their name", "[scenario][malformed]") {
  // make_malformed.py writes this table: file, tab, a part of what the loader must say.
  const auto table = read_bytes(source_root() / "tests" / "data" / "malformed" / "expected.txt");
  std::size_t rows = 0;
  std::size_t at = 0;
  while (at < table.size()) {
    const std::size_t end = std::min(table.find('\n', at), table.size());
    const std::string row = table.substr(at, end - at);
    at = end + 1;
    const std::size_t tab = row.find('\t');
    if (tab == std::string::npos) continue;
    ++rows;
    const std::string file = row.substr(0, tab);
    const std::string expected = row.substr(tab + 1);
    const LoadResult result =
        load_scenario_text(read_bytes(source_root() / "tests" / "data" / "malformed" / file), file);
    INFO(file + " should say: " + expected);
    INFO(result.text());
    CHECK(result.text().find(expected) != std::string::npos);
  }
  CHECK(rows >= 150);
}
