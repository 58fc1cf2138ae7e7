// The picture as words, for people who cannot see it and for logs: `--describe`. Sentences first,
// then fixed columns.
#pragma once
#include <optional>
#include <string>

#include "scenarios/run.hpp"
#include "viz/model/cluster_view.hpp"

namespace isrlab::viz {

std::string describe(const scenarios::Run& run, const ClusterView& view);

/// A value of the run by its script name (`partition(orders-0).leader`, `broker(2).state`,
/// `cluster.controller`, `group(billing).state`, `zk(1).state`); empty optional = no such name.
std::optional<std::string> value_of(const scenarios::Run& run, const ClusterView& view,
                                    const std::string& name);

}  // namespace isrlab::viz
