// Generators of clusters, loads and schedules for property tests with rapidcheck. What they draw
// always loads, and shrinks: fewer nodes, fewer and earlier and shorter faults, defaults first.
//
//   rc::check("no acknowledged record is lost", [] {
//     const auto cluster = *isrlab::gen::clusters();
//     const auto schedule = *isrlab::gen::schedules(cluster);
//     ...
#pragma once
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "results/lab/lab.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::gen {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Both ends included.
struct Between {
  int low;
  int high;
};

struct ClusterBounds {
  Between brokers = {1, 5};
  std::vector<int> zookeeper = {1, 3, 5};
  std::string topic = "orders";
  Between partitions = {1, 4};
  Between replication = {1, 4};  // never more than there are brokers
  Between min_isr = {1, 4};      // never more than there are replicas
  /// zookeeper.session.timeout.ms and replica.lag.time.max.ms; of lists the first is the simplest.
  std::vector<seconds> session = {seconds(6), seconds(9), seconds(18)};
  std::vector<seconds> lag = {seconds(5), seconds(10), seconds(30)};
};

struct LoadBounds {
  std::string topic = "orders";
  std::vector<std::string> acks = {"all", "all", "1", "0"};
  std::vector<milliseconds> interval = {milliseconds(100), milliseconds(20), milliseconds(5)};
  std::vector<milliseconds> linger = {milliseconds(0), milliseconds(5)};
  std::vector<int> keys = {0, 7};  // 0: records without a key
  std::string group = "billing";
  Between members = {1, 3};
};

