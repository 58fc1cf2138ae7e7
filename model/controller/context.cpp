#include "model/controller/context.hpp"

namespace isrlab::model {

AlterVerdict judge_alter_partition(const AlterPartitionRequest::Partition& wanted,
                                   const ControllerContext& context, BugSet bugs) {
  const Leadership& now = context.leadership[wanted.partition];
  // A historic controller took changes whatever state they were built on.
  const bool compares = !has_bug(bugs, Bug::kAlterIsrCas);
  if (!now.known) return {Error::kUnknownTopicOrPartition};
  if (wanted.leader_epoch > now.leader_epoch || wanted.partition_epoch > now.version) {
    return {Error::kNotController};  // the sender knows more: a newer controller exists
  }
  if (wanted.leader_epoch < now.leader_epoch && compares) return {Error::kFencedLeaderEpoch};
  if (wanted.new_isr == now.isr && wanted.recovering == now.recovering) return {Error::kNone};
  if (wanted.partition_epoch < now.version && compares) return {Error::kInvalidUpdateVersion};
  if (wanted.recovering && (wanted.new_isr.size() > 1 || !now.recovering)) {
    return {Error::kInvalidRequest};
  }
  const bool eligible_only = !has_bug(bugs, Bug::kIsrEligibility);
  for (const BrokerId broker : wanted.new_isr) {
    if (eligible_only && !context.is_live(broker)) return {Error::kIneligibleReplica};
  }
  return {Error::kNone, true};
}

ElectionResult elect_offline(const BrokerList& assignment, const BrokerList& isr,
                             const ControllerContext& context, bool unclean_allowed,
                             PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : assignment) {
    if (!context.is_online(broker, partition) || !isr.contains(broker)) continue;
    result.elected = true;
    result.leader = broker;
    for (const BrokerId member : isr) {
      if (context.is_online(member, partition)) result.isr.push_back(member);
    }
    return result;
  }
  if (!unclean_allowed) return result;
  for (const BrokerId broker : assignment) {
    if (!context.is_online(broker, partition)) continue;
    result.elected = result.unclean = true;
    result.leader = broker;
    result.isr.push_back(broker);
    return result;
  }
  return result;
}

ReplicaAssignment reassign_to(const BrokerList& origin, const BrokerList& target) {
  ReplicaAssignment result;
  result.replicas = target;
  for (const BrokerId broker : origin) {
    if (target.contains(broker)) continue;
    result.replicas.push_back(broker);
    result.removing.push_back(broker);
  }
  for (const BrokerId broker : target) {
    if (!origin.contains(broker)) result.adding.push_back(broker);
  }
  return result;
}

ElectionResult elect_reassign(const BrokerList& target, const BrokerList& isr,
                              const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : target) {
    if (!context.is_online(broker, partition) || !isr.contains(broker)) continue;
    result.elected = true;
    result.leader = broker;
    result.isr = isr;
    return result;
  }
  return result;
}

ElectionResult elect_preferred(const BrokerList& assignment, const BrokerList& isr,
                               const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  if (assignment.empty()) return result;
  const BrokerId head = assignment[0];
  if (!context.is_online(head, partition) || !isr.contains(head)) return result;
  result.elected = true;
  result.leader = head;
  result.isr = isr;
  return result;
}

ElectionResult elect_controlled_shutdown(const BrokerList& assignment, const BrokerList& isr,
                                         const ControllerContext& context, PartitionId partition) {
  ElectionResult result;
  for (const BrokerId broker : assignment) {
    const bool candidate = context.is_online(broker, partition) && isr.contains(broker);
    if (!candidate) continue;
    result.elected = true;
    result.leader = broker;
    for (const BrokerId member : isr) {
      if (!context.is_shutting_down(member)) result.isr.push_back(member);
    }
    return result;
  }
  return result;
}

}  // namespace isrlab::model
