// The section "chaos": faults drawn from the run's fault stream instead of written down.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/faults/terms.hpp"
#include "sim/time.hpp"

namespace isrlab::scenarios {

struct ChaosSpec {
  bool on = false;
  sim::Time from = 10 * sim::kSecond;  // first draw
  sim::Time until = sim::kNever;       // no new fault from then on: the end of the safety phase
  /// How often each action is drawn, relative to the others; 0 = never.
  std::array<std::int64_t, kFaultActions> weights{};
  sim::Duration interval_min = 2 * sim::kSecond;  // from one draw to the next
  sim::Duration interval_max = 8 * sim::kSecond;
  sim::Duration lasts_min = 500 * sim::kMillisecond;  // of one fault; short ones are likelier
  sim::Duration lasts_max = 20 * sim::kSecond;
  /// The most nodes of a kind that a fault keeps down or cut off at a time.
  std::int64_t max_down_brokers = 1;
  std::int64_t max_down_zookeeper = 1;
  sim::Duration stability = 1 * sim::kSecond;  // a node is left alone so long after its healing
  /// Each seed draws which actions exist at all, and how brokers, topics and clients are
  /// configured.
  bool swarm = false;
  std::vector<std::string> pinned;  // settings that no seed draws
  std::vector<std::int32_t> held;   // messages that `hold` draws from; empty: a list of its own
};

/// The weights when the section names none: everything that can be drawn.
std::array<std::int64_t, kFaultActions> default_chaos_weights();

}  // namespace isrlab::scenarios
