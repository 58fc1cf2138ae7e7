// The cluster at one moment as every panel shows it: a plain summary of the const world. "Truth" is
// what ZooKeeper's leader has; beside it stands what each broker believes, and the panels show
// where the two differ.
#pragma once
#include <string>
#include <vector>

#include "model/cluster.hpp"

namespace isrlab::viz {

using model::BrokerId;
using model::PartitionId;
using model::ProcessId;
using sim::Duration;
using sim::Time;

enum class ReplicaState : std::uint8_t { leader, in_sync, out_of_sync, down };

struct ReplicaView {
  BrokerId broker = model::kNoBroker;
  ReplicaState state = ReplicaState::down;
  bool was_leader = false;       // down, but ZooKeeper still names it the leader
  bool in_isr = false;           // what ZooKeeper says, also of a broker that is down
  bool believes_leader = false;  // of an epoch that is over, or deposed: a zombie
  std::int64_t lag = 0;          // messages behind the leader's end
  std::int64_t ahead = 0;        // messages the leader does not have: a zombie's, to be truncated
  std::int64_t log_end_offset = 0;
  std::int64_t high_watermark = 0;
  std::int32_t leader_epoch = -1;  // the newest it has heard of
};

struct PartitionView {
  PartitionId id = 0;
  std::string name;
  bool internal = false;
  bool exists = false;  // it has a state in ZooKeeper
  BrokerId leader = model::kNoBroker;
  BrokerId preferred = model::kNoBroker;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int64_t min_isr = 1;
  std::vector<BrokerId> isr;
  std::vector<ReplicaView> replicas;  // in the order of the assignment
  std::int64_t end_offset = 0;        // of the leader, or the longest log
  std::int64_t high_watermark = 0;
  std::int64_t max_lag = 0;

  bool offline() const { return exists && leader < 0; }
  bool leader_down = false;  // named in ZooKeeper, but its process is dead
  bool under_replicated() const { return exists && isr.size() < replicas.size(); }
  bool under_min_isr() const { return exists && static_cast<std::int64_t>(isr.size()) < min_isr; }
  const ReplicaView* replica(BrokerId broker) const;
  /// 0 fine, then what hurts more: for "problems first".
  int severity() const;
};

struct SessionView {
  bool known = false;  // ZooKeeper's leader tracks it
  std::int64_t id = 0;
  Duration timeout = 0;
  Duration left = 0;
};

struct BrokerView {
  BrokerId id = model::kNoBroker;
  ProcessId process = 0;
  std::string name;  // b1
  std::string rack;
  bool alive = false;
  bool paused = false;
  bool cut = false;  // some link of its host is cut
  bool registered = false;
  model::BrokerState state = model::BrokerState::kDown;
  std::string state_word;  // RUNNING, DOWN, PAUSED, ...
  bool controller = false;
  bool zombie_controller = false;  // believes to be it, but another one has a newer epoch
  std::int32_t controller_epoch = 0;
  int leaders = 0;   // by ZooKeeper
  int replicas = 0;  // by assignment
  int out_of_sync = 0;
  std::int64_t max_lag = 0;
  SessionView session;
  bool ok() const { return alive && !paused && registered; }
};

struct ZkServerView {
  std::int32_t id = 0;
  ProcessId process = 0;
  std::string name;
  std::string rack;
  bool alive = false;
  bool paused = false;
  bool cut = false;
  bool serving = false;
  bool leading = false;  // and serving
  std::string state_word;
  std::int64_t epoch = 0;
  std::int64_t zxid = 0;
  std::size_t clients = 0;
};

struct ClientView {
  ProcessId process = 0;
  std::string name;
  std::string rack;
  bool producer = true;
  bool alive = false;
  bool paused = false;
  bool cut = false;
  std::int64_t created = 0;  // producers
  std::int64_t acked = 0;
  std::int64_t failed = 0;
};

struct GroupView {
  std::uint32_t id = 0;
  std::string name;
  BrokerId coordinator = model::kNoBroker;
  std::string state = "unknown";  // Kafka's word; "unknown" while no broker coordinates it
  std::int32_t generation = 0;
  std::size_t members = 0;
};

struct ClusterView {
  Time time = 0;
  std::vector<PartitionView> partitions;
  std::vector<BrokerView> brokers;
  std::vector<ZkServerView> zookeeper;
  std::vector<ClientView> clients;
  std::vector<GroupView> groups;
  BrokerId controller = model::kNoBroker;
  std::int32_t controller_epoch = 0;
  int believed_controllers = 0;
  std::int32_t zk_leader = -1;  // index
  int zk_serving = 0;
  int under_replicated = 0;
  int offline = 0;
  int leader_down = 0;
  int under_min_isr = 0;
  std::int64_t max_lag = 0;
  BrokerId max_lag_broker = model::kNoBroker;
  Duration max_lag_time = 0;  // since that replica was last caught up, as its leader sees it

  const PartitionView* partition(PartitionId id) const;
  const BrokerView& broker(BrokerId id) const { return brokers[static_cast<std::size_t>(id - 1)]; }
};

/// `now` is the playhead: it may be later than the last thing that happened.
ClusterView view_of(const model::Cluster& cluster, Time now);

/// The server whose tree counts as the truth: the serving leader, else the most advanced one.
const model::ZkServer& authority(const model::Cluster& cluster);
/// Assignment of a partition as ZooKeeper has it; empty before the topic exists.
model::BrokerList assignment_of(const model::Cluster& cluster, PartitionId partition);

/// The few numbers that the plots sample many times per run.
struct Numbers {
  std::vector<std::int64_t> lag;             // messages the worst replica lacks, by broker id - 1
  std::vector<std::int64_t> high_watermark;  // of the leader, by partition; -1 without one
  int under_replicated = 0;
  int offline = 0;
};
Numbers numbers_of(const model::Cluster& cluster);

}  // namespace isrlab::viz
