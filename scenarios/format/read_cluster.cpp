// The sections "cluster", "network" and "topics".
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/format/read_settings.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

constexpr std::int32_t kDefaultNodes = 3;

/// The rack of each node in turn; a shorter list starts again.
std::vector<std::string> read_racks(ObjectReader& reader, std::int32_t count,
                                    LoadContext& context) {
  std::vector<std::string> racks;
  reader.names("racks", racks);
  if (racks.size() > static_cast<std::size_t>(count)) {
    context.problems.error(reader.at("racks"),
                           fmt::format("names {} racks for {} nodes", racks.size(), count),
                           "write one rack per node, or fewer: the list is then repeated");
  }
  std::vector<std::string> result(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < result.size() && !racks.empty(); ++i) {
    result[i] = racks[i % racks.size()];
  }
  context.racks.insert(racks.begin(), racks.end());
  return result;
}

void read_disk(ObjectReader& brokers, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  const Value* value = brokers.find("disk");
  if (value == nullptr) return;
  if (value->is(Value::Kind::kObject)) {
    ObjectReader disk(*value, brokers.at("disk"), Shape::kDisk, context.problems);
    disk.integer("rate", spec.disk_bytes_per_second);
    disk.integer("fsync", spec.disk_fsync_latency);
    return;
  }
  const Word word{"disk", Form::kBandwidth, "", 1};
  read_integer(*value, brokers.at("disk"), word, context.problems, spec.disk_bytes_per_second);
}

/// {"isr_expand_leso": "off", "hw_isr": "committed"}: switches of model/bugs.hpp.
model::BugSet read_bugs(const Value* value, Problems& problems) {
  model::BugSet bugs = 0;
  if (value == nullptr) return bugs;
  std::vector<std::string> names;
  for (const model::BugInfo& each : model::bug_table()) {
    if (names.empty() || names.back() != each.name) names.emplace_back(each.name);
  }
  const ObjectReader reader(*value, "/cluster/bugs", Shape::kBugs, problems, names);
  if (!reader.valid()) return bugs;
  for (const std::string& name : names) {
    const Value* choice = reader.find(name);
    if (choice == nullptr) continue;
    std::string word = choice->text;
    if (choice->is(Value::Kind::kBoolean)) word = choice->flag ? "on" : "off";
    std::vector<std::string> known;
    bool fits = false;
    for (const model::BugInfo& each : model::bug_table()) {
      if (each.name != name) continue;
      if (known.empty()) known.emplace_back(each.fixed);
      known.emplace_back(each.value);
      fits = fits || word == each.fixed || word == each.value;
      if (word == each.value) bugs |= model::bug_bit(each.bug);
    }
    if (fits) continue;
    problems.error(reader.at(name), fmt::format("{} does not take {}", name, choice->described()),
                   fmt::format("write {}, the default, or {} for the bug", in_quotes(known.front()),
                               joined({known.begin() + 1, known.end()}, "or")));
  }
  return bugs;
}

void read_brokers(const Value* value, model::BugSet bugs, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  const Value none = Value::object();
  ObjectReader reader(value == nullptr ? none : *value, "/cluster/brokers", Shape::kBrokers,
                      context.problems);
  std::int32_t count = kDefaultNodes;
  reader.integer("count", count);
  const std::vector<std::string> racks = read_racks(reader, count, context);
  model::BrokerConfig config;
  read_config(reader, Shape::kBrokerConfig, model::broker_settings(), config);
  config.bugs = bugs;
  reader.range("startup", spec.broker_startup_min, spec.broker_startup_max);
  reader.range("opening", spec.broker_opening_min, spec.broker_opening_max);
  reader.integer("net", spec.nic_bytes_per_second);
  read_disk(reader, context);
  for (std::int32_t id = 1; id <= count; ++id) {
    spec.brokers.push_back({id, racks[static_cast<std::size_t>(id - 1)], config});
  }
}

void read_zookeeper(const Value* value, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  const Value none = Value::object();
  const Value& object = value == nullptr ? none : *value;
  ObjectReader reader(object, "/cluster/zookeeper", Shape::kZooKeeper, context.problems,
                      setting_names(model::zookeeper_settings()));
  std::int32_t count = kDefaultNodes;
  reader.integer("count", count);
  const std::vector<std::string> racks = read_racks(reader, count, context);
  if (reader.valid()) {
    read_settings(object, reader.pointer(), model::zookeeper_settings(), context.problems,
                  spec.zookeeper_config);
  }
  for (std::int32_t id = 1; id <= count; ++id) {
    spec.zookeeper.push_back({id, racks[static_cast<std::size_t>(id - 1)]});
  }
}

bool read_link(const Value& value, const std::string& pointer, Shape shape, LoadContext& context,
               sim::LinkSpec& link) {
  ObjectReader reader(value, pointer, shape, context.problems);
  reader.integer("latency", link.latency);
  reader.integer("jitter", link.jitter);
  reader.integer("rate", link.bytes_per_second);
  return reader.valid();
}

void read_named_link(const Value& value, const std::string& pointer, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  model::ClusterSpec::Link link;
  link.link = spec.within_rack;
  if (!read_link(value, pointer, Shape::kNamedLink, context, link.link)) return;
  const std::string between = child_pointer(pointer, "between");
  const Value* sides = value.find("between");
  if (sides == nullptr ||
      !expect_kind(*sides, Value::Kind::kArray, between, context.problems, "a list")) {
    return;
  }
  const bool two_texts = sides->items.size() == 2 && sides->items[0].is(Value::Kind::kString) &&
                         sides->items[1].is(Value::Kind::kString);
  if (!two_texts) {
    context.problems.error(
        between, "must name two sides",
        "write for example [\"rack:a\", \"rack:b\"] or [\"broker-1\", \"zk-1\"]");
    return;
  }
  link.left = sides->items[0].text;
  link.right = sides->items[1].text;
  spec.links.push_back(link);
}

