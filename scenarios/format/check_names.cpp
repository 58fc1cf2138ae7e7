// Cross-references: does what a name or selector says exist in this scenario?
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

std::vector<std::string> names_of(const std::map<std::string, std::size_t>& index) {
  std::vector<std::string> names;
  for (const auto& [name, position] : index) names.push_back(name);
  return names;
}

bool missing(std::string_view kind, const std::string& name, const std::vector<std::string>& known,
             const std::string& pointer, LoadContext& context) {
  const std::string fix =
      known.empty() ? fmt::format("the scenario has no {}s", kind) : suggestion(name, known);
  context.problems.error(pointer, fmt::format("there is no {} {}", kind, in_quotes(name)), fix);
  return false;
}

bool check_ids(const Selector& selector, std::size_t count, std::string_view prefix,
               const std::string& pointer, LoadContext& context) {
  for (const std::int32_t id : selector.ids) {
    if (id >= 1 && static_cast<std::size_t>(id) <= count) continue;
    context.problems.error(pointer, fmt::format("there is no {}{}", prefix, id),
                           fmt::format("there are {0}1 to {0}{1}", prefix, count));
    return false;
  }
  return true;
}

/// How many of `count` nodes a selector means; 0 or more than there are is an error.
bool check_count(Selector& selector, std::size_t nodes, std::string_view kind,
                 const std::string& pointer, LoadContext& context) {
  const auto count = static_cast<std::int32_t>(nodes);
  const SelectorKind kind_of = selector.kind;
  if (kind_of == SelectorKind::kMinority || kind_of == SelectorKind::kZkMinority) {
    selector.count = (count - 1) / 2;
  }
  if (kind_of == SelectorKind::kMajority || kind_of == SelectorKind::kZkMajority) {
    selector.count = count / 2 + 1;
  }
  if (selector.percent > 0) selector.count = std::max(1, count * selector.percent / 100);
  if (selector.count >= 1 && selector.count <= count) return true;
  context.problems.error(
      pointer,
      fmt::format("{} means {} of {} {}", in_quotes(selector.text), selector.count, count, kind),
      selector.count < 1 ? "name the nodes, or use more of them"
                         : fmt::format("at most {}", count));
  return false;
}

bool check_client_name(const std::string& name, const std::string& pointer, LoadContext& context) {
  if (is_client(name, true, context) || !context.clients_complete) return true;
  std::vector<std::string> known = names_of(context.groups);
  known.insert(known.end(), context.producers.begin(), context.producers.end());
  return missing("client", name, known, pointer, context);
}

}  // namespace

bool check_topic(const std::string& name, const std::string& pointer, LoadContext& context) {
  if (context.topics.contains(name) || !context.topics_complete) return true;
  return missing("topic", name, names_of(context.topics), pointer, context);
}

bool check_topic_partition(const std::string& topic, std::int32_t partition,
                           const std::string& pointer, LoadContext& context) {
  std::int64_t partitions = 0;
  if (topic == kOffsetsTopic) {
    if (!context.cluster_complete) return true;
    if (context.groups.empty()) {
      if (!context.clients_complete) return true;
      context.problems.error(pointer,
                             fmt::format("{} exists only when a group consumes", in_quotes(topic)),
                             "add a consumer group");
      return false;
    }
    partitions = context.scenario.cluster.brokers[0].config.offsets_topic_num_partitions;
  } else {
    if (!check_topic(topic, pointer, context)) return false;
    const auto found = context.topics.find(topic);
    if (found == context.topics.end() || !context.topics_complete) return true;
    partitions = context.scenario.cluster.topics[found->second].partitions;
  }
  if (partition < partitions) return true;
  context.problems.error(
      pointer, fmt::format("there is no partition {}-{}", topic, partition),
      fmt::format("{} has the partitions 0 to {}", in_quotes(topic), partitions - 1));
  return false;
}

bool check_group(const std::string& name, const std::string& pointer, LoadContext& context) {
  if (context.groups.contains(name) || !context.clients_complete) return true;
  return missing("group", name, names_of(context.groups), pointer, context);
}

