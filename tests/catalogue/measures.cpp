#include "tests/catalogue/measures.hpp"

#include <stdexcept>

#include "scenarios/faults/selector.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::test {
namespace {

scenarios::Scenario scenario_of(const std::string& body) {
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(
      R"({"schema": "kafka-failure-scenario/1", "name": "entry", "about": "", )" + body + "}",
      "entry");
  if (!loaded.ok()) throw std::runtime_error(loaded.text());
  return loaded.scenario;
}

const std::string& name_of(std::uint16_t process, const model::Cluster& cluster) {
  return cluster.catalog().process(process).name;
}

/// The longest time without one of the times within [from, to].
template <class Times, class TimeOf>
Duration gap_between(const Times& times, Time from, Time to, TimeOf time_of) {
  Time last = from;
  Duration longest = 0;
  for (const auto& each : times) {
    const Time time = time_of(each);
    if (time < from || time > to) continue;
    longest = std::max(longest, time - last);
    last = time;
  }
  return std::max(longest, to - last);
}

}  // namespace

World world_of(const std::string& body, std::uint64_t seed) {
  return World(scenario_of(body), seed);
}

World world_led_by(BrokerId controller, Time at, const std::string& body) {
  const scenarios::Scenario scenario = scenario_of(body);
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    World world(scenario, seed);
    world.until(at);
    if (world.cluster().controller() == controller) return World(scenario, seed);
  }
  throw std::runtime_error("no seed makes this broker the controller");
}

std::vector<HistoryKind> Acks::interests() const {
  return {HistoryKind::kRecordCreated, HistoryKind::kRecordsAcked};
}

void Acks::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  if (event.kind == static_cast<std::uint16_t>(HistoryKind::kRecordCreated)) {
    created_[{event.actor, event.subject, event.a}] = event.time;
    return;
  }
  const auto first = created_.find({event.actor, event.subject, event.a});
  const Duration latency = first == created_.end() ? -1 : event.time - first->second;
  for (std::int64_t i = 0; i < event.b; ++i) {
    created_.erase({event.actor, event.subject, event.a + i});
  }
  acks_[name_of(event.actor, cluster)].push_back({event.time, event.b, latency});
}

std::int64_t Acks::records(const std::string& producer, Time from, Time to) {
  std::int64_t sum = 0;
  for (const Ack& ack : acks_[producer]) {
    if (ack.time >= from && ack.time <= to) sum += ack.count;
  }
  return sum;
}

Duration Acks::longest_gap(const std::string& producer, Time from, Time to) {
  return gap_between(acks_[producer], from, to, [](const Ack& ack) { return ack.time; });
}

Duration Acks::median_latency(const std::string& producer, Time from, Time to) {
  std::vector<Duration> latencies;
  for (const Ack& ack : acks_[producer]) {
    if (ack.time >= from && ack.time <= to) latencies.push_back(ack.latency);
  }
  if (latencies.empty()) return -1;
  std::sort(latencies.begin(), latencies.end());
  return latencies[latencies.size() / 2];
}

void Deliveries::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  got_[name_of(event.actor, cluster)].emplace_back(event.time, event.b);
}

std::int64_t Deliveries::records(const std::string& member, Time from, Time to) {
  std::int64_t sum = 0;
  for (const auto& [time, count] : got_[member]) {
    if (time >= from && time <= to) sum += count;
  }
  return sum;
}

Duration Deliveries::longest_gap(const std::string& member, Time from, Time to) {
  return gap_between(got_[member], from, to, [](const auto& each) { return each.first; });
}

const model::Partition& replica_of(const World& world, BrokerId broker, const std::string& topic,
                                   std::int32_t number) {
  return *world.cluster().broker(broker).partition(world.partition(topic, number));
}

bool process_alive(const World& world, BrokerId broker) {
  return world.cluster().alive(world.cluster().catalog().broker_process(broker));
}

void fail_directory(World& world, BrokerId broker, int directory, Duration lasts) {
  scenarios::FaultSpec fault;
  fault.action = scenarios::FaultAction::kFailDisk;
  fault.text = "broker-" + std::to_string(broker);
  std::string what;
  std::string fix;
  if (!scenarios::parse_selector(fault.text, fault.who, what, fix)) throw std::runtime_error(what);
  fault.directory = directory + 1;
  fault.lasts = lasts;
  world.run().inject(fault);
}

std::vector<sim::HistoryEvent> events_of(const World& world, HistoryKind kind, Time from,
                                         const std::string& topic, std::int32_t number) {
  std::vector<sim::HistoryEvent> result;
  for (const sim::HistoryEvent& event : world.events(kind, from)) {
    if (event.subject == world.partition(topic, number)) result.push_back(event);
  }
  return result;
}

Time first_of(const World& world, HistoryKind kind, Time from, const std::string& topic,
              std::int32_t number) {
  const auto events = events_of(world, kind, from, topic, number);
  return events.empty() ? sim::kNever : events[0].time;
}

}  // namespace isrlab::test
