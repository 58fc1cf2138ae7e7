// The scenario after defaults, as a document in one fixed order: its identity. Prose (about, why,
// report) and the seed stay out: they do not change what can happen. It loads again, to itself.
#include <fmt/format.h>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/read_settings.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/vocabulary.hpp"

namespace isrlab::scenarios {
namespace {

using sim::format_duration;

Value span(sim::Duration duration) {
  return Value::of_text(format_duration(duration));
}
Value bandwidth(std::int64_t rate) {
  return Value::of_text(fmt::format("{}B/s", rate));
}

template <class Nodes>
void add_racks(const Nodes& nodes, Value& object) {
  bool any = false;
  for (const auto& node : nodes) any = any || !node.rack.empty();
  if (!any) return;
  Value racks = Value::list();
  for (const auto& node : nodes) racks.push(Value::of_text(node.rack));
  object.set("racks", std::move(racks));
}

template <class Config>
Value config(std::span<const model::Setting<Config>> table, const Config& settings) {
  Value object = Value::object();
  add_settings(table, settings, object);
  return object;
}

Value brokers_value(const model::ClusterSpec& spec) {
  Value brokers = Value::object();
  brokers.set("count", Value::of_integer(static_cast<std::int64_t>(spec.brokers.size())));
  add_racks(spec.brokers, brokers);
  brokers.set("config", config(model::broker_settings(), spec.brokers[0].config));
  brokers.set("startup", Value::of_text(format_duration(spec.broker_startup_min) + ".." +
                                        format_duration(spec.broker_startup_max)));
  brokers.set("opening", Value::of_text(format_duration(spec.broker_opening_min) + ".." +
                                        format_duration(spec.broker_opening_max)));
  Value disk = Value::object();
  disk.set("rate", bandwidth(spec.disk_bytes_per_second));
  disk.set("fsync", span(spec.disk_fsync_latency));
  brokers.set("disk", std::move(disk));
  if (spec.nic_bytes_per_second > 0) brokers.set("net", bandwidth(spec.nic_bytes_per_second));
  return brokers;
}

Value cluster_value(const model::ClusterSpec& spec) {
  Value cluster = Value::object();
  cluster.set("brokers", brokers_value(spec));
  Value zookeeper = Value::object();
  zookeeper.set("count", Value::of_integer(static_cast<std::int64_t>(spec.zookeeper.size())));
  add_racks(spec.zookeeper, zookeeper);
  add_settings(model::zookeeper_settings(), spec.zookeeper_config, zookeeper);
  cluster.set("zookeeper", std::move(zookeeper));
  Value bugs = Value::object();
  for (const model::BugInfo& each : model::bug_table()) {
    if (spec.brokers[0].config.bug(each.bug)) bugs.set(each.name, Value::of_text(each.value));
  }
  if (!bugs.keys.empty()) cluster.set("bugs", std::move(bugs));
  return cluster;
}

Value link_value(const sim::LinkSpec& link) {
  Value value = Value::object();
  value.set("latency", span(link.latency));
  value.set("jitter", span(link.jitter));
  if (link.bytes_per_second > 0) value.set("rate", bandwidth(link.bytes_per_second));
  return value;
}

Value network_value(const model::ClusterSpec& spec) {
  Value network = Value::object();
  network.set("default", link_value(spec.within_rack));
  network.set("between_racks", link_value(spec.between_racks));
  if (spec.links.empty()) return network;
  Value links = Value::list();
  for (const model::ClusterSpec::Link& link : spec.links) {
    Value sides = Value::list();
    sides.push(Value::of_text(link.left));
    sides.push(Value::of_text(link.right));
    Value value = Value::object();
    value.set("between", std::move(sides));
    const Value rest = link_value(link.link);
    for (std::size_t i = 0; i < rest.keys.size(); ++i) value.set(rest.keys[i], rest.items[i]);
    links.push(std::move(value));
  }
  network.set("links", std::move(links));
  return network;
}

Value topic_value(const model::TopicSpec& topic) {
  Value value = Value::object();
  value.set("name", Value::of_text(topic.name));
  value.set("partitions", Value::of_integer(topic.partitions));
  value.set("replication.factor", Value::of_integer(topic.replication_factor));
  Value settings = config(model::topic_settings(), topic.config);
  if (!settings.keys.empty()) value.set("config", std::move(settings));
  if (topic.assignment.empty()) return value;
  Value assignment = Value::list();
  for (const std::vector<std::int32_t>& ids : topic.assignment) {
    Value list = Value::list();
    for (const std::int32_t id : ids) list.push(Value::of_integer(id));
    assignment.push(std::move(list));
  }
  value.set("assignment", std::move(assignment));
  return value;
}

Value producer_value(const model::ProducerSpec& producer) {
  Value value = Value::object();
  value.set("name", Value::of_text(producer.name));
  value.set("topic", Value::of_text(producer.topic));
  value.set("interval", span(producer.interval));  // what "rate" comes down to
  if (producer.limit >= 0) value.set("records", Value::of_integer(producer.limit));
  value.set("record.size", Value::of_text(fmt::format("{}B", producer.record_bytes)));
  if (producer.key_count > 0) {
    Value keys = Value::object();
    keys.set("count", Value::of_integer(producer.key_count));
    value.set("keys", std::move(keys));
  }
  if (producer.partition >= 0) value.set("partition", Value::of_integer(producer.partition));
  value.set("start", span(producer.start));
  if (producer.stop != sim::kNever) value.set("stop", span(producer.stop));
  if (!producer.rack.empty()) value.set("rack", Value::of_text(producer.rack));
  value.set("config", config(model::producer_settings(), producer.config));
  return value;
}

Value group_value(const model::ConsumerGroupSpec& group) {
  Value value = Value::object();
  value.set("group", Value::of_text(group.group));
  Value topics = Value::list();
  for (const std::string& topic : group.topics) topics.push(Value::of_text(topic));
  value.set("topics", std::move(topics));
  value.set("members", Value::of_integer(group.members));
  value.set("start", span(group.start));
  value.set("processing", span(group.processing));
  if (!group.rack.empty()) value.set("rack", Value::of_text(group.rack));
  value.set("config", config(model::consumer_settings(), group.config));
  return value;
}

std::string within_text(const Expectation& expectation) {
  const std::string bound = format_duration(expectation.within);
  if (expectation.within_of == kSinceStart) return bound;
  if (expectation.within_of == kSinceLastHeal) return bound + " of heal";
  return fmt::format("{} of fault {}", bound, expectation.within_of + 1);
}

std::string limit_text(const Expectation& limit) {
  const bool span =
      info(limit.metric).unit == MetricUnit::kDuration && limit.aggregate != Aggregate::kCount;
  const std::string argument = limit.argument.empty() ? "" : "(" + limit.argument + ")";
  return fmt::format("{}{} {} {} {}", limit.name, argument, info(limit.aggregate).word,
                     info(limit.comparison).symbol,
                     span ? format_duration(limit.value) : std::to_string(limit.value));
}

Value eventually_value(const Expectation& expectation) {
  std::string that = expectation.name;
  if (expectation.condition == Condition::kIsrOf) {
    that = fmt::format("isr of {}-{} {} {}", expectation.topic, expectation.partition,
                       info(expectation.comparison).symbol, expectation.value);
  }
  Value value = Value::object();
  value.set("that", Value::of_text(that));
  value.set("within", Value::of_text(within_text(expectation)));
  return value;
}

Value expect_value(const std::vector<Expectation>& expectations) {
  Value always = Value::list();
  Value sometimes = Value::list();
  Value eventually = Value::list();
  Value limits = Value::list();
  for (const Expectation& each : expectations) {
    switch (each.kind) {
      case ExpectationKind::kAlways: always.push(Value::of_text(each.name)); break;
      case ExpectationKind::kSometimes: sometimes.push(Value::of_text(each.name)); break;
      case ExpectationKind::kEventually: eventually.push(eventually_value(each)); break;
      case ExpectationKind::kLimit: limits.push(Value::of_text(limit_text(each))); break;
    }
  }
  Value expect = Value::object();
  if (!always.items.empty()) expect.set("always", std::move(always));
  if (!sometimes.items.empty()) expect.set("sometimes", std::move(sometimes));
  if (!eventually.items.empty()) expect.set("eventually", std::move(eventually));
  if (!limits.items.empty()) expect.set("limits", std::move(limits));
  return expect;
}

template <class Item>
void add_list(std::string_view key, const std::vector<Item>& items, Value (*convert)(const Item&),
              Value& document) {
  if (items.empty()) return;
  Value list = Value::list();
  for (const Item& item : items) list.push(convert(item));
  document.set(key, std::move(list));
}

}  // namespace

Value canonical_document(const Scenario& scenario) {
  Value document = Value::object();
  document.set("schema", Value::of_text(kSchemaName));
  document.set("name", Value::of_text(scenario.name));
  document.set("duration", span(scenario.duration));
  document.set("cluster", cluster_value(scenario.cluster));
  document.set("network", network_value(scenario.cluster));
  add_list("topics", scenario.cluster.topics, topic_value, document);
  add_list("producers", scenario.cluster.producers, producer_value, document);
  add_list("consumers", scenario.cluster.groups, group_value, document);
  add_list("faults", scenario.faults, fault_value, document);
  if (scenario.chaos.on) document.set("chaos", chaos_value(scenario.chaos));
  if (scenario.heal_at != sim::kNever) {
    Value heal = Value::object();
    heal.set("at", span(scenario.heal_at));
    if (!scenario.heal_core.empty()) {
      heal.set("core", Value::of_text(selector_text(scenario.heal_core)));
    }
    document.set("heal", std::move(heal));
  }
  if (!scenario.expectations.empty()) document.set("expect", expect_value(scenario.expectations));
  return document;
}

}  // namespace isrlab::scenarios
