// Requests and responses on the wire, as data. Field names are Kafka's. Only what the model reads
// is carried; wire_bytes() estimates the size that bandwidth is charged for.
// Source: clients/src/main/resources/common/message of Kafka 3.9.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/protocol/batch.hpp"
#include "model/protocol/errors.hpp"
#include "model/protocol/zookeeper.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

using sim::Duration;

struct ApiVersionsRequest {
  std::uint32_t correlation = 0;
};
struct ApiVersionsResponse {
  std::uint32_t correlation = 0;
};

struct MetadataRequest {
  std::uint32_t correlation = 0;
  std::vector<TopicId> topics;  // empty: brokers and controller only
};
struct MetadataResponse {
  struct Topic {
    TopicId topic = 0;
    Error error = Error::kNone;
  };
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
    BrokerList replicas;
    BrokerList isr;
    std::uint32_t cause = 0;  // kept event behind it, for the history; not on the wire
  };
  std::uint32_t correlation = 0;
  BrokerId controller = kNoBroker;
  std::vector<BrokerId> brokers;
  std::vector<Topic> topics;
  std::vector<Partition> partitions;
};

/// Leader hint of KIP-951: sent with NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH.
struct LeaderHint {
  BrokerId leader = kNoBroker;
  std::int32_t leader_epoch = -1;
  std::uint32_t cause = 0;  // kept event behind it, for the history; not on the wire
};

struct ProduceRequest {
  struct Partition {
    PartitionId partition = 0;
    Batch batch;
  };
  std::uint32_t correlation = 0;
  std::int8_t acks = -1;
  Duration timeout = 0;
  std::vector<Partition> partitions;  // exactly one v2 batch each
};
struct ProduceResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    std::int64_t base_offset = -1;
    std::int64_t log_start_offset = -1;
    LeaderHint hint;
  };
  std::uint32_t correlation = 0;
  std::vector<Partition> partitions;
};

struct FetchRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int64_t log_start_offset = -1;    // followers only
    std::int32_t last_fetched_epoch = -1;  // truncate on fetch (followers)
    std::int32_t max_bytes = 0;
    std::uint32_t cause = 0;  // kept event by which it follows; for the history, not on the wire
  };
  std::uint32_t correlation = 0;
  BrokerId replica = kNoBroker;  // -1: a consumer
  RackId rack = kNoRack;         // client.rack of a consumer
  Duration max_wait = 0;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 0;
  std::int32_t session_id = 0;        // KIP-227: 0 with epoch 0 asks for a new session
  std::int32_t session_epoch = 0;     // -1: no session
  std::vector<Partition> partitions;  // of an incremental fetch: the changed ones only
  std::vector<PartitionId> forgotten;
};
struct FetchResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    std::int64_t high_watermark = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t diverging_epoch = -1;  // set: the follower must truncate
    std::int64_t diverging_end_offset = -1;
    BrokerId preferred_read_replica = kNoBroker;  // set: a consumer should read there (KIP-392)
    LeaderHint hint;
    std::uint32_t first_batch = 0;  // range in `batches`
    std::uint32_t batch_count = 0;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;  // of the session
  std::int32_t session_id = 0;
  std::vector<Partition> partitions;
  std::vector<Batch> batches;
};

inline constexpr std::int64_t kLatestTimestamp = -1;
inline constexpr std::int64_t kEarliestTimestamp = -2;

struct ListOffsetsRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = kLatestTimestamp;
  };
  std::uint32_t correlation = 0;
  BrokerId replica = kNoBroker;
  std::vector<Partition> partitions;
};
struct ListOffsetsResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    std::uint64_t prefix_hash = 0;  // for checkers: of what lies below the offset, deleted or not
  };
  std::uint32_t correlation = 0;
  std::vector<Partition> partitions;
};

/// Where does the leader's log of an epoch end? Asked before fetching by followers that do not
/// truncate on fetch (KIP-101; since KIP-279 the answer names its epoch).
struct OffsetsForLeaderEpochRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = -1;
  };
  std::uint32_t correlation = 0;
  BrokerId replica = kNoBroker;
  std::vector<Partition> partitions;
};
struct OffsetsForLeaderEpochResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;
  };
  std::uint32_t correlation = 0;
  std::vector<Partition> partitions;
};

struct InitProducerIdRequest {
  std::uint32_t correlation = 0;
};
struct InitProducerIdResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
};

