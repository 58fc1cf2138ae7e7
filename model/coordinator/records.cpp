#include "model/coordinator/records.hpp"

#include "model/protocol/batch.hpp"

namespace isrlab::model {
namespace {

// Length, attributes, deltas and the lengths of key and value, mostly one byte each as varints.
constexpr std::uint32_t kRecordOverhead = 9;

std::uint32_t size32(std::size_t size) {
  return static_cast<std::uint32_t>(size);
}

std::uint32_t string_bytes(const std::string& text) {
  return 2 + size32(text.size());
}

/// ConsumerProtocol lists partitions by topic: the name once, then four bytes each. Partitions of a
/// topic lie together.
std::uint32_t partition_list_bytes(const std::vector<PartitionId>& partitions,
                                   const Catalog& catalog) {
  std::uint32_t bytes = 4;
  TopicId topic = kNone;
  for (const PartitionId partition : partitions) {
    if (catalog.partition(partition).topic != topic) {
      topic = catalog.partition(partition).topic;
      bytes += string_bytes(catalog.topic(topic).name) + 4;
    }
    bytes += 4;
  }
  return bytes;
}

std::uint32_t member_bytes(const GroupMetadataRecord::Member& member, const Catalog& catalog) {
  std::uint32_t subscription = 2 + 4 + 4 + 4 + 2;  // version, counts, generation, rack
  for (const TopicId topic : member.subscription.topics) {
    subscription += string_bytes(catalog.topic(topic).name);
  }
  subscription += partition_list_bytes(member.subscription.owned, catalog);
  const std::uint32_t assignment = 6 + partition_list_bytes(member.assignment, catalog);
  return string_bytes(member.member_id) + string_bytes(member.client_id) + 2 + 16 + 4 + 4 + 8 +
         subscription + assignment;
}

}  // namespace

std::uint32_t batch_bytes(const OffsetCommitRecord& record, const Catalog& catalog) {
  const std::uint32_t group = string_bytes(catalog.group(record.group).name);
  std::uint32_t bytes = static_cast<std::uint32_t>(kBatchHeaderBytes);
  for (const auto& commit : record.offsets) {
    const std::string& topic = catalog.topic(catalog.partition(commit.partition).topic).name;
    const std::uint32_t key = 2 + group + string_bytes(topic) + 4;
    bytes += kRecordOverhead + key + 2 + 8 + 4 + 2 + 8;  // version, offset, epoch, metadata, time
  }
  return bytes;
}

std::uint32_t batch_bytes(const GroupMetadataRecord& record, const Catalog& catalog) {
  std::uint32_t bytes = static_cast<std::uint32_t>(kBatchHeaderBytes) + kRecordOverhead;
  bytes += 2 + string_bytes(catalog.group(record.group).name);
  bytes += 2 + 10 + 4 + 7 + string_bytes(record.leader) + 8 + 4;  // "consumer", "range", state time
  for (const auto& member : record.members) bytes += member_bytes(member, catalog);
  return bytes;
}

Error group_store_error(Error append_error) {
  switch (append_error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend: return Error::kCoordinatorNotAvailable;
    case Error::kNotLeaderOrFollower:
    case Error::kKafkaStorageError: return Error::kNotCoordinator;
    case Error::kRequestTimedOut: return Error::kRebalanceInProgress;
    case Error::kMessageTooLarge: return Error::kUnknownServerError;
    default: return append_error;
  }
}

Error offset_commit_error(Error append_error) {
  switch (append_error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend: return Error::kCoordinatorNotAvailable;
    case Error::kNotLeaderOrFollower:
    case Error::kKafkaStorageError: return Error::kNotCoordinator;
    case Error::kNetworkException: return Error::kCoordinatorLoadInProgress;
    case Error::kMessageTooLarge: return Error::kUnknownServerError;
    default: return append_error;
  }
}

}  // namespace isrlab::model
