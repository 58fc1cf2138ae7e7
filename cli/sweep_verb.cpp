// `isrlab sweep`: one scenario under many seeds and settings, on all cores, resumable.
#include <fmt/format.h>

#include "cli/find_scenario.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "results/sweep/journal.hpp"
#include "results/sweep/pool.hpp"
#include "results/sweep/report.hpp"
#include "results/text.hpp"

namespace isrlab::cli {
namespace {

std::string number(std::size_t value) {
  return results::grouped(static_cast<std::int64_t>(value));
}

results::PlanRequest request_of(const Options& options, const std::string& file) {
  results::PlanRequest request;
  request.argument = options.scenarios.front();
  request.file = file;
  request.seeds = options.seeds;
  request.vary = options.vary;
  request.metrics = options.metrics;
  request.set = options.set;
  request.faults = options.faults;
  request.until = options.until;
  request.twice = options.twice;
  request.check_invariants = options.check;
  return request;
}

void announce(const Options& options, const results::Plan& plan, const results::SweepRows& rows,
              const results::Journal& journal, const std::filesystem::path& folder) {
  if (options.quiet) return;
  const std::string cells =
      plan.cells.size() == 1 ? "" : fmt::format(" in {} cells", number(plan.cells.size()));
  say(fmt::format("{}: {} seeds{}, {} runs, {} threads{}", plan.scenario, number(plan.seeds.size()),
                  cells, number(plan.runs()), results::Pool(options.jobs).threads(),
                  folder.empty() ? "" : ", kept in " + folder.string()));
  if (journal.passed_over() > 0) {
    say(fmt::format("passed over {} damaged lines of the journal; their runs are made again",
                    journal.passed_over()));
  }
  if (rows.done() > 0) say(fmt::format("{} runs are there already", number(rows.done())));
}

void tell_speed(const Options& options, const results::SweepResult& result, std::int64_t elapsed) {
  if (options.quiet || result.made == 0) return;
  const unsigned threads = results::Pool(options.jobs).threads();
  const std::int64_t per_minute = static_cast<std::int64_t>(result.made) * 60'000 /
                                  std::max<std::int64_t>(1, elapsed) / threads;
  say(fmt::format("{} runs in {}.{} s ({}; {} a minute and thread)", number(result.made),
                  elapsed / 1000, elapsed % 1000 / 100, rate_text(result.made, elapsed),
                  results::grouped(per_minute)));
}

/// The report to the user and into the folder; false if either failed.
bool deliver(const Options& options, const results::Plan& plan, const results::SweepReport& report,
             const std::filesystem::path& folder) {
  const std::string json = results::sweep_json(plan, report);
  const bool colour = to_stdout(options) && wants_colour(1);
  const bool written =
      put(options, as_json(options) ? json : results::sweep_text(plan, report, colour));
  if (folder.empty() || !report.complete) return written;
  std::string problem;
  const bool saved =
      results::save_sweep_report(folder, results::sweep_text(plan, report, false), json, problem);
  if (!saved) say("isrlab: " + problem);
  return written && saved;
}

}  // namespace

int sweep_verb(const Options& options) {
  if (load_for_run(options, options.scenarios.front()) == nullptr) return kBadUsage;
  std::string problem;
  const auto file = find_scenario(options.scenarios.front(), problem);
  const auto refuse = [&problem] {
    say("isrlab sweep: " + problem);
    return kBadUsage;
  };
  results::Plan plan;
  if (!results::make_plan(request_of(options, file.string()), plan, problem)) return refuse();
  if (options.resume && !options.save) {
    problem = "--resume needs the folder that --no-save does without; leave one of them out";
    return refuse();
  }
  results::Journal journal;
  results::SweepRows rows;
  std::filesystem::path folder;
  if (options.save) {
    folder = options.runs_folder.empty() ? results::sweep_folder(results::kSweepsFolder, plan)
                                         : std::filesystem::path(options.runs_folder);
    if (!journal.open(folder, plan, options.resume, rows, problem)) return refuse();
  }
  catch_interrupts();
  announce(options, plan, rows, journal, folder);
  ProgressLine line(options.progress && !options.quiet);
  results::SweepOptions sweep;
  sweep.threads = options.jobs;
  sweep.stop_after = options.stop_after;
  sweep.stop = interrupted;
  sweep.watch = [&line](const results::SweepProgress& progress) {
    line.show_runs(progress.done, progress.all, progress.made, progress.bad);
  };
  sweep.broke = [&plan](std::size_t run) {
    note_running(plan.run_command(plan.cell_of(run), plan.seed_of(run)));
  };
  const results::SweepResult result =
      results::run_sweep(plan, sweep, std::move(rows), options.save ? &journal : nullptr);
  const std::int64_t elapsed = line.elapsed_ms();
  line.clear();
  results::SweepReport report = results::make_report(plan, result);
  if (report.complete) results::explain_first_failure(plan, report);
  const bool delivered = deliver(options, plan, report, folder);
  tell_speed(options, result, elapsed);
  if (!result.problem.empty()) say("isrlab sweep: " + result.problem);
  if (interrupted()) {
    say(fmt::format("interrupted: {} of {} runs are done{}", number(result.rows.done()),
                    number(plan.runs()),
                    options.save ? "; the same command goes on from there" : ""));
    return kInterrupted;
  }
  if (!delivered || !result.problem.empty()) return kBadUsage;
  if (!options.quiet && !options.runs_folder.empty() && report.exit_code() != 0) {
    say("replay its runs with the folder after the token: isrlab replay TOKEN " + folder.string());
  }
  return report.exit_code();
}

}  // namespace isrlab::cli
