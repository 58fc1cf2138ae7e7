// The command line. CLI11 reads it; what it refuses is explained here, with the nearest word.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "results/sweep/plan.hpp"
#include "results/version.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::cli {
namespace {

constexpr const char* kHelp =
    R"(isrlab: a deterministic laboratory for Apache Kafka 3.9 with ZooKeeper

usage: isrlab VERB [SCENARIO] [options]

  isrlab run leader-crash                     run a library scenario and report
  isrlab run my.json --seed 7 --json          one object, for scripts
  isrlab run leader-crash --repeat 50         50 seeds: how far do the results spread?
  isrlab run queue --fault 'at 30s kill coordinator of workers restart after 20s' --until 90s
  isrlab run leader-crash --set /cluster/brokers/config/zookeeper.session.timeout.ms=9s

running
  run SCENARIO        one scenario: verdict, outages, losses, the story; saved in results/runs/
  sweep SCENARIO      seeds times settings on all cores: how often, how long, what differs?
  test PATH...        scenario files and folders as a gate; JUnit XML for a CI
  replay TOKEN|DIR    the same run again; is it the same?
  view [SCENARIO]     the window: same scenario, same seed

scenarios
  validate FILE...    is it good? every problem with line and fix
  list [WHAT]         scenarios, faults, selectors, metrics, invariants, settings ...
  schema              JSON Schema of the scenario format, for editors

options of run (of the other verbs: isrlab VERB --help)
  --seed N|random  --repeat N  --until 90s  --set PTR=VALUE  --fault 'LINE'  --require 'LIMIT'
  --check on|off  --format text|json (--json)  -o FILE  --out DIR  --no-save  -q  --no-progress

SCENARIO is a file, the folder of a run, or a name of the library (isrlab list scenarios).
stdout is the result, stderr progress. Exit codes: 0 all held, 1 an expectation failed, 2 bad usage
or file, 3 inconclusive, 4 an invariant broke, 5 a replay diverged, 70 a bug of ours, 130 Ctrl-C.
)";

std::vector<std::string> verbs() {
  return {"run", "sweep", "test", "replay", "view", "validate", "list", "schema", "help"};
}

void add_common(CLI::App& verb, Options& options) {
  verb.set_help_flag("-h,--help", "this help");
  verb.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  verb.add_flag_callback(
      "--json", [&options] { options.format = "json"; }, "same as --format json");
  verb.add_flag("-q,--quiet", options.quiet, "no notes on stderr");
}

/// --with and --fault are the same everywhere; in a sweep the fault comes with every run.
void add_changes(CLI::App& verb, Options& options, const char* fault = "--fault,--with") {
  verb.add_option("--set", options.set, "change a value: /topics/orders/partitions=6")
      ->allow_extra_args(false);
  verb.add_option(fault, options.faults, "add a fault: 'at 60s kill leader of orders-0'")
      ->allow_extra_args(false);
  verb.add_option("--require", options.require, "add a limit: 'write_gap(orders) max < 20s'")
      ->allow_extra_args(false);
  verb.add_option("--until", options.until, "end of the run: 90s");
}

void add_run_options(CLI::App& verb, Options& options) {
  verb.add_option("--out", options.runs_folder, "where results are kept (below results/)");
  verb.add_flag_callback(
      "--no-progress", [&options] { options.progress = false; }, "no progress line");
  verb.add_option_function<std::string>(
          "--check", [&options](const std::string& word) { options.check = word == "on"; },
          "invariants: on or off")
      ->check(CLI::IsMember({"on", "off"}));
}

void add_jobs(CLI::App& verb, Options& options) {
  verb.add_option("-j,--jobs", options.jobs, "so many runs at once (all cores)")
      ->check(CLI::Range(1, 1024));
  verb.add_flag("--twice", options.twice, "make every run twice and compare the digests");
}

constexpr const char* kSweepNotes = R"(  isrlab sweep leader-crash --seeds 1..1000
  isrlab sweep leader-crash --seeds 1..200 \
    --vary /cluster/brokers/config/zookeeper.session.timeout.ms=6s,9s,18s --metric 'write_gap p99'

  isrlab sweep chaos-small --seeds 1..10000 --shard 3/16 --out part3   # on the third machine
  isrlab sweep chaos-small --seeds 1..10000 --merge part*              # the whole, as if here

Every combination of the varied values is a cell, and every cell has the same seeds, so cells are
compared run by run. Combinations that cannot be are left out and named. One run of twenty is always
made twice: another digest is exit code 5.

