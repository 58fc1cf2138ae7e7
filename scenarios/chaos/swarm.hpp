// Swarm: each seed draws how the brokers, topics and clients of a chaos scenario are configured, so
// that the seeds of a sweep meet combinations that nobody thought of (Groce et al., "Swarm
// Testing", 2012). One draw of four leaves a setting at its default; settings that the scenario
// file changes, or names in chaos.pinned, are not drawn.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

/// The scenario as this seed runs it; the same object if it has no swarm.
std::shared_ptr<const Scenario> swarm_variant(std::shared_ptr<const Scenario> scenario,
                                              std::uint64_t seed);
/// What is drawn, by Kafka's names: the words of chaos.pinned.
std::vector<std::string> swarm_settings();

}  // namespace isrlab::scenarios
