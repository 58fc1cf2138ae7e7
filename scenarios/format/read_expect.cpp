// The section "expect": invariants, states, conditions and limits, each by the registry's tables.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes leading letters, digits and underscores.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
      text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  return names;
}

/// Reads one expectation; every failure is reported once.
class ExpectationReader {
 public:
  ExpectationReader(std::string text, std::string pointer, int line, LoadContext& context)
      : context_(context), problems_(context.problems), pointer_(std::move(pointer)) {
    result.text = std::move(text);
    result.location = {pointer_, line};
  }

  bool read_always();
  bool read_sometimes();
  bool read_condition();
  bool read_limit();
  bool read_within(const std::string& within, const std::string& pointer);

  Expectation result;

 private:
  bool fail(std::string what, std::string fix) {
    problems_.error(pointer_, std::move(what), std::move(fix));
    return false;
  }
  bool take_argument(std::string_view& rest);
  bool take_comparison(std::string_view& rest);
  bool read_metric_argument(const MetricInfo& metric);
  bool read_acks();
  bool read_value(const MetricInfo& metric, std::string_view text);
  bool read_origin(std::string_view origin, const std::string& pointer);
  void note_late_bound(const std::string& pointer);

  LoadContext& context_;
  Problems& problems_;
  std::string pointer_;
};

/// "(orders-0)" right after a name; nothing is fine too.
bool ExpectationReader::take_argument(std::string_view& rest) {
  if (rest.empty() || rest.front() != '(') return true;
  const std::size_t end = rest.find(')');
  if (end == std::string_view::npos) return fail("a parenthesis is not closed", "add \")\"");
  result.argument = trimmed(rest.substr(1, end - 1));
  rest.remove_prefix(end + 1);
  if (result.argument.empty()) return fail("nothing stands in the parentheses", "remove them");
  return true;
}

bool ExpectationReader::take_comparison(std::string_view& rest) {
  rest = trimmed(rest);
  const std::size_t end = std::min(rest.find_first_not_of("<>=!~"), rest.size());
  const std::string_view symbol = rest.substr(0, end);
  const ComparisonInfo* found = find_comparison(symbol);
  if (found == nullptr) {
    return fail(
        symbol.empty() ? "a comparison is missing" : "unknown comparison " + in_quotes(symbol),
        "write one of <, <=, ==, !=, >= and >");
  }
  result.comparison = found->comparison;
  rest = trimmed(rest.substr(end));
  return true;
}

bool ExpectationReader::read_acks() {
  static constexpr struct {
    std::string_view text;
    AcksClass acks;
  } kClasses[] = {{"acks=all", AcksClass::kAll},
                  {"acks=-1", AcksClass::kAll},
                  {"acks=1", AcksClass::kOne},
                  {"acks=0", AcksClass::kZero}};
  for (const auto& each : kClasses) {
    if (each.text != result.argument) continue;
    result.acks = each.acks;
    return true;
  }
  return fail(in_quotes(result.argument) + " is no acks class", "write acks=all, acks=1 or acks=0");
}

bool ExpectationReader::read_always() {
  result.kind = ExpectationKind::kAlways;
  std::string_view rest = result.text;
  const std::string_view name = take_word(rest);
  const InvariantInfo* found = find_invariant(name);
  if (found == nullptr) {
    return fail(
        "unknown invariant " + in_quotes(name.empty() ? std::string_view(result.text) : name),
        suggestion(name, names_of(invariant_table())));
  }
  result.invariant = found->invariant;
  result.name = found->name;
  if (!take_argument(rest)) return false;
  if (!trimmed(rest).empty()) {
    return fail("unexpected text " + in_quotes(trimmed(rest)), "remove it");
  }
  if (result.argument.empty()) return true;
  if (!found->takes_acks) {
    return fail(fmt::format("{} takes no argument", found->name), "remove the parentheses");
  }
  if (!read_acks()) return false;
  if (result.acks == AcksClass::kAll) return true;
  return fail(fmt::format("{} holds for acks=all only", found->name),
              "count the losses of other classes with limits: \"lost(acks=1) count == 0\"");
}

