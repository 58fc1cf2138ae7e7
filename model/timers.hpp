// Kinds of timers of all actors: the `type` of a timer activation.
#pragma once
#include <cstdint>

namespace isrlab::model {

enum class TimerKind : std::uint16_t {
  // ZooKeeper server (model/zookeeper/server)
  kZkServerFirst = 0,
  kZkServerLast = 31,
  // ZooKeeper client inside a broker (model/zookeeper/client)
  kZkClientFirst = 32,
  kZkClientLast = 47,
  // Group coordinator inside a broker (model/coordinator)
  kCoordinatorFirst = 48,
  kCoordinatorLast = 63,
  // Clients: producer, consumer, admin (model/client)
  kClientFirst = 64,
  kClientLast = 127,
  // Broker and controller (model/broker, model/controller)
  kBrokerFirst = 128,
  kBrokerStartup = 128,
  kBrokerOpening,
  kParkedRequest,
  kHighWatermarkCheckpoint,
  kIsrShrink,
  kFetcher,
  kFetcherPartitions,
  kFetchRequestTimeout,
  kChannelTimeout,
  kChannelRetry,
  kAlterPartitionRetry,
  kAlterPartitionTimeout,
  kControlledShutdown,
  kControllerRebalance,
  kProducerIdTimeout,
  kPendingTopicCreation,
  kInternalAppend,
  kGroupLoad,
  kShutdownTimeout,
  kZkReopen,
  kLogsLoaded,
  kLogRetention,
  kLogFlusher,
  kRecoveryPointCheckpoint,
  kLogStartCheckpoint,
  kProducerExpiration,
  kFileDeletion,
  kZkConnectionTimeout,
  kBrokerLast = 255,
};

}  // namespace isrlab::model
