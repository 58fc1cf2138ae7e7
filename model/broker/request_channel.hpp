// The server side of one connection (SocketServer, RequestChannel): a broker works on one request
// of a connection at a time; the channel is muted until the response is sent, later requests wait
// in the socket buffer. So a connection has at most one parked request.
#pragma once
#include <vector>

#include "model/flat_map.hpp"
#include "model/protocol/messages.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

/// One partition of an incremental fetch session (KIP-227), as the leader caches it.
struct SessionPartition {
  PartitionId partition = 0;
  std::int64_t fetch_offset = 0;
  std::int64_t log_start_offset = -1;
  std::int32_t current_leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
  std::int32_t max_bytes = 0;
  std::uint32_t cause = 0;  // kept event by which the follower follows, for the history
  std::int64_t read_high_watermark = -1;  // when the fetch came, before it moved anything
  std::int64_t sent_high_watermark = -1;
  std::int64_t sent_log_start_offset = -1;
  bool dirty = false;       // something changed since it was last answered
  bool removed = false;     // slot to reuse
  bool watched = false;     // the hosted replica knows this watcher
  bool unresolved = false;  // its topic id was unknown here when the fetch came
  bool recheck = false;  // the next fetch looks at it though nothing changed: it may join the ISR
};

/// Work per fetch is the number of dirty partitions, not of all partitions of the session: whatever
/// changes a partition marks it in the sessions that watch it.
struct FetchSession {
  std::int32_t id = 0;
  std::int32_t epoch = 0;  // expected next
  BrokerId replica = kNoBroker;
  RackId rack = kNoRack;          // of a consumer
  sim::Time last_fetch_time = 0;  // of the wall clock
  bool open = false;
  std::vector<SessionPartition> partitions;
  FlatMap<PartitionId, std::uint32_t> index;
  std::vector<std::uint32_t> dirty;  // first marked, first answered
  std::vector<std::uint32_t> free;
};

/// A produce with acks=all that waits for the high watermark (DelayedProduce).
struct ParkedProduce {
  struct Partition {
    PartitionId partition = 0;
    Error error = Error::kNone;
    bool pending = false;
    std::int64_t base_offset = -1;
    std::int64_t required_offset = 0;
  };
  std::vector<Partition> partitions;
};

enum class Parked : std::uint8_t {
  kNone,
  kFetch,
  kProduce,
  kCoordinator,
  kController,
  kTopics,
  kIds
};

struct ServerConnection {
  ConnectionId connection = kNone;
  ProcessId peer = kNone;
  std::uint16_t generation = 0;  // counts the connections that used this slot
  bool in_use = false;
  bool muted = false;  // a request is being worked on
  Parked parked = Parked::kNone;
  std::uint32_t correlation = 0;  // of the parked request
  std::uint32_t timer_slot = 0;
  std::int32_t min_bytes = 1;  // of the parked fetch
  std::int32_t max_bytes = 0;
  FetchSession session;
  ParkedProduce produce;
  std::vector<sim::MessageRef> waiting;  // requests in the socket buffer
};

}  // namespace isrlab::model
