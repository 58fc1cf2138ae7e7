// The one table of everything that can be broken, demanded or measured (architecture, decision 5).
// The loader, the JSON Schema, `isrlab list`, the history and the viewer read it; nobody else
// spells these words.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/faults/selector.hpp"
#include "scenarios/faults/terms.hpp"
#include "scenarios/format/word.hpp"

namespace isrlab::scenarios {

struct FaultInfo {
  FaultAction action;
  std::string_view word;                     // the JSON key: "kill"
  Form target;                               // kSelector, kSides, kMessage, kPartitions, kMoves
  std::span<const std::string_view> fields;  // keys it may have beside its trigger
  std::string_view what;
  std::string_view colour;  // of the viewer, "#RRGGBB"
};

struct TriggerInfo {
  TriggerKind kind;
  Word word;  // how its value is written
};

struct MomentInfo {
  MomentKind kind;
  std::string_view form;     // "isr of <topic>-<p> <comparison> <n>"
  std::string_view example;  // "isr of orders-0 < 2"
  std::string_view what;
};

struct SelectorInfo {
  SelectorKind kind;
  std::string_view form;     // "leader of <topic>-<partition>"
  std::string_view example;  // "leader of orders-0"
  std::string_view what;
};

struct InvariantInfo {
  Invariant invariant;
  std::string_view id;  // "S1", accepted instead of the name
  std::string_view name;
  std::string_view what;
  bool takes_acks = false;  // "no_acked_record_lost(acks=all)"
};

struct StateInfo {
  State state;
  std::string_view name;
  std::string_view what;
};

struct ConditionInfo {
  Condition condition;
  std::string_view form;
  std::string_view what;
};

/// What stands in parentheses after a metric. All are optional: without one, everything counts.
enum class MetricArgument : std::uint8_t { kNone, kPartition, kTopic, kGroup, kAcks };
enum class MetricUnit : std::uint8_t { kDuration, kNumber };

struct MetricInfo {
  Metric metric;
  std::string_view name;
  MetricArgument argument;
  MetricUnit unit;  // of every aggregate but `count`, which counts samples
  std::span<const Aggregate> aggregates;
  std::string_view what;
};

struct AggregateInfo {
  Aggregate aggregate;
  std::string_view word;
  std::string_view what;
};

struct ComparisonInfo {
  Comparison comparison;
  std::string_view symbol;
};

/// A word of the vocabulary that this version knows but does not do yet.
struct PlannedWord {
  enum class Place : std::uint8_t {
    kTop,
    kFault,
    kNetwork,
    kExpect,
    kSelector,
    kSetting,
    kElsewhere
  };
  Place place;
  std::string_view word;
};

std::span<const FaultInfo> fault_table();
std::span<const Word> fault_field_table();
std::span<const TriggerInfo> trigger_table();
std::span<const MomentInfo> moment_table();
std::span<const SelectorInfo> selector_table();
std::span<const InvariantInfo> invariant_table();
std::span<const StateInfo> state_table();
std::span<const ConditionInfo> condition_table();
std::span<const MetricInfo> metric_table();
std::span<const AggregateInfo> aggregate_table();
std::span<const ComparisonInfo> comparison_table();
std::span<const PlannedWord> planned_table();

/// Look-ups give null for unknown words. Invariants are found by name and by id.
const FaultInfo* find_fault(std::string_view word);
const Word* find_fault_field(std::string_view word);
const TriggerInfo* find_trigger(std::string_view word);
const InvariantInfo* find_invariant(std::string_view name_or_id);
/// May `eventually` wait for it? For what must come true in time, not for what must never break.
bool can_be_awaited(const InvariantInfo& invariant);
const StateInfo* find_state(std::string_view name);
const MetricInfo* find_metric(std::string_view name);
const AggregateInfo* find_aggregate(std::string_view word);
const ComparisonInfo* find_comparison(std::string_view symbol);
bool is_planned(PlannedWord::Place place, std::string_view word);

/// The entry of an enumerator; every enumerator has one (a unit test walks them).
const FaultInfo& info(FaultAction action);
const TriggerInfo& info(TriggerKind kind);
const InvariantInfo& info(Invariant invariant);
const StateInfo& info(State state);
const ConditionInfo& info(Condition condition);
const MetricInfo& info(Metric metric);
const AggregateInfo& info(Aggregate aggregate);
const ComparisonInfo& info(Comparison comparison);
/// Something that the action can be aimed at in every cluster: for examples and generators.
std::string_view example_target(FaultAction action);
/// How to say in this vocabulary what a word of other tools means for packets; empty: no such word.
std::string_view other_words(std::string_view word);
/// Is it over as soon as it has struck?
bool is_instant(FaultAction action);
/// Something an operator does with Kafka's tools, rather than a fault.
bool is_admin(FaultAction action);
/// Does it act between two sides?
bool has_two_sides(FaultAction action);
std::string_view unflushed_word(Unflushed unflushed);
std::string_view direction_word(CutDirection direction);

/// Words that separate the parts of the one-line fault syntax; no client or group may be called so.
std::span<const std::string_view> reserved_words();

}  // namespace isrlab::scenarios
