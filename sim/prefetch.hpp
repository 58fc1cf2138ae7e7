// Prefetching: a hint to the processor, never a part of the result.
#pragma once

namespace isrlab::sim {

/// Asks for the cache line of an address that is about to be used. To the optimiser of g++ a
/// function that only prefetches does nothing and its calls can go; the empty asm keeps them.
inline void prefetch(const void* address) {
  __builtin_prefetch(address);
  asm volatile("" ::"r"(address));
}

}  // namespace isrlab::sim
