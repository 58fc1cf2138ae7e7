// One pending event: 32 bytes of data, never a closure, so that a copy of the world is a
// checkpoint.
#pragma once
#include <cstdint>

#include "sim/time.hpp"

namespace isrlab::sim {

/// What the engine does when the event comes due.
enum class EventKind : std::uint8_t {
  kStart,      // target = process: it begins to run
  kTimer,      // target = process, argument = timer slot; stale unless sequence matches
  kPost,       // target = process, argument = message index: a message without a connection
  kDeliver,    // target = connection * 2 + direction, argument = message index
  kSyn,        // target = connection: the first packet reaches the server's host
  kSynAnswer,  // target = connection: the answer (flag 1 accepted, 0 refused) reaches the client
  kSynRetry,   // target = connection: the client's kernel sends the first packet again
  kAccepted,   // target = connection: the server process sees the new connection
  kClosed,     // target = connection * 2 + direction: the peer learns that the other end is gone
  kRelease,    // target = connection * 2 + direction: TCP retransmits what a cut held back
  kGiveUp,     // target = connection * 2 + direction: TCP stops retransmitting
  kDiskDone,   // target = process, argument = token of the disk operation
  kControl,    // argument = item of the scenario's schedule (a fault begins or ends)
};

/// Two events are never equal: `sequence` is a running number over the whole run.
struct Event {
  Time time = 0;
  std::uint64_t sequence = 0;
  std::uint32_t target = 0;
  std::uint32_t argument = 0;
  std::uint32_t cause = 0;  // history event that caused this one, 0 = none
  std::uint16_t type = 0;   // message type, timer kind: the model's own enum
  EventKind kind = EventKind::kStart;
  std::uint8_t flags = 0;
};
static_assert(sizeof(Event) == 32);

/// The one total order of a run.
inline bool before(const Event& left, const Event& right) {
  return left.time != right.time ? left.time < right.time : left.sequence < right.sequence;
}

}  // namespace isrlab::sim
