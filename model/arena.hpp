// Contents of the records that brokers write themselves (__consumer_offsets). A batch carries only
// the index; contents are immutable and shared by all replicas and all copies of a world.
#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/protocol/messages.hpp"

namespace isrlab::model {

/// Key (group, partition) -> offset: one committed offset per partition of the batch.
struct OffsetCommitRecord {
  GroupId group = 0;
  std::vector<OffsetCommitRequest::Partition> offsets;
};

/// Key (group) -> generation, protocol, leader, members with subscription and assignment.
struct GroupMetadataRecord {
  struct Member {
    std::string member_id;
    std::string client_id;
    ProcessId process = kNone;
    sim::Duration session_timeout = 0;
    sim::Duration rebalance_timeout = 0;
    Subscription subscription;
    std::vector<PartitionId> assignment;
  };
  GroupId group = 0;
  std::int32_t generation = 0;
  std::string leader;
  std::vector<Member> members;
};

using ArenaRecord = std::variant<OffsetCommitRecord, GroupMetadataRecord>;

class RecordArena {
 public:
  std::uint32_t add(ArenaRecord record) {
    records_.push_back(std::make_shared<const ArenaRecord>(std::move(record)));
    return static_cast<std::uint32_t>(records_.size() - 1);
  }
  const ArenaRecord& operator[](std::uint32_t index) const { return *records_[index]; }

 private:
  std::vector<std::shared_ptr<const ArenaRecord>> records_;
};

}  // namespace isrlab::model
