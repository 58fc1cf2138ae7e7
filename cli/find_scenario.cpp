#include "cli/find_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "cli/terminal.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::cli {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : self.parent_path();
}

std::vector<fs::path> library_folders() {
  const fs::path program = program_folder();
  std::vector<fs::path> candidates = {fs::path("scenarios") / "library"};
  if (!program.empty()) {
    candidates.push_back(program / "scenarios" / "library");
    candidates.push_back(program.parent_path() / "share" / "isrlab" / "scenarios" / "library");
    candidates.push_back(program.parent_path().parent_path() / "scenarios" / "library");
  }
  candidates.push_back(fs::path(ISRLAB_SOURCE_ROOT) / "scenarios" / "library");
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::path& each : candidates) {
    if (fs::is_directory(each, error)) found.push_back(each);
  }
  return found;
}

std::vector<std::string> library_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::path& folder : library_folders()) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

fs::path find_scenario(const std::string& argument, std::string& problem) {
  std::error_code error;
  if (fs::is_regular_file(argument, error)) return argument;
  if (fs::is_directory(argument, error) &&
      fs::exists(fs::path(argument) / "scenario.json", error)) {
    return fs::path(argument) / "scenario.json";  // the folder of a run
  }
  const bool bare = argument.find('/') == std::string::npos;
  if (bare) {
    const std::string name =
        fs::path(argument).extension() == ".json" ? fs::path(argument).stem().string() : argument;
    for (const fs::path& folder : library_folders()) {
      const fs::path file = folder / (name + ".json");
      if (fs::is_regular_file(file, error)) return file;
    }
  }
  problem =
      fmt::format("there is no file and no library scenario {}; {}", scenarios::in_quotes(argument),
                  bare ? scenarios::suggestion(argument, library_names())
                       : std::string("`isrlab list scenarios` shows the library"));
  return {};
}

std::shared_ptr<const scenarios::Scenario> load_for_run(const Options& options,
                                                        const std::string& argument) {
  std::string problem;
  const fs::path file = find_scenario(argument, problem);
  if (file.empty()) {
    say("isrlab: " + problem);
    return nullptr;
  }
  scenarios::Overrides overrides;
  overrides.set = options.set;
  overrides.faults = options.faults;
  overrides.require = options.require;
  overrides.duration = options.until;
  const scenarios::LoadResult loaded = scenarios::load_scenario_file(file.string(), overrides);
  if (!loaded.problems.empty() && (!loaded.ok() || !options.quiet)) {
    if (options.json()) {
      say(loaded.json());
    } else {
      std::string text = loaded.text();
      if (!text.empty() && text.back() == '\n') text.pop_back();
      say(text);
    }
  }
  if (!loaded.ok()) return nullptr;
  return std::make_shared<const scenarios::Scenario>(loaded.scenario);
}

bool choose_seed(const Options& options, std::uint64_t own, std::uint64_t& seed) {
  seed = own;
  if (options.seed.empty()) return true;
  if (options.seed == "random") {
    std::random_device device;
    seed = device();  // 32 bits: short enough to be typed again
    say(fmt::format("seed {}", seed));
    return true;
  }
  const char* end = options.seed.data() + options.seed.size();
  const auto [at, error] = std::from_chars(options.seed.data(), end, seed);
  if (error == std::errc() && at == end) return true;
  say(fmt::format("isrlab: --seed {} is no number; write a whole number or random",
                  scenarios::in_quotes(options.seed)));
  return false;
}

}  // namespace isrlab::cli
