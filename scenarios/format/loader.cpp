#include "scenarios/format/loader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/vocabulary.hpp"
#include "sim/random.hpp"

namespace isrlab::scenarios {
namespace {

/// One text, or a list of lines that are joined by spaces.
void read_about(ObjectReader& file, LoadContext& context) {
  const Value* about = file.find("about");
  if (about == nullptr || !about->is(Value::Kind::kArray)) {
    file.text("about", context.scenario.about);
    return;
  }
  for (std::size_t i = 0; i < about->items.size() && !context.problems.full(); ++i) {
    const std::string pointer = child_pointer("/about", i);
    if (!expect_kind(about->items[i], Value::Kind::kString, pointer, context.problems, "a text")) {
      continue;
    }
    if (!context.scenario.about.empty()) context.scenario.about += ' ';
    context.scenario.about += about->items[i].text;
  }
}

void read_header(ObjectReader& file, LoadContext& context) {
  std::string schema;
  if (file.text("schema", schema) && schema != kSchemaName) {
    context.problems.error("/schema", "this version does not read the schema " + in_quotes(schema),
                           "write " + in_quotes(kSchemaName));
  }
  file.name("name", context.scenario.name);
  read_about(file, context);
  const Value* seed = file.find("seed");
  if (seed != nullptr &&
      (!seed->is(Value::Kind::kInteger) || (seed->negative && seed->magnitude != 0))) {
    context.problems.error(
        "/seed", "must be a whole number from 0 to 18446744073709551615, not " + seed->described());
  } else if (seed != nullptr) {
    context.scenario.seed = seed->magnitude;
  }
  file.integer("duration", context.scenario.duration);
}

void read_scenario(LoadContext& context) {
  ObjectReader file(context.root, "", Shape::kScenario, context.problems);
  if (!file.valid()) return;
  read_header(file, context);
  read_cluster(file, context);
  read_network(file, context);
  read_topics(file, context);
  read_producers(file, context);
  read_consumers(file, context);
  read_clocks(file, context);
  read_heal(file, context);
  read_chaos(file, context);
  read_faults(file, context);
  read_expectations(file, context);
  check_cluster(context);
  check_clients(context);
  check_network(context);
}

Problem whole_file(std::string what, std::string fix) {
  return {Severity::kError, std::move(what), std::move(fix), {}};
}

bool read_file(const std::string& path, std::string& text, Problem& problem) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error || !std::filesystem::exists(status)) {
    problem = whole_file("there is no such file", "isrlab list scenarios shows the library");
    return false;
  }
  if (!std::filesystem::is_regular_file(status)) {
    problem = whole_file("is no regular file", "name a scenario file");
    return false;
  }
  std::ifstream stream(path, std::ios::binary);
  // One byte more than allowed is enough to know that it is too much.
  text.resize(kMostBytes + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    problem = whole_file("cannot be read", "check its permissions");
    return false;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return true;
}

/// Reads the document if `readable`, and ends the load: `problems` are complete afterwards.
void finish(const Value& root, bool readable, Problems& problems, LoadResult& result) {
  if (readable) {
    LoadContext context{root, problems, result.scenario};
    read_scenario(context);
  }
  result.problems = problems.list();
  std::stable_sort(result.problems.begin(), result.problems.end(),
                   [](const Problem& left, const Problem& right) {
                     return left.location.line < right.location.line;
                   });
  if (result.ok()) result.scenario.canonical = to_json(canonical_document(result.scenario));
}

}  // namespace

bool LoadResult::ok() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& problem) { return problem.severity == Severity::kError; });
}

LoadResult load_scenario_text(std::string_view text, std::string_view name,
                              const Overrides& overrides) {
  LoadResult result;
  result.file = name;
  result.scenario.path = name;
  Value root;
  Problems problems(&root);
  const bool readable = parse_json(text, root, problems);
  if (readable) apply_overrides(overrides, root, problems);
  finish(root, readable, problems, result);
  return result;
}

LoadResult load_scenario_document(const Value& root, std::string_view name) {
  LoadResult result;
  result.file = name;
  result.scenario.path = name;
  Problems problems(&root);
  finish(root, true, problems, result);
  return result;
}

LoadResult load_scenario_file(const std::string& path, const Overrides& overrides) {
  std::string text;
  Problem problem;
  if (read_file(path, text, problem)) return load_scenario_text(text, path, overrides);
  LoadResult result;
  result.file = path;
  result.problems.push_back(std::move(problem));
  return result;
}

Scenario load_scenario(const std::string& path, const Overrides& overrides) {
  LoadResult result = load_scenario_file(path, overrides);
  if (!result.ok()) throw ScenarioError(std::move(result.problems), path);
  return std::move(result.scenario);
}

std::uint64_t scenario_identity(const Scenario& scenario) {
  return sim::hash_name(scenario.canonical);
}

}  // namespace isrlab::scenarios
