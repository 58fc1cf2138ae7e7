// Exponential backoff with jitter of 20 % (org.apache.kafka.common.utils.ExponentialBackoff, 3.9;
// reference clients-and-groups.md 1.6). Kafka counts whole milliseconds, and so do the draws here.
#pragma once
#include <algorithm>

#include "sim/random.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

struct ExponentialBackoff {
  sim::Duration initial = 0;
  sim::Duration maximum = 0;

  /// The value without jitter; attempts counts from 0.
  sim::Duration term(std::int64_t attempts) const {
    if (maximum <= initial) return std::min(initial, maximum);
    sim::Duration value = initial;
    for (std::int64_t i = 0; i < attempts && value < maximum; ++i) value *= 2;
    return std::min(value, maximum);
  }
  /// No jitter and no draw if the maximum is not above the initial value.
  sim::Duration draw(std::int64_t attempts, sim::Random& random) const {
    if (maximum <= initial || initial <= 0) return term(attempts);
    const sim::Duration base = term(attempts);
    const sim::Duration low = base * 8 / 10 / sim::kMillisecond;
    const sim::Duration high = base * 12 / 10 / sim::kMillisecond;
    const sim::Duration drawn = high > low ? random.between(low, high - 1) : low;
    return std::min(drawn * sim::kMillisecond, maximum);
  }
};

}  // namespace isrlab::model
