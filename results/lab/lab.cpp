#include "results/lab/lab.hpp"

#include <ostream>

#include "results/run_folder.hpp"
#include "scenarios/format/library.hpp"
#include "scenarios/format/loader.hpp"
#include "scenarios/format/overrides.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/vocabulary.hpp"

namespace isrlab::lab {

using scenarios::LoadResult;
using scenarios::Problems;
using scenarios::Value;
using Kind = Value::Kind;

namespace {

void replace(Value& root, std::string_view key, const Value& section) {
  const bool empty = section.is(Kind::kNull) || (section.is(Kind::kArray) && section.items.empty());
  Value* present = root.find(key);
  if (!empty) {
    root.set(key, section);
  } else if (present != nullptr) {
    const auto index = present - root.items.data();
    root.items.erase(root.items.begin() + index);
    root.keys.erase(root.keys.begin() + index);
  }
}

LoadResult load_or_throw(const Value& root, const std::string& file) {
  const Value* name = root.find("name");
  LoadResult loaded = load_scenario_document(
      root, !file.empty() || name == nullptr ? std::string_view(file) : name->text);
  if (!loaded.ok()) throw ScenarioError(std::move(loaded.problems), loaded.file);
  return loaded;
}

}  // namespace

Lab::Lab(std::string_view name) : root_(Value::object()) {
  root_.set("schema", Value::of_text(scenarios::kSchemaName));
  root_.set("name", Value::of_text(name));
}

Lab::Lab(const Cluster& cluster, const Load& load, const Schedule& schedule) : Lab("lab") {
  this->cluster(cluster).load(load).schedule(schedule);
}

Lab Lab::text(std::string_view json, std::string_view name) {
  Value root;
  Problems problems(&root);
  if (!parse_json(json, root, problems) || problems.errors() > 0) {
    throw ScenarioError(problems.list(), std::string(name));
  }
  return {std::move(root), std::string(name)};
}

Lab Lab::file(const std::filesystem::path& path) {
  std::string bytes;
  if (results::read_file(path, bytes)) return text(bytes, path.string());
  // The loader says why.
  throw ScenarioError(scenarios::load_scenario_file(path.string()).problems, path.string());
}

Lab Lab::library(std::string_view name) {
  const scenarios::LibraryScenario* found = scenarios::find_library_scenario(name);
  if (found != nullptr) return text(found->text, std::string(name) + ".json");
  std::vector<std::string> known;
  for (const scenarios::LibraryScenario& each : scenarios::library_scenarios()) {
    known.emplace_back(each.name);
  }
  throw ScenarioError({{scenarios::Severity::kError,
                        "there is no library scenario " + scenarios::in_quotes(name),
                        scenarios::suggestion(name, known),
                        {}}},
                      "isrlab");
}

Lab& Lab::name(std::string_view name) {
  root_.set("name", Value::of_text(name));
  return *this;
}

Lab& Lab::lasts(const Span& duration) {
  root_.set("duration", Value::of_text(duration.text()));
  return *this;
}

Lab& Lab::cluster(const Cluster& cluster) {
  replace(root_, "cluster", cluster.cluster_value());
  replace(root_, "topics", cluster.topics_value());
  return *this;
}

Lab& Lab::load(const Load& load) {
  replace(root_, "producers", load.producers_value());
  replace(root_, "consumers", load.consumers_value());
  return *this;
}

Lab& Lab::schedule(const Schedule& schedule) {
  replace(root_, "faults", schedule.faults_value());
  replace(root_, "chaos", schedule.chaos_value());
  replace(root_, "heal", schedule.heal_value());
  return *this;
}

Lab& Lab::add(const Fault& fault) {
  member({}, "faults", Kind::kArray).push(fault.value());
  return *this;
}

/// The member of a section (of the root if it has no name), made if it is not there. One of another
/// kind stays for the loader to complain about, and what is added to it is lost.
Value& Lab::member(std::string_view section, std::string_view key, Kind kind) {
  Value& parent = section.empty() ? root_ : member({}, section, Kind::kObject);
  Value* found = parent.find(key);
  if (found == nullptr) {
    found = &parent.set(key, kind == Kind::kArray ? Value::list() : Value::object());
  }
  return *found;
}

Lab& Lab::always(std::string_view invariant) {
  member("expect", "always", Kind::kArray).push(Value::of_text(invariant));
  return *this;
}

Lab& Lab::sometimes(std::string_view state) {
  member("expect", "sometimes", Kind::kArray).push(Value::of_text(state));
  return *this;
}

Lab& Lab::eventually(std::string_view condition, const Span& within) {
  Value item = Value::object();
  item.set("that", Value::of_text(condition));
  item.set("within", Value::of_text(within.text()));
  member("expect", "eventually", Kind::kArray).push(std::move(item));
  return *this;
}

Lab& Lab::limit(std::string_view comparison) {
  member("expect", "limits", Kind::kArray).push(Value::of_text(comparison));
  return *this;
}

Lab& Lab::set(const std::string& pointer, const Setting& value) {
  Problems problems(&root_);
  scenarios::Overrides overrides;
  overrides.set.push_back(pointer + "=" + to_json(value.value()));
  apply_overrides(overrides, root_, problems);
  if (problems.errors() > 0) throw ScenarioError(problems.list(), file_.empty() ? "lab" : file_);
  return *this;
}

std::shared_ptr<const scenarios::Scenario> Lab::scenario() const {
  return std::make_shared<const scenarios::Scenario>(load_or_throw(root_, file_).scenario);
}

std::vector<scenarios::Problem> Lab::notes() const {
  return load_or_throw(root_, file_).problems;
}

scenarios::Run Lab::start(std::uint64_t seed) const {
  return {scenario(), seed};
}

Result Lab::run(std::optional<std::uint64_t> seed, const results::RunOptions& options) const {
  std::shared_ptr<const scenarios::Scenario> loaded = scenario();
  results::Summary summary = results::run_scenario(loaded, seed.value_or(loaded->seed), options);
  return {std::move(loaded), std::move(summary)};
}

std::string Lab::json() const {
  return to_json(root_);
}

std::ostream& operator<<(std::ostream& stream, const Lab& lab) {
  return stream << lab.json();
}

}  // namespace isrlab::lab
