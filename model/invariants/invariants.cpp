#include "model/invariants/factories.hpp"

namespace isrlab::model {

std::vector<std::unique_ptr<Invariant>> make_invariants(const Catalog& catalog) {
  std::vector<std::unique_ptr<Invariant>> all;
  all.push_back(make_no_acked_record_lost(catalog));
  all.push_back(make_consistent_read(catalog));
  all.push_back(make_log_matching(catalog));
  all.push_back(make_committed_prefix_matching(catalog));
  all.push_back(make_follower_prefix(catalog));
  all.push_back(make_leader_completeness(catalog));
  all.push_back(make_leader_candidate_completeness(catalog));
  all.push_back(make_replication_quorum_superset(catalog));
  all.push_back(make_hw_bounds(catalog));
  all.push_back(make_hw_monotonic(catalog));
  all.push_back(make_applied_hw(catalog));
  all.push_back(make_no_truncation_below_hw(catalog));
  all.push_back(make_leader_in_isr(catalog));
  all.push_back(make_isr_subset(catalog));
  all.push_back(make_eligible_isr(catalog));
  all.push_back(make_at_most_one_leader_per_epoch(catalog));
  all.push_back(make_epoch_monotonic(catalog));
  all.push_back(make_write_epochs(catalog));
  all.push_back(make_one_controller_per_epoch(catalog));
  all.push_back(make_zookeeper_semantics(catalog));
  all.push_back(make_broker_incarnation(catalog));
  all.push_back(make_min_isr_respected(catalog));
  all.push_back(make_offset_unique(catalog));
  all.push_back(make_partition_order(catalog));
  all.push_back(make_idempotence(catalog));
  all.push_back(make_no_uncommitted_read(catalog));
  all.push_back(make_group_ownership(catalog));
  all.push_back(make_generation_fencing(catalog));
  all.push_back(make_committed_offset(catalog));
  all.push_back(make_refused_never_appended(catalog));
  all.push_back(make_metadata_cache(catalog));
  all.push_back(make_accounting(catalog));
  all.push_back(make_leader_availability(catalog));
  all.push_back(make_isr_restoration(catalog));
  all.push_back(make_hw_convergence(catalog));
  all.push_back(make_registration(catalog));
  all.push_back(make_one_active_controller(catalog));
  all.push_back(make_metadata_convergence(catalog));
  all.push_back(make_produce_resolution(catalog));
  all.push_back(make_acked_fully_replicated(catalog));
  all.push_back(make_consumer_progress(catalog));
  all.push_back(make_group_stability(catalog));
  all.push_back(make_preferred_leadership(catalog));
  all.push_back(make_no_flapping(catalog));
  return all;
}

}  // namespace isrlab::model
