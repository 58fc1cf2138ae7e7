#include "scenarios/format/schema.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/settings.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/vocabulary.hpp"

namespace isrlab::scenarios {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDurationPattern = R"([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))";
constexpr const char* kSizePattern = R"(^[0-9]+(\.[0-9]+)?(B|kB|KB|KiB|MB|MiB|GB|GiB|TB|TiB)$)";
constexpr const char* kBandwidthPattern =
    R"(^[0-9]+(\.[0-9]+)?((B|kB|KB|KiB|MB|MiB|GB|GiB)/s|(k|M|G|T)?bit(/s)?)$)";
constexpr const char* kNamePattern = "^[A-Za-z0-9._-]{1,249}$";

Json text_of(std::string_view pattern, const std::vector<std::string>& examples) {
  Json schema = {{"type", "string"}, {"pattern", pattern}};
  if (!examples.empty()) schema["examples"] = examples;
  return schema;
}

std::string whole(std::string_view pattern) {
  return fmt::format("^{}$", pattern);
}
Json duration() {
  return text_of(whole(kDurationPattern), {"250ms", "15s", "2m"});
}
Json reference(Shape shape) {
  return {{"$ref", fmt::format("#/$defs/{}", shape_name(shape))}};
}
Json list_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}
Json plain_text() {
  return {{"type", "string"}};
}

Json selector() {
  Json schema = plain_text();
  Json examples = Json::array();
  for (const SelectorInfo& each : selector_table()) examples.push_back(each.example);
  schema["examples"] = examples;
  schema["description"] = "who: resolved when the fault fires";
  return schema;
}

Json selectors() {
  return {{"anyOf",
           Json::array({{{"$ref", "#/$defs/selector"}}, list_of({{"$ref", "#/$defs/selector"}})})}};
}

Json count_of(const Word& word) {
  Json schema = {{"type", "integer"}, {"minimum", word.minimum}};
  if (word.maximum != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = word.maximum;
  return schema;
}

Json schema_of(const Word& word) {
  switch (word.form) {
    case Form::kText: return plain_text();
    case Form::kProse: return {{"anyOf", Json::array({plain_text(), list_of(plain_text())})}};
    case Form::kName: return text_of(kNamePattern, {});
    case Form::kCount: return count_of(word);
    case Form::kSeed: return {{"type", "integer"}, {"minimum", 0}};
    case Form::kDuration: return duration();
    case Form::kOffset:
      return text_of(fmt::format("^[+-]?{}$", kDurationPattern), {"5s", "-200ms"});
    case Form::kRange:
      return text_of(fmt::format("^{0}\\.\\.{0}$", kDurationPattern), {"1.5s..2.5s"});
    case Form::kSize: return text_of(kSizePattern, {"1KiB", "500B"});
    case Form::kBandwidth: return text_of(kBandwidthPattern, {"10MB/s", "1Gbit"});
    case Form::kRecordRate: return text_of(R"(^[0-9]+(\.[0-9]+)?/(s|m|h)$)", {"200/s"});
    case Form::kSelector: return selectors();
    case Form::kSides: return {{"anyOf", Json::array({selectors(), reference(Shape::kSides)})}};
    case Form::kDirection: return {{"enum", {"both", "to", "from"}}};
    case Form::kRestart:
      return text_of(fmt::format("^(never|after {})$", kDurationPattern), {"after 15s", "never"});
    case Form::kMoment: return text_of(".", {"isr of orders-0 < 2", "fault 1 holds"});
    case Form::kMessage: return text_of("^[A-Za-z]+$", {"LeaderAndIsr", "Fetch", "ZkWatchEvent"});
    case Form::kRatio: return text_of(R"(^[0-9]+(\.[0-9]+)?%?$|^[0-9]+/[0-9]+$)", {"5%"});
    case Form::kUnflushed: return {{"enum", {"drawn", "lost", "kept"}}};
    case Form::kPartitions: return text_of(".", {"orders-0, orders-1", "all topics"});
    case Form::kMoves:
      return {{"anyOf", Json::array({text_of("->", {"orders-0 -> 2,3,1"}),
                                     reference(Shape::kReassignment)})}};
    case Form::kAwaited: return {{"enum", {"isr", "running"}}};
    case Form::kFlag: return {{"type", "boolean"}};
    case Form::kNames: return list_of(plain_text());
    case Form::kIds: return list_of(list_of({{"type", "integer"}, {"minimum", 1}}));
    case Form::kTexts: return list_of(plain_text());
    case Form::kObject: return reference(word.shape);
    case Form::kObjects: return list_of(reference(word.shape));
    case Form::kDisk:
      return {{"anyOf",
               Json::array({text_of(kBandwidthPattern, {"250MB/s"}), reference(Shape::kDisk)})}};
    case Form::kAny: break;
  }
  return Json::object();
}

Json described(Json schema, std::string_view what) {
  schema["description"] = what;
  return schema;
}

Json object_of(Json properties, Json required) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["properties"] = std::move(properties);
  return schema;
}

