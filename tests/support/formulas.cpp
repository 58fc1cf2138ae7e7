#include "tests/support/formulas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "scenarios/faults/selector.hpp"
#include "scenarios/run.hpp"

namespace isrlab::test {
namespace {

using model::BrokerId;
using model::HistoryKind;
using scenarios::FaultAction;
using scenarios::Run;
using scenarios::Scenario;
using sim::Duration;
using sim::kMillisecond;
using sim::kSecond;
using sim::Time;

double seconds(Duration duration) {
  return static_cast<double>(duration) / static_cast<double>(kSecond);
}

/// One partition on brokers 1 (leader) to `replicas`, one producer, no reader, no jitter.
Scenario one_partition(int replicas) {
  Scenario scenario;
  scenario.name = "formulas";
  scenario.duration = 3600 * kSecond;
  model::ClusterSpec& cluster = scenario.cluster;
  cluster.within_rack = {250 * sim::kMicrosecond, 0, 0};
  std::vector<std::int32_t> placement;
  for (std::int32_t id = 1; id <= 3; ++id) {
    model::BrokerSpec broker;
    broker.id = id;
    broker.config.offsets_topic_num_partitions = 1;
    broker.config.auto_leader_rebalance_enable = 0;
    cluster.brokers.push_back(broker);
    cluster.zookeeper.push_back({id, ""});
    if (id <= replicas) placement.push_back(id);
  }
  model::TopicSpec topic;
  topic.name = "orders";
  topic.replication_factor = replicas;
  topic.assignment = {placement};
  cluster.topics.push_back(topic);
  model::ProducerSpec producer;
  producer.name = "p1";
  producer.topic = "orders";
  cluster.producers.push_back(producer);
  return scenario;
}

scenarios::FaultSpec fault(FaultAction action, const std::string& who, Duration lasts,
                           const std::string& others = "") {
  scenarios::FaultSpec result;
  result.action = action;
  std::string what;
  std::string fix;
  if (!scenarios::parse_selector(who, result.who, what, fix) ||
      (!others.empty() && !scenarios::parse_selector(others, result.from, what, fix))) {
    throw std::runtime_error("bad selector: " + what);
  }
  result.lasts = lasts;
  result.restart_after = lasts;
  result.text = who;
  return result;
}

Run start(Scenario scenario, std::uint64_t seed = 1) {
  return Run(std::make_shared<const Scenario>(std::move(scenario)), seed);
}

/// At 15 s, under a seed by which broker 3 is the controller: losing broker 2 costs no fail-over.
Run led_by_3(const Scenario& scenario) {
  for (std::uint64_t seed = 1;; ++seed) {
    Run run = start(scenario, seed);
    run.run_until(15 * kSecond);
    if (run.cluster().controller() == 3) return run;
  }
}

const model::PartitionLog& log_of(const Run& run, BrokerId broker) {
  return run.cluster().broker(broker).partition(0)->log;
}

template <class Condition>
Time until_true(Run& run, Time latest, Condition condition) {
  while (run.step(latest)) {
    if (condition()) return run.cluster().now();
  }
  throw std::runtime_error("a formula's run did not come to its end");
}

/// The longest time between two rises of the leader's high watermark from here on.
Duration stall(Run& run, Duration within) {
  const Time from = run.cluster().now();
  Time last = from;
  Duration longest = 0;
  std::int64_t high_watermark = log_of(run, 1).high_watermark();
  while (run.step(from + within)) {
    const std::int64_t now = log_of(run, 1).high_watermark();
    if (now == high_watermark) continue;
    high_watermark = now;
    longest = std::max(longest, run.cluster().now() - last);
    last = run.cluster().now();
  }
  return longest;
}

Time first_event(const Run& run, HistoryKind kind, Time from) {
  const sim::History& history = run.cluster().history();
  for (std::uint32_t id = 1; id <= history.size(); ++id) {
    const sim::HistoryEvent& event = history[id];
    if (event.kind == static_cast<std::uint16_t>(kind) && event.time >= from) return event.time;
  }
  return sim::kNever;
}

Scenario writing(int lag, int rate) {
  Scenario scenario = one_partition(2);
  for (auto& broker : scenario.cluster.brokers) {
    broker.config.replica_lag_time_max = lag * kSecond;
  }
  scenario.cluster.producers[0].interval = kSecond / rate;
  scenario.cluster.producers[0].record_bytes = 200;
  return scenario;
}

/// The time of acknowledged records, by a reader: the sum of latencies and their number.
class Latencies final : public model::Reader {
 public:
  std::vector<HistoryKind> interests() const override {
    return {HistoryKind::kRecordsSent, HistoryKind::kRecordsAcked};
  }
  void on_event(const sim::HistoryEvent& event, const model::Cluster&) override {
    if (event.kind == static_cast<std::uint16_t>(HistoryKind::kRecordsSent)) {
      sent_ = event.time;
      record_ = event.a;
    } else if (event.a == record_ && event.time > 20 * kSecond) {
      total += event.time - sent_;
      ++count;
    }
  }
  std::unique_ptr<model::Reader> clone() const override {
    return std::make_unique<Latencies>(*this);
  }
  Duration total = 0;
  std::int64_t count = 0;

