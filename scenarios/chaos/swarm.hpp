// Swarm: each seed draws how the brokers, topics and clients of a chaos scenario are configured, so
// that the seeds of a sweep meet combinations that nobody thought of (Groce et al., "Swarm
// Testing", 2012). Only settings that the scenario file leaves alone are drawn.
#pragma once
#include <cstdint>
#include <memory>

#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

/// The scenario as this seed runs it; the same object if it has no swarm.
std::shared_ptr<const Scenario> swarm_variant(std::shared_ptr<const Scenario> scenario,
                                              std::uint64_t seed);

}  // namespace isrlab::scenarios
