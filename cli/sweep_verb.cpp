// `isrlab sweep`: one scenario under many seeds and settings, on all cores, resumable.
#include <fmt/format.h>

#include "cli/find_scenario.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "results/run_folder.hpp"
#include "results/sweep/export.hpp"
#include "results/sweep/journal.hpp"
#include "results/sweep/pool.hpp"
#include "results/sweep/report.hpp"
#include "results/text.hpp"
#include "scenarios/format/spelling.hpp"

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
  request.require = options.require;
  request.shard = options.shard;
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
  const std::string share = plan.shard.whole() ? "" : ", shard " + plan.shard.text();
  say(fmt::format("{}: {} seeds{}{}, {} runs, {} threads{}", plan.scenario,
                  number(plan.seeds.size()), cells, share, number(plan.own_runs()),
                  results::Pool(options.jobs).threads(),
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

/// --export: what each file is to hold goes by its name.
bool good_exports(const Options& options, std::string& problem) {
  for (const std::string& file : options.exports) {
    if (file.ends_with(".html") || file.ends_with(".csv")) continue;
    problem = fmt::format("--export {}: is no .html and no .csv; name one of these",
                          scenarios::in_quotes(file));
    return false;
  }
  return true;
}

bool write_exports(const Options& options, const results::Plan& plan,
                   const results::SweepReport& report) {
  bool good = true;
  for (const std::string& file : options.exports) {
    const bool page = file.ends_with(".html");
    if (results::write_file(
            file, page ? results::sweep_html(plan, report) : results::sweep_csv(plan, report))) {
      continue;
    }
    say("isrlab sweep: cannot write to " + file);
    good = false;
  }
  return good;
}

/// What is to be done, and where it is kept.
struct Work {
  results::Plan plan;
  results::Journal journal;
  results::SweepRows rows;
  std::filesystem::path folder;  // empty: --no-save
};

bool consistent(const Options& options, std::string& problem) {
  if (options.resume && !options.save) {
    problem = "--resume needs the folder that --no-save does without; leave one of them out";
  } else if (!options.shard.empty() && !options.save) {
    problem = "--shard needs the folder that --no-save does without; leave one of them out";
  }
  return problem.empty() && good_exports(options, problem);
}

/// Plan, folder, and the runs that are there. kPassed, or why not, with a sentence.
int prepare(const Options& options, Work& work, std::string& problem) {
  const auto file = find_scenario(options.scenarios.front(), problem);
  if (!consistent(options, problem)) return kBadUsage;
  if (!results::make_plan(request_of(options, file.string()), work.plan, problem)) return kBadUsage;
  const results::Plan& plan = work.plan;
  if (options.save) {
    work.folder = options.runs_folder.empty() ? results::sweep_folder(results::kSweepsFolder, plan)
                                              : std::filesystem::path(options.runs_folder);
    if (!work.journal.open(work.folder, plan, options.resume, work.rows, problem)) return kBadUsage;
  }
  if (options.merge.empty()) return kPassed;
  if (work.rows.size() == 0) work.rows = results::SweepRows(plan.runs(), plan.metrics.size());
  const results::SweepRows before = work.rows;
  const std::vector<std::filesystem::path> parts(options.merge.begin(), options.merge.end());
  bool diverged = false;
  if (!results::merge_journals(parts, plan, work.rows, diverged, problem)) {
    return diverged ? kDiverged : kBadUsage;
  }
  for (std::size_t run = 0; options.save && run < plan.runs(); ++run) {
    if (!work.rows.row(run).done || before.row(run).done) continue;
    if (work.journal.append(plan, run, work.rows)) continue;
    problem = work.journal.problem();
    return kBadUsage;
  }
  return kPassed;
}

results::SweepResult make_runs(const Options& options, Work& work, ProgressLine& line) {
  const results::Plan& plan = work.plan;
  results::SweepOptions sweep;
  sweep.threads = options.jobs;
  sweep.stop_after = options.stop_after;
  const bool only_merge = !options.merge.empty();
  sweep.stop = [only_merge] { return only_merge || interrupted(); };
  sweep.watch = [&line](const results::SweepProgress& progress) {
    line.show_runs(progress.done, progress.all, progress.made, progress.bad);
  };
  sweep.broke = [&plan](std::size_t run) {
    note_running(plan.run_command(plan.cell_of(run), plan.seed_of(run)));
  };
  return results::run_sweep(plan, sweep, std::move(work.rows),
                            options.save ? &work.journal : nullptr);
}

/// What shards have left out, said with the first run of it.
std::string missing_text(const results::Plan& plan, const results::SweepResult& result) {
  std::size_t run = 0;
  while (result.rows.row(run).done) ++run;
  return fmt::format(
      "{} of {} runs are in none of these folders, the first is seed {}; run their shards to the "
      "end, then merge",
      number(result.missing), number(result.counted), plan.seed_of(run));
}

}  // namespace

int sweep_verb(const Options& options) {
  if (load_for_run(options, options.scenarios.front()) == nullptr) return kBadUsage;
  std::string problem;
  Work work;
  if (const int code = prepare(options, work, problem); code != kPassed) {
    say("isrlab sweep: " + problem);
    return code;
  }
  const results::Plan& plan = work.plan;
  catch_interrupts();
  announce(options, plan, work.rows, work.journal, work.folder);
  ProgressLine line(options.progress && !options.quiet);
  const results::SweepResult result = make_runs(options, work, line);
  const std::int64_t elapsed = line.elapsed_ms();
  line.clear();
  if (!options.merge.empty() && !result.complete()) {
    say("isrlab sweep: " + missing_text(plan, result));
    return kBadUsage;
  }
  results::SweepReport report = results::make_report(plan, result);
  if (report.complete) results::explain_first_failure(plan, report);
  const bool reported = deliver(options, plan, report, work.folder);
  const bool delivered = write_exports(options, plan, report) && reported;
  tell_speed(options, result, elapsed);
  if (!result.problem.empty()) say("isrlab sweep: " + result.problem);
  if (interrupted()) {
    say(fmt::format("interrupted: {} of {} runs are done{}", number(result.rows.done()),
                    number(plan.own_runs()),
                    options.save ? "; the same command goes on from there" : ""));
    return kInterrupted;
  }
  if (!delivered || !result.problem.empty()) return kBadUsage;
  if (!options.quiet && !options.runs_folder.empty() && report.exit_code() != 0) {
    say("replay its runs with the folder after the token: isrlab replay TOKEN " +
        work.folder.string());
  }
  return report.exit_code();
}

}  // namespace isrlab::cli
