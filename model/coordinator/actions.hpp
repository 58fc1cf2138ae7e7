// The border between a broker and its group coordinator. The coordinator reaches neither network
// nor log: it records what it wants, the broker does it in this order.
#pragma once
#include <cstdint>
#include <vector>

#include "model/arena.hpp"
#include "model/out.hpp"
#include "sim/slots.hpp"

namespace isrlab::model {

struct CoordinatorAction {
  enum class Kind : std::uint8_t {
    kRespond,  // connection, message
    kAppend,   // the rest: acks=all to the local leader log, answered by on_appended(token, ...)
  };
  Kind kind = Kind::kRespond;
  ConnectionId connection = kNone;
  sim::MessageRef message;

  PartitionId offsets_partition = 0;
  ArenaRecord record;
  std::uint32_t count = 0;  // records of the batch
  std::uint32_t bytes = 0;  // size of the batch
  std::uint32_t token = 0;
  sim::Duration timeout = 0;
};

/// What one call into the coordinator may use: `{out, slots, actions}`.
struct CoordinatorTurn {
  Out& out;
  sim::SlotAllocator& slots;  // of the broker's process
  std::vector<CoordinatorAction>& actions;
};

}  // namespace isrlab::model
