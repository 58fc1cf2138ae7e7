#include "tests/support/world.hpp"

#include <algorithm>
#include <stdexcept>

#include "scenarios/faults/selector.hpp"

namespace isrlab::test {

scenarios::Scenario standard_scenario() {
  scenarios::Scenario scenario;
  scenario.name = "standard";
  scenario.duration = 120 * sim::kSecond;
  model::ClusterSpec& cluster = scenario.cluster;
  for (std::int32_t id = 1; id <= 3; ++id) {
    model::BrokerSpec broker;
    broker.id = id;
    broker.config.offsets_topic_num_partitions = 6;
    cluster.brokers.push_back(broker);
    cluster.zookeeper.push_back({id, ""});
  }
  model::TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 3;
  topic.replication_factor = 3;
  topic.config.min_insync_replicas = 2;
  // Fixed placement, so that tests can name brokers.
  topic.assignment = {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}};
  cluster.topics.push_back(topic);
  model::ProducerSpec producer;
  producer.name = "p1";
  producer.topic = "orders";
  producer.interval = 5 * sim::kMillisecond;
  cluster.producers.push_back(producer);
  model::ConsumerGroupSpec group;
  group.group = "billing";
  group.topics = {"orders"};
  group.config.auto_offset_reset = 0;
  cluster.groups.push_back(group);
  return scenario;
}

World::World(scenarios::Scenario scenario, std::uint64_t seed)
    : run_(std::make_shared<const scenarios::Scenario>(std::move(scenario)), seed) {
  for (auto& invariant : model::make_invariants(run_.cluster().catalog())) {
    run_.readers().add(std::move(invariant));
  }
}

void World::inject(scenarios::FaultAction action, const std::string& selector, Duration lasts) {
  scenarios::FaultSpec fault;
  fault.action = action;
  std::string what;
  std::string fix;
  if (!scenarios::parse_selector(selector, fault.who, what, fix)) {
    throw std::runtime_error("bad selector in a test: " + what);
  }
  fault.lasts = lasts;
  fault.restart_after = lasts;
  fault.text = selector;
  run_.inject(fault);
}

model::PartitionId World::partition(const std::string& topic, std::int32_t number) const {
  return cluster().catalog().find_partition(topic, number).value();
}

BrokerId World::leader(const std::string& topic, std::int32_t number) const {
  const auto* state = cluster().partition_state(partition(topic, number));
  return state == nullptr ? model::kNoBroker : state->leader;
}

std::int32_t World::leader_epoch(const std::string& topic, std::int32_t number) const {
  const auto* state = cluster().partition_state(partition(topic, number));
  return state == nullptr ? -1 : state->leader_epoch;
}

std::int32_t World::partition_epoch(const std::string& topic, std::int32_t number) const {
  const model::PartitionId id = partition(topic, number);
  const BrokerId broker = leader(topic, number);
  const model::Partition* replica = broker < 1 ? nullptr : cluster().broker(broker).partition(id);
  return replica == nullptr ? -1 : replica->partition_epoch;
}

std::vector<BrokerId> World::isr(const std::string& topic, std::int32_t number) const {
  const auto* state = cluster().partition_state(partition(topic, number));
  if (state == nullptr) return {};
  return sorted({state->isr.begin(), state->isr.end()});
}

std::vector<sim::HistoryEvent> World::events(HistoryKind kind, Time from) const {
  std::vector<sim::HistoryEvent> result;
  const sim::History& history = cluster().history();
  for (std::uint32_t id = 1; id <= history.size(); ++id) {
    const sim::HistoryEvent& event = history[id];
    if (event.kind == static_cast<std::uint16_t>(kind) && event.time >= from)
      result.push_back(event);
  }
  return result;
}

std::string World::broken_invariants() const {
  return broken(false);
}
std::string World::broken_promises() const {
  return broken(true);
}

std::string World::broken(bool promised_only) const {
  std::string text;
  for (std::size_t i = 0; i < run_.readers().size(); ++i) {
    const auto* invariant = dynamic_cast<const model::Invariant*>(&run_.readers()[i]);
    if (invariant == nullptr || invariant->held()) continue;
    if (promised_only && !invariant->promised(cluster().catalog())) continue;
    text += std::string(invariant->id()) + " " + std::string(invariant->name()) + ": " +
            invariant->first()->text + "\n";
  }
  return text;
}

std::vector<BrokerId> sorted(std::vector<BrokerId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace isrlab::test
