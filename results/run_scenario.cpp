#include "results/run_scenario.hpp"

namespace isrlab::results {

Summary run_scenario(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
                     const RunOptions& options) {
  scenarios::Run run(scenario, seed);
  const SummaryReader* reader = run.readers().add(std::make_unique<SummaryReader>(
      run.shared_scenario(), run.cluster().shared_catalog(),
      SummaryOptions{options.check_invariants, options.timeline, options.measures}));
  if (options.at_start) options.at_start(run);
  constexpr std::uint32_t kBetweenLooks = 8192;
  std::uint32_t steps = 0;
  bool stopped = false;
  while (!stopped && run.step(run.end())) {
    if (++steps % kBetweenLooks != 0) continue;
    if (options.progress) options.progress({run.cluster().now(), run.end(), run.events()});
    stopped = options.stop && options.stop();
  }
  run.readers().finish(run.cluster());
  Summary summary = reader->summary(run, stopped ? run.cluster().now() : run.end());
  if (stopped && summary.verdict == Verdict::kPass) summary.verdict = Verdict::kInconclusive;
  if (options.at_end) options.at_end(run, summary);
  return summary;
}

}  // namespace isrlab::results
