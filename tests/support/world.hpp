// Scenario tests read as scripts: build a cluster, act, run until, expect. A thin layer over
// scenarios::Run with the words of the field.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/invariants/invariant.hpp"
#include "scenarios/run.hpp"

namespace isrlab::test {

using model::BrokerId;
using model::HistoryKind;
using sim::Duration;
using sim::Time;

/// Three brokers, three ZooKeeper servers, topic `orders` with 3 partitions, RF 3, min ISR 2, one
/// acks=all producer of 200 records/s and one group: the cluster of the library's crash scenarios.
scenarios::Scenario standard_scenario();

class World {
 public:
  explicit World(scenarios::Scenario scenario, std::uint64_t seed = 1);

  const model::Cluster& cluster() const { return run_.cluster(); }
  scenarios::Run& run() { return run_; }
  void until(Time time) { run_.run_until(time); }
  /// Runs until the condition holds after some event; the time it did, kNever if not by `latest`.
  template <class Condition>
  Time until_true(Time latest, Condition condition) {
    while (run_.step(latest)) {
      if (condition()) return cluster().now();
    }
    return sim::kNever;
  }
  void inject(scenarios::FaultAction action, const std::string& selector, Duration lasts = -1);

  BrokerId leader(const std::string& topic, std::int32_t partition) const;
  std::vector<BrokerId> isr(const std::string& topic, std::int32_t partition) const;
  std::int32_t leader_epoch(const std::string& topic, std::int32_t partition) const;
  std::int32_t partition_epoch(const std::string& topic, std::int32_t partition) const;
  model::PartitionId partition(const std::string& topic, std::int32_t number) const;
  /// Kept events of a kind at or after `from`.
  std::vector<sim::HistoryEvent> events(HistoryKind kind, Time from = 0) const;
  std::uint64_t messages(model::MessageType type) const {
    return cluster().engine().messages_sent()[static_cast<std::size_t>(type)];
  }
  /// Text of every invariant that is broken, empty if none.
  std::string broken_invariants() const;
  /// The same, of those that the configuration promises only.
  std::string broken_promises() const;

 private:
  std::string broken(bool promised_only) const;
  scenarios::Run run_;
};

/// Sets of broker ids, sorted.
std::vector<BrokerId> sorted(std::vector<BrokerId> ids);

}  // namespace isrlab::test
