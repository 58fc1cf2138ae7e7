#include "model/invariants/factories.hpp"

namespace isrlab::model {

std::vector<std::unique_ptr<Invariant>> make_invariants(const Catalog& catalog) {
  std::vector<std::unique_ptr<Invariant>> all;
  all.push_back(make_no_acked_record_lost(catalog));
  all.push_back(make_log_matching(catalog));
  all.push_back(make_follower_prefix(catalog));
  all.push_back(make_hw_bounds(catalog));
  all.push_back(make_hw_monotonic(catalog));
  all.push_back(make_leader_in_isr(catalog));
  all.push_back(make_isr_subset(catalog));
  all.push_back(make_at_most_one_leader_per_epoch(catalog));
  all.push_back(make_epoch_monotonic(catalog));
  all.push_back(make_one_controller_per_epoch(catalog));
  all.push_back(make_min_isr_respected(catalog));
  all.push_back(make_offset_unique(catalog));
  all.push_back(make_no_uncommitted_read(catalog));
  all.push_back(make_group_ownership(catalog));
  all.push_back(make_accounting(catalog));
  return all;
}

}  // namespace isrlab::model
