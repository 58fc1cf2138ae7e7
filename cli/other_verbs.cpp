// `isrlab validate`, `list`, `schema` and `view`.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/find_scenario.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "results/page.hpp"
#include "results/text.hpp"
#include "scenarios/format/listing.hpp"
#include "scenarios/format/schema.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The first sentence of a scenario's prose.
std::string first_sentence(const std::string& about) {
  const std::size_t end = about.find_first_of(".?!");
  std::string text = about.substr(0, end == std::string::npos ? about.size() : end + 1);
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

int list_scenarios(const Options& options) {
  Json json = Json::array();
  results::Page page(wants_colour(1));
  for (const std::string& name : library_names()) {
    std::string problem;
    const auto file = find_scenario(name, problem);
    const scenarios::LoadResult loaded = scenarios::load_scenario_file(file.string());
    const std::string about = loaded.ok() ? first_sentence(loaded.scenario.about)
                                          : std::string("does not load: isrlab validate ") + name;
    json.push_back({{"name", name}, {"file", file.string()}, {"about", about}});
    page.wrapped("  " + page.ink(results::Ink::kBold, results::left_column(name, 32)) + "  ", 36,
                 about);
  }
  print(options.json() ? json.dump(2) + "\n" : page.take());
  return kPassed;
}

void print_entries(const std::vector<scenarios::ListEntry>& entries) {
  results::Page page(wants_colour(1));
  std::string section;
  for (const scenarios::ListEntry& entry : entries) {
    if (entry.section != section) page.heading(section = entry.section);
    const std::string name = results::left_column(entry.name, 34);
    std::string what = entry.what;
    if (!entry.detail.empty()) what += (what.empty() ? "" : " ") + ("[" + entry.detail + "]");
    page.wrapped("  " + page.ink(results::Ink::kAccent, name) + "  ", 4 + results::columns(name),
                 what);
  }
  print(page.take());
}

}  // namespace

int validate_verb(const Options& options) {
  bool good = true;
  Json all = Json::array();
  for (const std::string& argument : options.scenarios) {
    std::string problem;
    const auto file = find_scenario(argument, problem);
    if (file.empty()) {
      say("isrlab: " + problem);
      good = false;
      continue;
    }
    scenarios::Overrides overrides;
    overrides.set = options.set;
    overrides.faults = options.faults;
    overrides.duration = options.until;
    const scenarios::LoadResult loaded = scenarios::load_scenario_file(file.string(), overrides);
    good = good && loaded.ok();
    if (options.json()) {
      for (const auto& each : Json::parse(loaded.json())) all.push_back(each);
    } else {
      print(loaded.text());
      if (loaded.ok()) print(file.string() + ": good\n");
    }
  }
  if (options.json()) print(all.dump(2) + "\n");
  return good ? kPassed : kBadUsage;
}

int list_verb(const Options& options) {
  if (options.what == "scenarios") return list_scenarios(options);
  const std::vector<scenarios::ListEntry> entries =
      options.what.empty() ? scenarios::list_everything() : scenarios::list_section(options.what);
  if (entries.empty()) {
    std::vector<std::string> known = scenarios::list_sections();
    known.emplace_back("scenarios");
    say(fmt::format("isrlab: there is no list of {}; {}", scenarios::in_quotes(options.what),
                    scenarios::suggestion(options.what, known)));
    return kBadUsage;
  }
  if (!options.json()) {
    print_entries(entries);
    return kPassed;
  }
  Json json = Json::array();
  for (const scenarios::ListEntry& entry : entries) {
    json.push_back({{"section", entry.section},
                    {"name", entry.name},
                    {"detail", entry.detail},
                    {"what", entry.what},
                    {"colour", entry.colour}});
  }
  print(json.dump(2) + "\n");
  return kPassed;
}

int schema_verb(const Options& options) {
  std::string text = scenarios::json_schema();
  if (text.empty() || text.back() != '\n') text += '\n';
  return put(options, text) ? kPassed : kBadUsage;
}

int view_verb(const Options& options) {
  const std::filesystem::path viewer = program_folder() / "isrlab-view";
  std::vector<std::string> words = {viewer.string()};
  if (!options.scenarios.empty()) {
    std::string problem;
    const auto file = find_scenario(options.scenarios.front(), problem);
    if (file.empty()) {
      say("isrlab: " + problem);
      return kBadUsage;
    }
    words.push_back(file.string());
  }
  if (!options.seed.empty()) words.insert(words.end(), {"--seed", options.seed});
  words.insert(words.end(), options.viewer_arguments.begin(), options.viewer_arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(viewer.c_str(), arguments.data());
  say(fmt::format(
      "isrlab: cannot start the viewer {} ({}). It is built only where Dear ImGui, GLFW "
      "and OpenGL are: apt-get install libimgui-dev libglfw3-dev libgl-dev, then build "
      "again; a prebuilt one needs libglfw3 and libgl1",
      viewer.string(), std::strerror(errno)));
  return kBadUsage;
}

}  // namespace isrlab::cli
