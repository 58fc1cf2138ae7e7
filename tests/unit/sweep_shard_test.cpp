// Shards of a sweep: each run is in exactly one, and put together they are the whole.
#include "results/sweep/export.hpp"
#include "results/sweep/journal.hpp"
#include "tests/unit/sweep_support.hpp"

using namespace isrlab::results;
using namespace isrlab::results::test;

namespace {

namespace fs = std::filesystem;

/// Fails for some seeds: the first records wait for the metadata of a cluster that starts.
PlanRequest request_with(const Folder& folder, const std::string& seeds) {
  PlanRequest request = request_for(write_tiny(folder), seeds);
  request.vary = {"/producers/p/config/acks=1,all"};
  request.metrics = {"ack_latency max", "elections"};
  request.require = {"ack_latency(t) max < 300ms"};
  return request;
}

Plan shard_of(PlanRequest request, const std::string& shard) {
  request.shard = shard;
  return plan_of(request);
}

std::string all_tables(const Plan& plan, const SweepResult& result) {
  const SweepReport report = make_report(plan, result);
  return sweep_text(plan, report, false) + sweep_json(plan, report) + sweep_html(plan, report) +
         sweep_csv(plan, report);
}

/// Runs a shard into its own folder.
SweepResult run_shard(const PlanRequest& request, const std::string& shard, const fs::path& home,
                      const SweepOptions& options = {}) {
  const Plan plan = shard_of(request, shard);
  Journal journal;
  SweepRows rows;
  std::string problem;
  REQUIRE(journal.open(home, plan, false, rows, problem));
  return run_sweep(plan, options, std::move(rows), &journal);
}

/// What `--merge` does: the rows of the folders and no run beside them.
SweepResult merged(const Plan& plan, const std::vector<fs::path>& folders,
                   SweepOptions options = {}) {
  SweepRows rows(plan.runs(), plan.metrics.size());
  bool diverged = false;
  std::string problem;
  const bool good = merge_journals(folders, plan, rows, diverged, problem);
  INFO(problem);
  REQUIRE(good);
  options.stop = [] { return true; };
  return run_sweep(plan, options, std::move(rows));
}

}  // namespace

TEST_CASE("a shard is one of so many") {
  Shard shard;
  std::string problem;
  REQUIRE(Shard::parse("3/16", shard, problem));
  CHECK(shard.number == 3);
  CHECK(shard.of == 16);
  CHECK(shard.text() == "3/16");
  CHECK_FALSE(shard.whole());
  for (const char* text : {"", "3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/1000000"}) {
    INFO(text);
    CHECK_FALSE(Shard::parse(text, shard, problem));
    CHECK(contains(problem, "3/16"));
  }
}

TEST_CASE("every run is in exactly one shard, with all cells of its seed") {
  const Folder folder;
  const PlanRequest request = request_with(folder, "1..7");
  std::vector<int> owners(14, 0);
  std::size_t all = 0;
  for (const char* text : {"1/3", "2/3", "3/3"}) {
    const Plan plan = shard_of(request, text);
    CHECK(plan.runs() == 14);
    std::size_t own = 0;
    for (std::size_t run = 0; run < plan.runs(); ++run) {
      CHECK(plan.own_runs(run) == own);
      if (!plan.has(run)) continue;
      ++own;
      ++owners[run];
      CHECK(plan.has(plan.run_index(1 - plan.cell_of(run), run / 2)));
    }
    CHECK(plan.own_runs() == own);
    all += own;
    CHECK(plan.identity() == plan_of(request).identity());
  }
  CHECK(all == 14);
  CHECK(owners == std::vector<int>(14, 1));
  PlanRequest many = request;
  many.shard = "1/8";  // an empty share is a mistake
  CHECK(contains(refusal_of(many), "only 7 seeds"));
}

