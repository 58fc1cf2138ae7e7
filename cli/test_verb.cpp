// `isrlab test`: scenario files and folders as a gate of a CI.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "cli/find_scenario.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "results/page.hpp"
#include "results/run_folder.hpp"
#include "results/sweep/gate.hpp"
#include "results/text.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::cli {
namespace {

namespace fs = std::filesystem;
using results::GateCase;
using results::GateResult;
using results::Ink;

constexpr const char* kStateFolder = "results";
constexpr const char* kLastFailed = "last-failed.txt";

/// The same file under every name it is given.
std::string key_of(const std::string& file) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(file, error);
  return error ? file : whole.string();
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && entry.path().extension() == ".json") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool collect(const Options& options, std::vector<GateCase>& cases) {
  std::set<std::string> seen;
  const auto add = [&](const fs::path& file) {
    if (!seen.insert(key_of(file.string())).second) return;
    cases.push_back({file.string(), file.stem().string()});
  };
  for (const std::string& argument : options.scenarios) {
    std::error_code error;
    const bool folder = fs::is_directory(argument, error) &&
                        !fs::exists(fs::path(argument) / "scenario.json", error);
    if (folder) {
      const std::vector<fs::path> files = files_below(argument);
      if (files.empty()) {
        say(fmt::format("isrlab test: there is no .json file in {}; name a folder of scenarios",
                        scenarios::in_quotes(argument)));
        return false;
      }
      for (const fs::path& file : files) add(file);
      continue;
    }
    std::string problem;
    const fs::path file = find_scenario(argument, problem);
    if (file.empty()) {
      say("isrlab test: " + problem);
      return false;
    }
    add(file);
  }
  return true;
}

std::set<std::string> read_last_failed(const fs::path& file) {
  std::string text;
  std::set<std::string> keys;
  if (!results::read_file(file, text)) return keys;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) keys.insert(line);
  }
  return keys;
}

/// What failed now, and what failed before and was not run now.
bool write_last_failed(const fs::path& file, std::set<std::string> keys,
                       const std::vector<GateResult>& results) {
  for (const GateResult& each : results) {
    if (!each.done) continue;
    keys.erase(key_of(each.file));
    if (!each.passed()) keys.insert(key_of(each.file));
  }
  std::string text;
  for (const std::string& key : keys) text += key + "\n";
  std::error_code error;
  if (keys.empty() && !fs::exists(file, error)) return true;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (results::write_file(file, text)) return true;
  say(fmt::format("isrlab test: cannot write to {}; choose another place with --out DIR",
                  file.string()));
  return false;
}

/// -k and --last-failed.
bool choose(const Options& options, const std::set<std::string>& failed,
            std::vector<GateCase>& cases) {
  std::erase_if(cases, [&](const GateCase& each) {
    return !options.name_parts.empty() &&
           std::none_of(
               options.name_parts.begin(), options.name_parts.end(),
               [&](const std::string& part) { return each.file.find(part) != std::string::npos; });
  });
  if (cases.empty()) {
    say(fmt::format("isrlab test: no scenario has {} in its path; shorten what follows -k",
                    scenarios::in_quotes(scenarios::joined(options.name_parts, "or"))));
    return false;
  }
  if (!options.last_failed) return true;
  std::vector<GateCase> again = cases;
  std::erase_if(again, [&](const GateCase& each) { return !failed.contains(key_of(each.file)); });
  if (!again.empty()) {
    cases = std::move(again);
  } else if (!options.quiet) {
    say("nothing of this failed the last time: all of it is run");
  }
  return true;
}

class GatePage {
 public:
  GatePage(bool colour, std::size_t name_width) : ink_(colour), name_width_(name_width) {}

  std::string line(const GateResult& result) const {
    const std::string word = results::left_column(result.word(), 12);
    const Ink ink = result.passed()                                    ? Ink::kGood
                    : result.loaded && result.word() == "INCONCLUSIVE" ? Ink::kWarn
                                                                       : Ink::kBad;
    std::string text = ink_.ink(ink, word) + "  " + results::left_column(result.name, name_width_);
    if (result.loaded) {
      text += "  " + results::right_column(sim::format_duration(result.summary.simulated), 8);
    }
    if (result.passed()) {
      text += "  " + results::counted(static_cast<std::int64_t>(result.summary.expectations.size()),
                                      "expectation");
      return text + (result.twice ? ", twice the same\n" : "\n");
    }
    return text + "  " + result.what() + "\n";
  }

  /// How to see each that did not pass.
  std::string again(const std::vector<GateResult>& all) const {
    std::string text;
    for (const GateResult& each : all) {
      if (!each.done || each.passed()) continue;
      text += "  " + each.again() + "\n";
    }
    return text.empty() ? text : "\nto see them:\n" + text + "\n";
  }

 private:
  results::Page ink_;
  std::size_t name_width_;
};

}  // namespace

int test_verb(const Options& options) {
  std::vector<GateCase> cases;
  const fs::path state = folder_or(options, kStateFolder) / kLastFailed;
  const std::set<std::string> failed = read_last_failed(state);
  if (!collect(options, cases) || !choose(options, failed, cases)) return kBadUsage;
  results::GateOptions gate;
  std::uint64_t seed = 0;
  if (!choose_seed(options, 0, seed)) return kBadUsage;
  if (!options.seed.empty()) gate.seed = seed;
  gate.threads = options.jobs;
  gate.twice = options.twice;
  gate.check_invariants = options.check;
  gate.fail_fast = options.fail_fast;
  gate.stop = interrupted;
  gate.broke = [](const GateCase& each) { note_running("isrlab run " + each.file); };
  catch_interrupts();

  std::size_t width = 0;
  for (const GateCase& each : cases) width = std::max(width, results::columns(each.name));
  const bool live = to_stdout(options) && !as_json(options);
  const GatePage page(live && wants_colour(1), width);
  std::string text;
  ProgressLine progress(options.progress && !options.quiet);
  gate.done = [&](const GateResult& result) {
    text += page.line(result);
    if (!live) return;
    progress.clear();
    print(page.line(result));
  };
  gate.watch = [&](std::size_t finished) {
    progress.show_runs(finished, cases.size(), finished, 0);
  };
  const std::vector<GateResult> all = results::run_gate(cases, gate);
  progress.clear();
  const std::string end = page.again(all) + results::count_results(all).text() + "\n";
  bool written = true;
  if (live) {
    print(end);
  } else {
    written = put(options, as_json(options) ? results::gate_json(all) : text + end);
  }
  if (!options.junit.empty() && !results::write_file(options.junit, results::gate_junit(all))) {
    say("isrlab test: cannot write to " + options.junit);
    written = false;
  }
  if (options.save) written = write_last_failed(state, failed, all) && written;
  if (interrupted()) return kInterrupted;
  if (!written) return kBadUsage;
  return results::gate_exit_code(all);
}

}  // namespace isrlab::cli
