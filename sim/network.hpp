// Hosts, paths and TCP-like connections: messages of one connection arrive in order; loss and cuts
// show as delay, then as time-outs and resets, as a JVM client sees them. A dead process on a live
// host refuses; a dead host or a cut link is silent.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

/// One kind of link. Latency is one way; a packet takes latency + uniform [0, jitter].
struct LinkSpec {
  Duration latency = 500 * kMicrosecond;
  Duration jitter = 200 * kMicrosecond;
  std::int64_t bytes_per_second = 0;  // 0 = not limited
};

struct HostSpec {
  std::string name;
  std::string rack;                       // empty = the default rack
  std::int64_t nic_bytes_per_second = 0;  // each direction; 0 = not limited
  std::int64_t disk_bytes_per_second = 250'000'000;
  Duration disk_fsync_latency = 2 * kMillisecond;
};

/// An explicit link between two groups of hosts overrides the defaults for those pairs.
struct LinkOverride {
  std::vector<HostId> left;
  std::vector<HostId> right;
  LinkSpec link;
};

struct NetworkSpec {
  LinkSpec within_rack;
  LinkSpec between_racks;
  std::vector<HostSpec> hosts;
  std::vector<LinkOverride> overrides;
};

/// The routed network: what a packet between two hosts meets. Built once from a graph of hosts,
/// rack switches and a core (topology.cpp uses Boost.Graph), then only read.
class Topology {
 public:
  struct Path {
    Duration latency = 0;
    Duration jitter = 0;
    std::uint32_t shared_link = kNone;  // index of the rack-to-rack link with a bandwidth, if any
  };
  Topology() = default;
  explicit Topology(const NetworkSpec& spec);
  const Path& path(HostId source, HostId target) const {
    return paths_[static_cast<std::size_t>(source) * hosts_ + target];
  }
  std::uint32_t hosts() const { return hosts_; }
  std::int64_t shared_link_bytes_per_second(std::uint32_t link) const { return links_[link]; }
  std::uint32_t shared_links() const { return static_cast<std::uint32_t>(links_.size()); }

 private:
  std::uint32_t hosts_ = 0;
  std::vector<Path> paths_;
  std::vector<std::int64_t> links_;
};

/// Linux defaults as a JVM meets them.
inline constexpr Duration kSynRetryFirst = 1 * kSecond;  // tcp_syn_retries: 1, 3, 7, 15 s ...
inline constexpr Duration kRetransmitFirst = 200 * kMillisecond;  // minimum RTO, doubled each time
inline constexpr Duration kRetransmitMax = 120 * kSecond;
inline constexpr std::uint32_t kSegmentBytes =
    1448;  // Ethernet's 1,500 less headers and time stamps
/// A lost segment is sent again at once if this many later ones arrive; else a timer must run out.
inline constexpr std::uint32_t kDuplicateAcks = 3;
inline constexpr Duration kGiveUpAfter = 924'600 * kMillisecond;  // tcp_retries2 = 15

/// A process may connect to itself (a controller to its own broker). Then both ends have the same
/// owner, and the accepted end's handle carries this bit; all other handles are plain ids.
inline constexpr ConnectionId kServerEnd = 0x80000000U;

/// A message that waits for a cut to heal.
struct HeldMessage {
  MessageRef message;
  std::uint32_t bytes = 0;
  bool close = false;  // the end of the stream, not a message
};

/// One direction of a connection: 0 = client to server, 1 = server to client.
struct Direction {
  Time last_arrival = 0;        // keeps the stream in order
  Time blocked_since = kNever;  // first transmission that was not answered
  std::uint32_t held = kNone;   // index of the list of held messages
};

enum class EndState : std::uint8_t {
  kOpening,  // no answer to the first packet yet (client), not yet accepted (server)
  kOpen,
  kClosed,  // this end is gone; nothing is delivered to it any more
  kGone,    // as kClosed, but its host went down with it: the peer has not been told
};
constexpr bool is_closed(EndState end) {
  return end == EndState::kClosed || end == EndState::kGone;
}

struct Connection {
  ProcessId client = kNone;
  ProcessId server = kNone;
  HostId client_host = 0;
  HostId server_host = 0;
  EndState client_end = EndState::kClosed;
  EndState server_end = EndState::kClosed;
  bool in_use = false;
  std::uint32_t pending_events = 0;  // events in the queue that name this connection
  Time opened = 0;
  Direction directions[2];
};

}  // namespace isrlab::sim
