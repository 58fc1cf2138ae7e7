#include "results/sweep/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <set>

#include "results/sweep/checked_run.hpp"
#include "results/sweep/journal.hpp"
#include "results/sweep/pool.hpp"
#include "scenarios/faults/registry.hpp"
#include "sim/history.hpp"

namespace isrlab::results {
namespace {

std::uint64_t bit(std::size_t place) {
  return std::uint64_t{1} << std::min<std::size_t>(place, 63);
}

RunRow row_of(const CheckedRun& run) {
  const Summary& summary = run.summary;
  RunRow row;
  row.done = true;
  row.twice = run.twice;
  row.verdict = summary.verdict;
  row.digest = summary.digest;
  row.second_digest = run.second_digest;
  const auto states = scenarios::state_table();
  for (const StateReached& reached : summary.states) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i].state == reached.state) row.states |= bit(i);
    }
  }
  const auto invariants = scenarios::invariant_table();
  for (const InvariantResult& invariant : summary.invariants) {
    for (std::size_t i = 0; i < invariants.size(); ++i) {
      const bool broke = !invariant.held && invariant.promised;
      if (broke && invariants[i].name == invariant.name) row.broken |= bit(i);
    }
  }
  for (std::size_t i = 0; i < summary.expectations.size(); ++i) {
    if (summary.expectations[i].outcome != Outcome::kHeld) row.failed |= bit(i);
  }
  return row;
}

/// One sweep in progress. Runs write into their own row; the mutex guards what they share.
class Sweeper {
 public:
  Sweeper(const Plan& plan, const SweepOptions& options, SweepRows rows, Journal* journal)
      : plan_(plan), options_(options), rows_(std::move(rows)), journal_(journal) {
    if (rows_.size() == 0) rows_ = SweepRows(plan.runs(), plan.metrics.size());
    limit_ = plan.runs();
    for (std::size_t run = 0; run < rows_.size(); ++run) {
      if (rows_.row(run).done) count(run);
    }
  }

  SweepResult sweep() {
    std::vector<std::size_t> open;
    for (std::size_t run = 0; run < limit_; ++run) {
      if (!rows_.row(run).done && plan_.has(run)) open.push_back(run);
    }
    Pool(options_.threads)
        .run(
            open.size(), [&](std::size_t i) { make(open[i]); },
            [&](std::size_t i) { return interrupted() || broken_ || open[i] >= limit_; },
            [&] { show(); });
    SweepResult result;
    result.counted = limit_;
    result.rows = std::move(rows_);
    result.made = made_;
    for (std::size_t run = 0; run < limit_; ++run) {
      if (plan_.has(run) && !result.rows.row(run).done) ++result.missing;
    }
    if (journal_ != nullptr) result.problem = journal_->problem();
    return result;
  }

 private:
  bool interrupted() const { return options_.stop && options_.stop(); }

  void make(std::size_t run) {
    try {
      const std::size_t cell = plan_.cell_of(run);
      const std::uint64_t seed = plan_.seed_of(run);
      RunOptions once;
      once.check_invariants = plan_.request.check_invariants;
      once.timeline = false;
      once.measures = plan_.measures;
      once.stop = options_.stop;
      const bool twice = plan_.request.twice || is_rerun(cell, seed);
      const CheckedRun made = run_checked(plan_.cells[cell].scenario, seed, once, twice);
      if (interrupted()) return;  // perhaps cut short: it is made again another time
      finish(run, made);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (run < broke_at_ && options_.broke) options_.broke(run);
      broke_at_ = std::min(run, broke_at_);
      throw;
    }
  }

  void finish(std::size_t run, const CheckedRun& made) {
    rows_.row(run) = row_of(made);
    std::copy(made.summary.measured.begin(), made.summary.measured.end(), rows_.values(run));
    const std::lock_guard lock(mutex_);
    ++made_;
    count(run);
    if (journal_ != nullptr && !journal_->append(plan_, run, rows_)) broken_ = true;
  }

  /// Called with the mutex held, or before there are threads.
  void count(std::size_t run) {
    ++done_;
    if (!rows_.row(run).bad()) return;
    ++bad_;
    if (options_.stop_after == 0) return;
    // The first so many that failed, by index: whichever thread was faster, they end up the same,
    // because nothing below the limit is left out.
    failures_.insert(run);
    if (failures_.size() > options_.stop_after) failures_.erase(std::prev(failures_.end()));
    if (failures_.size() == options_.stop_after) limit_ = *failures_.rbegin() + 1;
  }

  void show() {
    if (!options_.watch) return;
    SweepProgress progress;
    {
      const std::lock_guard lock(mutex_);
      progress = {done_, plan_.own_runs(limit_), made_, bad_};
    }
    options_.watch(progress);
  }

  const Plan& plan_;
  const SweepOptions& options_;
  SweepRows rows_;
  Journal* journal_;
  std::mutex mutex_;
  std::atomic<std::size_t> limit_{0};
  std::atomic<bool> broken_{false};
  std::size_t done_ = 0;
  std::size_t made_ = 0;
  std::size_t bad_ = 0;
  std::size_t broke_at_ = std::numeric_limits<std::size_t>::max();
  std::set<std::size_t> failures_;
};

}  // namespace

std::size_t SweepRows::done() const {
  return static_cast<std::size_t>(
      std::count_if(rows_.begin(), rows_.end(), [](const RunRow& row) { return row.done; }));
}

bool is_rerun(std::size_t cell, std::uint64_t seed) {
  return (sim::fold(0x1d5a3c9f, cell, seed) >> 32) % 20 == 0;
}

SweepResult run_sweep(const Plan& plan, const SweepOptions& options, SweepRows rows,
                      Journal* journal) {
  return Sweeper(plan, options, std::move(rows), journal).sweep();
}

}  // namespace isrlab::results
