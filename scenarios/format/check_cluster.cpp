// Rules that need more than one value. Those named after a class are Kafka's own checks at
// start-up; a scenario that Kafka would not even start is refused here with the setting to change.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using sim::format_duration;

constexpr const char* kBrokerConfigPath = "/cluster/brokers/config";

std::string broker_setting(std::string_view name) {
  return child_pointer(kBrokerConfigPath, name);
}

/// KafkaConfig.validateValues, and the negotiation of sessions in ZooKeeperServer.
void check_broker_config(LoadContext& context) {
  const model::BrokerConfig& config = context.scenario.cluster.brokers[0].config;
  const auto wait_fits = [&](std::int64_t limit, std::string_view name) {
    if (config.replica_fetch_wait_max <= limit) return;
    context.problems.error(
        broker_setting("replica.fetch.wait.max.ms"),
        fmt::format("{} is longer than {} = {}", format_duration(config.replica_fetch_wait_max),
                    name, format_duration(limit)),
        fmt::format("Kafka does not start with that: make replica.fetch.wait.max.ms at most {}",
                    format_duration(limit)));
  };
  wait_fits(config.replica_lag_time_max, "replica.lag.time.max.ms");
  wait_fits(config.replica_socket_timeout, "replica.socket.timeout.ms");
  if (config.group_min_session_timeout > config.group_max_session_timeout) {
    context.problems.error(broker_setting("group.min.session.timeout.ms"),
                           "is longer than group.max.session.timeout.ms", "swap the two");
  }
}

void check_sessions(LoadContext& context) {
  const model::ZooKeeperConfig& zk = context.scenario.cluster.zookeeper_config;
  const std::int64_t asked = context.scenario.cluster.brokers[0].config.zookeeper_session_timeout;
  const std::int64_t low = zk.min_session_timeout >= 0 ? zk.min_session_timeout : 2 * zk.tick_time;
  const std::int64_t high =
      zk.max_session_timeout >= 0 ? zk.max_session_timeout : 20 * zk.tick_time;
  if (low > high) {
    context.problems.error("/cluster/zookeeper/minSessionTimeout",
                           fmt::format("the shortest session {} is longer than the longest {}",
                                       format_duration(low), format_duration(high)),
                           "left out, the bounds are 2 and 20 times tickTime");
    return;
  }
  const std::int64_t granted = std::clamp(asked, low, high);
  if (granted == asked) return;
  context.problems.note(
      broker_setting("zookeeper.session.timeout.ms"),
      fmt::format("ZooKeeper grants {} instead of {}", format_duration(granted),
                  format_duration(asked)),
      fmt::format("its bounds here are {} and {}", format_duration(low), format_duration(high)));
}

void check_topic_sizes(LoadContext& context) {
  const model::ClusterSpec& spec = context.scenario.cluster;
  const auto brokers = static_cast<std::int64_t>(spec.brokers.size());
  for (std::size_t i = 0; i < spec.topics.size() && !context.problems.full(); ++i) {
    const model::TopicSpec& topic = spec.topics[i];
    const std::string pointer = child_pointer("/topics", i);
    if (topic.replication_factor > brokers) {
      context.problems.error(
          child_pointer(pointer, "replication.factor"),
          fmt::format("{} replicas need {} brokers, there are {}", topic.replication_factor,
                      topic.replication_factor, brokers),
          "lower replication.factor or raise /cluster/brokers/count");
      continue;
    }
    const bool inherited = topic.config.min_insync_replicas == model::kInherit;
    const std::int64_t minimum =
        inherited ? spec.brokers[0].config.min_insync_replicas : topic.config.min_insync_replicas;
    if (minimum <= topic.replication_factor) continue;
    context.problems.error(
        inherited ? broker_setting("min.insync.replicas")
                  : child_pointer(child_pointer(pointer, "config"), "min.insync.replicas"),
        fmt::format("{} in-sync replicas are more than the {} replicas of topic {}", minimum,
                    topic.replication_factor, in_quotes(topic.name)),
        "no acks=all write could ever succeed: lower min.insync.replicas or raise "
        "replication.factor");
  }
}

void check_offsets_topic(LoadContext& context) {
  const model::ClusterSpec& spec = context.scenario.cluster;
  const std::int64_t replicas = spec.brokers[0].config.offsets_topic_replication_factor;
  const auto brokers = static_cast<std::int64_t>(spec.brokers.size());
  const std::int64_t minimum = spec.brokers[0].config.min_insync_replicas;
  if (spec.groups.empty()) return;
  if (minimum > replicas) {
    context.problems.error(
        broker_setting("min.insync.replicas"),
        fmt::format("{} in-sync replicas are more than the {} replicas of __consumer_offsets",
                    minimum, replicas),
        "no group could commit: raise offsets.topic.replication.factor or lower "
        "min.insync.replicas");
  }
  if (replicas <= brokers) return;
  context.problems.error(
      broker_setting("offsets.topic.replication.factor"),
      fmt::format("__consumer_offsets needs {} brokers, there are {}", replicas, brokers),
      fmt::format("no group could ever start: set offsets.topic.replication.factor to {} or less",
                  brokers));
}

}  // namespace

void check_cluster(LoadContext& context) {
  if (context.cluster_complete) {
    check_broker_config(context);
    check_sessions(context);
  }
  if (context.cluster_complete && context.topics_complete) check_topic_sizes(context);
  if (context.cluster_complete) check_offsets_topic(context);
}

void check_network(LoadContext& context) {
  const model::ClusterSpec& spec = context.scenario.cluster;
  const Value* written = context.find("/network/links");
  const bool all_read = written == nullptr || written->items.size() == spec.links.size();
  if (!context.cluster_complete || !context.clients_complete || !all_read) return;
  const auto known_side = [&](const std::string& side) {
    if (side.starts_with("rack:")) return context.racks.contains(side.substr(5));
    Selector host;
    std::string what;
    std::string fix;
    if (is_client(side, false, context)) return true;
    if (side.find(' ') != std::string::npos || !parse_selector(side, host, what, fix)) return false;
    const auto limit = host.kind == SelectorKind::kBroker      ? spec.brokers.size()
                       : host.kind == SelectorKind::kZooKeeper ? spec.zookeeper.size()
                                                               : 0;
    return host.ids.size() == 1 && host.ids[0] >= 1 &&
           static_cast<std::size_t>(host.ids[0]) <= limit;
  };
  std::vector<std::string> known;
  for (const std::string& rack : context.racks) known.push_back("rack:" + rack);
  known.insert(known.end(), context.producers.begin(), context.producers.end());
  for (std::size_t i = 0; i < std::min<std::size_t>(spec.brokers.size(), 9); ++i) {
    known.push_back(fmt::format("broker-{}", i + 1));
  }
  for (std::size_t i = 0; i < spec.zookeeper.size(); ++i) {
    known.push_back(fmt::format("zk-{}", i + 1));
  }
  for (std::size_t i = 0; i < spec.links.size() && !context.problems.full(); ++i) {
    const std::string pointer = child_pointer(child_pointer("/network/links", i), "between");
    for (std::size_t side = 0; side < 2; ++side) {
      const std::string& name = side == 0 ? spec.links[i].left : spec.links[i].right;
      if (known_side(name)) continue;
      context.problems.error(child_pointer(pointer, side),
                             fmt::format("there is no host or rack {}", in_quotes(name)),
                             suggestion(name, known));
    }
  }
}

}  // namespace isrlab::scenarios
