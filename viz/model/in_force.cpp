#include "viz/model/in_force.hpp"

#include <algorithm>

namespace isrlab::viz {
namespace {

using scenarios::ActiveFault;
using scenarios::FaultAction;

bool holds(const std::vector<model::ProcessId>& list, model::ProcessId process) {
  return std::find(list.begin(), list.end(), process) != list.end();
}

bool matches(const scenarios::Run& run, const ActiveFault& fault, const Selection& selection) {
  if (selection.kind == Selection::Kind::event) return fault.event == selection.index;
  if (selection.kind != Selection::Kind::process) return false;
  if (holds(fault.targets, selection.index)) return true;
  // The other side of a cut is cut as well, unless it is simply everybody.
  const bool named = !run.faults().items()[fault.item].from.empty();
  return named && holds(fault.others, selection.index);
}

template <class Wanted>
std::optional<std::uint32_t> newest(const scenarios::Run& run, Wanted wanted) {
  const std::vector<ActiveFault>& faults = run.faults().faults();
  for (std::size_t i = faults.size(); i-- > 0;) {
    if (faults[i].until == sim::kNever && wanted(faults[i])) return static_cast<std::uint32_t>(i);
  }
  return {};
}

}  // namespace

std::optional<std::uint32_t> fault_in_force(const scenarios::Run& run, const Selection& selection) {
  return newest(run, [&](const ActiveFault& fault) { return matches(run, fault, selection); });
}

std::optional<std::uint32_t> crash_of(const scenarios::Run& run, model::ProcessId process) {
  return newest(run, [&](const ActiveFault& fault) {
    const FaultAction action = run.faults().items()[fault.item].action;
    return (action == FaultAction::kKill || action == FaultAction::kStop) &&
           fault.targets.size() == 1 && fault.targets.front() == process;
  });
}

}  // namespace isrlab::viz
