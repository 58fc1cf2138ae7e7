// A scenario after parsing and validation: what to run, what to break, what must hold.
// The loader (loader.hpp) fills it from JSON; nothing here knows JSON.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/spec.hpp"
#include "scenarios/faults/selector.hpp"

namespace isrlab::scenarios {

using sim::Duration;
using sim::Time;

/// Where a value stood in the file: a JSON Pointer and a line, for errors and reports.
struct Location {
  std::string pointer;
  int line = 0;
};

enum class FaultAction : std::uint8_t {
  kKill,           // process dies at once; its host lives, so peers see resets
  kStop,           // clean shutdown (SIGTERM): controlled shutdown, session closed
  kRestart,        // start a dead process again
  kPause,          // SIGSTOP or a long GC pause
  kPartition,      // cut the links between two sides, silently
  kIsolate,        // cut a node from everybody
  kSlowLink,       // more latency and jitter, less bandwidth between two sides
  kExpireSession,  // ZooKeeper ends a session although its owner lives
};

enum class TriggerKind : std::uint8_t {
  kAt,       // at a time
  kAfter,    // so long after the previous item fired
  kBetween,  // at a random instant of an interval, from the fault stream
  kEvery,    // again and again
};

enum class CutDirection : std::uint8_t { kBoth, kTo, kFrom };  // relative to `who`

/// One item of "faults". Selectors are resolved when the item fires and written resolved into the
/// history.
struct FaultSpec {
  FaultAction action = FaultAction::kKill;
  TriggerKind trigger = TriggerKind::kAt;
  Time at = 0;             // kAt: time; kAfter: delay; kBetween: low; kEvery: first firing
  Time until = 0;          // kBetween: high
  Duration every = 0;      // kEvery
  std::int32_t times = -1;  // kEvery: how often, -1 = to the end
  Selector who;            // the target; of a partition or slow link: one side
  Selector from;           // the other side ("all" when left out)
  CutDirection direction = CutDirection::kBoth;
  Duration lasts = -1;     // "for": healed after this; -1 = not healed by itself
  Duration restart_after = -1;  // kill, stop: started again after this; -1 = never
  Duration latency = 0;    // slow link: added one way
  Duration jitter = 0;
  std::int64_t bytes_per_second = 0;  // slow link: 0 = unchanged
  std::string why;         // free text, shown in reports
  std::string text;        // the item as one line, as the report prints it
  Location location;
};

enum class ExpectationKind : std::uint8_t { kAlways, kSometimes, kEventually, kLimit };
enum class Comparison : std::uint8_t { kLess, kLessEqual, kEqual, kNotEqual, kGreaterEqual, kGreater };
enum class Aggregate : std::uint8_t { kMax, kMin, kCount, kTotal, kP50, kP95, kP99 };

/// One thing that must hold. `name` is the registry's name of the invariant, state, condition or
/// metric; `argument` what stood in parentheses or after "of".
struct Expectation {
  ExpectationKind kind = ExpectationKind::kAlways;
  std::string text;      // as written
  std::string name;
  std::string argument;
  Comparison comparison = Comparison::kLess;  // limits, and conditions such as "isr of t-0 < 2"
  Aggregate aggregate = Aggregate::kMax;      // limits
  std::int64_t value = 0;                     // limits: ns, bytes or a count
  Duration within = -1;                       // eventually
  std::int32_t within_of = -1;  // eventually: index of the fault whose healing starts the clock,
                                // -1 = the start of the run, -2 = the last healing
  Location location;
};

struct Scenario {
  std::string path;       // file it came from, empty if from memory
  std::string canonical;  // the scenario after defaults as compact JSON: its identity
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  Time duration = 60 * sim::kSecond;
  model::ClusterSpec cluster;
  std::vector<FaultSpec> faults;
  std::vector<Expectation> expectations;
};

}  // namespace isrlab::scenarios
