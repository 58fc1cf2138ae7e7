#include "scenarios/chaos/spec.hpp"

namespace isrlab::scenarios {

std::array<std::int64_t, kFaultActions> default_chaos_weights() {
  std::array<std::int64_t, kFaultActions> weights{};
  const auto set = [&weights](FaultAction action, std::int64_t weight) {
    weights[static_cast<std::size_t>(action)] = weight;
  };
  set(FaultAction::kKill, 3);
  set(FaultAction::kStop, 1);
  set(FaultAction::kPause, 2);
  set(FaultAction::kPartition, 2);
  set(FaultAction::kIsolate, 1);
  set(FaultAction::kSlowLink, 1);
  set(FaultAction::kExpireSession, 1);
  set(FaultAction::kCrash, 1);
  set(FaultAction::kWipe, 1);
  set(FaultAction::kLoseUnflushed, 1);
  set(FaultAction::kTornWrite, 1);
  set(FaultAction::kSlowDisk, 1);
  set(FaultAction::kFullDisk, 1);
  set(FaultAction::kFailDisk, 1);
  set(FaultAction::kDelay, 1);
  set(FaultAction::kFlap, 1);
  set(FaultAction::kReset, 1);
  set(FaultAction::kHold, 2);
  set(FaultAction::kDelayWatches, 1);
  set(FaultAction::kClog, 1);
  set(FaultAction::kSkew, 1);
  set(FaultAction::kDrift, 1);
  set(FaultAction::kJump, 1);
  return weights;
}

}  // namespace isrlab::scenarios
