// One factory per invariant; make_invariants() and the unit tests use them.
#pragma once
#include <memory>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

using ViewedInvariantPtr = std::unique_ptr<ViewedInvariant>;

ViewedInvariantPtr make_no_acked_record_lost(const Catalog& catalog);
ViewedInvariantPtr make_log_matching(const Catalog& catalog);
ViewedInvariantPtr make_follower_prefix(const Catalog& catalog);
ViewedInvariantPtr make_hw_bounds(const Catalog& catalog);
ViewedInvariantPtr make_hw_monotonic(const Catalog& catalog);
ViewedInvariantPtr make_leader_in_isr(const Catalog& catalog);
ViewedInvariantPtr make_isr_subset(const Catalog& catalog);
ViewedInvariantPtr make_at_most_one_leader_per_epoch(const Catalog& catalog);
ViewedInvariantPtr make_epoch_monotonic(const Catalog& catalog);
ViewedInvariantPtr make_one_controller_per_epoch(const Catalog& catalog);
ViewedInvariantPtr make_min_isr_respected(const Catalog& catalog);
ViewedInvariantPtr make_offset_unique(const Catalog& catalog);
ViewedInvariantPtr make_no_uncommitted_read(const Catalog& catalog);
ViewedInvariantPtr make_group_ownership(const Catalog& catalog);
ViewedInvariantPtr make_accounting(const Catalog& catalog);

}  // namespace isrlab::model
