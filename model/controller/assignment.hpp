// Which brokers get the replicas of new partitions (AdminUtils.java, AdminZkClient.scala): pure
// functions of the brokers, their racks and two numbers that the caller draws.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"

namespace isrlab::model {

struct BrokerRack {
  BrokerId broker = kNoBroker;
  std::string rack;  // empty = none
  friend bool operator==(const BrokerRack&, const BrokerRack&) = default;
};

enum class AssignmentError : std::uint8_t {
  kNone,
  kInvalidPartitions,
  kInvalidReplicationFactor,
  kAdminOperation,           // some brokers have a rack and some have not
  kInvalidReplicaAssignment  // a placement made by hand
};

/// Where the first replica of partition 0 goes and how far from it the second: drawn in this order,
/// once per call (startIndex, nextReplicaShift). With a fixed start both are the same.
struct AssignmentStart {
  std::uint32_t index = 0;
  std::uint32_t shift = 0;
  static AssignmentStart fixed(std::uint32_t index) { return {index, index}; }
};

struct AssignmentResult {
  AssignmentError error = AssignmentError::kNone;
  std::vector<BrokerList> replicas;  // of the new partitions, in order
};

/// Assigns partitions start_partition .. start_partition + partitions - 1. Without racks the given
/// order of the brokers counts; with racks it does not.
AssignmentResult assign_replicas_to_brokers(const std::vector<BrokerRack>& brokers,
                                            std::int32_t partitions,
                                            std::int32_t replication_factor, AssignmentStart start,
                                            std::int32_t start_partition = 0);

/// One broker of each rack in turn, racks by name, brokers within a rack by id.
std::vector<BrokerRack> rack_alternated(const std::vector<BrokerRack>& brokers);

/// New partitions of a topic that has some: the first new one follows on the last, from where
/// partition 0 began. `brokers` sorted by id.
AssignmentResult assign_added_partitions(const std::vector<BrokerRack>& brokers,
                                         const std::vector<BrokerList>& existing,
                                         std::int32_t added);

enum class RackAwareMode : std::uint8_t { kDisabled, kEnforced, kSafe };

/// The brokers sorted by id as the mode wants to see them: without racks (disabled), as they are
/// (enforced; nothing if only some have one), without racks if only some have one (safe).
std::optional<std::vector<BrokerRack>> broker_metadatas(std::vector<BrokerRack> brokers,
                                                        RackAwareMode mode);

/// A placement made by hand: the same number of replicas everywhere, no broker twice, and the
/// partitions exactly 0 .. n-1.
AssignmentError validate_assignment(
    const std::vector<std::pair<std::int32_t, std::vector<BrokerId>>>& by_partition);

}  // namespace isrlab::model
