// Dense integer ids: state lives in vectors indexed by them, names are interned once.
#pragma once
#include <cstdint>

namespace isrlab::sim {

using HostId = std::uint32_t;
using ProcessId = std::uint32_t;
using ConnectionId = std::uint32_t;
using TimerSlot = std::uint32_t;  // chosen by the actor, dense from 0 within its process

inline constexpr std::uint32_t kNone = 0xffffffffU;

/// A message in one of the model's typed pools: the engine carries it, only the model reads it.
struct MessageRef {
  std::uint16_t type = 0;
  std::uint32_t index = kNone;
};

}  // namespace isrlab::sim
