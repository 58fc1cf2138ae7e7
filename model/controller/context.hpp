// What the active controller believes about the cluster (ControllerContext.scala): filled from
// ZooKeeper at fail-over and kept up to date by its own writes and by watches.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "model/bugs.hpp"
#include "model/controller/state_machines.hpp"
#include "model/flat_map.hpp"
#include "model/protocol/messages.hpp"

namespace isrlab::model {

struct Leadership {
  BrokerId leader = kNoBroker;
  std::int32_t leader_epoch = -1;
  std::int32_t controller_epoch = -1;
  std::int32_t version = -1;  // zkVersion of the state znode = partition epoch
  BrokerList isr;
  bool recovering = false;
  bool known = false;
  std::uint32_t cause = 0;  // kept event of its last change here, for the history
};

struct ControllerContext {
  std::int32_t epoch = 0;
  std::int32_t epoch_zk_version = 0;
  FlatMap<BrokerId, std::int64_t> live;   // registered brokers -> broker epoch (czxid)
  std::vector<BrokerId> shutting_down;    // in memory only
  std::vector<char> topic_known;          // by topic
  std::vector<BrokerList> assignment;     // by partition
  std::vector<BrokerList> adding;         // by partition: of the reassignment under way
  std::vector<BrokerList> removing;       // by partition
  std::vector<PartitionId> reassigning;   // sorted (partitionsBeingReassigned)
  std::vector<BrokerList> fresh;          // by partition: replicas in the state NewReplica
  std::vector<Leadership> leadership;     // by partition
  std::vector<PartitionState> state;      // by partition
  FlatMap<BrokerId, std::uint32_t> seen;  // broker -> kept event of its coming or going
  // Replicas on failed log directories, as their brokers' answers to LeaderAndIsr say; sorted.
  FlatMap<BrokerId, std::vector<PartitionId>> on_failed_directories;

  bool is_reassigning(PartitionId partition) const {
    return std::binary_search(reassigning.begin(), reassigning.end(), partition);
  }
  /// ReplicaAssignment.originReplicas: what it was before the reassignment.
  BrokerList origin(PartitionId partition) const {
    BrokerList result;
    for (const BrokerId broker : assignment[partition]) {
      if (!adding[partition].contains(broker)) result.push_back(broker);
    }
    return result;
  }
  /// ReplicaAssignment.targetReplicas: what it is to become.
  BrokerList target(PartitionId partition) const {
    BrokerList result;
    for (const BrokerId broker : assignment[partition]) {
      if (!removing[partition].contains(broker)) result.push_back(broker);
    }
    return result;
  }

  bool is_shutting_down(BrokerId broker) const {
    for (const BrokerId id : shutting_down) {
      if (id == broker) return true;
    }
    return false;
  }
  /// Registered and not shutting down: may lead and may be in an ISR.
  bool is_live(BrokerId broker) const { return live.contains(broker) && !is_shutting_down(broker); }
  bool is_live_or_shutting_down(BrokerId broker) const { return live.contains(broker); }
  bool on_failed_directory(BrokerId broker, PartitionId partition) const {
    const std::vector<PartitionId>* offline = on_failed_directories.find(broker);
    return offline != nullptr && std::binary_search(offline->begin(), offline->end(), partition);
  }
  /// Live, and its log directory works.
  bool is_online(BrokerId broker, PartitionId partition) const {
    return is_live(broker) && !on_failed_directory(broker, partition);
  }
};

// --- ISR changes that leaders ask for (KafkaController.tryProcessAlterPartition) -----------------

struct AlterVerdict {
  Error error = Error::kNone;
  bool write = false;  // else the present state is the answer
  friend bool operator==(const AlterVerdict&, const AlterVerdict&) = default;
};
/// The checks in Kafka's order.
AlterVerdict judge_alter_partition(const AlterPartitionRequest::Partition& wanted,
                                   const ControllerContext& context, BugSet bugs = 0);

// --- leader election strategies (Election.scala, PartitionLeaderElectionAlgorithms) --------------

enum class ElectionStrategy : std::uint8_t {
  kOffline,
  kPreferred,
  kControlledShutdown,
  kUnclean,
  kReassign,
};

struct ElectionResult {
  bool elected = false;
  BrokerId leader = kNoBroker;
  BrokerList isr;
  bool unclean = false;
};

/// What a partition's assignment is during a move (ReplicaAssignment).
struct ReplicaAssignment {
  BrokerList replicas;
  BrokerList adding;
  BrokerList removing;
  friend bool operator==(const ReplicaAssignment&, const ReplicaAssignment&) = default;
};
/// ReplicaAssignment.reassignTo: from where it was before any move to the target.
ReplicaAssignment reassign_to(const BrokerList& origin, const BrokerList& target);

/// First assigned replica that is live and in the ISR; else, if unclean election is allowed, the
/// first live one. The new ISR is the old one without dead members.
ElectionResult elect_offline(const BrokerList& assignment, const BrokerList& isr,
                             const ControllerContext& context, bool unclean_allowed,
                             PartitionId partition = kNone);
/// First of the target that is live and in the ISR, which stays as it is.
ElectionResult elect_reassign(const BrokerList& target, const BrokerList& isr,
                              const ControllerContext& context, PartitionId partition = kNone);
/// The head of the assignment if it is live and in the ISR; the ISR stays.
ElectionResult elect_preferred(const BrokerList& assignment, const BrokerList& isr,
                               const ControllerContext& context, PartitionId partition = kNone);
/// First assigned replica that is alive, in the ISR and not shutting down; all brokers that shut
/// down leave the ISR.
ElectionResult elect_controlled_shutdown(const BrokerList& assignment, const BrokerList& isr,
                                         const ControllerContext& context,
                                         PartitionId partition = kNone);

}  // namespace isrlab::model
