// How acknowledged records came to be lost: who had them, who led without them, who cut them off.
// The model's loss ledger knows; here it becomes rows and sentences of a report.
#pragma once
#include <vector>

#include "model/invariants/loss_ledger.hpp"
#include "results/ledger.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

/// What is lost now, in the order in which it was lost; neighbours are one row.
std::vector<LostRange> tell_losses(const model::LossLedger& losses, const model::Cluster& cluster);

/// Records sent with acks=0 that are in no log: nobody ever confirmed them, so there is no story.
LostRange unconfirmed_loss(const model::Cluster& cluster, const LedgerLane& lane,
                           RecordRange range);

/// When the first acknowledged record was lost, those that came back included; kNever if none was.
Time first_loss(const model::LossLedger& losses);

}  // namespace isrlab::results
