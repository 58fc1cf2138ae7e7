#include "scenarios/chaos/swarm.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <type_traits>

#include "model/settings.hpp"
#include "sim/random.hpp"

namespace isrlab::scenarios {

using sim::kMillisecond;
using sim::kSecond;

namespace {

/// A setting and what it is drawn from, beside its default.
template <class Config>
struct Drawn {
  std::int64_t Config::*member;
  std::array<std::int64_t, 5> values;
  std::size_t count;
};

/// A member that client settings share is converted to one of the owner's.
template <class Config, class... Values>
constexpr Drawn<Config> drawn(std::type_identity_t<std::int64_t Config::*> member,
                              Values... values) {
  return {member, {static_cast<std::int64_t>(values)...}, sizeof...(values)};
}

using B = model::BrokerConfig;
constexpr std::array kBroker = {
    drawn<B>(&B::zookeeper_session_timeout, 6 * kSecond, 9 * kSecond, 18 * kSecond),
    drawn<B>(&B::replica_lag_time_max, 3 * kSecond, 10 * kSecond, 30 * kSecond),
    drawn<B>(&B::replica_fetch_wait_max, 50 * kMillisecond, 500 * kMillisecond),
    drawn<B>(&B::replica_fetch_backoff, 100 * kMillisecond, 1 * kSecond),
    drawn<B>(&B::num_replica_fetchers, 1, 2),
    drawn<B>(&B::unclean_leader_election_enable, 0, 0, 1),
    drawn<B>(&B::auto_leader_rebalance_enable, 0, 1),
    drawn<B>(&B::leader_imbalance_check_interval, 5 * kSecond, 30 * kSecond),
    drawn<B>(&B::group_initial_rebalance_delay, 0, 500 * kMillisecond),
};

using P = model::ProducerConfig;
constexpr std::array kProducer = {
    drawn<P>(&P::acks, -1, -1, 1, 1, 0),
    drawn<P>(&P::linger, 5 * kMillisecond, 50 * kMillisecond),
    drawn<P>(&P::max_in_flight, 1, 5),
    drawn<P>(&P::request_timeout, 2 * kSecond, 30 * kSecond),
    drawn<P>(&P::delivery_timeout, 40 * kSecond, 120 * kSecond),
    drawn<P>(&P::batch_size, 1'000, 16'384),
    drawn<P>(&P::enable_idempotence, 0, 1),
};

using C = model::ConsumerConfig;
constexpr std::array kConsumer = {
    drawn<C>(&C::session_timeout, 6 * kSecond, 10 * kSecond),
    drawn<C>(&C::heartbeat_interval, 1 * kSecond, 2 * kSecond),
    drawn<C>(&C::auto_commit_interval, 500 * kMillisecond, 5 * kSecond),
    drawn<C>(&C::fetch_max_wait, 50 * kMillisecond, 500 * kMillisecond),
    drawn<C>(&C::max_poll_records, 10, 500),
};

constexpr std::string_view kMinIsr = "min.insync.replicas";
constexpr std::string_view kKeys = "keys";

template <class Config>
std::string_view name_of(std::span<const model::Setting<Config>> table,
                         std::int64_t Config::*member) {
  for (const model::Setting<Config>& setting : table) {
    if (setting.member == member) return setting.name;
  }
  return {};
}

class Drawer {
 public:
  Drawer(std::uint64_t seed, const ChaosSpec& chaos)
      : random_(seed, "swarm"), pinned_(&chaos.pinned) {}

  /// Draws all settings of one owner. One of four stays at Kafka's default: what works only
  /// because something else is changed, too, shows there. Every draw is made in any case, so that
  /// a setting that the file gives or pins moves no other one.
  template <class Config, std::size_t kCount>
  void draw(Config& config, const std::array<Drawn<Config>, kCount>& rows,
            std::span<const model::Setting<Config>> table) {
    for (const Drawn<Config>& row : rows) {
      const bool stays = random_.chance(1, 4);
      const std::int64_t value = row.values[random_.below(row.count)];
      const std::int64_t by_default = Config().*row.member;
      if (stays || config.*row.member != by_default || pinned(name_of(table, row.member))) continue;
      config.*row.member = value;
    }
  }
  bool pinned(std::string_view name) const {
    return std::find(pinned_->begin(), pinned_->end(), name) != pinned_->end();
  }
  sim::Random& random() { return random_; }

 private:
  sim::Random random_;
  const std::vector<std::string>* pinned_;
};

void draw_brokers(model::ClusterSpec& cluster, Drawer& drawer) {
  B config = cluster.brokers[0].config;  // the file has one block for all brokers
  drawer.draw(config, kBroker, model::broker_settings());
  for (model::BrokerSpec& broker : cluster.brokers) broker.config = config;
}

void draw_topics(model::ClusterSpec& cluster, Drawer& drawer) {
  for (model::TopicSpec& topic : cluster.topics) {
    const std::int64_t most = std::max(1, topic.replication_factor);
    const bool stays = drawer.random().chance(1, 4);
    const std::int64_t least = drawer.random().between(1, most);
    if (stays || drawer.pinned(kMinIsr)) continue;
    if (topic.config.min_insync_replicas == model::kInherit) {
      topic.config.min_insync_replicas = least;
    }
  }
}

void draw_producers(model::ClusterSpec& cluster, Drawer& drawer) {
  for (model::ProducerSpec& producer : cluster.producers) {
    P& config = producer.config;
    drawer.draw(config, kProducer, model::producer_settings());
    // Kafka turns it off by itself when acks do not allow it and it was not asked for.
    if (config.acks != -1) config.enable_idempotence = 0;
    const std::int64_t keys = drawer.random().chance(1, 2) ? 0 : 16;
    if (producer.key_count == 0 && !drawer.pinned(kKeys)) {
      producer.key_count = static_cast<std::int32_t>(keys);
    }
  }
}

void draw_groups(model::ClusterSpec& cluster, Drawer& drawer) {
  for (model::ConsumerGroupSpec& group : cluster.groups) {
    drawer.draw(group.config, kConsumer, model::consumer_settings());
  }
}

template <class Config, std::size_t kCount>
void add_names(std::vector<std::string>& names, const std::array<Drawn<Config>, kCount>& rows,
               std::span<const model::Setting<Config>> table) {
  for (const Drawn<Config>& row : rows) names.emplace_back(name_of(table, row.member));
}

}  // namespace

std::vector<std::string> swarm_settings() {
  std::vector<std::string> names;
  add_names(names, kBroker, model::broker_settings());
  add_names(names, kProducer, model::producer_settings());
  add_names(names, kConsumer, model::consumer_settings());
  names.emplace_back(kMinIsr);
  names.emplace_back(kKeys);
  return names;
}

std::shared_ptr<const Scenario> swarm_variant(std::shared_ptr<const Scenario> scenario,
                                              std::uint64_t seed) {
  if (!scenario->chaos.on || !scenario->chaos.swarm) return scenario;
  auto drawn = std::make_shared<Scenario>(*scenario);
  Drawer drawer(seed, scenario->chaos);
  draw_brokers(drawn->cluster, drawer);
  draw_topics(drawn->cluster, drawer);
  draw_producers(drawn->cluster, drawer);
  draw_groups(drawn->cluster, drawer);
  return drawn;
}

}  // namespace isrlab::scenarios