Finished runs stand in journal.ndjson of the folder results/sweeps/SCENARIO-HASH (or --out DIR). The
same command goes on after kill -9 or Ctrl-C and gives the same report, byte for byte, with any -j.
A shard makes every 16th seed, in all cells. --merge takes the runs of the shards' folders into the
folder of the whole sweep and makes no run itself: the same bytes as without shards. Give it the
same command with --merge in place of --shard.

The folder keeps the scenario of each cell, so `isrlab replay TOKEN` finds every run of the sweep;
after --out DIR it is `isrlab replay TOKEN DIR`.

Exit codes: 0 all passed, 1 an expectation failed, 3 inconclusive only, 4 an invariant broke,
5 not deterministic, 2 bad usage, 130 Ctrl-C.)";

void describe_sweep(CLI::App& app, Options& options) {
  CLI::App* sweep = app.add_subcommand("sweep", "seeds times settings, on all cores");
  sweep->footer(kSweepNotes);
  add_common(*sweep, options);
  add_changes(*sweep, options, "--with,--fault");
  add_run_options(*sweep, options);
  add_jobs(*sweep, options);
  sweep->add_option("scenario", options.scenarios, "file, run folder or library name")
      ->required()
      ->expected(1);
  sweep->add_option("--seeds", options.seeds, "1..1000, or 1..10,42 (1..100)");
  sweep->add_option("--vary", options.vary, "POINTER=V1,V2,...; repeated: all combinations")
      ->allow_extra_args(false);
  sweep
      ->add_option("--metric", options.metrics,
                   "'write_gap(orders) p99', 'lost(acks=1)' ...: isrlab list metrics")
      ->allow_extra_args(false);
  sweep->add_option("--stop-after", options.stop_after, "end after so many runs that failed")
      ->check(CLI::Range(1, 1'000'000'000));
  sweep
      ->add_option_function<std::string>(
          "--stop-on",
          [&options](const std::string& word) { options.stop_after = word == "first" ? 1 : 0; },
          "first: end at the first run that failed; none")
      ->check(CLI::IsMember({"first", "none"}));
  sweep->add_flag_callback(
      "--fail-fast", [&options] { options.stop_after = 1; }, "the same as --stop-on first");
  CLI::Option* shard =
      sweep->add_option("--shard", options.shard, "3/16: make the third of sixteen shares");
  sweep->add_option("--merge", options.merge, "folders of the shards: put them together")
      ->expected(1, static_cast<int>(results::kMostShards))
      ->excludes(shard);
  sweep->add_option("--export", options.exports, "a page or a table: matrix.html, matrix.csv")
      ->allow_extra_args(false);
  sweep->add_flag("--resume", options.resume, "go on with a sweep; an error if it is not there");
  sweep->add_option("-o", options.output, "write the report to a file; .json picks JSON");
  sweep->add_flag_callback(
      "--no-save", [&options] { options.save = false; }, "keep no folder; not resumable");
}

constexpr const char* kTestNotes = R"(  isrlab test scenarios/ --junit results.xml
  isrlab test scenarios/library -k zookeeper --twice
  isrlab test scenarios/ --last-failed

Folders are searched for .json files, all of which have to be scenarios. Which ones failed stands in
results/last-failed.txt (or DIR/last-failed.txt with --out DIR).

Exit codes, the first of these that occurred: 5 a second run differed, 4 an invariant broke, 1 an
expectation failed, 2 a file is bad, 3 inconclusive, 0 all passed; 130 Ctrl-C.)";

void describe_test(CLI::App& app, Options& options) {
  CLI::App* test = app.add_subcommand("test", "scenario files and folders as a gate");
  test->footer(kTestNotes);
  add_common(*test, options);
  add_run_options(*test, options);
  add_jobs(*test, options);
  test->add_option("paths", options.scenarios, "files, folders or library names")->required();
  test->add_option("--seed", options.seed, "instead of each scenario's own");
  test->add_option("-k", options.name_parts, "only those with this in their path; repeated: or")
      ->allow_extra_args(false);
  test->add_flag("--last-failed", options.last_failed, "only those that did not pass last time");
  test->add_flag("--fail-fast", options.fail_fast, "end at the first that does not pass");
  test->add_option("--junit", options.junit, "write JUnit XML to a file");
  test->add_option("-o", options.output, "write the result to a file; .json picks JSON");
  test->add_flag_callback(
      "--no-save", [&options] { options.save = false; }, "do not note what failed");
}

void describe(CLI::App& app, Options& options) {
  app.set_help_flag();
  app.require_subcommand(0, 1);
  app.fallthrough(false);
  describe_sweep(app, options);
  describe_test(app, options);

  CLI::App* run = app.add_subcommand("run", "run a scenario");
  add_common(*run, options);
  add_changes(*run, options);
  add_run_options(*run, options);
  run->add_option("scenario", options.scenarios, "file, run folder or library name")
      ->required()
      ->expected(1);
  run->add_option("--seed", options.seed, "a number, or random");
  run->add_option("--repeat", options.repeat, "so many consecutive seeds")
      ->check(CLI::Range(1, 1'000'000));
  run->add_option("-o", options.output, "write the result to a file; .json picks JSON");
  run->add_option("--trace", options.trace, "write every event to a file, one JSON object a line");
  run->add_flag_callback(
      "--no-save", [&options] { options.save = false; }, "keep no run folder");

  CLI::App* replay = app.add_subcommand("replay", "the same run again");
  add_common(*replay, options);
  add_run_options(*replay, options);
  replay
      ->add_option("run", options.scenarios,
                   "token or folder; after a token perhaps the scenario file or the sweep's folder")
      ->required()
      ->expected(1, 2);

  CLI::App* validate = app.add_subcommand("validate", "check scenario files");
  add_common(*validate, options);
  add_changes(*validate, options);
  validate->add_option("files", options.scenarios, "files or library names")->required();

  CLI::App* list = app.add_subcommand("list", "what there is");
  add_common(*list, options);
  list->add_option("what", options.what, "scenarios, faults, metrics ...");

  CLI::App* schema = app.add_subcommand("schema", "JSON Schema of scenarios");
  add_common(*schema, options);
  schema->add_option("-o", options.output, "write it to a file");

  CLI::App* view = app.add_subcommand("view", "the window");
  view->set_help_flag();
  view->prefix_command(false);
  view->allow_extras();
  view->add_option("scenario", options.scenarios, "file, run folder or library name")
      ->expected(0, 1);
  view->add_option("--seed", options.seed, "a number");
}

std::vector<std::string> flags_of(const CLI::App& verb) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
  }
  return flags;
}

