// What a sweep runs: a grid of settings times seeds. Every cell has the same seeds (common random
// numbers), so cells are compared pair by pair. Loading and checking all of it comes first: once a
// plan stands, only runs can go wrong.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/format/scenario.hpp"

namespace isrlab::results {

/// "1..1000", "7", "1..10,20..29": numbers and ranges, none of them twice.
class SeedList {
 public:
  static bool parse(std::string_view text, SeedList& seeds, std::string& problem);
  std::size_t size() const { return size_; }
  std::uint64_t at(std::size_t index) const;
  /// Where a seed stands; nothing if it is not there.
  std::optional<std::size_t> find(std::uint64_t seed) const;
  std::string text() const;

 private:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::size_t count() const { return static_cast<std::size_t>(last - first) + 1; }
  };
  std::vector<Range> ranges_;
  std::size_t size_ = 0;
};

/// "/topics/orders/partitions=1,3,6": commas within brackets, braces and quotes do not separate.
struct Variation {
  std::string pointer;
  std::vector<std::string> values;
  static bool parse(const std::string& text, Variation& variation, std::string& problem);
};

struct Cell {
  std::vector<std::string> values;  // one for each variation
  std::vector<std::string> set;     // the same as POINTER=VALUE
  std::shared_ptr<const scenarios::Scenario> scenario;
};

/// A combination that cannot exist (min.insync.replicas above the replication factor).
struct SkippedCell {
  std::vector<std::string> values;
  std::string why;
};

struct Metric {
  std::string name;  // "write_gap(orders) p99", "elections"
  bool time = true;  // nanoseconds, else a plain number
};

/// What the user asked for.
struct PlanRequest {
  std::string argument;  // the scenario as it was named, for commands to repeat a run
  std::string file;      // where it is
  std::string text;      // the scenario itself; then `file` only names it
  std::string seeds = "1..100";
  std::vector<std::string> vary;
  std::vector<std::string> metrics;  // empty: default_metrics()
  std::vector<std::string> set;
  std::vector<std::string> faults;
  std::vector<std::string> require;  // limits that every run has to keep, beside the scenario's
  std::string shard;                 // "3/16": make only this share; empty: all
  std::optional<std::string> until;
  bool twice = false;
  bool check_invariants = true;
};

/// A share of the runs: of so many processes or machines this is number `number`, from 1 on. Seeds
/// are dealt in turn, so each shard has all cells of its seeds and can compare them.
struct Shard {
  std::size_t number = 1;
  std::size_t of = 1;
  static bool parse(std::string_view text, Shard& shard, std::string& problem);
  bool whole() const { return of == 1; }
  std::string text() const;  // "3/16"
  friend bool operator==(const Shard&, const Shard&) = default;
};

struct Plan {
  PlanRequest request;
  Shard shard;
  std::string scenario;  // its name
  SeedList seeds;
  std::vector<Variation> variations;
  std::vector<Cell> cells;  // the last variation turns fastest
  std::vector<SkippedCell> skipped;
  std::vector<Metric> metrics;
  std::shared_ptr<const std::vector<scenarios::Expectation>> measures;  // of the metrics

  /// Runs are numbered seed by seed, all cells of a seed together: an unfinished sweep has the same
  /// seeds in all cells, but for the last one.
  std::size_t runs() const { return seeds.size() * cells.size(); }
  std::size_t run_index(std::size_t cell, std::size_t seed) const {
    return seed * cells.size() + cell;
  }
  std::size_t cell_of(std::size_t run) const { return run % cells.size(); }
  std::uint64_t seed_of(std::size_t run) const { return seeds.at(run / cells.size()); }

  /// Is this run to be made here? All are, unless the plan is a shard's.
  bool has(std::size_t run) const { return run / cells.size() % shard.of == shard.number - 1; }
  /// How many of the runs below an index are.
  std::size_t own_runs(std::size_t below) const;
  std::size_t own_runs() const { return own_runs(runs()); }

  /// "min.insync.replicas" or, if that names two of them, the whole pointer.
  std::string variation_name(std::size_t variation) const;
  /// "min.insync.replicas=2, partitions=3"; empty if nothing varies.
  std::string cell_label(const std::vector<std::string>& values) const;
  /// The command that repeats a run without this folder.
  std::string run_command(std::size_t cell, std::uint64_t seed) const;
  /// Of all that determines the results, the version of the code too; the same for all shards.
  std::uint64_t identity() const;
};

inline constexpr std::size_t kMostCells = 10'000;
inline constexpr std::size_t kMostRuns = 100'000'000;
inline constexpr std::size_t kMostShards = 100'000;

std::vector<std::string> default_metrics();
/// False, with what, where and what to do (perhaps several lines).
bool make_plan(const PlanRequest& request, Plan& plan, std::string& problem);
/// For the shell: in single quotes if it needs them.
std::string shell_word(const std::string& word);

}  // namespace isrlab::results
