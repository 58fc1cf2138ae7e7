// isrlab-bench: what the engine costs, measured through its real interfaces: typed messages,
// effects, history digest on. `phold` and `cluster` are the workloads of the engine comparisons
// (definitions in docs/performance.md), `run` times a scenario against real time, `copy` a
// checkpoint. Benchmarks read the wall clock and use doubles; nothing of that reaches the model.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "tests/bench/bench.hpp"

int main(int argc, char** argv) {
  using namespace isrlab::bench;
  CLI::App app{"isrlab-bench: engine and model benchmarks"};
  app.require_subcommand(1);
  std::string format = "text";
  app.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.fallthrough();
  PholdOptions phold;
  CLI::App* phold_command = app.add_subcommand("phold", "PHOLD: N processes, K events each");
  phold_command->add_option("--lps", phold.lps, "logical processes")->required();
  phold_command->add_option("--per-lp", phold.per_lp, "events per process")->required();
  phold_command->add_option("--events", phold.events, "events to execute")->required();
  ClusterOptions cluster;
  CLI::App* cluster_command = app.add_subcommand(
      "cluster", "M nodes x 100 request loops with time-outs that are cancelled");
  cluster_command->add_option("--nodes", cluster.nodes, "nodes, at least 2")->required();
  cluster_command->add_option("--events", cluster.events, "events to execute")->required();
  RunOptions run;
  CLI::App* run_command = app.add_subcommand("run", "a scenario against real time");
  run_command->add_option("scenario", run.scenario, "scenario file")->required();
  run_command->add_option("--repeat", run.repeat, "runs with consecutive seeds");
  run_command->add_flag("--no-readers", run.no_readers, "without invariants");
  CopyOptions copy;
  CLI::App* copy_command = app.add_subcommand("copy", "copying the world of a scenario");
  copy_command->add_option("scenario", copy.scenario, "scenario file")->required();
  copy_command->add_option("--at", copy.at_ms, "virtual milliseconds");
  CLI::App* formulas_command = app.add_subcommand(
      "formulas", "replication formulas F6, F8, F11: measured and analytic, as Markdown");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (phold_command->parsed()) return report(run_phold(phold), format);
  if (cluster_command->parsed()) {
    if (cluster.nodes < 2) {
      fmt::print(stderr, "cluster: --nodes must be at least 2\n");
      return 2;
    }
    return report(run_cluster(cluster), format);
  }
  if (run_command->parsed()) return run_scenario(run, format);
  if (formulas_command->parsed()) return run_formulas();
  return run_copy(copy, format);
}
