// The sections "producers" and "consumers".
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "scenarios/format/read_settings.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

/// Words of the one-line fault syntax cannot be names of clients: "kill client for for 5s".
void check_reserved(const std::string& name, const std::string& pointer, LoadContext& context) {
  const auto words = reserved_words();
  if (std::find(words.begin(), words.end(), name) == words.end()) return;
  context.problems.error(pointer, in_quotes(name) + " is a word of the fault syntax",
                         "choose another name");
}

void read_keys(ObjectReader& reader, LoadContext& context, model::ProducerSpec& producer) {
  const Value* keys = reader.find("keys");
  if (keys == nullptr) return;
  ObjectReader inner(*keys, reader.at("keys"), Shape::kKeys, context.problems);
  inner.integer("count", producer.key_count);
}

void read_pace(ObjectReader& reader, LoadContext& context, model::ProducerSpec& producer) {
  reader.integer("rate", producer.interval);
  reader.integer("interval", producer.interval);
  if (reader.find("rate") != nullptr && reader.find("interval") != nullptr) {
    context.problems.error(reader.at("interval"), "rate and interval say the same thing",
                           "remove one");
  }
  reader.integer("records", producer.limit);
  reader.integer("record.size", producer.record_bytes);
  reader.integer("partition", producer.partition);
  reader.integer("start", producer.start);
  reader.integer("stop", producer.stop);
  if (producer.stop <= producer.start) {
    context.problems.error(reader.at("stop"), "the producer stops before it starts",
                           "stop later than start");
  }
}

void read_producer(const Value& value, std::size_t index, LoadContext& context) {
  model::ProducerSpec producer;
  ObjectReader reader(value, child_pointer("/producers", index), Shape::kProducer,
                      context.problems);
  if (!reader.valid()) return;
  producer.name = fmt::format("p{}", index + 1);
  reader.name("name", producer.name);
  check_reserved(producer.name, reader.at("name"), context);
  if (reader.name("topic", producer.topic)) {
    check_topic(producer.topic, reader.at("topic"), context);
  }
  read_pace(reader, context, producer);
  read_keys(reader, context, producer);
  if (reader.name("rack", producer.rack)) check_rack(producer.rack, reader.at("rack"), context);
  read_config(reader, Shape::kProducerConfig, model::producer_settings(), producer.config);
  if (!context.producers.insert(producer.name).second) {
    context.problems.error(reader.at("name"),
                           fmt::format("a second producer {}", in_quotes(producer.name)),
                           "give every producer its own name");
  }
  context.scenario.cluster.producers.push_back(std::move(producer));
}

void read_group(const Value& value, std::size_t index, LoadContext& context) {
  model::ConsumerGroupSpec group;
  ObjectReader reader(value, child_pointer("/consumers", index), Shape::kConsumers,
                      context.problems);
  if (!reader.valid()) return;
  reader.name("group", group.group);
  check_reserved(group.group, reader.at("group"), context);
  if (reader.names("topics", group.topics)) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < group.topics.size() && !context.problems.full(); ++i) {
      const std::string pointer = child_pointer(reader.at("topics"), i);
      check_topic(group.topics[i], pointer, context);
      if (!seen.insert(group.topics[i]).second) {
        context.problems.error(pointer, fmt::format("{} stands twice", in_quotes(group.topics[i])),
                               "subscribe to each topic once");
      }
    }
    if (group.topics.empty()) {
      context.problems.error(reader.at("topics"), "the group subscribes to nothing",
                             "name a topic");
    }
  }
  reader.integer("members", group.members);
  reader.integer("start", group.start);
  reader.integer("processing", group.processing);
  if (reader.name("rack", group.rack)) check_rack(group.rack, reader.at("rack"), context);
  read_config(reader, Shape::kConsumerConfig, model::consumer_settings(), group.config);
  const bool fresh =
      context.groups.try_emplace(group.group, context.scenario.cluster.groups.size()).second;
  if (!fresh && !group.group.empty()) {
    context.problems.error(reader.at("group"),
                           fmt::format("a second group {}", in_quotes(group.group)),
                           "use members for more consumers of one group");
  }
  context.scenario.cluster.groups.push_back(std::move(group));
}

}  // namespace

void read_producers(ObjectReader& file, LoadContext& context) {
  const std::size_t errors = context.problems.errors();
  const Value* producers = file.list("producers");
  for (std::size_t i = 0;
       producers != nullptr && i < producers->items.size() && !context.problems.full(); ++i) {
    read_producer(producers->items[i], i, context);
  }
  if (context.problems.errors() != errors) context.clients_complete = false;
}

void read_consumers(ObjectReader& file, LoadContext& context) {
  const std::size_t errors = context.problems.errors();
  const Value* groups = file.list("consumers");
  for (std::size_t i = 0; groups != nullptr && i < groups->items.size() && !context.problems.full();
       ++i) {
    read_group(groups->items[i], i, context);
  }
  if (context.problems.errors() != errors) context.clients_complete = false;
}

}  // namespace isrlab::scenarios
