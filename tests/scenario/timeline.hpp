// The worked time lines of the controller reference (section 6) as the library has them: a run of
// such a scenario, and what it wrote to ZooKeeper and sent to whom, in order.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios/format/library.hpp"
#include "scenarios/format/loader.hpp"
#include "tests/catalogue/measures.hpp"

namespace isrlab::test {

/// Control requests, each when it left.
class ControlRequests final : public model::Reader {
 public:
  struct Sent {
    Time time = 0;
    BrokerId to = model::kNoBroker;
    model::MessageType type = model::MessageType::kLeaderAndIsrRequest;
    std::int64_t partitions = 0;
  };
  std::vector<Sent> sent;

  std::vector<HistoryKind> interests() const override { return {HistoryKind::kControlRequestSent}; }
  void on_event(const sim::HistoryEvent& event, const model::Cluster&) override {
    sent.push_back({event.time, static_cast<BrokerId>(event.subject),
                    static_cast<model::MessageType>(event.a), event.b});
  }
  std::unique_ptr<model::Reader> clone() const override {
    return std::make_unique<ControlRequests>(*this);
  }
};

/// A committed write of a partition's state; epochs and versions relative to the start's (e, v).
struct StateWrite {
  BrokerId leader = model::kNoBroker;
  std::vector<BrokerId> isr;
  std::int64_t e = 0;
  std::int64_t v = 0;
  friend bool operator==(const StateWrite&, const StateWrite&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const StateWrite& write) {
  out << "leader " << write.leader << " isr [";
  for (const BrokerId id : write.isr) out << ' ' << id;
  return out << " ] e+" << write.e << " v+" << write.v;
}

inline scenarios::Scenario library_scenario(const std::string& name) {
  const auto* found = scenarios::find_library_scenario(name);
  if (found == nullptr) throw std::runtime_error("not in the library: " + name);
  scenarios::LoadResult loaded = scenarios::load_scenario_text(std::string(found->text), name);
  if (!loaded.ok()) throw std::runtime_error(loaded.text());
  return std::move(loaded.scenario);
}

class Timeline {
 public:
  explicit Timeline(const scenarios::Scenario& scenario) : Timeline(scenario, scenario.seed) {}
  Timeline(const scenarios::Scenario& scenario, std::uint64_t seed)
      : world(scenario, seed),
        acks(attach<Acks>(world)),
        requests_(attach<ControlRequests>(world)) {}

  World world;
  Acks* acks;

  /// Requests to the broker within [from, to]: L LeaderAndIsr, U UpdateMetadata, S StopReplica,
  /// each with its number of partitions: "L1 U1 U0".
  std::string sent_to(BrokerId broker, Time from, Time to) const {
    std::string text;
    for (const ControlRequests::Sent& each : requests_->sent) {
      if (each.to != broker || each.time < from || each.time > to) continue;
      if (!text.empty()) text += ' ';
      text += each.type == model::MessageType::kLeaderAndIsrRequest     ? 'L'
              : each.type == model::MessageType::kUpdateMetadataRequest ? 'U'
                                                                        : 'S';
      text += std::to_string(each.partitions);
    }
    return text;
  }
  std::vector<StateWrite> writes(const std::string& topic, Time from, Time to) const {
    std::vector<StateWrite> result;
    const auto all = events_of(world, HistoryKind::kPartitionState, 0, topic);
    for (const sim::HistoryEvent& event : all) {
      if (event.time < from || event.time > to) continue;
      StateWrite write;
      write.leader = static_cast<BrokerId>(event.a);
      for (const std::uint32_t id : world.cluster().history().list(event.b)) {
        write.isr.push_back(static_cast<BrokerId>(id));
      }
      write.e = epoch_of(event) - epoch_of(all.front());
      write.v = version_of(event) - version_of(all.front());
      result.push_back(write);
    }
    return result;
  }
  /// When the state was first written within [from, to]; kNever if it was not.
  Time written_at(const std::string& topic, Time from, Time to) const {
    const Time first = first_of(world, HistoryKind::kPartitionState, from, topic);
    return first > to ? sim::kNever : first;
  }
  /// First event of the kind from `from` on about a broker, by its id.
  Time seen(HistoryKind kind, BrokerId broker, Time from) const {
    for (const sim::HistoryEvent& event : world.events(kind, from)) {
      if (event.subject == static_cast<std::uint32_t>(broker)) return event.time;
    }
    return sim::kNever;
  }
  /// Events of the kind that a broker's process wrote within [from, to].
  std::vector<sim::HistoryEvent> by(BrokerId broker, HistoryKind kind, Time from,
                                    Time to = sim::kNever) const {
    std::vector<sim::HistoryEvent> result;
    for (const sim::HistoryEvent& event : world.events(kind, from)) {
      if (event.actor == process(broker) && event.time <= to) result.push_back(event);
    }
    return result;
  }
  model::ProcessId process(BrokerId broker) const {
    return world.cluster().catalog().broker_process(broker);
  }
  const model::Partition& replica(BrokerId broker, const std::string& topic) const {
    return replica_of(world, broker, topic);
  }
  std::int64_t high_watermark(BrokerId broker, const std::string& topic) const {
    return replica(broker, topic).log.high_watermark();
  }

 private:
  static std::int64_t epoch_of(const sim::HistoryEvent& event) { return event.c >> 32; }
  static std::int64_t version_of(const sim::HistoryEvent& event) { return event.c & 0xffffffff; }

  ControlRequests* requests_;
};

}  // namespace isrlab::test
