#include "viz/model/status.hpp"

#include <fmt/format.h>

#include "viz/model/names.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {
namespace {

StatusItem controller_item(const ClusterView& view) {
  StatusItem item{"controller", Status::good, "controller", "", {}};
  if (view.controller < 1) {
    item.status = Status::bad;
    item.value = "none";
  } else {
    item.value = fmt::format("b{} epoch {}", view.controller, view.controller_epoch);
  }
  if (view.believed_controllers > 1) {
    item.status = Status::warning;
    item.value += fmt::format(" +{} zombie", view.believed_controllers - 1);
  }
  item.definition = {"ActiveControllerCount",
                     "The broker that holds /controller, with the epoch of its term. A second one "
                     "that has not heard of it yet is a zombie.",
                     "kafka.controller:type=KafkaController,name=ActiveControllerCount"};
  return item;
}

StatusItem offline_item(const ClusterView& view) {
  StatusItem item{"offline", Status::good, "offline", std::to_string(view.offline), {}};
  if (view.offline > 0) item.status = Status::bad;
  if (view.leader_down > 0) {
    if (item.status == Status::good) item.status = Status::bad;
    item.value += fmt::format(" +{} leader down", view.leader_down);
  }
  item.definition = {"OfflinePartitionsCount",
                     "Partitions without a leader in ZooKeeper. Kafka's own number stays 0 until "
                     "the dead leader's session ends; \"leader down\" counts those until then.",
                     "kafka.controller:type=KafkaController,name=OfflinePartitionsCount"};
  return item;
}

StatusItem zookeeper_item(const ClusterView& view) {
  const int all = static_cast<int>(view.zookeeper.size());
  StatusItem item{"zk", Status::good, "zk quorum", "", {}};
  item.value = fmt::format("{}/{}", view.zk_serving, all);
  if (view.zk_leader >= 0) {
    item.value +=
        fmt::format(" led by {}", view.zookeeper[static_cast<std::size_t>(view.zk_leader)].name);
    if (view.zk_serving < all) item.status = Status::warning;
  } else {
    item.value += " no leader";
    item.status = Status::bad;
  }
  item.definition = {"ZooKeeper quorum",
                     "Servers that answer clients, of all servers. Without a majority nothing can "
                     "be written: no elections, no ISR changes, no new sessions.",
                     ""};
  return item;
}

StatusItem lag_item(const ClusterView& view) {
  StatusItem item{"lag", Status::good, "max lag", grouped(view.max_lag), {}};
  if (view.max_lag_broker >= 1) {
    item.value += fmt::format(" b{}", view.max_lag_broker);
    if (view.max_lag_time > sim::kSecond) {
      item.value += fmt::format(" ({})", format_span(view.max_lag_time));
    }
  }
  if (view.max_lag_time > 2 * sim::kSecond || view.max_lag > 1000) item.status = Status::warning;
  item.definition = {"ReplicaFetcherManager MaxLag",
                     "Messages that the worst replica lacks, and for how long it has not been "
                     "caught up. After replica.lag.time.max.ms (not after a number of messages) a "
                     "replica leaves the ISR.",
                     "kafka.server:type=ReplicaFetcherManager,name=MaxLag"};
  return item;
}

}  // namespace

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), "\u2009");
  }
  return digits;
}

std::vector<StatusItem> status_of(const ClusterView& view) {
  std::vector<StatusItem> items;
  items.push_back(controller_item(view));
  int exist = 0;
  for (const PartitionView& partition : view.partitions) exist += partition.exists ? 1 : 0;
  items.push_back({"urp",
                   view.under_replicated > 0 ? Status::warning : Status::good,
                   "URP",
                   fmt::format("{} of {}", view.under_replicated, exist),
                   {"UnderReplicatedPartitions",
                    "Partitions whose ISR is smaller than their list of replicas, including those "
                    "of __consumer_offsets.",
                    "kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions"}});
  items.push_back(offline_item(view));
  items.push_back({"under-min-isr",
                   view.under_min_isr > 0 ? Status::bad : Status::good,
                   "under min ISR",
                   std::to_string(view.under_min_isr),
                   {"UnderMinIsrPartitionCount",
                    "Partitions whose ISR is smaller than min.insync.replicas: producers with "
                    "acks=all are refused (NOT_ENOUGH_REPLICAS).",
                    "kafka.server:type=ReplicaManager,name=UnderMinIsrPartitionCount"}});
  items.push_back(zookeeper_item(view));
  items.push_back(lag_item(view));
  int up = 0;
  for (const BrokerView& broker : view.brokers) up += broker.alive && broker.registered ? 1 : 0;
  const auto all = static_cast<int>(view.brokers.size());
  items.push_back({"brokers",
                   up == all ? Status::good : Status::warning,
                   "brokers",
                   fmt::format("{}/{}", up, all),
                   {"Brokers", "Brokers that are alive and registered in /brokers/ids.", ""}});
  return items;
}

}  // namespace isrlab::viz
