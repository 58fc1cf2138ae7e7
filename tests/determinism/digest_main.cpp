// isrlab-digests: one line "name seed digest events" per library scenario and seed. Every build of
// isrlab and every way to run must print the same lines: tests/determinism/digests.txt. A scenario
// that draws its faults is another one with each seed, so it has a line for 200 seeds at once too.
//
//   isrlab-digests [--readers on|off] [--copy] [--twice] [--each] [SCENARIO.json ...]
//
//   --readers on   with every invariant and the summary attached: readers change nothing
//   --copy         copy the run at a step drawn from the seed, finish both: a copy goes on as the
//                  original would, and the original does not feel the copy
//   --twice        two runs in one process, a step of each in turn: nothing lives outside a run
//   --each         the 200 seeds one by one, to find where two builds part; they are never copied
//                  nor run twice, since that takes too long with the sanitizers
//
// Exit code 0; 1 if a copy or a second run differs; 2 for bad usage or a bad scenario.
#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/invariants/invariant.hpp"
#include "scenarios/format/loader.hpp"
#include "scenarios/run.hpp"
#include "sim/history.hpp"
#include "sim/random.hpp"
#ifdef ISRLAB_DIGESTS_WITH_RESULTS
#include "results/summary_reader.hpp"
#endif

namespace {

using namespace isrlab;
using scenarios::Run;
using scenarios::Scenario;

constexpr std::uint64_t kMoreSeeds[] = {2, 20260601};  // beside the scenario's own
constexpr std::uint64_t kChaosSeeds = 200;             // from 1 on

struct Options {
  bool readers = false;
  bool copy = false;
  bool twice = false;
  bool each = false;
  std::vector<std::string> files;
};

struct Outcome {
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  bool operator==(const Outcome&) const = default;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--readers" && i + 1 < argc) {
      const std::string_view value = argv[++i];
      if (value != "on" && value != "off") return std::nullopt;
      options.readers = value == "on";
    } else if (word == "--copy") {
      options.copy = true;
    } else if (word == "--twice") {
      options.twice = true;
    } else if (word == "--each") {
      options.each = true;
    } else if (word.starts_with("-")) {
      return std::nullopt;
    } else {
      options.files.emplace_back(word);
    }
  }
  return options;
}

std::vector<std::string> library() {
  std::vector<std::string> files;
  const std::filesystem::path root = ISRLAB_SOURCE_ROOT;
  for (const auto& entry : std::filesystem::directory_iterator(root / "scenarios" / "library")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Run start(const std::shared_ptr<const Scenario>& scenario, std::uint64_t seed,
          const Options& options) {
  Run run(scenario, seed);
  if (options.readers) {
    for (auto& invariant : model::make_invariants(run.cluster().catalog())) {
      run.readers().add(std::move(invariant));
    }
#ifdef ISRLAB_DIGESTS_WITH_RESULTS
    run.readers().add(
        std::make_unique<results::SummaryReader>(scenario, run.cluster().shared_catalog()));
#endif
  }
  return run;
}

Outcome finish(Run& run) {
  run.finish();
  return {run.digest(), run.events()};
}

bool same(const char* what, const Scenario& scenario, std::uint64_t seed, const Outcome& expected,
          const Outcome& got) {
  if (got == expected) return true;
  std::fprintf(stderr,
               "%s, seed %" PRIu64 ": %s has digest %016" PRIx64 " after %" PRIu64
               " events, the plain run %016" PRIx64 " after %" PRIu64 "\n",
               scenario.name.c_str(), seed, what, got.digest, got.events, expected.digest,
               expected.events);
  return false;
}

/// Copies in the middle. The original runs on first, so that a copy that shares state with it
/// shows.
bool check_copy(const std::shared_ptr<const Scenario>& scenario, std::uint64_t seed,
                const Options& options, const Outcome& expected) {
  sim::Random random(seed, "checkpoint");
  const std::uint64_t steps = random.below(std::max<std::uint64_t>(expected.events, 1));
  Run original = start(scenario, seed, options);
  for (std::uint64_t i = 0; i < steps && original.step(original.end()); ++i) {
  }
  Run copy(original);
  const Outcome first = finish(original);
  const Outcome second = finish(copy);
  const std::string at = " at step " + std::to_string(steps);
  const bool original_same =
      same(("the run that was copied" + at).c_str(), *scenario, seed, expected, first);
  return same(("the copy made" + at).c_str(), *scenario, seed, expected, second) && original_same;
}

/// The same run twice and another seed between them, a step of each in turn.
bool check_twice(const std::shared_ptr<const Scenario>& scenario, std::uint64_t seed,
                 const Options& options, const Outcome& expected) {
  Run first = start(scenario, seed, options);
  Run other = start(scenario, seed + 1, options);
  Run second = start(scenario, seed, options);
  bool more = true;
  while (more) {
    const bool a = first.step(first.end());
    const bool b = other.step(other.end());
    const bool c = second.step(second.end());
    more = a || b || c;
  }
  const bool first_same =
      same("the first of two runs in turn", *scenario, seed, expected, finish(first));
  return same("the second of two runs in turn", *scenario, seed, expected, finish(second)) &&
         first_same;
}

void print(const Scenario& scenario, const std::string& seed, const Outcome& outcome) {
  std::printf("%s %s %016" PRIx64 " %" PRIu64 "\n", scenario.name.c_str(), seed.c_str(),
              outcome.digest, outcome.events);
}

void print_chaos(const std::shared_ptr<const Scenario>& scenario, const Options& options) {
  Outcome all;
  for (std::uint64_t seed = 1; seed <= kChaosSeeds; ++seed) {
    Run run = start(scenario, seed, options);
    const Outcome outcome = finish(run);
    if (options.each) print(*scenario, std::to_string(seed), outcome);
    all.digest = sim::fold(all.digest, outcome.digest, outcome.events);
    all.events += outcome.events;
  }
  print(*scenario, "1.." + std::to_string(kChaosSeeds), all);
}

bool check(const std::shared_ptr<const Scenario>& scenario, std::uint64_t seed,
           const Options& options) {
  Run run = start(scenario, seed, options);
  const Outcome outcome = finish(run);
  print(*scenario, std::to_string(seed), outcome);
  bool good = true;
  if (options.copy) good = check_copy(scenario, seed, options, outcome) && good;
  if (options.twice) good = check_twice(scenario, seed, options, outcome) && good;
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<Options> options = parse(argc, argv);
  if (!options) {
    std::fputs(
        "usage: isrlab-digests [--readers on|off] [--copy] [--twice] [--each] [SCENARIO ...]\n",
        stderr);
    return 2;
  }
  if (options->files.empty()) options->files = library();
  bool good = true;
  for (const std::string& file : options->files) {
    scenarios::LoadResult loaded = scenarios::load_scenario_file(file);
    if (!loaded.ok()) {
      std::fputs(loaded.text().c_str(), stderr);
      return 2;
    }
    const auto scenario = std::make_shared<const Scenario>(std::move(loaded.scenario));
    std::vector<std::uint64_t> seeds{scenario->seed};
    for (const std::uint64_t seed : kMoreSeeds) {
      if (seed != scenario->seed) seeds.push_back(seed);
    }
    for (const std::uint64_t seed : seeds) good = check(scenario, seed, *options) && good;
    if (scenario->chaos.on) print_chaos(scenario, *options);
  }
  return good ? 0 : 1;
}
