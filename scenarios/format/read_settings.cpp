#include "scenarios/format/read_settings.hpp"

#include <fmt/format.h>

#include <limits>

#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;
using model::SettingType;

struct Choice {
  SettingType type;
  std::string_view word;
  std::int64_t stored;
};
/// The first word of a stored value is the canonical one.
constexpr Choice kChoices[] = {
    {SettingType::kAcks, "all", -1},
    {SettingType::kAcks, "-1", -1},
    {SettingType::kAcks, "1", 1},
    {SettingType::kAcks, "0", 0},
    {SettingType::kOffsetReset, "earliest", 0},
    {SettingType::kOffsetReset, "latest", 1},
    {SettingType::kOffsetReset, "none", 2},
    {SettingType::kAssignor, "range", 0},
    {SettingType::kAssignor, "org.apache.kafka.clients.consumer.RangeAssignor", 0},
    {SettingType::kSelector, "LeaderSelector", 1},
    {SettingType::kSelector, "org.apache.kafka.common.replica.LeaderSelector", 1},
    {SettingType::kSelector, "RackAwareReplicaSelector", 2},
    {SettingType::kSelector, "org.apache.kafka.common.replica.RackAwareReplicaSelector", 2},
    {SettingType::kProtocol, "truncate-to-high-watermark", 0},
    {SettingType::kProtocol, "kip-101", 1},
    {SettingType::kProtocol, "kip-279", 2},
    {SettingType::kProtocol, "kip-320-first-try", 3},
    {SettingType::kProtocol, "kip-320", 4},
    {SettingType::kProtocol, "truncate-on-fetch", 5},
    {SettingType::kPolicy, "delete", 0},
    {SettingType::kBoolean, "false", 0},
    {SettingType::kBoolean, "true", 1},
};

bool is_choice(SettingType type) {
  return type == SettingType::kAcks || type == SettingType::kOffsetReset ||
         type == SettingType::kAssignor || type == SettingType::kBoolean ||
         type == SettingType::kProtocol || type == SettingType::kPolicy ||
         type == SettingType::kSelector;
}

std::int64_t raw_unit(SettingType type) {
  if (type == SettingType::kMilliseconds) return sim::kMillisecond;
  if (type == SettingType::kSeconds) return sim::kSecond;
  if (type == SettingType::kMinutes) return 60 * sim::kSecond;
  if (type == SettingType::kHours) return 3600 * sim::kSecond;
  return 1;
}

std::string shown(SettingType type, std::int64_t stored) {
  return raw_unit(type) == 1 ? fmt::format("{}", stored) : sim::format_duration(stored);
}

bool read_choice(const SettingRule& rule, const Value& value, const std::string& pointer,
                 Problems& problems, std::int64_t& result) {
  std::string word = value.text;
  if (value.is(Kind::kBoolean)) word = value.flag ? "true" : "false";
  if (value.is(Kind::kInteger)) {
    word = fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
  }
  std::vector<std::string> known;
  for (const Choice& choice : kChoices) {
    if (choice.type != rule.type) continue;
    if (choice.word == word && choice.stored >= rule.minimum && choice.stored <= rule.maximum) {
      result = choice.stored;
      return true;
    }
    known.emplace_back(choice.word);
  }
  problems.error(pointer, fmt::format("{} does not take {}", rule.name, value.described()),
                 suggestion(word, known));
  return false;
}

/// Text with our units, or Kafka's raw number in quotes as a properties file would have it.
Measure read_text(const SettingRule& rule, const std::string& text, std::int64_t unit) {
  const Measure raw = parse_whole_number(text);
  if (raw.ok()) {
    Measure result = raw;
    // Kafka's largest long stands for "never".
    if (unit > 1 && raw.value == std::numeric_limits<std::int64_t>::max()) {
      result.value = model::kLongMax;
      return result;
    }
    if (raw.value > std::numeric_limits<std::int64_t>::max() / unit ||
        raw.value < std::numeric_limits<std::int64_t>::min() / unit) {
      result.problem = in_quotes(text) + " is too large";
      result.fix = "write a smaller number";
    } else {
      result.value = raw.value * unit;
    }
    return result;
  }
  switch (rule.type) {
    case SettingType::kBytes: return parse_size(text);
    case SettingType::kPercent: return parse_percent(text);
    case SettingType::kMilliseconds:
    case SettingType::kSeconds:
    case SettingType::kMinutes:
    case SettingType::kHours: break;
    default: return raw;
  }
  Measure duration = parse_duration(text);
  if (duration.ok() && duration.value % unit != 0) {
    duration.problem = fmt::format("{} is finer than {} counts", in_quotes(text), rule.name);
    duration.fix = fmt::format("write a multiple of {}", sim::format_duration(unit));
  }
  return duration;
}

bool read_number(const SettingRule& rule, const Value& value, const std::string& pointer,
                 Problems& problems, std::int64_t& result) {
  const std::int64_t unit = raw_unit(rule.type);
  const bool number = value.is(Kind::kInteger);
  if (!number && !value.is(Kind::kString)) {
    problems.error(pointer, fmt::format("{} does not take {}", rule.name, value.described()),
                   unit > 1 ? "write Kafka's whole number or a duration such as \"10s\""
                            : "write a whole number");
    return false;
  }
  const std::string text =
      number ? fmt::format("{}{}", value.negative ? "-" : "", value.magnitude) : value.text;
  const Measure measure = read_text(rule, text, unit);
  if (!measure.ok()) {
    problems.error(pointer, measure.problem, measure.fix);
    return false;
  }
  if (measure.value < rule.minimum || measure.value > rule.maximum) {
    problems.error(pointer, fmt::format("{} is out of range for {}", in_quotes(text), rule.name),
                   fmt::format("from {} to {}", shown(rule.type, rule.minimum),
                               shown(rule.type, rule.maximum)));
    return false;
  }
  result = measure.value;
  return true;
}

}  // namespace

bool read_setting(const SettingRule& rule, const Value& value, const std::string& pointer,
                  Problems& problems, std::int64_t& result) {
  return is_choice(rule.type) ? read_choice(rule, value, pointer, problems, result)
                              : read_number(rule, value, pointer, problems, result);
}

bool read_text_setting(std::string_view name, model::TextForm form, const Value& value,
                       const std::string& pointer, Problems& problems, std::string& result) {
  if (!value.is(Kind::kString)) {
    problems.error(pointer, fmt::format("{} does not take {}", name, value.described()),
                   "write a text");
    return false;
  }
  model::ThrottledReplicas parsed;
  if (form == model::TextForm::kThrottledReplicas &&
      !model::parse_throttled_replicas(value.text, parsed)) {
    problems.error(pointer, fmt::format("{} does not take {}", name, value.described()),
                   "write \"*\" or partition:broker pairs, as \"0:1,0:2\"");
    return false;
  }
  result = value.text;
  return true;
}

Value setting_value(SettingType type, std::int64_t stored) {
  if (type == SettingType::kBoolean) return Value::of_flag(stored != 0);
  for (const Choice& choice : kChoices) {
    if (choice.type == type && choice.stored == stored) return Value::of_text(choice.word);
  }
  // No limit and never have Kafka's numbers only.
  const std::int64_t unit = raw_unit(type);
  if (unit > 1 && stored < 0) return Value::of_integer(stored / unit);
  if (unit > 1 && stored == model::kLongMax) {
    return Value::of_integer(std::numeric_limits<std::int64_t>::max());
  }
  if (unit > 1) return Value::of_text(sim::format_duration(stored));
  return Value::of_integer(stored);
}

}  // namespace isrlab::scenarios
