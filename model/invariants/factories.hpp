// One factory per invariant; make_invariants() and the unit tests use them.
#pragma once
#include <memory>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

using ViewedInvariantPtr = std::unique_ptr<ViewedInvariant>;

ViewedInvariantPtr make_no_acked_record_lost(const Catalog& catalog);
ViewedInvariantPtr make_consistent_read(const Catalog& catalog);
ViewedInvariantPtr make_log_matching(const Catalog& catalog);
ViewedInvariantPtr make_committed_prefix_matching(const Catalog& catalog);
ViewedInvariantPtr make_follower_prefix(const Catalog& catalog);
ViewedInvariantPtr make_leader_completeness(const Catalog& catalog);
ViewedInvariantPtr make_leader_candidate_completeness(const Catalog& catalog);
ViewedInvariantPtr make_replication_quorum_superset(const Catalog& catalog);
ViewedInvariantPtr make_hw_bounds(const Catalog& catalog);
ViewedInvariantPtr make_hw_monotonic(const Catalog& catalog);
ViewedInvariantPtr make_applied_hw(const Catalog& catalog);
ViewedInvariantPtr make_no_truncation_below_hw(const Catalog& catalog);
ViewedInvariantPtr make_leader_in_isr(const Catalog& catalog);
ViewedInvariantPtr make_isr_subset(const Catalog& catalog);
ViewedInvariantPtr make_eligible_isr(const Catalog& catalog);
ViewedInvariantPtr make_at_most_one_leader_per_epoch(const Catalog& catalog);
ViewedInvariantPtr make_epoch_monotonic(const Catalog& catalog);
ViewedInvariantPtr make_write_epochs(const Catalog& catalog);
ViewedInvariantPtr make_one_controller_per_epoch(const Catalog& catalog);
ViewedInvariantPtr make_zookeeper_semantics(const Catalog& catalog);
ViewedInvariantPtr make_broker_incarnation(const Catalog& catalog);
ViewedInvariantPtr make_min_isr_respected(const Catalog& catalog);
ViewedInvariantPtr make_offset_unique(const Catalog& catalog);
ViewedInvariantPtr make_partition_order(const Catalog& catalog);
ViewedInvariantPtr make_idempotence(const Catalog& catalog);
ViewedInvariantPtr make_no_uncommitted_read(const Catalog& catalog);
ViewedInvariantPtr make_group_ownership(const Catalog& catalog);
ViewedInvariantPtr make_generation_fencing(const Catalog& catalog);
ViewedInvariantPtr make_committed_offset(const Catalog& catalog);
ViewedInvariantPtr make_refused_never_appended(const Catalog& catalog);
ViewedInvariantPtr make_metadata_cache(const Catalog& catalog);
ViewedInvariantPtr make_accounting(const Catalog& catalog);
ViewedInvariantPtr make_leader_availability(const Catalog& catalog);
ViewedInvariantPtr make_isr_restoration(const Catalog& catalog);
ViewedInvariantPtr make_hw_convergence(const Catalog& catalog);
ViewedInvariantPtr make_registration(const Catalog& catalog);
ViewedInvariantPtr make_one_active_controller(const Catalog& catalog);
ViewedInvariantPtr make_metadata_convergence(const Catalog& catalog);
ViewedInvariantPtr make_produce_resolution(const Catalog& catalog);
ViewedInvariantPtr make_acked_fully_replicated(const Catalog& catalog);
ViewedInvariantPtr make_consumer_progress(const Catalog& catalog);
ViewedInvariantPtr make_group_stability(const Catalog& catalog);
ViewedInvariantPtr make_preferred_leadership(const Catalog& catalog);
ViewedInvariantPtr make_no_flapping(const Catalog& catalog);

}  // namespace isrlab::model
