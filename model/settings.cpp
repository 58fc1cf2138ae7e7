#include "model/settings.hpp"

#include <array>

namespace isrlab::model {
namespace {

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMsMax = kIntMax * sim::kMillisecond;
constexpr std::int64_t kMs = sim::kMillisecond;
constexpr std::int64_t kMinute = 60 * sim::kSecond;
constexpr std::int64_t kHour = 3600 * sim::kSecond;
constexpr std::int64_t kMostMinutes = kLongMax / kMinute * kMinute;
constexpr std::int64_t kMostHours = kLongMax / kHour * kHour;
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
using enum SettingType;

using B = BrokerConfig;
constexpr std::array kBroker = {
    Setting<B>{"zookeeper.session.timeout.ms", kMilliseconds, &B::zookeeper_session_timeout, kMs,
               kMsMax, "session time-out a broker asks ZooKeeper for; crash detection follows it"},
    Setting<B>{"zookeeper.connection.timeout.ms", kMilliseconds, &B::zookeeper_connection_timeout,
               kMs, kMsMax, "how long a starting broker waits for its first ZooKeeper connection"},
    Setting<B>{"zookeeper.max.in.flight.requests", kCount, &B::zookeeper_max_in_flight_requests, 1,
               kIntMax, "unanswered ZooKeeper requests per broker"},
    Setting<B>{"request.timeout.ms", kMilliseconds, &B::request_timeout, 0, kMsMax,
               "time-out of the broker's own requests (controller to broker)"},
    Setting<B>{"controller.socket.timeout.ms", kMilliseconds, &B::controller_socket_timeout, 0,
               kMsMax, "time-out of AlterPartition and of connecting control channels"},
    Setting<B>{"socket.connection.setup.timeout.ms", kMilliseconds,
               &B::socket_connection_setup_timeout, 0, kMsMax,
               "first limit for setting up a TCP connection"},
    Setting<B>{"socket.connection.setup.timeout.max.ms", kMilliseconds,
               &B::socket_connection_setup_timeout_max, 0, kMsMax,
               "limit the set-up time-out grows to"},
    Setting<B>{"controlled.shutdown.enable", kBoolean, &B::controlled_shutdown_enable, 0, 1,
               "move leaders away before a clean stop"},
    Setting<B>{"controlled.shutdown.max.retries", kCount, &B::controlled_shutdown_max_retries, 1,
               kIntMax, "attempts in total"},
    Setting<B>{"controlled.shutdown.retry.backoff.ms", kMilliseconds,
               &B::controlled_shutdown_retry_backoff, 0, kMsMax, "pause between attempts"},
    Setting<B>{"auto.leader.rebalance.enable", kBoolean, &B::auto_leader_rebalance_enable, 0, 1,
               "move leaders back to preferred replicas"},
    Setting<B>{"leader.imbalance.check.interval.seconds", kSeconds,
               &B::leader_imbalance_check_interval, sim::kSecond, kIntMax* sim::kSecond,
               "how often imbalance is checked"},
    Setting<B>{"leader.imbalance.per.broker.percentage", kPercent,
               &B::leader_imbalance_per_broker_percentage, 0, 100,
               "imbalance above this triggers preferred elections"},
    Setting<B>{"unclean.leader.election.enable", kBoolean, &B::unclean_leader_election_enable, 0, 1,
               "let a replica outside the ISR lead when no ISR member lives"},
    Setting<B>{"min.insync.replicas", kCount, &B::min_insync_replicas, 1, kIntMax,
               "acks=all needs at least so many in-sync replicas"},
    Setting<B>{"default.replication.factor", kCount, &B::default_replication_factor, 1, 32767,
               "replicas of automatically created topics"},
    Setting<B>{"num.partitions", kCount, &B::num_partitions, 1, kIntMax,
               "partitions of automatically created topics"},
    Setting<B>{"message.max.bytes", kBytes, &B::message_max_bytes, 0, kIntMax, "largest batch"},
    Setting<B>{"replica.lag.time.max.ms", kMilliseconds, &B::replica_lag_time_max, kMs, kMsMax,
               "a follower not caught up for longer leaves the ISR"},
    Setting<B>{"replica.fetch.wait.max.ms", kMilliseconds, &B::replica_fetch_wait_max, 0, kMsMax,
               "longest park of a follower's fetch"},
    Setting<B>{"replica.fetch.min.bytes", kBytes, &B::replica_fetch_min_bytes, 0, kIntMax,
               "bytes that answer a follower's fetch at once"},
    Setting<B>{"replica.fetch.max.bytes", kBytes, &B::replica_fetch_max_bytes, 0, kIntMax,
               "per partition"},
    Setting<B>{"replica.fetch.response.max.bytes", kBytes, &B::replica_fetch_response_max_bytes, 0,
               kIntMax, "per response"},
    Setting<B>{"replica.fetch.backoff.ms", kMilliseconds, &B::replica_fetch_backoff, 0, kMsMax,
               "pause of a fetcher after an error"},
    Setting<B>{"num.replica.fetchers", kCount, &B::num_replica_fetchers, 1, 64,
               "fetcher threads per leader broker"},
    Setting<B>{"replica.socket.timeout.ms", kMilliseconds, &B::replica_socket_timeout, kMs, kMsMax,
               "time-out of a follower's fetch"},
    Setting<B>{"replica.high.watermark.checkpoint.interval.ms", kMilliseconds,
               &B::replica_high_watermark_checkpoint_interval, kMs, kMsMax,
               "how often high watermarks are saved"},
    Setting<B>{"log.dirs", kCount, &B::log_dirs, 1, 64,
               "how many data directories the broker has; one of them can fail alone"},
    Setting<B>{"num.recovery.threads.per.data.dir", kCount, &B::num_recovery_threads_per_data_dir,
               1, kIntMax, "threads that load logs at the start"},
    Setting<B>{"log.segment.bytes", kBytes, &B::log_segment_bytes, 14, kIntMax,
               "size at which a segment is full"},
    Setting<B>{"log.roll.ms", kMilliseconds, &B::log_roll_time, kMs, kLongMax,
               "age at which an append begins a new segment; not set: log.roll.hours"},
    Setting<B>{"log.roll.hours", kHours, &B::log_roll_hours, kHour, kMostHours,
               "age at which an append begins a new segment"},
    Setting<B>{"log.roll.jitter.ms", kMilliseconds, &B::log_roll_jitter, 0, kLongMax,
               "taken off log.roll, drawn for each segment; not set: log.roll.jitter.hours"},
    Setting<B>{"log.roll.jitter.hours", kHours, &B::log_roll_jitter_hours, 0, kMostHours,
               "taken off log.roll, drawn for each segment"},
    Setting<B>{"log.index.size.max.bytes", kBytes, &B::log_index_size_max_bytes, 4, kIntMax,
               "a full index closes its segment"},
    Setting<B>{"log.index.interval.bytes", kBytes, &B::log_index_interval_bytes, 0, kIntMax,
               "bytes between two entries of an index"},
    Setting<B>{"log.flush.interval.messages", kCount, &B::log_flush_interval_messages, 1, kInt64Max,
               "unflushed records after which an append is fsynced"},
    Setting<B>{"log.flush.interval.ms", kMilliseconds, &B::log_flush_interval, 0, kLongMax,
               "age of unflushed records at which they are fsynced; not set: the scheduler's"},
    Setting<B>{"log.flush.scheduler.interval.ms", kMilliseconds, &B::log_flush_scheduler_interval,
               kMs, kLongMax, "how often log.flush.interval.ms is looked after"},
    Setting<B>{"log.flush.offset.checkpoint.interval.ms", kMilliseconds,
               &B::log_flush_offset_checkpoint_interval, 0, kMsMax,
               "how often recovery points are saved"},
    Setting<B>{"log.flush.start.offset.checkpoint.interval.ms", kMilliseconds,
               &B::log_flush_start_offset_checkpoint_interval, 0, kMsMax,
               "how often log start offsets are saved"},
    Setting<B>{"log.retention.bytes", kBytes, &B::log_retention_bytes, -1, kInt64Max,
               "size of a partition above which old segments go; -1: no limit"},
    Setting<B>{"log.retention.ms", kMilliseconds, &B::log_retention_time, -kMs, kLongMax,
               "age of records at which segments go; -1: never; not set: log.retention.minutes"},
    Setting<B>{"log.retention.minutes", kMinutes, &B::log_retention_minutes, -kMinute, kMostMinutes,
               "age of records at which segments go; not set: log.retention.hours"},
    Setting<B>{"log.retention.hours", kHours, &B::log_retention_hours, -kHour, kMostHours,
               "age of records at which segments go"},
    Setting<B>{"log.retention.check.interval.ms", kMilliseconds, &B::log_retention_check_interval,
               kMs, kLongMax, "how often retention looks for old segments"},
    Setting<B>{"log.initial.task.delay.ms", kMilliseconds, &B::log_initial_task_delay, 0, kMsMax,
               "from the start of a broker to its first look for old segments"},
    Setting<B>{"log.cleanup.policy", kPolicy, &B::log_cleanup_policy, 0, 0,
               "what becomes of old segments"},
    Setting<B>{"log.segment.delete.delay.ms", kMilliseconds, &B::log_segment_delete_delay, 0,
               kLongMax, "how long the files of a deleted segment stay"},
    Setting<B>{"producer.id.expiration.ms", kMilliseconds, &B::producer_id_expiration, kMs, kMsMax,
               "a producer that writes nothing for so long is forgotten"},
    Setting<B>{"producer.id.expiration.check.interval.ms", kMilliseconds,
               &B::producer_id_expiration_check_interval, kMs, kMsMax,
               "how often producers are forgotten"},
    Setting<B>{"fetch.max.bytes", kBytes, &B::fetch_max_bytes, 1024, kIntMax,
               "cap on a consumer's fetch"},
    Setting<B>{"replica.selector.class", kSelector, &B::replica_selector, 1, 2,
               "lets consumers with client.rack read from a follower of their rack"},
    Setting<B>{"leader.replication.throttled.rate", kBytes, &B::leader_replication_throttled_rate,
               0, kInt64Max, "bytes/s a leader sends to throttled replicas outside the ISR"},
    Setting<B>{"follower.replication.throttled.rate", kBytes,
               &B::follower_replication_throttled_rate, 0, kInt64Max,
               "bytes/s at which a follower still asks for throttled partitions"},
    Setting<B>{"replication.quota.window.num", kCount, &B::replication_quota_window_num, 1, kIntMax,
               "windows a throttled rate is averaged over"},
    Setting<B>{"replication.quota.window.size.seconds", kSeconds, &B::replication_quota_window_size,
               sim::kSecond, kIntMax* sim::kSecond, "length of such a window"},
    Setting<B>{"offsets.topic.num.partitions", kCount, &B::offsets_topic_num_partitions, 1, kIntMax,
               "partitions of __consumer_offsets"},
    Setting<B>{"offsets.topic.replication.factor", kCount, &B::offsets_topic_replication_factor, 1,
               32767, "replicas of __consumer_offsets"},
    Setting<B>{"offsets.commit.timeout.ms", kMilliseconds, &B::offsets_commit_timeout, kMs, kMsMax,
               "how long an offset commit waits for its replicas"},
    Setting<B>{"group.initial.rebalance.delay.ms", kMilliseconds, &B::group_initial_rebalance_delay,
               0, kMsMax, "wait of an empty group for more members"},
    Setting<B>{"group.min.session.timeout.ms", kMilliseconds, &B::group_min_session_timeout, 0,
               kMsMax, "smallest session time-out of a member"},
    Setting<B>{"group.max.session.timeout.ms", kMilliseconds, &B::group_max_session_timeout, 0,
               kMsMax, "largest session time-out of a member"},
    Setting<B>{"group.max.size", kCount, &B::group_max_size, 1, kIntMax, "members of one group"},
    Setting<B>{"replication.protocol", kProtocol, &B::replication_protocol, 0, 5,
               "not Kafka's: how followers truncate, by the release that brought it"},
};

using T = TopicConfig;
constexpr std::array kTopic = {
    Setting<T>{"min.insync.replicas", kCount, &T::min_insync_replicas, 1, kIntMax,
               "acks=all needs at least so many in-sync replicas"},
    Setting<T>{"unclean.leader.election.enable", kBoolean, &T::unclean_leader_election_enable, 0, 1,
               "let a replica outside the ISR lead when no ISR member lives"},
    Setting<T>{"max.message.bytes", kBytes, &T::max_message_bytes, 0, kIntMax, "largest batch"},
    Setting<T>{"segment.bytes", kBytes, &T::segment_bytes, 14, kIntMax,
               "size at which a segment is full"},
    Setting<T>{"segment.ms", kMilliseconds, &T::segment_time, kMs, kLongMax,
               "age at which an append begins a new segment"},
    Setting<T>{"segment.jitter.ms", kMilliseconds, &T::segment_jitter, 0, kLongMax,
               "taken off segment.ms, drawn for each segment"},
    Setting<T>{"segment.index.bytes", kBytes, &T::segment_index_bytes, 4, kIntMax,
               "a full index closes its segment"},
    Setting<T>{"index.interval.bytes", kBytes, &T::index_interval_bytes, 0, kIntMax,
               "bytes between two entries of an index"},
    Setting<T>{"flush.messages", kCount, &T::flush_messages, 1, kInt64Max,
               "unflushed records after which an append is fsynced"},
    Setting<T>{"flush.ms", kMilliseconds, &T::flush_time, 0, kLongMax,
               "age of unflushed records at which they are fsynced"},
    Setting<T>{"retention.bytes", kBytes, &T::retention_bytes, -1, kInt64Max,
               "size of a partition above which old segments go; -1: no limit"},
    Setting<T>{"retention.ms", kMilliseconds, &T::retention_time, -kMs, kLongMax,
               "age of records at which segments go; -1: never"},
    Setting<T>{"cleanup.policy", kPolicy, &T::cleanup_policy, 0, 0, "what becomes of old segments"},
    Setting<T>{"file.delete.delay.ms", kMilliseconds, &T::file_delete_delay, 0, kLongMax,
               "how long the files of a deleted segment stay"},
};
constexpr std::array kTopicTexts = {
    TextSetting<T>{"leader.replication.throttled.replicas", TextForm::kThrottledReplicas,
                   &T::leader_replication_throttled_replicas,
                   "replicas (partition:broker,... or *) whose leader is throttled"},
    TextSetting<T>{"follower.replication.throttled.replicas", TextForm::kThrottledReplicas,
                   &T::follower_replication_throttled_replicas,
                   "replicas (partition:broker,... or *) that are throttled as followers"},
};

#define ISRLAB_CLIENT_SETTINGS(C)                                                                \
  Setting<C>{"request.timeout.ms",                                                               \
             kMilliseconds,                                                                      \
             &C::request_timeout,                                                                \
             0,                                                                                  \
             kMsMax,                                                                             \
             "an unanswered request closes its connection after this"},                          \
      Setting<C>{"retry.backoff.ms",          kMilliseconds, &C::retry_backoff, 0, kMsMax,       \
                 "first pause before a retry"},                                                  \
      Setting<C>{"retry.backoff.max.ms", kMilliseconds, &C::retry_backoff_max, 0, kMsMax,        \
                 "longest pause"},                                                               \
      Setting<C>{"reconnect.backoff.ms",                                                         \
                 kMilliseconds,                                                                  \
                 &C::reconnect_backoff,                                                          \
                 0,                                                                              \
                 kMsMax,                                                                         \
                 "first pause before connecting again"},                                         \
      Setting<C>{"reconnect.backoff.max.ms",                                                     \
                 kMilliseconds,                                                                  \
                 &C::reconnect_backoff_max,                                                      \
                 0,                                                                              \
                 kMsMax,                                                                         \
                 "longest pause before connecting again"},                                       \
      Setting<C>{"metadata.max.age.ms",                                                          \
                 kMilliseconds,                                                                  \
                 &C::metadata_max_age,                                                           \
                 0,                                                                              \
                 kMsMax,                                                                         \
                 "metadata is refreshed at least this often"},                                   \
      Setting<C>{"connections.max.idle.ms",                                                      \
                 kMilliseconds,                                                                  \
                 &C::connections_max_idle,                                                       \
                 0,                                                                              \
                 kMsMax,                                                                         \
                 "idle connections are closed after this"},                                      \
      Setting<C>{"socket.connection.setup.timeout.ms",                                           \
                 kMilliseconds,                                                                  \
                 &C::socket_connection_setup_timeout,                                            \
                 0,                                                                              \
                 kMsMax,                                                                         \
                 "first limit for setting up a TCP connection"},                                 \
      Setting<C> {                                                                               \
    "socket.connection.setup.timeout.max.ms", kMilliseconds,                                     \
        &C::socket_connection_setup_timeout_max, 0, kMsMax, "limit the set-up time-out grows to" \
  }

using P = ProducerConfig;
constexpr std::array kProducer = {
    ISRLAB_CLIENT_SETTINGS(P),
    Setting<P>{"acks", kAcks, &P::acks, -1, 1,
               "which replicas must have a batch before it is acknowledged"},
    Setting<P>{"enable.idempotence", kBoolean, &P::enable_idempotence, 0, 1,
               "sequence numbers: retries do not duplicate"},
    Setting<P>{"retries", kCount, &P::retries, 0, kIntMax, "attempts after the first"},
    Setting<P>{"max.in.flight.requests.per.connection", kCount, &P::max_in_flight, 1, kIntMax,
               "unanswered requests per connection"},
    Setting<P>{"delivery.timeout.ms", kMilliseconds, &P::delivery_timeout, 0, kMsMax,
               "a batch fails this long after its first record"},
    Setting<P>{"linger.ms", kMilliseconds, &P::linger, 0, kMsMax,
               "wait for more records in a batch"},
    Setting<P>{"batch.size", kBytes, &P::batch_size, 0, kIntMax, "size at which a batch is full"},
    Setting<P>{"buffer.memory", kBytes, &P::buffer_memory, 0,
               std::numeric_limits<std::int64_t>::max(), "memory for unsent batches"},
    Setting<P>{"max.block.ms", kMilliseconds, &P::max_block, 0, kMsMax,
               "how long send() may block"},
    Setting<P>{"max.request.size", kBytes, &P::max_request_size, 0, kIntMax, "largest request"},
    Setting<P>{"partitioner.ignore.keys", kBoolean, &P::partitioner_ignore_keys, 0, 1,
               "treat keyed records as keyless"},
    Setting<P>{"partitioner.adaptive.partitioning.enable", kBoolean,
               &P::partitioner_adaptive_partitioning_enable, 0, 1,
               "prefer partitions with shorter queues"},
};

using C = ConsumerConfig;
constexpr std::array kConsumer = {
    ISRLAB_CLIENT_SETTINGS(C),
    Setting<C>{"session.timeout.ms", kMilliseconds, &C::session_timeout, kMs, kMsMax,
               "the coordinator removes a silent member after this"},
    Setting<C>{"heartbeat.interval.ms", kMilliseconds, &C::heartbeat_interval, kMs, kMsMax,
               "pause between heartbeats"},
    Setting<C>{"max.poll.interval.ms", kMilliseconds, &C::max_poll_interval, kMs, kMsMax,
               "longest pause between polls; also the rebalance time-out"},
    Setting<C>{"max.poll.records", kCount, &C::max_poll_records, 1, kIntMax, "records per poll"},
    Setting<C>{"auto.offset.reset", kOffsetReset, &C::auto_offset_reset, 0, 2,
               "where to start without a committed offset"},
    Setting<C>{"enable.auto.commit", kBoolean, &C::enable_auto_commit, 0, 1,
               "commit positions inside poll"},
    Setting<C>{"auto.commit.interval.ms", kMilliseconds, &C::auto_commit_interval, 0, kMsMax,
               "pause between commits"},
    Setting<C>{"fetch.min.bytes", kBytes, &C::fetch_min_bytes, 0, kIntMax,
               "bytes that answer a fetch at once"},
    Setting<C>{"fetch.max.wait.ms", kMilliseconds, &C::fetch_max_wait, 0, kMsMax,
               "longest park of a fetch"},
    Setting<C>{"fetch.max.bytes", kBytes, &C::fetch_max_bytes, 0, kIntMax, "per response"},
    Setting<C>{"max.partition.fetch.bytes", kBytes, &C::max_partition_fetch_bytes, 0, kIntMax,
               "per partition"},
    Setting<C>{"default.api.timeout.ms", kMilliseconds, &C::default_api_timeout, 0, kMsMax,
               "limit of blocking calls"},
    Setting<C>{"partition.assignment.strategy", kAssignor, &C::partition_assignment_strategy, 0, 0,
               "assignor the group leader runs"},
};
constexpr std::array kConsumerTexts = {
    TextSetting<C>{"client.rack", TextForm::kName, &C::client_rack,
                   "rack that a consumer reads from if replica.selector.class is rack-aware"},
};

using Z = ZooKeeperConfig;
constexpr std::array kZooKeeper = {
    Setting<Z>{"tickTime", kMilliseconds, &Z::tick_time, kMs, kMsMax,
               "base unit; sessions expire on tick boundaries"},
    Setting<Z>{"initLimit", kCount, &Z::init_limit, 1, kIntMax,
               "ticks a follower may take to join a leader"},
    Setting<Z>{"syncLimit", kCount, &Z::sync_limit, 1, kIntMax,
               "ticks of silence between leader and follower"},
    Setting<Z>{"minSessionTimeout", kMilliseconds, &Z::min_session_timeout, kMs, kMsMax,
               "default 2 ticks"},
    Setting<Z>{"maxSessionTimeout", kMilliseconds, &Z::max_session_timeout, kMs, kMsMax,
               "default 20 ticks"},
};

}  // namespace

template <>
std::span<const TextSetting<TopicConfig>> text_settings<TopicConfig>() {
  return kTopicTexts;
}
template <>
std::span<const TextSetting<ConsumerConfig>> text_settings<ConsumerConfig>() {
  return kConsumerTexts;
}

bool ThrottledReplicas::contains(std::int32_t partition, std::int32_t broker) const {
  if (all) return true;
  for (const auto& [number, id] : replicas) {
    if (number == partition && id == broker) return true;
  }
  return false;
}

bool parse_throttled_replicas(std::string_view text, ThrottledReplicas& result) {
  result = ThrottledReplicas();
  if (text == "*") {
    result.all = true;
    return true;
  }
  const auto number = [&text](std::int32_t& value) {
    std::size_t digits = 0;
    value = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 9) {
      value = value * 10 + (text[digits] - '0');
      ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0;
  };
  const auto take = [&text](char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
  };
  while (!text.empty()) {
    std::pair<std::int32_t, std::int32_t> replica;
    if (!number(replica.first) || !take(':') || !number(replica.second)) return false;
    result.replicas.push_back(replica);
    if (text.empty()) return true;
    if (!take(',') || text.empty()) return false;
  }
  return true;
}

std::span<const Setting<BrokerConfig>> broker_settings() {
  return kBroker;
}
std::span<const Setting<TopicConfig>> topic_settings() {
  return kTopic;
}
std::span<const Setting<ProducerConfig>> producer_settings() {
  return kProducer;
}
std::span<const Setting<ConsumerConfig>> consumer_settings() {
  return kConsumer;
}
std::span<const Setting<ZooKeeperConfig>> zookeeper_settings() {
  return kZooKeeper;
}

}  // namespace isrlab::model
