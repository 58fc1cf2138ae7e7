// Rules of producers and groups that need more than one value, named after the Kafka class that has
// them; and the one name space of all hosts.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using sim::format_duration;

/// ProducerConfig.configureDeliveryTimeout: an error if the user set it, else raised silently.
void check_delivery(model::ProducerConfig& config, bool set_by_user, const std::string& pointer,
                    LoadContext& context) {
  const std::int64_t least = config.linger + config.request_timeout;
  if (config.delivery_timeout >= least) return;
  if (set_by_user) {
    context.problems.error(
        child_pointer(pointer, "delivery.timeout.ms"),
        fmt::format("{} is shorter than linger.ms + request.timeout.ms = {}",
                    format_duration(config.delivery_timeout), format_duration(least)),
        fmt::format("Kafka refuses that: write at least {}", format_duration(least)));
    return;
  }
  constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max() * sim::kMillisecond;
  config.delivery_timeout = std::min(least, kLongest);
  context.problems.note(pointer,
                        fmt::format("delivery.timeout.ms becomes {}", format_duration(least)),
                        "Kafka raises it to linger.ms + request.timeout.ms when it is not set");
}

/// ProducerConfig.postProcessAndValidateIdempotenceConfigs: switched off silently, or an error when
/// the user switched it on.
void check_idempotence(model::ProducerConfig& config, bool set_by_user, const std::string& pointer,
                       LoadContext& context) {
  if (config.enable_idempotence == 0) return;
  const char* reason = config.acks != -1     ? "acks = all"
                       : config.retries == 0 ? "retries above 0"
                       : config.max_in_flight > 5
                           ? "max.in.flight.requests.per.connection of at most 5"
                           : nullptr;
  if (reason == nullptr) return;
  if (set_by_user) {
    context.problems.error(child_pointer(pointer, "enable.idempotence"),
                           fmt::format("idempotence needs {}", reason),
                           "Kafka refuses that: change it, or set enable.idempotence to false");
    return;
  }
  config.enable_idempotence = 0;
}

void check_producer(std::size_t index, LoadContext& context) {
  model::ClusterSpec& spec = context.scenario.cluster;
  model::ProducerSpec& producer = spec.producers[index];
  const std::string pointer = child_pointer("/producers", index);
  const std::string config_pointer = child_pointer(pointer, "config");
  const auto set_by_user = [&](std::string_view name) {
    return context.find(child_pointer(config_pointer, name)) != nullptr;
  };
  check_delivery(producer.config, set_by_user("delivery.timeout.ms"), config_pointer, context);
  check_idempotence(producer.config, set_by_user("enable.idempotence"), config_pointer, context);
  if (producer.record_bytes > producer.config.max_request_size) {
    context.problems.error(
        child_pointer(pointer, "record.size"),
        fmt::format("a record of {} bytes is above max.request.size = {}", producer.record_bytes,
                    producer.config.max_request_size),
        "no record could be sent: make records smaller or raise max.request.size");
  }
  if (producer.start >= context.scenario.duration) {
    context.problems.error(child_pointer(pointer, "start"),
                           "the producer starts after the end of the run",
                           "start earlier or lengthen /duration");
  }
  const auto topic = context.topics.find(producer.topic);
  if (topic == context.topics.end() || !context.topics_complete) return;
  const std::int32_t partitions = spec.topics[topic->second].partitions;
  if (producer.partition >= partitions) {
    context.problems.error(
        child_pointer(pointer, "partition"),
        fmt::format("there is no partition {}-{}", producer.topic, producer.partition),
        fmt::format("{} has the partitions 0 to {}", in_quotes(producer.topic), partitions - 1));
  }
}

/// AbstractCoordinator (heartbeat below session) and GroupCoordinator (session within the broker's
/// bounds: INVALID_SESSION_TIMEOUT).
void check_group_settings(std::size_t index, LoadContext& context) {
  const model::ClusterSpec& spec = context.scenario.cluster;
  const model::ConsumerGroupSpec& group = spec.groups[index];
  const model::BrokerConfig& broker = spec.brokers[0].config;
  const std::string pointer = child_pointer("/consumers", index);
  const std::string config = child_pointer(pointer, "config");
  const std::int64_t session = group.config.session_timeout;
  if (session < broker.group_min_session_timeout || session > broker.group_max_session_timeout) {
    context.problems.error(
        child_pointer(config, "session.timeout.ms"),
        fmt::format("{} is outside the brokers' bounds", format_duration(session)),
        fmt::format("from group.min.session.timeout.ms = {} to group.max.session.timeout.ms = {}",
                    format_duration(broker.group_min_session_timeout),
                    format_duration(broker.group_max_session_timeout)));
  }
  if (group.config.heartbeat_interval >= session) {
    context.problems.error(
        child_pointer(config, "heartbeat.interval.ms"),
        fmt::format("{} is not below session.timeout.ms = {}",
                    format_duration(group.config.heartbeat_interval), format_duration(session)),
        "a third of the session time-out is usual");
  }
  if (group.members > broker.group_max_size) {
    context.problems.error(child_pointer(pointer, "members"),
                           fmt::format("{} members are above group.max.size = {}", group.members,
                                       broker.group_max_size),
                           "lower members or raise group.max.size");
  }
  if (group.start >= context.scenario.duration) {
    context.problems.error(child_pointer(pointer, "start"),
                           "the group starts after the end of the run",
                           "start earlier or lengthen /duration");
  }
}

/// Every host has one name: brokers, servers, producers and group members share one name space.
void check_host_names(LoadContext& context) {
  const model::ClusterSpec& spec = context.scenario.cluster;
  for (std::size_t i = 0; i < spec.producers.size() && !context.problems.full(); ++i) {
    const std::string& name = spec.producers[i].name;
    const bool node = name.starts_with("broker-") || name.starts_with("zk-");
    const std::size_t dash = name.rfind('-');
    const bool member = dash != std::string::npos &&
                        context.groups.contains(name.substr(0, dash)) &&
                        name.find_first_not_of("0123456789", dash + 1) == std::string::npos;
    if (!node && !member && !context.groups.contains(name)) continue;
    context.problems.error(
        child_pointer(child_pointer("/producers", i), "name"),
        fmt::format("{} is also the name of a node, group or group member", in_quotes(name)),
        "choose another name");
  }
  for (std::size_t i = 0; i < spec.groups.size() && !context.problems.full(); ++i) {
    if (spec.groups[i].group != "broker" && spec.groups[i].group != "zk") continue;
    context.problems.error(child_pointer(child_pointer("/consumers", i), "group"),
                           "its members would have the names of nodes", "choose another name");
  }
}

}  // namespace

void check_clients(LoadContext& context) {
  if (!context.clients_complete) return;
  check_host_names(context);
  for (std::size_t i = 0; i < context.scenario.cluster.producers.size() && !context.problems.full();
       ++i) {
    check_producer(i, context);
  }
  for (std::size_t i = 0; i < context.scenario.cluster.groups.size() && !context.problems.full();
       ++i) {
    check_group_settings(i, context);
  }
}

}  // namespace isrlab::scenarios
