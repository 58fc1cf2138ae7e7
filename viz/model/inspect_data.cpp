// The inspector's pages of partitions and consumer groups.
#include <fmt/format.h>

#include "viz/model/inspect_parts.hpp"

namespace isrlab::viz {
namespace {

std::string list_of(const std::vector<BrokerId>& brokers) {
  std::string text;
  for (const BrokerId id : brokers) text += fmt::format("{}b{}", text.empty() ? "" : " ", id);
  return text.empty() ? "empty" : text;
}

const char* word_of(const ReplicaView& replica) {
  switch (replica.state) {
    case ReplicaState::leader: return "leader";
    case ReplicaState::in_sync: return "in sync";
    case ReplicaState::out_of_sync: return "out of ISR";
    case ReplicaState::down: return replica.was_leader ? "down, still named leader" : "down";
  }
  return "?";
}

void replica_row(const ReplicaView& replica, InspectModel& model) {
  InspectRow row{broker_name(replica.broker),
                 fmt::format("{}, end {}, HW {}{}{}", word_of(replica), replica.log_end_offset,
                             replica.high_watermark,
                             replica.leader_epoch >= 0  // a dead process knows none
                                 ? fmt::format(", epoch {}", replica.leader_epoch)
                                 : "",
                             replica.lag > 0     ? fmt::format(", {} behind", replica.lag)
                             : replica.ahead > 0 ? fmt::format(", {} too many", replica.ahead)
                                                 : "")};
  if (replica.state == ReplicaState::down) row.tone = Tone::bad;
  if (replica.state == ReplicaState::out_of_sync) row.tone = Tone::differs;
  if (replica.believes_leader) {
    row.value += ", believes to lead";
    row.tone = Tone::differs;
  }
  model.rows.push_back(std::move(row));
}

}  // namespace

void inspect_partition(const scenarios::Run& run, const ClusterView& view,
                       model::PartitionId partition, InspectModel& model) {
  const PartitionView& each = view.partitions[partition];
  model.title = each.name;
  if (!each.exists) {
    model.subtitle = "not created yet";
    return;
  }
  model.subtitle = each.offline()            ? "OFFLINE"
                   : each.leader_down        ? "leader is down, not replaced yet"
                   : each.under_min_isr()    ? "under min ISR: acks=all is refused"
                   : each.under_replicated() ? "under-replicated"
                                             : "healthy";
  model.tone = each.offline() || each.leader_down || each.under_min_isr() ? Tone::bad
               : each.under_replicated()                                  ? Tone::differs
                                                                          : Tone::good;
  model.rows.push_back(
      {"leader", fmt::format("{}{}", broker_name(each.leader),
                             each.leader == each.preferred || each.leader < 0
                                 ? ""
                                 : fmt::format(" (preferred: {})", broker_name(each.preferred)))});
  model.rows.push_back(
      {"epoch / version", fmt::format("{} / {}", each.leader_epoch, each.partition_epoch)});
  model.rows.push_back({"ISR", fmt::format("{}  (min {})", list_of(each.isr), each.min_isr)});
  model.rows.push_back(
      {"high watermark / end", fmt::format("{} / {}", each.high_watermark, each.end_offset)});
  model.rows.push_back({"Replicas", "", Tone::heading});
  for (const ReplicaView& replica : each.replicas) replica_row(replica, model);
  model.rows.push_back({"Beliefs about its leader", "", Tone::heading});
  std::size_t wrong = 0;
  for (const model::Broker& broker : run.cluster().brokers()) {
    const auto& state = broker.metadata().state(partition);
    if (!view.broker(broker.id()).alive || !state.known || state.leader == each.leader) continue;
    ++wrong;
    model.rows.push_back({broker_name(broker.id()),
                          fmt::format("{}, epoch {}  (truth: {})", broker_name(state.leader),
                                      state.leader_epoch, broker_name(each.leader)),
                          Tone::differs});
  }
  if (wrong == 0) model.rows.push_back({"all brokers", "as in ZooKeeper"});
}

void inspect_group(const scenarios::Run& run, const ClusterView& view, std::uint32_t group,
                   InspectModel& model) {
  const GroupView& each = view.groups[group];
  model.title = "group " + each.name;
  model.subtitle = each.state;
  model.tone = each.state == "Stable" ? Tone::good : Tone::differs;
  model.rows.push_back({"coordinator", broker_name(each.coordinator)});
  model.rows.push_back({"generation", std::to_string(each.generation)});
  model.rows.push_back({"Members", "", Tone::heading});
  for (const model::Consumer& consumer : run.cluster().consumers()) {
    if (consumer.group() != group) continue;
    const model::ProcessId process = run.cluster().catalog().consumer_process(consumer.index());
    std::string assignment;
    for (const PartitionId id : consumer.assignment()) {
      assignment += fmt::format("{}{}", assignment.empty() ? "" : " ", view.partitions[id].name);
    }
    model.rows.push_back(
        {run.cluster().catalog().process(process).name, !run.cluster().alive(process) ? "down"
                                                        : assignment.empty() ? "no partitions"
                                                                             : assignment});
  }
}

}  // namespace isrlab::viz