Json setting_schema(model::SettingType type) {
  using model::SettingType;
  switch (type) {
    case SettingType::kMilliseconds:
    case SettingType::kSeconds:
    case SettingType::kMinutes:
    case SettingType::kHours: {
      Json schema = {{"type", Json::array({"integer", "string"})}};
      schema["pattern"] = fmt::format("^([0-9]+|{})$", kDurationPattern);
      schema["examples"] = {"10s"};
      return schema;
    }
    case SettingType::kCount: return {{"type", Json::array({"integer", "string"})}};
    case SettingType::kBytes:
      return {{"type", Json::array({"integer", "string"})}, {"examples", {"1MiB"}}};
    case SettingType::kBoolean: return {{"enum", {true, false, "true", "false"}}};
    case SettingType::kPercent: return {{"type", Json::array({"integer", "string"})}};
    case SettingType::kAcks: return {{"enum", {"all", "-1", "0", "1", -1, 0, 1}}};
    case SettingType::kOffsetReset: return {{"enum", {"earliest", "latest", "none"}}};
    case SettingType::kPolicy: return {{"enum", {"delete"}}};
    case SettingType::kAssignor:
      return {{"enum", {"range", "org.apache.kafka.clients.consumer.RangeAssignor"}}};
    case SettingType::kSelector:
      return {{"enum",
               {"LeaderSelector", "RackAwareReplicaSelector",
                "org.apache.kafka.common.replica.LeaderSelector",
                "org.apache.kafka.common.replica.RackAwareReplicaSelector"}}};
    case SettingType::kProtocol: {
      Json names = Json::array();
      for (const model::ProtocolInfo& each : model::protocol_table()) names.push_back(each.name);
      return {{"enum", names}};
    }
  }
  return Json::object();
}

template <class Config>
void add_settings_to(Json& properties, std::span<const model::Setting<Config>> table) {
  for (const model::Setting<Config>& setting : table) {
    properties[std::string(setting.name)] = described(setting_schema(setting.type), setting.what);
  }
  for (const auto& setting : model::text_settings<Config>()) {
    properties[std::string(setting.name)] = described({{"type", "string"}}, setting.what);
  }
}

template <class Config>
Json settings_object(std::span<const model::Setting<Config>> table) {
  Json properties = Json::object();
  add_settings_to(properties, table);
  return object_of(std::move(properties), Json::array());
}

Json words_object(Shape shape) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Word& word : words_of(shape)) {
    properties[std::string(word.name)] = described(schema_of(word), word.what);
    if (word.required) required.push_back(word.name);
  }
  if (shape == Shape::kZooKeeper) add_settings_to(properties, model::zookeeper_settings());
  return object_of(std::move(properties), std::move(required));
}

/// One item of "faults": a trigger, one action, and the fields that any action takes.
Json fault_object() {
  Json properties = Json::object();
  Json any_trigger = Json::array();
  Json any_action = Json::array();
  for (const TriggerInfo& trigger : trigger_table()) {
    const std::string name(trigger.word.name);
    Json value = schema_of(trigger.word);
    if (trigger.kind == TriggerKind::kBetween) {
      value = {{"anyOf", Json::array({value, list_of(duration())})}};
    }
    properties[name] = described(std::move(value), trigger.word.what);
    any_trigger.push_back({{"required", {name}}});
  }
  for (const FaultInfo& fault : fault_table()) {
    const std::string name(fault.word);
    // "restart" is an action when alone and a field of kill and stop otherwise: any text will do.
    properties[name] = described(schema_of({name, fault.target, ""}), fault.what);
    any_action.push_back({{"required", {name}}});
  }
  for (const Word& field : fault_field_table()) {
    const std::string name(field.name);
    if (!properties.contains(name)) properties[name] = described(schema_of(field), field.what);
  }
  Json schema = object_of(std::move(properties), Json::array());
  schema["allOf"] = {{{"anyOf", any_trigger}}, {{"anyOf", any_action}}};
  return schema;
}

