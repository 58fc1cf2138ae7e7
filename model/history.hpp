// The kinds of history events, one table: name, whether it is kept or only passes by, and what its
// fields mean. Actors are processes; subjects are partitions, groups, hosts or servers.
#pragma once
#include <cstdint>
#include <string_view>

namespace isrlab::model {

// X(name, kept, subject, a, b, c). Small codes:
//   LeaderElected.c: 0 new partition, 1 offline, 2 preferred, 3 controlled shutdown, 4 unclean,
//     5 reassignment
//   MemberLeft.b: 0 left, 1 session expired, 2 did not rejoin, 3 did not sync
//   RebalanceStarted.b: 0 join, 1 leave, 2 expired, 3 metadata, 4 sync
//   AckSent.b: effective min ISR << 8 | size of the maximal ISR
//   BrokerStartSeen.c: 1 if the controller never saw the earlier registration end
//   PartitionState.c: leader epoch << 32 | partition epoch (zkVersion)
// clang-format off
#define ISRLAB_HISTORY(X)                                                                          \
  /* environment and faults */                                                                    \
  X(ProcessStarted, true, "incarnation", "", "", "")                                              \
  X(ProcessKilled, true, "", "", "", "")                                                          \
  X(ProcessExited, true, "", "clean", "", "")                                                     \
  X(ProcessPaused, true, "", "", "", "")                                                          \
  X(ProcessResumed, true, "", "paused for ns", "", "")                                            \
  X(FaultInjected, true, "item", "list of processes", "list of the other side", "duration ns")    \
  X(FaultHealed, true, "item", "list of processes", "list of the other side", "")                 \
  /* RecordsLostOnDisk: with the host's memory, a torn write or the whole disk */                  \
  X(RecordsLostOnDisk, true, "partition", "from offset", "to offset", "recovery point")           \
  X(ConnectionRefused, false, "peer process", "connection", "", "")                               \
  X(ConnectionLost, true, "peer process", "connection", "reason", "")                             \
  /* ZooKeeper servers */                                                                         \
  X(ZkLooking, true, "server id", "", "", "")                                                     \
  X(ZkLeading, true, "server id", "zk epoch", "", "")                                             \
  X(ZkFollowing, true, "server id", "leader id", "zk epoch", "")                                  \
  X(ZkSessionCreated, true, "owner process", "session", "timeout ns", "")                         \
  X(ZkSessionExpired, true, "owner process", "session", "last touch time", "timeout ns")          \
  X(ZkSessionClosed, true, "owner process", "session", "", "")                                    \
  X(ZkCommitted, false, "server id", "zxid", "operations", "")                                    \
  /* ZooKeeper clients (brokers) */                                                               \
  X(ZkClientConnected, true, "server id", "session", "", "")                                      \
  X(ZkClientDisconnected, true, "server id", "session", "", "")                                   \
  X(ZkClientExpired, true, "", "session", "", "")                                                 \
  /* broker life */                                                                               \
  X(BrokerRegistered, true, "broker", "broker epoch", "", "")                                     \
  X(BrokerRegistrationFailed, true, "broker", "", "", "")                                         \
  X(BrokerRunning, true, "broker", "", "", "")                                                    \
  X(ControlledShutdownStarted, true, "broker", "", "", "")                                        \
  X(ControlledShutdownDone, true, "broker", "succeeded", "attempts", "")                          \
  /* controller */                                                                                \
  X(ControllerElected, true, "broker", "controller epoch", "", "")                                \
  X(ControllerReady, true, "broker", "controller epoch", "partitions", "")                        \
  X(ControllerResigned, true, "broker", "controller epoch", "", "")                               \
  X(BrokerFailureSeen, true, "failed broker", "controller epoch", "", "")                         \
  X(BrokerStartSeen, true, "new broker", "controller epoch", "broker epoch", "bounced")           \
  X(TopicCreated, true, "topic", "partitions", "controller epoch", "")                            \
  /* PartitionState: a committed write of a state znode; c packs leader epoch << 32 | version */   \
  X(PartitionState, true, "partition", "leader", "isr list", "leader epoch, version")             \
  X(LeaderElected, true, "partition", "leader", "leader epoch", "how") \
  X(PartitionOffline, true, "partition", "last leader", "isr list", "")                           \
  X(ControlRequestSent, false, "broker", "message type", "partitions", "")                        \
  X(ControlRequestRefused, true, "controller broker", "error", "controller epoch", "broker epoch") \
  /* replicas */                                                                                  \
  X(BecameLeader, true, "partition", "leader epoch", "log end offset", "high watermark")          \
  X(BecameFollower, true, "partition", "leader epoch", "leader", "log end offset")                \
  X(ReplicaStopped, true, "partition", "leader epoch", "", "")                                    \
  X(Truncated, true, "partition", "from offset", "to offset", "high watermark before")            \
  X(IsrShrinkProposed, true, "partition", "new isr list", "leader epoch", "")                     \
  X(IsrExpandProposed, true, "partition", "new isr list", "leader epoch", "")                     \
  X(IsrCommitted, true, "partition", "isr list", "leader epoch", "partition epoch")               \
  X(IsrUpdateFailed, true, "partition", "error", "leader epoch", "")                              \
  X(HighWatermark, false, "partition", "offset", "leader epoch, -1 on a follower", "")            \
  X(LeaderAppend, false, "partition", "base offset", "count", "leader epoch << 32 | producer")    \
  X(FollowerAppend, false, "partition", "base offset", "log end offset", "leader epoch")          \
  X(ProduceRefused, false, "partition", "error", "producer process", "")                          \
  X(AckSent, false, "partition", "next offset", "min isr << 8 | isr size", "leader epoch") \
  X(FetchFenced, true, "partition", "error", "leader epoch", "")                                  \
  /* coordinator and groups */                                                                    \
  X(GroupLoaded, true, "group", "generation", "members", "")                                      \
  X(GroupUnloaded, true, "group", "", "", "")                                                     \
  X(MemberJoined, true, "group", "member process", "", "")                                        \
  X(MemberLeft, true, "group", "member process", "reason 0-3", "") \
  X(RebalanceStarted, true, "group", "generation", "reason 0-4", "member process") \
  X(GenerationStarted, true, "group", "generation", "members", "")                                \
  X(GroupStable, true, "group", "generation", "members", "")                                      \
  X(OffsetCommitted, false, "partition", "offset", "group", "generation")                         \
  /* clients: the ledger */                                                                       \
  X(RecordsSent, false, "partition", "first record", "count", "attempt")                          \
  X(RecordsAcked, false, "partition", "first record", "count", "base offset")                     \
  X(RecordsFailed, true, "partition", "first record", "count", "error << 8 | may be in the log")  \
  X(RecordsRetried, true, "partition", "first record", "count", "error")                          \
  X(RecordCreated, false, "partition", "record", "", "")                                          \
  X(SendBlocked, true, "topic", "reason: 0 metadata 1 memory", "ns", "dropped records")           \
  X(ClientMetadata, false, "brokers", "", "", "")                                                 \
  X(LeaderLearned, true, "partition", "leader", "leader epoch", "")                               \
  X(RequestTimedOut, true, "broker", "message type", "", "")                                      \
  X(ProducerIdAssigned, true, "", "producer id", "epoch", "")                                     \
  X(AssignmentReceived, true, "group", "generation", "partition list", "")                        \
  X(AssignmentLost, true, "group", "generation", "partition list", "")                            \
  X(PositionReset, true, "partition", "from offset", "to offset", "reason")                       \
  X(RecordsDelivered, false, "partition", "base offset", "count", "first record << 24 | producer") \
  X(CoordinatorFound, true, "group", "broker", "", "")                                            \
  X(CoordinatorLost, false, "group", "broker", "", "")                                            \
  X(TopicsReady, true, "topics", "", "", "")                                                      \
  /* added later: the digest folds a kind's number, so that new ones stand at the end */           \
  /* FetchDiverged: the leader's answer to a follower whose log has left the leader's */           \
  X(FetchDiverged, false, "partition", "diverging epoch", "its end offset", "leader epoch")       \
  /* DuplicateSuppressed: by sequence; answered with the offsets of the first append */            \
  X(DuplicateSuppressed, false, "partition", "base offset", "count", "producer process")           \
  /* logs */                                                                                      \
  X(LogsLoaded, true, "broker", "ns", "bytes scanned", "clean")                                   \
  X(LogStartRaised, true, "partition", "from offset", "to offset", "segments left")               \
  X(LogDirFailed, true, "broker", "directory", "partitions", "directories left")                  \
  /* operators; AdminAnswered.a: message type of the request */                                    \
  X(AdminAnswered, true, "partition", "message type", "error", "")                                \
  X(ReassignmentStarted, true, "partition", "replicas list", "adding list", "removing list")      \
  X(ReassignmentDone, true, "partition", "replicas list", "", "")                                 \
  X(ReplicaDeleted, true, "partition", "log end offset", "", "")

// clang-format on

enum class HistoryKind : std::uint16_t {
#define X(name, kept, subject, a, b, c) k##name,
  ISRLAB_HISTORY(X)
#undef X
      kCount
};

struct HistoryKindInfo {
  std::string_view name;
  bool kept;
  std::string_view subject, a, b, c;
};
const HistoryKindInfo& history_kind(HistoryKind kind);

constexpr bool is_kept(HistoryKind kind) {
  constexpr bool kept[] = {
#define X(name, is, subject, a, b, c) is,
      ISRLAB_HISTORY(X)
#undef X
  };
  return kept[static_cast<std::size_t>(kind)];
}

}  // namespace isrlab::model
