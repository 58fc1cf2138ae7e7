// What the engine hands to the model: one thing that happens to one process.
#pragma once
#include <cstdint>

#include "sim/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

enum class ActivationKind : std::uint8_t {
  kStart,      // the process begins to run
  kMessage,    // message arrived (connection = kNone for a post)
  kConnected,  // the connection this process opened is established
  kRefused,    // ... was refused: host alive, nobody listens
  kAccepted,   // a peer opened a connection to this process (peer = its process)
  kClosed,     // the other end is gone: closed, reset or given up by TCP
  kTimer,      // type and argument as given to set_timer
  kDiskDone,   // argument = token
  kControl,    // argument = item of the scenario's schedule; no process
};

struct Activation {
  ActivationKind kind = ActivationKind::kStart;
  std::uint16_t type = 0;  // timers: the actor's own enum
  ProcessId process = kNone;
  ConnectionId connection = kNone;
  std::uint32_t argument = 0;
  MessageRef message;
  Time now = 0;
};

}  // namespace isrlab::sim