 private:
  Time sent_ = 0;
  std::int64_t record_ = -1;
};

/// Up to what is on its way: a follower that keeps up need never hold the very last record.
bool caught_up(const Run& run) {
  return log_of(run, 2).log_end_offset() + 10 >= log_of(run, 1).log_end_offset();
}

/// Broker 2 is down from 15 s on for `outage` seconds and a start.
Run with_backlog(const Scenario& scenario, int outage) {
  Run run = led_by_3(scenario);
  run.inject(fault(FaultAction::kKill, "broker-2", outage * kSecond));
  const std::int64_t behind = log_of(run, 2).log_end_offset();
  until_true(run, (outage + 60) * kSecond,
             [&] { return log_of(run, 2).log_end_offset() > behind; });
  return run;
}

Scenario streaming(double megabytes_per_second) {
  Scenario scenario = one_partition(2);
  model::ProducerSpec& producer = scenario.cluster.producers[0];
  producer.record_bytes = 10'000;
  producer.interval =
      static_cast<Duration>(10'000.0 / (megabytes_per_second * 1e6) * static_cast<double>(kSecond));
  producer.config.acks = 0;
  producer.config.enable_idempotence = 0;
  producer.config.linger = 0;
  return scenario;
}

}  // namespace

FormulaRow stall_of_a_follower_cut_off(int lag, int rate, int phases) {
  double total = 0;
  for (int i = 0; i < phases; ++i) {
    Run run = led_by_3(writing(lag, rate));
    run.run_until(20 * kSecond + i * (lag * kSecond / 2) / phases);
    run.inject(fault(FaultAction::kPartition, "broker-2", 3 * lag * kSecond, "broker-1"));
    total += seconds(stall(run, 2 * lag * kSecond));
  }
  return {"F6",
          fmt::format("follower cut off, replica.lag.time.max.ms={}s, {} records/s", lag, rate),
          1.25 * lag, total / phases};
}

FormulaRow stall_of_a_dead_follower(int lag, int session, int phases) {
  double expected = 0;
  double measured = 0;
  for (int i = 0; i < phases; ++i) {
    Scenario scenario = writing(lag, 50);
    for (auto& broker : scenario.cluster.brokers) {
      broker.config.zookeeper_session_timeout = session * kSecond;
    }
    Run run = led_by_3(scenario);
    run.run_until(20 * kSecond + i * (lag * kSecond / 2) / phases);
    const Time killed = run.cluster().now();
    run.inject(fault(FaultAction::kKill, "broker-2", -1));
    measured += seconds(stall(run, 2 * std::max(lag, session) * kSecond));
    const Time expired = first_event(run, HistoryKind::kZkSessionExpired, killed);
    // The lag ends between L and 1.5 L after the last fetch: here at the mean of the phases.
    expected += std::min(1.25 * lag, seconds(expired - killed));
  }
  return {"F6",
          fmt::format("follower killed, replica.lag.time.max.ms={}s, session {}s", lag, session),
          expected / phases, measured / phases};
}

FormulaRow catch_up(double produce, double replicate, int outage) {
  Scenario scenario = streaming(produce);
  scenario.cluster.nic_bytes_per_second = static_cast<std::int64_t>(replicate * 1e6);
  Run run = with_backlog(scenario, outage);
  const Time begun = run.cluster().now();
  const double backlog =
      static_cast<double>(log_of(run, 1).size_bytes() - log_of(run, 2).size_bytes());
  const Time done = until_true(run, begun + 1200 * kSecond, [&] { return caught_up(run); });
  const double batch = 10'000 + 100;  // bytes on the wire for one record, with its headers
  const double rate = produce * 1e6 * batch / 10'000;
  return {"F8", fmt::format("rp={} MB/s, rf={} MB/s, down for {} s", produce, replicate, outage),
          backlog / (replicate * 1e6 - rate), seconds(done - begun)};
}

FormulaRow throttled_catch_up(double throttle, int outage) {
  Scenario scenario = streaming(1);
  scenario.cluster.producers[0].stop = (15 + outage) * kSecond;
  scenario.cluster.topics[0].config.leader_replication_throttled_replicas = "0:1";
  for (auto& broker : scenario.cluster.brokers) {
    broker.config.leader_replication_throttled_rate = static_cast<std::int64_t>(throttle * 1e6);
    broker.config.replica_fetch_max_bytes = 100'000;
  }
  Run run = with_backlog(scenario, outage);
  const Time begun = run.cluster().now();
  const double backlog =
      static_cast<double>(log_of(run, 1).size_bytes() - log_of(run, 2).size_bytes());
  const Time done = until_true(run, begun + 3600 * kSecond, [&] { return caught_up(run); });
  return {"F8", fmt::format("leader throttle {} MB/s, down for {} s", throttle, outage),
          backlog / (throttle * 1e6), seconds(done - begun)};
}

FormulaRow latency_of_acks_all(int client_rtt, int follower_rtt, int other_rtt, int record_bytes) {
  Scenario scenario = one_partition(3);
  const auto link = [&](const std::string& left, const std::string& right, int rtt) {
    scenario.cluster.links.push_back({left, right, {rtt * kMillisecond / 2, 0, 0}});
  };
  link("p1", "broker-1", client_rtt);
  link("broker-1", "broker-2", follower_rtt);
  link("broker-1", "broker-3", other_rtt);
  model::ProducerSpec& producer = scenario.cluster.producers[0];
  producer.interval = 500 * kMillisecond;
  producer.record_bytes = record_bytes;
  Run run = start(std::move(scenario));
  Latencies* latencies = run.readers().add(std::make_unique<Latencies>());
  run.run_until(120 * kSecond);
  const double mean =
      latencies->count == 0 ? 0 : seconds(latencies->total) / static_cast<double>(latencies->count);
  return {"F11",
          fmt::format("client {} ms, followers {} and {} ms, {} bytes", client_rtt, follower_rtt,
                      other_rtt, record_bytes),
          (client_rtt + std::max(follower_rtt, other_rtt)) / 1000.0, mean};
}

std::vector<FormulaRow> all_formula_rows() {
  std::vector<FormulaRow> rows;
  for (const int lag : {6, 10, 30}) {
    for (const int rate : {20, 200}) rows.push_back(stall_of_a_follower_cut_off(lag, rate, 16));
  }
  for (const int lag : {6, 10, 30}) rows.push_back(stall_of_a_dead_follower(lag, 18, 16));
  for (const double replicate : {5.0, 10.0, 20.0}) {
    for (const double produce : {1.0, 2.0, 4.0}) {
      if (2 * produce <= replicate) rows.push_back(catch_up(produce, replicate, 60));
    }
  }
  for (const double throttle : {0.5, 1.0, 2.0}) {
    for (const int outage : {60, 180}) rows.push_back(throttled_catch_up(throttle, outage));
  }
  for (const int client : {1, 10}) {
    for (const int follower : {1, 50, 200}) {
      for (const int bytes : {100, 10'000}) {
        rows.push_back(latency_of_acks_all(client, follower, 1, bytes));
      }
    }
  }
  return rows;
}

}  // namespace isrlab::test