bool ExpectationReader::read_sometimes() {
  result.kind = ExpectationKind::kSometimes;
  const StateInfo* found = find_state(trimmed(result.text));
  if (found == nullptr) {
    return fail("unknown state " + in_quotes(result.text),
                suggestion(result.text, names_of(state_table())));
  }
  result.state = found->state;
  result.name = found->name;
  return true;
}

bool ExpectationReader::read_condition() {
  result.kind = ExpectationKind::kEventually;
  const std::string_view text = trimmed(result.text);
  std::vector<std::string> forms;
  for (const ConditionInfo& each : condition_table()) {
    if (each.form == text && each.condition != Condition::kIsrOf &&
        each.condition != Condition::kLiveness) {
      result.condition = each.condition;
      result.name = each.form;
      return true;
    }
    forms.emplace_back(each.form);
  }
  if (const InvariantInfo* liveness = find_invariant(text); liveness != nullptr) {
    if (!can_be_awaited(*liveness)) {
      return fail(fmt::format("{} is nothing to wait for", liveness->name),
                  "demand it with \"always\"");
    }
    result.condition = Condition::kLiveness;
    result.invariant = liveness->invariant;
    result.name = liveness->name;
    return true;
  }
  constexpr std::string_view kIsrOf = "isr of ";
  if (!text.starts_with(kIsrOf)) {
    return fail("unknown condition " + in_quotes(text), suggestion(text, forms));
  }
  result.condition = Condition::kIsrOf;
  result.name = info(Condition::kIsrOf).form;
  std::string_view rest = trimmed(text.substr(kIsrOf.size()));
  const std::size_t end = std::min(rest.find_first_of(" \t<>=!"), rest.size());
  result.argument = rest.substr(0, end);
  rest.remove_prefix(end);
  Selector partition;
  std::string what;
  std::string fix;
  if (!parse_selector("isr of " + result.argument, partition, what, fix)) return fail(what, fix);
  if (partition.kind != SelectorKind::kIsrOf) {
    return fail("names no partition", "write \"isr of orders-0 == 3\"");
  }
  result.topic = partition.name;
  result.partition = partition.partition;
  if (!take_comparison(rest)) return false;
  const Measure count = parse_whole_number(rest);
  if (!count.ok()) {
    return fail(count.problem, "write a number of replicas, such as \"isr of orders-0 == 3\"");
  }
  result.value = count.value;
  return check_topic_partition(result.topic, result.partition, pointer_, context_);
}

bool ExpectationReader::read_metric_argument(const MetricInfo& metric) {
  if (result.argument.empty()) return true;
  switch (metric.argument) {
    case MetricArgument::kNone:
      return fail(fmt::format("{} takes no argument", metric.name), "remove the parentheses");
    case MetricArgument::kAcks: return read_acks();
    case MetricArgument::kGroup:
      result.group = result.argument;
      return check_group(result.group, pointer_, context_);
    case MetricArgument::kTopic:
      result.topic = result.argument;
      return check_topic(result.topic, pointer_, context_);
    case MetricArgument::kPartition: break;
  }
  // A topic's own name may end in "-1": the whole name is tried first.
  Selector partition;
  std::string what;
  std::string fix;
  const bool split = !context_.topics.contains(result.argument) &&
                     parse_selector("isr of " + result.argument, partition, what, fix) &&
                     partition.kind == SelectorKind::kIsrOf;
  result.topic = split ? partition.name : result.argument;
  if (!split) return check_topic(result.topic, pointer_, context_);
  result.partition = partition.partition;
  return check_topic_partition(result.topic, result.partition, pointer_, context_);
}

