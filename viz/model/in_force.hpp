// Which fault holds a node right now: what "heal", "resume" and "restart" of the viewer end.
#pragma once
#include <cstdint>
#include <optional>

#include "scenarios/run.hpp"
#include "viz/model/names.hpp"

namespace isrlab::viz {

/// The newest fault in force on the selected process, or the one that the selected event injected;
/// its place in run.faults().faults().
std::optional<std::uint32_t> fault_in_force(const scenarios::Run& run, const Selection& selection);

/// The newest kill or stop in force that holds this process and no other one: ending it starts the
/// process again. One that holds several would start them all, which nobody asked for.
std::optional<std::uint32_t> crash_of(const scenarios::Run& run, model::ProcessId process);

}  // namespace isrlab::viz