TEST_CASE("merged shards give the bytes of the whole sweep, with any number of threads") {
  const Folder folder;
  const PlanRequest request = request_with(folder, "1..9");
  const Plan plan = plan_of(request);
  const SweepResult whole = run_sweep(plan, {});
  const std::vector<fs::path> homes = {folder.path() / "a", folder.path() / "b",
                                       folder.path() / "c"};
  const SweepResult first = run_shard(request, "1/3", homes[0]);
  CHECK(first.made == 6);
  CHECK(first.complete());
  SweepOptions two;
  two.threads = 2;
  run_shard(request, "2/3", homes[1], two);
  CHECK(merged(plan, {homes[0], homes[1]}).missing == 6);
  run_shard(request, "3/3", homes[2]);
  // A line that was torn by kill -9 and made again.
  std::ofstream(homes[2] / "journal.ndjson", std::ios::app) << "{\"cell\":1,\"se";
  const SweepResult result = merged(plan, {homes[2], homes[0], homes[1]});
  CHECK(result.complete());
  CHECK(result.made == 0);
  CHECK(all_tables(plan, result) == all_tables(plan, whole));
}

TEST_CASE("merged shards that stopped at their failures stop where the whole sweep does") {
  const Folder folder;
  PlanRequest request = request_for(write_tiny(folder), "1..30");
  request.require = {"ack_latency(t) max < 1ms"};  // fails for every seed
  const Plan plan = plan_of(request);
  SweepOptions options;
  options.stop_after = 4;
  const SweepResult whole = run_sweep(plan, options);
  CHECK(whole.counted == 4);
  const fs::path a = folder.path() / "a";
  const fs::path b = folder.path() / "b";
  run_shard(request, "1/2", a, options);
  run_shard(request, "2/2", b, options);
  const SweepResult result = merged(plan, {a, b}, options);
  CHECK(result.complete());
  CHECK(result.counted == 4);
  CHECK(all_tables(plan, result) == all_tables(plan, whole));
}

TEST_CASE("folders that do not fit together are refused with the reason") {
  const Folder folder;
  const PlanRequest request = request_with(folder, "1..4");
  const fs::path home = folder.path() / "one";
  run_shard(request, "1/2", home);
  const Plan plan = plan_of(request);
  SweepRows rows(plan.runs(), plan.metrics.size());
  std::string problem;
  bool diverged = false;
  // A shard's folder is neither the whole sweep's nor another shard's.
  CHECK_FALSE(Journal().open(home, plan, false, rows, problem));
  CHECK(contains(problem, "shard 1/2"));
  CHECK_FALSE(Journal().open(home, shard_of(request, "2/2"), false, rows, problem));
  CHECK_FALSE(merge_journals({folder.path()}, plan, rows, diverged, problem));
  CHECK(contains(problem, "there is no sweep"));
  PlanRequest other = request;
  other.require.clear();
  const Plan foreign = plan_of(other);
  CHECK_FALSE(merge_journals({home}, foreign, rows, diverged, problem));
  CHECK(contains(problem, "another sweep"));
  CHECK_FALSE(diverged);
}

TEST_CASE("the same run with two results is told: that is no determinism") {
  const Folder folder;
  const PlanRequest request = request_with(folder, "1..2");
  const fs::path a = folder.path() / "a";
  const fs::path b = folder.path() / "b";
  run_shard(request, "1/2", a);
  run_shard(request, "1/2", b);
  std::string lines = bytes_of(b / "journal.ndjson");
  const std::size_t digest = lines.find("\"digest\":\"") + 10;
  lines[digest] = lines[digest] == '0' ? '1' : '0';
  std::ofstream(b / "journal.ndjson", std::ios::trunc) << lines;
  const Plan plan = plan_of(request);
  SweepRows rows(plan.runs(), plan.metrics.size());
  std::string problem;
  bool diverged = false;
  CHECK_FALSE(merge_journals({a, b}, plan, rows, diverged, problem));
  CHECK(diverged);
  CHECK(contains(problem, "seed 1 of cell"));
}