struct ScheduleBounds {
  /// Words of `isrlab list faults`.
  std::vector<std::string> faults = {"kill", "pause",     "isolate",
                                     "stop", "slow_link", "expire_session"};
  /// Selectors; when empty, those of targets_of().
  std::vector<std::string> targets;
  Between count = {0, 4};
  milliseconds from = milliseconds(1'000);
  milliseconds until = milliseconds(45'000);
  /// Length of a fault, or time until a dead process is started again.
  milliseconds shortest = milliseconds(100);
  milliseconds longest = milliseconds(25'000);
};

namespace detail {

inline rc::Gen<int> within(Between range) {
  return rc::gen::inRange(range.low, range.high + 1);
}

/// Shrinks towards the first.
template <class T>
rc::Gen<T> one_of(std::vector<T> choices) {
  const auto size = static_cast<int>(choices.size());
  return rc::gen::map(rc::gen::inRange(0, std::max(size, 1)),
                      [choices = std::move(choices)](int index) {
                        return choices.at(static_cast<std::size_t>(index));
                      });
}

inline rc::Gen<milliseconds> time_within(milliseconds low, milliseconds high) {
  return rc::gen::map(rc::gen::inRange(low.count(), high.count() + 1),
                      [](milliseconds::rep count) { return milliseconds(count); });
}

inline bool takes(const scenarios::FaultInfo& fault, std::string_view field) {
  return std::find(fault.fields.begin(), fault.fields.end(), field) != fault.fields.end();
}

/// The fields are those of the registry's row.
inline lab::Fault make_fault(const std::string& word, const std::string& target, milliseconds at,
                             milliseconds length) {
  const scenarios::FaultInfo* info = scenarios::find_fault(word);
  const bool special =
      info != nullptr && scenarios::example_target(info->action) != std::string_view("broker-1");
  const std::string aimed = special ? std::string(scenarios::example_target(info->action)) : target;
  lab::Fault fault = lab::at(at).does(word, aimed);
  if (info == nullptr) return fault;  // the loader says what is known
  if (takes(*info, "latency")) fault.latency(milliseconds(40));
  if (takes(*info, "offset")) fault.with("offset", milliseconds(-1'500));
  if (takes(*info, "ppm")) fault.with("ppm", -300);
  if (takes(*info, "for")) fault.lasts(length);
  if (info->action == scenarios::FaultAction::kHold) fault.with("from", "all");
  if (takes(*info, "restart")) fault.restart_after(length);
  return fault;
}

}  // namespace detail

/// Selectors for every node of a cluster, and for the roles that move: controller, leader of the
/// first partition of each topic, ZooKeeper's leader.
inline std::vector<std::string> targets_of(const lab::Cluster& cluster) {
  std::vector<std::string> targets = {"controller"};
  for (const lab::Topic& topic : cluster.topics()) {
    targets.push_back("leader of " + topic.name() + "-0");
  }
  for (int id = 1; id <= cluster.broker_count(); ++id) {
    targets.push_back("broker-" + std::to_string(id));
  }
  targets.emplace_back("zk:leader");
  for (int id = 1; id <= cluster.zookeeper_count(); ++id) {
    targets.push_back("zk-" + std::to_string(id));
  }
  return targets;
}

/// Clusters with one topic. The topic of the offsets has three partitions, to keep runs short.
inline rc::Gen<lab::Cluster> clusters(const ClusterBounds& bounds = {}) {
  return rc::gen::apply(
      [topic = bounds.topic](int brokers, int servers, int partitions, int replicas, int min_isr,
                             seconds session, seconds lag) {
        const int factor = std::min(replicas, brokers);
        return lab::Cluster()
            .brokers(brokers)
            .zookeeper(servers)
            .set("zookeeper.session.timeout.ms", session)
            .set("replica.lag.time.max.ms", lag)
            .set("offsets.topic.num.partitions", 3)
            .set("offsets.topic.replication.factor", std::min(brokers, 3))
            .topic(lab::Topic(topic)
                       .partitions(partitions)
                       .replication(factor)
                       .set("min.insync.replicas", std::min(min_isr, factor)));
      },
      detail::within(bounds.brokers), detail::one_of(bounds.zookeeper),
      detail::within(bounds.partitions), detail::within(bounds.replication),
      detail::within(bounds.min_isr), detail::one_of(bounds.session), detail::one_of(bounds.lag));
}

/// One producer and one consumer group of a topic.
inline rc::Gen<lab::Load> loads(const LoadBounds& bounds = {}) {
  return rc::gen::apply(
      [topic = bounds.topic, group = bounds.group](const std::string& acks, milliseconds interval,
                                                   milliseconds linger, int keys, int members) {
        lab::Producer producer(topic);
        producer.interval(interval).set("acks", acks).set("linger.ms", linger);
        // Kafka refuses idempotence with less than acks=all.
        if (acks != "all") producer.set("enable.idempotence", false);
        if (keys > 0) producer.keys(keys);
        return lab::Load().producer(producer).group(
            lab::Group(group, {topic}).members(members).set("auto.offset.reset", "earliest"));
      },
      detail::one_of(bounds.acks), detail::one_of(bounds.interval), detail::one_of(bounds.linger),
      detail::one_of(bounds.keys), detail::within(bounds.members));
}

/// One fault with a length; a dead process is started again after it.
inline rc::Gen<lab::Fault> faults(const lab::Cluster& cluster, const ScheduleBounds& bounds = {}) {
  return rc::gen::apply(
      detail::make_fault, detail::one_of(bounds.faults),
      detail::one_of(bounds.targets.empty() ? targets_of(cluster) : bounds.targets),
      detail::time_within(bounds.from, bounds.until),
      detail::time_within(bounds.shortest, bounds.longest));
}

/// Schedules for this cluster. Shrinks by leaving faults out, then by making each earlier and
/// shorter.
inline rc::Gen<lab::Schedule> schedules(const lab::Cluster& cluster,
                                        const ScheduleBounds& bounds = {}) {
  using List = std::vector<lab::Fault>;
  const rc::Gen<lab::Fault> fault = faults(cluster, bounds);
  const int optional = std::max(bounds.count.high - bounds.count.low, 0);
  return rc::gen::apply(
      [](List list, const List& more) {
        list.insert(list.end(), more.begin(), more.end());
        return lab::Schedule(std::move(list));
      },
      rc::gen::container<List>(static_cast<std::size_t>(bounds.count.low), fault),
      // A list's length goes up to its size: more faults as the test goes on, each of full size.
      rc::gen::withSize([fault, optional](int size) {
        const int length = optional * std::min(size + 1, rc::kNominalSize) / rc::kNominalSize;
        return rc::gen::resize(length, rc::gen::container<List>(rc::gen::resize(size, fault)));
      }));
}

/// Seeds; 32 bits, short enough to be typed.
inline rc::Gen<std::uint64_t> seeds() {
  return rc::gen::map(rc::gen::arbitrary<std::uint32_t>(),
                      [](std::uint32_t seed) { return static_cast<std::uint64_t>(seed); });
}

}  // namespace isrlab::gen