template <class Table>
std::string one_of(const Table& table) {
  std::string pattern;
  for (const auto& each : table) pattern += (pattern.empty() ? "" : "|") + std::string(each.name);
  return pattern;
}

Json expect_object() {
  Json always = Json::array();
  for (const InvariantInfo& each : invariant_table()) {
    always.push_back(described({{"const", each.name}}, each.what));
    always.push_back(described({{"const", each.id}}, each.name));
    if (each.takes_acks) always.push_back({{"const", fmt::format("{}(acks=all)", each.name)}});
  }
  Json sometimes = Json::array();
  for (const StateInfo& each : state_table()) {
    sometimes.push_back(described({{"const", each.name}}, each.what));
  }
  std::string aggregates;
  for (const AggregateInfo& each : aggregate_table()) {
    aggregates += (aggregates.empty() ? "" : "|") + std::string(each.word);
  }
  Json limits =
      text_of(fmt::format(R"(^\s*({})(\([^)]*\))?\s+({})\s*(<|<=|==|!=|>=|>)\s*[0-9][^ ]*\s*$)",
                          one_of(metric_table()), aggregates),
              {"write_gap(orders-0) max < 25s", "lost(acks=all) count == 0"});
  Json schema = words_object(Shape::kExpect);
  schema["properties"]["always"]["items"] = {{"anyOf", std::move(always)}};
  schema["properties"]["sometimes"]["items"] = {{"anyOf", std::move(sometimes)}};
  schema["properties"]["limits"]["items"] = std::move(limits);
  return schema;
}

Json eventually_object() {
  Json conditions = Json::array();
  for (const ConditionInfo& each : condition_table()) {
    if (each.condition == Condition::kLiveness) {
      for (const InvariantInfo& invariant : invariant_table()) {
        if (!can_be_awaited(invariant)) continue;
        conditions.push_back(described({{"const", invariant.name}}, invariant.what));
      }
      continue;
    }
    if (each.condition == Condition::kIsrOf) {
      Json isr = text_of("^isr of [A-Za-z0-9._-]+-[0-9]+ *(<|<=|==|!=|>=|>) *[0-9]+$",
                         {"isr of orders-0 == 3"});
      conditions.push_back(described(std::move(isr), each.what));
    } else {
      conditions.push_back(described({{"const", each.form}}, each.what));
    }
  }
  Json schema = words_object(Shape::kEventually);
  schema["properties"]["that"] = {{"anyOf", std::move(conditions)}};
  schema["properties"]["within"]["pattern"] =
      fmt::format("^{}( of (start|heal|restart|fault [0-9]+))?$", kDurationPattern);
  return schema;
}

/// {"isr_expand_leso": "off"}: each switch with its values, the default first.
Json bugs_object() {
  Json properties = Json::object();
  for (const model::BugInfo& each : model::bug_table()) {
    Json& property = properties[std::string(each.name)];
    if (property.is_null()) property = {{"enum", {each.fixed}}, {"description", each.what}};
    property["enum"].push_back(each.value);
  }
  return object_of(std::move(properties), Json::array());
}

Json definition(Shape shape) {
  switch (shape) {
    case Shape::kBugs: return bugs_object();
    case Shape::kBrokerConfig: return settings_object(model::broker_settings());
    case Shape::kTopicConfig: return settings_object(model::topic_settings());
    case Shape::kProducerConfig: return settings_object(model::producer_settings());
    case Shape::kConsumerConfig: return settings_object(model::consumer_settings());
    case Shape::kFault: return fault_object();
    case Shape::kExpect: return expect_object();
    case Shape::kEventually: return eventually_object();
    default: return words_object(shape);
  }
}

}  // namespace

std::string json_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"$id", fmt::format("urn:isrlab:{}", kSchemaName)},
                 {"title", "isrlab failure scenario for Apache Kafka with ZooKeeper"}};
  const Json top = words_object(Shape::kScenario);
  for (const auto& [key, value] : top.items()) schema[key] = value;
  schema["properties"]["schema"]["const"] = kSchemaName;
  Json& definitions = schema["$defs"];
  definitions["selector"] = selector();
  constexpr auto kFirst = static_cast<int>(Shape::kCluster);
  constexpr auto kLast = static_cast<int>(Shape::kEventually);
  for (int shape = kFirst; shape <= kLast; ++shape) {
    definitions[std::string(shape_name(static_cast<Shape>(shape)))] =
        definition(static_cast<Shape>(shape));
  }
  return schema.dump(2) + "\n";
}

}  // namespace isrlab::scenarios
