// The range assignor without racks (RangeAssignor, AbstractPartitionAssignor, 3.9; reference
// clients-and-groups.md 4.1). Runs inside the leading consumer.
#pragma once
#include <string>
#include <vector>

#include "model/catalog.hpp"

namespace isrlab::model {

struct AssignorMember {
  std::string member_id;
  std::string instance_id;  // group.instance.id of a static member, else empty
  std::vector<TopicId> topics;
};

/// Static members come first, by instance id; dynamic ones follow, by member id.
bool assignor_order(const AssignorMember& left, const AssignorMember& right);

/// One list of partitions per member, in the order of `members`. Topics that `known` (by topic id)
/// does not have are skipped.
std::vector<std::vector<PartitionId>> assign_range(const std::vector<AssignorMember>& members,
                                                   const std::vector<TopicInfo>& topics,
                                                   const std::vector<bool>& known);

}  // namespace isrlab::model
