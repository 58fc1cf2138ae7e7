// A cluster in code: brokers, ZooKeeper servers, their settings, and topics.
//
//   Cluster().brokers(3).zookeeper(3).set("zookeeper.session.timeout.ms", 9s)
//       .topic(Topic("orders").partitions(3).replication(3).set("min.insync.replicas", 2));
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "results/lab/setting.hpp"

namespace isrlab::lab {

/// A topic, created as soon as the cluster serves. set() takes topic settings.
class Topic : public Section<Topic> {
 public:
  explicit Topic(std::string name);
  /// Kafka's num.partitions when left out.
  Topic& partitions(int count);
  /// Replicas of each partition; Kafka's default.replication.factor when left out.
  Topic& replication(int factor);
  /// Replicas by hand: broker ids for each partition in turn, leader first.
  Topic& assignment(const std::vector<std::vector<int>>& replicas);

  const std::string& name() const { return name_; }
  /// As said by partitions(), 1 if nothing was said.
  int partition_count() const;

 private:
  std::string name_;
};

/// Brokers broker-1, broker-2 .. and ZooKeeper servers zk-1, zk-2 ..; three of each when nothing is
/// said. Racks are given in turn; a shorter list starts again.
class Cluster {
 public:
  Cluster& brokers(int count, const std::vector<std::string>& racks = {});
  Cluster& zookeeper(int count, const std::vector<std::string>& racks = {});
  /// A setting of all brokers by Kafka's name.
  Cluster& set(std::string_view name, const Setting& value);
  /// A setting of all ZooKeeper servers by ZooKeeper's name: "tickTime", "syncLimit" ..
  Cluster& set_zookeeper(std::string_view name, const Setting& value);
  /// Any other word that the format has for brokers: "disk", "startup" ..
  Cluster& with(std::string_view word, const Setting& value);
  Cluster& topic(Topic topic);

  int broker_count() const { return brokers_; }
  int zookeeper_count() const { return servers_; }
  const std::vector<Topic>& topics() const { return topics_; }

  /// The sections "cluster" and "topics" of the format.
  scenarios::Value cluster_value() const;
  scenarios::Value topics_value() const;

 private:
  int brokers_ = 3;
  int servers_ = 3;
  scenarios::Value broker_words_ = scenarios::Value::object();
  scenarios::Value broker_config_ = scenarios::Value::object();
  scenarios::Value zookeeper_words_ = scenarios::Value::object();
  std::vector<Topic> topics_;
};

/// As JSON on one line, for the messages of failed tests.
std::ostream& operator<<(std::ostream& stream, const Cluster& cluster);

}  // namespace isrlab::lab