/// [[1,2,3],[2,3,1]]: a list of broker ids per partition, all of one length.
void read_assignment(ObjectReader& reader, LoadContext& context, model::TopicSpec& topic) {
  const Value* lists = reader.list("assignment");
  if (lists == nullptr) return;
  const Word id_word{"id", Form::kCount, "", 1,
                     static_cast<std::int64_t>(context.scenario.cluster.brokers.size())};
  for (std::size_t p = 0; p < lists->items.size() && !context.problems.full(); ++p) {
    const std::string pointer = child_pointer(reader.at("assignment"), p);
    const Value& list = lists->items[p];
    if (!expect_kind(list, Value::Kind::kArray, pointer, context.problems,
                     "a list of broker ids")) {
      return;
    }
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      std::int64_t id = 0;
      if (!read_integer(list.items[i], child_pointer(pointer, i), id_word, context.problems, id)) {
        return;
      }
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
        context.problems.error(child_pointer(pointer, i), fmt::format("broker {} stands twice", id),
                               "name each broker once per partition");
        return;
      }
      ids.push_back(static_cast<std::int32_t>(id));
    }
    topic.assignment.push_back(std::move(ids));
  }
  const auto same_length = [&](const auto& ids) {
    return ids.size() == topic.assignment[0].size();
  };
  if (topic.assignment.empty() || topic.assignment[0].empty() ||
      !std::all_of(topic.assignment.begin(), topic.assignment.end(), same_length)) {
    context.problems.error(reader.at("assignment"),
                           "needs as many replicas for every partition, at least 1",
                           "write for example [[1,2,3],[2,3,1]]");
    topic.assignment.clear();
    return;
  }
  const auto partitions = static_cast<std::int32_t>(topic.assignment.size());
  const auto replicas = static_cast<std::int32_t>(topic.assignment[0].size());
  const auto agree = [&](std::string_view key, std::int32_t given, std::int32_t meant) {
    if (reader.find(key) == nullptr || given == meant) return;
    context.problems.error(reader.at(key),
                           fmt::format("{} is {} but the assignment gives {}", key, given, meant),
                           "leave it out, or mend the assignment");
  };
  agree("partitions", topic.partitions, partitions);
  agree("replication.factor", topic.replication_factor, replicas);
  topic.partitions = partitions;
  topic.replication_factor = replicas;
}

void read_topic(const Value& value, const std::string& pointer, LoadContext& context) {
  const model::BrokerConfig& defaults = context.scenario.cluster.brokers[0].config;
  model::TopicSpec topic;
  ObjectReader reader(value, pointer, Shape::kTopic, context.problems);
  if (!reader.valid()) return;
  topic.partitions = static_cast<std::int32_t>(defaults.num_partitions);
  topic.replication_factor = static_cast<std::int32_t>(defaults.default_replication_factor);
  reader.name("name", topic.name);
  reader.integer("partitions", topic.partitions);
  reader.integer("replication.factor", topic.replication_factor);
  read_config(reader, Shape::kTopicConfig, model::topic_settings(), topic.config);
  read_assignment(reader, context, topic);
  if (topic.name.starts_with("__")) {
    context.problems.error(reader.at("name"),
                           in_quotes(topic.name) + " is a name of Kafka's own topics",
                           "choose a name that does not begin with two underscores");
  }
  const bool fresh =
      context.topics.try_emplace(topic.name, context.scenario.cluster.topics.size()).second;
  if (!fresh && !topic.name.empty()) {
    context.problems.error(reader.at("name"),
                           fmt::format("a second topic {}", in_quotes(topic.name)),
                           "give every topic its own name");
  }
  context.scenario.cluster.topics.push_back(std::move(topic));
}

}  // namespace

void read_cluster(ObjectReader& file, LoadContext& context) {
  const std::size_t errors = context.problems.errors();
  const Value* value = file.find("cluster");
  const Value none = Value::object();
  ObjectReader reader(value == nullptr ? none : *value, "/cluster", Shape::kCluster,
                      context.problems);
  const model::BugSet bugs = read_bugs(reader.find("bugs"), context.problems);
  read_brokers(reader.find("brokers"), bugs, context);
  read_zookeeper(reader.find("zookeeper"), context);
  context.cluster_complete = context.problems.errors() == errors;
}

void read_network(ObjectReader& file, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  const Value* value = file.find("network");
  if (value == nullptr) return;
  ObjectReader reader(*value, "/network", Shape::kNetwork, context.problems);
  const Value* all = reader.find("default");
  if (all != nullptr &&
      read_link(*all, reader.at("default"), Shape::kLink, context, spec.within_rack)) {
    spec.between_racks = spec.within_rack;
  }
  const Value* between = reader.find("between_racks");
  if (between != nullptr) {
    read_link(*between, reader.at("between_racks"), Shape::kLink, context, spec.between_racks);
  }
  const Value* links = reader.list("links");
  for (std::size_t i = 0; links != nullptr && i < links->items.size() && !context.problems.full();
       ++i) {
    read_named_link(links->items[i], child_pointer(reader.at("links"), i), context);
  }
}

void read_topics(ObjectReader& file, LoadContext& context) {
  const std::size_t errors = context.problems.errors();
  const Value* topics = file.list("topics");
  for (std::size_t i = 0; topics != nullptr && i < topics->items.size() && !context.problems.full();
       ++i) {
    read_topic(topics->items[i], child_pointer("/topics", i), context);
  }
  context.topics_complete = context.problems.errors() == errors;
}

}  // namespace isrlab::scenarios