bool check_rack(const std::string& name, const std::string& pointer, LoadContext& context) {
  if (context.racks.contains(name) || !context.cluster_complete) return true;
  return missing("rack", name, {context.racks.begin(), context.racks.end()}, pointer, context);
}

bool is_client(const std::string& name, bool groups_too, const LoadContext& context) {
  if (context.producers.contains(name)) return true;
  if (groups_too && context.groups.contains(name)) return true;
  // a member: <group>-<n>
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos || name.size() - dash > 10) return false;
  const auto found = context.groups.find(name.substr(0, dash));
  if (found == context.groups.end()) return false;
  std::int64_t number = 0;
  for (const char c : name.substr(dash + 1)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  return name[dash + 1] != '0' && number >= 1 &&
         number <= context.scenario.cluster.groups[found->second].members;
}

bool check_selector(Selector& selector, const std::string& pointer, LoadContext& context) {
  const std::size_t brokers = context.scenario.cluster.brokers.size();
  const std::size_t servers = context.scenario.cluster.zookeeper.size();
  const bool cluster = context.cluster_complete;
  switch (selector.kind) {
    case SelectorKind::kBroker:
      return !cluster || check_ids(selector, brokers, "broker-", pointer, context);
    case SelectorKind::kZooKeeper:
      return !cluster || check_ids(selector, servers, "zk-", pointer, context);
    case SelectorKind::kSomeBrokers:
    case SelectorKind::kMinority:
    case SelectorKind::kMajority:
      return !cluster || check_count(selector, brokers, "brokers", pointer, context);
    case SelectorKind::kSomeZooKeeper:
    case SelectorKind::kZkMinority:
    case SelectorKind::kZkMajority:
      return !cluster || check_count(selector, servers, "ZooKeeper servers", pointer, context);
    case SelectorKind::kRack: return check_rack(selector.name, pointer, context);
    case SelectorKind::kLeaderOf:
    case SelectorKind::kFollowersOf:
    case SelectorKind::kIsrOf:
    case SelectorKind::kOutOfSync:
      return check_topic_partition(selector.name, selector.partition, pointer, context);
    case SelectorKind::kCoordinatorOf: return check_group(selector.name, pointer, context);
    case SelectorKind::kClient: return check_client_name(selector.name, pointer, context);
    case SelectorKind::kList: {
      bool good = true;
      for (Selector& member : selector.members) {
        good = check_selector(member, pointer, context) && good;
      }
      return good;
    }
    default: return true;
  }
}

bool check_moment(const Moment& moment, std::size_t item, const std::string& pointer,
                  LoadContext& context) {
  bool good = true;
  if (!moment.topic.empty()) {
    good = check_topic_partition(moment.topic, moment.partition, pointer, context);
  }
  const auto brokers = static_cast<std::int64_t>(context.scenario.cluster.brokers.size());
  if (context.cluster_complete && moment.broker > brokers) {
    context.problems.error(pointer, fmt::format("there is no broker-{}", moment.broker),
                           fmt::format("brokers are broker-1 to broker-{}", brokers));
    return false;
  }
  if (moment.kind == MomentKind::kHolds) {
    const auto number = static_cast<std::size_t>(std::max<std::int64_t>(moment.value, 0));
    const auto& faults = context.scenario.faults;
    const bool earlier = number >= 1 && number <= item && number <= faults.size();
    if (!earlier || faults[number - 1].action != FaultAction::kHold) {
      context.problems.error(pointer, fmt::format("fault {} is no hold that stands before", number),
                             "name an earlier item of the list that holds messages");
      return false;
    }
  }
  if (!moment.process.empty() && context.cluster_complete && context.clients_complete) {
    Selector selector;
    std::string what;
    std::string fix;
    const bool node =
        parse_selector(moment.process, selector, what, fix) &&
        (selector.kind == SelectorKind::kBroker || selector.kind == SelectorKind::kZooKeeper);
    if (node) return check_selector(selector, pointer, context) && good;
    if (!is_client(moment.process, false, context)) {
      context.problems.error(pointer, fmt::format("there is no {}", in_quotes(moment.process)),
                             "name a process, such as broker-2, zk-1, p1 or billing-1");
      return false;
    }
  }
  return good;
}

}  // namespace isrlab::scenarios
