// A scenario after parsing and validation: what to run, what to break, what must hold.
// The loader (loader.hpp) fills it from JSON; nothing here knows JSON.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/spec.hpp"
#include "scenarios/chaos/spec.hpp"
#include "scenarios/faults/moment.hpp"
#include "scenarios/faults/moves.hpp"
#include "scenarios/faults/selector.hpp"
#include "scenarios/faults/terms.hpp"

namespace isrlab::scenarios {

using sim::Duration;
using sim::Time;

/// Where a value stood in the file: a JSON Pointer and a line, for errors and reports.
struct Location {
  std::string pointer;
  int line = 0;
};

/// One item of "faults". Selectors are resolved when the item fires and written resolved into the
/// history.
struct FaultSpec {
  FaultAction action = FaultAction::kKill;
  TriggerKind trigger = TriggerKind::kAt;
  Time at = 0;         // kAt: time; kAfter: delay after the previous item fired; kBetween: low;
                       // kEvery: first firing
  Time until = 0;      // kBetween: high
  Moment when;         // kWhen; `at` is then the earliest time
  Duration every = 0;  // kEvery
  std::int32_t times = -1;  // how often, -1 = to the end (kEvery), once (kWhen)
  Selector who;             // the target; of a partition or slow link: one side; hold: the senders
  Selector from;            // the other side ("all" when left out); hold: the receivers
  std::vector<Selector> more_sides;  // of a partition into more than two groups
  CutDirection direction = CutDirection::kBoth;
  Duration lasts = -1;          // "for": healed after this; -1 = not healed by itself
  Time ends_at = sim::kNever;   // "until" a time
  Moment ends_when;             // "until" something is so
  Duration restart_after = -1;  // kill, stop, crash, wipe: started again after this; -1 = never
  Unflushed unflushed = Unflushed::kDrawn;  // crash
  Duration latency = 0;                     // slow link: added one way
  Duration jitter = 0;
  std::int64_t bytes_per_second = 0;  // slow link, slow disk: 0 = unchanged
  std::int64_t loss_ppm = 0;          // slow link: of TCP segments
  Duration offset = 0;                // skew, jump: of the wall clock
  std::int64_t ppm = 0;               // drift
  Duration down = 0;                  // flap: cut for so long, then
  Duration up = 0;                    // open for so long
  std::int32_t directory = 0;         // full and failing disks: of log.dirs, from 1; 0 = all
  std::int32_t message = -1;          // hold: model::MessageType
  std::vector<PartitionPick> picks;   // of an operator's acts on partitions
  Duration interval = 0;              // rolling restart: between two brokers
  bool waits_for_isr = true;          // rolling restart: before the next broker is stopped
  std::string why;                    // free text, shown in reports
  std::string text;                   // the item as one line without `why`, as the report prints it
  Location location;
};

enum class ExpectationKind : std::uint8_t { kAlways, kSometimes, kEventually, kLimit };

/// Start of the clock of an `eventually`, besides the index of a fault.
inline constexpr std::int32_t kSinceStart = -1;     // the start of the run
inline constexpr std::int32_t kSinceLastHeal = -2;  // the last healing of the run

/// One thing that must hold. What the words mean is said in the registry (registry.hpp).
struct Expectation {
  ExpectationKind kind = ExpectationKind::kAlways;
  std::string text;  // as written
  std::string name;  // registry's name of the invariant, state or metric, or form of the condition
  std::string argument;  // what stood in parentheses or after "of"; empty if nothing did

  // Which one; the member that belongs to `kind` counts.
  Invariant invariant = Invariant::kNoAckedRecordLost;
  State state = State::kIsrShrinks;
  Condition condition = Condition::kAllIsrFull;
  Metric metric = Metric::kWriteGap;

  // The argument, taken apart. Only what the metric or condition takes is set.
  std::string topic;            // write_gap(orders), isr of orders-0
  std::int32_t partition = -1;  // -1: all partitions of the topic
  std::string group;            // consumer_lag(billing)
  AcksClass acks = AcksClass::kAny;

  Comparison comparison = Comparison::kLess;  // limits, and the condition "isr of t-0 < 2"
  Aggregate aggregate = Aggregate::kMax;      // limits
  std::int64_t value = 0;  // limits: ns or a number; condition: number of replicas

  Duration within = -1;  // eventually: must become true this long after the clock starts
  std::int32_t within_of = kSinceStart;  // index of the fault whose healing starts the clock, or
                                         // one of the constants above
  Location location;
};

/// How the clock of some hosts is off from the start of the run.
struct ClockSpec {
  Selector of;
  Duration offset = 0;
  std::int64_t ppm = 0;
};

struct Scenario {
  std::string path;       // file it came from, or the name given to load_scenario_text()
  std::string canonical;  // the scenario after defaults as compact JSON, without seed and prose:
                          // its identity, and itself a scenario that loads
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  Time duration = 60 * sim::kSecond;
  Time heal_at = sim::kNever;  // all that is still broken is mended at this time
  Selector heal_core;          // only these, and what is between them; empty: all
  model::ClusterSpec cluster;
  std::vector<ClockSpec> clocks;
  std::vector<FaultSpec> faults;
  ChaosSpec chaos;
  std::vector<Expectation> expectations;
};

}  // namespace isrlab::scenarios
