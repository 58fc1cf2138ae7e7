#include "viz/model/describe.hpp"

#include <fmt/format.h>

#include "viz/model/event_text.hpp"
#include "viz/model/inspect.hpp"
#include "viz/model/names.hpp"
#include "viz/model/status.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {
namespace {

constexpr std::uint32_t kLastEvents = 12;

/// Columns are counted in ASCII, so the thin space of grouped numbers is a plain one here.
std::string plain(std::string text) {
  const std::string thin = "\u2009";
  for (std::size_t at = text.find(thin); at != std::string::npos; at = text.find(thin, at)) {
    text.replace(at, thin.size(), " ");
  }
  return text;
}

std::string ids(const std::vector<BrokerId>& brokers) {
  std::string text;
  for (const BrokerId id : brokers) text += fmt::format("{}{}", text.empty() ? "" : ",", id);
  return text.empty() ? "-" : text;
}

void describe_sentences(const scenarios::Run& run, const ClusterView& view, std::string& text) {
  text += fmt::format("{} with seed {} at {}: {} events have happened, digest {:016x}.\n",
                      run.scenario().name, run.seed(), plain(format_clock(view.time, 6)),
                      run.events(), run.digest());
  int troubles = 0;
  for (const BrokerView& broker : view.brokers) {
    if (broker.ok() && !broker.cut && !broker.zombie_controller) continue;
    ++troubles;
    text += fmt::format("Broker {} is {}{}{}.\n", broker.id, broker.state_word,
                        broker.cut ? ", some of its links are cut" : "",
                        broker.zombie_controller ? ", and still thinks it is the controller" : "");
  }
  for (const ZkServerView& server : view.zookeeper) {
    if (server.serving && !server.cut) continue;
    ++troubles;
    text += fmt::format("ZooKeeper server {} is {}{}.\n", server.id, server.state_word,
                        server.cut ? ", some of its links are cut" : "");
  }
  for (const PartitionView& partition : view.partitions) {
    if (partition.severity() < 2 || partition.internal) continue;
    ++troubles;
    text += fmt::format("Partition {} {}.\n", partition.name,
                        partition.offline()         ? "has no leader"
                        : partition.leader_down     ? "is led by a dead broker"
                        : partition.under_min_isr() ? "has fewer in-sync replicas than its minimum"
                        : partition.under_replicated() ? "is under-replicated"
                                                       : "has a replica that wrongly leads");
  }
  if (troubles == 0) text += "Everything is as it should be.\n";
}

void describe_columns(const ClusterView& view, std::string& text) {
  text += "\nBROKER  STATE           CTRL   LEADERS REPLICAS OUT     LAG  SESSION\n";
  for (const BrokerView& b : view.brokers) {
    const std::string session =
        b.session.known
            ? fmt::format("{} of {}", format_span(b.session.left), format_span(b.session.timeout))
            : "-";
    const std::string role = b.controller          ? fmt::format("* e{}", b.controller_epoch)
                             : b.zombie_controller ? fmt::format("! e{}", b.controller_epoch)
                                                   : "-";
    text += fmt::format("{:<7} {:<15} {:<6} {:>7} {:>8} {:>3} {:>7}  {}\n", b.name, b.state_word,
                        role, b.leaders, b.replicas, b.out_of_sync, b.max_lag, session);
  }
  text += "\nZK      STATE       SERVES EPOCH  CLIENTS\n";
  for (const ZkServerView& z : view.zookeeper) {
    text += fmt::format("{:<7} {:<11} {:<6} {:>5} {:>8}{}\n", z.name, z.state_word,
                        z.serving ? "yes" : "no", z.epoch, z.clients, z.leading ? "  leader" : "");
  }
  text += "\nPARTITION                LEADER EPOCH ISR          MIN REPLICAS      LAG       HW\n";
  for (const PartitionView& p : view.partitions) {
    if (!p.exists || (p.internal && p.severity() < 2)) continue;
    std::vector<BrokerId> replicas;
    for (const ReplicaView& replica : p.replicas) replicas.push_back(replica.broker);
    text += fmt::format("{:<24} {:>6} {:>5} {:<12} {:>3} {:<12} {:>5} {:>8}\n", p.name,
                        p.leader < 0 ? "none" : std::to_string(p.leader), p.leader_epoch,
                        ids(p.isr), p.min_isr, ids(replicas), p.max_lag, p.high_watermark);
  }
  if (!view.groups.empty())
    text += "\nGROUP            STATE                COORDINATOR GENERATION MEMBERS\n";
  for (const GroupView& g : view.groups) {
    text += fmt::format("{:<16} {:<20} {:>11} {:>10} {:>7}\n", g.name, g.state,
                        broker_name(g.coordinator), g.generation, g.members);
  }
}

std::optional<std::string> partition_value(const PartitionView& p, std::string_view field) {
  if (field == "leader") return p.leader < 0 ? "none" : fmt::format("broker-{}", p.leader);
  if (field == "isr") return ids(p.isr);
  if (field == "isr.size") return std::to_string(p.isr.size());
  if (field == "epoch") return std::to_string(p.leader_epoch);
  if (field == "version") return std::to_string(p.partition_epoch);
  if (field == "lag") return std::to_string(p.max_lag);
  if (field == "hw") return std::to_string(p.high_watermark);
  if (field == "end") return std::to_string(p.end_offset);
  if (field == "exists") return p.exists ? "true" : "false";
  return std::nullopt;
}

std::optional<std::string> broker_value(const BrokerView& b, std::string_view field) {
  if (field == "state") return b.state_word;
  if (field == "controller") return b.controller ? "true" : "false";
  if (field == "zombie") return b.zombie_controller ? "true" : "false";
  if (field == "registered") return b.registered ? "true" : "false";
  if (field == "leaders") return std::to_string(b.leaders);
  if (field == "replicas") return std::to_string(b.replicas);
  if (field == "lag") return std::to_string(b.max_lag);
  if (field == "session") {
    return b.session.known ? sim::format_duration(b.session.left) : std::string("none");
  }
  return std::nullopt;
}

std::optional<std::string> group_value(const GroupView& g, std::string_view field) {
  if (field == "state") return g.state;
  if (field == "generation") return std::to_string(g.generation);
  if (field == "members") return std::to_string(g.members);
  if (field == "coordinator") return broker_name(g.coordinator);
  return std::nullopt;
}

std::optional<std::string> cluster_value(const ClusterView& view, std::string_view field) {
  if (field == "controller") {
    return view.controller < 1 ? "none" : fmt::format("broker-{}", view.controller);
  }
  if (field == "controller.epoch") return std::to_string(view.controller_epoch);
  if (field == "controllers") return std::to_string(view.believed_controllers);
  if (field == "urp") return std::to_string(view.under_replicated);
  if (field == "offline") return std::to_string(view.offline);
  if (field == "under_min_isr") return std::to_string(view.under_min_isr);
  if (field == "lag") return std::to_string(view.max_lag);
  if (field == "zk.serving") return std::to_string(view.zk_serving);
  if (field == "zk.leader") {
    return view.zk_leader < 0
               ? std::string("none")
               : fmt::format("zk-{}", view.zookeeper[static_cast<std::size_t>(view.zk_leader)].id);
  }
  return std::nullopt;
}

}  // namespace

