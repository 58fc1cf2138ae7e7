// Changes from the command line, applied to the JSON before it is validated.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/format/document.hpp"

namespace isrlab::scenarios {

struct Overrides {
  /// "POINTER=VALUE": a JSON Pointer; array elements also by their name or group
  /// (/topics/orders/config/min.insync.replicas=2), "-" appends. Missing objects on the way are
  /// made. The value is JSON if it reads as JSON, else a text: 2, true, 10s, [1,2].
  std::vector<std::string> set;
  /// One-line faults, appended to /faults: "at 60s kill leader of orders-0 restart after 5m".
  std::vector<std::string> faults;
  /// Limits, appended to /expect/limits: "write_gap(orders) max < 20s".
  std::vector<std::string> require;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> duration;  // "90s"

  bool empty() const {
    return set.empty() && faults.empty() && require.empty() && !seed && !duration;
  }
};

/// Changes `root`. What cannot be applied is reported; the rest still is.
void apply_overrides(const Overrides& overrides, Value& root, Problems& problems);

}  // namespace isrlab::scenarios
