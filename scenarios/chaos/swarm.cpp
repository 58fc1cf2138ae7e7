#include "scenarios/chaos/swarm.hpp"

#include <algorithm>
#include <initializer_list>

#include "sim/random.hpp"

namespace isrlab::scenarios {

using sim::kMillisecond;
using sim::kSecond;

namespace {

class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : random_(seed, "swarm") {}

  /// One of the values, if the setting still has its default. The draw is made in any case, so that
  /// a setting in the file moves no other one.
  template <class Config, class Owner>
  void draw(Config& config, std::int64_t Owner::*member, std::initializer_list<std::int64_t> from) {
    const std::int64_t value = from.begin()[random_.below(from.size())];
    if (config.*member == Config().*member) config.*member = value;
  }
  sim::Random& random() { return random_; }

 private:
  sim::Random random_;
};

void draw_brokers(model::ClusterSpec& cluster, Drawer& drawer) {
  using B = model::BrokerConfig;
  B config = cluster.brokers[0].config;  // the file has one block for all brokers
  drawer.draw(config, &B::zookeeper_session_timeout, {6 * kSecond, 9 * kSecond, 18 * kSecond});
  drawer.draw(config, &B::replica_lag_time_max, {3 * kSecond, 10 * kSecond, 30 * kSecond});
  drawer.draw(config, &B::replica_fetch_wait_max, {50 * kMillisecond, 500 * kMillisecond});
  drawer.draw(config, &B::replica_fetch_backoff, {100 * kMillisecond, 1 * kSecond});
  drawer.draw(config, &B::num_replica_fetchers, {1, 1, 2});
  drawer.draw(config, &B::unclean_leader_election_enable, {0, 0, 0, 1});
  drawer.draw(config, &B::auto_leader_rebalance_enable, {0, 1});
  drawer.draw(config, &B::leader_imbalance_check_interval, {5 * kSecond, 30 * kSecond});
  drawer.draw(config, &B::group_initial_rebalance_delay, {0, 500 * kMillisecond, 3 * kSecond});
  for (model::BrokerSpec& broker : cluster.brokers) broker.config = config;
}

void draw_topics(model::ClusterSpec& cluster, Drawer& drawer) {
  for (model::TopicSpec& topic : cluster.topics) {
    const std::int64_t most = std::max(1, topic.replication_factor);
    const std::int64_t least = drawer.random().between(1, most);
    if (topic.config.min_insync_replicas == model::kInherit) {
      topic.config.min_insync_replicas = least;
    }
  }
}

void draw_producers(model::ClusterSpec& cluster, Drawer& drawer) {
  using P = model::ProducerConfig;
  for (model::ProducerSpec& producer : cluster.producers) {
    P& config = producer.config;
    drawer.draw(config, &P::acks, {-1, -1, -1, 1, 0});
    drawer.draw(config, &P::linger, {0, 5 * kMillisecond, 50 * kMillisecond});
    drawer.draw(config, &P::max_in_flight, {1, 5});
    drawer.draw(config, &P::request_timeout, {2 * kSecond, 30 * kSecond});
    drawer.draw(config, &P::delivery_timeout, {40 * kSecond, 120 * kSecond});
    drawer.draw(config, &P::batch_size, {1'000, 16'384});
    drawer.draw(config, &P::enable_idempotence, {0, 1, 1});
    // Kafka turns it off by itself when acks do not allow it and it was not asked for.
    if (config.acks != -1) config.enable_idempotence = 0;
    const std::int64_t keys = drawer.random().chance(1, 2) ? 0 : 16;
    if (producer.key_count == 0) producer.key_count = static_cast<std::int32_t>(keys);
  }
}

void draw_groups(model::ClusterSpec& cluster, Drawer& drawer) {
  using C = model::ConsumerConfig;
  for (model::ConsumerGroupSpec& group : cluster.groups) {
    C& config = group.config;
    drawer.draw(config, &C::session_timeout, {6 * kSecond, 10 * kSecond, 45 * kSecond});
    drawer.draw(config, &C::heartbeat_interval, {1 * kSecond, 2 * kSecond});
    drawer.draw(config, &C::auto_commit_interval, {500 * kMillisecond, 5 * kSecond});
    drawer.draw(config, &C::fetch_max_wait, {50 * kMillisecond, 500 * kMillisecond});
    drawer.draw(config, &C::max_poll_records, {10, 500});
  }
}

}  // namespace

std::shared_ptr<const Scenario> swarm_variant(std::shared_ptr<const Scenario> scenario,
                                              std::uint64_t seed) {
  if (!scenario->chaos.on || !scenario->chaos.swarm) return scenario;
  auto drawn = std::make_shared<Scenario>(*scenario);
  Drawer drawer(seed);
  draw_brokers(drawn->cluster, drawer);
  draw_topics(drawn->cluster, drawer);
  draw_producers(drawn->cluster, drawer);
  draw_groups(drawn->cluster, drawer);
  return drawn;
}

}  // namespace isrlab::scenarios
