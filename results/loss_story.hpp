// How acknowledged records came to be lost: who had them, who led without them, who cut them off.
#pragma once
#include <vector>

#include "model/cluster.hpp"
#include "results/ledger.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

/// The lost records of a lane, split where offsets or acknowledgements do not follow each other.
std::vector<LostRange> describe_loss(const model::Cluster& cluster, const LedgerLane& lane,
                                     RecordRange range);

}  // namespace isrlab::results
