// A run that may be made twice: is its digest the same? And what failed in it, in one line.
#pragma once
#include <string>

#include "results/run_scenario.hpp"

namespace isrlab::results {

struct CheckedRun {
  Summary summary;
  bool twice = false;
  std::uint64_t second_digest = 0;  // when made twice
  bool diverged() const { return twice && second_digest != summary.digest; }
};

/// The second time it runs without readers: they must not change anything either.
CheckedRun run_checked(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
                       const RunOptions& options, bool twice);

/// The first reason why it did not pass: a broken invariant that nothing demanded, an expectation
/// with its detail. Empty if it passed.
std::string what_failed(const Summary& summary);

/// Broke although these settings promise it, and no expectation speaks of it.
bool is_unasked_violation(const InvariantResult& invariant, const Summary& summary);

}  // namespace isrlab::results
