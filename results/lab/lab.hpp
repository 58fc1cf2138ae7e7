// The laboratory in code: put a cluster, a load and a schedule together, run it with a seed, look
// at what came out. This is the header to include; docs/library.md shows it in use.
//
//   const Result result = Lab(cluster, load, schedule).lasts(60s).always("log_matching").run(7);
//
// Everything is said in the words of scenario files and read by their loader: what it refuses
// throws ScenarioError, with all problems, each with its JSON pointer and what to do.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "results/lab/cluster.hpp"
#include "results/lab/load.hpp"
#include "results/lab/result.hpp"
#include "results/lab/schedule.hpp"
#include "results/run_scenario.hpp"
#include "scenarios/format/problem.hpp"
#include "scenarios/run.hpp"

namespace isrlab::lab {

/// The one exception for bad input. what() is the text that `isrlab validate` prints, problems()
/// the same as data.
using scenarios::ScenarioError;

/// A scenario in the making. It is a value: copies are independent. Nothing is checked before
/// scenario(), start() or run(), unless a function says that it throws.
class Lab {
 public:
  /// Three brokers, three ZooKeeper servers, no topics, 60 s, nothing expected.
  explicit Lab(std::string_view name = "lab");
  explicit Lab(const Cluster& cluster, const Load& load = {}, const Schedule& schedule = {});
  /// A scenario of the library ("leader-crash"). Throws ScenarioError if there is none.
  static Lab library(std::string_view name);
  /// A scenario file, or its text. Throw ScenarioError if it cannot be read or is no JSON.
  static Lab file(const std::filesystem::path& path);
  static Lab text(std::string_view json, std::string_view name);

  /// Used in reports and replay tokens: letters, digits, and . _ -
  Lab& name(std::string_view name);
  /// Simulated length of the run, from power-on.
  Lab& lasts(const Span& duration);
  // Each replaces what was there.
  Lab& cluster(const Cluster& cluster);
  Lab& load(const Load& load);
  Lab& schedule(const Schedule& schedule);
  /// One more fault.
  Lab& add(const Fault& fault);

  // What must hold, in the words of `isrlab list`.
  /// An invariant that must never break: "no_acked_record_lost". Those that the configuration
  /// promises are checked in any case (Result::broken()).
  Lab& always(std::string_view invariant);
  /// A state that must be reached, so that green means something: "leader_elected".
  Lab& sometimes(std::string_view state);
  /// A condition and its bound: eventually("all isr full", "30s of heal").
  Lab& eventually(std::string_view condition, const Span& within);
  /// A metric against a number: "write_gap(orders-0) max < 25s".
  Lab& limit(std::string_view comparison);

  /// Any other value, by JSON pointer; elements of lists also by name:
  /// set("/topics/orders/config/min.insync.replicas", 1). Throws ScenarioError if there is no way.
  Lab& set(const std::string& pointer, const Setting& value);

  /// The loaded scenario; throws ScenarioError.
  std::shared_ptr<const scenarios::Scenario> scenario() const;
  /// What the loader says of a scenario that it accepts but thinks odd; throws ScenarioError.
  std::vector<scenarios::Problem> notes() const;
  /// A run before its first step, to go step by step, to look into the cluster, to copy as a
  /// checkpoint; throws ScenarioError.
  scenarios::Run start(std::uint64_t seed) const;
  /// Runs to the end; with no seed, the scenario's own (1 if it says none). Throws ScenarioError.
  Result run(std::optional<std::uint64_t> seed = {}, const results::RunOptions& options = {}) const;

  /// The scenario as it was put together, as JSON on one line.
  std::string json() const;

 private:
  Lab(scenarios::Value root, std::string file) : root_(std::move(root)), file_(std::move(file)) {}
  scenarios::Value& member(std::string_view section, std::string_view key,
                           scenarios::Value::Kind kind);

  scenarios::Value root_;
  std::string file_;  // stands before problems; empty: the name does
};

/// json().
std::ostream& operator<<(std::ostream& stream, const Lab& lab);

}  // namespace isrlab::lab
