// Whole scenarios against real time, and copies of the world.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "model/invariants/invariant.hpp"
#include "scenarios/format/loader.hpp"
#include "scenarios/run.hpp"
#include "tests/bench/bench.hpp"

namespace isrlab::bench {
namespace {

std::shared_ptr<const scenarios::Scenario> load(const std::string& path) {
  scenarios::LoadResult loaded = scenarios::load_scenario_file(path);
  if (!loaded.ok()) {
    fmt::print(stderr, "{}", loaded.text());
    return nullptr;
  }
  return std::make_shared<const scenarios::Scenario>(std::move(loaded.scenario));
}

}  // namespace

int run_scenario(const RunOptions& options, const std::string& format) {
  const auto scenario = load(options.scenario);
  if (!scenario) return 2;
  std::vector<double> seconds;
  std::uint64_t events = 0;
  for (std::uint32_t i = 0; i < options.repeat; ++i) {
    scenarios::Run run(scenario, scenario->seed + i);
    if (!options.no_readers) {
      for (auto& invariant : model::make_invariants(run.cluster().catalog())) {
        run.readers().add(std::move(invariant));
      }
    }
    const double begin = now_seconds();
    run.finish();
    seconds.push_back(now_seconds() - begin);
    events += run.events();
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  const double simulated = static_cast<double>(scenario->duration) * 1e-9;
  const double per_run = static_cast<double>(events) / options.repeat;
  if (format == "json") {
    fmt::print(
        "{{\"benchmark\":\"run\",\"scenario\":\"{}\",\"runs\":{},\"events\":{:.0f},"
        "\"median_seconds\":{:.6f},\"min_seconds\":{:.6f},\"ns_per_event\":{:.1f},"
        "\"times_real_time\":{:.0f}}}\n",
        scenario->name, options.repeat, per_run, median, seconds.front(), median * 1e9 / per_run,
        simulated / median);
  } else {
    fmt::print(
        "{}: {:.0f} s simulated in {:.1f} ms (median of {}), {:.0f}x real time, {:.0f} events, "
        "{:.0f} ns per event\n",
        scenario->name, simulated, median * 1e3, options.repeat, simulated / median, per_run,
        median * 1e9 / per_run);
  }
  return 0;
}

int run_copy(const CopyOptions& options, const std::string& format) {
  const auto scenario = load(options.scenario);
  if (!scenario) return 2;
  scenarios::Run run(scenario, scenario->seed);
  run.run_until(options.at_ms * sim::kMillisecond);
  constexpr int kCopies = 2000;
  double best = 1e9;
  std::uint64_t digest = 0;
  for (int round = 0; round < 5; ++round) {
    const double begin = now_seconds();
    for (int i = 0; i < kCopies; ++i) {
      const scenarios::Run copy = run;
      digest ^= copy.digest();
    }
    best = std::min(best, (now_seconds() - begin) / kCopies);
  }
  if (format == "json") {
    fmt::print("{{\"benchmark\":\"copy\",\"scenario\":\"{}\",\"microseconds\":{:.2f}}}\n",
               scenario->name, best * 1e6);
  } else {
    fmt::print("{}: one copy of the world {:.1f} us{}\n", scenario->name, best * 1e6,
               digest == 0 ? "" : " (!)");
  }
  return 0;
}

}  // namespace isrlab::bench
