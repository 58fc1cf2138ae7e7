#include "model/protocol/errors.hpp"

namespace isrlab::model {

namespace {
struct Name {
  Error error;
  std::string_view name;
};
constexpr Name kNames[] = {
    {Error::kUnknownServerError, "UNKNOWN_SERVER_ERROR"},
    {Error::kNone, "NONE"},
    {Error::kOffsetOutOfRange, "OFFSET_OUT_OF_RANGE"},
    {Error::kCorruptMessage, "CORRUPT_MESSAGE"},
    {Error::kUnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION"},
    {Error::kLeaderNotAvailable, "LEADER_NOT_AVAILABLE"},
    {Error::kNotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER"},
    {Error::kRequestTimedOut, "REQUEST_TIMED_OUT"},
    {Error::kBrokerNotAvailable, "BROKER_NOT_AVAILABLE"},
    {Error::kReplicaNotAvailable, "REPLICA_NOT_AVAILABLE"},
    {Error::kMessageTooLarge, "MESSAGE_TOO_LARGE"},
    {Error::kStaleControllerEpoch, "STALE_CONTROLLER_EPOCH"},
    {Error::kNetworkException, "NETWORK_EXCEPTION"},
    {Error::kCoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS"},
    {Error::kCoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE"},
    {Error::kNotCoordinator, "NOT_COORDINATOR"},
    {Error::kInvalidTopicException, "INVALID_TOPIC_EXCEPTION"},
    {Error::kRecordListTooLarge, "RECORD_LIST_TOO_LARGE"},
    {Error::kNotEnoughReplicas, "NOT_ENOUGH_REPLICAS"},
    {Error::kNotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"},
    {Error::kInvalidRequiredAcks, "INVALID_REQUIRED_ACKS"},
    {Error::kIllegalGeneration, "ILLEGAL_GENERATION"},
    {Error::kInconsistentGroupProtocol, "INCONSISTENT_GROUP_PROTOCOL"},
    {Error::kInvalidGroupId, "INVALID_GROUP_ID"},
    {Error::kUnknownMemberId, "UNKNOWN_MEMBER_ID"},
    {Error::kInvalidSessionTimeout, "INVALID_SESSION_TIMEOUT"},
    {Error::kRebalanceInProgress, "REBALANCE_IN_PROGRESS"},
    {Error::kTopicAlreadyExists, "TOPIC_ALREADY_EXISTS"},
    {Error::kInvalidPartitions, "INVALID_PARTITIONS"},
    {Error::kInvalidReplicationFactor, "INVALID_REPLICATION_FACTOR"},
    {Error::kInvalidReplicaAssignment, "INVALID_REPLICA_ASSIGNMENT"},
    {Error::kNotController, "NOT_CONTROLLER"},
    {Error::kInvalidRequest, "INVALID_REQUEST"},
    {Error::kPolicyViolation, "POLICY_VIOLATION"},
    {Error::kOutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER"},
    {Error::kDuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER"},
    {Error::kInvalidProducerEpoch, "INVALID_PRODUCER_EPOCH"},
    {Error::kInvalidTxnState, "INVALID_TXN_STATE"},
    {Error::kConcurrentTransactions, "CONCURRENT_TRANSACTIONS"},
    {Error::kTransactionCoordinatorFenced, "TRANSACTION_COORDINATOR_FENCED"},
    {Error::kKafkaStorageError, "KAFKA_STORAGE_ERROR"},
    {Error::kUnknownProducerId, "UNKNOWN_PRODUCER_ID"},
    {Error::kFetchSessionIdNotFound, "FETCH_SESSION_ID_NOT_FOUND"},
    {Error::kInvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH"},
    {Error::kFencedLeaderEpoch, "FENCED_LEADER_EPOCH"},
    {Error::kUnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH"},
    {Error::kStaleBrokerEpoch, "STALE_BROKER_EPOCH"},
    {Error::kOffsetNotAvailable, "OFFSET_NOT_AVAILABLE"},
    {Error::kMemberIdRequired, "MEMBER_ID_REQUIRED"},
    {Error::kPreferredLeaderNotAvailable, "PREFERRED_LEADER_NOT_AVAILABLE"},
    {Error::kGroupMaxSizeReached, "GROUP_MAX_SIZE_REACHED"},
    {Error::kFencedInstanceId, "FENCED_INSTANCE_ID"},
    {Error::kEligibleLeadersNotAvailable, "ELIGIBLE_LEADERS_NOT_AVAILABLE"},
    {Error::kElectionNotNeeded, "ELECTION_NOT_NEEDED"},
    {Error::kNoReassignmentInProgress, "NO_REASSIGNMENT_IN_PROGRESS"},
    {Error::kOperationNotAttempted, "OPERATION_NOT_ATTEMPTED"},
    {Error::kInvalidUpdateVersion, "INVALID_UPDATE_VERSION"},
    {Error::kUnknownTopicId, "UNKNOWN_TOPIC_ID"},
    {Error::kIneligibleReplica, "INELIGIBLE_REPLICA"},
    {Error::kNewLeaderElected, "NEW_LEADER_ELECTED"},
};
}  // namespace

std::string_view error_name(Error error) {
  for (const Name& known : kNames) {
    if (known.error == error) return known.name;
  }
  return "UNKNOWN";
}

bool invalidates_metadata(Error error) {
  switch (error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kLeaderNotAvailable:
    case Error::kNotLeaderOrFollower:
    case Error::kReplicaNotAvailable:
    case Error::kNetworkException:
    case Error::kKafkaStorageError:
    case Error::kFencedLeaderEpoch:
    case Error::kPreferredLeaderNotAvailable:
    case Error::kEligibleLeadersNotAvailable:
    case Error::kElectionNotNeeded:
    case Error::kUnknownTopicId: return true;
    default: return false;
  }
}

bool is_retriable(Error error) {
  if (invalidates_metadata(error)) return true;
  switch (error) {
    case Error::kCorruptMessage:
    case Error::kRequestTimedOut:
    case Error::kCoordinatorLoadInProgress:
    case Error::kCoordinatorNotAvailable:
    case Error::kNotCoordinator:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend:
    case Error::kNotController:
    case Error::kConcurrentTransactions:
    case Error::kFetchSessionIdNotFound:
    case Error::kInvalidFetchSessionEpoch:
    case Error::kUnknownLeaderEpoch:
    case Error::kOffsetNotAvailable: return true;
    default: return false;
  }
}

}  // namespace isrlab::model
