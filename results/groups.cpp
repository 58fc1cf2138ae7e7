#include "results/groups.hpp"

#include <algorithm>
#include <map>

namespace isrlab::results {

using model::GroupId;
using model::HistoryKind;
using model::PartitionId;

const model::Group* coordinated_group(const model::Cluster& cluster, GroupId group,
                                      model::BrokerId& coordinator) {
  const PartitionId partition = cluster.catalog().group(group).offsets_partition;
  const model::Group* found = nullptr;
  std::int32_t newest = -1;
  for (const model::Broker& broker : cluster.brokers()) {
    if (!cluster.alive(cluster.catalog().broker_process(broker.id()))) continue;
    if (!broker.groups().is_coordinator_for(partition) || broker.groups().is_loading(partition)) {
      continue;
    }
    // A deposed coordinator may not know it yet: the newer leader of the partition counts.
    const model::Partition* replica = broker.partition(partition);
    const std::int32_t epoch = replica == nullptr ? -1 : replica->leader_epoch;
    if (const model::Group* here = broker.groups().find_group(group);
        here != nullptr && epoch >= newest) {
      found = here;
      newest = epoch;
      coordinator = broker.id();
    }
  }
  return found;
}

bool group_settled(const model::Cluster& cluster, GroupId group) {
  model::BrokerId coordinator = model::kNoBroker;
  const model::Group* here = coordinated_group(cluster, group, coordinator);
  if (here == nullptr || !here->is(model::GroupState::kStable)) return false;
  std::size_t owned = 0;
  for (const auto& [id, member] : here->members()) owned += member.assignment.size();
  std::size_t wanted = 0;
  for (const model::TopicId topic : cluster.catalog().group(group).topics) {
    wanted += static_cast<std::size_t>(cluster.catalog().topic(topic).partitions);
  }
  return owned >= wanted;
}

GroupTracker::GroupTracker(std::shared_ptr<const model::Catalog> catalog)
    : catalog_(std::move(catalog)),
      settled_(catalog_->groups().size()),
      was_stable_(catalog_->groups().size()),
      unsettled_(catalog_->groups().size()),
      positions_(catalog_->groups().size()),
      lags_(catalog_->groups().size()) {
  std::vector<char> wanted(catalog_->partition_count());
  for (const model::GroupInfo& group : catalog_->groups()) {
    for (const model::TopicId topic : group.topics) {
      const model::TopicInfo& info = catalog_->topic(topic);
      std::fill_n(wanted.begin() + info.first, info.partitions, char{1});
    }
  }
  for (PartitionId id = 0; id < wanted.size(); ++id) {
    if (wanted[id] != 0) partitions_.push_back(id);
  }
  for (auto& positions : positions_) positions.assign(catalog_->partition_count(), -1);
}

std::vector<HistoryKind> GroupTracker::interests() {
  using K = HistoryKind;
  return {K::kGroupLoaded,      K::kGroupUnloaded,  K::kMemberJoined,      K::kMemberLeft,
          K::kRebalanceStarted, K::kGroupStable,    K::kGenerationStarted, K::kProcessKilled,
          K::kProcessExited,    K::kAssignmentLost, K::kAssignmentReceived};
}

void GroupTracker::on_event(const sim::HistoryEvent&, const model::Cluster& cluster,
                            const ClusterView&) {
  review(cluster);
}

void GroupTracker::review(const model::Cluster& cluster) {
  unsettled_ = 0;
  for (GroupId group = 0; group < settled_.size(); ++group) {
    settled_[group] = group_settled(cluster, group) ? 1 : 0;
    if (settled_[group] != 0) was_stable_[group] = 1;
    unsettled_ += settled_[group] == 0 ? 1 : 0;
  }
}

void GroupTracker::sample(const model::Cluster& cluster, const ClusterView& view) {
  const Time now = cluster.now();
  // The marks of a second ago: the newest that are at least that old.
  while (marks_.size() > 1 && marks_[1].time <= now - sim::kSecond) marks_.pop_front();
  const bool old_enough = !marks_.empty() && marks_.front().time <= now - sim::kSecond;
  caught_up_ = all_settled() && old_enough;
  for (GroupId group = 0; group < positions_.size(); ++group) {
    const model::GroupInfo& info = catalog_->group(group);
    std::vector<std::int64_t>& positions = positions_[group];
    for (std::uint32_t m = 0; m < info.members; ++m) {
      const model::Consumer& consumer = cluster.consumers()[info.first_member + m];
      for (const PartitionId id : consumer.assignment()) {
        if (const std::int64_t at = consumer.position(id); at >= 0) positions[id] = at;
      }
    }
    std::int64_t lag = 0;
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
      const PartitionId id = partitions_[i];
      const model::TopicId topic = catalog_->partition(id).topic;
      if (std::find(info.topics.begin(), info.topics.end(), topic) == info.topics.end()) continue;
      const std::int64_t position = positions[id];
      lag += std::max<std::int64_t>(
          0, view.partition(id).high_watermark - std::max<std::int64_t>(position, 0));
      if (caught_up_ && position < marks_.front().high_watermarks[i]) caught_up_ = false;
    }
    if (was_stable_[group] != 0) lags_[group].set(now, lag);
  }
  Marks marks{now, {}};
  for (const PartitionId id : partitions_) {
    marks.high_watermarks.push_back(view.partition(id).high_watermark);
  }
  marks_.push_back(std::move(marks));
}