bool ExpectationReader::read_value(const MetricInfo& metric, std::string_view text) {
  const bool span = metric.unit == MetricUnit::kDuration && result.aggregate != Aggregate::kCount;
  const std::size_t space = std::min(text.find_first_of(" \t"), text.size());
  if (space < text.size()) {
    return fail("unexpected text " + in_quotes(trimmed(text.substr(space))) + " after the value",
                "remove it");
  }
  const Measure measure = span ? parse_duration(text) : parse_whole_number(text);
  if (measure.ok()) {
    result.value = measure.value;
    return true;
  }
  return fail(measure.problem, measure.fix);
}

bool ExpectationReader::read_limit() {
  result.kind = ExpectationKind::kLimit;
  std::string_view rest = result.text;
  const std::string_view name = take_word(rest);
  const MetricInfo* found = find_metric(name);
  if (found == nullptr) {
    return fail("unknown metric " + in_quotes(name.empty() ? std::string_view(result.text) : name),
                suggestion(name, names_of(metric_table())));
  }
  result.metric = found->metric;
  result.name = found->name;
  if (!take_argument(rest)) return false;
  const std::string_view word = take_word(rest);
  const AggregateInfo* aggregate = find_aggregate(word);
  std::vector<std::string> known;
  for (const Aggregate each : found->aggregates) known.emplace_back(info(each).word);
  if (aggregate == nullptr) {
    return fail(word.empty() ? "an aggregate is missing" : "unknown aggregate " + in_quotes(word),
                fmt::format("{} has {}", found->name, joined(known)));
  }
  result.aggregate = aggregate->aggregate;
  if (std::find(found->aggregates.begin(), found->aggregates.end(), result.aggregate) ==
      found->aggregates.end()) {
    return fail(fmt::format("{} has no {}", found->name, word),
                fmt::format("it has {}", joined(known)));
  }
  if (!take_comparison(rest) || !read_value(*found, rest)) return false;
  return read_metric_argument(*found);
}

/// When a fault is healed, counted from the start of the run; -1 when that depends on the run.
sim::Time healed_at(const FaultSpec& fault, sim::Time heal_all) {
  const sim::Duration lasts = std::max(fault.lasts, fault.restart_after);
  if (fault.trigger != TriggerKind::kAt) return -1;
  if (is_instant(fault.action)) return fault.at;
  if (fault.ends_at != sim::kNever) return fault.ends_at;
  return lasts >= 0 ? fault.at + lasts : heal_all == sim::kNever ? -1 : heal_all;
}

bool is_healed(const FaultSpec& fault, sim::Time heal_all) {
  return fault.lasts >= 0 || fault.restart_after >= 0 || heal_all != sim::kNever ||
         is_instant(fault.action) || fault.ends_at != sim::kNever || !fault.ends_when.empty();
}

/// Where the clock of `within` starts.
bool ExpectationReader::read_origin(std::string_view origin, const std::string& pointer) {
  const std::vector<FaultSpec>& faults = context_.scenario.faults;
  const sim::Time heal_all = context_.scenario.heal_at;
  if (origin == "start") return true;
  if (origin == "heal" || origin == "restart") {
    result.within_of = kSinceLastHeal;
    const bool healed = std::any_of(faults.begin(), faults.end(), [&](const FaultSpec& fault) {
      return is_healed(fault, heal_all);
    });
    if (healed || heal_all != sim::kNever || !context_.faults_complete) return true;
    problems_.error(pointer, "nothing is ever healed in this scenario",
                    "give a fault \"for\" or \"restart\", or add heal");
    return false;
  }
  if (!origin.starts_with("fault ")) {
    problems_.error(pointer, fmt::format("unknown start {} of the bound", in_quotes(origin)),
                    "write for example \"30s\", \"30s of heal\" or \"30s of fault 1\"");
    return false;
  }
  const Measure number = parse_whole_number(trimmed(origin.substr(6)));
  if (!number.ok() || number.value < 1 || static_cast<std::size_t>(number.value) > faults.size()) {
    problems_.error(pointer, fmt::format("there is no {}", in_quotes(origin)),
                    fmt::format("the scenario has {} faults, counted from 1", faults.size()));
    return false;
  }
  result.within_of = static_cast<std::int32_t>(number.value - 1);
  const FaultSpec& fault = faults[static_cast<std::size_t>(result.within_of)];
  if (is_healed(fault, heal_all) || !context_.faults_complete) return true;
  problems_.error(pointer, fmt::format("{} is never healed", in_quotes(origin)),
                  "give it \"for\" or \"restart\"");
  return false;
}

