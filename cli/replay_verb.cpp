// `isrlab replay`: the same run again, and whether it is the same.
#include <fmt/format.h>

#include "cli/find_scenario.hpp"
#include "cli/terminal.hpp"
#include "results/json.hpp"
#include "results/report_text.hpp"
#include "results/run_folder.hpp"
#include "results/sweep/journal.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/chaos/swarm.hpp"

namespace isrlab::cli {
namespace {

namespace fs = std::filesystem;
using results::ReplayToken;

/// The token itself, or the folder of a run.
bool read_token(const std::string& argument, ReplayToken& token, fs::path& folder,
                std::string& problem) {
  std::error_code error;
  if (fs::is_directory(argument, error)) {
    folder = argument;
    return results::read_run_token(folder, token, problem);
  }
  if (!ReplayToken::parse(argument, token, problem)) {
    problem = fmt::format(
        "\"{}\" is neither the folder of a run nor a replay token; "
        "a token looks like il1:leader-crash:1:0123abcd:0123456789abcdef:{}",
        argument.substr(0, 80), results::code_version());
    return false;
  }
  return true;
}

/// The scenario whose identity the token names: saved with the run, or in the library.
std::shared_ptr<const scenarios::Scenario> find(const Options& options, const ReplayToken& token,
                                                const fs::path& folder, std::string& problem) {
  std::vector<fs::path> candidates;
  if (!folder.empty()) candidates.push_back(folder / "scenario.json");
  const fs::path base =
      options.runs_folder.empty() ? fs::path(results::kRunsFolder) : fs::path(options.runs_folder);
  candidates.push_back(results::find_saved_scenario(base, token));
  if (!options.runs_folder.empty()) {
    candidates.push_back(results::find_swept_scenario(base, token));
  }
  for (const std::string& given : options.scenarios) {
    if (&given == &options.scenarios.front()) continue;
    candidates.emplace_back(given);
    candidates.push_back(results::find_swept_scenario(given, token));
  }
  candidates.push_back(results::find_swept_scenario(results::kSweepsFolder, token));
  std::string none;
  candidates.push_back(find_scenario(token.scenario, none));
  bool other = false;
  for (const fs::path& file : candidates) {
    if (file.empty()) continue;
    const scenarios::LoadResult loaded = scenarios::load_scenario_file(file.string());
    if (!loaded.ok()) continue;
    if (ReplayToken::short_identity(scenarios::scenario_identity(loaded.scenario)) ==
        token.identity) {
      return std::make_shared<const scenarios::Scenario>(loaded.scenario);
    }
    other = true;
  }
  problem = other ? fmt::format(
                        "the scenario {} has changed since (or the run had --set, --vary, --fault "
                        "or --until and was not saved); replay the run's folder, or name after "
                        "the token the scenario file or the folder of the sweep",
                        token.scenario)
                  : fmt::format(
                        "the scenario {} is neither in {} nor in {} nor in the library; name after "
                        "the token its file or the folder of its sweep",
                        token.scenario, base.string(), results::kSweepsFolder);
  return nullptr;
}

}  // namespace

int replay_verb(const Options& options) {
  ReplayToken token;
  fs::path folder;
  std::string problem;
  if (!read_token(options.scenarios.front(), token, folder, problem)) {
    say("isrlab: " + problem);
    return kBadUsage;
  }
  if (token.version != results::code_version()) {
    say(
        fmt::format("isrlab: this run was made by isrlab {}, and this is {}; another version may "
                    "order events differently, so replay it with that one",
                    token.version, results::code_version()));
    return kBadUsage;
  }
  const auto scenario = find(options, token, folder, problem);
  if (scenario == nullptr) {
    say("isrlab: " + problem);
    return kBadUsage;
  }
  note_running("isrlab replay " + options.scenarios.front());
  catch_interrupts();
  ProgressLine line(options.progress && !options.quiet);
  results::RunOptions run;
  run.check_invariants = options.check;
  run.progress = [&line](const results::Progress& progress) { line.show(progress); };
  run.stop = interrupted;
  const results::Summary summary = results::run_scenario(scenario, token.seed, run);
  line.clear();
  if (interrupted()) return kInterrupted;
  const auto ran = scenarios::swarm_variant(scenario, token.seed);
  results::ReportStyle style;
  style.colour = wants_colour(1);
  print(options.json() ? results::summary_json(summary)
                       : results::report_text(summary, *ran, style));
  if (summary.digest != token.digest) {
    say(fmt::format(
        "isrlab: the replay DIVERGED: digest {} instead of {}. Determinism is broken, or "
        "the code changed without a new version",
        results::hex16(summary.digest), results::hex16(token.digest)));
    return kDiverged;
  }
  if (!options.quiet) say("replayed: the digest is the same, " + results::hex16(summary.digest));
  return results::exit_code(summary.verdict);
}

}  // namespace isrlab::cli