/// Broker to controller: a block of 1000 producer ids (KIP-730).
struct AllocateProducerIdsRequest {
  std::uint32_t correlation = 0;
  BrokerId broker = kNoBroker;
  std::int64_t broker_epoch = -1;
};
struct AllocateProducerIdsResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::int64_t first = -1;
  std::int32_t length = 0;
};

struct FindCoordinatorRequest {
  std::uint32_t correlation = 0;
  GroupId group = 0;
};
struct FindCoordinatorResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  BrokerId coordinator = kNoBroker;
};

/// What a member tells the others through the coordinator (ConsumerProtocolSubscription).
struct Subscription {
  std::vector<TopicId> topics;
  std::vector<PartitionId> owned;
  std::int32_t generation = -1;
  friend bool operator==(const Subscription&, const Subscription&) = default;
};
struct JoinGroupRequest {
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::string member_id;  // "" = first contact
  std::string client_id;
  Duration session_timeout = 0;
  Duration rebalance_timeout = 0;
  Subscription subscription;  // for the one configured assignor, "range"
};
struct JoinGroupResponse {
  struct Member {
    std::string member_id;
    Subscription subscription;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::int32_t generation = -1;
  std::string leader;
  std::string member_id;
  std::vector<Member> members;  // for the leader only
};
struct SyncGroupRequest {
  struct Assignment {
    std::string member_id;
    std::vector<PartitionId> partitions;
  };
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::int32_t generation = -1;
  std::string member_id;
  std::vector<Assignment> assignments;  // from the leader only
};
struct SyncGroupResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<PartitionId> partitions;
};
struct HeartbeatRequest {
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::int32_t generation = -1;
  std::string member_id;
};
struct HeartbeatResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
};
struct LeaveGroupRequest {
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::string member_id;
};
struct LeaveGroupResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
};
struct OffsetCommitRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
  };
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::int32_t generation = -1;
  std::string member_id;
  std::vector<Partition> partitions;
};
struct OffsetCommitResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  std::vector<Partition> partitions;
};
struct OffsetFetchRequest {
  std::uint32_t correlation = 0;
  GroupId group = 0;
  std::vector<PartitionId> partitions;
};
struct OffsetFetchResponse {
  struct Partition {
    PartitionId partition = 0;
    std::int64_t offset = -1;  // -1: nothing committed
    std::int32_t leader_epoch = -1;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};

struct CreateTopicsRequest {
  std::uint32_t correlation = 0;
  std::vector<TopicId> topics;  // their specification is in the catalog
  Duration timeout = 30 * sim::kSecond;
};
struct CreateTopicsResponse {
  struct Topic {
    TopicId topic = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  std::vector<Topic> topics;
};

/// KIP-455. Replicas that are not given take a reassignment back.
struct AlterPartitionReassignmentsRequest {
  struct Partition {
    PartitionId partition = 0;
    BrokerList replicas;
    bool cancel = false;
  };
  std::uint32_t correlation = 0;
  std::vector<Partition> partitions;
};
struct AlterPartitionReassignmentsResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};
/// KIP-460.
struct ElectLeadersRequest {
  std::uint32_t correlation = 0;
  bool unclean = false;
  std::vector<PartitionId> partitions;
};
struct ElectLeadersResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};

/// What the controller knows of one partition, as it goes into LeaderAndIsr and UpdateMetadata.
struct PartitionStateMessage {
  PartitionId partition = 0;
  std::int32_t controller_epoch = 0;
  BrokerId leader = kNoBroker;
  std::int32_t leader_epoch = 0;
  std::int32_t partition_epoch = 0;  // zkVersion of the state znode
  BrokerList isr;
  BrokerList replicas;
  bool is_new = false;
  bool recovering = false;  // LeaderRecoveryState RECOVERING: after an unclean election
  std::uint32_t cause = 0;  // kept event behind it, for the history; not on the wire
};
struct LeaderAndIsrRequest {
  std::uint32_t correlation = 0;
  BrokerId controller = kNoBroker;
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  std::vector<PartitionStateMessage> partitions;
};
struct LeaderAndIsrResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};
struct UpdateMetadataRequest {
  std::uint32_t correlation = 0;
  BrokerId controller = kNoBroker;
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  std::vector<BrokerId> live_brokers;
  std::vector<PartitionStateMessage> partitions;
};
struct UpdateMetadataResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
};
struct StopReplicaRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int32_t leader_epoch = -1;
    bool delete_partition = false;
  };
  std::uint32_t correlation = 0;
  BrokerId controller = kNoBroker;
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  std::vector<Partition> partitions;
};
struct StopReplicaResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};

