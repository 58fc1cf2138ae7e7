// The inspector's pages of brokers, ZooKeeper servers, producers and consumers.
#include <fmt/format.h>

#include <algorithm>

#include "viz/model/inspect_parts.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {
namespace {

constexpr std::size_t kDifferences = 5;  // shown one by one; the rest is a number

/// A belief beside the truth; yellow when they differ.
void believe(InspectModel& model, std::string label, const std::string& believed,
             const std::string& truth) {
  if (believed == truth) {
    model.rows.push_back({std::move(label), believed});
  } else {
    model.rows.push_back(
        {std::move(label), fmt::format("{}  (truth: {})", believed, truth), Tone::differs});
  }
}

void session_rows(const BrokerView& broker, const model::ZkClient& client, InspectModel& model) {
  if (!broker.session.known) {
    model.rows.push_back({"ZooKeeper session", client.session_id() == 0 ? "none" : "not tracked"});
    return;
  }
  const double share = static_cast<double>(broker.session.left) /
                       static_cast<double>(std::max<Duration>(1, broker.session.timeout));
  InspectRow row{"session ends in",
                 fmt::format("{}  (time-out {})", format_span(broker.session.left),
                             format_span(broker.session.timeout))};
  // Time-outs are rounded up to the server's tick, so a fresh session can exceed its time-out.
  row.share = static_cast<float>(std::clamp(share, 0.0, 1.0));
  if (!broker.alive) row.tone = Tone::differs;
  model.rows.push_back(std::move(row));
}

std::string list_of(const std::vector<BrokerId>& brokers) {
  std::string text;
  for (const BrokerId id : brokers) text += fmt::format("{}b{}", text.empty() ? "" : " ", id);
  return text.empty() ? "none" : text;
}

/// Leaders in a metadata cache against ZooKeeper's truth.
template <class LeaderOf>
void leader_beliefs(const ClusterView& view, InspectModel& model, LeaderOf leader_of) {
  std::size_t wrong = 0;
  for (const PartitionView& partition : view.partitions) {
    const BrokerId believed = leader_of(partition.id);
    if (!partition.exists || believed == model::kNoBroker || believed == partition.leader) continue;
    if (++wrong > kDifferences) continue;
    believe(model, "leader of " + partition.name, broker_name(believed),
            broker_name(partition.leader));
  }
  if (wrong > kDifferences) {
    model.rows.push_back(
        {"and", fmt::format("{} more wrong leaders", wrong - kDifferences), Tone::differs});
  }
  if (wrong == 0) model.rows.push_back({"leaders it knows", "as in ZooKeeper"});
}

void broker_beliefs(const ClusterView& view, const model::Broker& broker, InspectModel& model) {
  model.rows.push_back({"What it believes", "", Tone::heading});
  believe(model, "controller (metadata)", broker_name(broker.metadata().controller()),
          broker_name(view.controller));
  std::vector<BrokerId> live = broker.metadata().live_brokers();
  std::sort(live.begin(), live.end());
  std::vector<BrokerId> registered;
  for (const BrokerView& each : view.brokers) {
    if (each.registered) registered.push_back(each.id);
  }
  believe(model, "live brokers", list_of(live), list_of(registered));
  if (broker.controller().active()) {
    believe(
        model, "itself", fmt::format("controller, epoch {}", broker.controller().context().epoch),
        view.controller == broker.id()
            ? fmt::format("controller, epoch {}", view.controller_epoch)
            : fmt::format("{} is, epoch {}", broker_name(view.controller), view.controller_epoch));
  }
  for (const PartitionView& partition : view.partitions) {
    const ReplicaView* replica = partition.replica(broker.id());
    if (replica == nullptr || !replica->believes_leader) continue;
    model.rows.push_back(
        {partition.name,
         fmt::format("leads epoch {}  (truth: {} leads epoch {})", replica->leader_epoch,
                     broker_name(partition.leader), partition.leader_epoch),
         Tone::differs});
  }
  leader_beliefs(view, model, [&](PartitionId id) {
    return broker.metadata().state(id).known ? broker.metadata().state(id).leader
                                             : model::kNoBroker;
  });
}

void inspect_broker(const scenarios::Run& run, const ClusterView& view, BrokerId id,
                    InspectModel& model) {
  const BrokerView& each = view.broker(id);
  const model::Broker& broker = run.cluster().broker(id);
  model.subtitle = each.state_word + (each.controller ? ", controller" : "") +
                   (each.zombie_controller ? ", thinks it is controller" : "") +
                   (each.cut ? ", links cut" : "");
  model.tone = each.ok() && !each.cut ? Tone::good : each.alive ? Tone::differs : Tone::bad;
  if (!each.rack.empty()) model.rows.push_back({"rack", each.rack});
  model.rows.push_back({"registered", each.registered ? "yes" : "no",
                        each.registered == each.alive ? Tone::plain : Tone::differs});
  if (each.alive) {
    model.rows.push_back({"broker epoch", std::to_string(broker.broker_epoch())});
  }
  session_rows(each, broker.zookeeper(), model);
  const model::ProcessId server = broker.zookeeper().server();
  if (each.alive) {
    model.rows.push_back({"ZooKeeper server", server == model::kNone
                                                  ? "none"
                                                  : short_name(run.cluster().catalog(), server)});
  }
  model.rows.push_back({"leaders / replicas", fmt::format("{} / {}", each.leaders, each.replicas)});
  model.rows.push_back(
      {"out of sync",
       fmt::format("{} replicas, at most {} messages behind", each.out_of_sync, each.max_lag),
       each.out_of_sync > 0 ? Tone::differs : Tone::plain});
  if (!each.alive) return;  // a dead process believes nothing
  if (broker.controller().active()) {
    model.rows.push_back(
        {"controller's queue", fmt::format("{} events", broker.controller().queued_events())});
  }
  broker_beliefs(view, broker, model);
}

void inspect_zookeeper(const scenarios::Run& run, const ClusterView& view, std::size_t index,
                       InspectModel& model) {
  const ZkServerView& each = view.zookeeper[index];
  const model::ZkServer& server = run.cluster().zookeeper()[index];
  model.subtitle = each.state_word + (each.serving ? "" : ", not serving");
  model.tone = each.serving ? Tone::good : each.alive ? Tone::differs : Tone::bad;
  model.rows.push_back({"epoch", std::to_string(each.epoch)});
  const std::int64_t newest = authority(run.cluster()).last_zxid();
  model.rows.push_back({"last zxid", fmt::format("{:#x}", each.zxid),
                        each.zxid < newest && each.alive ? Tone::differs : Tone::plain});
  model.rows.push_back({"clients connected", std::to_string(each.clients)});
  if (server.leader() != 0) {
    model.rows.push_back({"leader", fmt::format("zk{}", server.leader())});
  }
  if (!each.leading) return;
  model.rows.push_back({"Sessions", "", Tone::heading});
  const model::ProcessId process =
      run.cluster().catalog().zookeeper_process(static_cast<std::uint32_t>(index));
  for (const model::ZkSessions::Session& session : server.sessions().all()) {
    const auto* known = server.tree().find_session(session.id);
    const std::string owner =
        known ? short_name(run.cluster().catalog(), known->owner) : std::string("?");
    const sim::Time end = run.cluster().run_time_of(process, session.expires_at);
    const Duration left = std::max<Duration>(0, end - view.time);
    InspectRow row{owner, fmt::format("{} left", format_span(left))};
    row.share = static_cast<float>(
        std::clamp(static_cast<double>(left) / static_cast<double>(session.timeout), 0.0, 1.0));
    model.rows.push_back(std::move(row));
  }
}

void inspect_producer(const scenarios::Run& run, const ClusterView& view, std::uint32_t index,
                      InspectModel& model) {
  const model::Producer& producer = run.cluster().producers()[index];
  model.rows.push_back({"topic", run.cluster().catalog().topic(producer.topic()).name});
  model.rows.push_back({"records created", std::to_string(producer.records_created())});
  model.rows.push_back({"acknowledged", std::to_string(producer.records_acked())});
  model.rows.push_back({"failed", std::to_string(producer.records_failed()),
                        producer.records_failed() > 0 ? Tone::bad : Tone::plain});
  model.rows.push_back({"requests in flight", std::to_string(producer.in_flight_requests())});
  model.rows.push_back({"buffered", fmt::format("{} bytes", producer.buffered_bytes())});
  if (producer.blocked()) model.rows.push_back({"send()", "blocks", Tone::differs});
  model.rows.push_back({"What it believes", "", Tone::heading});
  leader_beliefs(view, model,
                 [&](PartitionId id) { return producer.network().metadata().leader(id).leader; });
}

const char* word_of(model::MemberState state) {
  constexpr const char* kWords[] = {"not in the group", "joining", "waiting for its assignment",
                                    "stable"};
  return kWords[static_cast<std::size_t>(state)];
}

void inspect_consumer(const scenarios::Run& run, const ClusterView& view, std::uint32_t index,
                      InspectModel& model) {
  const model::Consumer& consumer = run.cluster().consumers()[index];
  const GroupView& group = view.groups[consumer.group()];
  model.rows.push_back({"group", group.name});
  model.rows.push_back({"member", word_of(consumer.state())});
  believe(model, "generation", std::to_string(consumer.generation()),
          std::to_string(group.generation));
  believe(model, "coordinator", broker_name(consumer.coordinator()),
          broker_name(group.coordinator));
  model.rows.push_back({"records handed over", std::to_string(consumer.records_delivered())});
  model.rows.push_back({"Assignment", "", Tone::heading});
  for (const PartitionId id : consumer.assignment()) {
    const std::int64_t position = consumer.position(id);
    const std::int64_t behind =
        std::max<std::int64_t>(0, view.partitions[id].high_watermark - position);
    model.rows.push_back(
        {view.partitions[id].name,
         fmt::format("at {}, committed {}, {} behind", position, consumer.committed(id), behind)});
  }
  if (consumer.assignment().empty()) model.rows.push_back({"no partitions", ""});
}

}  // namespace

void inspect_process(const scenarios::Run& run, const ClusterView& view, model::ProcessId process,
                     InspectModel& model) {
  const model::ProcessInfo& info = run.cluster().catalog().process(process);
  model.title = info.name;
  const bool alive = run.cluster().alive(process);
  model.subtitle = !alive ? "DOWN" : run.cluster().paused(process) ? "PAUSED" : "RUNNING";
  model.tone = !alive ? Tone::bad : run.cluster().paused(process) ? Tone::differs : Tone::good;
  switch (info.kind) {
    case model::ProcessKind::kBroker:
      return inspect_broker(run, view, static_cast<BrokerId>(info.index + 1), model);
    case model::ProcessKind::kZooKeeper: return inspect_zookeeper(run, view, info.index, model);
    case model::ProcessKind::kProducer: return inspect_producer(run, view, info.index, model);
    case model::ProcessKind::kConsumer: return inspect_consumer(run, view, info.index, model);
    case model::ProcessKind::kAdmin: return;
  }
}

}  // namespace isrlab::viz