std::string describe(const scenarios::Run& run, const ClusterView& view) {
  std::string text;
  describe_sentences(run, view, text);
  for (const StatusItem& item : status_of(view)) {
    text += fmt::format("{}{}: {}", text.back() == '\n' ? "" : "  ", item.label, plain(item.value));
  }
  text += '\n';
  describe_columns(view, text);
  const EventContext context = event_context(run);
  const sim::History& history = run.cluster().history();
  text += "\nLast events\n";
  const std::uint32_t first = history.size() > kLastEvents ? history.size() - kLastEvents + 1 : 1;
  for (std::uint32_t id = first; id <= history.size(); ++id) {
    text += fmt::format("{}  {}\n", sim::format_seconds(history[id].time),
                        event_line(context, history[id]));
  }
  return text;
}

std::optional<std::string> value_of(const scenarios::Run& run, const ClusterView& view,
                                    const std::string& name) {
  const std::string_view all = name;
  if (all.rfind("cluster.", 0) == 0) return cluster_value(view, all.substr(8));
  const std::size_t open = all.find('(');
  const std::size_t close = all.rfind(").");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  const std::string_view kind = all.substr(0, open);
  const std::string key(all.substr(open + 1, close - open - 1));
  const std::string_view field = all.substr(close + 2);
  const model::Catalog& catalog = run.cluster().catalog();
  const bool numbered = kind == "broker" || kind == "zk";
  const bool bare = numbered && key.find_first_not_of("0123456789") == std::string::npos;
  const auto thing = parse_selection(catalog, bare ? std::string(kind) + " " + key : key);
  if (!thing) return std::nullopt;
  if (kind == "partition" && thing->kind == Selection::Kind::partition) {
    return partition_value(view.partitions[thing->index], field);
  }
  if (kind == "group" && thing->kind == Selection::Kind::group) {
    return group_value(view.groups[thing->index], field);
  }
  if (thing->kind != Selection::Kind::process) return std::nullopt;
  if (kind == "broker" && catalog.broker_of(thing->index) >= 1) {
    return broker_value(view.broker(catalog.broker_of(thing->index)), field);
  }
  if (kind == "zk" && thing->index < view.zookeeper.size()) {
    const ZkServerView& server = view.zookeeper[thing->index];
    if (field == "state") return server.state_word;
    if (field == "serving") return server.serving ? "true" : "false";
  }
  return std::nullopt;
}

}  // namespace isrlab::viz
