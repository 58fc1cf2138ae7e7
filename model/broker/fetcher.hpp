// A replica fetcher thread (AbstractFetcherThread, ReplicaFetcherThread): everything a broker
// follows from one leader over one connection, one request at a time. Truncate on fetch (the
// default since 2.8): the leader finds the point of divergence while answering a fetch.
#pragma once
#include <vector>

#include "model/broker/rpc_channel.hpp"
#include "model/flat_map.hpp"

namespace isrlab::model {

enum class FetchState : std::uint8_t {
  kTruncating,  // must first cut its log: asks for the end of an epoch, or to its high watermark
  kFetching,
  kLatest,    // out of range: asks the leader for its end ...
  kEarliest,  // ... and for its start
  kFailed,    // parked until the next LeaderAndIsr
  kRemoved,
};

struct FetcherPartition {
  PartitionId partition = 0;
  std::int64_t fetch_offset = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
  std::int64_t lag = -1;  // behind the leader's high watermark at the last answer; -1 = unknown
  FetchState state = FetchState::kFetching;
  sim::Time delayed_until = 0;  // back-off after an error, of the wall clock (PartitionFetchState)
  bool in_session = false;      // the leader has it in the fetch session
  bool asked = false;           // the request under way asks for the end of its epoch
};

struct Fetcher {
  BrokerId leader = kNoBroker;
  std::uint32_t number = 0;  // 0 .. num.replica.fetchers - 1
  bool in_use = false;
  RpcChannel channel;
  std::uint32_t writing = kNone;  // the wait for the disk that its thread is in
  std::uint32_t wake_slot = 0;
  sim::Time channel_delayed_until = 0;
  std::vector<FetcherPartition> partitions;
  FlatMap<PartitionId, std::uint32_t> index;
  std::vector<std::uint32_t> changed;  // entries to send with the next fetch
  std::vector<PartitionId> forgotten;  // to take out of the session
  std::int32_t session_id = 0;
  std::int32_t session_epoch = 0;  // 0: the next fetch is full
  std::uint32_t active = 0;        // partitions that are not failed or removed
  bool asking_offsets = false;     // the request under way is ListOffsets
};

}  // namespace isrlab::model