struct AlterPartitionRequest {
  struct Partition {
    PartitionId partition = 0;
    std::int32_t leader_epoch = -1;
    std::int32_t partition_epoch = -1;
    BrokerList new_isr;
    bool recovering = false;
    std::uint32_t cause = 0;  // kept event behind it, for the history; not on the wire
  };
  std::uint32_t correlation = 0;
  BrokerId broker = kNoBroker;
  std::int64_t broker_epoch = -1;
  std::vector<Partition> partitions;
};
struct AlterPartitionResponse {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    BrokerId leader = kNoBroker;
    std::int32_t leader_epoch = -1;
    std::int32_t partition_epoch = -1;
    BrokerList isr;
    std::uint32_t cause = 0;  // kept event behind it, for the history; not on the wire
  };
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<Partition> partitions;
};
struct ControlledShutdownRequest {
  std::uint32_t correlation = 0;
  BrokerId broker = kNoBroker;
  std::int64_t broker_epoch = -1;
};
struct ControlledShutdownResponse {
  std::uint32_t correlation = 0;
  Error error = Error::kNone;
  std::vector<PartitionId> remaining;
};

// X(type, is_request): every message, in the order of MessageType. One list makes the enum, the
// pools, the names and the dispatch.
#define ISRLAB_MESSAGES(X)                                                                      \
  X(ApiVersionsRequest)                                                                         \
  X(ApiVersionsResponse)                                                                        \
  X(MetadataRequest)                                                                            \
  X(MetadataResponse)                                                                           \
  X(ProduceRequest)                                                                             \
  X(ProduceResponse)                                                                            \
  X(FetchRequest)                                                                               \
  X(FetchResponse)                                                                              \
  X(ListOffsetsRequest)                                                                         \
  X(ListOffsetsResponse)                                                                        \
  X(InitProducerIdRequest)                                                                      \
  X(InitProducerIdResponse)                                                                     \
  X(AllocateProducerIdsRequest)                                                                 \
  X(AllocateProducerIdsResponse)                                                                \
  X(FindCoordinatorRequest)                                                                     \
  X(FindCoordinatorResponse)                                                                    \
  X(JoinGroupRequest)                                                                           \
  X(JoinGroupResponse)                                                                          \
  X(SyncGroupRequest) X(SyncGroupResponse) X(HeartbeatRequest) X(HeartbeatResponse)             \
      X(LeaveGroupRequest) X(LeaveGroupResponse) X(OffsetCommitRequest) X(OffsetCommitResponse) \
          X(OffsetFetchRequest) X(OffsetFetchResponse) X(CreateTopicsRequest)                   \
              X(CreateTopicsResponse) X(LeaderAndIsrRequest) X(LeaderAndIsrResponse)            \
                  X(UpdateMetadataRequest) X(UpdateMetadataResponse) X(StopReplicaRequest)      \
                      X(StopReplicaResponse) X(AlterPartitionRequest) X(AlterPartitionResponse) \
                          X(ControlledShutdownRequest) X(ControlledShutdownResponse)            \
                              X(ZkConnectRequest) X(ZkConnectResponse) X(ZkPing) X(ZkPong)      \
                                  X(ZkRequest) X(ZkReply) X(ZkWatchEvent) X(ZkNotification)     \
                                      X(ZkQuorumPacket) X(OffsetsForLeaderEpochRequest)         \
                                          X(OffsetsForLeaderEpochResponse)                      \
                                              X(AlterPartitionReassignmentsRequest)             \
                                                  X(AlterPartitionReassignmentsResponse)        \
                                                      X(ElectLeadersRequest)                    \
                                                          X(ElectLeadersResponse)

enum class MessageType : std::uint16_t {
#define X(name) k##name,
  ISRLAB_MESSAGES(X)
#undef X
      kCount
};

/// `FetchRequest`, without the k.
std::string_view message_name(MessageType type);

template <class M>
struct MessageTypeOf;
#define X(name)                                                \
  template <>                                                  \
  struct MessageTypeOf<name> {                                 \
    static constexpr MessageType value = MessageType::k##name; \
  };
ISRLAB_MESSAGES(X)
#undef X

/// Estimated bytes on the wire, header included. Used for bandwidth only.
#define X(name) std::uint32_t wire_bytes(const name& message);
ISRLAB_MESSAGES(X)
#undef X

}  // namespace isrlab::model
