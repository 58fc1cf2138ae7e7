// `isrlab run`: one scenario under one seed, or under many (--repeat).
#include <fmt/format.h>

#include <fstream>

#include "cli/find_scenario.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "results/json.hpp"
#include "results/report_text.hpp"
#include "results/run_folder.hpp"
#include "results/spread.hpp"
#include "results/trace.hpp"
#include "scenarios/chaos/swarm.hpp"

namespace isrlab::cli {
namespace {

using results::Summary;

std::string again_command(const Options& options, const std::string& scenario, std::uint64_t seed) {
  std::string command = fmt::format("isrlab run {} --seed {}", scenario, seed);
  for (const std::string& each : options.set) command += " --set '" + each + "'";
  for (const std::string& each : options.faults) command += " --fault '" + each + "'";
  for (const std::string& each : options.require) command += " --require '" + each + "'";
  if (options.until) command += " --until " + *options.until;
  return command;
}

}  // namespace

int run_verb(const Options& options) {
  const auto scenario = load_for_run(options, options.scenarios.front());
  if (scenario == nullptr) return kBadUsage;
  std::uint64_t seed = 0;
  if (!choose_seed(options, scenario->seed, seed)) return kBadUsage;
  note_running(again_command(options, options.scenarios.front(), seed));
  catch_interrupts();

  ProgressLine line(options.progress && !options.quiet);
  results::RunOptions run;
  run.check_invariants = options.check;
  run.progress = [&line](const results::Progress& progress) { line.show(progress); };
  run.stop = interrupted;
  std::shared_ptr<std::ofstream> trace;
  if (!options.trace.empty()) {
    trace = std::make_shared<std::ofstream>(options.trace);
    if (!*trace) return say("isrlab: cannot write to " + options.trace), kBadUsage;
    run.at_start = [&trace](scenarios::Run& starting) {
      starting.readers().add(std::make_unique<results::Trace>(trace));
    };
  }
  results::SavedRun saved;
  run.at_end = [&](const scenarios::Run& finished, const Summary& summary) {
    if (!options.save || interrupted()) return;
    saved = results::save_run(folder_or(options, results::kRunsFolder), summary,
                              results::make_run_files(finished, summary, options.check));
  };
  const Summary summary = results::run_scenario(scenario, seed, run);
  const std::int64_t elapsed = line.elapsed_ms();
  line.clear();

  const auto ran = scenarios::swarm_variant(scenario, seed);
  results::ReportStyle style;
  style.colour = to_stdout(options) && wants_colour(1);
  const std::string text = as_json(options) ? results::summary_json(summary)
                                            : results::report_text(summary, *ran, style);
  bool written = put(options, text);
  if (trace != nullptr && !trace->flush()) {
    say("isrlab: cannot write all of " + options.trace);
    written = false;
  }
  if (!options.quiet) {
    say(fmt::format("{} in {} ms ({})", sim::format_duration(summary.simulated), elapsed,
                    speed_text(summary.simulated, elapsed)));
    if (!saved.path.empty() && saved.problem.empty()) say("saved " + saved.path.string());
  }
  if (!saved.problem.empty()) say("isrlab: " + saved.problem);
  if (interrupted()) {
    say("interrupted: the result is partial");
    return kInterrupted;
  }
  if (!written || !saved.problem.empty()) return kBadUsage;
  return results::exit_code(summary.verdict);
}

int repeat_verb(const Options& options) {
  const auto scenario = load_for_run(options, options.scenarios.front());
  if (scenario == nullptr) return kBadUsage;
  std::uint64_t first = 0;
  if (!choose_seed(options, scenario->seed, first)) return kBadUsage;
  catch_interrupts();
  ProgressLine line(options.progress && !options.quiet);
  std::vector<results::RunDigest> runs;
  results::Verdict verdict = results::Verdict::kPass;
  std::size_t saved_runs = 0;
  std::string problem;
  for (std::uint32_t i = 0; i < options.repeat && !interrupted(); ++i) {
    note_running(again_command(options, options.scenarios.front(), first + i));
    results::RunOptions run;
    run.check_invariants = options.check;
    run.progress = [&](const results::Progress& progress) {
      line.show({progress.now + i * progress.end, options.repeat * progress.end, progress.events});
    };
    run.stop = interrupted;
    // A passing run is one command away; only the others are worth their space.
    run.at_end = [&](const scenarios::Run& finished, const Summary& summary) {
      if (!options.save || interrupted() || summary.verdict == results::Verdict::kPass) return;
      const auto saved =
          results::save_run(folder_or(options, results::kRunsFolder), summary,
                            results::make_run_files(finished, summary, options.check));
      problem = saved.problem;
      ++saved_runs;
    };
    const Summary summary = results::run_scenario(scenario, first + i, run);
    if (interrupted()) break;
    verdict = results::heavier(verdict, summary.verdict);
    runs.push_back(results::RunDigest::of(summary));
  }
  line.clear();
  if (runs.empty()) return kInterrupted;
  const results::Spread spread = results::spread_of(runs);
  const bool colour = to_stdout(options) && wants_colour(1);
  const bool written =
      put(options, as_json(options) ? results::spread_json(spread, runs, scenario->name)
                                    : results::spread_text(spread, runs, scenario->name, colour));
  if (!options.quiet) {
    const std::int64_t elapsed = line.elapsed_ms();
    const auto simulated = static_cast<sim::Duration>(runs.size()) * scenario->duration;
    say(fmt::format("{} runs in {} ms ({})", runs.size(), elapsed, speed_text(simulated, elapsed)));
    if (saved_runs > 0) {
      say(fmt::format("saved {} runs that did not pass in {}", saved_runs,
                      folder_or(options, results::kRunsFolder).string()));
    }
  }
  if (!problem.empty()) say("isrlab: " + problem);
  if (interrupted()) return kInterrupted;
  if (!written || !problem.empty()) return kBadUsage;
  return results::exit_code(verdict);
}

}  // namespace isrlab::cli
