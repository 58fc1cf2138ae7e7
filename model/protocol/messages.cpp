#include "model/protocol/messages.hpp"

#include <string_view>

#include "model/protocol/pool.hpp"

namespace isrlab::model {
namespace {

// Request header: size 4, api key 2, version 2, correlation 4, client id about 12; topic and
// partition framing about 12 bytes per partition. Good to a few per cent, which is all that
// bandwidth needs.
constexpr std::uint32_t kHeader = 28;
constexpr std::uint32_t kPartition = 24;

template <class List>
std::uint32_t size32(const List& list) {
  return static_cast<std::uint32_t>(list.size());
}

std::uint32_t zk_op_bytes(const ZkOp& op) {
  std::uint32_t value = 0;
  if (std::holds_alternative<PartitionStateZnode>(op.value)) value = 90;
  if (std::holds_alternative<BrokerZnode>(op.value)) value = 200;
  if (std::holds_alternative<ControllerZnode>(op.value)) value = 80;
  if (const auto* topic = std::get_if<TopicZnode>(&op.value); topic != nullptr && topic->replicas) {
    value = 60 + 16 * size32(*topic->replicas);
  }
  return 24 + size32(op.path) + value;
}

}  // namespace

std::string_view message_name(MessageType type) {
  switch (type) {
#define X(name) \
  case MessageType::k##name: return #name;
    ISRLAB_MESSAGES(X)
#undef X
    case MessageType::kCount: break;
  }
  return "unknown";
}

std::uint32_t wire_bytes(const ApiVersionsRequest&) {
  return kHeader + 30;
}
std::uint32_t wire_bytes(const ApiVersionsResponse&) {
  return kHeader + 400;
}
std::uint32_t wire_bytes(const MetadataRequest& m) {
  return kHeader + 20 * size32(m.topics);
}
std::uint32_t wire_bytes(const MetadataResponse& m) {
  return kHeader + 30 * size32(m.brokers) + 40 * size32(m.topics) + 45 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ProduceRequest& m) {
  std::uint32_t bytes = kHeader + 10;
  for (const auto& partition : m.partitions) bytes += kPartition + partition.batch.bytes;
  return bytes;
}
std::uint32_t wire_bytes(const ProduceResponse& m) {
  return kHeader + 46 * size32(m.partitions);
}
std::uint32_t wire_bytes(const FetchRequest& m) {
  return kHeader + 34 + 52 * size32(m.partitions) + 24 * size32(m.forgotten);
}
std::uint32_t wire_bytes(const FetchResponse& m) {
  std::uint32_t bytes = kHeader + 14 + 62 * size32(m.partitions);
  for (const Batch& batch : m.batches) bytes += batch.bytes;
  return bytes;
}
std::uint32_t wire_bytes(const ListOffsetsRequest& m) {
  return kHeader + 36 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ListOffsetsResponse& m) {
  return kHeader + 44 * size32(m.partitions);
}
std::uint32_t wire_bytes(const InitProducerIdRequest&) {
  return kHeader + 20;
}
std::uint32_t wire_bytes(const InitProducerIdResponse&) {
  return kHeader + 16;
}
std::uint32_t wire_bytes(const AllocateProducerIdsRequest&) {
  return kHeader + 12;
}
std::uint32_t wire_bytes(const AllocateProducerIdsResponse&) {
  return kHeader + 18;
}
std::uint32_t wire_bytes(const FindCoordinatorRequest&) {
  return kHeader + 20;
}
std::uint32_t wire_bytes(const FindCoordinatorResponse&) {
  return kHeader + 40;
}
std::uint32_t wire_bytes(const JoinGroupRequest& m) {
  return kHeader + 60 + size32(m.member_id) + 20 * size32(m.subscription.topics) +
         8 * size32(m.subscription.owned);
}
std::uint32_t wire_bytes(const JoinGroupResponse& m) {
  std::uint32_t bytes = kHeader + 60 + size32(m.leader) + size32(m.member_id);
  for (const auto& member : m.members) {
    bytes += 20 + size32(member.member_id) + 20 * size32(member.subscription.topics);
  }
  return bytes;
}
std::uint32_t wire_bytes(const SyncGroupRequest& m) {
  std::uint32_t bytes = kHeader + 30 + size32(m.member_id);
  for (const auto& assignment : m.assignments) {
    bytes += 20 + size32(assignment.member_id) + 8 * size32(assignment.partitions);
  }
  return bytes;
}
std::uint32_t wire_bytes(const SyncGroupResponse& m) {
  return kHeader + 30 + 8 * size32(m.partitions);
}
std::uint32_t wire_bytes(const HeartbeatRequest& m) {
  return kHeader + 20 + size32(m.member_id);
}
std::uint32_t wire_bytes(const HeartbeatResponse&) {
  return kHeader + 6;
}
std::uint32_t wire_bytes(const LeaveGroupRequest& m) {
  return kHeader + 20 + size32(m.member_id);
}
std::uint32_t wire_bytes(const LeaveGroupResponse&) {
  return kHeader + 6;
}
std::uint32_t wire_bytes(const OffsetCommitRequest& m) {
  return kHeader + 30 + size32(m.member_id) + 32 * size32(m.partitions);
}
std::uint32_t wire_bytes(const OffsetCommitResponse& m) {
  return kHeader + 12 * size32(m.partitions);
}
std::uint32_t wire_bytes(const OffsetFetchRequest& m) {
  return kHeader + 20 + 8 * size32(m.partitions);
}
std::uint32_t wire_bytes(const OffsetFetchResponse& m) {
  return kHeader + 28 * size32(m.partitions);
}
std::uint32_t wire_bytes(const CreateTopicsRequest& m) {
  return kHeader + 40 * size32(m.topics);
}
std::uint32_t wire_bytes(const CreateTopicsResponse& m) {
  return kHeader + 40 * size32(m.topics);
}
std::uint32_t wire_bytes(const AlterPartitionReassignmentsRequest& m) {
  return kHeader + 40 * size32(m.partitions);
}
std::uint32_t wire_bytes(const AlterPartitionReassignmentsResponse& m) {
  return kHeader + 30 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ElectLeadersRequest& m) {
  return kHeader + 30 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ElectLeadersResponse& m) {
  return kHeader + 30 * size32(m.partitions);
}
std::uint32_t wire_bytes(const LeaderAndIsrRequest& m) {
  return kHeader + 90 * size32(m.partitions);
}
std::uint32_t wire_bytes(const LeaderAndIsrResponse& m) {
  return kHeader + 8 * size32(m.partitions);
}
std::uint32_t wire_bytes(const UpdateMetadataRequest& m) {
  return kHeader + 60 * size32(m.live_brokers) + 80 * size32(m.partitions);
}
std::uint32_t wire_bytes(const UpdateMetadataResponse&) {
  return kHeader + 2;
}
std::uint32_t wire_bytes(const StopReplicaRequest& m) {
  return kHeader + 20 * size32(m.partitions);
}
std::uint32_t wire_bytes(const StopReplicaResponse& m) {
  return kHeader + 8 * size32(m.partitions);
}
std::uint32_t wire_bytes(const AlterPartitionRequest& m) {
  return kHeader + 50 * size32(m.partitions);
}
std::uint32_t wire_bytes(const AlterPartitionResponse& m) {
  return kHeader + 50 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ControlledShutdownRequest&) {
  return kHeader + 12;
}
std::uint32_t wire_bytes(const ControlledShutdownResponse& m) {
  return kHeader + 8 * size32(m.remaining);
}
std::uint32_t wire_bytes(const OffsetsForLeaderEpochRequest& m) {
  return kHeader + 12 + 12 * size32(m.partitions);
}
std::uint32_t wire_bytes(const OffsetsForLeaderEpochResponse& m) {
  return kHeader + 8 + 18 * size32(m.partitions);
}
std::uint32_t wire_bytes(const ZkConnectRequest&) {
  return 49;
}
std::uint32_t wire_bytes(const ZkConnectResponse&) {
  return 41;
}
std::uint32_t wire_bytes(const ZkPing&) {
  return 12;
}
std::uint32_t wire_bytes(const ZkPong&) {
  return 20;
}
std::uint32_t wire_bytes(const ZkRequest& m) {
  std::uint32_t bytes = 12;
  for (const ZkOp& op : m.ops) bytes += zk_op_bytes(op);
  return bytes;
}
std::uint32_t wire_bytes(const ZkReply& m) {
  std::uint32_t bytes = 20;
  for (const ZkOpResult& result : m.results) bytes += 80 + 24 * size32(result.children);
  return bytes;
}
std::uint32_t wire_bytes(const ZkWatchEvent& m) {
  return 28 + size32(m.path);
}
std::uint32_t wire_bytes(const ZkNotification&) {
  return 40;
}
std::uint32_t wire_bytes(const ZkQuorumPacket& m) {
  std::uint32_t bytes = 28 + 12 * size32(m.sessions);
  if (m.transaction) {
    for (const ZkOp& op : m.transaction->ops) bytes += zk_op_bytes(op);
  }
  return bytes;
}

// Recycled messages keep their vectors' memory: every field is put back, vectors are cleared.
void reset(ApiVersionsRequest& m) {
  m = {};
}
void reset(ApiVersionsResponse& m) {
  m = {};
}
void reset(MetadataRequest& m) {
  m.topics.clear();
}
void reset(MetadataResponse& m) {
  m.controller = kNoBroker;
  m.brokers.clear();
  m.topics.clear();
  m.partitions.clear();
}
void reset(ProduceRequest& m) {
  m.partitions.clear();
}
void reset(ProduceResponse& m) {
  m.partitions.clear();
}
void reset(FetchRequest& m) {
  m.partitions.clear();
  m.forgotten.clear();
  m.replica = kNoBroker;
  m.rack = kNoRack;
  m.session_id = m.session_epoch = 0;
}
void reset(FetchResponse& m) {
  m.partitions.clear();
  m.batches.clear();
  m.error = Error::kNone;
  m.session_id = 0;
}
void reset(ListOffsetsRequest& m) {
  m.partitions.clear();
  m.replica = kNoBroker;
}
void reset(ListOffsetsResponse& m) {
  m.partitions.clear();
}
void reset(OffsetsForLeaderEpochRequest& m) {
  m.partitions.clear();
  m.replica = kNoBroker;
}
void reset(OffsetsForLeaderEpochResponse& m) {
  m.partitions.clear();
}
void reset(InitProducerIdRequest& m) {
  m = {};
}
void reset(InitProducerIdResponse& m) {
  m = {};
}
void reset(AllocateProducerIdsRequest& m) {
  m = {};
}
void reset(AllocateProducerIdsResponse& m) {
  m = {};
}
void reset(FindCoordinatorRequest& m) {
  m = {};
}
void reset(FindCoordinatorResponse& m) {
  m = {};
}
void reset(JoinGroupRequest& m) {
  m = {};
}
void reset(JoinGroupResponse& m) {
  m = {};
}
void reset(SyncGroupRequest& m) {
  m = {};
}
void reset(SyncGroupResponse& m) {
  m = {};
}
void reset(HeartbeatRequest& m) {
  m.member_id.clear();
  m.generation = -1;
}
void reset(HeartbeatResponse& m) {
  m = {};
}
void reset(LeaveGroupRequest& m) {
  m = {};
}
void reset(LeaveGroupResponse& m) {
  m = {};
}
void reset(OffsetCommitRequest& m) {
  m.member_id.clear();
  m.partitions.clear();
  m.generation = -1;
}
void reset(OffsetCommitResponse& m) {
  m.partitions.clear();
}
void reset(OffsetFetchRequest& m) {
  m.partitions.clear();
}
void reset(OffsetFetchResponse& m) {
  m.partitions.clear();
  m.error = Error::kNone;
}
void reset(CreateTopicsRequest& m) {
  m = {};
}
void reset(CreateTopicsResponse& m) {
  m = {};
}
void reset(AlterPartitionReassignmentsRequest& m) {
  m = {};
}
void reset(AlterPartitionReassignmentsResponse& m) {
  m = {};
}
void reset(ElectLeadersRequest& m) {
  m = {};
}
void reset(ElectLeadersResponse& m) {
  m = {};
}
void reset(LeaderAndIsrRequest& m) {
  m = {};
}
void reset(LeaderAndIsrResponse& m) {
  m = {};
}
void reset(UpdateMetadataRequest& m) {
  m = {};
}
void reset(UpdateMetadataResponse& m) {
  m = {};
}
void reset(StopReplicaRequest& m) {
  m = {};
}
void reset(StopReplicaResponse& m) {
  m = {};
}
void reset(AlterPartitionRequest& m) {
  m = {};
}
void reset(AlterPartitionResponse& m) {
  m = {};
}
void reset(ControlledShutdownRequest& m) {
  m = {};
}
void reset(ControlledShutdownResponse& m) {
  m = {};
}
void reset(ZkConnectRequest& m) {
  m = {};
}
void reset(ZkConnectResponse& m) {
  m = {};
}
void reset(ZkPing&) {}
void reset(ZkPong&) {}
void reset(ZkRequest& m) {
  m = {};
}
void reset(ZkReply& m) {
  m = {};
}
void reset(ZkWatchEvent& m) {
  m = {};
}
void reset(ZkNotification& m) {
  m = {};
}
void reset(ZkQuorumPacket& m) {
  // Empty lists keep their memory: pings and their answers are the idle traffic of an ensemble.
  m.sessions.clear();
  m.transaction.reset();
  m.tree.reset();
  m.pending.clear();
  m.kind = ZkPacketKind::kPing;
  m.sender = 0;
  m.epoch = m.zxid = m.session_id = 0;
  m.timeout = 0;
  m.connection = kNone;
  m.xid = 0;
  m.flag = false;
}

void Messages::release(sim::MessageRef message) {
  switch (static_cast<MessageType>(message.type)) {
#define X(name) \
  case MessageType::k##name: return name##_.release(message.index);
    ISRLAB_MESSAGES(X)
#undef X
    case MessageType::kCount: break;
  }
  SIM_ASSERT(false, "no such message type");
}

std::uint32_t message_bytes(const Messages& messages, sim::MessageRef message) {
  switch (static_cast<MessageType>(message.type)) {
#define X(name) \
  case MessageType::k##name: return wire_bytes(messages.pool<name>()[message.index]);
    ISRLAB_MESSAGES(X)
#undef X
    case MessageType::kCount: break;
  }
  return 0;
}

std::uint32_t Messages::live() const {
  std::uint32_t sum = 0;
#define X(name) sum += name##_.live();
  ISRLAB_MESSAGES(X)
#undef X
  return sum;
}

}  // namespace isrlab::model
