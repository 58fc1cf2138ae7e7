// Scenarios and viewers for the tests of the viewer.
#pragma once
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"
#include "viz/core/viewer.hpp"

namespace isrlab::viz {

inline std::filesystem::path library() {
  return std::filesystem::path(ISRLAB_SOURCE_ROOT) / "scenarios" / "library";
}

inline std::vector<std::string> library_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(library())) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::shared_ptr<const scenarios::Scenario> scenario_named(const std::string& name) {
  const std::string path = (library() / (name + ".json")).string();
  return std::make_shared<const scenarios::Scenario>(scenarios::load_scenario(path));
}

/// A run that no viewer ever saw, up to a time.
inline scenarios::Run headless(const std::shared_ptr<const scenarios::Scenario>& scenario,
                               sim::Time until) {
  scenarios::Run run(scenario, scenario->seed);
  run.run_until(until);
  return run;
}

inline scenarios::FaultSpec fault_of(scenarios::FaultAction action, const std::string& who) {
  scenarios::FaultSpec fault;
  fault.action = action;
  std::string what;
  std::string fix;
  REQUIRE(scenarios::parse_selector(who, fault.who, what, fix));
  fault.text = "by hand";
  return fault;
}

/// A scripted viewer without pixels.
struct Watched {
  explicit Watched(const std::string& name, Backend backend = Backend::null)
      : renderer(Renderer::create({.backend = backend, .scripted = true})),
        scenario(scenario_named(name)),
        viewer(*renderer, scenario, scenario->seed, true) {}

  ScriptReport run(const std::string& text) {
    const ScriptReport report = run_script(parse_script(text, "t.viz"), viewer);
    for (const std::string& failure : report.failures) UNSCOPED_INFO(failure);
    return report;
  }

  std::unique_ptr<Renderer> renderer;
  std::shared_ptr<const scenarios::Scenario> scenario;
  Viewer viewer;
};

}  // namespace isrlab::viz
