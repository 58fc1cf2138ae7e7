#include "sim/effects.hpp"

#include <algorithm>

namespace isrlab::sim {

void Effects::grow_effects() {
  effects_.resize(std::max<std::size_t>(32, 2 * effects_.size()));
}

void Effects::grow_records() {
  records_.resize(std::max<std::size_t>(32, 2 * records_.size()));
}

}  // namespace isrlab::sim