/// CLI11 takes an unknown option's value for a positional and then complains of that; so the
/// options are looked at first.
std::optional<int> refuse_unknown_option(CLI::App& app, int argc, char** argv) {
  const std::string chosen = argv[1];
  const auto found =
      app.get_subcommands([&](const CLI::App* each) { return each->get_name() == chosen; });
  if (found.empty() || found.front()->get_allow_extras()) return std::nullopt;
  const CLI::App* verb = found.front();
  const std::vector<std::string> known = flags_of(*verb);
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (word.size() < 3 || word.compare(0, 2, "--") != 0) continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    say(fmt::format("isrlab {}: unknown option {}; {}", verb->get_name(), name,
                    scenarios::suggestion(name, known)));
    say(fmt::format("try: isrlab {} --help", verb->get_name()));
    return kBadUsage;
  }
  return std::nullopt;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

int refuse(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& verb = chosen.empty() ? app : *chosen.front();
  const std::string name = chosen.empty() ? "" : " " + verb.get_name();
  const std::vector<std::string> extra = app.remaining(true);
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extra.empty()) {
    const std::string& word = extra.front();
    const bool flag = word.size() > 1 && word[0] == '-';
    if (flag) {
      text = fmt::format("unknown option {}; {}", word,
                         scenarios::suggestion(word.substr(0, word.find('=')), flags_of(verb)));
    } else if (chosen.empty()) {
      text = fmt::format("unknown verb {}; {}", scenarios::in_quotes(word),
                         scenarios::suggestion(word, verbs()));
    } else {
      text = "unexpected " + join_words(extra);
    }
  }
  say("isrlab" + name + ": " + text);
  say("try: isrlab" + name + " --help");
  return kBadUsage;
}

}  // namespace

std::optional<int> read_arguments(int argc, char** argv, Options& options) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty() || first == "help" || first == "-h" || first == "--help") {
    print(kHelp);
    return first.empty() ? kBadUsage : kPassed;
  }
  if (first == "--version" || first == "-V" || first == "version") {
    print(fmt::format("isrlab {} ({})\n", results::code_version(), results::kModelled));
    return kPassed;
  }
  CLI::App app("isrlab");
  describe(app, options);
  if (const auto refused = refuse_unknown_option(app, argc, argv)) return refused;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    print(chosen.empty() ? kHelp : chosen.front()->help("isrlab"));
    return kPassed;
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) {
    print(kHelp);
    return kBadUsage;
  }
  options.verb = chosen.front()->get_name();
  options.viewer_arguments = chosen.front()->remaining();
  return std::nullopt;
}

}  // namespace isrlab::cli
