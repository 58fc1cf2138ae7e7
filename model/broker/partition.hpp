// One replica on one broker: its log and what the broker believes about leader, epoch and ISR
// (Partition.scala, Replica.scala of Kafka 3.9). Pure decisions over its own state; the replica
// manager turns them into messages. Reference sections 2, 3.4 and 5.1 of the replication facts.
#pragma once
#include <vector>

#include "model/broker/replica_selector.hpp"
#include "model/bugs.hpp"
#include "model/catalog.hpp"
#include "model/log/partition_log.hpp"
#include "model/protocol/messages.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

using sim::Time;

inline constexpr Time kLongAgo = std::numeric_limits<Time>::min() / 4;

/// What the leader knows of a follower. Its times are readings of the leader's wall clock: Kafka
/// measures lag on it (Replica.scala).
struct RemoteReplica {
  BrokerId broker = kNoBroker;
  std::int64_t log_end_offset = -1;  // -1: unknown
  std::int64_t log_start_offset = -1;
  std::int64_t last_fetch_leader_log_end_offset = -1;
  Time last_fetch_time = kLongAgo;
  Time last_caught_up_time = kLongAgo;

  bool caught_up(std::int64_t leader_log_end_offset, Time now, Duration lag_max) const {
    return log_end_offset == leader_log_end_offset || now - last_caught_up_time <= lag_max;
  }
};

enum class PartitionRole : std::uint8_t { kNone, kLeader, kFollower };
enum class PendingIsr : std::uint8_t { kNone, kExpand, kShrink };

/// What the partition needs to know of its broker to decide.
struct PartitionContext {
  BrokerId self = kNoBroker;
  Time now = 0;  // of the wall clock
  Duration lag_max = 0;
  std::int64_t min_insync_replicas = 1;
  ProtocolRules rules{};
  BugSet bugs = 0;
  const std::vector<BrokerId>* live_brokers = nullptr;  // of the metadata cache

  bool bug(Bug which) const { return has_bug(bugs, which); }
  bool alive(BrokerId broker) const {
    for (const BrokerId live : *live_brokers) {
      if (live == broker) return true;
    }
    return false;
  }
};

class Partition {
 public:
  // Persistent: survives the death of the process.
  PartitionLog log;
  LogCheckpoints files;
  bool exists = false;          // the partition's directory is there
  std::uint8_t directory = 0;   // in which of log.dirs
  std::int64_t dirty_mark = 0;  // end of the log when the kernel's write-back last came by

  // Volatile: what control requests said.
  bool offline = false;  // its log directory has failed: KAFKA_STORAGE_ERROR
  PartitionRole role = PartitionRole::kNone;
  std::uint32_t became = 0;  // kept event of the role, for the causes in the history
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int32_t controller_epoch = -1;
  BrokerId leader = kNoBroker;
  BrokerList replicas;
  BrokerList isr;       // committed
  BrokerList proposed;  // of a pending change
  PendingIsr pending = PendingIsr::kNone;
  bool recovering = false;
  std::int64_t leader_epoch_start_offset = -1;
  std::vector<RemoteReplica> remotes;

  /// What log-start-offset-checkpoint says from now on.
  void checkpoint_log_start();
  /// Forgets the volatile part; the high watermark falls back to its checkpoint.
  void crash();

  bool is_leader() const { return role == PartitionRole::kLeader; }
  /// Becomes or stays leader. False if the request is older than what is known.
  bool make_leader(const PartitionStateMessage& state, const PartitionContext& context);
  /// Becomes or stays follower. True if the leader epoch is new.
  bool make_follower(const PartitionStateMessage& state);

  /// Committed plus pending: the ISR that the high watermark respects.
  BrokerList maximal_isr() const { return pending == PendingIsr::kExpand ? proposed : isr; }
  std::int64_t effective_min_isr(const PartitionContext& context) const {
    return std::min<std::int64_t>(context.min_insync_replicas,
                                  static_cast<std::int64_t>(replicas.size()));
  }
  bool under_min_isr(const PartitionContext& context) const {
    return static_cast<std::int64_t>(isr.size()) < effective_min_isr(context);
  }

  RemoteReplica* remote(BrokerId broker);
  const RemoteReplica* remote(BrokerId broker) const {
    return const_cast<Partition*>(this)->remote(broker);
  }

  /// A follower's fetch was first read at `time` with the leader's end offset `leader_end` then.
  void update_fetch_state(RemoteReplica& remote, std::int64_t fetch_offset,
                          std::int64_t log_start_offset, Time time, std::int64_t leader_end);
  /// Moves the high watermark up if the rules allow; true if it moved.
  bool maybe_increment_high_watermark(const PartitionContext& context);
  /// Proposes to add the follower to the ISR; true if there is a proposal to send.
  bool maybe_expand_isr(BrokerId follower, const PartitionContext& context);
  /// Proposes to drop lagging followers; true if there is a proposal to send.
  bool maybe_shrink_isr(const PartitionContext& context);

  enum class IsrOutcome : std::uint8_t { kIgnored, kCommitted, kReverted, kStuck, kRetry };
  /// `overtaken_too`: also of a change that a LeaderAndIsr has overtaken (Bug::kAlterIsrRace).
  IsrOutcome handle_alter_partition(const AlterPartitionResponse::Partition& result,
                                    bool overtaken_too = false);
  /// Back to the last committed ISR: the change was not taken.
  void give_up_isr_change() {
    pending = PendingIsr::kNone;
    proposed.clear();
  }

  /// The epoch check of fetches and offset look-ups; kNone if the request may go on.
  Error check_epoch(std::int32_t current_leader_epoch, bool need_leader) const;
  /// The same for a fetch; `follower`: who asks, kNoBroker = a consumer, who may ask any replica.
  Error check_fetch(std::int32_t current_leader_epoch, BrokerId follower, BugSet bugs = 0) const;
  /// May it read there? With `diverging` defined it must truncate first and gets no records.
  Error check_read(std::int64_t fetch_offset, std::int32_t last_fetched_epoch,
                   EpochEnd& diverging) const;
  /// Where reading ends: for followers at the end of the log, for consumers at the high watermark
  /// of this replica.
  std::int64_t read_bound(bool follower, BugSet bugs = 0) const {
    const bool all = follower || has_bug(bugs, Bug::kReadAboveHw);
    return all ? log.log_end_offset() : log.high_watermark();
  }
  /// ListOffsets at the leader (fetchOffsetForTimestamp): -1 = no such record.
  Error offset_for_timestamp(std::int64_t timestamp, bool follower, std::int64_t& offset,
                             BugSet bugs = 0) const;
  /// The replica that a consumer should read from rather than from this leader, kNoBroker = here.
  BrokerId preferred_read_replica(const PartitionContext& context, SelectorKind selector,
                                  RackId client_rack, const Catalog& catalog,
                                  std::int64_t fetch_offset) const;
  /// A follower outside the ISR waits while the quota is exceeded; one in it never does.
  bool should_leader_throttle(BrokerId follower, bool throttled, bool exceeded,
                              BugSet bugs = 0) const {
    const bool in_sync_too = has_bug(bugs, Bug::kThrottleIsr);
    return (in_sync_too || !isr.contains(follower)) && throttled && exceeded;
  }
};

}  // namespace isrlab::model
