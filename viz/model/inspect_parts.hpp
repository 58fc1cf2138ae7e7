// The parts of the inspector by kind of thing; inspect.hpp puts them together.
#pragma once
#include "viz/model/inspect.hpp"

namespace isrlab::viz {

void inspect_process(const scenarios::Run& run, const ClusterView& view, model::ProcessId process,
                     InspectModel& model);
void inspect_partition(const scenarios::Run& run, const ClusterView& view,
                       model::PartitionId partition, InspectModel& model);
void inspect_group(const scenarios::Run& run, const ClusterView& view, std::uint32_t group,
                   InspectModel& model);

}  // namespace isrlab::viz
