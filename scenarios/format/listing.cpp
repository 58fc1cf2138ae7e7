#include "scenarios/format/listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/read_settings.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/vocabulary.hpp"

namespace isrlab::scenarios {
namespace {

using Entries = std::vector<ListEntry>;

std::string_view form_name(Form form) {
  switch (form) {
    case Form::kText: return "text";
    case Form::kProse: return "text or list of lines";
    case Form::kName: return "name";
    case Form::kCount: return "number";
    case Form::kSeed: return "number";
    case Form::kDuration: return "duration";
    case Form::kOffset: return "duration, may be negative";
    case Form::kRange: return "duration..duration";
    case Form::kSize: return "size";
    case Form::kBandwidth: return "bandwidth";
    case Form::kRecordRate: return "records per time";
    case Form::kSelector: return "selector";
    case Form::kSides: return "selector, {side, from, direction} or {groups}";
    case Form::kDirection: return "both, to or from";
    case Form::kRestart: return "after <duration> or never";
    case Form::kMoment: return "condition";
    case Form::kMessage: return "message";
    case Form::kRatio: return "ratio such as 5%";
    case Form::kUnflushed: return "drawn, lost or kept";
    case Form::kPartitions: return "partitions";
    case Form::kMoves: return "moves, or the JSON of kafka-reassign-partitions.sh";
    case Form::kAwaited: return "isr or running";
    case Form::kFlag: return "true or false";
    case Form::kNames: return "list of names";
    case Form::kIds: return "list of lists of broker ids";
    case Form::kTexts: return "list of texts";
    case Form::kObject: return "object";
    case Form::kObjects: return "list of objects";
    case Form::kDisk: return "bandwidth or {rate, fsync}";
    case Form::kAny: return "anything";
  }
  return {};
}

void add_faults(Entries& entries) {
  for (const FaultInfo& fault : fault_table()) {
    const std::vector<std::string> fields(fault.fields.begin(), fault.fields.end());
    entries.push_back({"faults", std::string(fault.word), "takes " + joined(fields),
                       std::string(fault.what), std::string(fault.colour)});
  }
  for (const TriggerInfo& trigger : trigger_table()) {
    entries.push_back({"triggers",
                       std::string(trigger.word.name),
                       std::string(form_name(trigger.word.form)),
                       std::string(trigger.word.what),
                       {}});
  }
  for (const Word& field : fault_field_table()) {
    entries.push_back({"fault fields",
                       std::string(field.name),
                       std::string(form_name(field.form)),
                       std::string(field.what),
                       {}});
  }
  for (const MomentInfo& moment : moment_table()) {
    entries.push_back({"moments",
                       std::string(moment.form),
                       fmt::format("\"{}\"", moment.example),
                       std::string(moment.what),
                       {}});
  }
  for (const std::string& word : message_words()) {
    entries.push_back({"messages", word, {}, "can be held back", {}});
  }
  for (const SelectorInfo& selector : selector_table()) {
    entries.push_back({"selectors",
                       std::string(selector.form),
                       fmt::format("\"{}\"", selector.example),
                       std::string(selector.what),
                       {}});
  }
}

std::string_view argument_form(MetricArgument argument) {
  switch (argument) {
    case MetricArgument::kNone: return "";
    case MetricArgument::kPartition: return "(topic or topic-p)";
    case MetricArgument::kTopic: return "(topic)";
    case MetricArgument::kGroup: return "(group)";
    case MetricArgument::kAcks: return "(acks=all|1|0)";
  }
  return {};
}

void add_expectations(Entries& entries) {
  for (const InvariantInfo& each : invariant_table()) {
    entries.push_back(
        {"invariants", std::string(each.name), std::string(each.id), std::string(each.what), {}});
  }
  for (const StateInfo& each : state_table()) {
    entries.push_back({"states", std::string(each.name), {}, std::string(each.what), {}});
  }
  for (const ConditionInfo& each : condition_table()) {
    entries.push_back({"conditions", std::string(each.form), {}, std::string(each.what), {}});
  }
  for (const MetricInfo& each : metric_table()) {
    std::vector<std::string> aggregates;
    for (const Aggregate aggregate : each.aggregates) aggregates.emplace_back(info(aggregate).word);
    entries.push_back({"metrics",
                       fmt::format("{}{}", each.name, argument_form(each.argument)),
                       joined(aggregates, "or"),
                       std::string(each.what),
                       {}});
  }
  for (const AggregateInfo& each : aggregate_table()) {
    entries.push_back({"aggregates", std::string(each.word), {}, std::string(each.what), {}});
  }
}

template <class Config>
void add_settings_of(std::string_view owner, std::span<const model::Setting<Config>> table,
                     Entries& entries) {
  const Config defaults;
  for (const model::Setting<Config>& setting : table) {
    const std::int64_t stored = defaults.*setting.member;
    // Below the minimum means: not set, another value decides.
    const bool set = stored >= setting.minimum && stored != model::kInherit;
    const std::string value = set ? to_json(setting_value(setting.type, stored)) : "not set";
    entries.push_back({fmt::format("{} settings", owner),
                       std::string(setting.name),
                       "default " + value,
                       std::string(setting.what),
                       {}});
  }
  for (const auto& setting : model::text_settings<Config>()) {
    entries.push_back({fmt::format("{} settings", owner),
                       std::string(setting.name),
                       "default not set",
                       std::string(setting.what),
                       {}});
  }
}

void add_bugs(Entries& entries) {
  for (const model::ProtocolInfo& each : model::protocol_table()) {
    entries.push_back(
        {"replication protocols", std::string(each.name), {}, std::string(each.what), {}});
  }
  for (const model::BugInfo& each : model::bug_table()) {
    std::string detail = fmt::format("default {}, breaks {}", each.fixed, each.breaks);
    if (!each.issue.empty()) detail = fmt::format("{}, {}", each.issue, detail);
    entries.push_back({"bugs",
                       fmt::format("{}={}", each.name, each.value),
                       std::move(detail),
                       std::string(each.what),
                       {}});
  }
}

void add_words(Entries& entries) {
  constexpr auto kFirst = static_cast<int>(Shape::kScenario);
  constexpr auto kLast = static_cast<int>(Shape::kEventually);
  for (int i = kFirst; i <= kLast; ++i) {
    const auto shape = static_cast<Shape>(i);
    for (const Word& word : words_of(shape)) {
      entries.push_back({"words",
                         fmt::format("{}.{}", shape_name(shape), word.name),
                         std::string(form_name(word.form)),
                         std::string(word.what),
                         {}});
    }
  }
}

}  // namespace

std::vector<ListEntry> list_everything() {
  Entries entries;
  add_faults(entries);
  add_expectations(entries);
  add_settings_of("broker", model::broker_settings(), entries);
  add_settings_of("topic", model::topic_settings(), entries);
  add_settings_of("producer", model::producer_settings(), entries);
  add_settings_of("consumer", model::consumer_settings(), entries);
  add_settings_of("zookeeper", model::zookeeper_settings(), entries);
  add_bugs(entries);
  add_words(entries);
  for (const PlannedWord& planned : planned_table()) {
    entries.push_back(
        {"planned", std::string(planned.word), {}, "known, not supported by this version", {}});
  }
  return entries;
}

std::vector<std::string> list_sections() {
  std::vector<std::string> sections;
  for (const ListEntry& entry : list_everything()) {
    if (sections.empty() || sections.back() != entry.section) sections.push_back(entry.section);
  }
  return sections;
}

std::vector<ListEntry> list_section(std::string_view section) {
  Entries entries = list_everything();
  const std::string group = fmt::format(" {}", section);
  std::erase_if(entries, [&](const ListEntry& entry) {
    return entry.section != section && !entry.section.ends_with(group);
  });
  return entries;
}

}  // namespace isrlab::scenarios
