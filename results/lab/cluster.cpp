#include "results/lab/cluster.hpp"

#include <ostream>

namespace isrlab::lab {

using scenarios::Value;

Topic::Topic(std::string name) : name_(std::move(name)) {
  with("name", name_);
}

Topic& Topic::partitions(int count) {
  return with("partitions", count);
}

Topic& Topic::replication(int factor) {
  return with("replication.factor", factor);
}

Topic& Topic::assignment(const std::vector<std::vector<int>>& replicas) {
  Value partitions = Value::list();
  for (const std::vector<int>& ids : replicas) {
    Value list = Value::list();
    for (const int id : ids) list.push(Value::of_integer(id));
    partitions.push(std::move(list));
  }
  return with("assignment", Setting(std::move(partitions)));
}

int Topic::partition_count() const {
  const Value* count = value().find("partitions");
  return count == nullptr ? 1 : static_cast<int>(count->magnitude);
}

Cluster& Cluster::brokers(int count, const std::vector<std::string>& racks) {
  brokers_ = count;
  if (!racks.empty()) broker_words_.set("racks", texts(racks));
  return *this;
}

Cluster& Cluster::zookeeper(int count, const std::vector<std::string>& racks) {
  servers_ = count;
  if (!racks.empty()) zookeeper_words_.set("racks", texts(racks));
  return *this;
}

Cluster& Cluster::set(std::string_view name, const Setting& value) {
  broker_config_.set(name, value.value());
  return *this;
}

Cluster& Cluster::set_zookeeper(std::string_view name, const Setting& value) {
  zookeeper_words_.set(name, value.value());
  return *this;
}

Cluster& Cluster::with(std::string_view word, const Setting& value) {
  broker_words_.set(word, value.value());
  return *this;
}

Cluster& Cluster::topic(Topic topic) {
  topics_.push_back(std::move(topic));
  return *this;
}

Value Cluster::cluster_value() const {
  Value brokers = broker_words_;
  brokers.set("count", Value::of_integer(brokers_));
  if (!broker_config_.keys.empty()) brokers.set("config", broker_config_);
  Value zookeeper = zookeeper_words_;
  zookeeper.set("count", Value::of_integer(servers_));
  Value cluster = Value::object();
  cluster.set("brokers", std::move(brokers));
  cluster.set("zookeeper", std::move(zookeeper));
  return cluster;
}

Value Cluster::topics_value() const {
  Value topics = Value::list();
  for (const Topic& topic : topics_) topics.push(topic.value());
  return topics;
}

std::ostream& operator<<(std::ostream& stream, const Cluster& cluster) {
  return stream << scenarios::to_json(cluster.cluster_value()) << ", topics "
                << scenarios::to_json(cluster.topics_value());
}

}  // namespace isrlab::lab
