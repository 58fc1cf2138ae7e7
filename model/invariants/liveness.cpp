#include "model/invariants/liveness.hpp"

#include <algorithm>

#include "model/zookeeper/sessions.hpp"

namespace isrlab::model {

namespace {

constexpr Duration kLook = 1 * sim::kSecond;
constexpr Duration kRoundTrips = 1 * sim::kSecond;  // a few of them, with processing

using K = HistoryKind;
constexpr std::array kDisturbances = {
    K::kProcessStarted, K::kProcessKilled, K::kProcessExited, K::kProcessPaused, K::kProcessResumed,
    K::kFaultInjected,  K::kFaultHealed,   K::kZkLooking,     K::kZkLeading,     K::kZkFollowing};

template <class Get>
Duration largest(const Catalog& catalog, Get get) {
  Duration value = 0;
  for (const BrokerSpec& broker : catalog.spec().brokers) {
    value = std::max<Duration>(value, get(broker.config));
  }
  return value;
}

/// Bytes per second that all producers write, without retries.
std::int64_t produced_bytes_per_second(const Catalog& catalog) {
  std::int64_t bytes = 0;
  for (const ProducerSpec& producer : catalog.spec().producers) {
    if (producer.interval == 0) continue;
    bytes += (producer.record_bytes + 100) * sim::kSecond / producer.interval;
  }
  return bytes;
}

/// Bytes per second at which one broker can take in what it missed.
std::int64_t replication_bytes_per_second(const Catalog& catalog) {
  const ClusterSpec& spec = catalog.spec();
  std::int64_t rate = spec.disk_bytes_per_second > 0 ? spec.disk_bytes_per_second : 250'000'000;
  if (spec.nic_bytes_per_second > 0) rate = std::min(rate, spec.nic_bytes_per_second);
  return rate;
}

}  // namespace

std::vector<HistoryKind> LivenessInvariant::interests() const {
  std::vector<HistoryKind> kinds(kDisturbances.begin(), kDisturbances.end());
  for (const HistoryKind kind : more_interests()) kinds.push_back(kind);
  return kinds;
}

void LivenessInvariant::check(const sim::HistoryEvent& event, const RunView& view) {
  if (std::find(kDisturbances.begin(), kDisturbances.end(), kind_of(event)) ==
      kDisturbances.end()) {
    return on_change(event, view);
  }
  disturbed_ = event.time;
  silence_ = silence_ || !view.calm();
  disturbance_ = event.id;
  marked_ = false;
  due_ = event.time + view.stretched(settles_within());
}

void LivenessInvariant::look(Time now, const RunView& view) {
  next_look_ = now + kLook;
  if (now < due_) return;
  if (!view.calm()) {
    due_ = sim::kNever;  // the healing will start the clock
    return;
  }
  if (!marked_) {
    marked_ = true;
    marks_ = mark(view);
    due_ = now + view.stretched(span(view, marks_));
    if (now < due_) return;
  }
  due_ = sim::kNever;
  count();
  const std::string text = missing(view, marks_, now);
  if (!text.empty()) return late(now, text);
  if (looks_again()) due_ = now;
}

bool LivenessInvariant::in_service(const RunView& view, BrokerId broker, PartitionId id) const {
  if (!view.alive(catalog_->broker_process(broker))) return false;
  const Partition* replica = view.partition(broker, id);
  return replica == nullptr || !replica->offline;
}

bool LivenessInvariant::any_member(const RunView& view, GroupId group) const {
  const GroupInfo& info = catalog().group(group);
  for (std::uint32_t i = 0; i < info.members; ++i) {
    if (view.alive(catalog().consumer_process(info.first_member + i))) return true;
  }
  return false;
}

LivenessMarks LivenessInvariant::committed_ends(const RunView& view) const {
  LivenessMarks ends;
  for (PartitionId id = 0; id < catalog().partition_count(); ++id) {
    const Partition* leader = view.partition(view.state(id).leader, id);
    ends.push_back(leader != nullptr && leader->is_leader() ? leader->log.high_watermark() : 0);
  }
  return ends;
}

void LivenessInvariant::late(Time now, std::string text) {
  sim::HistoryEvent event;
  event.time = now;
  event.id = disturbance_;
  violated(event, sentence(text, ", ", (now - disturbed_) / sim::kMillisecond,
                           " ms after the last disturbance"));
}

Duration LivenessInvariant::detection_bound() const {
  const ZooKeeperConfig& zk = catalog().spec().zookeeper_config;
  const Duration session =
      zk_negotiate(largest(catalog(), [](const auto& c) { return c.zookeeper_session_timeout; }),
                   zk.tick_time, zk.min_session_timeout, zk.max_session_timeout);
  const Duration forwarded = catalog().zookeeper_count() > 1 ? zk.tick_time / 2 : 0;
  return session + zk.tick_time + forwarded + kRoundTrips;
}

Duration LivenessInvariant::registration_bound() const {
  const ClusterSpec& spec = catalog().spec();
  const Duration retry =
      spec.broker_supervisor_restart == sim::kNever ? 0 : spec.broker_supervisor_restart;
  const Duration connect =
      largest(catalog(), [](const auto& c) { return c.zookeeper_connection_timeout; });
  return detection_bound() + spec.broker_startup_max + spec.broker_opening_max + retry +
         (silence_ ? connect : 0);
}

Duration LivenessInvariant::controller_bound() const {
  return registration_bound() + kRoundTrips + catalog().partition_count() * 2 * sim::kMillisecond;
}

Duration LivenessInvariant::election_bound() const {
  return controller_bound() + catalog().partition_count() * 5 * sim::kMillisecond;
}

Duration LivenessInvariant::metadata_bound() const {
  const Duration void_request = largest(catalog(), [](const auto& c) {
    return c.controller_socket_timeout + c.socket_connection_setup_timeout;
  });
  return election_bound() + kRoundTrips + (silence_ ? void_request : 0);
}

Duration LivenessInvariant::isr_bound() const {
  const std::int64_t written = produced_bytes_per_second(catalog());
  const std::int64_t rate =
      std::max<std::int64_t>(1, replication_bytes_per_second(catalog()) - written);
  // All that was written in the ten minutes before, at the rate that is left.
  const Duration catch_up = 600 * written / rate * sim::kSecond + sim::kSecond;
  const Duration back_off = largest(
      catalog(), [](const auto& c) { return c.replica_fetch_backoff + c.replica_fetch_wait_max; });
  const Duration void_request = largest(catalog(), [](const auto& c) {
    return c.replica_socket_timeout + c.socket_connection_setup_timeout;
  });
  return metadata_bound() + catch_up + back_off + kRoundTrips + (silence_ ? void_request : 0);
}

Duration LivenessInvariant::group_bound() const {
  Duration rebalance = 0;
  for (const ConsumerGroupSpec& group : catalog().spec().groups) {
    const ConsumerConfig& config = group.config;
    const Duration void_request =
        silence_ ? config.request_timeout + config.socket_connection_setup_timeout : 0;
    const Duration batch = group.processing * config.max_poll_records;
    const Duration rejoin = std::min<Duration>(
        config.max_poll_interval, config.heartbeat_interval + batch + void_request + kRoundTrips);
    rebalance = std::max(rebalance, config.session_timeout + void_request + rejoin);
  }
  return metadata_bound() + rebalance + kRoundTrips +
         largest(catalog(), [](const auto& c) { return c.group_initial_rebalance_delay; });
}

bool replication_keeps_up(const Catalog& catalog) {
  std::int64_t factor = 1;
  for (const TopicInfo& topic : catalog.topics()) {
    factor = std::max<std::int64_t>(factor, topic.replication_factor);
  }
  return produced_bytes_per_second(catalog) * factor < replication_bytes_per_second(catalog) / 2;
}

}  // namespace isrlab::model
