#include "model/controller/state_machines.hpp"

#include <algorithm>

namespace isrlab::model {

std::span<const PartitionState> valid_previous_states(PartitionState target) {
  using enum PartitionState;
  static constexpr PartitionState kToNew[] = {kNonExistent};
  static constexpr PartitionState kToOnlineOrOffline[] = {kNew, kOnline, kOffline};
  static constexpr PartitionState kToNonExistent[] = {kOffline};
  switch (target) {
    case kNew: return kToNew;
    case kOnline:
    case kOffline: return kToOnlineOrOffline;
    case kNonExistent: break;
  }
  return kToNonExistent;
}

std::span<const ReplicaState> valid_previous_states(ReplicaState target) {
  using enum ReplicaState;
  static constexpr ReplicaState kToNew[] = {kNonExistent};
  static constexpr ReplicaState kToOnlineOrOffline[] = {kNew, kOnline, kOffline,
                                                        kReplicaDeletionIneligible};
  static constexpr ReplicaState kToStarted[] = {kOffline};
  static constexpr ReplicaState kToSuccessful[] = {kReplicaDeletionStarted};
  static constexpr ReplicaState kToIneligible[] = {kOffline, kReplicaDeletionStarted};
  static constexpr ReplicaState kToNonExistent[] = {kReplicaDeletionSuccessful};
  switch (target) {
    case kNew: return kToNew;
    case kOnline:
    case kOffline: return kToOnlineOrOffline;
    case kReplicaDeletionStarted: return kToStarted;
    case kReplicaDeletionSuccessful: return kToSuccessful;
    case kReplicaDeletionIneligible: return kToIneligible;
    case kNonExistent: break;
  }
  return kToNonExistent;
}

bool may_become(PartitionState from, PartitionState target) {
  const auto allowed = valid_previous_states(target);
  return std::find(allowed.begin(), allowed.end(), from) != allowed.end();
}

bool may_become(ReplicaState from, ReplicaState target) {
  const auto allowed = valid_previous_states(target);
  return std::find(allowed.begin(), allowed.end(), from) != allowed.end();
}

}  // namespace isrlab::model