void GroupTracker::close(Time now) {
  for (Gauge& lag : lags_) lag.close(now);
}

std::vector<GroupResult> GroupTracker::results(const model::Cluster& cluster,
                                               const ClusterView& view) const {
  std::vector<GroupResult> results;
  for (GroupId group = 0; group < catalog_->groups().size(); ++group) {
    results.push_back(result(group, cluster, view));
  }
  return results;
}

GroupResult GroupTracker::result(GroupId id, const model::Cluster& cluster,
                                 const ClusterView& view) const {
  const model::GroupInfo& info = catalog_->group(id);
  GroupResult result;
  result.name = info.name;
  result.state = "Unknown";
  result.lag_max = lags_[id].aggregate(scenarios::Aggregate::kMax);
  const model::Group* group = coordinated_group(cluster, id, result.coordinator);
  std::map<PartitionId, std::string> owners;
  if (group != nullptr) {
    result.state = std::string(model::group_state_name(group->state()));
    result.generation = group->generation();
    for (const auto& [member_id, member] : group->members()) {
      GroupMemberResult each;
      each.member_id = member_id;
      each.name = member.process == model::kNone ? member.client_id
                                                 : catalog_->process(member.process).name;
      for (const PartitionId partition : member.assignment) {
        each.partitions.push_back(catalog_->partition_name(partition));
        owners[partition] = each.name;
      }
      if (member.assignment.empty()) result.idle.push_back(each.name);
      result.members.push_back(std::move(each));
    }
    std::stable_sort(result.members.begin(), result.members.end(),
                     [](const auto& a, const auto& b) {
                       return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
                     });
  }
  for (const model::TopicId topic : info.topics) {
    const model::TopicInfo& shape = catalog_->topic(topic);
    for (std::int32_t p = 0; p < shape.partitions; ++p) {
      GroupPartition row;
      row.partition = shape.first + static_cast<PartitionId>(p);
      row.name = catalog_->partition_name(row.partition);
      row.member = owners.count(row.partition) != 0 ? owners[row.partition] : std::string();
      if (view.partition(row.partition).known) {
        row.log_end_offset = view.partition(row.partition).high_watermark;
      }
      if (group != nullptr) {
        if (const auto* commit = group->offsets.find(row.partition)) row.committed = commit->offset;
      }
      if (row.committed >= 0 && row.log_end_offset >= 0) {
        row.lag = std::max<std::int64_t>(0, row.log_end_offset - row.committed);
        result.lag += row.lag;
      }
      result.partitions.push_back(std::move(row));
    }
  }
  return result;
}

}  // namespace isrlab::results