/// A bound after the end of the run can be met but not broken: the verdict may stay open.
void ExpectationReader::note_late_bound(const std::string& pointer) {
  const Scenario& scenario = context_.scenario;
  sim::Time start = result.within_of == kSinceStart ? 0 : -1;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const bool meant =
        result.within_of == kSinceLastHeal || result.within_of == static_cast<std::int32_t>(i);
    if (meant) start = std::max(start, healed_at(scenario.faults[i], scenario.heal_at));
  }
  if (start < 0 || start + result.within <= scenario.duration) return;
  problems_.note(pointer,
                 fmt::format("the bound ends at {}, after the run at {}",
                             sim::format_duration(start + result.within),
                             sim::format_duration(scenario.duration)),
                 "lengthen /duration or shorten the bound");
}

bool ExpectationReader::read_within(const std::string& within, const std::string& pointer) {
  const std::size_t of = within.find(" of ");
  const Measure bound = parse_duration(trimmed(std::string_view(within).substr(0, of)));
  if (!bound.ok()) {
    problems_.error(pointer, bound.problem, bound.fix);
    return false;
  }
  result.within = bound.value;
  const bool origin = of != std::string::npos;
  if (origin && !read_origin(trimmed(std::string_view(within).substr(of + 4)), pointer)) {
    return false;
  }
  if (context_.faults_complete) note_late_bound(pointer);
  return true;
}

/// The texts under "always", "sometimes" or "limits".
void read_texts(ObjectReader& expect, std::string_view key, bool (ExpectationReader::*read)(),
                LoadContext& context) {
  const Value* list = expect.list(key);
  for (std::size_t i = 0; list != nullptr && i < list->items.size() && !context.problems.full();
       ++i) {
    const Value& item = list->items[i];
    const std::string pointer = child_pointer(expect.at(key), i);
    if (!expect_kind(item, Kind::kString, pointer, context.problems, "a text")) continue;
    ExpectationReader reader(item.text, pointer, item.line, context);
    if ((reader.*read)()) context.scenario.expectations.push_back(std::move(reader.result));
  }
}

void read_eventually(ObjectReader& expect, LoadContext& context) {
  const Value* list = expect.list("eventually");
  for (std::size_t i = 0; list != nullptr && i < list->items.size() && !context.problems.full();
       ++i) {
    const std::string pointer = child_pointer(expect.at("eventually"), i);
    ObjectReader item(list->items[i], pointer, Shape::kEventually, context.problems);
    std::string that;
    std::string within;
    item.text("that", that);
    const bool complete = item.text("within", within);
    if (that.empty()) continue;
    ExpectationReader reader(that, item.at("that"), list->items[i].line, context);
    const bool good = reader.read_condition();
    if (complete && reader.read_within(within, item.at("within")) && good) {
      reader.result.location.pointer = pointer;
      context.scenario.expectations.push_back(std::move(reader.result));
    }
  }
}

}  // namespace

void read_expectations(ObjectReader& file, LoadContext& context) {
  const Value* value = file.find("expect");
  if (value == nullptr) return;
  ObjectReader expect(*value, "/expect", Shape::kExpect, context.problems);
  read_texts(expect, "always", &ExpectationReader::read_always, context);
  read_texts(expect, "sometimes", &ExpectationReader::read_sometimes, context);
  read_eventually(expect, context);
  read_texts(expect, "limits", &ExpectationReader::read_limit, context);
}

}  // namespace isrlab::scenarios
