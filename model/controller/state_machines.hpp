// The two state machines of the controller as tables: from which states a partition and a replica
// may come (PartitionStateMachine.scala, ReplicaStateMachine.scala: validPreviousStates).
#pragma once
#include <cstdint>
#include <span>

namespace isrlab::model {

/// Partition state machine (PartitionStateMachine.scala).
enum class PartitionState : std::uint8_t { kNonExistent, kNew, kOnline, kOffline };

/// Replica state machine (ReplicaStateMachine.scala).
enum class ReplicaState : std::uint8_t {
  kNonExistent,
  kNew,
  kOnline,
  kOffline,
  kReplicaDeletionStarted,
  kReplicaDeletionSuccessful,
  kReplicaDeletionIneligible,
};

std::span<const PartitionState> valid_previous_states(PartitionState target);
std::span<const ReplicaState> valid_previous_states(ReplicaState target);

/// An illegal change is logged and skipped for that partition or replica; the rest goes on.
bool may_become(PartitionState from, PartitionState target);
bool may_become(ReplicaState from, ReplicaState target);

}  // namespace isrlab::model
